//! A run that is evaluated, and the contents of its `metrics.json`.

use serde_json::{Value, json};

use super::divergence_advice::Diagnosis;
use super::evaluate::{PartScores, SplitScores};
use super::prepare::Run;
use super::train::Trained;
use crate::error::Result;
use crate::network::Activation;
use crate::network::hidden_units::idle_units;
use crate::train::{Ending, Frames, Outcome};

/// A run that is evaluated.
#[derive(Clone, Debug)]
pub struct Results<'a> {
    /// The run.
    pub run: &'a Run,
    /// The trained parameters and their history.
    pub outcome: Outcome,
    /// The parameters after chosen updates, if they were kept.
    pub frames: Option<Frames>,
    /// Why training diverged, if it did.
    pub diagnosis: Option<Diagnosis>,
    /// The scores of the network and of its baselines.
    pub scores: SplitScores,
}

impl<'a> Trained<'a> {
    /// Predicts all parts of the data by the network and by its baselines, and computes the scores.
    ///
    /// # Errors
    /// When the predictions cannot be computed.
    pub fn evaluate(self) -> Result<Results<'a>> {
        let Self { run, outcome, frames, diagnosis, threshold } = self;
        let scores = run.evaluate(&outcome.parameters, threshold)?;
        Ok(Results { run, outcome, frames, diagnosis, scores })
    }
}

impl Results<'_> {
    /// The contents of `metrics.json`.
    pub(super) fn metrics(&self) -> Value {
        let (last, kept, run) = (self.outcome.last(), &self.outcome.kept, self.run);
        let PartScores { network, logistic_regression, .. } = &self.scores.train;
        let diverged_at_update = match self.outcome.ending {
            Ending::Diverged { update, .. } => Some(update),
            _ => None,
        };
        let mut metrics = json!({
            "petal": env!("CARGO_PKG_VERSION"),
            "ending": self.outcome.ending.to_string(),
            "diverged_at_update": diverged_at_update,
            "updates": last.update,
            "kept_update": kept.update,
            "cost": kept.cost,
            "penalty": kept.penalty,
            "accuracy": network.accuracy,
            "confusion": network.confusion,
            "logistic_regression": {
                "accuracy": logistic_regression.accuracy,
                "confusion": logistic_regression.confusion,
            },
            "parts": self.scores.to_json(run),
            "data": { "samples": run.data.samples(), "class_counts": run.data.class_counts() },
            "model": {
                "features": run.data.features(),
                "hidden": run.initial.hidden,
                "parameters": run.initial.count(),
            },
            "engine": run.config.train.engine,
            "device": run.config.device,
            "dtype": run.config.dtype,
        });
        // Only relu has dead units.
        if run.initial.activation == Activation::Relu {
            metrics["model"]["dead_units"] = self.dead_units().into();
        }
        metrics
    }

    /// The hidden units that are 0 for every training sample and have no gradient, counted from 0 as in `w1[j, k]`.
    pub fn dead_units(&self) -> Vec<usize> {
        idle_units(&self.outcome.parameters, &self.run.data)
    }
}
