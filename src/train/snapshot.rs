//! Everything that is needed to continue a training run as if it had never stopped, in plain numbers.
//!
//! The samples and the learning rate of an update follow from the update's number. So neither the random numbers nor the
//! schedule need to be stored, only the parameters and the optimiser's velocity.
//!
//! [`crate::files::checkpoint`] writes snapshots to files.

use super::{Ending, Record, Settings};
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

impl Snapshot {
    /// How the training run ended here, if it made all its updates or stopped early.
    pub fn ending(&self, settings: &Settings) -> Option<Ending> {
        let has_validation = self.kept.validation.is_some();
        let patience = settings.patience.filter(|_| has_validation);
        if patience.is_some_and(|patience| self.records_since_kept >= patience.get()) {
            Some(Ending::StoppedEarly)
        } else {
            (self.state.update >= settings.updates.get()).then_some(Ending::Finished)
        }
    }
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
