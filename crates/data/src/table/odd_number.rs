//! Numbers in a form that is not read, such as `$5`, `12 %` and `1,234`, for messages that say how to write them.
//!
//! Nothing here changes a value. A cell such as `1,234` has two meanings, and only the owner of the table knows which.

use super::likeness::{is_dash, is_invisible};

/// The longest text that is looked at. A longer one is no number.
const MAX_LENGTH: usize = 60;

const DECIMAL_COMMA: &str = "a decimal comma";
const AMBIGUOUS_COMMA: &str = "a comma";

/// A number that is written in another way than with digits, `-`, `.` and `e`.
pub(super) struct OddNumber {
    /// What is odd about it.
    oddities: Vec<&'static str>,
    /// The number in digits.
    plain: String,
    /// The number in digits if a comma is a decimal comma, where this is not clear.
    with_decimal_comma: Option<String>,
}

impl OddNumber {
    /// Recognises a number in an unusual form. `text` has no white space around it.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_LENGTH || !text.chars().any(char::is_numeric) {
            return None;
        }
        let mut odd = Self { oddities: Vec::new(), plain: String::new(), with_decimal_comma: None };
        let ascii = odd.ascii_form(text);
        let (is_negative, rest) = odd.without_frame(&ascii)?;
        let digits = odd.without_separators(rest)?;

        let sign = if is_negative { "-" } else { "" };
        odd.plain = format!("{sign}{digits}");
        odd.with_decimal_comma = odd.with_decimal_comma.map(|digits| format!("{sign}{digits}"));
        let is_number =
            odd.plain.parse().is_ok_and(f64::is_finite) && digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        (is_number && !odd.oddities.is_empty()).then_some(odd)
    }

    /// The message that says how to write the number.
    pub fn message(&self) -> String {
        let Self { oddities, plain, with_decimal_comma } = self;
        match (oddities.as_slice(), with_decimal_comma) {
            ([DECIMAL_COMMA], None) => "must be a number with a decimal point, such as 3.14".into(),
            ([.., AMBIGUOUS_COMMA], Some(decimal)) => {
                format!(
                    "must be a plain number: {plain} if the comma groups digits, {decimal} if it is a decimal comma"
                )
            }
            _ => format!("must be a plain number, such as {plain}, without {}", oddities.join(" and ")),
        }
    }

    /// Replaces full-width characters and minus signs by those of ASCII, and removes invisible characters.
    fn ascii_form(&mut self, text: &str) -> String {
        let mut ascii = String::new();
        for c in text.chars() {
            match c {
                // Unicode has the full-width characters in the order of ASCII.
                '\u{ff01}'..='\u{ff5e}' => {
                    self.note("full-width characters");
                    ascii.extend(char::from_u32(c as u32 - 0xfee0));
                }
                _ if is_dash(c) => {
                    self.note("a minus sign other than \"-\"");
                    ascii.push('-');
                }
                _ if is_invisible(c) => self.note("invisible characters"),
                '\u{2019}' => ascii.push('\''),
                _ if c.is_whitespace() => ascii.push(' '),
                _ => ascii.push(c),
            }
        }
        ascii
    }

    /// Takes off the sign, parentheses, and the signs of currencies and percentages. Returns whether the number is negative,
    /// and the rest. `None` if there are two signs.
    fn without_frame<'a>(&mut self, text: &'a str) -> Option<(bool, &'a str)> {
        let in_parentheses = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        if in_parentheses.is_some() {
            self.note("parentheses, which stand for a minus sign");
        }
        let framed = in_parentheses.unwrap_or(text).trim();

        // A sign may be before or behind the sign of a currency.
        let is_currency = |c: char| matches!(c, '$' | '¢' | '£' | '¤' | '¥' | '₠'..='₿' | '฿');
        let signed = framed.trim_matches(is_currency).trim();
        let unsigned = signed.strip_prefix(['-', '+']).unwrap_or(signed);
        let amount = unsigned.trim().trim_matches(is_currency).trim();
        if framed.contains(is_currency) {
            self.note("a sign of a currency");
        }
        if in_parentheses.is_some() && signed != unsigned {
            // A minus sign in parentheses that stand for another one.
            return None;
        }
        let number = amount.trim_end_matches(['%', '‰']);
        if number != amount {
            self.note("a percent sign");
        }
        Some((in_parentheses.is_some() || signed.starts_with('-'), number.trim()))
    }

    /// Removes what groups digits, and makes a decimal point of a decimal comma.
    fn without_separators(&mut self, text: &str) -> Option<String> {
        let (digits, exponent) = text.split_at(text.find(['e', 'E', 'd', 'D']).unwrap_or(text.len()));
        if exponent.starts_with(['d', 'D']) {
            self.note("the letter D, which Fortran writes in place of E");
        }
        let exponent = exponent.replace(['d', 'D'], "e");
        let mut digits = digits.to_owned();
        for (separator, oddity) in [
            (' ', "spaces between digits"),
            ('\'', "apostrophes between digits"),
            ('_', "underscores between digits"),
        ] {
            if digits.contains(separator) {
                let end = digits.find([',', '.']).unwrap_or(digits.len());
                is_grouped(&digits[..end], separator).then_some(())?;
                self.note(oddity);
                digits = digits.replace(separator, "");
            }
        }

        let (commas, points) = (digits.matches(',').count(), digits.matches('.').count());
        let digits = match (commas, points) {
            (0, 0 | 1) => digits,
            (0, _) if is_grouped(&digits, '.') => {
                self.note("points between digits");
                digits.replace('.', "")
            }
            (1, 0) if is_grouped(&digits, ',') && !digits.starts_with('0') => {
                self.note(AMBIGUOUS_COMMA);
                self.with_decimal_comma = Some(digits.replace(',', ".") + &exponent);
                digits.replace(',', "")
            }
            (1, 0) => {
                self.note(DECIMAL_COMMA);
                digits.replace(',', ".")
            }
            (1, _) if digits.rsplit_once(',').is_some_and(|(whole, _)| is_grouped(whole, '.')) => {
                self.note("points between digits");
                self.note(DECIMAL_COMMA);
                digits.replace('.', "").replace(',', ".")
            }
            (_, 0 | 1) if is_grouped(digits.split('.').next()?, ',') => {
                self.note("commas between digits");
                digits.replace(',', "")
            }
            _ => return None,
        };
        Some(digits + &exponent)
    }

    fn note(&mut self, oddity: &'static str) {
        if !self.oddities.contains(&oddity) {
            self.oddities.push(oddity);
        }
    }
}

