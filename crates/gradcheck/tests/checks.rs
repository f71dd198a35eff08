//! The gradient check of any function: patterns of wrong gradients, central differences, kinks, outliers.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first error")]

use petal_gradcheck::{Array, Check, Precision, Report, TensorReport, Tolerance, diagnose};

/// Six numbers without a pattern.
const RIGHT: [f64; 6] = [0.5, -1.25, 2.0, 0.75, -3.0, 1.5];

fn matrix(name: &str, shape: [usize; 2], values: &[f64]) -> Array {
    Array::new(name, shape, values.to_vec())
}

/// The diagnosis of a wrong gradient of a 2 x 3 matrix. The right gradient is [`RIGHT`].
fn matrix_diagnosis(wrong: &Array, parameter: &[f64]) -> String {
    let (wrong, right) = (wrong.clone(), matrix("w", [2, 3], &RIGHT));
    let report = Check::new(vec![matrix("w", [2, 3], parameter)])
        .gradient("wrong", move |_| vec![wrong.clone()])
        .gradient("right", move |_| vec![right.clone()])
        .factor("m", 400.0)
        .factor("zero", 0.0)
        .run()
        .unwrap();
    assert!(!report.passed());
    let tensor = &report.comparisons[0].tensors[0];
    tensor.diagnosis.clone().unwrap_or_else(|| "no simple pattern".into())
}

#[test]
fn each_pattern_of_a_wrong_gradient_is_recognised() {
    let parameter = [0.1, 0.4, -0.2, 0.7, 0.9, -0.6];
    let scaled = |factor: f64| matrix("w", [2, 3], &RIGHT.map(|value| factor * value));
    let plus = |term: [f64; 6]| matrix("w", [2, 3], &std::array::from_fn::<f64, 6, _>(|i| RIGHT[i] + term[i]));
    let replaced = |index: usize, value: f64| {
        let mut values = RIGHT;
        values[index] = value;
        matrix("w", [2, 3], &values)
    };
    let column_sums = [RIGHT[0] + RIGHT[3], RIGHT[1] + RIGHT[4], RIGHT[2] + RIGHT[5]];
    let cases = [
        (scaled(2.0), "too large by exactly a factor of 2"),
        (scaled(0.5), "too small by exactly a factor of 2"),
        (scaled(2.5), "2.5 x the right value in every element"),
        (scaled(3.7), "3.7 x the right value in every element"),
        (scaled(0.4), "0.4 x the right value in every element"),
        (scaled(1_000.0), "too large by exactly a factor of 1000"),
        (scaled(400.000_1), "too large by exactly a factor of m: a division by m (the mean) is missing"),
        (scaled(400.01), "400.01 x the right value in every element"),
        (scaled(5e-5), "5e-5 x the right value in every element"),
        (scaled(1.000_2), "1.0002 x the right value in every element"),
        (scaled(1.000_05), "no simple pattern"),
        (scaled(12_345.0), "12345 x the right value in every element"),
        (scaled(1.37), "1.37 x the right value in every element"),
        (scaled(-1.0), "sign flipped"),
        (scaled(-3.0), "sign flipped, and too large by exactly a factor of 3"),
        (scaled(400.0), "too large by exactly a factor of m: a division by m (the mean) is missing"),
        (scaled(1.0 / 400.0), "too small by exactly a factor of m: divided by m twice"),
        (scaled(0.0), "zero everywhere: the gradient does not reach this tensor"),
        (replaced(4, 0.0), "zero where it should not be: w[1,1]"),
        (replaced(4, 7.0), "wrong in w[1,1], right elsewhere"),
        (plus([0.0, 0.3, 0.0, 0.0, 0.9, 0.0]), "wrong in column 1 (2 elements), right elsewhere"),
        (plus([0.3, 0.7, 0.9, 0.0, 0.0, 0.0]), "wrong in row 0 (3 elements), right elsewhere"),
        (replaced(2, f64::NAN), "not finite: w[0,2] = NaN (1 of 6 elements)"),
        (replaced(0, f64::INFINITY), "not finite: w[0,0] = inf (1 of 6 elements)"),
        (
            matrix("w", [3, 2], &[0.5, 0.75, -1.25, -3.0, 2.0, 1.5]),
            "transposed: has shape [3, 2], must be [2, 3]",
        ),
        (matrix("w", [2, 3], &[0.5, 0.75, -1.25, -3.0, 2.0, 1.5]), "transposed, then reshaped"),
        (
            matrix("w", [3, 2], &RIGHT),
            "the right numbers in the wrong shape: has shape [3, 2], must be [2, 3]",
        ),
        (matrix("w", [2, 3], &[0.75, 0.5, -1.25, 2.0, -3.0, 1.5]), "the right numbers in another order"),
        (matrix("w", [1, 6], &[1.0; 6]), "has shape [1, 6], must be [2, 3]"),
        (
            matrix("w", [2, 3], &[column_sums, column_sums].concat()),
            "summed over axis 0, which should have stayed",
        ),
        (
            matrix("w", [2, 3], &[[1.25 / 3.0; 3], [-0.25; 3]].concat()),
            "summed over axis 1, which should have stayed",
        ),
        (plus(parameter.map(|p| 0.01 * p)), "the right value plus 0.01 x the parameter itself: weight decay"),
        (plus(parameter.map(|p| -0.5 * p)), "the right value minus 0.5 x the parameter itself: weight decay"),
        (plus([0.25; 6]), "the right value plus 0.25 in every element"),
        (
            matrix(
                "w",
                [2, 3],
                &RIGHT.map(|value| f64::from((value + 1e-3 * value.sin()) as f32) - 1e-3 * value.sin()),
            ),
            "right to about 8 digits only: computed in f32?",
        ),
        (plus([0.1, 0.2, -0.7, 0.3, 0.1, 0.0]), "no simple pattern"),
    ];
    for (wrong, expected) in cases {
        assert_eq!(matrix_diagnosis(&wrong, &parameter), expected);
    }
    let unsummed = Array::new("w", [2, 2, 3], [RIGHT.map(|v| 0.25 * v), RIGHT.map(|v| 0.75 * v)].concat());
    assert_eq!(
        matrix_diagnosis(&unsummed, &parameter),
        "not summed over axis 0: has shape [2, 2, 3], must be [2, 3]"
    );
}

