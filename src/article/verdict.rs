//! What a judgement says: which quantities are right, and what is wrong with the others.

use super::convention::Convention;
use super::layout::Layout;
use super::mistakes::Mistake;
use super::quantity::Quantity;
use super::worked::Worked;
use crate::network::Activation;

/// What is said about one quantity.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The quantity.
    pub quantity: Quantity,
    /// Whether it is right.
    pub status: Status,
}

/// Whether a quantity is right.
#[derive(Clone, Debug)]
pub enum Status {
    /// The program did not store it.
    Absent,
    /// It is right.
    Agrees,
    /// It is not right, but it is computed rightly from what came before.
    Follows,
    /// There is a mistake in its line, or in an earlier line whose result is not there.
    Wrong(Box<Finding>),
}

/// A mistake.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The quantity whose line has the mistake.
    pub line: Quantity,
    /// What is wrong with it.
    pub cause: Cause,
    /// Other mistakes that lead to the same numbers.
    pub alternatives: Vec<(Quantity, Mistake)>,
    /// One element, worked out.
    pub example: Option<Example>,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// A known mistake.
    Known(Mistake),
    /// The numbers have seven digits, though those before have more.
    SinglePrecision,
    /// The parameters are those of the point.
    SavedAgain,
    /// A forward result that belongs to the parameters after the update.
    Overwritten,
    /// In words that continue "X is wrong: ".
    Described(String),
    /// No pattern was found.
    Unknown,
}

/// One element with its right and its wrong number.
#[derive(Clone, Debug)]
pub struct Example {
    /// Its name.
    pub element: String,
    /// The right computation.
    pub right: Worked,
    /// The computation with the mistake, if it is known.
    pub wrong: Option<Worked>,
    /// The program's number.
    pub given: f64,
}

/// The judgement of all numbers.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// One verdict for each quantity, in the order of the listing.
    pub verdicts: Vec<Verdict>,
    /// The convention that the program follows.
    pub convention: Convention,
    /// Quantities that agree, but are so small beside their rounding errors that this shows nothing.
    pub too_small: Vec<Quantity>,
}

impl Judgement {
    /// Whether all quantities that are there are right.
    pub fn agrees(&self) -> bool {
        self.verdicts
            .iter()
            .all(|verdict| matches!(verdict.status, Status::Agrees | Status::Absent))
    }

    /// How many gradients are right, together with the derivative that they are computed from.
    pub(super) fn consistent_gradients(&self) -> usize {
        let agrees = |quantity: Quantity| matches!(self.verdicts[quantity as usize].status, Status::Agrees);
        let of = |terms: Quantity, gradients: [Quantity; 2]| {
            gradients
                .into_iter()
                .filter(|&gradient| agrees(terms) && agrees(gradient))
                .count()
        };
        of(Quantity::DZ2, [Quantity::DW2, Quantity::DB2]) + of(Quantity::DZ1, [Quantity::DW1, Quantity::DB1])
    }

    /// Whether the gradients show that no line before the update divides by m: one of them is right or follows, and the others have
    /// known mistakes.
    pub(super) fn gradients_are_sums(&self) -> bool {
        let status = |quantity: Quantity| &self.verdicts[quantity as usize].status;
        let is_explained = |quantity: Quantity| matches!(status(quantity), Status::Agrees | Status::Follows);
        let is_sum = |quantity: Quantity| match status(quantity) {
            Status::Wrong(finding) => matches!(finding.cause, Cause::Known(mistake) if mistake != Mistake::MeanTwice),
            _ => true,
        };
        let divides_twice = |quantity: Quantity| matches!(status(quantity), Status::Wrong(finding) if finding.cause == Cause::Known(Mistake::MeanTwice));
        let gradients = [Quantity::DW2, Quantity::DB2, Quantity::DW1, Quantity::DB1];
        gradients.into_iter().any(is_explained)
            && gradients.into_iter().all(is_sum)
            && ![Quantity::DZ2, Quantity::DZ1].into_iter().any(divides_twice)
    }

    /// How many mistakes are known ones.
    pub(super) fn known_mistakes(&self) -> usize {
        self.mistakes()
            .iter()
            .filter(|(finding, _)| matches!(finding.cause, Cause::Known(_)))
            .count()
    }

    /// The mistakes, each with all quantities whose lines have it. A mistake of all gradients is one mistake.
    pub fn mistakes(&self) -> Vec<(&Finding, Vec<Quantity>)> {
        let mut mistakes: Vec<(&Finding, Vec<Quantity>)> = Vec::new();
        for Verdict { quantity, status } in &self.verdicts {
            let Status::Wrong(finding) = status else { continue };
            let same = mistakes.iter_mut().find(|(other, _)| {
                let is_family = same_family(finding.line, other.line) || finding.cause == Cause::Overwritten;
                finding.cause != Cause::Unknown && finding.cause == other.cause && is_family
            });
            match same {
                Some((_, quantities)) => quantities.push(*quantity),
                None => mistakes.push((finding, vec![*quantity])),
            }
        }
        mistakes
    }
}

/// Whether a program computes two quantities in the same way.
fn same_family(a: Quantity, b: Quantity) -> bool {
    let family = |quantity: Quantity| match quantity {
        Quantity::DW2 | Quantity::DB2 | Quantity::DW1 | Quantity::DB1 => 1,
        Quantity::W1 | Quantity::B1 | Quantity::W2 | Quantity::B2 => 2,
        _ => 0,
    };
    a == b || (family(a) == family(b) && family(a) != 0)
}

impl Finding {
    /// What is wrong, as a sentence that continues "X is wrong: ".
    pub fn describe(&self, layout: Layout, convention: Convention, activation: Activation) -> String {
        match &self.cause {
            Cause::Known(mistake) => mistake.describe(self.line, layout, convention, activation),
            Cause::SinglePrecision => "it is right to about 7 digits only, as if computed in float32".into(),
            Cause::SavedAgain => "the input was saved again: these are the parameters before the update".into(),
            Cause::Overwritten => "it belongs to the parameters after the update".into(),
            Cause::Described(text) => text.clone(),
            Cause::Unknown => "no known mistake and no simple pattern".into(),
        }
    }
}
