//! The judgement under one convention, line by line in the order of the listing.
//!
//! 1. A quantity that is right agrees.
//! 2. Another one is computed again from the program's own numbers of earlier lines; where those are not there, from what
//!    they must have been. If it is equal to that, it follows from an earlier mistake and is not another one.
//! 3. Otherwise its line has a mistake, or an earlier line whose result is not there. The known mistakes of these lines are
//!    tried: the one that explains this and the most later quantities is named.

use std::rc::Rc;

use super::closeness::Unit;
use super::environment::{Environment, Symbol};
use super::evaluation::{gives, penalty};
use super::formulas::{compute, element};
use super::hypotheses::{self, Explanation};
use super::mistakes::Mistake;
use super::number::Bounded;
use super::patterns;
use super::quantity::{Input, Quantity};
use super::shapes::{harmful_shape, is_broadcast, likely_shapes, wrong_shape};
use super::steps;
use super::submission::{Fit, Given, Submission};
use super::verdict::{Cause, Example, Finding, Judgement, Status, Verdict};
use super::worked::Worked;
use crate::files::array_file::shape_text;
use crate::gradcheck::Array;

/// The judgement under one convention, up to a line.
pub struct Walk<'a> {
    submission: &'a Submission<'a>,
    /// The right results.
    right: Rc<Environment<'a>>,
    /// The program's own results: those that are there, and those that they imply.
    own: Environment<'a>,
    /// Whether numbers of single precision came before.
    single: bool,
    /// Whether each quantity so far is right or follows.
    explained: Vec<bool>,
    examples: Vec<PendingExample<'a>>,
}

/// What the example of a mistake is worked out from.
pub struct PendingExample<'a> {
    /// The quantity that shows the mistake.
    pub quantity: Quantity,
    /// The line that has it.
    line: Quantity,
    mistake: Option<Mistake>,
    /// The program's results before it.
    own: Environment<'a>,
}

impl<'a> Walk<'a> {
    /// Begins a judgement with right results of the convention.
    pub fn new(submission: &'a Submission<'a>, right: Rc<Environment<'a>>) -> Self {
        let own = Environment::of_program(&right);
        Self {
            submission,
            right,
            own,
            single: submission.single_point,
            explained: Vec::new(),
            examples: Vec::new(),
        }
    }

    /// The judgement. `None` if it has more mistakes than this.
    pub fn run(mut self, most: usize) -> Option<(Judgement, Vec<PendingExample<'a>>)> {
        let mut judgement = Judgement { verdicts: Vec::new(), convention: self.own.convention, too_small: Vec::new() };
        for quantity in Quantity::ALL {
            let status = match self.submission.get(quantity) {
                None => Status::Absent,
                Some(given) => {
                    let unit = self.unit(given);
                    let status = self.check(quantity, given);
                    if matches!(status, Status::Agrees) && self.is_too_small(quantity, unit) {
                        judgement.too_small.push(quantity);
                    }
                    self.single |= given.single;
                    status
                }
            };
            self.explained.push(matches!(status, Status::Agrees | Status::Follows));
            judgement.verdicts.push(Verdict { quantity, status });
            if judgement.mistakes().len() > most {
                return None;
            }
        }
        Some((judgement, self.examples))
    }

    /// Judges a quantity, and makes its numbers the program's own result.
    fn check(&mut self, quantity: Quantity, given: &Given<'_>) -> Status {
        let unit = self.unit(given);
        match &given.fit {
            Fit::Fits(values) => self.check_values(quantity, given, values, unit),
            Fit::Transposed(values) => {
                let wanted = self.own.layout.shape(quantity.axes(), self.own.sizes());
                let shapes =
                    format!("it has shape {}, must be {}", shape_text(&given.array.shape), shape_text(&wanted));
                self.own.set(quantity, values.iter().copied().map(Bounded::rounded).collect());
                self.wrong(quantity, Cause::Described(format!("it is transposed: {shapes}")))
            }
            Fit::Differs => self.check_shape(quantity, given.array, unit),
        }
    }

    /// The accuracy that numbers can have.
    fn unit(&self, given: &Given<'_>) -> Unit {
        if self.single || given.single { Unit::Single } else { Unit::Double }
    }

