//! What somebody probably meant who wrote a value that is not TOML, such as `flower` without quotation marks or `0,5`.

use toml::Table;

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

/// A number with a decimal comma, without a digit beside its point, with leading zeros, spaces or a percent sign.
fn number(value: &str) -> Option<Repair> {
    let value = value.replace('\u{2212}', "-");
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

/// A list, in which every value that is not TOML is repaired.
fn list(value: &str) -> Option<Repair> {
    let items = value.strip_prefix('[')?.strip_suffix(']')?;
    if items.contains(['[', ']', '{']) {
        return None;
    }
    let mut rule = None;
    let mut repaired_items = Vec::new();
    for item in items.trim().trim_end_matches(',').split(',').map(str::trim) {
        match repaired(item) {
            None => repaired_items.push(item.to_owned()),
            Some(repair) => {
                rule.get_or_insert(repair.rule);
                repaired_items.push(repair.value);
            }
        }
    }
    Some(Repair { rule: rule?, value: format!("[{}]", repaired_items.join(", ")) })
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
    let text = value.trim_matches(['“', '”', '„', '‘', '’', '«', '»']);
    let first = text.chars().next()?;
    // `5 steps` or `5; seed = 3` is more than text without quotation marks.
    let is_text = !text.contains(['"', '\'', '=', ';', ':', ',', '[', ']', '{', '}']) || text.contains(":\\");
    let is_calculation = text.chars().all(|c| c.is_ascii_digit() || "+-*/^.()eE ".contains(c));
    let is_expression = is_calculation || (first.is_ascii_digit() && text.contains(' '));
    if !is_text || is_expression {
        return None;
    }
    let value = if text.contains('\\') { format!("'{text}'") } else { format!("\"{text}\"") };
    Some(Repair { rule: "text stands in quotation marks", value })
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
            ("20%", "0.2"),
            ("True", "true"),
            ("yes", "true"),
            ("OFF", "false"),
            ("[day, month]", "[\"day\", \"month\"]"),
            ("[\"day\", month,]", "[\"day\", \"month\"]"),
            ("[.5, 1]", "[0.5, 1]"),
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
