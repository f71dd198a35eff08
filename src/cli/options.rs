//! Options that several jobs share: a configuration, a stored model, a table.

use std::convert::Infallible;
use std::io::{self, Read};
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{Args, ValueHint};

use crate::config::{Config, Override};
use crate::data::checked_numbers::{Count, Fraction, OutOfRange};
use crate::data::checked_path;
use crate::data::table::LengthCheckedFile;
use crate::data::text::{shell_quote, shell_quote_path};
use crate::device::{self, DeviceChoice, OpenDevice, Precision};
use crate::error::{Error, Result};
use crate::files::model_file::ModelFile;

/// A configuration file and the options that change single settings of it.
#[derive(Args, Clone, Debug)]
pub struct ConfigArgs {
    /// The configuration file, such as configs/default.toml
    #[arg(value_hint = ValueHint::FilePath)]
    pub config: PathBuf,

    /// Change one setting, such as train.learning_rate=0.5; can be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = Override::parse)]
    set: Vec<Override>,

    /// The device to compute on: flex, ndarray, auto, or another that is compiled in (`petal devices` lists them)
    #[arg(long, value_name = "NAME")]
    device: Option<String>,

    /// The float type: f32 or f64
    #[arg(long, value_name = "TYPE")]
    dtype: Option<String>,
}

impl ConfigArgs {
    /// The arguments for a shell that repeat this configuration, without the overrides of some keys. `job_options` are the
    /// overrides by options that only one job has, such as `--engine`.
    pub fn shell_arguments(&self, job_options: &[Override], except: &[&str]) -> String {
        let mut arguments = shell_quote_path(&self.config);
        for change in self.overrides(job_options) {
            if except.contains(&change.key.as_str()) {
                continue;
            }
            if let Some((option, value)) = change.option.split_once(' ') {
                arguments += &format!(" {option} {}", shell_quote(value));
            }
        }
        arguments
    }

    /// Reads the configuration and applies all overrides.
    ///
    /// # Errors
    /// When the file or an option is not accepted.
    pub fn load(&self, job_options: &[Override]) -> Result<Config> {
        Config::load(&self.config, &self.overrides(job_options))
    }

    /// Refuses settings, which only a configuration has.
    ///
    /// # Errors
    /// When there is a `--set`. `reason` says what is in the place of the configuration.
    pub fn refuse_settings(&self, reason: &str) -> Result<()> {
        match self.set.first() {
            Some(change) => Err(Error::Argument(format!("{}: {reason}", change.option))),
            None => Ok(()),
        }
    }

    /// Opens the device of `--device`, or the default one.
    ///
    /// # Errors
    /// When the name is not accepted, is `auto`, or the device cannot be used.
    pub fn open_device(&self, default: Precision) -> Result<OpenDevice> {
        let config = Config::from_toml("", "the options", &self.overrides(&[]))?;
        let precision = if self.dtype.is_some() { config.dtype } else { default };
        match &config.device {
            DeviceChoice::Named(names) if names.len() == 1 => device::open(&names[0], precision),
            choice => Err(Error::Argument(format!("--device {choice}: name one device"))),
        }
    }

    /// All overrides in the order in which they are applied. A later override of the same key wins.
    fn overrides(&self, job_options: &[Override]) -> Vec<Override> {
        let mut overrides = self.set.clone();
        overrides.extend(self.device.as_ref().map(|name| Override::option("--device", "device", name)));
        overrides.extend(self.dtype.as_ref().map(|name| Override::option("--dtype", "dtype", name)));
        overrides.extend_from_slice(job_options);
        overrides
    }
}

/// Reads a whole number. The message about any other text says what is accepted.
///
/// # Errors
/// When the text is no whole number from `MIN` to `MAX`.
pub fn whole_number<const MIN: usize, const MAX: usize>(text: &str) -> Result<usize, OutOfRange> {
    text.parse::<Count<MIN, MAX>>().map(Count::get)
}

/// Reads the path of a file or folder that will be written.
pub fn output_path() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| checked_path::check(&path).map(|()| path))
}

/// A stored model and its decision threshold.
#[derive(Args, Clone, Debug)]
pub struct ModelArgs {
    /// The model file of a run
    #[arg(value_hint = ValueHint::FilePath)]
    model: PathBuf,

    /// Predict class 1 if its probability is above this; the default is the threshold in the model file
    #[arg(long, value_name = "PROBABILITY", allow_negative_numbers = true)]
    threshold: Option<Fraction>,
}

impl ModelArgs {
    /// Loads the model and its threshold: it predicts class 1 if the probability is above it.
    ///
    /// # Errors
    /// When the file cannot be read or is not a model.
    pub fn load(&self) -> Result<(ModelFile, f64)> {
        let model = ModelFile::load(&self.model)?;
        let threshold = self.threshold.map_or(model.metadata.threshold, Fraction::get);
        Ok((model, threshold))
    }
}

/// A file to read, or standard input.
#[derive(Clone, Debug)]
pub struct Input {
    /// `None` means standard input.
    path: Option<PathBuf>,
    name: String,
}

impl FromStr for Input {
    type Err = Infallible;

    fn from_str(path: &str) -> Result<Self, Infallible> {
        Ok(match path {
            "-" => Self { path: None, name: "standard input".into() },
            path => Self { path: Some(path.into()), name: path.into() },
        })
    }
}

impl Input {
    /// The name of the input in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether this is the table on which the model was trained. Compares only the paths, not the contents.
    pub fn is_training_table(&self, model: &ModelFile) -> bool {
        let config = Config::from_toml(&model.metadata.config, "the model", &[]);
        let training_table = config.ok().and_then(|config| config.data.path?.canonicalize().ok());
        let this_table = self.path.as_ref().and_then(|path| path.canonicalize().ok());
        training_table.is_some() && training_table == this_table
    }

    /// Opens the input.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(&self) -> Result<Box<dyn Read>> {
        Ok(match &self.path {
            None => Box::new(io::stdin().lock()),
            Some(path) => Box::new(LengthCheckedFile::open(path)?),
        })
    }
}
