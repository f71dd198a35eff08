//! Gradient descent: one loop from initial parameters to trained ones.
//!
//! ```text
//! w := w - learning_rate * d objective / d w       for every parameter, over the full batch
//! ```
//!
//! The loop reads the cost only when a record is due, so that an update costs what the engine costs: the step is Burn's
//! SGD on tensors, which stay on the device, or the fused engine's own on lists of numbers. When a record finds that training has diverged (a cost above the
//! limit, or a number that is not finite), the loop returns to the state of the record before and repeats those
//! updates one by one, reading each: the first bad update is found, and nothing was paid for it before. A number that is
//! not finite stays so until the next record; a cost that passes the limit and comes back in between goes unseen.
//!
//! Leaves out: printing and drawing. An [`Observer`] is told what happens and may ask to stop.

mod learner;

use std::fmt;
use std::ops::ControlFlow;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::checked::{Count, NonNegative, Positive};
use crate::data::Dataset;
use crate::device::{Placement, Precision};
use crate::error::{Error, Result};
use crate::gradients::Engine;
use crate::model::Parameters;
use crate::text::short;
use learner::{Fused, Learner, OnTensors, Reading};

/// The largest `cost_limit`.
const MOST_COST: f64 = 1e100;

/// How to train.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What computes the gradient.
    pub engine: Engine,
    /// The step size.
    pub learning_rate: Positive,
    /// The L2 penalty's factor; it holds for weights, not for biases.
    pub weight_decay: NonNegative,
    /// How many full-batch updates.
    pub updates: Count<0, 1_000_000_000>,
    /// A record of cost and accuracy every this many updates, and at the end.
    pub record_every: Count<1, 1_000_000_000>,
    /// Training stops when a record's cost exceeds this. A network that answers 1/2 to everything costs 0.69; the
    /// article's cost is infinite as soon as one sample costs more than 37, ours stays finite and needs a limit.
    pub cost_limit: Positive,
}

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
    /// Seconds since training began.
    pub seconds: f64,
}

/// How training ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ending {
    /// All updates were made.
    Finished,
    /// The observer asked to stop.
    Interrupted,
    /// An update led above the cost limit, or to a cost or a parameter that is not finite. It was taken back.
    Diverged {
        /// That update.
        update: usize,
        /// The cost after it.
        cost: f64,
    },
}

/// What training produced.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The trained parameters; after divergence, the last good ones.
    pub parameters: Parameters,
    /// The records, in order; the last one belongs to `parameters`.
    pub history: Vec<Record>,
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
            Self::Interrupted => "interrupted",
            Self::Diverged { .. } => "diverged",
        })
    }
}

impl Default for Settings {
    /// The article's: learning rate 1.2, 10,000 updates.
    fn default() -> Self {
        Self {
            engine: Engine::Autodiff,
            learning_rate: const { Positive::literal(1.2) },
            weight_decay: const { NonNegative::literal(0.0) },
            updates: const { Count::literal(10_000) },
            record_every: const { Count::literal(100) },
            cost_limit: const { Positive::literal(1_000.0) },
        }
    }
}

impl Settings {
    /// Whether the settings can be used; if not, why.
    ///
    /// # Errors
    /// When `cost_limit` admits costs that no picture can show.
    pub fn check(&self) -> Result<(), String> {
        let limit = self.cost_limit.get();
        if limit > MOST_COST {
            return Err(format!("train.cost_limit = {}: must be at most {}", short(limit), short(MOST_COST)));
        }
        Ok(())
    }
}

impl Outcome {
    /// The last record, which belongs to the trained parameters.
    pub fn last(&self) -> &Record {
        self.history.last().unwrap_or_else(|| unreachable!("training makes a record before its first update"))
    }
}

