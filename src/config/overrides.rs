//! Settings given on the command line, which replace those of the file.

use toml::{Table, Value};

use super::toml_text::explained;
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
    /// When there is no `=`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (key, value) = text
            .split_once('=')
            .ok_or("must be KEY=VALUE, such as train.learning_rate=0.5")?;
        Ok(Self { option: format!("--set {text}"), key: key.trim().into(), value: value.trim().into() })
    }

    /// A text value for a key with its own option, such as `--device`.
    pub fn option(option: &str, key: &str, value: &str) -> Self {
        Self { option: format!("{option} {value}"), key: key.into(), value: format!("{value:?}") }
    }

    /// A number for a key with its own option, such as `--updates`.
    pub fn number(option: &str, key: &str, value: usize) -> Self {
        Self { option: format!("{option} {value}"), key: key.into(), value: value.to_string() }
    }

    /// Puts the value into a configuration's table.
    pub(super) fn apply(&self, table: &mut Table) -> Result<()> {
        let mut path: Vec<&str> = self.key.split('.').collect();
        if path.len() > MAX_KEY_DEPTH {
            return Err(self.error("unknown field"));
        }

        let last = path.pop().unwrap_or_default();
        let mut inner = table;
        for part in path {
            let entry = inner.entry(part).or_insert_with(|| Value::Table(Table::new()));
            inner = entry.as_table_mut().ok_or_else(|| self.error("unknown field"))?;
        }
        inner.insert(last.into(), self.toml_value());

        // Both keys set the length of training. The later one counts.
        if self.key == "train.updates" {
            inner.remove("epochs");
        }
        Ok(())
    }

    fn toml_value(&self) -> Value {
        let parsed = toml::from_str::<Table>(&format!("value = {}", self.value)).ok();
        let value = parsed.and_then(|mut table| table.remove("value"));
        value.unwrap_or_else(|| Value::String(self.value.clone()))
    }

    /// The error of this override, from the message of the TOML reader.
    pub(super) fn error(&self, message: &str) -> Error {
        Error::Config { place: self.option.clone(), message: explained(&self.key, &self.value, message) }
    }
}
