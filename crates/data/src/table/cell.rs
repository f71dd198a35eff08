//! Parses one cell of a table, as a number or as text.
//!
//! The columns decide which of the two they accept.

use super::exact_number::ExactNumber;
use super::messages::quoted;
use super::missing_words::MissingWords;
use super::number_hint::hint;
use super::odd_number::OddNumber;

/// Why a cell was not accepted as a number, a category or a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CellError {
    /// The cell is empty, or holds a word for a missing value such as `NA`.
    Missing,
    /// Infinity, written as a word such as `inf`.
    Infinite,
    /// A number in digits that is larger than the largest f64.
    TooLarge,
    /// A number in an unusual form, such as `3,14` or `$5`.
    OddNumber,
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// Any other text.
    NotANumber,
}

impl CellError {
    /// The message where a number is expected.
    pub fn number_message(self, cell: &[u8], missing: &MissingWords) -> String {
        let message = match self {
            Self::Missing => "a missing value",
            Self::Infinite => "must be finite",
            Self::TooLarge => "too large, must be at most 1.7976931348623157e308",
            Self::NotUtf8 => "must be UTF-8 text",
            Self::OddNumber | Self::NotANumber => "must be a number",
        };
        let text = String::from_utf8_lossy(cell);
        match self {
            Self::OddNumber => OddNumber::parse(text.trim()).map_or_else(|| message.into(), |odd| odd.message()),
            Self::NotANumber => match hint(text.trim(), missing) {
                Some(hint) => format!("{message}; {hint}"),
                None => message.into(),
            },
            _ => message.into(),
        }
    }

    /// The message where a category is expected.
    pub fn category_message(self, cell: &[u8]) -> String {
        match self {
            Self::Missing => {
                format!("a missing category; data.impute fills in numbers only{}", word_hint(cell))
            }
            _ => "must be UTF-8 text".into(),
        }
    }

    /// The message where a label is expected.
    pub fn label_message(self, cell: &[u8]) -> String {
        match self {
            Self::Missing => format!(
                "a missing label; data.unlabelled = \"skip\" would leave out the rows that have none{}",
                word_hint(cell)
            ),
            _ => "must be UTF-8 text".into(),
        }
    }
}

/// Says how a word that means missing becomes a value for a trained network.
pub(super) fn word_hint_of_model(cell: &[u8]) -> String {
    match quoted(cell).as_str() {
        "\"\"" => String::new(),
        word => format!("; if {word} is a value here, train the network without it in data.missing"),
    }
}

/// Says how a word that means missing becomes a value.
pub(super) fn word_hint(cell: &[u8]) -> String {
    match quoted(cell).as_str() {
        "\"\"" => String::new(),
        word => format!("; if {word} is a value here, leave it out of data.missing (data.missing = [] has no words)"),
    }
}

/// Parses a cell as a finite number.
pub(super) fn parse_number(cell: &[u8], missing: &MissingWords) -> Result<f64, CellError> {
    // Nearly all cells are plain numbers, so they are tried first.
    let text = std::str::from_utf8(cell).ok();
    match text.and_then(|text| text.parse().ok()) {
        Some(number) if f64::is_finite(number) => {
            let is_missing = missing.contains_number(number, || ExactNumber::parse(text?));
            if is_missing { Err(CellError::Missing) } else { Ok(number) }
        }
        _ => parse_unusual_number(cell, missing),
    }
}

/// Parses a cell as text, without the white space around it.
pub(super) fn parse_text<'a>(cell: &'a [u8], missing: &MissingWords) -> Result<&'a str, CellError> {
    let text = std::str::from_utf8(cell).map_err(|_| CellError::NotUtf8)?.trim();
    if missing.contains(text) { Err(CellError::Missing) } else { Ok(text) }
}

/// Parses a number with white space around it, or finds out why the cell is not a number.
fn parse_unusual_number(cell: &[u8], missing: &MissingWords) -> Result<f64, CellError> {
    let text = parse_text(cell, missing)?;
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        Ok(number) if number.is_nan() => Err(CellError::NotANumber),
        // Rust parses both `1e999` and `inf` to infinity.
        Ok(_) if text.contains(|c: char| c.is_ascii_digit()) => Err(CellError::TooLarge),
        Ok(_) => Err(CellError::Infinite),
        // So C programs on Windows write infinity.
        Err(_) if matches!(text.trim_end_matches('0'), "1.#INF" | "-1.#INF") => Err(CellError::Infinite),
        Err(_) if OddNumber::parse(text).is_some() => Err(CellError::OddNumber),
        Err(_) => Err(CellError::NotANumber),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(cell: &str) -> Result<f64, CellError> {
        parse_number(cell.as_bytes(), &MissingWords::new(None))
    }

    #[test]
    fn numbers_are_parsed_as_rust_does() {
        let numbers =
            [("1", 1.0), (" -2.5e3\t", -2500.0), ("+.5", 0.5), ("7.", 7.0), ("\u{a0}4", 4.0), ("1e-999", 0.0)];
        for (cell, value) in numbers {
            assert_eq!(parse(cell), Ok(value), "{cell:?}");
        }
    }

    #[test]
    fn every_cell_that_is_not_a_number_has_its_own_error() {
        // pandas 2.3 takes all of these for missing, except `?` and `\N`.
        let missing = [
            "", " ", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", " ? ", "#N/A", "#N/A N/A", "#NA",
            "<NA>", "-NaN", "-nan", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN", "\\N",
        ];
        for cell in missing {
            assert_eq!(parse(cell), Err(CellError::Missing), "{cell:?}");
        }
        let others = [
            ("inf", CellError::Infinite),
            ("-1.#INF", CellError::Infinite),
            ("1.#INF00", CellError::Infinite),
            ("-Infinity", CellError::Infinite),
            ("1e999", CellError::TooLarge),
            ("-1e309", CellError::TooLarge),
            ("3,14", CellError::OddNumber),
            ("1_000", CellError::OddNumber),
            ("1,2,3", CellError::NotANumber),
            ("+nan", CellError::NotANumber),
            ("abc", CellError::NotANumber),
            ("0x10", CellError::NotANumber),
        ];
        for (cell, error) in others {
            assert_eq!(parse(cell), Err(error), "{cell:?}");
        }
        assert_eq!(parse_number(b"\xff1", &MissingWords::new(None)), Err(CellError::NotUtf8));
    }

    #[test]
    fn the_words_for_missing_can_be_replaced_and_may_be_numbers() {
        let words = ["-9999".to_owned(), " - ".to_owned(), "9007199254740993".to_owned()];
        let missing = MissingWords::new(Some(&words));
        for cell in ["", "-", "-9999", " -9999.0", "9007199254740993"] {
            assert_eq!(parse_number(cell.as_bytes(), &missing), Err(CellError::Missing), "{cell:?}");
        }
        assert_eq!(parse_number(b"9007199254740992", &missing), Ok(9_007_199_254_740_992.0));
        assert_eq!(parse_number(b"NA", &missing), Err(CellError::NotANumber));
        assert_eq!(parse_text(b"NA", &missing), Ok("NA"));
    }
}
