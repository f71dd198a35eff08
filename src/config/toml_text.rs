//! The text of a configuration: its values, where they are in it, and what is wrong with text that is not TOML.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::reader::{self, Fault};
use super::repair::repaired;
use super::sweep::full_key;
use crate::error::{Error, Result};

/// The longest value that a message repeats, in characters.
const MAX_SHOWN: usize = 80;

/// The settings that hold values of cells: a key, and the items of a list. In a sweep each is an item of one more list.
const CELL_KEYS: [&str; 4] = ["data.positive", "data.missing[]", "sweep.data.positive[]", "sweep.data.missing[][]"];

/// The text of a configuration, and what messages call it.
pub(crate) struct TomlText<'a> {
    pub(crate) text: &'a str,
    pub(crate) name: &'a str,
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

/// A line `KEY = VALUE` of the text.
struct Assignment<'a> {
    /// The key as it is written.
    key: &'a str,
    /// The dotted key, with the table of the last header.
    path: String,
    value: &'a str,
}

impl<'a> TomlText<'a> {
    /// The values of the text.
    ///
    /// # Errors
    /// When the text is not TOML. If the message proposes a value, the settings `T` accept it.
    pub(crate) fn parse<T: DeserializeOwned>(&self) -> Result<Table> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        match errors.first() {
            None => Ok(values("", table.get_ref())),
            Some(error) => {
                let start = error.span().map_or(0, |span| span.start);
                let message = self.syntax_error::<T>(start, error.message());
                Err(Error::Config { place: self.location(start), message })
            }
        }
    }

    /// The error of one of the settings `T` that is not accepted.
    pub(super) fn error<T: DeserializeOwned>(&self, fault: &Fault) -> Error {
        self.error_below::<T>("", fault)
    }

    /// The error of one of the settings `T` below a dotted key.
    fn error_below<T: DeserializeOwned>(&self, path: &str, fault: &Fault) -> Error {
        let key = dotted(path, &fault.key);
        Error::Config { place: self.location_of(&key), message: fault.message::<T>(&self.value_of(&key)) }
    }

    /// Reads settings from a table of the text, which stands below a dotted key. The messages name keys as the settings do.
    ///
    /// # Errors
    /// The first setting that is not accepted.
    #[cfg(feature = "play")]
    pub(crate) fn read<T: DeserializeOwned>(&self, path: &str, table: &Table) -> Result<T> {
        reader::read(table).map_err(|fault| self.error_below::<T>(path, &fault))
    }

    /// The value of a key on one line, as it is written. If it is not set, nothing.
    pub(crate) fn value_of(&self, path: &str) -> String {
        let entries = self.entries();
        let entry = entries.iter().find(|entry| entry.path == path);
        shortened(entry.map_or("", |entry| &self.text[entry.value.clone()]))
    }

    /// The file and line of a key. If it is not set, the file.
    pub(crate) fn location_of(&self, path: &str) -> String {
        self.location_of_any(&[path])
    }

    /// The file and line of the first of these keys that is set. If none is, the file.
    pub(crate) fn location_of_any(&self, paths: &[&str]) -> String {
        let entries = self.entries();
        let is_at = |entry: &Entry, path: &str| match entry.path.strip_prefix("sweep.") {
            Some(name) => path.strip_prefix("sweep.").map(full_key) == Some(full_key(name)),
            None => entry.path == path,
        };
        let entry = paths.iter().find_map(|path| entries.iter().find(|entry| is_at(entry, path)));
        entry.map_or_else(|| self.name.into(), |entry| self.location(entry.key.start))
    }

    fn location(&self, offset: usize) -> String {
        format!("{}:{}", self.name, self.line(offset))
    }

    fn line(&self, offset: usize) -> usize {
        1 + self.text[..offset].matches('\n').count()
    }

    /// What is wrong with text that is not TOML: the key, its value, and how to write it.
    fn syntax_error<T: DeserializeOwned>(&self, start: usize, message: &str) -> String {
        if message == "duplicate key" {
            return self.set_twice(start);
        }
        let character = self.text[start..].chars().next();
        if let Some(c) = character.filter(|c| !c.is_ascii() && (c.is_whitespace() || c.escape_debug().len() > 1)) {
            return format!("not TOML: {} is an invisible character; remove it or write a space", c.escape_unicode());
        }
        if character == Some('\r') || message.starts_with("carriage return") {
            return "not TOML: a carriage return (\\r) without a line feed (\\n) after it ends no line; save the file with one \
                    kind of line end"
                .into();
        }
        let Some(Assignment { key, path, value }) = self.assignment(start) else {
            let (header, _) = self.header_and_line(start);
            let line = self.text[..start].rsplit('\n').next().unwrap_or_default();
            let rest = self.text[start..].lines().next().unwrap_or_default();
            let hint = match without_equals_sign::<T>(header, &format!("{line}{rest}")) {
                Some(hint) => hint,
                None => message.replace('\n', ", "),
            };
            return format!("not TOML: {hint}");
        };
        let shown = shortened(value);
        match (value.to_lowercase().as_str(), repaired(value)) {
            ("", _) => format!("{path}: needs a value; a key that is left out has its default"),
            ("none" | "null" | "nil", _) => format!("{path} = {shown}: leave the key out, then it has its default"),
            (_, Some(repair)) => match try_value::<T>(&path, &repair.value) {
                // A key below [[NAME]] cannot be tried alone.
                Some(Err(fault)) if !fault.is_above(&path) => fault.message::<T>(&shown),
                Some(_) => format!("{path} = {shown}: {}; write {key} = {}", repair.rule, repair.value),
                None => format!("{path} = {shown}: {}", repair.rule),
            },
            (_, None) => format!("{path} = {shown}: not TOML: {}", message.replace('\n', ", ")),
        }
    }

    /// The message about a key that is set a second time at `start`.
    fn set_twice(&self, start: usize) -> String {
        let (header, line) = self.header_and_line(start);
        if line.contains('{') {
            let key = self.text[start..].split('=').next().unwrap_or_default().trim();
            return format!("{key}: set twice in one table");
        }
        let name = header_name(line);
        let path = match name {
            Some(name) => name.to_owned(),
            None => dotted(header, line.split('=').next().unwrap_or_default()),
        };
        let first = self
            .first_line_with(&path, start)
            .map_or(String::new(), |line| format!(" (first in line {line})"));
        let way_out = name.map_or(String::new(), |name| format!("; write all its keys below one [{name}]"));
        format!("{path}: set twice{first}{way_out}")
    }

    /// The first line before an offset with a key, or with a key of the table of this name.
    fn first_line_with(&self, path: &str, offset: usize) -> Option<usize> {
        let mut header = "";
        let mut lines = self.text[..offset].lines();
        let found = lines.position(|line| {
            let name = if let Some(name) = header_name(line) {
                header = name;
                name.to_owned()
            } else {
                let (key, _) = line.split_once('=').unwrap_or_default();
                dotted(header, key)
            };
            name.strip_prefix(path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        found.map(|index| index + 1)
    }

    /// The assignment at an offset. A list or a table in braces may begin on a line before.
    fn assignment(&self, offset: usize) -> Option<Assignment<'a>> {
        if let Some(inner) = self.assignment_in_braces(offset) {
            return Some(inner);
        }
        let (header, line) = self.header_and_line(offset);
        let (mut key, mut value) = line.split_once('=').unwrap_or(("", line));
        if !is_key(key) {
            let before = &self.text[..offset];
            let (start, _) = before
                .rmatch_indices('[')
                .find(|(start, _)| before[..*start].trim_end_matches([' ', '\t']).ends_with('='))?;
            let first_line = self.header_and_line(start).1;
            key = first_line.split('=').next().unwrap_or_default();
            let end = self.text[start..]
                .find(']')
                .map_or(self.text.len(), |length| start + length + 1);
            value = &self.text[start..end];
        }
        let key = Some(key.trim()).filter(|key| is_key(key))?;
        Some(Assignment { key, path: dotted(header, key), value: without_comment(value).trim() })
    }

    /// The assignment at an offset in a table such as `train = { updates = 5, seed = 1 }`.
    fn assignment_in_braces(&self, offset: usize) -> Option<Assignment<'a>> {
        let before = &self.text[..offset];
        let (brace, _) = before
            .rmatch_indices('{')
            .find(|(brace, _)| before[..*brace].trim_end_matches([' ', '\t']).ends_with('='))?;
        let (header, line) = self.header_and_line(brace);
        let table = Some(line.split('=').next()?).filter(|key| is_key(key))?;
        let inner = &self.text[brace + 1..];
        let inner = &inner[..inner.find(['}', '{']).unwrap_or(inner.len())];
        if brace + 1 + inner.len() < offset {
            return None; // the table ends before the offset
        }

        // A decimal comma is not the end of a value. So a value ends where the next key begins.
        let keys: Vec<(usize, &str)> = inner
            .match_indices('=')
            .filter_map(|(equals, _)| {
                let key = inner[..equals].trim_end().rsplit([',', ' ', '\t', '\n']).next()?;
                is_key(key).then_some((equals, key))
            })
            .collect();
        let start_of = |(equals, key): (usize, &str)| inner[..equals].trim_end().len() - key.len();
        let at = keys.iter().rposition(|&key| start_of(key) < offset - brace)?;
        let (equals, key) = keys[at];
        let end = keys.get(at + 1).map_or(inner.len(), |&next| start_of(next));
        let value = without_comment(&inner[equals + 1..end]).trim().trim_end_matches(',').trim();
        Some(Assignment { key, path: dotted(&dotted(header, table), key), value })
    }

    /// The name in the last header above an offset, and the line of the offset.
    fn header_and_line(&self, offset: usize) -> (&'a str, &'a str) {
        let mut header = "";
        let mut end = 0;
        for line in self.text.split_inclusive('\n') {
            end += line.len();
            if end > offset || end == self.text.len() {
                return (header, line.trim_end());
            }
            header = header_name(line).unwrap_or(header);
        }
        (header, "")
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
            // A list of tables, [[NAME]]: the keys of each have its index, NAME[0].KEY.
            DeValue::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if let DeValue::Table(inner) = item.get_ref() {
                        collect(&format!("{path}[{index}]."), inner, entries);
                    }
                }
                entries.push(Entry { path, key, value: Spanned::span(value) });
            }
            _ => entries.push(Entry { path, key, value: Spanned::span(value) }),
        }
    }
}

