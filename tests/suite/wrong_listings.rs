//! The judgement of numbers that NumPy computed by the article's listing, right and broken by one line each, and of right
//! numbers of random sizes, layouts and float types.

use std::process::Command;

use petal::article::report::Report;
use petal::article::{Layout, Point, Quantity, Sizes, Weights};
use petal::data::numpy::RandomState;
use petal::device::Precision;
use petal::files::array_file::{ElementType, StoredArray};
use petal::gradcheck::Array;
use petal::network::Activation;
use serde_json::Value;

use crate::support::{json, path};

const GRADIENTS: [&str; 4] = ["dW2", "db2", "dW1", "db1"];
const UPDATED: [&str; 4] = ["W1", "b1", "W2", "b2"];

/// Each broken listing, the quantity whose line is wrong, and the sentence about it.
const SENTENCES: &[(&str, &str, &str)] = &[
    ("hidden bias forgotten", "Z1", "the bias b1 is forgotten."),
    (
        "samples reshaped",
        "Z1",
        "samples and features are mixed up: X was reshaped where it must be transposed.",
    ),
    ("samples transposed", "Z1", "samples and features are swapped: X is transposed."),
    ("weights transposed", "Z1", "W1 is transposed."),
    ("sigmoid in the hidden layer", "A1", "the hidden layer's activation is sigmoid in place of tanh."),
    ("relu in the hidden layer", "A1", "the hidden layer's activation is ReLU in place of tanh."),
    ("hidden activation forgotten", "A1", "the activation, tanh, is forgotten."),
    ("output bias forgotten", "Z2", "the bias b2 is forgotten."),
    ("Z1 for A1 in Z2", "Z2", "it uses Z1 in place of A1."),
    ("tanh at the output", "A2", "the output's activation is tanh in place of sigmoid."),
    ("output activation forgotten", "A2", "the activation, sigmoid, is forgotten."),
    ("sign of the exponent", "A2", "the exponent lacks its minus sign."),
    ("cost without minus", "cost", "the minus sign is missing."),
    ("cost without mean", "cost", "the sum is not divided by m, the number of samples."),
    ("cost without both", "cost", "the minus sign and the division by m are missing."),
    ("cost with log2", "cost", "the logarithm has base 2 in place of e."),
    ("cost with log10", "cost", "the logarithm has base 10 in place of e."),
    ("cost without second term", "cost", "the term of the samples with Y = 0 is missing."),
    ("labels -1 and 1 in the cost", "cost", "the labels are -1 and 1 in place of 0 and 1."),
    (
        "cost of log 0",
        "cost",
        "it is NaN: A2[0,3] is 1, so that log(1 - A2) is log(0) = -inf, and 0 * -inf is NaN. The sum of np.logaddexp(0, Z2) - Y * \
         Z2 is the same cost and always finite.",
    ),
    ("labels -1 and 1 in dZ2", "dZ2", "the labels are -1 and 1 in place of 0 and 1."),
    (
        "features counted as samples",
        "cost",
        "samples and features are swapped: it is divided by the number of features in place of m, that of samples.",
    ),
    ("tanh derivative missing", "dZ1", "the factor 1 - A1^2, the derivative of tanh, is missing."),
    ("tanh derivative not squared", "dZ1", "it has the factor 1 - A1 in place of 1 - A1^2."),
    ("tanh derivative of Z1", "dZ1", "it has the factor 1 - Z1^2 in place of 1 - A1^2."),
    (
        "mean missing",
        "dW2",
        "it is not divided by m, the number of samples. The same mistake is in db2, dW1, db1.",
    ),
    (
        "mean twice",
        "dZ2",
        "it is divided by m, and so are the gradients computed from it: divided by m twice.",
    ),
    ("sign flipped", "dZ2", "the sign is flipped: Y - A2 in place of A2 - Y."),
    (
        "sigmoid derivative twice",
        "dZ2",
        "it is multiplied by the sigmoid's derivative A2 * (1 - A2), which has already cancelled in A2 - Y.",
    ),
    (
        "by probability",
        "dZ2",
        "it is computed with 1 / A2 and 1 / (1 - A2), which are infinite where A2 is 0 or 1.",
    ),
    ("Z1 for A1 in dW2", "dW2", "it uses Z1 in place of A1."),
    ("dW1 transposed", "dW1", "it is transposed: it has shape (3, 4), must be (4, 3)."),
    ("dW1 transposed, square", "dW1", "transposed."),
    ("db1 not summed", "db1", "it is not summed over the samples: it has shape (4, 7), must be (4, 1)."),
    ("weights updated early", "dZ1", "it uses W2 after its update."),
    ("activations from updated weights", "A1", "it is computed with W1 and b1 after their update."),
    ("biases decayed", "db2", "the bias b2 is decayed like a weight. The same mistake is in db1."),
    ("last sample missing", "dW2", "the last sample is left out. The same mistake is in db2, dW1, db1."),
    (
        "sums in single precision",
        "dW2",
        "it is right to about 7 digits only, as if computed in float32. The same mistake is in db2, dW1, db1.",
    ),
    ("mean missing in dW1", "dW1", "it is not divided by m, the number of samples."),
    ("mean missing in db1", "db1", "it is not divided by m, the number of samples."),
    ("mean missing in dW2", "dW2", "it is not divided by m, the number of samples."),
    ("mean missing in db2", "db2", "it is not divided by m, the number of samples."),
    ("db2 not summed", "db2", "it is not summed over the samples: it has shape (1, 7), must be (1, 1)."),
    (
        "keepdims forgotten",
        "db1",
        "np.sum without keepdims=True: db1 has shape (4,) and b1 has (4, 1), so that b1 - learning_rate * db1 gets (4, 4).",
    ),
    (
        "axis forgotten",
        "db1",
        "the sum goes over the hidden units too: np.sum without axis. It has shape (), must be (4, 1).",
    ),
    (
        "axis forgotten with keepdims",
        "db1",
        "the sum goes over the hidden units too: np.sum without axis. It has shape (1, 1), must be (4, 1).",
    ),
    (
        "wrong axis",
        "db1",
        "it is summed over the hidden units, not over the samples: it has shape (1, 7), must be (4, 1).",
    ),
    (
        "derivative of sigmoid in dZ1",
        "dZ1",
        "it has the derivative of sigmoid, A1 * (1 - A1), in place of that of tanh, 1 - A1^2.",
    ),
    ("decay missing", "dW2", "weight_decay is missing. The same mistake is in dW1."),
    ("decay missing in W1", "dW1", "weight_decay is missing."),
    (
        "plus for minus",
        "W1",
        "the update adds learning_rate times the gradient; it must subtract. The same mistake is in b1, W2, b2.",
    ),
    ("plus for minus in W1", "W1", "the update adds learning_rate times the gradient; it must subtract."),
    ("learning rate missing", "W1", "the learning rate is missing. The same mistake is in b1, W2, b2."),
    ("biases not updated", "b1", "b1 is not updated. The same mistake is in b2."),
    (
        "saved again",
        "W1",
        "W1, b1, W2, b2 are unchanged: the input was saved again. Save them after the update; they have the values of before it.",
    ),
    (
        "accumulated",
        "dW2",
        "the gradient is added to that of the update before. The same mistake is in db2, dW1, db1.",
    ),
    ("old value missing", "W1", "the old value of W1 is missing."),
    ("updated twice", "W1", "its step is too large by exactly a factor of 2."),
    ("right", "", ""),
];

