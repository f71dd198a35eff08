//! The known mistakes of the listing: where each can be made, and what is said about it.
//!
//! Their formulas are in `formulas.rs`. Mistakes that change a shape are recognised in `shapes.rs`.

use super::convention::Convention;
use super::layout::Layout;
use super::quantity::{Input, Quantity};
use crate::network::Activation;

/// A mistake in one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// `Z1 = np.dot(W1, X)`
    BiasForgotten,
    /// `X = X.reshape(d, m)` in place of `X.T`
    SamplesReshaped,
    /// `X.T` in place of X, if there are as many samples as features
    SamplesTransposed,
    /// `W1.T` in place of W1, if there are as many features as hidden units
    WeightsTransposed,
    /// parameters after their update in place of those before
    UpdatedParameters,
    /// the hidden layer with another activation, such as `A1 = 1 / (1 + np.exp(-Z1))` in place of `np.tanh(Z1)`
    OtherActivation(Activation),
    /// `A1 = Z1`, `A2 = Z2`
    ActivationForgotten,
    /// Z1 in place of A1
    PreActivation,
    /// `A2 = np.tanh(Z2)`
    TanhForSigmoid,
    /// `A2 = 1 / (1 + np.exp(Z2))`
    ExponentSign,
    /// the cost without its minus sign
    CostSign,
    /// the cost without `/ m`
    CostMean,
    /// the cost without both
    CostSignAndMean,
    /// `np.log2`
    CostLog2,
    /// `np.log10`
    CostLog10,
    /// `np.sum(Y * np.log(A2))`
    SecondTermMissing,
    /// labels -1 and 1 in place of 0 and 1
    LabelsMinusOne,
    /// `m = X.shape[0]`, the number of features
    FeaturesForSamples,
    /// `np.sum((A2 - Y)**2) / m`
    SquaredError,
    /// `np.sum((A2 - Y)**2) / (2 * m)`
    HalfSquaredError,
    /// the sum over all pairs of a label and a probability, divided by m
    CostOfPairs,
    /// the mean over all pairs of a label and a probability
    MeanOfPairs,
    /// `np.log(A2 + 1e-8)`, with the exponent 8
    LogOffset(u8),
    /// `np.clip(A2, 1e-8, 1 - 1e-8)`, with the exponent 8
    Clipped(u8),
    /// `1 - Y` in place of Y
    LabelsSwapped,
    /// `X[::-1]`
    FeaturesReversed,
    /// `Y - A2`
    SignFlipped,
    /// `(A2 - Y) * A2 * (1 - A2)`
    SigmoidDerivativeTwice,
    /// `-Y / A2 + (1 - Y) / (1 - A2)`
    SigmoidDerivativeMissing,
    /// `(-Y / A2 + (1 - Y) / (1 - A2)) * A2 * (1 - A2)`
    ByProbability,
    /// not divided by m
    MeanMissing,
    /// divided by m twice
    MeanTwice,
    /// the last sample is left out
    LastSampleMissing,
    /// `dZ1 = np.dot(W2.T, dZ2)`
    DerivativeMissing,
    /// `1 - A1`
    DerivativeNotSquared,
    /// `1 - Z1**2`, or sigmoid's derivative with Z1
    DerivativeOfPreActivation,
    /// `1 - np.tanh(A1)**2`, or sigmoid's derivative with sigmoid(A1)
    DerivativeOfActivation,
    /// the derivative of another activation, such as `A1 * (1 - A1)` with tanh
    OtherDerivative(Activation),
    /// `np.sum` without an axis
    AxisMissing,
    /// the gradient of a weight without weight decay
    DecayMissing,
    /// `weight_decay / m` in place of `weight_decay`
    DecayDividedByM,
    /// weight decay on a bias
    BiasDecayed,
    /// added to the gradient of the update before
    Accumulated,
    /// `W + learning_rate * dW`
    PlusForMinus,
    /// `W - dW`
    RateMissing,
    /// `W` itself
    NotUpdated,
    /// `-learning_rate * dW`
    OldValueMissing,
    /// `W - learning_rate * dW / (np.abs(dW) + 1e-8)`
    Adam,
}

