//! The largest eigenvalue of a symmetric matrix that is known only by its products with vectors (Lanczos, 1950).
//!
//! ```text
//! q_1 = start / |start|
//! r   = A q_k,   alpha_k = q_k' r,   r minus its parts along q_1 .. q_k,   beta_k = |r|,   q_k+1 = r / beta_k
//!
//! T = tridiagonal of alpha_1 .. alpha_k and beta_1 .. beta_k-1         Q = [q_1 .. q_k]
//! T s = value s,  |s| = 1      =>      vector = Q s,   |A vector - value vector| = beta_k |s_k|
//! ```
//!
//! In exact arithmetic r has parts only along q_k and q_k-1. With rounding, the other parts grow as soon as an eigenvalue has
//! converged. So all parts are subtracted, twice: then the q are orthogonal to rounding (Golub and Van Loan, "Matrix
//! Computations", section 10.3). Step k costs one product and `4 n k` multiplications and additions.
//!
//! The largest eigenvalue of T is found by bisection: x is above all eigenvalues exactly if all pivots of T - x are negative.
//! Its eigenvector comes from two eliminations, one from each end, which meet where the vector is largest (Dhillon and Parlett,
//! 2004).
//!
//! If the start vector is orthogonal to the eigenvector, the iteration cannot find it. Random numbers are not orthogonal to it.
//!
//! Not covered: other eigenvalues, and restarts with more than one vector.

use crate::vector::{add_scaled, dot, norm};

/// The iteration stops when the residual is at most this, relative to the largest element of T. The error of the eigenvalue is
/// at most the residual. Where the eigenvalue is well separated from the others, the error is about the square of the residual.
const TOLERANCE: f64 = 1e-10;
/// The memory for the q, in bytes. When it is full, the iteration restarts from the best vector so far.
const MEMORY: usize = 256 << 20;
const MAX_RESTARTS: usize = 20;

/// An approximate eigenvalue with its eigenvector.
#[derive(Clone, Debug, PartialEq)]
pub struct Eigen {
    /// The eigenvalue; NaN where a product was not finite.
    pub value: f64,
    /// The eigenvector, of length 1.
    pub vector: Vec<f64>,
    /// |A vector - value vector|: some eigenvalue is within this distance of `value`.
    pub residual: f64,
}

/// The algebraically largest eigenvalue of a symmetric matrix A.
///
/// `multiply` returns the product of A with a vector. The start may be any vector except zero. The result depends only on the
/// start and on the products.
pub fn largest_eigenvalue(start: &[f64], multiply: &dyn Fn(&[f64]) -> Vec<f64>) -> Eigen {
    let max_vectors = (MEMORY / size_of_val(start)).max(2);
    restarted(max_vectors, start, multiply)
}

/// The iteration with restarts, where at most `max_vectors` of the q are kept in memory.
fn restarted(max_vectors: usize, start: &[f64], multiply: &dyn Fn(&[f64]) -> Vec<f64>) -> Eigen {
    let (mut eigen, mut converged) = iterate(start.to_vec(), max_vectors, multiply);
    for _ in 0..MAX_RESTARTS {
        if converged {
            break;
        }
        (eigen, converged) = iterate(eigen.vector, max_vectors, multiply);
    }
    eigen
}

/// Iterates until the residual is small or there are `max_vectors` of the q. Also returns whether the iteration is complete.
fn iterate(start: Vec<f64>, max_vectors: usize, multiply: &dyn Fn(&[f64]) -> Vec<f64>) -> (Eigen, bool) {
    let length = norm(&start);
    let mut basis = vec![scaled(start, 1.0 / length)];
    let mut t = Tridiagonal::default();
    loop {
        let last = &basis[basis.len() - 1];
        let mut remainder = multiply(last);
        let alpha = dot(last, &remainder);
        if !alpha.is_finite() {
            return (Eigen { value: f64::NAN, vector: basis.swap_remove(0), residual: f64::NAN }, true);
        }
        t.diagonal.push(alpha);
        for _ in 0..2 {
            for q in &basis {
                let part = dot(q, &remainder);
                add_scaled(&mut remainder, -part, q);
            }
        }

        let beta = norm(&remainder);
        let (value, s) = t.largest_eigenvalue();
        let residual = beta * s[s.len() - 1].abs();
        let converged = residual <= TOLERANCE * t.largest_element() || basis.len() == remainder.len();
        if converged || basis.len() == max_vectors {
            let mut vector = vec![0.0; remainder.len()];
            basis.iter().zip(s).for_each(|(q, s)| add_scaled(&mut vector, s, q));
            return (Eigen { value, vector, residual }, converged);
        }

        t.off_diagonal.push(beta);
        basis.push(scaled(remainder, 1.0 / beta));
    }
}

