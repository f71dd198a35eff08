//! The rounding noise of a function, from its values at a dozen equally spaced points.
//!
//! ```text
//! T[i, 0] = f(i d)      T[i, k] = T[i + 1, k - 1] - T[i, k - 1]      s(k)^2 = (k!)^2 / (2k)! mean(T[., k]^2)
//! ```
//!
//! The differences T of a smooth function vanish quickly with k, since d is small. What remains is the noise: s(k) then is
//! the same for several k, and equal to the noise's standard deviation (Hamming's difference table; Moré and Wild 2011,
//! "Estimating computational noise", SIAM Journal on Scientific Computing 33).
//!
//! A function that is computed in f32 somewhere has a noise of about 1e-8 of the value that is rounded. It differs from the
//! noise of a long sum in f64 by its dependence on the spacing: at a spacing far below the f32 epsilon, the f32
//! numbers do not change from point to point, and the noise is gone.

/// The number of intervals between the points.
const INTERVALS: usize = 12;
/// The first spacing. It is changed by factors of 32 where it shows no noise.
const SPACING: f64 = 1.0 / (1 << 20) as f64;
const SPACING_FACTOR: f64 = 32.0;
/// Far below the f32 epsilon 2^-23, and far above the f64 epsilon 2^-52.
const FINE_SPACING: f64 = 1.0 / (1_u64 << 46) as f64;
/// Less noise than this part of an f32 rounding is not named after f32: then the part of the function in f32 would be a
/// hundredth of it.
const SMALLEST_F32_PART: f64 = 1e-2;
/// Half an f32 epsilon: the rounding error of an f32 number, relative to its size.
pub(crate) const ROUNDING_F32: f64 = f32::EPSILON as f64 / 2.0;

/// The noise of a function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Noise {
    /// The standard deviation. At least one rounding error of the function's value in f64.
    pub size: f64,
    /// Whether the noise may be that of f32. Then steps and errors are chosen as if it were.
    pub single_precision: bool,
    /// Whether the function, or a part of it, is surely computed in single precision. Where the function is nearly zero, its
    /// noise in f64 may look like that of f32 beside its value, but not beside the values at the other points.
    pub is_clear: bool,
}

impl Noise {
    /// The rounding error of the part of the function that changes, relative to the change.
    pub fn epsilon(&self) -> f64 {
        if self.single_precision { ROUNDING_F32 } else { f64::EPSILON }
    }
}

/// What the values at one spacing show.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Seen {
    /// Most neighbours are equal.
    Constant,
    /// Noise of this size.
    Noise(f64),
    /// The function varies too much at this spacing.
    Variation,
}

/// Measures the noise of a function around 0. Its value there is `at_zero`.
pub(crate) fn measure(at_zero: f64, f: impl FnMut(f64) -> f64) -> Noise {
    let mut values = Values { f, seen: Vec::new() };
    let noise = values.noise(at_zero);
    if !values.are_f32() {
        let is_large = noise.size > SMALLEST_F32_PART * ROUNDING_F32 * values.scale();
        return Noise { is_clear: noise.single_precision && is_large, ..noise };
    }
    // Every value is an f32 number. Few different ones may have another reason, such as a function with steps.
    let size = noise.size.max(ROUNDING_F32 * at_zero.abs());
    let single_precision = values.are_many();
    Noise { size, single_precision, is_clear: single_precision }
}

/// A function and the values that it gave.
struct Values<F> {
    f: F,
    seen: Vec<f64>,
}

