//! From a logit to a probability and back, and to the cross-entropy of its sample.
//!
//! ```text
//! sigmoid(z)          1 / (1 + e^-z)                                       the probability of label 1
//! logit(p)            ln(p / (1 - p))                                      the inverse of sigmoid
//! softplus(u)         ln(1 + e^u) = max(u, 0) + ln(1 + e^-|u|)
//! cross_entropy(z)    softplus(z) - y z = softplus(-z) for label 1, softplus(z) for label 0
//! ```
//!
//! The last form never takes the difference of two large numbers, and its exponential never overflows: a sample that is right by
//! a wide margin keeps all digits of its small loss.

/// 1 / (1 + e^-z): exact to rounding for every `z`. Below -709 the exponential would be infinite, and the result is e^z.
pub fn sigmoid(z: f64) -> f64 {
    if z < -700.0 { z.exp() } else { 1.0 / (1.0 + (-z).exp()) }
}

/// ln(p / (1 - p)), the inverse of [`sigmoid`]: minus infinity for 0, exactly 0 for 1/2, infinity for 1.
///
/// A sample is predicted class 1 where its logit is above the logit of the threshold. This is the rule everywhere, because
/// a probability is rounded: those of 40 and of 50 are both 1.
pub fn logit(probability: f64) -> f64 {
    (probability / (1.0 - probability)).ln()
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
        // Python's decimal: print(Decimal(-720).exp())
        assert_eq!(sigmoid(-720.0), 2.032_230_802_4e-313);
    }

    #[test]
    fn logits_are_those_of_scipy() {
        assert_eq!([0.0, 0.5, 1.0].map(logit), [f64::NEG_INFINITY, 0.0, f64::INFINITY]);
        // scipy 1.17: print(scipy.special.logit(p))
        let table = [
            (1e-300, -690.775_527_898_213_7),
            (0.3, -0.847_297_860_387_203_7),
            (0.500_000_1, 3.999_999_997_894_629_5e-7),
            (0.999_999_999_999, 27.631_043_237_892_36),
        ];
        for (p, expected) in table {
            // Half a unit in the last place of p / (1 - p), and that of the logarithm.
            assert!((logit(p) - expected).abs() <= f64::EPSILON * expected.abs().max(1.0), "{p}: {}", logit(p));
        }
    }
}