/// What the listings compute: with the Python in $PETAL_PYTHON now, otherwise as it was stored.
fn listings() -> Value {
    let Some(python) = std::env::var_os("PETAL_PYTHON") else {
        return json("wrong_listings.json");
    };
    let output = Command::new(python)
        .arg(path("tests/reference/wrong_listings.py"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn stored(name: &str, value: &Value) -> StoredArray {
    let number = |number: &Value| match number {
        Value::String(text) => text.parse().unwrap(),
        number => number.as_f64().unwrap(),
    };
    let lengths = value["shape"].as_array().unwrap().iter();
    let shape: Vec<usize> = lengths.map(|length| length.as_u64().unwrap() as usize).collect();
    let values = value["values"].as_array().unwrap().iter().map(number).collect();
    let dtype = if value["dtype"] == "float32" { ElementType::F32 } else { ElementType::F64 };
    StoredArray { array: Array::new(name, shape, values), dtype }
}

fn stored_arrays(object: &Value) -> Vec<StoredArray> {
    let arrays = object.as_object().unwrap();
    arrays.iter().map(|(name, value)| stored(name, value)).collect()
}

fn only(arrays: &[StoredArray], names: &[&str]) -> Vec<StoredArray> {
    let wanted = arrays.iter().filter(|stored| names.contains(&&stored.array.name[..]));
    wanted.cloned().collect()
}

fn point(file: &Value, name: &str) -> Point {
    let arrays: Vec<Array> = stored_arrays(&file["points"][name])
        .into_iter()
        .map(|stored| stored.array)
        .collect();
    Point::from_arrays(&arrays).unwrap().1
}

fn report(point: &Point, arrays: &[StoredArray]) -> Report {
    Report::new(point, Precision::F64, arrays).unwrap()
}

/// Every case with its point and arrays.
fn cases() -> Vec<(String, Point, Vec<StoredArray>)> {
    let file = listings();
    let cases = file["cases"].as_array().unwrap().iter();
    let parts = cases.map(|case| {
        let name = case["name"].as_str().unwrap().to_owned();
        (name, point(&file, case["point"].as_str().unwrap()), stored_arrays(&case["arrays"]))
    });
    parts.collect()
}

fn expected(name: &str) -> (&'static str, &'static str) {
    let found = SENTENCES.iter().find(|(other, ..)| *other == name);
    let (_, line, sentence) = found.unwrap_or_else(|| panic!("{name} has no sentence"));
    (line, sentence)
}

/// The whole sentence about a mistake.
fn whole(line: &str, sentence: &str) -> String {
    if sentence.contains("unchanged") {
        sentence.to_owned()
    } else {
        format!("{line} is wrong: {sentence}")
    }
}

#[test]
fn every_broken_line_is_named_and_everything_after_it_follows() {
    for (name, point, arrays) in cases() {
        let report = report(&point, &arrays);
        if name.starts_with("right") {
            assert!(report.agrees(), "{name}\n{report}");
            assert!(report.quantities.iter().all(|quantity| quantity.status == "ok"), "{name}\n{report}");
            continue;
        }
        let (line, sentence) = expected(&name);
        assert_eq!(report.mistakes[0].sentence, whole(line, sentence), "{name}\n{report}");
        // Counting features as samples is a mistake of the cost and of the gradients. All others are one mistake.
        let count = if name == "features counted as samples" { 2 } else { 1 };
        assert_eq!(report.mistakes.len(), count, "{name}\n{report}");
    }
}

/// The first sentence about the mistake, without its line and without what shows it.
fn names(report: &Report, line: &str, sentence: &str) -> bool {
    let first = sentence.split(". The same").next().unwrap().trim_end_matches('.');
    let Some(mistake) = report.mistakes.first() else {
        return false;
    };
    let said = |text: &str| text.contains(first) && text.starts_with(line);
    said(&mistake.sentence) || mistake.alternatives.iter().any(|text| said(text))
}

#[test]
fn a_mistake_is_named_by_the_gradients_alone() {
    for (name, point, arrays) in cases() {
        let report = report(&point, &only(&arrays, &GRADIENTS));
        let reaches_gradients =
            !["cost", "W1", "b1", ""].contains(&SENTENCES.iter().find(|s| s.0 == name).map_or("", |s| s.1));
        // Without the parameters, the decay may be in the update.
        if (!reaches_gradients && name != "features counted as samples") || name == "decay missing" {
            assert!(report.agrees(), "{name}\n{report}");
            assert_eq!(
                report.notes.is_empty(),
                !name.contains("decay missing") && !name.contains("decay in the update"),
                "{name}\n{report}"
            );
            continue;
        }
        let (line, sentence) = expected(&name);
        let line = if name == "features counted as samples" { "dW2" } else { line };
        assert!(names(&report, line, sentence), "{name}\n{report}");
    }
}

#[test]
fn a_mistake_is_named_by_the_updated_parameters_alone() {
    for (name, point, arrays) in cases() {
        let report = report(&point, &only(&arrays, &UPDATED));
        let (line, sentence) = if name.starts_with("right") { ("", "") } else { expected(&name) };
        match (&name[..], line) {
            ("features counted as samples", _) => assert!(names(&report, "dW1", sentence), "{name}\n{report}"),
            (_, "cost" | "") | ("dW1 transposed", _) => assert!(report.agrees(), "{name}\n{report}"),
            ("dW1 transposed, square" | "wrong axis" | "sums in single precision", _) => {
                assert!(!report.agrees(), "{name}\n{report}");
            }
            // The gradient's line is the one whose update comes first.
            ("mean missing" | "biases decayed" | "accumulated" | "decay missing" | "last sample missing", _) => {
                let line = report.mistakes[0].line.clone();
                let sentence = sentence.replace("b2 is decayed", "b1 is decayed");
                assert!(
                    ["dZ2", "dW1", "db1"].contains(&&line[..]) && names(&report, &line, &sentence),
                    "{name}\n{report}"
                );
            }
            ("db1 not summed" | "db2 not summed", _) => {
                assert!(names(&report, line, "it is not summed over the samples"), "{name}\n{report}");
            }
            ("keepdims forgotten", _) => {
                assert!(names(&report, line, "np.sum without keepdims=True"), "{name}\n{report}");
            }
            ("axis forgotten" | "axis forgotten with keepdims", _) => {
                assert!(names(&report, line, "the sum goes over the hidden units too"), "{name}\n{report}");
            }
            ("saved again", _) => assert_eq!(report.mistakes[0].sentence, sentence),
            _ => assert!(names(&report, line, sentence), "{name}\n{report}"),
        }
    }
}

#[test]
fn of_two_mistakes_the_first_is_named_and_the_second_is_not_hidden() {
    let file = listings();
    let point = point(&file, "ordinary");
    let pairs = file["pairs"].as_array().unwrap();
    assert_eq!(pairs.len(), 10);
    for pair in pairs {
        let report = report(&point, &stored_arrays(&pair["arrays"]));
        let [first, second] = [0, 1].map(|i| expected(pair["names"][i].as_str().unwrap()));
        let sentences: Vec<&str> = report.mistakes.iter().map(|mistake| &mistake.sentence[..]).collect();
        assert_eq!(sentences, [whole(first.0, first.1), whole(second.0, second.1)], "{pair}\n{report}");
    }
}

/// The right numbers of one update, each operation rounded as the float type does.
fn right(point: &Point, single: bool, early: bool) -> Vec<(Quantity, Vec<f64>)> {
    let r = |value: f64| if single { f64::from(value as f32) } else { value };
    let rounded = |values: &[f64]| values.iter().map(|&value| r(value)).collect::<Vec<f64>>();
    let Sizes { features: d, hidden: h, samples: m } = point.sizes;
    let Weights { w1, b1, w2, b2 } = &point.parameters;
    let (x, w1, b1, w2, b2) = (rounded(&point.x), rounded(w1), rounded(b1), rounded(w2), rounded(b2));
    let sum = |terms: &mut dyn Iterator<Item = f64>| terms.fold(0.0, |sum, term| r(sum + term));
    let (mf, rate) = (m as f64, r(point.learning_rate));

    let mut z1 = vec![0.0; h * m];
    let mut z2 = vec![0.0; m];
    for i in 0..m {
        for k in 0..h {
            z1[k * m + i] = r(sum(&mut (0..d).map(|j| r(w1[k * d + j] * x[j * m + i]))) + b1[k]);
        }
    }
    let activate = |z: f64| match point.activation {
        Activation::Tanh => r(z.tanh()),
        Activation::Sigmoid => r(1.0 / r(1.0 + r((-z).exp()))),
        Activation::Relu => z.max(0.0),
        Activation::Identity => z,
    };
    let a1: Vec<f64> = z1.iter().copied().map(activate).collect();
    for i in 0..m {
        z2[i] = r(sum(&mut (0..h).map(|k| r(w2[k] * a1[k * m + i]))) + b2[0]);
    }
    let a2: Vec<f64> = z2.iter().map(|z| r(1.0 / r(1.0 + r((-z).exp())))).collect();
    // The logarithm of 0 is left out: the listing's cost is infinite there, and that is reported.
    let log = |probability: f64, logit: f64| if probability > 0.0 { r(probability.ln()) } else { -logit.abs() };
    let logarithms = (0..m).map(|i| log(if point.y[i] == 1.0 { a2[i] } else { r(1.0 - a2[i]) }, z2[i]));
    let cost = r(-sum(&mut logarithms.into_iter()) / mf);
    let dz2: Vec<f64> = a2
        .iter()
        .zip(&point.y)
        .map(|(a2, y)| if early { r(r(a2 - y) / mf) } else { r(a2 - y) })
        .collect();
    let mean = |sum: f64| if early { sum } else { r(sum / mf) };
    let dw2: Vec<f64> = (0..h)
        .map(|k| mean(sum(&mut (0..m).map(|i| r(dz2[i] * a1[k * m + i])))))
        .collect();
    let db2 = vec![mean(sum(&mut dz2.iter().copied()))];
    let dz1: Vec<f64> = (0..h * m)
        .map(|f| {
            let product = r(w2[f / m] * dz2[f % m]);
            match point.activation {
                Activation::Tanh => r(product * r(1.0 - r(a1[f] * a1[f]))),
                Activation::Sigmoid => r(r(product * a1[f]) * r(1.0 - a1[f])),
                Activation::Relu => product * f64::from(u8::from(z1[f] > 0.0)),
                Activation::Identity => product,
            }
        })
        .collect();
    let dw1: Vec<f64> = (0..h * d)
        .map(|f| mean(sum(&mut (0..m).map(|i| r(dz1[f / d * m + i] * x[f % d * m + i])))))
        .collect();
    let db1: Vec<f64> = (0..h).map(|k| mean(sum(&mut (0..m).map(|i| dz1[k * m + i])))).collect();
    let step =
        |old: &[f64], gradient: &[f64]| old.iter().zip(gradient).map(|(w, g)| r(w - r(rate * g))).collect::<Vec<f64>>();
    let updated = [step(&w1, &dw1), step(&b1, &db1), step(&w2, &dw2), step(&b2, &db2)];
    let mut values = vec![z1, a1, z2, a2, vec![cost], dz2, dw2, db2, dz1, dw1, db1];
    values.extend(updated);
    Quantity::ALL.into_iter().zip(values).collect()
}

fn random_point(random: &mut RandomState, sizes: Sizes, scale: f64) -> Point {
    let Sizes { features: d, hidden: h, samples: m } = sizes;
    let mut normals =
        |count: usize, scale: f64| -> Vec<f64> { random.normals(count).iter().map(|x| scale * x).collect() };
    let x = normals(d * m, 1.0);
    let y = normals(m, 1.0).iter().map(|&normal| f64::from(normal > 0.0)).collect();
    let parameters = Weights {
        w1: normals(h * d, scale),
        b1: normals(h, scale),
        w2: normals(h, scale),
        b2: normals(1, scale),
    };
    let previous = Weights { w1: normals(h * d, 1.0), b1: normals(h, 1.0), w2: normals(h, 1.0), b2: normals(1, 1.0) };
    Point {
        sizes,
        activation: Activation::Tanh,
        x,
        y,
        parameters,
        learning_rate: 1.2,
        weight_decay: 0.0,
        previous: Some(previous),
    }
}

#[test]
fn right_numbers_of_any_size_layout_and_float_type_are_accused_of_nothing() {
    let random = &mut RandomState::new(200);
    let mut checked = 0;
    for i in 0..210 {
        let mut size = |i: usize| 1 + (random.uniform_in(0.0, 7.0) as usize + i) % 7;
        let mut sizes = Sizes { features: size(i), hidden: size(i / 7), samples: size(i / 3) };
        if i % 30 == 29 {
            sizes = Sizes { features: 9, hidden: 17, samples: 1_500 };
        }
        let activation = Activation::ALL[i / 4 % 4];
        let point = Point { activation, ..random_point(random, sizes, [0.01, 1.0, 3.0][i % 3]) };
        for layout in Layout::ALL {
            for (single, early) in [(false, false), (false, true), (true, false), (true, true)] {
                let dtype = if single { ElementType::F32 } else { ElementType::F64 };
                let arrays = right(&point, single, early).into_iter().map(|(quantity, values)| StoredArray {
                    array: layout.array(layout.name(quantity), quantity.axes(), sizes, &values),
                    dtype,
                });
                let mut arrays: Vec<_> = arrays.collect();
                // Some programs store only a part.
                match i % 4 {
                    0 => {}
                    1 => arrays = arrays.split_off(11),
                    2 => arrays = arrays.into_iter().skip(5).step_by(2).collect(),
                    _ => arrays = arrays.into_iter().take(11).collect(),
                }
                let report = report(&point, &arrays);
                assert!(report.agrees(), "{i} {activation} {sizes:?} {layout} {single} {early}\n{report}");
                assert!(
                    report.quantities.iter().all(|q| q.status == "ok" || q.status == "-"),
                    "{i} {layout}\n{report}"
                );
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 210 * 12);
}

/// A program divides by m in dZ2, or in the four gradients. Where one gradient is wrong and the others are right, only that one
/// is named, and the right line is that of the program's own convention.
#[test]
fn one_wrong_gradient_is_named_under_the_convention_of_the_others() {
    let sizes = Sizes { features: 3, hidden: 4, samples: 7 };
    let point = random_point(&mut RandomState::new(5), sizes, 1.0);
    for layout in Layout::ALL {
        for early in [false, true] {
            for gradient in [Quantity::DW2, Quantity::DB2, Quantity::DW1, Quantity::DB1] {
                let mut numbers = right(&point, false, early);
                numbers.truncate(Quantity::W1 as usize);
                let wrong = &mut numbers[gradient as usize].1;
                // Without the division where it belongs, or with the sign flipped.
                let factor = if early { -1.0 } else { sizes.samples as f64 };
                wrong.iter_mut().for_each(|value| *value *= factor);
                let arrays: Vec<StoredArray> = numbers
                    .into_iter()
                    .map(|(quantity, values)| StoredArray {
                        array: layout.array(layout.name(quantity), quantity.axes(), sizes, &values),
                        dtype: ElementType::F64,
                    })
                    .collect();

                let report = report(&point, &arrays);
                let context = format!("{layout} {early} {gradient:?}\n{report}");
                assert_eq!(report.mistakes.len(), 1, "{context}");
                assert_eq!(report.mistakes[0].line, layout.name(gradient), "{context}");
                assert_eq!(report.mistakes[0].formula.contains("/ m"), !early, "{context}");
            }
        }
    }
}

#[test]
fn unknown_names_are_listed_with_the_nearest_known_one() {
    let point = point(&listings(), "ordinary");
    let array = |name: &str| StoredArray { array: Array::new(name, [1], vec![1.0]), dtype: ElementType::F64 };
    let error = Report::new(&point, Precision::F64, &[array("foo")]).unwrap_err();
    assert!(error.starts_with("nothing to check: it has foo; accepted names: Z1, A1, Z2, A2, cost"), "{error}");
    let error = Report::new(&point, Precision::F64, &[array("cost"), array("loss")]).unwrap_err();
    assert_eq!(error, "cost and loss are the same quantity: keep one");

    let report = report(&point, &[array("cost"), array("dWeight1"), array("d_b3")]);
    let notes = [
        "dWeight1 is not checked: the name is unknown.",
        "d_b3 is not checked: the name is unknown. Did you mean db1?",
    ];
    assert_eq!(report.notes, notes);
}

#[test]
fn forgotten_biases_of_zero_are_not_accused_and_a_later_point_is_recommended() {
    let mut zero = random_point(&mut RandomState::new(1), Sizes { features: 2, hidden: 3, samples: 5 }, 1.0);
    zero.parameters.b1.fill(0.0);
    zero.parameters.b2.fill(0.0);
    let stored = right(&zero, false, false).into_iter().map(|(quantity, values)| StoredArray {
        array: Layout::Article.array(Layout::Article.name(quantity), quantity.axes(), zero.sizes, &values),
        dtype: ElementType::F64,
    });
    let report = report(&zero, &stored.collect::<Vec<_>>());
    assert!(report.agrees(), "{report}");
    assert!(report.notes[0].ends_with("Try a later update, with --at 100."), "{report}");
}

#[test]
fn shapes_that_do_no_harm_are_accepted() {
    let (_, point, arrays) = cases().swap_remove(0);
    let reshape = |name: &str, shape: &[usize]| {
        let mut changed = arrays.clone();
        changed.iter_mut().find(|stored| stored.array.name == name).unwrap().array.shape = shape.to_vec();
        report(&point, &changed)
    };
    let harmless: [(&str, &[usize]); 8] = [
        ("cost", &[1, 1]),
        ("cost", &[1]),
        ("db2", &[]),
        ("b1", &[4]),
        ("b2", &[]),
        ("Z2", &[7]),
        ("dZ2", &[7, 1]),
        ("dW2", &[4]),
    ];
    for (name, shape) in harmless {
        let report = reshape(name, shape);
        assert!(report.agrees(), "{name} {shape:?}\n{report}");
    }

    // All vectors with one dimension, as in Burn and PyTorch. The matrices tell the layout.
    let mut flat = arrays.clone();
    for stored in &mut flat {
        if stored.array.shape.contains(&1) {
            stored.array.shape = vec![stored.array.values.len()];
        }
    }
    let flat = report(&point, &flat);
    assert!(flat.agrees() && flat.to_string().contains("samples are columns"), "{flat}");

    // These would change the shape of a parameter. Right updated parameters would show that they did not.
    let without_updated: Vec<_> = arrays
        .iter()
        .filter(|stored| !UPDATED.contains(&&stored.array.name[..]))
        .cloned()
        .collect();
    for (name, shape) in [("dW2", [4, 1].as_slice()), ("db1", &[1, 4]), ("db1", &[4]), ("db1", &[2, 2])] {
        let mut changed = without_updated.clone();
        changed.iter_mut().find(|stored| stored.array.name == name).unwrap().array.shape = shape.to_vec();
        assert!(!report(&point, &changed).agrees(), "{name} {shape:?}");
    }
}

/// The text of an example is computed with the value: the numbers in it give the value again.
#[test]
fn an_example_works_out_the_number_that_the_program_has() {
    for (name, point, arrays) in cases() {
        for mistake in report(&point, &arrays).mistakes {
            let Some(example) = mistake.example else { continue };
            let Some(wrong) = example.wrong else { continue };
            let same = wrong.value == example.given
                || (wrong.value.is_nan() && example.given.is_nan())
                || (wrong.value - example.given).abs() <= 1e-12 * wrong.value.abs().max(1.0);
            assert!(same, "{name}: {} = {} but {}", wrong.symbols, wrong.value, example.given);
        }
    }
}
