//! Mistakes that change the shape of an array.

use super::closeness::Unit;
use super::environment::Environment;
use super::formulas::element;
use super::mistakes::Mistake;
use super::number::Bounded;
use super::quantity::{Axis, Quantity, Sizes};
use super::submission::{Fit, Submission};
use crate::files::array_file::shape_text;
use crate::gradcheck::Array;

/// What is wrong with an array that has another shape than it must have. `expected` are the right numbers.
pub fn wrong_shape(
    quantity: Quantity,
    array: &Array,
    expected: &[Bounded],
    environment: &Environment<'_>,
    unit: Unit,
) -> String {
    let Environment { layout, .. } = environment;
    let sizes = environment.sizes();
    let wanted = layout.shape(quantity.axes(), sizes);
    let shapes = format!("it has shape {}, must be {}", shape_text(&array.shape), shape_text(&wanted));

    let summed_from = match quantity {
        Quantity::DB1 => Some(Quantity::DZ1),
        Quantity::DB2 => Some(Quantity::DZ2),
        _ => None,
    };
    if let Some(terms) = summed_from {
        match Fit::new(array, *layout, terms.axes(), sizes) {
            Fit::Fits(values) | Fit::Transposed(values) => {
                let sums = values.chunks(sizes.samples.max(1)).map(|row| row.iter().sum::<f64>());
                let m = sizes.samples as f64;
                let (sums, means): (Vec<f64>, Vec<f64>) = sums.map(|sum| (sum, sum / m)).unzip();
                if unit.all_close(&sums, expected) || unit.all_close(&means, expected) {
                    return format!("it is not summed over the samples: {shapes}");
                }
            }
            Fit::Differs => {}
        }
        if let [value] = array.values[..] {
            return match sum_of(value, quantity, environment, unit) {
                Some(text) => format!("{text}. {}", capitalised(&shapes)),
                None => shapes,
            };
        }
        if array.values.len() == sizes.samples {
            return format!("it is summed over the hidden units, not over the samples: {shapes}");
        }
    }
    let samples = sizes.samples;
    if quantity.axes() == [Axis::One, Axis::Samples] && array.shape == [samples, samples] {
        return format!("{shapes}: arrays of shape ({samples},) and ({samples}, 1) were broadcast against each other");
    }
    shapes
}

/// What one number is the sum or the mean of, where the gradient by a bias must be.
fn sum_of(value: f64, quantity: Quantity, environment: &Environment<'_>, unit: Unit) -> Option<String> {
    let m = environment.sizes().samples as f64;
    let is_sum = |sum: Bounded| {
        let scaled = |factor: f64| Bounded { value: factor * sum.value, size: factor * sum.size };
        [1.0, m, 1.0 / m].iter().any(|&factor| unit.is_close(value, scaled(factor)))
    };
    let all: Bounded = element(quantity, Some(Mistake::AxisMissing), environment, 0, 0);
    let of_output: Bounded = element(Quantity::DB2, None, environment, 0, 0);
    if is_sum(all) {
        return Some("the sum goes over the hidden units too: np.sum without axis".into());
    }
    let [dz2, dz1] = [Quantity::DZ2, Quantity::DZ1].map(|derivative| environment.layout.name(derivative));
    is_sum(of_output).then(|| format!("it is the sum of {dz2}, not of {dz1}"))
}

/// Why the update with a gradient of this shape changed the shape of the parameter. `None` if it did not, or if the updated
/// parameter is not there: the shape that the program gives to its parameter is then unknown.
pub fn harmful_shape(quantity: Quantity, array: &Array, submission: &Submission<'_>, sizes: Sizes) -> Option<String> {
    let updated = submission.get(updated_parameter(quantity)?)?;
    // Right updated parameters show that the shape did no harm.
    if updated.fit != Fit::Differs {
        return None;
    }
    let [parameter, result] = broadcast_shapes(quantity, array, submission, sizes)?;
    let cause = match array.shape.len() {
        1 => flat_cause(quantity),
        _ => "it is transposed",
    };
    let (gradient, name) = (submission.name(quantity), parameter_name(quantity, submission));
    Some(format!(
        "{cause}: {gradient} has shape {} and {name} has {parameter}, so that {name} - learning_rate * {gradient} gets {result}",
        shape_text(&array.shape),
    ))
}

/// What must be known about gradients whose shape is right for some shapes of the parameter and wrong for others, where the
/// updated parameter is not there.
pub fn shape_notes(submission: &Submission<'_>, sizes: Sizes) -> Vec<String> {
    let note = |quantity: Quantity| {
        let given = submission.get(quantity).filter(|given| given.fit != Fit::Differs)?;
        if submission.get(updated_parameter(quantity)?).is_some() {
            return None;
        }
        let [parameter, result] = broadcast_shapes(quantity, given.array, submission, sizes)?;
        let (gradient, name) = (submission.name(quantity), parameter_name(quantity, submission));
        Some(format!(
            "{gradient} has shape {}. If your {name} has shape {parameter}, {name} - learning_rate * {gradient} gets {result}: \
             then give {gradient} the shape of {name}.",
            shape_text(&given.array.shape),
        ))
    };
    Quantity::ALL.into_iter().filter_map(note).collect()
}

