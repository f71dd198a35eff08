//! [`Vector`]: a few SIMD registers with the operators of a single float.

use std::ops::{Add, Div, Mul, Sub};

use pulp::Simd;

use crate::simd_float::{RoundUp, SimdFloat};

/// V SIMD registers, with pulp's proof that the processor has their instructions.
///
/// Each operation is applied to all V registers, one after the other. The processor then works on V independent operations
/// at the same time. With a single register it would wait for each result before it starts the next operation.
#[derive(Clone, Copy)]
pub(crate) struct Vector<S: Simd, T: SimdFloat, const V: usize> {
    simd: S,
    pub(crate) registers: [T::Register<S>; V],
}

/// The vector whose register v is the value of the expression.
///
/// This is a macro with a loop, not a function that takes a closure: the compiler does not enable the processor's vector
/// instructions for the code around a closure, and then it can inline nothing there.
macro_rules! for_each_register {
    ($vector:expr, $v:ident => $register:expr) => {{
        let mut vector = $vector;
        for $v in 0..V {
            vector.registers[$v] = $register;
        }
        vector
    }};
}

impl<S: Simd, T: SimdFloat, const V: usize> Vector<S, T, V> {
    #[inline(always)]
    pub(crate) fn new(simd: S, registers: [T::Register<S>; V]) -> Self {
        Self { simd, registers }
    }

    /// Copies a slice of V registers.
    #[inline(always)]
    pub(crate) fn load(simd: S, registers: &[T::Register<S>]) -> Self {
        let mut loaded = [T::splat(simd, T::zeroed()); V];
        loaded.copy_from_slice(registers);
        Self::new(simd, loaded)
    }

    /// The vector with `value` in every lane.
    #[inline(always)]
    pub(crate) fn splat(simd: S, value: T) -> Self {
        Self::new(simd, [T::splat(simd, value); V])
    }

    /// A vector of the same type as `self` with `value` in every lane.
    #[inline(always)]
    pub(crate) fn constant(self, value: f64) -> Self {
        Self::splat(self.simd, T::from_f64(value))
    }

    /// self * factor + term, rounded once.
    #[inline(always)]
    pub(crate) fn mul_add(self, factor: Self, term: Self) -> Self {
        for_each_register!(self, v => T::mul_add_lanes(self.simd, self.registers[v], factor.registers[v], term.registers[v]))
    }

    /// term - self * factor, rounded once.
    #[inline(always)]
    pub(crate) fn neg_mul_add(self, factor: Self, term: Self) -> Self {
        for_each_register!(self, v => T::neg_mul_add_lanes(self.simd, self.registers[v], factor.registers[v], term.registers[v]))
    }

    #[inline(always)]
    pub(crate) fn abs(self) -> Self {
        for_each_register!(self, v => T::abs_lanes(self.simd, self.registers[v]))
    }

    /// The minimum of self and the limit; NaN stays NaN.
    #[inline(always)]
    pub(crate) fn min(self, limit: f64) -> Self {
        for_each_register!(self, v => T::min_lanes(self.simd, self.registers[v], T::from_f64(limit)))
    }

    /// The maximum of self and the limit; NaN stays NaN.
    #[inline(always)]
    pub(crate) fn max(self, limit: f64) -> Self {
        for_each_register!(self, v => T::max_lanes(self.simd, self.registers[v], T::from_f64(limit)))
    }

    /// self with the sign of the other vector. self must not be negative.
    #[inline(always)]
    pub(crate) fn copysign(self, other: Self) -> Self {
        for_each_register!(self, v => T::copysign_lanes(self.simd, self.registers[v], other.registers[v]))
    }

    /// `above` in the lanes where self > limit, `otherwise` in the others.
    #[inline(always)]
    pub(crate) fn select_above(self, limit: f64, above: Self, otherwise: Self) -> Self {
        for_each_register!(self, v =>
            T::select_above(self.simd, self.registers[v], T::from_f64(limit), above.registers[v], otherwise.registers[v]))
    }

    /// n and 2^(n - shift), where n is `scale * self` rounded to an integer. n - shift must be the exponent of a normal number.
    #[inline(always)]
    pub(crate) fn round_to_exponent(self, scale: f64, round_up: RoundUp, shift: i32) -> (Self, Self) {
        let (mut exponents, mut powers) = (self, self);
        for v in 0..V {
            (exponents.registers[v], powers.registers[v]) =
                T::round_to_exponent(self.simd, self.registers[v], T::from_f64(scale), round_up, shift);
        }
        (exponents, powers)
    }

    /// c0 + c1 self + c2 self^2 + ...
    #[inline(always)]
    pub(crate) fn polynomial(self, coefficients: &[f64]) -> Self {
        let [rest @ .., highest] = coefficients else {
            return self.constant(0.0);
        };
        let mut sum = self.constant(*highest);
        for &coefficient in rest.iter().rev() {
            sum = sum.mul_add(self, self.constant(coefficient));
        }
        sum
    }

    /// Adds every register to `sum`, which keeps one sum per lane.
    #[inline(always)]
    pub(crate) fn add_to(self, sum: &mut T::Register<S>) {
        for register in self.registers {
            *sum = T::add_lanes(self.simd, *sum, register);
        }
    }

    /// Adds the product with another vector to `sum`, which keeps one sum per lane.
    #[inline(always)]
    pub(crate) fn add_product_to(self, other: Self, sum: &mut T::Register<S>) {
        for v in 0..V {
            *sum = T::mul_add_lanes(self.simd, self.registers[v], other.registers[v], *sum);
        }
    }

    /// The sum over all lanes of all registers.
    #[inline(always)]
    pub(crate) fn sum(self) -> f64 {
        let mut sum = T::splat(self.simd, T::zeroed());
        self.add_to(&mut sum);
        T::reduce_sum(self.simd, sum).to_f64()
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $lanes:ident) => {
        impl<S: Simd, T: SimdFloat, const V: usize> $trait for Vector<S, T, V> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                for_each_register!(self, v => T::$lanes(self.simd, self.registers[v], other.registers[v]))
            }
        }
    };
}

operator!(Add, add, add_lanes);
operator!(Sub, sub, sub_lanes);
operator!(Mul, mul, mul_lanes);
operator!(Div, div, div_lanes);
