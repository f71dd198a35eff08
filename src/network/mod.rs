//! The two-layer network: what is trained, and what is computed from it.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `parameters` | all weights and biases as plain numbers, and their initial values |
//! | `activation` | the activation function of the hidden layer, with its derivatives |
//! | `model` | the Burn module and its forward pass |
//! | [`loss`] | the cross-entropy from logits, and the L2 penalty |
//! | [`gradients`] | the three engines that differentiate the loss |
//! | [`fused_bridge`] | the bridge to the fused engine, which is the crate `petal-fused` |
//! | [`hidden_units`] | units that stay equal to others, and units without a gradient |
//! | [`curvature`] | second derivatives: Hessian products, sharpness |

mod activation;
pub mod curvature;
pub mod fused_bridge;
pub mod gradients;
pub mod hidden_units;
pub mod loss;
mod model;
mod parameters;

pub use activation::Activation;
pub use model::{Batch, Forward, TwoLayerNet};
pub(crate) use parameters::transposed;
pub use parameters::{Init, Parameters, Settings};
