//! [`Float`] and the public functions that require it.
//!
//! Rust compiles a generic function in the crate that calls it, with that crate's optimisation. The functions of [`Float`]
//! are not generic. So the kernels are always compiled in this crate, and they are as fast in a caller's debug build as
//! in its release build. The generic functions below only forward to them.

use crate::activation::{Activate, Activation};
use crate::chunk::Outputs;
use crate::functions::{Apply, Sigmoid, Softplus};
use crate::network::Parameters;
use crate::pass::{self, Evaluation, Pass};
use crate::predict;
use crate::simd_float::SimdFloat;
use crate::simd_level::SimdLevel;

/// A float type that this crate can compute with: f32 or f64.
///
/// `T::from_f64` rounds a number to the type, and `to_f64` converts it back. No other crate can implement this trait.
pub trait Float: SimdFloat {
    #[doc(hidden)]
    fn activate(activation: Activation, values: &mut [Self], level: SimdLevel);
    #[doc(hidden)]
    fn sigmoid(values: &mut [Self], level: SimdLevel);
    #[doc(hidden)]
    fn softplus(values: &mut [Self], level: SimdLevel);
    #[doc(hidden)]
    fn run_pass(
        pass: &mut Pass<Self>,
        parameters: &Parameters<Self>,
        outputs: Outputs,
        weight_decay: f64,
    ) -> Evaluation;
    #[doc(hidden)]
    fn sgd_step(parameters: &mut Parameters<Self>, gradient: &Parameters<Self>, learning_rate: f64);
    #[doc(hidden)]
    fn logits(parameters: &Parameters<Self>, activation: Activation, x: &[f64], level: SimdLevel) -> Vec<f64>;
}

macro_rules! compile_for {
    ($($float:ty),*) => {$(
        impl Float for $float {
            fn activate(activation: Activation, values: &mut [Self], level: SimdLevel) {
                level.dispatch_with(activation, Activate(values));
            }

            fn softplus(values: &mut [Self], level: SimdLevel) {
                level.dispatch(Apply(values, Softplus));
            }

            fn sigmoid(values: &mut [Self], level: SimdLevel) {
                level.dispatch(Apply(values, Sigmoid));
            }

            fn run_pass(
                pass: &mut Pass<Self>,
                parameters: &Parameters<Self>,
                outputs: Outputs,
                weight_decay: f64,
            ) -> Evaluation {
                pass::run(pass, parameters, outputs, weight_decay)
            }

            fn sgd_step(parameters: &mut Parameters<Self>, gradient: &Parameters<Self>, learning_rate: f64) {
                pass::sgd_step(parameters, gradient, learning_rate);
            }

            fn logits(parameters: &Parameters<Self>, activation: Activation, x: &[f64], level: SimdLevel) -> Vec<f64> {
                predict::logits(parameters, activation, x, level)
            }
        }
    )*};
}

compile_for!(f32, f64);

impl<T: Float> Pass<T> {
    /// The gradient of mean cross-entropy plus `weight_decay / 2` times the sum of squared weights.
    ///
    /// # Panics
    /// If the parameters have another shape than the pass.
    pub fn gradient(&mut self, parameters: &Parameters<T>, weight_decay: f64) -> &Parameters<T> {
        T::run_pass(self, parameters, Outputs { gradient: true, evaluation: false }, weight_decay);
        &self.gradient
    }

    /// The evaluation and the gradient in one pass.
    ///
    /// # Panics
    /// If the parameters have another shape than the pass.
    pub fn evaluation_and_gradient(
        &mut self,
        parameters: &Parameters<T>,
        weight_decay: f64,
    ) -> (Evaluation, &Parameters<T>) {
        let evaluation = T::run_pass(self, parameters, Outputs { gradient: true, evaluation: true }, weight_decay);
        (evaluation, &self.gradient)
    }

    /// The mean cross-entropy and the number of correct predictions.
    ///
    /// # Panics
    /// If the parameters have another shape than the pass.
    pub fn evaluate(&mut self, parameters: &Parameters<T>) -> Evaluation {
        T::run_pass(self, parameters, Outputs { gradient: false, evaluation: true }, 0.0)
    }

    /// A step of gradient descent: subtracts `learning_rate` times the gradient from the parameters.
    ///
    /// # Panics
    /// If the parameters have another shape than the pass.
    pub fn step(&mut self, parameters: &mut Parameters<T>, learning_rate: f64, weight_decay: f64) {
        self.gradient(parameters, weight_decay);
        T::sgd_step(parameters, &self.gradient, learning_rate);
    }
}

impl<T: Float> Parameters<T> {
    /// Subtracts `learning_rate` times the gradient.
    ///
    /// # Panics
    /// If the gradient has another shape than the parameters.
    pub fn sgd_step(&mut self, gradient: &Self, learning_rate: f64) {
        assert_eq!(self.shape(), gradient.shape(), "the gradient must belong to the shape of the parameters");
        T::sgd_step(self, gradient, learning_rate);
    }
}

/// The logit of label 1 for each row of x. Its sigmoid is the probability.
///
/// # Shapes
/// x is `[m, d]` row by row; the result is `[m]`.
///
/// # Panics
/// If the length of x is not a multiple of the number of features, or the network has no feature.
pub fn logits<T: Float>(parameters: &Parameters<T>, activation: Activation, x: &[f64], level: SimdLevel) -> Vec<f64> {
    T::logits(parameters, activation, x, level)
}

/// Replaces each value z1 by its activation a1.
pub fn activate_all<T: Float>(activation: Activation, values: &mut [T], level: SimdLevel) {
    T::activate(activation, values, level);
}

/// Replaces each value u by 1 / (1 + e^-u).
pub fn sigmoid_all<T: Float>(values: &mut [T], level: SimdLevel) {
    T::sigmoid(values, level);
}

/// Replaces each value u by ln(1 + e^u).
pub fn softplus_all<T: Float>(values: &mut [T], level: SimdLevel) {
    T::softplus(values, level);
}
