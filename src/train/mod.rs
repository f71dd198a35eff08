//! Gradient descent: one loop from initial parameters to trained ones.
//!
//! ```text
//! v := d objective / d w + momentum * v            over the samples of the update: all, or a batch
//! w := w - learning_rate * v                       for every parameter
//! ```
//!
//! The loop reads the cost only when a record is due, so that an update costs what the engine costs: the step is Burn's
//! SGD on tensors, which stay on the device, or the fused engine's own on lists of numbers. When a record finds that training
//! has diverged (a cost above the limit, or a number that is not finite), the loop returns to the state of the record before and
//! repeats those updates one by one, reading each: the first bad update is found, and nothing was paid for it before. A number
//! that is not finite stays so until the next record; a cost that passes the limit and comes back in between goes unseen.
//!
//! A device that fails ends training with the record before: what was read from it then is whole and stays.
//!
//! Leaves out: printing and drawing. An [`Observer`] is told what happens and may ask to stop.

mod batches;
mod learner;
mod schedule;
mod settings;
mod sharded;

use std::fmt;
use std::ops::ControlFlow;
use std::time::Instant;

use serde::Serialize;

use crate::checked::Count;
use crate::data::Dataset;
use crate::device::{OpenDevice, Precision};
use crate::error::{Error, Result};
use crate::fused::{Evaluation, evaluator};
use crate::gradients::Engine;
use crate::model::Parameters;
use crate::text::short;
use learner::{Fused, Learner, OnTensors, Reading};
use schedule::Rates;
use sharded::Sharded;

pub use schedule::Schedule;
pub use settings::Settings;

/// Seconds that the updates take by which a device is timed, or more.
const TRIAL: f64 = 0.02;

/// Cost and accuracy of the parameters after `update` updates.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// How many updates the parameters have had.
    pub update: usize,
    /// The mean cross-entropy.
    pub cost: f64,
    /// The L2 penalty, which is no part of the cost: `weight_decay / 2` times the sum of squared weights.
    pub penalty: f64,
    /// The share of training samples predicted right, from 0 to 1.
    pub accuracy: f64,
    /// The same over the validation samples, where there are any.
    pub validation: Option<Watched>,
    /// Seconds since training began.
    pub seconds: f64,
}

/// Cost and accuracy on samples that training does not learn from.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Watched {
    /// The mean cross-entropy.
    pub cost: f64,
    /// The share predicted right, from 0 to 1.
    pub accuracy: f64,
}

/// How training ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// All updates were made.
    Finished,
    /// The cost on the validation samples had not fallen for long enough.
    Stopped,
    /// The observer asked to stop.
    Interrupted,
    /// An update led above the cost limit, or to a cost or a parameter that is not finite. It was taken back.
    Diverged {
        /// That update.
        update: usize,
        /// The cost after it.
        cost: f64,
    },
    /// A device failed.
    Failed {
        /// The device's name in configurations.
        device: String,
        /// What it died of.
        reason: String,
    },
}

/// What training produced.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The trained parameters: those of the last record, or, where there is patience, of the one with the lowest cost on
    /// the validation samples.
    pub parameters: Parameters,
    /// The records, in order.
    pub history: Vec<Record>,
    /// The record that the parameters belong to.
    pub kept: Record,
    /// How training ended.
    pub ending: Ending,
}

/// Is told what happens in training. `()` is an observer that lets everything pass.
pub trait Observer {
    /// A record was made.
    fn recorded(&mut self, _record: &Record) {}

    /// An update was made; `Break` ends training cleanly. Updates that are repeated to find the first bad one are told
    /// again.
    fn updated(&mut self, _update: usize) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

impl Observer for () {}

impl fmt::Display for Ending {
    /// One word for files and tables.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Finished => "finished",
            Self::Stopped => "stopped",
            Self::Interrupted => "interrupted",
            Self::Diverged { .. } => "diverged",
            Self::Failed { .. } => "failed",
        })
    }
}

impl Ending {
    /// A device's failure ends training; any other error stays one.
    fn from_failure(error: Error) -> Result<Self> {
        match error {
            Error::Device { device, reason } => Ok(Self::Failed { device, reason }),
            other => Err(other),
        }
    }

    /// The error behind a failure.
    pub fn error(&self) -> Option<Error> {
        match self {
            Self::Failed { device, reason } => Some(Error::Device { device: device.clone(), reason: reason.clone() }),
            Self::Finished | Self::Stopped | Self::Interrupted | Self::Diverged { .. } => None,
        }
    }
}

