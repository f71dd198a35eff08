//! Compares the largest eigenvalue with matrices whose eigenvalues are known in closed form.

use std::cell::Cell;
use std::f64::consts::PI;

use petal_data::lanczos::{Eigen, largest_eigenvalue};
use petal_data::vector::norm;

/// Pseudorandom numbers between -1 and 1 (Knuth's MMIX generator).
fn random(count: usize) -> Vec<f64> {
    let mut state = count as u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// The largest eigenvalue, and the number of products that were needed. Checks the reported residual against its definition.
fn largest(n: usize, multiply: &dyn Fn(&[f64]) -> Vec<f64>) -> (Eigen, usize) {
    let products = Cell::new(0);
    let counted = |v: &[f64]| {
        products.set(products.get() + 1);
        multiply(v)
    };
    let eigen = largest_eigenvalue(&random(n), &counted);
    let product = multiply(&eigen.vector);
    let scale = norm(&product).max(eigen.value.abs());
    let difference: Vec<f64> = product.iter().zip(&eigen.vector).map(|(a, b)| a - eigen.value * b).collect();
    let residual = norm(&difference);
    // The basis is orthogonal to rounding. The error bound grows at most with the square root of its size.
    assert!((residual - eigen.residual).abs() <= 1e-13 * scale, "{residual:e} and {:e}", eigen.residual);
    assert!((norm(&eigen.vector) - 1.0).abs() < 1e-13);
    (eigen, products.get())
}

fn diagonal(entries: &[f64]) -> (Eigen, usize) {
    largest(entries.len(), &|v| v.iter().zip(entries).map(|(v, entry)| v * entry).collect())
}

/// The product with the matrix that has 2 on the diagonal and -1 beside it. Its eigenvalues are 2 - 2 cos(k pi / (n + 1)), its
/// eigenvectors are sines.
fn second_difference(v: &[f64]) -> Vec<f64> {
    let element = |i: usize| v.get(i).copied().unwrap_or(0.0);
    (0..v.len())
        .map(|i| 2.0 * v[i] - element(i + 1) - element(i.wrapping_sub(1)))
        .collect()
}

#[test]
fn the_second_difference_has_its_known_eigenvalue() {
    for n in [1, 2, 3, 17, 100, 400] {
        let (eigen, products) = largest(n, &second_difference);
        let expected = 2.0 - 2.0 * (n as f64 * PI / (n + 1) as f64).cos();
        // Products of up to 4 have some rounding errors. The next eigenvalue is (pi / n)^2 away, so the square of the residual
        // is negligible.
        assert!((eigen.value - expected).abs() < 1e-13, "n {n}: {} and {expected}", eigen.value);
        assert!(eigen.residual < 1e-9 && products <= n, "n {n}: {:e} after {products}", eigen.residual);
        let amplitude = (2.0 / (n + 1) as f64).sqrt();
        let sine = |i: usize| amplitude * ((i + 1) as f64 * n as f64 * PI / (n + 1) as f64).sin();
        let sign = (eigen.vector[0] * sine(0)).signum();
        for (i, ours) in eigen.vector.iter().enumerate() {
            // The error is at most the residual over the distance to the next eigenvalue.
            assert!((sign * ours - sine(i)).abs() < 1e-6, "n {n}: {ours} and {}", sine(i));
        }
    }
}

#[test]
fn the_largest_eigenvalue_is_not_the_one_of_largest_absolute_value() {
    let (eigen, _) = diagonal(&[-100.0, -3.0, 0.5, 0.25]);
    // The error is a rounding error of the eigenvalue with the largest absolute value.
    assert!((eigen.value - 0.5).abs() < 100.0 * 4.0 * f64::EPSILON, "{}", eigen.value);
    let (eigen, _) = diagonal(&[-100.0, -3.0, -0.5, -0.25]);
    assert!((eigen.value + 0.25).abs() < 100.0 * 4.0 * f64::EPSILON, "{}", eigen.value);
}

#[test]
fn one_step_per_distinct_eigenvalue_is_enough() {
    for (entries, value, steps) in [
        (vec![0.0; 50], 0.0, 1),
        (vec![7.0], 7.0, 1),
        (vec![-2.0; 9], -2.0, 1),
        ([3.0, 1.0].repeat(20), 3.0, 2),
        ([3.0, 1.0, 1.0, 3.0, -5.0].repeat(300), 3.0, 3),
    ] {
        let (eigen, products) = diagonal(&entries);
        assert!((eigen.value - value).abs() < 5.0 * 4.0 * f64::EPSILON, "{} and {value}", eigen.value);
        assert_eq!(products, steps);
    }
}

#[test]
fn nearly_equal_eigenvalues_do_not_reduce_the_precision() {
    let mut entries: Vec<f64> = (0..200).map(|i| f64::from(i) / 200.0).collect();
    entries.extend([2.0, 2.0 - 1e-7, 2.0 - 1e-12]);
    let (eigen, _) = diagonal(&entries);
    assert!((eigen.value - 2.0).abs() < 1e-10, "{}", eigen.value);
}

#[test]
fn the_scale_of_the_matrix_does_not_matter() {
    for scale in [1e-100, 1e-20, 1e20, 1e100] {
        let entries: Vec<f64> = random(60).into_iter().map(|entry| scale * entry).collect();
        let expected = entries.iter().copied().fold(f64::MIN, f64::max);
        let (eigen, _) = diagonal(&entries);
        assert!((eigen.value - expected).abs() < 1e-13 * expected, "{:e} and {expected:e}", eigen.value);
    }
}

#[test]
fn products_that_are_not_finite_give_nan() {
    for bad in [f64::NAN, f64::INFINITY] {
        let eigen = largest_eigenvalue(&random(5), &|v| v.iter().map(|v| v * bad).collect());
        assert!(eigen.value.is_nan() && eigen.residual.is_nan());
    }
}

#[test]
fn a_start_orthogonal_to_the_eigenvector_cannot_find_it() {
    // The documentation mentions this limitation.
    let eigen = largest_eigenvalue(&[0.0, 1.0], &|v| vec![5.0 * v[0], 3.0 * v[1]]);
    assert_eq!((eigen.value, eigen.residual), (3.0, 0.0));
}
