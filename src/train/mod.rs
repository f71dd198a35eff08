//! Gradient descent: one loop from initial parameters to trained ones.
//!
//! ```text
//! v := d objective / d w + momentum * v            over the samples of the update: all, or a batch
//! w := w - learning_rate * v                       for every parameter
//! ```
//!
//! The step is Burn's SGD on tensors, which stay on the device, or the fused engine's own on lists of numbers. No update is made
//! from parameters whose cost is above the limit, and yet the cost is not computed at each: how far an update can move the output
//! layer is known beforehand, and while a bound on the cost that follows from it stays within the limit, nothing is read. Where it
//! does not, the parameters are read for a closer bound, and then, if need be, the cost. So an update costs what the engine costs,
//! unless one alone can pass the limit: `learning_rate * (hidden + 1) / (1 - momentum)` above it makes for a reading at each.
//!
//! When training has diverged (a cost above the limit, or a parameter that is not finite, which stays so until the next reading),
//! the loop returns to the state of the record before and repeats those updates one by one, reading each before the next is made: the
//! first bad update is found and taken back, and what led to it is remembered ([`Divergence`]).
//!
//! A device that fails ends training with the record before: what was read from it then is whole and stays.
//!
//! Leaves out: printing and drawing. An [`Observer`] is told what happens and may ask to stop.

mod batches;
mod bound;
mod descent;
mod learner;
mod outcome;
mod schedule;
mod settings;
mod sharded;
mod snapshot;
mod stopwatch;
mod tracking;

use crate::data::Dataset;
use crate::device::{OpenDevice, Precision};
use crate::error::{Error, Result};
use crate::network::Parameters;
use crate::network::gradients::Engine;
use crate::network::kernel::{Evaluation, evaluator};
use descent::{Validate, descend};
use learner::{Fused, OnTensors};
use sharded::Sharded;

pub use outcome::{Divergence, Ending, Observer, Outcome, PastUpdate, Record, ValidationScore};
pub use schedule::Schedule;
pub use settings::Settings;
pub use snapshot::{Snapshot, TrainingState};
pub use stopwatch::Stopwatch;
pub use tracking::Track;

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
            return Err(Error::Training(format!("the model takes {expects} features, the data has {has}")));
        }
    }
    if let Some(Snapshot { at, .. }) = &from
        && [at.parameters.features, at.parameters.hidden] != [start.features, start.hidden]
    {
        let [is, was] =
            [start, &at.parameters].map(|of| format!("{} inputs and {} hidden units", of.features, of.hidden));
        return Err(Error::Training(format!("the model has {is}, what to go on from has {was}")));
    }
    if let Some(Snapshot { history, kept, .. }) = &from {
        let fits = |record: &Record| {
            record.validation.is_some() == validation.is_some() && record.tracked.len() == settings.track.len()
        };
        if !history.iter().chain([kept]).all(fits) {
            let message = "the records to go on from hold other things than train.track and split.validation ask for";
            return Err(Error::Training(message.into()));
        }
    }
    let precision = devices[0].placement.precision();
    let validate = validation.map(|data| -> Validate {
        let (mut evaluate, samples) = (evaluator(start, data, precision), data.samples() as f64);
        Box::new(move |parameters| {
            let Evaluation { loss, correct } = evaluate(parameters);
            ValidationScore { cost: loss, accuracy: correct as f64 / samples }
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
