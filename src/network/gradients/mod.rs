//! The gradient of the objective with respect to each parameter, and the engines that compute it.
//!
//! ```text
//! objective = cross-entropy + weight_decay / 2 * (sum of w1^2 + sum of w2^2)
//! ```
//!
//! The penalty is on weights, not on biases. [`manual`] has the formulas.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `autodiff` | the gradient by Burn's automatic differentiation |
//! | [`manual`] | manual backpropagation |
//! | `fused` | the gradient by the fused kernel |
//! | [`numeric`] | the loss for central differences, independent of the engines ([`crate::gradcheck`] differentiates it) |
//! | `engine` | the choice between the first three |
//! | `tensors` | the type of a gradient |

mod autodiff;
mod engine;
mod fused;
pub mod manual;
pub mod numeric;
mod tensors;

pub use engine::Engine;
pub use tensors::{Gradients, PreActivationGradients};
