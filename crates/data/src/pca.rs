//! Principal component analysis with two components, so that data with many features can be shown in a plane.
//!
//! ```text
//! C = mean over rows of (x - mean)' (x - mean)      [d, d], the covariance
//! C v = lambda v                                    the two largest lambda and their v, of length 1
//! plane = (x - mean) v'                             [m, 2], from rows of [m, d]
//! row   = mean + plane v                            the way back, to the plane through the mean
//! ```
//!
//! The names are those of scikit-learn's `PCA`. The explained variance ratio of a component is its lambda over the sum of all
//! lambda.
//!
//! The eigenvectors come from Lanczos' iteration ([`crate::lanczos`]) with `C v = mean over rows of (x - mean)' ((x - mean) v)`.
//! So C itself is never built, which would have a million elements for a thousand features. For the second component, all parts
//! along the first one are subtracted. If the variance along two directions agrees to ten digits, the iteration may end between
//! the two. That is as good as either of them.
//!
//! The sign of a component is arbitrary. Here its largest element is positive.
//!
//! Not covered: further components, and scaling. Without scaling, the feature in the smallest unit dominates.

use crate::lanczos::largest_eigenvalue;
use crate::numpy::RandomState;
use crate::vector::{add_scaled, dot};

/// The two leading principal components of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Pca {
    /// The mean row, `[d]`.
    pub mean: Vec<f64>,
    /// The directions of largest variance, `[d]` each, of length 1. With a single feature the second one is zero.
    pub components: [Vec<f64>; 2],
    /// The fraction of the variance along each component, from 0 to 1.
    pub explained_variance_ratio: [f64; 2],
}

impl Pca {
    /// Finds the components of rows of `features` numbers.
    ///
    /// Each iteration takes time in proportion to `m d`. Usually some tens of them are needed, and a few hundred where the
    /// variance is nearly the same in all directions.
    ///
    /// # Shapes
    /// `x` is `[m, d]` row by row.
    pub fn fit(x: &[f64], features: usize) -> Self {
        let samples = (x.len() / features) as f64;
        let mut mean = vec![0.0; features];
        for row in x.chunks_exact(features) {
            add_scaled(&mut mean, 1.0 / samples, row);
        }
        let mut total_variance = 0.0;
        for_each_centred(x, &mean, |row| total_variance += dot(row, row) / samples);
        let covariance_times = |v: &[f64]| {
            let mut product = vec![0.0; features];
            for_each_centred(x, &mean, |row| add_scaled(&mut product, dot(row, v) / samples, row));
            product
        };

        // Random numbers have a part along any direction. The fixed seed makes results reproducible.
        let mut random = RandomState::new(0);
        let first = largest_eigenvalue(&random.normals(features), &covariance_times);

        let orthogonal_to_first = |mut v: Vec<f64>| {
            let part = dot(&first.vector, &v);
            add_scaled(&mut v, -part, &first.vector);
            v
        };
        // All eigenvalues are shifted by the first one. Rounding errors are then small relative to them, even where no variance
        // is left at all.
        let shifted_covariance_times = |v: &[f64]| {
            let mut product = orthogonal_to_first(covariance_times(v));
            add_scaled(&mut product, first.value, v);
            product
        };
        // New random numbers: if all variances are equal, the first component is the first start itself.
        let start = orthogonal_to_first(random.normals(features));
        let (second_variance, second_vector) = if features > 1 {
            let second = largest_eigenvalue(&start, &shifted_covariance_times);
            (second.value - first.value, second.vector)
        } else {
            (0.0, vec![0.0; features])
        };

        let ratio = |variance: f64| {
            if total_variance > 0.0 { variance.max(0.0) / total_variance } else { 0.0 }
        };
        Self {
            mean,
            components: [with_positive_sign(&first.vector), with_positive_sign(&second_vector)],
            explained_variance_ratio: [ratio(first.value), ratio(second_variance)],
        }
    }

    /// Projects rows to the plane of the components.
    ///
    /// # Shapes
    /// `x` is `[m, d]` row by row; the result is `[m, 2]`.
    pub fn transform(&self, x: &[f64]) -> Vec<f64> {
        let coordinate = |row: &[f64], component: &[f64]| {
            row.iter()
                .zip(&self.mean)
                .zip(component)
                .map(|((x, mean), v)| (x - mean) * v)
                .sum()
        };
        x.chunks_exact(self.mean.len())
            .flat_map(|row| self.components.each_ref().map(|component| coordinate(row, component)))
            .collect()
    }

    /// The rows that belong to points of the plane.
    ///
    /// # Shapes
    /// `plane` is `[m, 2]`; the result is `[m, d]`.
    pub fn inverse_transform(&self, plane: &[f64]) -> Vec<f64> {
        let [first, second] = &self.components;
        let row = |point: &[f64]| {
            let (along_first, along_second) = (point[0], point[1]);
            self.mean
                .iter()
                .zip(first.iter().zip(second))
                .map(move |(mean, (v1, v2))| mean + along_first * v1 + along_second * v2)
        };
        plane.chunks_exact(2).flat_map(row).collect()
    }
}

