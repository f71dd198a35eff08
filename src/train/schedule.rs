//! How the learning rate changes in the course of training, by Burn's schedulers.
//!
//! ```text
//! rate(t) = learning_rate * f(t)      t from 0 to T - 1 of T updates,  q = final_learning_rate / learning_rate
//! constant      f = 1
//! linear        f = 1 - (1 - q) t / T
//! cosine        f = q + (1 - q) (1 + cos(pi t / T)) / 2
//! exponential   f = q^(t / T)
//! ```
//!
//! Burn's schedulers accept rates up to 1 and so compute f here.
//!
//! Leaves out: warming up.

use std::fmt;

use burn::lr_scheduler::LrSchedulerConfig;
use burn::lr_scheduler::cosine::CosineAnnealingLrSchedulerConfig;
use burn::lr_scheduler::exponential::ExponentialLrSchedulerConfig;
use burn::lr_scheduler::linear::LinearLrSchedulerConfig;
use burn::lr_scheduler::module_lr_scheduler::{ModuleLrScheduler, ModuleLrSchedulerConfig};
use serde::{Deserialize, Serialize};

use super::Settings;
use crate::error::{Error, Result};

/// The course of the learning rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// It stays.
    #[default]
    Constant,
    /// In a straight line to the final one.
    Linear,
    /// Along half a cosine to the final one.
    Cosine,
    /// By the same factor at each update, to the final one.
    Exponential,
}

/// The learning rate of each update in turn.
#[derive(Clone)]
pub(super) struct Rates {
    learning_rate: f64,
    factor: Option<ModuleLrScheduler>,
}

impl Rates {
    /// From the update on that follows on `update` others.
    ///
    /// # Errors
    /// When Burn does not accept the schedule.
    pub(super) fn from(update: usize, settings: &Settings) -> Result<Self> {
        let mut rates = Self::new(settings)?;
        // Some schedules multiply: only the same steps lead to the same rounding.
        if rates.factor.is_some() {
            for _ in 0..update {
                rates.next();
            }
        }
        Ok(rates)
    }

    fn new(settings: &Settings) -> Result<Self> {
        let learning_rate = settings.learning_rate.get();
        let (updates, last) = (
            settings.updates.get().max(1),
            settings.final_learning_rate.map_or(0.0, |last| last.get() / learning_rate),
        );
        let factor: Option<LrSchedulerConfig> = match settings.schedule {
            Schedule::Constant => None,
            Schedule::Linear => Some(LinearLrSchedulerConfig::new(1.0, last, updates).into()),
            Schedule::Cosine => Some(CosineAnnealingLrSchedulerConfig::new(1.0, updates).with_min_lr(last).into()),
            Schedule::Exponential => {
                Some(ExponentialLrSchedulerConfig::new(1.0, last.powf(1.0 / updates as f64)).into())
            }
        };
        let factor = factor.map(|base| ModuleLrSchedulerConfig::new(base).init()).transpose();
        let factor =
            factor.map_err(|reason| Error::Setting(format!("train.schedule = {}: {reason}", settings.schedule)))?;
        Ok(Self { learning_rate, factor })
    }

    /// The next update's.
    pub(super) fn next(&mut self) -> f64 {
        match &mut self.factor {
            None => self.learning_rate,
            Some(factor) => self.learning_rate * factor.step().base(),
        }
    }
}

impl Settings {
    /// The learning rates of the updates that follow on so many others each, given in rising order.
    ///
    /// # Errors
    /// When Burn does not accept the schedule.
    pub fn learning_rates(&self, after: impl IntoIterator<Item = usize>) -> Result<Vec<f64>> {
        let (mut rates, mut at, mut rate) = (Rates::new(self)?, 0, 0.0);
        let each = after.into_iter().map(|update| {
            while at <= update {
                (rate, at) = (rates.next(), if rates.factor.is_some() { at + 1 } else { update + 1 });
            }
            rate
        });
        Ok(each.collect())
    }
}

impl fmt::Display for Schedule {
    /// The name used in configurations.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
