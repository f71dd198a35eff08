//! Several devices that share the samples cost what one does.

use petal::device::{Backend, DeviceName, OpenDevice, Precision, open};
use petal::train::Outcome;

use super::{assert_near, trained};

fn opened(names: &[DeviceName], precision: Precision) -> Vec<OpenDevice> {
    names.iter().map(|name| open(name, precision).unwrap()).collect()
}

/// The cost at each of 200 updates, and the parameters behind.
fn path(devices: &[OpenDevice], engine: &str) -> (Vec<f64>, Outcome) {
    let outcome =
        trained(&format!("engine = \"{engine}\"\nupdates = 200\nrecord_every = 1\nweight_decay = 1e-3"), devices);
    (outcome.history.iter().map(|record| record.cost).collect(), outcome)
}

/// The cost path of the shards is the single device's to 1e-12 in f64, and to what f32 holds in f32.
fn assert_same_path(names: &[DeviceName]) {
    let list = names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    for (precision, tolerance) in [(Precision::F64, 1e-12), (Precision::F32, 2e-6)] {
        let devices = opened(names, precision);
        for engine in ["autodiff", "manual"] {
            let (alone, one) = path(&[OpenDevice::flex(precision)], engine);
            let (shared, several) = path(&devices, engine);
            let place = format!("{list} {precision} {engine}");
            assert_near(&shared, &alone, tolerance, &place);
            assert_near(&several.parameters.packed(), &one.parameters.packed(), 10.0 * tolerance, &place);
            if precision == Precision::F64 {
                let accuracies =
                    |outcome: &Outcome| -> Vec<f64> { outcome.history.iter().map(|record| record.accuracy).collect() };
                assert_eq!(accuracies(&several), accuracies(&one), "{place}");
            }
        }
    }
}

#[test]
fn shards_of_any_number_and_size_cost_what_one_device_does() {
    let [flex, ndarray] = [Backend::Flex, Backend::NdArray].map(DeviceName::from);
    assert_same_path(&[flex.clone(), flex.clone()]);
    // 133, 133 and 134 rows.
    assert_same_path(&[flex.clone(), ndarray, flex.clone()]);
    // 6 and 7 rows each.
    assert_same_path(&vec![flex; 61]);
}

#[cfg(feature = "remote")]
#[test]
fn shards_on_servers_cost_what_one_device_does() {
    let servers = [(); 3].map(|()| super::server::Server::start());
    let names = servers.each_ref().map(super::server::Server::name);
    assert_same_path(&names[..2]);
    assert_same_path(&names);
    assert_same_path(&[names[0].clone(), Backend::Flex.into()]);
}
