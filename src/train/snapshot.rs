//! Everything that is needed to continue a training run as if it had never stopped, in plain numbers.
//!
//! The samples and the learning rate of an update follow from the update's number. So neither the random numbers nor the
//! schedule need to be stored, only the parameters and the optimiser's velocity.
//!
//! [`crate::files::checkpoint`] writes snapshots to files.

use super::Record;
use crate::network::Parameters;

/// A training run after one of its updates.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The state to continue from.
    pub state: TrainingState,
    /// The state at the last scheduled record. If training diverges later, updates are repeated from here.
    pub state_at_last_record: TrainingState,
    /// All scheduled records so far.
    pub history: Vec<Record>,
    /// The record whose parameters are kept if training ends here.
    pub kept: Record,
    /// The parameters of that record.
    pub kept_parameters: Parameters,
    /// The number of records since the kept one, which early stopping compares with the patience.
    pub records_since_kept: usize,
    /// Seconds of training so far.
    pub seconds: f64,
}

/// What an update changes: the parameters and the optimiser's velocity.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingState {
    /// The number of updates made.
    pub update: usize,
    /// The parameters.
    pub parameters: Parameters,
    /// The velocity of each parameter. `None` without momentum and before the first update.
    pub velocity: Option<Parameters>,
}
