//! Standardisation: each feature minus its mean, divided by its standard deviation.
//!
//! ```text
//! scaled = (raw - mean) / deviation        deviation^2 = mean of (raw - mean)^2, over the training samples
//! ```
//!
//! This is scikit-learn's `StandardScaler` with one difference: a feature that is constant in the training samples. The network
//! cannot learn from it what other values of it mean, so other values must have no effect. Its deviation is
//! [`CONSTANT_DEVIATION`], which scales every value to about 0.

use serde::{Deserialize, Serialize};

/// The deviation of a feature that is the same in every training sample. It is the largest number of f32, so that models in f32
/// can store it. A value 10^20 away from the mean becomes 3e-19.
pub const CONSTANT_DEVIATION: f64 = f32::MAX as f64;

/// The mean and the standard deviation of each feature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandardScaler {
    /// The means, which are subtracted, `[d]`.
    pub mean: Vec<f64>,
    /// The standard deviations, which are divided by, `[d]`. All are above zero if [`StandardScaler::unusable_feature`] is
    /// `None`.
    pub deviation: Vec<f64>,
}

impl StandardScaler {
    /// Computes the mean and the deviation of each feature.
    ///
    /// # Shapes
    /// `x` is `[m, features]` row by row.
    pub fn fit(x: &[f64], features: usize) -> Self {
        let samples = (x.len() / features) as f64;
        let mean = column_sums(x, features, |_, value| value / samples);

        let mut largest_distance = vec![0.0_f64; features];
        let mut constant = vec![true; features];
        for row in x.chunks_exact(features) {
            for (j, value) in row.iter().enumerate() {
                largest_distance[j] = largest_distance[j].max((value - mean[j]).abs()); // infinite beyond 1.8e308
                constant[j] &= *value == x[j];
            }
        }

        let factor: Vec<f64> = largest_distance.iter().map(|&distance| safe_factor(distance)).collect();
        let variance = column_sums(x, features, |j, value| (value * factor[j] - mean[j] * factor[j]).powi(2) / samples);
        let deviation =
            (0..features).map(|j| if constant[j] { CONSTANT_DEVIATION } else { variance[j].sqrt() / factor[j] });
        Self { deviation: deviation.collect(), mean }
    }

    /// The index of the first feature that cannot be standardised, and what is wrong with its values.
    pub fn unusable_feature(&self) -> Option<(usize, &'static str)> {
        self.mean
            .iter()
            .zip(&self.deviation)
            .enumerate()
            .find_map(|(feature, (mean, deviation))| {
                let problem = match deviation {
                    _ if !(mean + deviation).is_finite() => "are too large",
                    ..f64::MIN_POSITIVE => "differ by too little",
                    _ => return None,
                };
                Some((feature, problem))
            })
    }

    /// Scales rows in place.
    pub fn transform(&self, x: &mut [f64]) {
        for row in x.chunks_exact_mut(self.mean.len()) {
            for ((value, mean), deviation) in row.iter_mut().zip(&self.mean).zip(&self.deviation) {
                *value = scaled(*value, *mean, *deviation);
            }
        }
    }

    /// One value of a feature, scaled.
    pub fn scaled(&self, feature: usize, value: f64) -> f64 {
        scaled(value, self.mean[feature], self.deviation[feature])
    }

    /// Undoes [`StandardScaler::transform`], within rounding.
    pub fn inverse_transform(&self, x: &mut [f64]) {
        for row in x.chunks_exact_mut(self.mean.len()) {
            for ((value, mean), deviation) in row.iter_mut().zip(&self.mean).zip(&self.deviation) {
                *value = unscaled(*value, *mean, *deviation);
            }
        }
    }
}

/// `(value - mean) / deviation`. Where the difference overflows, all three are halved first: the quotient may still be finite.
fn scaled(value: f64, mean: f64, deviation: f64) -> f64 {
    let difference = value - mean;
    if difference.is_finite() {
        difference / deviation
    } else {
        (value / 2.0 - mean / 2.0) / (deviation / 2.0)
    }
}

