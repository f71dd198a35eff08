//! What is wrong with a gradient, read from the pattern of its difference from the right one.
//!
//! Patterns are tried from the most to the least specific; the first that explains the whole tensor within the
//! tolerance is reported. What none of them explains is left to the reader, with the elements that differ.
//!
//! Leaves out: mistakes that leave no pattern in one tensor. [`super::Check::suspect`] knows them by their numbers.

use super::array::Array;
use super::compare::Tolerance;
use crate::data::text::short;
use crate::data::vector::dot;

/// A number with a meaning, such as the number of samples.
#[derive(Clone, Debug)]
pub(super) struct Factor {
    pub value: f64,
    pub name: String,
}

/// Explains how `wrong` comes from `right`; `parameter` is the tensor that both differentiate by.
pub(super) fn diagnose(
    wrong: &Array,
    right: &Array,
    parameter: Option<&Array>,
    factors: &[Factor],
    tolerance: &Tolerance,
) -> Option<String> {
    if let Some(text) = not_finite(wrong) {
        return Some(text);
    }
    if let Some(text) = not_finite(right) {
        return Some(format!("the other gradient is {text}"));
    }
    if wrong.shape != right.shape {
        return Some(wrong_shape(wrong, right, tolerance));
    }
    zero(wrong, right, tolerance)
        .or_else(|| scaled(wrong, right, factors, tolerance))
        .or_else(|| moved(wrong, right, tolerance))
        .or_else(|| summed(wrong, right, tolerance))
        .or_else(|| shifted(wrong, right, parameter, tolerance))
        .or_else(|| confined(wrong, right, tolerance))
        .or_else(|| rounded(wrong, right))
}

/// Where an array is not finite.
pub(super) fn not_finite(array: &Array) -> Option<String> {
    let at = array.values.iter().position(|value| !value.is_finite())?;
    let count = array.values.iter().filter(|value| !value.is_finite()).count();
    let of = array.values.len();
    Some(format!("not finite: {} = {} ({count} of {of} elements)", array.element(at), array.values[at]))
}

fn wrong_shape(wrong: &Array, right: &Array, tolerance: &Tolerance) -> String {
    let shapes = format!("has shape {:?}, must be {:?}", wrong.shape, right.shape);
    let reversed: Vec<usize> = right.shape.iter().rev().copied().collect();
    let equal = |values: &[f64]| tolerance.holds(values, &right.values);
    if wrong.shape == reversed && equal(&transposed(wrong)) {
        return format!("transposed: {shapes}");
    }
    if equal(&wrong.values) {
        return format!("the right numbers in the wrong shape: {shapes}");
    }
    for axis in 0..wrong.shape.len() {
        if equal(&sums(wrong, axis)) {
            return format!("not summed over axis {axis}: {shapes}");
        }
    }
    shapes
}

fn zero(wrong: &Array, right: &Array, tolerance: &Tolerance) -> Option<String> {
    let missing: Vec<usize> = differing(wrong, right, tolerance);
    let all = missing.iter().all(|&i| wrong.values[i] == 0.0);
    if !all || missing.is_empty() {
        return None;
    }
    if wrong.values.iter().all(|&value| value == 0.0) {
        return Some("zero everywhere: the gradient does not reach this tensor".into());
    }
    Some(format!("zero where it should not be: {}", places(right, &missing)))
}

fn scaled(wrong: &Array, right: &Array, factors: &[Factor], tolerance: &Tolerance) -> Option<String> {
    let ratio = dot(&wrong.values, &right.values) / dot(&right.values, &right.values);
    let explained = |ratio: f64| {
        let scaled: Vec<f64> = right.values.iter().map(|value| value * ratio).collect();
        ratio.is_finite() && scaled.iter().any(|&value| value != 0.0) && tolerance.holds(&wrong.values, &scaled)
    };
    // Too close to 1 to be a factor: the right value, rounded.
    if !explained(ratio) || (ratio - 1.0).abs() < 1e-4 {
        return None;
    }
    // Any number is some factor times another; only a simple factor tells something then.
    let alone = right.values.len() == 1;
    let close = |value: f64| (ratio.abs() - value).abs() <= 1e-6 * value;
    let named = || factors.iter().filter(|factor| factor.value.is_finite() && factor.value > 1.0);
    // Every large number is close to a whole one.
    let whole = |value: f64| Some(value.round()).filter(|n| (2.0..=1_000.0).contains(n));
    let (times, part) = (whole(ratio.abs()), whole(ratio.abs().recip()));
    let size = if close(1.0) {
        String::new()
    } else if let Some(Factor { name, .. }) = named().find(|factor| close(factor.value)) {
        format!("exactly {name} x too large: a division by {name} (the mean) is missing")
    } else if let Some(Factor { name, .. }) = named().find(|factor| close(1.0 / factor.value)) {
        format!("exactly {name} x too small: divided by {name} twice")
    } else if let Some(n) = times.filter(|&n| close(n)) {
        format!("exactly {n} x too large")
    } else if let Some(n) = part.filter(|n| close(1.0 / n)) {
        format!("exactly {n} x too small")
    } else if alone {
        return None;
    } else {
        format!("{} x the right value in every element", short(ratio.abs()))
    };
    Some(match (ratio < 0.0, size.is_empty()) {
        (true, true) => "sign flipped".into(),
        (true, false) => format!("sign flipped, and {size}"),
        (false, _) => size,
    })
}

