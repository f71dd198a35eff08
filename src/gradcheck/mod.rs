//! Checks the gradients of the two-layer network with the crate [`petal_gradcheck`], which compares any methods that
//! compute a gradient.
//!
//! - [`point`] checks the network's gradients at given parameters and data.
//! - [`parameters`] converts the network's parameters to arrays and back.
//! - [`mistakes`] computes wrong gradients of the network, one for each classic mistake.
//! - [`gallery`] shows what a check reports for each of these mistakes.

pub mod gallery;
pub mod mistakes;
pub mod parameters;
pub mod point;

pub use petal_gradcheck::burn::{array_from_tensor, tensor_from_array};
pub use petal_gradcheck::{
    Array, Check, Comparison, NUMERIC, Report, TensorReport, Tolerance, WorstElement, diagnose, step_sweep,
};
