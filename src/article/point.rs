//! What is known before an update: the samples, the parameters, the rates, and the gradient of the update before.

use super::layout::Layout;
use super::quantity::{Input, Sizes};
use crate::data::Dataset;
use crate::gradcheck::Array;
use crate::network::{Activation, Parameters, transposed};

/// The inputs of one update, in the article's layout: samples are columns, and matrices are stored row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The sizes of all arrays.
    pub sizes: Sizes,
    /// The activation of the hidden layer.
    pub activation: Activation,
    /// The samples, (d, m).
    pub x: Vec<f64>,
    /// The labels, (1, m).
    pub y: Vec<f64>,
    /// The parameters before the update.
    pub parameters: Weights,
    /// The factor of the gradient in the update.
    pub learning_rate: f64,
    /// The factor of the L2 penalty; 0 without one.
    pub weight_decay: f64,
    /// The gradient of the update before. `None` at update 0.
    pub previous: Option<Weights>,
}

/// A number for each weight and bias: parameters, or their gradient.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// (h, d).
    pub w1: Vec<f64>,
    /// (h, 1).
    pub b1: Vec<f64>,
    /// (1, h).
    pub w2: Vec<f64>,
    /// (1, 1).
    pub b2: Vec<f64>,
}

impl Point {
    /// The point of an update in Petal's training. `previous` is the gradient of the update before.
    pub fn new(
        parameters: &Parameters,
        data: &Dataset,
        learning_rate: f64,
        weight_decay: f64,
        previous: Option<&Parameters>,
    ) -> Self {
        Self {
            sizes: Sizes { features: parameters.features, hidden: parameters.hidden, samples: data.samples() },
            activation: parameters.activation,
            x: transposed(data.x(), data.features()),
            y: data.y().iter().map(|&label| f64::from(label)).collect(),
            parameters: parameters.into(),
            learning_rate,
            weight_decay,
            previous: previous.map(Into::into),
        }
    }

    /// The same point with the first samples only.
    pub fn first_samples(&self, most: usize) -> Self {
        let samples = self.sizes.samples.min(most);
        Self {
            sizes: Sizes { samples, ..self.sizes },
            x: self
                .x
                .chunks(self.sizes.samples)
                .flat_map(|row| &row[..samples])
                .copied()
                .collect(),
            y: self.y[..samples].to_vec(),
            parameters: self.parameters.clone(),
            previous: self.previous.clone(),
            ..*self
        }
    }

    /// All inputs as arrays with the names and shapes of a layout. No activation means tanh.
    pub fn arrays(&self, layout: Layout) -> Vec<Array> {
        let array = |input: Input| {
            let values = self.values(input)?;
            Some(layout.array(layout.input_name(input), input.axes(), self.sizes, values))
        };
        let is_default = |input: &Input| *input == Input::Activation(Activation::Tanh);
        Input::ALL
            .into_iter()
            .filter(|input| !is_default(input))
            .filter_map(array)
            .collect()
    }

    /// The numbers of an input in the article's layout. `None` for the gradient before update 0, and for the activations that the
    /// hidden layer does not have.
    pub fn values(&self, input: Input) -> Option<&[f64]> {
        let previous = self.previous.as_ref();
        let values: &[f64] = match input {
            Input::X => &self.x,
            Input::Y => &self.y,
            Input::W1 => &self.parameters.w1,
            Input::B1 => &self.parameters.b1,
            Input::W2 => &self.parameters.w2,
            Input::B2 => &self.parameters.b2,
            Input::LearningRate => std::slice::from_ref(&self.learning_rate),
            Input::WeightDecay => std::slice::from_ref(&self.weight_decay),
            Input::Activation(activation) => (activation == self.activation).then_some(&[1.0])?,
            Input::PreviousDW1 => &previous?.w1,
            Input::PreviousDB1 => &previous?.b1,
            Input::PreviousDW2 => &previous?.w2,
            Input::PreviousDB2 => &previous?.b2,
        };
        Some(values)
    }
}

impl From<&Parameters> for Weights {
    /// The weights of Burn's layout in the article's.
    fn from(parameters: &Parameters) -> Self {
        let Parameters { hidden, w1, b1, w2, b2, .. } = parameters;
        Self { w1: transposed(w1, *hidden), b1: b1.clone(), w2: w2.clone(), b2: b2.clone() }
    }
}
