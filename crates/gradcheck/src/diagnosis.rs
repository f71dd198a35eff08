//! Describes what is wrong with a gradient, from the pattern of its errors.
//!
//! The patterns are tried from the most specific to the least specific one. The first pattern that explains the whole
//! tensor within the tolerance is reported.
//!
//! Not covered: mistakes that leave no pattern in a single tensor. [`crate::Check::known_mistake`] recognises them by
//! their numbers.

use crate::array::Array;
use crate::tolerance::{ElementTolerances, Tolerance};
use crate::vector::{dot, max_norm};

/// A number with a name that a gradient may be wrong by, such as the number of samples.
#[derive(Clone, Debug)]
pub(crate) struct Factor {
    pub value: f64,
    pub name: String,
}

/// A wrong tensor of a gradient beside the right one.
pub(crate) struct Mismatch<'a> {
    pub wrong: &'a Array,
    pub right: &'a Array,
    pub tolerances: &'a ElementTolerances,
}

/// Describes the elements that are not finite, if there are any.
pub(crate) fn not_finite(array: &Array) -> Option<String> {
    let first = array.values.iter().position(|value| !value.is_finite())?;
    let count = array.values.iter().filter(|value| !value.is_finite()).count();
    let total = array.values.len();
    Some(format!(
        "not finite: {} = {} ({count} of {total} elements)",
        array.element(first),
        array.values[first]
    ))
}

/// Describes what is wrong with one tensor of a gradient, as a [`crate::Check`] does. `None` if it agrees with the right
/// one, or if its errors show no known pattern.
///
/// `parameter` is the tensor with respect to which both are derivatives. `factors` are numbers with a name that the
/// gradient may be wrong by, such as `("m", 400.0)`. Elements are named after `right`.
pub fn diagnose(
    wrong: &Array,
    right: &Array,
    tolerance: &Tolerance,
    parameter: Option<&Array>,
    factors: &[(&str, f64)],
) -> Option<String> {
    if wrong.shape == right.shape && tolerance.all_close(&wrong.values, &right.values) {
        return None;
    }
    let tolerances = &ElementTolerances::uniform(*tolerance, right.values.len());
    let factors = factors.iter().map(|&(name, value)| Factor { value, name: name.into() });
    Mismatch { wrong, right, tolerances }.diagnose(parameter, &factors.collect::<Vec<_>>())
}

