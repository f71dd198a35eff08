//! The objective on the host in f64, without tensors. The gradient check compares all gradients with central
//! differences of this function.

use crate::data::Dataset;
use crate::network::{Activation, Parameters};

/// The mean cross-entropy plus the L2 penalty in plain f64 arithmetic: the function that is differentiated numerically.
///
/// It is the same function as [`crate::network::loss::cross_entropy`] of [`crate::network::TwoLayerNet::forward`]. It
/// shares no code with them, so that a mistake in either is found.
pub fn loss(parameters: &Parameters, data: &Dataset, weight_decay: f64) -> f64 {
    let Parameters { hidden, activation, w1, b1, w2, b2, .. } = parameters;
    let costs = data.rows().zip(data.y()).map(|(row, &label)| {
        let z2 = (0..*hidden).fold(b2[0], |z2, k| {
            let z1 = row.iter().enumerate().fold(b1[k], |z1, (j, x)| z1 + x * w1[j * hidden + k]);
            z2 + activate(*activation, z1) * w2[k]
        });
        let u = if label == 1 { -z2 } else { z2 };
        u.max(0.0) + (-u.abs()).exp().ln_1p()
    });
    compensated_sum(costs) / data.samples() as f64 + parameters.penalty(weight_decay)
}

/// The hidden activation, written once more: the engines use another function.
fn activate(activation: Activation, z1: f64) -> f64 {
    match activation {
        Activation::Tanh => z1.tanh(),
        Activation::Sigmoid => 1.0 / (1.0 + (-z1).exp()),
        Activation::Relu => z1.max(0.0),
        Activation::Identity => z1,
    }
}

/// The sum of non-negative numbers with a rounding error that does not grow with their number (Kahan, 1965).
///
/// A central difference divides the rounding error of the sum by the step h. With a plain sum of 100,000 costs, its
/// error would be 2e-9.
fn compensated_sum(terms: impl Iterator<Item = f64>) -> f64 {
    let (sum, _) = terms.fold((0.0, 0.0), |(sum, error): (f64, f64), term| {
        let term = term - error;
        let next = sum + term;
        (next, (next - sum) - term)
    });
    sum
}
