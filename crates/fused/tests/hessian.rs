//! Hessian-vector products against finite differences of the gradient, and the symmetry of the Hessian.

use petal_fused::{Activation, Hessian, LayerParameters, Parameters, Pass, Shape, SimdLevel};

/// A network, samples, and two vectors to multiply with the Hessian.
struct Case {
    activation: Activation,
    parameters: Parameters<f64>,
    x: Vec<f64>,
    labels: Vec<u8>,
    directions: [Vec<f64>; 2],
}

impl Case {
    fn new(activation: Activation, (samples, features, hidden): (usize, usize, usize), scale: f64) -> Self {
        let mut state = (samples + 1_000 * features + 1_000_000 * hidden) as u64;
        // Random numbers between -1 and 1 (Knuth's MMIX generator).
        let mut numbers = |count: usize, scale: f64| -> Vec<f64> {
            let next = |_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                scale * ((state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0)
            };
            (0..count).map(next).collect()
        };
        let shape = Shape { features, hidden };
        let layers = LayerParameters {
            w1: numbers(features * hidden, scale),
            b1: numbers(hidden, scale),
            w2: numbers(hidden, scale),
            b2: numbers(1, scale)[0],
        };
        let parameters = Parameters::from_layers(shape, &layers);
        let directions = [numbers(shape.parameter_count(), 1.0), numbers(shape.parameter_count(), 1.0)];
        let step = STEP / norm(&directions[0]);
        let mut x = Vec::new();
        while x.len() < samples * features {
            let row = numbers(features, 2.0);
            if activation != Activation::Relu || !meets_a_kink(&parameters, &row, &directions[0], step) {
                x.extend(row);
            }
        }
        let labels = numbers(samples, 1.0).into_iter().map(|number| u8::from(number > 0.0)).collect();
        Self { activation, parameters, x, labels, directions }
    }

    fn hessian(&self, weight_decay: f64) -> Hessian {
        Hessian::new(&self.parameters, self.activation, &self.x, &self.labels, weight_decay, SimdLevel::best())
    }
}

/// The length of the step of finite differences.
const STEP: f64 = 1e-3;

/// Whether the sum z1 of a hidden unit changes its sign if the parameters move by up to `step` times the direction.
fn meets_a_kink(parameters: &Parameters<f64>, row: &[f64], direction: &[f64], step: f64) -> bool {
    let d = row.len();
    let z1 = |unit: &[f64]| unit[d] + dot(&unit[..d], row);
    let mut units = parameters.values().chunks_exact(d + 2).zip(direction.chunks_exact(d + 2));
    units.any(|(unit, direction)| z1(unit).abs() <= step * z1(direction).abs())
}

/// Samples, features and hidden units. The samples are around the number of rows in a tile. The features and hidden units
/// are one, and more than fill a register.
const SIZES: [(usize, usize, usize); 9] = [
    (1, 1, 1),
    (15, 3, 1),
    (16, 1, 7),
    (17, 2, 4),
    (255, 2, 4),
    (256, 5, 3),
    (257, 2, 4),
    (600, 7, 20),
    (1_025, 33, 40),
];

/// Every size with every scale of the parameters and every activation.
fn cases<const N: usize>(scales: [f64; N]) -> impl Iterator<Item = ((usize, usize, usize), f64, Activation)> {
    let scaled = SIZES.into_iter().flat_map(move |sizes| scales.map(|scale| (sizes, scale)));
    scaled.flat_map(|(sizes, scale)| Activation::ALL.map(|activation| (sizes, scale, activation)))
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

#[test]
fn a_vector_product_agrees_with_the_difference_of_gradients() {
    for (sizes, scale, activation) in cases([0.01, 1.0]) {
        let case = Case::new(activation, sizes, scale);
        let (weight_decay, [v, _]) = (0.1, &case.directions);
        let product = case.hessian(weight_decay).vector_product(v);
        let mut pass =
            Pass::<f64>::new(case.parameters.shape(), case.activation, &case.x, &case.labels, SimdLevel::best());
        let mut gradient = |h: f64| {
            let moved = case.parameters.values().iter().zip(v).map(|(value, v)| value + h * v).collect();
            let moved = Parameters::from_values(case.parameters.shape(), moved);
            pass.gradient(&moved, weight_decay).values().to_vec()
        };
        // Central differences with h and h / 2, with Richardson extrapolation. The error is h^4 times a fifth derivative, plus
        // the rounding error of the gradient divided by h, 1e-16 / 1e-3.
        let h = STEP / norm(v);
        let mut difference = |h: f64| -> Vec<f64> {
            let (before, after) = (gradient(-h), gradient(h));
            after
                .iter()
                .zip(&before)
                .map(|(after, before)| (after - before) / (2.0 * h))
                .collect()
        };
        let (coarse, fine) = (difference(h), difference(h / 2.0));
        let error: Vec<f64> = product
            .iter()
            .zip(coarse.iter().zip(&fine))
            .map(|(p, (c, f))| p - (4.0 * f - c) / 3.0)
            .collect();
        assert!(
            norm(&error) < 1e-9 * norm(&product),
            "{activation:?} {sizes:?} x{scale}: {:e}",
            norm(&error) / norm(&product)
        );
    }
}

#[test]
fn the_hessian_is_symmetric() {
    for (sizes, scale, activation) in cases([0.01, 1.0, 30.0]) {
        let case = Case::new(activation, sizes, scale);
        let (hessian, [u, v]) = (case.hessian(0.1), &case.directions);
        let (left, right) = (hessian.vector_product(u), hessian.vector_product(v));
        let size = norm(&left) * norm(v) + norm(&right) * norm(u);
        // The two sides add the same products in a different order.
        assert!((dot(&left, v) - dot(&right, u)).abs() < 1e-14 * size, "{activation:?} {sizes:?} x{scale}");
    }
}