impl<F: FnMut(f64) -> f64> Values<F> {
    /// The noise by the differences of the values.
    fn noise(&mut self, at_zero: f64) -> Noise {
        let rounding = f64::EPSILON * at_zero.abs();
        let double = |size: f64| Noise { size: size.max(rounding), single_precision: false, is_clear: false };

        let mut spacing = SPACING;
        let mut constant = true;
        while spacing < 0.1 && spacing > FINE_SPACING / SPACING_FACTOR {
            let seen = self.observe(spacing);
            match seen {
                Seen::Noise(size) if size <= 32.0 * rounding => return double(size),
                Seen::Noise(size) if self.has_noise_at_fine_spacing(size) => return double(size),
                Seen::Noise(size) if self.is_from_f32(size, at_zero, spacing) => {
                    return Noise { size, single_precision: true, is_clear: false };
                }
                _ => {}
            }

            let grows = spacing > SPACING || (spacing == SPACING && seen == Seen::Constant);
            constant = constant && seen == Seen::Constant;
            spacing = if grows { spacing * SPACING_FACTOR } else { spacing / SPACING_FACTOR };
        }
        // Where nothing was measured, too little confidence is better than too much.
        double(if constant { 0.0 } else { ROUNDING_F32 * at_zero.abs() })
    }

    /// Whether there is as much noise at a spacing at which f32 numbers do not change.
    fn has_noise_at_fine_spacing(&mut self, size: f64) -> bool {
        matches!(self.observe(FINE_SPACING), Seen::Noise(fine) if fine > size / 30.0)
    }

    /// Whether noise that is gone at a fine spacing is that of f32, and no variation of the function: it is small, and
    /// about the same at another spacing.
    fn is_from_f32(&mut self, size: f64, at_zero: f64, spacing: f64) -> bool {
        let small = size <= 64.0 * ROUNDING_F32 * at_zero.abs();
        let about = |other: f64| (0.1..100.0).contains(&(other / size));
        small && matches!(self.observe(SPACING_FACTOR * spacing), Seen::Noise(other) if about(other))
    }

    /// The largest size of a finite value that was seen.
    fn scale(&self) -> f64 {
        let finite = self.seen.iter().copied().filter(|value| value.is_finite());
        finite.fold(0.0, |largest, value| largest.max(value.abs()))
    }

    /// Whether all values are f32 numbers.
    fn are_f32(&self) -> bool {
        self.seen.iter().all(|&value| f64::from(value as f32) == value)
    }

    /// Whether there are at least as many different values as intervals.
    fn are_many(&self) -> bool {
        let mut values = self.seen.clone();
        values.sort_by(f64::total_cmp);
        values.dedup();
        values.len() >= INTERVALS
    }

    /// Looks at the function at points with this spacing. They lie on one side, so that a kink or a jump at 0 is not among
    /// them. Points with a much larger spacing lie elsewhere.
    fn observe(&mut self, spacing: f64) -> Seen {
        let values: Vec<f64> = (0..=INTERVALS).map(|i| (self.f)((i + 1) as f64 * spacing)).collect();
        self.seen.extend(&values);
        noise_of(values)
    }
}

/// The noise of values at equally spaced points, by their differences.
fn noise_of(mut column: Vec<f64>) -> Seen {
    if column.iter().any(|value| !value.is_finite()) {
        return Seen::Variation;
    }
    let equal = column.windows(2).filter(|pair| pair[0] == pair[1]).count();
    if 2 * equal > INTERVALS {
        return Seen::Constant;
    }

    let (mut sizes, mut has_both_signs) = (Vec::new(), Vec::new());
    let mut gamma = 1.0;
    for k in 1..=INTERVALS - 3 {
        column = column.windows(2).map(|pair| pair[1] - pair[0]).collect();
        gamma *= k as f64 / (2.0 * (2 * k - 1) as f64);
        let mean = column.iter().map(|difference| difference * difference).sum::<f64>() / column.len() as f64;
        sizes.push((gamma * mean).sqrt());
        has_both_signs.push(column.iter().any(|&value| value > 0.0) && column.iter().any(|&value| value < 0.0));
    }
    let noise = sizes.windows(3).zip(&has_both_signs).find(|(window, both_signs)| {
        let (smallest, largest) = window
            .iter()
            .fold((f64::MAX, 0.0_f64), |(s, l), &size| (s.min(size), l.max(size)));
        **both_signs && largest <= 4.0 * smallest
    });
    noise.map_or(Seen::Variation, |(window, _)| Seen::Noise(window[0]))
}
