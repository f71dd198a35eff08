//! What the loop asks of whatever does the computing: an update, and a reading.

use std::collections::HashMap;
use std::fmt;

use burn::module::{Module as _, ParamId};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{ModuleOptimizer, SgdConfig};
use burn::tensor::{Tensor, TensorData};
use burn_pack::Reader;
use petal_fused::{Float, Pass};

use super::batches::Batches;
use super::{Settings, TrainingState};
use crate::data::Dataset;
use crate::device::{OpenDevice, Placement, guarded, read};
use crate::error::{Error, Result};
use crate::network::gradients::{Engine, Gradients};
use crate::network::kernel;
use crate::network::loss::cross_entropy;
use crate::network::{Batch, Parameters, TwoLayerNet};

/// A way of making updates.
pub(super) trait Learner {
    /// What changes from update to update.
    type State: Clone;

    /// A state of its own for the numbers of one.
    fn begin(&mut self, standing: &TrainingState) -> Result<Self::State>;

    /// The numbers of a state that `update` updates led to: all that [`Learner::begin`] needs to make the same one.
    fn standing(&mut self, state: &Self::State, update: usize) -> Result<TrainingState>;

    /// The update that follows on `update` others.
    fn step(&mut self, state: Self::State, update: usize, learning_rate: f64) -> Result<Self::State>;

    /// A state's parameters.
    fn parameters(&mut self, state: &Self::State) -> Result<Parameters>;

    /// A state's parameters, and what they are worth.
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
    device: OpenDevice,
    batch: Batch,
    shuffled: Option<Shuffled>,
    engine: Engine,
    weight_decay: f64,
    momentum: f64,
}

/// All samples in the order of an epoch.
struct Shuffled {
    batches: Batches,
    epoch: Option<usize>,
    batch: Batch,
}

/// A network in training, with the optimiser's memory.
#[derive(Clone)]
pub(super) struct Network {
    pub(super) net: TwoLayerNet,
    pub(super) optimizer: ModuleOptimizer,
}

impl Network {
    /// The network with such numbers. It lives on an autodiff device, whichever engine computes: the optimisers of Burn 0.22
    /// panic over parameters on any other.
    pub(super) fn new(standing: &TrainingState, momentum: f64, placement: &Placement) -> Self {
        let net = TwoLayerNet::new(&standing.parameters, &placement.device.clone().autodiff(), placement.dtype);
        // Burn's default would dampen the gradient by a tenth.
        let config = MomentumConfig::new().with_momentum(momentum).with_dampening(0.0);
        let mut optimizer = SgdConfig::new().with_momentum((momentum > 0.0).then_some(config)).init();
        if let Some(velocity) = &standing.velocity {
            // Burn loads what it has written of an optimiser as f32. The first gradient that an optimiser sees becomes its
            // velocity as it is, and a step of length 0 goes nowhere.
            let gradients = Gradients::from_parameters(velocity, placement).into_params(&net);
            drop(optimizer.step(0.0, net.clone(), gradients));
        }
        Self { net, optimizer }
    }

    /// The inverse of [`Network::new`].
    pub(super) fn standing(&self, update: usize) -> Result<TrainingState> {
        let failed = |error: &dyn fmt::Display| Error::device(format!("the optimiser cannot be read: {error}"));
        let parameters = self.net.parameters()?;
        let record = self.optimizer.to_record();
        if record.is_empty() {
            return Ok(TrainingState { update, parameters, velocity: None });
        }
        // A record keeps its tensors to itself, but not what it writes.
        let written = record.into_bytes().map_err(|error| failed(&error))?;
        let tensors = Reader::from_bytes(written)
            .and_then(Reader::into_tensors)
            .map_err(|error| failed(&error))?;
        let mut of_parameter = HashMap::new();
        for tensor in tensors {
            let (_, dtype, shape, id, bytes) = tensor.into_parts().map_err(|error| failed(&error))?;
            of_parameter.insert(id, TensorData::from_bytes(bytes, shape, dtype).iter::<f64>().collect::<Vec<_>>());
        }
        let net = &self.net;
        let mut next = |id: ParamId| of_parameter.remove(&Some(id.val())).ok_or_else(|| failed(&"no velocity"));
        let (w1, b1, w2, b2) = (next(net.w1().id)?, next(net.b1().id)?, next(net.w2().id)?, next(net.b2().id)?);
        let velocity = Some(Parameters { w1, b1, w2, b2, ..parameters });
        Ok(TrainingState { update, parameters, velocity })
    }

    /// Burn's step.
    pub(super) fn stepped(mut self, learning_rate: f64, gradients: Gradients) -> Self {
        let gradients = gradients.into_params(&self.net);
        self.net = self.optimizer.step(learning_rate, self.net, gradients);
        self
    }
}

impl OnTensors {
    pub(super) fn new(data: &Dataset, settings: &Settings, device: &OpenDevice) -> Result<Self> {
        guarded(&device.name, || {
            let batch = Batch::new(data, &device.placement.device, device.placement.dtype);
            Ok(Self {
                device: device.clone(),
                shuffled: Batches::new(settings, data.samples()).map(|batches| Shuffled {
                    batches,
                    epoch: None,
                    batch: batch.clone(),
                }),
                batch,
                engine: settings.engine,
                weight_decay: settings.weight_decay.get(),
                momentum: settings.momentum.get(),
            })
        })
    }
}

impl Learner for OnTensors {
    type State = Network;

