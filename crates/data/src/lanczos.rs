//! The largest eigenvalue of a symmetric matrix of which only products with vectors are known (Lanczos, 1950).
//!
//! ```text
//! q_1 = start / |start|
//! r   = A q_k,   alpha_k = q_k' r,   r less its parts along q_1 .. q_k,   beta_k = |r|,   q_k+1 = r / beta_k
//!
//! T = tridiagonal of alpha_1 .. alpha_k and beta_1 .. beta_k-1         Q = [q_1 .. q_k]
//! T s = value s,  |s| = 1      =>      vector = Q s,   |A vector - value vector| = beta_k |s_k|
//! ```
//!
//! In exact arithmetic r has parts along q_k and q_k-1 alone. Rounding lets the others grow as soon as an eigenvalue has been
//! found, so all are taken off, twice: then the q are at right angles to rounding (Golub and Van Loan, "Matrix
//! Computations", section 10.3). A step costs a product and `4 n k` multiplications and additions.
//!
//! T's largest eigenvalue is found by bisection: x lies above all eigenvalues just if the pivots of T - x are all negative.
//! Its vector comes from the pivots of both ends, which meet where it is largest (Dhillon and Parlett, 2004).
//!
//! A start without any part along the vector that is sought cannot find it; random numbers have one.
//!
//! Leaves out: all other eigenvalues, and restarting with more than one vector. It knows nothing of tables or networks; it is
//! here because its loops need optimising and more than one room multiplies with matrices that are never built.

/// The residual that is small enough, relative to the largest number in T. An eigenvalue is as exact as the residual, and
/// where it lies apart from the others as exact as its square.
const TOLERANCE: f64 = 1e-10;
/// Bytes that the q may take. When they are full, the steps begin again from the best vector so far.
const MEMORY: usize = 256 << 20;
const MAX_RESTARTS: usize = 20;

/// An eigenvalue and its vector, as far as they have been found.
#[derive(Clone, Debug, PartialEq)]
pub struct Eigen {
    /// The eigenvalue; NaN where a product was not finite.
    pub value: f64,
    /// Of length 1.
    pub vector: Vec<f64>,
    /// |A vector - value vector|: there is an eigenvalue within that of `value`.
    pub residual: f64,
}

/// The algebraically largest eigenvalue of a symmetric matrix, given its products.
///
/// The start may be any vector but zero. The result depends on it and on the products, and on nothing else.
pub fn largest_eigenvalue(start: &[f64], times: &dyn Fn(&[f64]) -> Vec<f64>) -> Eigen {
    with_room_for((MEMORY / size_of_val(start)).max(2), start, times)
}

/// The same with room for a number of q.
fn with_room_for(most: usize, start: &[f64], times: &dyn Fn(&[f64]) -> Vec<f64>) -> Eigen {
    let (mut eigen, mut found) = steps(start.to_vec(), most, times);
    for _ in 0..MAX_RESTARTS {
        if found {
            break;
        }
        (eigen, found) = steps(eigen.vector, most, times);
    }
    eigen
}

/// Makes steps until the residual is small or there are as many q as may be: the former is found.
fn steps(start: Vec<f64>, most: usize, times: &dyn Fn(&[f64]) -> Vec<f64>) -> (Eigen, bool) {
    let length = norm(&start);
    let mut basis = vec![scaled(start, 1.0 / length)];
    let mut t = Tridiagonal::default();
    loop {
        let last = &basis[basis.len() - 1];
        let mut rest = times(last);
        let alpha = dot(last, &rest);
        if !alpha.is_finite() {
            return (Eigen { value: f64::NAN, vector: basis.swap_remove(0), residual: f64::NAN }, true);
        }
        t.diagonal.push(alpha);
        for _ in 0..2 {
            for q in &basis {
                let part = dot(q, &rest);
                add(&mut rest, -part, q);
            }
        }
        let beta = norm(&rest);
        let (value, s) = t.largest();
        let residual = beta * s[s.len() - 1].abs();
        let found = residual <= TOLERANCE * t.size() || basis.len() == rest.len();
        if found || basis.len() == most {
            let mut vector = vec![0.0; rest.len()];
            basis.iter().zip(s).for_each(|(q, s)| add(&mut vector, s, q));
            return (Eigen { value, vector, residual }, found);
        }
        t.beside.push(beta);
        basis.push(scaled(rest, 1.0 / beta));
    }
}

