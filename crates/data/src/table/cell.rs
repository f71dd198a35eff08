//! Parses one cell of a table, as a number or as text.
//!
//! The columns decide which of the two they accept.

/// Why a cell was not accepted as a number, a category or a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CellError {
    /// The cell is empty, or holds a marker for a missing value such as `NA`.
    Missing,
    /// Infinity, written as a word such as `inf`.
    Infinite,
    /// A number in digits that is larger than the largest f64.
    TooLarge,
    /// A number with a decimal comma.
    DecimalComma,
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// Any other text.
    NotANumber,
}

impl CellError {
    /// The message where a number is expected.
    pub fn message(self) -> &'static str {
        match self {
            Self::Missing => "a missing value",
            Self::Infinite => "must be finite",
            Self::TooLarge => "too large, must be at most 1.7976931348623157e308",
            Self::DecimalComma => "must be a number with a decimal point, such as 3.14",
            Self::NotUtf8 => "must be UTF-8 text",
            Self::NotANumber => "must be a number",
        }
    }

    /// The message where a category is expected.
    pub fn category_message(self) -> &'static str {
        match self {
            Self::Missing => "a missing category; data.impute fills in numbers only",
            error => error.message(),
        }
    }

    /// The message where a label is expected.
    pub fn label_message(self) -> &'static str {
        match self {
            Self::Missing => "a missing label; data.unlabelled = \"skip\" would leave out the rows that have none",
            error => error.message(),
        }
    }
}

/// Parses a cell as a finite number.
pub(super) fn parse_number(cell: &[u8]) -> Result<f64, CellError> {
    // Nearly all cells are plain numbers, so they are tried first.
    let plain = std::str::from_utf8(cell).ok().and_then(|text| text.parse().ok());
    match plain {
        Some(number) if f64::is_finite(number) => Ok(number),
        _ => parse_unusual_number(cell),
    }
}

/// Parses a cell as text, without the white space around it.
pub(super) fn parse_text(cell: &[u8]) -> Result<&str, CellError> {
    let text = std::str::from_utf8(cell).map_err(|_| CellError::NotUtf8)?.trim();
    if is_missing(text) { Err(CellError::Missing) } else { Ok(text) }
}

/// Parses a number with white space around it, or finds out why the cell is not a number.
fn parse_unusual_number(cell: &[u8]) -> Result<f64, CellError> {
    let text = parse_text(cell)?;
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        Ok(number) if number.is_nan() => Err(CellError::NotANumber),
        // Rust parses both `1e999` and `inf` to infinity.
        Ok(_) if text.contains(|c: char| c.is_ascii_digit()) => Err(CellError::TooLarge),
        Ok(_) => Err(CellError::Infinite),
        Err(_) if has_decimal_comma(text) => Err(CellError::DecimalComma),
        Err(_) => Err(CellError::NotANumber),
    }
}

fn has_decimal_comma(text: &str) -> bool {
    text.contains(',') && text.replacen(',', ".", 1).parse::<f64>().is_ok()
}

fn is_missing(text: &str) -> bool {
    matches!(text, "" | "NA" | "N/A" | "n/a" | "NaN" | "nan" | "NULL" | "null" | "None" | "?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_parsed_as_rust_does() {
        let numbers =
            [("1", 1.0), (" -2.5e3\t", -2500.0), ("+.5", 0.5), ("7.", 7.0), ("\u{a0}4", 4.0), ("1e-999", 0.0)];
        for (cell, value) in numbers {
            assert_eq!(parse_number(cell.as_bytes()), Ok(value), "{cell:?}");
        }
    }

    #[test]
    fn every_cell_that_is_not_a_number_has_its_own_error() {
        let missing = ["", " ", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", " ? "];
        for cell in missing {
            assert_eq!(parse_number(cell.as_bytes()), Err(CellError::Missing), "{cell:?}");
        }
        let others = [
            ("inf", CellError::Infinite),
            ("-Infinity", CellError::Infinite),
            ("1e999", CellError::TooLarge),
            ("-1e309", CellError::TooLarge),
            ("3,14", CellError::DecimalComma),
            ("1,2,3", CellError::NotANumber),
            ("-NaN", CellError::NotANumber),
            ("abc", CellError::NotANumber),
            ("0x10", CellError::NotANumber),
            ("1_000", CellError::NotANumber),
        ];
        for (cell, error) in others {
            assert_eq!(parse_number(cell.as_bytes()), Err(error), "{cell:?}");
        }
        assert_eq!(parse_number(b"\xff1"), Err(CellError::NotUtf8));
    }
}
