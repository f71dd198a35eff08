//! The gradient by hand beside autodiff beside differences: its numbers are those of `petal gradcheck`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::client::{Server, state};
use super::trainings::{default_folder, run};

/// The last frame of a training: its update and its parameters.
fn last_frame(server: &Server, state: &Value) -> (u64, Vec<f64>) {
    let lines = server.train(state);
    let frames = &lines.last().unwrap()["end"]["frames"];
    let updates = frames["updates"].as_array().unwrap();
    let bytes = STANDARD.decode(frames["parameters"].as_str().unwrap()).unwrap();
    let numbers: Vec<f64> = bytes
        .chunks_exact(8)
        .map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap()))
        .collect();
    let count = numbers.len() / updates.len();
    (updates.last().unwrap().as_u64().unwrap(), numbers[numbers.len() - count..].to_vec())
}

fn gradients(server: &Server, state: &Value) -> Value {
    let (update, parameters) = last_frame(server, state);
    let request = json!({ "state": state, "update": update, "parameters": parameters });
    let answer = server.post("/gradients", &request);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Of the tensors of a comparison, the element with the largest relative error.
fn worst(comparison: &Value) -> &Value {
    let worst = comparison["tensors"].as_array().unwrap().iter().map(|tensor| &tensor["worst"]);
    let relative = |worst: &&Value| worst["relative"].as_f64().unwrap();
    worst
        .filter(|worst| !worst.is_null())
        .max_by(|a, b| relative(a).total_cmp(&relative(b)))
        .unwrap()
}

#[test]
fn the_numbers_are_those_of_the_gradient_check() {
    let folder = default_folder();
    let server = Server::start_in(&folder, &[]);
    let cases = [("tanh", "f64", 50, "0.01"), ("sigmoid", "f32", 20, "0"), ("relu", "f64", 7, "0")];
    for (activation, dtype, updates, decay) in cases {
        let decay_number: f64 = decay.parse().unwrap();
        let settings = json!({
            "data.samples": 60, "model.hidden": 3, "model.activation": activation, "dtype": dtype, "train.engine": "fused",
            "train.updates": updates, "train.weight_decay": decay_number, "train.momentum": 0.5,
        });
        let answer = gradients(&server, &state(&settings));
        let command = format!(
            "petal gradcheck default.toml --json --engine manual,autodiff,numeric --at {updates} --dtype {dtype} --set data.samples=60 \
             --set model.hidden=3 --set model.activation={activation} --set train.engine=fused --set train.weight_decay={decay} \
             --set train.momentum=0.5"
        );
        let report: Value = serde_json::from_slice(&run(&folder, &command).stdout).unwrap();

        assert_eq!(answer["update"], updates);
        assert_eq!(answer["loss"], report["loss"]);
        assert_eq!(answer["agree"], report["holds"]);
        let (ours, theirs) = (answer["comparisons"].as_array().unwrap(), report["comparisons"].as_array().unwrap());
        assert_eq!((ours.len(), theirs.len()), (3, 3));
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert_eq!([&ours["tested"], &ours["reference"]], [&theirs["a"], &theirs["b"]]);
            assert_eq!(&ours["worst"], worst(theirs), "{activation}");
            assert_eq!(ours["tolerance"], theirs["relative"]);
        }

        // Each of its elements is in the table with the same digits.
        let rows = answer["rows"].as_array().unwrap();
        assert_eq!(rows.len(), 13);
        for tensor in theirs.iter().flat_map(|comparison| {
            let names = [comparison["a"].as_str().unwrap(), comparison["b"].as_str().unwrap()];
            comparison["tensors"]
                .as_array()
                .unwrap()
                .iter()
                .map(move |tensor| (names, &tensor["worst"]))
        }) {
            let ([tested, reference], worst) = tensor;
            if let Some(row) = rows.iter().find(|row| row["name"] == worst["element"]) {
                assert_eq!([&row[tested], &row[reference]], [&worst["a"], &worst["b"]], "{worst}");
            }
        }
    }
}

#[test]
fn a_wide_network_shows_its_largest_derivatives() {
    let server = Server::start();
    let settings = json!({ "model.hidden": 300, "train.engine": "fused", "train.updates": 20 });
    let answer = gradients(&server, &state(&settings));
    let rows = answer["rows"].as_array().unwrap();
    assert_eq!((answer["parameters"].as_u64(), rows.len()), (Some(1201), 60));
    assert_eq!(answer["agree"], true, "{answer}");
    // Differences of large tensors are along random directions, so not all are known.
    assert!(answer["lengths"]["numeric"].is_null());
    let [manual, autodiff] = ["manual", "autodiff"].map(|name| answer["lengths"][name].as_f64().unwrap());
    // Both are sums over 1201 squares: the rounding errors of f64 stay far below this.
    assert!((manual - autodiff).abs() < 1e-12 * manual, "{manual} {autodiff}");
}

#[test]
fn a_wrong_request_has_a_sentence() {
    let server = Server::start();
    let small = state(&json!({ "model.hidden": 4 }));
    let request = |state: &Value, count: usize| json!({ "state": state, "update": 1, "parameters": vec![0.5; count] });
    let (status, message, _) = server.refusal("/gradients", &request(&small, 3));
    assert_eq!((status, &message[..]), (400, "parameters: has 3 parameters, the network has 17"));
    let (status, message, key) = server.refusal("/gradients", &json!({ "state": small }));
    assert!(status == 400 && message.contains("missing field `update`") && key.is_null(), "{message}");
    let infinite = r#"{"state": {}, "update": 1, "parameters": [1e999]}"#;
    assert_eq!(server.request("POST /gradients", &server.headers(infinite), infinite).status, 400);

    let large = state(&json!({ "model.hidden": 1000, "data.samples": 20_000, "train.updates": 1 }));
    let (status, message, key) = server.refusal("/gradients", &request(&large, 4001));
    assert_eq!((status, key), (422, json!("model.hidden")));
    assert_eq!(
        message,
        "model.hidden = 1000: with 20,000 samples and 2 inputs, the check of the gradients would take too long for the \
         playground; `petal gradcheck` has no limit"
    );
}
