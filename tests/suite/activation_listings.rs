//! The judgement of another program's numbers where the hidden layer has another activation than tanh: right numbers of PyTorch,
//! and NumPy's with one wrong line.

use petal::article::report::Report;
use petal::article::{Layout, Point};
use petal::device::Precision;
use petal::files::array_file::{ElementType, StoredArray, parse, to_bytes};
use petal::gradcheck::Array;
use petal::network::Activation;
use serde_json::Value;

use crate::support::{json, numbers};

/// Each broken listing of an activation, and the sentence about it.
const SENTENCES: [(&str, &str, &str); 25] = [
    (
        "tanh",
        "sigmoid in the hidden layer",
        "A1 is wrong: the hidden layer's activation is sigmoid in place of tanh.",
    ),
    (
        "tanh",
        "relu in the hidden layer",
        "A1 is wrong: the hidden layer's activation is ReLU in place of tanh.",
    ),
    ("tanh", "identity in the hidden layer", "A1 is wrong: the activation, tanh, is forgotten."),
    (
        "tanh",
        "derivative of sigmoid",
        "dZ1 is wrong: it has the derivative of sigmoid, A1 * (1 - A1), in place of that of tanh, 1 - A1^2.",
    ),
    (
        "tanh",
        "derivative of relu",
        "dZ1 is wrong: it has the derivative of ReLU, Z1 > 0, in place of that of tanh, 1 - A1^2.",
    ),
    (
        "tanh",
        "derivative of identity",
        "dZ1 is wrong: the factor 1 - A1^2, the derivative of tanh, is missing.",
    ),
    (
        "tanh",
        "derivative of the activation",
        "dZ1 is wrong: it has the factor 1 - tanh(A1)^2 in place of 1 - A1^2: A1 is already a tanh.",
    ),
    (
        "sigmoid",
        "tanh in the hidden layer",
        "A1 is wrong: the hidden layer's activation is tanh in place of sigmoid.",
    ),
    (
        "sigmoid",
        "relu in the hidden layer",
        "A1 is wrong: the hidden layer's activation is ReLU in place of sigmoid.",
    ),
    ("sigmoid", "identity in the hidden layer", "A1 is wrong: the activation, sigmoid, is forgotten."),
    (
        "sigmoid",
        "derivative of tanh",
        "dZ1 is wrong: it has the derivative of tanh, 1 - A1^2, in place of that of sigmoid, A1 * (1 - A1).",
    ),
    (
        "sigmoid",
        "derivative of relu",
        "dZ1 is wrong: it has the derivative of ReLU, Z1 > 0, in place of that of sigmoid, A1 * (1 - A1).",
    ),
    (
        "sigmoid",
        "derivative of identity",
        "dZ1 is wrong: the factor A1 * (1 - A1), the derivative of sigmoid, is missing.",
    ),
    (
        "sigmoid",
        "derivative not squared",
        "dZ1 is wrong: it has the factor 1 - A1 in place of A1 * (1 - A1).",
    ),
    (
        "sigmoid",
        "derivative of Z1",
        "dZ1 is wrong: it has the factor Z1 * (1 - Z1) in place of A1 * (1 - A1).",
    ),
    (
        "sigmoid",
        "derivative of the activation",
        "dZ1 is wrong: it has the factor sigmoid(A1) * (1 - sigmoid(A1)) in place of A1 * (1 - A1): A1 is already a sigmoid.",
    ),
    (
        "relu",
        "tanh in the hidden layer",
        "A1 is wrong: the hidden layer's activation is tanh in place of ReLU.",
    ),
    ("relu", "identity in the hidden layer", "A1 is wrong: the activation, ReLU, is forgotten."),
    (
        "relu",
        "derivative of tanh",
        "dZ1 is wrong: it has the derivative of tanh, 1 - A1^2, in place of that of ReLU, Z1 > 0.",
    ),
    (
        "relu",
        "derivative of sigmoid",
        "dZ1 is wrong: it has the derivative of sigmoid, A1 * (1 - A1), in place of that of ReLU, Z1 > 0.",
    ),
    (
        "relu",
        "derivative of identity",
        "dZ1 is wrong: the factor Z1 > 0, the derivative of ReLU, is missing.",
    ),
    (
        "identity",
        "sigmoid in the hidden layer",
        "A1 is wrong: the hidden layer's activation is sigmoid in place of the identity.",
    ),
    (
        "identity",
        "relu in the hidden layer",
        "A1 is wrong: the hidden layer's activation is ReLU in place of the identity.",
    ),
    (
        "identity",
        "derivative of tanh",
        "dZ1 is wrong: it has the derivative of tanh, 1 - A1^2, in place of that of the identity, 1.",
    ),
    (
        "identity",
        "derivative of relu",
        "dZ1 is wrong: it has the derivative of ReLU, Z1 > 0, in place of that of the identity, 1.",
    ),
];

