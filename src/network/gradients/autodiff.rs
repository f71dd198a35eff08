//! The gradient by Burn's reverse-mode automatic differentiation.
//!
//! Leaves out: formulas. They are Burn's.

use burn::module::Param;
use burn::tensor::{Gradients as Graph, Tensor};

use super::{Gradients, Inner};
use crate::network::loss::{cross_entropy, penalty};
use crate::network::{Batch, TwoLayerNet};

/// Runs the forward pass on the tape, then walks it backwards.
pub(super) fn gradients(net: &TwoLayerNet, batch: &Batch, weight_decay: f64) -> Gradients {
    let batch = lifted(batch);
    let z2 = net.forward(batch.x.clone()).z2; // [m, 1]
    take_all(net, &mut backward(net, z2, &batch, weight_decay))
}

/// The same with the derivatives by z2 and z1, read from tensors of zeros that are added to them.
pub(super) fn with_inner(net: &TwoLayerNet, batch: &Batch, weight_decay: f64) -> (Gradients, Inner) {
    let batch = lifted(batch);
    let ([m, _], [_, h]) = (batch.x.dims(), net.w1().dims());
    let zeros = |columns| Tensor::zeros([m, columns], (&batch.y.device(), batch.y.dtype())).require_grad();
    let (leaf1, leaf2) = (zeros(h), zeros(1)); // [m, h], [m, 1]
    let z2 = net.forward_shifted(batch.x.clone(), leaf1.clone(), leaf2.clone()).z2; // [m, 1]
    let mut graph = backward(net, z2, &batch, weight_decay);
    let inner = Inner { dz2: take(&leaf2, &mut graph), dz1: take(&leaf1, &mut graph) };
    (take_all(net, &mut graph), inner)
}

/// The batch on the autodiff device.
fn lifted(batch: &Batch) -> Batch {
    Batch { x: Tensor::from_inner(batch.x.clone()), y: Tensor::from_inner(batch.y.clone()) }
}

fn backward(net: &TwoLayerNet, z2: Tensor<2>, batch: &Batch, weight_decay: f64) -> Graph {
    let loss = cross_entropy(z2, batch.y.clone()); // [1]
    if weight_decay != 0.0 {
        (loss + penalty(net.w1().val(), net.w2().val(), weight_decay)).backward()
    } else {
        loss.backward()
    }
}

fn take_all(net: &TwoLayerNet, graph: &mut Graph) -> Gradients {
    fn parameter<const D: usize>(parameter: &Param<Tensor<D>>, graph: &mut Graph) -> Tensor<D> {
        take(&parameter.val(), graph)
    }
    Gradients {
        w1: parameter(net.w1(), graph),
        b1: parameter(net.b1(), graph),
        w2: parameter(net.w2(), graph),
        b2: parameter(net.b2(), graph),
    }
}

fn take<const D: usize>(leaf: &Tensor<D>, graph: &mut Graph) -> Tensor<D> {
    leaf.grad_remove(graph).unwrap_or_else(|| leaf.zeros_like().inner())
}
