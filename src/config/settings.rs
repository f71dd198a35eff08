//! The configuration: reading and writing it.
//!
//! The types of the settings check their ranges (`crates/data/src/checked_numbers.rs`). `conflicts.rs` checks which settings
//! go together.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::overrides::Override;
use super::reader;
use super::sweep::Sweep;
use super::toml_text::TomlText;
use crate::data::checked_numbers::Fraction;
use crate::data::file_kind::{FileKind, PEEK_BYTES, file_kind};
use crate::data::metrics::Threshold;
use crate::data::{self, split};
use crate::device::{DeviceChoice, Precision};
use crate::error::{Error, Result};
use crate::files::folder;
use crate::{network, train};

/// The largest configuration file that is read, in bytes.
const MAX_FILE_SIZE: u64 = 1 << 20;

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
    /// The split into training, validation and test samples.
    pub split: split::Settings,
    /// The network.
    pub model: network::Settings,
    /// The training.
    pub train: train::Settings,
    /// The prediction of a class from a probability.
    pub decision: Decision,
    /// Several values of some keys, in place of those above: a run for each combination.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sweep: Option<Sweep>,
    /// Where the results go and what they look like.
    pub output: folder::Settings,
}

/// The prediction of a class from a probability.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Decision {
    /// A sample is predicted class 1 if its logit is above the logit of the threshold, which is a probability.
    pub threshold: Threshold,
}

impl Default for Decision {
    fn default() -> Self {
        Self { threshold: const { Threshold::Fixed(Fraction::literal(0.5)) } }
    }
}

impl Config {
    /// Reads a file and applies the overrides in order.
    ///
    /// # Errors
    /// When the file cannot be read, or when a setting in it or in an override is not accepted.
    pub fn load(path: &Path, overrides: &[Override]) -> Result<Self> {
        let name = path.display().to_string();
        let text = read_text(path, "a configuration", "a TOML file")?;
        let mut config = Self::from_toml(&text, &name, overrides)?;
        if config.output.name.is_none() {
            let file_name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
            config.output.name = file_name.and_then(|name| folder::RunName::try_from(name).ok());
        }
        Ok(config)
    }

    /// Reads TOML and applies the overrides in order. Error messages call the text `name`.
    ///
    /// # Errors
    /// When a setting in the text or in an override is not accepted, or when settings do not go together.
    pub fn from_toml(text: &str, name: &str, overrides: &[Override]) -> Result<Self> {
        let source = TomlText { text, name };
        let mut table = source.parse::<Self>()?;
        let mut config: Self = reader::read(&table).map_err(|fault| source.error::<Self>(&fault))?;
        for (i, change) in overrides.iter().enumerate() {
            // Reading after each override shows which of them is not accepted.
            (table, config) = change.apply(&table, &overrides[..i])?;
        }

        let checked = match &config.sweep {
            None => config.check_conflicts().map_err(|(key, message)| (key.to_owned(), message)),
            // The settings of each run must go together. Without the values of the sweep they need not.
            Some(_) => config.checked_sweep_runs().map(|_| ()),
        };
        checked.map_err(|(key, message)| {
            let swept = format!("sweep.{key}");
            let option = overrides.iter().rev().find(|change| change.sets(&swept) || change.sets(&key));
            let place = match option {
                Some(change) => change.option.clone(),
                None => source.location_of_any(&[&swept, &key]),
            };
            Error::Config { place, message }
        })?;
        Ok(config)
    }

    /// The whole configuration as TOML. Every key is present, except `data.factor` and `data.centers` with their defaults. In
    /// a sweep over keys of the data or `model.init`, the defaults that depend on these keys are absent too.
    pub fn to_toml(&self) -> String {
        let swept = |is_swept: &dyn Fn(&str) -> bool| {
            let keys = self.sweep.iter().flat_map(|sweep| &sweep.keys);
            keys.map(|(key, _)| &key[..]).any(is_swept)
        };
        let mut complete = self.clone();
        if !swept(&|key| key.starts_with("data.")) {
            complete.data = self.data.with_defaults();
            complete.split = self.split.with_defaults(self.data.kind).into();
        }
        if !swept(&|key| key == "model.init") {
            complete.model = self.model.with_defaults();
        }
        toml::to_string(&complete).unwrap_or_else(|error| unreachable!("settings are plain tables: {error}"))
    }
}

/// Reads a file of text, up to a size that no configuration has. Messages say that `what` is `form`. A file whose lines end with
/// CR only gets line feeds.
///
/// # Errors
/// When it cannot be read, is too large, or is no text.
pub(crate) fn read_text(path: &Path, what: &str, form: &str) -> Result<String> {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_FILE_SIZE + 1).read_to_end(&mut bytes));
    if read.map_err(Error::file("read", path))? as u64 > MAX_FILE_SIZE {
        let message = format!("not {what}: longer than {MAX_FILE_SIZE} bytes");
        return Err(Error::Config { place: name, message });
    }
    if let Some(FileKind { name: kind, advice }) =
        file_kind(&bytes[..bytes.len().min(PEEK_BYTES)]).filter(|kind| !may_be_toml(kind, &bytes))
    {
        let advice = advice.map_or_else(|| format!("{what} is {form}"), str::to_owned);
        return Err(Error::Config { place: name, message: format!("is {kind}; {advice}") });
    }
    let text = match utf16_units(&bytes) {
        Some(units) => String::from_utf16(&units).map_err(|_| Error::Config {
            place: name,
            message: "not TOML: not valid UTF-16; save it as UTF-8".into(),
        })?,
        None => String::from_utf8(bytes).map_err(|error| {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = 1 + valid.iter().filter(|&&byte| byte == b'\n').count();
            let message = "not TOML: not valid UTF-8; save it as UTF-8".into();
            Error::Config { place: format!("{name}:{line}"), message }
        })?,
    };
    Ok(if text.contains('\n') { text } else { text.replace('\r', "\n") })
}

/// Whether a configuration may be taken for this kind: UTF-16 is read, and `[[` begins TOML as well as JSON.
fn may_be_toml(kind: &FileKind, bytes: &[u8]) -> bool {
    kind.name.starts_with("UTF-16 text") || bytes.trim_ascii_start().starts_with(b"[[")
}

/// The units of UTF-16 text, in which Windows programs save files. Without a byte order mark it is known by the zero byte
/// that one of the first two characters has, because a configuration begins with ASCII.
fn utf16_units(bytes: &[u8]) -> Option<Vec<u16>> {
    let (is_big_endian, text) = match bytes {
        [0xff, 0xfe, text @ ..] => (false, text),
        [0xfe, 0xff, text @ ..] => (true, text),
        [first, 0, ..] if *first != 0 => (false, bytes),
        [0, second, ..] if *second != 0 => (true, bytes),
        _ => return None,
    };
    let decode = if is_big_endian { u16::from_be_bytes } else { u16::from_le_bytes };
    // An odd byte at the end becomes half of a pair of units, which is not valid UTF-16.
    let units = text.chunks(2).map(|unit| unit.try_into().map_or(0xd800, decode));
    Some(units.collect())
}
