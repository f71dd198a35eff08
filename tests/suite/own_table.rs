//! From a table to a trained network, its scores, and predictions for other tables.

use std::fs;
use std::path::{Path, PathBuf};

use petal::cli::report;
use petal::config::Config;
use petal::data::doctor::FindingKind;
use petal::data::logistic::{logit, sigmoid};
use petal::data::table::LabelMode;
use petal::files::folder::RunFolder;
use petal::files::model_file::ModelFile;
use petal::network::gradients::Engine;
use petal::predict::{Predictions, evaluate};
use petal::run::{Results, Run, Sweep};

use crate::support::{json, numbers, overrides, path};

/// Writes `breast_cancer.csv` without every seventh value of the first column.
fn write_table_with_missing_values(folder: &Path) -> PathBuf {
    let text = fs::read_to_string(path("data/breast_cancer.csv")).unwrap();
    let lines = text.lines().enumerate().map(|(number, line)| match number {
        0 => line.to_owned(),
        _ if (number - 1) % 7 == 0 => line[line.find(',').unwrap()..].to_owned(),
        _ => line.to_owned(),
    });
    let file = folder.join("missing.csv");
    fs::write(&file, lines.collect::<Vec<_>>().join("\n")).unwrap();
    file
}

/// The run of `make_table.py`.
fn prepared(table: &Path, changes: &[&str]) -> Run {
    let text = format!(
        "[data]\nkind = \"csv\"\npath = {table:?}\nlabel = \"diagnosis\"\npositive = \"malignant\"\nimpute = \"mean\"\n\
         [model]\nhidden = 3\ninit_scale = 0.1\n[train]\nlearning_rate = 0.5\nupdates = 200\n"
    );
    Run::prepare(Config::from_toml(&text, "test", &overrides(changes)).unwrap()).unwrap()
}

#[track_caller]
fn assert_near(ours: &[f64], theirs: &[f64], tolerance: f64) {
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert!((ours - theirs).abs() <= tolerance * theirs.abs().max(1.0), "{ours} {theirs}");
    }
}

/// Trains the network, evaluates it, and saves the run in `folder/run`.
fn train_and_save<'a>(run: &'a Run, folder: &Path) -> (Results<'a>, PathBuf) {
    let mut claimed = RunFolder::create(&folder.join("run")).unwrap();
    run.save(&mut claimed).unwrap();
    let trained = run.train(&mut ()).unwrap();
    trained.save(&mut claimed).unwrap();
    let results = trained.evaluate().unwrap();
    results.save(&mut claimed).unwrap();
    (results, folder.join("run"))
}

#[test]
fn split_imputation_scaling_and_training_agree_with_numpy_and_scikit_learn() {
    let theirs = json("breast_cancer.json");
    let temporary = tempfile::tempdir().unwrap();
    let table = write_table_with_missing_values(temporary.path());
    for engine in Engine::ALL {
        let run = prepared(&table, &[&format!("train.engine={engine}")]);
        // NumPy sums the 343 numbers in another order.
        let scaling = run.scaling.as_ref().unwrap();
        assert_near(&scaling.mean, &numbers(&theirs["mean"]), 1e-13);
        assert_near(&scaling.deviation, &numbers(&theirs["deviation"]), 1e-13);
        assert_near(&[run.schema.columns[0].fill_value.unwrap()], &[theirs["missing"].as_f64().unwrap()], 1e-13);

        let results = run.train(&mut ()).unwrap().evaluate().unwrap();
        let scores = &results.scores;
        let test = scores.test.as_ref().unwrap();
        // The 200 updates amplify the rounding errors of the scaling.
        let probabilities: Vec<f64> = test.logits[0].iter().map(|&z| sigmoid(z)).collect();
        assert_near(&probabilities, &numbers(&theirs["test_probabilities"]), 1e-11);
        let parts = [
            (&theirs["scores"]["train"], &scores.train.network),
            (&theirs["scores"]["validation"], &scores.validation.as_ref().unwrap().network),
            (&theirs["scores"]["test"], &test.network),
            (&theirs["logistic_regression"], &test.logistic_regression),
        ];
        for (theirs, ours) in parts {
            let ours = serde_json::to_value(ours).unwrap();
            for (name, theirs) in theirs.as_object().unwrap() {
                // The solver of scikit-learn stops at another tolerance.
                assert_near(&[ours[name].as_f64().unwrap()], &[theirs.as_f64().unwrap()], 1e-8);
            }
        }
    }
}

