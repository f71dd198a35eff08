//! Differentiation by central differences, on the host in f64: slow, and independent of every formula for a derivative.
//!
//! ```text
//! D(h) = (f(t + h) - f(t - h)) / 2h = f'(t)  +  O(h^2)  +  O(eps f / h)
//! f'(t) = (4 D(h / 2) - D(h)) / 3            +  O(h^4)  +  O(eps f / h)
//! ```
//!
//! The first error of D shrinks with h, the second grows; they balance at h of about eps^(1/3), which leaves an error of
//! about eps^(2/3) = 4e-11 for f of about 1 (Press et al., Numerical Recipes, section 5.7). Where f bends sharply, as over
//! saturated hidden units, the first is the larger one; Richardson's extrapolation, the second line, removes it.
//!
//! Where even the two D differ by more than a few parts in 10,000, as over features far from 1, the step is divided by 8.
//!
//! Leaves out: any further search for a better step.

use crate::data::Dataset;
use crate::network::Parameters;

/// The slope of a function of one variable at a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slope {
    /// The slope, extrapolated from central differences.
    pub value: f64,
    /// The slopes before and after, where the function has a kink within the step.
    pub kink: Option<[f64; 2]>,
}

/// The step for a parameter: cbrt(eps) * max(1, |theta|), rounded so that theta + h is exactly representable.
pub fn step(theta: f64) -> f64 {
    let h = f64::EPSILON.cbrt() * theta.abs().max(1.0);
    (theta + h) - theta
}

impl Slope {
    /// The slope at 0 of `f`, whose value there is `at_zero`, from differences with the steps `h` and `h / 2`.
    ///
    /// The one-sided differences of a smooth function lie h f'' apart, and half of that with half the step, each side
    /// having moved by as much. Where that does not hold, the function has a kink.
    pub fn new(at_zero: f64, h: f64, mut f: impl FnMut(f64) -> f64) -> Self {
        let (coarse, settled) = Self::with_step(at_zero, h, &mut f);
        if settled || coarse.kink.is_some() {
            coarse
        } else {
            Self::with_step(at_zero, h / 8.0, &mut f).0
        }
    }

    /// The slope, and whether the two steps agree on it.
    fn with_step(at_zero: f64, h: f64, f: &mut impl FnMut(f64) -> f64) -> (Self, bool) {
        let mut one_sided = |h: f64| [(at_zero - f(-h)) / h, (f(h) - at_zero) / h];
        let ([left, right], [closer_left, closer_right]) = (one_sided(h), one_sided(h / 2.0));
        let value = (4.0 * (closer_left + closer_right) - (left + right)) / 6.0;
        let (apart, closer) = ((right - left).abs(), (closer_right - closer_left).abs());
        // One-sided differences closer than this tell rounding, or a bend too slight to harm a comparison.
        let noise = 1e3 * f64::EPSILON * at_zero.abs() / h;
        let harmless = noise.max(1e-4 * value.abs().max(1e-3));
        let uneven = ((right - closer_right) + (left - closer_left)).abs();
        let smooth = apart <= harmless || ((0.25..0.75).contains(&(closer / apart)) && uneven <= 0.25 * apart);
        let correction = (value - (closer_left + closer_right) / 2.0).abs();
        let settled = correction <= noise.max(1e-4 * value.abs());
        (Self { value, kink: (!smooth).then_some([left, right]) }, settled)
    }
}

/// The mean cross-entropy plus the L2 penalty, in plain f64 arithmetic: what the differences are taken of.
///
/// The same function as [`crate::network::loss::cross_entropy`] of [`crate::network::TwoLayerNet::forward`], written once more
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
    compensated_sum(costs) / data.samples() as f64 + parameters.penalty(weight_decay)
}

/// The sum of numbers that are not negative, to one rounding however many there are (Kahan, 1965).
///
/// Differences divide the rounding of the sum by h: that of a plain sum of 100,000 costs would be worth 2e-9 there.
fn compensated_sum(terms: impl Iterator<Item = f64>) -> f64 {
    let (sum, _) = terms.fold((0.0, 0.0), |(sum, excess): (f64, f64), term| {
        let term = term - excess;
        let next = sum + term;
        (next, (next - sum) - term)
    });
    sum
}
