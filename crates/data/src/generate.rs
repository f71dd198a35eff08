//! Generated sets of labelled points in the plane.
//!
//! Each generator follows a published program and draws from [`RandomState`] in the same order. So the same seed gives the same
//! points as in Python. The sources:
//!
//! - `flower` and `no_structure`: the course behind the article (its `generate_utils.py`).
//! - `moons`, `circles`, `blobs` and `quantiles`: scikit-learn, with the parameters of the course.
//! - `xor` and `spiral`: cited at the functions.
//!
//! | set | meaning of `noise` | default |
//! | --- | --- | --- |
//! | `flower` | standard deviation of the angle (radians) and of the radius | 0.2 |
//! | `moons`, `circles` | standard deviation added to both coordinates | 0.2, 0.3 |
//! | `blobs` | standard deviation of each cluster | 1.0 |
//! | `quantiles` | variance of the single Gaussian that is divided into two classes | 0.5 |
//! | `no_structure` | not accepted: the labels are pure noise | none |
//! | `xor`, `spiral` | standard deviation added to both coordinates after labelling | 0.1, 0.1 |
//!
//! Two sets have a further setting, with the name that scikit-learn gives it: `circles` has `factor`, `blobs` has `centers`.

use std::f64::consts::PI;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::checked_numbers::{Count, Fraction, NonNegative};
use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::numpy::RandomState;
use crate::text::short;

/// All sets lie within a distance of 16 from the origin. Noise far above that hides all structure, and the axes of pictures
/// cannot be labelled any more.
const MAX_NOISE: f64 = 1e6;

/// The radius of the inner ring of `circles`: that of the course. (scikit-learn's default is 0.8.)
pub const DEFAULT_FACTOR: Fraction = const { Fraction::literal(0.5) };

/// The number of clusters of `blobs`: that of the course. (scikit-learn's default is 3.)
pub const DEFAULT_CENTERS: Count<2, 1_000> = const { Count::literal(6) };

/// The settings of a generated set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which set.
    pub kind: Kind,
    /// The number of points. The classes are as equal in size as possible, except those of `xor` and `no_structure`, which are
    /// random.
    pub samples: Count<2, 10_000_000>,
    /// The noise, whose meaning depends on the set. `None` means the default of the set.
    pub noise: Option<NonNegative>,
    /// The radius of the inner ring, for `circles` only. `None` means [`DEFAULT_FACTOR`].
    pub factor: Option<Fraction>,
    /// The number of clusters, for `blobs` only. `None` means [`DEFAULT_CENTERS`].
    pub centers: Option<Count<2, 1_000>>,
    /// The seed of NumPy's random stream.
    pub seed: u32,
}

/// The sets that can be generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The flower of the article: two classes on alternating petals.
    Flower,
    /// Two interleaved half circles (`make_moons`).
    Moons,
    /// A ring around a ring (`make_circles`).
    Circles,
    /// Gaussian clusters, six unless set otherwise, labelled alternately 0 and 1 (`make_blobs`, labels modulo 2).
    Blobs,
    /// One Gaussian, divided at its median radius (`make_gaussian_quantiles`).
    Quantiles,
    /// Uniform points with random labels: there is nothing to learn.
    NoStructure,
    /// Uniform points in a square, labelled by the exclusive or of the signs of their coordinates.
    Xor,
    /// Two spiral arms of 1.75 turns.
    Spiral,
}

impl Default for Settings {
    /// The data of the article: the flower, 400 points, seed 1.
    fn default() -> Self {
        Self {
            kind: Kind::Flower,
            samples: const { Count::literal(400) },
            noise: None,
            factor: None,
            centers: None,
            seed: 1,
        }
    }
}

impl Kind {
    /// The default noise: the values of the course, and our own choice for `xor` and `spiral`.
    pub fn default_noise(self) -> Option<NonNegative> {
        Some(match self {
            Self::Flower | Self::Moons => const { NonNegative::literal(0.2) },
            Self::Circles => const { NonNegative::literal(0.3) },
            Self::Blobs => const { NonNegative::literal(1.0) },
            Self::Quantiles => const { NonNegative::literal(0.5) },
            Self::Xor | Self::Spiral => const { NonNegative::literal(0.1) },
            Self::NoStructure => return None,
        })
    }
}

impl fmt::Display for Kind {
    /// The name in configurations.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl Settings {
    /// The noise that [`generate`] uses: the given one, or the default of the set.
    pub fn noise_or_default(&self) -> Option<NonNegative> {
        self.noise.or(self.kind.default_noise())
    }

