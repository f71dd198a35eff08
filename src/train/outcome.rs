//! What training reports: its records, how it ended, and the events that an observer receives.

use std::fmt;
use std::ops::ControlFlow;

use serde::Serialize;

use super::Snapshot;
use crate::data::split::Part;
use crate::error::{Error, Result};
use crate::network::Parameters;

/// Cost and accuracy of the parameters after `update` updates.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// The number of updates made.
    pub update: usize,
    /// The mean cross-entropy.
    pub cost: f64,
    /// The L2 penalty, `weight_decay / 2` times the sum of squared weights. It is not part of the cost.
    pub penalty: f64,
    /// The fraction of training samples predicted correctly, from 0 to 1.
    pub accuracy: f64,
    /// The scores on the validation samples, if the run has some.
    pub validation: Option<ValidationScore>,
    /// The numbers of `train.track`, in their order. NaN if a number cannot be computed.
    pub tracked: Vec<f64>,
    /// Seconds since training began.
    pub seconds: f64,
}

/// Cost and accuracy on the validation samples, from which training does not learn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ValidationScore {
    /// The mean cross-entropy.
    pub cost: f64,
    /// The fraction predicted correctly, from 0 to 1.
    pub accuracy: f64,
}

/// A record, and the parameters that it describes.
#[derive(Clone)]
pub(super) struct RecordedParameters {
    pub(super) record: Record,
    pub(super) parameters: Parameters,
}

/// How training ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// All updates were made.
    Finished,
    /// Early stopping: the validation cost did not reach a new lowest value for `train.patience` records.
    StoppedEarly,
    /// The observer asked to stop.
    Interrupted,
    /// An update led above the cost limit, or to a cost, a validation cost or a parameter that is not finite. That update was
    /// discarded.
    Diverged {
        /// The number of updates including that one.
        update: usize,
        /// The cost after it.
        cost: f64,
    },
    /// A device failed.
    Failed {
        /// The device's name in configurations.
        device: String,
        /// The reason of the failure.
        reason: String,
    },
}

/// The result of a training run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The trained parameters: those with the lowest validation cost if `train.patience` is set, otherwise those of the
    /// last record.
    pub parameters: Parameters,
    /// The records, in order.
    pub history: Vec<Record>,
    /// The record of the trained parameters.
    pub kept: Record,
    /// How training ended.
    pub ending: Ending,
    /// The updates before the end, if training diverged.
    pub divergence: Option<Divergence>,
}

/// The update that was discarded, and the updates before it.
#[derive(Clone, Debug)]
pub struct Divergence {
    /// The number of updates including the bad one.
    pub update: usize,
    /// The learning rate of the bad update.
    pub learning_rate: f64,
    /// The cost after it.
    pub cost: f64,
    /// The samples that have this cost: for training, or for validation if only their cost is not finite.
    pub part: Part,
    /// The parameters after it.
    pub parameters: Parameters,
    /// Up to ten states since the last record, the newest last. There is at least one.
    pub past_updates: Vec<PastUpdate>,
}

/// The state of the network after an update.
#[derive(Clone, Debug)]
pub struct PastUpdate {
    /// The number of updates made.
    pub update: usize,
    /// The cost.
    pub cost: f64,
    /// The parameters.
    pub parameters: Parameters,
}

/// Receives the events of a training run. `()` is an observer that does nothing.
pub trait Observer {
    /// A checkpoint is due, or training ends without a failure. Calling `snapshot` makes the snapshot.
    ///
    /// # Errors
    /// When the snapshot cannot be stored. Training then ends with this error.
    fn on_checkpoint(&mut self, _snapshot: &mut dyn FnMut() -> Result<Snapshot>) -> Result<()> {
        Ok(())
    }

    /// A record was made.
    fn on_record(&mut self, _record: &Record) {}

    /// Whether the observer wants the parameters after this many updates.
    fn wants_parameters(&self, _update: usize) -> bool {
        false
    }

    /// The parameters after an update, if they are wanted. They may be those of a bad update, which training takes back.
    fn on_parameters(&mut self, _update: usize, _parameters: Parameters) {}

    /// An update was made. `Break` ends training cleanly. Updates that are repeated to find the first bad one are
    /// reported again.
    fn on_update(&mut self, _update: usize) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

impl Observer for () {}

impl PastUpdate {
    pub(super) fn new(recorded: &RecordedParameters) -> Self {
        let Record { update, cost, .. } = recorded.record;
        Self { update, cost, parameters: recorded.parameters.clone() }
    }
}

impl fmt::Display for Ending {
    /// One word for files and tables.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Finished => "finished",
            Self::StoppedEarly => "stopped",
            Self::Interrupted => "interrupted",
            Self::Diverged { .. } => "diverged",
            Self::Failed { .. } => "failed",
        })
    }
}

impl Ending {
    /// Turns a device's failure into an ending, since the records before it are good. Returns any other error.
    pub(super) fn from_failure(error: Error) -> Result<Self> {
        match error {
            Error::Device { device, reason } => Ok(Self::Failed { device, reason }),
            other => Err(other),
        }
    }

    /// The device's error, if training ended by one.
    pub fn error(&self) -> Option<Error> {
        match self {
            Self::Failed { device, reason } => Some(Error::Device { device: device.clone(), reason: reason.clone() }),
            Self::Finished | Self::StoppedEarly | Self::Interrupted | Self::Diverged { .. } => None,
        }
    }
}

impl Outcome {
    /// The last record.
    pub fn last(&self) -> &Record {
        self.history
            .last()
            .unwrap_or_else(|| unreachable!("training makes a record before its first update"))
    }
}
