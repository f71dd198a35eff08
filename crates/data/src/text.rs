//! Text for people: numbers, plurals, and words that are safe in a terminal or a shell.

use std::borrow::Cow;
use std::path::Path;

/// A whole number with commas between groups of three digits, `10,000`.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with six significant digits. Very large and very small numbers get a power of ten, `1e6`.
pub fn short(number: f64) -> String {
    let number = number + 0.0; // turns -0 into 0
    let scientific = format!("{number:.5e}");
    let (digits, power) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match power.parse::<i32>() {
        Ok(power @ -4..6) => without_trailing_zeros(&format!("{number:.decimals$}", decimals = (5 - power) as usize)),
        _ => format!("{}e{power}", without_trailing_zeros(digits)),
    }
}

/// A number with all its digits. Very large and very small numbers get a power of ten, `1e30`.
pub fn exact(number: f64) -> String {
    match number.abs() {
        0.0 | 1e-5..1e21 => (number + 0.0).to_string(), // turns -0 into 0
        _ => format!("{number:e}"),
    }
}

/// A number with a fixed number of decimals, or in the form of [`short`] if it would have more than nine digits before them.
pub fn fixed(number: f64, decimals: usize) -> String {
    if number.abs() < 1e9 || number.is_nan() {
        format!("{number:.decimals$}")
    } else {
        short(number)
    }
}

/// The word in the singular for a count of 1, otherwise with an s.
pub fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

/// The text with control characters written as escapes, those for the direction of text included. So it stays on one line,
/// cannot control a terminal, and is shown in the order of its characters.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if is_control(c) { line.extend(c.escape_default()) } else { line.push(c) }
    }
    line
}

/// The text with control characters written as escapes, except line ends and tabs. So it cannot control a terminal. The
/// escapes are those of JSON, so JSON keeps its meaning.
pub fn printable(text: &str) -> Cow<'_, str> {
    let must_escape = |c: char| is_control(c) && !matches!(c, '\n' | '\t');
    if !text.contains(must_escape) {
        return Cow::Borrowed(text);
    }
    let escaped = |c: char| if must_escape(c) { format!("\\u{:04x}", c as u32) } else { c.into() };
    text.chars().map(escaped).collect::<String>().into()
}

/// Whether the character is a control character, or changes the direction of text (Unicode's property `Bidi_Control`). A
/// terminal shows the name `a\u{202e}vsc.b` as `ab.csv`, because U+202E reverses the order of the characters after it.
fn is_control(c: char) -> bool {
    let is_direction =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || is_direction
}

/// The word with single quotes around it if a shell would otherwise interpret a character of it.
pub fn shell_quote(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./=,:+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Quotes a path for a shell. A path that starts with `-` gets `./` before it, so that no program mistakes it for an option.
pub fn shell_quote_path(path: &Path) -> String {
    let path = path.display().to_string();
    shell_quote(&if path.starts_with('-') { format!("./{path}") } else { path })
}

/// A decimal number without zeros at its end.
fn without_trailing_zeros(number: &str) -> String {
    if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.').into()
    } else {
        number.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated_by_commas() {
        let numbers = [0, 7, 999, 1_000, 45_678, 123_456, 1_234_567];
        let texts = numbers.map(grouped);
        assert_eq!(texts, ["0", "7", "999", "1,000", "45,678", "123,456", "1,234,567"]);
    }

    #[test]
    fn special_characters_are_quoted_and_a_path_is_never_an_option() {
        let words = ["runs/a-2", "a b", "it's", "", "[2]", "$x", "~"].map(shell_quote);
        assert_eq!(words, ["runs/a-2", "'a b'", r"'it'\''s'", "''", "'[2]'", "'$x'", "'~'"]);
        let paths = ["runs/x", "-x", "-a b"].map(|path| shell_quote_path(Path::new(path)));
        assert_eq!(paths, ["runs/x", "./-x", "'./-a b'"]);
    }

    #[test]
    fn control_characters_become_escapes() {
        assert_eq!(one_line("a\nb\t\u{1b}[31m \u{85}\"é\\"), "a\\nb\\t\\u{1b}[31m \\u{85}\"é\\");
        assert_eq!(printable("a\nb\t\u{1b}[31m\r\u{85}"), "a\nb\t\\u001b[31m\\u000d\\u0085");
    }

    #[test]
    fn characters_that_change_the_direction_of_text_become_escapes() {
        for c in "\u{61c}\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}".chars() {
            assert_eq!(one_line(&format!("a{c}b")), format!("a\\u{{{:x}}}b", c as u32));
            assert_eq!(printable(&format!("a{c}b")), format!("a\\u{:04x}b", c as u32));
        }
        // Letters, and joiners as in Persian words and emoji, stay.
        for text in ["שלום", "می\u{200c}خواهم", "\u{1f469}\u{200d}\u{1f52c}"] {
            assert_eq!((&*one_line(text), &*printable(text)), (text, text));
        }
    }

    #[test]
    fn numbers_have_six_significant_digits() {
        let numbers = [1.2, 0.1 + 0.2, 1000.0, 3_918.243_617, 1e6, 999_999.6, 1e-5, 0.00012, 3.918_24e305];
        let texts = ["1.2", "0.3", "1000", "3918.24", "1e6", "1e6", "1e-5", "0.00012", "3.91824e305"];
        assert_eq!(numbers.map(short), texts);
        let numbers = [0.25, -123_456_789.25, 1e9, -9.276_54e37, f64::INFINITY, f64::NAN];
        let texts = ["0.2500", "-123456789.2500", "1e9", "-9.27654e37", "inf", "NaN"];
        assert_eq!(numbers.map(|number| fixed(number, 4)), texts);
    }
}
