//! The training loop: records, interruption, divergence.

use std::time::Instant;

use petal::config::Config;
use petal::data::Dataset;
use petal::device::{OpenDevice, Precision};
use petal::network::curvature;
use petal::network::gradients::Engine;
use petal::network::{self, Parameters};
use petal::run::Run;
use petal::train::{self, Ending, Job, Outcome, Record, Stopwatch, train};

use crate::support::StopAt;

fn prepared(toml: &str) -> Run {
    Run::prepare(Config::from_toml(toml, "test", &[]).unwrap()).unwrap()
}

fn outcome(toml: &str) -> Outcome {
    prepared(toml).train(&mut ()).unwrap().outcome
}

fn updates(outcome: &Outcome) -> Vec<usize> {
    outcome.history.iter().map(|record| record.update).collect()
}

#[test]
fn records_are_made_at_the_start_at_each_interval_and_at_the_end() {
    assert_eq!(updates(&outcome("train.updates = 7\ntrain.record_every = 3")), [0, 3, 6, 7]);
    assert_eq!(updates(&outcome("train.updates = 6\ntrain.record_every = 3")), [0, 3, 6]);
    assert_eq!(updates(&outcome("train.updates = 0")), [0]);
}

#[test]
fn the_number_of_records_does_not_change_the_trained_parameters() {
    for engine in Engine::ALL {
        let [many_records, few_records] = [1, 1000].map(|every| {
            outcome(&format!("train.engine = \"{engine}\"\ntrain.updates = 60\ntrain.record_every = {every}"))
        });
        assert_eq!(many_records.parameters, few_records.parameters, "{engine}");
    }
}

#[test]
fn records_hold_cost_and_accuracy_on_the_validation_samples() {
    let run = prepared("train.engine = \"fused\"\ntrain.updates = 300");
    let (start, data, settings) = (&run.initial, &run.data, &run.config.train);
    // Validation on the training samples must give the same numbers as the training samples.
    let job = Job { start, data, validation: Some(data), settings, devices: &run.devices };
    for record in train(job, None, &mut ()).unwrap().history {
        let validation = record.validation.unwrap();
        assert_eq!((validation.cost, validation.accuracy), (record.cost, record.accuracy), "{record:?}");
    }
}

#[test]
fn training_with_exact_updates_has_no_epochs_and_no_early_stopping() {
    let settings = |toml: &str| Config::from_toml(toml, "test", &[]).unwrap().train;
    let text = "split.validation = 0.1\ntrain.momentum = 0.5\ntrain.updates = 7\n";
    let plain = settings(text);
    let ends = settings(&format!("{text}train.epochs = 2\ntrain.patience = 3"));
    assert_eq!(format!("{:?}", ends.with_exact_updates()), format!("{plain:?}"));
}

#[test]
fn the_time_per_update_is_the_shortest_measurement() {
    let run = prepared("train.engine = \"fused\"");
    let watch = Stopwatch::start(&run.initial, &run.data, &run.config.train, &run.devices[0]);
    let mut watches = [watch];
    let first = watches[0].as_ref().unwrap().seconds_per_update();
    Stopwatch::measure_in_rounds(&mut watches);
    let seconds = watches[0].as_ref().unwrap().seconds_per_update();
    assert!(seconds <= first, "{seconds} {first}");
    // A whole training takes about as long per update. The factor of 10 allows for other load on the machine. If the time
    // were not divided by the number of updates, it would be wrong by a larger factor.
    let whole_training = (0..5).map(|_| {
        let began = Instant::now();
        run.train(&mut ()).unwrap();
        began.elapsed().as_secs_f64() / run.config.train.updates.get() as f64
    });
    let expected = whole_training.fold(f64::INFINITY, f64::min);
    assert!((expected / 10.0..expected * 10.0).contains(&seconds), "{seconds} {expected}");
}

#[test]
fn training_without_updates_returns_the_initial_parameters() {
    let untrained = outcome("train.updates = 0");
    assert_eq!(untrained.parameters, Parameters::initial(2, &network::Settings::default()));
}

