//! A few registers of floats that can be computed with like a single float.

use std::ops::{Add, Div, Mul, Sub};

use pulp::Simd;

use crate::real::Real;

/// V registers, with the proof that their instructions exist.
///
/// Every operation is on all of them, one after the other, so that the processor has V independent operations in flight
/// where a single register would make it wait for each result.
#[derive(Clone, Copy)]
pub(crate) struct Vector<S: Simd, T: Real, const V: usize> {
    simd: S,
    pub(crate) registers: [T::Register<S>; V],
}

/// The vector whose register v is the expression. A loop and no function that takes a function: the compiler's glue around a
/// function passed on is not compiled for the processor's instructions, and nothing can then be inlined into it.
macro_rules! each {
    ($vector:expr, $v:ident => $register:expr) => {{
        let mut vector = $vector;
        for $v in 0..V {
            vector.registers[$v] = $register;
        }
        vector
    }};
}

impl<S: Simd, T: Real, const V: usize> Vector<S, T, V> {
    #[inline(always)]
    pub(crate) fn new(simd: S, registers: [T::Register<S>; V]) -> Self {
        Self { simd, registers }
    }

    /// From a list of V registers.
    #[inline(always)]
    pub(crate) fn load(simd: S, registers: &[T::Register<S>]) -> Self {
        let mut loaded = [T::splat(simd, T::zeroed()); V];
        loaded.copy_from_slice(registers);
        Self::new(simd, loaded)
    }

    /// The number in every lane.
    #[inline(always)]
    pub(crate) fn splat(simd: S, value: T) -> Self {
        Self::new(simd, [T::splat(simd, value); V])
    }

    /// The constant in every lane of another vector of this kind.
    #[inline(always)]
    pub(crate) fn constant(self, value: f64) -> Self {
        Self::splat(self.simd, T::from_f64(value))
    }

    /// self * factor + term, rounded once.
    #[inline(always)]
    pub(crate) fn times_plus(self, factor: Self, term: Self) -> Self {
        each!(self, v => T::fma(self.simd, self.registers[v], factor.registers[v], term.registers[v]))
    }

    /// term - self * factor, rounded once.
    #[inline(always)]
    pub(crate) fn times_from(self, factor: Self, term: Self) -> Self {
        each!(self, v => T::fnma(self.simd, self.registers[v], factor.registers[v], term.registers[v]))
    }

    #[inline(always)]
    pub(crate) fn abs(self) -> Self {
        each!(self, v => T::abs_lanes(self.simd, self.registers[v]))
    }

    /// The smaller of self and the limit; NaN stays NaN.
    #[inline(always)]
    pub(crate) fn at_most(self, limit: f64) -> Self {
        each!(self, v => T::at_most(self.simd, self.registers[v], T::from_f64(limit)))
    }

    /// The size of self, which must not be negative, with the sign of the other.
    #[inline(always)]
    pub(crate) fn with_sign(self, other: Self) -> Self {
        each!(self, v => T::with_sign(self.simd, self.registers[v], other.registers[v]))
    }

    /// The first where self > 0, else the second.
    #[inline(always)]
    pub(crate) fn where_positive(self, yes: Self, no: Self) -> Self {
        each!(self, v => T::where_positive(self.simd, self.registers[v], yes.registers[v], no.registers[v]))
    }

    /// n and 2^n, where n is self times the factor, rounded to a whole number that an exponent can hold.
    #[inline(always)]
    pub(crate) fn whole(mut self, factor: f64, late: bool) -> (Self, Self) {
        let mut powers = self;
        for v in 0..V {
            (self.registers[v], powers.registers[v]) =
                T::whole(self.simd, self.registers[v], T::from_f64(factor), late);
        }
        (self, powers)
    }

    /// c0 + c1 self + c2 self^2 + ...
    #[inline(always)]
    pub(crate) fn polynomial(self, coefficients: &[f64]) -> Self {
        let [rest @ .., highest] = coefficients else {
            return self.constant(0.0);
        };
        let mut sum = self.constant(*highest);
        for &coefficient in rest.iter().rev() {
            sum = sum.times_plus(self, self.constant(coefficient));
        }
        sum
    }

    /// Adds each register to a sum that is kept one per lane.
    #[inline(always)]
    pub(crate) fn add_to(self, sum: &mut T::Register<S>) {
        for register in self.registers {
            *sum = T::add_lanes(self.simd, *sum, register);
        }
    }

    /// Adds the product with another vector, register by register, to a sum that is kept one per lane.
    #[inline(always)]
    pub(crate) fn dot_to(self, other: Self, sum: &mut T::Register<S>) {
        for v in 0..V {
            *sum = T::fma(self.simd, self.registers[v], other.registers[v], *sum);
        }
    }

    /// The sum of all lanes of all registers.
    #[inline(always)]
    pub(crate) fn sum(self) -> f64 {
        let mut sum = T::splat(self.simd, T::zeroed());
        self.add_to(&mut sum);
        T::sum_lanes(self.simd, sum).to_f64()
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $lanes:ident) => {
        impl<S: Simd, T: Real, const V: usize> $trait for Vector<S, T, V> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                each!(self, v => T::$lanes(self.simd, self.registers[v], other.registers[v]))
            }
        }
    };
}

operator!(Add, add, add_lanes);
operator!(Sub, sub, sub_lanes);
operator!(Mul, mul, mul_lanes);
operator!(Div, div, div_lanes);
