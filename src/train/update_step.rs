//! The update step by Burn's SGD.
//!
//! ```text
//! v := gradient + momentum * v
//! w := w - learning_rate * v
//! ```
//!
//! The fused engine makes the same step in `crates/fused/src/pass.rs`.

use std::collections::HashMap;
use std::fmt;

use burn::module::ParamId;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{ModuleOptimizer, SgdConfig};
use burn::tensor::TensorData;
use burn_pack::Reader;

use super::TrainingState;
use crate::device::Placement;
use crate::error::{Error, Result};
use crate::network::gradients::Gradients;
use crate::network::{Parameters, TwoLayerNet};

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
