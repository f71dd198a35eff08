//! The two-layer network as a Burn module, and its forward pass.
//!
//! ```text
//! z1 = x w1 + b1      [m, h]      x  [m, d]   w1 [d, h]   b1 [h]
//! a1 = f(z1)          [m, h]      f is tanh, or the `activation` of the parameters
//! z2 = a1 w2 + b2     [m, 1]      w2 [h, 1]   b2 [1]      z2 is the logit
//! a2 = sigmoid(z2)    [m, 1]      the probability of label 1
//! ```
//!
//! There are m samples in rows, d features and h hidden units. The article has samples in columns, so its W1 is our
//! `w1` transposed.

use std::ops::Range;

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{DType, Device, Int, Tensor, TensorData};

use super::activation::Activation;
use super::loss::sigmoid;
use super::parameters::Parameters;
use crate::data::Dataset;
use crate::device::{Placement, read, tensor};
use crate::error::Result;

/// The number of f64 activations that are computed at a time for predictions: 32 MiB.
const BLOCK_ACTIVATIONS: usize = 4_194_304;

/// The network as a Burn module: `hidden` holds w1 and b1, `output` holds w2 and b2.
#[derive(Module, Debug)]
pub struct TwoLayerNet {
    hidden: Linear,
    output: Linear,
    #[module(skip)]
    activation: Activation,
}

/// The values of the forward pass that backpropagation needs.
#[derive(Clone, Debug)]
pub struct Forward {
    /// The hidden activations f(z1), `[m, h]`.
    pub a1: Tensor<2>,
    /// The logits, `[m, 1]`.
    pub z2: Tensor<2>,
}

/// Samples and labels as tensors on a device.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The samples, `[m, d]`.
    pub x: Tensor<2>,
    /// The labels 0 and 1, `[m, 1]`.
    pub y: Tensor<2>,
}

impl TwoLayerNet {
    /// Builds the network on a device. It can be trained if the device has autodiff.
    ///
    /// # Panics
    /// When a list is not as long as `features` and `hidden` require: a mistake in the calling code.
    pub fn new(parameters: &Parameters, device: &Device, dtype: DType) -> Self {
        let Parameters { features, hidden, activation, w1, b1, w2, b2 } = parameters;
        let linear = |weight: &[f64], bias: &[f64], [inputs, outputs]: [usize; 2]| Linear {
            weight: Param::from_tensor(tensor(weight, [inputs, outputs], device, dtype)),
            bias: Some(Param::from_tensor(tensor(bias, [outputs], device, dtype))),
        };
        Self {
            hidden: linear(w1, b1, [*features, *hidden]),
            output: linear(w2, b2, [*hidden, 1]),
            activation: *activation,
        }
    }

    /// The forward pass up to the logits.
    ///
    /// # Shapes
    /// `x` is `[m, d]`.
    pub fn forward(&self, x: Tensor<2>) -> Forward {
        let a1 = self.activation.forward(self.hidden.forward(x)); // [m, h]
        let z2 = self.output.forward(a1.clone()); // [m, 1]
        Forward { a1, z2 }
    }

    /// The forward pass with tensors added to z1 and z2. If these are zeros that require a gradient, their gradients
    /// are dz1 and dz2, which Burn does not give otherwise.
    ///
    /// # Shapes
    /// `x` is `[m, d]`, `z1_offset` `[m, h]`, `z2_offset` `[m, 1]`.
    pub fn forward_with_offsets(&self, x: Tensor<2>, z1_offset: Tensor<2>, z2_offset: Tensor<2>) -> Forward {
        let a1 = self.activation.forward(self.hidden.forward(x) + z1_offset); // [m, h]
        let z2 = self.output.forward(a1.clone()) + z2_offset; // [m, 1]
        Forward { a1, z2 }
    }