/// Trains from the given parameters on the given data.
///
/// # Errors
/// When the cost of the start is above the limit or not finite, when data and parameters do not fit each other,
/// or when the device fails.
pub fn train(
    start: &Parameters,
    data: &Dataset,
    settings: &Settings,
    placement: &Placement,
    observer: &mut dyn Observer,
) -> Result<Outcome> {
    if start.features != data.features() {
        let (expects, has) = (start.features, data.features());
        return Err(Error::Settings(format!("the model takes {expects} features, the data has {has}")));
    }
    match (settings.engine, placement.precision()) {
        (Engine::Fused, Precision::F32) => descend(Fused::<f32>::new(start, data, settings), settings, observer),
        (Engine::Fused, Precision::F64) => descend(Fused::<f64>::new(start, data, settings), settings, observer),
        (Engine::Autodiff | Engine::Manual, _) => {
            descend(OnTensors::new(start, data, settings, placement), settings, observer)
        }
    }
}

/// The loop.
fn descend<L: Learner>(
    (learner, start): (L, L::State),
    settings: &Settings,
    observer: &mut dyn Observer,
) -> Result<Outcome> {
    let mut descent = Descent {
        learner,
        weight_decay: settings.weight_decay.get(),
        cost_limit: settings.cost_limit.get(),
        began: Instant::now(),
    };
    let mut place = Place { state: start, update: 0 };
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
    let mut sound = place.clone();

    let (updates, every) = (settings.updates.get(), settings.record_every.get());
    let mut ending = Ending::Finished;
    while place.update < updates && ending == Ending::Finished {
        place = descent.step(place);
        if observer.updated(place.update).is_break() {
            ending = Ending::Interrupted;
        }
        let due = place.update.is_multiple_of(every) || place.update == updates;
        if !(due || ending == Ending::Interrupted) {
            continue;
        }
        match descent.measure(&place)? {
            Ok(good) => (measured, sound) = (good, place.clone()),
            Err(bad) => {
                let first;
                (measured, first) = descent.first_bad(measured, sound.clone(), bad, observer)?;
                ending = first.map_or(Ending::Interrupted, |Bad { update, cost }| Ending::Diverged { update, cost });
            }
        }
        if history.last().is_some_and(|last| last.update < measured.record.update) {
            observer.recorded(&measured.record);
            history.push(measured.record.clone());
        }
    }
    Ok(Outcome { parameters: measured.parameters, history, ending })
}

/// A state of the learner, and how many updates led to it.
#[derive(Clone)]
struct Place<S> {
    state: S,
    update: usize,
}

/// A good state, in plain numbers.
struct Measured {
    record: Record,
    parameters: Parameters,
}

/// A state that training must not go on from.
struct Bad {
    update: usize,
    cost: f64,
}

/// What stays the same.
struct Descent<L> {
    learner: L,
    weight_decay: f64,
    cost_limit: f64,
    began: Instant,
}

impl<L: Learner> Descent<L> {
    /// One update.
    fn step(&mut self, place: Place<L::State>) -> Place<L::State> {
        Place { state: self.learner.step(place.state), update: place.update + 1 }
    }

    /// Reads a state and judges it.
    fn measure(&mut self, place: &Place<L::State>) -> Result<Result<Measured, Bad>> {
        let (Reading { cost, accuracy, parameters }, update) = (self.learner.read(&place.state)?, place.update);
        if !(cost <= self.cost_limit && parameters.are_finite()) {
            return Ok(Err(Bad { update, cost }));
        }
        let penalty = parameters.penalty(self.weight_decay);
        let record = Record { update, cost, penalty, accuracy, seconds: self.began.elapsed().as_secs_f64() };
        Ok(Ok(Measured { record, parameters }))
    }

    /// Repeats the updates between a good state and a bad one, reading each: the last good and the first bad, or no bad
    /// one where the observer asks to stop.
    fn first_bad(
        &mut self,
        mut good: Measured,
        mut place: Place<L::State>,
        bad: Bad,
        observer: &mut dyn Observer,
    ) -> Result<(Measured, Option<Bad>)> {
        while place.update + 1 < bad.update {
            place = self.step(place);
            match self.measure(&place)? {
                Ok(measured) => good = measured,
                Err(earlier) => return Ok((good, Some(earlier))),
            }
            if observer.updated(place.update).is_break() {
                return Ok((good, None));
            }
        }
        Ok((good, Some(bad)))
    }
}
