//! [`SimdFloat`]: f32 and f64 as the kernels compute with them, alone and in SIMD registers of any width.
//!
//! Its operations are those that differ between the two types. The formulas are in [`crate::functions`].

use std::any::TypeId;
use std::fmt;
use std::ops::{Add, Mul, Sub};

use bytemuck::Pod;
use pulp::{Scalar128b, Simd};

/// f32 or f64.
///
/// This module is private, so no other crate can implement the trait.
pub trait SimdFloat:
    Pod
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + PartialOrd
    + Send
    + Sync
    + fmt::Debug
    + fmt::Display
{
    /// A SIMD register with numbers of this type.
    type Register<S: Simd>: Pod + Send + Sync;

    // The polynomials are minimax fits. tests/reference/minimax.py computes them and prints their errors.

    /// Coefficients of (y coth y - 1) / y^2 in powers of y^2, lowest first, for |y| <= 3/8 ln 2.
    const COTH: &'static [f64];
    /// Coefficients of (e^r - 1 - r) / r^2 in powers of r, lowest first, for |r| <= ln 2 / 2.
    const EXPM1: &'static [f64];
    /// Coefficients of (artanh(z) / z - 1) / z^2 in powers of z^2, lowest first, for |z| <= 1/3.
    const ARTANH: &'static [f64];
    /// ln 2 as a sum of two parts. The product of the first part and any exponent of this type is exact.
    const LN_2: [f64; 2];
    /// tanh rounds to 1 from this value on.
    const TANH_LIMIT: f64;
    /// e^-x rounds to 0 from this value on.
    const EXP_LIMIT: f64;
    /// An exponent s such that 2^-s and 2^(n - s) are normal numbers for 0 <= n <= EXP_LIMIT / ln 2.
    const EXP_SHIFT: i32;

    /// The nearest number of this type.
    fn from_f64(value: f64) -> Self;
    /// Converts to f64, which is exact.
    fn to_f64(self) -> f64;

    /// The register with `value` in every lane.
    fn splat<S: Simd>(simd: S, value: Self) -> Self::Register<S>;
    /// The slice as registers, without the rest that does not fill one.
    fn registers<S: Simd>(slice: &[Self]) -> &[Self::Register<S>];
    /// The slice as registers, without the rest that does not fill one.
    fn registers_mut<S: Simd>(slice: &mut [Self]) -> &mut [Self::Register<S>];
    fn add_lanes<S: Simd>(simd: S, a: Self::Register<S>, b: Self::Register<S>) -> Self::Register<S>;
    fn sub_lanes<S: Simd>(simd: S, a: Self::Register<S>, b: Self::Register<S>) -> Self::Register<S>;
    fn mul_lanes<S: Simd>(simd: S, a: Self::Register<S>, b: Self::Register<S>) -> Self::Register<S>;
    fn div_lanes<S: Simd>(simd: S, a: Self::Register<S>, b: Self::Register<S>) -> Self::Register<S>;
    fn abs_lanes<S: Simd>(simd: S, a: Self::Register<S>) -> Self::Register<S>;
    /// a b + c, rounded once.
    fn mul_add_lanes<S: Simd>(
        simd: S,
        a: Self::Register<S>,
        b: Self::Register<S>,
        c: Self::Register<S>,
    ) -> Self::Register<S>;
    /// c - a b, rounded once.
    fn neg_mul_add_lanes<S: Simd>(
        simd: S,
        a: Self::Register<S>,
        b: Self::Register<S>,
        c: Self::Register<S>,
    ) -> Self::Register<S>;
    /// The minimum of x and the limit; NaN if x is NaN.
    fn min_lanes<S: Simd>(simd: S, x: Self::Register<S>, limit: Self) -> Self::Register<S>;
    /// The maximum of x and the limit; NaN if x is NaN.
    fn max_lanes<S: Simd>(simd: S, x: Self::Register<S>, limit: Self) -> Self::Register<S>;
    /// x in the lanes where condition > limit, y in the others.
    fn select_above<S: Simd>(
        simd: S,
        condition: Self::Register<S>,
        limit: Self,
        x: Self::Register<S>,
        y: Self::Register<S>,
    ) -> Self::Register<S>;
    /// x with the sign of y. x must not be negative.
    fn copysign_lanes<S: Simd>(simd: S, x: Self::Register<S>, y: Self::Register<S>) -> Self::Register<S>;
    /// The sum over the lanes.
    fn reduce_sum<S: Simd>(simd: S, a: Self::Register<S>) -> Self;
    /// n and 2^(n - shift), where n is `scale * x` rounded to an integer. n - shift must be the exponent of a normal number.
    fn round_to_exponent<S: Simd>(
        simd: S,
        x: Self::Register<S>,
        scale: Self,
        round_up: RoundUp,
        shift: i32,
    ) -> (Self::Register<S>, Self::Register<S>);
}

