#![doc = include_str!("../README.md")]
//!
//! # How close is close enough
//!
//! Two values agree when `|a - b| <= relative * max(|a|, |b|, floor)`. A NaN or an infinity never agrees with anything.
//!
//! | compared | relative | floor |
//! | --- | --- | --- |
//! | two formulas in f64 | 1e-12, which is 4,500 roundings | the size of the terms of the sum |
//! | two formulas in f32 | 2e-5, which is 170 roundings | the same |
//! | differences and a formula in f64 | 1e-6 | 1e-3 times max(1, abs(loss)) |
//! | differences and a formula in f32 | 1e-3: the function itself is rounded before it is differentiated | the size of the terms |
//!
//! [`Check::term_size`] sets the size of the terms. The default is a hundredth of the largest element of the gradient. The
//! error of the differences is a few eps^(2/3) = 4e-11 of the loss (`derivative.rs`); 1e-6 times 1e-3 leaves a margin.
//!
//! Not covered: derivatives with respect to integers, and functions with more than one output.

#![forbid(unsafe_code)]

mod array;
#[cfg(feature = "burn")]
pub mod burn;
mod check;
mod comparison;
mod derivative;
mod diagnosis;
mod differences;
pub mod error;
mod extrapolation;
mod noise;
mod notes;
mod outlier;
mod report;
pub mod step_sweep;
mod tolerance;
mod vector;

pub use array::Array;
pub use check::{BoxedError, Check, IntoGradient};
pub use comparison::{Comparison, TensorReport, Verdict, WorstElement};
pub use diagnosis::diagnose;
pub use report::Report;
pub use tolerance::{NUMERIC, Precision, Tolerance};
