//! A run that has trained.

use std::ops::ControlFlow;

use super::divergence_advice::Diagnosis;
use super::prepare::Run;
use crate::data::checked_numbers::Count;
use crate::data::csv_writer::exact;
use crate::error::{Error, Result};
use crate::files::model_file::{Metadata, ModelFile};
use crate::network::Parameters;
use crate::train::{Ending, Frames, Observer, Outcome, Record, Snapshot, train};

/// A run that has trained.
#[derive(Clone, Debug)]
pub struct Trained<'a> {
    /// The run.
    pub run: &'a Run,
    /// The trained parameters and their history.
    pub outcome: Outcome,
    /// The parameters after chosen updates, if they were kept.
    pub frames: Option<Frames>,
    /// Why training diverged, if it did.
    pub diagnosis: Option<Diagnosis>,
    /// A sample is predicted class 1 if its logit is above the logit of this probability.
    pub threshold: f64,
}

impl Run {
    /// Trains the network. Then chooses the threshold, if the configuration asks for a choice.
    ///
    /// # Errors
    /// When training cannot start, or the device fails.
    pub fn train(&self, observer: &mut dyn Observer) -> Result<Trained<'_>> {
        self.with_threshold(self.train_network(observer)?, None)
    }

    /// The parameters after all updates. For callers that need nothing else of a training run.
    ///
    /// # Errors
    /// When training cannot start, diverges or is interrupted, or when the device fails.
    pub fn trained_parameters(&self, observer: &mut dyn Observer) -> Result<Parameters> {
        let outcome = self.train_network(observer)?;
        match (&outcome.ending, outcome.ending.error()) {
            (Ending::Finished | Ending::StoppedEarly, _) => Ok(outcome.parameters),
            (_, Some(failure)) => Err(failure),
            (ending, None) => {
                let (last, updates) = (outcome.last().update, self.config.train.updates);
                Err(Error::Training(format!("training {ending} after update {last} of {updates}")))
            }
        }
    }

    /// The parameters before the last update and after it. Before it there are none if no update is asked for.
    ///
    /// # Errors
    /// As in [`Run::trained_parameters`].
    pub fn last_update(&self, observer: &mut dyn Observer) -> Result<(Option<Parameters>, Parameters)> {
        let Some(before) = self.config.train.updates.get().checked_sub(1) else {
            return Ok((None, self.trained_parameters(observer)?));
        };
        let mut run = self.clone();
        run.config.train.checkpoint_every = Count::try_from(before as i64).ok();
        let mut keeper = ParametersAt { update: before, parameters: self.initial.clone(), observer };
        let after = run.trained_parameters(&mut keeper)?;
        Ok((Some(keeper.parameters), after))
    }

    pub(super) fn train_network(&self, observer: &mut dyn Observer) -> Result<Outcome> {
        train(self.job(), None, observer).map_err(|error| self.explained(error))
    }

    pub(super) fn with_threshold(&self, outcome: Outcome, frames: Option<Frames>) -> Result<Trained<'_>> {
        let threshold = self.threshold(&outcome.parameters);
        let diagnosis = outcome
            .divergence
            .as_ref()
            .map(|divergence| self.diagnose(divergence))
            .transpose()?;
        Ok(Trained { run: self, outcome, frames, diagnosis, threshold })
    }
}

impl Trained<'_> {
    /// The contents of `history.csv`. It holds no times, so that the same run gives the same bytes.
    pub fn history(&self) -> String {
        let settings = &self.run.config.train;
        let mut header = "update,cost,accuracy,penalty".to_owned();
        if self.run.validation.is_some() {
            header += ",validation_cost,validation_accuracy";
        }
        header.extend(settings.track.iter().map(|track| format!(",{track}")));

        let rows = self.outcome.history.iter().map(|record| {
            let mut numbers = vec![record.cost, record.accuracy, record.penalty];
            numbers.extend(record.validation.iter().flat_map(|score| [score.cost, score.accuracy]));
            numbers.extend(&record.tracked);
            let cells: Vec<String> = numbers.into_iter().map(exact).collect();
            format!("{},{}\n", record.update, cells.join(","))
        });
        std::iter::once(header + "\n").chain(rows).collect()
    }

    /// The contents of the model file.
    pub fn model_file(&self) -> ModelFile {
        let Run { config, schema, scaling, ranges, initial, .. } = self.run;
        let (schema, scaling, ranges) = (schema.clone(), scaling.clone(), ranges.clone());
        let layer = (initial.hidden, initial.activation);
        ModelFile {
            parameters: self.outcome.parameters.clone(),
            precision: config.dtype,
            metadata: Metadata::new(schema, scaling, ranges, self.threshold, layer, config.to_toml()),
        }
    }
}

/// Keeps the parameters of a checkpoint, and passes everything else on.
struct ParametersAt<'a> {
    update: usize,
    /// The initial parameters until there is the checkpoint.
    parameters: Parameters,
    observer: &'a mut dyn Observer,
}

impl Observer for ParametersAt<'_> {
    fn on_checkpoint(&mut self, snapshot: &mut dyn FnMut() -> Result<Snapshot>) -> Result<()> {
        let Snapshot { state, .. } = snapshot()?;
        if state.update == self.update {
            self.parameters = state.parameters;
        }
        Ok(())
    }

    fn on_record(&mut self, record: &Record) {
        self.observer.on_record(record);
    }

    fn on_update(&mut self, update: usize) -> ControlFlow<()> {
        self.observer.on_update(update)
    }
}
