//! The files that a run writes into its folder.

use std::collections::BTreeSet;
use std::fs;

use petal::config::Config;
use petal::data::table::LabelMode;
use petal::data::text::short;
use petal::files::folder::RunFolder;
use petal::files::model_file::ModelFile;
use petal::network::Activation;
use petal::predict::evaluate;
use petal::run::Sweep;

use crate::support::{overrides, path, prepared};

/// Runs a configuration with a few settings changed, and saves everything into a folder.
fn run(config: &std::path::Path, changes: &[&str], folder: &std::path::Path) {
    let mut folder = RunFolder::create(folder).unwrap();
    let loaded = Config::load(config, &overrides(changes)).unwrap();
    if loaded.sweep.is_some() {
        let sweep = Sweep::prepare(loaded).unwrap();
        sweep.save(&mut folder).unwrap();
        let rows = sweep.train(|_| (), |_| ()).0;
        sweep.save_rows(&rows, &mut folder).unwrap();
    } else {
        let run = prepared(config, changes);
        run.save(&mut folder).unwrap();
        let trained = run.train(&mut ()).unwrap();
        trained.save(&mut folder).unwrap();
        trained.evaluate().unwrap().save(&mut folder).unwrap();
    }
}

/// The names of the files in a folder.
fn file_names(folder: &std::path::Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn every_shipped_configuration_runs_and_writes_its_files() {
    let temporary = tempfile::tempdir().unwrap();
    let configs: Vec<_> = fs::read_dir(path("configs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(configs.len() >= 9, "{configs:?}");
    for config in configs {
        let folder = temporary.path().join(config.file_stem().unwrap());
        run(&config, &["train.updates=30"], &folder);
        let files = file_names(&folder);
        let expected: &[&str] = match (files.contains("sweep.csv"), files.contains("doctor.json")) {
            (true, _) => {
                &["config.toml", "data.csv", "data.png", "run.json", "sweep.csv", "sweep.png", "sweep_cost.png"]
            }
            (_, true) => &[
                "boundary.png",
                "calibration.png",
                "config.toml",
                "cost.png",
                "doctor.json",
                "history.csv",
                "metrics.json",
                "model.safetensors",
                "precision_recall.png",
                "roc.png",
                "run.json",
                "split.csv",
            ],
            _ => &[
                "boundary.png",
                "config.toml",
                "cost.png",
                "data.csv",
                "data.png",
                "hidden.png",
                "history.csv",
                "metrics.json",
                "model.safetensors",
                "run.json",
            ],
        };
        // Pictures that only some configurations have: a number that is tracked over the updates, or a swept key of numbers.
        let own_picture = match config.file_stem().unwrap().to_str().unwrap() {
            "sharpness" => Some("sharpness.png"),
            "sweep" | "activations" => Some("sweep_hidden.png"),
            "learning_rates" => Some("sweep_learning_rate.png"),
            _ => None,
        };
        let expected = || expected.iter().copied().chain(own_picture);
        assert_eq!(files, expected().map(ToString::to_string).collect(), "{}", config.display());
        for picture in expected().filter(|name| name.ends_with(".png")) {
            let bytes = fs::read(folder.join(picture)).unwrap();
            assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes.len() > 5_000, "{picture}");
        }
    }
}

#[test]
fn the_shipped_default_configuration_lists_every_default() {
    let mut shipped = Config::load(&path("configs/default.toml"), &[]).unwrap();
    assert_eq!(shipped.output.name.take().map(String::from), Some("default".into()));
    assert_eq!(shipped.to_toml(), Config::default().to_toml());
    // Every key is in the file, at least in a comment, so that a reader sees all settings.
    let text = fs::read_to_string(path("configs/default.toml")).unwrap();
    for line in Config::default().to_toml().lines().filter(|line| line.contains('=')) {
        let key = line.split('=').next().unwrap();
        assert!(text.contains(key), "{key}");
    }
}

#[test]
fn a_run_repeated_from_its_stored_configuration_writes_the_same_bytes() {
    let temporary = tempfile::tempdir().unwrap();
    let (first, second) = (temporary.path().join("first"), temporary.path().join("second"));
    let changes = ["train.updates=200", "data.kind=moons", "dtype=f32", "output.pictures=svg", "model.hidden=3"];
    run(&path("configs/default.toml"), &changes, &first);
    run(&first.join("config.toml"), &[], &second);
    for name in ["config.toml", "data.csv", "data.svg", "model.safetensors", "boundary.svg", "hidden.svg", "cost.svg"] {
        assert!(fs::read(first.join(name)).unwrap() == fs::read(second.join(name)).unwrap(), "{name}");
    }
}

#[test]
fn the_files_hold_the_exact_numbers_of_the_run() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("run");
    let config = path("configs/default.toml");
    run(&config, &["train.updates=200"], &folder);
    let run = prepared(&config, &["train.updates=200"]);
    let results = run.train(&mut ()).unwrap().evaluate().unwrap();

    let history = fs::read_to_string(folder.join("history.csv")).unwrap();
    let mut lines = history.lines();
    assert_eq!(lines.next(), Some("update,cost,accuracy,penalty"));
    for (line, record) in lines.zip(&results.outcome.history) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells[0], record.update.to_string());
        let numbers: Vec<f64> = cells[1..3].iter().map(|cell| cell.parse().unwrap()).collect();
        assert_eq!(numbers, [record.cost, record.accuracy]);
        // 17 significant digits restore the same f64.
        assert!(
            cells[1..]
                .iter()
                .all(|cell| cell.chars().take_while(|&c| c != 'e').filter(char::is_ascii_digit).count() == 17)
        );
    }
    assert_eq!(history.lines().count(), 4);

    let metrics: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.join("metrics.json")).unwrap()).unwrap();
    assert_eq!(metrics["cost"].as_f64(), Some(results.outcome.kept.cost));
    assert_eq!(metrics["accuracy"].as_f64(), Some(results.scores.train.network.accuracy));
    assert_eq!(metrics["logistic_regression"]["accuracy"].as_f64(), Some(0.47));
    assert_eq!(metrics["ending"], "finished");

    let data = fs::read_to_string(folder.join("data.csv")).unwrap();
    let values = data
        .lines()
        .skip(1)
        .flat_map(|line| line.split(',').take(2).map(|cell| cell.parse().unwrap()).collect::<Vec<f64>>());
    assert_eq!(values.collect::<Vec<_>>(), run.data.x());

    let model = ModelFile::load(&folder.join("model.safetensors")).unwrap();
    assert_eq!(model.parameters, results.outcome.parameters);
    assert_eq!(model.metadata.schema.inputs(), ["x1", "x2"]);
    assert_eq!(model.metadata.activations, (Activation::Tanh, "sigmoid".into()));
    assert_eq!(model.metadata.config, run.config.to_toml());
}

