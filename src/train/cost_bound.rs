//! An upper bound on the cost that follows from the size of the parameters.
//!
//! Training must never continue from a cost above `train.cost_limit`. Computing the cost after each update would be
//! expensive. The bound costs little: while it is below the limit, the cost is too.
//!
//! # tanh and sigmoid
//!
//! ```text
//! |z2| <= s                        s = sum of |w2| + |b2|, since |a1| <= 1
//! cost <= s + ln 2                 since softplus(u) <= |u| + ln 2
//! ```
//!
//! The derivatives with respect to w2 and b2 are means of `(a2 - y) a1` and of `a2 - y`. None of them is above 1 in
//! size, over all samples or over a batch. There are h + 1 of them, so one update changes s by at most this much:
//!
//! ```text
//! v := (h + 1) + weight_decay s + momentum v
//! s := s + learning_rate v
//! ```
//!
//! The first layer does not appear: it cannot make |a1| larger than 1. A parameter of the first layer that is not finite
//! stays so, and the next evaluation finds it.
//!
//! # relu and identity
//!
//! Here |a1| has no limit, so the bound goes through the first layer. With the L2 norms f of w1 and b1 together, p of w2, and r
//! of the longest row of x with a 1 for the bias, and since |a1| <= |z1|:
//!
//! ```text
//! |a1| <= r f        |z2| <= r f p + |b2|                  Cauchy and Schwarz
//! |d(w1, b1)| <= r p         f := f + learning_rate v_f    v_f := r p + weight_decay f + momentum v_f
//! |dw2| <= r f               p := p + learning_rate v_p    v_p := r f + weight_decay p + momentum v_p
//! |db2| <= 1                 and b2 likewise
//! ```
//!
//! One update may multiply f and p by `1 + learning_rate r`. So the bound passes the limit after a few updates, and the
//! parameters are read more often than with tanh. `docs/sharpness.md` has the price.
//!
//! All formulas get a small margin for rounding, also of the momentum to f32 in a run of that type.

use super::{Settings, TrainingState};
use crate::data::Dataset;
use crate::data::vector::norm;
use crate::network::Parameters;

/// The relative error that a mean in f32 over a million samples may have.
const SUMMATION_ERROR: f64 = 0.01;
/// More than the relative rounding errors of the few f32 numbers in one formula.
const ROUNDING_ERROR: f64 = 1e-6;

/// An upper bound on the cost after some updates.
#[derive(Clone, Copy, Debug)]
pub(super) struct CostBound {
    rule: Rule,
    size: Sizes,
    /// At least the same sizes of the velocity.
    velocity: Sizes,
    weight_decay: f64,
    momentum: f64,
}

/// How the cost follows from the sizes.
#[derive(Clone, Copy, Debug)]
enum Rule {
    /// |a1| is at most 1. Holds h + 1, the number of parameters of the output layer.
    OutputLayer { parameters: f64 },
    /// |a1| is at most |z1|. Holds r.
    BothLayers { longest_row: f64 },
}

/// Upper bounds on the sizes of parameters, or of their derivatives or velocity.
#[derive(Clone, Copy, Debug, Default)]
struct Sizes {
    /// f. It is 0 where only the output layer counts.
    hidden: f64,
    /// p, or s where only the output layer counts.
    output: f64,
    /// |b2|. It is 0 where s contains it.
    bias: f64,
}

impl CostBound {
    pub(super) fn new(state: &TrainingState, data: &Dataset, settings: &Settings) -> Self {
        let rule = if state.parameters.activation.is_bounded() {
            Rule::OutputLayer { parameters: (state.parameters.hidden + 1) as f64 }
        } else {
            let squares = data.rows().map(|row| row.iter().fold(1.0, |sum, x| sum + x * x));
            Rule::BothLayers { longest_row: squares.fold(1.0, f64::max).sqrt() }
        };
        Self {
            rule,
            size: rule.sizes(&state.parameters),
            velocity: state
                .velocity
                .as_ref()
                .map_or_else(Sizes::default, |velocity| rule.sizes(velocity)),
            weight_decay: settings.weight_decay.get(),
            momentum: settings.momentum.get(),
        }
    }

    /// The bound after one more update.
    pub(super) fn after_update(self, learning_rate: f64) -> Self {
        let gradient = self.rule.gradient(self.size, self.weight_decay);
        let velocity = gradient.plus(self.momentum, self.velocity);
        Self { velocity, size: self.size.plus(learning_rate, velocity), ..self }
    }

    /// The tighter bound that the parameters themselves give.
    pub(super) fn with_parameters(self, parameters: &Parameters) -> Self {
        Self { size: self.rule.sizes(parameters), ..self }
    }

    /// The largest possible cost. It may be NaN or infinite.
    pub(super) fn max_cost(&self) -> f64 {
        let Sizes { hidden, output, bias } = self.size;
        let largest_logit = match self.rule {
            Rule::OutputLayer { .. } => output,
            Rule::BothLayers { longest_row } => (longest_row * hidden * output + bias) * (1.0 + SUMMATION_ERROR),
        };
        largest_logit + std::f64::consts::LN_2
    }
}

impl Rule {
    fn sizes(self, parameters: &Parameters) -> Sizes {
        let Parameters { w1, b1, w2, b2, .. } = parameters;
        match self {
            Self::OutputLayer { .. } => {
                let output = w2.iter().chain(b2).map(|value| value.abs()).sum();
                Sizes { output, ..Sizes::default() }
            }
            Self::BothLayers { .. } => Sizes { hidden: norm(w1).hypot(norm(b1)), output: norm(w2), bias: b2[0].abs() },
        }
    }