    /// Whether most right numbers, or the steps of updated parameters, may be nothing but rounding errors.
    fn is_too_small(&self, quantity: Quantity, unit: Unit) -> bool {
        let right = self.right.result(quantity);
        let hidden = right
            .iter()
            .zip(self.steps(quantity, right.iter().map(|right| right.value)))
            .filter(|(right, value)| unit.hides(**right, *value));
        2 * hidden.count() > right.len()
    }

    /// The steps of an updated parameter, or the values of anything else.
    fn steps(&self, quantity: Quantity, values: impl Iterator<Item = f64>) -> Vec<f64> {
        let old = quantity.parameter().filter(|_| quantity >= Quantity::W1);
        match old.and_then(|input| self.right.point.values(input)) {
            Some(old) => values.zip(old).map(|(new, old)| new - old).collect(),
            None => values.collect(),
        }
    }

    /// Whether an updated parameter is the old one, to the last digit, although its step is far above the rounding errors of
    /// float32: more than 16 roundings of the parameter, and a hundredth of the tolerance. Errors of sums stay below a
    /// thousandth of it.
    fn is_unchanged(&self, quantity: Quantity, values: &[f64]) -> bool {
        let old = quantity.parameter().filter(|_| quantity >= Quantity::W1);
        let Some(old) = old.and_then(|input| self.right.point.values(input)) else {
            return false;
        };
        let right = self.right.result(quantity);
        let moves = |(right, old): (&Bounded, &f64)| {
            let rounding = 16.0 * f64::from(f32::EPSILON) * old.abs();
            (right.value - old).abs() > rounding.max(0.01 * Unit::Single.tolerance(*right))
        };
        let same = |(value, old): (&f64, &f64)| value == old || *value == f64::from(*old as f32);
        values.iter().zip(old).all(same) && right.iter().zip(old).any(moves)
    }

    fn check_values(&mut self, quantity: Quantity, given: &Given<'_>, values: &[f64], unit: Unit) -> Status {
        if quantity == Quantity::Cost && !values[0].is_finite() {
            return self.infinite_cost(values, unit);
        }

        let strict = if self.is_sum_in_single(quantity, given) { Unit::Double } else { unit };
        let unchanged = self.is_unchanged(quantity, values);
        let agrees = !unchanged && self.agrees(quantity, values, strict);
        let follows = !unchanged && !agrees && self.follows(quantity, values, strict);
        let status = if agrees || follows {
            match harmful_shape(quantity, given.array, self.submission, self.own.sizes()) {
                Some(text) => self.wrong(quantity, Cause::Described(text)),
                None if agrees => Status::Agrees,
                None => Status::Follows,
            }
        } else {
            self.find_cause(quantity, values, unit)
        };
        self.own.set(quantity, values.iter().copied().map(Bounded::rounded).collect());
        status
    }

    /// A cost that is not finite follows from probabilities that are none, and from wrong ones if the right ones lead to a finite
    /// cost. Otherwise it comes from the formula.
    fn infinite_cost(&self, values: &[f64], unit: Unit) -> Status {
        let own_a2 = self.own.result(Quantity::A2);
        let is_probability = |a2: &Bounded| (0.0..=1.0).contains(&a2.value);
        let is_finite =
            |environment: &Environment<'_>| compute::<f64>(Quantity::Cost, None, environment)[0].is_finite();
        let a2: Vec<f64> = own_a2.iter().map(|a2| a2.value).collect();
        let follows =
            || !unit.all_close(&a2, self.right.result(Quantity::A2)) && !is_finite(&self.own) && is_finite(&self.right);
        if own_a2.iter().all(is_probability) && !follows() {
            let text = patterns::not_finite(Quantity::Cost, values, &self.own, self.single);
            self.wrong(Quantity::Cost, Cause::Described(text))
        } else {
            Status::Follows
        }
    }

    fn agrees(&self, quantity: Quantity, values: &[f64], unit: Unit) -> bool {
        values.iter().all(|value| value.is_finite())
            && (gives(&self.right, quantity, values, unit)
                || self.is_cost_with_penalty(quantity, values, &self.right, unit))
    }

    fn follows(&self, quantity: Quantity, values: &[f64], unit: Unit) -> bool {
        gives(&self.own, quantity, values, unit)
            || self.is_cost_with_penalty(quantity, values, &self.own, unit)
            || self
                .broadcast_from(quantity)
                .is_some_and(|gradient| self.is_broadcast_of(quantity, gradient, unit))
    }

