//! The two-layer network.
//!
//! ```text
//! z1 = x w1 + b1      [m, h]      x  [m, d]   w1 [d, h]   b1 [h]
//! a1 = tanh(z1)       [m, h]
//! z2 = a1 w2 + b2     [m, 1]      w2 [h, 1]   b2 [1]      z2 is the logit
//! a2 = sigmoid(z2)    [m, 1]      the probability of label 1
//! ```
//!
//! m samples in rows, d features, h hidden units. The article has samples in columns, so its W1 is our
//! `w1` transposed.
//!
//! Leaves out: the loss ([`crate::network::loss`]) and every derivative ([`crate::network::gradients`]).

use std::ops::Range;

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::data::Dataset;
use crate::data::checked::{Count, NonNegative};
use crate::data::numpy::RandomState;
use crate::device::{Placement, read, tensor};
use crate::error::Result;
use crate::network::loss::sigmoid;

/// How large the network is and where it starts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The number of hidden units, h.
    pub hidden: Count<1, 100_000>,
    /// The seed of NumPy's stream for the initial weights.
    pub seed: u32,
    /// What the normal draws are multiplied by.
    pub init_scale: NonNegative,
}

/// The network as a Burn module: `hidden` holds w1 and b1, `output` holds w2 and b2.
#[derive(Module, Debug)]
pub struct TwoLayerNet {
    hidden: Linear,
    output: Linear,
}

/// What the forward pass computes and backpropagation needs again.
#[derive(Clone, Debug)]
pub struct Forward {
    /// The hidden activations tanh(z1), `[m, h]`.
    pub a1: Tensor<2>,
    /// The logits, `[m, 1]`.
    pub z2: Tensor<2>,
}

/// All parameters as plain numbers on the host, in Burn's layout.
///
/// # Shapes
/// w1 is `[features, hidden]` row by row, b1 `[hidden]`, w2 `[hidden, 1]`, b2 `[1]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// d, the rows of w1.
    pub features: usize,
    /// h, the columns of w1 and the rows of w2.
    pub hidden: usize,
    /// Weights from features to hidden units.
    pub w1: Vec<f64>,
    /// Biases of the hidden units.
    pub b1: Vec<f64>,
    /// Weights from hidden units to the logit.
    pub w2: Vec<f64>,
    /// Bias of the logit.
    pub b2: Vec<f64>,
}

impl Default for Settings {
    /// The article's network: four hidden units, weights 0.01 x normal, seed 2.
    fn default() -> Self {
        Self {
            hidden: const { Count::literal(4) },
            seed: 2,
            init_scale: const { NonNegative::literal(0.01) },
        }
    }
}

impl TwoLayerNet {
    /// Builds the network on a device, for training where the device has autodiff.
    ///
    /// # Panics
    /// When a vector's length does not fit `features` and `hidden`: a mistake in the calling code.
    pub fn new(parameters: &Parameters, device: &Device, dtype: DType) -> Self {
        let Parameters { features, hidden, w1, b1, w2, b2 } = parameters;
        let linear = |weight: &[f64], bias: &[f64], [rows, columns]: [usize; 2]| Linear {
            weight: Param::from_tensor(tensor(weight, [rows, columns], device, dtype)),
            bias: Some(Param::from_tensor(tensor(bias, [columns], device, dtype))),
        };
        Self { hidden: linear(w1, b1, [*features, *hidden]), output: linear(w2, b2, [*hidden, 1]) }
    }

    /// The forward pass up to the logits.
    ///
    /// # Shapes
    /// `x` is `[m, d]`.
    pub fn forward(&self, x: Tensor<2>) -> Forward {
        let a1 = self.hidden.forward(x).tanh(); // [m, h]
        let z2 = self.output.forward(a1.clone()); // [m, 1]
        Forward { a1, z2 }
    }

    /// The forward pass with something added to z1 and to z2: zeros, whose gradients are those of z1 and z2.
    ///
    /// # Shapes
    /// `x` is `[m, d]`, `to_z1` `[m, h]`, `to_z2` `[m, 1]`.
    pub fn forward_shifted(&self, x: Tensor<2>, to_z1: Tensor<2>, to_z2: Tensor<2>) -> Forward {
        let a1 = (self.hidden.forward(x) + to_z1).tanh(); // [m, h]
        let z2 = self.output.forward(a1.clone()) + to_z2; // [m, 1]
        Forward { a1, z2 }
    }

