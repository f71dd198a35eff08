//! The two directions in which rows vary most, so that data of many features can be shown in a plane.
//!
//! ```text
//! C = mean over rows of (x - mean)' (x - mean)      [d, d]
//! C v = lambda v                                    the two largest lambda and their v, of length 1
//! plane = (x - mean) v'                             [m, 2] from rows, [m, d]
//! row   = mean + plane v                            back: the plane through the mean
//! ```
//!
//! lambda over the sum of all of them is the share of the variance along its direction. The eigenvectors come from
//! Jacobi's rotations (Golub and Van Loan, "Matrix Computations", section 8.5), which end exact to rounding.
//!
//! A principal component has no sign of its own: here the largest loading is positive.
//!
//! Leaves out: all further components, and scaling, without which the feature in the smallest unit wins.

/// Rotations go round the whole matrix at most so often; convergence is quadratic, and about eight suffice.
const MOST_SWEEPS: usize = 50;

/// The two leading principal components of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Components {
    /// The mean row, `[d]`.
    pub mean: Vec<f64>,
    /// The directions, `[d]` each, of length 1. With a single feature the second is zero.
    pub directions: [Vec<f64>; 2],
    /// The share of the variance along each, from 0 to 1.
    pub shares: [f64; 2],
}

impl Components {
    /// Finds the components of rows of `features` numbers, in time in proportion to `m d^2 + d^3`.
    ///
    /// # Shapes
    /// `x` is `[m, d]` row by row.
    pub fn fit(x: &[f64], features: usize) -> Self {
        let samples = (x.len() / features) as f64;
        let mut mean = vec![0.0; features];
        for row in x.chunks_exact(features) {
            mean.iter_mut().zip(row).for_each(|(mean, value)| *mean += value / samples);
        }
        let mut matrix = covariance(x, &mean);
        let total: f64 = (0..features).map(|i| matrix[i * features + i]).sum();
        let vectors = diagonalise(&mut matrix, features);
        let mut ranking: Vec<(f64, &[f64])> =
            vectors.chunks_exact(features).enumerate().map(|(i, v)| (matrix[i * features + i], v)).collect();
        ranking.sort_by(|a, b| b.0.total_cmp(&a.0));
        let component = |rank: usize| ranking.get(rank).map_or((0.0, vec![0.0; features]), |&(l, v)| (l, signed(v)));
        let [(first, along_first), (second, along_second)] = [component(0), component(1)];
        let share = |variance: f64| if total > 0.0 { variance.max(0.0) / total } else { 0.0 };
        Self { mean, directions: [along_first, along_second], shares: [share(first), share(second)] }
    }

    /// Where rows lie in the plane.
    ///
    /// # Shapes
    /// `x` is `[m, d]` row by row; the result is `[m, 2]`.
    pub fn project(&self, x: &[f64]) -> Vec<f64> {
        let along = |row: &[f64], direction: &[f64]| {
            row.iter().zip(&self.mean).zip(direction).map(|((x, mean), v)| (x - mean) * v).sum()
        };
        let rows = x.chunks_exact(self.mean.len());
        rows.flat_map(|row| self.directions.each_ref().map(|direction| along(row, direction))).collect()
    }

    /// The rows at places of the plane.
    ///
    /// # Shapes
    /// `plane` is `[m, 2]`; the result is `[m, d]`.
    pub fn rows(&self, plane: &[f64]) -> Vec<f64> {
        let [first, second] = &self.directions;
        let row = |place: &[f64]| {
            let (across, up) = (place[0], place[1]);
            self.mean.iter().zip(first.iter().zip(second)).map(move |(mean, (v1, v2))| mean + across * v1 + up * v2)
        };
        plane.chunks_exact(2).flat_map(row).collect()
    }
}

