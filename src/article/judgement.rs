//! The judgement of a program's numbers, line by line in the order of the listing.
//!
//! 1. A quantity that is right agrees.
//! 2. Another one is computed again from the program's own numbers of earlier lines; where those are not there, from what
//!    they must have been. If it is equal to that, it follows from an earlier mistake and is not another one.
//! 3. Otherwise its line has a mistake, or an earlier line whose result is not there. The known mistakes of these lines are
//!    tried: the one that explains this and the most later quantities is named.
//!
//! Programs may differ in conventions (`environment.rs`). The one with the fewest mistakes is taken for the program's. Of
//! equal ones, it is the one under which more of its gradients are right together with the derivatives that they are computed from.

use super::closeness::Unit;
use super::environment::{Convention, Environment, Kink, Symbol};
use super::formulas::{compute, element, penalty, stable_cost};
use super::hypotheses::{self, Explanation};
use super::mistakes::Mistake;
use super::number::{Bounded, Worked};
use super::patterns;
use super::point::Point;
use super::quantity::{Input, Quantity};
use super::shapes::{harmful_shape, is_broadcast, likely_shapes, wrong_shape};
use super::submission::{Fit, Given, Submission};
use super::verdict::{Cause, Example, Finding, Judgement, Status, Verdict};
use crate::files::array_file::shape_text;
use crate::gradcheck::Array;
use crate::network::Activation;

/// Judges the numbers of a program.
pub fn judge(point: &Point, submission: &Submission<'_>) -> Judgement {
    let early = submission.layout.divides_early();
    let kinks = if has_kink(point, submission) { &Kink::ALL[..] } else { &[Kink::Zero] };
    let conventions = kinks.iter().flat_map(|&kink| {
        [(early, false), (!early, false), (early, true), (!early, true)]
            .into_iter()
            .filter(|&(_, in_update)| !in_update || point.weight_decay != 0.0)
            .map(move |(divides_early, decays_in_update)| Convention { divides_early, decays_in_update, kink })
    });
    let mut best: Option<Judgement> = None;
    for convention in conventions {
        let judgement = Walk::new(point, submission, convention).run();
        let is_better = |best: &Judgement| {
            let [new, old] = [&judgement, best].map(|judgement| judgement.mistakes().len());
            // The gradients tell where m is divided by, but not where the weights decay.
            let same_rest =
                Convention { divides_early: best.convention.divides_early, ..convention } == best.convention;
            new < old || (new == old && same_rest && judgement.consistent_gradients() > best.consistent_gradients())
        };
        if best.as_ref().is_none_or(is_better) {
            best = Some(judgement);
        }
        if best.as_ref().is_some_and(Judgement::agrees) {
            break;
        }
    }
    best.unwrap_or_else(|| unreachable!("there is a convention"))
}

/// Whether a unit is at the kink of relu, in the right numbers or in the program's.
fn has_kink(point: &Point, submission: &Submission<'_>) -> bool {
    let environment = Environment::new(point, submission.layout, Convention::default());
    let right: Vec<f64> = compute(Quantity::Z1, None, &environment);
    let given = match submission.get(Quantity::Z1).map(|given| &given.fit) {
        Some(Fit::Fits(values) | Fit::Transposed(values)) => &values[..],
        _ => &[],
    };
    point.activation == Activation::Relu && right.iter().chain(given).any(|&z1| z1 == 0.0)
}

/// The judgement under one convention, up to a line.
struct Walk<'a> {
    submission: &'a Submission<'a>,
    /// The right results.
    right: Environment<'a>,
    /// The program's own results: those that are there, and those that they imply.
    own: Environment<'a>,
    /// Whether numbers of single precision came before.
    single: bool,
    verdicts: Vec<Verdict>,
}

impl<'a> Walk<'a> {
    fn new(point: &'a Point, submission: &'a Submission<'a>, convention: Convention) -> Self {
        let mut right = Environment::new(point, submission.layout, convention);
        for quantity in Quantity::ALL {
            let values = match quantity {
                Quantity::Cost => vec![stable_cost(&right)],
                _ => compute(quantity, None, &right),
            };
            right.set(quantity, values);
        }
        let mut own = Environment::new(point, submission.layout, convention);
        own.updated = [Quantity::W1, Quantity::B1, Quantity::W2, Quantity::B2]
            .map(|quantity| right.result(quantity).iter().map(|element| element.value).collect());
        Self { submission, right, own, single: submission.single_point, verdicts: Vec::new() }
    }

    fn run(mut self) -> Judgement {
        for quantity in Quantity::ALL {
            let expected: Vec<Bounded> = compute(quantity, None, &self.own);
            let status = match self.submission.get(quantity) {
                None => {
                    self.own.set(quantity, expected);
                    Status::Absent
                }
                Some(given) => {
                    let status = self.check(quantity, given, &expected);
                    self.single |= given.single;
                    status
                }
            };
            self.verdicts.push(Verdict { quantity, status });
        }
        Judgement { verdicts: self.verdicts, convention: self.own.convention }
    }

