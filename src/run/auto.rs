//! Opens the devices that a configuration requests. For `auto`, measures which device is fastest.
//!
//! Which device is fastest depends on the job. A GPU is much faster on large data. It is much slower on the article's
//! 400 samples, where the CPU finishes an update before a card has begun. So the updates of the job itself are timed.
//!
//! Not covered: servers. A configuration must name them.

use crate::config::Config;
use crate::data::Dataset;
use crate::device::{Backend, DeviceChoice, DeviceName, OpenDevice, open, try_open};
use crate::error::Result;
use crate::network::Parameters;
use crate::network::gradients::Engine;
use crate::train::Stopwatch;

/// How long one update of the job takes on a device, or why the device cannot be used.
#[derive(Clone, Debug)]
pub struct Timing {
    /// The device.
    pub name: DeviceName,
    /// Seconds per update.
    pub seconds: Result<f64, String>,
}

/// Opens the devices that a configuration names, or the one that `auto` chooses. The timings are those of `auto`.
pub(super) fn open_devices(
    config: &Config,
    data: &Dataset,
    start: &Parameters,
) -> Result<(Vec<OpenDevice>, Option<Vec<Timing>>)> {
    match &config.device {
        DeviceChoice::Named(names) => {
            let devices = names.iter().map(|name| open(name, config.dtype)).collect::<Result<_>>()?;
            Ok((devices, None))
        }
        // The fused engine always computes on the CPU and uses no device.
        DeviceChoice::Auto if config.train.engine == Engine::Fused => Ok((vec![OpenDevice::flex(config.dtype)], None)),
        DeviceChoice::Auto => choose_fastest(config, data, start),
    }
}

/// Times every local device and chooses the first one that is among the fastest.
fn choose_fastest(
    config: &Config,
    data: &Dataset,
    start: &Parameters,
) -> Result<(Vec<OpenDevice>, Option<Vec<Timing>>)> {
    let names: Vec<DeviceName> = Backend::ALL
        .into_iter()
        .filter(|backend| backend.is_compiled() && *backend != Backend::Remote)
        .map(DeviceName::from)
        .collect();
    let opened: Vec<_> = names.iter().map(|name| try_open(name, config.dtype)).collect();

    let mut watches: Vec<_> = opened
        .iter()
        .flatten()
        .map(|device| Stopwatch::start(start, data, &config.train, device))
        .collect();
    Stopwatch::measure_in_rounds(&mut watches);

    let mut watches = watches.into_iter();
    let seconds_on = |opened: &Result<OpenDevice, String>| match opened {
        Err(reason) => Err(reason.clone()),
        Ok(_) => match watches.next() {
            Some(watch) => watch.map(|watch| watch.seconds_per_update()).map_err(|error| error.to_string()),
            None => unreachable!("each open device has a stopwatch"),
        },
    };
    let seconds: Vec<_> = opened.iter().map(seconds_on).collect();

    let chosen = first_among_fastest(seconds.iter().map(|seconds| seconds.as_ref().ok().copied()));
    let timings = names
        .into_iter()
        .zip(seconds)
        .map(|(name, seconds)| Timing { name, seconds })
        .collect();
    match chosen.and_then(|index| opened.into_iter().nth(index)) {
        Some(Ok(device)) => Ok((vec![device], Some(timings))),
        // Flex fails only if the job itself is impossible. Training then reports the reason.
        _ => Ok((vec![OpenDevice::flex(config.dtype)], None)),
    }
}

/// The index of the first time that is at most a tenth above the shortest. The order of times this close could change
/// from run to run.
fn first_among_fastest(seconds: impl Iterator<Item = Option<f64>> + Clone) -> Option<usize> {
    let shortest = seconds.clone().flatten().min_by(f64::total_cmp)?;
    seconds
        .into_iter()
        .position(|seconds| seconds.is_some_and(|seconds| seconds <= 1.1 * shortest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_device_within_a_tenth_of_the_fastest_is_chosen() {
        let cases = [
            (vec![Some(1.09), Some(1.0)], Some(0)),
            (vec![Some(1.11), Some(1.0)], Some(1)),
            (vec![None, Some(3.0), Some(2.0), Some(2.1)], Some(2)),
            (vec![None, None], None),
        ];
        for (seconds, chosen) in cases {
            assert_eq!(first_among_fastest(seconds.iter().copied()), chosen, "{seconds:?}");
        }
    }
}
