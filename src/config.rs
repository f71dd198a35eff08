//! A run's configuration: TOML in, settings that cannot be invalid out.
//!
//! Every room keeps its own settings struct with its own defaults; this one puts them together. The numbers
//! check themselves while they are read ([`crate::data::checked`]), so that an error carries its place:
//!
//! ```text
//! train.learning_rate = -0.1: must be finite and > 0 (configs/x.toml:12)
//! ```
//!
//! Leaves out: what the settings mean. Each room documents its own.

use std::fs::File;
use std::io::Read as _;
use std::ops::Range;
use std::path::Path;

use serde::{Deserialize, Serialize};
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use crate::data::checked::{Count, Fraction};
use crate::data::metrics::Threshold;
use crate::data::{self, Source as DataSource, split};
use crate::device::{DeviceChoice, Precision};
use crate::error::{Error, Result};
use crate::files::folder;
use crate::network::gradients::Engine;
use crate::plot::MAX_PANELS;
use crate::{network, train};

/// Everything that determines a run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The device that computes, or several that share the samples.
    pub device: DeviceChoice,
    /// The float type of all tensors.
    pub dtype: Precision,
    /// The data.
    pub data: data::Settings,
    /// What of the data is for training.
    pub split: split::Settings,
    /// The network.
    pub model: network::Settings,
    /// The training.
    pub train: train::Settings,
    /// What probability is a prediction.
    pub decision: Decision,
    /// Hidden sizes to train one after the other, in place of `model.hidden`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sweep: Option<Sweep>,
    /// Where the results go and what they look like.
    pub output: folder::Settings,
}

/// A comparison of hidden sizes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sweep {
    /// The hidden sizes, in the order of training.
    pub hidden: Vec<Count<1, 100_000>>,
}

/// What probability is a prediction.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Decision {
    /// A sample is predicted class 1 where the probability of that is above the threshold.
    pub threshold: Threshold,
}

/// A setting given on the command line, which takes the place of the file's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The option as it was written, for error messages.
    pub option: String,
    /// The dotted key, such as `train.learning_rate`.
    pub key: String,
    /// The value as TOML; what is not TOML is taken as a string.
    pub value: String,
}

impl Default for Decision {
    fn default() -> Self {
        Self { threshold: const { Threshold::At(Fraction::literal(0.5)) } }
    }
}

