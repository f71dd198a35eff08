//! The lines of the listing, element by element: the right formulas, and those of known mistakes.
//!
//! The right formulas are those of `quantity.rs`. `mistake` replaces one part of one line. All formulas are generic in the
//! [`Number`], so that values, rounding errors and text come from the same place.
//!
//! No code is shared with the engines, because these formulas judge other programs.

use super::closeness::{AS_LARGE_AS_1, Unit};
use super::convention::Kink;
use super::environment::{Environment, Symbol, View};
use super::mistakes::Mistake;
use super::number::{Base, Bounded, Number};
use super::quantity::{Input, Quantity};
use crate::network::Activation;

/// The factor of a decay of the biases, where the point has no weight decay.
const BIAS_DECAY: f64 = 0.01;

/// What Adam adds to the divisor, in PyTorch and in its article.
const ADAM_EPSILON: f64 = 1e-8;

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

/// A number in [1e-8, 1 - 1e-8], where the exponent is 8.
fn clipped<N: Number>(value: N, exponent: u8) -> N {
    let bound = 10_f64.powi(-i32::from(exponent));
    value.clip(bound, 1.0 - bound)
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

    fn input(&self, input: Input) -> View<'_> {
        self.environment.view(Symbol::Input(input))
    }

    fn result(&self, quantity: Quantity) -> View<'_> {
        self.environment.view(Symbol::Quantity(quantity))
    }

    /// A parameter; after its update, if the mistake says so.
    fn parameter(&self, input: Input, quantity: Quantity) -> View<'_> {
        if self.has(Mistake::UpdatedParameters) {
            self.environment.view(Symbol::Updated(quantity))
        } else {
            self.input(input)
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
    #[inline]
    fn x<N: Number>(&self, x: View<'_>, feature: usize, sample: usize) -> N {
        let sizes = self.environment.sizes();
        match self.mistake {
            Some(Mistake::SamplesTransposed) => x.at(sample, feature),
            Some(Mistake::SamplesReshaped) => {
                let flat = feature * sizes.samples + sample;
                x.at(flat % sizes.features, flat / sizes.features)
            }
            Some(Mistake::FeaturesReversed) => x.at(sizes.features - 1 - feature, sample),
            _ => x.at(feature, sample),
        }
    }

    fn z1<N: Number>(&self, unit: usize, sample: usize) -> N {
        let d = self.environment.sizes().features;
        let w1 = self.parameter(Input::W1, Quantity::W1);
        let weights = if self.has(Mistake::WeightsTransposed) {
            w1.column(unit)
        } else {
            w1.row(unit)
        };
        let product = match self.mistake {
            Some(Mistake::SamplesTransposed | Mistake::SamplesReshaped | Mistake::FeaturesReversed) => {
                let x = self.input(Input::X);
                N::sum(d, |j| weights.at::<N>(j) * self.x(x, j, sample))
            }
            _ => weights.dot(&self.environment.samples_side_by_side().column(sample), d),
        };
        match self.mistake {
            Some(Mistake::BiasForgotten) => product,
            _ => product + self.parameter(Input::B1, Quantity::B1).at(unit, 0),
        }
    }

    fn a1<N: Number>(&self, unit: usize, sample: usize) -> N {
        if self.has(Mistake::UpdatedParameters) {
            return activate(self.activation(), self.z1::<N>(unit, sample));
        }
        let z1: N = self.result(Quantity::Z1).at(unit, sample);
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
    fn hidden(&self) -> View<'_> {
        self.result(if self.has(Mistake::PreActivation) { Quantity::Z1 } else { Quantity::A1 })
    }

    fn z2<N: Number>(&self, sample: usize) -> N {
        let (w2, hidden) = (self.parameter(Input::W2, Quantity::W2), self.hidden());
        let product: N = w2.row(0).dot(&hidden.column(sample), self.environment.sizes().hidden);
        match self.mistake {
            Some(Mistake::BiasForgotten) => product,
            _ => product + self.parameter(Input::B2, Quantity::B2).at(0, 0),
        }
    }

    fn a2<N: Number>(&self, sample: usize) -> N {
        let z2: N = self.result(Quantity::Z2).at(0, sample);
        match self.mistake {
            Some(Mistake::TanhForSigmoid) => z2.tanh(),
            Some(Mistake::ActivationForgotten) => z2,
            Some(Mistake::ExponentSign) => (-z2).sigmoid(),
            Some(Mistake::Clipped(exponent)) => clipped(z2.sigmoid(), exponent),
            _ => z2.sigmoid(),
        }
    }

    /// The label, where a mistake takes -1 for 0.
    fn label<N: Number>(&self, sample: usize) -> N {
        let y: N = self.input(Input::Y).at(0, sample);
        match self.mistake {
            Some(Mistake::LabelsMinusOne) => N::constant(2.0) * y - N::constant(1.0),
            Some(Mistake::LabelsSwapped) => N::constant(1.0) - y,
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
        let a2s = self.result(Quantity::A2);
        let m = self.summed_samples();
        let labels = &self.environment.point.y;
        let count_of_ones = labels.iter().sum::<f64>();
        let sum = match self.mistake {
            Some(Mistake::SquaredError | Mistake::HalfSquaredError) => {
                -N::sum(m, |i| (a2s.at::<N>(0, i) - self.label(i)).square())
            }
            // The sum over labels of the sum over probabilities.
            Some(Mistake::CostOfPairs | Mistake::MeanOfPairs) => {
                N::constant(count_of_ones) * N::sum(m, |i| a2s.at::<N>(0, i).log(base))
                    + N::constant(m as f64 - count_of_ones) * N::sum(m, |i| (one() - a2s.at::<N>(0, i)).log(base))
            }
            _ => N::sum(m, |i| {
                let a2: N = a2s.at(0, i);
                let (of_one, of_zero) = match self.mistake {
                    Some(Mistake::LogOffset(exponent)) => {
                        let offset = || N::constant(10_f64.powi(-i32::from(exponent)));
                        (a2.clone() + offset(), one() - a2 + offset())
                    }
                    Some(Mistake::Clipped(exponent)) => {
                        let a2: N = clipped(a2, exponent);
                        (a2.clone(), one() - a2)
                    }
                    _ => (a2.clone(), one() - a2),
                };
                match self.mistake {
                    Some(Mistake::LabelsMinusOne) => {
                        let label: N = self.label(i);
                        label.clone() * of_one.log(base) + (one() - label) * of_zero.log(base)
                    }
                    Some(Mistake::SecondTermMissing) if labels[i] == 0.0 => N::constant(0.0),
                    // The other term is 0. In NumPy it is NaN where its logarithm is infinite.
                    _ if (labels[i] == 0.0) != self.has(Mistake::LabelsSwapped) => of_zero.log(base),
                    _ => of_one.log(base),
                }
            }),
        };
        match self.mistake {
            Some(Mistake::CostSign) => sum / self.m(),
            Some(Mistake::CostMean) => -sum,
            Some(Mistake::CostSignAndMean) => sum,
            Some(Mistake::HalfSquaredError) => -sum / (N::constant(2.0) * self.m()),
            Some(Mistake::MeanOfPairs) => -sum / self.m::<N>().square(),
            _ => -sum / self.m(),
        }
    }

    fn dz2<N: Number>(&self, sample: usize) -> N {
        let one = || N::constant(1.0);
        if self.has(Mistake::LastSampleMissing) && sample == self.summed_samples() {
            return N::constant(0.0);
        }

        let (a2, y): (N, N) = (self.result(Quantity::A2).at(0, sample), self.label(sample));
        let a2_slope = a2.clone() * (one() - a2.clone());
        let per_sample = match self.mistake {
            Some(Mistake::SignFlipped) => y - a2,
            Some(Mistake::SigmoidDerivativeTwice) => (a2 - y) * a2_slope,
            Some(Mistake::SigmoidDerivativeMissing) => (one() - y.clone()) / (one() - a2.clone()) - y / a2,
            Some(Mistake::ByProbability) => ((one() - y.clone()) / (one() - a2.clone()) - y / a2) * a2_slope,
            _ => a2 - y,
        };
        self.mean(per_sample, Quantity::DZ2)
    }

    /// Divides by m where the line of the quantity has to, and where a mistake does.
    fn mean<N: Number>(&self, value: N, quantity: Quantity) -> N {
        let divides = self.environment.convention.divides(quantity);
        match self.mistake {
            Some(Mistake::MeanMissing) => value,
            Some(Mistake::MeanTwice) if divides => value / self.m() / self.m(),
            Some(Mistake::MeanTwice) => value / self.m(),
            _ if divides => value / self.m(),
            _ => value,
        }
    }

    fn dz1<N: Number>(&self, unit: usize, sample: usize) -> N {
        let one = || N::constant(1.0);
        if self.has(Mistake::LastSampleMissing) && sample == self.summed_samples() {
            return N::constant(0.0);
        }

        let weight: N = self.parameter(Input::W2, Quantity::W2).at(0, unit);
        let product = weight * self.result(Quantity::DZ2).at(0, sample);
        let a1: N = self.result(Quantity::A1).at(unit, sample);
        let z1 = || self.result(Quantity::Z1).at::<N>(unit, sample);
        let activation = self.activation();
        let factor = match self.mistake {
            Some(Mistake::DerivativeMissing) => None,
            Some(Mistake::DerivativeNotSquared) => Some(one() - a1),
            Some(Mistake::DerivativeOfPreActivation) => self.derivative(activation, z1(), unit, sample),
            Some(Mistake::DerivativeOfActivation) => {
                self.derivative(activation, activate(activation, a1), unit, sample)
            }
            Some(Mistake::OtherDerivative(other)) => self.derivative(other, a1, unit, sample),
            _ => self.derivative(activation, a1, unit, sample),
        };
        let per_sample = match factor {
            Some(factor) => product * factor,
            None => product,
        };
        if self.environment.convention.drops_mean_in_dz1() {
            return self.mean(per_sample * self.m(), Quantity::DZ1);
        }
        self.mean(per_sample, Quantity::DZ1)
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
        let z1: Bounded = self.result(Quantity::Z1).at(unit, sample);
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
        let m = self.summed_samples();
        let sum = match quantity {
            Quantity::DW2 => self.result(Quantity::DZ2).row(0).dot(&self.hidden().row(column), m),
            Quantity::DW1 => {
                let (dz1, x) = (self.result(Quantity::DZ1), self.input(Input::X));
                match self.mistake {
                    Some(Mistake::SamplesTransposed | Mistake::SamplesReshaped | Mistake::FeaturesReversed) => {
                        N::sum(m, |i| dz1.at::<N>(row, i) * self.x(x, column, i))
                    }
                    _ => dz1.row(row).dot(&x.row(column), m),
                }
            }
            Quantity::DB2 => {
                let dz2 = self.result(Quantity::DZ2);
                N::sum(m, |i| dz2.at(0, i))
            }
            _ => {
                let dz1 = self.result(Quantity::DZ1);
                if self.has(Mistake::AxisMissing) {
                    N::sum(sizes.hidden * m, |flat| dz1.at(flat / m, flat % m))
                } else {
                    N::sum(m, |i| dz1.at(row, i))
                }
            }
        };

        let mean = self.mean(sum, quantity);
        let mean = self.with_decay(mean, quantity, row, column);
        match (self.mistake, quantity.previous()) {
            (Some(Mistake::Accumulated), Some(previous)) => mean + self.input(previous).at(row, column),
            _ => mean,
        }
    }

    /// Adds the gradient of the penalty to the gradient by a weight.
    fn with_decay<N: Number>(&self, mean: N, quantity: Quantity, row: usize, column: usize) -> N {
        let decay = self.environment.point.weight_decay;
        let applies = decay != 0.0 && !self.environment.convention.decays_in_update && !self.has(Mistake::DecayMissing);
        let factor = || -> N {
            let decay: N = self.decay();
            if self.environment.convention.mean_in_update {
                self.m::<N>() * decay
            } else {
                decay
            }
        };
        match quantity {
            Quantity::DW1 if applies => mean + factor() * self.input(Input::W1).at(row, column),
            Quantity::DW2 if applies => mean + factor() * self.input(Input::W2).at(row, column),
            Quantity::DB1 | Quantity::DB2 if self.has(Mistake::BiasDecayed) => {
                let bias = if quantity == Quantity::DB1 { Input::B1 } else { Input::B2 };
                let decay = if decay == 0.0 { BIAS_DECAY } else { decay };
                mean + N::constant(decay) * self.input(bias).at(row, column)
            }
            _ => mean,
        }
    }

    /// The factor of the L2 penalty.
    fn decay<N: Number>(&self) -> N {
        let decay = N::constant(self.environment.point.weight_decay);
        if self.has(Mistake::DecayDividedByM) { decay / self.m() } else { decay }
    }

    fn update<N: Number>(&self, quantity: Quantity, row: usize, column: usize) -> N {
        let (input, gradient) = match quantity {
            Quantity::W1 => (Input::W1, Quantity::DW1),
            Quantity::B1 => (Input::B1, Quantity::DB1),
            Quantity::W2 => (Input::W2, Quantity::DW2),
            _ => (Input::B2, Quantity::DB2),
        };
        let is_weight = matches!(input, Input::W1 | Input::W2);
        let old: N = self.input(input).at(row, column);
        let mut gradient_element: N = self.mean(self.result(gradient).at(row, column), quantity);
        if self.environment.convention.decays_in_update && is_weight && !self.has(Mistake::DecayMissing) {
            gradient_element = gradient_element + self.decay::<N>() * old.clone();
        }
        if let (Some(Mistake::Accumulated), Some(previous)) = (self.mistake, gradient.previous()) {
            gradient_element = gradient_element + self.input(previous).at(row, column);
        }

        let rate = || self.input(Input::LearningRate).at::<N>(0, 0);
        match self.mistake {
            Some(Mistake::NotUpdated) => old,
            Some(Mistake::PlusForMinus) => old + rate() * gradient_element,
            Some(Mistake::RateMissing) => old - gradient_element,
            Some(Mistake::Adam) => {
                let size = gradient_element.clone().abs() + N::constant(ADAM_EPSILON);
                old - rate() * (gradient_element / size)
            }
            Some(Mistake::OldValueMissing) => -(rate() * gradient_element),
            _ => old - rate() * gradient_element,
        }
    }
}
