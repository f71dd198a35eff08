//! The copied command says what it needs, a page is told what was left out, and long trainings come with their records.

use std::fs;

use serde_json::{Value, json};

use super::client::{Server, state};
use super::trainings::{default_folder, run};

#[test]
fn the_command_has_no_setting_that_is_the_default() {
    let server = Server::start_in(&default_folder(), &[]);
    // As the page sends it: JavaScript writes 0.0 as 0.
    let state = json!(server.beginning()["state"].to_string().replace(".0,", ",").replace(".0}", "}"));
    let state: Value = serde_json::from_str(state.as_str().unwrap()).unwrap();
    assert_eq!(state["config"]["split.validation"].to_string(), "0");
    let lines = server.train(&state);
    assert_eq!(lines[0]["start"]["command"], "petal train default.toml --set train.engine=fused");

    let changed =
        json!({ "split.validation": 0.25, "train.learning_rate": 1.2, "train.updates": 10, "train.momentum": 0 });
    let command = server.train(&super::client::state(&changed))[0]["start"]["command"].clone();
    assert_eq!(command, "petal train default.toml --set split.validation=0.25 --set train.updates=10");
}

#[test]
fn the_command_says_which_file_it_begins_with_and_the_saved_configuration_needs_none() {
    let folder = default_folder();
    let path = folder.join("default.toml");
    let text = fs::read_to_string(&path).unwrap().replace("hidden = 4", "hidden = 9");
    fs::write(&path, text).unwrap();
    let server = Server::start_in(&folder, &[]);
    let state = state(&json!({ "train.engine": "fused", "train.updates": 30 }));
    let start = &server.train(&state)[0]["start"];
    assert_eq!(
        start["why"],
        "it begins with the settings of default.toml as `petal init` writes it; config.toml, saved below, has all settings and \
         needs no other file"
    );

    fs::remove_file(&path).unwrap();
    let file = |what: &str| server.post("/file", &json!({ "state": state, "what": what })).body;
    fs::write(folder.join("config.toml"), file("config")).unwrap();
    run(&folder, "petal train config.toml");
    assert!(file("model") == fs::read(folder.join("runs/default/model.safetensors")).unwrap());
}

#[test]
fn a_page_is_told_which_settings_were_left_out() {
    let folder = default_folder();
    assert!(Server::start_in(&folder, &["default.toml"]).beginning()["note"].is_null());
    let text = fs::read_to_string(folder.join("default.toml")).unwrap();
    let text = text
        .replace("record_every = 100", "record_every = 50\ntrack = [\"saturation\"]")
        .replace("device = \"flex\"", "device = \"ndarray\"")
        .replace("pictures = \"png\"", "pictures = \"svg\"")
        .replace("updates = 10_000", "epochs = 10");
    fs::write(folder.join("mine.toml"), text).unwrap();
    let start = Server::start_in(&folder, &["mine.toml"]).beginning();
    assert_eq!(
        start["note"],
        "the playground does not have these settings: device, output.pictures, train.record_every, train.track; it trains without \
         them, and so does the copied command"
    );
    assert_eq!(start["state"]["config"]["train.updates"], 10);
}

#[test]
fn a_short_training_comes_at_once_and_a_long_one_with_its_records() {
    let server = Server::start();
    let lines = server.train(&state(&json!({ "train.engine": "fused", "train.updates": 3 })));
    let keys: Vec<&String> = lines.iter().flat_map(|line| line.as_object().unwrap().keys()).collect();
    assert_eq!(keys, ["start", "end"]);

    // Autodiff makes this many updates in seconds, not in a tenth of one.
    let settings = json!({ "train.engine": "autodiff", "train.updates": 12_000, "split.validation": 0.25 });
    let lines = server.train(&state(&settings));
    let on_the_way = &lines[1..lines.len() - 1];
    assert!(!on_the_way.is_empty());
    let updates: Vec<u64> = on_the_way
        .iter()
        .flat_map(|line| line["history"]["updates"].as_array().unwrap())
        .map(|update| update.as_u64().unwrap())
        .collect();
    assert!(updates[0] == 0 && updates.iter().all(|update| update.is_multiple_of(100)), "{updates:?}");
    assert!(updates.is_sorted_by(|a, b| a < b));
    assert_eq!(on_the_way[0]["frames"]["updates"][0], 0);
    // 8 bytes each, in base64.
    let count = on_the_way[0]["history"]["updates"].as_array().unwrap().len();
    for name in ["cost", "accuracy", "validation_cost", "validation_accuracy"] {
        assert_eq!(on_the_way[0]["history"][name].as_str().unwrap().len(), (8 * count).div_ceil(3) * 4, "{name}");
    }
}
