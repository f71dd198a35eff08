//! The gradient of the loss with respect to each parameter, and the engines that compute it.

mod autodiff;

use std::fmt;

use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::model::{Batch, TwoLayerNet};

/// One gradient per parameter tensor, each in the parameter's shape, none with a graph attached.
#[derive(Clone, Debug)]
pub struct Gradients {
    /// d loss / d w1, `[d, h]`.
    pub w1: Tensor<2>,
    /// d loss / d b1, `[h]`.
    pub b1: Tensor<1>,
    /// d loss / d w2, `[h, 1]`.
    pub w2: Tensor<2>,
    /// d loss / d b2, `[1]`.
    pub b2: Tensor<1>,
}

/// A way of computing the gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Burn records the forward pass and differentiates it.
    #[default]
    Autodiff,
}

impl Engine {
    /// The device that this engine wants the model and the data on.
    pub fn device(self, device: &Device) -> Device {
        match self {
            Self::Autodiff => device.clone().autodiff(),
        }
    }

    /// The gradient of the mean cross-entropy over the batch.
    ///
    /// Both arguments live on the device that [`Engine::device`] names.
    pub fn gradients(self, net: &TwoLayerNet, batch: &Batch) -> Gradients {
        match self {
            Self::Autodiff => autodiff::gradients(net, batch),
        }
    }
}

impl Gradients {
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
