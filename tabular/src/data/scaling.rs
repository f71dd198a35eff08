//! Standardising: each input less its mean, over its standard deviation.
//!
//! ```text
//! scaled = (raw - mean) / deviation        deviation^2 = mean of (raw - mean)^2, over the training samples
//! ```
//!
//! This is scikit-learn's `StandardScaler`. An input that is the same in every training sample keeps deviation 1.
//!
//! Leaves out: which samples are for training. That is [`super::split`].

use serde::{Deserialize, Serialize};

/// The mean and the deviation of each input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scaling {
    /// What is taken away, `[d]`.
    pub mean: Vec<f64>,
    /// What is divided by, `[d]`, all above zero.
    pub deviation: Vec<f64>,
}

impl Scaling {
    /// Fits rows of `features` numbers.
    ///
    /// # Shapes
    /// `x` is `[m, features]` row by row.
    pub fn fit(x: &[f64], features: usize) -> Self {
        let samples = (x.len() / features) as f64;
        let mean = mean_of(x, features, |_, value| value / samples);
        let variance = mean_of(x, features, |j, value| (value - mean[j]).powi(2) / samples);
        // A constant's mean may be off by a rounding, and its variance by that squared.
        let deviation = variance.iter().zip(&mean).map(|(variance, mean)| {
            let deviation = variance.sqrt();
            if deviation > 1e-12 * mean.abs() { deviation } else { 1.0 }
        });
        Self { deviation: deviation.collect(), mean }
    }

    /// Scales rows in place.
    pub fn apply(&self, x: &mut [f64]) {
        for row in x.chunks_exact_mut(self.mean.len()) {
            for ((value, mean), deviation) in row.iter_mut().zip(&self.mean).zip(&self.deviation) {
                *value = (*value - mean) / deviation;
            }
        }
    }

    /// The inverse of [`Scaling::apply`], within rounding.
    pub fn undo(&self, x: &mut [f64]) {
        for row in x.chunks_exact_mut(self.mean.len()) {
            for ((value, mean), deviation) in row.iter_mut().zip(&self.mean).zip(&self.deviation) {
                *value = *value * deviation + mean;
            }
        }
    }
}

/// The sum over rows of what `term` makes of each number and its column.
fn mean_of(x: &[f64], features: usize, term: impl Fn(usize, f64) -> f64) -> Vec<f64> {
    let mut sums = vec![0.0; features];
    for row in x.chunks_exact(features) {
        sums.iter_mut().zip(row).enumerate().for_each(|(j, (sum, &value))| *sum += term(j, value));
    }
    sums
}