#[test]
fn an_observer_stops_training_after_the_current_update() {
    let run = Run::prepare(Config::default()).unwrap();
    let mut observer = StopAt::update(150);
    let stopped = run.train(&mut observer).unwrap().outcome;
    assert_eq!(stopped.ending, Ending::Interrupted);
    assert_eq!(updates(&stopped), [0, 100, 150]);
    assert_eq!(observer.records, [0, 100, 150]);
    assert_eq!(stopped.parameters, outcome("train.updates = 150").parameters);
}

/// A learning rate at which the cost rises above 5 and falls back below it within a few updates, again and again.
const DIVERGES: &str = "train.learning_rate = 40.0\ntrain.updates = 400\n";

#[test]
fn the_first_bad_update_is_found_whatever_the_interval_of_records() {
    // Without a cost limit of 5: the first update above 5, and how many updates later the cost is below 5 again.
    let unlimited = outcome(&format!("{DIVERGES}train.record_every = 1"));
    let first = unlimited.history.iter().position(|record| record.cost > 5.0).unwrap();
    let return_after = unlimited.history[first..].iter().position(|record| record.cost < 5.0).unwrap();
    assert!(first > 2 && return_after < 50, "{first} {return_after}");

    for momentum in ["", "train.momentum = 0.3\n"] {
        let limited = format!("{DIVERGES}{momentum}train.cost_limit = 5.0\n");
        let exact = outcome(&format!("{limited}train.record_every = 1"));
        let Ending::Diverged { update, cost } = exact.ending else {
            panic!("{:?}", exact.ending)
        };
        assert!((!momentum.is_empty() || update == first) && cost > 5.0, "{update} {cost}");
        assert_eq!(exact.last().update, update - 1);

        // With the interval `update + return_after`, the cost at the first record is below the limit again.
        for every in [2, update / 2 + 1, update, update + 1, update + return_after, 400] {
            let found = outcome(&format!("{limited}train.record_every = {every}"));
            assert_eq!((&found.ending, found.last().update), (&exact.ending, update - 1), "every {every}");
            assert_eq!(found.parameters, exact.parameters, "every {every}");
        }
    }
}

#[test]
fn an_observer_can_stop_the_search_for_the_first_bad_update() {
    let toml = "train.learning_rate = 1e6\ntrain.updates = 400\ntrain.cost_limit = 5e3\ntrain.record_every = 400";
    let Ending::Diverged { update, .. } = outcome(toml).ending else {
        panic!("it must diverge")
    };
    assert!(update > 1, "{update}");
    let run = Run::prepare(Config::from_toml(toml, "test", &[]).unwrap()).unwrap();
    let stopped = run.train(&mut StopAt::repeat_of(1)).unwrap().outcome;
    assert_eq!((&stopped.ending, stopped.last().update), (&Ending::Interrupted, 1));
}

#[test]
fn a_step_that_overflows_is_taken_back() {
    for (dtype, rate) in [("f32", "1e40"), ("f64", "1.5e308")] {
        for engine in ["autodiff", "fused"] {
            let settings = format!("dtype = {dtype:?}\ntrain.learning_rate = {rate}\ntrain.engine = {engine:?}");
            let overflowing = outcome(&format!("{settings}\ntrain.updates = 50\ntrain.cost_limit = 1e100"));
            let Ending::Diverged { .. } = overflowing.ending else {
                panic!("{dtype} {engine}: {:?}", overflowing.ending)
            };
            assert!(overflowing.parameters.are_finite() && overflowing.last().cost.is_finite(), "{dtype} {engine}");
        }
    }
}