/// Calls `visit` with each row minus the mean.
fn for_each_centred(x: &[f64], mean: &[f64], mut visit: impl FnMut(&[f64])) {
    let mut centred = vec![0.0; mean.len()];
    for row in x.chunks_exact(mean.len()) {
        for (centred, (x, mean)) in centred.iter_mut().zip(row.iter().zip(mean)) {
            *centred = x - mean;
        }
        visit(&centred);
    }
}

/// The component with its sign chosen so that the element of largest absolute value is positive.
fn with_positive_sign(component: &[f64]) -> Vec<f64> {
    let largest = component
        .iter()
        .fold(0.0_f64, |largest, v| if v.abs() > largest.abs() { *v } else { largest });
    component.iter().map(|v| v * largest.signum()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transform_undoes_inverse_transform() {
        let mut random = RandomState::new(4);
        let pca = Pca::fit(&random.normals(7 * 40), 7);
        let plane = random.normals(2 * 30);
        let back = pca.transform(&pca.inverse_transform(&plane));
        // The components are orthonormal, and the numbers are about 1: the error is a few roundings.
        assert!(plane.iter().zip(&back).all(|(a, b)| (a - b).abs() < 1e-13), "{plane:?} {back:?}");
    }

    /// The eigenvalues of the covariance, largest first, with their eigenvectors. Jacobi's rotations make the covariance
    /// diagonal (Golub and Van Loan, section 8.5): an independent method that is exact to rounding.
    fn jacobi(x: &[f64], n: usize) -> Vec<(f64, Vec<f64>)> {
        let samples = (x.len() / n) as f64;
        let mean: Vec<f64> = (0..n).map(|i| x.iter().skip(i).step_by(n).sum::<f64>() / samples).collect();
        let mut matrix = vec![0.0; n * n];
        for_each_centred(x, &mean, |row| {
            (0..n * n).for_each(|i| matrix[i] += row[i / n] * row[i % n] / samples);
        });
        let mut vectors: Vec<f64> = (0..n * n).map(|i| if i % (n + 1) == 0 { 1.0 } else { 0.0 }).collect();
        for (p, q) in (0..12).flat_map(|_| (0..n).flat_map(|p| (p + 1..n).map(move |q| (p, q)))) {
            // Of the two angles that make the element zero, the smaller one.
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
            .map(|(i, v)| (matrix[i * n + i], with_positive_sign(v)))
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        found
    }

    #[test]
    fn components_agree_with_those_of_jacobis_rotations() {
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
                assert!(
                    (ours.explained_variance_ratio[rank] - theirs[rank].0 / total).abs() < 1e-13,
                    "{ours:?} {theirs:?}"
                );
                // A residual of 1e-10 turns a component by that over the distance to the next eigenvalue.
                let distance = (theirs[rank].0 - theirs.get(rank + 1).map_or(0.0, |next| next.0)) / theirs[0].0;
                let error = ours.components[rank]
                    .iter()
                    .zip(&theirs[rank].1)
                    .fold(0.0, |largest: f64, (a, b)| largest.max((a - b).abs()));
                assert!(error < 2e-10 / distance, "{error:e} at distance {distance:e}");
            }
        }
    }

    #[test]
    fn equal_variances_have_orthogonal_components() {
        // A cross: the covariance is the identity over 2.
        let cross = Pca::fit(&[1.0, 0.0, -1.0, 0.0, 0.0, 1.0, 0.0, -1.0], 2);
        let [first, second] = &cross.components;
        assert!(cross.explained_variance_ratio.iter().all(|ratio| (ratio - 0.5).abs() < 1e-15), "{cross:?}");
        assert!(dot(first, second).abs() < 1e-15 && (dot(second, second) - 1.0).abs() < 1e-15, "{cross:?}");
        // All variance is along one direction: any orthogonal one may be the second.
        let line = Pca::fit(&[1.0, 2.0, 2.0, 4.0, 3.0, 6.0], 2);
        let ratio = line.explained_variance_ratio;
        assert!((ratio[0] - 1.0).abs() < 1e-15 && ratio[1] < 1e-15, "{line:?}");
        assert!(dot(&line.components[0], &line.components[1]).abs() < 1e-15, "{line:?}");
    }

    #[test]
    fn constants_and_single_features_have_components() {
        let constant = Pca::fit(&[3.0; 12], 3);
        assert_eq!((constant.explained_variance_ratio, constant.transform(&[3.0; 3])), ([0.0; 2], vec![0.0; 2]));
        let single = Pca::fit(&[1.0, 2.0, 6.0], 1);
        assert_eq!((single.explained_variance_ratio, single.transform(&[5.0])), ([1.0, 0.0], vec![2.0, 0.0]));
        assert_eq!(single.inverse_transform(&[2.0, 0.0]), [5.0]);
    }
}
