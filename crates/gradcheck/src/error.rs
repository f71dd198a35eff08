//! The error of this crate.

use std::error::Error as StdError;

/// Why a check could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A check that lacks something, such as a second gradient, or has two things of the same name.
    #[error("{0}")]
    Check(String),

    /// A gradient function that failed.
    #[error("the gradient {name:?} cannot be computed: {source}")]
    Gradient {
        /// The gradient's name.
        name: String,
        /// What the function said.
        source: Box<dyn StdError + Send + Sync>,
    },
}

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
