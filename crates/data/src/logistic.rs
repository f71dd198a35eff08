//! From a logit to a probability, and to the cross-entropy of its sample.
//!
//! ```text
//! sigmoid(z)          1 / (1 + e^-z)                                       the probability of label 1
//! softplus(u)         ln(1 + e^u) = max(u, 0) + ln(1 + e^-|u|)
//! cross_entropy(z)    softplus(z) - y z = softplus(-z) for label 1, softplus(z) for label 0
//! ```
//!
//! The last form never takes the difference of two large numbers, and its exponential never overflows: a sample that is right by
//! a wide margin keeps all digits of its small loss.

/// 1 / (1 + e^-z): exact to rounding for every `z`. For a large negative `z` the exponential is infinite and the result is 0,
/// as it should be.
pub fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// The cross-entropy of a single sample with the given logit and a label of 0 or 1.
pub fn cross_entropy(logit: f64, label: u8) -> f64 {
    let u = if label == 1 { -logit } else { logit };
    u.max(0.0) + (-u.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cross_entropy_is_minus_the_logarithm_of_the_probability() {
        for z in [-3.0, -0.5, 0.0, 0.25, 4.0] {
            assert!((cross_entropy(z, 1) + sigmoid(z).ln()).abs() < 1e-15, "{z}");
            assert!((cross_entropy(z, 0) + sigmoid(-z).ln()).abs() < 1e-15, "{z}");
        }
    }

    #[test]
    fn large_logits_neither_overflow_nor_lose_digits() {
        assert_eq!([cross_entropy(1e300, 0), cross_entropy(-1e300, 1)], [1e300; 2]);
        // e^-40 is far below the rounding of 40.
        assert!((cross_entropy(40.0, 1) / (-40_f64).exp() - 1.0).abs() < 1e-15);
        assert_eq!([sigmoid(-1e300), sigmoid(1e300)], [0.0, 1.0]);
    }
}