/// The right numbers in other places.
fn moved(wrong: &Array, right: &Array, tolerance: &Tolerance) -> Option<String> {
    if let [rows, columns] = right.shape[..] {
        if rows == columns && tolerance.holds(&transposed(wrong), &right.values) {
            return Some("transposed".into());
        }
        let other = Array::new("", vec![columns, rows], wrong.values.clone());
        if tolerance.holds(&transposed(&other), &right.values) {
            return Some("transposed, then reshaped".into());
        }
    }
    let sorted = |array: &Array| {
        let mut values = array.values.clone();
        values.sort_by(f64::total_cmp);
        values
    };
    tolerance
        .holds(&sorted(wrong), &sorted(right))
        .then(|| "the right numbers in another order".into())
}

/// Sums, or means, over an axis that should have stayed, spread over that axis again.
fn summed(wrong: &Array, right: &Array, tolerance: &Tolerance) -> Option<String> {
    (0..right.shape.len()).filter(|&axis| right.shape[axis] > 1).find_map(|axis| {
        let (size, inner) = (right.shape[axis], right.shape[axis + 1..].iter().product::<usize>());
        let sums = sums(right, axis);
        let spread = |scale: f64| -> Vec<f64> {
            (0..right.values.len())
                .map(|i| sums[i / (inner * size) * inner + i % inner] * scale)
                .collect()
        };
        let holds = |scale: f64| tolerance.holds(&wrong.values, &spread(scale));
        (holds(1.0) || holds(1.0 / size as f64)).then(|| format!("summed over axis {axis}, which should have stayed"))
    })
}

/// The right gradient plus something simple.
fn shifted(wrong: &Array, right: &Array, parameter: Option<&Array>, tolerance: &Tolerance) -> Option<String> {
    let difference: Vec<f64> = wrong.values.iter().zip(&right.values).map(|(a, b)| a - b).collect();
    let explained = |direction: &[f64]| {
        let factor = dot(&difference, direction) / dot(direction, direction);
        let values: Vec<f64> = right.values.iter().zip(direction).map(|(b, step)| b + factor * step).collect();
        (right.values.len() > 1 && factor.is_finite() && tolerance.holds(&wrong.values, &values)).then_some(factor)
    };
    if let Some(factor) = parameter.and_then(|parameter| explained(&parameter.values)) {
        let (verb, factor) = if factor < 0.0 { ("minus", -factor) } else { ("plus", factor) };
        return Some(format!("the right value {verb} {} x the parameter itself: weight decay", short(factor)));
    }
    let factor = explained(&vec![1.0; right.values.len()])?;
    Some(format!("the right value plus {} in every element", short(factor)))
}

/// Right to single precision only, in every element.
fn rounded(wrong: &Array, right: &Array) -> Option<String> {
    let differences = wrong.values.iter().zip(&right.values).map(|(a, b)| (a - b).abs());
    let largest = right.values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let share = differences.fold(0.0, f64::max) / largest;
    let digits = -share.log10();
    (1e-9..1e-6)
        .contains(&share)
        .then(|| format!("right to about {digits:.0} digits only: computed in f32?"))
}

/// Elements that differ, where they share a row or a column, or are few.
fn confined(wrong: &Array, right: &Array, tolerance: &Tolerance) -> Option<String> {
    let differing = differing(wrong, right, tolerance);
    (2 * differing.len() <= right.values.len())
        .then(|| format!("wrong in {}, right elsewhere", places(right, &differing)))
}

fn differing(wrong: &Array, right: &Array, tolerance: &Tolerance) -> Vec<usize> {
    let pairs = wrong.values.iter().zip(&right.values).enumerate();
    pairs
        .filter(|(_, (a, b))| !(tolerance.error(**a, **b) <= tolerance.relative))
        .map(|(i, _)| i)
        .collect()
}

/// The places by what they have in common.
fn places(array: &Array, flat: &[usize]) -> String {
    if let [_, columns] = array.shape[..] {
        let shared = |place: fn(usize, usize) -> usize| {
            let first = place(flat[0], columns);
            flat.iter().all(|&i| place(i, columns) == first).then_some(first)
        };
        if flat.len() > 1 {
            if let Some(row) = shared(|i, columns| i / columns) {
                return format!("row {row} ({} elements)", flat.len());
            }
            if let Some(column) = shared(|i, columns| i % columns) {
                return format!("column {column} ({} elements)", flat.len());
            }
        }
    }
    let shown: Vec<String> = flat.iter().take(3).map(|&i| array.element(i)).collect();
    let rest = if flat.len() > 3 {
        format!(" and {} more", flat.len() - 3)
    } else {
        String::new()
    };
    shown.join(", ") + &rest
}

/// A matrix's numbers column by column; of anything else, as they are.
fn transposed(array: &Array) -> Vec<f64> {
    match array.shape[..] {
        [_, columns] => crate::network::transposed(&array.values, columns),
        _ => array.values.clone(),
    }
}

/// The sums over one axis, the others in their order.
fn sums(array: &Array, axis: usize) -> Vec<f64> {
    let (size, inner) = (array.shape[axis], array.shape[axis + 1..].iter().product::<usize>());
    let mut sums = vec![0.0; array.values.len() / size.max(1)];
    for (i, value) in array.values.iter().enumerate() {
        sums[i / (inner * size) * inner + i % inner] += value;
    }
    sums
}
