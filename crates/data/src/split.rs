//! Splits the samples into training, validation and test samples.
//!
//! The split is stratified: the samples of each class are shuffled and divided separately. So each part has the classes in the
//! proportion of the whole data, to within one sample.
//!
//! ```text
//! order of class c   numpy.random.RandomState([seed, c]).permutation(m_c)
//! test               the first round(test * m_c) of the order
//! validation         the next round(validation * m_c)
//! training           the rest
//! ```
//!
//! Within each part the samples keep the order of the data.
//!
//! Not covered: groups of samples that belong together, and time series. Such samples may end up in different parts.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::checked_numbers::Fraction;
use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::numpy::RandomState;
use crate::settings::DataKind;

/// The settings of the split, as in the configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The fraction of samples for validation. Absent means 0.2 for a table and 0 for generated data.
    pub validation: Option<Fraction>,
    /// The fraction of samples for the test, which nothing uses before the end. Absent means the same as for `validation`.
    pub test: Option<Fraction>,
    /// The seed of the shuffle.
    pub seed: u32,
}

/// The fractions, with defaults filled in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split {
    /// The fraction of samples for validation.
    pub validation: Fraction,
    /// The fraction of samples for the test.
    pub test: Fraction,
    seed: u32,
}

/// The part of the data that a sample belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The network learns from it.
    Train,
    /// It decides when training stops, and thresholds are chosen on it.
    Validation,
    /// It measures how good the network is.
    Test,
}

impl fmt::Display for Part {
    /// The word that files use.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// The data, split into its parts.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The samples that the network learns from.
    pub train: Dataset,
    /// The samples that decide when training stops, if there are any.
    pub validation: Option<Dataset>,
    /// The samples that measure how good the network is, if there are any.
    pub test: Option<Dataset>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { validation: None, test: None, seed: 1 }
    }
}

impl Settings {
    /// The split with defaults for this kind of data.
    pub fn with_defaults(&self, kind: DataKind) -> Split {
        let default = match kind {
            DataKind::Csv | DataKind::Parquet => const { Fraction::literal(0.2) },
            DataKind::Generated(_) => const { Fraction::literal(0.0) },
        };
        let [validation, test] = [self.validation, self.test].map(|fraction| fraction.unwrap_or(default));
        Split { validation, test, seed: self.seed }
    }
}

impl From<Split> for Settings {
    fn from(Split { validation, test, seed }: Split) -> Self {
        Self { validation: Some(validation), test: Some(test), seed }
    }
}

impl Split {
    /// Checks that the fractions leave samples for training.
    ///
    /// # Errors
    /// The configuration key of the larger fraction, and a message.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        let fractions = [("split.validation", self.validation.get()), ("split.test", self.test.get())];
        let [(_, validation), (_, test)] = fractions;
        if validation + test < 1.0 {
            return Ok(());
        }
        let [(key, larger), (other_key, smaller)] =
            if validation > test { fractions } else { [fractions[1], fractions[0]] };
        Err((key, format!("{key} = {larger}: with {other_key} = {smaller} must leave something for training")))
    }

    /// The part of each sample.
    ///
    /// # Errors
    /// When a part with a fraction above 0, or the training part, would have no sample of a class.
    pub fn assign(&self, labels: &[u8]) -> Result<Vec<Part>> {
        let mut parts = vec![Part::Train; labels.len()];
        for class in [0, 1] {
            let mut order: Vec<usize> = (0..labels.len()).filter(|&i| labels[i] == class).collect();
            RandomState::with_key(&[self.seed, class.into()]).shuffle(&mut order);

            let fractions = [(Part::Test, "test", self.test), (Part::Validation, "validation", self.validation)];
            let mut remaining = &order[..];
            for (part, key, fraction) in fractions.into_iter().filter(|(.., fraction)| fraction.get() > 0.0) {
                let count = (fraction.get() * order.len() as f64).round() as usize;
                let (selected, rest) = remaining.split_at(count.min(remaining.len()));
                if selected.is_empty() || rest.is_empty() {
                    let samples = order.len();
                    let (empty_part, change) =
                        if selected.is_empty() { (key, "larger") } else { ("training", "smaller") };
                    return Err(Error::Setting(format!(
                        "split.{key} = {fraction}: of the {samples} samples of class {class} none would be for \
                         {empty_part}; give a {change} share, or 0 to do without"
                    )));
                }
                selected.iter().for_each(|&i| parts[i] = part);
                remaining = rest;
            }
        }
        Ok(parts)
    }
}

