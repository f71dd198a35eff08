//! Opening what a configuration asks for; for `auto`, by measuring.
//!
//! Which device is fastest depends on the job: a graphics card wins by far on much data, and loses by far on the
//! article's 400 samples, where an update is over on the CPU before a card has begun. So the job itself is timed.
//!
//! Leaves out: servers. They are used when they are named.

use crate::config::Config;
use crate::data::Dataset;
use crate::device::{Backend, Choice, Name, OpenDevice, open, try_open};
use crate::error::Result;
use crate::gradients::Engine;
use crate::model::Parameters;
use crate::train::seconds_per_update;

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

fn fastest(config: &Config, data: &Dataset, start: &Parameters) -> Result<(Vec<OpenDevice>, Option<Vec<Timing>>)> {
    let mut best: Option<(f64, OpenDevice)> = None;
    let mut timings = Vec::new();
    for backend in Backend::ALL.into_iter().filter(|backend| backend.is_compiled() && *backend != Backend::Remote) {
        let name = Name::from(backend);
        let timed = try_open(&name, config.dtype).and_then(|device| {
            let seconds = seconds_per_update(start, data, &config.train, &device).map_err(|error| error.to_string())?;
            if best.as_ref().is_none_or(|(shortest, _)| seconds < *shortest) {
                best = Some((seconds, device));
            }
            Ok(seconds)
        });
        timings.push(Timing { name, seconds: timed });
    }
    match best {
        Some((_, device)) => Ok((vec![device], Some(timings))),
        // Flex needs nothing but the job to be possible, and says why it is not.
        None => Ok((vec![OpenDevice::flex(config.dtype)], None)),
    }
}
