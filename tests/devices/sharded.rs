//! Training on several devices that share the samples gives the costs of training on one.

use petal::device::{Backend, DeviceName, OpenDevice, Precision, open};
use petal::train::Outcome;

use super::{assert_near, trained};

fn opened(names: &[DeviceName], precision: Precision) -> Vec<OpenDevice> {
    names.iter().map(|name| open(name, precision).unwrap()).collect()
}

/// The cost after each of 200 updates, and the outcome.
fn cost_history(devices: &[OpenDevice], engine: &str) -> (Vec<f64>, Outcome) {
    let outcome =
        trained(&format!("engine = \"{engine}\"\nupdates = 200\nrecord_every = 1\nweight_decay = 1e-3"), devices);
    (outcome.history.iter().map(|record| record.cost).collect(), outcome)
}

/// Checks that the costs on the named devices equal those on a single one, to 1e-12 in f64 and 2e-6 in f32.
fn assert_same_history(names: &[DeviceName]) {
    let list = names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    for (precision, tolerance) in [(Precision::F64, 1e-12), (Precision::F32, 2e-6)] {
        let devices = opened(names, precision);
        for engine in ["autodiff", "manual"] {
            let (single_costs, single) = cost_history(&[OpenDevice::flex(precision)], engine);
            let (sharded_costs, sharded) = cost_history(&devices, engine);
            let case = format!("{list} {precision} {engine}");
            assert_near(&sharded_costs, &single_costs, tolerance, &case);
            assert_near(&sharded.parameters.flattened(), &single.parameters.flattened(), 10.0 * tolerance, &case);
            if precision == Precision::F64 {
                let accuracies =
                    |outcome: &Outcome| -> Vec<f64> { outcome.history.iter().map(|record| record.accuracy).collect() };
                assert_eq!(accuracies(&sharded), accuracies(&single), "{case}");
            }
        }
    }
}

#[test]
fn shards_of_any_number_and_size_give_the_costs_of_one_device() {
    let [flex, ndarray] = [Backend::Flex, Backend::NdArray].map(DeviceName::from);
    assert_same_history(&[flex.clone(), flex.clone()]);
    // Shards of 133, 133 and 134 rows.
    assert_same_history(&[flex.clone(), ndarray, flex.clone()]);
    // Shards of 6 or 7 rows.
    assert_same_history(&vec![flex; 61]);
}

#[cfg(feature = "remote")]
#[test]
fn shards_on_servers_give_the_costs_of_one_device() {
    let servers = [(); 3].map(|()| super::server::Server::start());
    let names = servers.each_ref().map(super::server::Server::name);
    assert_same_history(&names[..2]);
    assert_same_history(&names);
    assert_same_history(&[names[0].clone(), Backend::Flex.into()]);
}
