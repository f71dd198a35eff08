//! Training with Burn's tensors and Burn's SGD on one device, with gradients by autodiff or by the manual formulas.

use burn::module::Module as _;
use burn::tensor::Tensor;

use super::batches::Batches;
use super::learner::{Evaluation, Learner};
use super::update_step::NetWithOptimizer;
use super::{Settings, TrainingState};
use crate::data::Dataset;
use crate::device::{OpenDevice, catch_failure, read};
use crate::error::{Error, Result};
use crate::network::gradients::Engine;
use crate::network::loss::cross_entropy;
use crate::network::{Batch, Parameters, TwoLayerNet};

/// The samples on the device, and what computes the gradient.
pub(super) struct TensorLearner {
    device: OpenDevice,
    batch: Batch,
    shuffled: Option<ShuffledSamples>,
    engine: Engine,
    weight_decay: f64,
    momentum: f64,
}

/// All samples on the device in the order of one epoch.
struct ShuffledSamples {
    batches: Batches,
    epoch: Option<usize>,
    samples: Batch,
}

impl TensorLearner {
    pub(super) fn new(data: &Dataset, settings: &Settings, device: &OpenDevice) -> Result<Self> {
        catch_failure(&device.name, || {
            let batch = Batch::new(data, &device.placement.device, device.placement.dtype);
            let batches = Batches::new(settings, data.samples());
            Ok(Self {
                device: device.clone(),
                shuffled: batches.map(|batches| ShuffledSamples { batches, epoch: None, samples: batch.clone() }),
                batch,
                engine: settings.engine,
                weight_decay: settings.weight_decay.get(),
                momentum: settings.momentum.get(),
            })
        })
    }
}

impl Learner for TensorLearner {
    type State = NetWithOptimizer;

    fn load(&mut self, state: &TrainingState) -> Result<NetWithOptimizer> {
        catch_failure(&self.device.name, || {
            let is_recorded = self.engine == Engine::Autodiff;
            Ok(NetWithOptimizer::new(state, is_recorded, self.momentum, &self.device.placement))
        })
    }

    fn save(&mut self, state: &NetWithOptimizer, update: usize) -> Result<TrainingState> {
        catch_failure(&self.device.name, || state.save(update))
    }

    fn parameters(&mut self, state: &NetWithOptimizer) -> Result<Parameters> {
        catch_failure(&self.device.name, || state.net.valid().parameters())
    }

    fn step(&mut self, state: NetWithOptimizer, update: usize, learning_rate: f64) -> Result<NetWithOptimizer> {
        catch_failure(&self.device.name, || {
            let mini_batch = self.shuffled.as_mut().map(|shuffled| shuffled.mini_batch(&self.batch, update));
            let batch = mini_batch.as_ref().unwrap_or(&self.batch);
            let gradients = self.engine.gradients(&state.net, batch, self.weight_decay);
            Ok(state.step(learning_rate, gradients))
        })
    }

    fn evaluate(&mut self, state: &NetWithOptimizer) -> Result<Evaluation> {
        catch_failure(&self.device.name, || {
            let net = state.net.valid();
            let [features, hidden] = net.w1().dims();

            // Most devices wait for all pending work at each read, so everything is read as one tensor.
            let all = Tensor::cat(vec![cost_and_errors(&net, &self.batch), net.flattened()], 0);
            let numbers = read(&all)?;
            let [cost, errors, flattened @ ..] = &numbers[..] else {
                return Err(Error::device("the device returned an empty tensor"));
            };

            let samples = self.batch.x.dims()[0] as f64;
            let accuracy = (samples - errors) / samples;
            let parameters = Parameters::from_flattened(features, hidden, net.activation(), flattened);
            Ok(Evaluation { cost: *cost, accuracy, parameters })
        })
    }
}

impl ShuffledSamples {
    /// The samples of the update that comes after `update` others.
    fn mini_batch(&mut self, all: &Batch, update: usize) -> Batch {
        let (epoch, range) = self.batches.at(update);
        if self.epoch != Some(epoch) {
            self.samples = all.select(&self.batches.order(epoch));
            self.epoch = Some(epoch);
        }
        self.samples.slice(range)
    }
}

/// The cost, and the number of samples that are predicted wrong: `[2]`.
///
/// A sample is predicted 1 where z2 > 0, that is where its probability is above 1/2.
pub(super) fn cost_and_errors(net: &TwoLayerNet, batch: &Batch) -> Tensor<1> {
    let z2 = net.forward(batch.x.clone()).z2; // [m, 1]
    let predicted = z2.clone().greater_elem(0.0).float().cast(z2.dtype()); // [m, 1]
    let errors = (predicted - batch.y.clone()).abs().sum(); // [1]
    Tensor::cat(vec![cross_entropy(z2, batch.y.clone()), errors], 0)
}
