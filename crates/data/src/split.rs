//! Which samples are for training, which for validation and which for a test.
//!
//! The samples of each class are dealt out separately (stratified), so that each part has both in the proportion of the whole,
//! within a sample:
//!
//! ```text
//! order of class c   numpy.random.RandomState([seed, c]).permutation(m_c)
//! test               the first round(test * m_c) of it
//! validation         the next round(validation * m_c)
//! training           the rest
//! ```
//!
//! Within each part the samples keep the order of the data.
//!
//! Leaves out: groups and time. Samples that belong together may fall apart.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::checked::Fraction;
use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::numpy::RandomState;
use crate::settings::DataKind;

/// How to divide the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The share of samples that training watches but does not learn from; absent means 0.2 of a table, nothing of a
    /// generated set.
    pub validation: Option<Fraction>,
    /// The share of samples that nothing sees before the end; absent means the same.
    pub test: Option<Fraction>,
    /// The seed of the dealing out.
    pub seed: u32,
}

/// The shares, with what was left to a default written out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split {
    /// For validation.
    pub validation: Fraction,
    /// For a test.
    pub test: Fraction,
    seed: u32,
}

/// What a sample is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The network learns from it.
    Train,
    /// Training stops, and thresholds are chosen, by it.
    Validation,
    /// It tells how good the network is.
    Test,
}

impl fmt::Display for Part {
    /// The word in files.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// The data by parts.
#[derive(Clone, Debug)]
pub struct Parts {
    /// What the network learns from.
    pub train: Dataset,
    /// What training stops by, if there is any.
    pub validation: Option<Dataset>,
    /// What tells how good the network is, if there is any.
    pub test: Option<Dataset>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { validation: None, test: None, seed: 1 }
    }
}

impl Settings {
    /// The shares for data of a kind.
    pub fn or_usual(&self, kind: DataKind) -> Split {
        let usual = match kind {
            DataKind::Csv | DataKind::Parquet => const { Fraction::literal(0.2) },
            DataKind::Generated(_) => const { Fraction::literal(0.0) },
        };
        let [validation, test] = [self.validation, self.test].map(|share| share.unwrap_or(usual));
        Split { validation, test, seed: self.seed }
    }
}

impl From<Split> for Settings {
    fn from(Split { validation, test, seed }: Split) -> Self {
        Self { validation: Some(validation), test: Some(test), seed }
    }
}

impl Split {
    /// Whether the shares leave something to learn from; if not, the key of the larger and why.
    ///
    /// # Errors
    /// When they are everything.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        let shares = [("split.validation", self.validation.get()), ("split.test", self.test.get())];
        let [(_, validation), (_, test)] = shares;
        if validation + test < 1.0 {
            return Ok(());
        }
        let [(key, share), (other, rest)] = if validation > test { shares } else { [shares[1], shares[0]] };
        Err((key, format!("{key} = {share}: with {other} = {rest} must leave something for training")))
    }

    /// What each sample is for.
    ///
    /// # Errors
    /// When a part that is asked for would lack a class.
    pub fn assign(&self, labels: &[u8]) -> Result<Vec<Part>> {
        let mut parts = vec![Part::Train; labels.len()];
        for class in [0, 1] {
            let mut order: Vec<usize> = (0..labels.len()).filter(|&i| labels[i] == class).collect();
            RandomState::with_key(&[self.seed, class.into()]).shuffle(&mut order);
            let count = |share: Fraction| (share.get() * order.len() as f64).round() as usize;
            let shares = [(Part::Test, "test", self.test), (Part::Validation, "validation", self.validation)];
            let mut rest = &order[..];
            for (part, key, share) in shares.into_iter().filter(|(.., share)| share.get() > 0.0) {
                let (taken, left) = rest.split_at(count(share).min(rest.len()));
                if taken.is_empty() || left.is_empty() {
                    let samples = order.len();
                    let (whose, change) = if taken.is_empty() { (key, "larger") } else { ("training", "smaller") };
                    return Err(Error::Setting(format!(
                        "split.{key} = {share}: of the {samples} samples of class {class} none would be for \
                         {whose}; give a {change} share, or 0 to do without"
                    )));
                }
                taken.iter().for_each(|&i| parts[i] = part);
                rest = left;
            }
        }
        Ok(parts)
    }
}

impl Parts {
    /// Divides the data. What is for training stays where it is in memory.
    ///
    /// # Panics
    /// When there are not as many parts as samples: a mistake in the calling code.
    pub fn new(data: Dataset, parts: &[Part]) -> Self {
        let take = |part| {
            let places: Vec<usize> = (0..parts.len()).filter(|&i| parts[i] == part).collect();
            (!places.is_empty()).then(|| data.select(&places))
        };
        let (validation, test) = (take(Part::Validation), take(Part::Test));
        Self { train: data.retain(|i| parts[i] == Part::Train), validation, test }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(validation: f64, test: f64) -> Split {
        let share = |value| Fraction::try_from(value).unwrap();
        Split { validation: share(validation), test: share(test), seed: 7 }
    }

    #[test]
    fn every_part_has_both_classes_in_proportion() {
        let labels: Vec<u8> = (0..1_000).map(|i| u8::from(i % 10 == 0)).collect();
        let parts = split(0.15, 0.25).assign(&labels).unwrap();
        let count = |part, class| parts.iter().zip(&labels).filter(|both| *both == (&part, &class)).count();
        for (part, counts) in [(Part::Train, [540, 60]), (Part::Validation, [135, 15]), (Part::Test, [225, 25])] {
            assert_eq!([count(part, 0), count(part, 1)], counts, "{part:?}");
        }
        assert_ne!(parts, Split { seed: 8, ..split(0.15, 0.25) }.assign(&labels).unwrap());
    }

    #[test]
    fn a_share_that_leaves_nothing_is_to_be_smaller() {
        let labels = [[0; 3], [1; 3]].concat();
        let refused = split(0.6, 0.3).assign(&labels).unwrap_err().to_string();
        let expected = "split.validation = 0.6: of the 3 samples of class 0 none would be for training; give a smaller share, \
                        or 0 to do without";
        assert_eq!(refused, expected);
    }

    #[test]
    fn the_dealing_out_is_numpys() {
        // for c in 0, 1: order = numpy.arange(10); numpy.random.RandomState([7, c]).shuffle(order); print(sorted(order[:3]))
        let parts = split(0.0, 0.3).assign(&[0; 10]).unwrap_err();
        assert!(
            parts
                .to_string()
                .starts_with("split.test = 0.3: of the 0 samples of class 1 none"),
            "{parts}"
        );
        let labels = [[0; 10], [1; 10]].concat();
        let parts = split(0.0, 0.3).assign(&labels).unwrap();
        let test: Vec<usize> = (0..20).filter(|&i| parts[i] == Part::Test).collect();
        assert_eq!(test, [0, 1, 5, 15, 18, 19]);
    }

    #[test]
    fn parts_hold_the_rows_in_their_order() {
        let data = Dataset::planar(&[[0.0, 0.5], [1.0, 1.5], [2.0, 2.5], [3.0, 3.5]], vec![0, 1, 1, 0]);
        let parts = Parts::new(data, &[Part::Test, Part::Train, Part::Validation, Part::Train]);
        assert_eq!((parts.train.x(), parts.train.y()), (&[1.0, 1.5, 3.0, 3.5][..], &[1, 0][..]));
        assert_eq!(parts.validation.unwrap().x(), [2.0, 2.5]);
        assert_eq!((parts.test.as_ref().unwrap().x(), parts.test.as_ref().unwrap().y()), (&[0.0, 0.5][..], &[0][..]));
    }
}