    /// The largest possible gradient at parameters of these sizes.
    fn gradient(self, Sizes { hidden, output, .. }: Sizes, weight_decay: f64) -> Sizes {
        let sum = |mean: f64, weights: f64| mean * (1.0 + SUMMATION_ERROR) + weight_decay * weights;
        match self {
            Self::OutputLayer { parameters } => Sizes { output: sum(parameters, output), ..Sizes::default() },
            Self::BothLayers { longest_row: r } => {
                Sizes { hidden: sum(r * output, hidden), output: sum(r * hidden, output), bias: sum(1.0, 0.0) }
            }
        }
    }
}

impl Sizes {
    /// The largest possible sizes of `self + factor * other`, rounded.
    fn plus(self, factor: f64, other: Self) -> Self {
        let add = |size: f64, other: f64| (size + factor * other) * (1.0 + ROUNDING_ERROR);
        Self {
            hidden: add(self.hidden, other.hidden),
            output: add(self.output, other.output),
            bias: add(self.bias, other.bias),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Activation;
    use crate::train::fused_learner::FusedLearner;
    use crate::train::learner::{Evaluation, Learner as _};

    fn start(w2: f64, b1: f64, b2: f64) -> Parameters {
        let hidden = 50;
        let (w1, b1, w2, b2) = (vec![0.0; 2 * hidden], vec![b1; hidden], vec![w2; hidden], vec![b2]);
        Parameters { features: 2, hidden, activation: Activation::Tanh, w1, b1, w2, b2 }
    }

    fn output_size(bound: CostBound, parameters: &Parameters) -> f64 {
        bound.rule.sizes(parameters).output
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
            let (mut state, mut bound) = (learner.load(&initial).unwrap(), CostBound::new(&initial, &data, &settings));
            let [mut moved, mut allowed] = [0.0; 2];
            for update in 0..20 {
                let before = learner.save(&state, update).unwrap();
                let restored = CostBound::new(&before, &data, &settings);
                state = learner.step(state, update, rate).unwrap();
                let Evaluation { cost, parameters: after, .. } = learner.evaluate(&state).unwrap();

                for next in [bound.after_update(rate), restored.after_update(rate)] {
                    let size = output_size(bound, &after);
                    assert!(size <= next.size.output, "{toml}: {size} above {}", next.size.output);
                    assert!(cost <= next.with_parameters(&after).max_cost(), "{toml}: {cost}");
                }

                let [now, then] = [&after, &before.parameters].map(|p| p.w2.iter().chain(&p.b2));
                moved += now.zip(then).map(|(now, then)| (now - then).abs()).sum::<f64>();
                allowed += bound.after_update(rate).size.output - bound.size.output;
                bound = bound.after_update(rate).with_parameters(&after);
                assert_eq!(bound.size.output, output_size(bound, &after), "{toml}");
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
        assert!((cost - CostBound::new(&initial, &data, &settings).max_cost()).abs() < 1e-15, "{cost}");
    }

    /// A sample of class 1 is predicted as class 0 with certainty, and (w1, b1) points along (x, 1). So the derivatives of both
    /// layers are as large as they can be.
    #[test]
    fn an_update_changes_both_layers_as_much_as_the_bound_allows_and_no_more() {
        let rate = 0.01;
        let data = Dataset::from_points_2d(&[[1.0, 2.0], [-0.5, 0.5]], vec![1, 1]);
        let single = Dataset::from_points_2d(&[[1.0, 2.0]], vec![1]);
        for activation in [Activation::Relu, Activation::Identity] {
            for (weight_decay, momentum) in [(0.0, 0.0), (0.0, 0.9), (0.5, 0.0), (0.5, 0.9)] {
                let toml = format!("weight_decay = {weight_decay:?}\nmomentum = {momentum:?}");
                let settings: Settings = toml::from_str(&toml).unwrap();
                for (data, is_worst_case) in [(&single, weight_decay == 0.0), (&data, false)] {
                    let (w1, b1, w2, b2) = (vec![0.1, 0.2], vec![0.1], vec![0.3], vec![-5_000.0]);
                    let start = Parameters { features: 2, hidden: 1, activation, w1, b1, w2, b2 };
                    let mut learner = FusedLearner::<f64>::new(&start, data, &settings);
                    let initial = TrainingState { update: 0, parameters: start, velocity: None };
                    let mut state = learner.load(&initial).unwrap();
                    let start = CostBound::new(&initial, data, &settings);
                    let mut bound = start;

                    for update in 0..20 {
                        state = learner.step(state, update, rate).unwrap();
                        bound = bound.after_update(rate);
                        let Evaluation { cost, parameters, .. } = learner.evaluate(&state).unwrap();
                        let exact = bound.with_parameters(&parameters);
                        for (size, limit) in [
                            (exact.size.hidden, bound.size.hidden),
                            (exact.size.output, bound.size.output),
                            (exact.size.bias, bound.size.bias),
                        ] {
                            assert!(size <= limit, "{activation} {toml}: {size} above {limit}");
                        }
                        assert!(cost <= exact.max_cost() && cost <= bound.max_cost(), "{activation} {toml}: {cost}");
                    }

                    let moved = learner.parameters(&state).unwrap();
                    let (allowed, moved) = (bound.size.output, bound.with_parameters(&moved).size.output);
                    // The margin of 1 % of each gradient adds up over the updates.
                    if is_worst_case {
                        assert!(moved > 0.95 * allowed, "{activation} {toml}: {moved} of {allowed}");
                    }
                }
            }
        }
    }
}
