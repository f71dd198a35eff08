//! The scores of a trained network, beside two baselines: logistic regression on the same training samples, and a constant
//! prediction.
//!
//! [`crate::data::metrics`] has the formulas of the scores, [`crate::data::baseline`] the baselines.

use serde::Serialize;
use serde_json::{Value, json};

use super::prepare::Run;
use crate::data::Dataset;
use crate::data::baseline::{ClassPrior, LogisticRegression};
use crate::data::metrics::{Intervals, Scores, Threshold, calibration, calibration_error, intervals};
use crate::data::numpy::RandomState;
use crate::error::Result;
use crate::network::Parameters;

/// The seed of the resamples for intervals, so that the same predictions give the same intervals.
const SEED: u32 = 0;
/// The number of bins of a calibration table.
pub(super) const BINS: usize = 10;

/// The scores on one part of the data: training, validation or test.
#[derive(Clone, Debug, Serialize)]
pub struct PartScores {
    /// The scores of the network.
    pub network: Scores,
    /// The scores of logistic regression.
    pub logistic_regression: Scores,
    /// The scores of predicting the same probability for every sample: the fraction of class 1 in the training samples.
    pub majority: Scores,
    /// The predicted probabilities of the network and of logistic regression.
    #[serde(skip)]
    pub probabilities: [Vec<f64>; 2],
}

/// The scores on all parts of the data.
#[derive(Clone, Debug)]
pub struct SplitScores {
    /// A sample is predicted class 1 if its probability is above this.
    pub threshold: f64,
    /// On the samples that the network learned from.
    pub train: PartScores,
    /// On the samples that early stopping and the choice of the threshold used.
    pub validation: Option<PartScores>,
    /// On samples that were used for nothing else.
    pub test: Option<PartScores>,
    /// Confidence intervals of the test scores, and of their differences from logistic regression.
    pub intervals: Option<Intervals>,
}

impl Run {
    /// The threshold for a trained network: the configured one, or the best one on the validation samples.
    pub(super) fn threshold(&self, parameters: &Parameters) -> Result<f64> {
        let threshold = self.config.decision.threshold;
        // The configuration is refused if the threshold must be chosen and there are no validation samples.
        match (threshold, &self.validation) {
            (Threshold::Best(_), Some(data)) => {
                Ok(threshold.choose(&self.probabilities(parameters, data.x())?, data.y()))
            }
            _ => Ok(threshold.fixed_or_half()),
        }
    }

    /// Predicts all parts and computes their scores.
    pub(super) fn evaluate(&self, parameters: &Parameters, threshold: f64) -> Result<SplitScores> {
        let logistic = LogisticRegression::fit(&self.data);
        let majority = ClassPrior::fit(self.data.y());
        let predict = |data: &Dataset| -> Result<[Vec<f64>; 2]> {
            Ok([self.probabilities(parameters, data.x())?, logistic.probabilities(data.x())])
        };

        // Logistic regression gets a threshold by the same rule as the network.
        let setting = self.config.decision.threshold;
        let validation_predictions = self.validation.as_ref().map(predict).transpose()?;
        let logistic_threshold = match (&self.validation, &validation_predictions) {
            (Some(data), Some([_, logistic])) => setting.choose(logistic, data.y()),
            _ => setting.fixed_or_half(),
        };

        let score = |data: &Dataset, probabilities: [Vec<f64>; 2]| {
            let [network, logistic] = &probabilities;
            PartScores {
                network: Scores::new(network, data.y(), threshold),
                logistic_regression: Scores::new(logistic, data.y(), logistic_threshold),
                majority: Scores::new(&majority.probabilities(data.samples()), data.y(), 0.5),
                probabilities,
            }
        };
        let train = score(&self.data, predict(&self.data)?);
        let validation = self
            .validation
            .as_ref()
            .zip(validation_predictions)
            .map(|(data, predicted)| score(data, predicted));
        let test = match &self.test {
            Some(data) => Some(score(data, predict(data)?)),
            None => None,
        };

        let intervals = self.test.as_ref().zip(test.as_ref()).map(|(data, scores)| {
            let [network, logistic] = scores.probabilities.each_ref().map(Vec::as_slice);
            let baseline = Some((logistic, logistic_threshold));
            intervals(network, data.y(), threshold, baseline, &mut RandomState::new(SEED))
        });
        Ok(SplitScores { threshold, train, validation, test, intervals })
    }
}

impl SplitScores {
    /// The name and the scores of the part that says most about unseen samples: test, validation or training.
    pub fn held_out(&self) -> (&'static str, &PartScores) {
        match (&self.test, &self.validation) {
            (Some(test), _) => ("test", test),
            (None, Some(validation)) => ("validation", validation),
            (None, None) => ("training", &self.train),
        }
    }

    /// All scores as JSON, with calibration.
    pub(super) fn to_json(&self, run: &Run) -> Value {
        let part = |scores: &PartScores, data: &Dataset| {
            let bins = calibration(&scores.probabilities[0], data.y(), BINS);
            let error = calibration_error(&bins);
            json!({ "samples": data.samples(), "scores": scores, "calibration_error": error, "calibration": bins })
        };
        let optional_part = |scores: &Option<PartScores>, data: &Option<Dataset>| {
            scores.as_ref().zip(data.as_ref()).map(|(scores, data)| part(scores, data))
        };
        json!({
            "threshold": self.threshold,
            "train": part(&self.train, &run.data),
            "validation": optional_part(&self.validation, &run.validation),
            "test": optional_part(&self.test, &run.test),
            "test_intervals": self.intervals,
        })
    }
}
