//! The gradient of a function of several arrays by central differences, and the reasons not to trust it.

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand_distr::{Distribution, StandardNormal};

use crate::array::Array;
use crate::comparison::TensorReport;
use crate::derivative::{Derivative, step};
use crate::diagnosis::not_finite;
use crate::tolerance::Tolerance;
use crate::vector::{dot, norm};

/// When and how a large tensor is checked along random directions, to save time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RandomDirections {
    /// A tensor of up to this many elements is differentiated by each of them instead.
    pub max_elements: usize,
    /// The number of directions for each larger tensor.
    pub count: usize,
    /// The seed of the directions.
    pub seed: u32,
}

/// The gradient of a function at one point by central differences.
pub(crate) struct Differences {
    /// The function's value.
    pub loss: f64,
    /// The gradients of the small tensors, element by element.
    pub elements: Vec<Array>,
    /// The directional derivatives of the large tensors.
    pub directional: Vec<DirectionalDerivatives>,
    /// Why the differences may be wrong at this point, in words.
    pub findings: Vec<String>,
}

/// The derivatives of a function by one tensor, along random unit vectors.
pub(crate) struct DirectionalDerivatives {
    /// The tensor's name, with one derivative for each direction.
    pub derivatives: Array,
    /// The tensor's shape.
    shape: Vec<usize>,
    /// The unit vectors, each as long as the tensor.
    directions: Vec<Vec<f64>>,
}

impl DirectionalDerivatives {
    /// Projects a gradient onto the directions and compares the result with the derivatives.
    pub fn compare(&self, gradient: &Array, tolerance: &Tolerance) -> TensorReport {
        let expected = &self.derivatives;
        let projections = self.directions.iter().map(|direction| dot(&gradient.values, direction));
        let projected = Array::new(gradient.name.clone(), expected.shape.clone(), projections.collect());

        let mut report = TensorReport::new(&projected, expected, tolerance);
        report.directions = Some(self.directions.len());
        report.shape.clone_from(&self.shape);
        if let Some(worst) = &mut report.worst {
            let number = worst.element.trim_start_matches(&expected.name).trim_matches(['[', ']']);
            worst.element = format!("direction {number}");
        }
        if gradient.shape != self.shape {
            (report.passed, report.worst) = (false, None);
            report.diagnosis = Some(format!("has shape {:?}, must be {:?}", gradient.shape, self.shape));
        } else if !report.passed {
            report.diagnosis = not_finite(gradient);
        }
        report
    }
}

/// Differentiates a function by each of its parameters.
pub(crate) fn differentiate(
    loss: impl Fn(&[Array]) -> f64,
    parameters: &[Array],
    RandomDirections { max_elements, count, seed }: RandomDirections,
) -> Differences {
    let value = loss(parameters);
    let mut findings: Vec<String> = unreliable_value(value, loss(parameters)).into_iter().collect();

    let random = &mut Xoshiro256PlusPlus::seed_from_u64(seed.into());
    let (mut elements, mut directional, mut kinks) = (Vec::new(), Vec::new(), Vec::new());
    for (index, parameter) in parameters.iter().enumerate() {
        let mut function = PartialFunction { loss: &loss, value, arguments: parameters.to_vec(), index, parameter };
        let size = parameter.values.len();
        if size <= max_elements {
            elements.push(function.gradient(&mut kinks));
        } else {
            let directions = (0..count).map(|_| unit_vector(size, random)).collect();
            directional.push(function.directional_derivatives(directions, &mut kinks));
        }
    }

    findings.extend(kinks_found(&kinks));
    Differences { loss: value, elements, directional, findings }
}

/// The function as it depends on one of its parameters, with the others fixed.
struct PartialFunction<'a> {
    loss: &'a dyn Fn(&[Array]) -> f64,
    /// The function's value at the parameters.
    value: f64,
    /// The parameter by which the function is differentiated, and its index.
    parameter: &'a Array,
    index: usize,
    /// All parameters. Each evaluation overwrites the one at `index`.
    arguments: Vec<Array>,
}

impl PartialFunction<'_> {
    /// The derivative with respect to each element. Adds a description of each kink to `kinks`.
    fn gradient(&mut self, kinks: &mut Vec<String>) -> Array {
        let parameter = self.parameter;
        let mut direction = vec![0.0; parameter.values.len()];
        let mut gradient = Vec::with_capacity(direction.len());
        for (i, &theta) in parameter.values.iter().enumerate() {
            direction[i] = 1.0;
            let derivative = self.derivative(&direction, step(theta));
            direction[i] = 0.0;

            gradient.push(derivative.value);
            if let Some([before, after]) = derivative.kink {
                kinks.push(format!("{}: slope {before:.6} before and {after:.6} after", parameter.element(i)));
            }
        }
        Array::new(parameter.name.clone(), parameter.shape.clone(), gradient)
    }

    /// The derivative along each direction. Adds a description of each kink to `kinks`.
    fn directional_derivatives(
        &mut self,
        directions: Vec<Vec<f64>>,
        kinks: &mut Vec<String>,
    ) -> DirectionalDerivatives {
        let Array { name, shape, values } = self.parameter;
        let h = step(norm(values));
        let mut derivatives = Vec::with_capacity(directions.len());
        for direction in &directions {
            let derivative = self.derivative(direction, h);
            derivatives.push(derivative.value);
            if let Some([before, after]) = derivative.kink {
                kinks.push(format!("{name}: slope {before:.6} before and {after:.6} after, in a direction"));
            }
        }
        let derivatives = Array::new(name.clone(), [directions.len()], derivatives);
        DirectionalDerivatives { derivatives, shape: shape.clone(), directions }
    }

    /// The derivative at the parameters along a direction, with differences over the step `h`.
    fn derivative(&mut self, direction: &[f64], h: f64) -> Derivative {
        let Self { loss, value, parameter, index, arguments } = self;
        Derivative::new(*value, h, |distance| {
            let moved = parameter.values.iter().zip(direction);
            arguments[*index].values = moved.map(|(value, part)| value + distance * part).collect();
            loss(arguments)
        })
    }
}

/// Why the function's value cannot be used, given the values of two calls at the same point.
fn unreliable_value(value: f64, again: f64) -> Option<String> {
    if !value.is_finite() {
        Some(format!("the function is {value} here"))
    } else if again.to_bits() != value.to_bits() {
        Some(format!("the function is not deterministic: it gave {value:e}, then {again:e}"))
    } else {
        None
    }
}

fn kinks_found(kinks: &[String]) -> Option<String> {
    let first = kinks.first()?;
    let more = match kinks.len() - 1 {
        0 => String::new(),
        count => format!(", and {count} more"),
    };
    Some(format!(
        "the function has a kink within the step at {first}{more}; central differences are not valid there"
    ))
}

fn unit_vector(size: usize, random: &mut Xoshiro256PlusPlus) -> Vec<f64> {
    let normals: Vec<f64> = StandardNormal.sample_iter(random).take(size).collect();
    let length = norm(&normals);
    normals.into_iter().map(|value| value / length).collect()
}
