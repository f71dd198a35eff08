//! The error of this crate. A message names the place, the value, and what is accepted.

use std::io;
use std::path::{Path, PathBuf};

use crate::text::one_line;

/// What can be wrong with data, in words for the person who gave them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Settings that do not go together, or that the data cannot meet.
    #[error("{0}")]
    Setting(String),

    /// A file that cannot be read.
    #[error("cannot {action} {}: {}", path.display(), plain(source))]
    File {
        /// What was being done, for example `read`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },

    /// A table that does not hold what it should.
    #[error("{place}: {}", one_line(message))]
    Table {
        /// `file:line:column`, or less where it concerns more.
        place: String,
        /// What is wrong there and what is accepted.
        message: String,
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
}

/// The operating system's message without Rust's `(os error 2)`, which tells a user nothing.
pub fn plain(source: &io::Error) -> String {
    let text = source.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_lowercase(),
        None => text,
    }
}
