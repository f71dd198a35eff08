//! Extra metrics that each record can contain, besides cost and accuracy. [`crate::network::curvature`] has the formulas.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A metric computed from the parameters after an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackedMetric {
    /// The largest eigenvalue of the objective's Hessian over all training samples. For the article's network, it takes
    /// as long as about 20 updates of the fused engine.
    Sharpness,
    /// The Euclidean norm of the objective's gradient over all training samples.
    GradientNorm,
    /// The size of the next update relative to the weights, as norms over w1 and w2: `|update| / |weights|`.
    UpdateRatio,
    /// The fraction of activations where the derivative of the activation function is nearly 0: above 0.99 or below -0.99 for
    /// tanh ([`Activation::is_saturated`](crate::network::Activation::is_saturated)).
    Saturation,
}

impl fmt::Display for TrackedMetric {
    /// The name used in configurations and tables.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
