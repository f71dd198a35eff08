//! The classic mistakes of hand-written backpropagation, each with the wrong gradient that it produces.
//!
//! One function on the host computes the gradient by the formulas of [`crate::network::gradients::manual`]. At most one
//! formula is replaced by a wrong one. A check compares a wrong gradient with these to name its mistake, and the tests
//! use them to test the check.
//!
//! Not covered: mistakes in the loss. They would make every gradient disagree with it.

use super::Array;
use crate::data::Dataset;
use crate::network::loss::sigmoid;
use crate::network::{Activation, Parameters, transposed};

/// The learning rate of the update that comes too early or too late.
const LEARNING_RATE: f64 = 1.2;

/// A mistake in backpropagation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// `dz1 = dz2 w2'`
    DerivativeMissing,
    /// `dz1 = (dz2 w2') * (1 - a1)`, with tanh or sigmoid
    DerivativeHalf,
    /// `dz1 = (dz2 w2') * (1 - z1^2)`, or another derivative in terms of a1 that is given z1
    DerivativeOfPreActivation,
    /// `dz1 = (dz2 w2') * (1 - a1^2)`, although the activation is not tanh
    DerivativeOfTanh,
    /// `dz2 = a2 - y`
    MeanMissing,
    /// `dz2 = (a2 - y) / m^2`
    MeanTwice,
    /// `dz2 = (y - a2) / m`
    SignFlipped,
    /// `dz2 = (a2 - y) * a2 * (1 - a2) / m`
    SigmoidDerivativeTwice,
    /// `dz2 = (-y / a2 + (1 - y) / (1 - a2)) * a2 * (1 - a2) / m`
    LossDerivativeByProbability,
    /// `dw2 = z1' dz2`
    PreActivationForActivation,
    /// `dw1 = dz1' x`, if there are as many features as hidden units
    WeightGradientTransposed,
    /// `db1 = dz1`
    BiasGradientNotSummed,
    /// dz1 uses w2 after its update
    WeightsUpdatedEarly,
    /// a1 is computed from the updated parameters, everything else from the old ones
    ActivationsFromUpdatedWeights,
    /// `db1 += 0.01 b1`, `db2 += 0.01 b2`
    WeightDecayOnBiases,
    /// all sums leave out the last sample
    LastSampleMissing,
    /// the sums over samples are kept in f32
    SumsInSinglePrecision,
}

impl Mistake {
    /// Every mistake.
    pub const ALL: [Self; 17] = [
        Self::DerivativeMissing,
        Self::DerivativeHalf,
        Self::DerivativeOfPreActivation,
        Self::DerivativeOfTanh,
        Self::MeanMissing,
        Self::MeanTwice,
        Self::SignFlipped,
        Self::SigmoidDerivativeTwice,
        Self::LossDerivativeByProbability,
        Self::PreActivationForActivation,
        Self::WeightGradientTransposed,
        Self::BiasGradientNotSummed,
        Self::WeightsUpdatedEarly,
        Self::ActivationsFromUpdatedWeights,
        Self::WeightDecayOnBiases,
        Self::LastSampleMissing,
        Self::SumsInSinglePrecision,
    ];

