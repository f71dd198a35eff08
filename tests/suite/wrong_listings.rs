//! The judgement of numbers that NumPy computed by the article's listing, right and broken by one line each.

use petal::article::report::Report;
use petal::article::{Input, Layout, Point, Quantity};
use petal::device::Precision;
use petal::files::array_file::{ElementType, StoredArray};
use petal::gradcheck::Array;

use crate::listing_sentences::SENTENCES;
use crate::listings::{
    GRADIENTS, UPDATED, cases, expected, listings, names, only, point, report, stored_arrays, whole,
};

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

/// Whether only forward results are wrong, because they were overwritten after the update.
fn is_overwritten(name: &str) -> bool {
    ["forward pass run again", "A2 overwritten"].contains(&name)
}

#[test]
fn a_mistake_is_named_by_the_gradients_alone() {
    for (name, point, arrays) in cases() {
        // A vector would be right for a bias that is one too. The updated bias shows that it is none.
        let bias: &[&str] = if name == "keepdims forgotten" { &["b1"] } else { &[] };
        let report = report(&point, &only(&arrays, &[&GRADIENTS[..], bias].concat()));
        let reaches_gradients =
            !["cost", "W1", "b1", "b2", ""].contains(&SENTENCES.iter().find(|s| s.0 == name).map_or("", |s| s.1));
        let reaches_gradients = reaches_gradients && !is_overwritten(&name);
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
        // The gradients do not tell whether dZ2 has the factor 1/m.
        let sentence = if name.contains("in dZ2 and dZ1") { "it is divided by m" } else { sentence };
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
            ("forward pass run again" | "A2 overwritten", _) | (_, "cost" | "") | ("dW1 transposed", _) => {
                assert!(report.agrees(), "{name}\n{report}");
            }
            (
                "dW1 transposed, square"
                | "wrong axis"
                | "sums in single precision"
                | "clipped by norm"
                | "clipped by a norm that is nearly met"
                | "db1 from dZ2"
                | "an unrelated number for db1",
                _,
            ) => {
                assert!(!report.agrees(), "{name}\n{report}");
            }
            // The gradient's line is the one whose update comes first.
            (
                "mean missing"
                | "decay divided by m"
                | "biases decayed"
                | "accumulated"
                | "decay missing"
                | "last sample missing",
                _,
            ) => {
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
            ("mean twice, in dZ2 and dZ1", _) => {
                assert!(names(&report, line, "it is divided by m"), "{name}\n{report}");
            }
            ("saved again", _) => assert_eq!(report.mistakes[0].sentence, sentence),
            _ => assert!(names(&report, line, sentence), "{name}\n{report}"),
        }
    }
}

