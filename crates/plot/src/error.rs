//! The error of this crate.

/// A picture that cannot be drawn or encoded, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot draw the picture: {0}")]
pub struct Error(pub(crate) String);

/// The result of drawing.
pub type Result<T, E = Error> = std::result::Result<T, E>;
