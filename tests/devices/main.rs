//! Runs the same tests on every device that is compiled in and present.
//!
//! ```text
//! cargo test --test devices                                                  flex, ndarray
//! cargo test --features wgpu,remote --test devices -- --nocapture            prints what was skipped, and why
//! PETAL_TEST_DEVICES=wgpu,remote cargo test ...                              fails if one of these is missing
//! ```
//!
//! With the feature `remote`, the tests start a server and test the device that it serves.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "these are tests"
)]

#[cfg(feature = "remote")]
mod server;
mod sharded;
#[path = "../suite/support.rs"]
#[allow(dead_code, reason = "tests/suite uses the other functions")]
mod support;

use petal::config::Config;
use petal::data::generate;
use petal::data::schema::Schema;
use petal::data::{Dataset, InputRanges};
use petal::device::{Backend, DeviceName, OpenDevice, Placement, Precision, probe, try_open};
use petal::files::model_file::{Metadata, ModelFile};
use petal::network::gradients::Engine;
use petal::network::{self, Activation, Batch, Parameters, TwoLayerNet};
use petal::train::{Job, Outcome, Settings, train};

use support::{json, numbers, table};

const ENGINES: [Engine; 2] = [Engine::Autodiff, Engine::Manual];

/// Runs a test on each device, in each float type that the device computes in.
fn on_every_device(test: impl Fn(&OpenDevice, Precision)) {
    probe::set_program(env!("CARGO_BIN_EXE_petal").into());
    #[cfg(feature = "remote")]
    let server = server::Server::start();
    let required = std::env::var("PETAL_TEST_DEVICES").unwrap_or_else(|_| "flex,ndarray".into());
    for backend in Backend::ALL.into_iter().filter(|backend| backend.is_compiled()) {
        #[cfg(feature = "remote")]
        let name = if backend == Backend::Remote {
            server.name()
        } else {
            DeviceName::from(backend)
        };
        #[cfg(not(feature = "remote"))]
        let name = DeviceName::from(backend);
        for precision in Precision::ALL {
            match try_open(&name, precision) {
                Ok(device) => test(&device, precision),
                Err(reason) => {
                    println!("skipped: {name} in {precision}: {reason}");
                    let is_required =
                        precision == Precision::F32 && required.split(',').any(|name| name == backend.name());
                    assert!(!is_required, "{name}: {reason}");
                }
            }
        }
    }
}

/// The article's flower data set and its initial parameters.
fn start() -> (Dataset, Parameters) {
    (
        generate::generate(&generate::Settings::default()).unwrap(),
        Parameters::initial(2, &network::Settings::default()),
    )
}

/// Trains with the default settings and these changes, given as TOML.
fn trained(toml: &str, devices: &[OpenDevice]) -> Outcome {
    let (data, parameters) = start();
    let settings: Settings = toml::from_str(toml).unwrap();
    train(
        Job { start: &parameters, data: &data, validation: None, settings: &settings, devices },
        None,
        &mut (),
    )
    .unwrap()
}

/// The given tolerance in f64, and 2e-6 in f32.
fn tolerance(precision: Precision, in_f64: f64) -> f64 {
    match precision {
        Precision::F32 => 2e-6,
        Precision::F64 => in_f64,
    }
}

#[track_caller]
fn assert_near(ours: &[f64], expected: &[f64], tolerance: f64, case: &str) {
    assert_eq!(ours.len(), expected.len(), "{case}");
    for (ours, expected) in ours.iter().zip(expected) {
        assert!((ours - expected).abs() <= tolerance, "{case}: {ours} instead of {expected}");
    }
}

#[test]
fn the_forward_pass_equals_plain_loops() {
    let (data, _) = start();
    let points = json("gradients.json");
    let [w1, b1, w2, b2] = ["w1", "b1", "w2", "b2"].map(|name| numbers(&points[1]["parameters"][name]));
    let probability = |row: &[f64]| {
        let a1 = (0..4).map(|unit| (row[0] * w1[unit] + row[1] * w1[4 + unit] + b1[unit]).tanh());
        1.0 / (1.0 + (-a1.zip(&w2).map(|(a, w)| a * w).sum::<f64>() - b2[0]).exp())
    };
    let expected: Vec<f64> = data.rows().map(probability).collect();
    let (w1, b1, w2, b2) = (w1.clone(), b1.clone(), w2.clone(), b2.clone());
    let parameters = Parameters { features: 2, hidden: 4, activation: Activation::Tanh, w1, b1, w2, b2 };
    on_every_device(|device, precision| {
        let ours = parameters.probabilities(data.x(), &device.placement).unwrap();
        // Probabilities are below 1. Each has about ten rounding errors.
        assert_near(&ours, &expected, tolerance(precision, 2e-15), &format!("{} {precision}", device.name));
    });
}

#[test]
fn the_gradients_of_both_engines_equal_numpys() {
    let (data, _) = start();
    on_every_device(|device, precision| {
        for point in json("gradients.json").as_array().unwrap() {
            let read = |part: &str| ["w1", "b1", "w2", "b2"].map(|name| numbers(&point[part][name]));
            let ([w1, b1, w2, b2], expected) = (read("parameters"), read("gradients").concat());
            let parameters = Parameters { features: 2, hidden: 4, activation: Activation::Tanh, w1, b1, w2, b2 };
            for engine in ENGINES {
                let placement = &device.placement;
                let net = TwoLayerNet::new(&parameters, &engine.device(&placement.device), placement.dtype);
                let batch = Batch::new(&data, &placement.device, placement.dtype);
                let ours = engine.gradients(&net, &batch, 0.0).flattened();
                let ours: Vec<f64> = ours.try_to_vec_as().unwrap();
                // The sums have 400 terms below 0.01, in another order than NumPy's.
                let case = format!("{} {precision} {engine}", device.name);
                assert_near(&ours, &expected, tolerance(precision, 5e-16), &case);
            }
        }
    });
}

