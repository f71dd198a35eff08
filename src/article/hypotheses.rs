//! Which known mistake explains a wrong quantity: one in its own line, or in an earlier line whose result is not there.

use super::closeness::Unit;
use super::environment::Environment;
use super::formulas::compute;
use super::mistakes::Mistake;
use super::number::Bounded;
use super::quantity::Quantity;
use super::submission::{Fit, Submission};

/// At most this many other mistakes are named beside the first one.
const MAX_ALTERNATIVES: usize = 2;

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
    for line in Quantity::ALL.into_iter().filter(|&line| line <= quantity) {
        if line != quantity && (submission.get(line).is_some() || line == Quantity::Cost) {
            continue;
        }
        for mistake in Mistake::of(line, own.convention) {
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
        for quantity in Quantity::ALL
            .into_iter()
            .filter(|&other| (line..=self.quantity).contains(&other))
        {
            let mistake = (quantity == line).then_some(mistake);
            let values: Vec<Bounded> = compute(quantity, mistake, &environment);
            // What is a mistake at one point or with one activation may be right with another one.
            if mistake.is_some() && has_same_values(&values, &compute(quantity, None, &environment)) {
                return None;
            }
            if quantity == self.quantity {
                if !self.unit.all_close(self.values, &values) {
                    return None;
                }
            } else if self.submission.get(quantity).is_none() {
                environment.set(quantity, values);
            } else if self.explained[quantity as usize] && self.is_given(quantity, &values) == Some(false) {
                return None;
            }
        }

        let unexplained = self.unexplained(mistake, &environment)?;
        Some((unexplained, environment))
    }

    /// The number of later quantities that do not follow. `None` if one of them is right and would have to be wrong.
    fn unexplained(&self, mistake: Mistake, environment: &Environment<'_>) -> Option<usize> {
        let mut environment = environment.clone();
        environment.set(self.quantity, self.values.iter().copied().map(Bounded::rounded).collect());
        let mut unexplained = 0;
        for quantity in Quantity::ALL.into_iter().filter(|&other| other > self.quantity) {
            let expected: Vec<Bounded> = compute(quantity, None, &environment);
            let same_mistake = || {
                let possible = Mistake::of(quantity, environment.convention).contains(&mistake);
                possible && self.is_given(quantity, &compute(quantity, Some(mistake), &environment)) == Some(true)
            };
            if self.is_given(quantity, &expected) == Some(false) && !same_mistake() {
                if self.is_given(quantity, self.right.result(quantity)) == Some(true) && quantity != Quantity::Cost {
                    return None;
                }
                unexplained += 1;
            }

            let own = match self.submission.get(quantity).map(|given| &given.fit) {
                Some(Fit::Fits(values) | Fit::Transposed(values)) => {
                    values.iter().copied().map(Bounded::rounded).collect()
                }
                _ => expected,
            };
            environment.set(quantity, own);
        }
        Some(unexplained)
    }

    /// Whether the program's numbers are these. `None` if it did not store the quantity in this shape.
    fn is_given(&self, quantity: Quantity, values: &[Bounded]) -> Option<bool> {
        let given = self.submission.get(quantity)?;
        let unit = if given.single { Unit::Single } else { self.unit };
        match &given.fit {
            Fit::Fits(given) | Fit::Transposed(given) => Some(unit.all_close(given, values)),
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
        Mistake::DecayMissing => {
            let in_update = line >= Quantity::W1;
            point.weight_decay != 0.0 && in_update == environment.convention.decays_in_update
        }
        _ => true,
    }
}