    /// Judges a quantity, and makes its numbers the program's own result.
    fn check(&mut self, quantity: Quantity, given: &Given<'_>, expected: &[Bounded]) -> Status {
        let unit = if self.single || given.single { Unit::Single } else { Unit::Double };
        match &given.fit {
            Fit::Fits(values) => self.check_values(quantity, given, values, expected, unit),
            Fit::Transposed(values) => {
                let wanted = self.own.layout.shape(quantity.axes(), self.own.sizes());
                let shapes =
                    format!("it has shape {}, must be {}", shape_text(&given.array.shape), shape_text(&wanted));
                self.own.set(quantity, values.iter().copied().map(Bounded::rounded).collect());
                self.wrong(quantity, Cause::Described(format!("it is transposed: {shapes}")))
            }
            Fit::Differs => {
                let status = self.check_shape(quantity, given.array, expected, unit);
                self.own.set(quantity, expected.to_vec());
                status
            }
        }
    }

    fn check_values(
        &mut self,
        quantity: Quantity,
        given: &Given<'_>,
        values: &[f64],
        expected: &[Bounded],
        unit: Unit,
    ) -> Status {
        if quantity == Quantity::Cost && !values[0].is_finite() {
            self.own.set(quantity, expected.to_vec());
            return self.infinite_cost(values);
        }

        let strict = if self.is_sum_in_single(quantity, given) { Unit::Double } else { unit };
        let agrees = self.agrees(quantity, values, strict);
        let follows = !agrees && self.follows(quantity, values, expected, strict);
        let status = if agrees || follows {
            match harmful_shape(quantity, given.array, self.submission, &self.own) {
                Some(text) => self.wrong(quantity, Cause::Described(text)),
                None if agrees => Status::Agrees,
                None => Status::Follows,
            }
        } else {
            self.find_cause(quantity, values, expected, unit)
        };
        self.own.set(quantity, values.iter().copied().map(Bounded::rounded).collect());
        status
    }

    /// A cost that is not finite follows from probabilities that are none. Otherwise it comes from the formula.
    fn infinite_cost(&self, values: &[f64]) -> Status {
        let is_probability = |a2: &Bounded| (0.0..=1.0).contains(&a2.value);
        if self.own.result(Quantity::A2).iter().all(is_probability) {
            let text = patterns::not_finite(Quantity::Cost, values, &self.own, self.single);
            self.wrong(Quantity::Cost, Cause::Described(text))
        } else {
            Status::Follows
        }
    }

    fn agrees(&self, quantity: Quantity, values: &[f64], unit: Unit) -> bool {
        let right = self.right.result(quantity);
        values.iter().all(|value| value.is_finite())
            && (unit.all_close(values, right)
                || (quantity == Quantity::Cost && self.is_cost_with_penalty(values, right[0], unit)))
    }

    fn follows(&self, quantity: Quantity, values: &[f64], expected: &[Bounded], unit: Unit) -> bool {
        unit.all_close(values, expected)
            || (quantity == Quantity::Cost && self.is_cost_with_penalty(values, expected[0], unit))
            || self
                .broadcast_from(quantity)
                .is_some_and(|gradient| self.is_broadcast_of(quantity, gradient, unit))
    }

    /// Some programs add the penalty to the cost.
    fn is_cost_with_penalty(&self, values: &[f64], cost: Bounded, unit: Unit) -> bool {
        let penalty = penalty(&self.own);
        penalty != 0.0 && unit.is_close(values[0], Bounded { value: cost.value + penalty, size: cost.size + penalty })
    }

    /// Whether a sum over samples has less digits than its terms.
    fn is_sum_in_single(&self, quantity: Quantity, given: &Given<'_>) -> bool {
        let terms = match quantity {
            Quantity::DW2 | Quantity::DB2 => Quantity::DZ2,
            Quantity::DW1 | Quantity::DB1 => Quantity::DZ1,
            _ => return false,
        };
        given.single && !self.single && self.submission.get(terms).is_some()
    }

    /// The mistake behind numbers that neither agree nor follow.
    fn find_cause(&mut self, quantity: Quantity, values: &[f64], expected: &[Bounded], unit: Unit) -> Status {
        if self.is_saved_again(quantity) {
            return self.wrong(quantity, Cause::SavedAgain);
        }

        let explanation =
            hypotheses::best(quantity, values, unit, &self.own, &self.right, self.submission, &self.verdicts_so_far());
        if let Some(Explanation { line, mistake, alternatives, environment }) = explanation {
            let example = self.example(line, Some(mistake), (line == quantity).then_some(values));
            self.own = environment;
            return Status::Wrong(Box::new(Finding { line, cause: Cause::Known(mistake), alternatives, example }));
        }

        let cause = if values.iter().any(|value| !value.is_finite()) {
            Cause::Described(patterns::not_finite(quantity, values, &self.own, self.single))
        } else if Unit::Single.all_close(values, expected) {
            Cause::SinglePrecision
        } else {
            patterns::describe(quantity, values, expected, unit, &self.own).map_or(Cause::Unknown, Cause::Described)
        };
        let example = self.example(quantity, None, Some(values));
        Status::Wrong(Box::new(Finding { line: quantity, cause, alternatives: Vec::new(), example }))
    }

