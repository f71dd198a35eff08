//! The gradient of the objective with respect to each parameter, and the engines that compute it.
//!
//! ```text
//! objective = cross-entropy + weight_decay / 2 * (sum of w1^2 + sum of w2^2)
//! ```
//!
//! The penalty is on weights, not on biases. [`manual`] has the formulas.

mod autodiff;
mod fused;
pub mod manual;
pub mod numeric;

use std::fmt;

use burn::module::Module as _;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::device::{Placement, tensor};
use crate::network::{Batch, Parameters, TwoLayerNet};

/// One gradient per parameter tensor, each in the parameter's shape, none with a graph attached.
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

/// The derivatives that backpropagation passes through on its way to the parameters.
#[derive(Clone, Debug)]
pub struct Inner {
    /// d objective / d z2, `[m, 1]`.
    pub dz2: Tensor<2>,
    /// d objective / d z1, `[m, h]`.
    pub dz1: Tensor<2>,
}

/// A way of computing the gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Burn records the forward pass and differentiates it.
    #[default]
    Autodiff,
    /// The formulas of backpropagation, written out in tensor operations.
    Manual,
    /// The same formulas in one pass over the samples, in vector instructions and on all cores; on the CPU, without Burn.
    Fused,
}

impl Engine {
    /// Every engine.
    pub const ALL: [Self; 3] = [Self::Autodiff, Self::Manual, Self::Fused];

    /// The device that this engine wants the network on.
    pub fn device(self, device: &Device) -> Device {
        match self {
            Self::Autodiff => device.clone().autodiff(),
            Self::Manual | Self::Fused => device.clone(),
        }
    }

    /// The gradient of the objective over the batch.
    ///
    /// The network lives on the device that [`Engine::device`] names, the batch on the plain one.
    pub fn gradients(self, net: &TwoLayerNet, batch: &Batch, weight_decay: f64) -> Gradients {
        match self {
            Self::Autodiff => autodiff::gradients(net, batch, weight_decay),
            Self::Manual | Self::Fused => self.with_inner(net, batch, weight_decay).0,
        }
    }

    /// The gradient together with the inner derivatives, by which a mistake can be placed, where the engine has them: the
    /// fused one never has more than a few samples' at a time.
    pub fn with_inner(self, net: &TwoLayerNet, batch: &Batch, weight_decay: f64) -> (Gradients, Option<Inner>) {
        match self {
            Self::Autodiff => {
                let (gradients, inner) = autodiff::with_inner(net, batch, weight_decay);
                (gradients, Some(inner))
            }
            Self::Fused => (fused::gradients(net, batch, weight_decay), None),
            Self::Manual => {
                let net = net.valid(); // without a graph, wherever it comes from
                let steps = manual::back_propagate(&net, batch);
                let inner = Inner { dz2: steps.dz2.clone(), dz1: steps.dz1.clone() };
                (Gradients::from(steps).with_decay(&net, weight_decay), Some(inner))
            }
        }
    }
}

impl Gradients {
    /// Adds the penalty's gradient, `weight_decay * w` for each weight w.
    fn with_decay(mut self, net: &TwoLayerNet, weight_decay: f64) -> Self {
        if weight_decay != 0.0 {
            self.w1 = self.w1 + net.w1().val() * weight_decay;
            self.w2 = self.w2 + net.w2().val() * weight_decay;
        }
        self
    }

    /// All gradients in one tensor, in the order of [`TwoLayerNet::packed`].
    pub fn packed(self) -> Tensor<1> {
        Tensor::cat(vec![self.w1.flatten(0, 1), self.b1, self.w2.flatten(0, 1), self.b2], 0)
    }

    /// Numbers in the layout of the parameters, as tensors.
    pub(crate) fn from_parameters(numbers: &Parameters, Placement { device, dtype }: &Placement) -> Self {
        let &Parameters { features, hidden, ref w1, ref b1, ref w2, ref b2 } = numbers;
        Self {
            w1: tensor(w1, [features, hidden], device, *dtype),
            b1: tensor(b1, [hidden], device, *dtype),
            w2: tensor(w2, [hidden, 1], device, *dtype),
            b2: tensor(b2, [1], device, *dtype),
        }
    }

    /// Hands each gradient to Burn's optimisers under its parameter's identifier.
    pub fn into_params(self, net: &TwoLayerNet) -> GradientsParams {
        let mut params = GradientsParams::new();
        params.register(net.w1().id, self.w1);
        params.register(net.b1().id, self.b1);
        params.register(net.w2().id, self.w2);
        params.register(net.b2().id, self.b2);
        params
    }
}

impl fmt::Display for Engine {
    /// The name used in configurations.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
