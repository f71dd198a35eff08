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
use crate::text::{grouped, plural};

/// The settings of the split, as in the configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The fraction of samples for validation. Absent means 0.2 for a table and 0 for generated data.
    pub validation: Option<Fraction>,
    /// The fraction of samples for the test, which nothing uses before the end. The default is the same as that of
    /// `validation`.
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
    is_default: IsDefault,
    seed: u32,
}

/// Which fractions the configuration left out. A message says so, because their keys are in no file.
#[derive(Clone, Copy, Debug, PartialEq)]
struct IsDefault {
    validation: bool,
    test: bool,
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
        let is_default = IsDefault { validation: self.validation.is_none(), test: self.test.is_none() };
        Split { validation, test, is_default, seed: self.seed }
    }
}

impl From<Split> for Settings {
    fn from(Split { validation, test, seed, .. }: Split) -> Self {
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
        let ones = labels.iter().filter(|&&label| label == 1).count();
        self.check_counts([labels.len() - ones, ones])?;

        let mut parts = vec![Part::Train; labels.len()];
        for class in [0, 1] {
            let mut order: Vec<usize> = (0..labels.len()).filter(|&i| labels[i] == class).collect();
            RandomState::with_key(&[self.seed, class.into()]).shuffle(&mut order);

            let [test, validation, _] = self.counts(order.len());
            order[..test].iter().for_each(|&i| parts[i] = Part::Test);
            order[test..test + validation].iter().for_each(|&i| parts[i] = Part::Validation);
        }
        Ok(parts)
    }

    /// How many samples of a class are for the test, for validation and for training.
    fn counts(&self, samples: usize) -> [usize; 3] {
        let share = |fraction: Fraction| (fraction.get() * samples as f64).round() as usize;
        let test = share(self.test).min(samples);
        let validation = share(self.validation).min(samples - test);
        [test, validation, samples - test - validation]
    }

    /// Whether each part that is asked for would have a sample of a class with so many samples.
    fn fits(&self, samples: usize) -> bool {
        let is_asked_for = [self.test.get() > 0.0, self.validation.get() > 0.0, true];
        self.counts(samples)
            .iter()
            .zip(is_asked_for)
            .all(|(&count, asked)| count > 0 || !asked)
    }

    /// Checks that each part would have a sample of each class. The message says everything that is needed at once.
    fn check_counts(&self, class_counts: [usize; 2]) -> Result<()> {
        let [has_test, has_validation] = [self.test.get() > 0.0, self.validation.get() > 0.0];
        let parts = 1 + usize::from(has_test) + usize::from(has_validation);
        let rarest = class_counts[0].min(class_counts[1]);
        let Some(class) = [0, 1]
            .into_iter()
            .find(|&class| class_counts[class] == rarest && !self.fits(rarest))
            .or_else(|| [0, 1].into_iter().find(|&class| !self.fits(class_counts[class])))
        else {
            return Ok(());
        };
        if parts == 1 {
            return Ok(()); // nothing is split, so a class may be absent
        }

        let samples = class_counts[class];
        let of_class = format!("{} {} of class {class}", grouped(samples), plural(samples, "sample"));
        let [test_key, validation_key] = [
            ("test", self.test, self.is_default.test),
            ("validation", self.validation, self.is_default.validation),
        ]
        .map(|(key, fraction, is_default)| {
            format!("split.{key} = {fraction}{}", if is_default { " (default)" } else { "" })
        });
        let keys = match (has_validation, has_test) {
            (true, true) => format!("{validation_key} and {test_key}"),
            (true, false) => validation_key,
            (false, _) => test_key,
        };

        let message = if samples < parts {
            let names = if parts == 3 {
                "training, validation and test"
            } else if has_test {
                "training and test"
            } else {
                "training and validation"
            };
            let zeros = match (parts, samples) {
                // Rounded, half of two or more samples is neither none nor all of them.
                (3, 2) => "set one of them to 0 and the other to 0.5,",
                (3, _) => "set both to 0",
                _ => "set it to 0",
            };
            format!(
                "{keys}: {names} each need at least one sample of each class, and there {} only {of_class}; {zeros} or add samples",
                if samples == 1 { "is" } else { "are" }
            )
        } else {
            let [test, validation, train] = self.counts(samples);
            let mut shares = vec![format!("{train} for training")];
            if has_validation {
                shares.push(format!("{validation} for validation"));
            }
            if has_test {
                shares.push(format!("{test} for test"));
            }
            let example = self.nearest_that_fits(class_counts).map_or_else(String::new, |split| {
                let mut settings = Vec::new();
                if has_validation {
                    settings.push(format!("split.validation = {}", split.validation));
                }
                if has_test {
                    settings.push(format!("split.test = {}", split.test));
                }
                format!("; accepted, for example: {}", settings.join(" and "))
            });
            format!(
                "{keys}: of the {of_class} there would be {}; each part needs at least one{example}",
                shares.join(", ")
            )
        };
        Err(Error::Setting(message))
    }

