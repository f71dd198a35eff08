//! The lines of the listing, element by element: the right formulas, and those of known mistakes.
//!
//! The right formulas are those of `quantity.rs`. `mistake` replaces one part of one line. All formulas are generic in the
//! [`Number`], so that values, rounding errors and text come from the same place.
//!
//! No code is shared with the engines, because these formulas judge other programs.

use super::closeness::{AS_LARGE_AS_1, Unit};
use super::environment::{Environment, Kink, Symbol};
use super::mistakes::Mistake;
use super::number::{Base, Bounded, Number};
use super::quantity::{Input, Quantity};
use crate::network::Activation;

/// The factor of a decay of the biases, where the point has no weight decay.
const BIAS_DECAY: f64 = 0.01;

/// One line of the listing, at most one part of which is wrong.
struct Line<'a> {
    environment: &'a Environment<'a>,
    mistake: Option<Mistake>,
}

/// All elements of a line, row by row in the article's layout.
pub fn compute<N: Number>(quantity: Quantity, mistake: Option<Mistake>, environment: &Environment<'_>) -> Vec<N> {
    let columns = environment.columns(quantity.axes());
    (0..environment.sizes().count(quantity.axes()))
        .map(|flat| element(quantity, mistake, environment, flat / columns, flat % columns))
        .collect()
}

/// One element of a line.
pub fn element<N: Number>(
    quantity: Quantity,
    mistake: Option<Mistake>,
    environment: &Environment<'_>,
    row: usize,
    column: usize,
) -> N {
    let line = Line { environment, mistake };
    match quantity {
        Quantity::Z1 => line.z1(row, column),
        Quantity::A1 => line.a1(row, column),
        Quantity::Z2 => line.z2(column),
        Quantity::A2 => line.a2(column),
        Quantity::Cost => line.cost(),
        Quantity::DZ2 => line.dz2(column),
        Quantity::DZ1 => line.dz1(row, column),
        Quantity::DW2 | Quantity::DB2 | Quantity::DW1 | Quantity::DB1 => line.gradient(quantity, row, column),
        Quantity::W1 | Quantity::B1 | Quantity::W2 | Quantity::B2 => line.update(quantity, row, column),
    }
}

/// The cost by the logits. Unlike the listing's formula, it is finite for every logit.
pub fn stable_cost(environment: &Environment<'_>) -> Bounded {
    let m = environment.sizes().samples;
    let logits = environment.result(Quantity::Z2).iter().zip(&environment.point.y);
    let mut cost = Bounded { value: 0.0, size: 0.0 };
    for (z2, &y) in logits {
        // ln(1 + e^u), where u is the logit with the sign of the wrong class.
        let u = (1.0 - 2.0 * y) * z2.value;
        let value = u.max(0.0) + (-u.abs()).exp().ln_1p();
        // The listing computes ln(1 - A2) for Y = 0, whose error is large where 1 - A2 is small.
        let size = z2.size + value + 1.0 + (2.0 * u.max(0.0)).exp().min(1e300);
        cost.value += value / m as f64;
        cost.size += size / m as f64;
    }
    cost
}

/// `weight_decay / 2` times the sum of all squared weights: some programs add it to the cost.
pub fn penalty(environment: &Environment<'_>) -> f64 {
    let weights = environment.point.parameters.w1.iter().chain(&environment.point.parameters.w2);
    environment.point.weight_decay / 2.0 * weights.map(|weight| weight * weight).sum::<f64>()
}

/// The activation function of the hidden layer.
fn activate<N: Number>(activation: Activation, z1: N) -> N {
    match activation {
        Activation::Tanh => z1.tanh(),
        Activation::Sigmoid => z1.sigmoid(),
        Activation::Relu => z1.relu(),
        Activation::Identity => z1,
    }
}

