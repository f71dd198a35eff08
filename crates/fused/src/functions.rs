//! tanh, sigmoid and softplus in vectors.
//!
//! # tanh
//!
//! ```text
//! |x| = n ln2 / 2 + y,  n whole           so that e^(2 |x|) = 2^n e^(2 y)
//! q = y coth y = 1 + y^2 P(y^2)           tanh y = y / q;  P is a minimax polynomial
//! tanh |x| = (2^n y + (2^n - 1) / 2 (q - y)) / (2^n y + (2^n - 1) / 2 (q - y) + (q - y))
//! ```
//!
//! One division, no branch, and nothing cancels: for n = 0 the quotient is y / q, where the denominator y + (q - y) is q
//! exactly as computed, and for large n numerator and denominator share their rounding, so that the quotient does not
//! feel it. n steps up late, where 2 |x| / ln2 is 3/4 past a whole number: y is between -1/8 ln2 and 3/8 ln2, and the
//! numerator loses little where y is negative.
//!
//! # sigmoid and softplus
//!
//! ```text
//! e = e^-|u| = 2^n (1 + w)                -|u| = n ln2 + r,  w = e^r - 1 = r + r^2 P(r)
//! sigmoid(-|u|) = e / (1 + e) = e - e (e / (1 + e))       the last form feels only the rounding of e
//! sigmoid(|u|) = 1 - sigmoid(-|u|)
//! softplus(u) = max(u, 0) + ln(1 + e)     ln(1 + e) = 2 artanh(z),  z = e / (2 + e)
//! ```
//!
//! 2^n is applied in two halves, so that results below the smallest normal number come out right too.
//!
//! # How exact
//!
//! In f32, in units in the last place of the result: tanh 1.9, sigmoid 1.7, softplus 2.8; every f32 was tried, against f64.
//! In f64 all three are within 1e-15 of the result, against 60 digits. The tests hold these bounds on every level that the
//! processor has. NaN stays NaN, -0 stays -0, and infinities go to the limits.
//!
//! Leaves out: e^x, ln and the like by themselves. Nothing here needs them.

use std::f64::consts::LN_2;

use pulp::{Simd, WithSimd};

use crate::level::Level;
use crate::real::Real;
use crate::vector::Vector;

/// tanh of each value, in place.
pub fn tanh_all<T: Real>(values: &mut [T], level: Level) {
    T::apply(Function::Tanh, values, level);
}

/// 1 / (1 + e^-u) of each value u, in place.
pub fn sigmoid_all<T: Real>(values: &mut [T], level: Level) {
    T::apply(Function::Sigmoid, values, level);
}

/// ln(1 + e^u) of each value u, in place.
pub fn softplus_all<T: Real>(values: &mut [T], level: Level) {
    T::apply(Function::Softplus, values, level);
}

#[inline(always)]
pub(crate) fn tanh<S: Simd, T: Real, const V: usize>(x: Vector<S, T, V>) -> Vector<S, T, V> {
    let size = x.abs().at_most(T::TANH_LIMIT);
    let (n, power) = size.whole(2.0 / LN_2, true);
    let y = n.times_from(x.constant(LN_2 / 2.0), size);
    let y2 = y * y;
    let rest = y2.polynomial(T::COTH).times_plus(y2, x.constant(1.0)) - y; // q - y
    let half = power.times_plus(x.constant(0.5), x.constant(-0.5)); // (2^n - 1) / 2
    let numerator = half.times_plus(rest, power * y);
    (numerator / (numerator + rest)).with_sign(x)
}

/// e^-|u|, of which [`sigmoid`] and [`softplus`] are made.
#[inline(always)]
pub(crate) fn exp_of_minus_abs<S: Simd, T: Real, const V: usize>(u: Vector<S, T, V>) -> Vector<S, T, V> {
    let size = u.abs().at_most(T::EXP_LIMIT);
    let (n, _) = size.whole(-1.0 / LN_2, false);
    let (high, low) = (u.constant(-T::LN_2[0]), u.constant(-T::LN_2[1]));
    let r = n.times_plus(low, n.times_plus(high, u.constant(0.0) - size));
    let w = (r * r).times_plus(r.polynomial(T::EXPM1), r);
    let (half, first) = n.whole(0.5, false);
    let (_, second) = (n - half).whole(1.0, false);
    first.times_plus(w, first) * second
}

/// The sigmoid of u, with e = e^-|u|.
#[inline(always)]
pub(crate) fn sigmoid<S: Simd, T: Real, const V: usize>(u: Vector<S, T, V>, e: Vector<S, T, V>) -> Vector<S, T, V> {
    let one = u.constant(1.0);
    let of_minus_abs = e.times_from(e / (one + e), e);
    u.where_positive(one - of_minus_abs, of_minus_abs)
}

/// The softplus of u, with e = e^-|u|.
#[inline(always)]
pub(crate) fn softplus<S: Simd, T: Real, const V: usize>(u: Vector<S, T, V>, e: Vector<S, T, V>) -> Vector<S, T, V> {
    let z = e / (u.constant(2.0) + e);
    let z2 = z * z;
    let artanh = (z2 * z).times_plus(z2.polynomial(T::ARTANH), z);
    let of_minus_abs = artanh + artanh;
    u.where_positive(u + of_minus_abs, of_minus_abs)
}

/// The functions that come as lists.
#[derive(Clone, Copy, Debug)]
pub enum Function {
    Tanh,
    Sigmoid,
    Softplus,
}

pub(crate) fn apply<T: Real>(function: Function, values: &mut [T], level: Level) {
    level.dispatch(Map { values, function });
}

struct Map<'a, T> {
    values: &'a mut [T],
    function: Function,
}

impl<T: Real> WithSimd for Map<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let lanes = size_of::<T::Register<S>>() / size_of::<T>();
        let whole = self.values.len() / lanes * lanes;
        let (body, rest) = self.values.split_at_mut(whole);
        let mut last = vec![T::zeroed(); lanes];
        last[..rest.len()].copy_from_slice(rest);
        for values in [body, &mut last] {
            for register in T::registers_mut::<S>(values) {
                let x = Vector::<S, T, 1>::new(simd, [*register]);
                let result = match self.function {
                    Function::Tanh => tanh(x),
                    Function::Sigmoid => sigmoid(x, exp_of_minus_abs(x)),
                    Function::Softplus => softplus(x, exp_of_minus_abs(x)),
                };
                [*register] = result.registers;
            }
        }
        rest.copy_from_slice(&last[..rest.len()]);
    }
}