/// `value * deviation + mean`. Where this overflows on the way, it is computed at half the size.
fn unscaled(value: f64, mean: f64, deviation: f64) -> f64 {
    let result = value * deviation + mean;
    if result.is_finite() {
        result
    } else {
        2.0 * (value / 2.0 * deviation + mean / 2.0)
    }
}

/// A power of two that brings very large or small numbers into the range where their squares neither overflow nor become 0. A
/// power of two changes only the exponent, so nothing is rounded.
fn safe_factor(size: f64) -> f64 {
    match size {
        ..1e-140 => 2_f64.powi(800),
        1e140.. => 2_f64.powi(-800),
        _ => 1.0,
    }
}

/// For each column, the sum of `term(column, value)` over all rows.
fn column_sums(x: &[f64], features: usize, term: impl Fn(usize, f64) -> f64) -> Vec<f64> {
    let mut sums = vec![0.0; features];
    for row in x.chunks_exact(features) {
        for (j, (sum, &value)) in sums.iter_mut().zip(row).enumerate() {
            *sum += term(j, value);
        }
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
            let scaler = StandardScaler::fit(&[1.0, 2.0, 4.0, 5.0].map(|value| value * size), 1);
            let expected = 2.5_f64.sqrt() * size;
            assert!((scaler.deviation[0] - expected).abs() < 1e-14 * expected, "{size} {scaler:?}");
            assert_eq!(scaler.unusable_feature(), None);
        }
        // Differences that are small relative to the mean count: nanoseconds since 1970, with deviation 1024.
        let time = 1_718_000_000_000_000_000.0;
        assert_eq!(StandardScaler::fit(&[time, time + 2048.0], 1).deviation, [1024.0]);
        let problem = |[a, b]: [f64; 2]| StandardScaler::fit(&[0.0, a, 1.0, b, 2.0, b], 2).unusable_feature();
        assert_eq!(problem([0.0, 5e-324]), Some((1, "differ by too little")));
        assert_eq!(problem([f64::MIN, f64::MAX]), Some((1, "are too large")));
    }

    #[test]
    fn differences_that_overflow_are_scaled_all_the_same() {
        // numpy.longdouble, of 80 bits: for x = [-1.7e308, 1e308, 1e308, 1e308] the mean is 3.25e307, the deviation
        // 1.169134295108991858e308 and (x - mean) / deviation is -1.732050807568877294, then 0.577350269189625764.
        let x = [-1.7e308, 1e308, 1e308, 1e308];
        let scaler = StandardScaler::fit(&x, 1);
        let close = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-15; // a few roundings
        assert!(
            close(scaler.mean[0], 3.25e307) && close(scaler.deviation[0], 1.169_134_295_108_992e308),
            "{scaler:?}"
        );
        assert_eq!(scaler.unusable_feature(), None);
        let mut scaled = x;
        scaler.transform(&mut scaled);
        assert!(
            close(scaled[0], -1.732_050_807_568_877_3) && close(scaled[3], 0.577_350_269_189_625_8),
            "{scaled:?}"
        );
        scaler.inverse_transform(&mut scaled);
        assert!(close(scaled[0], x[0]) && close(scaled[3], x[3]), "{scaled:?}");
    }

    #[test]
    fn a_feature_that_is_constant_in_training_has_no_effect() {
        // The mean of three times 0.1 has a rounding error.
        let scaler = StandardScaler::fit(&[0.1, 1.0, 0.1, 2.0, 0.1, 3.0], 2);
        let mut other = [1e15, 2.0];
        scaler.transform(&mut other);
        assert!(other[0].abs() < 1e-20 && other[1] == 0.0, "{other:?}");
        scaler.inverse_transform(&mut other);
        assert!((other[0] - 1e15).abs() < 1.0, "{other:?}");
    }
}
