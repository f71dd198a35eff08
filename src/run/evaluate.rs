//! The scores of a trained network, beside two baselines: logistic regression on the same training samples, and a constant
//! prediction.
//!
//! [`crate::data::metrics`] has the formulas of the scores, [`crate::data::baseline`] the baselines.

use serde::Serialize;
use serde_json::{Value, json};

use super::divergence_advice::largest_input;
use super::prepare::Run;
use crate::data::baseline::{ClassPrior, LogisticRegression};
use crate::data::metrics::{Intervals, Scores, Threshold, calibration, calibration_error, intervals};
use crate::data::numpy::RandomState;
use crate::data::split::Part;
use crate::data::{self, Dataset};
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
    /// The logits of the network and of logistic regression.
    #[serde(skip)]
    pub logits: [Vec<f64>; 2],
}

/// The scores on all parts of the data.
#[derive(Clone, Debug)]
pub struct SplitScores {
    /// A sample is predicted class 1 if its logit is above the logit of this probability.
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
    pub(super) fn threshold(&self, parameters: &Parameters) -> f64 {
        let threshold = self.config.decision.threshold;
        // The configuration is refused if the threshold must be chosen and there are no validation samples.
        match (threshold, &self.validation) {
            (Threshold::Best(_), Some(data)) => {
                let logits = self.logits(parameters, data.x());
                // Where predictions fail, the model is still saved, and then `evaluate` reports the sample.
                let all_finite = logits.iter().all(|logit| logit.is_finite());
                if all_finite {
                    threshold.choose(&logits, data.y())
                } else {
                    threshold.fixed_or_half()
                }
            }
            _ => threshold.fixed_or_half(),
        }
    }

    /// The logits of the network for a part of the data.
    ///
    /// # Errors
    /// When one is not finite.
    fn finite_logits(&self, parameters: &Parameters, part: Part, data: &Dataset) -> Result<Vec<f64>> {
        let logits = self.logits(parameters, data.x());
        let Some(index) = logits.iter().position(|logit| !logit.is_finite()) else {
            return Ok(logits);
        };
        let message = format!(
            "the logit of the network is {}: the inputs of this sample are too large together for {}",
            logits[index], self.config.dtype
        );
        let place = self.value_with_place(part, index, largest_input(data, index));
        Err(data::error::Error::Table { place, message }.into())
    }

    /// Predicts all parts and computes their scores.
    pub(super) fn evaluate(&self, parameters: &Parameters, threshold: f64) -> Result<SplitScores> {
        let logistic = LogisticRegression::fit(&self.data);
        let majority = ClassPrior::fit(self.data.y());
        let predict = |part: Part, data: &Dataset| -> Result<[Vec<f64>; 2]> {
            Ok([self.finite_logits(parameters, part, data)?, logistic.logits(data.x())])
        };

        // Logistic regression gets a threshold by the same rule as the network.
        let setting = self.config.decision.threshold;
        let validation = self.validation.as_ref();
        let validation_predictions = validation.map(|data| predict(Part::Validation, data)).transpose()?;
        let logistic_threshold = match (&self.validation, &validation_predictions) {
            (Some(data), Some([_, logistic])) => setting.choose(logistic, data.y()),
            _ => setting.fixed_or_half(),
        };

        let score = |data: &Dataset, logits: [Vec<f64>; 2]| {
            let [network, logistic] = &logits;
            PartScores {
                network: Scores::new(network, data.y(), threshold),
                logistic_regression: Scores::new(logistic, data.y(), logistic_threshold),
                majority: Scores::new(&majority.logits(data.samples()), data.y(), 0.5),
                logits,
            }
        };
        let train = score(&self.data, predict(Part::Train, &self.data)?);
        let validation = validation
            .zip(validation_predictions)
            .map(|(data, predicted)| score(data, predicted));
        let test = match &self.test {
            Some(data) => Some(score(data, predict(Part::Test, data)?)),
            None => None,
        };

        let intervals = self.test.as_ref().zip(test.as_ref()).map(|(data, scores)| {
            let [network, logistic] = scores.logits.each_ref().map(Vec::as_slice);
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
            let bins = calibration(&scores.logits[0], data.y(), BINS);
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
