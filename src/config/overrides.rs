//! Settings given on the command line, which replace those of the file.

use serde::de::DeserializeOwned;
use toml::de::DeTable;
use toml::{Table, Value};

use super::reader::{self, Fault};
use super::repair::{QUOTATION_MARKS, repaired};
use super::sweep::full_key;
use super::toml_text;
use crate::error::{Error, Result};

/// The largest number of parts in a dotted key. No setting has as many. A deeper table could overflow the stack.
const MAX_KEY_DEPTH: usize = 8;

/// A setting given on the command line, which replaces that of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The option as the user wrote it, for error messages.
    pub option: String,
    /// The dotted key, such as `train.learning_rate`.
    pub key: String,
    /// The value as TOML. Text that is not TOML is taken as a string.
    pub value: String,
}

impl Override {
    /// Parses the `KEY=VALUE` of `--set`.
    ///
    /// # Errors
    /// When there is no `=`, no key, no value, or a key with a dot too many.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        let (key, value) = (key.trim(), value.trim());
        if key.is_empty() || value.is_empty() {
            return Err("must be KEY=VALUE, such as train.learning_rate=0.5".into());
        }
        if key.split('.').any(|part| part.trim().is_empty()) {
            return Err("a key has a name on each side of a dot, such as train.learning_rate".into());
        }
        Ok(Self { option: format!("--set {text}"), key: key.into(), value: value.into() })
    }

    /// A text value for a key with its own option, such as `--device`.
    pub fn option(option: &str, key: &str, value: &str) -> Self {
        Self { option: format!("{option} {value}"), key: key.into(), value: format!("{value:?}") }
    }

    /// A number for a key with its own option, such as `--updates`.
    pub fn number(option: &str, key: &str, value: usize) -> Self {
        Self { option: format!("{option} {value}"), key: key.into(), value: value.to_string() }
    }

    /// A configuration's table with this value in it, and the settings in this table. `earlier` are the overrides in the table.
    ///
    /// A rule for the initial weights takes the place of the file's `init_scale`, which belongs to the file's rule. With an
    /// `init_scale` on the command line it is a contradiction.
    ///
    /// # Errors
    /// When the key does not exist, or its value is not accepted.
    pub(super) fn apply<T: DeserializeOwned>(&self, table: &Table, earlier: &[Self]) -> Result<(Table, T)> {
        let keeps_scale = self.key != "model.init" || earlier.iter().any(|change| change.key == "model.init_scale");
        let read = |value: Value| {
            let mut changed = table.clone();
            insert(&mut changed, &self.key, value)?;
            if !keeps_scale {
                remove_unused_scale(&mut changed);
            }
            reader::read(&changed).map(|settings| (changed, settings))
        };
        let text = Value::String(self.value.clone());
        let parsed = |value: &str| parsed(&self.key, value);
        let value: Option<Value> = parsed(&self.value);
        let repair = repaired(&self.value);
        match (value, repair) {
            // Text for a setting may look like a number, such as 2024 for a name.
            (Some(value), _) => read(value).or_else(|fault| read(text).map_err(|_| fault)),
            // A list without quotation marks around its text.
            (None, Some(repair)) if repair.value.starts_with('[') => match parsed(&repair.value) {
                Some(list) => read(list).and_then(|accepted| {
                    let way_out = format!("write {}={}", self.key, repair.value);
                    let is_text = repair.rule == QUOTATION_MARKS;
                    is_text
                        .then_some(accepted)
                        .ok_or_else(|| Fault::new(&self.key, repair.rule).with_way_out(&way_out))
                }),
                None => read(text),
            },
            (None, repair) => read(text).map_err(|fault| {
                let accepted = repair.filter(|repair| parsed(&repair.value).is_some_and(|value| read(value).is_ok()));
                match accepted {
                    Some(repair) => fault.with_way_out(&format!("write {}={}", self.key, repair.value)),
                    None => fault,
                }
            }),
        }
        .map_err(|fault| {
            // A key below a setting that has none, such as `device.kind`.
            let is_above = self.key.strip_prefix(&fault.key).is_some_and(|rest| rest.starts_with('.'));
            let fault = if is_above && fault.known_keys().is_empty() {
                Fault::unknown_key(&self.key, &[])
            } else {
                fault
            };
            Error::Config { place: self.option.clone(), message: fault.message::<T>(&self.value) }
        })
    }

    /// Whether this changes the value of a dotted key.
    pub(super) fn sets(&self, key: &str) -> bool {
        match (self.key.strip_prefix("sweep."), key.strip_prefix("sweep.")) {
            (Some(ours), Some(theirs)) => full_key(ours) == full_key(theirs),
            _ => self.key == key,
        }
    }
}

/// Puts the value of a dotted key into a configuration's table.
///
/// # Errors
/// When the key has too many parts, or a part of it has a value.
pub(super) fn insert(table: &mut Table, key: &str, value: Value) -> Result<(), Fault> {
    let mut path: Vec<&str> = key.split('.').collect();
    if path.len() > MAX_KEY_DEPTH {
        return Err(Fault::unknown_key(key, &[]));
    }

    // Below `sweep` a dotted key is one name. A file may have it as tables, or as `hidden`.
    if let Some(swept) = key.strip_prefix("sweep.") {
        if let Some(Value::Table(sweep)) = table.get_mut("sweep") {
            let entries = std::mem::take(sweep).into_iter();
            *sweep = entries.flat_map(|(name, value)| with_full_keys(&name, value)).collect();
        }
        path = vec!["sweep", full_key(swept)];
    }

    let last = path.pop().unwrap_or_default();
    let mut inner = table;
    for part in path {
        let entry = inner.entry(part).or_insert_with(|| Value::Table(Table::new()));
        inner = entry.as_table_mut().ok_or_else(|| Fault::unknown_key(key, &[]))?;
    }
    inner.insert(last.into(), value);

    // Both keys set the length of training. The later one counts.
    if key == "train.updates" {
        inner.remove("epochs");
    }
    Ok(())
}

/// Removes `init_scale` where `model.init` is a rule that does not use it.
pub(super) fn remove_unused_scale(table: &mut Table) {
    if let Some(Value::Table(model)) = table.get_mut("model")
        && model.get("init").is_some_and(|init| init.as_str() != Some("scaled"))
    {
        model.remove("init_scale");
    }
}

/// The values of a table below `sweep` by their dotted keys.
fn with_full_keys(name: &str, value: Value) -> Vec<(String, Value)> {
    match value {
        Value::Table(table) => table
            .into_iter()
            .flat_map(|(inner, value)| with_full_keys(&format!("{name}.{inner}"), value))
            .collect(),
        value => vec![(full_key(name).to_owned(), value)],
    }
}

/// A TOML value for a dotted key.
pub(super) fn parsed(key: &str, value: &str) -> Option<Value> {
    let text = format!("value = {value}");
    let table = DeTable::parse(&text).ok()?;
    let value = table.get_ref().get("value").filter(|_| table.get_ref().len() == 1)?;
    Some(toml_text::value(key, value.get_ref()))
}
