//! The keys of `[train]`, and which values may be combined. The training loop and the learners use them.

use serde::{Deserialize, Serialize};

use super::{Schedule, TrackedMetric};
use crate::data::checked_numbers::{Count, Fraction, NonNegative, Positive};
use crate::data::text::short;
use crate::device::Precision;
use crate::error::{Error, Result};
use crate::network::gradients::Engine;

/// The largest accepted `cost_limit`.
const MAX_COST_LIMIT: f64 = 1e100;

/// How to train.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The implementation that computes the gradient.
    pub engine: Engine,
    /// The step size.
    pub learning_rate: Positive,
    /// The factor of the L2 penalty on the weights. Biases have no penalty.
    pub weight_decay: NonNegative,
    /// Momentum (Polyak), as in PyTorch: v := gradient + momentum * v, and the step is the learning rate times v.
    pub momentum: Fraction,
    /// How the learning rate changes during training.
    pub schedule: Schedule,
    /// The learning rate at the end of the schedule. Absent: 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub final_learning_rate: Option<NonNegative>,
    /// The number of samples in a batch. Each epoch draws a new order of the samples. Absent: all samples.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_size: Option<Count<1, 100_000_000>>,
    /// The random seed of the order of the samples.
    pub seed: u32,
    /// The number of updates.
    pub updates: Count<0, 1_000_000_000>,
    /// The number of epochs. If present, it replaces `updates`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epochs: Option<Count<0, 1_000_000_000>>,
    /// Cost and accuracy are recorded every `record_every` updates, and at the end.
    pub record_every: Count<1, 1_000_000_000>,
    /// Extra metrics to record, besides cost and accuracy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub track: Vec<TrackedMetric>,
    /// A checkpoint is written every `checkpoint_every` updates. Absent: one checkpoint at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint_every: Option<Count<1, 1_000_000_000>>,
    /// Training stops when the cost exceeds this limit after any update. For comparison: a network that predicts 1/2
    /// for every sample has a cost of 0.69. The article's cost becomes infinite as soon as one sample has a cost above
    /// 37. Ours stays finite, so this limit detects divergence.
    pub cost_limit: Positive,
    /// Early stopping: training stops after this many records in a row that did not reach a new lowest validation cost.
    /// The parameters with the lowest validation cost are kept. Absent: no early stopping, and the last parameters are
    /// kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<Count<1, 1_000_000_000>>,
}

impl Default for Settings {
    /// The article's settings: learning rate 1.2, 10,000 updates.
    fn default() -> Self {
        Self {
            engine: Engine::Autodiff,
            learning_rate: const { Positive::literal(1.2) },
            weight_decay: const { NonNegative::literal(0.0) },
            momentum: const { Fraction::literal(0.0) },
            schedule: Schedule::Constant,
            final_learning_rate: None,
            batch_size: None,
            seed: 3,
            updates: const { Count::literal(10_000) },
            epochs: None,
            record_every: const { Count::literal(100) },
            track: Vec::new(),
            checkpoint_every: None,
            cost_limit: const { Positive::literal(1_000.0) },
            patience: None,
        }
    }
}

impl Settings {
    /// Checks that the settings can be combined.
    ///
    /// # Errors
    /// The key at fault and the message, in these cases:
    /// - `cost_limit` is so large that a plot could not show the costs.
    /// - `track` names a metric twice.
    /// - The final learning rate does not fit the schedule, or is above the initial one.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        let limit = self.cost_limit.get();
        if limit > MAX_COST_LIMIT {
            let message = format!("train.cost_limit = {}: must be at most {}", short(limit), short(MAX_COST_LIMIT));
            return Err(("train.cost_limit", message));
        }

        let refuse = |key, message: String| Err((key, message));
        let (schedule, first) = (self.schedule, self.learning_rate.get());
        if let Some(repeated) = (1..self.track.len()).find(|&i| self.track[..i].contains(&self.track[i])) {
            return refuse("train.track", format!("train.track: {} is named twice", self.track[repeated]));
        }

        match self.final_learning_rate.map(NonNegative::get) {
            Some(last) if schedule == Schedule::Constant => refuse(
                "train.final_learning_rate",
                format!("train.final_learning_rate = {last}: needs train.schedule = linear, cosine or exponential"),
            ),
            Some(last) if last > first => refuse(
                "train.final_learning_rate",
                format!("train.final_learning_rate = {last}: must be at most train.learning_rate = {first}"),
            ),
            None | Some(0.0) if schedule == Schedule::Exponential => refuse(
                "train.schedule",
                "train.schedule = \"exponential\": needs train.final_learning_rate above 0, where it ends".into(),
            ),
            _ => Ok(()),
        }
    }

    /// The momentum in the float type of the tensors, which must be below 1 there too.
    ///
    /// # Errors
    /// The key and the message, when it is rounded to 1.
    pub fn momentum_in(&self, precision: Precision) -> Result<Fraction, (&'static str, String)> {
        Fraction::try_from(precision.round(self.momentum.get())).map_err(|_| {
            let message = format!(
                "train.momentum = {}: with dtype = \"{precision}\" it is rounded to 1, and it must be < 1; accepted: at most \
                 0.9999999, or dtype = \"f64\"",
                self.momentum
            );
            ("train.momentum", message)
        })
    }

    /// The same settings, but training ends after exactly `updates` updates: no epochs and no early stopping.
    #[must_use]
    pub fn with_exact_updates(self) -> Self {
        Self { epochs: None, patience: None, ..self }
    }

    /// Whether training is plain gradient descent: full batches, no momentum and a constant learning rate.
    pub fn is_plain_gradient_descent(&self) -> bool {
        self.batch_size.is_none() && self.momentum.get() == 0.0 && self.schedule == Schedule::Constant
    }

    /// The same settings with `epochs`, if present, converted to `updates`.
    ///
    /// # Errors
    /// When there would be more updates than accepted.
    pub fn with_epochs_as_updates(&self, samples: usize) -> Result<Self> {
        let Some(epochs) = self.epochs else {
            return Ok(self.clone());
        };
        let per_epoch = self.batch_size.map_or(1, |size| samples.div_ceil(size.get()));
        let updates = (epochs.get() as u64).saturating_mul(per_epoch as u64);
        let updates = i64::try_from(updates).ok().and_then(|updates| Count::try_from(updates).ok());
        let updates = updates.ok_or_else(|| {
            Error::Setting(format!(
                "train.epochs = {epochs}: with {per_epoch} updates per epoch, these are more than 1,000,000,000 updates"
            ))
        })?;
        Ok(Self { updates, epochs: None, ..self.clone() })
    }
}
