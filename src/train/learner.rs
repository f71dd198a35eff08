//! What the training loop needs from an engine: make an update, evaluate the parameters, load and save the state.

use super::TrainingState;
use crate::error::Result;
use crate::network::Parameters;

/// Something that makes updates and keeps its state where it computes, for example on a device.
pub(super) trait Learner {
    /// What changes from update to update.
    type State: Clone;

    /// Builds a device state from plain numbers.
    fn load(&mut self, state: &TrainingState) -> Result<Self::State>;

    /// Reads a device state after `update` updates as plain numbers. [`Learner::load`] builds the same state from them.
    fn save(&mut self, state: &Self::State, update: usize) -> Result<TrainingState>;

    /// Makes one update. `update` is the number of updates made before it.
    fn step(&mut self, state: Self::State, update: usize, learning_rate: f64) -> Result<Self::State>;

    /// Reads the parameters.
    fn parameters(&mut self, state: &Self::State) -> Result<Parameters>;

    /// Computes cost and accuracy over all samples, and reads the parameters.
    fn evaluate(&mut self, state: &Self::State) -> Result<Evaluation>;
}

/// How good the parameters are on the training samples.
pub(super) struct Evaluation {
    /// The mean cross-entropy.
    pub(super) cost: f64,
    /// The fraction of samples predicted correctly.
    pub(super) accuracy: f64,
    pub(super) parameters: Parameters,
}