/// A symmetric tridiagonal matrix T with positive elements beside the diagonal.
#[derive(Clone, Debug, Default)]
struct Tridiagonal {
    diagonal: Vec<f64>,
    off_diagonal: Vec<f64>,
}

impl Tridiagonal {
    /// The largest absolute value of an element.
    fn largest_element(&self) -> f64 {
        self.diagonal
            .iter()
            .chain(&self.off_diagonal)
            .fold(0.0, |largest, element| element.abs().max(largest))
    }

    /// The largest eigenvalue, to rounding and never below it, and its eigenvector of length 1.
    fn largest_eigenvalue(&self) -> (f64, Vec<f64>) {
        let scale = self.largest_element();
        // The largest eigenvalue is at least the largest diagonal element, and at most that plus twice the largest element
        // beside the diagonal (Gershgorin).
        let mut low = self.diagonal.iter().fold(f64::NEG_INFINITY, |low, &a| low.max(a));
        let mut high = low + 2.0 * self.off_diagonal.iter().fold(0.0, |high, &b| b.max(high));
        while high - low > 4.0 * f64::EPSILON * scale {
            let middle = low + (high - low) / 2.0;
            let above_all = pivots(middle, self.diagonal.iter(), self.off_diagonal.iter()).all(|pivot| pivot < 0.0);
            *(if above_all { &mut high } else { &mut low }) = middle;
        }
        (high, self.eigenvector(high))
    }

    /// The eigenvector of the largest eigenvalue. (T - value) s is zero in every row except the one where s is largest.
    fn eigenvector(&self, value: f64) -> Vec<f64> {
        let (diagonal, off_diagonal) = (&self.diagonal, &self.off_diagonal);
        // All pivots are negative in exact arithmetic.
        let negative = |pivot: f64| pivot.min(-f64::MIN_POSITIVE);
        let down: Vec<f64> = pivots(value, diagonal.iter(), off_diagonal.iter()).map(negative).collect();
        let mut up: Vec<f64> = pivots(value, diagonal.iter().rev(), off_diagonal.iter().rev())
            .map(negative)
            .collect();
        up.reverse();

        // The two eliminations meet at the row whose remaining pivot is nearest to zero.
        let meeting_pivot = |&i: &usize| (down[i] + up[i] - (diagonal[i] - value)).abs();
        let row = (0..diagonal.len())
            .min_by(|i, j| meeting_pivot(i).total_cmp(&meeting_pivot(j)))
            .unwrap_or_default();

        let mut s = vec![1.0; diagonal.len()];
        for i in (0..row).rev() {
            s[i] = -off_diagonal[i] / down[i] * s[i + 1];
        }
        for i in row + 1..s.len() {
            s[i] = -off_diagonal[i - 1] / up[i] * s[i - 1];
        }
        let length = norm(&s);
        scaled(s, 1.0 / length)
    }
}

/// The pivots of Gaussian elimination in T - x.
fn pivots<'a>(
    x: f64,
    diagonal: impl Iterator<Item = &'a f64>,
    off_diagonal: impl Iterator<Item = &'a f64>,
) -> impl Iterator<Item = f64> {
    diagonal.zip([0.0].iter().chain(off_diagonal)).scan(1.0, move |pivot, (a, b)| {
        *pivot = a - x - b * b / *pivot;
        Some(*pivot)
    })
}

fn scaled(mut a: Vec<f64>, factor: f64) -> Vec<f64> {
    a.iter_mut().for_each(|a| *a *= factor);
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_iteration_restarts_when_memory_is_full() {
        let entries: Vec<f64> = (0..300).map(|i| f64::from(i) / 300.0).chain([1.5]).collect();
        let multiply = |v: &[f64]| -> Vec<f64> { v.iter().zip(&entries).map(|(v, entry)| v * entry).collect() };
        let start = vec![1.0; entries.len()];
        let (first, converged) = iterate(start.clone(), 8, &multiply);
        assert!(!converged && first.residual > 1e-6, "{:e}", first.residual);
        let eigen = restarted(8, &start, &multiply);
        // The next eigenvalue is half a unit away, so the error is the square of the residual: below rounding.
        assert!(eigen.residual < 2e-10 && (eigen.value - 1.5).abs() < 1e-14, "{eigen:?}");
    }
}
