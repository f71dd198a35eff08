//! What a page gets: trainings, forks, files, tables, and messages.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use petal::data::numpy::RandomState;
use serde_json::{Value, json};

use super::client::{Server, state};
use crate::support::{program, words};

const TABLE: &str =
    "width,length,answer\n1,2,yes\n2,1,no\n3,4,yes\n1.5,1,no\n2,3,yes\n4,1,no\n0,2,yes\n5,1.25,no\n3,5,yes\n6,2,no\n";

pub fn run(folder: &Path, command: &str) -> Output {
    let words = words(command);
    let output = program(&words[0]).args(&words[1..]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The numbers in the page of a run.
fn page_numbers(html: &str) -> Value {
    let (_, rest) = html.split_once("<script type=\"application/json\" id=\"run\">").unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

#[test]
fn a_training_has_the_numbers_of_the_page_of_the_same_run() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), "petal init");
    let server = Server::start_in(folder.path(), &[]);
    let settings =
        json!({ "train.engine": "fused", "train.updates": 3000, "split.validation": 0.25, "data.samples": 300 });
    let lines = server.train(&state(&settings));

    run(folder.path(), lines[0]["start"]["command"].as_str().unwrap());
    let page = page_numbers(&fs::read_to_string(folder.path().join("runs/default/report.html")).unwrap());
    let (start, end) = (&lines[0]["start"], &lines.last().unwrap()["end"]);
    for key in ["format", "classes", "inputs", "samples", "slices", "network", "threshold"] {
        assert_eq!(start[key], page[key], "{key}");
    }
    for key in ["network", "training", "frames", "history", "threshold", "divergence"] {
        assert_eq!(end[key], page[key], "{key}");
    }
    assert_eq!(end["ending"], "finished");

    // The frames on the way begin at 0 and increase.
    let updates = |line: &Value| {
        line["frames"]["updates"]
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n.as_u64().unwrap())
            .collect()
    };
    let streamed: Vec<u64> = lines[1..lines.len() - 1]
        .iter()
        .flat_map(|line| -> Vec<u64> { updates(line) })
        .collect();
    // On a fast machine there are none.
    assert!(
        streamed.first().is_none_or(|first| *first == 0) && streamed.is_sorted_by(|a, b| a < b),
        "{streamed:?}"
    );
}

#[test]
fn the_copied_command_trains_the_model_that_the_page_saves() {
    let server = Server::start_in(&default_folder(), &[]);
    let random = &mut RandomState::new(22);
    for index in 0..10 {
        let state = random_state(random, index);
        let lines = server.train(&state);
        let command = lines[0]["start"]["command"].as_str().unwrap();
        let model = server.post("/file", &json!({ "state": state, "what": "model" }));
        assert_eq!(model.status, 200, "{}", String::from_utf8_lossy(&model.body));
        assert!(model.head.contains("attachment; filename=\"model.safetensors\""), "{}", model.head);

        let folder = default_folder();
        let save = |what: &str, name: &str| {
            let file = server.post("/file", &json!({ "state": state, "what": what }));
            fs::write(folder.join(name), file.body).unwrap();
        };
        if command == "petal train config.toml" {
            save("config", "config.toml");
            save("data", if state["points"].is_null() { "my table.csv" } else { "drawn.csv" });
        }
        run(&folder, command);
        for (what, name) in [("model", "model.safetensors"), ("config", "config.toml"), ("history", "history.csv")] {
            let saved = server.post("/file", &json!({ "state": state, "what": what })).body;
            assert!(saved == fs::read(folder.join("runs/default").join(name)).unwrap(), "{name} of {command}");
        }
    }
}

/// A new folder with the default configuration.
pub fn default_folder() -> std::path::PathBuf {
    let folder = tempfile::tempdir().unwrap().keep();
    run(&folder, "petal init");
    folder
}