/// The covariance of rows, `[d, d]`.
fn covariance(x: &[f64], mean: &[f64]) -> Vec<f64> {
    let features = mean.len();
    let samples = (x.len() / features) as f64;
    let mut matrix = vec![0.0; features * features];
    let mut centred = vec![0.0; features];
    for row in x.chunks_exact(features) {
        centred.iter_mut().zip(row).zip(mean).for_each(|((centred, x), mean)| *centred = x - mean);
        for (i, line) in matrix.chunks_exact_mut(features).enumerate() {
            let left = centred[i] / samples;
            line[..=i].iter_mut().zip(&centred).for_each(|(entry, right)| *entry += left * right);
        }
    }
    for i in 0..features {
        for j in 0..i {
            matrix[j * features + i] = matrix[i * features + j];
        }
    }
    matrix
}

/// Turns a symmetric matrix `[n, n]` into the diagonal one of its eigenvalues; the result has the eigenvectors in rows.
fn diagonalise(matrix: &mut [f64], n: usize) -> Vec<f64> {
    let mut vectors: Vec<f64> = (0..n * n).map(|i| if i % (n + 1) == 0 { 1.0 } else { 0.0 }).collect();
    // Rounding of the whole: what is below cannot turn a leading direction.
    let nothing = f64::EPSILON * (0..n).map(|i| matrix[i * n + i]).sum::<f64>() / n as f64;
    for _ in 0..MOST_SWEEPS {
        let mut rotated = false;
        for p in 0..n {
            for q in p + 1..n {
                let (off, app, aqq) = (matrix[p * n + q], matrix[p * n + p], matrix[q * n + q]);
                if !(off.abs() > nothing) {
                    continue;
                }
                rotated = true;
                // The smaller of the two angles that make the entry zero.
                let slope = (aqq - app) / (2.0 * off);
                let tangent = slope.signum() / (slope.abs() + slope.hypot(1.0));
                let cosine = 1.0 / tangent.hypot(1.0);
                let sine = tangent * cosine;
                for k in 0..n {
                    rotate(matrix, [k * n + p, k * n + q], cosine, sine);
                }
                for k in 0..n {
                    rotate(matrix, [p * n + k, q * n + k], cosine, sine);
                    rotate(&mut vectors, [p * n + k, q * n + k], cosine, sine);
                }
                (matrix[p * n + q], matrix[q * n + p]) = (0.0, 0.0);
            }
        }
        if !rotated {
            break;
        }
    }
    vectors
}

fn rotate(values: &mut [f64], [p, q]: [usize; 2], cosine: f64, sine: f64) {
    let (a, b) = (values[p], values[q]);
    (values[p], values[q]) = (cosine * a - sine * b, sine * a + cosine * b);
}

/// The direction with its largest loading positive.
fn signed(direction: &[f64]) -> Vec<f64> {
    let largest = direction.iter().fold(0.0_f64, |largest, v| if v.abs() > largest.abs() { *v } else { largest });
    direction.iter().map(|v| v * largest.signum()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::numpy::RandomState;

    #[test]
    fn a_plane_comes_back_from_its_rows() {
        let mut random = RandomState::new(4);
        let components = Components::fit(&random.normals(7 * 40), 7);
        let plane = random.normals(2 * 30);
        let back = components.project(&components.rows(&plane));
        // Directions of length 1 at a right angle, to a few roundings of numbers of about 1.
        assert!(plane.iter().zip(&back).all(|(a, b)| (a - b).abs() < 1e-13), "{plane:?} {back:?}");
    }

    #[test]
    fn constants_and_single_features_have_components_too() {
        let constant = Components::fit(&[3.0; 12], 3);
        assert_eq!((constant.shares, constant.project(&[3.0; 3])), ([0.0; 2], vec![0.0; 2]));
        let single = Components::fit(&[1.0, 2.0, 6.0], 1);
        assert_eq!((single.shares, single.project(&[5.0])), ([1.0, 0.0], vec![2.0, 0.0]));
        assert_eq!(single.rows(&[2.0, 0.0]), [5.0]);
    }
}
