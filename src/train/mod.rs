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
mod snapshot;

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
pub use snapshot::{Snapshot, Standing};

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
    /// A checkpoint is due, or training ends otherwise than by a failure: the snapshot is made when it is asked for.
    ///
    /// # Errors
    /// When it cannot be kept; training ends.
    fn reached(&mut self, _snapshot: &mut dyn FnMut() -> Result<Snapshot>) -> Result<()> {
        Ok(())
    }

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

/// What to train on what, and where.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The parameters to start from.
    pub start: &'a Parameters,
    /// The samples to learn from.
    pub data: &'a Dataset,
    /// Samples to watch.
    pub validation: Option<&'a Dataset>,
    /// How to train.
    pub settings: &'a Settings,
    /// One device, or several that share the samples.
    pub devices: &'a [OpenDevice],
}

/// Trains from the start, or goes on from where a training of the same job stood.
///
/// What comes out after going on is what would have come out without the interruption, to the bit: the fused engine computes
/// on the CPU, whatever the device, and so does what judges the validation samples.
///
/// # Errors
/// When the cost of the start is above the limit or not finite, when data, settings, parameters and devices do not fit each
/// other, when a device fails before the first record, or when the observer cannot keep a snapshot.
///
/// # Panics
/// When no device is given: a mistake in the calling code.
pub fn train(job: Job<'_>, from: Option<Snapshot>, observer: &mut dyn Observer) -> Result<Outcome> {
    let Job { start, data, validation, settings, devices } = job;
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
            Precision::F32 => descend(Fused::<f32>::new(start, data, settings), validate, job, from, observer),
            Precision::F64 => descend(Fused::<f64>::new(start, data, settings), validate, job, from, observer),
        },
        (Engine::Autodiff | Engine::Manual, [device]) => {
            descend(OnTensors::new(data, settings, device)?, validate, job, from, observer)
        }
        (Engine::Autodiff | Engine::Manual, devices) => {
            descend(Sharded::new(start, data, settings, devices)?, validate, job, from, observer)
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
        let devices = std::slice::from_ref(device);
        let outcome = train(Job { start, data, validation: None, settings: &settings, devices }, None, &mut ())?;
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
    learner: L,
    validate: Option<Validate>,
    job: Job<'_>,
    from: Option<Snapshot>,
    observer: &mut dyn Observer,
) -> Result<Outcome> {
    let settings = job.settings;
    let mut descent = Descent { learner, validate, settings, began: Instant::now(), before: 0.0 };
    let (mut place, mut course) = match from {
        None => descent.begin(job.start, observer)?,
        Some(snapshot) => descent.go_on(snapshot, observer)?,
    };
    let updates = settings.updates.get();
    let due = |update: usize, every: Option<usize>| every.is_some_and(|every| update.is_multiple_of(every));
    let checkpoints = settings.checkpoint_every.map(Count::get);
    let mut ending = course.best.ending();
    while place.update < updates && ending == Ending::Finished {
        place = match descent.step(place) {
            Ok(place) => place,
            Err(error) => {
                ending = Ending::from_failure(error)?;
                break;
            }
        };
        let update = place.update;
        if observer.updated(update).is_break() {
            ending = Ending::Interrupted;
        }
        let record_due = due(update, Some(settings.record_every.get()));
        let ends = update == updates || ending == Ending::Interrupted;
        if !(record_due || ends || due(update, checkpoints)) {
            continue;
        }
        let measured = match descent.measure(&place) {
            Ok(Ok(good)) => good,
            Ok(Err(bad)) => {
                let (last, how) = descent.first_bad(course.measured.clone(), course.sound.clone(), bad, observer)?;
                if how == Ending::Interrupted {
                    observer.reached(&mut || descent.snapshot(&course.sound, &course))?;
                }
                ending = how;
                course.record(last, observer);
                break;
            }
            Err(error) => {
                ending = Ending::from_failure(error)?;
                break;
            }
        };
        if record_due {
            course.sound = place.clone();
            course.record(measured.clone(), observer);
            if course.best.is_exhausted() && ending == Ending::Finished {
                ending = Ending::Stopped;
            }
        }
        // Before a record that is made out of turn, because training ends: one that goes on has none there.
        if ends || ending != Ending::Finished || due(update, checkpoints) {
            observer.reached(&mut || descent.snapshot(&place, &course))?;
        }
        if ends && !record_due {
            course.record(measured, observer);
        }
    }
    let Measured { record, parameters } = course.best.measured;
    Ok(Outcome { parameters, history: course.records, kept: record, ending })
}

/// What changes from record to record.
struct Course<S> {
    /// The last record, or the start.
    measured: Measured,
    /// The state of the last record that was due.
    sound: Place<S>,
    records: Vec<Record>,
    best: Best,
}

/// Where a descent begins or goes on.
type Started<S> = (Place<S>, Course<S>);

