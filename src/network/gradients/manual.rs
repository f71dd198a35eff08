//! Manual backpropagation: the article's `back_propagate`, line by line, in Burn's tensor operations.
//!
//! The forward pass, m samples in rows:
//!
//! ```text
//! z1 = x w1 + b1                  [m, h]
//! a1 = f(z1)                      [m, h]  f = tanh, or another activation function
//! z2 = a1 w2 + b2                 [m, 1]
//! loss = mean(softplus(z2) - y z2)
//! ```
//!
//! Write dv for the derivative of the loss with respect to v, in the shape of v. From the loss backwards, each line
//! applies the chain rule to one line of the forward pass:
//!
//! ```text
//! dz2 = (a2 - y) / m              [m, 1]  softplus' = sigmoid, and the mean divides by m;  a2 = sigmoid(z2)
//! dw2 = a1' dz2                   [h, 1]  z2[i] = sum over k of a1[i,k] w2[k], so w2[k] is multiplied by a1[i,k] in every row i
//! db2 = sum over rows of dz2      [1]     b2 is added to every row
//! dz1 = (dz2 w2') * f'            [m, h]  z1[i,k] affects the loss only through a1[i,k];  tanh' = 1 - tanh^2 = 1 - a1^2
//! dw1 = x' dz1                    [d, h]  as dw2, one layer below
//! db1 = sum over rows of dz1      [h]     as db2
//! ```
//!
//! # An example on paper
//!
//! A 2-2-1 network on two samples. The numbers are chosen so that nothing needs rounding: w1 and b1 are zero, so every a1
//! is 0; b2 is zero too, so every a2 is 1/2.
//!
//! ```text
//! x = [1 2; 3 -1]   y = [1; 0]   w2 = [4; -2]
//! dz2 = ([1/2; 1/2] - [1; 0]) / 2 = [-1/4; 1/4]
//! dw2 = [0 0; 0 0] dz2 = [0; 0]                            db2 = -1/4 + 1/4 = 0
//! dz1 = [-1/4; 1/4] [4 -2] * (1 - 0) = [-1 1/2; 1 -1/2]
//! dw1 = [1 3; 2 -1] [-1 1/2; 1 -1/2] = [2 -1; -3 3/2]      db1 = [-1 + 1, 1/2 - 1/2] = [0 0]
//! ```
//!
//! ```
//! use petal::data::Dataset;
//! use petal::device::Placement;
//! use petal::network::gradients::manual::back_propagate;
//! use petal::network::{Activation, Batch, Parameters, TwoLayerNet};
//!
//! let data = Dataset::from_points_2d(&[[1.0, 2.0], [3.0, -1.0]], vec![1, 0]);
//! let (w1, b1, w2, b2) = (vec![0.0; 4], vec![0.0; 2], vec![4.0, -2.0], vec![0.0]);
//! let parameters = Parameters { features: 2, hidden: 2, activation: Activation::Tanh, w1, b1, w2, b2 };
//! let Placement { device, dtype } = Placement::host();
//! let steps = back_propagate(&TwoLayerNet::new(&parameters, &device, dtype), &Batch::new(&data, &device, dtype));
//! assert_eq!(steps.dz1.into_data().try_to_vec::<f64>().unwrap(), [-1.0, 0.5, 1.0, -0.5]);
//! assert_eq!(steps.dw1.into_data().try_to_vec::<f64>().unwrap(), [2.0, -1.0, -3.0, 1.5]);
//! ```
//!
//! Nothing here calls `backward`, and no autodiff device is needed.

use burn::tensor::Tensor;

use super::tensors::Gradients;
use crate::network::activation::sigmoid_tensor;
use crate::network::{Batch, Forward, TwoLayerNet};

/// Every derivative of the loss that backpropagation computes, in the order of computing.
#[derive(Clone, Debug)]
pub struct BackPropagation {
    /// d loss / d z2, `[m, 1]`.
    pub dz2: Tensor<2>,
    /// d loss / d w2, `[h, 1]`.
    pub dw2: Tensor<2>,
    /// d loss / d b2, `[1]`.
    pub db2: Tensor<1>,
    /// d loss / d z1, `[m, h]`.
    pub dz1: Tensor<2>,
    /// d loss / d w1, `[d, h]`.
    pub dw1: Tensor<2>,
    /// d loss / d b1, `[h]`.
    pub db1: Tensor<1>,
}

/// The gradient of the mean cross-entropy over the batch.
pub fn back_propagate(net: &TwoLayerNet, batch: &Batch) -> BackPropagation {
    let [m, _] = batch.x.dims();
    let w2 = net.w2().val(); // [h, 1]
    let Forward { a1, z2 } = net.forward(batch.x.clone());
    let a2 = sigmoid_tensor(z2); // [m, 1]

    let dz2 = (a2 - batch.y.clone()) / m as f64; // [m, 1]
    let dw2 = a1.clone().transpose().matmul(dz2.clone()); // [h, 1]
    let db2 = sum_over_rows(dz2.clone()); // [1]
    let dz1 = dz2.clone().matmul(w2.transpose()) * net.activation().derivative(a1); // [m, h]
    let dw1 = batch.x.clone().transpose().matmul(dz1.clone()); // [d, h]
    let db1 = sum_over_rows(dz1.clone()); // [h]

    BackPropagation { dz2, dw2, db2, dz1, dw1, db1 }
}

impl From<BackPropagation> for Gradients {
    fn from(steps: BackPropagation) -> Self {
        Self { w1: steps.dw1, b1: steps.db1, w2: steps.dw2, b2: steps.db2 }
    }
}

/// The sum of all rows, `[m, n]` to `[n]`. A row of ones times the matrix is faster than `sum_dim` on the CPU backends.
fn sum_over_rows(matrix: Tensor<2>) -> Tensor<1> {
    let [m, n] = matrix.dims();
    let ones = Tensor::<2>::ones([1, m], (&matrix.device(), matrix.dtype()));
    ones.matmul(matrix).reshape([n])
}
