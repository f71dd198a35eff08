//! Numbers that show how training is going: the curvature of the objective, the gradient's length, the size of updates,
//! and the saturation of the hidden units.
//!
//! ```text
//! H v = d gradient(parameters + r v) / dr  at r = 0         the Hessian H itself, [n, n], is never built
//! sharpness = the largest eigenvalue of H                   H q = sharpness q,  |q| = 1
//! ```
//!
//! Near a minimum, an update of gradient descent multiplies the distance from the minimum along q by
//! `1 - learning_rate * sharpness`. If the sharpness exceeds `2 / learning_rate`, this factor is below -1: the parameters
//! oscillate with growing amplitude, and so does every rounding error. The article's run reaches this point at update 7,132.
//!
//! The product uses Pearlmutter's formulas, and the eigenvalue the Lanczos iteration. They are in the crates
//! [`petal_fused`] and [`petal_data`], which are optimised in every build, and take 5 and 45 microseconds for the article's
//! network. They compute in f64 on one thread of the CPU, with every engine and device, and return the same bits each time.
//!
//! ```
//! use petal::network::curvature::Hessian;
//! use petal::data::Dataset;
//! use petal::network::{Activation, Parameters};
//!
//! // One sample at x = 0, and all parameters are 0: a2 = 1/2, and the second derivative in b2 is a2 (1 - a2) = 1/4.
//! let data = Dataset::new(vec!["x".into()], vec![0.0], vec![1]);
//! let (w1, b1, w2, b2) = (vec![0.0], vec![0.0], vec![0.0], vec![0.0]);
//! let parameters = Parameters { features: 1, hidden: 1, activation: Activation::Tanh, w1, b1, w2, b2 };
//! let along_b2 = Parameters { b2: vec![1.0], ..parameters.clone() };
//! assert_eq!(Hessian::new(&parameters, &data, 0.0).times(&along_b2).b2, [0.25]);
//! ```
//!
//! Not covered: the other eigenvalues. For the curvature of a mini-batch, pass a data set of its rows.

use crate::data::Dataset;
use crate::data::lanczos;
use crate::data::numpy::RandomState;
use crate::data::vector::norm;
use crate::network::fused_bridge::{self, from_fused, shape, to_fused};
use crate::network::{Activation, Parameters};

/// The Hessian: the second derivatives of the objective with respect to the parameters, at one point.
#[derive(Clone, Debug)]
pub struct Hessian {
    inner: petal_fused::Hessian,
    shape: petal_fused::Shape,
    activation: Activation,
}

/// An eigenvalue with its eigenvector.
#[derive(Clone, Debug, PartialEq)]
pub struct Eigenpair {
    /// The eigenvalue; NaN if the objective or its derivatives are not finite.
    pub value: f64,
    /// The eigenvector, of length 1. Its sign is arbitrary.
    pub vector: Parameters,
    /// The length of `H vector - value vector`. The Hessian has an eigenvalue within this distance of `value`.
    ///
    /// It is below 1e-10 of the largest curvature, with one exception: in a large network with eigenvalues very close to each
    /// other, the iteration may stop earlier because its 256 MiB of memory are used up.
    pub residual: f64,
}

/// The fractions of saturated activations, from 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Saturation {
    /// Over all samples and hidden units.
    pub overall: f64,
    /// Over all samples, for each hidden unit, `[h]`.
    pub units: Vec<f64>,
}

impl Hessian {
    /// Runs the forward pass and keeps its results, `m (d + h + 2)` numbers, because every product needs them.
    pub fn new(parameters: &Parameters, data: &Dataset, weight_decay: f64) -> Self {
        Self {
            inner: fused_bridge::hessian(parameters, data, weight_decay),
            shape: shape(parameters),
            activation: parameters.activation,
        }
    }

    /// The product `H v` with a vector in the space of the parameters (Pearlmutter, "Fast exact multiplication by the
    /// Hessian", 1994).
    ///
    /// # Panics
    /// When `v` has another shape than the parameters.
    pub fn times(&self, v: &Parameters) -> Parameters {
        self.parameters(self.inner.vector_product(to_fused::<f64>(v).values()))
    }

    /// The sharpness: the algebraically largest eigenvalue (Lanczos iteration; Golub and Van Loan, "Matrix Computations",
    /// chapter 10).
    ///
    /// Each call starts from the same random vector and not from the eigenvector of an earlier update. If two eigenvalues
    /// swap their order between updates, the earlier eigenvector would lead to the smaller one.
    pub fn largest_eigenvalue(&self) -> Eigenpair {
        let start = RandomState::new(0).normals(self.shape.parameter_count());
        let found = lanczos::largest_eigenvalue(&start, &|v| self.inner.vector_product(v));
        Eigenpair { value: found.value, vector: self.parameters(found.vector), residual: found.residual }
    }

    fn parameters(&self, values: Vec<f64>) -> Parameters {
        from_fused(&petal_fused::Parameters::<f64>::from_values(self.shape, values), self.activation)
    }
}

/// The length (L2 norm) of the objective's gradient over all parameters.
pub fn gradient_norm(parameters: &Parameters, data: &Dataset, weight_decay: f64) -> f64 {
    gradient_norms(parameters, data, weight_decay)(parameters)
}

/// A function that gives the [`gradient_norm`] of networks with the shape and the activation function of `template`. It arranges the
/// samples for the kernel once, which takes longer than a gradient.
pub fn gradient_norms(template: &Parameters, data: &Dataset, weight_decay: f64) -> impl FnMut(&Parameters) -> f64 {
    let mut pass = fused_bridge::pass::<f64>(template, data);
    move |parameters| {
        let gradient = pass.gradient(&to_fused(parameters), weight_decay);
        norm(&from_fused(gradient, parameters.activation).flattened())
    }
}

/// The size of an update relative to the weights: `|after - before| / |before|` over w1 and w2 together.
///
/// Biases do not count, because they start at zero. The result is infinite or NaN if all weights were zero.
///
/// # Panics
/// When the two have different shapes.
pub fn update_ratio(before: &Parameters, after: &Parameters) -> f64 {
    assert_eq!(shape(before), shape(after), "both must be of one network");
    let weights =
        |parameters: &Parameters| -> Vec<f64> { parameters.w1.iter().chain(&parameters.w2).copied().collect() };
    let (before, after) = (weights(before), weights(after));
    let step: Vec<f64> = before.iter().zip(&after).map(|(before, after)| after - before).collect();
    norm(&step) / norm(&before)
}

/// The fractions of saturated activations ([`Activation::is_saturated`]).
pub fn saturation(parameters: &Parameters, data: &Dataset) -> Saturation {
    let counts =
        fused_bridge::hessian(parameters, data, 0.0).count_activations(|a1| parameters.activation.is_saturated(a1));
    let samples = data.samples();
    let total: usize = counts.iter().sum();
    Saturation {
        overall: total as f64 / (samples * parameters.hidden) as f64,
        units: counts.into_iter().map(|count| count as f64 / samples as f64).collect(),
    }
}
