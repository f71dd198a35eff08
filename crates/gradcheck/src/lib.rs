//! Checks gradients: compares any methods that compute one with each other and with central differences.
//!
//! It works for any scalar function of named arrays:
//!
//! ```
//! use petal_gradcheck::{Array, Check};
//!
//! // f(w) = sum of w^3. The right gradient is 3 w^2; the wrong one lacks the 3.
//! let w = Array::new("w", [2, 2], vec![1.0, 2.0, -1.0, 0.5]);
//! let gradient = |factor: f64| {
//!     move |parameters: &[Array]| {
//!         let values = parameters[0].values.iter().map(|w| factor * w * w).collect();
//!         vec![Array::new("w", parameters[0].shape.clone(), values)]
//!     }
//! };
//! let check = || {
//!     Check::new(vec![w.clone()]).loss(|parameters| parameters[0].values.iter().map(|w| w.powi(3)).sum())
//! };
//! assert!(check().gradient("by hand", gradient(3.0)).run().unwrap().passed());
//! let report = check().gradient("by hand", gradient(1.0)).run().unwrap();
//! assert!(!report.passed());
//! assert!(report.to_string().contains("too small by exactly a factor of 3"), "{report}");
//! ```
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
