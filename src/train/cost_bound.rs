//! An upper bound on the cost that follows from the output layer alone.
//!
//! Training must never continue from a cost above `train.cost_limit`. Computing the cost after each update would be
//! expensive. The bound costs nothing: while it is below the limit, the cost is too.
//!
//! ```text
//! |z2| <= s                        s = sum of |w2| + |b2|, since |tanh| <= 1
//! cost <= s + ln 2                 since softplus(u) <= |u| + ln 2
//! ```
//!
//! The derivatives with respect to w2 and b2 are means of `(a2 - y) tanh` and of `a2 - y`. None of them is above 1 in
//! size, over all samples or over a batch. There are h + 1 of them, so one update changes s by at most this much:
//!
//! ```text
//! v := (h + 1) + weight_decay s + momentum v
//! s := s + learning_rate v
//! ```
//!
//! Both formulas get a small margin for rounding, also of the momentum to f32 in a run of that type.
//!
//! The first layer does not appear: it cannot make |tanh| larger than 1. A parameter of the first layer that is not finite
//! stays so, and the next evaluation finds it.

use super::{Settings, TrainingState};
use crate::network::Parameters;

/// The relative error that a mean in f32 over a million samples may have.
const SUMMATION_ERROR: f64 = 0.01;
/// More than the relative rounding errors of the few f32 numbers in one formula.
const ROUNDING_ERROR: f64 = 1e-6;

/// An upper bound on the cost after some updates.
#[derive(Clone, Copy, Debug)]
pub(super) struct CostBound {
    /// s, at least the sum of |w2| and |b2|.
    size: f64,
    /// v, at least the same sum over the velocity.
    velocity: f64,
    /// h + 1, the number of parameters of the output layer.
    output_parameters: f64,
    weight_decay: f64,
    momentum: f64,
}

impl CostBound {
    pub(super) fn new(state: &TrainingState, settings: &Settings) -> Self {
        Self {
            size: output_size(&state.parameters),
            velocity: state.velocity.as_ref().map_or(0.0, output_size),
            output_parameters: (state.parameters.hidden + 1) as f64,
            weight_decay: settings.weight_decay.get(),
            momentum: settings.momentum.get(),
        }
    }

    /// The bound after one more update.
    pub(super) fn after_update(self, learning_rate: f64) -> Self {
        let gradient = self.output_parameters * (1.0 + SUMMATION_ERROR) + self.weight_decay * self.size;
        let velocity = (gradient + self.momentum * self.velocity) * (1.0 + ROUNDING_ERROR);
        let size = (self.size + learning_rate * velocity) * (1.0 + ROUNDING_ERROR);
        Self { velocity, size, ..self }
    }

    /// The tighter bound that the parameters themselves give.
    pub(super) fn with_parameters(self, parameters: &Parameters) -> Self {
        Self { size: output_size(parameters), ..self }
    }

    /// The largest possible cost. It may be NaN or infinite.
    pub(super) fn max_cost(&self) -> f64 {
        self.size + std::f64::consts::LN_2
    }
}

/// The sum of the absolute values of w2 and b2.
fn output_size(parameters: &Parameters) -> f64 {
    parameters.w2.iter().chain(&parameters.b2).map(|value| value.abs()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Dataset;
    use crate::train::fused_learner::FusedLearner;
    use crate::train::learner::{Evaluation, Learner as _};

    fn start(w2: f64, b1: f64, b2: f64) -> Parameters {
        let hidden = 50;
        let (w1, b1, w2, b2) = (vec![0.0; 2 * hidden], vec![b1; hidden], vec![w2; hidden], vec![b2]);
        Parameters { features: 2, hidden, w1, b1, w2, b2 }
    }

    /// All hidden units are at 1, and samples of class 1 are predicted as class 0 with certainty. So every derivative of
    /// the output layer is as large as it can be. The weight decay is so strong that each step jumps over zero and makes
    /// the weights larger.
    #[test]
    fn an_update_changes_the_output_layer_as_much_as_the_bound_allows_and_no_more() {
        let rate = 0.1;
        let data = Dataset::from_points_2d(&[[1.0, 2.0], [3.0, 4.0]], vec![1, 1]);
        for (weight_decay, momentum) in [(0.0, 0.0), (0.0, 0.9), (30.0, 0.0), (30.0, 0.9)] {
            let start = start(weight_decay, 30.0, -5_000.0);
            let toml = format!("weight_decay = {weight_decay:?}\nmomentum = {momentum:?}");
            let settings: Settings = toml::from_str(&toml).unwrap();
            let mut learner = FusedLearner::<f64>::new(&start, &data, &settings);
            let initial = TrainingState { update: 0, parameters: start, velocity: None };
            let (mut state, mut bound) = (learner.load(&initial).unwrap(), CostBound::new(&initial, &settings));
            let [mut moved, mut allowed] = [0.0; 2];
            for update in 0..20 {
                let before = learner.save(&state, update).unwrap();
                let restored = CostBound::new(&before, &settings);
                state = learner.step(state, update, rate).unwrap();
                let Evaluation { cost, parameters: after, .. } = learner.evaluate(&state).unwrap();

                for next in [bound.after_update(rate), restored.after_update(rate)] {
                    let size = output_size(&after);
                    assert!(size <= next.size, "{toml}: {size} above {}", next.size);
                    assert!(cost <= next.with_parameters(&after).max_cost(), "{toml}: {cost}");
                }

                let [now, then] = [&after, &before.parameters].map(|p| p.w2.iter().chain(&p.b2));
                moved += now.zip(then).map(|(now, then)| (now - then).abs()).sum::<f64>();
                allowed += bound.after_update(rate).size - bound.size;
                bound = bound.after_update(rate).with_parameters(&after);
                assert_eq!(bound.size, output_size(&after), "{toml}");
            }
            if weight_decay == 0.0 {
                let exact = allowed / (1.0 + SUMMATION_ERROR);
                assert!(moved <= allowed && moved > 0.995 * exact, "{toml}: {moved} of {allowed}");
            }
        }
    }

    #[test]
    fn the_cost_of_a_network_that_guesses_equals_the_bound() {
        let (start, data) = (start(0.0, 1.0, 0.0), Dataset::from_points_2d(&[[1.0, 2.0]], vec![1]));
        let settings = Settings::default();
        let initial = TrainingState { update: 0, parameters: start.clone(), velocity: None };
        let mut learner = FusedLearner::<f64>::new(&start, &data, &settings);
        let state = learner.load(&initial).unwrap();
        let cost = learner.evaluate(&state).unwrap().cost;
        // Both are ln 2 up to rounding.
        assert!((cost - CostBound::new(&initial, &settings).max_cost()).abs() < 1e-15, "{cost}");
    }
}