/// Which fractional parts are rounded up to the next integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundUp {
    /// Those from 1/2 on: the usual rounding to the nearest integer.
    FromOneHalf,
    /// Those from 3/4 on.
    FromThreeQuarters,
}

/// Implements the operations that differ between the two types only in the names of pulp's functions.
macro_rules! lane_operations {
    ($real:ident, $vector:ident, $splat:ident, $vectors:ident, $vectors_mut:ident, $add:ident, $sub:ident, $mul:ident,
     $div:ident, $abs:ident, $mul_add:ident, $neg_mul_add:ident, $greater:ident, $min:ident, $max:ident, $select:ident, $or:ident,
     $and:ident, $sum:ident) => {
        type Register<S: Simd> = S::$vector;

        #[inline(always)]
        fn splat<S: Simd>(simd: S, value: Self) -> S::$vector {
            simd.$splat(value)
        }
        #[inline(always)]
        fn registers<S: Simd>(slice: &[Self]) -> &[S::$vector] {
            S::$vectors(slice).0
        }
        #[inline(always)]
        fn registers_mut<S: Simd>(slice: &mut [Self]) -> &mut [S::$vector] {
            S::$vectors_mut(slice).0
        }
        #[inline(always)]
        fn add_lanes<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
            simd.$add(a, b)
        }
        #[inline(always)]
        fn sub_lanes<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
            simd.$sub(a, b)
        }
        #[inline(always)]
        fn mul_lanes<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
            simd.$mul(a, b)
        }
        #[inline(always)]
        fn div_lanes<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
            simd.$div(a, b)
        }
        #[inline(always)]
        fn abs_lanes<S: Simd>(simd: S, a: S::$vector) -> S::$vector {
            simd.$abs(a)
        }
        #[inline(always)]
        fn mul_add_lanes<S: Simd>(simd: S, a: S::$vector, b: S::$vector, c: S::$vector) -> S::$vector {
            simd.$mul_add(a, b, c)
        }
        #[inline(always)]
        fn neg_mul_add_lanes<S: Simd>(simd: S, a: S::$vector, b: S::$vector, c: S::$vector) -> S::$vector {
            simd.$neg_mul_add(a, b, c)
        }
        #[inline(always)]
        fn min_lanes<S: Simd>(simd: S, x: S::$vector, limit: Self) -> S::$vector {
            let limit = simd.$splat(limit);
            if TypeId::of::<S>() == TypeId::of::<Scalar128b>() {
                // Its minimum would return the limit if x is NaN.
                simd.$select(simd.$greater(x, limit), limit, x)
            } else {
                // If an operand is NaN, x86 returns the second operand and NEON returns NaN: both give NaN if x is NaN.
                simd.$min(limit, x)
            }
        }
        #[inline(always)]
        fn max_lanes<S: Simd>(simd: S, x: S::$vector, limit: Self) -> S::$vector {
            let limit = simd.$splat(limit);
            if TypeId::of::<S>() == TypeId::of::<Scalar128b>() {
                simd.$select(simd.$greater(limit, x), limit, x)
            } else {
                simd.$max(limit, x) // NaN as for the minimum
            }
        }
        #[inline(always)]
        fn select_above<S: Simd>(
            simd: S,
            condition: S::$vector,
            limit: Self,
            x: S::$vector,
            y: S::$vector,
        ) -> S::$vector {
            simd.$select(simd.$greater(condition, simd.$splat(limit)), x, y)
        }
        #[inline(always)]
        fn copysign_lanes<S: Simd>(simd: S, x: S::$vector, y: S::$vector) -> S::$vector {
            simd.$or(x, simd.$and(y, simd.$splat(-0.0)))
        }
        #[inline(always)]
        fn reduce_sum<S: Simd>(simd: S, a: S::$vector) -> Self {
            simd.$sum(a)
        }
    };
}

