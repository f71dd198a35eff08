//! Mini-batches, momentum, schedules and early stopping.

use petal::config::Config;
use petal::network::gradients::Engine;
use petal::run::Run;
use petal::train::{Ending, Outcome};

use crate::support::{overrides, reference};

fn config(changes: &[&str]) -> Config {
    Config::from_toml("", "defaults", &overrides(changes)).unwrap()
}

fn outcome(changes: &[&str]) -> Outcome {
    Run::prepare(config(changes)).unwrap().train(&mut ()).unwrap().outcome
}

/// The configuration of `batches.csv`.
const CASE: [&str; 8] = [
    "split.validation=0.2",
    "split.test=0.2",
    "model.init_scale=0.3",
    "train.batch_size=64",
    "train.momentum=0.9",
    "train.learning_rate=0.5",
    "train.updates=60",
    "train.record_every=4",
];

#[test]
fn the_costs_with_batches_momentum_and_schedules_equal_numpys() {
    let reference = reference("batches.csv");
    for (engine, dtype) in Engine::ALL.into_iter().flat_map(|engine| [(engine, "f64"), (engine, "f32")]) {
        // Sixty updates accumulate some rounding errors, of 2^-53 in f64 or 2^-24 in f32, in costs near 1/2.
        let tolerance = if dtype == "f64" { 1e-14 } else { 2e-6 };
        for schedule in ["constant", "linear", "cosine", "exponential"] {
            let (engine, dtype) = (format!("train.engine={engine}"), format!("dtype={dtype}"));
            let schedule_change = format!("train.schedule={schedule}");
            // A constant learning rate accepts no final one.
            let rate_change: &[&str] = if schedule == "constant" { &[] } else { &["train.final_learning_rate=0.05"] };
            let ours = outcome(&[&CASE[..], &[&engine, &dtype, &schedule_change], rate_change].concat());

            let lines: Vec<&str> = reference.lines().filter(|line| line.starts_with(schedule)).collect();
            assert_eq!(lines.len(), ours.history.len());
            for (line, record) in lines.into_iter().zip(&ours.history) {
                let cells: Vec<f64> = line.split(',').skip(1).map(|cell| cell.parse().unwrap()).collect();
                assert_eq!(cells[0], record.update as f64);
                for (expected, ours) in [(cells[1], record.cost), (cells[2], record.validation.unwrap().cost)] {
                    assert!((expected - ours).abs() < tolerance, "{engine} {dtype} {line}: {record:?}");
                }
            }
        }
    }
}

#[test]
fn neither_records_nor_a_batch_of_all_samples_change_the_parameters() {
    for engine in Engine::ALL.map(|engine| format!("train.engine={engine}")) {
        let case = [&CASE[..7], &[&engine, "train.schedule=cosine"]].concat();
        let [often, rarely] = ["train.record_every=1", "train.record_every=100"]
            .map(|every| outcome(&[&case[..], &[every]].concat()).parameters);
        assert_eq!(often, rarely, "{engine}");
        let full_batch = ["train.updates=20", &engine];
        let expected = outcome(&full_batch).parameters;
        for size in ["train.batch_size=400", "train.batch_size=1000"] {
            assert_eq!(outcome(&[&full_batch[..], &[size]].concat()).parameters, expected, "{engine}");
        }
    }
}

#[test]
fn the_first_bad_update_is_found_when_training_uses_batches() {
    let diverging = ["train.batch_size=32", "train.momentum=0.9", "train.learning_rate=40", "train.cost_limit=5"];
    for engine in Engine::ALL.map(|engine| format!("train.engine={engine}")) {
        let [exact, found] = ["train.record_every=1", "train.record_every=10"]
            .map(|every| outcome(&[&diverging[..], &["train.seed=11", "train.updates=60", every, &engine]].concat()));
        assert!(matches!(exact.ending, Ending::Diverged { .. }), "{:?}", exact.ending);
        assert_eq!((found.ending, found.parameters), (exact.ending, exact.parameters), "{engine}");
    }
}

#[test]
fn an_epoch_has_one_update_per_batch() {
    // 400 samples in batches of 150 make three batches per epoch.
    let epochs = outcome(&["train.batch_size=150", "train.updates=7", "train.epochs=4"]);
    assert_eq!(epochs.last().update, 12);
    assert_eq!(epochs.parameters, outcome(&["train.batch_size=150", "train.updates=12"]).parameters);
    assert_eq!(outcome(&["train.epochs=4"]).last().update, 4);
    assert_eq!(outcome(&["train.epochs=0"]).last().update, 0);
    // The last option wins.
    assert_eq!(outcome(&["train.epochs=4", "train.updates=7"]).last().update, 7);
}

