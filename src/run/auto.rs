//! Opening what a configuration asks for; for `auto`, by measuring.
//!
//! Which device is fastest depends on the job: a graphics card wins by far on much data, and loses by far on the
//! article's 400 samples, where an update is over on the CPU before a card has begun. So the job itself is timed.
//!
//! Leaves out: servers. They are used when they are named.

use std::time::{Duration, Instant};

use crate::config::Config;
use crate::data::Dataset;
use crate::device::{Backend, Choice, Name, OpenDevice, open, try_open};
use crate::error::Result;
use crate::gradients::Engine;
use crate::model::Parameters;
use crate::train::Stopwatch;

/// How often each device is timed.
const ROUNDS: usize = 20;
/// No further round begins after this time: a measurement of large data is long, and tells without others.
const LONGEST: Duration = Duration::from_secs(2);

/// What an update of the job takes on a device, or why it cannot be used.
#[derive(Clone, Debug)]
pub struct Timing {
    /// The device.
    pub name: Name,
    /// Seconds per update.
    pub seconds: Result<f64, String>,
}

/// Opens the devices that a configuration names, or the fastest that is here.
pub(super) fn open_all(
    config: &Config,
    data: &Dataset,
    start: &Parameters,
) -> Result<(Vec<OpenDevice>, Option<Vec<Timing>>)> {
    match &config.device {
        Choice::These(names) => Ok((names.iter().map(|name| open(name, config.dtype)).collect::<Result<_>>()?, None)),
        // It computes on the CPU whatever the device, which then holds nothing.
        Choice::Auto if config.train.engine == Engine::Fused => Ok((vec![OpenDevice::flex(config.dtype)], None)),
        Choice::Auto => fastest(config, data, start),
    }
}

/// Times all devices in turns, so that whatever else the machine does slows none of them alone.
fn fastest(config: &Config, data: &Dataset, start: &Parameters) -> Result<(Vec<OpenDevice>, Option<Vec<Timing>>)> {
    let here = Backend::ALL.into_iter().filter(|backend| backend.is_compiled() && *backend != Backend::Remote);
    let names: Vec<Name> = here.map(Name::from).collect();
    let opened: Vec<_> = names.iter().map(|name| try_open(name, config.dtype)).collect();
    let watch = |device| Stopwatch::start(start, data, &config.train, device).map_err(|error| error.to_string());
    let mut watches: Vec<_> =
        opened.iter().map(|opened| opened.as_ref().map_err(Clone::clone).and_then(watch)).collect();
    let began = Instant::now();
    for _ in 1..ROUNDS {
        if began.elapsed() > LONGEST {
            break;
        }
        for watch in &mut watches {
            if let Ok(Err(error)) = watch.as_mut().map(Stopwatch::again) {
                *watch = Err(error.to_string());
            }
        }
    }
    let seconds = watches.into_iter().map(|watch| watch.map(|watch| watch.seconds()));
    let timings = names.into_iter().zip(seconds).map(|(name, seconds)| Timing { name, seconds });
    let timings: Vec<Timing> = timings.collect();
    let taken = first_of_the_fastest(timings.iter().map(|timing| timing.seconds.as_ref().ok().copied()));
    match taken.and_then(|taken| opened.into_iter().nth(taken)) {
        Some(Ok(device)) => Ok((vec![device], Some(timings))),
        // Flex needs nothing but the job to be possible, and says why it is not.
        _ => Ok((vec![OpenDevice::flex(config.dtype)], None)),
    }
}

/// The place of the first time that is within a tenth of the shortest: so near, the next run would find another order.
fn first_of_the_fastest(seconds: impl Iterator<Item = Option<f64>> + Clone) -> Option<usize> {
    let shortest = seconds.clone().flatten().min_by(f64::total_cmp)?;
    seconds.into_iter().position(|seconds| seconds.is_some_and(|seconds| seconds <= 1.1 * shortest))
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
