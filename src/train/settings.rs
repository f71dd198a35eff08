//! How to train: the keys of `[train]`, and which of them go together.
//!
//! Leaves out: what they do. That is in the loop and in the learners.

use serde::{Deserialize, Serialize};

use super::{Schedule, Track};
use crate::data::checked::{Count, Fraction, NonNegative, Positive};
use crate::data::text::short;
use crate::error::{Error, Result};
use crate::network::gradients::Engine;

/// The largest `cost_limit`.
const MAX_COST: f64 = 1e100;

/// How to train.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What computes the gradient.
    pub engine: Engine,
    /// The step size.
    pub learning_rate: Positive,
    /// The L2 penalty's factor; it holds for weights, not for biases.
    pub weight_decay: NonNegative,
    /// The part of each parameter's last step that is added to its next (Polyak's momentum).
    pub momentum: Fraction,
    /// The course of the learning rate.
    pub schedule: Schedule,
    /// Where the schedule ends; absent means 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub final_learning_rate: Option<NonNegative>,
    /// How many samples an update takes, in an order that is drawn for each epoch; absent means all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_size: Option<Count<1, 100_000_000>>,
    /// The seed of that order.
    pub seed: u32,
    /// How many updates.
    pub updates: Count<0, 1_000_000_000>,
    /// How often to go through all samples, in place of `updates`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epochs: Option<Count<0, 1_000_000_000>>,
    /// A record of cost and accuracy every this many updates, and at the end.
    pub record_every: Count<1, 1_000_000_000>,
    /// What is recorded beside cost and accuracy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub track: Vec<Track>,
    /// A checkpoint every this many updates; absent means one at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint_every: Option<Count<1, 1_000_000_000>>,
    /// Training stops when the cost exceeds this, be it after any update. A network that answers 1/2 to everything costs 0.69; the
    /// article's cost is infinite as soon as one sample costs more than 37, ours stays finite and needs a limit.
    pub cost_limit: Positive,
    /// Training stops after this many records in a row that did not lower the cost on the validation samples, and the
    /// parameters that cost least there are kept; absent means that the last ones are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<Count<1, 1_000_000_000>>,
}

impl Default for Settings {
    /// The article's: learning rate 1.2, 10,000 updates.
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
    /// Whether the settings go together; if not, the key that is at fault and why.
    ///
    /// # Errors
    /// When `cost_limit` admits costs that no picture can show, or the learning rate would rise or has no way to its end.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        let limit = self.cost_limit.get();
        if limit > MAX_COST {
            let message = format!("train.cost_limit = {}: must be at most {}", short(limit), short(MAX_COST));
            return Err(("train.cost_limit", message));
        }
        let refuse = |key, message: String| Err((key, message));
        let (schedule, first) = (self.schedule, self.learning_rate.get());
        if let Some(twice) = (1..self.track.len()).find(|&i| self.track[..i].contains(&self.track[i])) {
            return refuse("train.track", format!("train.track: {} is named twice", self.track[twice]));
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

    /// The settings by which training ends after `updates`, and not before.
    #[must_use]
    pub fn by_updates(self) -> Self {
        Self { epochs: None, patience: None, ..self }
    }

    /// Whether an update is the plain one: all samples, and nothing but the learning rate and the gradient.
    pub fn is_plain(&self) -> bool {
        self.batch_size.is_none() && self.momentum.get() == 0.0 && self.schedule == Schedule::Constant
    }

    /// The settings with `epochs`, if there are any, turned into updates.
    ///
    /// # Errors
    /// When they are too many.
    pub fn for_samples(&self, samples: usize) -> Result<Self> {
        let Some(epochs) = self.epochs else {
            return Ok(self.clone());
        };
        let per_epoch = self.batch_size.map_or(1, |size| samples.div_ceil(size.get()));
        let updates = (epochs.get() as u64).saturating_mul(per_epoch as u64);
        let updates = i64::try_from(updates).ok().and_then(|updates| Count::try_from(updates).ok());
        let updates = updates.ok_or_else(|| {
            Error::Setting(format!("train.epochs = {epochs}: of {per_epoch} updates each are more than 1,000,000,000"))
        })?;
        Ok(Self { updates, epochs: None, ..self.clone() })
    }
}
