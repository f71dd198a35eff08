#![doc = include_str!("../README.md")]
//!
//! # Why this is a separate crate
//!
//! - Speed. Its loops run over a million rows, so this crate is optimised in every build. The rest of Petal is not, which keeps
//!   builds short.
//! - Fuzzing. Without Burn it builds in seconds, so a fuzzer can test the readers of tables.
//!
//! # Modules, in reading order
//!
//! Data:
//!
//! | module | content |
//! | --- | --- |
//! | [`Dataset`] | samples in rows, with labels of 0 or 1 |
//! | [`generate`] | generated sets of points in the plane |
//! | [`numpy`] | NumPy's legacy random stream |
//! | [`table`] | reading CSV and Parquet files |
//! | [`schema`] | how columns become inputs and a label |
//! | [`doctor`] | findings about a table that may spoil training, such as leakage |
//! | [`split`] | training, validation and test samples |
//! | [`scaling`] | standardisation of features |
//! | [`FloatType`] | the float type that computes, and the values that do not fit it |
//! | [`InputRanges`] | the smallest and the largest value of each input |
//! | [`Settings`], [`prepare()`] | the settings of the data, and all steps above in one function |
//! | [`csv_writer`] | writing a data set as CSV |
//! | [`fingerprint()`] | a hash of the data |
//!
//! Evaluation and mathematics:
//!
//! | module | content |
//! | --- | --- |
//! | [`metrics`] | scores with confidence intervals, curves, thresholds |
//! | [`baseline`] | logistic regression, and the fraction of ones, to compare a network with |
//! | [`logistic`] | the sigmoid, and the cross-entropy of a logit |
//! | [`pca`] | the two leading principal components |
//! | [`lanczos`] | the largest eigenvalue of a symmetric matrix |
//! | [`vector`] | inner products and sums of vectors |
//!
//! General:
//!
//! | module | content |
//! | --- | --- |
//! | [`checked_numbers`] | number types with a range that is checked once |
//! | [`checked_path`] | paths from settings, without those that mean something else than they say |
//! | [`error`](mod@error) | the error type of this crate |
//! | [`file_kind`](mod@file_kind) | recognising what a file is by its first bytes |
//! | [`text`] | numbers and words for messages |
//! | [`panics`] | panics of libraries as errors |
//!
//! This crate neither prints nor draws.

#![forbid(unsafe_code)]

pub mod baseline;
pub mod checked_numbers;
pub mod checked_path;
pub mod csv_writer;
mod dataset;
pub mod doctor;
pub mod error;
pub mod file_kind;
mod fingerprint;
mod float_type;
pub mod generate;
mod input_ranges;
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
pub use fingerprint::{bytes_fingerprint, fingerprint, sha256};
pub use float_type::FloatType;
pub use input_ranges::InputRanges;
pub use prepare::{Prepared, TableInfo, place, prepare, prepare_text};
pub use settings::{DataKind, Settings, Source};
