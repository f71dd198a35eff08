//! The activations of the hidden units: each function, and its derivatives expressed through its value a1.
//!
//! ```text
//!            a1                 derivative     second derivative / derivative
//! tanh       tanh(z1)           1 - a1^2       -2 a1
//! sigmoid    1 / (1 + e^-z1)    a1 (1 - a1)    1 - 2 a1
//! relu       max(z1, 0)         1 if a1 > 0    0
//! identity   z1                 1              0
//! ```
//!
//! relu has a kink at 0. Its derivative there is 0, as in Burn, PyTorch and JAX.

use pulp::{Simd, WithSimd};

use crate::functions::{exp_neg_abs, sigmoid, tanh};
use crate::simd_float::SimdFloat;
use crate::vector::Vector;

/// The function that the hidden units apply to their sum z1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activation {
    /// tanh(z1).
    #[default]
    Tanh,
    /// 1 / (1 + e^-z1), the logistic function.
    Sigmoid,
    /// max(z1, 0). Its derivative at 0 is 0.
    Relu,
    /// z1. The logit is then a linear function of the inputs, as in logistic regression.
    Identity,
}

impl Activation {
    /// All activations.
    pub const ALL: [Self; 4] = [Self::Tanh, Self::Sigmoid, Self::Relu, Self::Identity];

    /// The derivative, given a1.
    #[inline(always)]
    pub(crate) fn derivative(self, a1: f64) -> f64 {
        match self {
            Self::Tanh => 1.0 - a1 * a1,
            Self::Sigmoid => a1 * (1.0 - a1),
            Self::Relu => f64::from(u8::from(a1 > 0.0)),
            Self::Identity => 1.0,
        }
    }

    /// The second derivative divided by the derivative, given a1.
    #[inline(always)]
    pub(crate) fn relative_curvature(self, a1: f64) -> f64 {
        match self {
            Self::Tanh => -2.0 * a1,
            Self::Sigmoid => 1.0 - 2.0 * a1,
            Self::Relu | Self::Identity => 0.0,
        }
    }
}

/// [`Activation`] in the kernels.
///
/// The types [`Tanh`], [`Sigmoid`], [`Relu`] and [`Identity`] are chosen at compile time, [`Activation`] at run time.
pub(crate) trait HiddenActivation: Copy + Send + Sync {
    /// a1, the activation of z1.
    fn value<S: Simd, T: SimdFloat, const V: usize>(self, z1: Vector<S, T, V>) -> Vector<S, T, V>;

    /// dz2 times the derivative, given a1 and dz2 a1.
    fn times_derivative<S: Simd, T: SimdFloat, const V: usize>(
        self,
        dz2: Vector<S, T, V>,
        a1: Vector<S, T, V>,
        dz2_a1: Vector<S, T, V>,
    ) -> Vector<S, T, V>;
}

#[derive(Clone, Copy)]
struct Tanh;
#[derive(Clone, Copy)]
struct Sigmoid;
#[derive(Clone, Copy)]
struct Relu;
#[derive(Clone, Copy)]
struct Identity;

/// Implements [`HiddenActivation`] for a type, with the names of its arguments.
macro_rules! activation {
    ($type:ident, $z1:ident => $value:expr, ($dz2:ident, $a1:ident, $dz2_a1:ident) => $dz1:expr) => {
        impl HiddenActivation for $type {
            #[inline(always)]
            fn value<S: Simd, T: SimdFloat, const V: usize>(self, $z1: Vector<S, T, V>) -> Vector<S, T, V> {
                $value
            }

            #[inline(always)]
            fn times_derivative<S: Simd, T: SimdFloat, const V: usize>(
                self,
                $dz2: Vector<S, T, V>,
                $a1: Vector<S, T, V>,
                $dz2_a1: Vector<S, T, V>,
            ) -> Vector<S, T, V> {
                $dz1
            }
        }
    };
}

activation!(Tanh, z1 => tanh(z1), (dz2, a1, dz2_a1) => dz2_a1.neg_mul_add(a1, dz2));
activation!(Sigmoid, z1 => sigmoid(z1, exp_neg_abs(z1)), (_dz2, a1, dz2_a1) => dz2_a1.neg_mul_add(a1, dz2_a1));
// For a1 = 0 the product dz2 a1 is 0, and for NaN it is NaN.
activation!(Relu, z1 => z1.max(0.0), (dz2, a1, dz2_a1) => a1.select_positive(dz2, dz2_a1));
activation!(Identity, z1 => z1, (dz2, _a1, _dz2_a1) => dz2);

impl HiddenActivation for Activation {
    #[inline(always)]
    fn value<S: Simd, T: SimdFloat, const V: usize>(self, z1: Vector<S, T, V>) -> Vector<S, T, V> {
        match self {
            Self::Tanh => Tanh.value(z1),
            Self::Sigmoid => Sigmoid.value(z1),
            Self::Relu => Relu.value(z1),
            Self::Identity => Identity.value(z1),
        }
    }

    #[inline(always)]
    fn times_derivative<S: Simd, T: SimdFloat, const V: usize>(
        self,
        dz2: Vector<S, T, V>,
        a1: Vector<S, T, V>,
        dz2_a1: Vector<S, T, V>,
    ) -> Vector<S, T, V> {
        match self {
            Self::Tanh => Tanh.times_derivative(dz2, a1, dz2_a1),
            Self::Sigmoid => Sigmoid.times_derivative(dz2, a1, dz2_a1),
            Self::Relu => Relu.times_derivative(dz2, a1, dz2_a1),
            Self::Identity => Identity.times_derivative(dz2, a1, dz2_a1),
        }
    }
}

/// An operation on SIMD registers that computes with an activation.
pub(crate) trait Operation {
    type Output;

    fn run<S: Simd, A: HiddenActivation>(self, simd: S, activation: A) -> Self::Output;
}

/// An operation with its activation.
struct With<Op, A>(Op, A);

impl<Op: Operation, A: HiddenActivation> WithSimd for With<Op, A> {
    type Output = Op::Output;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Op::Output {
        self.0.run(simd, self.1)
    }
}

impl Activation {
    /// Runs the code that the operation has for this activation and these instructions.
    #[inline]
    pub(crate) fn vectorize<S: Simd, Op: Operation>(self, simd: S, operation: Op) -> Op::Output {
        match self {
            Self::Tanh => simd.vectorize(With(operation, Tanh)),
            Self::Sigmoid => simd.vectorize(With(operation, Sigmoid)),
            Self::Relu => simd.vectorize(With(operation, Relu)),
            Self::Identity => simd.vectorize(With(operation, Identity)),
        }
    }

    /// Runs the operation, which chooses the activation at run time.
    #[inline]
    pub(crate) fn vectorize_at_run_time<S: Simd, Op: Operation>(self, simd: S, operation: Op) -> Op::Output {
        simd.vectorize(With(operation, self))
    }
}
