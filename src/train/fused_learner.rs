//! Training with the fused engine: plain numbers on the CPU, without Burn.
//!
//! The engine also makes the step. Burn's SGD alone would take longer than the gradient.

use petal_fused::{Float, Pass};

use super::batches::Batches;
use super::learner::{Evaluation, Learner};
use super::{Settings, TrainingState};
use crate::data::Dataset;
use crate::error::Result;
use crate::network::{Activation, Parameters, fused_bridge};

/// The samples in the kernel's layout, and the settings of the step.
pub(super) struct FusedLearner<'a, T> {
    pass: Pass<T>,
    mini_batches: Option<MiniBatches<'a, T>>,
    samples: usize,
    activation: Activation,
    momentum: T,
    weight_decay: f64,
}

/// The passes over mini-batches.
struct MiniBatches<'a, T> {
    data: &'a Dataset,
    batches: Batches,
    /// An epoch and the order of its samples.
    order: Option<(usize, Vec<usize>)>,
    /// One pass for each size that batches have: the usual one, and that of the last batch of an epoch.
    passes: [Pass<T>; 2],
}

/// The parameters and their velocity in the kernel's layout.
#[derive(Clone)]
pub(super) struct FusedState<T> {
    parameters: petal_fused::Parameters<T>,
    /// `None` without momentum and before the first update.
    velocity: Option<petal_fused::Parameters<T>>,
}

impl<'a, T: Float> FusedLearner<'a, T> {
    pub(super) fn new(start: &Parameters, data: &'a Dataset, settings: &Settings) -> Self {
        let mini_batches = Batches::new(settings, data.samples()).map(|batches| {
            let passes = batches.sizes().map(|size| fused_bridge::pass_with_capacity(start, size));
            MiniBatches { data, batches, order: None, passes }
        });
        Self {
            pass: fused_bridge::pass(start, data),
            mini_batches,
            samples: data.samples(),
            activation: start.activation,
            momentum: T::from_f64(settings.momentum.get()),
            weight_decay: settings.weight_decay.get(),
        }
    }

    fn parameters_of(&self, fused: &petal_fused::Parameters<T>) -> Parameters {
        fused_bridge::from_fused(fused, self.activation)
    }
}

impl<T: Float> MiniBatches<'_, T> {
    /// The pass over the samples of the update that comes after `update` others.
    fn pass(&mut self, update: usize) -> &mut Pass<T> {
        let (epoch, range) = self.batches.at(update);
        let order = match self.order.take() {
            Some((known, order)) if known == epoch => order,
            _ => self.batches.order(epoch),
        };
        let [usual, last] = &mut self.passes;
        let pass = if range.len() == self.batches.sizes()[0] { usual } else { last };
        pass.load_samples(self.data.x(), self.data.y(), &order[range]);
        self.order = Some((epoch, order));
        pass
    }
}

impl<T: Float> Learner for FusedLearner<'_, T> {
    type State = FusedState<T>;

    fn load(&mut self, TrainingState { parameters, velocity, .. }: &TrainingState) -> Result<FusedState<T>> {
        Ok(FusedState {
            parameters: fused_bridge::to_fused(parameters),
            velocity: velocity.as_ref().map(fused_bridge::to_fused),
        })
    }

    fn save(&mut self, FusedState { parameters, velocity }: &FusedState<T>, update: usize) -> Result<TrainingState> {
        let velocity = velocity.as_ref().map(|velocity| self.parameters_of(velocity));
        Ok(TrainingState { update, parameters: self.parameters_of(parameters), velocity })
    }

    fn parameters(&mut self, state: &FusedState<T>) -> Result<Parameters> {
        Ok(self.parameters_of(&state.parameters))
    }

    fn step(&mut self, mut state: FusedState<T>, update: usize, learning_rate: f64) -> Result<FusedState<T>> {
        let pass = self
            .mini_batches
            .as_mut()
            .map_or(&mut self.pass, |batches| batches.pass(update));
        if self.momentum == T::from_f64(0.0) {
            pass.step(&mut state.parameters, learning_rate, self.weight_decay);
            return Ok(state);
        }

        let gradient = pass.gradient(&state.parameters, self.weight_decay);
        let velocity = match state.velocity {
            None => gradient.clone(),
            Some(mut velocity) => {
                for (velocity, &derivative) in velocity.values_mut().iter_mut().zip(gradient.values()) {
                    *velocity = derivative + *velocity * self.momentum;
                }
                velocity
            }
        };
        state.parameters.sgd_step(&velocity, learning_rate);
        Ok(FusedState { velocity: Some(velocity), ..state })
    }

    fn evaluate(&mut self, state: &FusedState<T>) -> Result<Evaluation> {
        let petal_fused::Evaluation { loss, correct } = self.pass.evaluate(&state.parameters);
        let accuracy = correct as f64 / self.samples as f64;
        Ok(Evaluation { cost: loss, accuracy, parameters: self.parameters_of(&state.parameters) })
    }
}
