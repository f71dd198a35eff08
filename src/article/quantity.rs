//! What one update computes, in the order of the article's listing, and what it is computed from.
//!
//! Samples are columns here, as in the article:
//!
//! ```text
//! Z1 = np.dot(W1, X) + b1                                     (h, m)
//! A1 = np.tanh(Z1)                                            (h, m)
//! Z2 = np.dot(W2, A1) + b2                                    (1, m)
//! A2 = 1 / (1 + np.exp(-Z2))                                  (1, m)
//! cost = -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m
//! dZ2 = A2 - Y                                                (1, m)
//! dW2 = np.dot(dZ2, A1.T) / m                                 (1, h)
//! db2 = np.sum(dZ2, axis=1, keepdims=True) / m                (1, 1)
//! dZ1 = np.dot(W2.T, dZ2) * (1 - A1**2)                       (h, m)
//! dW1 = np.dot(dZ1, X.T) / m                                  (h, d)
//! db1 = np.sum(dZ1, axis=1, keepdims=True) / m                (h, 1)
//! W1 = W1 - learning_rate * dW1                               and b1, W2, b2 likewise
//! ```
//!
//! With another activation, A1 and the factor of dZ1 are other ones (`layout.rs`).

use crate::network::Activation;

/// A dimension of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// 1.
    One,
    /// d, the number of features.
    Features,
    /// h, the number of hidden units.
    Hidden,
    /// m, the number of samples.
    Samples,
}

/// The two dimensions of an array in the article's layout; none for a scalar.
pub type Axes = &'static [Axis];

/// The numbers of features, hidden units and samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// d.
    pub features: usize,
    /// h.
    pub hidden: usize,
    /// m.
    pub samples: usize,
}

/// What is known before an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The samples.
    X,
    /// The labels, 0 or 1.
    Y,
    /// The weights of the hidden layer.
    W1,
    /// The biases of the hidden layer.
    B1,
    /// The weights of the output.
    W2,
    /// The bias of the output.
    B2,
    /// The factor of the gradient in the update.
    LearningRate,
    /// The factor of the L2 penalty.
    WeightDecay,
    /// 1 if the hidden layer has this activation, otherwise absent.
    Activation(Activation),
    /// The gradient by W1 of the update before. Absent at update 0, as the next three are.
    PreviousDW1,
    /// The gradient by b1 of the update before.
    PreviousDB1,
    /// The gradient by W2 of the update before.
    PreviousDW2,
    /// The gradient by b2 of the update before.
    PreviousDB2,
}

/// What an update computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// The hidden layer before its activation.
    Z1,
    /// The hidden layer.
    A1,
    /// The output before its activation.
    Z2,
    /// The output: the probability of class 1.
    A2,
    /// The mean cross-entropy.
    Cost,
    /// The derivative of a sample's cost by Z2.
    DZ2,
    /// The gradient by W2.
    DW2,
    /// The gradient by b2.
    DB2,
    /// The derivative of a sample's cost by Z1.
    DZ1,
    /// The gradient by W1.
    DW1,
    /// The gradient by b1.
    DB1,
    /// W1 after the update.
    W1,
    /// b1 after the update.
    B1,
    /// W2 after the update.
    W2,
    /// b2 after the update.
    B2,
}

impl Sizes {
    /// The length of an axis.
    #[inline(always)]
    pub fn length(self, axis: Axis) -> usize {
        match axis {
            Axis::One => 1,
            Axis::Features => self.features,
            Axis::Hidden => self.hidden,
            Axis::Samples => self.samples,
        }
    }

    /// The number of elements of an array with these axes.
    pub fn count(self, axes: Axes) -> usize {
        axes.iter().map(|&axis| self.length(axis)).product()
    }
}

impl Input {
    /// Every input.
    pub const ALL: [Self; 16] = [
        Self::X,
        Self::Y,
        Self::W1,
        Self::B1,
        Self::W2,
        Self::B2,
        Self::LearningRate,
        Self::WeightDecay,
        Self::Activation(Activation::Tanh),
        Self::Activation(Activation::Sigmoid),
        Self::Activation(Activation::Relu),
        Self::Activation(Activation::Identity),
        Self::PreviousDW1,
        Self::PreviousDB1,
        Self::PreviousDW2,
        Self::PreviousDB2,
    ];

    /// Its dimensions in the article's layout: samples are columns.
    pub fn axes(self) -> Axes {
        use Axis::{Features, Hidden, One, Samples};
        match self {
            Self::X => &[Features, Samples],
            Self::Y => &[One, Samples],
            Self::W1 | Self::PreviousDW1 => &[Hidden, Features],
            Self::B1 | Self::PreviousDB1 => &[Hidden, One],
            Self::W2 | Self::PreviousDW2 => &[One, Hidden],
            Self::B2 | Self::PreviousDB2 => &[One, One],
            Self::LearningRate | Self::WeightDecay | Self::Activation(_) => &[],
        }
    }
}

impl Quantity {
    /// Every quantity, in the order of the article's listing.
    pub const ALL: [Self; 15] = [
        Self::Z1,
        Self::A1,
        Self::Z2,
        Self::A2,
        Self::Cost,
        Self::DZ2,
        Self::DW2,
        Self::DB2,
        Self::DZ1,
        Self::DW1,
        Self::DB1,
        Self::W1,
        Self::B1,
        Self::W2,
        Self::B2,
    ];

    /// Its dimensions in the article's layout: samples are columns.
    pub fn axes(self) -> Axes {
        use Axis::{Features, Hidden, One, Samples};
        match self {
            Self::Z1 | Self::A1 | Self::DZ1 => &[Hidden, Samples],
            Self::Z2 | Self::A2 | Self::DZ2 => &[One, Samples],
            Self::W1 | Self::DW1 => &[Hidden, Features],
            Self::B1 | Self::DB1 => &[Hidden, One],
            Self::W2 | Self::DW2 => &[One, Hidden],
            Self::B2 | Self::DB2 => &[One, One],
            Self::Cost => &[],
        }
    }

    /// The parameter of a gradient or of an updated parameter.
    pub fn parameter(self) -> Option<Input> {
        match self {
            Self::W1 | Self::DW1 => Some(Input::W1),
            Self::B1 | Self::DB1 => Some(Input::B1),
            Self::W2 | Self::DW2 => Some(Input::W2),
            Self::B2 | Self::DB2 => Some(Input::B2),
            _ => None,
        }
    }

    /// The gradient of an updated parameter.
    pub fn gradient(self) -> Option<Self> {
        match self {
            Self::W1 => Some(Self::DW1),
            Self::B1 => Some(Self::DB1),
            Self::W2 => Some(Self::DW2),
            Self::B2 => Some(Self::DB2),
            _ => None,
        }
    }

    /// The gradient of the update before, for a gradient.
    pub fn previous(self) -> Option<Input> {
        match self {
            Self::DW1 => Some(Input::PreviousDW1),
            Self::DB1 => Some(Input::PreviousDB1),
            Self::DW2 => Some(Input::PreviousDW2),
            Self::DB2 => Some(Input::PreviousDB2),
            _ => None,
        }
    }
}
