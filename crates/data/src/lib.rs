#![doc = include_str!("../README.md")]
//!
//! # Why it is a crate of its own
//!
//! There are two reasons. Its loops run over a million rows, and so it is optimised in every build, where
//! the rest need not be. And without a framework it is built in seconds, so that a fuzzer can throw bytes at it.
//!
//! # The map, in reading order
//!
//! | room | what is in it |
//! | --- | --- |
//! | [`data`] | samples and labels; the generated sets; NumPy's random stream; tables, and what is noteworthy about one |
//! | [`metrics`] | scores of predictions, with intervals; curves; thresholds |
//! | [`baseline`] | logistic regression, as a yardstick |
//! | [`components`] | the plane in which rows vary most |
//! | [`lanczos`] | the largest eigenvalue of what can be multiplied with |
//! | [`checked`], [`error`], [`text`], [`caught`] | numbers that cannot be invalid, the error of all of Petal, words, panics of others |
//!
//! Leaves out: networks, and everything that prints or draws.

#![forbid(unsafe_code)]

pub mod baseline;
pub mod checked;
pub mod csv;
mod dataset;
pub mod doctor;
pub mod error;
mod fingerprint;
pub mod generate;
pub mod lanczos;
mod linear_solver;
pub mod logistic;
pub mod metrics;
pub mod numpy;
pub mod panics;
pub mod pca;
mod prepare;
pub mod scaling;
pub mod schema;
mod settings;
pub mod split;
pub mod table;
pub mod text;
pub mod vector;

pub use dataset::Dataset;
pub use fingerprint::fingerprint;
pub use prepare::{Prepared, TableInfo, prepare};
pub use settings::{DataKind, Settings, Source};
