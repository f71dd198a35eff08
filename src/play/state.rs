//! The state of a page, which is a configuration, and the settings that it may have.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::refusal::Refusal;
use super::settings::{GENERATED, SETTINGS, is_setting};
use crate::config::{Config, Override};
use crate::data::text::one_line;
use crate::files::folder::RunName;
use crate::run::Run;

/// Drawn points are as generated ones, if the page does not say otherwise: not scaled, and all for training.
const DRAWN: [(&str, &str); 3] = [("data.standardise", "false"), ("split.validation", "0.0"), ("split.test", "0.0")];

/// The file that drawn points are in, and its label.
const DRAWN_FILE: &str = "drawn.csv";
const DRAWN_LABEL: &str = "class";
/// The name of the run that the copied command makes, which stands in the configuration and in the model file.
const RUN_NAME: &str = "default";
/// The state of a page.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct State {
    /// The settings by their dotted keys.
    pub config: Map<String, Value>,
    /// Drawn points: x1, x2 and the class of each, in place of other data.
    pub points: Option<Vec<[f64; 3]>>,
    /// A table, in place of other data.
    pub table: Option<TableText>,
    /// Edited parameters, from which training goes on.
    pub fork: Option<EditedParameters>,
}

/// A table of the page's user.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TableText {
    /// The name of its file.
    pub name: String,
    /// The contents of its file.
    pub text: String,
    /// The column to predict.
    #[serde(default)]
    pub label: Option<String>,
    /// The value of the label that is class 1.
    #[serde(default)]
    pub class_one: Option<String>,
}

/// The parameters after an update, with changes.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EditedParameters {
    /// The number of updates made.
    pub update: usize,
    /// w1, b1, w2, b2, flattened.
    pub parameters: Vec<f64>,
}

impl State {
    /// The state of a page that trains as this run, with the fused engine. `table` is the text of its table, if it has one.
    pub fn of(run: &Run, table: Option<String>) -> Self {
        let mut config = settings_of(&run.config);
        config.insert("train.engine".into(), "fused".into());
        let data = &run.config.data;
        let table = table.map(|text| TableText {
            name: run.data_name(),
            text,
            label: data.label.clone(),
            class_one: data.positive.clone(),
        });
        if table.is_some() {
            config.retain(|key, _| !GENERATED.contains(&key.as_str()));
        }
        Self { config, table, ..Self::default() }
    }

    /// The state of a page with a table whose settings are the defaults, which may not accept it.
    pub fn of_table(path: &Path, text: String, label: String) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let table = TableText { name, text, label: Some(label), class_one: None };
        let config = Map::from_iter([("train.engine".into(), "fused".into())]);
        Self { config, table: Some(table), ..Self::default() }
    }

    /// Reads a state from JSON.
    pub(super) fn from_json(json: &[u8]) -> Result<Self, Refusal> {
        serde_json::from_slice(json).map_err(|error| {
            let message = format!("the state of the page cannot be read: {error}");
            Refusal { key: None, ..Refusal::state(message, "") }
        })
    }

    /// The part of the state that the samples come from.
    pub(super) fn data_key(&self) -> &'static str {
        match (&self.points, &self.table) {
            (Some(_), _) => "points",
            (None, Some(_)) => "table",
            (None, None) => "data.kind",
        }
    }

    /// The table of the state: the one that was dropped, or drawn points as a table.
    pub(super) fn table(&self) -> Result<Option<Cow<'_, TableText>>, Refusal> {
        if self.points.is_some() && self.table.is_some() {
            return Err(Refusal::state("a state has points or a table, not both", "points"));
        }
        match &self.points {
            Some(points) => Ok(Some(Cow::Owned(drawn_table(points)?))),
            None => Ok(self.table.as_ref().map(Cow::Borrowed)),
        }
    }

    /// The settings as the command line has them, with those of the table.
    pub(super) fn overrides(&self) -> Result<Vec<Override>, Refusal> {
        let table = self.table()?;
        let mut overrides = Vec::new();
        for (key, value) in &self.config {
            if !is_setting(key) {
                let message = format!("{}: is no setting of the playground", one_line(key));
                return Err(Refusal::state(message, key));
            }
            // A page may have null for a setting that is left out.
            let is_unused = value.is_null() || table.is_some() && GENERATED.contains(&key.as_str());
            if !is_unused {
                overrides.push(override_of(key, toml_text(value)?));
            }
        }

        let Some(table) = table else { return Ok(overrides) };
        if table.name.contains(['/', '\\']) {
            return Err(Refusal::state("the name of a table must be a file's name, without a folder", "table"));
        }
        let label = table
            .label
            .as_ref()
            .ok_or_else(|| Refusal::state("a table needs a label, the column to predict", "table"))?;
        overrides.push(override_of("data.kind", "csv".into()));
        overrides.push(override_of("data.path", quoted(&table.name)));
        overrides.push(override_of("data.label", quoted(label)));
        overrides.extend(
            table
                .class_one
                .as_ref()
                .map(|value| override_of("data.positive", quoted(value))),
        );
        if self.points.is_some() {
            let missing = DRAWN.iter().filter(|(key, _)| !self.config.contains_key(*key));
            overrides.extend(missing.map(|(key, value)| override_of(key, (*value).into())));
        }
        Ok(overrides)
    }

    /// The configuration, with the messages that the command line has.
    pub(super) fn config(&self) -> Result<Config, Refusal> {
        let read = Config::from_toml("", "the page", &self.overrides()?);
        let mut config = read.map_err(|error| Refusal::of(&error, self.data_key()))?;
        config.output.name = RunName::try_from(RUN_NAME.to_owned()).ok();
        Ok(config)
    }
}