#[test]
fn a_run_on_a_table_saves_the_part_of_each_row() {
    let theirs = json("breast_cancer.json");
    let temporary = tempfile::tempdir().unwrap();
    let run = prepared(&write_table_with_missing_values(temporary.path()), &["train.updates=3"]);
    let (_, folder) = train_and_save(&run, temporary.path());
    let split = fs::read_to_string(folder.join("split.csv")).unwrap();
    for part in ["validation", "test"] {
        let lines = split
            .lines()
            .filter_map(|line| line.strip_suffix(part)?.strip_suffix(',')?.parse().ok());
        assert_eq!(lines.collect::<Vec<f64>>(), numbers(&theirs["lines"][part]), "{part}");
    }
    let doctor: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("doctor.json")).unwrap()).unwrap();
    assert_eq!((&doctor["rows"], &doctor["findings"][0]["kind"]), (&569.into(), &"filled".into()));

    // The saved configuration repeats the run exactly.
    let again = Run::prepare(Config::load(&folder.join("config.toml"), &[]).unwrap()).unwrap();
    assert_eq!(again.data, run.data);
    assert_eq!(again.train(&mut ()).unwrap().outcome.parameters, run.train(&mut ()).unwrap().outcome.parameters);
}

#[test]
fn a_saved_model_predicts_unscaled_tables_as_the_run_did() {
    let temporary = tempfile::tempdir().unwrap();
    let table = write_table_with_missing_values(temporary.path());
    let run = prepared(&table, &["decision.threshold=f1", "train.engine=fused"]);
    let (results, folder) = train_and_save(&run, temporary.path());
    let model = ModelFile::load(&folder.join("model.safetensors")).unwrap();
    let threshold = model.metadata.threshold;
    assert!(threshold == results.scores.threshold && threshold != 0.5, "{threshold}");

    let text = fs::read_to_string(&table).unwrap();
    let mut predictions = Predictions::open(&model, text.as_bytes(), "table", LabelMode::Ignore).unwrap();
    let logits = predictions.next_block().unwrap().unwrap().logits;
    assert_eq!(predictions.next_block().unwrap(), None);
    let split = fs::read_to_string(folder.join("split.csv")).unwrap();
    let test_rows = split.lines().skip(1).zip(&logits).filter(|(line, _)| line.ends_with("test"));
    let test_logits: Vec<f64> = test_rows.map(|(_, &logit)| logit).collect();
    assert_eq!(test_logits, results.scores.test.as_ref().unwrap().logits[0]);

    // The test rows only, with their columns in reverse order.
    let rows = text.lines().zip(split.lines()).enumerate();
    let rows = rows.filter(|(number, (_, part))| *number == 0 || part.ends_with("test"));
    let reversed = rows.map(|(_, (row, _))| row.split(',').rev().collect::<Vec<_>>().join(";") + "\r\n");
    let reversed: String = reversed.collect();
    let evaluation = evaluate(&model, reversed.as_bytes(), "reversed", LabelMode::Require, threshold).unwrap();
    assert_eq!(evaluation.scores, results.scores.test.as_ref().unwrap().network);
    assert_eq!(evaluation.samples, run.test.as_ref().unwrap().samples());
    assert_eq!(evaluation.class_counts, run.test.as_ref().unwrap().class_counts());

    let refused = |text: &str| {
        evaluate(&model, text.as_bytes(), "t.csv", LabelMode::Require, 0.5)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(refused(reversed.lines().next().unwrap()), "t.csv: has a header and no rows");
    assert!(refused("a,diagnosis\n1,benign\n").starts_with("t.csv: the network needs the columns \"mean_radius\", "));
}

#[test]
fn the_words_for_missing_values_are_set_in_the_configuration_and_kept_in_the_model() {
    let temporary = tempfile::tempdir().unwrap();
    let table = write_table_with_missing_values(temporary.path());
    let text = fs::read_to_string(&table).unwrap();
    let lines = text.lines().enumerate().map(|(number, line)| match line.starts_with(',') {
        true if number % 2 == 0 => format!("-9999.0{line}\n"),
        true => format!("unknown{line}\n"),
        false => format!("{line}\n"),
    });
    let words: String = lines.collect();
    let table_of_words = temporary.path().join("words.csv");
    fs::write(&table_of_words, &words).unwrap();

    let run = prepared(&table_of_words, &["train.updates=3", "data.missing=[\"unknown\", -9999]"]);
    assert_eq!(run.data, prepared(&table, &[]).data);
    let (_, folder) = train_and_save(&run, temporary.path());
    let again = Run::prepare(Config::load(&folder.join("config.toml"), &[]).unwrap()).unwrap();
    assert_eq!(again.data, run.data);

    let model = ModelFile::load(&folder.join("model.safetensors")).unwrap();
    let scores = |table: &str| {
        evaluate(&model, table.as_bytes(), "t.csv", LabelMode::Require, 0.5)
            .unwrap()
            .scores
    };
    assert_eq!(scores(&words), scores(&text));
    let refused = evaluate(&model, words.replace("unknown", "NA").as_bytes(), "t.csv", LabelMode::Require, 0.5);
    let refused = refused.unwrap_err().to_string();
    assert!(refused.ends_with("add it to the words of data.missing: unknown, -9999"), "{refused}");
}

#[test]
fn a_threshold_is_chosen_on_the_validation_samples() {
    use petal::data::metrics::{ThresholdMetric, best_threshold};
    for (name, metric) in [("f1", ThresholdMetric::F1), ("balanced_accuracy", ThresholdMetric::BalancedAccuracy)] {
        let run = prepared(&path("data/breast_cancer.csv"), &[&format!("decision.threshold={name}")]);
        let results = run.train(&mut ()).unwrap().evaluate().unwrap();
        let validation = results.scores.validation.as_ref().unwrap();
        let labels = run.validation.as_ref().unwrap().y();
        assert_eq!(results.scores.threshold, best_threshold(&validation.logits[0], labels, metric));
    }
    let run = prepared(&path("data/breast_cancer.csv"), &["decision.threshold=0.9"]);
    let results = run.train(&mut ()).unwrap().evaluate().unwrap();
    assert_eq!(results.scores.threshold, 0.9);
    let test = results.scores.test.as_ref().unwrap();
    let above = test.logits[0].iter().filter(|&&z| z > logit(0.9)).count();
    let counts = test.network.confusion;
    assert_eq!(counts.true_positive + counts.false_positive, above);
}

#[test]
fn an_input_that_is_constant_in_training_changes_no_prediction() {
    let temporary = tempfile::tempdir().unwrap();
    let table = temporary.path().join("table.csv");
    let rows = (0..40).map(|i| format!("{},0.1,{}\n", i % 7, if i % 7 > 2 { "\"y\nes\"" } else { "no" }));
    fs::write(&table, "a,same,y\n".to_owned() + &rows.collect::<String>()).unwrap();
    for dtype in ["f32", "f64"] {
        let text = format!(
            "dtype = \"{dtype}\"\n[data]\nkind = \"csv\"\npath = {table:?}\nlabel = \"y\"\n[train]\nupdates = 20\n"
        );
        let run = Run::prepare(Config::from_toml(&text, "test", &[]).unwrap()).unwrap();
        let out = temporary.path().join(dtype);
        fs::create_dir(&out).unwrap();
        let (results, folder) = train_and_save(&run, &out);
        let model = ModelFile::load(&folder.join("model.safetensors")).unwrap();
        let other = "a,same\n3,0.1\n3,-4\n3,1e9\n4,0.1\n";
        let mut predictions = Predictions::open(&model, other.as_bytes(), "other", LabelMode::Ignore).unwrap();
        let [first, second, third, other_input] = predictions.next_block().unwrap().unwrap().logits[..] else {
            panic!()
        };
        assert_eq!([first, first], [second, third], "{dtype}");
        assert_ne!(first, other_input);

        let none = evaluate(&model, "a,same,y\n1,1,NA\n".as_bytes(), "other", LabelMode::SkipMissing, 0.5).unwrap_err();
        let expected = "other: no row has a label; 1 row left out as unlabelled (\"NA\" 1): if one of these words is a value \
                        here, train the network without it in data.missing";
        assert_eq!(none.to_string(), expected);

        // The name of a class contains a line end, which the report escapes.
        assert!(report::results(&results).contains("Predictions: class 1 (y\\nes) where"));
        let evaluation = evaluate(&model, "a,same,y\n1,1,no\n".as_bytes(), "other", LabelMode::Require, 0.5).unwrap();
        let report_text = report::evaluation(&evaluation, &model.metadata.schema, false);
        let first = r#"1 row; y: 1 of class 0 ("no"), 0 of class 1 ("y\nes"); predicted class 1 above 0.5"#;
        assert_eq!(report_text.lines().next(), Some(first));
    }
}

#[test]
fn a_column_that_cannot_be_standardised_is_refused_before_training() {
    let temporary = tempfile::tempdir().unwrap();
    let table = temporary.path().join("huge.csv");
    let rows = (0..40).map(|i| format!("{}e308,{i},{}\n", [-1.7, 1.7, 1.7, 1.7][i / 2 % 4], i % 2));
    fs::write(&table, "a,b,y\n".to_owned() + &rows.collect::<String>()).unwrap();
    let text = format!("[data]\nkind = \"csv\"\npath = {table:?}\nlabel = \"y\"\n");
    let error = Run::prepare(Config::from_toml(&text, "test", &[]).unwrap())
        .unwrap_err()
        .to_string();
    let expected = "huge.csv:40:1: a = \"1.7e308\": the values of this column are too large to be standardised; leave it out \
                    with data.ignore";
    assert!(error.ends_with(expected), "{error}");
}

#[test]
fn a_layer_that_exceeds_the_size_limit_is_refused_after_the_table_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("t.csv");
    let rows: String = (0..12_000).map(|i| format!("{i},{}\n", i % 2)).collect();
    fs::write(&file, format!("a,y\n{rows}")).unwrap();
    let text = format!("[data]\nkind = \"csv\"\npath = {file:?}\nlabel = \"y\"\n[split]\ntest = 0\nvalidation = 0\n");
    let refused = |more: &str| {
        let config = Config::from_toml(&format!("{text}{more}"), "test", &[]).unwrap();
        let prepared = if config.sweep.is_some() {
            Sweep::prepare(config).err()
        } else {
            Run::prepare(config).err()
        };
        prepared.map(|error| error.to_string())
    };
    let reason = "hidden = 100000: with 12000 samples one layer takes 9 GiB; at most 8 are accepted";
    assert_eq!(refused("[model]\nhidden = 100_000\n").unwrap(), format!("model.{reason}"));
    assert_eq!(refused("[sweep]\nhidden = [2, 100_000, 3]\n").unwrap(), format!("model.{reason}"));
    // A sweep does not use model.hidden.
    assert_eq!(refused("[model]\nhidden = 100_000\n[sweep]\nhidden = [2, 3]\n"), None);
}

