//! A training that is watched while it runs, from the start or from edited parameters.

use std::ops::ControlFlow;

use super::prepare::Run;
use super::train::Trained;
use crate::data::Dataset;
use crate::data::text::{grouped, short};
use crate::error::{Error, Result};
use crate::gradcheck::parameters::round_parameters;
use crate::network::Parameters;
use crate::network::fused_bridge::{Evaluation, evaluator};
use crate::train::{Frame, Frames, Observer, Record, Snapshot, TrainingState, ValidationScore, train};

/// Parameters that somebody edited, and the update after which training goes on from them.
#[derive(Clone, Debug)]
pub struct Fork {
    /// The number of updates made before.
    pub update: usize,
    /// The parameters.
    pub parameters: Parameters,
}

/// An observer that keeps frames and passes everything to another observer, the frames too.
struct FramePasser<'a> {
    frames: Frames,
    observer: &'a mut dyn Observer,
}

impl Observer for FramePasser<'_> {
    fn wants_parameters(&self, update: usize) -> bool {
        self.frames.is_due(update)
    }

    fn on_parameters(&mut self, update: usize, parameters: Parameters) {
        self.observer.on_parameters(update, parameters.clone());
        self.frames.push(Frame { update, parameters });
    }

    fn on_record(&mut self, record: &Record) {
        self.observer.on_record(record);
    }

    fn on_update(&mut self, update: usize) -> ControlFlow<()> {
        self.observer.on_update(update)
    }
}

impl Run {
    /// Trains like [`Run::train`], keeps frames, and passes each to the observer as soon as it is there
    /// ([`Observer::on_parameters`]). With a fork, training goes on from its parameters: with the learning rates and the
    /// batches of the updates after it, and without the momentum of those before it.
    ///
    /// # Errors
    /// Those of [`Run::train`], and when training cannot go on from the fork.
    pub fn train_watched(&self, fork: Option<&Fork>, observer: &mut dyn Observer) -> Result<Trained<'_>> {
        let count = self.initial.count();
        let frames = fork.map_or_else(|| Frames::new(count), |fork| Frames::from_update(fork.update, count));
        let mut observer = FramePasser { frames, observer };

        let from = fork.map(|fork| self.snapshot(fork)).transpose()?;
        if let Some(Snapshot { state, .. }) = &from
            && observer.wants_parameters(state.update)
        {
            observer.on_parameters(state.update, state.parameters.clone());
        }
        let outcome = train(self.job(), from, &mut observer).map_err(|error| self.explained(error))?;
        self.with_threshold(outcome, Some(observer.frames))
    }

    /// A training that has come to a fork, with one record.
    fn snapshot(&self, fork: &Fork) -> Result<Snapshot> {
        let settings = &self.config.train;
        let refuse = |message: String| Err(Error::Setting(message));
        if fork.update > settings.updates.get() {
            let (update, updates) = (grouped(fork.update), grouped(settings.updates.get()));
            return refuse(format!("fork: update {update} is after the last one; train.updates = {updates}"));
        }
        let parameters = round_parameters(&fork.parameters, self.config.dtype);
        if !parameters.are_finite() {
            return refuse(format!("fork: a parameter is not finite in {}", self.config.dtype));
        }

        let scores = |data: &Dataset| {
            let Evaluation { loss, correct } = evaluator(&parameters, data, self.config.dtype)(&parameters);
            (loss, correct as f64 / data.samples() as f64)
        };
        let (cost, accuracy) = scores(&self.data);
        let limit = settings.cost_limit.get();
        if !(cost <= limit) {
            let (cost, limit) = (short(cost), short(limit));
            return refuse(format!(
                "fork: the cost of the edited parameters is {cost}: must be at most train.cost_limit = {limit}"
            ));
        }
        let validation = self.validation.as_ref().map(scores);
        let record = Record {
            update: fork.update,
            cost,
            penalty: parameters.penalty(settings.weight_decay.get()),
            accuracy,
            validation: validation.map(|(cost, accuracy)| ValidationScore { cost, accuracy }),
            tracked: vec![f64::NAN; settings.track.len()],
            seconds: 0.0,
        };
        let state = TrainingState { update: fork.update, parameters: parameters.clone(), velocity: None };
        Ok(Snapshot {
            state_at_last_record: state.clone(),
            state,
            history: vec![record.clone()],
            kept: record,
            kept_parameters: parameters,
            records_since_kept: 0,
            seconds: 0.0,
        })
    }
}
