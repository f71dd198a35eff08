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

/// The relative tolerance for two formulas in f64.
const FORMULAS_F64: f64 = 1e-12;

/// An agreement shows nothing about an element if the tolerance is more than this fraction of it.
const EMPTY: f64 = 0.2;

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

/// The tolerance for each element of one tensor.
pub(crate) struct ElementTolerances {
    pub relative: f64,
    /// The floor of each element; infinite for an element that is not judged.
    pub floors: Vec<f64>,
}

impl ElementTolerances {
    /// The same tolerance for this many elements.
    pub fn uniform(Tolerance { relative, floor }: Tolerance, elements: usize) -> Self {
        Self { relative, floors: vec![floor; elements] }
    }

    pub fn at(&self, i: usize) -> Tolerance {
        Tolerance { relative: self.relative, floor: self.floors[i] }
    }

    pub fn is_judged(&self, i: usize) -> bool {
        self.floors[i].is_finite()
    }

    /// Whether two lists have one number for each element, and all their pairs are close.
    pub fn all_close(&self, a: &[f64], b: &[f64]) -> bool {
        let count = self.floors.len();
        a.len() == count && b.len() == count && (0..count).all(|i| self.at(i).is_close(a[i], b[i]))
    }

    /// Whether an agreement of the two lists says something: at least one element is so large that the tolerance does not
    /// swallow it, or both are exactly zero.
    pub fn show_something(&self, a: &[f64], b: &[f64]) -> bool {
        let pairs = || a.iter().zip(b).enumerate();
        let shown = |(i, (a, b)): (usize, (&f64, &f64))| self.relative * self.floors[i] <= EMPTY * a.abs().max(b.abs());
        pairs().all(|(i, (&a, &b))| self.is_judged(i) && a == 0.0 && b == 0.0)
            || pairs().any(|pair| pair.1 != (&0.0, &0.0) && shown(pair))
    }
}

impl ElementTolerances {
    /// The elements that are accepted only because the tolerance is more than a fifth of them: they differ by more than that.
    pub fn too_small(&self, a: &[f64], b: &[f64]) -> Vec<usize> {
        let differs = |i: &usize| (a[*i] - b[*i]).abs() > EMPTY * a[*i].abs().max(b[*i].abs());
        (0..a.len()).filter(|&i| self.is_judged(i)).filter(differs).collect()
    }
}

/// The tolerance for each pair of tensors in one check.
pub(crate) struct Tolerances {
    /// The float type that the gradients are computed in.
    pub precision: Precision,
    /// The size of the terms that a tensor's elements are sums of, by the name of the tensor.
    pub term_sizes: Vec<(String, f64)>,
    /// The rounding error of the function in f32, moved to its derivatives: `16 eps |loss| / max(1, |theta|)`. 0 in f64.
    pub rounding: f64,
    /// The largest magnitude in any gradient. A hundredth of it replaces a term size that is not given.
    pub largest_element: f64,
}

impl Tolerances {
    /// The largest relative error when the gradient `reference` is the one to compare with.
    pub fn relative(&self, reference: &str) -> f64 {
        match (reference == NUMERIC, self.precision) {
            (false, Precision::F64) => FORMULAS_F64,
            (false, Precision::F32) => 2e-5,
            (true, Precision::F64) => 1e-9,
            (true, Precision::F32) => 1e-4,
        }
    }

    /// The tolerance for one tensor when the gradient `reference` is the one to compare with. An error of differences is
    /// accepted in addition, as a larger floor.
    pub fn tolerance(&self, reference: &str, tensor: &str) -> Tolerance {
        let given = self.term_sizes.iter().find(|(name, _)| name == tensor).map(|(_, size)| *size);
        let relative = self.relative(reference);
        // Two gradients in f32 are rounded alike, but differences are not rounded.
        let rounding = if reference == NUMERIC { self.rounding / relative } else { 0.0 };
        let term_size = given.unwrap_or_else(|| rounding.max(1e-2 * self.largest_element));
        // In f64, the rounding of the terms does not depend on what the gradient is compared with.
        let floor = match self.precision {
            Precision::F64 => term_size * (FORMULAS_F64 / relative),
            Precision::F32 => term_size,
        };
        Tolerance { relative, floor }
    }
}