/// The shape of a parameter in the layout, and the one that the update with a gradient of this shape gives to it. `None` if the
/// update adds no elements.
fn broadcast_shapes(
    gradient: Quantity,
    array: &Array,
    submission: &Submission<'_>,
    sizes: Sizes,
) -> Option<[String; 2]> {
    // An array from which np.squeeze removed the dimensions of length 1, as from all others, does no harm.
    if submission.is_squeezed(sizes) {
        return None;
    }
    let parameter = submission.layout.shape(gradient.axes(), sizes);
    let result = broadcast_shape(&parameter, &array.shape)?;
    let count = |shape: &[usize]| shape.iter().product::<usize>();
    (count(&result) != count(&parameter)).then(|| [shape_text(&parameter), shape_text(&result)])
}

/// The parameter that the update computes from a gradient.
fn updated_parameter(gradient: Quantity) -> Option<Quantity> {
    let parameters = [Quantity::W1, Quantity::B1, Quantity::W2, Quantity::B2];
    parameters.into_iter().find(|parameter| parameter.gradient() == Some(gradient))
}

/// The name of a gradient's parameter.
fn parameter_name(gradient: Quantity, submission: &Submission<'_>) -> &'static str {
    gradient.parameter().map_or("", |input| submission.layout.input_name(input))
}

/// Why a gradient has one dimension in place of two.
fn flat_cause(gradient: Quantity) -> &'static str {
    match gradient {
        Quantity::DB1 | Quantity::DB2 => "np.sum without keepdims=True",
        _ => "a dimension of length 1 is missing",
    }
}

/// The gradient in shapes that mistakes give to it, each with its mistake.
pub fn likely_shapes(gradient: Quantity, environment: &Environment<'_>) -> Vec<(&'static str, Array)> {
    let sizes = environment.sizes();
    let numbers = |quantity: Quantity| environment.result(quantity).iter().map(|element| element.value);
    let flat: Vec<f64> = numbers(gradient).collect();
    let mut likely = vec![(flat_cause(gradient), Array::new("", [flat.len()], flat))];
    let terms = match gradient {
        Quantity::DB1 => Quantity::DZ1,
        Quantity::DB2 => Quantity::DZ2,
        _ => return likely,
    };
    for divisor in [1.0, sizes.samples as f64] {
        let terms_of_mean: Vec<f64> = numbers(terms).map(|term| term / divisor).collect();
        let array = environment.layout.array("", terms.axes(), sizes, &terms_of_mean);
        likely.push(("it is not summed over the samples", array));
    }
    likely
}

/// Whether an updated parameter of another shape is what NumPy makes of the parameter and a gradient of another shape.
pub fn is_broadcast(updated: &Array, parameter: &Array, gradient: &Array, rate: f64, unit: Unit) -> bool {
    let Some(result) = broadcast_shape(&parameter.shape, &gradient.shape) else {
        return false;
    };
    let columns = result.last().copied().unwrap_or(1);
    result == updated.shape
        && updated.values.iter().enumerate().all(|(flat, &value)| {
            let (row, column) = (flat / columns, flat % columns);
            let old = broadcast_element(parameter, row, column);
            let step = rate * broadcast_element(gradient, row, column);
            unit.is_close(value, Bounded { value: old - step, size: old.abs() + step.abs() })
        })
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// The last two dimensions, with 1 for those that are missing.
fn rows_and_columns(shape: &[usize]) -> Option<[usize; 2]> {
    match *shape {
        [] => Some([1, 1]),
        [columns] => Some([1, columns]),
        [rows, columns] => Some([rows, columns]),
        _ => None,
    }
}

/// The shape of the sum of two arrays in NumPy. `None` if they cannot be added.
fn broadcast_shape(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let dimensions = a.len().max(b.len());
    let (a, b) = (rows_and_columns(a)?, rows_and_columns(b)?);
    let lengths = (0..2).map(|axis| match (a[axis], b[axis]) {
        (1, length) | (length, 1) => Some(length),
        (one, other) => (one == other).then_some(one),
    });
    let both: Vec<usize> = lengths.collect::<Option<_>>()?;
    Some(both[2 - dimensions..].to_vec())
}

fn broadcast_element(array: &Array, row: usize, column: usize) -> f64 {
    let [rows, columns] = rows_and_columns(&array.shape).unwrap_or([1, 1]);
    array.values[(row % rows) * columns + column % columns]
}