impl Config {
    /// Reads a file and applies the overrides in order.
    ///
    /// # Errors
    /// When the file cannot be read, or holds or is given anything that is not accepted.
    pub fn load(path: &Path, overrides: &[Override]) -> Result<Self> {
        let name = path.display().to_string();
        let mut bytes = Vec::new();
        let read = File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes));
        if read.map_err(Error::file("read", path))? as u64 > LONGEST {
            let message = format!("not a configuration: longer than {LONGEST} bytes");
            return Err(Error::Config { place: name, message });
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let line = 1 + error.as_bytes()[..error.utf8_error().valid_up_to()]
                .iter()
                .filter(|&&b| b == b'\n')
                .count();
            Error::Config { place: format!("{name}:{line}"), message: "not TOML: not valid UTF-8".into() }
        })?;
        let mut config = Self::from_toml(&text, &name, overrides)?;
        if config.output.name.is_none() {
            config.output.name = path
                .file_stem()
                .and_then(|stem| folder::RunName::try_from(stem.to_string_lossy().into_owned()).ok());
        }
        Ok(config)
    }

    /// Reads TOML and applies the overrides in order; `name` stands for the text in error messages.
    ///
    /// # Errors
    /// When anything given is not accepted.
    pub fn from_toml(text: &str, name: &str, overrides: &[Override]) -> Result<Self> {
        let source = Source { text, name };
        let mut config: Self = toml::from_str(text).map_err(|error| source.refuse(&error))?;
        let mut table: Table = toml::from_str(text).map_err(|error| source.refuse(&error))?;
        for change in overrides {
            change.apply(&mut table)?;
            config = Self::deserialize(table.clone()).map_err(|error| change.refuse(error.message()))?;
        }
        match config.contradiction() {
            None => Ok(config),
            Some((key, message)) => {
                let given = overrides.iter().rev().find(|change| change.key == key);
                let place = given.map_or_else(|| source.place_of(key), |change| change.option.clone());
                Err(Error::Config { place, message })
            }
        }
    }

    /// The whole configuration as TOML, every key present.
    pub fn to_toml(&self) -> String {
        let resolved = Self {
            data: self.data.resolved(),
            split: self.split.or_usual(self.data.kind).into(),
            ..self.clone()
        };
        toml::to_string(&resolved).unwrap_or_else(|error| unreachable!("settings are plain tables: {error}"))
    }

    /// The configuration of one size of the sweep alone.
    pub fn of_size(&self, hidden: Count<1, 100_000>) -> Self {
        let mut config = Self { sweep: None, ..self.clone() };
        config.model.hidden = hidden;
        config
    }

    /// The largest number of hidden units that is trained, and the key that asks for it.
    pub(crate) fn largest(&self) -> (&'static str, usize) {
        match &self.sweep {
            Some(sweep) => ("sweep.hidden", sweep.hidden.iter().map(|hidden| hidden.get()).max().unwrap_or(1)),
            None => ("model.hidden", self.model.hidden.get()),
        }
    }

    /// A key whose value is impossible together with others, and why.
    fn contradiction(&self) -> Option<(&'static str, String)> {
        let source = match self.data.source() {
            Ok(source) => source,
            Err(contradiction) => return Some(contradiction),
        };
        let split = self.split.or_usual(self.data.kind);
        if let Err(contradiction) = split.check() {
            return Some(contradiction);
        }
        if split.validation.get() == 0.0 {
            let needs = "needs samples to watch; set split.validation above 0";
            if let Some(patience) = self.train.patience {
                return Some(("train.patience", format!("train.patience = {patience}: {needs}")));
            }
            if let Threshold::By(_) = self.decision.threshold {
                return Some(("decision.threshold", format!("decision.threshold: to choose it {needs}")));
            }
        }
        if let Err(contradiction) = self.train.check() {
            return Some(contradiction);
        }
        if self.train.engine == Engine::Fused && !self.device.is_cpu() && self.device != DeviceChoice::Auto {
            let message = format!(
                "train.engine = \"fused\": it computes on the CPU, without Burn, and not on device = \"{}\"; accepted with \
                 it: flex, ndarray, cpu, auto",
                self.device
            );
            return Some(("train.engine", message));
        }
        // How many samples a table has is known when it is read.
        let samples = match source {
            DataSource::Generated(settings) => settings.samples.get(),
            DataSource::Table(_) => usize::MAX,
        };
        if let DeviceChoice::Named(names) = &self.device
            && names.len() > samples
        {
            let devices = names.len();
            return Some(("device", format!("device: {devices} devices cannot share data.samples = {samples}")));
        }
        let sizes = self.sweep.as_ref().map_or(&[][..], |sweep| &sweep.hidden);
        if self.sweep.is_some() && sizes.is_empty() {
            return Some(("sweep.hidden", "sweep.hidden = []: must name at least one hidden size".into()));
        }
        if sizes.len() > MAX_PANELS {
            let count = sizes.len();
            return Some(("sweep.hidden", format!("sweep.hidden: {count} sizes; at most {MAX_PANELS} are accepted")));
        }
        if let Some(twice) = (1..sizes.len()).find(|&i| sizes[..i].contains(&sizes[i])) {
            return Some(("sweep.hidden", format!("sweep.hidden: {} is named twice", sizes[twice])));
        }
        if self.sweep.is_some() && !self.train.track.is_empty() {
            let message = "train.track: a sweep keeps no history of its sizes; a run of one size records it";
            return Some(("train.track", message.into()));
        }
        let (key, hidden) = self.largest();
        // The fused engine never holds a whole layer.
        let holds = self.train.engine != Engine::Fused && samples < usize::MAX;
        let too_many = if holds { too_large(samples, hidden) } else { None };
        too_many.map(|reason| (key, format!("{key} = {hidden}: {reason}")))
    }
}

/// Why a layer of activations, one per sample and hidden unit, cannot be had as one tensor, if so.
pub(crate) fn too_large(samples: usize, hidden: usize) -> Option<String> {
    let activations = samples * hidden;
    let gib = activations as f64 * 8.0 / f64::from(1 << 30);
    (activations > MAX_ACTIVATIONS)
        .then(|| format!("with {samples} samples one layer takes {gib:.0} GiB; at most 8 are accepted"))
}

/// The largest file that is read, in bytes.
const LONGEST: u64 = 1 << 20;
/// The most parts of a key that are looked at. No setting has as many, and a table as deep as an argument is long would
/// overflow the stack.
const DEEPEST: usize = 8;
/// The largest m x h: 8 GiB of f64.
const MAX_ACTIVATIONS: usize = 1 << 30;

