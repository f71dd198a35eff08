//! A prediction is a finite number, or an error that names the row: in `predict`, in `evaluate` and in the scores of a run. And
//! a class is predicted by one rule in all three.

use std::fs;
use std::process::Output;

use petal::cli::report;
use petal::config::Config;
use petal::data::InputRanges;
use petal::data::metrics::Confusion;
use petal::data::scaling::StandardScaler;
use petal::data::schema::{Column, Schema};
use petal::data::table::LabelMode;
use petal::device::Precision;
use petal::files::model_file::{Metadata, ModelFile};
use petal::network::gradients::Engine;
use petal::network::{Activation, Parameters};
use petal::predict::{Predictions, evaluate};
use petal::run::Run;

use crate::support::{overrides, path, program};

/// A model of the inputs a and b, of which w2 can make the logit overflow.
fn model(precision: Precision, scaled: bool, w2: [f64; 2]) -> ModelFile {
    let columns = vec![Column::number("a"), Column::number("b")];
    let schema = Schema { columns, label: "y".into(), classes: ["no".into(), "yes".into()], missing: None };
    let scaling = scaled.then(|| StandardScaler { mean: vec![1.0, 0.0], deviation: vec![0.5, 2.0] });
    let ranges = InputRanges { min: vec![-1.0; 2], max: vec![1.0; 2] };
    let (w1, b1) = (vec![1.0, 0.5, -1.0, 0.25], vec![0.0; 2]);
    ModelFile {
        parameters: Parameters {
            features: 2,
            hidden: 2,
            activation: Activation::Tanh,
            w1,
            b1,
            w2: w2.to_vec(),
            b2: vec![0.0],
        },
        precision,
        metadata: Metadata::new(schema, scaling, ranges, 0.5, (2, Activation::Tanh), String::new()),
    }
}

/// The number of predicted rows, and the error after them.
fn predict(model: &ModelFile, table: &str) -> (usize, Option<String>) {
    let mut predictions = Predictions::open(model, table.as_bytes(), "t.csv", LabelMode::Ignore).unwrap();
    let mut rows = 0;
    loop {
        match predictions.next_block() {
            Ok(Some(block)) => {
                assert!(block.logits.iter().all(|logit| logit.is_finite()));
                rows += block.logits.len();
            }
            Ok(None) => return (rows, None),
            Err(error) => return (rows, Some(error.to_string())),
        }
    }
}

#[test]
fn an_input_that_is_too_large_for_the_float_type_is_refused_with_its_place() {
    let refused = |precision: Precision, cell: &str, scaled: &str| {
        let largest = if precision == Precision::F32 {
            "3.4028235e38"
        } else {
            "1.7976931348623157e308"
        };
        let range = format!("must be from -{largest} to {largest}{scaled}");
        Some(format!("t.csv:{cell}: too large for this {precision} model: {range}"))
    };
    let plain = |precision| model(precision, false, [1.0, 1.0]);
    let scaled = |precision| model(precision, true, [1.0, 1.0]);

    let rows = "b,c,a\n1,x,2\n1,\"x\n\",1e39\n-1,x,1\n";
    assert_eq!(predict(&plain(Precision::F32), rows), (1, refused(Precision::F32, "4:3: a = \"1e39\"", "")));
    assert_eq!(predict(&plain(Precision::F64), rows), (3, None));
    // The second column is divided by 2, the first multiplied by 2.
    let rows = "a,b\n1,3e38\n1.8E+38,1\n";
    let expected = refused(Precision::F32, "3:1: a = \"1.8E+38\"", " after scaling");
    assert_eq!(predict(&scaled(Precision::F32), rows), (1, expected));
    let expected = refused(Precision::F64, "2:1: a = \"-1e308\"", " after scaling");
    assert_eq!(predict(&scaled(Precision::F64), "a,b\n-1e308,1\n"), (0, expected));
    // Large inputs where tanh is 1 or -1 are fine.
    assert_eq!(predict(&plain(Precision::F64), "a,b\n3e307,3e307\n-7e307,1e307\n"), (2, None));
    assert_eq!(predict(&plain(Precision::F32), "a,b\n1e38,-1e37\n"), (1, None));
}

