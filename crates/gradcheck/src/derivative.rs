//! The derivative of a function of one variable by central differences, in f64.
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

/// The derivative of a function of one variable at a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Derivative {
    /// The derivative, extrapolated from central differences.
    pub value: f64,
    /// The derivatives from the left and from the right, if the function has a kink within the step.
    pub kink: Option<[f64; 2]>,
}

/// The step for a parameter: cbrt(eps) * max(1, |theta|), rounded so that theta + h has no rounding error.
pub(crate) fn step(theta: f64) -> f64 {
    let h = f64::EPSILON.cbrt() * theta.abs().max(1.0);
    (theta + h) - theta
}

impl Derivative {
    /// The derivative of `f` at 0, where its value is `at_zero`, from differences with the steps `h` and `h / 2`.
    ///
    /// The two one-sided differences of a smooth function differ by h f''. With half the step, this difference is half
    /// as large, and both one-sided differences change by the same amount. Otherwise the function has a kink.
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

        // The rounding error of a difference. If the two sides differ by less than `harmless`, the cause is rounding or
        // a negligible curvature.
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
