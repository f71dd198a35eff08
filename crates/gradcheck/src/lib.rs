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
//! | differences and a formula in f64 | 1e-9 | a thousandth of the size of the terms, or the error of the differences / 1e-9 |
//! | differences and a formula in f32 | 1e-4: the formula starts from rounded inner values, the differences do not | the size of the terms, or the error of the differences / 1e-4 |
//!
//! [`Check::term_size`] sets the size of the terms. The default is a hundredth of the largest element of the gradient.
//! Against differences in f32 it is at least the rounding of the function, moved to the derivative: `16 eps |f| / max(1, |theta|)`
//! divided by the tolerance.
//!
//! **Central differences** start with two steps, about 4e-3 and 5e-4 (`derivative.rs`). Where a gradient disagrees with
//! them, they are refined: steps from 1/4 to 3e-11 are extrapolated, and each estimate gets an error, from its last change
//! and from the noise of the function (`extrapolation.rs`). A gradient is judged only to within that error. So a relative
//! mistake of 3e-9 is found in a smooth function of about the size of its derivative. Beside a large loss, it is hidden by
//! the rounding of the loss.
//!
//! **Noise** is measured at a dozen points (`noise.rs`). If the function computes in single precision somewhere, the report
//! says so in a note. Differences then use larger steps and confirm a few digits only.
//!
//! **Kinks.** Where the slopes from the left and from the right differ, as at 0 in ReLU, an element is not compared. A note
//! names it. A gradient between the two slopes passes; any other one does not. Close to a kink, a gradient that equals the
//! slope of either side may be left unjudged, which a note says.
//!
//! **Empty tolerances.** If the tolerance is more than a fifth of every element of a tensor, an agreement says nothing. The
//! verdict is then [`Verdict::ShowsNothing`], and a note names the tensor. A report passes with such notes, unless it has
//! nothing else. Single elements that differ by more than a fifth within the tolerance are named in a note too.
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
