//! The output of the network on a few registers of samples: the derivative by the logit, the loss and the predictions.
//!
//! ```text
//! loss = softplus(u)      u = sign z2
//! dz2  = sign sigmoid(u)  which is a2 - y
//! ```
//!
//! Nothing cancels in this form of dz2: it keeps all its digits even if a2 is close to y.

use pulp::Simd;

use crate::chunk::{Outputs, Totals};
use crate::functions::{exp_neg_abs, sigmoid, softplus};
use crate::simd_float::SimdFloat;
use crate::vector::Vector;

/// dz2, without the factor 1 / m, and the totals. They are only valid if they were requested.
///
/// A logit that is not finite makes the loss NaN: softplus(-infinity) would be 0, although the exact sum may be any number.
#[inline(always)]
pub(crate) fn output<S: Simd, T: SimdFloat, const V: usize>(
    outputs: Outputs,
    sign: Vector<S, T, V>,
    z2: Vector<S, T, V>,
) -> (Vector<S, T, V>, Totals) {
    let u = sign * z2;
    let e = exp_neg_abs(u);

    let dz2 = if outputs.gradient { sign * sigmoid(u, e) } else { u };
    if !outputs.evaluation {
        return (dz2, Totals::default());
    }
    let predicted_sign = z2.select_above(0.0, sign.constant(-1.0), sign.constant(1.0)); // the sign of the predicted label
    let nan_if_not_finite = z2 * z2.constant(0.0);
    let totals = Totals {
        loss: (sign.abs() * (softplus(u, e) + nan_if_not_finite)).sum(),
        correct_minus_wrong: (sign * predicted_sign).sum(),
    };
    (dz2, totals)
}

/// [`output`] as a function of its own, for portable code, in which it is large.
#[inline(never)]
pub(crate) fn output_out_of_line<S: Simd, T: SimdFloat, const V: usize>(
    outputs: Outputs,
    sign: Vector<S, T, V>,
    z2: Vector<S, T, V>,
) -> (Vector<S, T, V>, Totals) {
    output(outputs, sign, z2)
}