    fn verdicts_so_far(&self) -> Vec<bool> {
        self.verdicts
            .iter()
            .map(|verdict| matches!(verdict.status, Status::Agrees | Status::Follows))
            .collect()
    }

    /// Whether all updated parameters that are there, and a weight among them, are those before the update.
    fn is_saved_again(&self, quantity: Quantity) -> bool {
        let parameters = [
            (Quantity::W1, Input::W1),
            (Quantity::B1, Input::B1),
            (Quantity::W2, Input::W2),
            (Quantity::B2, Input::B2),
        ];
        let unchanged = |quantity: Quantity, input: Input| {
            self.submission.get(quantity).is_none_or(|given| {
                let old = self.own.point.values(input).unwrap_or_default();
                let same = |(&new, &old): (&f64, &f64)| new == old || (given.single && new as f32 == old as f32);
                matches!(&given.fit, Fit::Fits(new) if new.iter().zip(old).all(same))
            })
        };
        let has_weight = [Quantity::W1, Quantity::W2]
            .iter()
            .any(|&weight| self.submission.get(weight).is_some());
        quantity >= Quantity::W1 && has_weight && parameters.iter().all(|&(quantity, input)| unchanged(quantity, input))
    }

    /// The gradient of an updated parameter, if it has a wrong shape, which NumPy may have broadcast.
    fn broadcast_from(&self, quantity: Quantity) -> Option<&'a Array> {
        let given = self.submission.get(quantity.gradient()?)?;
        (given.fit == Fit::Differs).then_some(given.array)
    }

    /// Whether an updated parameter is what NumPy makes of a gradient of another shape.
    fn is_broadcast_of(&self, quantity: Quantity, gradient: &Array, unit: Unit) -> bool {
        let Environment { layout, point, .. } = self.own;
        let old = quantity.parameter().and_then(|input| point.values(input)).unwrap_or_default();
        let parameter = layout.array("", quantity.axes(), self.own.sizes(), old);
        let updated = self.submission.get(quantity);
        updated.is_some_and(|given| is_broadcast(given.array, &parameter, gradient, point.learning_rate, unit))
    }

    /// Judges an array of another shape.
    fn check_shape(&self, quantity: Quantity, array: &Array, expected: &[Bounded], unit: Unit) -> Status {
        let described = || Cause::Described(wrong_shape(quantity, array, expected, &self.own, unit));
        let Some(gradient) = quantity.gradient() else {
            return self.wrong(quantity, described());
        };
        if let Some(given) = self.submission.get(gradient) {
            let follows = self.is_broadcast_of(quantity, given.array, unit);
            return if follows { Status::Follows } else { self.wrong(quantity, described()) };
        }

        let layout = self.own.layout;
        let likely = likely_shapes(gradient, &self.own);
        let found = likely
            .into_iter()
            .find(|(_, array)| self.is_broadcast_of(quantity, array, unit));
        let cause = found.map(|(mistake, likely)| {
            let [had, got] = [&likely.shape, &array.shape].map(|lengths| shape_text(lengths));
            let [gradient, name] = [gradient, quantity].map(|quantity| layout.name(quantity));
            Cause::Described(format!("{mistake}: {gradient} had shape {had}, so that {name} got {got}"))
        });
        match cause {
            Some(cause) => self.wrong(gradient, cause),
            None => self.wrong(quantity, described()),
        }
    }

    fn wrong(&self, line: Quantity, cause: Cause) -> Status {
        Status::Wrong(Box::new(Finding { line, cause, alternatives: Vec::new(), example: None }))
    }

    /// The element that shows the mistake best: the one with the largest difference.
    fn example(&self, line: Quantity, mistake: Option<Mistake>, given: Option<&[f64]>) -> Option<Example> {
        let own = &self.own;
        let right: Vec<f64> = compute(line, None, own);
        let given = match given {
            Some(values) => values.to_vec(),
            None => compute(line, mistake, own),
        };
        let difference = |flat: &usize| {
            let difference = (given[*flat] - right[*flat]).abs();
            if difference.is_nan() { f64::INFINITY } else { difference }
        };
        // The first one of equal ones.
        let flat = (0..right.len()).rev().max_by(|a, b| difference(a).total_cmp(&difference(b)))?;

        let columns = own.columns(line.axes());
        let (row, column) = (flat / columns, flat % columns);
        let wrong: Option<Worked> = mistake.map(|mistake| element(line, Some(mistake), own, row, column));
        let right: Worked = element(line, None, own, row, column);
        let element = own.element_name(Symbol::Quantity(line), row, column);
        right
            .value
            .is_finite()
            .then(|| Example { element, right, wrong, given: given[flat] })
    }
}
