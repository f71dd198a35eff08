//! What the errors of a quantity look like, where no known mistake explains them.

use super::closeness::Unit;
use super::environment::{Environment, Symbol};
use super::number::Bounded;
use super::quantity::{Input, Quantity};
use crate::gradcheck::{Tolerance, diagnose};

/// The pattern of the errors, in words that continue "X is wrong: ".
pub fn describe(
    quantity: Quantity,
    values: &[f64],
    expected: &[Bounded],
    unit: Unit,
    environment: &Environment<'_>,
) -> Option<String> {
    let sizes = environment.sizes();
    let expected: Vec<f64> = expected.iter().map(|element| element.value).collect();
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

    let (wrong, right) = (array(values), array(&expected));
    let largest = right.values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let relative = if unit == Unit::Single { 1e-4 } else { 1e-11 };
    let tolerance = Tolerance { relative, floor: largest };
    let parameter = quantity.parameter().filter(|_| old.is_none()).map(|input| {
        let values = environment.point.values(input).unwrap_or_default();
        environment.layout.array("", input.axes(), sizes, values)
    });

    let mut factors = vec![
        ("m", sizes.samples as f64),
        ("d, the number of features", sizes.features as f64),
        ("h, the number of hidden units", sizes.hidden as f64),
    ];
    // A factor of 2 is mostly a 2 in a formula.
    factors.retain(|(_, size)| *size > 2.0);
    let pattern = diagnose(&wrong, &right, &tolerance, parameter.as_ref(), &factors)?;
    let subject = if old.is_some() { "its step is " } else { "" };
    Some(format!("{subject}{pattern}"))
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
