//! The gradient check of any function of arrays.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first error")]

mod comparisons;
mod diagnosis;
mod directions;
mod kinks;
mod noise;
mod smooth;
mod support;
mod tolerances;
