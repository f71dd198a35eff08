//! Central differences of a function of named tensors, with a look at whether they can be trusted.

use super::array::Array;
use super::compare::{TensorReport, Tolerance};
use super::diagnose::not_finite;
use crate::data::numpy::RandomState;
use crate::data::vector::{dot, norm};
use crate::network::gradients::numeric::{Slope, step};

/// What differences tell about a function at a point.
pub(super) struct Differences {
    /// The function's value.
    pub loss: f64,
    /// The gradient of each tensor that was differenced element by element.
    pub elements: Vec<Array>,
    /// Directional derivatives of each larger tensor.
    pub directions: Vec<Along>,
    /// Why differences may mean nothing here, in words.
    pub findings: Vec<String>,
}

/// Derivatives along random unit vectors.
pub(super) struct Along {
    /// The tensor's name and one derivative per vector.
    pub derivatives: Array,
    shape: Vec<usize>,
    vectors: Vec<Vec<f64>>,
}

impl Along {
    /// Compares what a gradient says about the derivatives along the vectors with the differences.
    pub fn compare(&self, gradient: &Array, tolerance: &Tolerance) -> TensorReport {
        let right = &self.derivatives;
        let projected = self.vectors.iter().map(|vector| dot(&gradient.values, vector)).collect();
        let projected = Array::new(gradient.name.clone(), right.shape.clone(), projected);
        let mut report = TensorReport::new(&projected, right, tolerance);
        if let Some(worst) = &mut report.worst {
            let number = worst.element.trim_start_matches(&right.name).trim_matches(['[', ']']);
            worst.element = format!("direction {number}");
        }
        report.directions = Some(self.vectors.len());
        report.shape.clone_from(&self.shape);
        if gradient.shape != self.shape {
            (report.holds, report.worst) = (false, None);
            report.diagnosis = Some(format!("has shape {:?}, must be {:?}", gradient.shape, self.shape));
        } else if !report.holds {
            report.diagnosis = not_finite(gradient);
        }
        report
    }
}

pub(super) fn differences(
    loss: impl Fn(&[Array]) -> f64,
    parameters: &[Array],
    most_elements: usize,
    directions: usize,
    seed: u32,
) -> Differences {
    let value = loss(parameters);
    let mut result = Differences { loss: value, elements: Vec::new(), directions: Vec::new(), findings: Vec::new() };
    let again = loss(parameters);
    if !value.is_finite() {
        result.findings.push(format!("the function is {value} here"));
    } else if again.to_bits() != value.to_bits() {
        result
            .findings
            .push(format!("the function is not deterministic: it gave {value:e}, then {again:e}"));
    }
    let random = &mut RandomState::new(seed);
    let mut kinks = Vec::new();
    for (index, parameter) in parameters.iter().enumerate() {
        let mut shifted = parameters.to_vec();
        // The function along a line through the parameters, as it depends on the distance from them.
        let mut along = |vector: &[f64], distance: f64| {
            let moved = parameter.values.iter().zip(vector).map(|(value, part)| value + distance * part);
            shifted[index].values = moved.collect();
            loss(&shifted)
        };
        if parameter.values.len() <= most_elements {
            let mut unit = vec![0.0; parameter.values.len()];
            let mut gradient = Vec::with_capacity(unit.len());
            for (i, &theta) in parameter.values.iter().enumerate() {
                unit[i] = 1.0;
                let slope = Slope::new(value, step(theta), |distance| along(&unit, distance));
                if let Some([left, right]) = slope.kink {
                    kinks.push(format!("{}: slope {left:.6} before and {right:.6} after", parameter.element(i)));
                }
                gradient.push(slope.value);
                unit[i] = 0.0;
            }
            result
                .elements
                .push(Array::new(parameter.name.clone(), parameter.shape.clone(), gradient));
        } else {
            let h = step(norm(&parameter.values));
            let vectors: Vec<Vec<f64>> = (0..directions).map(|_| unit_vector(parameter.values.len(), random)).collect();
            let slopes: Vec<Slope> = vectors
                .iter()
                .map(|vector| Slope::new(value, h, |distance| along(vector, distance)))
                .collect();
            for [left, right] in slopes.iter().filter_map(|slope| slope.kink) {
                kinks.push(format!("{}: slope {left:.6} before and {right:.6} after, in a direction", parameter.name));
            }
            let derivatives = slopes.iter().map(|slope| slope.value).collect();
            let derivatives = Array::new(parameter.name.clone(), [directions], derivatives);
            result
                .directions
                .push(Along { derivatives, shape: parameter.shape.clone(), vectors });
        }
    }
    if let Some(first) = kinks.first() {
        let more = if kinks.len() > 1 {
            format!(", and {} more", kinks.len() - 1)
        } else {
            String::new()
        };
        result
            .findings
            .push(format!("the function has a kink within the step at {first}{more}; differences mean nothing there"));
    }
    result
}

fn unit_vector(size: usize, random: &mut RandomState) -> Vec<f64> {
    let normals = random.normals(size);
    let length = norm(&normals);
    normals.into_iter().map(|value| value / length).collect()
}