    /// Some programs add the penalty to the cost.
    fn is_cost_with_penalty(&self, quantity: Quantity, values: &[f64], costs: &Environment<'_>, unit: Unit) -> bool {
        if quantity != Quantity::Cost {
            return false;
        }
        let (penalty, cost) = (penalty(&self.own), costs.result(Quantity::Cost)[0]);
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
    fn find_cause(&mut self, quantity: Quantity, values: &[f64], unit: Unit) -> Status {
        if self.is_saved_again(quantity) {
            return self.wrong(quantity, Cause::SavedAgain);
        }

        let explanation =
            hypotheses::best(quantity, values, unit, &self.own, &self.right, self.submission, &self.explained);
        if let Some(Explanation { line, mistake, alternatives, environment }) = explanation {
            self.remember_example(quantity, line, Some(mistake));
            self.own = environment;
            return Status::Wrong(Box::new(Finding {
                line,
                cause: Cause::Known(mistake),
                alternatives,
                example: None,
            }));
        }

        let expected = self.own.result(quantity);
        let cause = if values.iter().any(|value| !value.is_finite()) {
            Cause::Described(patterns::not_finite(quantity, values, &self.own, self.single))
        } else if let Some(text) = self.factor_or_momentum(quantity, values, unit) {
            Cause::Described(text)
        } else if Unit::Single.all_close(values, expected) && self.differs_in_late_digits(quantity, values, expected) {
            if patterns::is_rounded_to_single(quantity, values, expected) {
                Cause::SinglePrecision
            } else {
                Cause::Described(patterns::nearly_right(values, expected))
            }
        } else {
            patterns::describe(quantity, values, expected, unit, &self.own).map_or(Cause::Unknown, Cause::Described)
        };
        self.remember_example(quantity, quantity, None);
        Status::Wrong(Box::new(Finding { line: quantity, cause, alternatives: Vec::new(), example: None }))
    }

    /// Whether the largest error is below a thousandth of the largest right number, or step.
    fn differs_in_late_digits(&self, quantity: Quantity, values: &[f64], right: &[Bounded]) -> bool {
        let errors = values.iter().zip(right).map(|(value, right)| value - right.value);
        let right = self.steps(quantity, right.iter().map(|right| right.value));
        let largest = |numbers: &mut dyn Iterator<Item = f64>| numbers.fold(0.0, |a: f64, b| a.max(b.abs()));
        largest(&mut errors.into_iter()) <= 1e-3 * largest(&mut right.into_iter())
    }

    fn factor_or_momentum(&self, quantity: Quantity, values: &[f64], unit: Unit) -> Option<String> {
        if quantity < Quantity::W1 {
            return steps::common_factor(quantity, &self.own, self.submission, unit);
        }
        steps::learning_rate(quantity, values, &self.own, unit)
            .or_else(|| steps::momentum(quantity, values, &self.own, self.submission, unit))
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
        let rate = self.own.step_rate();
        let old = quantity.parameter().and_then(|input| point.values(input)).unwrap_or_default();
        let parameter = layout.array("", quantity.axes(), self.own.sizes(), old);
        let updated = self.submission.get(quantity);
        updated.is_some_and(|given| is_broadcast(given.array, &parameter, gradient, rate, unit))
    }

    /// Judges an array of another shape.
    fn check_shape(&self, quantity: Quantity, array: &Array, unit: Unit) -> Status {
        let described = || Cause::Described(wrong_shape(quantity, array, self.own.result(quantity), &self.own, unit));
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

    /// Keeps what the example of a mistake needs. It is only worked out if the judgement is the best one.
    fn remember_example(&mut self, quantity: Quantity, line: Quantity, mistake: Option<Mistake>) {
        self.examples
            .push(PendingExample { quantity, line, mistake, own: self.own.clone() });
    }
}

impl PendingExample<'_> {
    /// The element that shows the mistake best: the one with the largest difference.
    pub fn work_out(self, submission: &Submission<'_>) -> Option<Example> {
        let Self { quantity, line, mistake, own } = &self;
        let (line, mistake) = (*line, *mistake);
        let right: Vec<f64> = compute(line, None, own);
        let given = match submission.get(*quantity).and_then(Given::values) {
            Some(values) if line == *quantity => values.to_vec(),
            _ => compute(line, mistake, own),
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
