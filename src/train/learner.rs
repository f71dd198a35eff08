//! What the loop asks of whatever does the computing: an update, and a reading.

use burn::module::Module as _;
use burn::optim::{ModuleOptimizer, SgdConfig};
use petal_fused::{Evaluation, Pass, Real};

use super::Settings;
use crate::data::Dataset;
use crate::device::Placement;
use crate::error::Result;
use crate::fused;
use crate::gradients::Engine;
use crate::loss::{cross_entropy, sigmoid};
use crate::metrics::Confusion;
use crate::model::{Batch, Parameters, TwoLayerNet, read};

/// A way of making updates.
pub(super) trait Learner {
    /// What changes from update to update.
    type State: Clone;

    /// One update.
    fn step(&mut self, state: Self::State) -> Self::State;

    /// Reads a state.
    fn read(&mut self, state: &Self::State) -> Result<Reading>;
}

/// A state in plain numbers.
pub(super) struct Reading {
    /// The mean cross-entropy.
    pub(super) cost: f64,
    /// The share of samples predicted right.
    pub(super) accuracy: f64,
    pub(super) parameters: Parameters,
}

/// Burn's tensors and Burn's SGD, with gradients by an engine that computes on tensors.
pub(super) struct OnTensors<'a> {
    batch: Batch,
    labels: &'a [u8],
    engine: Engine,
    learning_rate: f64,
    weight_decay: f64,
}

#[derive(Clone)]
pub(super) struct Network {
    net: TwoLayerNet,
    optimizer: ModuleOptimizer,
}

impl<'a> OnTensors<'a> {
    pub(super) fn new(
        start: &Parameters,
        data: &'a Dataset,
        settings: &Settings,
        placement: &Placement,
    ) -> (Self, Network) {
        let learner = Self {
            batch: Batch::new(data, &placement.device, placement.dtype),
            labels: data.y(),
            engine: settings.engine,
            learning_rate: settings.learning_rate.get(),
            weight_decay: settings.weight_decay.get(),
        };
        // Whichever engine computes: the optimisers of Burn 0.22 panic over parameters on any other device.
        let device = placement.device.clone().autodiff();
        let net = TwoLayerNet::new(start, &device, placement.dtype);
        (learner, Network { net, optimizer: SgdConfig::new().init() })
    }
}

impl Learner for OnTensors<'_> {
    type State = Network;

    fn step(&mut self, mut state: Network) -> Network {
        let gradients = self.engine.gradients(&state.net, &self.batch, self.weight_decay).into_params(&state.net);
        state.net = state.optimizer.step(self.learning_rate, state.net, gradients);
        state
    }

    fn read(&mut self, state: &Network) -> Result<Reading> {
        let net = state.net.valid();
        let z2 = net.forward(self.batch.x.clone()).z2; // [m, 1]
        let cost = read(&cross_entropy(z2.clone(), self.batch.y.clone()))?[0];
        let probabilities: Vec<f64> = read(&z2)?.into_iter().map(sigmoid).collect();
        let accuracy = Confusion::new(&probabilities, self.labels).accuracy();
        Ok(Reading { cost, accuracy, parameters: net.parameters()? })
    }
}

/// Lists of numbers and the fused kernel, which makes the step too: Burn's SGD takes longer than all the rest.
pub(super) struct Fused<T> {
    pass: Pass<T>,
    samples: usize,
    learning_rate: f64,
    weight_decay: f64,
}

impl<T: Real> Fused<T> {
    pub(super) fn new(start: &Parameters, data: &Dataset, settings: &Settings) -> (Self, petal_fused::Parameters<T>) {
        let learner = Self {
            pass: fused::pass(start, data.x(), data.y()),
            samples: data.samples(),
            learning_rate: settings.learning_rate.get(),
            weight_decay: settings.weight_decay.get(),
        };
        (learner, fused::packed(start))
    }
}

impl<T: Real> Learner for Fused<T> {
    type State = petal_fused::Parameters<T>;

    fn step(&mut self, mut state: Self::State) -> Self::State {
        self.pass.step(&mut state, self.learning_rate, self.weight_decay);
        state
    }

    fn read(&mut self, state: &Self::State) -> Result<Reading> {
        let Evaluation { loss, correct } = self.pass.evaluate(state);
        let accuracy = correct as f64 / self.samples as f64;
        Ok(Reading { cost: loss, accuracy, parameters: fused::unpacked(state) })
    }
}
