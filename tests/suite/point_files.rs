//! The point of a gradient check as a file of arrays: its names and shapes, its numbers, and messages about wrong ones.

use petal::article::{Layout, Point};
use petal::files::array_file::parse;
use petal::gradcheck::Array;
use petal::gradcheck::point::GradientPoint;
use petal::network::gradients::Engine;

use crate::support::{json, numbers, path, prepared};

/// The article's network after some updates, and the gradient of the update before.
fn point(updates: usize) -> Point {
    let run = prepared(&path("configs/default.toml"), &[&format!("train.updates={updates}")]);
    let (before, parameters) = run.last_update(&mut ()).unwrap();
    Point::new(&parameters, &run.data, 1.2, 0.0, before.as_ref())
}

#[test]
fn the_parameters_before_the_last_update_lead_to_those_after_it() {
    for updates in [1, 2, 7] {
        let run =
            prepared(&path("configs/default.toml"), &[&format!("train.updates={updates}"), "train.engine=manual"]);
        let (before, after) = run.last_update(&mut ()).unwrap();
        let before = before.unwrap();
        assert_eq!(after, run.trained_parameters(&mut ()).unwrap());

        let gradient = run.gradient_point(&before).unwrap().gradient(Engine::Manual).unwrap();
        let w1 = &Array::find(&gradient, "w1").unwrap().values;
        for ((before, after), gradient) in before.w1.iter().zip(&after.w1).zip(w1) {
            // One rounding of the step, which has the size of the weights at most.
            assert!((before - 1.2 * gradient - after).abs() <= 1e-15, "{updates}: {before} {after}");
        }
    }
    let run = prepared(&path("configs/default.toml"), &["train.updates=0"]);
    assert_eq!(run.last_update(&mut ()).unwrap(), (None, run.initial.clone()));
}

#[test]
fn a_point_is_read_from_its_arrays_in_every_layout() {
    let point = point(3);
    for layout in Layout::ALL {
        let arrays = point.arrays(layout);
        assert_eq!(Point::from_arrays(&arrays), Ok((layout, point.clone())));
        let without_previous: Vec<Array> =
            arrays.into_iter().filter(|array| !array.name.starts_with("previous")).collect();
        let (_, read) = Point::from_arrays(&without_previous).unwrap();
        assert_eq!(read, Point { previous: None, ..point.clone() });
    }
}

#[test]
fn the_gradient_at_a_point_of_a_file_is_that_of_numpy() {
    // NumPy's parameters after 100 updates and its gradient, in Petal's layout.
    let reference = &json("gradients.json")[1];
    assert_eq!(reference["updates"], 100);
    let run = prepared(&path("configs/default.toml"), &["train.updates=100"]);
    let parameters = run.trained_parameters(&mut ()).unwrap();
    let (_, point) =
        Point::from_arrays(&Point::new(&parameters, &run.data, 1.2, 0.0, None).arrays(Layout::Article)).unwrap();

    let (parameters, data) = (point.network_parameters(), point.dataset());
    let placement = &run.devices[0].placement;
    let point = GradientPoint { parameters: &parameters, data: &data, weight_decay: 0.0, placement };
    let gradient = point.gradient(Engine::Manual).unwrap();
    for name in ["w1", "b1", "w2", "b2"] {
        let expected = reference["gradients"][name]
            .as_array()
            .map(|_| numbers(&reference["gradients"][name]));
        let expected = expected.unwrap_or_else(|| panic!("{name} is not in gradients.json"));
        for (ours, theirs) in Array::find(&gradient, name).unwrap().values.iter().zip(&expected) {
            // Both sum 400 terms of at most 1, in another order, after 100 updates.
            assert!((ours - theirs).abs() <= 1e-13, "{name}: {ours} and {theirs}");
        }
    }
}

#[test]
fn what_is_wrong_with_a_point_is_named() {
    let read = |text: &str| {
        let arrays = parse(text.as_bytes(), "point").unwrap();
        Point::from_arrays(&arrays.into_iter().map(|stored| stored.array).collect::<Vec<_>>()).map(|_| ())
    };
    let good = r#"{"X": [[0.5, 1.0, 2.0], [1, 2, 3]], "Y": [[0, 1, 1]], "W1": [[1, 2]], "b1": [[0]], "W2": [[3]], "b2": [[0]],
        "learning_rate": 1.2}"#;
    assert_eq!(read(good), Ok(()));

    let names = "in the layout article a point has X, Y, W1, b1, W2, b2, learning_rate";
    let cases = [
        (
            r#"{"dW1": [[1]], "cost": 2}"#.to_owned(),
            format!(
                "holds dW1, cost, which are not the arrays of a point; {names}; or in the layout burn a point has x, y, w1, "
            ),
        ),
        (
            good.replace(r#""b1": [[0]], "#, ""),
            format!("has no b1; it has X, Y, W1, W2, b2, learning_rate; {names}"),
        ),
        (good.replace(r#"{"X""#, r#"{"Z1": [1], "X""#), format!("Z1 is no array of a point; {names}")),
        (
            good.replace(r#""W1": [[1, 2]]"#, r#""W1": [[1], [2]]"#),
            "W1 has shape (2, 1): must be (h, d) = (2, 2), with 2 features, 3 samples and 2 hidden units".into(),
        ),
        (
            good.replace(r#""Y": [[0, 1, 1]]"#, r#""Y": [0, 1, 1]"#),
            "Y has shape (3,): must be (1, m) = (1, 3), with 2 features, 3 samples and 1 hidden units".into(),
        ),
        (
            good.replace(r#""W1": [[1, 2]]"#, r#""W1": 1"#),
            "X has shape (2, 3) and W1 has shape (): must be (d, m) and (h, d), and not empty".into(),
        ),
        (good.replace("[[0, 1, 1]]", "[[0, 1, -1]]"), "Y: the label of sample 2 is -1: must be 0 or 1".into()),
        (good.replace("1.2", "0"), "learning_rate = 0: must be finite and > 0".into()),
        (
            good.replace("1.2", "1.2, \"weight_decay\": -1"),
            "weight_decay = -1: must be finite and >= 0".into(),
        ),
        (
            good.replace("1.2", "1.2, \"previous_db2\": [[1]]"),
            "has no previous_dW1; it has X, Y, W1, b1, W2, b2, learning_rate, previous_db2".into(),
        ),
    ];
    for (text, expected) in cases {
        let message = read(&text).unwrap_err();
        assert!(message.starts_with(&expected), "{message}\n{expected}");
    }

    let mut arrays = point(0).arrays(Layout::Burn);
    arrays[2].values[3] = f64::NAN;
    assert_eq!(Point::from_arrays(&arrays).unwrap_err(), "w1[0,3] = NaN: must be finite");
}