impl Outcome {
    /// The last record.
    pub fn last(&self) -> &Record {
        self.history.last().unwrap_or_else(|| unreachable!("training makes a record before its first update"))
    }
}

/// Trains from the given parameters on the given data, on one device or on several that share the samples.
///
/// The fused engine computes on the CPU, whatever the device, and so does what judges the validation samples.
///
/// # Errors
/// When the cost of the start is above the limit or not finite, when data, settings, parameters and devices do not fit each
/// other, or when a device fails before the first record.
///
/// # Panics
/// When no device is given: a mistake in the calling code.
pub fn train(
    start: &Parameters,
    data: &Dataset,
    validation: Option<&Dataset>,
    settings: &Settings,
    devices: &[OpenDevice],
    observer: &mut dyn Observer,
) -> Result<Outcome> {
    for data in [Some(data), validation].into_iter().flatten() {
        if start.features != data.features() {
            let (expects, has) = (start.features, data.features());
            return Err(Error::Settings(format!("the model takes {expects} features, the data has {has}")));
        }
    }
    let precision = devices[0].placement.precision();
    let validate = validation.map(|data| -> Validate {
        let (mut evaluate, samples) = (evaluator(start, data, precision), data.samples() as f64);
        Box::new(move |parameters| {
            let Evaluation { loss, correct } = evaluate(parameters);
            Watched { cost: loss, accuracy: correct as f64 / samples }
        })
    });
    match (settings.engine, devices) {
        (Engine::Fused, _) => match precision {
            Precision::F32 => descend(Fused::<f32>::new(start, data, settings), validate, settings, observer),
            Precision::F64 => descend(Fused::<f64>::new(start, data, settings), validate, settings, observer),
        },
        (Engine::Autodiff | Engine::Manual, [device]) => {
            descend(OnTensors::new(start, data, settings, device)?, validate, settings, observer)
        }
        (Engine::Autodiff | Engine::Manual, devices) => {
            descend(Sharded::new(start, data, settings, devices)?, validate, settings, observer)
        }
    }
}

/// How long an update takes on a device, when it has warmed up: its first updates may compile.
///
/// # Errors
/// When training cannot start there, or the device fails.
pub fn seconds_per_update(start: &Parameters, data: &Dataset, settings: &Settings, device: &OpenDevice) -> Result<f64> {
    let mut half = 4;
    loop {
        // Two halves, of which the second is timed, with its reading: that waits for all updates to be made.
        let counts = (Count::try_from(2 * half), Count::try_from(half));
        let (Ok(updates), Ok(record_every)) = counts else { unreachable!("they stay small") };
        let settings = Settings { updates, record_every, ..settings.clone() };
        let outcome = train(start, data, None, &settings, std::slice::from_ref(device), &mut ())?;
        if let Some(failure) = outcome.ending.error() {
            return Err(failure);
        }
        let [.., middle, last] = &outcome.history[..] else { return Ok(f64::INFINITY) };
        let seconds = last.seconds - middle.seconds;
        if seconds > TRIAL || outcome.ending != Ending::Finished {
            return Ok(seconds / (last.update - middle.update) as f64);
        }
        half *= 4;
    }
}

/// The loop.
fn descend<L: Learner>(
    (learner, start): (L, L::State),
    validate: Option<Validate>,
    settings: &Settings,
    observer: &mut dyn Observer,
) -> Result<Outcome> {
    let mut descent = Descent {
        learner,
        validate,
        weight_decay: settings.weight_decay.get(),
        cost_limit: settings.cost_limit.get(),
        began: Instant::now(),
    };
    let mut place = Place { state: start, update: 0, rates: Rates::new(settings)? };
    let mut measured = descent.measure(&place)?.map_err(|bad| {
        let limit = settings.cost_limit;
        Error::Settings(format!(
            "the initial parameters cost {}, which is not within train.cost_limit = {}",
            short(bad.cost),
            short(limit.get())
        ))
    })?;
    observer.recorded(&measured.record);
    let mut history = vec![measured.record.clone()];
    let mut best = Best::new(settings.patience, measured.clone());
    let mut sound = place.clone();

    let (updates, every) = (settings.updates.get(), settings.record_every.get());
    let mut ending = Ending::Finished;
    while place.update < updates && ending == Ending::Finished {
        place = match descent.step(place) {
            Ok(place) => place,
            Err(error) => {
                ending = Ending::from_failure(error)?;
                break;
            }
        };
        if observer.updated(place.update).is_break() {
            ending = Ending::Interrupted;
        }
        let due = place.update.is_multiple_of(every) || place.update == updates;
        if !(due || ending == Ending::Interrupted) {
            continue;
        }
        match descent.measure(&place) {
            Ok(Ok(good)) => (measured, sound) = (good, place.clone()),
            Ok(Err(bad)) => (measured, ending) = descent.first_bad(measured, sound.clone(), bad, observer)?,
            Err(error) => ending = Ending::from_failure(error)?,
        }
        if history.last().is_some_and(|last| last.update < measured.record.update) {
            observer.recorded(&measured.record);
            history.push(measured.record.clone());
            if best.is_out_of_patience(&measured) && ending == Ending::Finished {
                ending = Ending::Stopped;
            }
        }
    }
    let Measured { record, parameters } = best.measured;
    Ok(Outcome { parameters, history, kept: record, ending })
}