struct Case {
    activation: String,
    name: String,
    point: Point,
    arrays: Vec<StoredArray>,
}

fn arrays(object: &Value) -> Vec<StoredArray> {
    let array = |(name, value): (&String, &Value)| {
        let shape: Vec<usize> = numbers(&value["shape"]).into_iter().map(|length| length as usize).collect();
        StoredArray { array: Array::new(name, shape, numbers(&value["values"])), dtype: ElementType::F64 }
    };
    object.as_object().unwrap().iter().map(array).collect()
}

fn point(stored: Vec<StoredArray>) -> Result<Point, String> {
    let arrays: Vec<Array> = stored.into_iter().map(|stored| stored.array).collect();
    Point::from_arrays(&arrays).map(|(_, point)| point)
}

fn cases() -> Vec<Case> {
    let file = json("activation_listings.json");
    let case = |case: &Value| Case {
        activation: case["activation"].as_str().unwrap().into(),
        name: case["name"].as_str().unwrap().into(),
        point: point(arrays(&case["point"])).unwrap(),
        arrays: arrays(&case["arrays"]),
    };
    file.as_array().unwrap().iter().map(case).collect()
}

fn report(point: &Point, arrays: &[StoredArray]) -> Report {
    Report::new(point, Precision::F64, arrays).unwrap()
}

#[test]
fn each_activation_is_judged_by_its_own_formulas() {
    let cases = cases();
    let mut named = 0;
    for Case { activation, name, point, arrays } in &cases {
        assert_eq!(point.activation.to_string(), *activation);
        let report = report(point, arrays);
        let context = format!("{activation}, {name}\n{report}");
        if name.starts_with("right") {
            assert!(report.agrees() && report.quantities.iter().all(|q| q.status == "ok"), "{context}");
            continue;
        }
        assert_eq!(report.mistakes.len(), 1, "{context}");
        let expected = SENTENCES.iter().find(|(a, n, _)| a == activation && n == name);
        if let Some((.., sentence)) = expected {
            assert_eq!(report.mistakes[0].sentence, *sentence, "{context}");
            named += 1;
        }
    }
    assert_eq!((cases.len(), named), (37, SENTENCES.len()));
}

/// dZ1 alone, or the gradients alone, show the wrong factor too.
#[test]
fn a_wrong_derivative_is_named_by_the_gradients_alone() {
    for Case { activation, name, point, arrays } in cases() {
        let only: Vec<StoredArray> = arrays.into_iter().filter(|stored| stored.array.name.contains("dW")).collect();
        if only.is_empty() || name.starts_with("right") {
            continue;
        }
        let report = report(&point, &only);
        let said = |sentence: &str| {
            let first = sentence.trim_end_matches('.');
            report.mistakes.iter().any(|mistake| {
                mistake.sentence.contains(first)
                    || mistake
                        .alternatives
                        .iter()
                        .any(|other| first.ends_with(other.trim_end_matches('.')))
            })
        };
        let expected = SENTENCES.iter().find(|(a, n, _)| *a == activation && *n == name);
        assert!(expected.is_none_or(|(.., sentence)| said(sentence)), "{activation}, {name}\n{report}");
        assert!(!report.agrees(), "{activation}, {name}\n{report}");
    }
}

