//! Standardising: each input less its mean, over its standard deviation.
//!
//! ```text
//! scaled = (raw - mean) / deviation        deviation^2 = mean of (raw - mean)^2, over the training samples
//! ```
//!
//! This is scikit-learn's `StandardScaler`, but for an input that is the same in every training sample: nothing is learned
//! of what it does, so that whatever it is elsewhere must do nothing. Its deviation is [`CONSTANT`], by which it becomes 0.
//!
//! Leaves out: which samples are for training. That is [`crate::split`].

use serde::{Deserialize, Serialize};

/// The deviation of an input that is the same in every training sample: the largest number of f32, so that models in f32
/// can hold it. An input 10^20 away from its mean is 3e-19 then.
pub const CONSTANT: f64 = f32::MAX as f64;

/// The mean and the deviation of each input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandardScaler {
    /// What is taken away, `[d]`.
    pub mean: Vec<f64>,
    /// What is divided by, `[d]`, all above zero where [`StandardScaler::unfit`] finds nothing.
    pub deviation: Vec<f64>,
}

impl StandardScaler {
    /// Fits rows of `features` numbers.
    ///
    /// # Shapes
    /// `x` is `[m, features]` row by row.
    pub fn fit(x: &[f64], features: usize) -> Self {
        let samples = (x.len() / features) as f64;
        let mean = sum_of(x, features, |_, value| value / samples);
        let mut farthest = vec![0.0_f64; features];
        let mut constant = vec![true; features];
        for row in x.chunks_exact(features) {
            for (j, value) in row.iter().enumerate() {
                farthest[j] = farthest[j].max((value - mean[j]).abs());
                constant[j] &= *value == x[j];
            }
        }
        // A power of two shifts exponents alone, and squares then neither vanish nor overflow.
        let unit: Vec<f64> = farthest.iter().map(|&farthest| unit(farthest)).collect();
        let variance = sum_of(x, features, |j, value| ((value - mean[j]) * unit[j]).powi(2) / samples);
        let deviation = variance.iter().zip(&unit).map(|(variance, unit)| variance.sqrt() / unit);
        let deviation = deviation
            .zip(&constant)
            .map(|(deviation, &constant)| if constant { CONSTANT } else { deviation });
        Self { deviation: deviation.collect(), mean }
    }

    /// The first input that cannot be scaled, and what its values are.
    pub fn unfit(&self) -> Option<(usize, &'static str)> {
        self.mean
            .iter()
            .zip(&self.deviation)
            .enumerate()
            .find_map(|(input, (mean, deviation))| {
                let what = match deviation {
                    _ if !(mean + deviation).is_finite() => "are too large",
                    ..f64::MIN_POSITIVE => "differ by too little",
                    _ => return None,
                };
                Some((input, what))
            })
    }

    /// Scales rows in place.
    pub fn apply(&self, x: &mut [f64]) {
        for row in x.chunks_exact_mut(self.mean.len()) {
            for ((value, mean), deviation) in row.iter_mut().zip(&self.mean).zip(&self.deviation) {
                *value = (*value - mean) / deviation;
            }
        }
    }

    /// The inverse of [`StandardScaler::apply`], within rounding.
    pub fn undo(&self, x: &mut [f64]) {
        for row in x.chunks_exact_mut(self.mean.len()) {
            for ((value, mean), deviation) in row.iter_mut().zip(&self.mean).zip(&self.deviation) {
                *value = *value * deviation + mean;
            }
        }
    }
}

/// What brings numbers of this size near 1, where their squares would be out of range.
fn unit(size: f64) -> f64 {
    match size {
        ..1e-140 => 2_f64.powi(800),
        1e140.. => 2_f64.powi(-800),
        _ => 1.0,
    }
}

/// The sum over rows of what `term` makes of each number and its column.
fn sum_of(x: &[f64], features: usize, term: impl Fn(usize, f64) -> f64) -> Vec<f64> {
    let mut sums = vec![0.0; features];
    for row in x.chunks_exact(features) {
        sums.iter_mut()
            .zip(row)
            .enumerate()
            .for_each(|(j, (sum, &value))| *sum += term(j, value));
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviations_neither_vanish_nor_overflow() {
        // The deviation of 1, 2, 4, 5 is sqrt((4 + 1 + 1 + 4) / 4).
        for size in [1.0, 1e-100, 1e-200, 1e-300, 1e200, 1e300] {
            let scaling = StandardScaler::fit(&[1.0, 2.0, 4.0, 5.0].map(|value| value * size), 1);
            let expected = 2.5_f64.sqrt() * size;
            assert!((scaling.deviation[0] - expected).abs() < 1e-14 * expected, "{size} {scaling:?}");
            assert_eq!(scaling.unfit(), None);
        }
        // A difference that is small beside the mean is one: nanoseconds since 1970, 1024 apart.
        let time = 1_718_000_000_000_000_000.0;
        assert_eq!(StandardScaler::fit(&[time, time + 2048.0], 1).deviation, [1024.0]);
        let unfit = |[a, b]: [f64; 2]| StandardScaler::fit(&[0.0, a, 1.0, b, 2.0, b], 2).unfit();
        assert_eq!(unfit([0.0, 5e-324]), Some((1, "differ by too little")));
        assert_eq!(unfit([f64::MIN, f64::MAX]), Some((1, "are too large")));
    }

    #[test]
    fn what_is_the_same_in_training_is_nothing_elsewhere() {
        // The mean of 0.1 three times is off by a rounding.
        let scaling = StandardScaler::fit(&[0.1, 1.0, 0.1, 2.0, 0.1, 3.0], 2);
        let mut other = [1e15, 2.0];
        scaling.apply(&mut other);
        assert!(other[0].abs() < 1e-20 && other[1] == 0.0, "{other:?}");
        scaling.undo(&mut other);
        assert!((other[0] - 1e15).abs() < 1.0, "{other:?}");
    }
}