impl Parts {
    /// The parts that have samples.
    pub fn all(&self) -> impl Iterator<Item = (Part, &Dataset)> {
        let held_out = [(Part::Validation, &self.validation), (Part::Test, &self.test)];
        let held_out = held_out.into_iter().filter_map(|(part, data)| Some((part, data.as_ref()?)));
        std::iter::once((Part::Train, &self.train)).chain(held_out)
    }

    /// The samples of the parts that have some, to be changed.
    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut Dataset> {
        let Self { train, validation, test } = self;
        [Some(train), validation.as_mut(), test.as_mut()].into_iter().flatten()
    }

    /// Splits the data. The training samples stay in the memory of `data`, the others are copied.
    ///
    /// # Panics
    /// When there are not as many parts as samples: a mistake in the calling code.
    pub fn new(data: Dataset, parts: &[Part]) -> Self {
        let select = |part| {
            let indices: Vec<usize> = (0..parts.len()).filter(|&i| parts[i] == part).collect();
            (!indices.is_empty()).then(|| data.select(&indices))
        };
        let (validation, test) = (select(Part::Validation), select(Part::Test));
        Self { train: data.retain(|i| parts[i] == Part::Train), validation, test }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(validation: f64, test: f64) -> Split {
        let fraction = |value| Fraction::try_from(value).unwrap();
        Split { validation: fraction(validation), test: fraction(test), seed: 7 }
    }

    #[test]
    fn every_part_has_both_classes_in_the_proportion_of_the_data() {
        let labels: Vec<u8> = (0..1_000).map(|i| u8::from(i % 10 == 0)).collect();
        let parts = split(0.15, 0.25).assign(&labels).unwrap();
        let count = |part, class| parts.iter().zip(&labels).filter(|both| *both == (&part, &class)).count();
        for (part, counts) in [(Part::Train, [540, 60]), (Part::Validation, [135, 15]), (Part::Test, [225, 25])] {
            assert_eq!([count(part, 0), count(part, 1)], counts, "{part:?}");
        }
        assert_ne!(parts, Split { seed: 8, ..split(0.15, 0.25) }.assign(&labels).unwrap());
    }

    #[test]
    fn a_fraction_that_leaves_no_training_samples_is_refused() {
        let labels = [[0; 3], [1; 3]].concat();
        let refused = split(0.6, 0.3).assign(&labels).unwrap_err().to_string();
        let expected = "split.validation = 0.6: of the 3 samples of class 0 none would be for training; give a smaller share, \
                        or 0 to do without";
        assert_eq!(refused, expected);
    }

    #[test]
    fn the_shuffle_is_that_of_numpy() {
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
    fn parts_keep_the_order_of_the_rows() {
        let data = Dataset::planar(&[[0.0, 0.5], [1.0, 1.5], [2.0, 2.5], [3.0, 3.5]], vec![0, 1, 1, 0]);
        let parts = Parts::new(data, &[Part::Test, Part::Train, Part::Validation, Part::Train]);
        assert_eq!((parts.train.x(), parts.train.y()), (&[1.0, 1.5, 3.0, 3.5][..], &[1, 0][..]));
        assert_eq!(parts.validation.unwrap().x(), [2.0, 2.5]);
        assert_eq!((parts.test.as_ref().unwrap().x(), parts.test.as_ref().unwrap().y()), (&[0.0, 0.5][..], &[0][..]));
    }
}
