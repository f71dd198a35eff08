//! Sums and products of lists of f64, in loops that the compiler turns into vector instructions.
//!
//! A sum has the same bits on every level: it is taken in [`LANES`] parts, whatever the registers hold.
//!
//! Leaves out: what needs more than one operation per number. That is written where it is needed.

/// As many f64 as the widest registers hold, times two, so that an addition need not wait for the one before.
const LANES: usize = 16;

/// a' b.
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

/// The sum of all.
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

/// a := a + factor b.
#[inline]
pub(crate) fn add(a: &mut [f64], factor: f64, b: &[f64]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += factor * b);
}
