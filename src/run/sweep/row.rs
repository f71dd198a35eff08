//! The result of one run of a sweep.

use crate::network::Parameters;
use crate::page::TrainedRun;
use crate::train::{Ending, Outcome, Record};

/// The most points of a run's history that the pictures show.
const MAX_POINTS: usize = 1_000;

/// The columns of `sweep.csv` after those of the keys.
pub(super) const RESULT_COLUMNS: [&str; 6] =
    ["updates", "cost", "accuracy", "validation_cost", "validation_accuracy", "ending"];

/// The result of one run of a sweep.
#[derive(Clone, Debug)]
pub struct SweepRow {
    /// The values of the swept keys, as text.
    pub values: Vec<String>,
    /// The record of the kept parameters. It has no test scores on purpose: if values were chosen by them, they would no longer
    /// say how good the network is on unseen samples.
    pub kept: Record,
    /// The number of updates made.
    pub updates: usize,
    /// Seconds of training.
    pub seconds: f64,
    /// How training ended.
    pub ending: Ending,
    /// Records of the training, at most about [`MAX_POINTS`].
    pub(super) history: Vec<Record>,
    /// The kept parameters.
    pub(super) parameters: Parameters,
    /// The numbers for the page, if it is wanted and there is room.
    pub(super) page: Option<TrainedRun>,
}

impl SweepRow {
    pub(super) fn new(values: Vec<String>, outcome: Outcome, page: Option<TrainedRun>) -> Self {
        let (updates, seconds) = (outcome.last().update, outcome.last().seconds);
        let (last, stride) = (outcome.history.len() - 1, outcome.history.len().div_ceil(MAX_POINTS));
        let history = outcome.history.into_iter().enumerate();
        Self {
            values,
            updates,
            seconds,
            history: history
                .filter(|(index, _)| index.is_multiple_of(stride) || *index == last)
                .map(|(_, record)| record)
                .collect(),
            parameters: outcome.parameters,
            kept: outcome.kept,
            ending: outcome.ending,
            page,
        }
    }

    /// Whether no other run is begun after this one.
    pub(super) fn ends_the_sweep(&self) -> bool {
        matches!(self.ending, Ending::Interrupted | Ending::Failed { .. })
    }
}

/// How a sweep ended: as the run whose ending matters most. A failed device comes first, then an interruption, a divergence,
/// and early stopping.
pub fn sweep_ending(rows: &[SweepRow]) -> Ending {
    let importance = |ending: &&Ending| match ending {
        Ending::Finished => 0,
        Ending::StoppedEarly => 1,
        Ending::Diverged { .. } => 2,
        Ending::Interrupted => 3,
        Ending::Failed { .. } => 4,
    };
    rows.iter()
        .map(|row| &row.ending)
        .max_by_key(importance)
        .cloned()
        .unwrap_or(Ending::Finished)
}