    /// The activation function of the hidden layer.
    pub fn activation(&self) -> Activation {
        self.activation
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

    /// Builds the network from one tensor that holds all parameters, the inverse of [`TwoLayerNet::flattened`].
    ///
    /// # Shapes
    /// `flattened` is `[d h + h + h + 1]` on a device without autodiff. The network can be trained if `device` has autodiff.
    pub fn from_flattened(
        flattened: &Tensor<1>,
        [features, hidden]: [usize; 2],
        activation: Activation,
        device: &Device,
    ) -> Self {
        let mut start = 0;
        let mut next = |count: usize| {
            let part = flattened.clone().slice(start..start + count);
            start += count;
            if device.is_autodiff() { Tensor::from_inner(part) } else { part }
        };
        let mut linear = |inputs: usize, outputs: usize| Linear {
            weight: Param::from_tensor(next(inputs * outputs).reshape([inputs, outputs])),
            bias: Some(Param::from_tensor(next(outputs))),
        };
        Self { hidden: linear(features, hidden), output: linear(hidden, 1), activation }
    }

    /// All parameters in one tensor: w1, b1, w2, b2, each row by row. One tensor needs only one transfer.
    ///
    /// # Shapes
    /// The result is `[d h + h + h + 1]`.
    pub fn flattened(&self) -> Tensor<1> {
        let (w1, w2) = (self.w1().val().flatten(0, 1), self.w2().val().flatten(0, 1));
        Tensor::cat(vec![w1, self.b1().val(), w2, self.b2().val()], 0)
    }

    /// The parameters as plain numbers. An f32 becomes an f64 without loss.
    ///
    /// # Errors
    /// When they cannot be read from the device.
    pub fn parameters(&self) -> Result<Parameters> {
        let [features, hidden] = self.w1().dims();
        Ok(Parameters::from_flattened(features, hidden, self.activation, &read(&self.flattened())?))
    }
}

impl Parameters {
    /// The probability of label 1 for each row of `x`, computed on the given device.
    ///
    /// Rows are computed in blocks, so that memory does not grow with their number.
    ///
    /// # Shapes
    /// `x` is `[m, d]` row by row; the result is `[m]`.
    ///
    /// # Errors
    /// When the logits cannot be read from the device.
    pub fn probabilities(&self, x: &[f64], placement: &Placement) -> Result<Vec<f64>> {
        Ok(self.logits(x, placement)?.into_iter().map(sigmoid).collect())
    }

    /// The logit of each row of `x`, computed on the given device.
    ///
    /// # Shapes
    /// `x` is `[m, d]` row by row; the result is `[m]`.
    ///
    /// # Errors
    /// When the logits cannot be read from the device.
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
    /// When the activations cannot be read from the device.
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
        let rows = (BLOCK_ACTIVATIONS / self.hidden).max(1);
        let net = TwoLayerNet::new(self, &placement.device, placement.dtype);
        for block in x.chunks(rows * self.features) {
            let shape = [block.len() / self.features, self.features];
            visit(net.forward(tensor(block, shape, &placement.device, placement.dtype)))?;
        }
        Ok(())
    }
}

impl Batch {
    /// Copies a data set to a device.
    pub fn new(data: &Dataset, device: &Device, dtype: DType) -> Self {
        let labels: Vec<f64> = data.y().iter().map(|&label| f64::from(label)).collect();
        Self {
            x: tensor(data.x(), [data.samples(), data.features()], device, dtype),
            y: tensor(&labels, [data.samples(), 1], device, dtype),
        }
    }

    /// The samples with the given indices, in their order.
    pub(crate) fn select(&self, indices: &[usize]) -> Self {
        let indices = TensorData::new(indices.iter().map(|&index| index as i64).collect(), [indices.len()]);
        let indices = Tensor::<1, Int>::from_data(indices, &self.x.device());
        Self { x: self.x.clone().select(0, indices.clone()), y: self.y.clone().select(0, indices) }
    }

    /// A range of samples.
    pub(crate) fn slice(&self, rows: Range<usize>) -> Self {
        Self { x: self.x.clone().slice(rows.clone()), y: self.y.clone().slice(rows) }
    }
}

/// The bias of a layer. Burn's `Linear` may have none; both layers of [`TwoLayerNet`] have one.
fn bias(layer: &Linear) -> &Param<Tensor<1>> {
    layer
        .bias
        .as_ref()
        .unwrap_or_else(|| unreachable!("TwoLayerNet::new gives both layers a bias"))
}