impl Mistake {
    /// The mistakes that the line of a quantity can have.
    pub fn of(quantity: Quantity, convention: Convention) -> Vec<Self> {
        let mean: &[Self] = if convention.divides(quantity) {
            &[Self::MeanMissing, Self::MeanTwice, Self::FeaturesForSamples]
        } else {
            &[Self::MeanTwice]
        };
        let own: &[Self] = match quantity {
            Quantity::Z1 => &[
                Self::BiasForgotten,
                Self::SamplesTransposed,
                Self::SamplesReshaped,
                Self::WeightsTransposed,
                Self::FeaturesReversed,
                Self::UpdatedParameters,
            ],
            Quantity::A1 => &[
                Self::ActivationForgotten,
                Self::OtherActivation(Activation::Sigmoid),
                Self::OtherActivation(Activation::Relu),
                Self::OtherActivation(Activation::Tanh),
                Self::UpdatedParameters,
            ],
            Quantity::Z2 => &[Self::BiasForgotten, Self::PreActivation, Self::UpdatedParameters],
            Quantity::A2 => &[Self::ActivationForgotten, Self::TanhForSigmoid, Self::ExponentSign],
            Quantity::Cost => &[
                Self::CostSign,
                Self::CostMean,
                Self::CostSignAndMean,
                Self::CostLog2,
                Self::CostLog10,
                Self::LabelsMinusOne,
                Self::SecondTermMissing,
                Self::FeaturesForSamples,
                Self::LastSampleMissing,
                Self::SquaredError,
                Self::HalfSquaredError,
                Self::CostOfPairs,
                Self::MeanOfPairs,
                Self::LabelsSwapped,
            ],
            Quantity::DZ2 => &[
                Self::SignFlipped,
                Self::LabelsMinusOne,
                Self::SigmoidDerivativeTwice,
                Self::SigmoidDerivativeMissing,
                Self::ByProbability,
                Self::LabelsSwapped,
                Self::LastSampleMissing,
            ],
            Quantity::DW2 => &[
                Self::PreActivation,
                Self::LastSampleMissing,
                Self::DecayMissing,
                Self::DecayDividedByM,
                Self::Accumulated,
            ],
            Quantity::DB2 => &[Self::LastSampleMissing, Self::BiasDecayed, Self::Accumulated],
            Quantity::DZ1 => &[
                Self::DerivativeMissing,
                Self::DerivativeNotSquared,
                Self::DerivativeOfPreActivation,
                Self::DerivativeOfActivation,
                Self::OtherDerivative(Activation::Sigmoid),
                Self::OtherDerivative(Activation::Tanh),
                Self::OtherDerivative(Activation::Relu),
                Self::UpdatedParameters,
                Self::LastSampleMissing,
            ],
            Quantity::DW1 => &[
                Self::LastSampleMissing,
                Self::DecayMissing,
                Self::DecayDividedByM,
                Self::Accumulated,
                Self::SamplesTransposed,
                Self::SamplesReshaped,
                Self::FeaturesReversed,
            ],
            Quantity::DB1 => &[Self::AxisMissing, Self::LastSampleMissing, Self::BiasDecayed, Self::Accumulated],
            Quantity::W1 | Quantity::W2 | Quantity::B1 | Quantity::B2 => &[
                Self::NotUpdated,
                Self::PlusForMinus,
                Self::RateMissing,
                Self::OldValueMissing,
                Self::Accumulated,
                Self::DecayMissing,
                Self::DecayDividedByM,
                Self::Adam,
            ],
        };
        let divided = (Quantity::DZ2..=Quantity::DB1).contains(&quantity);
        let offsets: &[fn(u8) -> Self] = match quantity {
            Quantity::A2 => &[Self::Clipped],
            Quantity::Cost => &[Self::Clipped, Self::LogOffset],
            _ => &[],
        };
        let offsets = offsets.iter().flat_map(|offset| (3..=16).map(offset));
        own.iter()
            .chain(if divided { mean } else { &[] })
            .copied()
            .chain(offsets)
            .collect()
    }

