//! How the error of central differences depends on their step: the curve that answers "how close is close enough".
//!
//! Too large a step bends the function, too small a step drowns in rounding; between them lies cbrt(eps).

use super::Array;
use crate::data::vector::norm;

/// At most so many elements of a tensor are differenced, evenly spread: a curve needs no more.
const MAX_ELEMENTS: usize = 16;

/// The error of central differences for each step: `|differences - gradient| / |gradient|` over up to 16 elements of
/// each tensor.
///
/// # Shapes
/// `gradient` holds an array for each of `parameters`, in their order.
pub fn errors(
    loss: impl Fn(&[Array]) -> f64,
    parameters: &[Array],
    gradient: &[Array],
    steps: &[f64],
) -> Vec<(f64, f64)> {
    let stride = |array: &Array| array.values.len().div_ceil(MAX_ELEMENTS).max(1);
    let right: Vec<f64> = gradient
        .iter()
        .flat_map(|array| array.values.iter().copied().step_by(stride(array)))
        .collect();
    let error = |step: f64| {
        let mut shifted = parameters.to_vec();
        let mut errors = Vec::with_capacity(right.len());
        for (array, parameter) in parameters.iter().enumerate() {
            for (element, &theta) in parameter.values.iter().enumerate().step_by(stride(parameter)) {
                let h = step * theta.abs().max(1.0);
                let [above, below] = [theta + h, theta - h].map(|value| {
                    shifted[array].values[element] = value;
                    loss(&shifted)
                });
                shifted[array].values[element] = theta;
                errors.push((above - below) / (2.0 * h) - right[errors.len()]);
            }
        }
        norm(&errors) / norm(&right)
    };
    steps.iter().map(|&step| (step, error(step))).collect()
}

/// Steps from 1e-12 to 1, eight for each power of ten.
pub fn steps() -> Vec<f64> {
    (-96..=0).map(|eighth| 10_f64.powf(f64::from(eighth) / 8.0)).collect()
}
