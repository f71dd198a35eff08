//! What somebody probably meant who wrote a value that is not TOML, such as `flower` without quotation marks or `0,5`.

use toml::Table;

/// The rule about text, which an option need not obey.
pub(super) const QUOTATION_MARKS: &str = "text stands in quotation marks";

/// A value that is TOML, in place of one that is not.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Repair {
    /// The rule that the value broke.
    pub(super) rule: &'static str,
    /// The value as TOML.
    pub(super) value: String,
}

/// Whether the text is a TOML value.
pub(super) fn is_toml(value: &str) -> bool {
    toml::from_str::<Table>(&format!("v = {value}")).is_ok_and(|table| table.len() == 1)
}

/// The nearest value that is TOML. `None` if the value is TOML, or if it is not clear what was meant.
pub(super) fn repaired(value: &str) -> Option<Repair> {
    if is_toml(value) {
        return None;
    }
    let repair = truth_value(value)
        .or_else(|| number(value))
        .or_else(|| list(value))
        .or_else(|| backslashes(value))
        .or_else(|| text(value));
    repair.filter(|repair| is_toml(&repair.value))
}

fn truth_value(value: &str) -> Option<Repair> {
    let value = match value.to_lowercase().as_str() {
        "true" | "yes" | "on" => "true",
        "false" | "no" | "off" => "false",
        _ => return None,
    };
    Some(Repair { rule: "must be true or false, in lower case", value: value.into() })
}

/// A number with a decimal comma, without a digit beside its point, with leading zeros, spaces, a percent sign, a typographic
/// minus, or in the full-width characters of East Asian text.
fn number(value: &str) -> Option<Repair> {
    let ascii = |c| match c {
        '\u{2212}' => '-',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    };
    let value: String = value.chars().map(ascii).collect();
    let (digits, is_percentage) = value.strip_suffix('%').map_or((&*value, false), |digits| (digits, true));
    let known = |c: char| c.is_ascii_digit() || "+-.,_' eE".contains(c);
    if !digits.contains(|c: char| c.is_ascii_digit()) || !digits.chars().all(known) {
        return None;
    }

    let digits = digits.replace(['_', '\'', ' '], "");
    // 1,234 may be 1234 or 1.234.
    let groups: Vec<&str> = digits.split(',').collect();
    if groups.len() > 1 && groups[1..].iter().all(|group| group.len() == 3) && groups[0] != "0" {
        let rule = "a number has no comma (a decimal comma is written as a point)";
        return Some(Repair { rule, value: digits.replace(',', "_") });
    }
    let digits = digits.replace(',', ".");
    let value = match (digits.parse::<i64>(), digits.parse::<f64>().ok()?) {
        (_, number) if is_percentage => format!("{:?}", number / 100.0),
        (Ok(number), _) => number.to_string(),
        (Err(_), number) => format!("{number:?}"),
    };
    let rule = if is_percentage {
        "a percentage is written as a fraction"
    } else {
        "numbers are written like 4, 0.5 or 1e-3"
    };
    Some(Repair { rule, value })
}

/// A list, in which every value that is not TOML is repaired. A word such as `no` is text there: no setting is a list of
/// truth values. The rule is one that an option must obey too, if there is one.
fn list(value: &str) -> Option<Repair> {
    let items = value.strip_prefix('[')?.strip_suffix(']')?;
    if items.contains(['[', ']', '{']) {
        return None;
    }
    let mut rules = Vec::new();
    let mut repaired_items = Vec::new();
    for item in items.trim().trim_end_matches(',').split(',').map(str::trim) {
        let repair = number(item).or_else(|| backslashes(item)).or_else(|| text(item));
        match repair.filter(|_| !is_toml(item)) {
            None => repaired_items.push(item.to_owned()),
            Some(repair) => {
                rules.push(repair.rule);
                repaired_items.push(repair.value);
            }
        }
    }
    let rule = rules.iter().find(|&&rule| rule != QUOTATION_MARKS).or(rules.first())?;
    Some(Repair { rule, value: format!("[{}]", repaired_items.join(", ")) })
}

/// Text in double quotation marks with a backslash that begins no escape.
fn backslashes(value: &str) -> Option<Repair> {
    let text = value.strip_prefix('"')?.strip_suffix('"')?;
    text.contains('\\').then(|| Repair {
        rule: "in \"...\" a backslash begins an escape such as \\t, in '...' it does not",
        value: format!("'{text}'"),
    })
}

/// Text without quotation marks, or with typographic ones.
fn text(value: &str) -> Option<Repair> {
    let text = value.trim_matches(['“', '”', '„', '‘', '’', '«', '»', '＂', '＇']);
    let first = text.chars().next()?;
    // `5 steps` or `5; seed = 3` is more than text without quotation marks.
    let is_text = !text.contains(['"', '\'', '=', ';', ':', ',', '[', ']', '{', '}']) || text.contains(":\\");
    let is_calculation = text.chars().all(|c| c.is_ascii_digit() || "+-*/^.()eE ".contains(c));
    let is_expression = is_calculation || (first.is_ascii_digit() && text.contains(' '));
    if !is_text || is_expression {
        return None;
    }
    let value = if text.contains('\\') { format!("'{text}'") } else { format!("\"{text}\"") };
    Some(Repair { rule: QUOTATION_MARKS, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_nearly_toml_are_repaired() {
        let cases = [
            ("flower", "\"flower\""),
            ("“flower”", "\"flower\""),
            ("data/a b.csv", "\"data/a b.csv\""),
            ("~/a.csv", "\"~/a.csv\""),
            ("C:\\temp\\new.csv", "'C:\\temp\\new.csv'"),
            ("\"C:\\Users\\new.csv\"", "'C:\\Users\\new.csv'"),
            ("04", "4"),
            (".5", "0.5"),
            ("-.5", "-0.5"),
            ("1.", "1.0"),
            ("0,5", "0.5"),
            ("1_000_", "1000"),
            ("3 000", "3000"),
            ("10,000", "10_000"),
            ("1e-3_", "0.001"),
            ("\u{2212}1", "-1"),
            ("０.５", "0.5"),
            ("－１，５", "-1.5"),
            ("＂flower＂", "\"flower\""),
            ("20%", "0.2"),
            ("True", "true"),
            ("yes", "true"),
            ("OFF", "false"),
            ("[day, month]", "[\"day\", \"month\"]"),
            ("[\"day\", month,]", "[\"day\", \"month\"]"),
            ("[.5, 1]", "[0.5, 1]"),
            ("[NA, no]", "[\"NA\", \"no\"]"),
        ];
        for (value, expected) in cases {
            assert_eq!(repaired(value).map(|repair| repair.value).as_deref(), Some(expected), "{value}");
        }
        // The first are TOML. Of the others it is not clear what was meant.
        for value in ["4", "\"a\"", "'C:\\temp'", "[1, 2]", "", "5 steps", "5; seed = 3", "1/2", "1E", "'it's'"] {
            assert_eq!(repaired(value), None, "{value}");
        }
    }
}
