//! Everything that training needs to go on as if it had never stopped, in plain numbers.
//!
//! The samples of an update and its learning rate follow from the update's number, so that neither random numbers nor the
//! schedule have a state of their own: what changes from update to update is the parameters and the optimiser's memory.
//!
//! Leaves out: files. Those are in [`crate::files::checkpoint`].

use super::Record;
use super::descent::Measured;
use crate::network::Parameters;

/// Where training stands after an update.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The state to go on from.
    pub at: TrainingState,
    /// The state of the last record that was due. Where training diverges later, updates are repeated from here.
    pub sound: TrainingState,
    /// The records that were due so far.
    pub history: Vec<Record>,
    /// The record whose parameters would be kept if training ended here.
    pub kept: Record,
    /// Those parameters.
    pub kept_parameters: Parameters,
    /// How many records there were since, of those that count against patience.
    pub since: usize,
    /// How long training has computed.
    pub seconds: f64,
}

/// A state of what computes.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingState {
    /// How many updates led to it.
    pub update: usize,
    /// The parameters.
    pub parameters: Parameters,
    /// With momentum, after the first update: each parameter's velocity.
    pub velocity: Option<Parameters>,
}

impl Snapshot {
    /// The last record that was due, with its parameters.
    pub(super) fn sound_measured(&self) -> Measured {
        let record = self.history.last().unwrap_or(&self.kept).clone();
        Measured { record, parameters: self.sound.parameters.clone() }
    }
}
