//! What training tells: records on the way, and how it ended.
//!
//! Leaves out: how it got there.

use std::fmt;
use std::ops::ControlFlow;

use serde::Serialize;

use super::Snapshot;
use crate::error::{Error, Result};
use crate::network::Parameters;

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
    pub validation: Option<ValidationScore>,
    /// What is tracked, in the order of the settings. A number that cannot be had is NaN.
    pub tracked: Vec<f64>,
    /// Seconds since training began.
    pub seconds: f64,
}

/// Cost and accuracy on samples that training does not learn from.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ValidationScore {
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
    /// What led to it, where training diverged.
    pub divergence: Option<Divergence>,
}

/// What is known of the update that was taken back.
#[derive(Clone, Debug)]
pub struct Divergence {
    /// How many updates there were with it.
    pub update: usize,
    /// Its learning rate.
    pub learning_rate: f64,
    /// The cost after it.
    pub cost: f64,
    /// The parameters after it.
    pub parameters: Parameters,
    /// The last updates before it, the nearest last. There is at least the start.
    pub before: Vec<PastUpdate>,
}

/// An update before divergence.
#[derive(Clone, Debug)]
pub struct PastUpdate {
    /// How many updates there were with it.
    pub update: usize,
    /// The cost after it.
    pub cost: f64,
    /// The parameters after it.
    pub parameters: Parameters,
}

/// Is told what happens in training. `()` is an observer that lets everything pass.
pub trait Observer {
    /// A checkpoint is due, or training ends otherwise than by a failure: the snapshot is made when it is asked for.
    ///
    /// # Errors
    /// When it cannot be kept; training ends.
    fn on_checkpoint(&mut self, _snapshot: &mut dyn FnMut() -> Result<Snapshot>) -> Result<()> {
        Ok(())
    }

    /// A record was made.
    fn on_record(&mut self, _record: &Record) {}

    /// An update was made; `Break` ends training cleanly. Updates that are repeated to find the first bad one are told
    /// again.
    fn on_update(&mut self, _update: usize) -> ControlFlow<()> {
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
    pub(super) fn from_failure(error: Error) -> Result<Self> {
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
        self.history
            .last()
            .unwrap_or_else(|| unreachable!("training makes a record before its first update"))
    }
}
