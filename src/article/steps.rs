//! Gradients and steps that are the right ones times a factor, or that contain the gradient of the update before.

use super::closeness::Unit;
use super::environment::Environment;
use super::number::Bounded;
use super::quantity::Quantity;
use super::submission::{Given, Submission};
use crate::data::text::short;
use crate::data::vector::dot;

const GRADIENTS: [Quantity; 4] = [Quantity::DW2, Quantity::DB2, Quantity::DW1, Quantity::DB1];

/// What is wrong with a gradient that is too small by the same factor as all others that are there.
pub fn common_factor(
    quantity: Quantity,
    own: &Environment<'_>,
    submission: &Submission<'_>,
    unit: Unit,
) -> Option<String> {
    if !GRADIENTS.contains(&quantity) {
        return None;
    }
    let mut own = own.clone();
    if let Some(dz1) = submission.get(Quantity::DZ1).and_then(Given::values) {
        own.set(Quantity::DZ1, dz1.iter().copied().map(Bounded::rounded).collect());
    }
    GRADIENTS.iter().for_each(|&gradient| own.clear(gradient));
    let stored = GRADIENTS
        .iter()
        .filter_map(|&gradient| Some((gradient, submission.get(gradient)?.values()?)));
    let factors: Option<Vec<f64>> = stored
        .map(|(gradient, values)| factor(values, own.result(gradient), unit))
        .collect();
    let factors = factors.filter(|factors| factors.len() > 1)?;

    let (first, tolerance) = (factors[0], if unit == Unit::Single { 1e-5 } else { 1e-10 });
    let is_same = factors.iter().all(|factor| (factor / first - 1.0).abs() <= tolerance);
    // A whole number is rather m, or a 2 in a formula.
    let whole = (1.0 / first).round();
    let is_whole = whole > 1.0 && (whole * first - 1.0).abs() <= tolerance;
    let text = if first > 0.9999 {
        format!("1 - {}", short(1.0 - first))
    } else {
        short(first)
    };
    (is_same && !is_whole && first > 0.0 && first < 1.0)
        .then(|| format!("all gradients are multiplied by the same factor {text} (clipped by norm?)"))
}

/// What is wrong with an updated parameter whose step has another learning rate.
pub fn learning_rate(quantity: Quantity, values: &[f64], own: &Environment<'_>, unit: Unit) -> Option<String> {
    let (old, rate) = (own.point.values(quantity.parameter()?)?, own.step_rate());
    let gradient = own.result(quantity.gradient()?);
    // The step is a difference: its rounding errors have the size of the parameter.
    let expected: Vec<Bounded> = gradient
        .iter()
        .zip(old)
        .map(|(gradient, old)| Bounded { value: rate * gradient.value, size: rate * gradient.size + 2.0 * old.abs() })
        .collect();
    let steps: Vec<f64> = old.iter().zip(values).map(|(old, new)| old - new).collect();
    let factor = factor(&steps, &expected, unit)?;

    let sizes = own.sizes();
    let is_size = |size: usize| size > 2 && [factor, 1.0 / factor].iter().any(|f| (f / size as f64 - 1.0).abs() < 1e-4);
    if factor <= 0.0 || [sizes.samples, sizes.features, sizes.hidden].into_iter().any(is_size) {
        return None;
    }
    if (factor - 1.0).abs() < 1e-4 {
        let (sign, difference) = if factor < 1.0 { ('-', 1.0 - factor) } else { ('+', factor - 1.0) };
        return Some(format!("its step is the right one times 1 {sign} {}", short(difference)));
    }
    let twice = if (factor - 2.0).abs() < 1e-4 { ", or it is updated twice" } else { "" };
    Some(format!(
        "its learning rate is {} in place of {}{twice}",
        short(factor * own.point.learning_rate),
        short(own.point.learning_rate)
    ))
}

/// What is wrong with an updated parameter whose step contains the gradient of the update before.
pub fn momentum(
    quantity: Quantity,
    values: &[f64],
    own: &Environment<'_>,
    submission: &Submission<'_>,
    unit: Unit,
) -> Option<String> {
    // The factors come from the larger parameter.
    let largest = [Quantity::W1, Quantity::W2]
        .into_iter()
        .find_map(|weight| Some((weight, submission.get(weight)?.values()?)));
    let (weight, updated) = largest.filter(|(_, values)| values.len() > 2)?;
    let [now, before] = momentum_factors(weight, updated, own)?;

    let (old, rate) = (own.point.values(quantity.parameter()?)?, own.step_rate());
    let gradient = quantity.gradient()?;
    let previous = own.point.values(gradient.previous()?)?;
    let expected = own
        .result(gradient)
        .iter()
        .zip(previous)
        .zip(old)
        .map(|((gradient, previous), old)| {
            let step = rate * (now * gradient.value + before * previous);
            let size = rate * (now.abs() * gradient.size + (before * previous).abs());
            // The factors are as exact as the differences that they come from.
            Bounded { value: old - step, size: 10.0 * (old.abs() + step.abs() + size) }
        });
    let explained = unit.all_close(values, &expected.collect::<Vec<_>>()) && before.abs() > 1e-3;
    explained.then(|| {
        let rounded = |factor: f64| {
            let three_digits = (1000.0 * factor).round() / 1000.0;
            let is_near = (factor - three_digits).abs() < if unit == Unit::Single { 1e-4 } else { 1e-9 };
            short(if is_near { three_digits } else { factor })
        };
        let (now, before) = (rounded(now), rounded(before));
        format!(
            "it has momentum: its gradient is {now} times the right one plus {before} times that of the update before"
        )
    })
}

/// The factors of the gradient and of that of the update before in the step of a parameter, by least squares.
fn momentum_factors(weight: Quantity, updated: &[f64], own: &Environment<'_>) -> Option<[f64; 2]> {
    let old = own.point.values(weight.parameter()?)?;
    let gradient = weight.gradient()?;
    let previous = own.point.values(gradient.previous()?)?;
    let now: Vec<f64> = own.result(gradient).iter().map(|element| element.value).collect();
    let steps: Vec<f64> = old
        .iter()
        .zip(updated)
        .map(|(old, new)| (old - new) / own.step_rate())
        .collect();

    let (nn, np, pp) = (dot(&now, &now), dot(&now, previous), dot(previous, previous));
    let (sn, sp) = (dot(&steps, &now), dot(&steps, previous));
    let determinant = nn * pp - np * np;
    let factors = [(sn * pp - sp * np) / determinant, (sp * nn - sn * np) / determinant];
    factors.iter().all(|factor| factor.is_finite()).then_some(factors)
}

/// The factor between numbers and the right ones. `None` if there is no common one.
fn factor(values: &[f64], right: &[Bounded], unit: Unit) -> Option<f64> {
    let right_values: Vec<f64> = right.iter().map(|element| element.value).collect();
    let factor = dot(values, &right_values) / dot(&right_values, &right_values);
    let scale =
        |element: &Bounded| Bounded { value: factor * element.value, size: factor.abs().max(1.0) * element.size };
    let scaled: Vec<Bounded> = right.iter().map(scale).collect();
    (factor.is_finite() && unit.all_close(values, &scaled)).then_some(factor)
}
