//! A bound on the cost from the parameters alone, by which most updates are known to be harmless without a look at them.
//!
//! ```text
//! |z2| <= s                        s = sum of |w2| + |b2|, since |tanh| <= 1
//! cost <= s + ln 2                 since softplus(u) <= |u| + ln 2
//! ```
//!
//! The derivatives by w2 and b2 are means of products of a2 - y with tanh or with 1, none of which is above 1 in size. An update
//! therefore moves none of the h + 1 numbers by more than the following, over all samples or over a batch:
//!
//! ```text
//! v := (h + 1) + weight_decay s + momentum v
//! s := s + learning_rate v
//! ```
//!
//! Both are given some room for rounding.
//!
//! Leaves out: the first layer, which bounds nothing. A parameter there that is not finite stays so and is found later.

use super::{Settings, TrainingState};
use crate::network::Parameters;

/// By how much a mean in f32 over a million samples may be wrong.
const SUMMING: f64 = 0.01;
/// Rounding of one number in f32, generously.
const ROUNDING: f64 = 1e-6;

/// What is known of the output layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    /// s.
    size: f64,
    /// v.
    velocity: f64,
    /// h + 1.
    numbers: f64,
    weight_decay: f64,
    momentum: f64,
}

impl Bound {
    pub(super) fn new(standing: &TrainingState, settings: &Settings) -> Self {
        Self {
            size: size(&standing.parameters),
            velocity: standing.velocity.as_ref().map_or(0.0, size),
            numbers: (standing.parameters.hidden + 1) as f64,
            weight_decay: settings.weight_decay.get(),
            // As the engines have it.
            momentum: f64::from(settings.momentum.get() as f32),
        }
    }

    /// After one more update.
    pub(super) fn grown(self, learning_rate: f64) -> Self {
        let gradient = self.numbers * (1.0 + SUMMING) + self.weight_decay * self.size;
        let velocity = (gradient + self.momentum * self.velocity) * (1.0 + ROUNDING);
        Self { velocity, size: (self.size + learning_rate * velocity) * (1.0 + ROUNDING), ..self }
    }

    /// The same when the parameters are known.
    pub(super) fn tightened(self, parameters: &Parameters) -> Self {
        Self { size: size(parameters), ..self }
    }

    /// What the cost cannot exceed, or a number that is not finite.
    pub(super) fn cost(&self) -> f64 {
        self.size + std::f64::consts::LN_2
    }
}

fn size(of: &Parameters) -> f64 {
    of.w2.iter().chain(&of.b2).map(|value| value.abs()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Dataset;
    use crate::train::learner::{Fused, Learner as _, Reading};

    fn start(w2: f64, b1: f64, b2: f64) -> Parameters {
        let hidden = 50;
        let (w1, b1, w2, b2) = (vec![0.0; 2 * hidden], vec![b1; hidden], vec![w2; hidden], vec![b2]);
        Parameters { features: 2, hidden, w1, b1, w2, b2 }
    }

    /// From samples of class 1 that are taken for class 0 with certainty, by hidden units that are all at 1: every derivative of
    /// the output layer is as large as can be. And with a weight decay that makes weights larger: it steps over zero.
    #[test]
    fn an_update_moves_the_output_layer_as_far_as_the_bound_says_and_no_farther() {
        let rate = 0.1;
        let data = Dataset::planar(&[[1.0, 2.0], [3.0, 4.0]], vec![1, 1]);
        for (weight_decay, momentum) in [(0.0, 0.0), (0.0, 0.9), (30.0, 0.0), (30.0, 0.9)] {
            let start = start(weight_decay, 30.0, -5_000.0);
            let toml = format!("weight_decay = {weight_decay:?}\nmomentum = {momentum:?}");
            let settings: Settings = toml::from_str(&toml).unwrap();
            let mut learner = Fused::<f64>::new(&start, &data, &settings);
            let standing = TrainingState { update: 0, parameters: start, velocity: None };
            let (mut state, mut bound) = (learner.begin(&standing).unwrap(), Bound::new(&standing, &settings));
            let [mut moved, mut allowed] = [0.0; 2];
            for update in 0..20 {
                let before = learner.standing(&state, update).unwrap();
                let restored = Bound::new(&before, &settings);
                state = learner.step(state, update, rate).unwrap();
                let Reading { cost, parameters: after, .. } = learner.read(&state).unwrap();
                for grown in [bound.grown(rate), restored.grown(rate)] {
                    assert!(size(&after) <= grown.size, "{toml}: {} above {}", size(&after), grown.size);
                    assert!(cost <= grown.tightened(&after).cost(), "{toml}: {cost}");
                }
                let [now, then] = [&after, &before.parameters].map(|of| of.w2.iter().chain(&of.b2));
                moved += now.zip(then).map(|(now, then)| (now - then).abs()).sum::<f64>();
                allowed += bound.grown(rate).size - bound.size;
                bound = bound.grown(rate).tightened(&after);
                assert_eq!(bound.size, size(&after), "{toml}");
            }
            if weight_decay == 0.0 {
                let exact = allowed / (1.0 + SUMMING);
                assert!(moved <= allowed && moved > 0.995 * exact, "{toml}: {moved} of {allowed}");
            }
        }
    }

    #[test]
    fn a_network_that_guesses_costs_as_much_as_the_bound_says() {
        let (start, data) = (start(0.0, 1.0, 0.0), Dataset::planar(&[[1.0, 2.0]], vec![1]));
        let settings = Settings::default();
        let standing = TrainingState { update: 0, parameters: start.clone(), velocity: None };
        let mut learner = Fused::<f64>::new(&start, &data, &settings);
        let state = learner.begin(&standing).unwrap();
        let cost = learner.read(&state).unwrap().cost;
        // Both are ln 2, to a rounding.
        assert!((cost - Bound::new(&standing, &settings).cost()).abs() < 1e-15, "{cost}");
    }
}