/// The diagnosis of a wrong gradient of any shape.
fn diagnosis(shape: &[usize], wrong: &[f64], right: &[f64]) -> Option<String> {
    let [wrong, right] = [wrong, right].map(|values| Array::new("w", shape, values.to_vec()));
    let check = Check::new(vec![right.clone()]).gradient("wrong", move |_| vec![wrong.clone()]);
    let report = check.gradient("right", move |_| vec![right.clone()]).run().unwrap();
    report.comparisons[0].tensors[0].diagnosis.clone()
}

#[test]
fn patterns_are_recognised_in_other_shapes_too() {
    // Shape [2, 3, 2]. The sums over the middle axis are 1 + 3 + 6 and 2 + 4 + 9 in the first half, 11 and 22 in the
    // second half.
    let right = [1.0, 2.0, 3.0, 4.0, 6.0, 9.0, 5.0, 7.0, 1.0, 8.0, 5.0, 7.0];
    let spread = [10.0, 15.0, 10.0, 15.0, 10.0, 15.0, 11.0, 22.0, 11.0, 22.0, 11.0, 22.0];
    let sum = diagnosis(&[2, 3, 2], &spread, &right);
    assert_eq!(sum.as_deref(), Some("summed over axis 1, which should have stayed"));
    let mean = diagnosis(&[2, 3, 2], &spread.map(|sum| sum / 3.0), &right);
    assert_eq!(mean.as_deref(), Some("summed over axis 1, which should have stayed"));
    let square = diagnosis(&[2, 2], &[4.0, 1.0, 2.0, 3.0], &[1.0, 2.0, 3.0, 4.0]);
    assert_eq!(square.as_deref(), Some("the right numbers in another order"));
    // With a single number, only a simple factor is a finding.
    assert_eq!(diagnosis(&[1], &[2.0], &[1.0]).as_deref(), Some("too large by exactly a factor of 2"));
    assert_eq!(diagnosis(&[1], &[1.7], &[1.0]), None);
    // More than half of the elements differ, without a pattern.
    assert_eq!(diagnosis(&[3], &[1.0, 5.0, 9.0], &[1.0, 2.0, 3.0]), None);
    assert_eq!(
        diagnosis(&[4], &[1.0, 5.0, 9.0, 4.0], &[1.0, 2.0, 3.0, 4.0]).as_deref(),
        Some("wrong in w[1], w[2], right elsewhere")
    );
    assert_eq!(diagnosis(&[5], &[1.0, 5.0, 9.0, 7.5, 5.0], &[1.0, 2.0, 3.0, 4.0, 5.0]), None);
    let three = diagnosis(&[6], &[1.0, 5.0, 9.0, 7.5, 5.0, 0.5], &[1.0, 2.0, 3.0, 4.0, 5.0, 0.5]);
    assert_eq!(three.as_deref(), Some("wrong in w[1], w[2], w[3], right elsewhere"));
    let many =
        diagnosis(&[8], &[1.0, 5.0, 9.0, 3.0, 7.0, 0.5, 0.25, 0.75], &[1.0, 2.0, 3.0, 4.0, 5.0, 0.5, 0.25, 0.75]);
    assert_eq!(many.as_deref(), Some("wrong in w[1], w[2], w[3] and 1 more, right elsewhere"));
}

