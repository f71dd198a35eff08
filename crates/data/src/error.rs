//! The error type of this crate. A message names the location, the value, and what is accepted.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use crate::text::one_line;

/// What can be wrong with data or settings. The messages address the person who provided them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Settings that contradict each other, or that the data cannot satisfy.
    #[error("{0}")]
    Setting(String),

    /// A file operation that failed.
    #[error("cannot {action} {}: {}", path.display(), reason(path, source))]
    File {
        /// The operation, for example `read`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },

    /// A table with wrong content.
    #[error("{place}: {}", one_line(message))]
    Table {
        /// `file:line:column`, or only the first parts of it if the error concerns a whole line or file.
        place: String,
        /// What is wrong, and what is accepted.
        message: String,
    },
}

/// A result with the error of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Returns a closure for `map_err` after a file operation.
    pub fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }
}

/// Why a file operation failed. If a relative path does not exist, also the folder from which it was looked for.
pub fn reason(path: &Path, source: &io::Error) -> String {
    let reason = plain(source);
    match env::current_dir() {
        Ok(folder) if source.kind() == io::ErrorKind::NotFound && path.is_relative() => {
            format!("{reason}; looked for from the folder {}", folder.display())
        }
        _ => reason,
    }
}

/// The message of the operating system, without Rust's suffix `(os error 2)`, which does not help a user.
pub fn plain(source: &io::Error) -> String {
    let text = source.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_lowercase(),
        None => text,
    }
}
