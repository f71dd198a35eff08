//! Inputs that are too large or too small for the float type, and inputs for which the network has no finite output.

use std::fmt::Write as _;
use std::path::Path;

use petal::config::Config;
use petal::data::doctor::FindingKind;
use petal::data::split::Part;
use petal::data::{Dataset, TableInfo};
use petal::error::Error;
use petal::network::Parameters;
use petal::run::Run;
use petal::train::{Ending, Job, train};

use crate::support::{overrides, program};

const ROWS: usize = 24;

/// A table of 24 rows with a text column `t`, the inputs `a` and `b`, and the label `y`. `a` gives the cells of that input.
fn table(folder: &Path, a: impl Fn(usize) -> String) -> Config {
    let mut text = "t,a,b,y\n".to_owned();
    for row in 0..ROWS {
        let _ = writeln!(text, "x,{},{},{}", a(row), row % 5, row % 2);
    }
    let path = folder.join("t.csv");
    std::fs::write(&path, text).unwrap();
    let toml = format!("data.kind = \"csv\"\ndata.path = {path:?}\ndata.label = \"y\"\ndata.ignore = [\"t\"]\n");
    Config::from_toml(&toml, "test", &[]).unwrap()
}

fn prepare(config: &Config, changes: &[&str]) -> Result<Run, Error> {
    Run::prepare(Config::from_toml(&config.to_toml(), "test", &overrides(changes)).unwrap())
}

/// The message without the folder of the table.
fn refusal(config: &Config, changes: &[&str]) -> String {
    let message = prepare(config, changes).unwrap_err().to_string();
    let folder = config.data.path.as_ref().unwrap().parent().unwrap().display().to_string();
    message.replace(&format!("{folder}/"), "")
}

/// The part of each row.
fn parts(config: &Config) -> Vec<Part> {
    let TableInfo { parts, .. } = prepare(config, &[]).unwrap().table.unwrap();
    parts
}

#[test]
fn a_value_that_f32_cannot_hold_is_refused_in_every_part_and_for_every_engine() {
    let temporary = tempfile::tempdir().unwrap();
    let parts = parts(&table(temporary.path(), |row| row.to_string()));
    let engines = ["autodiff", "manual", "fused"];
    for (row, part) in parts.into_iter().enumerate() {
        let config = table(temporary.path(), |r| if r == row { "1e40".into() } else { r.to_string() });
        let engine = format!("train.engine={}", engines[row % 3]);
        let place = format!("t.csv:{}:2: a = \"1e40\": too large for f32", row + 2);
        assert_eq!(
            refusal(&config, &["dtype=f32", "data.standardise=false", &engine]),
            format!(
                "{place}, must be at most 3.4028235e38; dtype = \"f64\" or data.standardise = true would accept it"
            )
            .replace(
                " or data.standardise = true",
                if part == Part::Train { " or data.standardise = true" } else { "" }
            )
        );
        assert!(prepare(&config, &["data.standardise=false", &engine]).is_ok());

        // Among the training samples it is at most five deviations from the mean, elsewhere about 1e39.
        match part {
            Part::Train => {
                let run = prepare(&config, &["dtype=f32", &engine]).unwrap();
                assert!(run.data.x().iter().all(|value| value.abs() < 5.0));
            }
            Part::Validation | Part::Test => {
                let refused = refusal(&config, &["dtype=f32", &engine]);
                assert!(refused.starts_with(&format!("{place} when it is standardised, it becomes 1.")), "{refused}");
                assert!(refused.ends_with("; dtype = \"f64\" would accept it"), "{refused}");
            }
        }
        assert!(prepare(&config, &[&engine]).is_ok());
    }
}

