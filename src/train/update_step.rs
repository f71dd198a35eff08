//! The update step: the velocity is computed here, and Burn's SGD makes the step along it.
//!
//! ```text
//! v := gradient + momentum * v        the first v is the first gradient
//! w := w - learning_rate * v
//! ```
//!
//! This is momentum as in PyTorch's `torch.optim.SGD`, without dampening. Burn's SGD could compute v too, but its momentum is
//! an f32, which is not precise enough for tensors of f64. Without momentum there is no v, only the gradient.
//!
//! The fused engine makes the same step in `crates/fused/src/pass.rs`.

use burn::module::Module as _;
use burn::optim::{ModuleOptimizer, SgdConfig};

use super::TrainingState;
use crate::device::{Placement, read};
use crate::error::Result;
use crate::network::gradients::Gradients;
use crate::network::{Parameters, TwoLayerNet};

/// The network on its device, the optimiser and the velocity.
#[derive(Clone)]
pub(super) struct NetWithOptimizer {
    pub(super) net: TwoLayerNet,
    optimizer: ModuleOptimizer,
    momentum: f64,
    /// `None` without momentum and before the first update.
    velocity: Option<Gradients>,
}

impl NetWithOptimizer {
    /// Builds all from plain numbers. The network is on an autodiff device for every engine: Burn 0.22's optimisers panic
    /// over parameters on any other device. `is_recorded` is for networks on which `backward` is called: what autodiff records
    /// of each update stays in memory until then.
    pub(super) fn new(state: &TrainingState, is_recorded: bool, momentum: f64, placement: &Placement) -> Self {
        let net = TwoLayerNet::new(&state.parameters, &placement.device.clone().autodiff(), placement.dtype);
        Self {
            net: if is_recorded { net } else { net.no_grad() },
            optimizer: SgdConfig::new().init(),
            momentum,
            velocity: state
                .velocity
                .as_ref()
                .map(|velocity| Gradients::from_parameters(velocity, placement)),
        }
    }

    /// Reads parameters and velocity as plain numbers, the inverse of [`NetWithOptimizer::new`].
    pub(super) fn save(&self, update: usize) -> Result<TrainingState> {
        let parameters = self.net.valid().parameters()?;
        let Parameters { features, hidden, activation, .. } = parameters;
        let velocity = self.velocity.clone().map(|velocity| read(&velocity.flattened())).transpose()?;
        let velocity = velocity.map(|values| Parameters::from_flattened(features, hidden, activation, &values));
        Ok(TrainingState { update, parameters, velocity })
    }

    /// Makes one step.
    pub(super) fn step(mut self, learning_rate: f64, gradients: Gradients) -> Self {
        let direction = if self.momentum > 0.0 {
            let velocity = match self.velocity.take() {
                None => gradients,
                Some(velocity) => next_velocity(gradients, self.momentum, velocity),
            };
            self.velocity.insert(velocity).clone()
        } else {
            gradients
        };
        let direction = direction.into_params(&self.net);
        self.net = self.optimizer.step(learning_rate, self.net, direction);
        self
    }
}

/// gradient + momentum * v. The product and the sum are rounded to the float type of the tensors.
fn next_velocity(gradient: Gradients, momentum: f64, velocity: Gradients) -> Gradients {
    Gradients {
        w1: gradient.w1 + velocity.w1 * momentum, // [d, h]
        b1: gradient.b1 + velocity.b1 * momentum, // [h]
        w2: gradient.w2 + velocity.w2 * momentum, // [h, 1]
        b2: gradient.b2 + velocity.b2 * momentum, // [1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::{OpenDevice, Precision};
    use crate::network::Activation;

    /// What autodiff records of an update stays in memory until `backward`, which the engine `manual` does not call.
    #[test]
    fn updates_are_recorded_only_for_networks_with_backward() {
        let parameters = Parameters::from_flattened(2, 4, Activation::Tanh, &[0.1; 17]);
        let state = TrainingState { update: 0, parameters, velocity: None };
        for is_recorded in [false, true] {
            let placement = OpenDevice::flex(Precision::F64).placement;
            let mut network = NetWithOptimizer::new(&state, is_recorded, 0.0, &placement);
            for _ in 0..2 {
                let net = network.net.valid();
                let gradients =
                    Gradients { w1: net.w1().val(), b1: net.b1().val(), w2: net.w2().val(), b2: net.b2().val() };
                network = network.step(0.5, gradients);
            }
            let net = &network.net;
            let recorded = [
                net.w1().val().is_require_grad(),
                net.b1().val().is_require_grad(),
                net.w2().val().is_require_grad(),
                net.b2().val().is_require_grad(),
            ];
            assert_eq!(recorded, [is_recorded; 4]);
            let updated = network.save(2).map(|state| state.parameters.flattened());
            assert_eq!(updated.unwrap(), [0.1 * 0.5 * 0.5; 17]);
        }
    }
}