    /// The mistake in words, in a network with this activation function.
    pub fn describe(self, activation: Activation) -> String {
        let right = activation.derivative_formula("a1");
        let words = match self {
            Self::DerivativeMissing => return format!("dz1 lacks the factor {right}"),
            Self::DerivativeHalf => return format!("dz1 has the factor 1 - a1 in place of {right}"),
            Self::DerivativeOfPreActivation => {
                return format!("dz1 has the factor {} in place of {right}", activation.derivative_formula("z1"));
            }
            Self::DerivativeOfTanh => return format!("dz1 has tanh's factor 1 - a1^2 in place of {right}"),
            Self::MeanMissing => "dz2 is not divided by m",
            Self::MeanTwice => "dz2 is divided by m twice",
            Self::SignFlipped => "dz2 is y - a2 in place of a2 - y",
            Self::SigmoidDerivativeTwice => {
                "dz2 is multiplied by the sigmoid's derivative a2 (1 - a2), which has already cancelled in a2 - y"
            }
            Self::LossDerivativeByProbability => {
                "dz2 is computed with 1 / a2 and 1 / (1 - a2), which are infinite where a2 rounds to 0 or 1"
            }
            Self::PreActivationForActivation => "dw2 uses z1 in place of a1",
            Self::WeightGradientTransposed => "dw1 is transposed",
            Self::BiasGradientNotSummed => "db1 is not summed over the samples",
            Self::WeightsUpdatedEarly => "dz1 uses w2 after its update",
            Self::ActivationsFromUpdatedWeights => {
                "a1 is computed with the updated parameters, everything else with the old ones"
            }
            Self::WeightDecayOnBiases => "the biases are decayed like weights",
            Self::LastSampleMissing => "the last sample is left out",
            Self::SumsInSinglePrecision => "the sums over samples are kept in f32",
        };
        words.into()
    }

    /// The derivative of the loss of one sample with respect to z2.
    fn dz2(mistake: Option<Self>, a2: f64, y: f64, m: f64) -> f64 {
        let per_sample = match mistake {
            Some(Self::SignFlipped) => y - a2,
            Some(Self::SigmoidDerivativeTwice) => (a2 - y) * a2 * (1.0 - a2),
            Some(Self::LossDerivativeByProbability) => (-y / a2 + (1.0 - y) / (1.0 - a2)) * a2 * (1.0 - a2),
            _ => a2 - y,
        };
        match mistake {
            Some(Self::MeanMissing) => per_sample,
            Some(Self::MeanTwice) => per_sample / (m * m),
            _ => per_sample / m,
        }
    }

    /// The derivative of a1 = f(z1) with respect to z1.
    fn derivative(mistake: Option<Self>, activation: Activation, z1: f64, a1: f64) -> f64 {
        match mistake {
            Some(Self::DerivativeMissing) => 1.0,
            Some(Self::DerivativeHalf) if activation.is_bounded() => 1.0 - a1,
            Some(Self::DerivativeOfPreActivation) => activation.derivative_at(z1),
            Some(Self::DerivativeOfTanh) => 1.0 - a1 * a1,
            _ => activation.derivative_at(a1),
        }
    }
}

/// The derivatives of backpropagation, each as the numbers of its tensor.
struct Derivatives {
    /// `[m, 1]`
    dz2: Vec<f64>,
    /// `[h, 1]`
    dw2: Vec<f64>,
    db2: f64,
    /// `[m, h]`
    dz1: Vec<f64>,
    /// `[d, h]`
    dw1: Vec<f64>,
    /// `[h]`
    db1: Vec<f64>,
}

/// The gradient with a mistake, or the right gradient for `None`, as arrays `dz2`, `w2`, `b2`, `dz1`, `w1`, `b1`.
pub fn gradient(mistake: Option<Mistake>, parameters: &Parameters, data: &Dataset, weight_decay: f64) -> Vec<Array> {
    let &Parameters { features: d, hidden: h, .. } = parameters;
    let m = data.samples();
    let Derivatives { dz2, dw2, db2, dz1, dw1, db1 } = derivatives(mistake, parameters, data, weight_decay);

    let dw1 = match mistake {
        Some(Mistake::WeightGradientTransposed) if d == h => transposed(&dw1, h),
        _ => dw1,
    };
    let db1 = match mistake {
        Some(Mistake::BiasGradientNotSummed) => Array::new("b1", [m, h], dz1.clone()),
        _ => Array::new("b1", [h], db1),
    };
    vec![
        Array::new("dz2", [m, 1], dz2),
        Array::new("w2", [h, 1], dw2),
        Array::new("b2", [1], vec![db2]),
        Array::new("dz1", [m, h], dz1),
        Array::new("w1", [d, h], dw1),
        db1,
    ]
}

