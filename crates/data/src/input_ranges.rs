//! The range of each input of a network over the training rows, before scaling.

use serde::{Deserialize, Serialize};

/// The smallest and the largest value of each input, as scikit-learn's `data_min_` and `data_max_`.
///
/// # Shapes
/// Both lists are `[d]`, in the order of [`Schema::inputs`](crate::schema::Schema::inputs).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputRanges {
    /// The smallest values.
    pub min: Vec<f64>,
    /// The largest values.
    pub max: Vec<f64>,
}

impl InputRanges {
    /// The ranges of no rows. They contain no number.
    pub fn empty(features: usize) -> Self {
        Self { min: vec![f64::INFINITY; features], max: vec![f64::NEG_INFINITY; features] }
    }

    /// Widens the ranges so that they contain further rows.
    ///
    /// # Shapes
    /// `x` is `[m, d]` row by row.
    #[must_use]
    pub fn with_rows(mut self, x: &[f64]) -> Self {
        for row in x.chunks_exact(self.min.len()) {
            for ((value, min), max) in row.iter().zip(&mut self.min).zip(&mut self.max) {
                *min = min.min(*value);
                *max = max.max(*value);
            }
        }
        self
    }

    /// Whether there are `features` ranges of finite numbers, each with a smallest value that is not above its largest.
    pub fn are_valid(&self, features: usize) -> bool {
        let Self { min, max } = self;
        let finite = |list: &[f64]| list.len() == features && list.iter().all(|value| value.is_finite());
        finite(min) && finite(max) && min.iter().zip(max).all(|(min, max)| min <= max)
    }
}