#[test]
fn one_tensor_is_diagnosed_without_a_check() {
    let (right, parameter) = (matrix("w", [2, 2], &[1.0, 2.0, 2.0, 4.0]), matrix("w", [2, 2], &[1.0, -1.0, 3.0, 0.5]));
    let tolerance = Tolerance { relative: 1e-9, floor: 0.0 };
    let text = |wrong: Array| diagnose(&wrong, &right, &tolerance, Some(&parameter), &[("m", 400.0)]);
    // A symmetric matrix equals its transpose: what agrees has no diagnosis.
    assert_eq!(text(right.clone()), None);
    let row = text(matrix("w", [1, 4], &right.values));
    assert_eq!(row.as_deref(), Some("the right numbers in the wrong shape: has shape [1, 4], must be [2, 2]"));
    let not_divided = text(matrix("w", [2, 2], &[400.0, 800.0, 800.0, 1600.0]));
    let expected = "too large by exactly a factor of m: a division by m (the mean) is missing";
    assert_eq!(not_divided.as_deref(), Some(expected));
    let decayed = text(matrix("w", [2, 2], &[1.1, 1.9, 2.3, 4.05]));
    assert_eq!(decayed.as_deref(), Some("the right value plus 0.1 x the parameter itself: weight decay"));
    let one = text(matrix("w", [2, 2], &[1.0, 2.0, 9.0, 4.0]));
    assert_eq!(one.as_deref(), Some("wrong in w[1,0], right elsewhere"));
}

