//! What a wrong gradient is said to be, by the pattern of its errors.

use petal_gradcheck::{Array, Check, Tolerance, diagnose};

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
        (plus([0.0, 0.0, 0.0, 0.3, 0.7, 0.9]), "wrong in row 1 (3 elements), right elsewhere"),
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
