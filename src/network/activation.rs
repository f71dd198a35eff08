//! The activation function of the hidden layer, with its derivatives. Each derivative is written in terms of the activation a1,
//! which the forward pass has already computed.
//!
//! ```text
//!            a1 = f(z1)         f'(z1)                     f''(z1)
//! tanh       tanh(z1)           1 - a1^2                   -2 a1 (1 - a1^2)
//! sigmoid    1 / (1 + e^-z1)    a1 (1 - a1)                a1 (1 - a1) (1 - 2 a1)
//! relu       max(z1, 0)         1 where a1 > 0, else 0     0
//! identity   z1                 1                          0
//! ```
//!
//! relu has a kink at z1 = 0 and no derivative there. The value is 0, as in Burn, PyTorch and JAX. Its second derivative is 0
//! everywhere else.
//!
//! With `identity`, two linear layers are one linear function of the inputs: logistic regression, with more parameters than
//! it needs.
//!
//! Not covered: the output layer, which always has the sigmoid.

use std::fmt;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::loss::sigmoid;

/// The activation of tanh above which its derivative is below 0.02. The sigmoid is (tanh(z1 / 2) + 1) / 2.
const SATURATION_THRESHOLD: f64 = 0.99;

/// The activation function of the hidden layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// The hyperbolic tangent, from -1 to 1.
    #[default]
    Tanh,
    /// The logistic function, from 0 to 1.
    Sigmoid,
    /// The rectified linear unit, from 0 to infinity.
    Relu,
    /// No activation function.
    Identity,
}

impl Activation {
    /// Every activation function.
    pub const ALL: [Self; 4] = [Self::Tanh, Self::Sigmoid, Self::Relu, Self::Identity];

    /// a1 for each z1.
    ///
    /// # Shapes
    /// `z1` and the result are `[m, h]`.
    pub fn forward(self, z1: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Tanh => z1.tanh(),
            Self::Sigmoid => sigmoid_tensor(z1),
            Self::Relu => burn::tensor::activation::relu(z1),
            Self::Identity => z1,
        }
    }

    /// The derivative of a1 with respect to z1, from a1.
    ///
    /// # Shapes
    /// `a1` and the result are `[m, h]`.
    pub fn derivative(self, a1: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Tanh => a1.clone() * -a1 + 1.0,
            Self::Sigmoid => a1.clone() * (-a1 + 1.0),
            Self::Relu => a1.clone().greater_elem(0.0).float().cast(a1.dtype()),
            Self::Identity => a1.ones_like(),
        }
    }

    /// a1 for one z1, as a plain number.
    pub fn value_at(self, z1: f64) -> f64 {
        match self {
            Self::Tanh => z1.tanh(),
            Self::Sigmoid => sigmoid(z1),
            // Unlike `f64::max`, this keeps NaN.
            Self::Relu => {
                if z1 <= 0.0 {
                    0.0
                } else {
                    z1
                }
            }
            Self::Identity => z1,
        }
    }

    /// The derivative of a1 with respect to z1, from one a1.
    pub fn derivative_at(self, a1: f64) -> f64 {
        match self {
            Self::Tanh => 1.0 - a1 * a1,
            Self::Sigmoid => a1 * (1.0 - a1),
            Self::Relu => f64::from(u8::from(a1 > 0.0)),
            Self::Identity => 1.0,
        }
    }

    /// The second derivative of a1 with respect to z1, from one a1.
    pub fn second_derivative_at(self, a1: f64) -> f64 {
        match self {
            Self::Tanh => -2.0 * a1 * (1.0 - a1 * a1),
            Self::Sigmoid => a1 * (1.0 - a1) * (1.0 - 2.0 * a1),
            Self::Relu | Self::Identity => 0.0,
        }
    }

    /// The function as text, with `z1` in its place.
    pub fn formula(self, z1: &str) -> String {
        match self {
            Self::Tanh => format!("tanh({z1})"),
            Self::Sigmoid => format!("sigmoid({z1})"),
            Self::Relu => format!("max({z1}, 0)"),
            Self::Identity => z1.into(),
        }
    }

    /// The derivative as text, with `a1` in its place. As in NumPy, `a1 > 0` is 1 or 0.
    pub fn derivative_formula(self, a1: &str) -> String {
        match self {
            Self::Tanh => format!("1 - {a1}^2"),
            Self::Sigmoid => format!("{a1} (1 - {a1})"),
            Self::Relu => format!("{a1} > 0"),
            Self::Identity => "1".into(),
        }
    }

    /// Whether the derivative at a1 is below 2 % of its largest value, so that the unit hardly learns from this sample: |a1| above
    /// 0.99 for tanh, a1 above 0.995 or below 0.005 for sigmoid, a1 of 0 for relu, never for the identity.
    pub fn is_saturated(self, a1: f64) -> bool {
        match self {
            Self::Tanh => a1.abs() > SATURATION_THRESHOLD,
            Self::Sigmoid => (2.0 * a1 - 1.0).abs() > SATURATION_THRESHOLD,
            Self::Relu => a1 <= 0.0,
            Self::Identity => false,
        }
    }

    /// Whether |a1| is at most 1 for every z1.
    pub fn is_bounded(self) -> bool {
        matches!(self, Self::Tanh | Self::Sigmoid)
    }
}

impl fmt::Display for Activation {
    /// The name used in configurations and files.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// 1 / (1 + e^-z), computed as (tanh(z / 2) + 1) / 2. Burn's own sigmoid computes in f32 on some backends.
pub(super) fn sigmoid_tensor(z: Tensor<2>) -> Tensor<2> {
    (z * 0.5).tanh() * 0.5 + 0.5
}
