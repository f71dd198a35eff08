//! How the objective bends where training stands, and other signs of how it fares: numbers to watch.
//!
//! ```text
//! H v = d gradient(parameters + r v) / dr  at r = 0         the Hessian H itself, [n, n], is never built
//! sharpness = the largest eigenvalue of H                   H q = sharpness q,  |q| = 1
//! ```
//!
//! Along q an update of gradient descent multiplies the distance from a minimum by `1 - learning_rate * sharpness`. From a
//! sharpness of `2 / learning_rate` on that is below -1: the parameters swing, and every rounding with them, further each
//! time. The article's run gets there at update 7,132.
//!
//! The product has the formulas of Pearlmutter, the eigenvalue the steps of Lanczos. Both are in crates that are optimised
//! in every build, [`petal_fused`] and [`petal_data`]: 5 and 50 microseconds for the article's network. They compute on the host, in f64, on one thread,
//! whatever engine and device train, and give the same bits each time.
//!
//! ```
//! use petal::network::curvature::Hessian;
//! use petal::data::Dataset;
//! use petal::network::Parameters;
//!
//! // One sample at x = 0 with all parameters 0: a2 = 1/2, and the objective bends along b2 alone, by a2 (1 - a2) = 1/4.
//! let data = Dataset::new(vec!["x".into()], vec![0.0], vec![1]);
//! let at = Parameters { features: 1, hidden: 1, w1: vec![0.0], b1: vec![0.0], w2: vec![0.0], b2: vec![0.0] };
//! let along_b2 = Parameters { b2: vec![1.0], ..at.clone() };
//! assert_eq!(Hessian::new(&at, &data, 0.0).times(&along_b2).b2, [0.25]);
//! ```
//!
//! Leaves out: the other eigenvalues, and curvature of a mini-batch, which is that of a data set of its rows.

use crate::data::Dataset;
use crate::data::lanczos;
use crate::data::numpy::RandomState;
use crate::device::Precision;
use crate::network::Parameters;
use crate::network::kernel::{self, packed, shape, unpacked};

/// A hidden unit whose activation is further from 0 is saturated: its derivative is below 0.02.
pub const SATURATED: f64 = 0.99;

/// The second derivatives of the objective by the parameters, at one place.
#[derive(Clone, Debug)]
pub struct Hessian {
    inner: petal_fused::Hessian,
    shape: petal_fused::Shape,
}

/// An eigenvalue and its vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Eigen {
    /// The eigenvalue; NaN where the objective or its derivatives are not finite.
    pub value: f64,
    /// The eigenvector, of length 1 and of either sign.
    pub vector: Parameters,
    /// The length of `H vector - value vector`: there is an eigenvalue within that of `value`. It is below 1e-10 of the
    /// largest curvature, unless eigenvalues lie that close in a network so large that the iteration's memory, 256 MiB, ran out.
    pub residual: f64,
}

/// The shares of activations that are saturated, from 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Saturation {
    /// Over all samples and hidden units.
    pub overall: f64,
    /// Over all samples, for each hidden unit, `[h]`.
    pub units: Vec<f64>,
}

impl Hessian {
    /// Makes the forward pass, whose results every product needs: `m (d + h + 2)` numbers are kept.
    pub fn new(parameters: &Parameters, data: &Dataset, weight_decay: f64) -> Self {
        Self { inner: kernel::hessian(parameters, data, weight_decay), shape: shape(parameters) }
    }

    /// The product with a direction in the space of parameters (Pearlmutter, "Fast exact multiplication by the Hessian",
    /// 1994).
    ///
    /// # Panics
    /// When v has other sizes than the parameters.
    pub fn times(&self, v: &Parameters) -> Parameters {
        self.parameters(self.inner.vector_product(packed::<f64>(v).values()))
    }

    /// The algebraically largest eigenvalue, the sharpness (Lanczos' iteration; Golub and Van Loan, "Matrix Computations",
    /// chapter 10).
    ///
    /// It starts from the same random vector each time, rather than from the eigenvector of an update before: where two
    /// eigenvalues change places, that one would hold on to the smaller.
    pub fn largest_eigenvalue(&self) -> Eigen {
        let start = RandomState::new(0).normals(self.shape.parameter_count());
        let found = lanczos::largest_eigenvalue(&start, &|v| self.inner.vector_product(v));
        Eigen { value: found.value, vector: self.parameters(found.vector), residual: found.residual }
    }

    fn parameters(&self, values: Vec<f64>) -> Parameters {
        unpacked(&petal_fused::Parameters::<f64>::from_values(self.shape, values))
    }
}

/// The length of the objective's gradient, all parameters taken together.
pub fn gradient_norm(parameters: &Parameters, data: &Dataset, weight_decay: f64) -> f64 {
    norm(
        kernel::gradient(parameters, data.x(), data.y(), weight_decay, Precision::F64)
            .packed()
            .into_iter(),
    )
}

/// How far the weights moved between two places, relative to where they were: `|after - before| / |before|` over w1 and w2
/// together. Biases, which start at zero, are left out. Infinite or NaN where all weights were zero.
///
/// # Panics
/// When the two differ in their sizes.
pub fn update_ratio(before: &Parameters, after: &Parameters) -> f64 {
    assert_eq!(shape(before), shape(after), "both must be of one network");
    let weights = |of: &Parameters| -> Vec<f64> { of.w1.iter().chain(&of.w2).copied().collect() };
    let (before, after) = (weights(before), weights(after));
    norm(before.iter().zip(&after).map(|(before, after)| after - before)) / norm(before.iter().copied())
}

/// How many activations are saturated, `|a1| > 0.99`.
pub fn saturation(parameters: &Parameters, data: &Dataset) -> Saturation {
    let share = |count: usize, of: usize| count as f64 / of as f64;
    let counts = kernel::hessian(parameters, data, 0.0).count_saturated(SATURATED);
    let (samples, total) = (data.samples(), counts.iter().sum());
    let units = counts.into_iter().map(|count| share(count, samples)).collect();
    Saturation { overall: share(total, samples * parameters.hidden), units }
}

fn norm(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|value| value * value).sum::<f64>().sqrt()
}
