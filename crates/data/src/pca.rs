//! The two directions in which rows vary most, so that data of many features can be shown in a plane.
//!
//! ```text
//! C = mean over rows of (x - mean)' (x - mean)      [d, d]
//! C v = lambda v                                    the two largest lambda and their v, of length 1
//! plane = (x - mean) v'                             [m, 2] from rows, [m, d]
//! row   = mean + plane v                            back: the plane through the mean
//! ```
//!
//! lambda over the sum of all of them is the share of the variance along its direction. The eigenvectors come from Lanczos'
//! steps ([`crate::lanczos`]) with `C v = mean over rows of (x - mean)' ((x - mean) v)`, so that C itself, which has a million
//! numbers for a thousand features, is never built. For the second direction all parts along the first are taken off. Where
//! the variance along two directions is the same to ten digits, the steps may end between the two: one is as good as the other.
//!
//! A principal component has no sign of its own: here the largest loading is positive.
//!
//! Leaves out: all further components, and scaling, without which the feature in the smallest unit wins.

use crate::lanczos::{add, dot, largest_eigenvalue};
use crate::numpy::RandomState;

/// The two leading principal components of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Pca {
    /// The mean row, `[d]`.
    pub mean: Vec<f64>,
    /// The directions, `[d]` each, of length 1. With a single feature the second is zero.
    pub directions: [Vec<f64>; 2],
    /// The share of the variance along each, from 0 to 1.
    pub shares: [f64; 2],
}

impl Pca {
    /// Finds the components of rows of `features` numbers, in time in proportion to `m d` for each of some tens of steps,
    /// and a few hundreds where the variance is nearly the same in all directions.
    ///
    /// # Shapes
    /// `x` is `[m, d]` row by row.
    pub fn fit(x: &[f64], features: usize) -> Self {
        let samples = (x.len() / features) as f64;
        let mut mean = vec![0.0; features];
        for row in x.chunks_exact(features) {
            add(&mut mean, 1.0 / samples, row);
        }
        let mut total = 0.0;
        each_centred(x, &mean, |row| total += dot(row, row) / samples);
        let covariance_times = |v: &[f64]| {
            let mut product = vec![0.0; features];
            each_centred(x, &mean, |row| add(&mut product, dot(row, v) / samples, row));
            product
        };
        // Random numbers, the same each time, have a part along any direction.
        let mut random = RandomState::new(0);
        let first = largest_eigenvalue(&random.normals(features), &covariance_times);
        let across = |mut v: Vec<f64>| {
            let part = dot(&first.vector, &v);
            add(&mut v, -part, &first.vector);
            v
        };
        // Shifted by the first variance, beside which what rounding leaves of no variance at all does not count.
        let shifted = |v: &[f64]| {
            let mut product = across(covariance_times(v));
            add(&mut product, first.value, v);
            product
        };
        // Other numbers: where all variances are equal the first direction is the first start.
        let start = across(random.normals(features));
        let second = (features > 1).then(|| largest_eigenvalue(&start, &shifted));
        let (second, along_second) =
            second.map_or((0.0, vec![0.0; features]), |found| (found.value - first.value, found.vector));
        let share = |variance: f64| if total > 0.0 { variance.max(0.0) / total } else { 0.0 };
        Self {
            mean,
            directions: [signed(&first.vector), signed(&along_second)],
            shares: [share(first.value), share(second)],
        }
    }

    /// Where rows lie in the plane.
    ///
    /// # Shapes
    /// `x` is `[m, d]` row by row; the result is `[m, 2]`.
    pub fn project(&self, x: &[f64]) -> Vec<f64> {
        let along = |row: &[f64], direction: &[f64]| {
            row.iter()
                .zip(&self.mean)
                .zip(direction)
                .map(|((x, mean), v)| (x - mean) * v)
                .sum()
        };
        let rows = x.chunks_exact(self.mean.len());
        rows.flat_map(|row| self.directions.each_ref().map(|direction| along(row, direction)))
            .collect()
    }

    /// The rows at places of the plane.
    ///
    /// # Shapes
    /// `plane` is `[m, 2]`; the result is `[m, d]`.
    pub fn rows(&self, plane: &[f64]) -> Vec<f64> {
        let [first, second] = &self.directions;
        let row = |place: &[f64]| {
            let (across, up) = (place[0], place[1]);
            self.mean
                .iter()
                .zip(first.iter().zip(second))
                .map(move |(mean, (v1, v2))| mean + across * v1 + up * v2)
        };
        plane.chunks_exact(2).flat_map(row).collect()
    }
}

/// Shows all rows less their mean, one after the other.
fn each_centred(x: &[f64], mean: &[f64], mut show: impl FnMut(&[f64])) {
    let mut centred = vec![0.0; mean.len()];
    for row in x.chunks_exact(mean.len()) {
        centred
            .iter_mut()
            .zip(row.iter().zip(mean))
            .for_each(|(centred, (x, mean))| *centred = x - mean);
        show(&centred);
    }
}

