//! Petal's one error. A message names the place, the value, and what is accepted.
//!
//! Leaves out: any decision about what happens next. Exit codes are the business of the programs.

use std::io;
use std::path::{Path, PathBuf};

use crate::text::one_line;

/// What can go wrong, in words meant for the person who started the program.
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

    /// Settings that are fine one by one and impossible together, or a device that is not there.
    #[error("{0}")]
    Settings(String),

    /// A file or folder that cannot be read or written.
    #[error("cannot {action} {}: {}", path.display(), plain(source))]
    File {
        /// What was being done, for example `write`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },

    /// Something that failed when the results worth keeping were written already.
    #[error("{source}; what was written before is kept in {}", folder.display())]
    Unfinished {
        /// What failed.
        source: Box<Error>,
        /// Where the rest is.
        folder: PathBuf,
    },

    /// A file that was read and does not hold what it should.
    #[error("{}: {message}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it and what is accepted.
        message: String,
    },

    /// A table that does not hold what it should.
    #[error("{place}: {}", one_line(message))]
    Table {
        /// `file:line:column`, or less where it concerns more.
        place: String,
        /// What is wrong there and what is accepted.
        message: String,
    },

    /// A picture that cannot be drawn.
    #[error("cannot draw a picture: {0}")]
    Picture(String),

    /// A device that cannot be used, or that failed in use.
    #[error("{}: {reason}", place(device))]
    Device {
        /// Its name in configurations; empty where only one is in use.
        device: String,
        /// What is wrong with it.
        reason: String,
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

    /// The same, where a folder keeps what was reached before.
    pub fn after(self, folder: &Path) -> Self {
        Self::Unfinished { source: Box::new(self), folder: folder.to_owned() }
    }

    /// A failure of the device in use.
    pub fn device(reason: impl Into<String>) -> Self {
        Self::Device { device: String::new(), reason: reason.into() }
    }
}

fn place(device: &str) -> String {
    if device.is_empty() {
        "the device failed".into()
    } else {
        format!("device = {device:?}")
    }
}

/// The operating system's message without Rust's `(os error 2)`, which tells a user nothing.
pub fn plain(source: &io::Error) -> String {
    let text = source.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_lowercase(),
        None => text,
    }
}
