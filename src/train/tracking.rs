//! What may be watched beside cost and accuracy, and measured at each record.
//!
//! Leaves out: formulas. Those are in [`crate::network::curvature`].

use std::fmt;

use serde::{Deserialize, Serialize};

/// A number that follows from the parameters after an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Track {
    /// The largest eigenvalue of the objective's Hessian over all training samples. Costs as much as some dozens of updates.
    Sharpness,
    /// The length of the objective's gradient over all training samples.
    GradientNorm,
    /// How far the next update goes, relative to the weights: the length of the one over that of the others.
    UpdateRatio,
    /// The share of activations above 0.99 or below -0.99, whose derivative is nearly 0.
    Saturation,
}

impl fmt::Display for Track {
    /// The name used in configurations and tables.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