/// A state with settings at random. Two of ten have a table and two have drawn points.
fn random_state(random: &mut RandomState, index: usize) -> Value {
    let mut pick = |choices: &[Value]| choices[(random.uniform() * choices.len() as f64) as usize].clone();
    let schedule = pick(&[json!("constant"), json!("linear"), json!("cosine")]);
    let mut config = json!({
        "data.kind": pick(&[json!("flower"), json!("moons"), json!("xor"), json!("spiral")]),
        "data.samples": pick(&[json!(40), json!(101), json!(400)]),
        "data.seed": pick(&[json!(1), json!(7)]),
        "data.noise": pick(&[Value::Null, json!(0.1), json!(0.30000000000000004)]),
        "split.validation": pick(&[json!(0.0), json!(0.25)]),
        "model.hidden": pick(&[json!(1), json!(4), json!(9)]),
        "model.activation": pick(&[json!("tanh"), json!("sigmoid"), json!("relu")]),
        "model.seed": pick(&[json!(2), json!(3), json!(4_294_967_295_u32)]),
        "train.engine": pick(&[json!("fused"), json!("fused"), json!("manual")]),
        "train.learning_rate": pick(&[json!(1.2), json!(0.001), json!(1), json!(3e-5)]),
        "train.weight_decay": pick(&[json!(0.0), json!(0.01)]),
        "train.momentum": pick(&[json!(0.0), json!(0.9)]),
        "train.batch_size": pick(&[Value::Null, json!(16)]),
        "train.updates": pick(&[json!(0), json!(150), json!(333)]),
        "train.schedule": schedule,
        "dtype": pick(&[json!("f64"), json!("f32")]),
    });
    if index.is_multiple_of(3) {
        config["model.init_scale"] = json!(0.5);
    }
    let mut state = state(&config);
    match index {
        2 | 6 => {
            state["table"] = json!({ "name": "my table.csv", "text": TABLE.to_owned() + &rows(20), "label": "answer", "class_one": "no" });
        }
        4 | 9 => {
            let points: Vec<[f64; 3]> = (0..30)
                .map(|i| [random.uniform() * 4.0 - 2.0, random.uniform() / 3.0, f64::from(i % 2)])
                .collect();
            state["points"] = json!(points);
        }
        _ => {}
    }
    state
}

fn rows(count: usize) -> String {
    (0..count)
        .map(|i| format!("{}.5,{},{}\n", i, i * i % 7, if i % 3 == 0 { "yes" } else { "no" }))
        .collect()
}

#[test]
fn a_fork_goes_on_from_the_parameters_of_the_page() {
    let server = Server::start();
    let mut state =
        state(&json!({ "train.engine": "fused", "train.updates": 900, "data.samples": 60, "train.batch_size": 16,
                                  "train.schedule": "linear" }));
    let whole = server.train(&state);
    let end = &whole.last().unwrap()["end"];
    let updates: Vec<u64> = end["frames"]["updates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n.as_u64().unwrap())
        .collect();
    let parameters = |end: &Value, index: usize| {
        let bytes = decoded(end["frames"]["parameters"].as_str().unwrap());
        bytes[17 * index..17 * (index + 1)].to_vec()
    };

    // With the parameters as they were, the training is the same to the last bit.
    let at = updates.len() / 2;
    state["fork"] = json!({ "update": updates[at], "parameters": parameters(end, at) });
    let forked = server.train(&state);
    let start = &forked[0]["start"];
    assert!(start["command"].is_null() && start["why"].as_str().unwrap().contains("edited"), "{start}");
    // The settings that the state leaves out are there with the defaults that were trained with.
    let [given, default] = ["train.updates", "train.learning_rate"].map(|key| &start["settings"][key]);
    assert_eq!([given, default], [&json!(900), &json!(1.2)]);
    let forked_end = &forked.last().unwrap()["end"];
    let forked_updates = forked_end["frames"]["updates"].as_array().unwrap();
    assert_eq!(forked_updates[0], updates[at]);
    assert_eq!(forked_updates.last(), end["frames"]["updates"].as_array().unwrap().last());
    assert_eq!(parameters(forked_end, forked_updates.len() - 1), parameters(end, updates.len() - 1));
    assert_eq!(forked_end["training"], end["training"]);

    // With one changed, it is another one.
    state["fork"]["parameters"][3] = json!(0.25);
    let edited = server.train(&state);
    let edited_end = &edited.last().unwrap()["end"];
    assert_eq!(parameters(edited_end, 0)[3], 0.25);
    assert_ne!(parameters(edited_end, forked_updates.len() - 1), parameters(end, updates.len() - 1));

    for (fork, message) in [
        (json!({ "update": 5, "parameters": [1.0, 2.0] }), "fork: has 2 parameters, the network has 17"),
        (
            json!({ "update": 901, "parameters": vec![0.0; 17] }),
            "fork: update 901 is after the last one; train.updates = 900",
        ),
        (json!({ "update": 5, "parameters": vec![1e5; 17] }), "must be at most train.cost_limit = 1000"),
    ] {
        state["fork"] = fork;
        let answer = server.post("/train", &state);
        let error: Value = serde_json::from_str(answer.text().lines().last().unwrap()).unwrap();
        assert!(error["error"]["message"].as_str().unwrap().contains(message), "{error}");
        assert_eq!(error["error"]["key"], "fork");
    }
}

fn decoded(text: &str) -> Vec<f64> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    bytes
        .chunks_exact(8)
        .map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap()))
        .collect()
}