impl Mismatch<'_> {
    /// Explains how `wrong` differs from `right`; `parameter` is the tensor with respect to which both are
    /// derivatives.
    pub fn diagnose(&self, parameter: Option<&Array>, factors: &[Factor]) -> Option<String> {
        if let Some(text) = not_finite(self.wrong) {
            return Some(text);
        }
        if let Some(text) = not_finite(self.right) {
            return Some(format!("the other gradient is {text}"));
        }
        if self.wrong.shape != self.right.shape {
            return Some(self.wrong_shape());
        }
        self.zeros(parameter)
            .or_else(|| self.scaled(factors))
            .or_else(|| self.reordered())
            .or_else(|| self.summed_over_an_axis())
            .or_else(|| self.offset(parameter))
            .or_else(|| self.wrong_in_one_region())
            .or_else(|| self.single_precision())
    }

    /// Explains how `wrong` differs from `right` if both are derivatives along random directions, which do not show single
    /// elements.
    pub fn diagnose_size(&self, parameter: Option<&Array>, factors: &[Factor]) -> Option<String> {
        let all_zero = self.wrong.values.iter().all(|&value| value == 0.0);
        if all_zero { self.zeros(parameter) } else { self.scaled(factors) }
    }

    /// Whether `values` explain the wrong tensor.
    fn explained_by(&self, values: &[f64]) -> bool {
        self.tolerances.all_close(&self.wrong.values, values)
    }

    /// Whether `values` are those of the right tensor.
    fn restored_by(&self, values: &[f64]) -> bool {
        self.tolerances.all_close(values, &self.right.values)
    }

    fn wrong_shape(&self) -> String {
        let Self { wrong, right, .. } = self;
        let shapes = format!("has shape {:?}, must be {:?}", wrong.shape, right.shape);

        let reversed: Vec<usize> = right.shape.iter().rev().copied().collect();
        if wrong.shape == reversed && self.restored_by(&transposed(wrong)) {
            return format!("transposed: {shapes}");
        }
        if self.restored_by(&wrong.values) {
            return format!("the right numbers in the wrong shape: {shapes}");
        }
        for axis in 0..wrong.shape.len() {
            if self.restored_by(&sums(wrong, axis)) {
                return format!("not summed over axis {axis}: {shapes}");
            }
        }
        shapes
    }

    /// Every wrong element is zero. Only a gradient by a parameter has to reach something.
    fn zeros(&self, parameter: Option<&Array>) -> Option<String> {
        let differing = self.differing_elements();
        if differing.is_empty() || differing.iter().any(|&i| self.wrong.values[i] != 0.0) {
            return None;
        }
        if self.wrong.values.iter().all(|&value| value == 0.0) {
            let reason = if parameter.is_some() {
                ": the gradient does not reach this tensor"
            } else {
                ""
            };
            return Some(format!("zero everywhere{reason}"));
        }
        Some(format!("zero where it should not be: {}", describe_elements(self.right, &differing)))
    }

    /// Every element is the right one times the same factor.
    fn scaled(&self, factors: &[Factor]) -> Option<String> {
        let (wrong, right) = (&self.wrong.values, &self.right.values);
        let ratio = dot(wrong, right) / dot(right, right);
        let scaled: Vec<f64> = right.iter().map(|value| value * ratio).collect();
        let explained = ratio.is_finite() && scaled.iter().any(|&value| value != 0.0) && self.explained_by(&scaled);
        // A ratio this close to 1 is no factor: it is the right value, rounded.
        if !explained || (ratio - 1.0).abs() < 1e-4 {
            return None;
        }

        let size = if is_about(ratio.abs(), 1.0) {
            None
        } else if let Some(simple) = simple_factor(ratio.abs(), factors) {
            Some(simple)
        } else if right.len() == 1 {
            // Any number is some multiple of any other. With one element, only a simple factor is a finding.
            return None;
        } else {
            Some(format!("{} x the right value in every element", short(ratio.abs())))
        };
        Some(match size {
            // The ratio is -1, since a ratio of 1 is excluded above.
            None => "sign flipped".into(),
            Some(size) if ratio.is_sign_negative() => format!("sign flipped, and {size}"),
            Some(size) => size,
        })
    }

    /// The right numbers, in another order.
    fn reordered(&self) -> Option<String> {
        if let [rows, columns] = self.right.shape[..] {
            if rows == columns && self.restored_by(&transposed(self.wrong)) {
                return Some("transposed".into());
            }
            let reshaped = Array::new("", [columns, rows], self.wrong.values.clone());
            if self.restored_by(&transposed(&reshaped)) {
                return Some("transposed, then reshaped".into());
            }
        }

        let sorted = |array: &Array| {
            let mut values = array.values.clone();
            values.sort_by(f64::total_cmp);
            values
        };
        let floor = self.tolerances.floors.iter().copied().fold(f64::INFINITY, f64::min);
        Tolerance { relative: self.tolerances.relative, floor }
            .all_close(&sorted(self.wrong), &sorted(self.right))
            .then(|| "the right numbers in another order".into())
    }

    /// Each element is the sum, or the mean, over an axis that should have been kept.
    fn summed_over_an_axis(&self) -> Option<String> {
        let right = self.right;
        (0..right.shape.len()).find_map(|axis| {
            let sums = sums(right, axis);
            let broadcast = |scale: f64| -> Vec<f64> {
                (0..right.values.len())
                    .map(|i| sums[index_without_axis(right, axis, i)] * scale)
                    .collect()
            };
            let mean = 1.0 / right.shape[axis] as f64;
            (self.explained_by(&broadcast(1.0)) || self.explained_by(&broadcast(mean)))
                .then(|| format!("summed over axis {axis}, which should have stayed"))
        })
    }

    /// The right gradient plus a multiple of the parameter, or plus a constant.
    fn offset(&self, parameter: Option<&Array>) -> Option<String> {
        let (wrong, right) = (&self.wrong.values, &self.right.values);
        let difference: Vec<f64> = wrong.iter().zip(right).map(|(wrong, right)| wrong - right).collect();
        let multiple_of = |term: &[f64]| {
            let factor = dot(&difference, term) / dot(term, term);
            let shifted: Vec<f64> = right.iter().zip(term).map(|(right, term)| right + factor * term).collect();
            (right.len() > 1 && factor.is_finite() && self.explained_by(&shifted)).then_some(factor)
        };

        if let Some(factor) = parameter.and_then(|parameter| multiple_of(&parameter.values)) {
            let (verb, factor) = if factor.is_sign_negative() { ("minus", -factor) } else { ("plus", factor) };
            return Some(format!("the right value {verb} {} x the parameter itself: weight decay", short(factor)));
        }
        let constant = multiple_of(&vec![1.0; right.len()])?;
        Some(format!("the right value plus {} in every element", short(constant)))
    }

    /// At most half of the elements are wrong.
    fn wrong_in_one_region(&self) -> Option<String> {
        let differing = self.differing_elements();
        (2 * differing.len() <= self.right.values.len())
            .then(|| format!("wrong in {}, right elsewhere", describe_elements(self.right, &differing)))
    }

    /// Every element is right, but only to single precision.
    fn single_precision(&self) -> Option<String> {
        let pairs = self.wrong.values.iter().zip(&self.right.values);
        let largest_difference = pairs.map(|(wrong, right)| (wrong - right).abs()).fold(0.0, f64::max);
        let relative = largest_difference / max_norm(&self.right.values);
        let digits = -relative.log10();
        (1e-9..1e-6)
            .contains(&relative)
            .then(|| format!("right to about {digits:.0} digits only: computed in f32?"))
    }

    /// The flat indices of the elements that are not within the tolerance.
    fn differing_elements(&self) -> Vec<usize> {
        let pairs = self.wrong.values.iter().zip(&self.right.values).enumerate();
        pairs
            .filter(|(i, (wrong, right))| !self.tolerances.at(*i).is_close(**wrong, **right))
            .map(|(i, _)| i)
            .collect()
    }
}

