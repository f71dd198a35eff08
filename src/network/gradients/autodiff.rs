//! The gradient by Burn's automatic differentiation in reverse mode.
//!
//! There are no formulas for derivatives here. They are Burn's.

use burn::module::Param;
use burn::tensor::{Gradients as BurnGradients, Tensor};

use super::tensors::{Gradients, PreActivationGradients};
use crate::network::loss::{cross_entropy, penalty};
use crate::network::{Batch, TwoLayerNet};

/// Records the forward pass, then runs it backwards.
pub(super) fn gradients(net: &TwoLayerNet, batch: &Batch, weight_decay: f64) -> Gradients {
    let batch = on_autodiff_device(batch);
    let z2 = net.forward(batch.x.clone()).z2; // [m, 1]
    let mut gradients = backward(net, z2, &batch, weight_decay);
    parameter_gradients(net, &mut gradients)
}

/// The gradients of the parameters, and those of z2 and z1.
pub(super) fn gradients_with_pre_activations(
    net: &TwoLayerNet,
    batch: &Batch,
    weight_decay: f64,
) -> (Gradients, PreActivationGradients) {
    let batch = on_autodiff_device(batch);
    let ([m, _], [_, h]) = (batch.x.dims(), net.w1().dims());

    // Burn gives gradients of leaves only. Zeros that are added to z1 and z2 are leaves with the same gradients.
    let zeros = |columns| Tensor::zeros([m, columns], (&batch.y.device(), batch.y.dtype())).require_grad();
    let (z1_offset, z2_offset) = (zeros(h), zeros(1)); // [m, h], [m, 1]
    let z2 = net
        .forward_with_offsets(batch.x.clone(), z1_offset.clone(), z2_offset.clone())
        .z2; // [m, 1]

    let mut gradients = backward(net, z2, &batch, weight_decay);
    let inner =
        PreActivationGradients { dz2: gradient(&z2_offset, &mut gradients), dz1: gradient(&z1_offset, &mut gradients) };
    (parameter_gradients(net, &mut gradients), inner)
}

fn on_autodiff_device(batch: &Batch) -> Batch {
    Batch { x: Tensor::from_inner(batch.x.clone()), y: Tensor::from_inner(batch.y.clone()) }
}

fn backward(net: &TwoLayerNet, z2: Tensor<2>, batch: &Batch, weight_decay: f64) -> BurnGradients {
    let loss = cross_entropy(z2, batch.y.clone()); // [1]
    if weight_decay != 0.0 {
        (loss + penalty(net.w1().val(), net.w2().val(), weight_decay)).backward()
    } else {
        loss.backward()
    }
}

fn parameter_gradients(net: &TwoLayerNet, gradients: &mut BurnGradients) -> Gradients {
    fn of_parameter<const D: usize>(parameter: &Param<Tensor<D>>, gradients: &mut BurnGradients) -> Tensor<D> {
        gradient(&parameter.val(), gradients)
    }
    Gradients {
        w1: of_parameter(net.w1(), gradients),
        b1: of_parameter(net.b1(), gradients),
        w2: of_parameter(net.w2(), gradients),
        b2: of_parameter(net.b2(), gradients),
    }
}

/// The gradient of a leaf, zero if the loss does not depend on it.
fn gradient<const D: usize>(leaf: &Tensor<D>, gradients: &mut BurnGradients) -> Tensor<D> {
    leaf.grad_remove(gradients).unwrap_or_else(|| leaf.zeros_like().inner())
}
