//! Solvers for A s = b with a symmetric positive definite A.
//!
//! - [`solve_damped`]: A is a small matrix that is stored (Cholesky decomposition).
//! - [`conjugate_gradients`]: A is known only by its diagonal and by its products with vectors.
//!
//! A stored matrix is its lower triangle, row after row: element (i, j) with j <= i has index i (i + 1) / 2 + j.

use crate::vector::{add_scaled, dot};

/// The index of the first element of row `i` in a lower triangle.
pub fn row_start(i: usize) -> usize {
    i * (i + 1) / 2
}

/// Solves A s = b for an A that should be positive definite, given by its lower triangle.
///
/// Rounding can make A slightly indefinite, for example when a feature repeats another one. The diagonal is then raised until A
/// is positive definite. For Newton's method that makes the step shorter, and the step still leads downhill.
///
/// `None` means that even the largest raise is not enough.
pub fn solve_damped(a: &[f64], b: &[f64]) -> Option<Vec<f64>> {
    let raises = std::iter::successors(Some(1e-14), |raise| Some(raise * 100.0)).take(7);
    std::iter::once(0.0).chain(raises).find_map(|raise| {
        let mut raised = a.to_vec();
        for i in 0..b.len() {
            raised[row_start(i) + i] *= 1.0 + raise;
        }
        solve(raised, b.to_vec())
    })
}

/// Solves A s = b through the Cholesky decomposition A = L L'. `None` means that A is not positive definite to rounding.
fn solve(mut a: Vec<f64>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let size = b.len();

    // L replaces A.
    for i in 0..size {
        let (above, row) = a.split_at_mut(row_start(i));
        for j in 0..i {
            let other = &above[row_start(j)..];
            row[j] = (row[j] - dot(&row[..j], &other[..j])) / other[j];
        }
        row[i] = (row[i] - dot(&row[..i], &row[..i])).sqrt();
        // Not positive definite: the diagonal element is NaN or 0.
        if !(row[i] > 0.0) {
            return None;
        }
    }

    // L u = b, then L' s = u.
    for i in 0..size {
        let row = &a[row_start(i)..];
        b[i] = (b[i] - dot(&row[..i], &b[..i])) / row[i];
    }
    for i in (0..size).rev() {
        let rest: f64 = (i + 1..size).map(|k| a[row_start(k) + i] * b[k]).sum();
        b[i] = (b[i] - rest) / a[row_start(i) + i];
    }
    Some(b)
}

/// Solves A s = b approximately by conjugate gradients, preconditioned by the diagonal of A.
///
/// `multiply` returns the product of A with a vector. The iteration ends when the length of the residual b - A s is at most
/// `tolerance` times that of b, both measured with the inverse of the diagonal.
pub fn conjugate_gradients(
    multiply: impl Fn(&[f64]) -> Vec<f64>,
    diagonal: &[f64],
    b: &[f64],
    tolerance: f64,
) -> Vec<f64> {
    let precondition = |r: &[f64]| -> Vec<f64> { r.iter().zip(diagonal).map(|(r, d)| r / d).collect() };
    let (mut s, mut residual) = (vec![0.0; b.len()], b.to_vec());
    let mut direction = precondition(&residual);
    let mut squared_length = dot(&residual, &direction);
    let max_squared_length = squared_length * tolerance * tolerance;

    // In exact arithmetic at most one round per element is needed.
    for _ in 0..b.len() {
        if !(squared_length > max_squared_length) {
            break;
        }
        let product = multiply(&direction);
        let step = squared_length / dot(&direction, &product);
        add_scaled(&mut s, step, &direction);
        add_scaled(&mut residual, -step, &product);

        let preconditioned = precondition(&residual);
        let next_squared_length = dot(&residual, &preconditioned);
        for (direction, next) in direction.iter_mut().zip(&preconditioned) {
            *direction = next + next_squared_length / squared_length * *direction;
        }
        squared_length = next_squared_length;
    }
    s
}
