//! Numbers and words as a person writes them.

use std::path::Path;

/// A whole number with its thousands set apart, `10,000`.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let head = digits.len() % 3;
    let mut text = digits[..head].to_owned();
    for start in (head..digits.len()).step_by(3) {
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(&digits[start..start + 3]);
    }
    text
}

/// A number in six digits, with a power of ten where it would be long.
pub fn short(number: f64) -> String {
    let number = number + 0.0; // no sign on a zero
    let scientific = format!("{number:.5e}");
    let (digits, power) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match power.parse::<i32>() {
        Ok(power @ -4..6) => trimmed(&format!("{number:.decimals$}", decimals = (5 - power) as usize)),
        _ => format!("{}e{power}", trimmed(digits)),
    }
}

/// A word, with an s where there is not one of it.
pub fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

/// The text with control characters, such as line ends, written as escapes: it stays on its line, and sends nothing to a
/// terminal.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() { line.extend(c.escape_default()) } else { line.push(c) }
    }
    line
}

/// A word as a POSIX shell takes it: in quotation marks where it holds anything that the shell would read.
pub fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./=,:+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// The same for a path, which no program takes for an option.
pub fn path_word(path: &Path) -> String {
    let path = path.display().to_string();
    shell_word(&if path.starts_with('-') { format!("./{path}") } else { path })
}

/// A decimal number without the zeros that end it.
fn trimmed(number: &str) -> String {
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
    fn thousands_are_set_apart() {
        let numbers = [0, 7, 999, 1_000, 45_678, 123_456, 1_234_567];
        let texts = numbers.map(grouped);
        assert_eq!(texts, ["0", "7", "999", "1,000", "45,678", "123,456", "1,234,567"]);
    }

    #[test]
    fn words_are_one_word_for_a_shell_and_paths_no_option() {
        let words = ["runs/a-2", "a b", "it's", "", "[2]", "$x", "~"].map(shell_word);
        assert_eq!(words, ["runs/a-2", "'a b'", r"'it'\''s'", "''", "'[2]'", "'$x'", "'~'"]);
        let paths = ["runs/x", "-x", "-a b"].map(|path| path_word(Path::new(path)));
        assert_eq!(paths, ["runs/x", "./-x", "'./-a b'"]);
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(one_line("a\nb\t\u{1b}[31m \u{85}\"é\\"), "a\\nb\\t\\u{1b}[31m \\u{85}\"é\\");
    }

    #[test]
    fn numbers_are_short_and_right() {
        let numbers = [1.2, 0.1 + 0.2, 1000.0, 3_918.243_617, 1e6, 999_999.6, 1e-5, 0.00012, 3.918_24e305];
        let texts = ["1.2", "0.3", "1000", "3918.24", "1e6", "1e6", "1e-5", "0.00012", "3.91824e305"];
        assert_eq!(numbers.map(short), texts);
    }
}
