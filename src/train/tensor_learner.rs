//! Training with Burn's tensors and Burn's SGD on one device, with gradients by autodiff or by hand.

use std::collections::HashMap;
use std::fmt;

use burn::module::{Module as _, ParamId};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{ModuleOptimizer, SgdConfig};
use burn::tensor::{Tensor, TensorData};
use burn_pack::Reader;

use super::batches::Batches;
use super::learner::{Evaluation, Learner};
use super::{Settings, TrainingState};
use crate::data::Dataset;
use crate::device::{OpenDevice, Placement, catch_failure, read};
use crate::error::{Error, Result};
use crate::network::gradients::{Engine, Gradients};
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

/// The network on its device, and the optimiser with its velocity.
#[derive(Clone)]
pub(super) struct NetWithOptimizer {
    pub(super) net: TwoLayerNet,
    pub(super) optimizer: ModuleOptimizer,
}

impl NetWithOptimizer {
    /// Builds both from plain numbers. The network is on an autodiff device for every engine: Burn 0.22's optimisers panic
    /// over parameters on any other device.
    pub(super) fn new(state: &TrainingState, momentum: f64, placement: &Placement) -> Self {
        let net = TwoLayerNet::new(&state.parameters, &placement.device.clone().autodiff(), placement.dtype);
        // By default Burn would multiply the gradient by 0.9 (dampening).
        let config = MomentumConfig::new().with_momentum(momentum).with_dampening(0.0);
        let mut optimizer = SgdConfig::new().with_momentum((momentum > 0.0).then_some(config)).init();

        if let Some(velocity) = &state.velocity {
            // Burn loads a stored optimiser as f32, so we set the velocity in another way: the first gradient that an
            // optimiser gets becomes its velocity, and a step with learning rate 0 changes nothing.
            let gradients = Gradients::from_parameters(velocity, placement).into_params(&net);
            drop(optimizer.step(0.0, net.clone(), gradients));
        }
        Self { net, optimizer }
    }

    /// Reads both as plain numbers, the inverse of [`NetWithOptimizer::new`].
    pub(super) fn save(&self, update: usize) -> Result<TrainingState> {
        let parameters = self.net.parameters()?;
        let velocity = self.velocity(&parameters)?;
        Ok(TrainingState { update, parameters, velocity })
    }

    /// The optimiser's velocity, if it has one yet.
    fn velocity(&self, parameters: &Parameters) -> Result<Option<Parameters>> {
        let failed = |error: &dyn fmt::Display| Error::device(format!("the optimiser cannot be read: {error}"));
        let record = self.optimizer.to_record();
        if record.is_empty() {
            return Ok(None);
        }

        // Burn does not give access to the tensors of a record, so we read them from its serialized form.
        let bytes = record.into_bytes().map_err(|error| failed(&error))?;
        let tensors = Reader::from_bytes(bytes)
            .and_then(Reader::into_tensors)
            .map_err(|error| failed(&error))?;
        let mut velocities = HashMap::new();
        for tensor in tensors {
            let (_, dtype, shape, id, bytes) = tensor.into_parts().map_err(|error| failed(&error))?;
            let values: Vec<f64> = TensorData::from_bytes(bytes, shape, dtype).iter().collect();
            velocities.insert(id, values);
        }

        let mut take = |id: ParamId| velocities.remove(&Some(id.val())).ok_or_else(|| failed(&"no velocity"));
        let net = &self.net;
        Ok(Some(Parameters {
            w1: take(net.w1().id)?,
            b1: take(net.b1().id)?,
            w2: take(net.w2().id)?,
            b2: take(net.b2().id)?,
            ..*parameters
        }))
    }

    /// Makes one step of Burn's SGD.
    pub(super) fn step(mut self, learning_rate: f64, gradients: Gradients) -> Self {
        let gradients = gradients.into_params(&self.net);
        self.net = self.optimizer.step(learning_rate, self.net, gradients);
        self
    }
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
        catch_failure(&self.device.name, || Ok(NetWithOptimizer::new(state, self.momentum, &self.device.placement)))
    }

    fn save(&mut self, state: &NetWithOptimizer, update: usize) -> Result<TrainingState> {
        catch_failure(&self.device.name, || state.save(update))
    }

    fn parameters(&mut self, state: &NetWithOptimizer) -> Result<Parameters> {
        catch_failure(&self.device.name, || state.net.parameters())
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
            let all = Tensor::cat(vec![cost_and_errors(&net, &self.batch), net.packed()], 0);
            let numbers = read(&all)?;
            let [cost, errors, packed @ ..] = &numbers[..] else {
                return Err(Error::device("the device returned an empty tensor"));
            };

            let samples = self.batch.x.dims()[0] as f64;
            let accuracy = (samples - errors) / samples;
            let parameters = Parameters::from_packed(features, hidden, packed);
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