/// The exact sums of the hidden units are finite here. In floats they overflow on the way, to infinity or to NaN.
#[test]
fn a_hidden_unit_that_overflows_is_an_error_also_where_its_tanh_is_a_number() {
    for (precision, large) in [(Precision::F32, "3e38"), (Precision::F64, "1.5e308")] {
        let mut model = model(precision, false, [1.0, 1.0]);
        model.metadata.schema.columns = ["a", "b", "c", "d"].map(Column::number).to_vec();
        // Both units compute a + b - c - d.
        model.parameters = Parameters { features: 4, w1: [[1.0; 4], [-1.0; 4]].concat(), ..model.parameters };
        let message = format!("too large together for this {precision} model; the largest is d = ");
        for cells in [format!("{large},{large},{large},{large}"), format!("{large},{large},1,{large}")] {
            let (rows, error) = predict(&model, &format!("a,b,c,d\n1,2,3,4\n{cells}\n"));
            let error = error.unwrap();
            assert!(rows == 1 && error.starts_with("t.csv:3: the logit is NaN") && error.contains(&message), "{error}");
        }
    }
}

#[test]
fn a_logit_that_is_not_finite_is_an_error_of_its_row_after_the_rows_before_it() {
    for (precision, largest) in [(Precision::F32, f64::from(f32::MAX)), (Precision::F64, f64::MAX)] {
        let model = model(precision, false, [largest, -largest]);
        // Both units are near 1, or the first is near 1 and the second near -1.
        let rows = "a,b\n0,0\n9,1\n1,-9\n0,0\n";
        let expected = format!(
            "t.csv:4: the logit is inf: the inputs are too large together for this {precision} model; the largest is b = -9.0"
        );
        assert_eq!(predict(&model, rows), (2, Some(expected.clone())), "{precision}");
        let first = "a,b\n1,-9\n";
        assert_eq!(predict(&model, first), (0, Some(expected.replace(":4:", ":2:"))), "{precision}");

        let labelled: String = rows
            .lines()
            .zip(["y", "no", "yes", "no", "yes"])
            .map(|(row, y)| format!("{row},{y}\n"))
            .collect();
        let error = evaluate(&model, labelled.as_bytes(), "t.csv", LabelMode::Require, 0.5)
            .unwrap_err()
            .to_string();
        assert_eq!(error, expected, "{precision}");
    }
}

/// Without a bound on the hidden units, ordinary weights make the logit overflow. Its sign is not known then.
#[test]
fn a_logit_that_overflows_with_relu_or_identity_is_an_error_of_its_row() {
    for activation in [Activation::Relu, Activation::Identity] {
        for (precision, large) in [(Precision::F32, "1e30"), (Precision::F64, "1e300")] {
            let mut model = model(precision, false, [1e9, 1e9]);
            model.parameters.activation = activation;
            // Both signs, and with identity infinity minus infinity.
            for w2 in [[1e9, 1e9], [-1e9, -1e9], [1e9, -4e9]] {
                model.parameters.w2 = w2.to_vec();
                let table = format!("a,b\n1,2\n{large},0\n");
                let (rows, error) = predict(&model, &table);
                let expected = format!(
                    "t.csv:3: the logit is NaN: the inputs are too large together for this {precision} model; the largest is a = "
                );
                let error = error.unwrap_or_else(|| panic!("{activation} {precision} {w2:?}: no error"));
                assert!(rows == 1 && error.starts_with(&expected), "{activation} {precision} {w2:?}: {error}");

                let table = format!("a,b,y\n1,2,no\n{large},0,yes\n");
                let error = evaluate(&model, table.as_bytes(), "t.csv", LabelMode::Require, 0.5).unwrap_err();
                assert!(error.to_string().starts_with(&expected), "{error}");
                let rows = [1.0, 2.0, large.parse().unwrap(), 0.0];
                let probabilities = model.probabilities(&rows);
                assert!(probabilities[0].is_finite() && probabilities[1].is_nan(), "{probabilities:?}");
            }
        }
    }
}