/// The values of a table. `prefix` is its dotted key with a dot at the end, or nothing.
fn values(prefix: &str, table: &DeTable<'_>) -> Table {
    table
        .iter()
        .map(|(key, item)| (key.get_ref().to_string(), value(&format!("{prefix}{}", key.get_ref()), item.get_ref())))
        .collect()
}

/// The value of a key, given as a dotted key.
pub(super) fn value(path: &str, item: &DeValue<'_>) -> Value {
    match item {
        // These settings are compared with the text of cells, so their numbers keep the digits that are written.
        DeValue::Float(number) if is_cell_key(path) => Value::String(number.as_str().into()),
        DeValue::Integer(number) if is_cell_key(path) => {
            let decimal = i64::from_str_radix(number.as_str(), number.radix()).map(|number| number.to_string());
            Value::String(decimal.unwrap_or_else(|_| number.to_string()))
        }
        DeValue::String(text) => Value::String(text.to_string()),
        // A whole number that no i64 can hold becomes a float, which every setting for whole numbers refuses with its range.
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Value::Float(f64::INFINITY), Value::Integer)
        }
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(truth) => Value::Boolean(*truth),
        DeValue::Datetime(date) => Value::Datetime(*date),
        DeValue::Array(list) => list
            .iter()
            .map(|item| value(&format!("{path}[]"), item.get_ref()))
            .collect::<Vec<Value>>()
            .into(),
        DeValue::Table(table) => Value::Table(values(&format!("{path}."), table)),
    }
}

