//! Number types whose range is checked once, when a value is created. They can never be invalid afterwards.
//!
//! Each type is created from a plain number by `TryFrom`, which serde uses too. So a configuration file with
//! `learning_rate = -0.1` fails with a message about that line, and code that computes never gets such a value.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::text::grouped;

/// The error for a number out of range. Its message says what is accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be {accepted}")]
pub struct OutOfRange {
    accepted: String,
}

/// Defines a type for real numbers with a condition, in words and as code.
macro_rules! checked_real {
    ($(#[$attribute:meta])* $name:ident, $accepted:literal, |$value:ident| $valid:expr) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(try_from = "f64", into = "f64")]
        pub struct $name(f64);

        impl $name {
            #[doc = concat!("Creates a constant, checked at compile time: `const { ", stringify!($name), "::literal(0.5) }`.")]
            pub const fn literal(value: f64) -> Self {
                assert!(Self::is_valid(value), concat!("must be ", $accepted));
                Self(value)
            }

            /// The number.
            pub const fn get(self) -> f64 {
                self.0
            }

            const fn is_valid($value: f64) -> bool {
                $valid
            }
        }

        impl TryFrom<f64> for $name {
            type Error = OutOfRange;

            fn try_from(value: f64) -> Result<Self, OutOfRange> {
                if Self::is_valid(value) {
                    Ok(Self(value))
                } else {
                    Err(OutOfRange { accepted: $accepted.into() })
                }
            }
        }

        impl From<$name> for f64 {
            fn from(number: $name) -> Self {
                number.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

checked_real! {
    /// A finite number greater than zero.
    Positive, "finite and > 0", |value| value.is_finite() && value > 0.0
}

checked_real! {
    /// A finite number that is zero or greater.
    NonNegative, "finite and >= 0", |value| value.is_finite() && value >= 0.0
}

checked_real! {
    /// A number that is at least zero and less than one.
    #[derive(Default)]
    Fraction, ">= 0 and < 1", |value| value >= 0.0 && value < 1.0
}

impl FromStr for Fraction {
    type Err = OutOfRange;

    fn from_str(text: &str) -> Result<Self, OutOfRange> {
        // Text that is not a number is refused as NaN is.
        Self::try_from(text.parse().unwrap_or(f64::NAN))
    }
}

/// A whole number from `MIN` to `MAX`, inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(into = "i64")]
pub struct Count<const MIN: usize, const MAX: usize>(usize);

impl<const MIN: usize, const MAX: usize> Count<MIN, MAX> {
    /// Creates a constant, checked at compile time: `const { Count::literal(4) }`.
    pub const fn literal(value: usize) -> Self {
        assert!(MIN <= value && value <= MAX, "must be within the range of this count");
        Self(value)
    }

    /// The number.
    pub fn get(self) -> usize {
        self.0
    }

    fn out_of_range() -> OutOfRange {
        OutOfRange { accepted: format!("a whole number from {MIN} to {}", grouped(MAX)) }
    }
}

impl<const MIN: usize, const MAX: usize> TryFrom<i64> for Count<MIN, MAX> {
    type Error = OutOfRange;

    fn try_from(value: i64) -> Result<Self, OutOfRange> {
        usize::try_from(value)
            .ok()
            .filter(|count| (MIN..=MAX).contains(count))
            .map(Self)
            .ok_or_else(Self::out_of_range)
    }
}

impl<const MIN: usize, const MAX: usize> FromStr for Count<MIN, MAX> {
    type Err = OutOfRange;

    fn from_str(text: &str) -> Result<Self, OutOfRange> {
        text.parse::<i64>().map_err(|_| Self::out_of_range())?.try_into()
    }
}

/// Like the derived one, but the message about a value of another type has the range too.
impl<'de, const MIN: usize, const MAX: usize> Deserialize<'de> for Count<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CountVisitor<const MIN: usize, const MAX: usize>;

        impl<const MIN: usize, const MAX: usize> Visitor<'_> for CountVisitor<MIN, MAX> {
            type Value = Count<MIN, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&Count::<MIN, MAX>::out_of_range().accepted)
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
                value.try_into().map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
                self.visit_i64(i64::try_from(value).unwrap_or(i64::MAX))
            }
        }

        deserializer.deserialize_i64(CountVisitor)
    }
}

impl<const MIN: usize, const MAX: usize> From<Count<MIN, MAX>> for i64 {
    fn from(count: Count<MIN, MAX>) -> Self {
        // A count is created from an i64, so it fits in one.
        count.0 as Self
    }
}

impl<const MIN: usize, const MAX: usize> fmt::Display for Count<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_out_of_range_are_refused() {
        for bad in [0.0, -0.1, f64::NAN, f64::INFINITY] {
            assert_eq!(Positive::try_from(bad).unwrap_err().to_string(), "must be finite and > 0");
        }
        for bad in [-1e-300, f64::NAN, f64::NEG_INFINITY] {
            assert_eq!(NonNegative::try_from(bad).unwrap_err().to_string(), "must be finite and >= 0");
        }
        for bad in [-1e-300, 1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Fraction::try_from(bad).unwrap_err().to_string(), "must be >= 0 and < 1");
        }
        for bad in [-1, 0, 10_001, i64::MAX] {
            let refused = Count::<1, 10_000>::try_from(bad).unwrap_err().to_string();
            assert_eq!(refused, "must be a whole number from 1 to 10,000");
        }
        for bad in ["", "x", "1.5", "-1", "0", "10_001", "99999999999999999999"] {
            let refused = bad.parse::<Count<1, 10_000>>().unwrap_err().to_string();
            assert_eq!(refused, "must be a whole number from 1 to 10,000");
        }
        assert_eq!("10000".parse::<Count<1, 10_000>>().unwrap().get(), 10_000);
        assert_eq!(Positive::try_from(f64::MIN_POSITIVE).unwrap().get(), f64::MIN_POSITIVE);
        assert_eq!(NonNegative::try_from(0.0).unwrap().get(), 0.0);
        assert_eq!(Count::<1, 10_000>::try_from(1).unwrap().get(), 1);
        assert_eq!(Count::<1, 10_000>::try_from(10_000).unwrap().get(), 10_000);
    }
}
