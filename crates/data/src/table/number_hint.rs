//! What a cell looks like that is no number in any form, for messages: a date, an error of a spreadsheet, a word for missing.

use super::likeness::is_dash;
use super::missing_words::{DEFAULT_MISSING_WORDS, MissingWords};
use crate::text::one_line;

/// The longest text that is looked at. A longer one is no number.
const MAX_LENGTH: usize = 60;

/// Words that stand for a missing value and are not among the default words, in lower case.
const LIKE_MISSING: &str = "- -- --- . .. na n.a. n.a nan +nan nan(ind) -nan(ind) nat nil null (null) n/a";

/// More words that often do. As labels and categories they have a meaning of their own.
const MAYBE_MISSING: &str = "none missing unknown undefined";

/// What a text looks like that is not a number in any form, if it looks like something that tables often hold.
pub(super) fn hint(text: &str, missing: &MissingWords) -> Option<String> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    if is_spreadsheet_error(text) {
        return Some(format!("it is an error of a spreadsheet; correct the formula, or {}", add_to(missing)));
    }
    if is_like_missing(text) || is_among(MAYBE_MISSING, &text.to_lowercase()) || DEFAULT_MISSING_WORDS.contains(&text) {
        return Some(format!("if it stands for a missing value, {}", add_to(missing)));
    }
    if is_date(text) {
        return Some("it looks like a date or a time; make a number of it, such as the days since a fixed day".into());
    }
    if let Some((number, rest)) = number_and_rest(text) {
        return Some(format!("{rest:?} follows the number {number}"));
    }
    let (start, number) = start_and_number(text)?;
    Some(format!("{start:?} stands before the number {number}"))
}

/// The texts that look like an error of a spreadsheet or a missing value. A `-` beside a `+` is a value.
pub(super) fn like_missing<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> Vec<String> {
    let has_plus = texts.clone().any(|text| text == "+");
    texts
        // A default word is a value only where data.missing was set without it.
        .filter(|text| text.len() <= MAX_LENGTH && !DEFAULT_MISSING_WORDS.contains(text) && !(has_plus && *text == "-"))
        .filter(|text| is_spreadsheet_error(text) || is_like_missing(text))
        .map(str::to_owned)
        .collect()
}

/// Such as #DIV/0!, #BUSY! and #NAME?. `#N/A` counts as missing.
fn is_spreadsheet_error(text: &str) -> bool {
    text.starts_with('#') && text.ends_with(['!', '?'])
}

fn is_like_missing(text: &str) -> bool {
    let lowercase = text.to_lowercase().replace(is_dash, "-");
    // So C programs on Windows write NaN, with as many digits as they print of a number.
    let is_windows_nan = ["1.#ind", "1.#qnan", "1.#snan"].iter().any(|nan| lowercase.contains(nan));
    is_windows_nan || is_among(LIKE_MISSING, &lowercase)
}

fn is_among(words: &str, text: &str) -> bool {
    words.split(' ').any(|word| word == text)
}

/// How a word becomes one for a missing value, with the words that are already.
fn add_to(missing: &MissingWords) -> String {
    match missing.words() {
        [] => "add it to data.missing, which has no words".into(),
        words => format!("add it to the words of data.missing: {}", one_line(&words.join(", "))),
    }
}

/// Whether a text starts with a date such as 2024-01-31 or 31.1.24, or with a time such as 12:30.
fn is_date(text: &str) -> bool {
    let day = text.split(['T', ' ']).next().unwrap_or_default();
    let Some(separator) = day.chars().find(|c| !c.is_ascii_digit()) else {
        return false;
    };
    let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let lengths: Vec<usize> = day
        .split(separator)
        .map(|part| if are_digits(part) { part.len() } else { 0 })
        .collect();
    match (separator, lengths.as_slice()) {
        (':', lengths) => matches!(lengths, [1 | 2, 2, ..]),
        ('-' | '/' | '.', lengths) => matches!(lengths, [1 | 2 | 4, 1 | 2, 1 | 2] | [1 | 2, 1 | 2, 4]),
        _ => false,
    }
}

/// Splits a text such as `12 cm` into the number at its start and the rest, which has no digits.
fn number_and_rest(text: &str) -> Option<(&str, &str)> {
    let end = text.rfind(|c: char| c.is_ascii_digit() || c == '.')? + 1;
    let (number, rest) = text.split_at(end);
    (!rest.is_empty() && number.parse::<f64>().is_ok_and(f64::is_finite)).then_some((number, rest.trim()))
}

/// Splits a text such as `USD 5` or `<5` into what stands before the number, and the number. Codes such as `a1` are not split.
fn start_and_number(text: &str) -> Option<(&str, &str)> {
    let start = text.trim_end_matches(|c: char| c.is_ascii_digit() || "+-.eE".contains(c));
    let number = &text[start.len()..];
    let is_apart = start.ends_with(|c: char| !c.is_alphanumeric()) && !start.contains(|c: char| c.is_ascii_digit());
    (is_apart && number.parse::<f64>().is_ok_and(f64::is_finite)).then_some((start.trim(), number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_tables_often_hold_are_named() {
        let missing = MissingWords::new(None);
        let named = |text: &str, words: &str| {
            let hint = hint(text, &missing).unwrap_or_else(|| panic!("{text:?}"));
            assert!(hint.contains(words), "{text:?}: {hint}");
        };
        ["#DIV/0!", "#REF!", "#Div/0!", "#BUSY!", "#FIELD!", "#name?"]
            .iter()
            .for_each(|text| named(text, "an error of a spreadsheet"));
        ["-", "Na", "unknown", "-nan(ind)", "+nan", "(null)", "NaT", "\u{2013}", "-1.#IND000", "1.#QNAN0"]
            .iter()
            .for_each(|text| named(text, "data.missing"));
        ["2024-01-05", "5.1.2024", "05/01/24", "2024-01-05T12:30:00Z", "12:30", "1:02:03.5"]
            .iter()
            .for_each(|text| named(text, "a date or a time"));
        let replaced = hint("#N/A", &MissingWords::new(Some(&[]))).unwrap();
        assert!(replaced.ends_with("data.missing, which has no words"), "{replaced}");
        named("1e5x", "\"x\" follows the number 1e5");
        named("12 cm", "\"cm\" follows the number 12");
        for (text, words) in [
            ("<5", "\"<\" stands before the number 5"),
            ("USD -1.5e3", "\"USD\" stands before the number -1.5e3"),
        ] {
            named(text, words);
        }
        for text in ["#", "(-5)", "A-5", "", "Rome", "a1", "1a2b", "1.2.3.4", "12345-67", "3.14"] {
            assert_eq!(hint(text, &missing), None, "{text:?}");
        }
    }
}
