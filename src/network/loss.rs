//! Mean binary cross-entropy from logits, and the L2 penalty.
//!
//! ```text
//! softplus(u) = ln(1 + e^u)
//! loss = mean(softplus(z2) - y z2)                       the article's cost, for y of 0 or 1
//!      = mean(softplus(u)),  u = (1 - 2 y) z2            the same, and what is computed
//! d loss / d z2 = (sigmoid(z2) - y) / m
//! ```
//!
//! The article takes the logarithm of a2 = sigmoid(z2), which is minus infinity as soon as a2 rounds to 0
//! or 1. From the logit nothing overflows, and in the second form nothing cancels either: the loss of a
//! sample that is right by a wide margin keeps all its digits, where softplus(z2) - z2 would leave none.
//!
//! softplus is computed as u / 2 + |u| / 2 + ln1p(e^-|u|). The usual max(u, 0) + ln1p(e^-|u|) has the same
//! value, but automatic differentiation takes the derivatives of max and |u| at 0 to be 0 and would return 0
//! for softplus'(0), which is 1/2; a sample at the origin meets that case before the first update. Burn's own
//! `log_sigmoid` goes through f32 on some backends.
//!
//! Beside it stands the penalty that keeps weights small, which is no part of the cost.
//!
//! Leaves out: labels other than 0 and 1, and sample weights.

use burn::tensor::Tensor;

pub use petal_data::logistic::sigmoid;

/// The mean binary cross-entropy of logits `z2` against labels `y`.
///
/// # Shapes
/// `z2` and `y` are `[m, 1]`; the result is `[1]`.
pub fn cross_entropy(z2: Tensor<2>, y: Tensor<2>) -> Tensor<1> {
    let u = (y * -2.0 + 1.0) * z2; // [m, 1], minus the margin
    softplus(u).mean()
}

/// The L2 penalty: `weight_decay / 2 * (sum of w1^2 + sum of w2^2)`, whose derivative by each weight w is
/// `weight_decay * w`. That is PyTorch's convention and Burn's; the course divides by the number of samples too.
///
/// # Shapes
/// `w1` is `[d, h]`, `w2` is `[h, 1]`; the result is `[1]`.
pub fn penalty(w1: Tensor<2>, w2: Tensor<2>, weight_decay: f64) -> Tensor<1> {
    (w1.square().sum() + w2.square().sum()) * (weight_decay / 2.0)
}

/// ln(1 + e^u), element by element, finite for every finite `u`.
fn softplus<const D: usize>(u: Tensor<D>) -> Tensor<D> {
    let size = u.clone().abs();
    u * 0.5 + size.clone() * 0.5 + (-size).exp().log1p()
}