/// Backpropagation, sample by sample, with the mistakes that change a number. [`gradient`] makes those that change a
/// shape.
fn derivatives(mistake: Option<Mistake>, parameters: &Parameters, data: &Dataset, weight_decay: f64) -> Derivatives {
    let has = |other: Mistake| mistake == Some(other);
    let Parameters { features: d, hidden: h, activation, w1, b1, w2, b2 } = parameters;
    let m = data.samples();

    // Two mistakes use parameters after their update: one for z1, the other for dz1.
    let updated = (has(Mistake::ActivationsFromUpdatedWeights) || has(Mistake::WeightsUpdatedEarly))
        .then(|| one_update_later(parameters, data, weight_decay));
    let forward = updated
        .as_ref()
        .filter(|_| has(Mistake::ActivationsFromUpdatedWeights))
        .unwrap_or(parameters);
    let backward = updated
        .as_ref()
        .filter(|_| has(Mistake::WeightsUpdatedEarly))
        .unwrap_or(parameters);

    let add = |sum: &mut f64, term: f64| {
        *sum = if has(Mistake::SumsInSinglePrecision) {
            f64::from(*sum as f32 + term as f32)
        } else {
            *sum + term
        };
    };

    let (mut dz2, mut dw2, mut db2) = (vec![0.0; m], vec![0.0; *h], 0.0);
    let (mut dz1, mut dw1, mut db1) = (vec![0.0; m * h], vec![0.0; d * h], vec![0.0; *h]);
    let samples = if has(Mistake::LastSampleMissing) { m.saturating_sub(1) } else { m };
    for (i, (x, &label)) in data.rows().zip(data.y()).take(samples).enumerate() {
        let z1: Vec<f64> = (0..*h)
            .map(|k| (0..*d).fold(forward.b1[k], |z1, j| z1 + x[j] * forward.w1[j * h + k]))
            .collect();
        let a1: Vec<f64> = z1.iter().map(|&z1| activation.value_at(z1)).collect();
        let a2 = sigmoid(a1.iter().zip(w2).fold(b2[0], |z2, (a1, w2)| z2 + a1 * w2));

        dz2[i] = Mistake::dz2(mistake, a2, f64::from(label), m as f64);
        add(&mut db2, dz2[i]);
        for k in 0..*h {
            let input = if has(Mistake::PreActivationForActivation) { z1[k] } else { a1[k] };
            add(&mut dw2[k], dz2[i] * input);

            let dz1_k = dz2[i] * backward.w2[k] * Mistake::derivative(mistake, *activation, z1[k], a1[k]);
            dz1[i * h + k] = dz1_k;
            add(&mut db1[k], dz1_k);
            for (j, x) in x.iter().enumerate() {
                add(&mut dw1[j * h + k], x * dz1_k);
            }
        }
    }

    add_decay(&mut dw1, w1, weight_decay);
    add_decay(&mut dw2, w2, weight_decay);
    if has(Mistake::WeightDecayOnBiases) {
        add_decay(&mut db1, b1, 0.01);
        db2 += 0.01 * b2[0];
    }
    Derivatives { dz2, dw2, db2, dz1, dw1, db1 }
}

fn add_decay(gradient: &mut [f64], parameters: &[f64], decay: f64) {
    for (derivative, parameter) in gradient.iter_mut().zip(parameters) {
        *derivative += decay * parameter;
    }
}

/// The parameters after one right update; b2, which no mistake needs, stays.
fn one_update_later(parameters: &Parameters, data: &Dataset, weight_decay: f64) -> Parameters {
    let Derivatives { dw1, db1, dw2, .. } = derivatives(None, parameters, data, weight_decay);
    let step = |values: &[f64], gradient: &[f64]| {
        let pairs = values.iter().zip(gradient);
        pairs.map(|(value, derivative)| value - LEARNING_RATE * derivative).collect()
    };
    Parameters {
        w1: step(&parameters.w1, &dw1),
        b1: step(&parameters.b1, &db1),
        w2: step(&parameters.w2, &dw2),
        ..parameters.clone()
    }
}
