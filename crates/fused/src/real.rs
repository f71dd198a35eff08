//! The two float types, alone and in vectors of whatever length the processor has.
//!
//! Leaves out: formulas. They are in [`crate::functions`].

use std::any::TypeId;
use std::fmt;
use std::ops::{Add, Mul, Sub};

use bytemuck::Pod;
use pulp::{Scalar128b, Simd};

use crate::compiled::Compiled;

/// f32 or f64.
pub trait Real:
    Lanes
    + Compiled
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + PartialOrd
    + Send
    + Sync
    + fmt::Debug
    + fmt::Display
    + 'static
{
    /// The nearest number of this type.
    fn from_f64(value: f64) -> Self;

    /// The same number in f64.
    fn to_f64(self) -> f64;
}

/// What the kernels need of a float type; no other crate can implement it.
pub trait Lanes: Pod {
    /// As many numbers as one register holds.
    type Register<S: Simd>: Pod + Send + Sync;

    // The polynomials are minimax fits; tests/reference/minimax.py makes them and says how far they are off.

    /// Coefficients of (y coth y - 1) / y^2 in powers of y^2, lowest first, for |y| <= 3/8 ln 2.
    const COTH: &'static [f64];
    /// Coefficients of (e^r - 1 - r) / r^2 in powers of r, lowest first, for |r| <= ln 2 / 2.
    const EXPM1: &'static [f64];
    /// Coefficients of (artanh(z) / z - 1) / z^2 in powers of z^2, lowest first, for |z| <= 1/3.
    const ARTANH: &'static [f64];
    /// ln 2 in two parts. The first times any exponent of this type is exact.
    const LN_2: [f64; 2];
    /// From here on tanh rounds to 1.
    const TANH_LIMIT: f64;
    /// From here on e^-x rounds to 0.
    const EXP_LIMIT: f64;

    fn splat<S: Simd>(simd: S, value: Self) -> Self::Register<S>;
    fn registers<S: Simd>(slice: &[Self]) -> &[Self::Register<S>];
    fn registers_mut<S: Simd>(slice: &mut [Self]) -> &mut [Self::Register<S>];
    fn add_lanes<S: Simd>(simd: S, a: Self::Register<S>, b: Self::Register<S>) -> Self::Register<S>;
    fn sub_lanes<S: Simd>(simd: S, a: Self::Register<S>, b: Self::Register<S>) -> Self::Register<S>;
    fn mul_lanes<S: Simd>(simd: S, a: Self::Register<S>, b: Self::Register<S>) -> Self::Register<S>;
    fn div_lanes<S: Simd>(simd: S, a: Self::Register<S>, b: Self::Register<S>) -> Self::Register<S>;
    fn abs_lanes<S: Simd>(simd: S, a: Self::Register<S>) -> Self::Register<S>;
    /// a b + c, rounded once.
    fn fma<S: Simd>(simd: S, a: Self::Register<S>, b: Self::Register<S>, c: Self::Register<S>) -> Self::Register<S>;
    /// c - a b, rounded once.
    fn fnma<S: Simd>(simd: S, a: Self::Register<S>, b: Self::Register<S>, c: Self::Register<S>) -> Self::Register<S>;
    /// The smaller of x and the limit; NaN where x is NaN.
    fn at_most<S: Simd>(simd: S, x: Self::Register<S>, limit: Self) -> Self::Register<S>;
    /// x where c > 0, else y.
    fn where_positive<S: Simd>(
        simd: S,
        c: Self::Register<S>,
        x: Self::Register<S>,
        y: Self::Register<S>,
    ) -> Self::Register<S>;
    /// The size of x, which must not be negative, with the sign of y.
    fn with_sign<S: Simd>(simd: S, x: Self::Register<S>, y: Self::Register<S>) -> Self::Register<S>;
    fn sum_lanes<S: Simd>(simd: S, a: Self::Register<S>) -> Self;
    /// n and 2^n, where n is x times `factor`, rounded to a whole number; `late`: from 3/4 on upwards, not from 1/2 on.
    /// n must be an exponent of a normal number.
    fn whole<S: Simd>(
        simd: S,
        x: Self::Register<S>,
        factor: Self,
        late: bool,
    ) -> (Self::Register<S>, Self::Register<S>);
}

