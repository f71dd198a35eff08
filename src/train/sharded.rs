//! Several devices that share the samples, and one SGD.
//!
//! ```text
//! shard k holds rows [k m / n, (k + 1) m / n) of the m samples, m_k of them
//! objective = sum over k of (m_k / m) objective_k
//! gradient  = sum over k of (m_k / m) gradient_k
//! ```
//!
//! since the cost is a mean over samples and the weights m_k / m add up to one. The rows go to their device once. In each
//! update the parameters go out, every device computes its shard's gradient, and the gradients come back, all parameters
//! in one tensor each way; the mean is taken on the host in f64, where Burn's SGD makes the step.
//!
//! Each shard has a thread of its own, which waits for its device, so that all compute at once.
//!
//! Leaves out: making up for a device that fails. Training ends there.

use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use burn::tensor::Device;

use super::batches::Batches;
use super::learner::{Learner, Network, Reading, evaluation};
use super::{Settings, TrainingState};
use crate::data::Dataset;
use crate::device::{DeviceName, OpenDevice, Placement, catch_failure, check_reachable, read, tensor};
use crate::error::{Error, Result};
use crate::network::gradients::{Engine, Gradients};
use crate::network::{Batch, Parameters, TwoLayerNet};

/// After so long without an answer it is looked whether the device is still there.
const PATIENCE: Duration = Duration::from_secs(5);

/// The shards, and what the step needs.
pub(super) struct Sharded {
    shards: Vec<Shard>,
    samples: usize,
    features: usize,
    hidden: usize,
    momentum: f64,
    host: Placement,
}

/// A shard's thread.
struct Shard {
    device: DeviceName,
    samples: usize,
    asks: Sender<Ask>,
    answers: Receiver<Result<Vec<f64>>>,
}

/// What a shard is asked for, at the given parameters.
#[derive(Clone)]
enum Ask {
    /// The gradient.
    Gradient(Arc<[f64]>),
    /// Cost and errors.
    Evaluation(Arc<[f64]>),
}

/// What a shard's thread works with.
struct Work {
    device: DeviceName,
    placement: Placement,
    batch: Batch,
    engine: Engine,
    weight_decay: f64,
    hidden: usize,
}

impl Sharded {
    /// Hands out the rows.
    ///
    /// # Errors
    /// When there are fewer samples than devices, or a device fails.
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
        let rows = |k: usize| k * samples / count..(k + 1) * samples / count;
        let shards = devices.iter().enumerate().map(|(k, device)| {
            let rows = rows(k);
            let part = part(data, rows.clone());
            let (engine, weight_decay, hidden) = (settings.engine, settings.weight_decay.get(), start.hidden);
            let (name, placement) = (device.name.clone(), device.placement.clone());
            let work = move || {
                let batch = Batch::new(&part, &placement.device, placement.dtype);
                Ok(Work { device: name, placement, batch, engine, weight_decay, hidden })
            };
            Shard::start(device.name.clone(), rows.len(), work)
        });
        let host = Placement::flex(devices[0].placement.precision());
        Ok(Self {
            shards: shards.collect::<Result<_>>()?,
            samples,
            features: data.features(),
            hidden: start.hidden,
            momentum: settings.momentum.get(),
            host,
        })
    }

    /// Asks all shards, then waits for all: what each answered, with its share of the samples.
    fn ask(&self, ask: &Ask) -> Result<Vec<(f64, Vec<f64>)>> {
        for shard in &self.shards {
            // A thread that is gone is found where its answer is awaited.
            let _ = shard.asks.send(ask.clone());
        }
        let share = |shard: &Shard| shard.samples as f64 / self.samples as f64;
        self.shards.iter().map(|shard| Ok((share(shard), shard.answer()?))).collect()
    }
}

impl Learner for Sharded {
    type State = Network;

    fn begin(&mut self, standing: &TrainingState) -> Result<Network> {
        Ok(Network::new(standing, self.momentum, &self.host))
    }

    fn standing(&mut self, state: &Network, update: usize) -> Result<TrainingState> {
        state.standing(update)
    }

    fn parameters(&mut self, state: &Network) -> Result<Parameters> {
        state.net.parameters()
    }

    fn step(&mut self, state: Network, _update: usize, learning_rate: f64) -> Result<Network> {
        let parameters = state.net.parameters()?;
        let mut mean = vec![0.0; parameters.count()];
        for (share, gradient) in self.ask(&Ask::Gradient(parameters.packed().into()))? {
            mean.iter_mut().zip(gradient).for_each(|(mean, part)| *mean += share * part);
        }
        let mean = Parameters::from_packed(self.features, self.hidden, &mean);
        let gradients = Gradients::from_parameters(&mean, &self.host);
        Ok(state.stepped(learning_rate, gradients))
    }

    fn read(&mut self, state: &Network) -> Result<Reading> {
        let parameters = state.net.parameters()?;
        let answers = self.ask(&Ask::Evaluation(parameters.packed().into()))?;
        let cost = answers.iter().map(|(share, answer)| share * answer[0]).sum();
        let wrong: f64 = answers.iter().map(|(_, answer)| answer[1]).sum();
        let samples = self.samples as f64;
        Ok(Reading { cost, accuracy: (samples - wrong) / samples, parameters })
    }
}

impl Shard {
    /// Starts the thread and waits until its rows are on the device.
    fn start(device: DeviceName, samples: usize, work: impl FnOnce() -> Result<Work> + Send + 'static) -> Result<Self> {
        let (asks, asked) = mpsc::channel::<Ask>();
        let (tell, answers) = mpsc::channel();
        let name = device.clone();
        // It ends with its channel. Nobody waits for that: it may itself be waiting for a device that is gone.
        thread::spawn(move || {
            let work = match catch_failure(&name, work) {
                Ok(work) => work,
                Err(error) => return tell.send(Err(error)),
            };
            tell.send(Ok(Vec::new()))?;
            for ask in asked {
                tell.send(catch_failure(&work.device, || work.answer(&ask)))?;
            }
            Ok(())
        });
        let shard = Self { device, samples, asks, answers };
        shard.answer()?;
        Ok(shard)
    }

    fn answer(&self) -> Result<Vec<f64>> {
        loop {
            match self.answers.recv_timeout(PATIENCE) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Timeout) => check_reachable(&self.device)?,
                Err(RecvTimeoutError::Disconnected) => {
                    let device = self.device.to_string();
                    return Err(Error::Device { device, reason: "its thread ended".into() });
                }
            }
        }
    }
}

impl Work {
    fn answer(&self, ask: &Ask) -> Result<Vec<f64>> {
        match ask {
            Ask::Gradient(parameters) => {
                let net = self.net(parameters, &self.engine.device(&self.placement.device));
                read(&self.engine.gradients(&net, &self.batch, self.weight_decay).packed())
            }
            Ask::Evaluation(parameters) => {
                read(&evaluation(&self.net(parameters, &self.placement.device), &self.batch))
            }
        }
    }

    fn net(&self, packed: &[f64], device: &Device) -> TwoLayerNet {
        let Placement { device: plain, dtype } = &self.placement;
        let features = self.batch.x.dims()[1];
        TwoLayerNet::from_packed(&tensor(packed, [packed.len()], plain, *dtype), features, self.hidden, device)
    }
}

/// Some rows of a data set.
fn part(data: &Dataset, rows: Range<usize>) -> Dataset {
    let d = data.features();
    let x = data.x()[rows.start * d..rows.end * d].to_vec();
    Dataset::new(data.feature_names().to_vec(), x, data.y()[rows].to_vec())
}
