//! Several gradients: which of them is wrong, known mistakes, and checks that are refused.

use petal_gradcheck::{Array, Check, Comparison, Precision, TensorReport, Tolerance};

#[test]
fn a_nan_never_agrees_even_with_a_nan() {
    let nan = || move |_: &[Array]| vec![Array::new("t", [1], vec![f64::NAN])];
    let parameters = vec![Array::new("t", [1], vec![1.0])];
    assert!(
        !Check::new(parameters)
            .gradient("a", nan())
            .gradient("b", nan())
            .run()
            .unwrap()
            .passed()
    );
}

#[test]
fn the_gradient_that_disagrees_with_the_others_is_judged_in_any_order() {
    let constant = |value: f64| move |_: &[Array]| vec![Array::new("t", [1], vec![value])];
    for order in [[2.0, 1.0, 1.0], [1.0, 2.0, 1.0], [1.0, 1.0, 2.0]] {
        let [a, b, c] = order.map(constant);
        let report = Check::new(vec![Array::new("t", [1], vec![1.0])])
            .gradient("a", a)
            .gradient("b", b)
            .gradient("c", c)
            .run()
            .unwrap();
        let outlier = ["a", "b", "c"][order.iter().position(|&value| value == 2.0).unwrap()];
        let failed: Vec<_> = report.comparisons.iter().filter(|comparison| !comparison.passed()).collect();
        assert_eq!(failed.len(), 2);
        for comparison in failed {
            assert_eq!(comparison.tested, outlier);
            assert_eq!(comparison.tensors[0].diagnosis.as_deref(), Some("too large by exactly a factor of 2"));
        }
        assert_eq!(report.findings, [format!("in {outlier}, the first to differ is t")]);
    }
}

#[test]
fn a_function_that_disagrees_with_all_gradients_is_reported() {
    let one = || move |_: &[Array]| vec![Array::new("t", [1], vec![1.0])];
    let parameters = vec![Array::new("t", [1], vec![1.0])];
    let report = Check::new(parameters)
        .loss(|parameters| 2.0 * parameters[0].values[0])
        .gradient("a", one())
        .gradient("b", one())
        .run()
        .unwrap();
    assert_eq!(
        report.findings,
        ["all gradients agree with each other, but none agrees with central differences of the function: \
             check the function"]
    );
}

#[test]
fn a_single_gradient_of_a_wrong_shape_is_the_wrong_one() {
    let report = Check::new(vec![Array::new("t", [2], vec![1.0, 2.0])])
        .loss(|parameters| parameters[0].values.iter().map(|t| t * t).sum())
        .gradient("yours", |_| vec![Array::new("t", [2, 1], vec![2.0, 4.0])])
        .run()
        .unwrap();
    assert_eq!(report.findings, ["in yours, the first to differ is t"], "{report}");
}

#[test]
fn a_check_without_comparable_gradients_is_refused() {
    let parameters = || vec![Array::new("t", [1], vec![1.0])];
    let gradient = |_: &[Array]| vec![Array::new("u", [1], vec![1.0])];
    let error = |parameters: Vec<Array>, gradients: &[&str]| {
        let check = gradients
            .iter()
            .fold(Check::new(parameters), |check, name| check.gradient(name, gradient));
        check.run().unwrap_err().to_string()
    };
    assert_eq!(error(parameters(), &["a"]), "a check needs two gradients, or one and the function");
    assert_eq!(error(vec![], &["a", "b"]), "a check needs at least one parameter");
    assert_eq!(error(parameters(), &["a", "a"]), "the name \"a\" is taken already");
    assert_eq!(error(parameters(), &["a", "numeric"]), "the name \"numeric\" is taken already");
    let twice = [parameters(), parameters()].concat();
    assert_eq!(error(twice, &["a", "b"]), "the name \"t\" is taken already");
    assert_eq!(error(parameters(), &["a", "b"]), "the gradient \"a\" has no \"t\"");
}