    /// A split whose parts all have samples of both classes: only a fraction that is too small changes, or else both.
    fn nearest_that_fits(&self, class_counts: [usize; 2]) -> Option<Self> {
        let rarest = class_counts[0].min(class_counts[1]);
        // Two significant digits of 1 / rarest: that times `rarest` rounds to 1.
        let one_sample = Fraction::try_from(format!("{:.1e}", 1.0 / rarest as f64).parse::<f64>().ok()?).ok()?;
        let raised = |fraction: Fraction| {
            if fraction.get() > 0.0 && fraction < one_sample {
                one_sample
            } else {
                fraction
            }
        };
        let lowered = |fraction: Fraction| if fraction.get() > 0.0 { one_sample } else { fraction };
        let candidates = [
            Self { test: raised(self.test), validation: raised(self.validation), ..*self },
            Self { test: lowered(self.test), ..*self },
            Self { validation: lowered(self.validation), ..*self },
            Self { test: lowered(self.test), validation: lowered(self.validation), ..*self },
        ];
        candidates
            .into_iter()
            .find(|split| split.check().is_ok() && class_counts.iter().all(|&count| split.fits(count)))
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
        let is_default = IsDefault { validation: false, test: false };
        Split { validation: fraction(validation), test: fraction(test), is_default, seed: 7 }
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
    fn a_class_with_fewer_samples_than_parts_is_refused_at_once() {
        let refused = |validation, test, zeros, ones| {
            let labels = [vec![0; zeros], vec![1; ones]].concat();
            split(validation, test).assign(&labels).unwrap_err().to_string()
        };
        assert_eq!(
            refused(0.2, 0.2, 50, 2),
            "split.validation = 0.2 and split.test = 0.2: training, validation and test each need at least one sample of each \
             class, and there are only 2 samples of class 1; set one of them to 0 and the other to 0.5, or add samples"
        );
        for halves in [split(0.0, 0.5), split(0.5, 0.0)] {
            for zeros in 2..60 {
                assert!(halves.assign(&[vec![0; zeros], vec![1; 2]].concat()).is_ok(), "{zeros}");
            }
        }
        assert_eq!(
            refused(0.2, 0.2, 1, 50),
            "split.validation = 0.2 and split.test = 0.2: training, validation and test each need at least one sample of each \
             class, and there is only 1 sample of class 0; set both to 0 or add samples"
        );
        assert_eq!(
            refused(0.0, 0.5, 50, 1),
            "split.test = 0.5: training and test each need at least one sample of each class, and there is only 1 sample of \
             class 1; set it to 0 or add samples"
        );
        let absent = Settings::default()
            .with_defaults(DataKind::Csv)
            .assign(&[0; 9])
            .unwrap_err()
            .to_string();
        assert!(absent.starts_with("split.validation = 0.2 (default) and split.test = 0.2 (default): "), "{absent}");
        assert!(absent.contains("there are only 0 samples of class 1; set both to 0"), "{absent}");
    }

    #[test]
    fn the_fractions_that_a_message_proposes_are_accepted() {
        let labels = |zeros, ones| [vec![0; zeros], vec![1; ones]].concat();
        let refused = split(0.6, 0.3).assign(&labels(3, 3)).unwrap_err().to_string();
        let expected = "split.validation = 0.6 and split.test = 0.3: of the 3 samples of class 0 there would be 0 for training, \
                        2 for validation, 1 for test; each part needs at least one; accepted, for example: \
                        split.validation = 0.33 and split.test = 0.3";
        assert_eq!(refused, expected);

        let mut proposals = 0;
        let fractions = [0.0, 0.001, 0.1, 0.2, 0.45, 0.6, 0.9];
        for (validation, test) in fractions.iter().flat_map(|v| fractions.iter().map(move |t| (*v, *t))) {
            let split = split(validation, test);
            if split.check().is_err() {
                continue;
            }
            for (zeros, ones) in
                (1..40).flat_map(|zeros| [(zeros, 1), (zeros, 2), (zeros, 3), (zeros, 7), (zeros, 300)])
            {
                let parts = 1 + usize::from(validation > 0.0) + usize::from(test > 0.0);
                match split.assign(&labels(zeros, ones)) {
                    Ok(_) => assert!(zeros.min(ones) >= parts),
                    Err(_) if zeros.min(ones) < parts => {}
                    Err(error) => {
                        let nearest = split.nearest_that_fits([zeros, ones]);
                        assert!(nearest.unwrap().assign(&labels(zeros, ones)).is_ok(), "{error}");
                        proposals += 1;
                    }
                }
            }
        }
        assert!(proposals > 100, "{proposals}");
    }

    #[test]
    fn the_shuffle_is_that_of_numpy() {
        // for c in 0, 1: order = numpy.arange(10); numpy.random.RandomState([7, c]).shuffle(order); print(sorted(order[:3]))
        let labels = [[0; 10], [1; 10]].concat();
        let parts = split(0.0, 0.3).assign(&labels).unwrap();
        let test: Vec<usize> = (0..20).filter(|&i| parts[i] == Part::Test).collect();
        assert_eq!(test, [0, 1, 5, 15, 18, 19]);
    }

    #[test]
    fn parts_keep_the_order_of_the_rows() {
        let data = Dataset::from_points_2d(&[[0.0, 0.5], [1.0, 1.5], [2.0, 2.5], [3.0, 3.5]], vec![0, 1, 1, 0]);
        let parts = Parts::new(data, &[Part::Test, Part::Train, Part::Validation, Part::Train]);
        assert_eq!((parts.train.x(), parts.train.y()), (&[1.0, 1.5, 3.0, 3.5][..], &[1, 0][..]));
        assert_eq!(parts.validation.unwrap().x(), [2.0, 2.5]);
        assert_eq!((parts.test.as_ref().unwrap().x(), parts.test.as_ref().unwrap().y()), (&[0.0, 0.5][..], &[0][..]));
    }
}
