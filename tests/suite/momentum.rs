//! Momentum against PyTorch's `torch.optim.SGD`, and the largest momentum that is accepted.

use petal::config::Config;
use petal::data::Dataset;
use petal::data::checked_numbers::Fraction;
use petal::device::{OpenDevice, Precision};
use petal::error::Result;
use petal::network::gradients::Engine;
use petal::network::{self, Parameters};
use petal::run::Run;
use petal::train::{self, Job, Observer, Snapshot, TrainingState};
use serde_json::Value;

use crate::support::{json, numbers, overrides, path};

/// An observer that keeps the last checkpoint.
#[derive(Default)]
struct LastSnapshot(Option<Snapshot>);

impl Observer for LastSnapshot {
    fn on_checkpoint(&mut self, snapshot: &mut dyn FnMut() -> Result<Snapshot>) -> Result<()> {
        self.0 = Some(snapshot()?);
        Ok(())
    }
}

/// Parameters and velocity after the last update.
fn trained(changes: &[&str]) -> TrainingState {
    let config = Config::from_toml("", "defaults", &overrides(changes)).unwrap();
    let mut last = LastSnapshot::default();
    Run::prepare(config).unwrap().train(&mut last).unwrap();
    last.0.unwrap().state
}

/// The settings of a case as overrides.
fn settings(case: &Value) -> Vec<String> {
    let settings = case["settings"].as_object().unwrap();
    let change = |(key, value): (&String, &Value)| match (key.as_str(), value) {
        ("data.path", Value::String(file)) => format!("{key}={}", path(file).display()),
        (_, Value::String(text)) => format!("{key}={text}"),
        (_, number) => format!("{key}={number}"),
    };
    settings.iter().map(change).collect()
}

/// The largest difference of two tensors, divided by the largest element.
fn relative_difference(ours: &[f64], theirs: &[f64]) -> f64 {
    assert!(ours.len() == theirs.len() && ours.iter().all(|a| a.is_finite()), "{ours:?}");
    let difference = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    let largest = theirs.iter().map(|b| b.abs()).fold(0.0, f64::max);
    difference / largest
}

/// Trains as in a case, with more settings, and compares parameters and velocity with PyTorch's.
fn assert_equals_pytorch(case: &Value, more: &[&str]) {
    let settings = settings(case);
    let changes: Vec<&str> = settings.iter().map(String::as_str).chain(more.iter().copied()).collect();
    // The gradients of fifty updates, and with them the velocity, have rounding errors of some 1e-16, which momentum and the
    // curvature multiply. The largest difference was 2e-14. If momentum is rounded to f32, it is 1e-7. In f32, a rounding
    // error is 2^29 times as large.
    let tolerance = if changes.contains(&"dtype=f32") { 1e-13 * 2_f64.powi(29) } else { 1e-13 };
    let TrainingState { parameters, velocity, .. } = trained(&changes);
    for (name, ours) in [("parameters", parameters), ("velocity", velocity.unwrap())] {
        let difference = relative_difference(&ours.flattened(), &numbers(&case[name]));
        assert!(difference < tolerance, "{name}: {difference:e} {changes:?}");
    }
}

#[test]
fn parameters_and_velocity_of_every_engine_equal_pytorchs() {
    for case in json("momentum.json").as_array().unwrap() {
        for engine in Engine::ALL {
            assert_equals_pytorch(case, &[&format!("train.engine={engine}")]);
        }
    }
}

#[test]
fn parameters_and_velocity_on_other_devices_equal_pytorchs() {
    for case in json("momentum.json").as_array().unwrap() {
        assert_equals_pytorch(case, &["device=ndarray", "train.engine=manual"]);
        // Devices that share the samples do not support batches.
        if case["settings"].get("train.batch_size").is_none() {
            assert_equals_pytorch(case, &["device=[\"flex\", \"ndarray\", \"flex\"]", "train.engine=autodiff"]);
        }
    }
}

#[test]
fn momentum_must_be_below_1_in_the_float_type_of_the_run() {
    let refused = |toml: &str| Config::from_toml(toml, "x.toml", &[]).map(drop).unwrap_err().to_string();
    let message = |momentum: &str, place: &str| {
        format!(
            "train.momentum = {momentum}: with dtype = \"f32\" it is rounded to 1, and it must be < 1; accepted: at most \
             0.9999999, or dtype = \"f64\" ({place})"
        )
    };
    assert_eq!(refused("dtype = \"f32\"\n[train]\nmomentum = 0.99999999"), message("0.99999999", "x.toml:3"));
    let option = Config::from_toml("dtype = \"f32\"", "x.toml", &overrides(&["train.momentum=0.99999998"])).map(drop);
    assert_eq!(option.unwrap_err().to_string(), message("0.99999998", "--set train.momentum=0.99999998"));
    assert_eq!(refused("train.momentum = 1"), "train.momentum = 1: must be >= 0 and < 1 (x.toml:1)");

    // The largest numbers below 1 in both types. The advice of the message is below the one of f32.
    assert!(0.9999999_f32 < 1.0_f32.next_down());
    for (dtype, largest) in [("f32", f64::from(1.0_f32.next_down())), ("f64", 1.0_f64.next_down())] {
        assert!(Config::from_toml(&format!("dtype = {dtype:?}\ntrain.momentum = {largest}"), "x.toml", &[]).is_ok());
    }
}

#[test]
fn a_device_that_computes_in_f32_refuses_a_momentum_that_is_1_there() {
    let settings = train::Settings { momentum: Fraction::try_from(0.99999999).unwrap(), ..train::Settings::default() };
    let (start, data) = (
        Parameters::initial(2, &network::Settings::default()),
        Dataset::from_points_2d(&[[0.0, 1.0]], vec![1]),
    );
    let result = |precision| {
        let devices = &[OpenDevice::flex(precision)];
        train::train(Job { start: &start, data: &data, validation: None, settings: &settings, devices }, None, &mut ())
    };
    assert!(result(Precision::F64).is_ok());
    let message = result(Precision::F32).unwrap_err().to_string();
    assert!(
        message.starts_with("train.momentum = 0.99999999: with dtype = \"f32\" it is rounded to 1"),
        "{message}"
    );
}