    /// Checks that the settings agree with each other.
    ///
    /// # Errors
    /// The configuration key at fault and a message:
    ///
    /// - `noise` is given for a set that accepts none, or is so large that it would hide any set;
    /// - `factor` or `centers` is given for another set than theirs;
    /// - there are more clusters than samples.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        let kind = self.kind;
        match self.noise {
            Some(noise) if kind == Kind::NoStructure => {
                let message = format!("data.noise = {noise}: must be absent for data.kind = \"no_structure\"");
                return Err(("data.noise", message));
            }
            Some(noise) if noise.get() > MAX_NOISE => {
                let message = format!("data.noise = {}: must be at most {}", short(noise.get()), short(MAX_NOISE));
                return Err(("data.noise", message));
            }
            _ => {}
        }
        if let Some(factor) = self.factor.filter(|_| kind != Kind::Circles) {
            let message = format!("data.factor = {factor}: is for data.kind = \"circles\" and not for \"{kind}\"");
            return Err(("data.factor", message));
        }
        if let Some(centers) = self.centers {
            if kind != Kind::Blobs {
                let message = format!("data.centers = {centers}: is for data.kind = \"blobs\" and not for \"{kind}\"");
                return Err(("data.centers", message));
            }
            if centers.get() > self.samples.get() {
                let message = format!("data.centers = {centers}: must be at most data.samples = {}", self.samples);
                return Err(("data.centers", message));
            }
        }
        Ok(())
    }
}

/// Generates the set that the settings describe.
///
/// # Errors
/// When the settings contradict each other ([`Settings::check`]).
pub fn generate(settings: &Settings) -> Result<Dataset> {
    settings.check().map_err(|(_, message)| Error::Setting(message))?;
    let random = &mut RandomState::new(settings.seed);
    let samples = settings.samples.get();
    let noise = settings.noise_or_default().map_or(0.0, NonNegative::get);
    Ok(match settings.kind {
        Kind::Flower => flower(samples, noise, random),
        Kind::Moons => moons(samples, noise, random),
        Kind::Circles => circles(samples, noise, settings.factor.unwrap_or(DEFAULT_FACTOR).get(), random),
        Kind::Blobs => blobs(samples, noise, settings.centers.unwrap_or(DEFAULT_CENTERS).get(), random),
        Kind::Quantiles => quantiles(samples, noise, random),
        Kind::NoStructure => no_structure(samples, random),
        Kind::Xor => xor(samples, noise, random),
        Kind::Spiral => spiral(samples, noise, random),
    })
}

/// The `load_generate_dataset` of the course: points (r sin t, r cos t) with r = 4 sin 4t.
///
/// Class 0 has t from 0 to 3.12, class 1 has t from 3.12 to 6.24. Normal numbers with standard deviation `noise` are added to t
/// and to r.
pub fn flower(samples: usize, noise: f64, random: &mut RandomState) -> Dataset {
    let counts = halves(samples);
    let mut points = Vec::with_capacity(samples);
    for (class, count) in [0.0, 1.0].into_iter().zip(counts) {
        let angles = linspace(class * 3.12, (class + 1.0) * 3.12, count);
        let angle_noise = random.normals(count);
        let radius_noise = random.normals(count);
        for ((angle, dt), dr) in angles.into_iter().zip(angle_noise).zip(radius_noise) {
            let t = angle + dt * noise;
            let r = 4.0 * (4.0 * t).sin() + dr * noise;
            points.push([r * t.sin(), r * t.cos()]);
        }
    }
    Dataset::from_points_2d(&points, labels(counts))
}

/// scikit-learn's `make_moons(samples, noise=noise)`.
pub fn moons(samples: usize, noise: f64, random: &mut RandomState) -> Dataset {
    let counts = halves(samples);
    let outer = linspace(0.0, PI, counts[0]).into_iter().map(|t| [t.cos(), t.sin()]);
    let inner = linspace(0.0, PI, counts[1])
        .into_iter()
        .map(|t| [1.0 - t.cos(), 1.0 - t.sin() - 0.5]);
    let (mut points, y) = shuffled(&outer.chain(inner).collect::<Vec<_>>(), &labels(counts), random);
    add_noise(&mut points, noise, random);
    Dataset::from_points_2d(&points, y)
}

/// scikit-learn's `make_circles(samples, noise=noise, factor=factor)`.
pub fn circles(samples: usize, noise: f64, factor: f64, random: &mut RandomState) -> Dataset {
    let counts = halves(samples);
    let ring = |count: usize, radius: f64| {
        // linspace(0, 2 pi, count, endpoint=False)
        let step = 2.0 * PI / count as f64;
        (0..count).map(move |i| [(i as f64 * step).cos() * radius, (i as f64 * step).sin() * radius])
    };
    let points: Vec<_> = ring(counts[0], 1.0).chain(ring(counts[1], factor)).collect();
    let (mut points, y) = shuffled(&points, &labels(counts), random);
    add_noise(&mut points, noise, random);
    Dataset::from_points_2d(&points, y)
}