/// The settings of a configuration that a page may have, with those that were left out at their defaults.
pub(super) fn settings_of(config: &Config) -> Map<String, Value> {
    let toml: toml::Table = config.to_toml().parse().unwrap_or_default();
    let mut settings = Map::new();
    for key in SETTINGS {
        let (section, name) = key.split_once('.').unwrap_or(("", key));
        let section = toml.get(section).and_then(toml::Value::as_table).unwrap_or(&toml);
        let value = section.get(name).and_then(|value| serde_json::to_value(value).ok());
        settings.extend(value.map(|value| (key.to_owned(), value)));
    }
    settings
}

fn override_of(key: &str, value: String) -> Override {
    Override { option: key.into(), key: key.into(), value }
}

/// A value in TOML.
fn toml_text(value: &Value) -> Result<String, Refusal> {
    match value {
        Value::String(text) => Ok(quoted(text)),
        Value::Array(items) => {
            let item = |item: &Value| match item {
                Value::String(text) => Ok(toml::Value::String(text.clone()).to_string()),
                other => toml_text(other),
            };
            let items = items.iter().map(item).collect::<Result<Vec<_>, _>>()?;
            Ok(format!("[{}]", items.join(", ")))
        }
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        Value::Null | Value::Object(_) => {
            Err(Refusal::state("a setting must be a number, a text, true, false or a list of these", ""))
        }
    }
}

/// A text in TOML. A word stands for itself, as on the command line.
fn quoted(text: &str) -> String {
    let is_word = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && format!("value = {text}").parse::<toml::Table>().is_err();
    if is_word {
        text.to_owned()
    } else {
        toml::Value::String(text.into()).to_string()
    }
}

/// Drawn points as a table, with all digits.
fn drawn_table(points: &[[f64; 3]]) -> Result<TableText, Refusal> {
    let mut text = format!("x1,x2,{DRAWN_LABEL}\n");
    for (index, [x1, x2, class]) in points.iter().enumerate() {
        if *class != 0.0 && *class != 1.0 {
            return Err(Refusal::state(format!("points[{index}]: the class must be 0 or 1"), "points"));
        }
        let _ = writeln!(text, "{x1:?},{x2:?},{class}");
    }
    let classes = [0.0, 1.0].map(|class| points.iter().any(|point| point[2] == class));
    let missing = match classes {
        [true, true] => None,
        [false, false] => Some("points: there are none; draw some of class 0 and some of class 1"),
        [false, true] => Some("points: all are of class 1; draw some of class 0 too"),
        [true, false] => Some("points: all are of class 0; draw some of class 1 too"),
    };
    if let Some(message) = missing {
        return Err(Refusal::state(message, "points"));
    }
    let (name, label) = (DRAWN_FILE.into(), Some(DRAWN_LABEL.into()));
    Ok(TableText { name, text, label, class_one: Some("1".into()) })
}
