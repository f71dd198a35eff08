//! The two-layer network: what is trained, and what is computed from it.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `parameters` | all weights and biases as plain numbers, and their initial values |
//! | `model` | the Burn module and its forward pass |
//! | [`loss`] | the cross-entropy from logits, and the L2 penalty |
//! | [`gradients`] | the three engines that differentiate the loss |
//! | [`fused_bridge`] | the bridge to the fused engine, which is the crate `petal-fused` |
//! | [`curvature`] | second derivatives: Hessian products, sharpness |

pub mod curvature;
pub mod fused_bridge;
pub mod gradients;
pub mod loss;
mod model;
mod parameters;

pub use model::{Batch, Forward, TwoLayerNet};
pub(crate) use parameters::transposed;
pub use parameters::{Parameters, Settings};
