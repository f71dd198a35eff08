//! Differentiation by central differences, on the host in f64. It is slow and independent of every formula for a derivative.
//!
//! ```text
//! D(h) = (f(t + h) - f(t - h)) / 2h = f'(t)  +  O(h^2)  +  O(eps f / h)
//! f'(t) = (4 D(h / 2) - D(h)) / 3            +  O(h^4)  +  O(eps f / h)
//! ```
//!
//! D(h) has two errors. The truncation error shrinks with h, the rounding error grows. They balance at h of about
//! eps^(1/3), which leaves an error of about eps^(2/3) = 4e-11 for f of about 1 (Press et al., Numerical Recipes,
//! section 5.7). Where f bends sharply, for example over saturated hidden units, the truncation error dominates.
//! Richardson's extrapolation, the second line, removes it.
//!
//! If D(h) and D(h / 2) still differ by more than a few parts in 10,000, the step is divided by 8 once. That happens for
//! features far from 1. There is no further search for a better step.

use crate::data::Dataset;
use crate::network::Parameters;

/// The derivative of a function of one variable at a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slope {
    /// The derivative, extrapolated from central differences.
    pub value: f64,
    /// The derivatives from the left and from the right, if the function has a kink within the step.
    pub kink: Option<[f64; 2]>,
}

/// The step for a parameter: cbrt(eps) * max(1, |theta|), rounded so that theta + h has no rounding error.
pub fn step(theta: f64) -> f64 {
    let h = f64::EPSILON.cbrt() * theta.abs().max(1.0);
    (theta + h) - theta
}

impl Slope {
    /// The derivative of `f` at 0, where its value is `at_zero`, from differences with the steps `h` and `h / 2`.
    ///
    /// The two one-sided differences of a smooth function differ by h f''. With half the step they differ by half as much,
    /// and both sides have moved by the same amount. If that is not so, the function has a kink.
    pub fn new(at_zero: f64, h: f64, mut f: impl FnMut(f64) -> f64) -> Self {
        let (coarse, settled) = Self::with_step(at_zero, h, &mut f);
        if settled || coarse.kink.is_some() {
            coarse
        } else {
            Self::with_step(at_zero, h / 8.0, &mut f).0
        }
    }

    /// The derivative, and whether both steps agree on it.
    fn with_step(at_zero: f64, h: f64, f: &mut impl FnMut(f64) -> f64) -> (Self, bool) {
        let mut one_sided = |h: f64| [(at_zero - f(-h)) / h, (f(h) - at_zero) / h];
        let [left, right] = one_sided(h);
        let [closer_left, closer_right] = one_sided(h / 2.0);
        let value = (4.0 * (closer_left + closer_right) - (left + right)) / 6.0;

        // The rounding error of a difference. Below `harmless` a difference of the two sides shows rounding, or a
        // curvature too small to disturb a comparison.
        let noise = 1e3 * f64::EPSILON * at_zero.abs() / h;
        let harmless = noise.max(1e-4 * value.abs().max(1e-3));

        let distance = (right - left).abs();
        let closer_distance = (closer_right - closer_left).abs();
        let halved = (0.25..0.75).contains(&(closer_distance / distance));
        let asymmetry = ((right - closer_right) + (left - closer_left)).abs();
        let smooth = distance <= harmless || (halved && asymmetry <= 0.25 * distance);

        let correction = (value - (closer_left + closer_right) / 2.0).abs();
        let settled = correction <= noise.max(1e-4 * value.abs());
        (Self { value, kink: (!smooth).then_some([left, right]) }, settled)
    }
}

/// The mean cross-entropy plus the L2 penalty in plain f64 arithmetic: the function that is differentiated numerically.
///
/// It is the same function as [`crate::network::loss::cross_entropy`] of [`crate::network::TwoLayerNet::forward`]. It
/// shares no code with them, so that a mistake in either is found.
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
    compensated_sum(costs) / data.samples() as f64 + parameters.penalty(weight_decay)
}

/// The sum of non-negative numbers with a rounding error that does not grow with their number (Kahan, 1965).
///
/// A difference divides the rounding error of the sum by h. For a plain sum of 100,000 costs that would give 2e-9.
fn compensated_sum(terms: impl Iterator<Item = f64>) -> f64 {
    let (sum, _) = terms.fold((0.0, 0.0), |(sum, error): (f64, f64), term| {
        let term = term - error;
        let next = sum + term;
        (next, (next - sum) - term)
    });
    sum
}