#[test]
fn a_wrong_setting_has_the_message_of_the_command_line_and_its_key() {
    let server = Server::start();
    let folder = default_folder();
    let cases = [
        ("train.learning_rate", json!(-0.1)),
        ("train.learning_rate", json!("fast")),
        ("model.hidden", json!(0)),
        ("model.hidden", json!(2.5)),
        ("data.kind", json!("flowr")),
        ("train.schedule", json!("exponential")),
        ("train.momentum", json!(1)),
        ("train.patience", json!(3)),
        ("split.validation", json!(1.5)),
        ("decision.threshold", json!("f1")),
        ("dtype", json!("f16")),
    ];
    for (key, value) in cases {
        let (status, message, found) = server.refusal("/train", &state(&json!({ key: value })));
        assert_eq!((status, &found), (400, &json!(key)), "{message}");
        let option = format!("{key}={}", value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        let output = program("petal")
            .args(["train", "default.toml", "--set", &option])
            .current_dir(&folder)
            .output()
            .unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(error.trim(), format!("error: {message} (--set {option})"));
    }
}

#[test]
fn a_page_has_only_the_settings_of_the_list() {
    let server = Server::start();
    let keys = [
        "data.path",
        "data.label",
        "data.positive",
        "output.folder",
        "output.name",
        "output.report",
        "device",
        "sweep.hidden",
        "sweep",
        "train.checkpoint_every",
        "train.track",
        "train.epochs",
        "train",
        "data",
        "",
        "train.updates.x",
        "Train.updates",
        "train. updates",
        "decision",
        "__proto__",
    ];
    for key in keys {
        let (status, message, found) = server.refusal("/train", &state(&json!({ key: "x" })));
        assert_eq!((status, found), (400, json!(key)), "{message}");
        assert!(message.ends_with("is no setting of the playground"), "{message}");
    }
    for wrong in [json!({ "confg": {} }), json!({ "config": { "model": { "hidden": 3 } } })] {
        assert_eq!(server.post("/train", &wrong).status, 400, "{wrong}");
    }
    let (status, message, _) = server.refusal("/train", &state(&json!({ "data.kind": "csv" })));
    assert_eq!((status, &message[..]), (400, "data.kind = \"csv\": needs data.path, the file"));
    for name in ["../secret.csv", "/etc/passwd", "a\\b.csv"] {
        let table = json!({ "name": name, "text": TABLE, "label": "answer" });
        let (status, message, key) = server.refusal("/train", &json!({ "config": {}, "table": table }));
        assert_eq!((status, &key), (400, &json!("table")), "{message}");
    }
}

#[test]
fn work_is_limited_with_a_sentence() {
    let server = Server::start();
    let wide = format!("{}answer\n{}yes\n{}no\n", "x,".repeat(1001), "1,".repeat(1001), "2,".repeat(1001));
    let long = format!("x,answer\n{}", "1,a\n2,b\n".repeat(10_001));
    let table = |text: &str| json!({ "config": {}, "table": { "name": "a.csv", "text": text, "label": "answer" } });
    let categories: String = (0..900).map(|i| format!("c{i},d{i},{}\n", i % 2)).collect();
    let mut one_hot = table(&format!("x,y,answer\n{categories}"));
    one_hot["config"] = json!({ "data.one_hot": ["x", "y"] });
    let cases = [
        (
            state(&json!({ "data.samples": 20_001 })),
            "data.samples",
            "data.samples = 20001: the playground accepts at most 20,000 samples",
        ),
        (state(&json!({ "model.hidden": 1001 })), "model.hidden", "at most 1,000 hidden units"),
        (state(&json!({ "train.updates": 625_001 })), "train.updates", "the playground accepts at most 1e9"),
        (table(&wide), "table", "a.csv: has 1,002 columns: the playground accepts at most 1,000 columns"),
        (table(&long), "table", "a.csv: has 20,002 rows: the playground accepts at most 20,000 samples"),
        (one_hot, "data.one_hot", "a.csv: has 1,801 columns"),
    ];
    for (state, key, expected) in cases {
        let (status, message, found) = server.refusal("/train", &state);
        assert_eq!((status, found), (422, json!(key)), "{message}");
        assert!(message.contains(expected), "{message}");
    }
    let allowed = state(&json!({ "train.updates": 625_000, "train.learning_rate": 1e9, "train.engine": "fused" }));
    assert_eq!(server.train(&allowed).last().unwrap()["end"]["ending"], "diverged");
}

#[test]
fn a_table_is_examined_and_a_mistake_in_it_names_the_line() {
    let server = Server::start();
    let good = server.post("/table", &json!({ "name": "my.csv", "text": TABLE })).json();
    assert_eq!(good["label"], "answer");
    assert_eq!(good["columns"][0], json!({ "name": "width", "distinct": 8 }));
    assert!(good["error"].is_null() && good["sentences"][0] == "Table: 10 rows, 2 columns, 2 inputs", "{good}");

    let bad = TABLE.replace("4,1,no", "4,1o,no");
    let answer = server.post("/table", &json!({ "name": "my.csv", "text": bad })).json();
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("my.csv:7:2: length = \"1o\": "), "{message}");
    assert_eq!(answer["error"]["key"], "table");
    assert_eq!(server.refusal("/table", &json!({ "name": "my.csv", "text": "" })).0, 400);

    for (points, expected) in [
        (json!([]), "points: there are none; draw some of class 0 and some of class 1"),
        (json!([[0.0, 1.0, 1.0], [1.0, 2.0, 1.0]]), "points: all are of class 1; draw some of class 0 too"),
        (json!([[0.0, 1.0, 0.0]]), "points: all are of class 0; draw some of class 1 too"),
    ] {
        let (_, message, key) = server.refusal("/train", &json!({ "config": {}, "points": points }));
        assert_eq!((&message[..], key), (expected, json!("points")));
    }
}