#[test]
fn the_right_line_is_that_of_the_activation() {
    let formulas = |name: &str| -> Vec<String> {
        let of = |case: &Case| report(&case.point, &case.arrays).mistakes[0].formula.clone();
        cases().iter().filter(|case| case.name == name).map(of).collect()
    };
    let expected = [
        "dZ1 = np.dot(W2.T, dZ2) * (1 - A1**2)",
        "dZ1 = np.dot(W2.T, dZ2) * A1 * (1 - A1)",
        "dZ1 = np.dot(W2.T, dZ2) * (Z1 > 0)",
    ];
    assert_eq!(formulas("derivative of identity"), expected);
    assert_eq!(formulas("derivative of relu")[2], "dZ1 = np.dot(W2.T, dZ2)");
    assert_eq!(formulas("relu in the hidden layer"), ["A1 = np.tanh(Z1)", "A1 = 1 / (1 + np.exp(-Z1))", "A1 = Z1"]);
    assert_eq!(formulas("tanh in the hidden layer")[1], "A1 = np.maximum(Z1, 0)");

    let relu = cases()
        .into_iter()
        .find(|case| case.activation == "relu" && case.name == "derivative of identity");
    let relu = relu.unwrap();
    let text = report(&relu.point, &relu.arrays).to_string();
    assert!(text.starts_with("3 features, 4 hidden units (relu), 7 samples; samples are columns\n"), "{text}");
    assert!(text.contains(" > 0)\n"), "{text}");
}

/// relu has no derivative at 0. Programs may take 0, 1 or what is between; the report says which one it is.
#[test]
fn a_derivative_at_the_kink_of_relu_is_a_note() {
    for (slope, note) in [("0", None), ("0.5", Some("Yours is 0.5 there")), ("1", Some("Yours is 1 there"))] {
        let name = format!("right at the kink: {slope}");
        let Case { point, mut arrays, .. } = cases().into_iter().find(|case| case.name == name).unwrap();
        // With dZ1, and by the gradients alone.
        for _ in 0..2 {
            let report = report(&point, &arrays);
            assert!(report.agrees() && report.quantities.iter().all(|q| q.status != "follows"), "{report}");
            let notes = report.notes.iter().filter(|text| text.contains("kink"));
            assert_eq!(notes.count(), usize::from(note.is_some()), "{report}");
            assert!(note.is_none_or(|note| report.to_string().contains(note)), "{report}");
            arrays.retain(|stored| stored.array.name.starts_with("db") || stored.array.name.starts_with("dW"));
        }

        // A wrong derivative elsewhere is still one.
        let Case { mut arrays, .. } = cases().into_iter().find(|case| case.name == name).unwrap();
        let dz1 = arrays.iter_mut().find(|stored| stored.array.name == "dZ1").unwrap();
        let place = dz1.array.values.iter().position(|&value| value != 0.0).unwrap();
        dz1.array.values[place] = 0.0;
        assert_eq!(report(&point, &arrays).mistakes[0].line, "dZ1");
    }
}

/// dW2 in float32 is right to 7 digits. A1 is not stored, but no other line of it is at fault: with its right line, or with what
/// would be a mistake for another activation, dW2 has the same 7 digits.
#[test]
fn the_right_activation_is_never_named_as_a_mistake() {
    for Case { activation, name, point, mut arrays } in cases() {
        if name != "right" {
            continue;
        }
        arrays.retain(|stored| ["z2.grad", "output.weight.grad"].contains(&&stored.array.name[..]));
        let gradient = &mut arrays
            .iter_mut()
            .find(|stored| stored.array.name == "output.weight.grad")
            .unwrap()
            .array;
        gradient.values.iter_mut().for_each(|value| *value = f64::from(*value as f32));
        let sentence = &report(&point, &arrays).mistakes[0].sentence;
        let expected = "output.weight.grad is wrong: it is right to about 7 digits only, as if computed in float32.";
        assert_eq!(sentence, expected, "{activation}");
    }
}