impl Override {
    /// A `KEY=VALUE` as given to `--set`.
    ///
    /// # Errors
    /// When there is no `=`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (key, value) = text
            .split_once('=')
            .ok_or("must be KEY=VALUE, such as train.learning_rate=0.5")?;
        Ok(Self { option: format!("--set {text}"), key: key.trim().into(), value: value.trim().into() })
    }

    /// The value for a key that has an option of its own.
    pub fn option(option: &str, key: &str, value: &str) -> Self {
        Self { option: format!("{option} {value}"), key: key.into(), value: format!("{value:?}") }
    }

    /// A number for a key that has an option of its own.
    pub fn number(option: &str, key: &str, value: usize) -> Self {
        Self { option: format!("{option} {value}"), key: key.into(), value: value.to_string() }
    }

    fn apply(&self, table: &mut Table) -> Result<()> {
        let parsed = toml::from_str::<Table>(&format!("value = {}", self.value)).ok();
        let value = parsed.and_then(|mut table| table.remove("value"));
        let value = value.unwrap_or_else(|| Value::String(self.value.clone()));
        let mut path: Vec<&str> = self.key.split('.').collect();
        if path.len() > DEEPEST {
            return Err(self.refuse("unknown field"));
        }
        let last = path.pop().unwrap_or_default();
        let mut inner = table;
        for part in path {
            let entry = inner.entry(part).or_insert_with(|| Value::Table(Table::new()));
            inner = entry.as_table_mut().ok_or_else(|| self.refuse("unknown field"))?;
        }
        inner.insert(last.into(), value);
        // What is said last counts.
        if self.key == "train.updates" {
            inner.remove("epochs");
        }
        Ok(())
    }

    fn refuse(&self, message: &str) -> Error {
        let message = in_words(&self.key, &self.value, message);
        Error::Config { place: self.option.clone(), message }
    }
}

/// The text that a configuration came from.
struct Source<'a> {
    text: &'a str,
    name: &'a str,
}

impl Source<'_> {
    /// Puts the key, the value and the place to what the TOML reader says.
    fn refuse(&self, error: &toml::de::Error) -> Error {
        let Some(span) = error.span() else {
            return Error::Config { place: self.name.into(), message: error.message().into() };
        };
        let message = match self
            .entries()
            .into_iter()
            .find(|(_, key, value)| key.contains(&span.start) || value.contains(&span.start))
        {
            Some((path, _, value)) => in_words(&path, &self.text[value], error.message()),
            None => format!("not TOML: {}", error.message().replace('\n', ", ")),
        };
        Error::Config { place: self.place(span.start), message }
    }

    /// Where a key is set, or the file where it is not.
    fn place_of(&self, path: &str) -> String {
        let entry = self.entries().into_iter().find(|(entry, _, _)| entry == path);
        entry.map_or_else(|| self.name.into(), |(_, key, _)| self.place(key.start))
    }

    fn place(&self, offset: usize) -> String {
        let line = 1 + self.text[..offset].matches('\n').count();
        format!("{}:{line}", self.name)
    }

    /// Every key that is set, with the places of key and value in the text.
    fn entries(&self) -> Vec<(String, Range<usize>, Range<usize>)> {
        let (table, _) = DeTable::parse_recoverable(self.text);
        let mut entries = Vec::new();
        collect("", table.get_ref(), &mut entries);
        entries
    }
}

fn collect(prefix: &str, table: &DeTable<'_>, entries: &mut Vec<(String, Range<usize>, Range<usize>)>) {
    for (key, value) in table {
        let path = format!("{prefix}{}", key.get_ref());
        match value.get_ref() {
            DeValue::Table(inner) => {
                collect(&format!("{path}."), inner, entries);
                entries.push((path, Spanned::span(key), Spanned::span(key)));
            }
            _ => entries.push((path, Spanned::span(key), Spanned::span(value))),
        }
    }
}

/// Turns a reader's message into ours: the key, its value, what is accepted.
fn in_words(path: &str, value: &str, message: &str) -> String {
    if let Some(rest) = message.strip_prefix("unknown field") {
        let accepted = rest.split_once("expected").map_or("", |(_, names)| names);
        return format!("{path}: unknown key{}", accepted_names(accepted));
    }
    if let Some(rest) = message.strip_prefix("unknown variant") {
        let accepted = rest.split_once("expected").map_or("", |(_, names)| names);
        return format!("{path} = {value}: not accepted{}", accepted_names(accepted));
    }
    let expected = message.rsplit_once("expected ").map(|(_, what)| match what {
        "f64" => "a number",
        "i64" | "usize" => "a whole number",
        "u32" => "a whole number from 0 to 4,294,967,295",
        "a string" | "path string" => "text in quotation marks",
        "a sequence" => "a list",
        table if table.starts_with("struct ") => "a table",
        other => other,
    });
    match expected {
        Some(what) => format!("{path} = {value}: must be {what}"),
        None => format!("{path} = {value}: {message}"),
    }
}

/// "; accepted: a, b" from serde's " one of `a`, `b`" or " `a`".
fn accepted_names(names: &str) -> String {
    let names = names
        .trim()
        .trim_start_matches("one of ")
        .replace('`', "")
        .replace(" or ", ", ");
    if names.is_empty() { names } else { format!("; accepted: {names}") }
}