/// Whether a dotted key is of a setting for cells. A lesson has its settings below `config`.
fn is_cell_key(path: &str) -> bool {
    CELL_KEYS.contains(&path.rsplit_once("config.").map_or(path, |(_, key)| key))
}

/// The name in a line `[NAME]` or `[[NAME]]`.
fn header_name(line: &str) -> Option<&str> {
    let line = without_comment(line).trim();
    let name = line.strip_prefix('[')?.strip_suffix(']')?;
    Some(name.trim_matches(['[', ']', ' '])).filter(|name| is_key(name))
}

/// The dotted key of a key below a header.
fn dotted(header: &str, key: &str) -> String {
    let key = key.trim();
    if header.is_empty() { key.into() } else { format!("{header}.{key}") }
}

/// Whether the text can be a key without quotation marks, with dots between its parts.
fn is_key(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c))
}

/// A value without the comment after it.
fn without_comment(value: &str) -> &str {
    let mut quotation_mark = None;
    for (index, c) in value.char_indices() {
        match quotation_mark {
            None if c == '#' => return &value[..index],
            None if c == '"' || c == '\'' => quotation_mark = Some(c),
            Some(mark) if c == mark => quotation_mark = None,
            _ => {}
        }
    }
    value
}

/// Whether the settings `T` accept a key with this value. `None` if that is not TOML.
fn try_value<T: DeserializeOwned>(path: &str, value: &str) -> Option<Result<(), Fault>> {
    let table: Table = toml::from_str(&format!("{path} = {value}")).ok()?;
    Some(reader::read::<T>(&table).map(|_| ()))
}

/// What is wrong with a line such as `updates: 5` below a header.
fn without_equals_sign<T: DeserializeOwned>(header: &str, line: &str) -> Option<String> {
    let line = without_comment(line).trim();
    if line.starts_with("//") || line.starts_with(';') {
        return Some("a comment begins with #".into());
    }
    let (key, value) = line.split_once([':', ' '])?;
    let value = value.trim();
    let value = repaired(value).map_or_else(|| value.to_owned(), |repair| repair.value);
    if !is_key(key) || value.is_empty() {
        return None;
    }
    let is_accepted = matches!(try_value::<T>(&dotted(header, key), &value), Some(Ok(())));
    let advice = if is_accepted { format!("; write {key} = {value}") } else { String::new() };
    Some(format!("a setting is KEY = VALUE{advice}"))
}

/// A value on one line, cut if it is long.
fn shortened(value: &str) -> String {
    let words: Vec<&str> = value.split_whitespace().collect();
    let line = if value.contains('\n') { words.join(" ") } else { value.to_owned() };
    match line.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line,
    }
}