impl<S> Course<S> {
    fn record(&mut self, measured: Measured, observer: &mut dyn Observer) {
        if self.records.last().is_some_and(|last| last.update >= measured.record.update) {
            return;
        }
        observer.recorded(&measured.record);
        self.records.push(measured.record.clone());
        self.best.see(&measured);
        self.measured = measured;
    }
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
    fn new(settings: &Settings, measured: Measured, since: usize) -> Self {
        // Without validation samples there is nothing to be patient about.
        let patience = settings.patience.filter(|_| measured.record.validation.is_some()).map(Count::get);
        Self { patience, measured, since }
    }

    /// Takes the next record's state if it is the better one.
    fn see(&mut self, next: &Measured) {
        let [next_cost, best_cost] = [next, &self.measured].map(|of| of.record.validation.map(|on| on.cost));
        let lower = next_cost < best_cost;
        if self.patience.is_none() || lower {
            (self.measured, self.since) = (next.clone(), 0);
        } else {
            self.since += 1;
        }
    }

    /// Whether no record was the better one for long enough.
    fn is_exhausted(&self) -> bool {
        self.patience.is_some_and(|patience| self.since >= patience)
    }

    fn ending(&self) -> Ending {
        if self.is_exhausted() { Ending::Stopped } else { Ending::Finished }
    }
}

/// What stays the same.
struct Descent<'a, L> {
    learner: L,
    validate: Option<Validate>,
    settings: &'a Settings,
    began: Instant,
    /// Seconds of training before that.
    before: f64,
}

impl<L: Learner> Descent<'_, L> {
    fn begin(&mut self, start: &Parameters, observer: &mut dyn Observer) -> Result<Started<L::State>> {
        let standing = Standing { update: 0, parameters: start.clone(), velocity: None };
        let place = self.place(&standing)?;
        let measured = self.measure(&place)?.map_err(|bad| {
            let limit = self.settings.cost_limit;
            Error::Settings(format!(
                "the initial parameters cost {}, which is not within train.cost_limit = {}",
                short(bad.cost),
                short(limit.get())
            ))
        })?;
        observer.recorded(&measured.record);
        let best = Best::new(self.settings, measured.clone(), 0);
        let records = vec![measured.record.clone()];
        Ok((place.clone(), Course { sound: place, records, measured, best }))
    }

    fn go_on(&mut self, snapshot: Snapshot, observer: &mut dyn Observer) -> Result<Started<L::State>> {
        let (place, sound) = (self.place(&snapshot.at)?, self.place(&snapshot.sound)?);
        self.before = snapshot.seconds;
        let measured = snapshot.sound_measured();
        let kept = Measured { record: snapshot.kept, parameters: snapshot.kept_parameters };
        let best = Best::new(self.settings, kept, snapshot.since);
        let mut course = Course { measured, sound, records: snapshot.history, best };
        // Of a training that was over, the last record may have been out of turn.
        if place.update == self.settings.updates.get()
            && !course.best.is_exhausted()
            && let Ok(last) = self.measure(&place)?
        {
            course.record(last, observer);
        }
        Ok((place, course))
    }

    fn snapshot(&mut self, place: &Place<L::State>, course: &Course<L::State>) -> Result<Snapshot> {
        let Course { sound, records, best, .. } = course;
        Ok(Snapshot {
            at: self.learner.standing(&place.state, place.update)?,
            sound: self.learner.standing(&sound.state, sound.update)?,
            history: records.clone(),
            kept: best.measured.record.clone(),
            kept_parameters: best.measured.parameters.clone(),
            since: best.since,
            seconds: self.seconds(),
        })
    }

    fn place(&mut self, standing: &Standing) -> Result<Place<L::State>> {
        let rates = Rates::from(standing.update, self.settings)?;
        Ok(Place { state: self.learner.begin(standing)?, update: standing.update, rates })
    }

    fn seconds(&self) -> f64 {
        self.before + self.began.elapsed().as_secs_f64()
    }

    /// One update.
    fn step(&mut self, place: Place<L::State>) -> Result<Place<L::State>> {
        let Place { state, update, mut rates } = place;
        let state = self.learner.step(state, update, rates.next())?;
        Ok(Place { state, update: update + 1, rates })
    }

    /// Reads a state and judges it.
    fn measure(&mut self, place: &Place<L::State>) -> Result<Result<Measured, Bad>> {
        let (Reading { cost, accuracy, parameters }, update) = (self.learner.read(&place.state)?, place.update);
        if !(cost <= self.settings.cost_limit.get() && parameters.are_finite()) {
            return Ok(Err(Bad { update, cost }));
        }
        let penalty = parameters.penalty(self.settings.weight_decay.get());
        let validation = self.validate.as_mut().map(|validate| validate(&parameters));
        let record = Record { update, cost, penalty, accuracy, validation, seconds: self.seconds() };
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
