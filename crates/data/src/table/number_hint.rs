//! What a cell looks like that is no number in any form, for messages: a date, an error of a spreadsheet, a word for missing.

use super::likeness::is_dash;
use super::missing_words::{DEFAULT_MISSING_WORDS, MissingWords};
use crate::text::one_line;

/// The longest text that is looked at. A longer one is no number.
const MAX_LENGTH: usize = 60;

/// The errors that spreadsheets write into cells, in lower case. `#N/A` counts as missing.
const SPREADSHEET_ERRORS: &str = "#div/0! #value! #ref! #name? #num! #null! #calc! #spill! #error! #busy! #field! #blocked! \
     #connect! #unknown! #python! #external! #getting_data";

/// Words that stand for a missing value and are not among the default words, in lower case, with `-` for every dash.
const LIKE_MISSING: &str =
    "- -- --- . .. na n.a. n.a nan +nan nan(ind) -nan(ind) 1.#ind 1.#qnan nil null (null) n/a nat <na>";
/// More words that often do. As labels and categories they have a meaning of their own.
const MAYBE_MISSING: &str = "none missing unknown undefined";

/// What a text looks like that is not a number in any form, if it looks like something that tables often hold.
pub(super) fn hint(text: &str, missing: &MissingWords) -> Option<String> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let lowercase = folded(text);
    if is_among(SPREADSHEET_ERRORS, &lowercase) {
        return Some(format!("it is an error of a spreadsheet; correct the formula, or {}", add_to(missing)));
    }
    let is_like_missing = is_among(LIKE_MISSING, &lowercase) || is_among(MAYBE_MISSING, &lowercase);
    if is_like_missing || DEFAULT_MISSING_WORDS.contains(&text) {
        return Some(format!("if it stands for a missing value, {}", add_to(missing)));
    }
    if is_date(text) {
        return Some("it looks like a date or a time; make a number of it, such as the days since a fixed day".into());
    }
    if let Some(power) = with_fortran_power(text) {
        return Some(format!("write {power}, with e before the power of ten"));
    }
    if let Some((number, rest)) = number_and_rest(text) {
        return Some(format!("{rest:?} follows the number {number}"));
    }
    let (before, number) = text.split_at(text.find(|c: char| c.is_ascii_digit() || "+-.".contains(c))?);
    // A number behind letters alone, such as `A1`, is a code.
    let is_apart = before.ends_with(|c: char| !c.is_alphanumeric());
    (is_apart && is_number(number)).then(|| format!("{:?} stands before the number {number}", before.trim()))
}

/// The texts that look like an error of a spreadsheet or a missing value. A `-` beside a `+` is a value.
pub(super) fn like_missing<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> Vec<String> {
    let has_plus = texts.clone().any(|text| text == "+");
    texts
        // A default word is a value only where data.missing was set without it.
        .filter(|text| text.len() <= MAX_LENGTH && !DEFAULT_MISSING_WORDS.contains(text) && !(has_plus && *text == "-"))
        .filter(|text| {
            [SPREADSHEET_ERRORS, LIKE_MISSING]
                .iter()
                .any(|words| is_among(words, &folded(text)))
        })
        .map(str::to_owned)
        .collect()
}

/// The text in the form of the lists of words. C programs on Windows write a NaN with any number of zeros at its end.
fn folded(text: &str) -> String {
    let text: String = text.chars().map(|c| if is_dash(c) { '-' } else { c }).collect();
    let text = text.to_lowercase();
    match text.strip_prefix('-').unwrap_or(&text) {
        nan if nan.starts_with("1.#") => nan.trim_end_matches('0').to_owned(),
        _ => text,
    }
}

fn is_among(words: &str, text: &str) -> bool {
    words.split(' ').any(|word| word == text)
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite) && text.contains(|c: char| c.is_ascii_digit())
}

/// A number of Fortran, such as 1D5, with e in place of the d.
fn with_fortran_power(text: &str) -> Option<String> {
    let power = text.replace(['d', 'D'], "e");
    (power != text && is_number(&power)).then_some(power)
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

/// Splits a text such as `12 cm` behind the longest number at its start. The rest has no digits.
fn number_and_rest(text: &str) -> Option<(&str, &str)> {
    let end = text.rfind(|c: char| c.is_ascii_digit() || c == '.')? + 1;
    let (number, rest) = text.split_at(end);
    (!rest.is_empty() && is_number(number)).then_some((number, rest.trim()))
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
        ["#DIV/0!", "#REF!"]
            .iter()
            .for_each(|text| named(text, "an error of a spreadsheet"));
        ["-", "Na", "unknown", "-nan(ind)"]
            .iter()
            .for_each(|text| named(text, "data.missing"));
        ["2024-01-05", "5.1.2024", "05/01/24", "2024-01-05T12:30:00Z", "12:30", "1:02:03.5"]
            .iter()
            .for_each(|text| named(text, "a date or a time"));
        let replaced = hint("#N/A", &MissingWords::new(Some(&[]))).unwrap();
        assert!(replaced.ends_with("data.missing, which has no words"), "{replaced}");
        named("1e5x", "\"x\" follows the number 1e5");
        named("12 cm", "\"cm\" follows the number 12");
        for text in ["", "Rome", "a1", "1a2b", "1.2.3.4", "12345-67", "3.14"] {
            assert_eq!(hint(text, &missing), None, "{text:?}");
        }
    }
}
