//! What several tests share.

use petal_gradcheck::{Array, Check, Report, Verdict};

/// The report on a function of one vector and its gradient, at the vector `t`.
pub fn check(t: &[f64], f: impl Fn(&[f64]) -> f64, gradient: impl Fn(&[f64]) -> Vec<f64>) -> Report {
    let gradient =
        |parameters: &[Array]| vec![Array::new("t", [parameters[0].values.len()], gradient(&parameters[0].values))];
    Check::new(vec![Array::new("t", [t.len()], t.to_vec())])
        .loss(|parameters| f(&parameters[0].values))
        .gradient("yours", gradient)
        .directions(50, 8, 1)
        .run()
        .unwrap()
}

/// The check of a function of one number.
pub fn check_number(t: f64, f: impl Fn(f64) -> f64, derivative: impl Fn(f64) -> f64) -> Report {
    check(&[t], |t| f(t[0]), |t| vec![derivative(t[0])])
}

pub fn verdict(report: &Report) -> Verdict {
    report.comparisons[0].tensors[0].verdict
}

pub type Loss = fn(&[f64]) -> f64;
pub type Gradient = fn(&[f64]) -> Vec<f64>;

/// A function of any vector: the sum of the squares.
pub fn squares(t: &[f64]) -> f64 {
    t.iter().map(|t| t * t).sum()
}

/// Its gradient.
pub fn twice(t: &[f64]) -> Vec<f64> {
    t.iter().map(|t| 2.0 * t).collect()
}

/// Random numbers that are the same in every run.
pub struct Random(pub u64);

impl Random {
    /// Between 0 and 1.
    pub fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Of any size between two powers of ten, with any sign.
    pub fn magnitude(&mut self, low: f64, high: f64) -> f64 {
        let size = 10_f64.powf(self.between(low, high));
        if self.uniform() < 0.5 { -size } else { size }
    }

    pub fn index(&mut self, count: usize) -> usize {
        (self.uniform() * count as f64) as usize
    }
}
