//! The parameters and data of the two-layer network in the form that a check needs.

use super::Array;
use crate::data::Dataset;
use crate::data::vector::max_norm;
use crate::device::Precision;
use crate::network::{Activation, Parameters};

/// The parameters as arrays `w1`, `b1`, `w2`, `b2`.
pub fn arrays_from_parameters(parameters: &Parameters) -> Vec<Array> {
    let Parameters { features, hidden, w1, b1, w2, b2, .. } = parameters.clone();
    vec![
        Array::new("w1", [features, hidden], w1),
        Array::new("b1", [hidden], b1),
        Array::new("w2", [hidden, 1], w2),
        Array::new("b2", [1], b2),
    ]
}

/// The parameters from the arrays that [`arrays_from_parameters`] returns.
///
/// # Panics
/// When there are not four arrays, or the first one is not a matrix: a mistake in the calling code.
pub fn parameters_from_arrays(arrays: &[Array], activation: Activation) -> Parameters {
    let [w1, b1, w2, b2] = arrays else {
        unreachable!("the network has four parameter tensors")
    };
    Parameters {
        features: w1.shape[0],
        hidden: w1.shape[1],
        activation,
        w1: w1.values.clone(),
        b1: b1.values.clone(),
        w2: w2.values.clone(),
        b2: b2.values.clone(),
    }
}

/// The size of the terms that each tensor of the gradient is a sum of.
///
/// `|a2 - y|` and the derivative of the activation are at most 1 and rounded at that size. So dz2 is rounded at 1 / m and dz1 at
/// w2 / m. The other tensors sum m such terms. Those of w2 have the size of a1: at most 1 for tanh and sigmoid, and that of z1
/// for relu and the identity.
pub(crate) fn term_sizes(parameters: &Parameters, data: &Dataset) -> [(&'static str, f64); 6] {
    let m = data.samples().max(1) as f64;
    let w2 = max_norm(&parameters.w2);
    let means = (0..data.features()).map(|j| data.rows().map(|row| row[j].abs()).sum::<f64>() / m);
    let x = means.fold(0.0, f64::max);
    let a1 = if parameters.activation.is_bounded() {
        1.0
    } else {
        max_norm(&parameters.b1) + data.features() as f64 * max_norm(&parameters.w1) * x
    };
    [("dz2", 1.0 / m), ("w2", a1), ("b2", 1.0), ("dz1", w2 / m), ("w1", w2 * x), ("b1", w2)]
}

/// The parameters, each rounded to the float type.
pub(crate) fn round_parameters(parameters: &Parameters, precision: Precision) -> Parameters {
    let round = |values: &[f64]| values.iter().map(|&value| precision.round(value)).collect();
    Parameters {
        w1: round(&parameters.w1),
        b1: round(&parameters.b1),
        w2: round(&parameters.w2),
        b2: round(&parameters.b2),
        ..*parameters
    }
}

/// The samples, each feature rounded to the float type.
pub(crate) fn round_data(data: &Dataset, precision: Precision) -> Dataset {
    let x = data.x().iter().map(|&value| precision.round(value)).collect();
    Dataset::new(data.feature_names().to_vec(), x, data.y().to_vec())
}

impl From<Precision> for petal_gradcheck::Precision {
    fn from(precision: Precision) -> Self {
        match precision {
            Precision::F32 => Self::F32,
            Precision::F64 => Self::F64,
        }
    }
}
