//! Which parameters to keep, and when to stop because the validation cost reaches no new lowest value.

use super::Settings;
use super::outcome::RecordedParameters;
use crate::data::checked_numbers::Count;

/// The parameters to keep: with patience those with the lowest validation cost, without patience the last ones.
pub(super) struct EarlyStopping {
    /// The number of records without a lower validation cost after which training stops.
    patience: Option<usize>,
    kept: RecordedParameters,
    records_since_kept: usize,
}

impl EarlyStopping {
    pub(super) fn new(settings: &Settings, kept: RecordedParameters, records_since_kept: usize) -> Self {
        // Patience needs a validation cost.
        let has_validation = kept.record.validation.is_some();
        let patience = settings.patience.filter(|_| has_validation).map(Count::get);
        Self { patience, kept, records_since_kept }
    }

    /// Keeps the parameters of the next record if they are better.
    pub(super) fn consider(&mut self, next: &RecordedParameters) {
        // A cost that is not a number is never lower, and any other cost is lower than it.
        let validation_cost = |recorded: &RecordedParameters| {
            let cost = recorded.record.validation.map_or(f64::NAN, |score| score.cost);
            if cost.is_nan() { f64::INFINITY } else { cost }
        };
        let is_lower = validation_cost(next) < validation_cost(&self.kept);
        if self.patience.is_none() || is_lower {
            self.kept = next.clone();
            self.records_since_kept = 0;
        } else {
            self.records_since_kept += 1;
        }
    }

    /// Whether training must stop.
    pub(super) fn is_due(&self) -> bool {
        self.patience.is_some_and(|patience| self.records_since_kept >= patience)
    }

    pub(super) fn kept(&self) -> &RecordedParameters {
        &self.kept
    }

    pub(super) fn into_kept(self) -> RecordedParameters {
        self.kept
    }

    pub(super) fn records_since_kept(&self) -> usize {
        self.records_since_kept
    }
}