    /// Weights from features to hidden units, `[d, h]`.
    pub fn w1(&self) -> &Param<Tensor<2>> {
        &self.hidden.weight
    }

    /// Biases of the hidden units, `[h]`.
    pub fn b1(&self) -> &Param<Tensor<1>> {
        bias(&self.hidden)
    }

    /// Weights from hidden units to the logit, `[h, 1]`.
    pub fn w2(&self) -> &Param<Tensor<2>> {
        &self.output.weight
    }

    /// Bias of the logit, `[1]`.
    pub fn b2(&self) -> &Param<Tensor<1>> {
        bias(&self.output)
    }

    /// The network with all its parameters in one tensor, the inverse of [`TwoLayerNet::packed`].
    ///
    /// # Shapes
    /// `packed` is `[d h + h + h + 1]`, on a plain device; the network is for training where `device` has autodiff.
    pub fn from_packed(packed: &Tensor<1>, features: usize, hidden: usize, device: &Device) -> Self {
        let mut at = 0;
        let mut next = |count: usize| {
            at += count;
            let part = packed.clone().slice(at - count..at);
            if device.is_autodiff() { Tensor::from_inner(part) } else { part }
        };
        let mut linear = |rows: usize, columns: usize| Linear {
            weight: Param::from_tensor(next(rows * columns).reshape([rows, columns])),
            bias: Some(Param::from_tensor(next(columns))),
        };
        Self { hidden: linear(features, hidden), output: linear(hidden, 1) }
    }

    /// All parameters in one tensor: w1, b1, w2, b2, each row by row. What travels in one piece costs one journey.
    ///
    /// # Shapes
    /// The result is `[d h + h + h + 1]`.
    pub fn packed(&self) -> Tensor<1> {
        let (w1, w2) = (self.w1().val().flatten(0, 1), self.w2().val().flatten(0, 1));
        Tensor::cat(vec![w1, self.b1().val(), w2, self.b2().val()], 0)
    }

    /// The parameters as plain numbers, widened to f64 without loss.
    ///
    /// # Errors
    /// When the device fails to hand them over.
    pub fn parameters(&self) -> Result<Parameters> {
        let [features, hidden] = self.w1().dims();
        Ok(Parameters::from_packed(features, hidden, &read(&self.packed())?))
    }
}

impl Parameters {
    /// Initial parameters: weights `init_scale` times normal, biases zero.
    ///
    /// W1 is drawn before W2, each in the article's shape (`[hidden, features]` and `[1, hidden]`) row by row,
    /// then W1 is transposed into Burn's layout.
    pub fn initial(features: usize, settings: &Settings) -> Self {
        let hidden = settings.hidden.get();
        let random = &mut RandomState::new(settings.seed);
        let mut normals = |count| -> Vec<f64> {
            random
                .normals(count)
                .into_iter()
                .map(|normal| normal * settings.init_scale.get())
                .collect()
        };
        let w1 = transposed(&normals(hidden * features), features);
        let w2 = normals(hidden);
        Self { features, hidden, w1, b1: vec![0.0; hidden], w2, b2: vec![0.0] }
    }

    /// The inverse of [`Parameters::packed`].
    ///
    /// # Panics
    /// When there are not as many numbers as such a network has: a mistake in the calling code.
    pub fn from_packed(features: usize, hidden: usize, packed: &[f64]) -> Self {
        let (w1, rest) = packed.split_at(features * hidden);
        let (b1, rest) = rest.split_at(hidden);
        let (w2, b2) = rest.split_at(hidden);
        assert_eq!(b2.len(), 1, "a network of {features} features and {hidden} hidden units has fewer parameters");
        Self { features, hidden, w1: w1.into(), b1: b1.into(), w2: w2.into(), b2: b2.into() }
    }

    /// All numbers in one list: w1, b1, w2, b2.
    pub fn packed(&self) -> Vec<f64> {
        [&self.w1[..], &self.b1, &self.w2, &self.b2].concat()
    }

    /// How many numbers there are to train.
    pub fn count(&self) -> usize {
        self.w1.len() + self.b1.len() + self.w2.len() + self.b2.len()
    }

    /// Whether every parameter is a finite number.
    pub fn are_finite(&self) -> bool {
        [&self.w1, &self.b1, &self.w2, &self.b2]
            .into_iter()
            .flatten()
            .all(|value| value.is_finite())
    }

