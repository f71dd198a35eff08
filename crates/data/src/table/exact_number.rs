//! The exact value of a number that is written in decimal digits.
//!
//! Rounding to f64 makes 9007199254740992 and 9007199254740993 equal. So values are compared by their digits:
//!
//! ```text
//! number = sign * 0.d1 d2 d3 ... dn * 10^point        d1 and dn are not 0
//! ```
//!
//! Every number has one such form: `1`, `1.0`, `01` and `10e-1` are the same.

use std::cmp::Ordering;

/// The most significant digits that an f64 has, when all digits of its exact value are written.
const MAX_F64_DIGITS: usize = 767;

/// A number as its sign, its significant digits, and the position of its decimal point.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ExactNumber {
    is_negative: bool,
    /// Empty for 0.
    digits: String,
    /// The position of the decimal point, counted from the first digit. 0 for 0.
    point: i64,
}

impl ExactNumber {
    /// Parses a number in the form that Rust accepts, such as `-2.5e3`. Returns `None` for every other text.
    pub fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse().ok()?),
            None => (unsigned, 0_i64),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = format!("{whole}{fraction}");
        if all_digits.is_empty() || !all_digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }

        let digits = all_digits.trim_start_matches('0');
        let leading_zeros = all_digits.len() - digits.len();
        let digits = digits.trim_end_matches('0');
        if digits.is_empty() {
            return Some(Self { is_negative: false, digits: String::new(), point: 0 });
        }
        let point = exponent.checked_add(whole.len() as i64 - leading_zeros as i64)?;
        Some(Self { is_negative: text.starts_with('-'), digits: digits.to_owned(), point })
    }

    /// Whether the digits cannot be read back from an f64: it is nearer to another number with as many digits.
    ///
    /// Up to 15 digits are always kept, except by the tiny numbers next to 0.
    pub fn loses_digits(&self, rounded: f64) -> bool {
        let digits = self.digits.len().clamp(1, MAX_F64_DIGITS);
        Self::parse(&format!("{rounded:.*e}", digits - 1)).as_ref() != Some(self)
    }

    fn cmp_magnitude(&self, other: &Self) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            // Only 0 has no digits.
            (false, false) => self.point.cmp(&other.point).then_with(|| self.digits.cmp(&other.digits)),
            (is_zero, other_is_zero) => other_is_zero.cmp(&is_zero),
        }
    }
}

impl Ord for ExactNumber {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.is_negative, other.is_negative) {
            (false, false) => self.cmp_magnitude(other),
            (true, true) => other.cmp_magnitude(self),
            (is_negative, other_is_negative) => other_is_negative.cmp(&is_negative),
        }
    }
}

impl PartialOrd for ExactNumber {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> ExactNumber {
        ExactNumber::parse(text).unwrap()
    }

    #[test]
    fn spellings_of_one_number_are_equal() {
        let spellings = [
            &["1", "1.0", "01", "+1", "1.", "10e-1", "0.1E+1", "001.000"][..],
            &["0", "-0", "0.0", ".0", "0e99", "-00.e-5"],
            &["-0.00120", "-12e-4", "-1.2E-3"],
            &["9007199254740993", "9007199254740993.0", "9.007199254740993e15"],
            &["1e999", "10e998"],
        ];
        for group in spellings {
            for spelling in group {
                assert_eq!(exact(spelling), exact(group[0]), "{spelling}");
            }
        }
        let others =
            ["", "-", ".", "e5", "1e", "1e5.0", "1,5", "0x1", "inf", "NaN", "1_0", "1e99999999999999999999", "１"];
        for text in others {
            assert_eq!(ExactNumber::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn numbers_are_ordered_by_size() {
        let sorted = ["-1e400", "-20", "-3", "-0.5", "0", "1e-400", "0.09", "0.1", "0.11", "1", "9", "10", "1e400"];
        for pair in sorted.windows(2) {
            assert!(exact(pair[0]) < exact(pair[1]), "{pair:?}");
        }
        assert!(exact("9007199254740992") < exact("9007199254740993"));
    }

    #[test]
    fn digits_are_lost_where_an_f64_cannot_tell_two_numbers_apart() {
        let loses = |text: &str| exact(text).loses_digits(text.parse().unwrap());
        // 2^53 + 1 is between two f64; 2^53 + 2 is one. The long decimals are the exact values of f64.
        let lost = ["9007199254740993", "-9007199254740993", "12345678901234567890", "1700000000.123456789", "1e-400"];
        let kept = [
            "9007199254740992",
            "9007199254740994",
            "0.1",
            "0.30000000000000004",
            "1e22",
            "0",
            "0.1000000000000000055511151231257827021181583404541015625",
            "1.000000000000000056e-01",
        ];
        assert_eq!(lost.map(loses), [true; 5]);
        assert_eq!(kept.map(loses), [false; 8]);
        assert!(loses(&format!("0.{}", "3".repeat(100_000))));
    }
}
