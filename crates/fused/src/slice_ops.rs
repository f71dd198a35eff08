//! Sums and products of f64 slices, in loops that the compiler turns into vector instructions.
//!
//! A sum has the same bits on every processor: it always consists of [`LANES`] partial sums, whatever the width of the
//! registers is.

/// Twice the number of f64 in the widest registers, so that an addition need not wait for the one before.
const LANES: usize = 16;

/// The dot product.
#[inline]
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

/// The sum of all elements.
#[inline]
pub(crate) fn sum(a: &[f64]) -> f64 {
    let (a, rest) = a.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for a in a {
        for lane in 0..LANES {
            sums[lane] += a[lane];
        }
    }
    sums.iter().chain(rest).sum()
}

/// a += factor * b.
#[inline]
pub(crate) fn add_scaled(a: &mut [f64], factor: f64, b: &[f64]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += factor * b);
}