/// Reads cost and accuracy of parameters on the validation samples.
type Validate = Box<dyn FnMut(&Parameters) -> Watched>;

/// A state of the learner, how many updates led to it, and the rates of those to come.
#[derive(Clone)]
struct Place<S> {
    state: S,
    update: usize,
    rates: Rates,
}

/// A good state, in plain numbers.
#[derive(Clone)]
struct Measured {
    record: Record,
    parameters: Parameters,
}

/// A state that training must not go on from.
#[derive(Clone, Copy)]
struct Bad {
    update: usize,
    cost: f64,
}

/// The state to keep.
struct Best {
    patience: Option<usize>,
    measured: Measured,
    /// Records since.
    since: usize,
}

impl Best {
    fn new(patience: Option<Count<1, 1_000_000_000>>, measured: Measured) -> Self {
        // Without validation samples there is nothing to be patient about.
        let patience = patience.filter(|_| measured.record.validation.is_some()).map(Count::get);
        Self { patience, measured, since: 0 }
    }

    /// Takes the next record's state if it is the better one, and tells whether it has not been for long enough.
    fn is_out_of_patience(&mut self, next: &Measured) -> bool {
        let [next_cost, best_cost] = [next, &self.measured].map(|of| of.record.validation.map(|on| on.cost));
        let lower = next_cost < best_cost;
        if self.patience.is_none() || lower {
            (self.measured, self.since) = (next.clone(), 0);
        } else {
            self.since += 1;
        }
        self.patience.is_some_and(|patience| self.since >= patience)
    }
}

/// What stays the same.
struct Descent<L> {
    learner: L,
    validate: Option<Validate>,
    weight_decay: f64,
    cost_limit: f64,
    began: Instant,
}

impl<L: Learner> Descent<L> {
    /// One update.
    fn step(&mut self, place: Place<L::State>) -> Result<Place<L::State>> {
        let Place { state, update, mut rates } = place;
        let state = self.learner.step(state, update, rates.next())?;
        Ok(Place { state, update: update + 1, rates })
    }

    /// Reads a state and judges it.
    fn measure(&mut self, place: &Place<L::State>) -> Result<Result<Measured, Bad>> {
        let (Reading { cost, accuracy, parameters }, update) = (self.learner.read(&place.state)?, place.update);
        if !(cost <= self.cost_limit && parameters.are_finite()) {
            return Ok(Err(Bad { update, cost }));
        }
        let penalty = parameters.penalty(self.weight_decay);
        let validation = self.validate.as_mut().map(|validate| validate(&parameters));
        let seconds = self.began.elapsed().as_secs_f64();
        let record = Record { update, cost, penalty, accuracy, validation, seconds };
        Ok(Ok(Measured { record, parameters }))
    }

    /// Repeats the updates between a good state and a bad one, reading each: the last good state, and how training ended
    /// there.
    fn first_bad(
        &mut self,
        mut good: Measured,
        mut place: Place<L::State>,
        bad: Bad,
        observer: &mut dyn Observer,
    ) -> Result<(Measured, Ending)> {
        while place.update + 1 < bad.update {
            let repeated = self.step(place).and_then(|place| Ok((self.measure(&place)?, place)));
            match repeated {
                Ok((Ok(measured), next)) => (good, place) = (measured, next),
                Ok((Err(Bad { update, cost }), _)) => return Ok((good, Ending::Diverged { update, cost })),
                Err(error) => return Ok((good, Ending::from_failure(error)?)),
            }
            if observer.updated(place.update).is_break() {
                return Ok((good, Ending::Interrupted));
            }
        }
        Ok((good, Ending::Diverged { update: bad.update, cost: bad.cost }))
    }
}
