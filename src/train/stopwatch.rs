//! Measures how long one update of a job takes on a device.
//!
//! - Other programs can only make a measurement longer, so the shortest of several measurements counts.
//! - Devices are measured in rounds, each device once per round. A short load by another program then affects all of them.
//! - The first measurement finds how many updates are enough to be timed.
//! - The first half of each measurement is not timed. It warms up the device, which may compile.

use std::time::{Duration, Instant};

use super::{Ending, Job, Settings, train};
use crate::data::Dataset;
use crate::data::checked_numbers::Count;
use crate::device::OpenDevice;
use crate::error::Result;
use crate::network::Parameters;

/// The timed updates of a measurement take at least this long: about the time slice that the operating system gives a
/// program.
const MIN_SECONDS: f64 = 0.005;
/// How often each device is measured at most.
const ROUNDS: usize = 20;
/// A device is not measured again once its measurements have taken this long. On large data one measurement is reliable.
const TIME_BUDGET: Duration = Duration::from_secs(1);

/// Times the updates of a job on one device.
#[derive(Clone, Debug)]
pub struct Stopwatch<'a> {
    start: &'a Parameters,
    data: &'a Dataset,
    settings: &'a Settings,
    device: &'a OpenDevice,
    /// The number of updates that one measurement times.
    timed_updates: usize,
    /// The shortest measurement so far, in seconds per update.
    seconds_per_update: f64,
    /// How long all measurements took, including their first halves.
    elapsed: Duration,
}

impl<'a> Stopwatch<'a> {
    /// Makes the first measurements. They find the number of updates to time.
    ///
    /// # Errors
    /// When training cannot start on the device, or the device fails.
    pub fn start(
        start: &'a Parameters,
        data: &'a Dataset,
        settings: &'a Settings,
        device: &'a OpenDevice,
    ) -> Result<Self> {
        let mut watch = Self {
            start,
            data,
            settings,
            device,
            timed_updates: 1,
            seconds_per_update: f64::INFINITY,
            elapsed: Duration::ZERO,
        };

        let mut finished;
        (watch.seconds_per_update, finished) = watch.measure()?;
        while finished && watch.seconds_per_update * (watch.timed_updates as f64) < MIN_SECONDS {
            watch.timed_updates *= 4;
            let seconds_per_update;
            (seconds_per_update, finished) = watch.measure()?;
            if finished {
                watch.seconds_per_update = seconds_per_update;
            } else {
                // Training diverged. The time would include the search for the bad update, so stay at fewer updates.
                watch.timed_updates /= 4;
            }
        }
        Ok(watch)
    }

    /// Measures several devices in rounds, each device once per round. If a device fails, its entry becomes the error.
    pub fn measure_in_rounds(watches: &mut [Result<Self>]) {
        for _ in 1..ROUNDS {
            for result in watches.iter_mut() {
                let Ok(watch) = result else { continue };
                if watch.elapsed > TIME_BUDGET {
                    continue;
                }
                match watch.measure() {
                    Ok((seconds, _)) => watch.seconds_per_update = watch.seconds_per_update.min(seconds),
                    Err(error) => *result = Err(error),
                }
            }
        }
    }

    /// The shortest measurement, in seconds per update.
    pub fn seconds_per_update(&self) -> f64 {
        self.seconds_per_update
    }

    /// Trains for twice the number of timed updates and times the second half, between two records. The record at the end
    /// is part of the time, because reading it waits for the device. Returns the seconds per update, and whether training
    /// reached its last update.
    fn measure(&mut self) -> Result<(f64, bool)> {
        let Self { start, data, device, timed_updates, .. } = *self;
        let counts = (Count::try_from(2 * timed_updates as i64), Count::try_from(timed_updates as i64));
        let (Ok(updates), Ok(record_every)) = counts else {
            return Ok((f64::INFINITY, false));
        };
        let settings = Settings { updates, record_every, track: Vec::new(), ..self.settings.clone() };
        let devices = std::slice::from_ref(device);

        let began = Instant::now();
        let outcome = train(Job { start, data, validation: None, settings: &settings, devices }, None, &mut ())?;
        self.elapsed += began.elapsed();

        if let Some(failure) = outcome.ending.error() {
            return Err(failure);
        }
        let [.., middle, last] = &outcome.history[..] else {
            return Ok((f64::INFINITY, false));
        };
        let seconds_per_update = (last.seconds - middle.seconds) / (last.update - middle.update) as f64;
        Ok((seconds_per_update, outcome.ending == Ending::Finished))
    }
}
