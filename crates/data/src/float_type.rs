//! The float type that a network computes in, and the values that do not fit it.
//!
//! ```text
//! input of the network = round((raw - mean) / deviation)      or round(raw), if inputs are not standardised
//! ```
//!
//! `round` goes to the nearest number of the float type. It makes infinity of a number that is too large, and 0 of one that
//! is too small. So values are checked here before a network sees them: one that becomes infinite is an error, ones that
//! become 0 are a finding.

use std::fmt;

use crate::scaling::{CONSTANT_DEVIATION, StandardScaler};
use crate::split::{Part, Parts};

/// A float type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FloatType {
    /// 32-bit floats.
    F32,
    /// 64-bit floats.
    F64,
}

impl FloatType {
    /// Rounds to the nearest number of this type. The result is infinite if the value is too large for it.
    pub fn round(self, value: f64) -> f64 {
        match self {
            Self::F32 => f64::from(value as f32),
            Self::F64 => value,
        }
    }

    /// The largest number and the smallest number above 0, for messages.
    pub fn limits(self) -> [&'static str; 2] {
        match self {
            Self::F32 => ["3.4028235e38", "1.4e-45"],
            Self::F64 => ["1.7976931348623157e308", "4.9e-324"],
        }
    }
}

impl fmt::Display for FloatType {
    /// The name in configurations.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
        })
    }
}

/// A value of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Value {
    pub part: Part,
    /// The index of the sample among those of its part.
    pub sample: usize,
    pub input: usize,
    /// Before scaling.
    pub raw: f64,
    /// After scaling, not rounded.
    pub scaled: f64,
}

/// The values of a data set that do not fit a float type.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Misfits {
    /// For each part, the first value that becomes infinite.
    pub too_large: Vec<Value>,
    /// For each input, how many values become 0 that were not 0, and the first of them.
    pub underflows: Vec<(usize, Option<Value>)>,
}

/// For each input, how many different numbers it has before and after scaling and rounding, if rounding makes many of them
/// equal: a quarter or more. A few are ordinary, where numbers are close by chance.
pub(crate) fn merged_numbers(
    parts: &Parts,
    scaling: Option<&StandardScaler>,
    float_type: FloatType,
) -> Vec<Option<[usize; 2]>> {
    let merged = |input: usize| {
        if float_type == FloatType::F64 || scaling.is_some_and(|scaling| scaling.deviation[input] == CONSTANT_DEVIATION)
        {
            return None;
        }
        let rows = parts.all().flat_map(|(_, data)| data.rows());
        let mut numbers: Vec<f64> = rows.map(|row| row[input]).collect();
        numbers.sort_unstable_by(f64::total_cmp);
        numbers.dedup();
        let different = numbers.len();
        // Scaling and rounding keep the order.
        let rounded = |number: f64| float_type.round(scaling.map_or(number, |scaling| scaling.scaled(input, number)));
        numbers.dedup_by_key(|number| rounded(*number));
        (4 * numbers.len() <= 3 * different).then_some([different, numbers.len()])
    };
    (0..parts.train.features()).map(merged).collect()
}

impl Misfits {
    /// Looks at all values. They are not scaled yet; `scaling` is what will be applied to them.
    pub fn find(parts: &Parts, scaling: Option<&StandardScaler>, float_type: FloatType) -> Self {
        let mut underflows = vec![(0, None); parts.train.features()];
        let mut too_large = Vec::new();
        for (part, data) in parts.all() {
            let mut first_too_large = None;
            for (sample, row) in data.rows().enumerate() {
                for (input, &raw) in row.iter().enumerate() {
                    let (scaled, is_zero) = match scaling {
                        None => (raw, raw == 0.0),
                        // The deviation of a constant input is there to make its values vanish.
                        Some(scaling) => (
                            scaling.scaled(input, raw),
                            raw == scaling.mean[input] || scaling.deviation[input] == CONSTANT_DEVIATION,
                        ),
                    };
                    let rounded = float_type.round(scaled);
                    let value = Value { part, sample, input, raw, scaled };
                    if !rounded.is_finite() {
                        first_too_large.get_or_insert(value);
                    } else if rounded == 0.0 && !is_zero {
                        let (count, first) = &mut underflows[input];
                        *count += 1;
                        first.get_or_insert(value);
                    }
                }
            }
            too_large.extend(first_too_large);
        }
        Self { too_large, underflows }
    }

    /// Whether no value becomes 0.
    pub fn has_no_underflow(&self) -> bool {
        self.underflows.iter().all(|(count, _)| *count == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dataset;

    fn parts(train: &[f64], validation: &[f64]) -> Parts {
        let data = |x: &[f64]| Dataset::new(vec!["a".into()], x.to_vec(), vec![0; x.len()]);
        Parts { train: data(train), validation: Some(data(validation)), test: None }
    }

    #[test]
    fn values_become_infinite_or_0_where_numpy_says_so() {
        // numpy.float32(3.4028235e38), numpy.float32(3.4028236e38), numpy.float32([1e-45, 7.1e-46, 7e-46]):
        // 3.4028235e+38, inf, [1e-45, 1e-45, 0]
        let found = Misfits::find(&parts(&[3.4028235e38, 3.4028236e38], &[-1e39]), None, FloatType::F32);
        let places: Vec<_> = found
            .too_large
            .iter()
            .map(|value| (value.part, value.sample, value.raw))
            .collect();
        assert_eq!(places, [(Part::Train, 1, 3.402_823_6e38), (Part::Validation, 0, -1e39)]);

        let found = Misfits::find(&parts(&[1e-45, 7.1e-46, 7e-46, 0.0], &[-1e-50]), None, FloatType::F32);
        let (count, first) = found.underflows[0];
        assert_eq!((found.too_large.len(), count, first.unwrap().sample), (0, 2, 2));
        assert_eq!(
            Misfits::find(&parts(&[1e308, 5e-324], &[]), None, FloatType::F64).underflows,
            [(0, None)],
            "f64 holds every number of a table"
        );
    }

    #[test]
    fn values_are_judged_after_scaling() {
        let parts = parts(&[1e300, 2e300, 3e300], &[1e300]);
        let scaling = StandardScaler::fit(parts.train.x(), 1);
        assert_eq!(
            Misfits::find(&parts, Some(&scaling), FloatType::F32),
            Misfits { too_large: vec![], underflows: vec![(0, None)] }
        );
        let narrow = StandardScaler { mean: vec![1e300], deviation: vec![1e250] };
        let found = Misfits::find(&parts, Some(&narrow), FloatType::F32);
        assert_eq!((found.too_large[0].raw, found.too_large[0].sample), (2e300, 1));
        // A constant input vanishes on purpose.
        let constant = StandardScaler { mean: vec![1e300], deviation: vec![CONSTANT_DEVIATION] };
        assert_eq!(Misfits::find(&self::parts(&[1e300], &[1.0]), Some(&constant), FloatType::F32).underflows[0].0, 0);
    }
}