/// Training that overflows keeps the last parameters that are finite, and every number that is stored is finite.
#[test]
fn an_overflow_in_training_leaves_finite_numbers_in_every_file() {
    let folder = tempfile::tempdir().unwrap();
    let petal = |arguments: &[&str]| -> Output {
        program("petal").args(arguments).current_dir(folder.path()).output().unwrap()
    };
    let config = path("configs/default.toml").display().to_string();
    let mut diverged = 0;
    for activation in ["relu", "identity"] {
        for (rate, dtype, engine) in [("1e6", "f32", "fused"), ("1e6", "f64", "manual"), ("1e200", "f64", "fused")] {
            let settings = [
                format!("model.activation={activation}"),
                format!("train.learning_rate={rate}"),
                format!("dtype={dtype}"),
                format!("train.engine={engine}"),
                "train.updates=50".into(),
            ];
            let settings: Vec<&str> = settings.iter().flat_map(|setting| ["--set", setting]).collect();
            let run = format!("{activation}-{rate}-{dtype}");
            let output = petal(&[&["train", &config, "--out", &run][..], &settings].concat());
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.code().is_some_and(|code| code <= 1), "{run}: {text}");
            diverged += usize::from(output.status.code() == Some(1));

            let model = format!("{run}/model.safetensors");
            assert!(ModelFile::load(&folder.path().join(&model)).unwrap().parameters.are_finite(), "{run}");
            for file in ["history.csv", "metrics.json"] {
                let text = fs::read_to_string(folder.path().join(&run).join(file)).unwrap();
                assert!(
                    !text.contains("NaN") && !text.contains("inf") && text.lines().count() > 1,
                    "{run}/{file}: {text}"
                );
            }
            let verified = petal(&["verify", &run]);
            assert_eq!(verified.status.code(), Some(0), "{run}: {}", String::from_utf8_lossy(&verified.stderr));
            let explained = petal(&[&["explain", &config, "--update", "40"][..], &settings].concat());
            let error = String::from_utf8(explained.stderr).unwrap();
            assert_eq!(explained.status.code(), Some(2), "{run}: {error}");
            assert!(error.starts_with("error: training diverged after update "), "{run}: {error}");
            for (option, file) in [("--onnx", "m.onnx"), ("--rust", "m.rs"), ("--c", "m.c")] {
                let exported = petal(&["export", &model, option, file]);
                assert_eq!(exported.status.code(), Some(0), "{run}: {}", String::from_utf8_lossy(&exported.stderr));
            }
        }
    }
    assert_eq!(diverged, 6);
}

#[test]
fn predict_prints_valid_json_before_an_error_and_exits_with_2() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("m.safetensors"), model(Precision::F32, false, [1.0, 1.0]).to_bytes().unwrap())
        .unwrap();
    fs::write(folder.path().join("t.csv"), "a,b,y\n1,2,no\n0,-1,yes\n1e39,-1e39,no\n1,1,yes\n").unwrap();
    let run = |job: &str| -> Output {
        let arguments = [job, "m.safetensors", "t.csv", "--json"];
        program("petal").args(arguments).current_dir(folder.path()).output().unwrap()
    };
    let output = run("predict");
    assert_eq!(output.status.code(), Some(2));
    let lines = String::from_utf8(output.stdout).unwrap();
    let values: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(values.len(), 2, "{lines}");
    assert!(values.iter().all(|value| value["probability"].is_f64()), "{lines}");

    let message =
        "error: t.csv:4:1: a = \"1e39\": too large for this f32 model: must be from -3.4028235e38 to 3.4028235e38\n";
    assert_eq!(String::from_utf8(output.stderr).unwrap(), message);
    let output = run("evaluate");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), message);
}