/// Where Z1 is 0 but for its rounding, a program may see another sign.
#[test]
fn a_sign_that_rounding_decides_is_no_mistake() {
    let stored = |name: &str, shape: Vec<usize>, values: Vec<f64>| StoredArray {
        array: Array::new(name, shape, values),
        dtype: ElementType::F64,
    };
    // 0.1 * 3 - 0.3 is 5.6e-17 here; in another order, or with other roundings, it is 0 or has the other sign.
    let inputs = vec![
        stored("X", vec![2, 2], vec![0.1, 1.0, 1.0, 1.0]),
        stored("Y", vec![1, 2], vec![1.0, 0.0]),
        stored("W1", vec![1, 2], vec![3.0, -0.3]),
        stored("b1", vec![1, 1], vec![0.0]),
        stored("W2", vec![1, 1], vec![2.0]),
        stored("b2", vec![1, 1], vec![0.0]),
        stored("learning_rate", vec![], vec![1.0]),
        stored("activation_relu", vec![], vec![1.0]),
    ];
    let point = point(inputs).unwrap();
    // dZ2 of the first sample is -1/2, and the factor of dZ1 is W2 = 2.
    let second = 2.0 / (1.0 + (-5.4_f64).exp());
    for first in [0.0, -1.0] {
        let report = report(&point, &[stored("dZ1", vec![1, 2], vec![first, second])]);
        assert!(report.agrees(), "{first}\n{report}");
    }
    let report = report(&point, &[stored("dZ1", vec![1, 2], vec![1.0, second])]);
    assert!(!report.agrees(), "{report}");
}

#[test]
fn a_point_carries_its_activation_in_every_layout_and_format() {
    let Case { point: tanh, .. } = cases().into_iter().next().unwrap();
    for activation in Activation::ALL {
        let original = Point { activation, ..tanh.clone() };
        for layout in Layout::ALL {
            let stored: Vec<StoredArray> = original
                .arrays(layout)
                .into_iter()
                .map(|array| StoredArray { array, dtype: ElementType::F64 })
                .collect();
            let flag = format!("activation_{activation}");
            assert_eq!(stored.iter().any(|stored| stored.array.name == flag), activation != Activation::Tanh);
            for format in [
                petal::files::array_file::Format::Npz,
                petal::files::array_file::Format::Safetensors,
                petal::files::array_file::Format::Json,
            ] {
                let bytes = to_bytes(&stored, format).unwrap();
                assert_eq!(point(parse(&bytes, "point").unwrap()).unwrap(), original);
            }
        }
    }

    let with = |extra: &[(&str, f64)]| {
        let mut arrays = tanh.arrays(Layout::Article);
        arrays.extend(extra.iter().map(|&(name, value)| Array::new(name, [], vec![value])));
        Point::from_arrays(&arrays).map(|(_, point)| point.activation)
    };
    assert_eq!(with(&[("activation_tanh", 1.0)]), Ok(Activation::Tanh));
    assert_eq!(
        with(&[("activation_relu", 0.0)]).unwrap_err(),
        "activation_relu = 0: must be 1; leave it out for another activation"
    );
    assert_eq!(
        with(&[("activation_relu", 1.0), ("activation_sigmoid", 1.0)]).unwrap_err(),
        "activation_sigmoid and activation_relu: the hidden layer has one activation; keep one"
    );
    let message = with(&[("activation_gelu", 1.0)]).unwrap_err();
    assert!(message.starts_with("activation_gelu is no array of a point; "), "{message}");
    assert!(
        message.ends_with("; without tanh one of activation_sigmoid, activation_relu, activation_identity"),
        "{message}"
    );
}