#[test]
fn a_model_file_has_the_tensor_names_and_orientation_of_pytorch() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("run");
    run(&path("configs/default.toml"), &["train.updates=1", "dtype=f32", "model.hidden=3"], &folder);
    let bytes = fs::read(folder.join("model.safetensors")).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let parameters = ModelFile::load(&folder.join("model.safetensors")).unwrap().parameters;
    let shapes = [
        ("hidden.weight", vec![3, 2]),
        ("hidden.bias", vec![3]),
        ("output.weight", vec![1, 3]),
        ("output.bias", vec![1]),
    ];
    for (name, shape) in shapes {
        let tensor = tensors.tensor(name).unwrap();
        assert_eq!((tensor.shape(), tensor.dtype()), (&shape[..], safetensors::Dtype::F32), "{name}");
    }
    // PyTorch's weight[2][1] (unit 2, feature 1) is w1[1][2] of `Parameters`, whose rows are features.
    let stored = tensors.tensor("hidden.weight").unwrap();
    let element = f32::from_le_bytes(stored.data()[(2 * 2 + 1) * 4..][..4].try_into().unwrap());
    assert_eq!(f64::from(element), parameters.w1[3 + 2]);
}

#[test]
fn a_damaged_model_file_is_refused_with_a_reason() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("run");
    run(&path("configs/default.toml"), &["train.updates=1"], &folder);
    let file = folder.join("model.safetensors");
    let whole = fs::read(&file).unwrap();
    let message_for = |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        ModelFile::load(&file).unwrap_err().to_string()
    };
    assert!(message_for(b"").contains("not a safetensors file"));
    assert!(message_for(&whole[..whole.len() - 1]).contains("not a safetensors file"));

    let mut infinite = whole.clone();
    let last = infinite.len() - 8;
    infinite[last..].copy_from_slice(&f64::INFINITY.to_le_bytes());
    assert!(message_for(&infinite).contains("= inf: must be finite"), "{}", message_for(&infinite));

    let replaced = |from: &str, to: &str| {
        let text = String::from_utf8_lossy(&whole[8..]).into_owned();
        assert!(from.len() == to.len() && text.contains(from), "{from}");
        let start = whole.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        let mut changed = whole.clone();
        changed[start..start + from.len()].copy_from_slice(to.as_bytes());
        changed
    };
    assert!(message_for(&replaced("petal\"", "metal\"")).contains("not a model of Petal"));
    assert!(message_for(&replaced(r#"format\":4"#, r#"format\":5"#)).contains("this version reads formats 2 to 4"));
    assert!(message_for(&replaced(r#"hidden\":4"#, r#"hidden\":5"#)).contains("must be [5, 2]"));
    assert!(message_for(&replaced("output.bias", "output.bios")).contains("output.bias"));

    fs::write(&file, &whole).unwrap();
    assert!(ModelFile::load(&file).is_ok());
    assert!(ModelFile::load(&folder).unwrap_err().to_string().starts_with("cannot read"));
}

#[test]
fn a_diverged_run_writes_a_report_with_causes_and_advice() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("run");
    run(
        &path("configs/default.toml"),
        &["train.learning_rate=8", "train.cost_limit=2", "train.engine=fused"],
        &folder,
    );
    let text = fs::read_to_string(folder.join("divergence.md")).unwrap();
    for expected in [
        "# Training diverged at update 18\n\nThe cost rose to 3.02204, above `train.cost_limit` = 2. This update was discarded. The parameters after update 17 are kept.",
        "The element that changed most: w2[3], from 0.752883 to -1.99001.",
        "| 17 | 1.05896 | 0.656055 | 0.79467 |",
        "with learning rate 8, updates are stable while this eigenvalue is at most 0.25 (2 / learning rate)",
        "- The learning rate is too large for this curvature: set `train.learning_rate = 3.01338",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }

    // The samples are counted from 0: the input of each row is that of the sample with this index.
    assert!(text.contains("\nSamples are counted from 0, as in `petal explain --sample`.\n"), "{text}");
    let data = prepared(&path("configs/default.toml"), &[]).data;
    let (_, rows) = text.split_once("| ---: | --- | ---: | ---: | --- |\n").unwrap();
    for row in rows.lines().take(5) {
        let cells: Vec<&str> = row.trim_matches(['|', ' ']).split(" | ").collect();
        let sample: usize = cells[0].parse().unwrap();
        let (name, value) = cells[4].split_once(" = ").unwrap();
        let input = data.x()[2 * sample + usize::from(name == "x2")];
        assert_eq!(value, short(input), "{row}");
        assert_eq!(cells[1], data.y()[sample].to_string(), "{row}");
    }

    // A table in which one input is far from all others.
    let table = temporary.path().join("t.csv");
    let rows: String = (0..200)
        .map(|i| format!("{},{}\n", if i == 7 { 1e4 } else { f64::from(i) }, i % 2))
        .collect();
    fs::write(&table, format!("a,y\n{rows}")).unwrap();
    let config = temporary.path().join("c.toml");
    let text = format!("[data]\nkind = \"csv\"\npath = {table:?}\nlabel = \"y\"\n[split]\ntest = 0\nvalidation = 0\n");
    fs::write(&config, text).unwrap();
    let folder = temporary.path().join("table");
    run(&config, &["dtype=f32", "train.learning_rate=1e38", "train.cost_limit=1e100"], &folder);
    let text = fs::read_to_string(folder.join("divergence.md")).unwrap();
    for expected in [
        "| line | class | cost |",
        "standardised.",
        "`dtype = \"f64\"`",
        "t.csv:9:1: a = 10000 is far from the other values of a, which are from 0 to 199: look whether",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    // Below the header, the table's rows alternate between class 0 and class 1, so an even line number is a row of class 0.
    let (_, rows) = text.split_once("| ---: | --- | ---: | ---: | --- |\n").unwrap();
    let rows: Vec<Vec<&str>> = rows.lines().take(5).map(|line| line.split(" | ").collect()).collect();
    for row in rows {
        let line: usize = row[0].trim_start_matches("| ").parse().unwrap();
        assert_eq!(row[1], (line % 2).to_string(), "{text}");
    }
}

#[test]
fn the_report_of_a_diverged_run_with_patience_names_the_best_parameters() {
    let temporary = tempfile::tempdir().unwrap();
    let changes = [
        "train.learning_rate=8",
        "train.cost_limit=2",
        "train.engine=fused",
        "train.record_every=1",
        "train.patience=100",
        "split.validation=0.25",
    ];
    let config = path("configs/default.toml");
    let folder = temporary.path().join("run");
    run(&config, &changes, &folder);

    let run = prepared(&config, &changes);
    let outcome = run.train(&mut ()).unwrap().outcome;
    let (kept, last) = (outcome.kept.update, outcome.last().update);
    assert!(kept < last, "{kept} {last}");
    let text = fs::read_to_string(folder.join("divergence.md")).unwrap();
    assert!(text.contains(&format!("The parameters after update {kept} are kept.")), "{text}");
}

#[test]
fn the_data_of_a_standardised_run_are_the_original_points() {
    let temporary = tempfile::tempdir().unwrap();
    let (plain, scaled) = (temporary.path().join("plain"), temporary.path().join("scaled"));
    let changes = ["data.kind=circles", "train.updates=300", "train.engine=fused", "split.test=0.25"];
    run(&path("configs/default.toml"), &changes, &plain);
    run(&path("configs/default.toml"), &[&changes[..], &["data.standardise=true"]].concat(), &scaled);
    let read = |folder: &std::path::Path| fs::read_to_string(folder.join("data.csv")).unwrap();
    assert!(read(&plain) == read(&scaled));

    // The model takes these points: it gets the accuracy of the run on them.
    let model = ModelFile::load(&scaled.join("model.safetensors")).unwrap();
    let table = fs::File::open(scaled.join("data.csv")).unwrap();
    let evaluation = evaluate(&model, table, "data.csv", LabelMode::Require, 0.5).unwrap();
    let metrics: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(scaled.join("metrics.json")).unwrap()).unwrap();
    assert_eq!(Some(evaluation.scores.accuracy), metrics["accuracy"].as_f64());
    // The engine and the evaluation add the costs in different orders.
    let (log_loss, cost) = (evaluation.scores.cost.unwrap(), metrics["cost"].as_f64().unwrap());
    assert!((log_loss - cost).abs() < 1e-14, "{log_loss} {cost}");
}
