//! Opening what a configuration asks for; for `auto`, by measuring.
//!
//! Which device is fastest depends on the job: a graphics card wins by far on much data, and loses by far on the
//! article's 400 samples, where an update is over on the CPU before a card has begun. So the job itself is timed.
//!
//! Leaves out: servers. They are used when they are named.

use crate::config::Config;
use crate::data::Dataset;
use crate::device::{Backend, DeviceChoice, DeviceName, OpenDevice, open, try_open};
use crate::error::Result;
use crate::network::Parameters;
use crate::network::gradients::Engine;
use crate::train::Stopwatch;

/// What an update of the job takes on a device, or why it cannot be used.
#[derive(Clone, Debug)]
pub struct Timing {
    /// The device.
    pub name: DeviceName,
    /// Seconds per update.
    pub seconds: Result<f64, String>,
}

/// Opens the devices that a configuration names, or one that is as fast as any here.
pub(super) fn open_all(
    config: &Config,
    data: &Dataset,
    start: &Parameters,
) -> Result<(Vec<OpenDevice>, Option<Vec<Timing>>)> {
    match &config.device {
        DeviceChoice::Named(names) => {
            Ok((names.iter().map(|name| open(name, config.dtype)).collect::<Result<_>>()?, None))
        }
        // It computes on the CPU whatever the device, which then holds nothing.
        DeviceChoice::Auto if config.train.engine == Engine::Fused => Ok((vec![OpenDevice::flex(config.dtype)], None)),
        DeviceChoice::Auto => fastest(config, data, start),
    }
}

/// Times all devices that are here, and takes the first of the fastest.
fn fastest(config: &Config, data: &Dataset, start: &Parameters) -> Result<(Vec<OpenDevice>, Option<Vec<Timing>>)> {
    let here = Backend::ALL
        .into_iter()
        .filter(|backend| backend.is_compiled() && *backend != Backend::Remote);
    let names: Vec<DeviceName> = here.map(DeviceName::from).collect();
    let opened: Vec<_> = names.iter().map(|name| try_open(name, config.dtype)).collect();

    let watches = opened
        .iter()
        .flatten()
        .map(|device| Stopwatch::start(start, data, &config.train, device));
    let mut watches: Vec<_> = watches.collect();
    Stopwatch::in_turns(&mut watches);

    let mut measured = watches.into_iter();
    let seconds = |opened: &Result<OpenDevice, String>| match opened {
        Err(reason) => Err(reason.clone()),
        Ok(_) => match measured.next() {
            Some(watch) => watch.map(|watch| watch.seconds()).map_err(|error| error.to_string()),
            None => unreachable!("each open device has a stopwatch"),
        },
    };
    let seconds: Vec<_> = opened.iter().map(seconds).collect();
    let taken = first_of_the_fastest(seconds.iter().map(|seconds| seconds.as_ref().ok().copied()));
    let timings = names
        .into_iter()
        .zip(seconds)
        .map(|(name, seconds)| Timing { name, seconds })
        .collect();
    match taken.and_then(|taken| opened.into_iter().nth(taken)) {
        Some(Ok(device)) => Ok((vec![device], Some(timings))),
        // Flex needs nothing but the job to be possible, and says why it is not.
        _ => Ok((vec![OpenDevice::flex(config.dtype)], None)),
    }
}

/// The place of the first time that is within a tenth of the shortest. Times this close could come in another order in the
/// next run.
fn first_of_the_fastest(seconds: impl Iterator<Item = Option<f64>> + Clone) -> Option<usize> {
    let shortest = seconds.clone().flatten().min_by(f64::total_cmp)?;
    seconds
        .into_iter()
        .position(|seconds| seconds.is_some_and(|seconds| seconds <= 1.1 * shortest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn among_devices_that_are_as_fast_the_first_is_taken() {
        let cases = [
            (vec![Some(1.09), Some(1.0)], Some(0)),
            (vec![Some(1.11), Some(1.0)], Some(1)),
            (vec![None, Some(3.0), Some(2.0), Some(2.1)], Some(2)),
            (vec![None, None], None),
        ];
        for (seconds, taken) in cases {
            assert_eq!(first_of_the_fastest(seconds.iter().copied()), taken, "{seconds:?}");
        }
    }
}
