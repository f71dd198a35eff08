//! The error of this crate. A message names the place, the value, and what is accepted.
//!
//! Errors do not decide what happens next. Programs choose exit codes ([`crate::cli`]).

use std::io;
use std::path::{Path, PathBuf};

use petal_data::error::reason;
use petal_data::split::Part;
use petal_data::text::short;

/// What can go wrong, in words for the person who started the program. The variant says what kind of thing it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A configuration that cannot be read: not TOML, an unknown key, a wrong type, a number out of range.
    #[error("{message} ({place})")]
    Config {
        /// `file:line`, or the command-line option.
        place: String,
        /// The key, its value and what is accepted.
        message: String,
    },

    /// Settings that are valid one by one and do not go together.
    #[error("{0}")]
    Setting(String),

    /// An option of the command line whose value is not accepted.
    #[error("{0}")]
    Argument(String),

    /// Data that cannot be read or are not as they should be.
    #[error(transparent)]
    Data(#[from] petal_data::error::Error),

    /// A file or folder that cannot be read or written.
    #[error("cannot {action} {}: {}", path.display(), reason(path, source))]
    File {
        /// What was being done, for example `write`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },

    /// A file that was read and does not hold what it should.
    #[error("{}: {message}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it and what is accepted.
        message: String,
    },

    /// A folder or file that exists already, that another program uses, or that does not belong to a run.
    #[error("{0}")]
    Folder(String),

    /// Something that its file format cannot hold.
    #[error("{0}")]
    Encoding(String),

    /// A training run that cannot start, or that ended too early.
    #[error("{0}")]
    Training(String),

    /// A training run that cannot start, because the cost of the initial parameters is too high or not finite.
    #[error("{}", initial_cost(*cost, *part, *limit))]
    InitialCost {
        /// The cost.
        cost: f64,
        /// The samples that have it: for training or for validation.
        part: Part,
        /// `train.cost_limit`.
        limit: f64,
    },

    /// A comparison of gradients that lacks something, such as a second gradient.
    #[error(transparent)]
    GradientCheck(petal_gradcheck::error::Error),

    /// A device that cannot be used, or that failed in use.
    #[error("{}: {reason}", device_or_current(device))]
    Device {
        /// Its name in configurations; empty until `device::catch_failure` adds it.
        device: String,
        /// What is wrong with it.
        reason: String,
    },

    /// A picture that cannot be drawn.
    #[error(transparent)]
    Picture(#[from] petal_plot::error::Error),

    /// The terminal: Ctrl-C cannot be handled, or standard output cannot be written.
    #[error("{0}")]
    Terminal(String),

    /// Something that failed after the results worth keeping were written.
    #[error("{source}; what was written before is kept in {}", folder.display())]
    Unfinished {
        /// What failed.
        source: Box<Error>,
        /// Where the rest is.
        folder: PathBuf,
    },
}

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Builds the closure that `map_err` wants for failed file operations.
    pub fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }

    /// The same error, with the folder that keeps what was written before it.
    pub fn after(self, folder: &Path) -> Self {
        Self::Unfinished { source: Box::new(self), folder: folder.to_owned() }
    }

    /// A failure of the device in use.
    pub fn device(reason: impl Into<String>) -> Self {
        Self::Device { device: String::new(), reason: reason.into() }
    }
}

impl From<petal_gradcheck::error::Error> for Error {
    /// A gradient function of this crate fails with an error of this crate, which says enough alone.
    fn from(error: petal_gradcheck::error::Error) -> Self {
        match error {
            petal_gradcheck::error::Error::Gradient { name, source } => match source.downcast::<Self>() {
                Ok(own) => *own,
                Err(source) => Self::GradientCheck(petal_gradcheck::error::Error::Gradient { name, source }),
            },
            other => Self::GradientCheck(other),
        }
    }
}

fn initial_cost(cost: f64, part: Part, limit: f64) -> String {
    if cost <= limit && part == Part::Train {
        return "the initial parameters are not all finite".into();
    }
    let validation = if part == Part::Validation { "validation " } else { "" };
    let accepted = if cost.is_finite() {
        format!("at most train.cost_limit = {}", short(limit))
    } else {
        "finite".into()
    };
    format!("the {validation}cost of the initial parameters is {}: must be {accepted}", short(cost))
}

fn device_or_current(device: &str) -> String {
    if device.is_empty() {
        "the device failed".into()
    } else {
        format!("device = {device:?}")
    }
}
