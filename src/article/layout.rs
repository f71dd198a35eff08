//! The names and shapes that programs give to the numbers of one update.
//!
//! | layout | samples are | weights | dZ1 and dZ2 |
//! | --- | --- | --- | --- |
//! | article | columns, as in the article and in many courses with NumPy | W1 (h, d), W2 (1, h) | without 1/m: its listing divides in dW and db |
//! | burn | rows | w1 (d, h), w2 (h, 1) | with 1/m |
//! | torch | rows | hidden.weight (h, d), output.weight (1, h) | with 1/m |
//!
//! Files of arrays hold numbers only. So the activation of the hidden layer is the name of an array: `activation_relu` with
//! the number 1. Without one it is tanh.
//!
//! Numbers are computed in the article's layout. [`Layout::array`] and [`Layout::values`] convert.

use std::fmt;
use std::str::FromStr;

use super::convention::Convention;
use super::quantity::{Axes, Axis, Input, Quantity, Sizes};
use crate::gradcheck::Array;
use crate::network::{Activation, transposed};

/// A convention for names and shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// The article's: samples are columns.
    Article,
    /// Burn's: samples are rows.
    Burn,
    /// PyTorch's: samples are rows, and a layer's weight is (outputs, inputs).
    Torch,
}

impl Layout {
    /// Every layout.
    pub const ALL: [Self; 3] = [Self::Article, Self::Burn, Self::Torch];

