//! Gradient descent: one loop from initial parameters to trained ones.
//!
//! ```text
//! v := d objective / d w + momentum * v            over all samples, or over a mini-batch
//! w := w - learning_rate * v                       for every parameter w
//! ```
//!
//! With the engines `autodiff` and `manual`, Burn's SGD makes the step on tensors that stay on the device. The fused
//! engine makes its own step on plain numbers.
//!
//! # The cost limit
//!
//! Training never continues from parameters whose cost is above `train.cost_limit`, although the cost is not computed after
//! each update. The loop keeps an upper bound on the cost instead (module `cost_bound`):
//!
//! 1. While the bound is within the limit, nothing is computed.
//! 2. Otherwise the parameters are read, which gives a tighter bound.
//! 3. If that is not enough, the cost is computed.
//!
//! So an update usually costs only the gradient. If a single update can pass the limit, that is if
//! `learning_rate * (hidden + 1) / (1 - momentum)` is above it, the parameters are read after each update.
//!
//! # Divergence
//!
//! Training has diverged when the cost is above the limit, or when the cost or a parameter is not finite. The cost counts as NaN
//! where the sum z1 of a hidden unit may overflow: tanh of infinity is 1 and would look like a result. The loop then
//! returns to the last record and repeats the updates one by one, evaluating each. It takes back the first bad update and
//! keeps the updates before it for the report ([`Divergence`]).
//!
//! If a device fails, training ends with the last record, which was read from the device completely.
//!
//! Nothing is printed or drawn here. An [`Observer`] receives the events of a training run and may stop it.

mod batches;
mod cost_bound;
mod early_stopping;
mod frames;
mod fused_learner;
mod job;
mod learner;
mod outcome;
mod schedule;
mod settings;
mod sharded;
mod snapshot;
mod stopwatch;
mod tensor_learner;
mod tracked_metric;
mod training_loop;
mod update_step;

pub use frames::{Frame, Frames};
pub use job::Job;
pub use outcome::{Divergence, Ending, Observer, Outcome, PastUpdate, Record, ValidationScore};
pub use schedule::Schedule;
pub use settings::Settings;
pub use snapshot::{Snapshot, TrainingState};
pub use stopwatch::Stopwatch;
pub use tracked_metric::TrackedMetric;

use crate::device::Precision;
use crate::error::Result;
use crate::network::fused_bridge::{Evaluation, OverflowCheck, evaluator};
use crate::network::gradients::Engine;
use fused_learner::FusedLearner;
use sharded::Sharded;
use tensor_learner::TensorLearner;
use training_loop::{Validate, run_training_loop};

/// Trains from the start, or continues from a snapshot of the same job.
///
/// A training run that was stopped and continued gives the same bits as one that was not.
///
/// # Errors
/// When the cost of the start is above the limit or not finite, when data, settings, parameters and devices do not fit each
/// other, when a device fails before the first record, or when the observer cannot store a snapshot.
///
/// # Panics
/// When no device is given: a mistake in the calling code.
pub fn train(job: Job<'_>, from: Option<Snapshot>, observer: &mut dyn Observer) -> Result<Outcome> {
    job.check()?;
    if let Some(snapshot) = &from {
        job.check_snapshot(snapshot)?;
    }

    let Job { start, data, validation, settings, devices } = job;
    let precision = devices[0].placement.precision();
    // The fused engine computes the validation cost for every engine: on the CPU, with the same bits on any device.
    let validate = validation.map(|data| -> Validate<'_> {
        let (mut evaluate, samples) = (evaluator(start, data, precision), data.samples() as f64);
        let overflows = OverflowCheck::new(data.x(), precision);
        Box::new(move |parameters| {
            let Evaluation { loss, correct } = evaluate(parameters);
            let overflows = overflows.rows(parameters).next().is_some();
            ValidationScore { cost: if overflows { f64::NAN } else { loss }, accuracy: correct as f64 / samples }
        })
    });

    match (settings.engine, devices) {
        (Engine::Fused, _) => match precision {
            Precision::F32 => {
                run_training_loop(FusedLearner::<f32>::new(start, data, settings), validate, job, from, observer)
            }
            Precision::F64 => {
                run_training_loop(FusedLearner::<f64>::new(start, data, settings), validate, job, from, observer)
            }
        },
        (Engine::Autodiff | Engine::Manual, [device]) => {
            run_training_loop(TensorLearner::new(data, settings, device)?, validate, job, from, observer)
        }
        (Engine::Autodiff | Engine::Manual, devices) => {
            run_training_loop(Sharded::new(start, data, settings, devices)?, validate, job, from, observer)
        }
    }
}
