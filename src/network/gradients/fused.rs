//! The gradient by the fused kernel, for a network on Burn's tensors.
//!
//! The tensors are copied to slices of numbers, and the gradient is copied back. Training with the fused engine
//! ([`crate::train`]) does not need these copies. The formulas are in [`petal_fused`].

use burn::module::Module as _;
use burn::tensor::Tensor;

use super::tensors::Gradients;
use crate::device::{Placement, tensor};
use crate::network::fused_bridge;
use crate::network::{Batch, Parameters, TwoLayerNet};

pub(super) fn gradients(net: &TwoLayerNet, batch: &Batch, weight_decay: f64) -> Gradients {
    let placement = Placement { device: batch.x.device(), dtype: batch.x.dtype() };
    let net = net.valid();
    let parameters = Parameters {
        features: net.w1().dims()[0],
        hidden: net.w1().dims()[1],
        activation: net.activation(),
        w1: numbers(net.w1().val()),
        b1: numbers(net.b1().val()),
        w2: numbers(net.w2().val()),
        b2: numbers(net.b2().val()),
    };
    let x = numbers(batch.x.clone());
    let labels: Vec<u8> = numbers(batch.y.clone())
        .into_iter()
        .map(|label| u8::from(label > 0.5))
        .collect();

    let gradient = fused_bridge::gradient(&parameters, &x, &labels, weight_decay, placement.precision());
    let Parameters { features, hidden, w1, b1, w2, b2, .. } = gradient;
    let Placement { device, dtype } = &placement;
    Gradients {
        w1: tensor(&w1, [features, hidden], device, *dtype),
        b1: tensor(&b1, [hidden], device, *dtype),
        w2: tensor(&w2, [hidden, 1], device, *dtype),
        b2: tensor(&b2, [1], device, *dtype),
    }
}

/// The elements of a tensor, row by row.
fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter().collect()
}