impl SimdFloat for f32 {
    lane_operations!(
        f32,
        f32s,
        splat_f32s,
        as_simd_f32s,
        as_mut_simd_f32s,
        add_f32s,
        sub_f32s,
        mul_f32s,
        div_f32s,
        abs_f32s,
        mul_add_f32s,
        negate_mul_add_f32s,
        greater_than_f32s,
        min_f32s,
        max_f32s,
        select_f32s,
        or_f32s,
        and_f32s,
        reduce_sum_f32s
    );
    const COTH: &'static [f64] = &[0.3333292328028756, -0.02202497025127652];
    const EXPM1: &'static [f64] = &[
        0.49999993443868745,
        0.16666520573544372,
        0.041668388731343466,
        0.008368723938312214,
        0.0013814583982402584,
    ];
    const ARTANH: &'static [f64] =
        &[0.3333333775017512, 0.1999944417791991, 0.1430829835987732, 0.1071537046877862, 0.12144778726462402];
    const LN_2: [f64; 2] = [0.693359375, -0.00021219444005469057];
    const TANH_LIMIT: f64 = 9.02;
    const EXP_LIMIT: f64 = 104.0;
    const EXP_SHIFT: i32 = 30;

    fn from_f64(value: f64) -> Self {
        value as Self
    }

    fn to_f64(self) -> f64 {
        self.into()
    }

    #[inline(always)]
    fn round_to_exponent<S: Simd>(
        simd: S,
        x: S::f32s,
        scale: f32,
        round_up: RoundUp,
        shift: i32,
    ) -> (S::f32s, S::f32s) {
        // Adding a large constant rounds. An f32 between 2^22 and 2^23 has one binary digit after the point, which is then
        // cleared; one above 2^23 has none. The constant also adds 127, the bias of f32 exponents, and subtracts the shift: the
        // lowest bits of the sum are n - shift + 127, and moving them to the left gives the exponent bits of 2^(n - shift).
        let (constant, digits_after_point, left) = match round_up {
            RoundUp::FromThreeQuarters => (6_291_583.0, 1, 22), // 3/2 2^22 + 127
            RoundUp::FromOneHalf => (12_583_039.0, 0, 23),      // 3/2 2^23 + 127
        };
        let constant = constant - shift as f32;
        let sum = simd.mul_add_f32s(x, simd.splat_f32s(scale), simd.splat_f32s(constant));
        let bits = simd.and_u32s(simd.transmute_u32s_f32s(sum), simd.splat_u32s(!digits_after_point));
        let n = simd.sub_f32s(simd.transmute_f32s_u32s(bits), simd.splat_f32s(constant));
        (n, simd.transmute_f32s_u32s(simd.wrapping_dyn_shl_u32s(bits, simd.splat_u32s(left))))
    }
}

impl SimdFloat for f64 {
    lane_operations!(
        f64,
        f64s,
        splat_f64s,
        as_simd_f64s,
        as_mut_simd_f64s,
        add_f64s,
        sub_f64s,
        mul_f64s,
        div_f64s,
        abs_f64s,
        mul_add_f64s,
        negate_mul_add_f64s,
        greater_than_f64s,
        min_f64s,
        max_f64s,
        select_f64s,
        or_f64s,
        and_f64s,
        reduce_sum_f64s
    );
    const COTH: &'static [f64] = &[
        0.3333333333332603,
        -0.02222222220685054,
        0.002116401065889697,
        -0.00021160886816306272,
        2.095251979333425e-05,
    ];
    const EXPM1: &'static [f64] = &[
        0.5000000000000011,
        0.16666666666666413,
        0.04166666666653005,
        0.008333333333494593,
        0.0013888888943662627,
        0.00019841269506370171,
        2.4801493061514992e-05,
        2.75575864883153e-06,
        2.7630262879584173e-07,
        2.5000048594441956e-08,
    ];
    const ARTANH: &'static [f64] = &[
        0.33333333333333154,
        0.20000000000077559,
        0.1428571427405898,
        0.1111111197682473,
        0.09090872239480485,
        0.07693274197656766,
        0.0665056067026535,
        0.060524726242341696,
        0.04172484901205222,
        0.08504880073541479,
    ];
    const LN_2: [f64; 2] = [0.6931471803691238, 1.9082149292705877e-10];
    const TANH_LIMIT: f64 = 19.07;
    const EXP_LIMIT: f64 = 746.0;
    const EXP_SHIFT: i32 = 60;

    fn from_f64(value: f64) -> Self {
        value
    }

    fn to_f64(self) -> f64 {
        self
    }

    #[inline(always)]
    fn round_to_exponent<S: Simd>(
        simd: S,
        x: S::f64s,
        scale: f64,
        round_up: RoundUp,
        shift: i32,
    ) -> (S::f64s, S::f64s) {
        // As for f32, with two differences. pulp can only shift 32-bit numbers, so the sum lies between 2^20 and 2^21: its
        // upper 32 bits then end at the point. And clearing the lower 32 bits rounds down, so what is added before
        // decides which fractional parts are rounded up.
        let constant = 1_573_887.0 - f64::from(shift); // 3/2 2^20 + 1023 - shift
        let offset = match round_up {
            RoundUp::FromThreeQuarters => 0.25,
            RoundUp::FromOneHalf => 0.5,
        };
        let sum = simd.mul_add_f64s(x, simd.splat_f64s(scale), simd.splat_f64s(constant + offset));
        let bits = simd.and_u64s(simd.transmute_u64s_f64s(sum), simd.splat_u64s(0xffff_ffff_0000_0000));
        let n = simd.sub_f64s(simd.transmute_f64s_u64s(bits), simd.splat_f64s(constant));
        (n, pulp::cast(simd.wrapping_dyn_shl_u32s(pulp::cast(bits), simd.splat_u32s(20))))
    }
}