/// The cost of wrong probabilities may be infinite or NaN where that of the right ones is not.
#[test]
fn a_cost_that_is_not_finite_follows_from_wrong_probabilities_only() {
    let (_, point, arrays) = cases().swap_remove(0);
    let judged = |changed: &str, change: fn(f64) -> f64, cost: f64| {
        let mut arrays = only(&arrays, &["Z1", "A1", "Z2", changed, "cost"]);
        let of = |name: &str| arrays.iter().position(|stored| stored.array.name == name).unwrap();
        let (changed, cost_at) = (of(changed), of("cost"));
        arrays[changed]
            .array
            .values
            .iter_mut()
            .for_each(|value| *value = change(*value));
        arrays[cost_at].array.values = vec![cost];
        report(&point, &arrays)
    };

    for cost in [f64::INFINITY, f64::NAN] {
        for (changed, change) in [("A2", f64::round as fn(f64) -> f64), ("Z2", |z2| 1e4 * z2)] {
            let report = judged(changed, change, cost);
            assert_eq!(report.mistakes.len(), 1, "{report}");
            assert_eq!(report.mistakes[0].line, changed, "{report}");
            assert_eq!(report.quantities[4].status, "follows", "{report}");
            assert!(!report.to_string().contains("logaddexp"), "{report}");
        }
        // Wrong probabilities with a finite cost.
        let report = judged("A2", |a2| 0.9 * a2, cost);
        let lines: Vec<&str> = report.mistakes.iter().map(|mistake| &mistake.line[..]).collect();
        assert_eq!(lines, ["A2", "cost"], "{report}");
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

/// Mistakes that have other numbers or another sentence in a layout or a float type, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("log with an offset", SINGLE, "float32 does not show 1e-8 beside these probabilities"),
    ("A2 clipped", SINGLE, "1 - 1e-8 rounds to 1"),
    ("clip in the cost", SINGLE, "log(1 - A2) has no right digits where A2 is that near to 1"),
    ("sums in single precision", SINGLE, "everything has single precision"),
    ("clipped by a norm that is nearly met", SINGLE, "float32 does not show a factor of 1 - 1e-7"),
    ("by probability", SINGLE, "A2 rounds to 0 or 1 at more samples than in the program"),
    ("mean missing", ROWS, "it is missing in dz2, where these layouts have it"),
    ("mean twice", ROWS, "dz2 is right there, and the gradients divide again"),
    (
        "keepdims forgotten",
        ROWS,
        "the bias has one dimension there, and the wrong shape of the updated bias is told",
    ),
];
const SINGLE: &str = "article f32, burn f32, torch f32";
const ROWS: &str = "burn f64, burn f32, torch f64, torch f32";

/// The arrays of a case with the names and shapes of a layout, perhaps in single precision.
fn converted(point: &Point, arrays: &[StoredArray], layout: Layout, single: bool) -> Vec<StoredArray> {
    let convert = |stored: &StoredArray| {
        let is_named = |quantity: &Quantity| Layout::Article.name(*quantity) == stored.array.name;
        let quantity = Quantity::ALL.into_iter().find(is_named).unwrap();
        let (axes, name) = (quantity.axes(), layout.name(quantity));
        let round = |&value: &f64| if single { f64::from(value as f32) } else { value };
        let values: Vec<f64> = stored.array.values.iter().map(round).collect();
        let array = match stored.array.shape[..] {
            _ if stored.array.shape == Layout::Article.shape(axes, point.sizes) => {
                layout.array(name, axes, point.sizes, &values)
            }
            [rows, columns] if layout.is_transposed(axes) => {
                let turned = (0..rows * columns).map(|flat| values[flat % rows * columns + flat / rows]);
                Array::new(name, [columns, rows], turned.collect())
            }
            _ => Array::new(name, stored.array.shape.clone(), values),
        };
        StoredArray { array, dtype: if single { ElementType::F32 } else { stored.dtype } }
    };
    arrays.iter().map(convert).collect()
}

/// A sentence with the names of a layout, without shapes and without what else shows the mistake.
fn translated(sentence: &str, layout: Layout) -> String {
    let sentence = sentence.trim_end_matches('.');
    let ends = [". The same", ". Save", ": it has shape", ". It has shape", ": db1 has shape", ": A2["];
    let first = ends.iter().fold(sentence, |text, end| text.split(end).next().unwrap());
    let mut text = String::new();
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let mut rest = first;
    while let Some(c) = rest.chars().next() {
        let length = rest.find(|other| is_part(other) != is_part(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(length);
        let quantity = Quantity::ALL
            .into_iter()
            .find(|&quantity| Layout::Article.name(quantity) == word);
        let input = Input::ALL.into_iter().find(|&input| Layout::Article.input_name(input) == word);
        let name = quantity
            .map(|quantity| layout.name(quantity))
            .or(input.map(|input| layout.input_name(input)));
        text.push_str(name.unwrap_or(word));
        rest = after;
    }
    text
}

#[test]
fn every_mistake_is_named_in_every_layout_and_float_type() {
    let mut failures = Vec::new();
    for (name, point, arrays) in cases().into_iter().filter(|(name, ..)| !name.starts_with("right")) {
        let (line, sentence) = expected(&name);
        for layout in Layout::ALL {
            for single in [false, true] {
                let kind = format!("{layout} {}", if single { "f32" } else { "f64" });
                let report = report(&point, &converted(&point, &arrays, layout, single));
                let wanted = translated(&whole(line, sentence), layout);
                let said = report.mistakes.first().map_or("nothing", |mistake| &mistake.sentence[..]);
                let is_exception = EXCEPTIONS
                    .iter()
                    .any(|(other, kinds, _)| *other == name && kinds.contains(&kind));
                if said.starts_with(&wanted) == is_exception {
                    failures.push(format!("{name}, {kind}:\n  {wanted}\n  {said}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
