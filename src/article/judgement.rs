//! The judgement of a program's numbers, under the convention that fits them best (`walk.rs` has the judgement under one).
//!
//! Programs may differ in conventions (`convention.rs`). The one with the fewest mistakes is taken for the program's. Of
//! equal ones, it is the one under which more of its gradients are right together with the derivatives that they are computed from,
//! and then the one under which more mistakes are known.

use std::rc::Rc;

use super::convention::{Convention, Kink};
use super::environment::Environment;
use super::evaluation;
use super::layout::Layout;
use super::mistakes::Mistake;
use super::overwritten;
use super::point::Point;
use super::quantity::Quantity;
use super::submission::{Fit, Submission};
use super::verdict::{Cause, Finding, Judgement, Status};
use super::walk::{PendingExample, Walk};
use crate::network::Activation;

/// Judges the numbers of a program in each layout that their shapes allow, and takes the one with the fewest mistakes.
pub fn judge_best<'s, 'a>(point: &Point, submissions: &'s [Submission<'a>]) -> (Judgement, &'s Submission<'a>) {
    let mut best: Option<(Judgement, &'s Submission<'a>)> = None;
    for submission in submissions {
        let judgement = judge(point, submission);
        let is_better = |best: &Judgement| judgement.mistakes().len() < best.mistakes().len();
        if best.as_ref().is_none_or(|(best, _)| is_better(best)) {
            best = Some((judgement, submission));
        }
        if best.as_ref().is_some_and(|(best, _)| best.agrees()) {
            break;
        }
    }
    best.unwrap_or_else(|| unreachable!("there is a layout"))
}

/// Judges the numbers of a program. Forward results that were overwritten after the update are told, and not used.
fn judge(point: &Point, submission: &Submission<'_>) -> Judgement {
    let (stored, right) = judge_stored(point, submission);
    if stored.agrees() {
        return stored;
    }
    let overwritten = overwritten::find(submission, &right);
    if overwritten.is_empty() {
        return stored;
    }

    let (mut judgement, _) = judge_stored(point, &submission.without(&overwritten));
    let [with, without] = [&stored, &judgement].map(|judgement| judgement.mistakes().len());
    let is_known = |(finding, _): &(&Finding, _)| finding.cause == Cause::Known(Mistake::UpdatedParameters);
    if with < without + 1 || (with == without + 1 && stored.mistakes().first().is_some_and(is_known)) {
        return stored;
    }
    for quantity in overwritten {
        let (cause, alternatives) = (Cause::Overwritten, Vec::new());
        let finding = Finding { line: quantity, cause, alternatives, example: None };
        judgement.verdicts[quantity as usize].status = Status::Wrong(Box::new(finding));
    }
    judgement
}

/// The judgement of numbers as they are stored, under the best convention; and right results.
fn judge_stored<'a>(point: &'a Point, submission: &Submission<'_>) -> (Judgement, Rc<Environment<'a>>) {
    let mut right: Option<Rc<Environment<'_>>> = None;
    let mut best: Option<(Judgement, Vec<PendingExample<'_>>)> = None;
    // Where a derivative is not there, its factor changes nothing.
    let usual = submission.layout.divides_early();
    let changes_something = |convention: &Convention| {
        if convention.mean_in_update {
            return has_step(submission);
        }
        (convention.mean_in_dz2 == usual || submission.get(Quantity::DZ2).is_some())
            && (convention.mean_in_dz1 == usual || submission.get(Quantity::DZ1).is_some())
    };
    let kinks = if has_kink(point, submission) { &Kink::ALL[..] } else { &[Kink::Zero] };
    let conventions = conventions(submission.layout, point.weight_decay != 0.0, kinks);
    for convention in conventions.filter(changes_something) {
        let environment = match &right {
            Some(right) => right.under(convention),
            None => evaluation::right(point, submission.layout, convention),
        };
        let environment = right.insert(Rc::new(environment)).clone();
        let most = best.as_ref().map_or(usize::MAX, |(best, _)| best.mistakes().len());
        let Some((judgement, examples)) = Walk::new(submission, environment).run(most) else {
            continue;
        };
        if convention.mean_in_update && !judgement.gradients_are_sums() {
            continue;
        }
        let is_better = |best: &Judgement| {
            let [new, old] = [&judgement, best].map(|judgement| judgement.mistakes().len());
            // The gradients tell where m is divided by, but not where the weights decay.
            let same_rest = Convention {
                mean_in_dz2: best.convention.mean_in_dz2,
                mean_in_dz1: best.convention.mean_in_dz1,
                ..convention
            } == best.convention;
            let fit = |judgement: &Judgement| (judgement.consistent_gradients(), judgement.known_mistakes());
            new < old || (new == old && same_rest && fit(&judgement) > fit(best))
        };
        if best.as_ref().is_none_or(|(best, _)| is_better(best)) {
            best = Some((judgement, examples));
        }
        if best.as_ref().is_some_and(|(best, _)| best.agrees()) {
            break;
        }
    }

    let ((mut judgement, examples), right) = best.zip(right).unwrap_or_else(|| unreachable!("there is a convention"));
    for example in examples {
        if let Status::Wrong(finding) = &mut judgement.verdicts[example.quantity as usize].status {
            finding.example = example.work_out(submission);
        }
    }
    (judgement, right)
}

/// Every consistent convention. The usual one of the layout comes first.
fn conventions(layout: Layout, has_decay: bool, kinks: &[Kink]) -> impl Iterator<Item = Convention> {
    let early = layout.divides_early();
    let places = [(early, early), (!early, !early), (false, true), (true, false)];
    let decays = [false, true].into_iter().filter(move |&in_update| !in_update || has_decay);
    let places = decays.clone().flat_map(move |decays_in_update| {
        places.map(|(mean_in_dz2, mean_in_dz1)| Convention {
            mean_in_dz2,
            mean_in_dz1,
            decays_in_update,
            ..Convention::default()
        })
    });
    let in_update =
        decays.map(|decays_in_update| Convention { mean_in_update: true, decays_in_update, ..Convention::default() });
    let places: Vec<Convention> = places.chain(in_update).collect();
    kinks
        .iter()
        .flat_map(move |&kink| places.clone().into_iter().map(move |place| Convention { kink, ..place }))
}

/// Whether an updated parameter and its gradient are there, which together show whether the update divides by m.
fn has_step(submission: &Submission<'_>) -> bool {
    let is_there = |quantity: Quantity| submission.get(quantity).is_some();
    let updated = [Quantity::W1, Quantity::B1, Quantity::W2, Quantity::B2];
    updated
        .into_iter()
        .any(|updated| is_there(updated) && updated.gradient().is_some_and(is_there))
}

/// Whether a unit is at the kink of relu, in the right numbers or in the program's.
fn has_kink(point: &Point, submission: &Submission<'_>) -> bool {
    if point.activation != Activation::Relu {
        return false;
    }
    let environment = evaluation::right(point, submission.layout, Convention::default());
    let right = environment.result(Quantity::Z1).iter().map(|z1| z1.value);
    let given = match submission.get(Quantity::Z1).map(|given| &given.fit) {
        Some(Fit::Fits(values) | Fit::Transposed(values)) => &values[..],
        _ => &[],
    };
    right.chain(given.iter().copied()).any(|z1| z1 == 0.0)
}