/// The direction with its largest loading positive.
fn signed(direction: &[f64]) -> Vec<f64> {
    let largest = direction
        .iter()
        .fold(0.0_f64, |largest, v| if v.abs() > largest.abs() { *v } else { largest });
    direction.iter().map(|v| v * largest.signum()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numpy::RandomState;

    #[test]
    fn a_plane_comes_back_from_its_rows() {
        let mut random = RandomState::new(4);
        let components = Pca::fit(&random.normals(7 * 40), 7);
        let plane = random.normals(2 * 30);
        let back = components.project(&components.rows(&plane));
        // Directions of length 1 at a right angle, to a few roundings of numbers of about 1.
        assert!(plane.iter().zip(&back).all(|(a, b)| (a - b).abs() < 1e-13), "{plane:?} {back:?}");
    }

    /// Another way to the same: the covariance made diagonal by Jacobi's rotations (Golub and Van Loan, section 8.5), which
    /// ends exact to rounding. The eigenvalues, largest first, with their vectors.
    fn jacobi(x: &[f64], n: usize) -> Vec<(f64, Vec<f64>)> {
        let samples = (x.len() / n) as f64;
        let mean: Vec<f64> = (0..n).map(|i| x.iter().skip(i).step_by(n).sum::<f64>() / samples).collect();
        let mut matrix = vec![0.0; n * n];
        each_centred(x, &mean, |row| {
            (0..n * n).for_each(|at| matrix[at] += row[at / n] * row[at % n] / samples);
        });
        let mut vectors: Vec<f64> = (0..n * n).map(|at| if at % (n + 1) == 0 { 1.0 } else { 0.0 }).collect();
        for (p, q) in (0..12).flat_map(|_| (0..n).flat_map(|p| (p + 1..n).map(move |q| (p, q)))) {
            // The smaller of the two angles that make the entry zero.
            let (off, app, aqq) = (matrix[p * n + q], matrix[p * n + p], matrix[q * n + q]);
            let slope = (aqq - app) / (2.0 * off);
            let tangent = if off == 0.0 { 0.0 } else { slope.signum() / (slope.abs() + slope.hypot(1.0)) };
            let (sine, cosine) = (tangent / tangent.hypot(1.0), 1.0 / tangent.hypot(1.0));
            let rotate = |values: &mut [f64], a: usize, b: usize| {
                (values[a], values[b]) = (cosine * values[a] - sine * values[b], sine * values[a] + cosine * values[b]);
            };
            (0..n).for_each(|k| rotate(&mut matrix, k * n + p, k * n + q));
            (0..n).for_each(|k| rotate(&mut matrix, p * n + k, q * n + k));
            (0..n).for_each(|k| rotate(&mut vectors, p * n + k, q * n + k));
        }
        let mut found: Vec<_> = vectors
            .chunks(n)
            .enumerate()
            .map(|(i, v)| (matrix[i * n + i], signed(v)))
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        found
    }

    #[test]
    fn jacobis_rotations_find_the_same() {
        let mut random = RandomState::new(9);
        // More rows than features and fewer, and units that differ by a million.
        for (samples, features, unit) in [(60, 2, 1.0), (50, 12, 1e3), (20, 40, 1.0), (200, 70, 1e-3)] {
            let scale: Vec<f64> = (0..features).map(|i| if i % 3 == 0 { unit } else { 1.0 / unit }).collect();
            let x: Vec<f64> = random
                .normals(samples * features)
                .iter()
                .zip(scale.iter().cycle())
                .map(|(x, s)| x * s + s)
                .collect();
            let (ours, theirs) = (Pca::fit(&x, features), jacobi(&x, features));
            let total: f64 = theirs.iter().map(|(value, _)| value).sum();
            for rank in 0..2 {
                assert!((ours.shares[rank] - theirs[rank].0 / total).abs() < 1e-13, "{ours:?} {theirs:?}");
                // A residual of 1e-10 turns a direction by that over the distance of the next eigenvalue.
                let apart = (theirs[rank].0 - theirs.get(rank + 1).map_or(0.0, |next| next.0)) / theirs[0].0;
                let most = ours.directions[rank]
                    .iter()
                    .zip(&theirs[rank].1)
                    .fold(0.0, |most: f64, (a, b)| most.max((a - b).abs()));
                assert!(most < 2e-10 / apart, "{most:e} of {apart:e}");
            }
        }
    }

    #[test]
    fn equal_variances_have_directions_too() {
        // A cross: the covariance is the identity over 2.
        let cross = Pca::fit(&[1.0, 0.0, -1.0, 0.0, 0.0, 1.0, 0.0, -1.0], 2);
        let [first, second] = &cross.directions;
        assert!(cross.shares.iter().all(|share| (share - 0.5).abs() < 1e-15), "{cross:?}");
        assert!(dot(first, second).abs() < 1e-15 && (dot(second, second) - 1.0).abs() < 1e-15, "{cross:?}");
        // All variance along one direction: any other may be the second.
        let line = Pca::fit(&[1.0, 2.0, 2.0, 4.0, 3.0, 6.0], 2);
        assert!((line.shares[0] - 1.0).abs() < 1e-15 && line.shares[1] < 1e-15, "{line:?}");
        assert!(dot(&line.directions[0], &line.directions[1]).abs() < 1e-15, "{line:?}");
    }

    #[test]
    fn constants_and_single_features_have_components_too() {
        let constant = Pca::fit(&[3.0; 12], 3);
        assert_eq!((constant.shares, constant.project(&[3.0; 3])), ([0.0; 2], vec![0.0; 2]));
        let single = Pca::fit(&[1.0, 2.0, 6.0], 1);
        assert_eq!((single.shares, single.project(&[5.0])), ([1.0, 0.0], vec![2.0, 0.0]));
        assert_eq!(single.rows(&[2.0, 0.0]), [5.0]);
    }
}
