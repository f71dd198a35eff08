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
//!
//! The compiler makes a function of the kernels for each activation: a choice at run time, in the loop over the hidden units, made
//! tanh 2 to 4 % slower. Portable code, which is the largest and the slowest, chooses at run time.

use pulp::{Simd, WithSimd};

use crate::functions::{Function, apply, logistic, tanh};
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
}

/// An activation in the kernels.
pub(crate) trait HiddenActivation: Function {
    /// Whether code that does not depend on the activation is called and not inlined.
    const OUT_OF_LINE: bool;

    /// dz2 times the derivative, given a1 and the product dz2 a1.
    fn times_derivative<S: Simd, T: SimdFloat, const V: usize>(
        self,
        dz2: Vector<S, T, V>,
        a1: Vector<S, T, V>,
        dz2_a1: Vector<S, T, V>,
    ) -> Vector<S, T, V>;
}

/// Implements an activation for a type: a1 as a function of z1, and dz1 as a function of dz2, a1 and dz2 a1.
macro_rules! hidden_activation {
    (inline($inline:ident), OUT_OF_LINE = $out_of_line:literal, $type:ident, $self:ident, $z1:ident => $a1:expr,
     ($dz2:ident, $activation:ident, $dz2_a1:ident) => $dz1:expr) => {
        impl Function for $type {
            #[inline($inline)]
            fn value<S: Simd, T: SimdFloat, const V: usize>($self, $z1: Vector<S, T, V>) -> Vector<S, T, V> {
                $a1
            }
        }

        impl HiddenActivation for $type {
            const OUT_OF_LINE: bool = $out_of_line;

            #[inline($inline)]
            fn times_derivative<S: Simd, T: SimdFloat, const V: usize>(
                $self,
                $dz2: Vector<S, T, V>,
                $activation: Vector<S, T, V>,
                $dz2_a1: Vector<S, T, V>,
            ) -> Vector<S, T, V> {
                $dz1
            }
        }
    };
}

#[derive(Clone, Copy)]
struct Tanh;
hidden_activation!(inline(always), OUT_OF_LINE = false, Tanh, self, z1 => tanh(z1),
    (dz2, a1, dz2_a1) => dz2_a1.neg_mul_add(a1, dz2));

#[derive(Clone, Copy)]
struct Sigmoid;
hidden_activation!(inline(always), OUT_OF_LINE = false, Sigmoid, self, z1 => logistic(z1),
    (_dz2, a1, dz2_a1) => dz2_a1.neg_mul_add(a1, dz2_a1));

/// max(z1, floor): relu and identity. With a type for each of them, the kernels would be compiled twice.
#[derive(Clone, Copy)]
struct LinearAbove {
    floor: f64,
}
// Where a1 is not above the floor, dz2 a1 takes the place of dz2: 0 if a1 is 0, and NaN if a1 is NaN or infinite.
hidden_activation!(inline(always), OUT_OF_LINE = false, LinearAbove, self, z1 => z1.max(self.floor),
    (dz2, a1, dz2_a1) => a1.select_above(self.floor, dz2, dz2_a1));

const RELU: LinearAbove = LinearAbove { floor: 0.0 };
const IDENTITY: LinearAbove = LinearAbove { floor: f64::NEG_INFINITY };

// The choice at run time, for portable code. Its functions are large, so they are not inlined.
hidden_activation!(inline(never), OUT_OF_LINE = true, Activation, self,
    z1 => match self {
        Self::Tanh => Tanh.value(z1),
        Self::Sigmoid => Sigmoid.value(z1),
        Self::Relu => RELU.value(z1),
        Self::Identity => IDENTITY.value(z1),
    },
    (dz2, a1, dz2_a1) => match self {
        Self::Tanh => Tanh.times_derivative(dz2, a1, dz2_a1),
        Self::Sigmoid => Sigmoid.times_derivative(dz2, a1, dz2_a1),
        Self::Relu => RELU.times_derivative(dz2, a1, dz2_a1),
        Self::Identity => IDENTITY.times_derivative(dz2, a1, dz2_a1),
    }
);

/// A computation with an activation and SIMD registers.
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
    /// Runs the operation in a function that is compiled for this activation alone.
    #[inline]
    pub(crate) fn vectorize<S: Simd, Op: Operation>(self, simd: S, operation: Op) -> Op::Output {
        match self {
            Self::Tanh => simd.vectorize(With(operation, Tanh)),
            Self::Sigmoid => simd.vectorize(With(operation, Sigmoid)),
            Self::Relu => simd.vectorize(With(operation, RELU)),
            Self::Identity => simd.vectorize(With(operation, IDENTITY)),
        }
    }
}

/// Replaces each value z1 by its activation.
pub(crate) struct Activate<'a, T>(pub(crate) &'a mut [T]);

impl<T: SimdFloat> Operation for Activate<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, A: HiddenActivation>(self, simd: S, activation: A) {
        apply(simd, activation, self.0);
    }
}
