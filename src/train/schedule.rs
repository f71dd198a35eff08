//! Learning rate schedules: how the learning rate changes during training. Burn's schedulers compute them.
//!
//! ```text
//! rate(t) = learning_rate * f(t)      t = 0 .. T - 1 for T updates,  q = final_learning_rate / learning_rate
//! constant      f = 1
//! linear        f = 1 - (1 - q) t / T
//! cosine        f = q + (1 - q) (1 + cos(pi t / T)) / 2
//! exponential   f = q^(t / T)
//! ```
//!
//! Burn's schedulers accept rates up to 1, so here they compute the factor f.
//!
//! Not covered: a warm-up.

use std::fmt;

use burn::lr_scheduler::LrSchedulerConfig;
use burn::lr_scheduler::cosine::CosineAnnealingLrSchedulerConfig;
use burn::lr_scheduler::exponential::ExponentialLrSchedulerConfig;
use burn::lr_scheduler::linear::LinearLrSchedulerConfig;
use burn::lr_scheduler::module_lr_scheduler::{ModuleLrScheduler, ModuleLrSchedulerConfig};
use serde::{Deserialize, Serialize};

use super::Settings;
use crate::error::{Error, Result};

/// How the learning rate changes from update to update.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// It never changes.
    #[default]
    Constant,
    /// It falls linearly to the final learning rate.
    Linear,
    /// It falls along half a period of a cosine to the final learning rate.
    Cosine,
    /// Each update multiplies it by the same factor, down to the final learning rate.
    Exponential,
}

/// Produces the learning rate of one update after the other.
#[derive(Clone)]
pub(super) struct LearningRates {
    /// `train.learning_rate`.
    initial: f64,
    /// Computes the factor f; `None` when it is always 1.
    scheduler: Option<ModuleLrScheduler>,
}

impl LearningRates {
    /// The learning rates from an update on, counted from 0.
    ///
    /// # Errors
    /// When Burn does not accept the schedule.
    pub(super) fn starting_at(update: usize, settings: &Settings) -> Result<Self> {
        let mut rates = Self::new(settings)?;
        // Some schedulers multiply at each step. The same rounding needs the same steps, so none can be skipped.
        if rates.scheduler.is_some() {
            for _ in 0..update {
                rates.next();
            }
        }
        Ok(rates)
    }

    fn new(settings: &Settings) -> Result<Self> {
        let initial = settings.learning_rate.get();
        let updates = settings.updates.get().max(1);
        // q of the formulas.
        let last_factor = settings.final_learning_rate.map_or(0.0, |last| last.get() / initial);

        let config: Option<LrSchedulerConfig> = match settings.schedule {
            Schedule::Constant => None,
            Schedule::Linear => Some(LinearLrSchedulerConfig::new(1.0, last_factor, updates).into()),
            Schedule::Cosine => Some(
                CosineAnnealingLrSchedulerConfig::new(1.0, updates)
                    .with_min_lr(last_factor)
                    .into(),
            ),
            Schedule::Exponential => {
                Some(ExponentialLrSchedulerConfig::new(1.0, last_factor.powf(1.0 / updates as f64)).into())
            }
        };
        let scheduler = config
            .map(|config| ModuleLrSchedulerConfig::new(config).init())
            .transpose()
            .map_err(|reason| Error::Setting(format!("train.schedule = {}: {reason}", settings.schedule)))?;
        Ok(Self { initial, scheduler })
    }

    /// The learning rate of the next update.
    pub(super) fn next(&mut self) -> f64 {
        match &mut self.scheduler {
            None => self.initial,
            Some(scheduler) => self.initial * scheduler.step().base(),
        }
    }
}

impl Settings {
    /// The learning rates of the given updates. Updates are counted from 0 and must be in increasing order.
    ///
    /// # Errors
    /// When Burn does not accept the schedule.
    pub fn learning_rates(&self, updates: impl IntoIterator<Item = usize>) -> Result<Vec<f64>> {
        let mut rates = LearningRates::new(self)?;
        if rates.scheduler.is_none() {
            return Ok(updates.into_iter().map(|_| rates.initial).collect());
        }

        // `rate` is that of the update `computed - 1`.
        let (mut computed, mut rate) = (0, 0.0);
        let rate_of = |update| {
            while computed <= update {
                rate = rates.next();
                computed += 1;
            }
            rate
        };
        Ok(updates.into_iter().map(rate_of).collect())
    }
}

impl fmt::Display for Schedule {
    /// The name used in configurations.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
