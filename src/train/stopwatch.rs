//! How long an update of a job takes on a device.
//!
//! Other programs only ever make a measurement longer, so the shortest of several is the one to go by. Devices are measured
//! in turns, so that a burst of other work does not fall on one of them alone. The first measurement finds how many updates
//! are long enough to be timed; its first half warms the device up, which may compile.

use std::time::{Duration, Instant};

use super::{Ending, Job, Settings, train};
use crate::data::Dataset;
use crate::data::checked::Count;
use crate::device::OpenDevice;
use crate::error::Result;
use crate::network::Parameters;

/// A measurement takes at least this many seconds. That is about the time slice that the operating system gives a program.
const LENGTH: f64 = 0.005;
/// How often each device is measured.
const ROUNDS: usize = 20;
/// A device that was measured for so long is not measured again. On large data one measurement is reliable.
const LONG: Duration = Duration::from_secs(1);

/// Times the updates of a job on one device.
#[derive(Clone, Debug)]
pub struct Stopwatch<'a> {
    start: &'a Parameters,
    data: &'a Dataset,
    settings: &'a Settings,
    device: &'a OpenDevice,
    /// How many updates are timed at once.
    updates: usize,
    /// The shortest seconds per update so far.
    seconds: f64,
    /// How long all measurements took.
    spent: Duration,
}

impl<'a> Stopwatch<'a> {
    /// Makes the first measurements.
    ///
    /// # Errors
    /// When training cannot start there, or the device fails.
    pub fn start(
        start: &'a Parameters,
        data: &'a Dataset,
        settings: &'a Settings,
        device: &'a OpenDevice,
    ) -> Result<Self> {
        let (updates, seconds, spent) = (1, f64::INFINITY, Duration::ZERO);
        let mut watch = Self { start, data, settings, device, updates, seconds, spent };
        let mut finished;
        (watch.seconds, finished) = watch.measure()?;
        while finished && watch.seconds * (watch.updates as f64) < LENGTH {
            watch.updates *= 4;
            let seconds;
            (seconds, finished) = watch.measure()?;
            if finished {
                watch.seconds = seconds;
            } else {
                // Training diverges on the way. The search for the bad update would be timed, so we stay below it.
                watch.updates /= 4;
            }
        }
        Ok(watch)
    }

    /// Measures several devices in turns. One that fails takes its error with it.
    pub fn in_turns(watches: &mut [Result<Self>]) {
        for _ in 1..ROUNDS {
            for result in watches.iter_mut() {
                let Ok(watch) = result else { continue };
                if watch.spent > LONG {
                    continue;
                }
                match watch.measure() {
                    Ok((seconds, _)) => watch.seconds = watch.seconds.min(seconds),
                    Err(error) => *result = Err(error),
                }
            }
        }
    }

    /// The seconds of an update, by the shortest measurement.
    pub fn seconds(&self) -> f64 {
        self.seconds
    }

    /// Makes twice as many updates as are timed, and times the second half. The reading at its end is included: it waits
    /// for the device. Returns the seconds per update, and whether training reached its end.
    fn measure(&mut self) -> Result<(f64, bool)> {
        let Self { start, data, device, updates, .. } = *self;
        let counts = (Count::try_from(2 * updates as i64), Count::try_from(updates as i64));
        let (Ok(all), Ok(record_every)) = counts else {
            return Ok((f64::INFINITY, false));
        };
        let settings = Settings { updates: all, record_every, track: Vec::new(), ..self.settings.clone() };
        let devices = std::slice::from_ref(device);
        let began = Instant::now();
        let outcome = train(Job { start, data, validation: None, settings: &settings, devices }, None, &mut ())?;
        self.spent += began.elapsed();
        if let Some(failure) = outcome.ending.error() {
            return Err(failure);
        }
        let [.., middle, last] = &outcome.history[..] else {
            return Ok((f64::INFINITY, false));
        };
        let seconds = (last.seconds - middle.seconds) / (last.update - middle.update) as f64;
        Ok((seconds, outcome.ending == Ending::Finished))
    }
}
