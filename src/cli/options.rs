//! Options that several jobs share: a configuration, a stored model, a table.
//!
//! Leaves out: what is printed, and what each job does.

use std::convert::Infallible;
use std::io::{self, Read};
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueHint};

use crate::config::{Config, Override};
use crate::data::checked::Fraction;
use crate::data::table::WholeFile;
use crate::data::text::{shell_quote, shell_quote_path};
use crate::error::Result;
use crate::files::model_file::ModelFile;

/// A configuration file and the options that change single settings of it.
#[derive(Args, Clone, Debug)]
pub struct ConfigArgs {
    /// The configuration, such as configs/default.toml
    #[arg(value_hint = ValueHint::FilePath)]
    pub config: PathBuf,

    /// Change one setting, such as train.learning_rate=0.5; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = Override::parse)]
    set: Vec<Override>,

    /// The device that computes: flex, ndarray, auto, or one of a backend compiled in (`petal devices` shows them)
    #[arg(long, value_name = "NAME")]
    device: Option<String>,

    /// The float type: f32 or f64
    #[arg(long, value_name = "TYPE")]
    dtype: Option<String>,
}

impl ConfigArgs {
    /// The arguments that repeat this command in a shell, without the given keys; `own` is an option of the job alone.
    pub fn words(&self, own: Option<&Override>, without: &[&str]) -> String {
        let changes = self.changes(own).filter(|change| !without.contains(&change.key.as_str()));
        let changes = changes.filter_map(|change| {
            let (option, value) = change.option.split_once(' ')?;
            Some(format!(" {option} {}", shell_quote(value)))
        });
        std::iter::once(shell_quote_path(&self.config)).chain(changes).collect()
    }

    /// All changes of settings. Those of the job's own option come last and win.
    fn changes<'a>(&'a self, own: Option<&'a Override>) -> impl Iterator<Item = Override> + 'a {
        let named = [("--device", "device", &self.device), ("--dtype", "dtype", &self.dtype)];
        let named = named
            .into_iter()
            .filter_map(|(option, key, value)| value.as_ref().map(|value| Override::option(option, key, value)));
        self.set.iter().cloned().chain(named).chain(own.cloned())
    }

    /// Reads the configuration and applies all changes of settings. That of the job's own option comes last and wins.
    ///
    /// # Errors
    /// When the file or an option is not accepted.
    pub fn load(&self, own: Option<&Override>) -> Result<Config> {
        Config::load(&self.config, &self.changes(own).collect::<Vec<_>>())
    }
}

/// A stored model, and how it decides.
#[derive(Args, Clone, Debug)]
pub struct ModelArgs {
    /// The model file of a run
    #[arg(value_hint = ValueHint::FilePath)]
    model: PathBuf,

    /// Predict class 1 where its probability is above this, in place of the model's own threshold
    #[arg(long, value_name = "SHARE")]
    threshold: Option<Fraction>,
}

impl ModelArgs {
    /// Loads the model, and says above which probability it predicts class 1.
    ///
    /// # Errors
    /// When the file cannot be read or is no model.
    pub fn load(&self) -> Result<(ModelFile, f64)> {
        let model = ModelFile::load(&self.model)?;
        let threshold = self.threshold.map_or(model.metadata.threshold, Fraction::get);
        Ok((model, threshold))
    }
}

/// A file to read, or standard input.
#[derive(Clone, Debug)]
pub struct Input {
    /// None for standard input.
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
    /// What stands for it in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is the table that a model was trained on, as far as its path tells.
    pub fn is_training_table(&self, model: &ModelFile) -> bool {
        let config = Config::from_toml(&model.metadata.config, "the model", &[]);
        let trained_on = config.ok().and_then(|config| config.data.path?.canonicalize().ok());
        trained_on.is_some() && trained_on == self.path.as_ref().and_then(|path| path.canonicalize().ok())
    }

    /// Opens it.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(&self) -> Result<Box<dyn Read>> {
        Ok(match &self.path {
            None => Box::new(io::stdin().lock()),
            Some(path) => Box::new(WholeFile::open(path)?),
        })
    }
}
