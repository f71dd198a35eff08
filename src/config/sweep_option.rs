//! The values of a key as `--sweep KEY=VALUES` has them: `tanh,relu`, `1..8`, or a list in TOML.

use toml::Value;

use super::overrides::{Override, parsed};
use super::sweep::MAX_RUNS;
use crate::data::text::grouped;

impl Override {
    /// Parses the `KEY=VALUES` of `--sweep`.
    ///
    /// # Errors
    /// When there is no key or no value, or when a range of whole numbers is empty or too long.
    pub fn parse_sweep(text: &str) -> Result<Self, String> {
        let (key, values) = text.split_once('=').unwrap_or((text, ""));
        let (key, values) = (key.trim(), values.trim());
        if key.is_empty() || values.is_empty() || key.split('.').any(|part| part.trim().is_empty()) {
            return Err("must be KEY=VALUES, such as model.hidden=1..8 or train.learning_rate=0.1,0.5".into());
        }

        // The text itself, or its items, may be TOML already.
        let is_list = |text: &str| parsed(key, text).is_some_and(|value| value.is_array());
        let value = if key == "seeds" || is_list(values) {
            values.to_owned()
        } else if is_list(&format!("[{values}]")) {
            format!("[{values}]")
        } else {
            let items = values.split(',').map(|item| items(key, item.trim()));
            Value::Array(items.collect::<Result<Vec<_>, _>>()?.concat()).to_string()
        };
        Ok(Self { option: format!("--sweep {text}"), key: format!("sweep.{key}"), value })
    }
}

/// The values of one item between commas: a range of whole numbers, a TOML value, or text.
fn items(key: &str, item: &str) -> Result<Vec<Value>, String> {
    let range = item
        .split_once("..")
        .and_then(|(first, last)| Some((first.trim().parse::<i64>().ok()?, last.trim().parse::<i64>().ok()?)));
    let Some((first, last)) = range else {
        return Ok(vec![parsed(key, item).unwrap_or_else(|| Value::String(item.into()))]);
    };
    let count = i128::from(last) - i128::from(first) + 1;
    if count < 1 {
        return Err(format!("{item}: the first number must not be above the last"));
    }
    if count > MAX_RUNS as i128 {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        return Err(format!("{item}: {} runs; at most {} are accepted", grouped(count), grouped(MAX_RUNS)));
    }
    Ok((first..=last).map(Value::Integer).collect())
}