/// scikit-learn's `make_blobs(samples, centers=centers, cluster_std=noise)`, with labels modulo 2 as in the course.
pub fn blobs(samples: usize, noise: f64, centers: usize, random: &mut RandomState) -> Dataset {
    let places: Vec<[f64; 2]> = (0..centers).map(|_| [(); 2].map(|()| random.uniform_in(-10.0, 10.0))).collect();
    let mut points = Vec::with_capacity(samples);
    let mut y = Vec::with_capacity(samples);
    for (index, center) in places.into_iter().enumerate() {
        let count = samples / centers + usize::from(index < samples % centers);
        points.extend((0..count).map(|_| center.map(|c| c + noise * random.normal())));
        y.extend(std::iter::repeat_n(u8::from(index % 2 == 1), count));
    }
    let (points, y) = shuffled(&points, &y, random);
    Dataset::from_points_2d(&points, y)
}

/// scikit-learn's `make_gaussian_quantiles(cov=variance, n_samples=samples, n_classes=2)`.
pub fn quantiles(samples: usize, variance: f64, random: &mut RandomState) -> Dataset {
    let deviation = variance.sqrt();
    let mut points: Vec<[f64; 2]> = (0..samples).map(|_| [(); 2].map(|()| random.normal() * deviation)).collect();
    let square = |[x1, x2]: &[f64; 2]| x1 * x1 + x2 * x2;
    points.sort_by(|a, b| square(a).total_cmp(&square(b)));
    let (points, y) = shuffled(&points, &labels(halves(samples)), random);
    Dataset::from_points_2d(&points, y)
}

/// Uniform points in the unit square, with a random label of 0 or 1 for each.
///
/// The course draws `rand(N, 2)` twice and calls the second result the labels, but never uses them. So the labels are our own
/// definition.
pub fn no_structure(samples: usize, random: &mut RandomState) -> Dataset {
    let points: Vec<[f64; 2]> = (0..samples).map(|_| [(); 2].map(|()| random.uniform())).collect();
    let y = (0..samples).map(|_| u8::from(random.uniform() >= 0.5)).collect();
    Dataset::from_points_2d(&points, y)
}

/// Uniform points in [-1, 1] x [-1, 1]. The label is 1 if exactly one coordinate is positive (Minsky and Papert, 1969).
pub fn xor(samples: usize, noise: f64, random: &mut RandomState) -> Dataset {
    let mut points: Vec<[f64; 2]> = (0..samples).map(|_| [(); 2].map(|()| random.uniform_in(-1.0, 1.0))).collect();
    let y = points.iter().map(|[x1, x2]| u8::from((*x1 > 0.0) != (*x2 > 0.0))).collect();
    add_noise(&mut points, noise, random);
    Dataset::from_points_2d(&points, y)
}

/// Two arms as in TensorFlow Playground: radius 5 s and angle 3.5 pi s for s from 0 to 1. The second arm is turned by pi.
pub fn spiral(samples: usize, noise: f64, random: &mut RandomState) -> Dataset {
    let counts = halves(samples);
    let mut points = Vec::with_capacity(samples);
    for (turn, count) in [0.0, PI].into_iter().zip(counts) {
        let arm = (0..count).map(|i| i as f64 / count as f64);
        points.extend(arm.map(|s| {
            let (r, t) = (5.0 * s, 3.5 * PI * s + turn);
            [r * t.sin(), r * t.cos()]
        }));
    }
    add_noise(&mut points, noise, random);
    Dataset::from_points_2d(&points, labels(counts))
}

/// The sizes of the two classes. The second class is larger by one if the number is odd.
fn halves(samples: usize) -> [usize; 2] {
    [samples / 2, samples - samples / 2]
}

/// The labels: first all of class 0, then all of class 1.
fn labels([zeros, ones]: [usize; 2]) -> Vec<u8> {
    std::iter::repeat_n(0, zeros).chain(std::iter::repeat_n(1, ones)).collect()
}

/// `numpy.linspace(start, stop, count)`, with the same rounding.
fn linspace(start: f64, stop: f64, count: usize) -> Vec<f64> {
    let Some(last) = count.checked_sub(1).filter(|&last| last > 0) else {
        return vec![start; count];
    };
    let step = (stop - start) / last as f64;
    let mut values: Vec<f64> = (0..count).map(|i| i as f64 * step + start).collect();
    values[last] = stop;
    values
}

/// `sklearn.utils.shuffle`: applies one random order to points and labels.
fn shuffled(points: &[[f64; 2]], y: &[u8], random: &mut RandomState) -> (Vec<[f64; 2]>, Vec<u8>) {
    let mut order: Vec<usize> = (0..y.len()).collect();
    random.shuffle(&mut order);
    (order.iter().map(|&i| points[i]).collect(), order.iter().map(|&i| y[i]).collect())
}

/// Adds a normal number with the given standard deviation to each coordinate, row by row.
fn add_noise(points: &mut [[f64; 2]], deviation: f64, random: &mut RandomState) {
    for coordinate in points.as_flattened_mut() {
        *coordinate += deviation * random.normal();
    }
}