/// The operations that are the same for both types but for pulp's names.
macro_rules! lanes {
    ($real:ident, $vector:ident, $splat:ident, $vectors:ident, $vectors_mut:ident, $add:ident, $sub:ident, $mul:ident,
     $div:ident, $abs:ident, $fma:ident, $fnma:ident, $greater:ident, $min:ident, $select:ident, $or:ident, $and:ident, $sum:ident) => {
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
        fn fma<S: Simd>(simd: S, a: S::$vector, b: S::$vector, c: S::$vector) -> S::$vector {
            simd.$fma(a, b, c)
        }
        #[inline(always)]
        fn fnma<S: Simd>(simd: S, a: S::$vector, b: S::$vector, c: S::$vector) -> S::$vector {
            simd.$fnma(a, b, c)
        }
        #[inline(always)]
        fn at_most<S: Simd>(simd: S, x: S::$vector, limit: Self) -> S::$vector {
            let limit = simd.$splat(limit);
            if TypeId::of::<S>() == TypeId::of::<Scalar128b>() {
                // Its minimum of NaN and a number is the number.
                simd.$select(simd.$greater(x, limit), limit, x)
            } else {
                // The second operand, if either is NaN (x86), or NaN (NEON).
                simd.$min(limit, x)
            }
        }
        #[inline(always)]
        fn where_positive<S: Simd>(simd: S, c: S::$vector, x: S::$vector, y: S::$vector) -> S::$vector {
            simd.$select(simd.$greater(c, simd.$splat(0.0)), x, y)
        }
        #[inline(always)]
        fn with_sign<S: Simd>(simd: S, x: S::$vector, y: S::$vector) -> S::$vector {
            simd.$or(x, simd.$and(y, simd.$splat(-0.0)))
        }
        #[inline(always)]
        fn sum_lanes<S: Simd>(simd: S, a: S::$vector) -> Self {
            simd.$sum(a)
        }
    };
}

impl Lanes for f32 {
    lanes!(
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

    #[inline(always)]
    fn whole<S: Simd>(simd: S, x: S::f32s, factor: f32, late: bool) -> (S::f32s, S::f32s) {
        // A sum above 2^23 has no digits behind the point, one above 2^22 a single one: adding rounds. The last bits of
        // the sum are n + 127, which is how an f32 holds the exponent n, and are moved to its place.
        let (shift, drop, left) = if late { (6_291_583.0, 1, 22) } else { (12_583_039.0, 0, 23) }; // 3/2 2^22 or 23, + 127
        let sum = simd.mul_add_f32s(x, simd.splat_f32s(factor), simd.splat_f32s(shift));
        let bits = simd.and_u32s(simd.transmute_u32s_f32s(sum), simd.splat_u32s(!drop));
        let n = simd.sub_f32s(simd.transmute_f32s_u32s(bits), simd.splat_f32s(shift));
        (n, simd.transmute_f32s_u32s(simd.wrapping_dyn_shl_u32s(bits, simd.splat_u32s(left))))
    }
}

impl Lanes for f64 {
    lanes!(
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

    #[inline(always)]
    fn whole<S: Simd>(simd: S, x: S::f64s, factor: f64, late: bool) -> (S::f64s, S::f64s) {
        // As for f32, but with a sum between 2^20 and 2^21, whose upper 32 bits end at the point, since pulp shifts 32
        // bits and no more. The lower 32 bits are cut off, so that what was added before decides on the rounding.
        let shift = 1_573_887.0; // 3/2 2^20 + 1023
        let rounding = if late { 0.25 } else { 0.5 };
        let sum = simd.mul_add_f64s(x, simd.splat_f64s(factor), simd.splat_f64s(shift + rounding));
        let bits = simd.and_u64s(simd.transmute_u64s_f64s(sum), simd.splat_u64s(0xffff_ffff_0000_0000));
        let n = simd.sub_f64s(simd.transmute_f64s_u64s(bits), simd.splat_f64s(shift));
        (n, pulp::cast(simd.wrapping_dyn_shl_u32s(pulp::cast(bits), simd.splat_u32s(20))))
    }
}

impl Real for f32 {
    fn from_f64(value: f64) -> Self {
        value as Self
    }

    fn to_f64(self) -> f64 {
        self.into()
    }
}

impl Real for f64 {
    fn from_f64(value: f64) -> Self {
        value
    }

    fn to_f64(self) -> f64 {
        self
    }
}
