//! Differentiation by central differences, on the host in f64: slow, and independent of every formula for a derivative.
//!
//! ```text
//! f'(t) = (f(t + h) - f(t - h)) / 2h  +  O(h^2 f''')  +  O(eps f / h)
//! ```
//!
//! The first error shrinks with h, the second grows; they balance at h of about eps^(1/3), which leaves an error of about
//! eps^(2/3) = 4e-11 for f of about 1 (Press et al., Numerical Recipes, section 5.7).
//!
//! Leaves out: extrapolation to h = 0. It would gain digits that no comparison here needs, and hide a kink.

use crate::data::Dataset;
use crate::model::Parameters;

/// The slope of a function of one variable at a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slope {
    /// The central difference.
    pub central: f64,
    /// The slopes before and after, where the function has a kink within the step.
    pub kink: Option<[f64; 2]>,
}

/// The step for a parameter: cbrt(eps) * max(1, |theta|), rounded so that theta + h is exactly representable.
pub fn step(theta: f64) -> f64 {
    let h = f64::EPSILON.cbrt() * theta.abs().max(1.0);
    (theta + h) - theta
}

impl Slope {
    /// The slope at 0 of `f`, whose value there is `at_zero`, from differences with step `h`.
    ///
    /// The one-sided differences of a smooth function lie h f'' apart, and half of that with half the step. Where that
    /// does not hold, the function has a kink.
    pub fn new(at_zero: f64, h: f64, mut f: impl FnMut(f64) -> f64) -> Self {
        let mut sides = |h: f64| [f(-h), f(h)];
        let one_sided = |[before, after]: [f64; 2], h: f64| [(at_zero - before) / h, (after - at_zero) / h];
        let values = sides(h);
        let central = (values[1] - values[0]) / (2.0 * h);
        let [left, right] = one_sided(values, h);
        let apart = (right - left).abs();
        // Closer than this is either rounding or too little to harm a comparison.
        let harmless = (1e3 * f64::EPSILON * at_zero.abs() / h).max(1e-4 * central.abs().max(1e-3));
        let mut kink = None;
        if apart > harmless {
            let [closer_left, closer_right] = one_sided(sides(h / 2.0), h / 2.0);
            let halved = (0.25..0.75).contains(&((closer_right - closer_left).abs() / apart));
            kink = (!halved).then_some([left, right]);
        }
        Self { central, kink }
    }
}

/// The mean cross-entropy plus the L2 penalty, in plain f64 arithmetic: what the differences are taken of.
///
/// The same function as [`crate::loss::cross_entropy`] of [`crate::model::TwoLayerNet::forward`], written once more
/// without a tensor, so that a mistake in either shows.
pub fn loss(parameters: &Parameters, data: &Dataset, weight_decay: f64) -> f64 {
    let Parameters { hidden, w1, b1, w2, b2, .. } = parameters;
    let costs = data.rows().zip(data.y()).map(|(row, &label)| {
        let z2 = (0..*hidden).fold(b2[0], |z2, k| {
            let z1 = row.iter().enumerate().fold(b1[k], |z1, (j, x)| z1 + x * w1[j * hidden + k]);
            z2 + z1.tanh() * w2[k]
        });
        let u = if label == 1 { -z2 } else { z2 };
        u.max(0.0) + (-u.abs()).exp().ln_1p()
    });
    let squares: f64 = w1.iter().chain(w2).map(|weight| weight * weight).sum();
    costs.sum::<f64>() / data.samples() as f64 + weight_decay / 2.0 * squares
}
