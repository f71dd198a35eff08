//! Two gradients of the same parameters, tensor by tensor.

use serde::Serialize;

use super::array::Array;
use crate::data::vector::{dot, norm};

/// How far apart two values may be: `|a - b| <= relative * max(|a|, |b|, floor)`.
///
/// The floor is where relative error turns into absolute error. A gradient is a sum of terms that may cancel; its
/// rounding is that of the terms, however small the sum, so the floor should be the size of the terms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Tolerance {
    /// The largest relative error.
    pub relative: f64,
    /// Values below this are compared as if they were this large.
    pub floor: f64,
}

/// One tensor of two gradients.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TensorReport {
    /// The tensor's name.
    pub name: String,
    /// Its shape in the second gradient.
    pub shape: Vec<usize>,
    /// The value below which its elements are compared as if they were this large.
    pub floor: f64,
    /// The element with the largest relative error; absent when the shapes differ or the tensor is empty.
    pub worst: Option<Worst>,
    /// The cosine of the angle between the two as vectors: 1 when they point the same way, absent where one is zero.
    pub cosine: Option<f64>,
    /// The number of random directions along which the two were compared; absent where every element was.
    pub directions: Option<usize>,
    /// Whether every element is within the tolerance.
    pub holds: bool,
    /// What is wrong, where that can be told.
    pub diagnosis: Option<String>,
}

/// An element of two gradients.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Worst {
    /// Its name, `w1[1,3]`.
    pub element: String,
    /// Its value in the first gradient.
    pub a: f64,
    /// Its value in the second.
    pub b: f64,
    /// `|a - b|`.
    pub absolute: f64,
    /// `|a - b| / max(|a|, |b|, floor)`.
    pub relative: f64,
}

impl Tolerance {
    /// `|a - b| / max(|a|, |b|, floor)`; infinite where a value is not finite.
    pub fn error(&self, a: f64, b: f64) -> f64 {
        if a == b && a.is_finite() {
            return 0.0;
        }
        let error = (a - b).abs() / a.abs().max(b.abs()).max(self.floor);
        if error.is_finite() { error } else { f64::INFINITY }
    }

    /// Whether all elements are within the tolerance and finite.
    pub fn holds(&self, a: &[f64], b: &[f64]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(&a, &b)| self.error(a, b) <= self.relative)
    }
}

impl TensorReport {
    /// Compares two tensors of the same name.
    pub fn new(a: &Array, b: &Array, tolerance: &Tolerance) -> Self {
        let same_shape = a.shape == b.shape;
        let errors = a.values.iter().zip(&b.values).map(|(&a, &b)| tolerance.error(a, b));
        let worst = errors
            .enumerate()
            .max_by(|(_, one), (_, other)| one.total_cmp(other))
            .filter(|_| same_shape);
        let worst = worst.map(|(i, relative)| {
            let (element, a, b) = (b.element(i), a.values[i], b.values[i]);
            Worst { element, a, b, absolute: (a - b).abs(), relative }
        });
        let cosine = dot(&a.values, &b.values) / (norm(&a.values) * norm(&b.values));
        Self {
            name: b.name.clone(),
            shape: b.shape.clone(),
            floor: tolerance.floor,
            worst,
            cosine: (same_shape && cosine.is_finite()).then(|| cosine.clamp(-1.0, 1.0)),
            directions: None,
            holds: same_shape && tolerance.holds(&a.values, &b.values),
            diagnosis: None,
        }
    }
}