    /// The L2 penalty: `weight_decay / 2` times the sum of squared weights, biases left out.
    pub fn penalty(&self, weight_decay: f64) -> f64 {
        if weight_decay == 0.0 {
            return 0.0; // not 0 times a sum of squares, which may be infinite
        }
        weight_decay / 2.0 * self.w1.iter().chain(&self.w2).map(|weight| weight * weight).sum::<f64>()
    }

    /// The probability of label 1 for each row of `x`, computed on the given device.
    ///
    /// The rows go through in blocks, so that memory stays small however many there are.
    ///
    /// # Shapes
    /// `x` is `[m, d]` row by row; the result is `[m]`.
    ///
    /// # Errors
    /// When the device fails to hand the logits over.
    pub fn probabilities(&self, x: &[f64], placement: &Placement) -> Result<Vec<f64>> {
        Ok(self.logits(x, placement)?.into_iter().map(sigmoid).collect())
    }

    /// The logit for each row of `x`, computed on the given device.
    ///
    /// # Shapes
    /// `x` is `[m, d]` row by row; the result is `[m]`.
    ///
    /// # Errors
    /// When the device fails to hand the logits over.
    pub fn logits(&self, x: &[f64], placement: &Placement) -> Result<Vec<f64>> {
        let mut logits = Vec::with_capacity(x.len() / self.features);
        self.for_each_block(x, placement, |forward| {
            logits.extend(read(&forward.z2)?);
            Ok(())
        })?;
        Ok(logits)
    }

    /// The activation of each hidden unit for each row of `x`.
    ///
    /// # Shapes
    /// `x` is `[m, d]` row by row; the result is `[h][m]`.
    ///
    /// # Errors
    /// When the device fails to hand the activations over.
    pub fn activations(&self, x: &[f64], placement: &Placement) -> Result<Vec<Vec<f64>>> {
        let mut units = vec![Vec::with_capacity(x.len() / self.features); self.hidden];
        self.for_each_block(x, placement, |forward| {
            for row in read(&forward.a1)?.chunks_exact(self.hidden) {
                units.iter_mut().zip(row).for_each(|(unit, &activation)| unit.push(activation));
            }
            Ok(())
        })?;
        Ok(units)
    }

    fn for_each_block(
        &self,
        x: &[f64],
        placement: &Placement,
        mut visit: impl FnMut(Forward) -> Result<()>,
    ) -> Result<()> {
        // About 32 MiB of f64 activations at a time.
        let rows = (4_194_304 / self.hidden).max(1);
        let net = TwoLayerNet::new(self, &placement.device, placement.dtype);
        for block in x.chunks(rows * self.features) {
            let shape = [block.len() / self.features, self.features];
            visit(net.forward(tensor(block, shape, &placement.device, placement.dtype)))?;
        }
        Ok(())
    }
}

/// Samples and labels as tensors on a device.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The samples, `[m, d]`.
    pub x: Tensor<2>,
    /// The labels 0 and 1, `[m, 1]`.
    pub y: Tensor<2>,
}

impl Batch {
    /// Moves a data set to a device.
    pub fn new(data: &Dataset, device: &Device, dtype: DType) -> Self {
        let labels: Vec<f64> = data.y().iter().map(|&label| f64::from(label)).collect();
        Self {
            x: tensor(data.x(), [data.samples(), data.features()], device, dtype),
            y: tensor(&labels, [data.samples(), 1], device, dtype),
        }
    }
}

impl Batch {
    /// The samples at the given places, in their order.
    pub(crate) fn select(&self, places: &[usize]) -> Self {
        let places = TensorData::new(places.iter().map(|&place| place as i64).collect(), [places.len()]);
        let places = Tensor::<1, Int>::from_data(places, &self.x.device());
        Self { x: self.x.clone().select(0, places.clone()), y: self.y.clone().select(0, places) }
    }

    /// Neighbouring samples.
    pub(crate) fn slice(&self, rows: Range<usize>) -> Self {
        Self { x: self.x.clone().slice(rows.clone()), y: self.y.clone().slice(rows) }
    }
}

/// The bias that Burn's `Linear` may lack and ours never does.
fn bias(layer: &Linear) -> &Param<Tensor<1>> {
    layer
        .bias
        .as_ref()
        .unwrap_or_else(|| unreachable!("TwoLayerNet::new gives both layers a bias"))
}

/// A matrix of `columns` columns, row by row, read column by column.
pub(crate) fn transposed(matrix: &[f64], columns: usize) -> Vec<f64> {
    (0..columns)
        .flat_map(|column| matrix.iter().skip(column).step_by(columns).copied())
        .collect()
}
