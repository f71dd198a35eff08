//! All weights and biases of the network as plain numbers on the host, and their initial values.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Activation;
use crate::data::checked_numbers::{Count, NonNegative};
use crate::data::numpy::RandomState;

/// The factor of the initial weights without `init_scale`: the article's.
const DEFAULT_SCALE: NonNegative = NonNegative::literal(0.01);

/// The network and its initial weights: the keys of `[model]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The number of hidden units, h.
    pub hidden: Count<1, 100_000>,
    /// The activation function of the hidden units.
    pub activation: Activation,
    /// The rule for the size of the initial weights.
    pub init: Init,
    /// The seed of NumPy's random stream for the initial weights.
    pub seed: u32,
    /// The factor of the initial weights for [`Init::Scaled`]. Absent: the article's 0.01.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init_scale: Option<NonNegative>,
}

/// How large the initial weights are: the standard deviation of their normal distribution. n is the number of inputs of a layer
/// and k the number of its outputs; for w1 these are d and h, for w2 they are h and 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Init {
    /// `init_scale`, the same for both layers, as in the article.
    #[default]
    Scaled,
    /// `sqrt(2 / (n + k))` (Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks",
    /// 2010, equation 12).
    Xavier,
    /// `sqrt(2 / n)` (He, Zhang, Ren and Sun, "Delving deep into rectifiers", 2015, equation 10).
    He,
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
    /// The activation function of the hidden units. The same numbers with another one are another network.
    pub activation: Activation,
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
    /// The article's network: four hidden tanh units, weights 0.01 x normal, seed 2.
    fn default() -> Self {
        Self {
            hidden: const { Count::literal(4) },
            activation: Activation::Tanh,
            init: Init::Scaled,
            seed: 2,
            init_scale: None,
        }
    }
}

impl Settings {
    /// Checks that the settings can be combined.
    ///
    /// # Errors
    /// The key at fault and the message, when `init_scale` is given and `init` does not use it.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        match (self.init, self.init_scale) {
            (Init::Xavier | Init::He, Some(scale)) => {
                let message = format!(
                    "model.init_scale = {scale}: has no effect with model.init = \"{}\", which chooses the size of the weights \
                     itself; remove one of them, or set model.init = \"scaled\"",
                    self.init
                );
                Err(("model.init_scale", message))
            }
            _ => Ok(()),
        }
    }

    /// The same settings with every default that is used.
    #[must_use]
    pub fn with_defaults(&self) -> Self {
        let init_scale = match self.init {
            Init::Scaled => Some(self.init_scale()),
            Init::Xavier | Init::He => None,
        };
        Self { init_scale, ..self.clone() }
    }

    /// The factor of the initial weights for [`Init::Scaled`].
    pub fn init_scale(&self) -> NonNegative {
        self.init_scale.unwrap_or(DEFAULT_SCALE)
    }

    /// The standard deviation of the initial weights of a layer.
    pub fn deviation(&self, inputs: usize, outputs: usize) -> f64 {
        match self.init {
            Init::Scaled => self.init_scale().get(),
            Init::Xavier => (2.0 / (inputs + outputs) as f64).sqrt(),
            Init::He => (2.0 / inputs as f64).sqrt(),
        }
    }
}

impl fmt::Display for Init {
    /// The name used in configurations.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl Parameters {
    /// The parameters before training: weights are normal random numbers times the deviation of their layer
    /// ([`Settings::deviation`]), biases are zero.
    ///
    /// The numbers are drawn as the article's NumPy code draws them: first W1 of shape `[hidden, features]`, then W2 of
    /// shape `[1, hidden]`, each row by row. W1 is then transposed into Burn's layout.
    pub fn initial(features: usize, settings: &Settings) -> Self {
        let hidden = settings.hidden.get();
        let random = &mut RandomState::new(settings.seed);
        let mut weights = |inputs: usize, outputs: usize| -> Vec<f64> {
            let deviation = settings.deviation(inputs, outputs);
            let normals = random.normals(inputs * outputs);
            normals.into_iter().map(|normal| normal * deviation).collect()
        };

        let w1 = transposed(&weights(features, hidden), features);
        let w2 = weights(hidden, 1);
        let activation = settings.activation;
        Self { features, hidden, activation, w1, b1: vec![0.0; hidden], w2, b2: vec![0.0] }
    }

    /// The inverse of [`Parameters::flattened`].
    ///
    /// # Panics
    /// When the list is not as long as the sizes require: a mistake in the calling code.
    pub fn from_flattened(features: usize, hidden: usize, activation: Activation, flattened: &[f64]) -> Self {
        let (w1, rest) = flattened.split_at(features * hidden);
        let (b1, rest) = rest.split_at(hidden);
        let (w2, b2) = rest.split_at(hidden);
        assert_eq!(b2.len(), 1, "a network of {features} features and {hidden} hidden units has fewer parameters");
        Self { features, hidden, activation, w1: w1.into(), b1: b1.into(), w2: w2.into(), b2: b2.into() }
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
