//! Vectors as plain slices: inner product, lengths, and the sum with a multiple of another vector.
//!
//! ```text
//! dot(a, b)                 sum over i of a_i b_i
//! norm(a)                   sqrt(dot(a, a))
//! max_norm(a)               the largest |a_i|
//! add_scaled(a, factor, b)  a_i := a_i + factor b_i           BLAS calls this axpy
//! ```
//!
//! Element i is added to partial sum number i modulo 16. The partial sums are then added from first to last, and the elements
//! after the last full block of 16 come at the end. This order has two reasons:
//!
//! - Speed. A single sum makes each addition wait for the one before it. 16 partial sums are twice the f64 that the widest
//!   registers hold, so the compiler can use SIMD and additions overlap.
//! - Reproducibility. The order is fixed here and not chosen by the compiler, so every machine gets the same bits.
//!
//! Where two vectors differ in length, the elements beyond the end of the shorter one are ignored, as `zip` does.

/// The number of partial sums.
const LANES: usize = 16;

/// The inner product of two vectors.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let length = a.len().min(b.len());
    let (a_blocks, a_rest) = a[..length].as_chunks::<LANES>();
    let (b_blocks, b_rest) = b[..length].as_chunks::<LANES>();

    let mut sums = [0.0; LANES];
    for (a, b) in a_blocks.iter().zip(b_blocks) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }

    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

/// The Euclidean length of a vector.
pub fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// The largest absolute value, and 0 for no values. NaN is ignored.
pub fn max_norm(a: &[f64]) -> f64 {
    let (blocks, rest) = a.as_chunks::<LANES>();
    let mut largest = [0.0_f64; LANES];
    for block in blocks {
        for lane in 0..LANES {
            largest[lane] = largest[lane].max(block[lane].abs());
        }
    }
    largest
        .into_iter()
        .chain(rest.iter().map(|value| value.abs()))
        .fold(0.0, f64::max)
}

/// Adds `factor` times `b` to `a`, in place.
pub fn add_scaled(a: &mut [f64], factor: f64, b: &[f64]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += factor * b);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_products_count_every_element_once() {
        // Whole numbers add without rounding: the sum of i^2 for i below n is (n - 1) n (2n - 1) / 6.
        for n in [0, 1, 15, 16, 17, 32, 100] {
            let numbers: Vec<f64> = (0..n).map(f64::from).collect();
            let expected = if n == 0 { 0 } else { (n - 1) * n * (2 * n - 1) / 6 };
            assert_eq!(dot(&numbers, &numbers), f64::from(expected));
        }
        assert_eq!(norm(&[3.0, -4.0]), 5.0);
        assert_eq!(dot(&[1.0; 31], &[1.0; 32]), 31.0);
    }

    #[test]
    fn the_largest_value_may_be_anywhere() {
        for length in [1, 15, 16, 17, 40] {
            for index in 0..length {
                let mut values = vec![f64::NAN; length];
                values[index] = -3.0;
                values[(index + 5) % length] = if length > 5 { 2.0 } else { -3.0 };
                assert_eq!(max_norm(&values), 3.0, "{index} of {length}");
            }
        }
        assert_eq!(max_norm(&[]), 0.0);
    }

    #[test]
    fn a_multiple_is_added_in_place() {
        let mut sum = [1.0, 2.0];
        add_scaled(&mut sum, -2.0, &[0.5, 3.0]);
        assert_eq!(sum, [0.0, -4.0]);
    }
}
