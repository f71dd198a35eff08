//! How close two gradients must be. The module's documentation gives the reasons for the numbers.

use serde::Serialize;

/// The name of the central differences in a report.
pub const NUMERIC: &str = "numeric";

/// The float type that gradients are computed in. It decides how close they must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// 32-bit floats.
    F32,
    /// 64-bit floats.
    F64,
}

/// The largest accepted difference of two values: `|a - b| <= relative * max(|a|, |b|, floor)`.
///
/// Below the floor, the relative error becomes an absolute error. A gradient is a sum of terms that may cancel. Its
/// rounding error depends on the size of the terms, however small the sum is, so the floor should be the size of the
/// terms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Tolerance {
    /// The largest accepted relative error.
    pub relative: f64,
    /// Smaller values are compared as if they were this large.
    pub floor: f64,
}

impl Tolerance {
    /// `|a - b| / max(|a|, |b|, floor)`; infinite if a value is not finite.
    pub fn relative_error(&self, a: f64, b: f64) -> f64 {
        if a == b && a.is_finite() {
            return 0.0;
        }
        let error = (a - b).abs() / a.abs().max(b.abs()).max(self.floor);
        if error.is_finite() { error } else { f64::INFINITY }
    }

    /// Whether two values are finite and within the tolerance.
    pub fn is_close(&self, a: f64, b: f64) -> bool {
        self.relative_error(a, b) <= self.relative
    }

    /// Whether two lists have the same length and all their pairs are close.
    pub fn all_close(&self, a: &[f64], b: &[f64]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(&a, &b)| self.is_close(a, b))
    }
}

/// The tolerance for each pair of tensors in one check.
pub(crate) struct Tolerances {
    /// The float type that the gradients are computed in.
    pub precision: Precision,
    /// The size of the terms that a tensor's elements are sums of, by the name of the tensor.
    pub term_sizes: Vec<(String, f64)>,
    /// The largest magnitude in any gradient. A hundredth of it replaces a term size that is not given.
    pub largest_element: f64,
    /// `max(1, |loss|)`: the rounding error of central differences is proportional to it.
    pub loss_size: f64,
}

impl Tolerances {
    /// The largest relative error when the gradient `reference` is the one to compare with.
    pub fn relative(&self, reference: &str) -> f64 {
        match (reference == NUMERIC, self.precision) {
            (false, Precision::F64) => 1e-12,
            (false, Precision::F32) => 2e-5,
            (true, Precision::F64) => 1e-6,
            (true, Precision::F32) => 1e-3,
        }
    }

    /// The tolerance for one tensor when the gradient `reference` is the one to compare with.
    pub fn tolerance(&self, reference: &str, tensor: &str) -> Tolerance {
        let term_size = self.term_sizes.iter().find(|(name, _)| name == tensor).map(|(_, size)| *size);
        let floor = match (reference == NUMERIC, self.precision) {
            (true, Precision::F64) => 1e-3 * self.loss_size,
            _ => term_size.unwrap_or(1e-2 * self.largest_element),
        };
        Tolerance { relative: self.relative(reference), floor }
    }
}
