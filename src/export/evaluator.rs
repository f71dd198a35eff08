//! Computes what an exported model computes: the same operations in the same order and float type.
//!
//! ```text
//! ONNX       z1 = (0 + x1 w1[1][j] + x2 w1[2][j] + ...) + b1[j]        z2 likewise, b2 last
//! Rust, C    z1 = b1[j] + x1 w1[1][j] + x2 w1[2][j] + ...              z2 likewise, b2 first
//! ```
//!
//! In f32 the inputs and all constants are rounded too, because a graph in f32 takes and stores nothing else.
//!
//! Not covered: runtimes add in other orders, and have other approximations of tanh and the sigmoid. [`Measurement::bound`]
//! leaves room for that.
//!
//! [`Measurement::bound`]: super::Measurement::bound

use crate::device::Precision;
use crate::files::model_file::ModelFile;
use crate::network::{Activation, transposed};

/// A form of an exported model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// An ONNX graph in this float type.
    Onnx(Precision),
    /// A function in Rust or C, which computes in f64.
    Code,
}

/// An exported model as numbers.
pub struct Evaluator {
    form: Form,
    /// Mean and standard deviation of each input, if they are standardised.
    scaling: Option<[Vec<f64>; 2]>,
    /// Unit by unit, `[h, d]`.
    w1: Vec<f64>,
    b1: Vec<f64>,
    w2: Vec<f64>,
    b2: f64,
    activation: Activation,
}

impl Form {
    /// The float type of the arithmetic.
    pub fn precision(self) -> Precision {
        match self {
            Self::Onnx(precision) => precision,
            Self::Code => Precision::F64,
        }
    }
}

impl Evaluator {
    /// The model, exported in this form.
    pub fn new(model: &ModelFile, form: Form) -> Self {
        let parameters = &model.parameters;
        let rounded = |values: &[f64]| values.iter().map(|&value| form.precision().round(value)).collect::<Vec<_>>();
        let scaling = model.metadata.scaling.as_ref();
        Self {
            form,
            scaling: scaling.map(|scaling| [rounded(&scaling.mean), rounded(&scaling.deviation)]),
            w1: rounded(&transposed(&parameters.w1, parameters.hidden)),
            b1: rounded(&parameters.b1),
            w2: rounded(&parameters.w2),
            b2: form.precision().round(parameters.b2[0]),
            activation: parameters.activation,
        }
    }

    /// The form.
    pub fn form(&self) -> Form {
        self.form
    }

    /// The probability for a row of raw inputs, `[d]`. `None` if a number on the way is not finite; then an exported model
    /// gives no class.
    pub fn probability(&self, x: &[f64]) -> Option<f64> {
        // An operation on f32 numbers in f64 that is then rounded to f32 has the result of that operation in f32.
        let round = |value| self.form.precision().round(value);
        let mut x: Vec<f64> = x.iter().map(|&value| round(value)).collect();
        if let Some([mean, deviation]) = &self.scaling {
            for ((value, mean), deviation) in x.iter_mut().zip(mean).zip(deviation) {
                *value = round(round(*value - mean) / deviation);
            }
        }

        // [h, d] times [d], then [h] times [h]
        let sum = |bias: f64, terms: &mut dyn Iterator<Item = f64>| {
            let (first, last) = if self.form == Form::Code { (bias, 0.0) } else { (0.0, bias) };
            let sum = terms.fold(first, |sum, term| round(sum + round(term)));
            Some(round(sum + last)).filter(|sum| sum.is_finite())
        };
        let sigmoid = |z: f64| round(1.0 / round(1.0 + round((-z).exp())));
        let activate = |z1: f64| match self.activation {
            Activation::Tanh => round(z1.tanh()),
            Activation::Sigmoid => sigmoid(z1),
            Activation::Relu => z1.max(0.0),
            Activation::Identity => z1,
        };
        let units = self.w1.chunks_exact(x.len()).zip(&self.b1);
        let a1 = units
            .map(|(unit, &b1)| sum(b1, &mut unit.iter().zip(&x).map(|(w1, x)| x * w1)).map(activate))
            .collect::<Option<Vec<f64>>>()?;
        let z2 = sum(self.b2, &mut a1.iter().zip(&self.w2).map(|(a1, w2)| a1 * w2))?;
        Some(sigmoid(z2))
    }
}
