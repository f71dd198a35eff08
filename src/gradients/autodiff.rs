//! The gradient by Burn's reverse-mode automatic differentiation.
//!
//! Leaves out: formulas. They are Burn's.

use burn::module::Param;
use burn::tensor::{Gradients as Graph, Tensor};

use super::Gradients;
use crate::loss::cross_entropy;
use crate::model::{Batch, TwoLayerNet};

/// Runs the forward pass on the tape, then walks it backwards.
pub(super) fn gradients(net: &TwoLayerNet, batch: &Batch) -> Gradients {
    let z2 = net.forward(batch.x.clone()).z2; // [m, 1]
    let mut graph = cross_entropy(z2, batch.y.clone()).backward();
    Gradients {
        w1: take(net.w1(), &mut graph),
        b1: take(net.b1(), &mut graph),
        w2: take(net.w2(), &mut graph),
        b2: take(net.b2(), &mut graph),
    }
}

fn take<const D: usize>(parameter: &Param<Tensor<D>>, graph: &mut Graph) -> Tensor<D> {
    let value = parameter.val();
    value.grad_remove(graph).unwrap_or_else(|| value.zeros_like().inner())
}