#[test]
fn a_number_in_place_of_a_cell_keeps_its_digits() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("t.csv");
    let prepare = |labels: &str, text: &str, changes: &[&str]| {
        let rows: String = labels.split(' ').map(|label| format!("1,{label}\n").repeat(20)).collect();
        fs::write(&table, format!("a,y\n{rows}")).unwrap();
        let text = format!("[data]\nkind = \"csv\"\npath = {table:?}\nlabel = \"y\"\n{text}");
        let run = Config::from_toml(&text, "test", &overrides(changes)).and_then(Run::prepare);
        run.map(|run| (run.schema.classes, run.table.unwrap().examination.rows))
            .map_err(|error| error.to_string())
    };
    let cases = [
        ("9007199254740992 9007199254740993 5", "9007199254740993.0"),
        ("9007199254740992 9007199254740993 5", "9.007199254740993e15"),
        ("9223372036854775808 1 2", "9223372036854775808"),
        ("inf 99999999999999999999 1", "99999999999999999999"),
        ("1e400 1e401 2", "1e400"),
        ("0.1 0.10000000000000001 2", "0.10000000000000001"),
        ("1e22 1e-7 2", "1e22"),
        ("1e22 1e-7 2", "1e-7"),
        ("5 1 2", "5"),
    ];
    for (labels, positive) in cases {
        let classes = [format!("other than {positive}"), positive.to_owned()];
        assert_eq!(prepare(labels, &format!("positive = {positive}"), &[]), Ok((classes.clone(), 60)));
        assert_eq!(prepare(labels, "", &[&format!("data.positive={positive}")]), Ok((classes, 60)));
    }
    let no_list = prepare("1 2", "missing = 5.5", &[]).unwrap_err();
    assert_eq!(no_list, "data.missing = 5.5: must be a list in square brackets (test:5)");
    let missing = "[-99999999999999999999, 1e-7, 9007199254740993.0]";
    let labels = "-99999999999999999999 0.0000001 9007199254740993 9007199254740992 1";
    let left = Ok((["1", "9007199254740992"].map(str::to_owned), 40));
    assert_eq!(prepare(labels, &format!("unlabelled = \"skip\"\nmissing = {missing}"), &[]), left);
    assert_eq!(prepare(labels, "unlabelled = \"skip\"", &[&format!("data.missing={missing}")]), left);
}

