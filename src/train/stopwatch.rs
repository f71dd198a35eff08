//! How long an update of a job takes on a device.
//!
//! Other programs only ever make a measurement longer, so the shortest of several is the one to go by. The first one finds
//! how many updates are long enough to be timed; its first half warms the device up, which may compile.

use super::{Ending, Job, Settings, train};
use crate::checked::Count;
use crate::data::Dataset;
use crate::device::OpenDevice;
use crate::error::Result;
use crate::model::Parameters;

/// Seconds that a measurement takes, or more: about as long as a system lets a program compute before it is another one's turn.
const LENGTH: f64 = 0.005;

/// Times the updates of a job on one device.
#[derive(Clone, Debug)]
pub struct Stopwatch<'a> {
    start: &'a Parameters,
    data: &'a Dataset,
    settings: &'a Settings,
    device: &'a OpenDevice,
    updates: usize,
    seconds: f64,
}

impl<'a> Stopwatch<'a> {
    /// Makes the first measurement.
    ///
    /// # Errors
    /// When training cannot start there, or the device fails.
    pub fn start(
        start: &'a Parameters,
        data: &'a Dataset,
        settings: &'a Settings,
        device: &'a OpenDevice,
    ) -> Result<Self> {
        let mut watch = Self { start, data, settings, device, updates: 4, seconds: f64::INFINITY };
        loop {
            let (seconds, finished) = watch.measure()?;
            watch.seconds = seconds / watch.updates as f64;
            if seconds > LENGTH || !finished {
                // An update that takes long needs no others beside it.
                watch.updates = ((LENGTH / watch.seconds).ceil() as usize).clamp(1, watch.updates);
                return Ok(watch);
            }
            watch.updates *= 4;
        }
    }

    /// Measures once more.
    ///
    /// # Errors
    /// When the device fails.
    pub fn again(&mut self) -> Result<()> {
        let (seconds, _) = self.measure()?;
        self.seconds = self.seconds.min(seconds / self.updates as f64);
        Ok(())
    }

    /// Seconds per update, by the shortest measurement so far.
    pub fn seconds(&self) -> f64 {
        self.seconds
    }

    /// How long so many updates take that follow on as many others, with the reading after them, which waits until all are
    /// made; and whether all of them could be made.
    fn measure(&self) -> Result<(f64, bool)> {
        let Self { start, data, device, updates, .. } = *self;
        let counts = (Count::try_from(2 * updates as i64), Count::try_from(updates as i64));
        let (Ok(all), Ok(record_every)) = counts else { return Ok((f64::INFINITY, false)) };
        let settings = Settings { updates: all, record_every, track: Vec::new(), ..self.settings.clone() };
        let devices = std::slice::from_ref(device);
        let outcome = train(Job { start, data, validation: None, settings: &settings, devices }, None, &mut ())?;
        if let Some(failure) = outcome.ending.error() {
            return Err(failure);
        }
        let [.., middle, last] = &outcome.history[..] else { return Ok((f64::INFINITY, false)) };
        // A training that ends early is timed as if its last updates had been as many.
        let per_update = (last.seconds - middle.seconds) / (last.update - middle.update) as f64;
        Ok((per_update * updates as f64, outcome.ending == Ending::Finished))
    }
}