/// A symmetric matrix that is zero but on the diagonal and beside it, where it is positive.
#[derive(Clone, Debug, Default)]
struct Tridiagonal {
    diagonal: Vec<f64>,
    beside: Vec<f64>,
}

impl Tridiagonal {
    /// The number of the largest size.
    fn size(&self) -> f64 {
        self.diagonal
            .iter()
            .chain(&self.beside)
            .fold(0.0, |size, number| number.abs().max(size))
    }

    /// The largest eigenvalue, to rounding and not below it, and its vector of length 1.
    fn largest(&self) -> (f64, Vec<f64>) {
        let size = self.size();
        // No eigenvalue is above every diagonal element plus what is beside it (Gershgorin), the largest above each.
        let mut low = self.diagonal.iter().fold(f64::NEG_INFINITY, |low, &a| low.max(a));
        let mut high = low + 2.0 * self.beside.iter().fold(0.0, |high, &b| b.max(high));
        while high - low > 4.0 * f64::EPSILON * size {
            let middle = low + (high - low) / 2.0;
            let above = pivots(middle, self.diagonal.iter(), self.beside.iter()).all(|pivot| pivot < 0.0);
            *(if above { &mut high } else { &mut low }) = middle;
        }
        (high, self.vector(high))
    }

    /// The vector of the largest eigenvalue: (T - value) s is zero but for one place, where s is largest.
    fn vector(&self, value: f64) -> Vec<f64> {
        let (diagonal, beside) = (&self.diagonal, &self.beside);
        // Negative but for rounding.
        let negative = |pivot: f64| pivot.min(-f64::MIN_POSITIVE);
        let down: Vec<f64> = pivots(value, diagonal.iter(), beside.iter()).map(negative).collect();
        let mut up: Vec<f64> = pivots(value, diagonal.iter().rev(), beside.iter().rev())
            .map(negative)
            .collect();
        up.reverse();
        let left = |&i: &usize| (down[i] + up[i] - (diagonal[i] - value)).abs();
        let place = (0..diagonal.len())
            .min_by(|i, j| left(i).total_cmp(&left(j)))
            .unwrap_or_default();
        let mut s = vec![1.0; diagonal.len()];
        for i in (0..place).rev() {
            s[i] = -beside[i] / down[i] * s[i + 1];
        }
        for i in place + 1..s.len() {
            s[i] = -beside[i - 1] / up[i] * s[i - 1];
        }
        let length = norm(&s);
        scaled(s, 1.0 / length)
    }
}

/// The pivots of elimination in T - x.
fn pivots<'a>(
    x: f64,
    diagonal: impl Iterator<Item = &'a f64>,
    beside: impl Iterator<Item = &'a f64>,
) -> impl Iterator<Item = f64> {
    diagonal.zip([0.0].iter().chain(beside)).scan(1.0, move |pivot, (a, b)| {
        *pivot = a - x - b * b / *pivot;
        Some(*pivot)
    })
}

/// As many f64 as the widest registers hold, times two, so that an addition need not wait for the one before.
const LANES: usize = 16;

/// a' b, in [`LANES`] sums: the same bits whatever the registers hold.
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

/// a := a + factor b.
pub(crate) fn add(a: &mut [f64], factor: f64, b: &[f64]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += factor * b);
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

fn scaled(mut a: Vec<f64>, factor: f64) -> Vec<f64> {
    a.iter_mut().for_each(|a| *a *= factor);
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_begin_again_when_memory_is_full() {
        let entries: Vec<f64> = (0..300).map(|i| f64::from(i) / 300.0).chain([1.5]).collect();
        let times = |v: &[f64]| -> Vec<f64> { v.iter().zip(&entries).map(|(v, entry)| v * entry).collect() };
        let start = vec![1.0; entries.len()];
        let (once, found) = steps(start.clone(), 8, &times);
        assert!(!found && once.residual > 1e-6, "{:e}", once.residual);
        let eigen = with_room_for(8, &start, &times);
        // Half a unit from its neighbour: as exact as the square of the residual, that is to rounding.
        assert!(eigen.residual < 2e-10 && (eigen.value - 1.5).abs() < 1e-14, "{eigen:?}");
    }
}
