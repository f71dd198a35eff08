//! Which known mistake explains a wrong quantity: one in its own line, or in an earlier line whose result is not there.

use std::rc::Rc;

use super::closeness::Unit;
use super::environment::Environment;
use super::evaluation::{self, explains, gives};
use super::formulas::{compute, element};
use super::mistakes::Mistake;
use super::number::Bounded;
use super::quantity::Quantity;
use super::submission::{Fit, Submission};

/// At most this many other mistakes are named beside the first one.
const MAX_ALTERNATIVES: usize = 2;
/// A mistake is first tried on this many samples.
const MAX_SAMPLES: usize = 1_000;

/// A known mistake that explains a wrong quantity.
pub struct Explanation<'a> {
    /// The line that has the mistake.
    pub line: Quantity,
    /// The mistake.
    pub mistake: Mistake,
    /// Other mistakes that explain as much.
    pub alternatives: Vec<(Quantity, Mistake)>,
    /// The program's own results with this mistake, up to the quantity before.
    pub environment: Environment<'a>,
}

/// What a hypothesis is compared with.
struct Evidence<'a> {
    /// The first wrong quantity.
    quantity: Quantity,
    /// Its numbers.
    values: &'a [f64],
    unit: Unit,
    right: &'a Environment<'a>,
    submission: &'a Submission<'a>,
    /// Whether each earlier quantity is explained already.
    explained: &'a [bool],
}

/// The mistake that explains a wrong quantity, its later ones most of all, and is the earliest of equal ones.
pub fn best<'a>(
    quantity: Quantity,
    values: &[f64],
    unit: Unit,
    own: &Environment<'a>,
    right: &Environment<'_>,
    submission: &Submission<'_>,
    explained: &[bool],
) -> Option<Explanation<'a>> {
    let evidence = Evidence { quantity, values, unit, right, submission, explained };
    let mut found: Vec<(usize, Quantity, Mistake, Environment<'a>)> = Vec::new();
    let first_samples = own.point.first_samples(MAX_SAMPLES);
    let part = (own.sizes().samples > MAX_SAMPLES && evidence.second_layer_is_right())
        .then(|| Environment::of_program(&Rc::new(evaluation::right(&first_samples, own.layout, own.convention))));
    for line in Quantity::ALL.into_iter().filter(|&line| line <= quantity) {
        if line != quantity && (submission.get(line).is_some() || line == Quantity::Cost) {
            continue;
        }
        for mistake in Mistake::of(line, own.convention) {
            let is_impossible = |part: &Environment<'_>| {
                line <= Quantity::DZ2
                    && line != quantity
                    && is_possible(line, mistake, part)
                    && evidence.changes_dz2(line, mistake, part)
            };
            if part.as_ref().is_some_and(is_impossible) {
                continue;
            }
            if let Some((unexplained, environment)) = evidence.try_mistake(line, mistake, own) {
                found.push((unexplained, line, mistake, environment));
            }
        }
    }

    let fewest = found.iter().map(|&(unexplained, ..)| unexplained).min()?;
    let mut equal = found.into_iter().filter(|&(unexplained, ..)| unexplained == fewest);
    let (_, line, mistake, environment) = equal.next()?;
    let others = equal.map(|(_, line, mistake, _)| (line, mistake));
    Some(Explanation { line, mistake, alternatives: others.take(MAX_ALTERNATIVES).collect(), environment })
}