impl Line<'_> {
    fn has(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }

    fn read<N: Number>(&self, symbol: Symbol, row: usize, column: usize) -> N {
        N::element(self.environment.element(symbol, row, column), || self.environment.element_name(symbol, row, column))
    }

    fn input<N: Number>(&self, input: Input, row: usize, column: usize) -> N {
        self.read(Symbol::Input(input), row, column)
    }

    fn result<N: Number>(&self, quantity: Quantity, row: usize, column: usize) -> N {
        self.read(Symbol::Quantity(quantity), row, column)
    }

    /// A parameter; after its update, if the mistake says so.
    fn parameter<N: Number>(&self, input: Input, quantity: Quantity, row: usize, column: usize) -> N {
        if self.has(Mistake::UpdatedParameters) {
            self.read(Symbol::Updated(quantity), row, column)
        } else {
            self.input(input, row, column)
        }
    }

    /// The number of samples, where a mistake takes the number of features for it.
    fn m<N: Number>(&self) -> N {
        let sizes = self.environment.sizes();
        N::constant(if self.has(Mistake::FeaturesForSamples) {
            sizes.features
        } else {
            sizes.samples
        } as f64)
    }

    /// How many samples a sum goes over.
    fn summed_samples(&self) -> usize {
        let m = self.environment.sizes().samples;
        if self.has(Mistake::LastSampleMissing) { m.saturating_sub(1) } else { m }
    }

    /// Element (j, i) of X.
    fn x<N: Number>(&self, feature: usize, sample: usize) -> N {
        let sizes = self.environment.sizes();
        match self.mistake {
            Some(Mistake::SamplesTransposed) => self.input(Input::X, sample, feature),
            Some(Mistake::SamplesReshaped) => {
                let flat = feature * sizes.samples + sample;
                self.input(Input::X, flat % sizes.features, flat / sizes.features)
            }
            _ => self.input(Input::X, feature, sample),
        }
    }

    fn z1<N: Number>(&self, unit: usize, sample: usize) -> N {
        let product = N::sum(self.environment.sizes().features, |j| {
            let weight = if self.has(Mistake::WeightsTransposed) {
                self.input(Input::W1, j, unit)
            } else {
                self.parameter::<N>(Input::W1, Quantity::W1, unit, j)
            };
            weight * self.x(j, sample)
        });
        match self.mistake {
            Some(Mistake::BiasForgotten) => product,
            _ => product + self.parameter(Input::B1, Quantity::B1, unit, 0),
        }
    }

    fn a1<N: Number>(&self, unit: usize, sample: usize) -> N {
        if self.has(Mistake::UpdatedParameters) {
            return activate(self.activation(), self.z1::<N>(unit, sample));
        }
        let z1: N = self.result(Quantity::Z1, unit, sample);
        match self.mistake {
            Some(Mistake::OtherActivation(other)) => activate(other, z1),
            Some(Mistake::ActivationForgotten) => z1,
            _ => activate(self.activation(), z1),
        }
    }

    fn activation(&self) -> Activation {
        self.environment.point.activation
    }

    /// A1, where a mistake takes Z1 for it.
    fn hidden<N: Number>(&self, unit: usize, sample: usize) -> N {
        let quantity = if self.has(Mistake::PreActivation) { Quantity::Z1 } else { Quantity::A1 };
        self.result(quantity, unit, sample)
    }

    fn z2<N: Number>(&self, sample: usize) -> N {
        let product = N::sum(self.environment.sizes().hidden, |k| {
            self.parameter::<N>(Input::W2, Quantity::W2, 0, k) * self.hidden(k, sample)
        });
        match self.mistake {
            Some(Mistake::BiasForgotten) => product,
            _ => product + self.parameter(Input::B2, Quantity::B2, 0, 0),
        }
    }

    fn a2<N: Number>(&self, sample: usize) -> N {
        let z2: N = self.result(Quantity::Z2, 0, sample);
        match self.mistake {
            Some(Mistake::TanhForSigmoid) => z2.tanh(),
            Some(Mistake::ActivationForgotten) => z2,
            Some(Mistake::ExponentSign) => (-z2).sigmoid(),
            _ => z2.sigmoid(),
        }
    }

    /// The label, where a mistake takes -1 for 0.
    fn label<N: Number>(&self, sample: usize) -> N {
        let y: N = self.input(Input::Y, 0, sample);
        match self.mistake {
            Some(Mistake::LabelsMinusOne) => N::constant(2.0) * y - N::constant(1.0),
            _ => y,
        }
    }

    fn cost<N: Number>(&self) -> N {
        let base = match self.mistake {
            Some(Mistake::CostLog2) => Base::Two,
            Some(Mistake::CostLog10) => Base::Ten,
            _ => Base::E,
        };
        let one = || N::constant(1.0);
        let sum = N::sum(self.summed_samples(), |i| {
            let a2: N = self.result(Quantity::A2, 0, i);
            let y = self.environment.point.y[i];
            match self.mistake {
                Some(Mistake::LabelsMinusOne) => {
                    let label: N = self.label(i);
                    label.clone() * a2.clone().log(base) + (one() - label) * (one() - a2).log(base)
                }
                Some(Mistake::SecondTermMissing) if y == 0.0 => N::constant(0.0),
                // The other term is 0. In NumPy it is NaN where its logarithm is infinite.
                _ if y == 0.0 => (one() - a2).log(base),
                _ if y == 1.0 => a2.log(base),
                _ => {
                    let label: N = self.label(i);
                    label.clone() * a2.clone().log(base) + (one() - label) * (one() - a2).log(base)
                }
            }
        });
        match self.mistake {
            Some(Mistake::CostSign) => sum / self.m(),
            Some(Mistake::CostMean) => -sum,
            Some(Mistake::CostSignAndMean) => sum,
            _ => -sum / self.m(),
        }
    }

    fn dz2<N: Number>(&self, sample: usize) -> N {
        let one = || N::constant(1.0);
        if self.has(Mistake::LastSampleMissing) && sample == self.summed_samples() {
            return N::constant(0.0);
        }

        let (a2, y): (N, N) = (self.result(Quantity::A2, 0, sample), self.label(sample));
        let a2_slope = a2.clone() * (one() - a2.clone());
        let per_sample = match self.mistake {
            Some(Mistake::SignFlipped) => y - a2,
            Some(Mistake::SigmoidDerivativeTwice) => (a2 - y) * a2_slope,
            Some(Mistake::ByProbability) => ((one() - y.clone()) / (one() - a2.clone()) - y / a2) * a2_slope,
            _ => a2 - y,
        };
        let divides = self.environment.convention.divides_early;
        match self.mistake {
            Some(Mistake::MeanMissing) => per_sample,
            Some(Mistake::MeanTwice) if divides => per_sample / self.m() / self.m(),
            Some(Mistake::MeanTwice) => per_sample / self.m(),
            _ if divides => per_sample / self.m(),
            _ => per_sample,
        }
    }

    fn dz1<N: Number>(&self, unit: usize, sample: usize) -> N {
        let one = || N::constant(1.0);
        if self.has(Mistake::LastSampleMissing) && sample == self.summed_samples() {
            return N::constant(0.0);
        }

        let weight: N = self.parameter(Input::W2, Quantity::W2, 0, unit);
        let product = weight * self.result(Quantity::DZ2, 0, sample);
        let (z1, a1): (N, N) = (self.result(Quantity::Z1, unit, sample), self.result(Quantity::A1, unit, sample));
        let activation = self.activation();
        let factor = match self.mistake {
            Some(Mistake::DerivativeMissing) => None,
            Some(Mistake::DerivativeNotSquared) => Some(one() - a1),
            Some(Mistake::DerivativeOfPreActivation) => self.derivative(activation, z1, unit, sample),
            Some(Mistake::DerivativeOfActivation) => {
                self.derivative(activation, activate(activation, a1), unit, sample)
            }
            Some(Mistake::OtherDerivative(other)) => self.derivative(other, a1, unit, sample),
            _ => self.derivative(activation, a1, unit, sample),
        };
        match factor {
            Some(factor) => product * factor,
            None => product,
        }
    }

    /// The derivative of an activation in terms of A1; of relu in terms of Z1. `None` for identity, which has no factor.
    fn derivative<N: Number>(&self, activation: Activation, a1: N, unit: usize, sample: usize) -> Option<N> {
        let one = || N::constant(1.0);
        match activation {
            Activation::Tanh => Some(one() - a1.square()),
            Activation::Sigmoid => Some(a1.clone() * (one() - a1)),
            Activation::Relu => Some(self.relu_derivative(unit, sample)),
            Activation::Identity => None,
        }
    }

    /// `Z1 > 0`, which is 1 or 0. Where rounding may have changed the sign of Z1, each of them is right.
    fn relu_derivative<N: Number>(&self, unit: usize, sample: usize) -> N {
        let (symbol, kink) = (Symbol::Quantity(Quantity::Z1), self.environment.convention.kink);
        let z1 = self.environment.element(symbol, unit, sample);
        let is_rounded = z1.size != 0.0 && Unit::Single.is_close(0.0, z1);

        let value = if z1.value == 0.0 {
            kink.derivative()
        } else {
            f64::from(u8::from(z1.value > 0.0))
        };
        let size = if is_rounded { AS_LARGE_AS_1 } else { 0.0 };
        let operator = if kink == Kink::One { ">=" } else { ">" };
        N::element(Bounded { value, size }, || {
            format!("({} {operator} 0)", self.environment.element_name(symbol, unit, sample))
        })
    }

    fn gradient<N: Number>(&self, quantity: Quantity, row: usize, column: usize) -> N {
        let sizes = self.environment.sizes();
        let sum = match quantity {
            Quantity::DW2 => {
                N::sum(self.summed_samples(), |i| self.result::<N>(Quantity::DZ2, 0, i) * self.hidden(column, i))
            }
            Quantity::DW1 => {
                N::sum(self.summed_samples(), |i| self.result::<N>(Quantity::DZ1, row, i) * self.x(column, i))
            }
            Quantity::DB2 => N::sum(self.summed_samples(), |i| self.result(Quantity::DZ2, 0, i)),
            _ if self.has(Mistake::AxisMissing) => N::sum(sizes.hidden * sizes.samples, |flat| {
                self.result(Quantity::DZ1, flat / sizes.samples, flat % sizes.samples)
            }),
            _ => N::sum(self.summed_samples(), |i| self.result(Quantity::DZ1, row, i)),
        };

        let divides = !self.environment.convention.divides_early;
        let mean = match self.mistake {
            Some(Mistake::MeanMissing) => sum,
            Some(Mistake::MeanTwice) if divides => sum / self.m() / self.m(),
            Some(Mistake::MeanTwice) => sum / self.m(),
            _ if divides => sum / self.m(),
            _ => sum,
        };

        let mean = self.with_decay(mean, quantity, row, column);
        match (self.mistake, quantity.previous()) {
            (Some(Mistake::Accumulated), Some(previous)) => mean + self.input(previous, row, column),
            _ => mean,
        }
    }

    /// Adds the gradient of the penalty to the gradient by a weight.
    fn with_decay<N: Number>(&self, mean: N, quantity: Quantity, row: usize, column: usize) -> N {
        let decay = self.environment.point.weight_decay;
        let applies = decay != 0.0 && !self.environment.convention.decays_in_update;
        match quantity {
            Quantity::DW1 if applies && !self.has(Mistake::DecayMissing) => {
                mean + N::constant(decay) * self.input(Input::W1, row, column)
            }
            Quantity::DW2 if applies && !self.has(Mistake::DecayMissing) => {
                mean + N::constant(decay) * self.input(Input::W2, row, column)
            }
            Quantity::DB1 | Quantity::DB2 if self.has(Mistake::BiasDecayed) => {
                let bias = if quantity == Quantity::DB1 { Input::B1 } else { Input::B2 };
                let decay = if decay == 0.0 { BIAS_DECAY } else { decay };
                mean + N::constant(decay) * self.input(bias, row, column)
            }
            _ => mean,
        }
    }

    fn update<N: Number>(&self, quantity: Quantity, row: usize, column: usize) -> N {
        let (input, gradient) = match quantity {
            Quantity::W1 => (Input::W1, Quantity::DW1),
            Quantity::B1 => (Input::B1, Quantity::DB1),
            Quantity::W2 => (Input::W2, Quantity::DW2),
            _ => (Input::B2, Quantity::DB2),
        };
        let is_weight = matches!(input, Input::W1 | Input::W2);
        let old: N = self.input(input, row, column);
        let decay = self.environment.point.weight_decay;
        let mut gradient_element: N = self.result(gradient, row, column);
        if self.environment.convention.decays_in_update && is_weight && !self.has(Mistake::DecayMissing) {
            gradient_element = gradient_element + N::constant(decay) * old.clone();
        }
        if let (Some(Mistake::Accumulated), Some(previous)) = (self.mistake, gradient.previous()) {
            gradient_element = gradient_element + self.input(previous, row, column);
        }

        let rate = || self.input::<N>(Input::LearningRate, 0, 0);
        match self.mistake {
            Some(Mistake::NotUpdated) => old,
            Some(Mistake::PlusForMinus) => old + rate() * gradient_element,
            Some(Mistake::RateMissing) => old - gradient_element,
            Some(Mistake::OldValueMissing) => -(rate() * gradient_element),
            _ => old - rate() * gradient_element,
        }
    }
}
