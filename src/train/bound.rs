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
//! Leaves out: the first layer, which bounds nothing. A number there that is not finite stays so and is found later.

use super::{Settings, Standing};
use crate::model::Parameters;

/// Rounding in one update, generously: an f32 has 6e-8, its tanh and sigmoid twice that.
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
    pub(super) fn new(standing: &Standing, settings: &Settings) -> Self {
        Self {
            size: size(&standing.parameters),
            velocity: standing.velocity.as_ref().map_or(0.0, size),
            numbers: (standing.parameters.hidden + 1) as f64,
            weight_decay: settings.weight_decay.get(),
            momentum: settings.momentum.get(),
        }
    }

    /// After one more update.
    pub(super) fn grown(self, learning_rate: f64) -> Self {
        let velocity = self.numbers + self.weight_decay * self.size + self.momentum * self.velocity;
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
    use crate::fused;

    /// From samples of class 1 that are taken for class 0 with certainty, by hidden units that are all at 1: every derivative of
    /// the output layer is as large as can be. And with a weight decay that makes weights larger: it steps over zero.
    #[test]
    fn an_update_moves_the_output_layer_as_far_as_the_bound_says_and_no_farther() {
        let (hidden, rate) = (100, 0.1);
        let data = Dataset::planar(&[[1.0, 2.0], [3.0, 4.0]], vec![1, 1]);
        for (weight_decay, momentum) in [(0.0, 0.0), (0.0, 0.9), (30.0, 0.0), (30.0, 0.9)] {
            let w2 = vec![weight_decay; hidden];
            let (w1, b1, b2) = (vec![0.0; 2 * hidden], vec![30.0; hidden], vec![-5_000.0]);
            let start = Parameters { features: 2, hidden, w1, b1, w2, b2 };
            let toml = format!("weight_decay = {weight_decay:?}\nmomentum = {momentum:?}");
            let settings: Settings = toml::from_str(&toml).unwrap();
            let mut pass = fused::pass::<f64>(&start, &data);
            let (mut at, mut velocity) = (start.clone(), vec![0.0; 4 * hidden + 1]);
            let mut bound = Bound::new(&Standing { update: 0, parameters: start, velocity: None }, &settings);
            let [mut moved, mut allowed] = [0.0; 2];
            for _ in 0..20 {
                let mut packed = fused::packed(&at);
                let gradient = pass.gradient(&packed, weight_decay);
                velocity.iter_mut().zip(gradient.values()).for_each(|(v, g)| *v = momentum * *v + g);
                packed.values_mut().iter_mut().zip(&velocity).for_each(|(p, v)| *p -= rate * v);
                let next: Parameters = fused::unpacked(&packed);
                let grown = bound.grown(rate);
                assert!(size(&next) <= grown.size, "{toml}: {} above {}", size(&next), grown.size);
                moved += at
                    .w2
                    .iter()
                    .chain(&at.b2)
                    .zip(next.w2.iter().chain(&next.b2))
                    .map(|(a, b)| (a - b).abs())
                    .sum::<f64>();
                allowed += grown.size - bound.size;
                (bound, at) = (grown.tightened(&next), next);
            }
            if weight_decay == 0.0 {
                assert!(moved > 0.99 * allowed, "{toml}: {moved} of {allowed}");
            }
        }
    }
}
