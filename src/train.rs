//! Gradient descent: one loop from initial parameters to trained ones.
//!
//! ```text
//! w := w - learning_rate * d loss / d w        for every parameter, over the full batch (Burn's Sgd)
//! ```
//!
//! The loop keeps the tensors on the device. It reads the cost only when a record is due, so that an
//! update costs what the engine costs. When a record finds the cost or a parameter no longer finite, the
//! loop returns to the state of the record before and repeats those updates one by one, reading each: the
//! update at which training diverged is found exactly, and nothing was paid for it before.
//!
//! Leaves out: printing and drawing. An [`Observer`] is told what happens and may ask to stop.

use std::ops::ControlFlow;
use std::time::Instant;

use burn::optim::{ModuleOptimizer, SgdConfig};
use serde::{Deserialize, Serialize};

use crate::checked::{Count, Positive};
use crate::data::Dataset;
use crate::device::Placement;
use crate::error::{Error, Result};
use crate::gradients::Engine;
use crate::loss::{cross_entropy, sigmoid};
use crate::metrics::Confusion;
use crate::model::{Batch, Parameters, TwoLayerNet, read};

/// How to train.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What computes the gradient.
    pub engine: Engine,
    /// The step size.
    pub learning_rate: Positive,
    /// How many full-batch updates.
    pub updates: Count<0, 1_000_000_000>,
    /// A record of cost and accuracy every this many updates, and at the end.
    pub record_every: Count<1, 1_000_000_000>,
}

/// Cost and accuracy of the parameters after `update` updates.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// How many updates the parameters have had.
    pub update: usize,
    /// The mean cross-entropy.
    pub cost: f64,
    /// The share of training samples predicted right, from 0 to 1.
    pub accuracy: f64,
    /// Seconds since training began.
    pub seconds: f64,
}

/// How training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// All updates were made.
    Finished,
    /// The observer asked to stop.
    Interrupted,
    /// The next update would have made the cost or a parameter not finite.
    Diverged,
}

/// What training produced.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The trained parameters; after divergence, the last with a finite cost.
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

    /// An update was made; `Break` ends training cleanly.
    fn updated(&mut self, _update: usize) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

impl Observer for () {}

impl Default for Settings {
    /// The article's: learning rate 1.2, 10,000 updates.
    fn default() -> Self {
        Self {
            engine: Engine::Autodiff,
            learning_rate: const { Positive::literal(1.2) },
            updates: const { Count::literal(10_000) },
            record_every: const { Count::literal(100) },
        }
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
/// When the start is not finite, when data and parameters do not fit each other, or when the device fails.
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
    let device = settings.engine.device(&placement.device);
    let descent = Descent {
        batch: Batch::new(data, &device, placement.dtype),
        labels: data.y(),
        engine: settings.engine,
        learning_rate: settings.learning_rate.get(),
        began: Instant::now(),
    };
    let mut state = State {
        net: TwoLayerNet::new(start, &device, placement.dtype),
        optimizer: SgdConfig::new().init(),
        update: 0,
    };
    let Some(mut measured) = descent.measure(&state)? else {
        return Err(Error::Settings("the initial parameters give a cost that is not finite".into()));
    };
    observer.recorded(&measured.record);
    let mut history = vec![measured.record.clone()];
    let mut sound = state.clone();

    let (updates, every) = (settings.updates.get(), settings.record_every.get());
    let mut ending = Ending::Finished;
    while state.update < updates && ending == Ending::Finished {
        state = descent.step(state);
        if observer.updated(state.update).is_break() {
            ending = Ending::Interrupted;
        }
        let due = state.update.is_multiple_of(every) || state.update == updates;
        if !(due || ending == Ending::Interrupted) {
            continue;
        }
        match descent.measure(&state)? {
            Some(finite) => (measured, sound) = (finite, state.clone()),
            None => {
                ending = Ending::Diverged;
                measured = descent.last_finite(measured, sound.clone(), state.update)?;
            }
        }
        if history.last().is_some_and(|last| last.update < measured.record.update) {
            observer.recorded(&measured.record);
            history.push(measured.record.clone());
        }
    }
    Ok(Outcome { parameters: measured.parameters, history, ending })
}

/// What changes from update to update.
#[derive(Clone)]
struct State {
    net: TwoLayerNet,
    optimizer: ModuleOptimizer,
    update: usize,
}

/// A state read from the device.
struct Measured {
    record: Record,
    parameters: Parameters,
}

/// What stays the same.
struct Descent<'a> {
    batch: Batch,
    labels: &'a [u8],
    engine: Engine,
    learning_rate: f64,
    began: Instant,
}

impl Descent<'_> {
    /// One update.
    fn step(&self, mut state: State) -> State {
        let gradients = self.engine.gradients(&state.net, &self.batch).into_params(&state.net);
        state.net = state.optimizer.step(self.learning_rate, state.net, gradients);
        state.update += 1;
        state
    }

    /// The record of a state and its parameters, or nothing where one of them is not finite.
    fn measure(&self, state: &State) -> Result<Option<Measured>> {
        let z2 = state.net.forward(self.batch.x.clone()).z2; // [m, 1]
        let cost = read(&cross_entropy(z2.clone(), self.batch.y.clone()))?[0];
        let parameters = state.net.parameters()?;
        if !(cost.is_finite() && parameters.are_finite()) {
            return Ok(None);
        }
        let probabilities: Vec<f64> = read(&z2)?.into_iter().map(sigmoid).collect();
        let accuracy = Confusion::new(&probabilities, self.labels).accuracy();
        let seconds = self.began.elapsed().as_secs_f64();
        Ok(Some(Measured { record: Record { update: state.update, cost, accuracy, seconds }, parameters }))
    }

    /// Repeats the updates from a sound state, reading each, up to the last one before `bad` that is finite.
    fn last_finite(&self, mut last: Measured, mut sound: State, bad: usize) -> Result<Measured> {
        while sound.update + 1 < bad {
            sound = self.step(sound);
            match self.measure(&sound)? {
                Some(finite) => last = finite,
                None => break,
            }
        }
        Ok(last)
    }
}
