//! The training loop: records, interruption, divergence.

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
fn how_often_records_are_made_changes_nothing_else() {
    for engine in Engine::ALL {
        let [often, rarely] = [1, 1000].map(|every| {
            outcome(&format!("train.engine = \"{engine}\"\ntrain.updates = 60\ntrain.record_every = {every}"))
        });
        assert_eq!(often.parameters, rarely.parameters, "{engine}");
    }
}

#[test]
fn what_is_watched_is_cost_and_accuracy_of_the_validation_samples() {
    let run = prepared("train.engine = \"fused\"\ntrain.updates = 300");
    let (start, data, settings) = (&run.initial, &run.data, &run.config.train);
    // The training samples themselves.
    let job = Job { start, data, validation: Some(data), settings, devices: &run.devices };
    for record in train(job, None, &mut ()).unwrap().history {
        let watched = record.validation.unwrap();
        assert_eq!((watched.cost, watched.accuracy), (record.cost, record.accuracy), "{record:?}");
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
    // Microseconds, and never so much that a slow machine would matter.
    assert!((1e-8..0.1).contains(&seconds), "{seconds}");
}

#[test]
fn without_updates_the_initial_parameters_come_back() {
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

/// A learning rate at which the cost passes 5 and comes back within a few updates, time and again.
const DIVERGES: &str = "train.learning_rate = 40.0\ntrain.updates = 400\n";

#[test]
fn divergence_is_placed_at_its_first_update_wherever_records_are() {
    let passes = outcome(&format!("{DIVERGES}train.record_every = 1"));
    let first = passes.history.iter().position(|record| record.cost > 5.0).unwrap();
    let back = passes.history[first..].iter().position(|record| record.cost < 5.0).unwrap();
    assert!(first > 2 && back < 50, "{first} {back}");
    for momentum in ["", "train.momentum = 0.3\n"] {
        let limited = format!("{DIVERGES}{momentum}train.cost_limit = 5.0\n");
        let exact = outcome(&format!("{limited}train.record_every = 1"));
        let Ending::Diverged { update, cost } = exact.ending else {
            panic!("{:?}", exact.ending)
        };
        assert!((!momentum.is_empty() || update == first) && cost > 5.0, "{update} {cost}");
        assert_eq!(exact.last().update, update - 1);
        for every in [2, update / 2 + 1, update, update + 1, update + back, 400] {
            let found = outcome(&format!("{limited}train.record_every = {every}"));
            assert_eq!((&found.ending, found.last().update), (&exact.ending, update - 1), "every {every}");
            assert_eq!(found.parameters, exact.parameters, "every {every}");
        }
    }
}

#[test]
fn the_search_for_the_first_bad_update_can_be_stopped_too() {
    let toml = "train.learning_rate = 1e6\ntrain.updates = 400\ntrain.cost_limit = 5e3\ntrain.record_every = 400";
    let Ending::Diverged { update, .. } = outcome(toml).ending else {
        panic!("it should diverge")
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
            let wild = outcome(&format!("{settings}\ntrain.updates = 50\ntrain.cost_limit = 1e100"));
            let Ending::Diverged { .. } = wild.ending else {
                panic!("{dtype} {engine}: {:?}", wild.ending)
            };
            assert!(wild.parameters.are_finite() && wild.last().cost.is_finite(), "{dtype} {engine}");
        }
    }
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let data = Dataset::planar(&[[0.0, 1.0], [1.0, 0.0]], vec![0, 1]);
    let devices = [OpenDevice::flex(Precision::F64)];
    let settings = train::Settings::default();
    let job = |start| Job { start, data: &data, validation: None, settings: &settings, devices: &devices };
    let three = Parameters::initial(3, &network::Settings::default());
    let error = train(job(&three), None, &mut ()).unwrap_err();
    assert_eq!(error.to_string(), "the model takes 3 features, the data has 2");
    let mut infinite = Parameters::initial(2, &network::Settings::default());
    infinite.w1[0] = f64::INFINITY;
    let error = train(job(&infinite), None, &mut ()).unwrap_err();
    assert!(error.to_string().starts_with("the initial parameters cost"), "{error}");
    let five = Parameters::initial(2, &toml::from_str("hidden = 5").unwrap());
    let state = train::TrainingState { update: 0, parameters: five.clone(), velocity: None };
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
        last_record: state.clone(),
        state,
        history: vec![kept.clone()],
        kept,
        kept_parameters: five.clone(),
        records_since_kept: 0,
        seconds: 0.0,
    };
    let two = Parameters::initial(2, &network::Settings::default());
    let error = train(job(&two), Some(from.clone()), &mut ()).unwrap_err().to_string();
    assert_eq!(
        error,
        "the model has 2 inputs and 4 hidden units, what to go on from has 2 inputs and 5 hidden units"
    );
    // Records of another training.
    let tracking = train::Settings { track: vec![train::Track::GradientNorm], ..settings.clone() };
    let other = [Job { settings: &tracking, ..job(&five) }, Job { validation: Some(&data), ..job(&five) }];
    for job in other {
        let error = train(job, Some(from.clone()), &mut ()).unwrap_err().to_string();
        assert_eq!(error, "the records to go on from hold other things than train.track and split.validation ask for");
    }
    assert!(train(job(&five), Some(from), &mut ()).is_ok());
}

