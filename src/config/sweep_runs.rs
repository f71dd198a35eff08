//! The runs that a sweep asks for: every combination of its values.

use toml::{Table, Value};

use super::overrides::{insert, remove_unused_scale};
use super::reader;
use super::settings::Config;
use super::sweep::Refused;
use crate::data::text::exact;
use crate::device::DeviceChoice;
use crate::error::{Error, Result};

/// One run of a sweep.
#[derive(Clone, Debug)]
pub struct SweepRun {
    /// The value of each key in [`Sweep::all_keys`], as text.
    ///
    /// [`Sweep::all_keys`]: super::Sweep::all_keys
    pub values: Vec<String>,
    /// The configuration with these values.
    pub config: Config,
}

impl Config {
    /// The runs of the sweep in their order; the last key changes fastest. Empty without a sweep.
    ///
    /// # Errors
    /// When a key or a value is not accepted, or the settings of a run do not go together: the key, and the message.
    pub(super) fn checked_sweep_runs(&self) -> Result<Vec<SweepRun>, Refused> {
        let Some(sweep) = &self.sweep else {
            return Ok(Vec::new());
        };
        sweep.check()?;
        if self.device == DeviceChoice::Auto && sweep.keys.iter().any(|(key, _)| key == "train.engine") {
            let message = "device = \"auto\": measures one engine; name a device in a sweep over train.engine";
            return Err(("device".into(), message.into()));
        }

        let base = self.base_table();
        let scale_is_swept = sweep.keys.iter().any(|(key, _)| key == "model.init_scale");
        let mut runs = vec![(Vec::new(), base.clone())];
        for (key, values) in sweep.values(self.model.seed) {
            self.check_values(&base, key, &values)?;
            let with_value = |(texts, table): &(Vec<String>, Table), value: &Value| {
                let mut table = table.clone();
                insert(&mut table, key, value.clone())?;
                // A scale that is not swept belongs to the runs with the rule "scaled".
                if key == "model.init" && !scale_is_swept {
                    remove_unused_scale(&mut table);
                }
                Ok(([&texts[..], &[text(value)]].concat(), table))
            };
            let combined = runs
                .iter()
                .flat_map(|run| values.iter().map(move |value| with_value(run, value)));
            runs = combined.collect::<Result<_, _>>().map_err(|fault| refusal(&fault, ""))?;
        }

        let keys = sweep.all_keys();
        if !self.train.track.is_empty() || keys.contains(&"train.track") {
            let message = "train.track: not available in a sweep, whose table has no such columns; train one run alone";
            return Err(("train.track".into(), message.into()));
        }
        runs.into_iter()
            .map(|(values, table)| {
                let config: Self = reader::read(&table).map_err(|fault| refusal(&fault, ""))?;
                config.check_conflicts().map_err(|(key, message)| {
                    let assignments: Vec<_> = keys
                        .iter()
                        .zip(&values)
                        .map(|(key, value)| format!("{key} = {value}"))
                        .collect();
                    (key.to_owned(), format!("{message}; this is the run of the sweep with {}", assignments.join(", ")))
                })?;
                Ok(SweepRun { values, config })
            })
            .collect()
    }

    /// The runs of the sweep of a configuration that has been read, in their order. Empty without a sweep.
    pub fn sweep_runs(&self) -> Vec<SweepRun> {
        self.checked_sweep_runs()
            .unwrap_or_else(|(_, message)| unreachable!("the sweep was checked when it was read: {message}"))
    }

    /// The configuration without the sweep.
    ///
    /// # Errors
    /// When settings do not go together without the values of the sweep.
    pub fn without_sweep(self) -> Result<Self> {
        if self.sweep.is_none() {
            return Ok(self);
        }
        let single = Self { sweep: None, ..self };
        single
            .check_conflicts()
            .map_err(|(_, message)| Error::Setting(format!("{message}; this is the run without [sweep]")))?;
        Ok(single)
    }

    /// Checks each value of a key alone, and that no two of them mean the same.
    fn check_values(&self, base: &Table, key: &str, values: &[Value]) -> Result<(), Refused> {
        let mut accepted: Vec<(String, String)> = Vec::new();
        for value in values {
            let place = format!("sweep.{key}");
            let mut table = base.clone();
            let read = insert(&mut table, key, value.clone()).and_then(|()| reader::read::<Self>(&table));
            let config = read.map_err(|fault| (place.clone(), refusal(&fault, &value.to_string()).1))?;
            if value.is_table() {
                return Err((place, format!("{key}: is a table of keys; name one of them")));
            }
            let (config, text) = (config.to_toml(), text(value));
            if let Some((_, other)) = accepted.iter().find(|(accepted, _)| *accepted == config) {
                let message = if *other == text {
                    format!("sweep.{key}: {text} is named twice")
                } else {
                    format!("sweep.{key}: {other} and {text} make no difference here")
                };
                return Err((place, message));
            }
            accepted.push((config, text));
        }
        Ok(())
    }

    /// The configuration without the sweep, as a table.
    fn base_table(&self) -> Table {
        let base = Self { sweep: None, ..self.clone() };
        Table::try_from(base).unwrap_or_else(|error| unreachable!("settings are plain tables: {error}"))
    }
}

fn refusal(fault: &reader::Fault, value: &str) -> Refused {
    (fault.key.clone(), fault.message::<Config>(value))
}

/// A value in labels and tables: text without quotation marks, numbers with all their digits.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Float(number) => exact(*number),
        other => other.to_string(),
    }
}
