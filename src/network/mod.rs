//! The two-layer network: what is trained, and everything that is computed from it.

pub mod curvature;
pub mod gradients;
pub mod kernel;
pub mod loss;
mod model;

pub(crate) use model::transposed;
pub use model::{Batch, Forward, Parameters, Settings, TwoLayerNet};
