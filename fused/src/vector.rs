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

    #[inline(always)]
    fn map(mut self, f: impl Fn(S, T::Register<S>) -> T::Register<S>) -> Self {
        for register in &mut self.registers {
            *register = f(self.simd, *register);
        }
        self
    }

    #[inline(always)]
    fn zip(mut self, other: Self, f: impl Fn(S, T::Register<S>, T::Register<S>) -> T::Register<S>) -> Self {
        for v in 0..V {
            self.registers[v] = f(self.simd, self.registers[v], other.registers[v]);
        }
        self
    }

    #[inline(always)]
    fn zip3(
        mut self,
        b: Self,
        c: Self,
        f: impl Fn(S, T::Register<S>, T::Register<S>, T::Register<S>) -> T::Register<S>,
    ) -> Self {
        for v in 0..V {
            self.registers[v] = f(self.simd, self.registers[v], b.registers[v], c.registers[v]);
        }
        self
    }

    /// self * factor + term, rounded once.
    #[inline(always)]
    pub(crate) fn times_plus(self, factor: Self, term: Self) -> Self {
        self.zip3(factor, term, T::fma)
    }

    /// term - self * factor, rounded once.
    #[inline(always)]
    pub(crate) fn times_from(self, factor: Self, term: Self) -> Self {
        self.zip3(factor, term, T::fnma)
    }

    #[inline(always)]
    pub(crate) fn abs(self) -> Self {
        self.map(T::abs_lanes)
    }

    /// The smaller of self and the limit; NaN stays NaN.
    #[inline(always)]
    pub(crate) fn at_most(self, limit: f64) -> Self {
        self.map(
            #[inline(always)]
            |simd, register| T::at_most(simd, register, T::from_f64(limit)),
        )
    }

    /// The size of self, which must not be negative, with the sign of the other.
    #[inline(always)]
    pub(crate) fn with_sign(self, other: Self) -> Self {
        self.zip(other, T::with_sign)
    }

    /// The first where self > 0, else the second.
    #[inline(always)]
    pub(crate) fn where_positive(self, yes: Self, no: Self) -> Self {
        self.zip3(yes, no, T::where_positive)
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
        let [rest @ .., highest] = coefficients else { return self.constant(0.0) };
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
        self.registers.into_iter().map(|register| T::sum_lanes(self.simd, register).to_f64()).sum()
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $lanes:ident) => {
        impl<S: Simd, T: Real, const V: usize> $trait for Vector<S, T, V> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.zip(other, T::$lanes)
            }
        }
    };
}

operator!(Add, add, add_lanes);
operator!(Sub, sub, sub_lanes);
operator!(Mul, mul, mul_lanes);
operator!(Div, div, div_lanes);