#[test]
fn the_scores_of_a_run_refuse_a_logit_that_is_not_finite() {
    let scored = |source: &str| {
        let text = format!(
            "[data]\n{source}\n[split]\nvalidation = 0.25\ntest = 0.25\n[model]\nhidden = 2\n[train]\nupdates = 1\n"
        );
        let run =
            Run::prepare(Config::from_toml(&text, "test", &overrides(&["decision.threshold=f1"])).unwrap()).unwrap();
        let mut trained = run.train(&mut ()).unwrap();
        let parameters = &mut trained.outcome.parameters;
        (parameters.b1, parameters.w2) = (vec![9.0; 2], vec![f64::MAX; 2]);
        trained.evaluate().err().map(|error| error.to_string())
    };
    let message = ": the logit of the network is inf: the inputs of this sample are too large together for f64";
    let place = |error: String| error.strip_suffix(message).unwrap_or_else(|| panic!("{error}")).to_owned();
    let found = place(scored("kind = \"moons\"").unwrap());
    assert!(found.starts_with("validation sample 0: x"), "{found}");

    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("t.csv");
    let rows = (0..40).map(|i| format!("{i},{}\n", i % 2));
    fs::write(&table, "a,y\n".to_owned() + &rows.collect::<String>()).unwrap();
    let found = place(scored(&format!("kind = \"csv\"\npath = {table:?}\nlabel = \"y\"")).unwrap());
    // The input of line n is n - 2.
    let (line, input) = found
        .strip_prefix(&format!("{}:", table.display()))
        .and_then(|rest| rest.split_once(":1: a = "))
        .unwrap_or_else(|| panic!("{found}"));
    assert_eq!(line.parse::<f64>().unwrap(), input.parse::<f64>().unwrap() + 2.0);
}

/// The weights are so large that many probabilities are 0, 1, or equal.
#[test]
fn a_chosen_threshold_gives_the_same_classes_in_training_predict_and_evaluate() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("moons.csv");
    let moons =
        Run::prepare(Config::load(&path("configs/moons.toml"), &overrides(&["data.noise=0.5"])).unwrap()).unwrap();
    let rows: Vec<String> = moons
        .data
        .rows()
        .zip(moons.data.y())
        .map(|(x, y)| format!("{},{},{y}\n", x[0], x[1]))
        .collect();
    fs::write(&table, "a,b,y\n".to_owned() + &rows.concat()).unwrap();

    for (dtype, scale) in [("f64", 0.5), ("f64", 30.0), ("f64", 500.0), ("f32", 5.0), ("f32", 100.0)] {
        for (engine, metric) in Engine::ALL.into_iter().zip(["f1", "balanced_accuracy", "f1"]) {
            let context = format!("{dtype} {scale} {engine} {metric}");
            let text = format!(
                "dtype = \"{dtype}\"\n[data]\nkind = \"csv\"\npath = {table:?}\nlabel = \"y\"\n[model]\ninit_scale = {scale}\n\
                 [train]\nupdates = 3\nengine = \"{engine}\"\n[decision]\nthreshold = \"{metric}\"\n"
            );
            let run = Run::prepare(Config::from_toml(&text, "test", &[]).unwrap()).unwrap();
            let trained = run.train(&mut ()).unwrap();
            let threshold = trained.threshold;
            let model = ModelFile {
                parameters: trained.outcome.parameters.clone(),
                precision: run.config.dtype,
                metadata: Metadata::new(
                    run.schema.clone(),
                    run.scaling.clone(),
                    run.ranges.clone(),
                    threshold,
                    (4, Activation::Tanh),
                    String::new(),
                ),
            };
            let scores = trained.evaluate().unwrap().scores;
            let expected = scores.validation.as_ref().unwrap().network;

            let validation: String = rows
                .iter()
                .zip(&run.table.as_ref().unwrap().parts)
                .filter(|(_, part)| part.to_string() == "validation")
                .map(|(row, _)| row.as_str())
                .collect();
            let text = format!("a,b,y\n{validation}");
            let evaluation = evaluate(&model, text.as_bytes(), "t", LabelMode::Require, threshold).unwrap();
            assert_eq!(evaluation.scores, expected, "{context}");

            let mut predictions = Predictions::open(&model, text.as_bytes(), "t", LabelMode::Require).unwrap();
            let block = predictions.next_block().unwrap().unwrap();
            let format = report::Predictions::new(&run.schema.classes, threshold, false);
            let mut counts = Confusion::default();
            for (&logit, label) in block.logits.iter().zip(block.labels.unwrap()) {
                let line = format.line(logit);
                match (label, line.trim_end().rsplit_once(',').unwrap().1) {
                    (0, "0") => counts.true_negative += 1,
                    (0, _) => counts.false_positive += 1,
                    (_, "0") => counts.false_negative += 1,
                    (_, _) => counts.true_positive += 1,
                }
            }
            assert_eq!(counts, expected.confusion, "{context}");
        }
    }
}