#[test]
fn a_transposed_square_matrix_is_recognised() {
    let right = matrix("w", [2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let report = Check::new(vec![right.clone()])
        .gradient("wrong", |_| vec![matrix("w", [2, 2], &[1.0, 3.0, 2.0, 4.0])])
        .gradient("right", move |_| vec![right.clone()])
        .run()
        .unwrap();
    assert_eq!(report.comparisons[0].tensors[0].diagnosis.as_deref(), Some("transposed"));
    let worst = report.comparisons[0].tensors[0].worst.clone().unwrap();
    // The error is |3 - 2| / 3 at both w[0,1] and w[1,0]. The last one is named.
    assert_eq!((&worst.element[..], worst.tested, worst.reference, worst.absolute), ("w[1,0]", 2.0, 3.0, 1.0));
    assert!((worst.relative - 1.0 / 3.0).abs() < 1e-15);
}

/// The report on a function of one vector and its gradient, at the vector `t`.
fn check_vector(t: &[f64], f: impl Fn(&[f64]) -> f64, gradient: impl Fn(&[f64]) -> Vec<f64>) -> Report {
    let gradient =
        |parameters: &[Array]| vec![Array::new("t", [parameters[0].values.len()], gradient(&parameters[0].values))];
    Check::new(vec![Array::new("t", [t.len()], t.to_vec())])
        .loss(|parameters| f(&parameters[0].values))
        .gradient("yours", gradient)
        .directions(50, 8, 1)
        .run()
        .unwrap()
}

#[test]
fn central_differences_confirm_a_right_gradient_and_find_a_wrong_one() {
    let f = |t: &[f64]| t.iter().map(|t| t.sin() + 0.1 * t * t * t).sum();
    let right = |t: &[f64]| t.iter().map(|t| t.cos() + 0.3 * t * t).collect();
    let point = [0.0, 1.0, -2.0, 30.0, 1e-3];
    assert!(check_vector(&point, f, right).passed());
    // One of five elements is wrong by one part in 100,000.
    let nearly_right = |t: &[f64]| {
        let mut gradient: Vec<f64> = right(t);
        gradient[1] *= 1.0 + 1e-5;
        gradient
    };
    let report = check_vector(&point, f, nearly_right);
    assert!(!report.passed());
    assert!(report.to_string().contains("wrong in t[1], right elsewhere"), "{report}");
}

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
fn large_tensors_are_checked_along_random_directions() {
    let f = |t: &[f64]| t.iter().enumerate().map(|(i, t)| (t * (1.0 + i as f64 / 100.0)).sin()).sum();
    let right = |t: &[f64]| -> Vec<f64> {
        t.iter()
            .enumerate()
            .map(|(i, t)| (1.0 + i as f64 / 100.0) * (t * (1.0 + i as f64 / 100.0)).cos())
            .collect()
    };
    let point: Vec<f64> = (0..200).map(|i| f64::from(i) / 50.0).collect();
    let report = check_vector(&point, f, right);
    assert!(report.passed(), "{report}");
    let tensor: &TensorReport = &report.comparisons[0].tensors[0];
    assert_eq!((tensor.directions, &tensor.shape[..]), (Some(8), &[200][..]));
    let diagnosis = |gradient: fn(&[f64]) -> Array| {
        let check = Check::new(vec![Array::new("t", [200], point.clone())])
            .loss(|parameters| f(&parameters[0].values))
            .directions(50, 8, 1);
        let report = check
            .gradient("yours", move |parameters| vec![gradient(&parameters[0].values)])
            .run()
            .unwrap();
        assert!(!report.passed());
        report.comparisons[0].tensors[0].diagnosis.clone()
    };
    let column = diagnosis(|t| Array::new("t", [200, 1], t.to_vec()));
    assert_eq!(column.as_deref(), Some("has shape [200, 1], must be [200]"));
    let nan = diagnosis(|t| Array::new("t", [200], t.iter().map(|t| if *t == 1.0 { f64::NAN } else { *t }).collect()));
    assert_eq!(nan.as_deref(), Some("not finite: t[50] = NaN (1 of 200 elements)"));
    // One of two hundred elements is wrong by 0.1.
    let report = check_vector(&point, f, |t| {
        let mut gradient = right(t);
        gradient[77] += 0.1;
        gradient
    });
    assert!(!report.passed(), "{report}");
}

#[test]
fn kinks_near_the_point_and_an_unreliable_function_are_reported() {
    let twice = check_vector(&[0.0; 5], |t| t.iter().map(|t| t.abs()).sum(), |_| vec![0.0; 5]);
    assert!(twice.notes[0].contains(" and 2 more; yours lies between"), "{twice}");
    assert!(twice.passed(), "{twice}");
    // The kink is not at the point, but at this distance from it. The derivative at the point is confirmed, and the other
    // side's is refused.
    for distance in [-1e-2, -1e-4, -1e-6, -1e-7, 1e-7, 1e-6, 1e-4, 1e-2_f64] {
        let f = |t: &[f64]| (t[0] - distance).max(0.0) + t[0] + 1.0;
        let right = if distance < 0.0 { 2.0 } else { 1.0 };
        let report = check_vector(&[0.0], f, move |_| vec![right]);
        assert!(report.passed(), "{distance} {report}");
        let report = check_vector(&[0.0], f, move |_| vec![3.0 - right]);
        assert!(!report.passed(), "{distance} {report}");
    }
    // The kink of the rectifier is far from this point.
    let report = check_vector(&[0.5], |t| t[0].max(0.0), |_| vec![1.0]);
    assert!(report.passed() && report.notes.is_empty(), "{report}");

    let calls = std::cell::Cell::new(0.0);
    let drifting = |t: &[f64]| {
        calls.set(calls.get() + 1e-3);
        t[0] + calls.get()
    };
    let report = check_vector(&[1.0], drifting, |_| vec![1.0]);
    assert!(report.findings[0].starts_with("the function is not deterministic: it gave "), "{report}");
    // Such a function is not held against any gradient.
    assert!(report.comparisons.is_empty() && !report.passed(), "{report}");
    let report = check_vector(&[1.0], |_| f64::NAN, |_| vec![1.0]);
    assert_eq!(report.findings[0], "the function is NaN here");
    assert!(!report.passed());
}

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
fn a_loss_averaged_over_outputs_needs_a_gradient_that_is_too() {
    // A bug that scikit-learn's multi-layer perceptron once had with several outputs (its issue 8349). The loss was the
    // mean over samples and outputs, but the gradient was divided by the number of samples only.
    let (targets, outputs) = ([0.3, -0.7, 1.1], 3.0);
    let loss = move |parameters: &[Array]| {
        let errors = parameters[0].values.iter().zip(targets).map(|(t, y)| t - y);
        errors.map(|error| error * error / 2.0).sum::<f64>() / outputs
    };
    let gradient = move |parameters: &[Array]| {
        let gradient = parameters[0].values.iter().zip(targets).map(|(t, y)| t - y).collect();
        vec![Array::new("t", [3], gradient)]
    };
    let report = Check::new(vec![Array::new("t", [3], vec![1.0, 2.0, 3.0])])
        .loss(loss)
        .gradient("yours", gradient)
        .factor("outputs", outputs)
        .run()
        .unwrap();
    let diagnosis = report.comparisons[0].tensors[0].diagnosis.clone().unwrap();
    assert_eq!(diagnosis, "too large by exactly a factor of outputs: a division by outputs (the mean) is missing");
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
    assert_eq!(refusal("t", f64::NAN), "the term size of \"t\" is NaN: must be >= 0");
}

#[test]
fn a_large_transposed_matrix_is_named_along_random_directions() {
    let diagnosis = |rows: usize, columns: usize| {
        let w: Vec<f64> = (0..rows * columns).map(|i| (i as f64 * 0.7).sin()).collect();
        let transposed = (0..rows * columns).map(|i| w[i % rows * columns + i / rows].powi(2)).collect();
        let wrong = Array::new("w", vec![columns, rows], transposed);
        let report = Check::new(vec![Array::new("w", vec![rows, columns], w)])
            .loss(|w| w[0].values.iter().map(|w| w.powi(3) / 3.0).sum())
            .gradient("wrong", move |_| vec![wrong.clone()])
            .directions(50, 8, 1)
            .run()
            .unwrap();
        report.comparisons[0].tensors[0].diagnosis.clone().unwrap()
    };
    assert_eq!(diagnosis(10, 10), "transposed");
    assert_eq!(diagnosis(8, 12), "transposed: has shape [12, 8], must be [8, 12]");
}