#[test]
fn numbers_that_become_equal_in_the_float_type_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("t.csv");
    let found = |value: fn(usize) -> f64, changes: &[&str]| -> Vec<String> {
        let rows: String = (0..200)
            .map(|row| format!("{},{},{}\n", value(row), row % 7, row % 2))
            .collect();
        fs::write(&table, format!("id,b,y\n{rows}")).unwrap();
        let text = format!("[data]\nkind = \"csv\"\npath = {table:?}\nlabel = \"y\"\n");
        let run = Run::prepare(Config::from_toml(&text, "test", &overrides(changes)).unwrap()).unwrap();
        let findings = run.table.unwrap().examination.findings.into_iter();
        let equal = findings.filter(|finding| finding.kind == FindingKind::LostDigits);
        equal.map(|finding| finding.sentence).collect()
    };
    let (f32, raw) = ("dtype=\"f32\"", "data.standardise=false");
    let two = |row: usize| [16_777_216.0, 16_777_217.0][row % 2];
    assert_eq!(
        found(two, &[f32, raw]),
        [
            "different numbers become equal in f32: id (2 numbers become 1); dtype = \"f64\" or data.standardise = true would keep \
          them apart"
        ]
    );
    assert!(found(two, &[f32]).is_empty());
    assert!(found(two, &["dtype=\"f64\"", raw]).is_empty());
    // Consecutive integers behind 2^24: every second one is no f32.
    assert!(found(|row| 16_777_216.0 + row as f64, &[f32, raw])[0].contains("(200 numbers become 101)"));
    // A few coincidences are ordinary: numpy.float32([1, 1 + 1e-9, 2]) has two values.
    assert!(found(|row| if row == 0 { 1.0 + 1e-9 } else { row as f64 }, &[f32, raw]).is_empty());
}

#[test]
fn the_summary_of_a_run_has_no_plural_after_1() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("t.csv");
    let rows: String = (0..20).map(|row| format!("{row},{}\n", row % 2)).collect();
    fs::write(&table, format!("a,y\n{rows}")).unwrap();
    let summary = |changes: &str| {
        let toml = format!(
            "data.kind = \"csv\"\ndata.path = {table:?}\ndata.label = \"y\"\nmodel.hidden = 1\ntrain.updates = 1\n{changes}"
        );
        report::run_summary(&Run::prepare(Config::from_toml(&toml, "test", &[]).unwrap()).unwrap())
    };
    let full = summary("");
    assert!(full.contains("\nNetwork   1 feature, 1 hidden unit (tanh)"), "{full}");
    assert!(full.contains("\nTraining  1 full-batch update, "), "{full}");
    assert!(summary("train.batch_size = 1\n").contains("\nTraining  1 update (0.0"));
    assert!(summary("train.batch_size = 1\n").contains(" of 1 sample each, "));
}