#[test]
fn what_is_tracked_is_what_the_rooms_measure() {
    let text = "train.updates = 30\ntrain.record_every = 1\ntrain.weight_decay = 0.01\ntrain.momentum = 0.5\n\
                train.track = [\"saturation\", \"sharpness\", \"update_ratio\", \"gradient_norm\"]";
    for engine in ["autodiff", "manual", "fused"] {
        let outcome = outcome(&format!("{text}\ntrain.engine = {engine:?}"));
        let data = prepared(text).data;
        let at = &outcome.parameters;
        let [saturated, sharpness, _, norm] = outcome.last().tracked[..] else {
            panic!("{:?}", outcome.last())
        };
        assert_eq!(saturated, curvature::saturation(at, &data).overall);
        assert_eq!(sharpness, curvature::Hessian::new(at, &data, 0.01).largest_eigenvalue().value);
        assert_eq!(norm, curvature::gradient_norm(at, &data, 0.01));
        // The ratio of a record is that of the update which leads to the next.
        let before = self::outcome(&format!("{text}\ntrain.engine = {engine:?}").replacen("30", "29", 1));
        assert_eq!(before.last().tracked[2], curvature::update_ratio(&before.parameters, at), "{engine}");
    }
}

#[test]
fn what_led_to_a_divergence_is_remembered() {
    let text = "train.engine = \"fused\"\ntrain.learning_rate = 8\ntrain.cost_limit = 2\ntrain.updates = 400";
    let outcome = outcome(text);
    let divergence = outcome.divergence.unwrap();
    assert_eq!(outcome.ending, Ending::Diverged { update: 18, cost: divergence.cost });
    assert_eq!((divergence.update, divergence.learning_rate, divergence.before.len()), (18, 8.0, 10));
    assert!(divergence.cost > 2.0 && divergence.before.iter().all(|passed| passed.cost <= 2.0));
    let updates: Vec<usize> = divergence.before.iter().map(|passed| passed.update).collect();
    assert_eq!(updates, (8..=17).collect::<Vec<_>>());
    assert_eq!(divergence.before[9].parameters, outcome.parameters);
    // The step that was taken back is the learning rate times the gradient.
    let data = prepared(text).data;
    let moved: Vec<f64> = divergence
        .parameters
        .packed()
        .iter()
        .zip(outcome.parameters.packed())
        .map(|(a, b)| a - b)
        .collect();
    let length = moved.iter().map(|step| step * step).sum::<f64>().sqrt();
    let expected = 8.0 * curvature::gradient_norm(&outcome.parameters, &data, 0.0);
    assert!((length / expected - 1.0).abs() < 1e-12, "{length} {expected}");
}
