//! The choice of what computes the gradient.

use std::fmt;

use burn::module::Module as _;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::tensors::{Gradients, PreActivationGradients};
use super::{autodiff, fused, manual};
use crate::network::{Batch, TwoLayerNet};

/// What computes the gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Burn records the forward pass and differentiates it.
    #[default]
    Autodiff,
    /// The formulas of backpropagation, written out in tensor operations.
    Manual,
    /// The same formulas in one pass over the samples, in vector instructions and on all cores. It runs on the CPU,
    /// without Burn.
    Fused,
}

impl Engine {
    /// Every engine.
    pub const ALL: [Self; 3] = [Self::Autodiff, Self::Manual, Self::Fused];

    /// The device that the network must be on for this engine.
    pub fn device(self, device: &Device) -> Device {
        match self {
            Self::Autodiff => device.clone().autodiff(),
            Self::Manual | Self::Fused => device.clone(),
        }
    }

    /// The gradient of the objective over the batch.
    ///
    /// For autodiff, the network must be on the device of [`Engine::device`], the batch on the device without
    /// autodiff.
    pub fn gradients(self, net: &TwoLayerNet, batch: &Batch, weight_decay: f64) -> Gradients {
        match self {
            Self::Autodiff => autodiff::gradients(net, batch, weight_decay),
            Self::Manual | Self::Fused => self.gradients_with_pre_activations(net, batch, weight_decay).0,
        }
    }

    /// The gradient together with the inner derivatives, which help to locate a mistake.
    ///
    /// The fused engine returns no inner derivatives: it keeps them only for a few samples at a time.
    pub fn gradients_with_pre_activations(
        self,
        net: &TwoLayerNet,
        batch: &Batch,
        weight_decay: f64,
    ) -> (Gradients, Option<PreActivationGradients>) {
        match self {
            Self::Autodiff => {
                let (gradients, inner) = autodiff::gradients_with_pre_activations(net, batch, weight_decay);
                (gradients, Some(inner))
            }
            Self::Fused => (fused::gradients(net, batch, weight_decay), None),
            Self::Manual => {
                let net = net.valid(); // a network on an autodiff device is accepted too
                let steps = manual::back_propagate(&net, batch);
                let inner = PreActivationGradients { dz2: steps.dz2.clone(), dz1: steps.dz1.clone() };
                (Gradients::from(steps).with_decay(&net, weight_decay), Some(inner))
            }
        }
    }
}

impl fmt::Display for Engine {
    /// The name used in configurations.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