#[test]
fn early_stopping_keeps_the_parameters_with_the_lowest_validation_cost() {
    // Fifty hidden units soon overfit sixty noisy samples.
    let case = [
        "data.samples=100",
        "data.noise=1.0",
        "split.validation=0.4",
        "model.hidden=50",
        "train.record_every=10",
        "train.engine=fused",
        "train.updates=4000",
    ];
    let to_the_end = outcome(&case);
    let cost = |outcome: &Outcome| outcome.kept.validation.unwrap().cost;
    let lowest = to_the_end
        .history
        .iter()
        .map(|record| record.validation.unwrap().cost)
        .fold(f64::MAX, f64::min);
    assert_eq!((&to_the_end.ending, to_the_end.kept.update), (&Ending::Finished, 4_000));
    assert!(cost(&to_the_end) > lowest + 0.1, "{} {lowest}", cost(&to_the_end));

    let stopped = outcome(&[&case[..], &["train.patience=20"]].concat());
    assert_eq!(stopped.ending, Ending::StoppedEarly);
    assert_eq!(stopped.last().update, stopped.kept.update + 200);
    assert!(
        stopped
            .history
            .iter()
            .all(|record| record.validation.unwrap().cost >= cost(&stopped))
    );
    // The kept parameters are those of the best update, not the last ones.
    let until = format!("train.updates={}", stopped.kept.update);
    assert_eq!(outcome(&[&case[..], &[&until]].concat()).parameters, stopped.parameters);
}

#[test]
fn the_learning_rates_of_a_schedule_follow_its_formula() {
    // The formulas of src/train/schedule.rs, from 1.2 to 0.3, a quarter of it. t is the fraction of the updates done.
    let formula = |schedule: &str, t: f64| match schedule {
        "linear" => 1.0 - 0.75 * t,
        "cosine" => 0.25 + 0.75 * (1.0 + (std::f64::consts::PI * t).cos()) / 2.0,
        "exponential" => 0.25_f64.powf(t),
        _ => 1.0,
    };
    let updates = [0, 1, 1, 7, 39];
    for schedule in ["constant", "linear", "cosine", "exponential"] {
        let schedule_change = format!("train.schedule={schedule}");
        let rate_change: &[&str] = if schedule == "constant" { &[] } else { &["train.final_learning_rate=0.3"] };
        let settings = config(&[&["train.updates=40", &schedule_change], rate_change].concat()).train;
        assert_eq!(settings.schedule.to_string(), schedule);
        for (rate, update) in settings.learning_rates(updates).unwrap().into_iter().zip(updates) {
            let expected = 1.2 * formula(schedule, update as f64 / 40.0);
            // Burn computes each factor from the one before, with one rounding error per update.
            assert!((rate / expected - 1.0).abs() < 1e-14, "{schedule}, update {update}: {rate} {expected}");
        }
        assert_eq!(settings.learning_rates(updates).unwrap().len(), updates.len());
    }
}

#[test]
fn training_options_that_do_not_fit_together_are_refused() {
    let refusal = |changes: &[&str]| match Config::from_toml("", "defaults", &overrides(changes)).and_then(Run::prepare)
    {
        Err(error) => error.to_string(),
        Ok(run) => run.train(&mut ()).unwrap_err().to_string(),
    };
    let cases: [(&[&str], &str); 10] = [
        (&["train.momentum=1"], "train.momentum = 1: must be >= 0 and < 1 (--set train.momentum=1)"),
        (&["train.batch_size=0"], "train.batch_size = 0: must be a whole number from 1 to 100,000,000"),
        (&["train.patience=3"], "train.patience = 3: needs validation samples; set split.validation above 0"),
        (&["train.final_learning_rate=1"], "needs train.schedule = linear, cosine or exponential"),
        (
            &["train.schedule=linear", "train.final_learning_rate=2"],
            "must be at most train.learning_rate = 1.2",
        ),
        (&["train.schedule=exponential"], "needs train.final_learning_rate above 0, where it ends"),
        (&["train.schedule=warm"], "not accepted; accepted: constant, linear, cosine, exponential"),
        (
            &["split.validation=0.5", "split.test=0.5"],
            "split.test = 0.5: with split.validation = 0.5 must leave something for training (--set split.test=0.5)",
        ),
        (
            &["split.validation=0.8", "split.test=0.2"],
            "split.validation = 0.8: with split.test = 0.2 must leave something for training (--set split.validation=0.8)",
        ),
        (
            &["device=[\"flex\", \"flex\"]", "train.batch_size=10"],
            "2 devices share all samples in each update",
        ),
    ];
    for (changes, expected) in cases {
        let message = refusal(changes);
        assert!(message.contains(expected), "{changes:?}: {message}");
    }
    let message = refusal(&["train.epochs=1000000000", "train.batch_size=1"]);
    assert!(
        message.contains("with 400 updates per epoch, these are more than 1,000,000,000 updates"),
        "{message}"
    );
}

#[test]
fn a_validation_cost_that_stays_the_same_uses_up_the_patience() {
    // The steps are smaller than the last digit of the weights. Only the biases change, because they start at zero, but
    // by too little to change the cost.
    let changes = ["train.patience=3", "train.learning_rate=1e-300", "split.validation=0.2"];
    let outcome = outcome(&changes);
    assert_eq!((outcome.ending, outcome.history.len(), outcome.kept.update), (Ending::StoppedEarly, 4, 0));
}
