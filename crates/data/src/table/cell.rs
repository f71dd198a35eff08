//! What a field holds: a number, nothing, or text.
//!
//! Leaves out: which of these a column accepts.

/// A field that is no finite number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Odd {
    /// One of the ways to write that there is no value.
    Missing,
    /// Infinite as it is written.
    Infinite,
    /// Beyond the largest number.
    TooLarge,
    /// A number but for the comma in it.
    Comma,
    /// Bytes that are no text.
    NotUtf8,
    /// Anything else.
    Text,
}

impl Odd {
    /// What is accepted instead.
    pub fn accepted(self) -> &'static str {
        match self {
            Self::Missing => "a missing value",
            Self::Infinite => "must be finite",
            Self::TooLarge => "too large, must be at most 1.7976931348623157e308",
            Self::Comma => "must be a number with a decimal point, such as 3.14",
            Self::NotUtf8 => "must be UTF-8 text",
            Self::Text => "must be a number",
        }
    }

    /// The same where a category is expected.
    pub fn as_category(self) -> &'static str {
        match self {
            Self::Missing => "a missing category; data.impute fills in numbers only",
            odd => odd.accepted(),
        }
    }

    /// The same where a label is expected.
    pub fn as_label(self) -> &'static str {
        match self {
            Self::Missing => "a missing label; data.unlabelled = \"skip\" would leave out the rows that have none",
            odd => odd.accepted(),
        }
    }
}

/// The field's number.
pub(super) fn number(field: &[u8]) -> Result<f64, Odd> {
    // Nearly all fields are plain numbers.
    let plain = std::str::from_utf8(field).ok().and_then(|text| text.parse().ok());
    match plain {
        Some(number) if f64::is_finite(number) => Ok(number),
        _ => odd_number(field),
    }
}

/// The field's text without blanks around it; none where it is missing.
pub(super) fn text(field: &[u8]) -> Result<&str, Odd> {
    let text = std::str::from_utf8(field).map_err(|_| Odd::NotUtf8)?.trim();
    if is_missing(text) { Err(Odd::Missing) } else { Ok(text) }
}

/// A field in a message: quoted, and cut where it is long.
pub(super) fn shown(field: &[u8]) -> String {
    const MOST: usize = 40;
    // Of any field a few bytes for each character are enough.
    let text = String::from_utf8_lossy(&field[..field.len().min(4 * MOST)]);
    let text = text.trim();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{:?}", format!("{}...", &text[..end])),
        None => format!("{text:?}"),
    }
}

fn odd_number(field: &[u8]) -> Result<f64, Odd> {
    let text = text(field)?;
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        Ok(number) if number.is_nan() => Err(Odd::Text),
        // Written in digits or as a word?
        Ok(_) if text.contains(|c: char| c.is_ascii_digit()) => Err(Odd::TooLarge),
        Ok(_) => Err(Odd::Infinite),
        Err(_) if text.contains(',') && text.replacen(',', ".", 1).parse::<f64>().is_ok() => Err(Odd::Comma),
        Err(_) => Err(Odd::Text),
    }
}

fn is_missing(text: &str) -> bool {
    matches!(text, "" | "NA" | "N/A" | "n/a" | "NaN" | "nan" | "NULL" | "null" | "None" | "?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_rust_reads_and_the_rest_is_told_apart() {
        let numbers =
            [("1", 1.0), (" -2.5e3\t", -2500.0), ("+.5", 0.5), ("7.", 7.0), ("\u{a0}4", 4.0), ("1e-999", 0.0)];
        for (field, value) in numbers {
            assert_eq!(number(field.as_bytes()), Ok(value), "{field:?}");
        }
        let missing = ["", " ", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", " ? "];
        let others = [
            ("inf", Odd::Infinite),
            ("-Infinity", Odd::Infinite),
            ("1e999", Odd::TooLarge),
            ("-1e309", Odd::TooLarge),
            ("3,14", Odd::Comma),
            ("1,2,3", Odd::Text),
            ("-NaN", Odd::Text),
            ("abc", Odd::Text),
            ("0x10", Odd::Text),
            ("1_000", Odd::Text),
        ];
        for (field, odd) in missing.map(|field| (field, Odd::Missing)).into_iter().chain(others) {
            assert_eq!(number(field.as_bytes()), Err(odd), "{field:?}");
        }
        assert_eq!(number(b"\xff1"), Err(Odd::NotUtf8));
    }

    #[test]
    fn fields_are_shown_short() {
        assert_eq!(shown(b" a\"b "), r#""a\"b""#);
        assert_eq!(shown("é".repeat(5000).as_bytes()), format!("\"{}...\"", "é".repeat(40)));
        assert_eq!(shown(b"\xff\xfe"), "\"\u{fffd}\u{fffd}\"");
    }
}