/// Whether the separator stands between groups of digits: the last of three, those before of two (as in India) or three.
fn is_grouped(digits: &str, separator: char) -> bool {
    let groups: Vec<&str> = digits.split(separator).collect();
    let [first, middle @ .., last] = groups.as_slice() else {
        return false;
    };
    groups
        .iter()
        .all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()))
        && first.len() <= 3
        && middle.iter().all(|group| matches!(group.len(), 2 | 3))
        && last.len() == 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_numbers_are_recognised_and_written_plainly() {
        let cases = [
            ("3,14", "3.14", "a decimal comma"),
            ("-0,5", "-0.5", "a decimal comma"),
            ("0,123", "0.123", "a decimal comma"),
            ("1,234,567", "1234567", "commas between digits"),
            ("1,234.5", "1234.5", "commas between digits"),
            ("12,34,567", "1234567", "commas between digits"),
            ("1.234,5", "1234.5", "points between digits, a decimal comma"),
            ("1.234.567", "1234567", "points between digits"),
            ("1 234 567", "1234567", "spaces between digits"),
            ("1\u{202f}234,5", "1234.5", "spaces between digits, a decimal comma"),
            ("1'234.5", "1234.5", "apostrophes between digits"),
            ("1_000", "1000", "underscores between digits"),
            ("\u{2212}5", "-5", "a minus sign other than \"-\""),
            ("\u{ff11}\u{ff12}", "12", "full-width characters"),
            ("(200)", "-200", "parentheses, which stand for a minus sign"),
            ("12 %", "12", "a percent sign"),
            ("$5", "5", "a sign of a currency"),
            ("-$5.50", "-5.50", "a sign of a currency"),
            ("$ -5", "-5", "a sign of a currency"),
            ("1 234 €", "1234", "a sign of a currency, spaces between digits"),
            ("12\u{200b}", "12", "invisible characters"),
            ("1D5", "1e5", "the letter D, which Fortran writes in place of E"),
            ("-1.5d-03", "-1.5e-03", "the letter D, which Fortran writes in place of E"),
        ];
        for (text, plain, oddities) in cases {
            let odd = OddNumber::parse(text).unwrap_or_else(|| panic!("{text:?}"));
            assert_eq!((odd.plain.as_str(), odd.oddities.join(", ").as_str()), (plain, oddities), "{text:?}");
        }
        let ambiguous = OddNumber::parse("-1,234").unwrap();
        assert_eq!((ambiguous.plain.as_str(), ambiguous.with_decimal_comma.as_deref()), ("-1234", Some("-1.234")));
        let others = [
            "",
            "abc",
            "1",
            "-2.5e3",
            "1,2,3",
            "1,23,4",
            "12,3456,789",
            "1e5x",
            "0x10",
            "2024-01-05",
            "1..2",
            "%",
            "$",
            "()",
            "(-5)",
            "5D",
            "1e5d",
            "5²",
            "2$3",
            "A1",
            "1/2",
            "12:30",
            "(1",
            "1 2",
        ];
        for text in others {
            assert!(OddNumber::parse(text).is_none(), "{text:?}");
        }
    }
}