    fn begin(&mut self, standing: &TrainingState) -> Result<Network> {
        guarded(&self.device.name, || Ok(Network::new(standing, self.momentum, &self.device.placement)))
    }

    fn standing(&mut self, state: &Network, update: usize) -> Result<TrainingState> {
        guarded(&self.device.name, || state.standing(update))
    }

    fn parameters(&mut self, state: &Network) -> Result<Parameters> {
        guarded(&self.device.name, || state.net.parameters())
    }

    fn step(&mut self, state: Network, update: usize, learning_rate: f64) -> Result<Network> {
        guarded(&self.device.name, || {
            let part = self.shuffled.as_mut().map(|shuffled| shuffled.part(&self.batch, update));
            let batch = part.as_ref().unwrap_or(&self.batch);
            let gradients = self.engine.gradients(&state.net, batch, self.weight_decay);
            Ok(state.stepped(learning_rate, gradients))
        })
    }

    fn read(&mut self, state: &Network) -> Result<Reading> {
        guarded(&self.device.name, || {
            let net = state.net.valid();
            let [features, hidden] = net.w1().dims();
            // One reading of one tensor: on most devices a reading waits for all that was asked before.
            let read = read(&Tensor::cat(vec![evaluation(&net, &self.batch), net.packed()], 0))?;
            let [cost, wrong, packed @ ..] = &read[..] else {
                return Err(Error::device("it handed over nothing"));
            };
            let samples = self.batch.x.dims()[0] as f64;
            let accuracy = (samples - wrong) / samples;
            Ok(Reading { cost: *cost, accuracy, parameters: Parameters::from_packed(features, hidden, packed) })
        })
    }
}

impl Shuffled {
    /// The samples of the update that follows on `update` others.
    fn part(&mut self, all: &Batch, update: usize) -> Batch {
        let (epoch, places) = self.batches.at(update);
        if self.epoch != Some(epoch) {
            (self.epoch, self.batch) = (Some(epoch), all.select(&self.batches.order(epoch)));
        }
        self.batch.slice(places)
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
pub(super) struct Fused<'a, T> {
    pass: Pass<T>,
    parts: Option<Parts<'a, T>>,
    samples: usize,
    momentum: T,
    weight_decay: f64,
}

/// The way over the samples of one update.
struct Parts<'a, T> {
    data: &'a Dataset,
    batches: Batches,
    order: Option<(usize, Vec<usize>)>,
    /// One for each number of samples.
    passes: [Pass<T>; 2],
}

/// Parameters in training by the fused kernel.
#[derive(Clone)]
pub(super) struct Moving<T> {
    parameters: petal_fused::Parameters<T>,
    /// With momentum, after the first update.
    velocity: Option<petal_fused::Parameters<T>>,
}

impl<'a, T: Float> Fused<'a, T> {
    pub(super) fn new(start: &Parameters, data: &'a Dataset, settings: &Settings) -> Self {
        let parts = Batches::new(settings, data.samples()).map(|batches| {
            let passes = batches.sizes().map(|size| kernel::pass_with_capacity(start, size));
            Parts { data, batches, order: None, passes }
        });
        Self {
            pass: kernel::pass(start, data),
            parts,
            samples: data.samples(),
            // As Burn's momentum, which is an f32.
            momentum: T::from_f64(f64::from(settings.momentum.get() as f32)),
            weight_decay: settings.weight_decay.get(),
        }
    }
}

impl<T: Float> Parts<'_, T> {
    /// The way over the samples of the update that follows on `update` others.
    fn pass(&mut self, update: usize) -> &mut Pass<T> {
        let (epoch, places) = self.batches.at(update);
        let order = match self.order.take() {
            Some((of, order)) if of == epoch => order,
            _ => self.batches.order(epoch),
        };
        let [usual, last] = &mut self.passes;
        let pass = if places.len() == self.batches.sizes()[0] { usual } else { last };
        pass.load_samples(self.data.x(), self.data.y(), &order[places]);
        self.order = Some((epoch, order));
        pass
    }
}

impl<T: Float> Learner for Fused<'_, T> {
    type State = Moving<T>;

    fn begin(&mut self, TrainingState { parameters, velocity, .. }: &TrainingState) -> Result<Moving<T>> {
        Ok(Moving { parameters: kernel::packed(parameters), velocity: velocity.as_ref().map(kernel::packed) })
    }

    fn standing(&mut self, Moving { parameters, velocity }: &Moving<T>, update: usize) -> Result<TrainingState> {
        let velocity = velocity.as_ref().map(kernel::unpacked);
        Ok(TrainingState { update, parameters: kernel::unpacked(parameters), velocity })
    }

    fn parameters(&mut self, state: &Moving<T>) -> Result<Parameters> {
        Ok(kernel::unpacked(&state.parameters))
    }

    fn step(&mut self, mut state: Moving<T>, update: usize, learning_rate: f64) -> Result<Moving<T>> {
        let pass = self.parts.as_mut().map_or(&mut self.pass, |parts| parts.pass(update));
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
        state.parameters.descend(&velocity, learning_rate);
        Ok(Moving { velocity: Some(velocity), ..state })
    }

    fn read(&mut self, state: &Moving<T>) -> Result<Reading> {
        let petal_fused::Evaluation { loss, correct } = self.pass.evaluate(&state.parameters);
        let accuracy = correct as f64 / self.samples as f64;
        Ok(Reading { cost: loss, accuracy, parameters: kernel::unpacked(&state.parameters) })
    }
}
