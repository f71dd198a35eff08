//! Data-parallel training: several devices share the samples, and one optimiser on the host updates the parameters.
//!
//! ```text
//! shard k holds rows [k m / n, (k + 1) m / n) of the m samples, m_k of them
//! objective = sum over k of (m_k / m) objective_k
//! gradient  = sum over k of (m_k / m) gradient_k
//! ```
//!
//! because the cost is a mean over samples and the weights m_k / m add up to one. Each device receives its rows once, at
//! the start. An update has these steps:
//!
//! 1. The host sends the parameters to every device, as one tensor.
//! 2. Every device computes the gradient over its shard.
//! 3. The host reads the gradients, one tensor per device, and computes their weighted mean in f64.
//! 4. Burn's SGD on the host updates the parameters.
//!
//! Each shard has its own thread, which waits for its device, so that all devices compute at the same time.
//!
//! Not covered: replacing a device that fails. Training ends when one fails.

use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use burn::tensor::Device;

use super::batches::Batches;
use super::learner::{Evaluation, Learner};
use super::tensor_learner::cost_and_errors;
use super::update_step::NetWithOptimizer;
use super::{Settings, TrainingState};
use crate::data::Dataset;
use crate::device::{DeviceName, OpenDevice, Placement, catch_failure, check_reachable, read, tensor};
use crate::error::{Error, Result};
use crate::network::gradients::{Engine, Gradients};
use crate::network::{Activation, Batch, Parameters, TwoLayerNet};

/// While a device computes, the host checks this often that it is still reachable.
const REACHABLE_INTERVAL: Duration = Duration::from_secs(5);

/// The shards, and what the host needs for an update.
pub(super) struct Sharded {
    shards: Vec<Shard>,
    samples: usize,
    features: usize,
    hidden: usize,
    activation: Activation,
    momentum: f64,
    host: Placement,
}

/// The host's connection to the thread of one shard.
struct Shard {
    device: DeviceName,
    /// Its number of samples, m_k.
    samples: usize,
    requests: Sender<Request>,
    results: Receiver<Result<Vec<f64>>>,
}

/// What a shard should compute, with the flattened parameters of the network.
#[derive(Clone)]
enum Request {
    /// The gradient, flattened like the parameters.
    Gradient(Arc<[f64]>),
    /// The cost and the number of wrong predictions.
    Evaluation(Arc<[f64]>),
}

/// Computes for one shard, in the shard's thread.
struct Worker {
    device: DeviceName,
    placement: Placement,
    batch: Batch,
    engine: Engine,
    weight_decay: f64,
    hidden: usize,
    activation: Activation,
}

impl Sharded {
    /// Splits the samples into shards and copies each shard to its device.
    ///
    /// # Errors
    /// When the settings request batches, there are fewer samples than devices, or a device fails.
    pub(super) fn new(start: &Parameters, data: &Dataset, settings: &Settings, devices: &[OpenDevice]) -> Result<Self> {
        let (samples, count) = (data.samples(), devices.len());
        if Batches::new(settings, samples).is_some() {
            let message =
                format!("train.batch_size: {count} devices share all samples in each update; batches need one device");
            return Err(Error::Setting(message));
        }
        if samples < count {
            return Err(Error::Training(format!("{samples} samples cannot be shared by {count} devices")));
        }

        let mut shards = Vec::with_capacity(count);
        for (k, device) in devices.iter().enumerate() {
            let rows = k * samples / count..(k + 1) * samples / count;
            let shard_data = select_rows(data, rows.clone());
            let (engine, weight_decay) = (settings.engine, settings.weight_decay.get());
            let (hidden, activation) = (start.hidden, start.activation);
            let (name, placement) = (device.name.clone(), device.placement.clone());
            let create_worker = move || {
                let batch = Batch::new(&shard_data, &placement.device, placement.dtype);
                Ok(Worker { device: name, placement, batch, engine, weight_decay, hidden, activation })
            };
            shards.push(Shard::start(device.name.clone(), rows.len(), create_worker)?);
        }

        Ok(Self {
            shards,
            samples,
            features: data.features(),
            hidden: start.hidden,
            activation: start.activation,
            momentum: settings.momentum.get(),
            host: Placement::flex(devices[0].placement.precision()),
        })
    }

    /// Sends a request to all shards, then waits for all results. Returns each result with its weight m_k / m.
    fn request_all(&self, request: &Request) -> Result<Vec<(f64, Vec<f64>)>> {
        for shard in &self.shards {
            // If the shard's thread has ended, waiting for its result reports that.
            let _ = shard.requests.send(request.clone());
        }

        let weight = |shard: &Shard| shard.samples as f64 / self.samples as f64;
        self.shards
            .iter()
            .map(|shard| Ok((weight(shard), shard.wait_for_result()?)))
            .collect()
    }
}

