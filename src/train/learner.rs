//! What the loop asks of whatever does the computing: an update, and a reading.

use burn::module::Module as _;
use burn::optim::{ModuleOptimizer, SgdConfig};
use burn::tensor::Tensor;
use petal_fused::{Pass, Real};

use super::Settings;
use crate::data::Dataset;
use crate::device::{Name, OpenDevice, guarded, read};
use crate::error::{Error, Result};
use crate::fused;
use crate::gradients::{Engine, Gradients};
use crate::loss::cross_entropy;
use crate::model::{Batch, Parameters, TwoLayerNet};

/// A way of making updates.
pub(super) trait Learner {
    /// What changes from update to update.
    type State: Clone;

    /// One update.
    fn step(&mut self, state: Self::State) -> Result<Self::State>;

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

/// Burn's tensors and Burn's SGD on one device, with gradients by an engine that computes on tensors.
pub(super) struct OnTensors {
    device: Name,
    batch: Batch,
    engine: Engine,
    learning_rate: f64,
    weight_decay: f64,
}

/// A network in training, with the optimiser's memory.
#[derive(Clone)]
pub(super) struct Network {
    pub(super) net: TwoLayerNet,
    pub(super) optimizer: ModuleOptimizer,
}

impl Network {
    /// The network at the start. It lives on an autodiff device, whichever engine computes: the optimisers of Burn 0.22
    /// panic over parameters on any other.
    pub(super) fn new(start: &Parameters, device: &OpenDevice) -> Self {
        let placement = &device.placement;
        let net = TwoLayerNet::new(start, &placement.device.clone().autodiff(), placement.dtype);
        Self { net, optimizer: SgdConfig::new().init() }
    }

    /// Burn's step.
    pub(super) fn stepped(mut self, learning_rate: f64, gradients: Gradients) -> Self {
        let gradients = gradients.into_params(&self.net);
        self.net = self.optimizer.step(learning_rate, self.net, gradients);
        self
    }
}

impl OnTensors {
    pub(super) fn new(
        start: &Parameters,
        data: &Dataset,
        settings: &Settings,
        device: &OpenDevice,
    ) -> Result<(Self, Network)> {
        guarded(&device.name, || {
            let learner = Self {
                device: device.name.clone(),
                batch: Batch::new(data, &device.placement.device, device.placement.dtype),
                engine: settings.engine,
                learning_rate: settings.learning_rate.get(),
                weight_decay: settings.weight_decay.get(),
            };
            Ok((learner, Network::new(start, device)))
        })
    }
}

impl Learner for OnTensors {
    type State = Network;

    fn step(&mut self, state: Network) -> Result<Network> {
        guarded(&self.device, || {
            let gradients = self.engine.gradients(&state.net, &self.batch, self.weight_decay);
            Ok(state.stepped(self.learning_rate, gradients))
        })
    }

    fn read(&mut self, state: &Network) -> Result<Reading> {
        guarded(&self.device, || {
            let net = state.net.valid();
            let [features, hidden] = net.w1().dims();
            // One reading of one tensor: on most devices a reading waits for all that was asked before.
            let read = read(&Tensor::cat(vec![evaluation(&net, &self.batch), net.packed()], 0))?;
            let [cost, wrong, packed @ ..] = &read[..] else { return Err(Error::device("it handed over nothing")) };
            let samples = self.batch.x.dims()[0] as f64;
            let accuracy = (samples - wrong) / samples;
            Ok(Reading { cost: *cost, accuracy, parameters: Parameters::from_packed(features, hidden, packed) })
        })
    }
}

/// The cost, and how many samples are predicted wrong: `[2]`.
///
/// A sample is predicted 1 where z2 > 0, which is where its probability is above one half.
pub(super) fn evaluation(net: &TwoLayerNet, batch: &Batch) -> Tensor<1> {
    let z2 = net.forward(batch.x.clone()).z2; // [m, 1]
    let predicted = z2.clone().greater_elem(0.0).float().cast(z2.dtype()); // [m, 1]
    let wrong = (predicted - batch.y.clone()).abs().sum(); // [1]
    Tensor::cat(vec![cross_entropy(z2, batch.y.clone()), wrong], 0)
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

    fn step(&mut self, mut state: Self::State) -> Result<Self::State> {
        self.pass.step(&mut state, self.learning_rate, self.weight_decay);
        Ok(state)
    }

    fn read(&mut self, state: &Self::State) -> Result<Reading> {
        let petal_fused::Evaluation { loss, correct } = self.pass.evaluate(state);
        let accuracy = correct as f64 / self.samples as f64;
        Ok(Reading { cost: loss, accuracy, parameters: fused::unpacked(state) })
    }
}
