//! How the error of central differences depends on their step.
//!
//! With a large step, the curvature of the function causes a truncation error; with a small step, rounding errors
//! dominate. The best step lies between the two, near cbrt(eps).

use crate::Array;
use crate::vector::norm;

/// At most this many elements of each tensor are used, evenly spaced. That is enough for a curve.
const MAX_ELEMENTS: usize = 16;

/// The error of central differences for each step, as pairs of step and error.
///
/// The error is `|differences - gradient| / |gradient|` over up to 16 elements of each tensor. `gradient` is taken as
/// exact.
///
/// # Shapes
/// `gradient` has one array for each of `parameters`, in the same order.
pub fn errors(
    loss: impl Fn(&[Array]) -> f64,
    parameters: &[Array],
    gradient: &[Array],
    steps: &[f64],
) -> Vec<(f64, f64)> {
    let stride = |array: &Array| array.values.len().div_ceil(MAX_ELEMENTS).max(1);
    let exact: Vec<f64> = gradient
        .iter()
        .flat_map(|array| array.values.iter().copied().step_by(stride(array)))
        .collect();

    let error = |step: f64| {
        let mut arguments = parameters.to_vec();
        let mut errors = Vec::with_capacity(exact.len());
        for (index, parameter) in parameters.iter().enumerate() {
            for (element, &theta) in parameter.values.iter().enumerate().step_by(stride(parameter)) {
                let h = step * theta.abs().max(1.0);
                let [above, below] = [theta + h, theta - h].map(|value| {
                    arguments[index].values[element] = value;
                    loss(&arguments)
                });
                arguments[index].values[element] = theta;
                errors.push((above - below) / (2.0 * h) - exact[errors.len()]);
            }
        }
        norm(&errors) / norm(&exact)
    };
    steps.iter().map(|&step| (step, error(step))).collect()
}

/// Steps from 1e-12 to 1, eight for each power of ten.
pub fn steps() -> Vec<f64> {
    (-96..=0).map(|eighth| 10_f64.powf(f64::from(eighth) / 8.0)).collect()
}
