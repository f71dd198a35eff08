//! Compares a program's numbers with what a line of the listing gives, computed rightly or with a known mistake.

use super::closeness::Unit;
use super::convention::Convention;
use super::environment::Environment;
use super::formulas::{compute, element};
use super::layout::Layout;
use super::mistakes::Mistake;
use super::number::Bounded;
use super::point::Point;
use super::quantity::Quantity;

/// An environment with the right results.
pub fn right<'a>(point: &'a Point, layout: Layout, convention: Convention) -> Environment<'a> {
    Environment::right(point, layout, convention, |quantity, environment| match quantity {
        Quantity::Cost if environment.is_right() => vec![stable_cost(environment)],
        _ => compute(quantity, None, environment),
    })
}

/// Whether numbers are the result of a line. The first one that is not ends the computation.
pub fn gives(environment: &Environment<'_>, quantity: Quantity, values: &[f64], unit: Unit) -> bool {
    if quantity == Quantity::Cost || environment.known_result(quantity).is_some() {
        return unit.all_close(values, environment.result(quantity));
    }
    let columns = environment.columns(quantity.axes());
    let mut computed = Vec::new();
    for (flat, &value) in values.iter().enumerate() {
        let right = element(quantity, None, environment, flat / columns, flat % columns);
        if !unit.is_close(value, right) {
            return false;
        }
        computed.push(right);
    }
    environment.keep(quantity, computed);
    true
}

/// Whether numbers are those of a line with this mistake. The first one that is not ends the computation.
pub fn explains(
    quantity: Quantity,
    mistake: Mistake,
    environment: &Environment<'_>,
    values: &[f64],
    unit: Unit,
) -> bool {
    let columns = environment.columns(quantity.axes());
    let is_element = |(flat, &value): (usize, &f64)| {
        unit.is_close(value, element(quantity, Some(mistake), environment, flat / columns, flat % columns))
    };
    values.iter().enumerate().all(is_element)
}

/// The cost by the logits. Unlike the listing's formula, it is finite for every logit.
pub fn stable_cost(environment: &Environment<'_>) -> Bounded {
    let m = environment.sizes().samples;
    let logits = environment.result(Quantity::Z2).iter().zip(&environment.point.y);
    let mut cost = Bounded { value: 0.0, size: 0.0 };
    for (z2, &y) in logits {
        // ln(1 + e^u), where u is the logit with the sign of the wrong class.
        let u = (1.0 - 2.0 * y) * z2.value;
        let value = u.max(0.0) + (-u.abs()).exp().ln_1p();
        // The listing computes ln(1 - A2) for Y = 0, whose error is large where 1 - A2 is small.
        let size = z2.size + value + 1.0 + u.max(0.0).exp().min(1e300);
        cost.value += value / m as f64;
        cost.size += size / m as f64;
    }
    cost
}

/// `weight_decay / 2` times the sum of all squared weights: some programs add it to the cost.
pub fn penalty(environment: &Environment<'_>) -> f64 {
    let weights = environment.point.parameters.w1.iter().chain(&environment.point.parameters.w2);
    environment.point.weight_decay / 2.0 * weights.map(|weight| weight * weight).sum::<f64>()
}
