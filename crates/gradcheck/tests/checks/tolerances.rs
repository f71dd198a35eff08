//! How close is close enough, and where an agreement shows nothing.

use petal_gradcheck::{Array, Check, Precision, Verdict};

use crate::support::{check_number, verdict};

#[test]
fn floors_depend_on_the_loss_the_largest_element_and_the_scale() {
    let floors = |precision: Precision, scale: Option<f64>| {
        let gradient = |parameters: &[Array]| vec![Array::new("t", [2], vec![parameters[0].values[0] * 2.0, 1.0])];
        let check = Check::new(vec![Array::new("t", [2], vec![20.0, 0.5])]).precision(precision);
        let check = check
            .loss(|parameters| parameters[0].values[0].powi(2) + parameters[0].values[1])
            .gradient("a", gradient)
            .gradient("b", gradient);
        let check = if let Some(scale) = scale { check.term_size("t", scale) } else { check };
        let report = check.run().unwrap();
        let comparisons = report.comparisons.iter();
        comparisons
            .map(|comparison| (comparison.relative_tolerance, comparison.tensors[0].floor))
            .collect::<Vec<_>>()
    };
    // a against b, then each against central differences. The largest element is 40.
    let by_size = 1e-2 * 40.0;
    for (scale, size) in [(None, by_size), (Some(7.0), 7.0)] {
        assert_eq!(floors(Precision::F32, scale), [(2e-5, size), (1e-4, size), (1e-4, size)]);
        let [formulas, differences, _] = floors(Precision::F64, scale)[..] else {
            panic!("three comparisons")
        };
        assert_eq!(formulas, (1e-12, size));
        // At least the rounding of the terms. The error of the differences is a few roundings of the loss of 400, divided
        // by a step of 5e-4.
        assert_eq!(differences.0, 1e-9);
        assert!(1e-9 * differences.1 >= 1e-12 * size && differences.1 <= 1.0, "{differences:?}");
    }
}

#[test]
fn a_saturated_gradient_in_f32_is_not_accused_of_the_rounding_of_the_loss() {
    // tanh' = 1 - a^2 is rounded at 1 in f32, and is 3e-6 and 4.5e-7 here.
    let derivative = |t: f64| {
        let a = (t as f32).tanh();
        f64::from(1.0 - a * a)
    };
    let tanh = |parameters: &[Array]| parameters[0].values.iter().map(|t| t.tanh()).sum::<f64>();
    let check = |factor: f64| {
        let gradient = move |parameters: &[Array]| {
            vec![Array::new("t", [2], parameters[0].values.iter().map(|&t| factor * derivative(t)).collect())]
        };
        Check::new(vec![Array::new("t", [2], vec![7.0, 8.0])])
            .precision(Precision::F32)
            .loss(tanh)
            .gradient("yours", gradient)
            .run()
            .unwrap()
    };
    let right = check(1.0);
    assert_ne!(verdict(&right), Verdict::Disagrees, "{right}");
    let wrong = check(1.5);
    assert_eq!(verdict(&wrong), Verdict::Disagrees, "{wrong}");

    // 16 eps |f| / |t| may be wrong by rounding, and 1e-4 of the floor is accepted.
    let far = Check::new(vec![Array::new("t", [1], vec![4.0])])
        .precision(Precision::F32)
        .loss(|parameters| 1_000.0 + parameters[0].values[0])
        .gradient("yours", |_| vec![Array::new("t", [1], vec![1.0])])
        .run()
        .unwrap();
    let expected = 16.0 * f64::from(f32::EPSILON) * 1_004.0 / 4.0 / 1e-4;
    let floor = far.comparisons[0].tensors[0].floor;
    assert!((floor / expected - 1.0).abs() < 1e-12, "{far}");
}

#[test]
fn an_empty_tolerance_shows_nothing() {
    let report = |value: f64, term_size: f64| {
        let gradient = move |value: f64| move |_: &[Array]| vec![Array::new("t", [2], vec![value, 0.0])];
        Check::new(vec![Array::new("t", [2], vec![1.0; 2])])
            .precision(Precision::F32)
            .term_size("t", term_size)
            .gradient("a", gradient(value))
            .gradient("b", gradient(value * 1.000_001))
            .run()
            .unwrap()
    };
    // 2e-5 of the term size is allowed; at 1.01e-4 and more, that is less than a fifth of the element.
    let (shown, empty) = (report(1.01e-4, 1.0), report(0.99e-4, 1.0));
    assert_eq!((verdict(&shown), verdict(&empty)), (Verdict::Agrees, Verdict::ShowsNothing));
    assert!(shown.passed() && shown.notes.is_empty(), "{shown}");
    assert!(!empty.passed() && empty.comparisons[0].passed(), "{empty}");
    assert_eq!(
        empty.notes,
        [
            "a against b shows nothing about t (an error of 2.0e-5 is allowed, t[0] is 9.9e-5): rounding could be more than \
          a fifth of each element. Use f64, another point, or a smaller term size"
        ]
    );
    assert!(empty.to_json().contains("\"verdict\": \"shows_nothing\""), "{}", empty.to_json());
    // Exact zeros agree.
    assert_eq!(verdict(&report(0.0, 1.0)), Verdict::Agrees);
    // An error that is too large even for an empty tolerance is an error.
    let wrong = check_number(0.5, |t| 1e6 + 1e-6 * t, |_| 1e3);
    assert_eq!(verdict(&wrong), Verdict::Disagrees);
}

/// The second element is wrong by 100 %, but rounding of the first one's terms could do that.
#[test]
fn an_element_far_below_the_largest_one_is_said_not_to_be_judged() {
    let t = |values: [f64; 2]| vec![Array::new("t", vec![2], values.to_vec())];
    let report = |small: f64| {
        Check::new(t([0.5, 0.5]))
            .gradient("tested", move |_| t([1.0, small]))
            .gradient("right", move |_| t([1.0, 1e-14]))
            .run()
            .unwrap()
    };
    let text = report(2e-15).to_string();
    let note = "tested and right differ by more than a fifth at t[1], but these are so small beside the others that rounding \
                can be the reason: nothing is judged there";
    assert!(text.contains(note) && text.ends_with("The gradients agree, but see the note."), "{text}");
    assert!(report(0.9e-14).notes.is_empty());
    assert!(!report(3e-14).passed());
}

#[test]
fn a_term_size_that_has_no_effect_is_refused() {
    let refusal = |tensor: &str, size: f64| {
        let t = |_: &[Array]| vec![Array::new("t", vec![1], vec![0.5])];
        let check = Check::new(t(&[])).gradient("one", t).gradient("other", t);
        check.term_size(tensor, size).run().unwrap_err().to_string()
    };
    assert_eq!(refusal("T", 1.0), "a term size is given for \"T\", but the gradients have only t");
    assert_eq!(refusal("t", -1.0), "the term size of \"t\" is -1: must be >= 0");
    let t = |_: &[Array]| vec![Array::new("t", vec![1], vec![0.5])];
    let of_zero = Check::new(t(&[])).gradient("one", t).gradient("other", t).term_size("t", 0.0);
    assert!(of_zero.run().unwrap().passed(), "a size of 0 asks for equal digits whatever the size of an element");
    assert_eq!(refusal("t", f64::NAN), "the term size of \"t\" is NaN: must be >= 0");
}
