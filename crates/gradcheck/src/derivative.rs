//! The derivative of a function of one variable by central differences, in f64.
//!
//! ```text
//! D(h) = (f(t + h) - f(t - h)) / 2h = f'(t)  +  O(h^2)  +  O(noise / h)
//! f'(t) = (64 D(h / 8) - D(h)) / 63          +  O(h^4)  +  O(noise / h)
//! ```
//!
//! D(h) has two errors. When h gets smaller, the truncation error shrinks and the rounding error grows. The second formula is
//! Richardson's extrapolation. It removes most of the truncation error. Where the result agrees with the gradient in question,
//! these four values of f are enough. Otherwise [`Line::refine`] takes steps from 1/4 down to 3e-11, and larger ones if
//! noise dominates, and keeps what they settle to. See [`crate::extrapolation`].
//!
//! All steps are powers of two, so that t + h has no rounding error, except where it passes a power of two.

use crate::extrapolation::{Limit, NOISE_MARGIN, Quotient, Settled, settle};
use crate::noise::{Noise, ROUNDING_F32};

/// The ratio of one step to the next.
const RATIO: f64 = 8.0;
/// The largest step of the refinement and the smallest one, as a multiple of the unit.
const LARGEST: f64 = 0.25;
const LEVELS: i32 = 12;
/// The number of steps above [`LARGEST`] that are tried where noise dominates. The largest is 1024 units.
const LARGER_LEVELS: usize = 4;
/// The smallest step, as a multiple of the size of t. A smaller one would be a few roundings of t.
const SMALLEST: f64 = 1e-11;

/// A function that is constant over a larger step may be rounded to f32. A smooth one is constant over smaller steps, too,
/// where its curvature is below one rounding.
const QUIET: f64 = 1e-6;

/// The derivative of a function at a point.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Derivative {
    /// The derivative, extrapolated from central differences.
    pub value: f64,
    /// An estimate of its error, or of the error of the two slopes at a kink. Infinite if the value means nothing.
    pub error: f64,
    /// What kind of point it is.
    pub point: Point,
    /// What the differences settle to otherwise: over larger steps, or on one side.
    pub others: Vec<Limit>,
}

impl Derivative {
    fn new(value: f64, error: f64, point: Point) -> Self {
        Self { value, error, point, others: Vec::new() }
    }
}

/// What a function does at a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Point {
    /// It has a derivative.
    Smooth,
    /// It has different derivatives from the left and from the right.
    Kink([f64; 2]),
    /// It changes by this much.
    Jump(f64),
    /// The differences do not settle.
    Unsettled,
}

/// A function of one variable around 0.
pub(crate) struct Line<F> {
    f: F,
    at_zero: f64,
    /// The rounding noise of the function.
    noise: Noise,
    /// All steps are multiples of it: a power of two that grows with the variable.
    unit: f64,
    smallest: f64,
    /// By decreasing step.
    samples: Vec<Sample>,
}

/// The function at both ends of a step.
#[derive(Clone, Copy)]
struct Sample {
    step: f64,
    left: f64,
    right: f64,
}

impl<F: FnMut(f64) -> f64> Line<F> {
    /// A function around 0, whose argument is added to a variable of about `size`.
    pub fn new(f: F, at_zero: f64, noise: Noise, size: f64) -> Self {
        let size = size.max(1.0);
        let unit = size.sqrt().log2().floor().exp2();
        Self { f, at_zero, noise, unit, smallest: SMALLEST * size, samples: Vec::new() }
    }

    /// The derivative from two steps, with an error that contains the noise only. Sets whether the one-sided slopes look
    /// like those of a kink.
    pub fn first(&mut self) -> (Derivative, bool) {
        // Noise as large as that of f32 needs larger steps.
        let coarse = self.noise.size > 1e4 * f64::EPSILON * self.at_zero.abs();
        let largest = if coarse { LARGEST } else { LARGEST / RATIO.powi(2) };
        for step in [largest, largest / RATIO] {
            let sample = self.sample(step * self.unit);
            self.samples.push(sample);
        }

        let [wide, narrow] = [self.samples[0], self.samples[1]];
        let [far, near] = [wide, narrow].map(|sample| self.central(&sample));
        let square = RATIO * RATIO;
        let value = (square * near.value - far.value) / (square - 1.0);
        let derivative = Derivative::new(value, NOISE_MARGIN * near.noise, Point::Smooth);

        // The gap between the one-sided slopes of a smooth function is proportional to the step.
        let gap = |sample: &Sample| {
            let [left, right] = self.one_sided(sample);
            (right.value - left.value).abs()
        };
        let (wide_gap, narrow_gap) = (gap(&wide), gap(&narrow));
        let kinked = narrow_gap > 0.3 * wide_gap && narrow_gap > 20.0 * near.noise.max(1e-11 * value.abs());
        (derivative, kinked)
    }

    /// The derivative from as many steps as are needed for an error of `target` times its value.
    pub fn refine(&mut self, target: f64) -> Derivative {
        let largest = LARGEST * self.unit;
        let steps = (0..LEVELS).map(|level| largest / RATIO.powi(level));
        for step in steps.filter(|&step| step >= self.smallest).collect::<Vec<_>>() {
            if self.samples.iter().all(|sample| sample.step != step) {
                let sample = self.sample(step);
                self.samples.push(sample);
            }
        }
        self.samples.sort_by(|one, other| other.step.total_cmp(&one.step));

        let mut derivative = self.derivative();
        for level in 1..=LARGER_LEVELS {
            if derivative.error <= target * derivative.value.abs() {
                break;
            }
            let sample = self.sample(largest * RATIO.powi(level as i32));
            self.samples.insert(0, sample);
            derivative = self.derivative();
        }
        derivative
    }

