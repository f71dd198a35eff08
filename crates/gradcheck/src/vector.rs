//! Vectors as plain slices. Their lengths are equal.

/// The inner product.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The Euclidean length.
pub(crate) fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// The largest absolute value. NaN is ignored.
pub(crate) fn max_norm(a: &[f64]) -> f64 {
    a.iter().fold(0.0, |largest, value| largest.max(value.abs()))
}