    /// What is wrong with the line of a quantity, with the names of a layout. It continues "X is wrong: ".
    pub fn describe(
        self,
        quantity: Quantity,
        layout: Layout,
        convention: Convention,
        activation: Activation,
    ) -> String {
        let [z1, a1, a2, dz2, dz1] = [Quantity::Z1, Quantity::A1, Quantity::A2, Quantity::DZ2, Quantity::DZ1]
            .map(|quantity| layout.name(quantity));
        let [x, y, w1, w2, b1, b2] =
            [Input::X, Input::Y, Input::W1, Input::W2, Input::B1, Input::B2].map(|input| layout.input_name(input));
        let name = layout.name(quantity);
        let derivative = |activation: Activation, a1: &str| match activation {
            Activation::Tanh => format!("1 - {a1}^2"),
            Activation::Sigmoid => format!("{a1} * (1 - {a1})"),
            Activation::Relu => format!("{z1} > 0"),
            Activation::Identity => "1".into(),
        };
        let right = derivative(activation, a1);
        let second = matches!(quantity, Quantity::Z2 | Quantity::A2 | Quantity::DB2 | Quantity::B2);
        match self {
            Self::BiasForgotten => format!("the bias {} is forgotten", if second { b2 } else { b1 }),
            Self::SamplesReshaped => {
                format!("samples and features are mixed up: {x} was reshaped where it must be transposed")
            }
            Self::SamplesTransposed => format!("samples and features are swapped: {x} is transposed"),
            Self::WeightsTransposed => format!("{w1} is transposed"),
            Self::UpdatedParameters => match quantity {
                Quantity::DZ1 => format!("it uses {w2} after its update"),
                Quantity::Z2 => format!("it uses {w2} and {b2} after their update"),
                _ => format!("it is computed with {w1} and {b1} after their update"),
            },
            Self::OtherActivation(other) => {
                format!("the hidden layer's activation is {} in place of {}", in_words(other), in_words(activation))
            }
            Self::ActivationForgotten if second => "the activation, sigmoid, is forgotten".into(),
            Self::ActivationForgotten => format!("the activation, {}, is forgotten", in_words(activation)),
            Self::PreActivation => format!("it uses {z1} in place of {a1}"),
            Self::TanhForSigmoid => "the output's activation is tanh in place of sigmoid".into(),
            Self::ExponentSign => "the exponent lacks its minus sign".into(),
            Self::CostSign => "the minus sign is missing".into(),
            Self::CostMean => "the sum is not divided by m, the number of samples".into(),
            Self::CostSignAndMean => "the minus sign and the division by m are missing".into(),
            Self::CostLog2 => "the logarithm has base 2 in place of e".into(),
            Self::CostLog10 => "the logarithm has base 10 in place of e".into(),
            Self::SecondTermMissing => format!("the term of the samples with {y} = 0 is missing"),
            Self::LabelsMinusOne => "the labels are -1 and 1 in place of 0 and 1".into(),
            Self::FeaturesForSamples => {
                "samples and features are swapped: it is divided by the number of features in place of m, that of samples"
                    .into()
            }
            Self::SquaredError => format!("it is the mean of ({a2} - {y})^2, not the cross-entropy"),
            Self::HalfSquaredError => format!("it is half the mean of ({a2} - {y})^2, not the cross-entropy"),
            Self::CostOfPairs => format!(
                "every label is combined with every probability: {a2} and {y} have shapes like (m,) and (m, 1), which NumPy \
                 broadcasts to (m, m)"
            ),
            Self::MeanOfPairs => format!(
                "it is the mean over all pairs of a label and a probability: {a2} and {y} have shapes like (m,) and (m, 1), which \
                 NumPy broadcasts to (m, m)"
            ),
            Self::LogOffset(exponent) => {
                format!("1e-{exponent} is added inside the logarithms: log({a2} + 1e-{exponent})")
            }
            Self::Clipped(exponent) => format!("{a2} is clipped to values from 1e-{exponent} to 1 - 1e-{exponent}"),
            Self::LabelsSwapped => format!("the labels are swapped: 1 - {y} in place of {y}"),
            Self::FeaturesReversed => format!("the features of {x} are in reverse order"),
            Self::SignFlipped => format!("the sign is flipped: {y} - {a2} in place of {a2} - {y}"),
            Self::SigmoidDerivativeTwice => {
                format!(
                    "it is multiplied by the sigmoid's derivative {a2} * (1 - {a2}), which has already cancelled in {a2} - {y}"
                )
            }
            Self::SigmoidDerivativeMissing => {
                format!("it is the derivative by {a2}: the factor {a2} * (1 - {a2}), the derivative of sigmoid, is missing")
            }
            Self::ByProbability => {
                format!("it is computed with 1 / {a2} and 1 / (1 - {a2}), which are infinite where {a2} is 0 or 1")
            }
            Self::MeanMissing => "it is not divided by m, the number of samples".into(),
            Self::MeanTwice if convention.divides(quantity) => "it is divided by m twice".into(),
            Self::MeanTwice => {
                let has_mean = match quantity {
                    Quantity::DZ1 => convention.mean_in_dz1.then_some(dz2),
                    Quantity::DW1 | Quantity::DB1 if !convention.mean_in_dz2 => Some(dz1),
                    Quantity::DZ2 => None,
                    _ => Some(dz2),
                };
                match has_mean {
                    Some(name) => format!("it is divided by m twice: {name} has 1/m already"),
                    None => {
                        "it is divided by m, and so are the gradients computed from it: divided by m twice".into()
                    }
                }
            }
            Self::LastSampleMissing => "the last sample is left out".into(),
            Self::DerivativeMissing => {
                format!("the factor {right}, the derivative of {}, is missing", in_words(activation))
            }
            Self::DerivativeNotSquared => format!("it has the factor 1 - {a1} in place of {right}"),
            Self::DerivativeOfPreActivation => {
                format!("it has the factor {} in place of {right}", derivative(activation, z1))
            }
            Self::DerivativeOfActivation => {
                let twice = derivative(activation, &format!("{activation}({a1})"));
                format!("it has the factor {twice} in place of {right}: {a1} is already a {activation}")
            }
            Self::OtherDerivative(other) => {
                let (wrong, name, right_name) = (derivative(other, a1), in_words(other), in_words(activation));
                format!("it has the derivative of {name}, {wrong}, in place of that of {right_name}, {right}")
            }
            Self::AxisMissing => "the sum goes over the hidden units too: np.sum without axis".into(),
            Self::DecayMissing => "weight_decay is missing".into(),
            Self::DecayDividedByM => "weight_decay is divided by m".into(),
            Self::BiasDecayed => {
                format!("the bias {} is decayed like a weight", if second { b2 } else { b1 })
            }
            Self::Accumulated => "the gradient is added to that of the update before".into(),
            Self::PlusForMinus => "the update adds learning_rate times the gradient; it must subtract".into(),
            Self::RateMissing => "the learning rate is missing".into(),
            Self::NotUpdated => format!("{name} is not updated"),
            Self::Adam => {
                "it is the first step of Adam: the learning rate times the sign of the gradient, not times the gradient".into()
            }
            Self::OldValueMissing => format!("the old value of {name} is missing"),
        }
    }
}

/// The name of an activation in sentences.
fn in_words(activation: Activation) -> &'static str {
    match activation {
        Activation::Tanh => "tanh",
        Activation::Sigmoid => "sigmoid",
        Activation::Relu => "ReLU",
        Activation::Identity => "the identity",
    }
}