#[test]
fn standardising_that_overflows_is_refused_with_the_place() {
    let temporary = tempfile::tempdir().unwrap();
    let parts = parts(&table(temporary.path(), |row| row.to_string()));
    let held_out = parts.iter().position(|part| *part != Part::Train).unwrap();
    let config = table(temporary.path(), |row| match row {
        row if row == held_out => "-1.7e308".into(),
        row => format!("{row}e-10"),
    });
    let place = format!("t.csv:{}:2", held_out + 2);
    assert_eq!(
        refusal(&config, &[]),
        format!(
            "{place}: a = \"-1.7e308\": too large for f64 when it is standardised, must be at most 1.7976931348623157e308; \
             correct it, or leave the column out with data.ignore"
        )
    );

    let largest = parts.iter().position(|part| *part == Part::Train).unwrap();
    let config = table(temporary.path(), |row| match row {
        row if row == largest => "1.79e308".into(),
        row => if row % 4 == 0 { "-1.7e308" } else { "1.7e308" }.into(),
    });
    assert_eq!(
        refusal(&config, &[]),
        format!(
            "t.csv:{}:2: a = \"1.79e308\": the values of this column are too large to be standardised; leave it out with \
             data.ignore",
            largest + 2
        )
    );

    // The difference between the first value and the mean overflows, and the scaled value does not.
    let config = table(temporary.path(), |row| if row == largest { "-1.7e308" } else { "3e307" }.into());
    let run = prepare(&config, &[]).unwrap();
    assert!(run.data.x().iter().all(|value| value.abs() < 5.0));
    // So predict accepts this table, as training does.
    let petal = |arguments: &[&str]| {
        let output = program("petal").current_dir(temporary.path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    std::fs::write(temporary.path().join("c.toml"), config.to_toml()).unwrap();
    petal(&["train", "c.toml", "--engine", "fused", "--set", "train.updates=2", "--quiet", "--out", "run"]);
    assert_eq!(petal(&["predict", "run/model.safetensors", "t.csv"]).lines().count(), 1 + ROWS);

    // Missing values get the mean of values whose differences overflow.
    let missing = (largest + 1..ROWS).find(|&row| parts[row] == Part::Train).unwrap();
    let config = table(temporary.path(), |row| match row {
        row if row == missing => String::new(),
        row => (if row % 2 == 0 { "1.7e308" } else { "-1.7e308" }).into(),
    });
    let run = prepare(&config, &["data.impute=mean", "data.standardise=false"]).unwrap();
    assert!(run.data.x().iter().all(|value| value.is_finite()));
}

#[test]
fn values_that_become_0_are_a_finding() {
    let temporary = tempfile::tempdir().unwrap();
    let config = table(temporary.path(), |row| format!("{row}e-50"));
    let sentence = |changes: &[&str]| {
        let run = prepare(&config, changes).unwrap();
        let findings = run.table.unwrap().examination.findings;
        let found = findings.into_iter().find(|finding| finding.kind == FindingKind::Underflow);
        assert_eq!(found, run.underflow);
        found.map(|finding| finding.sentence)
    };
    let found = sentence(&["dtype=f32", "data.standardise=false"]).unwrap();
    assert!(found.starts_with(
        "some values are smaller than 1.4e-45, the smallest number of f32, and become 0: a (23 values, for example at "
    ));
    assert!(found.ends_with("t.csv:4:2); dtype = \"f64\" or data.standardise = true would keep them"), "{found}");
    // Values of 0 stay what they are, and f64 and scaled numbers hold the others.
    for changes in [&["dtype=f32"][..], &["dtype=f64", "data.standardise=false"]] {
        assert_eq!(sentence(changes), None, "{changes:?}");
    }
    // The scale of the two large values makes the others vanish, which are ordinary numbers in the table.
    let config = table(temporary.path(), |row| match row % 8 {
        0 => "1e300".into(),
        1 => "-1e300".into(),
        _ => row.to_string(),
    });
    let finding = prepare(&config, &["dtype=f32", "split.validation=0", "split.test=0"])
        .unwrap()
        .underflow
        .unwrap();
    let begin = "after standardisation, some values are smaller than 1.4e-45";
    assert!(finding.sentence.starts_with(begin), "{}", finding.sentence);

    let toml = "dtype = \"f32\"\ndata.kind = \"quantiles\"\ndata.samples = 10\ndata.noise = 1e-300\n";
    let run = Run::prepare(Config::from_toml(toml, "test", &[]).unwrap()).unwrap();
    let finding = run.underflow.unwrap();
    assert_eq!(finding.columns, ["x1", "x2"]);
    assert!(
        finding.sentence.contains("x1 (10 values, for example at training sample 0)"),
        "{}",
        finding.sentence
    );
}

#[test]
fn an_initial_cost_that_is_not_accepted_names_inputs_or_weights() {
    let temporary = tempfile::tempdir().unwrap();
    let far = table(temporary.path(), |row| if row == 5 { "3e38" } else { "1" }.into());
    let all_train = ["split.test=0", "split.validation=0", "data.standardise=false", "train.updates=3"];
    let error = |config: &Config, changes: &[&str]| {
        let run = prepare(config, &[&all_train[..], changes].concat()).unwrap();
        let message = run.train(&mut ()).unwrap_err().to_string();
        message.replace(&format!("{}/", temporary.path().display()), "")
    };
    // b is 0 in this row, so 0 times an infinite weight gives NaN.
    let not_finite = "the cost of the initial parameters is NaN: must be finite; ";
    assert_eq!(
        error(&far, &["model.init_scale=1e39", "dtype=f32"]),
        format!("{not_finite}model.init_scale = 1e39 is too large for f32: set a smaller one or dtype = \"f64\"")
    );
    assert_eq!(
        error(&far, &["model.init_scale=1e5"]).split_once("; ").unwrap().1,
        "a smaller model.init_scale than 100000 lowers it"
    );
    assert_eq!(
        error(&far, &["train.cost_limit=0.1"]).split_once("; ").unwrap().1,
        "always predicting 1/2 has a cost of 0.693147"
    );

    // Both inputs are so large that their products with weights overflow to infinities of both signs.
    let text = "a,b,y\n1,2,0\n2,1,1\n3e38,-3e38,0\n0,1,1\n";
    std::fs::write(temporary.path().join("t.csv"), text).unwrap();
    let both = Config::from_toml(&far.to_toml().replace("ignore = [\"t\"]", "ignore = []"), "test", &[]).unwrap();
    assert_eq!(
        error(&both, &["model.init_scale=10", "dtype=f32"]),
        format!(
            "{not_finite}the largest input, t.csv:4:2: b = -3e38, is too large for f32: correct it, or set a smaller \
             model.init_scale, data.standardise = true or dtype = \"f64\""
        )
    );
}

#[test]
fn a_validation_cost_that_is_not_finite_ends_training() {
    let toml =
        "data.kind = \"moons\"\nmodel.hidden = 1\ntrain.patience = 3\ntrain.updates = 200\nsplit.validation = 0.2\n";
    // The sum of the absolute products is below half of the largest float for weights of 0.1, and above it for larger ones.
    let validation = Dataset::from_points_2d(&[[1.0, 0.5], [6e307, 6e307]], vec![1, 1]);
    let train_from = |engine: &str, w1: [f64; 2]| {
        let config = Config::from_toml(toml, "test", &overrides(&[&format!("train.engine={engine}")])).unwrap();
        let run = Run::prepare(config).unwrap();
        let start = Parameters { w1: w1.into(), ..run.initial.clone() };
        let (data, settings, devices) = (&run.data, &run.config.train, &run.devices);
        train(Job { start: &start, data, validation: Some(&validation), settings, devices }, None, &mut ())
    };
    for engine in ["autodiff", "manual", "fused"] {
        let error = train_from(engine, [1.0, -1.0]).unwrap_err();
        assert_eq!(error.to_string(), "the validation cost of the initial parameters is NaN: must be finite");

        // Before, patience kept the parameters of the start.
        let outcome = train_from(engine, [0.1, 0.1]).unwrap();
        let Ending::Diverged { update, cost } = outcome.ending else {
            panic!("{engine}: {:?}", outcome.ending)
        };
        let divergence = outcome.divergence.unwrap();
        assert!(cost.is_nan() && divergence.part == Part::Validation && divergence.parameters.are_finite());
        let size = divergence.parameters.w1.iter().map(|w| w.abs()).sum::<f64>();
        assert!(6e307 * size > f64::MAX / 2.0, "{engine}: {size}");
        let last = outcome.history.last().unwrap();
        assert_eq!(last.update, update - 1, "the search found the first one");
        assert!(outcome.history.iter().all(|record| record.validation.unwrap().cost.is_finite()));
        assert!(outcome.kept.update < update);
    }
}

/// tanh of an infinite sum would look like a result.
#[test]
fn an_input_whose_products_may_overflow_ends_training_before_they_do() {
    let temporary = tempfile::tempdir().unwrap();
    let parts = parts(&table(temporary.path(), |row| row.to_string()));
    for part in [Part::Train, Part::Validation] {
        let far = parts.iter().position(|of_row| *of_row == part).unwrap();
        let config = table(temporary.path(), |row| if row == far { "3e38".into() } else { (row % 2).to_string() });
        for engine in ["autodiff", "manual", "fused"] {
            let engine_change = format!("train.engine={engine}");
            let changes = ["dtype=f32", "data.standardise=false", "train.updates=500", &engine_change];
            let run = prepare(&config, &changes).unwrap();
            let trained = run.train(&mut ()).unwrap();
            let divergence = trained.outcome.divergence.as_ref().unwrap();
            assert!(divergence.cost.is_nan() && divergence.part == part, "{engine} {part}: {divergence:?}");
            let advice = &trained.diagnosis.as_ref().unwrap().advice[0];
            assert!(advice.contains(&format!("t.csv:{}:2: a = 3e38", far + 2)), "{engine} {part}: {advice}");

            let cost = trained.outcome.kept.cost;
            let scores = trained.evaluate().unwrap().scores;
            // Sums of a few losses in f32.
            assert!((scores.train.network.cost.unwrap() - cost).abs() < 1e-6, "{engine} {part}: {cost}");
        }
    }
}