#[test]
fn every_file_can_be_saved() {
    let server = Server::start();
    let state = state(&json!({ "train.engine": "fused", "train.updates": 100 }));
    let file = |what: &str| server.post("/file", &json!({ "state": state, "what": what }));
    for (what, begins) in [
        ("gif", &b"GIF89a"[..]),
        ("png", &b"\x89PNG"[..]),
        ("report", b"<!doctype html>"),
        ("onnx", b"\x08"),
        ("history", b"update,cost"),
    ] {
        let answer = file(what);
        assert!(answer.status == 200 && answer.body.starts_with(begins), "{what}: {}", answer.head);
    }
    assert_eq!(page_numbers(file("report").text())["training"]["updates"], 100);
    assert_eq!(file("data").status, 400);
    assert_eq!(file("secret").status, 400);
}

#[test]
fn the_page_begins_with_what_the_program_was_given() {
    let folder = default_folder();
    fs::write(folder.join("my.csv"), TABLE).unwrap();
    run(&folder, "petal train default.toml --set train.epochs=7 --set data.kind=moons");
    let start = |arguments: &[&str]| {
        let server = Server::start_in(&folder, arguments);
        let state = server.beginning()["state"].clone();
        assert_eq!(server.train(&state).last().unwrap()["end"]["ending"], "finished");
        state
    };
    assert_eq!(start(&[])["config"]["train.engine"], "fused");
    assert_eq!(start(&["default.toml"])["config"]["train.learning_rate"], 1.2);
    let run = start(&["runs/default"]);
    assert_eq!([&run["config"]["data.kind"], &run["config"]["train.updates"]], [&json!("moons"), &json!(7)]);
    let table = start(&["my.csv"]);
    assert_eq!([&table["table"]["label"], &table["table"]["text"]], [&json!("answer"), &json!(TABLE)]);
    assert_eq!(table["table"]["name"], "my.csv");

    // What keeps a table from being trained can be changed on the page: it is open there, with the refusal.
    fs::write(folder.join("gap.csv"), TABLE.to_owned() + "3,4,\n").unwrap();
    let server = Server::start_in(&folder, &["gap.csv", "--label", "answer"]);
    let mut state = server.beginning()["state"].clone();
    assert_eq!([&state["table"]["name"], &state["table"]["label"]], [&json!("gap.csv"), &json!("answer")]);
    let (status, message, key) = server.refusal("/train", &state);
    assert!(message.contains("data.unlabelled = \"skip\""), "{message}");
    assert_eq!((status, key), (400, json!("table")));
    state["config"]["data.unlabelled"] = "skip".into();
    assert_eq!(server.train(&state).last().unwrap()["end"]["ending"], "finished");

    let refused = |arguments: &[&str]| {
        let output = program("petal")
            .args(["play", "--no-open"])
            .args(arguments)
            .current_dir(&folder)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused(&["no.csv"]).contains("cannot read no.csv"));
    assert!(refused(&["my.csv", "--label", "colour"]).contains("data.label = \"colour\""));
    assert!(
        refused(&["default.toml", "--label", "answer"]).contains("--label answer: the configuration has its label")
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_server_with_success() {
    let mut server = Server::start();
    let pid = server.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}
