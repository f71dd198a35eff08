//! Mean binary cross-entropy from logits, and the L2 penalty.
//!
//! ```text
//! softplus(u) = ln(1 + e^u)
//! loss = mean(softplus(z2) - y z2)                       the article's cost, for y of 0 or 1
//!      = mean(softplus(u)),  u = (1 - 2 y) z2            the same value; this form is computed
//! d loss / d z2 = (sigmoid(z2) - y) / m
//! ```
//!
//! The article takes the logarithm of a2 = sigmoid(z2). That logarithm is minus infinity as soon as a2 rounds to 0 or 1.
//! The logit has no such limit. The second form also keeps all digits of a very small loss, where
//! `softplus(z2) - z2` would lose them: both terms are large and nearly equal.
//!
//! softplus is computed as `u / 2 + |u| / 2 + ln1p(e^-|u|)`. The usual `max(u, 0) + ln1p(e^-|u|)` has the same value, but
//! the wrong derivative at 0: automatic differentiation takes the derivatives of max and |u| at 0 to be 0 and would
//! return 0 for softplus'(0), which is 1/2. Before the first update a sample at the origin has exactly this logit. Burn's
//! own `log_sigmoid` computes in f32 on some backends.
//!
//! The penalty keeps weights small. It is not part of the cost.
//!
//! Not covered: labels other than 0 and 1, and sample weights.

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

/// The L2 penalty `weight_decay / 2 * (sum of w1^2 + sum of w2^2)`. Its derivative with respect to a weight w is
/// `weight_decay * w`. PyTorch and Burn have the same convention; the course also divides by the number of samples.
///
/// # Shapes
/// `w1` is `[d, h]`, `w2` is `[h, 1]`; the result is `[1]`.
pub fn penalty(w1: Tensor<2>, w2: Tensor<2>, weight_decay: f64) -> Tensor<1> {
    (w1.square().sum() + w2.square().sum()) * (weight_decay / 2.0)
}

/// ln(1 + e^u) of each element, finite for every finite `u`.
fn softplus<const D: usize>(u: Tensor<D>) -> Tensor<D> {
    let magnitude = u.clone().abs();
    u * 0.5 + magnitude.clone() * 0.5 + (-magnitude).exp().log1p()
}
