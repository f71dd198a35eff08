//! How good a trained network is, beside two yardsticks: logistic regression on the same training samples, and the share of
//! ones among them.
//!
//! Leaves out: formulas. Those are in [`crate::data::metrics`] and [`crate::data::baseline`].

use serde::Serialize;
use serde_json::{Value, json};

use super::Run;
use crate::data::Dataset;
use crate::data::baseline::{ClassPrior, LogisticRegression};
use crate::data::metrics::{Intervals, Scores, Threshold, calibration, calibration_error, intervals};
use crate::data::numpy::RandomState;
use crate::error::Result;
use crate::network::Parameters;

/// The seed of the resamples behind intervals: the same predictions have the same intervals.
const SEED: u32 = 0;
/// The bins of a calibration table.
pub(super) const BINS: usize = 10;

/// Predictions of one part of the data, and their scores.
#[derive(Clone, Debug, Serialize)]
pub struct PartScores {
    /// The network's.
    pub network: Scores,
    /// Logistic regression's.
    pub logistic_regression: Scores,
    /// Those of who answers with the share of ones among the training samples.
    pub majority: Scores,
    /// The probabilities behind them: the network's and logistic regression's.
    #[serde(skip)]
    pub probabilities: [Vec<f64>; 2],
}

/// The scores of all parts.
#[derive(Clone, Debug)]
pub struct SplitScores {
    /// Probabilities above it are predictions of class 1.
    pub threshold: f64,
    /// On what the network learned from.
    pub train: PartScores,
    /// On what training stopped by, and the threshold was chosen by.
    pub validation: Option<PartScores>,
    /// On what nothing has seen before.
    pub test: Option<PartScores>,
    /// How far the test scores may be off, beside logistic regression.
    pub intervals: Option<Intervals>,
}

impl Run {
    /// The threshold for a trained network: as it is set, or chosen on the validation samples.
    pub(super) fn threshold(&self, parameters: &Parameters) -> Result<f64> {
        let threshold = self.config.decision.threshold;
        // It is chosen where there is something to choose it by; the configuration sees to that.
        match (threshold, &self.validation) {
            (Threshold::Best(_), Some(data)) => {
                Ok(threshold.choose(&self.probabilities(parameters, data.x())?, data.y()))
            }
            _ => Ok(threshold.fixed_or_half()),
        }
    }

    /// Predicts all parts.
    pub(super) fn evaluate(&self, parameters: &Parameters, threshold: f64) -> Result<SplitScores> {
        let logistic = LogisticRegression::fit(&self.data);
        let majority = ClassPrior::fit(self.data.y());
        let predict = |data: &Dataset| -> Result<[Vec<f64>; 2]> {
            Ok([self.probabilities(parameters, data.x())?, logistic.probabilities(data.x())])
        };
        let watched = self.validation.as_ref().map(predict).transpose()?;
        let setting = self.config.decision.threshold;
        let of_logistic = self.validation.as_ref().zip(watched.as_ref());
        let of_logistic =
            of_logistic.map_or(setting.fixed_or_half(), |(data, [_, logistic])| setting.choose(logistic, data.y()));
        let thresholds = [threshold, of_logistic];
        let judge = |data: &Dataset, probabilities: [Vec<f64>; 2]| {
            let [network, logistic] = &probabilities;
            PartScores {
                network: Scores::new(network, data.y(), thresholds[0]),
                logistic_regression: Scores::new(logistic, data.y(), thresholds[1]),
                majority: Scores::new(&majority.probabilities(data.samples()), data.y(), 0.5),
                probabilities,
            }
        };
        let train = judge(&self.data, predict(&self.data)?);
        let validation = self
            .validation
            .as_ref()
            .zip(watched)
            .map(|(data, predicted)| judge(data, predicted));
        let test = self
            .test
            .as_ref()
            .map(|data| predict(data).map(|predicted| judge(data, predicted)))
            .transpose()?;
        let intervals = self.test.as_ref().zip(test.as_ref()).map(|(data, judged)| {
            let [network, logistic] = judged.probabilities.each_ref().map(Vec::as_slice);
            intervals(network, data.y(), thresholds[0], Some((logistic, thresholds[1])), &mut RandomState::new(SEED))
        });
        Ok(SplitScores { threshold, train, validation, test, intervals })
    }
}

impl SplitScores {
    /// The part that says most about unseen samples.
    pub fn held_out(&self) -> (&'static str, &PartScores) {
        match (&self.test, &self.validation) {
            (Some(test), _) => ("test", test),
            (None, Some(validation)) => ("validation", validation),
            (None, None) => ("training", &self.train),
        }
    }

    /// All of it for programs.
    pub(super) fn to_json(&self, run: &Run) -> Value {
        let part = |judged: &PartScores, data: &Dataset| {
            let bins = calibration(&judged.probabilities[0], data.y(), BINS);
            let error = calibration_error(&bins);
            json!({ "samples": data.samples(), "scores": judged, "calibration_error": error, "calibration": bins })
        };
        let optional = |judged: &Option<PartScores>, data: &Option<Dataset>| {
            judged.as_ref().zip(data.as_ref()).map(|(judged, data)| part(judged, data))
        };
        json!({
            "threshold": self.threshold,
            "train": part(&self.train, &run.data),
            "validation": optional(&self.validation, &run.validation),
            "test": optional(&self.test, &run.test),
            "test_intervals": self.intervals,
        })
    }
}
