//! The derivative of a function of one variable by central differences, in f64.
//!
//! ```text
//! D(h) = (f(t + h) - f(t - h)) / 2h = f'(t)  +  O(h^2)  +  O(eps f / h)
//! f'(t) = (4 D(h / 2) - D(h)) / 3            +  O(h^4)  +  O(eps f / h)
//! ```
//!
//! - The first error of D shrinks with h, the second one grows. They balance at h of about eps^(1/3), which leaves an
//!   error of about eps^(2/3) = 4e-11 for f of about 1 (Press et al., Numerical Recipes, section 5.7).
//! - Where f bends sharply, as over saturated hidden units, the first error is the larger one. Richardson's
//!   extrapolation, the second line, removes it.
//! - If D(h) and D(h / 2) still differ by more than a few parts in 10,000, as with features far from 1, the step is
//!   divided by 8. There is no further search for a better step.

/// The derivative of a function of one variable at one point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Derivative {
    /// The derivative, extrapolated from central differences.
    pub value: f64,
    /// The slopes before and after the point, if the function has a kink within the step.
    pub kink: Option<[f64; 2]>,
}

/// The step for a parameter: cbrt(eps) * max(1, |theta|), rounded so that theta + h is exactly representable.
pub(super) fn step(theta: f64) -> f64 {
    let h = f64::EPSILON.cbrt() * theta.abs().max(1.0);
    (theta + h) - theta
}

impl Derivative {
    /// The derivative of `f` at 0, where its value is `at_zero`, from differences with the steps `h` and `h / 2`.
    ///
    /// The two one-sided differences of a smooth function differ by h f''. With half the step they differ by half as
    /// much, and each side has moved by the same amount. If that does not hold, the function has a kink.
    pub fn new(at_zero: f64, h: f64, mut f: impl FnMut(f64) -> f64) -> Self {
        let (derivative, steps_agree) = Self::with_step(at_zero, h, &mut f);
        if steps_agree || derivative.kink.is_some() {
            derivative
        } else {
            Self::with_step(at_zero, h / 8.0, &mut f).0
        }
    }

    /// The derivative from the steps `h` and `h / 2`, and whether the two steps agree.
    fn with_step(at_zero: f64, h: f64, f: &mut impl FnMut(f64) -> f64) -> (Self, bool) {
        let mut one_sided = |h: f64| [(at_zero - f(-h)) / h, (f(h) - at_zero) / h];
        let ([left, right], [half_left, half_right]) = (one_sided(h), one_sided(h / 2.0));
        let value = (4.0 * (half_left + half_right) - (left + right)) / 6.0;

        // Smaller differences between the two sides are rounding, or a bend too slight to harm a comparison.
        let noise = 1e3 * f64::EPSILON * at_zero.abs() / h;
        let harmless = noise.max(1e-4 * value.abs().max(1e-3));

        let (gap, half_gap) = ((right - left).abs(), (half_right - half_left).abs());
        let uneven = ((right - half_right) + (left - half_left)).abs();
        let smooth = gap <= harmless || ((0.25..0.75).contains(&(half_gap / gap)) && uneven <= 0.25 * gap);

        let correction = (value - (half_left + half_right) / 2.0).abs();
        let steps_agree = correction <= noise.max(1e-4 * value.abs());
        (Self { value, kink: (!smooth).then_some([left, right]) }, steps_agree)
    }
}
