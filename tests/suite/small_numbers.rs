//! Gradients that are small beside their rounding errors: what float32 cannot show is said, and what is wrong all the same is
//! found.

use petal::article::{Point, Sizes, Weights};
use petal::files::array_file::{ElementType, StoredArray};
use petal::gradcheck::Array;
use petal::network::Activation;

use crate::listings::report;

/// Two samples whose parts of db2 cancel, but for a bias of 1e-5. With its db2.
fn point() -> (Point, f64) {
    let (x, b2) = (0.5_f64, 1e-5_f64);
    let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
    let (positive, negative) = (sigmoid(x.tanh() + b2), sigmoid(-x.tanh() + b2));
    let point = Point {
        sizes: Sizes { features: 1, hidden: 1, samples: 2 },
        activation: Activation::Tanh,
        x: vec![x, -x],
        y: vec![1.0, 0.0],
        parameters: Weights { w1: vec![1.0], b1: vec![0.0], w2: vec![1.0], b2: vec![b2] },
        learning_rate: 1.2,
        weight_decay: 0.0,
        previous: None,
    };
    (point, (positive - 1.0 + negative) / 2.0)
}

fn scalar(name: &str, value: f64, dtype: ElementType) -> StoredArray {
    let value = if dtype == ElementType::F32 { f64::from(value as f32) } else { value };
    StoredArray { array: Array::new(name, vec![1, 1], vec![value]), dtype }
}

#[test]
fn what_single_precision_cannot_show_is_said() {
    let (point, db2) = point();
    let checked = |value: f64, dtype| report(&point, &[scalar("db2", value, dtype)]);
    let note = "db2 is not really checked: in float32, rounding may be more than a fifth of most of these numbers";

    for value in [db2, -db2] {
        let report = checked(value, ElementType::F32);
        assert!(report.agrees() && report.to_string().contains(note), "{value}\n{report}");
    }
    let right = checked(db2, ElementType::F64).to_string();
    assert!(!right.contains("not really checked"), "{right}");
}

#[test]
fn a_small_gradient_with_a_large_error_is_not_called_nearly_right() {
    let (point, db2) = point();
    // With the numbers before it, the mistake can only be in db2.
    let row = |name: &str, values: [f64; 2]| StoredArray {
        array: Array::new(name, vec![1, 2], values.into()),
        dtype: ElementType::F64,
    };
    let a2 = [1.0, -1.0].map(|sign| 1.0 / (1.0 + (-(sign * 0.5_f64.tanh() + 1e-5)).exp()));
    let sentence = |value: f64| {
        let db2 = scalar("db2", value, ElementType::F64);
        let report = report(&point, &[row("A2", a2), row("dZ2", [a2[0] - 1.0, a2[1]]), db2]);
        assert_eq!(report.mistakes.len(), 1, "{report}");
        report.mistakes[0].sentence.clone()
    };
    assert_eq!(sentence(-db2), "db2 is wrong: sign flipped.");
    assert!(sentence(0.0).starts_with("db2 is wrong: zero everywhere"), "{}", sentence(0.0));
    assert!(!sentence(1.21 * db2).contains("digits"), "{}", sentence(1.21 * db2));
}

/// The step is smaller than the tolerance of float32, and much larger than the last digit of b2.
#[test]
fn a_bias_that_is_not_updated_is_found_in_single_precision_too() {
    let (point, db2) = point();
    let updated =
        |value: f64| report(&point, &[scalar("db2", db2, ElementType::F32), scalar("b2", value, ElementType::F32)]);
    let right = updated(1e-5 - 1.2 * db2);
    assert!(right.agrees() && right.to_string().contains("db2, b2 are not really checked"), "{right}");
    let wrong = updated(1e-5);
    assert_eq!(wrong.mistakes[0].sentence, "b2 is wrong: b2 is not updated.", "{wrong}");
}

/// Without a bias the two samples cancel, and what is left of db2 may be rounded to 0.
#[test]
fn a_bias_that_rounding_keeps_where_it_is_is_accused_of_nothing() {
    let (mut point, _) = point();
    point.parameters.b2 = vec![1e-10];
    let numbers = [scalar("db2", 0.0, ElementType::F32), scalar("b2", 1e-10, ElementType::F32)];
    let report = report(&point, &numbers);
    assert!(report.agrees(), "{report}");
}