impl Evidence<'_> {
    /// The number of later quantities that a mistake in a line leaves unexplained, and the results that it leads to. `None`
    /// if it does not explain the quantity, or contradicts others.
    fn try_mistake<'a>(
        &self,
        line: Quantity,
        mistake: Mistake,
        own: &Environment<'a>,
    ) -> Option<(usize, Environment<'a>)> {
        if !is_possible(line, mistake, own) {
            return None;
        }
        let mut environment = own.clone();
        if line == self.quantity {
            let is_none = || has_same_values(&compute(line, Some(mistake), own), &compute(line, None, own));
            // What is a mistake at one point or with one activation may be right with another one.
            if !explains(line, mistake, &environment, self.values, self.unit) || is_none() {
                return None;
            }
        } else {
            if line == Quantity::DZ1 && !self.explains_first_element(mistake, own) {
                return None;
            }
            let values: Vec<Bounded> = compute(line, Some(mistake), own);
            if has_same_values(&values, own.result(line)) {
                return None;
            }
            environment.set(line, values);
            let between = |other: &Quantity| line < *other && *other < self.quantity;
            for quantity in Quantity::ALL.into_iter().filter(between) {
                if self.submission.get(quantity).is_none() {
                    environment.clear(quantity);
                    continue;
                }
                let mut from_mistake = environment.clone();
                from_mistake.clear(quantity);
                if self.explained[quantity as usize] && self.is_given(quantity, &from_mistake) == Some(false) {
                    return None;
                }
            }
            if !gives(&environment, self.quantity, self.values, self.unit) {
                return None;
            }
        }

        let unexplained = self.unexplained(mistake, &environment)?;
        Some((unexplained, environment))
    }

    /// Whether a mistake in dZ1 explains the first element, for which one row of dZ1 is enough. True where it is not.
    fn explains_first_element(&self, mistake: Mistake, own: &Environment<'_>) -> bool {
        if !matches!(self.quantity, Quantity::DW1 | Quantity::DB1 | Quantity::W1 | Quantity::B1) {
            return true;
        }
        let mut probe = own.clone();
        let row = (0..own.sizes().samples).map(|sample| element(Quantity::DZ1, Some(mistake), own, 0, sample));
        probe.set(Quantity::DZ1, row.collect());
        for gradient in [Quantity::DW1, Quantity::DB1] {
            if gradient < self.quantity && self.submission.get(gradient).is_none() {
                probe.set(gradient, vec![element(gradient, None, &probe, 0, 0)]);
            }
        }
        self.unit.is_close(self.values[0], element(self.quantity, None, &probe, 0, 0))
    }

    /// Whether the gradients of the second layer, or its updated parameters, are there and right. A mistake that changes dZ2 in
    /// the first samples cannot have led to them.
    fn second_layer_is_right(&self) -> bool {
        let shows = |&quantity: &Quantity| self.is_given(quantity, self.right) == Some(true);
        [Quantity::DW2, Quantity::DB2, Quantity::W2, Quantity::B2].iter().any(shows)
    }

    /// Whether a mistake changes dZ2 in the first samples.
    fn changes_dz2(&self, line: Quantity, mistake: Mistake, part: &Environment<'_>) -> bool {
        let mut environment = part.clone();
        environment.set(line, compute(line, Some(mistake), part));
        let later = |other: &Quantity| line < *other && *other <= Quantity::DZ2;
        Quantity::ALL
            .into_iter()
            .filter(later)
            .for_each(|quantity| environment.clear(quantity));
        let values = |environment: &Environment<'_>| -> Vec<f64> {
            environment.result(Quantity::DZ2).iter().map(|element| element.value).collect()
        };
        !self.unit.all_close(&values(&environment), part.result(Quantity::DZ2))
    }

    /// The number of later quantities that do not follow. `None` if one of them is right and would have to be wrong.
    fn unexplained(&self, mistake: Mistake, environment: &Environment<'_>) -> Option<usize> {
        let mut environment = environment.clone();
        environment.set(self.quantity, self.values.iter().copied().map(Bounded::rounded).collect());
        let mut unexplained = 0;
        for quantity in Quantity::ALL.into_iter().filter(|&other| other > self.quantity) {
            let same_mistake = || {
                let possible = Mistake::of(quantity, environment.convention).contains(&mistake);
                let given = self.given(quantity);
                possible && given.is_some_and(|(values, unit)| explains(quantity, mistake, &environment, values, unit))
            };
            if self.is_given(quantity, &environment) == Some(false) && !same_mistake() {
                if self.is_given(quantity, self.right) == Some(true) && quantity != Quantity::Cost {
                    return None;
                }
                unexplained += 1;
            }

            if let Some((values, _)) = self.given(quantity) {
                environment.set(quantity, values.iter().copied().map(Bounded::rounded).collect());
            }
        }
        Some(unexplained)
    }

    /// Whether the program's numbers are those of an environment. `None` if it did not store the quantity in this shape.
    fn is_given(&self, quantity: Quantity, environment: &Environment<'_>) -> Option<bool> {
        let (values, unit) = self.given(quantity)?;
        Some(gives(environment, quantity, values, unit))
    }

    /// The program's numbers with the accuracy that they can have.
    fn given(&self, quantity: Quantity) -> Option<(&[f64], Unit)> {
        let given = self.submission.get(quantity)?;
        let unit = if given.single { Unit::Single } else { self.unit };
        match &given.fit {
            Fit::Fits(values) | Fit::Transposed(values) => Some((values, unit)),
            Fit::Differs => None,
        }
    }
}

/// Whether all numbers are the same, NaN included.
fn has_same_values(a: &[Bounded], b: &[Bounded]) -> bool {
    let same = |(a, b): (&Bounded, &Bounded)| a.value == b.value || (a.value.is_nan() && b.value.is_nan());
    a.iter().zip(b).all(same)
}

/// Whether a program could have made this mistake and still run: a matrix can be transposed by mistake only if the shapes still
/// fit, and weight decay can only be forgotten if there is some.
fn is_possible(line: Quantity, mistake: Mistake, environment: &Environment<'_>) -> bool {
    let sizes = environment.sizes();
    let point = environment.point;
    match mistake {
        Mistake::SamplesTransposed => sizes.features == sizes.samples,
        Mistake::WeightsTransposed => sizes.features == sizes.hidden,
        Mistake::Accumulated => point.previous.is_some(),
        Mistake::FeaturesReversed => sizes.features > 1,
        Mistake::DecayMissing | Mistake::DecayDividedByM => {
            let in_update = line >= Quantity::W1;
            point.weight_decay != 0.0 && in_update == environment.convention.decays_in_update
        }
        _ => true,
    }
}
