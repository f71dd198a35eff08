//! Results of the forward pass that were computed again with the parameters after the update, before they were saved.

use super::closeness::Unit;
use super::environment::Environment;
use super::evaluation::{self, gives};
use super::point::{Point, Weights};
use super::quantity::{Axis, Input, Quantity};
use super::submission::{Given, Submission};

/// This many samples are compared first.
const MAX_SAMPLES: usize = 1_000;

/// The forward results that belong to the parameters after the update: the program's own ones, or the right ones.
pub fn find(submission: &Submission<'_>, right: &Environment<'_>) -> Vec<Quantity> {
    let forward = [Quantity::Z1, Quantity::A1, Quantity::Z2, Quantity::A2, Quantity::Cost];
    let unit = |given: &Given<'_>| {
        if submission.single_point || given.single {
            Unit::Single
        } else {
            Unit::Double
        }
    };
    let wrong: Vec<(Quantity, &[f64], Unit)> = forward
        .into_iter()
        .filter_map(|quantity| {
            let given = submission.get(quantity)?;
            Some((quantity, given.values()?, unit(given)))
        })
        .filter(|&(quantity, values, unit)| !gives(right, quantity, values, unit))
        .collect();
    if wrong.is_empty() {
        return Vec::new();
    }

    let updated = [own_parameters(submission, right.point), right_parameters(right)];
    let points = updated.map(|parameters| Point { parameters, ..right.point.clone() });
    let parts = points.each_ref().map(|point| point.first_samples(MAX_SAMPLES));
    let whole = points
        .each_ref()
        .map(|point| evaluation::right(point, right.layout, right.convention));
    let part = parts
        .each_ref()
        .map(|point| evaluation::right(point, right.layout, right.convention));
    let is_overwritten = |&(quantity, values, unit): &(Quantity, &[f64], Unit)| {
        whole.iter().zip(&part).any(|(whole, part)| {
            first_samples_agree(quantity, values, unit, part) && gives(whole, quantity, values, unit)
        })
    };
    wrong
        .iter()
        .filter(|wrong| is_overwritten(wrong))
        .map(|&(quantity, ..)| quantity)
        .collect()
}

fn first_samples_agree(quantity: Quantity, values: &[f64], unit: Unit, part: &Environment<'_>) -> bool {
    let axes = quantity.axes();
    if axes.last() != Some(&Axis::Samples) {
        return true;
    }
    let rows = part.sizes().length(axes[0]);
    let row = |values: &&[f64]| values[..part.sizes().samples].to_vec();
    let first: Vec<f64> = values.chunks(values.len() / rows).flat_map(|values| row(&values)).collect();
    gives(part, quantity, &first, unit)
}

/// The program's parameters after the update: as they are stored, or from its gradients.
fn own_parameters(submission: &Submission<'_>, point: &Point) -> Weights {
    let parameter = |updated: Quantity, gradient: Quantity, input: Input| {
        let old = point.values(input).unwrap_or_default();
        let values = |quantity: Quantity| submission.get(quantity).and_then(Given::values);
        match (values(updated), values(gradient)) {
            (Some(updated), _) => updated.to_vec(),
            (None, Some(gradient)) => old
                .iter()
                .zip(gradient)
                .map(|(old, gradient)| old - point.learning_rate * gradient)
                .collect(),
            (None, None) => old.to_vec(),
        }
    };
    Weights {
        w1: parameter(Quantity::W1, Quantity::DW1, Input::W1),
        b1: parameter(Quantity::B1, Quantity::DB1, Input::B1),
        w2: parameter(Quantity::W2, Quantity::DW2, Input::W2),
        b2: parameter(Quantity::B2, Quantity::DB2, Input::B2),
    }
}

fn right_parameters(right: &Environment<'_>) -> Weights {
    let values = |quantity: Quantity| right.result(quantity).iter().map(|element| element.value).collect();
    Weights {
        w1: values(Quantity::W1),
        b1: values(Quantity::B1),
        w2: values(Quantity::W2),
        b2: values(Quantity::B2),
    }
}
