//! Where a key is in a configuration's text, and messages of the TOML reader in our words.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::Error;

/// The text of a configuration, and what messages call it.
pub(super) struct TomlText<'a> {
    pub(super) text: &'a str,
    pub(super) name: &'a str,
}

/// A key of the text.
struct Entry {
    /// The dotted key.
    path: String,
    /// Where the key is in the text.
    key: Range<usize>,
    /// Where the value is. For a table, where its key is.
    value: Range<usize>,
}

impl TomlText<'_> {
    /// Adds the key, the value and the line to an error of the TOML reader.
    pub(super) fn error(&self, error: &toml::de::Error) -> Error {
        let Some(span) = error.span() else {
            return Error::Config { place: self.name.into(), message: error.message().into() };
        };
        let entries = self.entries();
        let entry = entries
            .iter()
            .find(|entry| entry.key.contains(&span.start) || entry.value.contains(&span.start));
        let message = match entry {
            Some(entry) => explained(&entry.path, &self.text[entry.value.clone()], error.message()),
            None => format!("not TOML: {}", error.message().replace('\n', ", ")),
        };
        Error::Config { place: self.location(span.start), message }
    }

    /// The file and line of a key. If it is not set, the file.
    pub(super) fn location_of(&self, path: &str) -> String {
        let entries = self.entries();
        let entry = entries.iter().find(|entry| entry.path == path);
        entry.map_or_else(|| self.name.into(), |entry| self.location(entry.key.start))
    }

    fn location(&self, offset: usize) -> String {
        let line = 1 + self.text[..offset].matches('\n').count();
        format!("{}:{line}", self.name)
    }

    /// Every key of the text. Text that is not TOML has the keys that can be read in spite of that.
    fn entries(&self) -> Vec<Entry> {
        let (table, _) = DeTable::parse_recoverable(self.text);
        let mut entries = Vec::new();
        collect("", table.get_ref(), &mut entries);
        entries
    }
}

fn collect(prefix: &str, table: &DeTable<'_>, entries: &mut Vec<Entry>) {
    for (name, value) in table {
        let path = format!("{prefix}{}", name.get_ref());
        let key = Spanned::span(name);
        match value.get_ref() {
            DeValue::Table(inner) => {
                collect(&format!("{path}."), inner, entries);
                entries.push(Entry { path, key: key.clone(), value: key });
            }
            _ => entries.push(Entry { path, key, value: Spanned::span(value) }),
        }
    }
}

/// A message of the TOML reader in our form: the key, its value, and what is accepted.
pub(super) fn explained(key: &str, value: &str, message: &str) -> String {
    if let Some(rest) = message.strip_prefix("unknown field") {
        return format!("{key}: unknown key{}", accepted_names(rest));
    }
    if let Some(rest) = message.strip_prefix("unknown variant") {
        return format!("{key} = {value}: not accepted{}", accepted_names(rest));
    }
    let expected = message.rsplit_once("expected ").map(|(_, expected)| match expected {
        "f64" => "a number",
        "i64" | "usize" => "a whole number",
        "u32" => "a whole number from 0 to 4,294,967,295",
        "a string" | "path string" => "text in quotation marks",
        "a sequence" => "a list",
        table if table.starts_with("struct ") => "a table",
        other => other,
    });
    match expected {
        Some(expected) => format!("{key} = {value}: must be {expected}"),
        None => format!("{key} = {value}: {message}"),
    }
}

/// "; accepted: a, b" from the reader's "... expected one of `a`, `b`" or "... expected `a`".
fn accepted_names(message: &str) -> String {
    let names = message.split_once("expected").map_or("", |(_, names)| names);
    let names = names
        .trim()
        .trim_start_matches("one of ")
        .replace('`', "")
        .replace(" or ", ", ");
    if names.is_empty() { names } else { format!("; accepted: {names}") }
}
