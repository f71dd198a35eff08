//! All weights and biases of the network as plain numbers on the host, and their initial values.

use serde::{Deserialize, Serialize};

use crate::data::checked_numbers::{Count, NonNegative};
use crate::data::numpy::RandomState;

/// The size of the network and its initial weights: the keys of `[model]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The number of hidden units, h.
    pub hidden: Count<1, 100_000>,
    /// The seed of NumPy's random stream for the initial weights.
    pub seed: u32,
    /// The factor of the initial weights, which are normal random numbers.
    pub init_scale: NonNegative,
}

/// All parameters in Burn's layout.
///
/// # Shapes
/// w1 is `[features, hidden]` row by row, b1 `[hidden]`, w2 `[hidden, 1]`, b2 `[1]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// d, the number of rows of w1.
    pub features: usize,
    /// h, the number of columns of w1 and of rows of w2.
    pub hidden: usize,
    /// Weights from features to hidden units.
    pub w1: Vec<f64>,
    /// Biases of the hidden units.
    pub b1: Vec<f64>,
    /// Weights from hidden units to the logit.
    pub w2: Vec<f64>,
    /// Bias of the logit.
    pub b2: Vec<f64>,
}

impl Default for Settings {
    /// The article's network: four hidden units, weights 0.01 x normal, seed 2.
    fn default() -> Self {
        Self {
            hidden: const { Count::literal(4) },
            seed: 2,
            init_scale: const { NonNegative::literal(0.01) },
        }
    }
}

impl Parameters {
    /// The parameters before training: weights are `init_scale` times normal random numbers, biases are zero.
    ///
    /// The numbers are drawn as the article's NumPy code draws them: first W1 of shape `[hidden, features]`, then W2 of
    /// shape `[1, hidden]`, each row by row. W1 is then transposed into Burn's layout.
    pub fn initial(features: usize, settings: &Settings) -> Self {
        let hidden = settings.hidden.get();
        let random = &mut RandomState::new(settings.seed);
        let mut scaled_normals = |count| -> Vec<f64> {
            let normals = random.normals(count);
            normals.into_iter().map(|normal| normal * settings.init_scale.get()).collect()
        };

        let w1 = transposed(&scaled_normals(hidden * features), features);
        let w2 = scaled_normals(hidden);
        Self { features, hidden, w1, b1: vec![0.0; hidden], w2, b2: vec![0.0] }
    }

    /// The inverse of [`Parameters::flattened`].
    ///
    /// # Panics
    /// When the list is not as long as the sizes require: a mistake in the calling code.
    pub fn from_flattened(features: usize, hidden: usize, flattened: &[f64]) -> Self {
        let (w1, rest) = flattened.split_at(features * hidden);
        let (b1, rest) = rest.split_at(hidden);
        let (w2, b2) = rest.split_at(hidden);
        assert_eq!(b2.len(), 1, "a network of {features} features and {hidden} hidden units has fewer parameters");
        Self { features, hidden, w1: w1.into(), b1: b1.into(), w2: w2.into(), b2: b2.into() }
    }

    /// All numbers in one list: w1, b1, w2, b2.
    pub fn flattened(&self) -> Vec<f64> {
        [&self.w1[..], &self.b1, &self.w2, &self.b2].concat()
    }

    /// The number of trainable parameters.
    pub fn count(&self) -> usize {
        self.w1.len() + self.b1.len() + self.w2.len() + self.b2.len()
    }

    /// Whether no parameter is NaN or infinite.
    pub fn are_finite(&self) -> bool {
        [&self.w1, &self.b1, &self.w2, &self.b2]
            .into_iter()
            .flatten()
            .all(|value| value.is_finite())
    }

    /// The L2 penalty: `weight_decay / 2` times the sum of squared weights. Biases do not count.
    pub fn penalty(&self, weight_decay: f64) -> f64 {
        if weight_decay == 0.0 {
            return 0.0; // 0 times an infinite sum of squares would be NaN
        }
        let weights = self.w1.iter().chain(&self.w2);
        weight_decay / 2.0 * weights.map(|weight| weight * weight).sum::<f64>()
    }
}

/// The transpose of a matrix with `columns` columns, both row by row.
pub(crate) fn transposed(matrix: &[f64], columns: usize) -> Vec<f64> {
    (0..columns)
        .flat_map(|column| matrix.iter().skip(column).step_by(columns).copied())
        .collect()
}