    /// The name of an input.
    pub fn input_name(self, input: Input) -> &'static str {
        let names = match input {
            Input::X => ["X", "x", "x"],
            Input::Y => ["Y", "y", "y"],
            Input::W1 => ["W1", "w1", "hidden.weight"],
            Input::B1 => ["b1", "b1", "hidden.bias"],
            Input::W2 => ["W2", "w2", "output.weight"],
            Input::B2 => ["b2", "b2", "output.bias"],
            Input::LearningRate => ["learning_rate"; 3],
            Input::WeightDecay => ["weight_decay"; 3],
            Input::Activation(activation) => {
                return match activation {
                    Activation::Tanh => "activation_tanh",
                    Activation::Sigmoid => "activation_sigmoid",
                    Activation::Relu => "activation_relu",
                    Activation::Identity => "activation_identity",
                };
            }
            Input::PreviousDW1 => ["previous_dW1", "previous_dw1", "previous.hidden.weight.grad"],
            Input::PreviousDB1 => ["previous_db1", "previous_db1", "previous.hidden.bias.grad"],
            Input::PreviousDW2 => ["previous_dW2", "previous_dw2", "previous.output.weight.grad"],
            Input::PreviousDB2 => ["previous_db2", "previous_db2", "previous.output.bias.grad"],
        };
        names[self as usize]
    }

    /// The name of a quantity.
    pub fn name(self, quantity: Quantity) -> &'static str {
        let names = match quantity {
            Quantity::Z1 => ["Z1", "z1", "z1"],
            Quantity::A1 => ["A1", "a1", "a1"],
            Quantity::Z2 => ["Z2", "z2", "z2"],
            Quantity::A2 => ["A2", "a2", "a2"],
            Quantity::Cost => ["cost", "loss", "loss"],
            Quantity::DZ2 => ["dZ2", "dz2", "z2.grad"],
            Quantity::DW2 => ["dW2", "dw2", "output.weight.grad"],
            Quantity::DB2 => ["db2", "db2", "output.bias.grad"],
            Quantity::DZ1 => ["dZ1", "dz1", "z1.grad"],
            Quantity::DW1 => ["dW1", "dw1", "hidden.weight.grad"],
            Quantity::DB1 => ["db1", "db1", "hidden.bias.grad"],
            Quantity::W1 => ["W1", "w1", "hidden.weight"],
            Quantity::B1 => ["b1", "b1", "hidden.bias"],
            Quantity::W2 => ["W2", "w2", "output.weight"],
            Quantity::B2 => ["b2", "b2", "output.bias"],
        };
        names[self as usize]
    }

    /// The line that computes a quantity under a convention, which says where the line divides by m. With weight decay, the
    /// gradients of the weights have one more term.
    pub fn formula(
        self,
        quantity: Quantity,
        activation: Activation,
        convention: Convention,
        weight_decay: bool,
    ) -> String {
        let [z1, a1] = [Quantity::Z1, Quantity::A1].map(|quantity| self.name(quantity));
        let factor = match activation {
            Activation::Tanh => format!(" * (1 - {a1}**2)"),
            Activation::Sigmoid => format!(" * {a1} * (1 - {a1})"),
            Activation::Relu => format!(" * ({z1} > 0)"),
            Activation::Identity => String::new(),
        };
        let lines = match quantity {
            Quantity::Z1 => ["np.dot(W1, X) + b1", "x @ w1 + b1", "x @ hidden.weight.T + hidden.bias"],
            Quantity::A1 => match activation {
                Activation::Tanh => ["np.tanh(Z1)", "tanh(z1)", "torch.tanh(z1)"],
                Activation::Sigmoid => ["1 / (1 + np.exp(-Z1))", "1 / (1 + exp(-z1))", "torch.sigmoid(z1)"],
                Activation::Relu => ["np.maximum(Z1, 0)", "maximum(z1, 0)", "torch.relu(z1)"],
                Activation::Identity => ["Z1", "z1", "z1"],
            },
            Quantity::Z2 => ["np.dot(W2, A1) + b2", "a1 @ w2 + b2", "a1 @ output.weight.T + output.bias"],
            Quantity::A2 => ["1 / (1 + np.exp(-Z2))", "1 / (1 + exp(-z2))", "torch.sigmoid(z2)"],
            Quantity::Cost => [
                "-np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m",
                "-sum(y * log(a2) + (1 - y) * log(1 - a2)) / m",
                "binary_cross_entropy(a2, y)",
            ],
            Quantity::DZ2 => ["A2 - Y", "a2 - y", "a2 - y"],
            Quantity::DW2 => ["np.dot(dZ2, A1.T)", "a1.T @ dz2", "z2.grad.T @ a1"],
            Quantity::DB2 => ["np.sum(dZ2, axis=1, keepdims=True)", "sum(dz2, axis=0)", "z2.grad.sum(0)"],
            Quantity::DZ1 => [
                &format!("np.dot(W2.T, dZ2){factor}")[..],
                &format!("(dz2 @ w2.T){factor}"),
                &format!("(z2.grad @ output.weight){factor}"),
            ],
            Quantity::DW1 => ["np.dot(dZ1, X.T)", "x.T @ dz1", "z1.grad.T @ x"],
            Quantity::DB1 => ["np.sum(dZ1, axis=1, keepdims=True)", "sum(dz1, axis=0)", "z1.grad.sum(0)"],
            Quantity::W1 => [
                "W1 - learning_rate * dW1",
                "w1 - learning_rate * dw1",
                "hidden.weight - learning_rate * hidden.weight.grad",
            ],
            Quantity::B1 => [
                "b1 - learning_rate * db1",
                "b1 - learning_rate * db1",
                "hidden.bias - learning_rate * hidden.bias.grad",
            ],
            Quantity::W2 => [
                "W2 - learning_rate * dW2",
                "w2 - learning_rate * dw2",
                "output.weight - learning_rate * output.weight.grad",
            ],
            Quantity::B2 => [
                "b2 - learning_rate * db2",
                "b2 - learning_rate * db2",
                "output.bias - learning_rate * output.bias.grad",
            ],
        };
        let m = if convention.mean_in_update { "m * " } else { "" };
        let decay = match quantity {
            Quantity::DW1 if weight_decay => format!(" + {m}weight_decay * {}", self.input_name(Input::W1)),
            Quantity::DW2 if weight_decay => format!(" + {m}weight_decay * {}", self.input_name(Input::W2)),
            _ => String::new(),
        };
        let line = lines[self as usize];
        let line = match quantity {
            Quantity::DZ1 if convention.drops_mean_in_dz1() => {
                let difference = format!("({})", self.output_error());
                line.replacen(self.name(Quantity::DZ2), &difference, 1)
            }
            Quantity::DZ2 if convention.divides(quantity) => format!("({line}) / m"),
            Quantity::W1 | Quantity::B1 | Quantity::W2 | Quantity::B2 if convention.divides(quantity) => {
                line.replacen("learning_rate", "learning_rate / m", 1)
            }
            _ if convention.divides(quantity) => format!("{line} / m"),
            _ => line.to_owned(),
        };
        format!("{} = {line}{decay}", self.name(quantity))
    }

    /// A2 - Y in the names of the layout.
    fn output_error(self) -> String {
        format!("{} - {}", self.name(Quantity::A2), self.input_name(Input::Y))
    }

    /// The shape of an array in this layout.
    pub fn shape(self, axes: Axes, sizes: Sizes) -> Vec<usize> {
        match *axes {
            // A bias has one dimension in Burn and PyTorch.
            [length, Axis::One] if self != Self::Article => vec![sizes.length(length)],
            [rows, columns] if self.is_transposed(axes) => vec![sizes.length(columns), sizes.length(rows)],
            _ => axes.iter().map(|&axis| sizes.length(axis)).collect(),
        }
    }

    /// An array in this layout, from numbers in the article's layout.
    ///
    /// # Panics
    /// When there are not as many numbers as the axes say: a mistake in the calling code.
    pub fn array(self, name: &str, axes: Axes, sizes: Sizes, values: &[f64]) -> Array {
        let values = match *axes {
            [_, columns] if self.is_transposed(axes) => transposed(values, sizes.length(columns)),
            _ => values.to_vec(),
        };
        Array::new(name, self.shape(axes, sizes), values)
    }

    /// The numbers of an array in this layout, in the article's layout: the reverse of [`Layout::array`].
    pub fn values(self, axes: Axes, sizes: Sizes, values: &[f64]) -> Vec<f64> {
        match *axes {
            [rows, _] if self.is_transposed(axes) => transposed(values, sizes.length(rows)),
            _ => values.to_vec(),
        }
    }

    /// Whether the rows of an array are the columns of the article's.
    pub fn is_transposed(self, axes: Axes) -> bool {
        match self {
            Self::Article => false,
            Self::Burn => true,
            Self::Torch => axes.contains(&Axis::Samples),
        }
    }

    /// Whether dZ1 and dZ2 have the factor 1/m.
    pub fn divides_early(self) -> bool {
        self != Self::Article
    }
}

impl FromStr for Layout {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let layout = Self::ALL.into_iter().find(|layout| layout.to_string() == name);
        layout.ok_or_else(|| "accepted: article, burn, torch".into())
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Article => "article",
            Self::Burn => "burn",
            Self::Torch => "torch",
        })
    }
}
