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
const FINE_SPACING: f64 = 1.0 / (1_u64 << 38) as f64;
/// Half an f32 epsilon: the rounding error of an f32 number, relative to its size.
const ROUNDING_F32: f64 = f32::EPSILON as f64 / 2.0;

/// The noise of a function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Noise {
    /// The standard deviation. At least one rounding error of the function's value in f64.
    pub size: f64,
    /// Whether the function, or a part of it, is computed in single precision.
    pub single_precision: bool,
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
pub(crate) fn measure(at_zero: f64, mut f: impl FnMut(f64) -> f64) -> Noise {
    let rounding = f64::EPSILON * at_zero.abs();
    let double = |size: f64| Noise { size: size.max(rounding), single_precision: false };
    // Nothing was measured. Then too little confidence is better than too much.
    let unknown = double(ROUNDING_F32 * at_zero.abs());

    let mut spacing = SPACING;
    while spacing < 0.1 && spacing > FINE_SPACING / SPACING_FACTOR {
        let factor = match observe(spacing, &mut f) {
            Seen::Noise(size) if size <= 32.0 * rounding => return double(size),
            Seen::Noise(size) if at_every_spacing(size, &mut f) => return double(size),
            Seen::Noise(size) if is_from_f32(size, at_zero, spacing, &mut f) => {
                return Noise { size, single_precision: true };
            }
            Seen::Noise(_) | Seen::Variation if spacing <= SPACING => 1.0 / SPACING_FACTOR,
            Seen::Constant if spacing >= SPACING => SPACING_FACTOR,
            _ => return unknown,
        };
        spacing *= factor;
    }
    // A constant function, unless its value may be one that was rounded to f32.
    let constant = spacing > SPACING && f64::from(at_zero as f32) != at_zero;
    if constant { double(0.0) } else { unknown }
}

/// Whether there is as much noise at a spacing at which f32 numbers do not change.
fn at_every_spacing(size: f64, f: &mut impl FnMut(f64) -> f64) -> bool {
    matches!(observe(FINE_SPACING, f), Seen::Noise(fine) if fine > size / 30.0)
}

/// Whether noise that is gone at a fine spacing is that of f32, and no variation of the function: it is the same at
/// another spacing, and small.
fn is_from_f32(size: f64, at_zero: f64, spacing: f64, f: &mut impl FnMut(f64) -> f64) -> bool {
    let small = size <= 1e-4 * at_zero.abs();
    small && matches!(observe(4.0 * spacing, f), Seen::Noise(other) if (0.25..4.0).contains(&(other / size)))
}

/// Looks at the function at points with this spacing.
fn observe(spacing: f64, f: &mut impl FnMut(f64) -> f64) -> Seen {
    let middle = INTERVALS as f64 / 2.0;
    let mut column: Vec<f64> = (0..=INTERVALS).map(|i| f((i as f64 - middle) * spacing)).collect();
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
