//! What the errors of a quantity look like, where no known mistake explains them.

use super::closeness::Unit;
use super::environment::{Environment, Symbol};
use super::number::Bounded;
use super::quantity::{Axis, Input, Quantity, Sizes};
use crate::data::text::short;
use crate::gradcheck::{Tolerance, diagnose};

/// The pattern of more samples is looked for in this many of them.
const MAX_SAMPLES: usize = 1_000;

/// The pattern of the errors, in words that continue "X is wrong: ".
pub fn describe(
    quantity: Quantity,
    values: &[f64],
    expected: &[Bounded],
    unit: Unit,
    environment: &Environment<'_>,
) -> Option<String> {
    let (sizes, axes) = (environment.sizes(), quantity.axes());
    if axes.last() == Some(&Axis::Samples) && sizes.samples > MAX_SAMPLES {
        // The first samples show the pattern, if they show anything.
        let rows = |numbers: &[f64]| -> Vec<f64> {
            numbers
                .chunks(sizes.samples)
                .flat_map(|row| &row[..MAX_SAMPLES])
                .copied()
                .collect()
        };
        let expected: Vec<f64> = expected.iter().map(|element| element.value).collect();
        let part = Sizes { samples: MAX_SAMPLES, ..sizes };
        let (values, expected) = (rows(values), rows(&expected));
        if values
            .iter()
            .zip(&expected)
            .any(|(&value, &expected)| !unit.is_close(value, Bounded::rounded(expected)))
        {
            return pattern(quantity, &values, &expected, unit, environment, part);
        }
    }
    let expected: Vec<f64> = expected.iter().map(|element| element.value).collect();
    pattern(quantity, values, &expected, unit, environment, sizes)
}

/// The pattern of the errors in arrays of these sizes.
fn pattern(
    quantity: Quantity,
    values: &[f64],
    expected: &[f64],
    unit: Unit,
    environment: &Environment<'_>,
    sizes: Sizes,
) -> Option<String> {
    if expected.iter().any(|value| !value.is_finite()) {
        return Some("with the numbers before it, the right line gives NaN or infinity".into());
    }
    // The pattern of an update is seen in its step, not in the parameter.
    let old = quantity.parameter().filter(|_| quantity >= Quantity::W1);
    let old = old.and_then(|input| environment.point.values(input));
    let shown = |values: &[f64]| match old {
        Some(old) => old.iter().zip(values).map(|(old, new)| old - new).collect(),
        None => values.to_vec(),
    };
    let array = |values: &[f64]| {
        let name = environment.layout.name(quantity);
        environment.layout.array(name, quantity.axes(), sizes, &shown(values))
    };

    let (wrong, right) = (array(values), array(expected));
    let largest = right.values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let relative = if unit == Unit::Single { 1e-4 } else { 1e-11 };
    let tolerance = Tolerance { relative, floor: largest };
    let parameter = quantity.parameter().filter(|_| old.is_none()).map(|input| {
        let values = environment.point.values(input).unwrap_or_default();
        environment.layout.array("", input.axes(), sizes, values)
    });

    let mut factors = vec![
        ("m", environment.sizes().samples as f64),
        ("d, the number of features", sizes.features as f64),
        ("h, the number of hidden units", sizes.hidden as f64),
    ];
    // A factor of 2 is mostly a 2 in a formula.
    factors.retain(|(_, size)| *size > 2.0);
    let pattern = diagnose(&wrong, &right, &tolerance, parameter.as_ref(), &factors)?;
    let subject = if old.is_some() { "its step is " } else { "" };
    Some(format!("{subject}{pattern}"))
}

/// Whether small errors look like rounding to single precision: they reach most elements, in both directions.
pub fn is_rounded_to_single(quantity: Quantity, values: &[f64], right: &[Bounded]) -> bool {
    if values.iter().all(|&value| f64::from(value as f32) == value) {
        return true;
    }
    let is_wrong = |(value, right): &(&f64, &Bounded)| !Unit::Double.is_close(**value, **right);
    let wrong: Vec<f64> = values
        .iter()
        .zip(right)
        .filter(is_wrong)
        .map(|(value, right)| value - right.value)
        .collect();
    // Few errors may have the same sign by chance.
    let up = wrong.iter().filter(|error| **error > 0.0).count();
    let in_both_directions = wrong.len() < 8 || (up * 8 > wrong.len() && up * 8 < 7 * wrong.len());
    quantity != Quantity::Cost && 2 * wrong.len() > values.len() && in_both_directions && !is_offset(&wrong)
}

/// Whether errors of several elements are equal.
fn is_offset(errors: &[f64]) -> bool {
    errors.len() > 1 && errors.iter().all(|error| (error / errors[0] - 1.0).abs() < 1e-3)
}

/// What is said about numbers that are wrong in late digits, but not by rounding to single precision.
pub fn nearly_right(values: &[f64], right: &[Bounded]) -> String {
    let errors: Vec<f64> = values.iter().zip(right).map(|(value, right)| value - right.value).collect();
    if is_offset(&errors) {
        return format!("{} is added to each element", short(errors[0]));
    }
    let largest = errors.iter().fold(0.0_f64, |largest, error| largest.max(error.abs()));
    format!(
        "it is nearly right, within {}, but these errors are not those of rounding to float32",
        short(largest)
    )
}

/// Which element is not finite, and why if that is known.
pub fn not_finite(quantity: Quantity, values: &[f64], environment: &Environment<'_>, single: bool) -> String {
    if quantity == Quantity::Cost {
        return infinite_cost(values[0], environment, single);
    }
    let columns = environment.columns(quantity.axes());
    // The first sample of the matrix, then its first row.
    let bad = (0..values.len()).filter(|&flat| !values[flat].is_finite());
    let first = bad.clone().min_by_key(|flat| (flat % columns, flat / columns)).unwrap_or(0);
    let name = environment.element_name(Symbol::Quantity(quantity), first / columns, first % columns);
    format!("{name} is {} ({} of {} elements are not finite)", values[first], bad.count(), values.len())
}

fn infinite_cost(cost: f64, environment: &Environment<'_>, single: bool) -> String {
    let rounded = |value: f64| if single { f64::from(value as f32) } else { value };
    // At a right prediction, the infinite logarithm is multiplied by 0.
    let labels = &environment.point.y;
    let saturated = environment.result(Quantity::A2).iter().zip(labels).position(|(a2, &y)| {
        let a2 = rounded(a2.value);
        [0.0, 1.0].contains(&a2) && (a2 == y) == cost.is_nan()
    });
    let Some(sample) = saturated else {
        return format!("it is {cost}");
    };

    let layout = environment.layout;
    let a2 = rounded(environment.result(Quantity::A2)[sample].value);
    let name = environment.element_name(Symbol::Quantity(Quantity::A2), 0, sample);
    let a2_name = layout.name(Quantity::A2);
    let logarithm = if a2 == 0.0 {
        format!("log({a2_name})")
    } else {
        format!("log(1 - {a2_name})")
    };
    let product = if cost.is_nan() { ", and 0 * -inf is NaN" } else { "" };
    let z2 = layout.name(Quantity::Z2);
    let y = layout.input_name(Input::Y);
    format!(
        "it is {cost}: {name} is {a2}, so that {logarithm} is log(0) = -inf{product}. \
         The sum of np.logaddexp(0, {z2}) - {y} * {z2} is the same cost and always finite"
    )
}
