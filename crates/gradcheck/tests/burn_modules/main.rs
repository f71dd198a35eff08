//! The gradient check of Burn's modules and of functions of tensors.

#![cfg(feature = "burn")]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first error")]

mod mistakes;
mod modules;
mod support;