/// Before the first update with these settings, many probabilities round to 0 or 1.
#[test]
fn the_log_loss_is_the_cost_and_the_accuracy_that_of_the_history() {
    for engine in Engine::ALL {
        let changes = ["model.init_scale=30", "model.hidden=10", "train.updates=1", "train.learning_rate=1e-9"];
        let engine_change = format!("train.engine={engine}");
        let changes = [&changes[..], &[&engine_change, "split.validation=0.2"]].concat();
        let run = Run::prepare(Config::load(&path("configs/default.toml"), &overrides(&changes)).unwrap()).unwrap();
        let results = run.train(&mut ()).unwrap().evaluate().unwrap();
        let record = results.outcome.last();
        let validation = record.validation.unwrap();
        let parts = [
            (record.cost, record.accuracy, results.scores.train.network),
            (validation.cost, validation.accuracy, results.scores.validation.as_ref().unwrap().network),
        ];
        for (cost, accuracy, scores) in parts {
            // Sums of hundreds of losses, in another order. The logits are about 60, with rounding errors of 1e-14.
            assert!(cost > 10.0 && (scores.cost.unwrap() / cost - 1.0).abs() < 1e-13, "{engine}: {cost} {scores:?}");
            assert_eq!(scores.accuracy, accuracy, "{engine}");
        }
    }
}

/// All logits are tiny, so that every probability is exactly 1/2.
#[test]
fn the_accuracy_of_tiny_logits_is_the_same_in_history_and_scores() {
    for engine in Engine::ALL {
        let engine_change = format!("train.engine={engine}");
        let changes = ["model.init_scale=1e-10", "train.updates=1", "train.learning_rate=1e-30", &engine_change];
        let run = Run::prepare(Config::load(&path("configs/default.toml"), &overrides(&changes)).unwrap()).unwrap();
        let results = run.train(&mut ()).unwrap().evaluate().unwrap();
        let accuracy = results.outcome.last().accuracy;
        assert!(accuracy != 0.5 && accuracy == results.scores.train.network.accuracy, "{engine}: {accuracy}");
    }
}

#[test]
fn a_printed_class_follows_from_the_logit_where_its_probability_rounds_to_the_threshold() {
    let classes = ["no", "yes"].map(String::from);
    let line = |threshold, logit| report::Predictions::new(&classes, threshold, false).line(logit);
    let at_one_half = [-1e-20, 0.0, 1e-20].map(|logit| line(0.5, logit));
    assert_eq!(at_one_half, ["0.5,no\n", "0.5,no\n", "0.5,yes\n"]);
    assert_eq!([line(1.0, 1e300), line(0.0, -1e300)], ["1,no\n", "0,yes\n"]);
}
