//! How close a program's numbers must be to the right ones.
//!
//! ```text
//! |given - right| <= unit * size          size: of the rounding errors, computed beside the right value (`number.rs`)
//! ```
//!
//! | numbers | unit | reason |
//! | --- | --- | --- |
//! | float64 | 1e-13 | 450 rounding errors: libraries add in different orders, and their tanh and exp differ in the last digits |
//! | float32 | 2e-6 | 17 rounding errors: the tanh of XLA, which JAX uses, alone has up to 5 |

use super::number::Bounded;

/// The size of an error that is as large as 1 in float64.
pub const AS_LARGE_AS_1: f64 = 1e13;

/// The accuracy that numbers can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// That of float64.
    Double,
    /// That of float32.
    Single,
}

impl Unit {
    /// Whether a number is the right one. A NaN is equal to a NaN, because a known mistake may produce one.
    #[inline(always)]
    pub fn is_close(self, given: f64, right: Bounded) -> bool {
        if given == right.value || (given.is_nan() && right.value.is_nan()) {
            return true;
        }
        (given - right.value).abs() <= self.tolerance(right)
    }

    /// The largest accepted error. The second term is where numbers lose their digits because they are too small for the float
    /// type.
    #[inline(always)]
    pub fn tolerance(self, right: Bounded) -> f64 {
        match self {
            Self::Double => 1e-13 * right.size + 1e-300,
            Self::Single => 2e-6 * right.size + 1e-37,
        }
    }

    /// Whether an agreement with this number shows nothing, because rounding may be more than a fifth of it. `value` is the part
    /// of the number that is looked at: its step, for an updated parameter.
    pub fn hides(self, right: Bounded, value: f64) -> bool {
        value != 0.0 && self.tolerance(right) > 0.2 * value.abs()
    }

    /// Whether all numbers are the right ones.
    pub fn all_close(self, given: &[f64], right: &[Bounded]) -> bool {
        given.len() == right.len() && given.iter().zip(right).all(|(&given, &right)| self.is_close(given, right))
    }
}