impl Learner for Sharded {
    type State = NetWithOptimizer;

    fn load(&mut self, training_state: &TrainingState) -> Result<NetWithOptimizer> {
        // The shards compute the gradients, on networks of their own.
        Ok(NetWithOptimizer::new(training_state, false, self.momentum, &self.host))
    }

    fn save(&mut self, state: &NetWithOptimizer, update: usize) -> Result<TrainingState> {
        state.save(update)
    }

    fn parameters(&mut self, state: &NetWithOptimizer) -> Result<Parameters> {
        state.net.parameters()
    }

    fn step(&mut self, state: NetWithOptimizer, _update: usize, learning_rate: f64) -> Result<NetWithOptimizer> {
        let parameters = state.net.parameters()?;
        let mut mean = vec![0.0; parameters.count()];
        for (weight, gradient) in self.request_all(&Request::Gradient(parameters.flattened().into()))? {
            for (mean, component) in mean.iter_mut().zip(gradient) {
                *mean += weight * component;
            }
        }
        let mean = Parameters::from_flattened(self.features, self.hidden, self.activation, &mean);
        let gradients = Gradients::from_parameters(&mean, &self.host);
        Ok(state.step(learning_rate, gradients))
    }

    fn evaluate(&mut self, state: &NetWithOptimizer) -> Result<Evaluation> {
        let parameters = state.net.parameters()?;
        let results = self.request_all(&Request::Evaluation(parameters.flattened().into()))?;
        let cost = results.iter().map(|(weight, result)| weight * result[0]).sum();
        let wrong: f64 = results.iter().map(|(_, result)| result[1]).sum();
        let samples = self.samples as f64;
        Ok(Evaluation { cost, accuracy: (samples - wrong) / samples, parameters })
    }
}

impl Shard {
    /// Starts the thread and waits until the shard's rows are on the device.
    fn start(
        device: DeviceName,
        samples: usize,
        create_worker: impl FnOnce() -> Result<Worker> + Send + 'static,
    ) -> Result<Self> {
        let (requests, incoming) = mpsc::channel::<Request>();
        let (outgoing, results) = mpsc::channel();
        let name = device.clone();
        // The thread ends when the other end of its channels is dropped. It is not joined, because it may be waiting for a
        // device that never answers.
        thread::spawn(move || {
            let worker = match catch_failure(&name, create_worker) {
                Ok(worker) => worker,
                Err(error) => return outgoing.send(Err(error)),
            };
            // An empty result reports that the rows are on the device.
            outgoing.send(Ok(Vec::new()))?;
            for request in incoming {
                outgoing.send(catch_failure(&worker.device, || worker.compute(&request)))?;
            }
            Ok(())
        });

        let shard = Self { device, samples, requests, results };
        shard.wait_for_result()?;
        Ok(shard)
    }

    fn wait_for_result(&self) -> Result<Vec<f64>> {
        loop {
            match self.results.recv_timeout(REACHABLE_INTERVAL) {
                Ok(result) => return result,
                Err(RecvTimeoutError::Timeout) => check_reachable(&self.device)?,
                Err(RecvTimeoutError::Disconnected) => {
                    let device = self.device.to_string();
                    return Err(Error::Device { device, reason: "its thread ended".into() });
                }
            }
        }
    }
}

impl Worker {
    fn compute(&self, request: &Request) -> Result<Vec<f64>> {
        match request {
            Request::Gradient(parameters) => {
                let net = self.network(parameters, &self.engine.device(&self.placement.device));
                read(&self.engine.gradients(&net, &self.batch, self.weight_decay).flattened())
            }
            Request::Evaluation(parameters) => {
                read(&cost_and_errors(&self.network(parameters, &self.placement.device), &self.batch))
            }
        }
    }

    /// The network with the flattened parameters. `device` is the shard's device, with autodiff if the engine needs it.
    fn network(&self, flattened: &[f64], device: &Device) -> TwoLayerNet {
        let Placement { device: plain_device, dtype } = &self.placement;
        let flattened = tensor(flattened, [flattened.len()], plain_device, *dtype);
        let features = self.batch.x.dims()[1];
        TwoLayerNet::from_flattened(&flattened, [features, self.hidden], self.activation, device)
    }
}

/// The given rows of a data set.
fn select_rows(data: &Dataset, rows: Range<usize>) -> Dataset {
    let features = data.features();
    let x = data.x()[rows.start * features..rows.end * features].to_vec();
    Dataset::new(data.feature_names().to_vec(), x, data.y()[rows].to_vec())
}