#[test]
fn the_gradients_with_other_activation_functions_equal_those_of_jax() {
    on_every_device(|device, precision| {
        for case in json("activations.json")["derivatives"].as_array().unwrap() {
            let activation: Activation = serde_json::from_value(case["activation"].clone()).unwrap();
            let hidden = case["hidden"].as_u64().unwrap() as usize;
            let parameters = Parameters::from_flattened(2, hidden, activation, &numbers(&case["parameters"]));
            let labels = numbers(&case["y"]).into_iter().map(|label| label as u8).collect();
            let data = Dataset::new(vec!["a".into(), "b".into()], numbers(&case["x"]), labels);
            let decay = case["weight_decay"].as_f64().unwrap();
            for engine in ENGINES {
                let Placement { device: on, dtype } = &device.placement;
                let net = TwoLayerNet::new(&parameters, &engine.device(on), *dtype);
                let ours = engine.gradients(&net, &Batch::new(&data, on, *dtype), decay).flattened();
                let ours: Vec<f64> = ours.try_to_vec_as().unwrap();
                // Sums of 12 terms of about 1.
                let context = format!("{} {precision} {engine} {activation}", device.name);
                assert_near(&ours, &numbers(&case["gradient"]), tolerance(precision, 1e-14), &context);
            }
        }
    });
}

#[test]
fn an_update_subtracts_the_learning_rate_times_numpys_gradient() {
    let (_, parameters) = start();
    let points = json("gradients.json");
    let gradient = ["w1", "b1", "w2", "b2"]
        .map(|name| numbers(&points[0]["gradients"][name]))
        .concat();
    let expected: Vec<f64> = parameters
        .flattened()
        .iter()
        .zip(&gradient)
        .map(|(w, dw)| w - 1.2 * dw)
        .collect();
    on_every_device(|device, precision| {
        for engine in ENGINES {
            let outcome = trained(&format!("engine = \"{engine}\"\nupdates = 1"), std::slice::from_ref(device));
            let case = format!("{} {precision} {engine}", device.name);
            assert_near(&outcome.parameters.flattened(), &expected, tolerance(precision, 1e-15), &case);
        }
    });
}

/// Another test, in tests/suite, compares batches and momentum on the host with NumPy.
#[test]
fn the_costs_with_batches_equal_those_on_the_host() {
    let settings =
        "batch_size = 64\nmomentum = 0.9\nlearning_rate = 0.5\nschedule = \"cosine\"\nupdates = 50\nrecord_every = 10";
    let on_host = trained(&format!("engine = \"fused\"\n{settings}"), &[OpenDevice::flex(Precision::F64)]);
    let costs = |outcome: &Outcome| outcome.history.iter().map(|record| record.cost).collect::<Vec<_>>();
    on_every_device(|device, precision| {
        for engine in ENGINES {
            let outcome = trained(&format!("engine = \"{engine}\"\n{settings}"), std::slice::from_ref(device));
            let case = format!("{} {precision} {engine}", device.name);
            assert_near(&costs(&outcome), &costs(&on_host), tolerance(precision, 1e-13), &case);
        }
    });
}

#[test]
fn the_costs_over_two_hundred_updates_equal_numpys() {
    let expected: Vec<f64> = table("cost_trace.csv")[..3].iter().map(|row| row[1]).collect();
    let accuracies: Vec<f64> = table("cost_trace.csv")[..3].iter().map(|row| row[2]).collect();
    on_every_device(|device, precision| {
        for engine in ENGINES {
            let outcome = trained(&format!("engine = \"{engine}\"\nupdates = 200"), std::slice::from_ref(device));
            let case = format!("{} {precision} {engine}", device.name);
            let history = || outcome.history.iter();
            let costs: Vec<f64> = history().map(|record| record.cost).collect();
            assert_near(&costs, &expected, tolerance(precision, 1e-13), &case);
            if precision == Precision::F64 {
                let ours: Vec<f64> = history().map(|record| record.accuracy).collect();
                assert_eq!(ours, accuracies, "{case}");
            }
        }
    });
}

#[test]
fn saving_and_loading_a_model_changes_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    let (data, _) = start();
    on_every_device(|device, precision| {
        let parameters = trained("updates = 20", std::slice::from_ref(device)).parameters;
        let metadata = Metadata::new(
            Schema::numbers(data.feature_names()),
            None,
            InputRanges::empty(data.features()).with_rows(data.x()),
            0.5,
            (4, Activation::Tanh),
            Config::default().to_toml(),
        );
        let model_file = ModelFile { parameters, precision, metadata };
        let file = temporary.path().join(format!("{}-{precision}", device.name.backend()));
        std::fs::write(&file, model_file.to_bytes().unwrap()).unwrap();
        let loaded = ModelFile::load(&file).unwrap();
        assert_eq!(loaded, model_file, "{} {precision}", device.name);
        let [before, after] = [&model_file, &loaded]
            .map(|model_file| model_file.parameters.probabilities(data.x(), &device.placement).unwrap());
        assert_eq!(before, after, "{} {precision}", device.name);
    });
}