    /// What the samples settle to.
    fn derivative(&self) -> Derivative {
        let is_finite = |sample: &&Sample| sample.left.is_finite() && sample.right.is_finite();
        let finite = self.samples.iter().filter(is_finite);
        let samples: Vec<Sample> = finite.copied().collect();
        let settled = |samples: &[Sample], quotient: &dyn Fn(&Sample) -> Quotient, power| {
            settle(&samples.iter().map(quotient).collect::<Vec<_>>(), power)
        };
        if let Some(change) = self.jump(&samples) {
            return Derivative::new(0.0, f64::INFINITY, Point::Jump(change));
        }
        let one_sided = [0, 1].map(|side| settled(&samples, &|sample| self.one_sided(sample)[side], 1));
        if let [Some(Settled { limit: left, .. }), Some(Settled { limit: right, .. })] = &one_sided {
            let gap = (right.value - left.value).abs();
            if gap > 8.0 * (left.error + right.error) {
                let error = left.error.max(right.error);
                return Derivative::new(
                    (left.value + right.value) / 2.0,
                    error,
                    Point::Kink([left.value, right.value]),
                );
            }
        }

        let central = |samples: &[Sample]| settled(samples, &|sample| self.central(sample), 2);
        let Some(Settled { limit, .. }) = central(&samples[self.bent(&samples)..]) else {
            let value = samples.last().map_or(0.0, |sample| self.central(sample).value);
            return Derivative::new(value, f64::INFINITY, Point::Unsettled);
        };
        let all = one_sided.into_iter().chain([central(&samples)]).flatten();
        let mut others: Vec<Limit> = all
            .flat_map(|Settled { limit, contradicted }| contradicted.into_iter().chain([limit]))
            .collect();
        others.retain(|other| other.is_clear() && (other.value - limit.value).abs() > other.error + limit.error);
        let error = if limit.value == 0.0 {
            limit.error.max(self.hidden_slope(&samples))
        } else {
            limit.error
        };
        Derivative { others, ..Derivative::new(limit.value, error, Point::Smooth) }
    }

    /// The largest slope that rounding to f32 could hide, where the function is constant around the point.
    fn hidden_slope(&self, samples: &[Sample]) -> f64 {
        let constant = |sample: &&Sample| sample.left == self.at_zero && sample.right == self.at_zero;
        let widest = samples.iter().find(constant).map(|sample| sample.step);
        let hidden = widest.filter(|&step| step > QUIET * self.unit);
        hidden.map_or(0.0, |step| (ROUNDING_F32 * self.at_zero.abs() + f64::from(f32::MIN_POSITIVE)) / step)
    }

    /// The number of samples, from the largest step on, within which the function bends as at a kink: the gap between the
    /// one-sided slopes does not shrink with the step.
    fn bent(&self, samples: &[Sample]) -> usize {
        let gaps: Vec<(f64, f64)> = samples
            .iter()
            .map(|sample| {
                let [left, right] = self.one_sided(sample);
                ((right.value - left.value).abs(), left.noise)
            })
            .collect();
        let bent = gaps.windows(2).rposition(|pair| {
            let [(far, _), (near, noise)] = [pair[0], pair[1]];
            near > 0.5 * far && near > 8.0 * noise
        });
        bent.map_or(0, |i| i + 2)
    }

    /// The function's change over the smallest step, if it is about the same over a larger one: then the function jumps.
    /// Beside a kink like that of the absolute value, the change is the same too, but each side moves with the step.
    fn jump(&self, samples: &[Sample]) -> Option<f64> {
        let [.., far, near] = samples else { return None };
        let [far_change, change] = [far, near].map(|sample| sample.right - sample.left);
        let [far_path, path] =
            [far, near].map(|sample| (sample.right - self.at_zero).abs() + (self.at_zero - sample.left).abs());
        let noise = near.step * self.noise_at(near);
        let is_same = (0.5..2.0).contains(&(far_change / change)) && far_path < 4.0 * path;
        (change.abs() > 1e3 * noise && is_same).then_some(change)
    }

    fn sample(&mut self, step: f64) -> Sample {
        Sample { step, left: (self.f)(-step), right: (self.f)(step) }
    }

    fn central(&self, sample: &Sample) -> Quotient {
        let &Sample { step, left, right } = sample;
        Quotient { step, value: (right - left) / (2.0 * step), noise: self.noise_at(sample) }
    }

    /// The slopes from the left and from the right.
    fn one_sided(&self, sample: &Sample) -> [Quotient; 2] {
        let &Sample { step, left, right } = sample;
        let noise = 2.0 * self.noise_at(sample);
        [(self.at_zero - left) / step, (right - self.at_zero) / step].map(|value| Quotient { step, value, noise })
    }

    /// The noise of the function, or one rounding of its values if that is more, divided by the step.
    fn noise_at(&self, &Sample { step, left, right }: &Sample) -> f64 {
        let rounding = f64::EPSILON * self.at_zero.abs().max(left.abs()).max(right.abs());
        let change = (left - self.at_zero).abs().max((right - self.at_zero).abs());
        self.noise.size.max(rounding).max(self.noise.epsilon() * change) / step
    }
}