#[test]
fn a_known_mistake_is_named_where_all_its_numbers_are_equal() {
    let gradient = |values: &[f64]| {
        let array = Array::new("t", [values.len()], values.to_vec());
        move |_: &[Array]| Ok::<_, std::fmt::Error>(vec![array.clone()])
    };
    let named = |wrong: &[f64], mistake: &[f64]| {
        let report = Check::new(vec![Array::new("t", [2], vec![1.0, 2.0])])
            .loss(|parameters| parameters[0].values.iter().map(|t| t * t).sum())
            .gradient("right", gradient(&[2.0, 4.0]))
            .gradient("wrong", gradient(wrong))
            .known_mistake("it is halved", gradient(mistake))
            .run()
            .unwrap();
        assert!(!report.passed());
        report.findings.contains(&"wrong has a known mistake: it is halved".to_owned())
    };
    assert!(named(&[1.0, 2.0], &[1.0, 2.0]));
    assert!(named(&[f64::NAN, 2.0], &[f64::NAN, 2.0]));
    assert!(!named(&[1.0, 2.0], &[1.0, 2.5]) && !named(&[1.0, f64::NAN], &[1.0, 2.0]));
    assert!(!named(&[1.0, 2.0], &[1.0, 2.0, 3.0]) && !named(&[1.0, 2.0], &[1.0, f64::NAN]));

    let failing = |_: &[Array]| Err::<Vec<Array>, _>(std::fmt::Error);
    let check = Check::new(vec![Array::new("t", [1], vec![1.0])]).gradient("a", failing);
    let error = check.loss(|_| 1.0).run().unwrap_err().to_string();
    assert!(error.starts_with("the gradient \"a\" cannot be computed: "), "{error}");
}

#[test]
fn the_gradient_farther_from_the_differences_is_the_wrong_one_of_two() {
    // Both are within 1e-9 of the differences, so only their own comparison fails.
    let gradient = |factor: f64| move |_: &[Array]| vec![Array::new("t", [2], vec![2.0 * factor, 4.0 * factor])];
    for factors in [[1.0, 1.0 + 5e-10], [1.0 + 5e-10, 1.0]] {
        let report = Check::new(vec![Array::new("t", [2], vec![1.0, 2.0])])
            .loss(|parameters| parameters[0].values.iter().map(|t| t * t).sum())
            .gradient("a", gradient(factors[0]))
            .gradient("b", gradient(factors[1]))
            .run()
            .unwrap();
        let wrong = if factors[0] == 1.0 { "b" } else { "a" };
        assert_eq!(report.findings, [format!("in {wrong}, the first to differ is t")], "{report}");
        assert_eq!(report.comparisons[0].tested, wrong);
    }
}

#[test]
fn a_gradient_that_only_differences_refute_is_named() {
    // 1e-4 is allowed against differences, and 2e-5 between the two.
    let gradient = |error: f64| move |_: &[Array]| vec![Array::new("t", [1], vec![2.0 * (1.0 + error)])];
    let report = Check::new(vec![Array::new("t", [1], vec![1.0])])
        .precision(Precision::F32)
        .loss(|parameters| parameters[0].values[0].powi(2))
        .gradient("a", gradient(1.05e-4))
        .gradient("b", gradient(0.95e-4))
        .run()
        .unwrap();
    let passed = report.comparisons.iter().map(Comparison::passed);
    assert_eq!(passed.collect::<Vec<_>>(), [true, false, true], "{report}");
    assert_eq!(report.findings, ["in a, the first to differ is t"], "{report}");
}

#[test]
fn of_two_gradients_alone_none_is_called_wrong() {
    let gradient = |value: f64| move |_: &[Array]| vec![Array::new("t", [1], vec![value])];
    let check = Check::new(vec![Array::new("t", [1], vec![1.0])]).gradient("a", gradient(1.0));
    let report = check.gradient("b", gradient(2.0)).run().unwrap();
    assert!(!report.passed() && report.findings.is_empty(), "{report}");
}

#[test]
fn the_cosine_is_that_of_the_angle() {
    let tolerance = Tolerance { relative: 1e-9, floor: 0.0 };
    let cosine = |a: &[f64], b: &[f64]| {
        let [a, b] = [a, b].map(|values| Array::new("t", [values.len()], values.to_vec()));
        TensorReport::new(&a, &b, &tolerance).cosine
    };
    // (3 * 4 + 4 * 3) / (5 * 5), and the same with the opposite sign and another length.
    assert_eq!(cosine(&[3.0, 4.0], &[4.0, 3.0]), Some(0.96));
    assert_eq!(cosine(&[3.0, 4.0], &[-8.0, -6.0]), Some(-0.96));
    assert_eq!(cosine(&[3.0, 4.0], &[-3.0, -4.0]), Some(-1.0));
    assert_eq!((cosine(&[0.0, 0.0], &[4.0, 3.0]), cosine(&[3.0, 4.0], &[4.0, 3.0, 0.0])), (None, None));
}
