//! A gradient of the network: one tensor for each parameter tensor.

use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use crate::device::{Placement, tensor};
use crate::network::{Parameters, TwoLayerNet};

/// One gradient per parameter tensor, in the parameter's shape. The tensors are not part of an autodiff graph.
#[derive(Clone, Debug)]
pub struct Gradients {
    /// d objective / d w1, `[d, h]`.
    pub w1: Tensor<2>,
    /// d objective / d b1, `[h]`.
    pub b1: Tensor<1>,
    /// d objective / d w2, `[h, 1]`.
    pub w2: Tensor<2>,
    /// d objective / d b2, `[1]`.
    pub b2: Tensor<1>,
}

/// The derivatives with respect to inner values, which backpropagation computes before those of the parameters.
#[derive(Clone, Debug)]
pub struct PreActivationGradients {
    /// d objective / d z2, `[m, 1]`.
    pub dz2: Tensor<2>,
    /// d objective / d z1, `[m, h]`.
    pub dz1: Tensor<2>,
}

impl Gradients {
    /// Adds the gradient of the penalty, `weight_decay * w` for each weight w.
    pub(super) fn with_decay(mut self, net: &TwoLayerNet, weight_decay: f64) -> Self {
        if weight_decay != 0.0 {
            self.w1 = self.w1 + net.w1().val() * weight_decay;
            self.w2 = self.w2 + net.w2().val() * weight_decay;
        }
        self
    }

    /// All gradients in one tensor, in the order of [`TwoLayerNet::flattened`].
    pub fn flattened(self) -> Tensor<1> {
        Tensor::cat(vec![self.w1.flatten(0, 1), self.b1, self.w2.flatten(0, 1), self.b2], 0)
    }

    /// Copies numbers in the layout of the parameters to a device.
    pub(crate) fn from_parameters(numbers: &Parameters, Placement { device, dtype }: &Placement) -> Self {
        let &Parameters { features, hidden, ref w1, ref b1, ref w2, ref b2, .. } = numbers;
        Self {
            w1: tensor(w1, [features, hidden], device, *dtype),
            b1: tensor(b1, [hidden], device, *dtype),
            w2: tensor(w2, [hidden, 1], device, *dtype),
            b2: tensor(b2, [1], device, *dtype),
        }
    }

    /// Registers each gradient under its parameter's id, as Burn's optimisers expect it.
    pub fn into_params(self, net: &TwoLayerNet) -> GradientsParams {
        let mut params = GradientsParams::new();
        params.register(net.w1().id, self.w1);
        params.register(net.b1().id, self.b1);
        params.register(net.w2().id, self.w2);
        params.register(net.b2().id, self.b2);
        params
    }
}