#[test]
fn parameters_data_and_snapshots_that_do_not_fit_each_other_are_refused() {
    let data = Dataset::from_points_2d(&[[0.0, 1.0], [1.0, 0.0]], vec![0, 1]);
    let devices = [OpenDevice::flex(Precision::F64)];
    let settings = train::Settings::default();
    let job = |start| Job { start, data: &data, validation: None, settings: &settings, devices: &devices };

    let three_features = Parameters::initial(3, &network::Settings::default());
    let error = train(job(&three_features), None, &mut ()).unwrap_err();
    assert_eq!(error.to_string(), "the model takes 3 features, the data has 2");

    let mut infinite = Parameters::initial(2, &network::Settings::default());
    infinite.w1[0] = f64::INFINITY;
    let error = train(job(&infinite), None, &mut ()).unwrap_err();
    assert!(error.to_string().starts_with("the cost of the initial parameters is"), "{error}");

    let five_units = Parameters::initial(2, &toml::from_str("hidden = 5").unwrap());
    let state = train::TrainingState { update: 0, parameters: five_units.clone(), velocity: None };
    let kept = Record {
        update: 0,
        cost: 0.7,
        penalty: 0.0,
        accuracy: 0.5,
        validation: None,
        tracked: Vec::new(),
        seconds: 0.0,
    };
    let from = train::Snapshot {
        state_at_last_record: state.clone(),
        state,
        history: vec![kept.clone()],
        kept,
        kept_parameters: five_units.clone(),
        records_since_kept: 0,
        seconds: 0.0,
    };
    let four_units = Parameters::initial(2, &network::Settings::default());
    let error = train(job(&four_units), Some(from.clone()), &mut ()).unwrap_err().to_string();
    assert_eq!(error, "the model has 2 inputs and 4 hidden units, but the snapshot has 2 inputs and 5 hidden units");

    // Records that lack the numbers which the settings ask for.
    let tracking = train::Settings { track: vec![train::TrackedMetric::GradientNorm], ..settings.clone() };
    let other = [Job { settings: &tracking, ..job(&five_units) }, Job { validation: Some(&data), ..job(&five_units) }];
    for job in other {
        let error = train(job, Some(from.clone()), &mut ()).unwrap_err().to_string();
        assert_eq!(
            error,
            "the records of the snapshot do not have the numbers that train.track and split.validation require"
        );
    }
    assert!(train(job(&five_units), Some(from), &mut ()).is_ok());
}

#[test]
fn tracked_numbers_equal_those_of_the_curvature_module() {
    let text = "train.updates = 30\ntrain.record_every = 1\ntrain.weight_decay = 0.01\ntrain.momentum = 0.5\n\
                train.track = [\"saturation\", \"sharpness\", \"update_ratio\", \"gradient_norm\"]";
    for engine in ["autodiff", "manual", "fused"] {
        let outcome = outcome(&format!("{text}\ntrain.engine = {engine:?}"));
        let data = prepared(text).data;
        let parameters = &outcome.parameters;
        let [saturated, sharpness, _, norm] = outcome.last().tracked[..] else {
            panic!("{:?}", outcome.last())
        };
        assert_eq!(saturated, curvature::saturation(parameters, &data).overall);
        assert_eq!(sharpness, curvature::Hessian::new(parameters, &data, 0.01).largest_eigenvalue().value);
        assert_eq!(norm, curvature::gradient_norm(parameters, &data, 0.01));
        // The update ratio of a record belongs to the update after it: here update 30, from the record at 29.
        let before = self::outcome(&format!("{text}\ntrain.engine = {engine:?}").replacen("30", "29", 1));
        assert_eq!(before.last().tracked[2], curvature::update_ratio(&before.parameters, parameters), "{engine}");
    }
}

#[test]
fn a_divergence_keeps_the_bad_update_and_the_ten_before_it() {
    let text = "train.engine = \"fused\"\ntrain.learning_rate = 8\ntrain.cost_limit = 2\ntrain.updates = 400";
    let outcome = outcome(text);
    let divergence = outcome.divergence.unwrap();
    assert_eq!(outcome.ending, Ending::Diverged { update: 18, cost: divergence.cost });
    assert_eq!((divergence.update, divergence.learning_rate, divergence.past_updates.len()), (18, 8.0, 10));
    assert!(divergence.cost > 2.0 && divergence.past_updates.iter().all(|past| past.cost <= 2.0));
    let updates: Vec<usize> = divergence.past_updates.iter().map(|past| past.update).collect();
    assert_eq!(updates, (8..=17).collect::<Vec<_>>());
    assert_eq!(divergence.past_updates[9].parameters, outcome.parameters);

    // The length of the step that was taken back is the learning rate times the length of the gradient.
    let data = prepared(text).data;
    let step: Vec<f64> = divergence
        .parameters
        .flattened()
        .iter()
        .zip(outcome.parameters.flattened())
        .map(|(a, b)| a - b)
        .collect();
    let length = step.iter().map(|element| element * element).sum::<f64>().sqrt();
    let expected = 8.0 * curvature::gradient_norm(&outcome.parameters, &data, 0.0);
    assert!((length / expected - 1.0).abs() < 1e-12, "{length} {expected}");
}