fn is_about(ratio: f64, value: f64) -> bool {
    (ratio - value).abs() <= 1e-6 * value
}

/// Describes a positive ratio if it is a named factor, a whole number, or the reciprocal of one of them.
fn simple_factor(ratio: f64, factors: &[Factor]) -> Option<String> {
    let mut named = factors.iter().filter(|factor| factor.value.is_finite() && factor.value > 1.0);
    if let Some(Factor { name, .. }) = named.clone().find(|factor| is_about(ratio, factor.value)) {
        return Some(format!("too large by exactly a factor of {name}: a division by {name} (the mean) is missing"));
    }
    if let Some(Factor { name, .. }) = named.find(|factor| is_about(ratio, 1.0 / factor.value)) {
        return Some(format!("too small by exactly a factor of {name}: divided by {name} twice"));
    }

    // Up to 1000: every large number is close to a whole number.
    let whole = |value: f64| Some(value.round()).filter(|n| (2.0..=1_000.0).contains(n));
    if let Some(n) = whole(ratio).filter(|&n| is_about(ratio, n)) {
        return Some(format!("too large by exactly a factor of {n}"));
    }
    let n = whole(ratio.recip()).filter(|n| is_about(ratio, 1.0 / n))?;
    Some(format!("too small by exactly a factor of {n}"))
}

/// Names elements by the row or column that contains them all, or else one by one.
fn describe_elements(array: &Array, flat: &[usize]) -> String {
    let count = flat.len();
    if let ([_, columns], true) = (&array.shape[..], count > 1) {
        let (row, column) = (flat[0] / columns, flat[0] % columns);
        if flat.iter().all(|i| i / columns == row) {
            return format!("row {row} ({count} elements)");
        }
        if flat.iter().all(|i| i % columns == column) {
            return format!("column {column} ({count} elements)");
        }
    }

    let first: Vec<String> = flat.iter().take(3).map(|&i| array.element(i)).collect();
    let rest = if count > 3 { format!(" and {} more", count - 3) } else { String::new() };
    first.join(", ") + &rest
}

/// The values of a transposed matrix. The values of any other array stay in their order.
pub(crate) fn transposed(array: &Array) -> Vec<f64> {
    match array.shape[..] {
        [_, columns] => (0..columns)
            .flat_map(|column| array.values.iter().skip(column).step_by(columns).copied())
            .collect(),
        _ => array.values.clone(),
    }
}

/// The sums over one axis. The other axes keep their order.
fn sums(array: &Array, axis: usize) -> Vec<f64> {
    let mut sums = vec![0.0; array.values.len() / array.shape[axis].max(1)];
    for (i, value) in array.values.iter().enumerate() {
        sums[index_without_axis(array, axis, i)] += value;
    }
    sums
}

/// The flat index that remains of the flat index `i` when the array loses an axis.
fn index_without_axis(array: &Array, axis: usize, i: usize) -> usize {
    let inner: usize = array.shape[axis + 1..].iter().product();
    i / (inner * array.shape[axis]) * inner + i % inner
}

/// A number with six significant digits.
fn short(number: f64) -> String {
    let rounded: f64 = format!("{number:.5e}").parse().unwrap_or(number);
    match rounded.abs() {
        1e-4..1e6 => rounded.to_string(),
        _ => format!("{rounded:e}"),
    }
}
