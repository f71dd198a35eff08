//! The pass against the formulas computed sample by sample, for every instruction set that the processor has.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use petal_fused::{Activation, Float, LayerParameters, Parameters, Pass, Shape, SimdLevel, logits};
use proptest::prelude::*;

/// A network and samples.
#[derive(Clone, Debug)]
struct Case {
    shape: Shape,
    activation: Activation,
    layers: LayerParameters,
    x: Vec<f64>,
    labels: Vec<u8>,
    weight_decay: f64,
}

/// The results of the formulas. Each number has a bound of the rounding errors in a float type.
struct Expected {
    loss: Bounded,
    /// The number of correct predictions, and the number of logits whose sign is not certain.
    correct: (usize, usize),
    logits: Vec<Bounded>,
    /// w1, b1, w2, b2.
    gradient: [Vec<Bounded>; 4],
}

/// A number and the bound of its error.
#[derive(Clone, Copy, Debug, Default)]
struct Bounded {
    value: f64,
    error: f64,
    /// What rounding has removed from the sum of [`Self::add`] (Kahan's summation). If it were lost, a sum of many equal
    /// numbers, such as the losses of samples at which all relus are 0, would be less accurate than the kernel's.
    lost: f64,
}

impl Bounded {
    fn add(&mut self, value: f64, error: f64) {
        let term = value - self.lost;
        let sum = self.value + term;
        *self = Self { value: sum, error: self.error + error, lost: (sum - self.value) - term };
    }

    fn check(self, ours: f64, name: &str) {
        let Self { value, error, .. } = self;
        assert!((ours - value).abs() <= error, "{name}: {ours:e} and {value:e}, bound {error:e}");
    }
}

/// The activation of z1, its derivative, and the bounds of their errors if z1 has the bound `error`. `unit` is the bound of the
/// relative error of an operation, and `tiny` that of its absolute error near 0.
fn activate(activation: Activation, z1: f64, error: f64, [unit, tiny]: [f64; 2]) -> (Bounded, Bounded) {
    // The derivative by z1, and how fast it changes if it is computed from a1.
    let (a1, derivative, change) = match activation {
        Activation::Tanh => (z1.tanh(), 1.0 / z1.cosh().powi(2), 2.0),
        Activation::Sigmoid => (1.0 / (1.0 + (-z1).exp()), 1.0 / (2.0 + z1.exp() + (-z1).exp()), 1.0),
        Activation::Relu => (z1.max(0.0), f64::from(u8::from(z1 > 0.0)), 0.0),
        Activation::Identity => (z1, 1.0, 0.0),
    };
    let a1 = Bounded { value: a1, error: unit * a1.abs() + derivative * error + tiny, lost: 0.0 };
    // Rounding may move z1 to the other side of relu's kink.
    let kink = if activation == Activation::Relu && z1.abs() < error { 1.0 } else { 0.0 };
    (a1, Bounded { value: derivative, error: change * a1.error + unit * derivative + kink, lost: 0.0 })
}

/// Reproducible random numbers between -1 and 1 (Knuth's MMIX generator).
fn random(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

impl Case {
    /// All numbers are exact in f32, so that both types compute with the same numbers.
    fn new(
        activation: Activation,
        (samples, features, hidden): (usize, usize, usize),
        scale: f64,
        weight_decay: f64,
    ) -> Self {
        let mut random = random((samples + 1_000 * features + 1_000_000 * hidden) as u64);
        let mut numbers =
            |count, scale: f64| -> Vec<f64> { (0..count).map(|_| f64::from((scale * random()) as f32)).collect() };
        let layers = LayerParameters {
            w1: numbers(features * hidden, scale),
            b1: numbers(hidden, scale),
            w2: numbers(hidden, scale),
            b2: numbers(1, scale)[0],
        };
        let x = numbers(samples * features, 3.0);
        let labels = numbers(samples, 1.0).into_iter().map(|number| u8::from(number > 0.0)).collect();
        Self { shape: Shape { features, hidden }, activation, layers, x, labels, weight_decay }
    }

    /// Computes the results in f64, sample by sample, with bounds for a type with this epsilon.
    fn expected(&self, epsilon: f64) -> Expected {
        // Sums have up to 260 terms, in any order. Random rounding errors grow with the root of their number, and 16 epsilon
        // bounds ours. The functions are accurate to two units in the last place.
        let unit = 16.0 * epsilon;
        let tiny = if epsilon > 1e-10 { f64::from(f32::MIN_POSITIVE) } else { f64::MIN_POSITIVE };
        let Shape { features, hidden } = self.shape;
        let LayerParameters { w1, b1, w2, b2 } = &self.layers;
        let m = self.labels.len() as f64;
        let (mut loss, mut correct, mut logits) = (Bounded::default(), (0, 0), Vec::new());
        let [mut dw1, mut db1, mut dw2, mut db2] =
            [features * hidden, hidden, hidden, 1].map(|count| vec![Bounded::default(); count]);

        for (x, &label) in self.x.chunks(features).zip(&self.labels) {
            let y = f64::from(label);
            let units: Vec<(Bounded, Bounded)> = (0..hidden)
                .map(|k| {
                    let terms = || (0..features).map(|j| x[j] * w1[j * hidden + k]).chain([b1[k]]);
                    let error = unit * terms().map(f64::abs).sum::<f64>();
                    activate(self.activation, terms().sum(), error, [unit, tiny])
                })
                .collect();
            let mut z2 = Bounded { value: *b2, error: unit * b2.abs(), lost: 0.0 };
            for ((a1, _), w2) in units.iter().zip(w2) {
                z2.add(a1.value * w2, (a1.error + unit * a1.value.abs()) * w2.abs());
            }
            logits.push(z2);

            let u = (1.0 - 2.0 * y) * z2.value;
            let softplus = u.max(0.0) + (-u.abs()).exp().ln_1p();
            loss.add(softplus / m, (z2.error + unit * (softplus + 1.0)) / m);
            correct.0 += usize::from((z2.value > 0.0) == (label == 1));
            correct.1 += usize::from(z2.value.abs() < z2.error);
            // dz2 changes by at most the factor e^error, and by at most 1.
            let dz2 = (1.0 - 2.0 * y) / (1.0 + (-u).exp()) / m;
            let dz2_error = (dz2.abs() * (z2.error.exp_m1() + unit) + tiny).min(1.0 / m);

            db2[0].add(dz2, dz2_error);
            for (k, (a1, derivative)) in units.iter().enumerate() {
                dw2[k].add(a1.value * dz2, a1.value.abs() * dz2_error + a1.error * (dz2.abs() + dz2_error));
                let dz1 = w2[k] * dz2 * derivative.value;
                let dz1_error = w2[k].abs()
                    * (derivative.value * (dz2_error + unit * dz2.abs()) + derivative.error * (dz2.abs() + dz2_error));
                db1[k].add(dz1, dz1_error);
                for j in 0..features {
                    dw1[j * hidden + k].add(x[j] * dz1, x[j].abs() * dz1_error);
                }
            }
        }
        for (sums, weights) in [(&mut dw1, w1), (&mut dw2, w2)] {
            for (sum, weight) in sums.iter_mut().zip(weights) {
                let decay = self.weight_decay * weight;
                sum.add(decay, unit * decay.abs());
            }
        }
        Expected { loss, correct, logits, gradient: [dw1, db1, dw2, db2] }
    }

    fn pass<T: Float>(&self, level: SimdLevel) -> Pass<T> {
        Pass::new(self.shape, self.activation, &self.x, &self.labels, level)
    }

    /// Compares all results of the crate with [`Self::expected`].
    fn check<T: Float>(&self, level: SimdLevel, epsilon: f64) {
        let context =
            format!("{:?} {:?} m {} in {epsilon:e} on {level}", self.activation, self.shape, self.labels.len());
        let expected = self.expected(epsilon);
        let parameters = Parameters::<T>::from_layers(self.shape, &self.layers);
        assert_eq!(parameters.to_layers(), self.layers, "{context}");
        let mut pass = self.pass::<T>(level);
        let evaluation = pass.evaluate(&parameters);
        let gradient = pass.gradient(&parameters, self.weight_decay).clone();
        let (evaluation_in_one_pass, gradient_in_one_pass) =
            pass.evaluation_and_gradient(&parameters, self.weight_decay);
        assert_eq!(
            (&gradient, evaluation),
            (gradient_in_one_pass, evaluation_in_one_pass),
            "{context}: one pass and two give the same bits"
        );

        expected.loss.check(evaluation.loss, &format!("{context}: loss"));
        let (correct, uncertain) = expected.correct;
        let difference = evaluation.correct.abs_diff(correct);
        assert!(difference <= uncertain, "{context}: {} and {correct}, {uncertain} uncertain", evaluation.correct);
        for (index, ours) in logits(&parameters, self.activation, &self.x, level).into_iter().enumerate() {
            expected.logits[index].check(ours, &format!("{context}: logit {index}"));
        }
        let LayerParameters { w1, b1, w2, b2 } = gradient.to_layers();
        for ((name, ours), theirs) in [("w1", w1), ("b1", b1), ("w2", w2), ("b2", vec![b2])]
            .into_iter()
            .zip(expected.gradient)
        {
            assert_eq!(ours.len(), theirs.len());
            for (index, (ours, theirs)) in ours.into_iter().zip(theirs).enumerate() {
                theirs.check(ours, &format!("{context}: {name}[{index}]"));
            }
        }
    }

    fn check_all(&self) {
        for level in SimdLevel::available() {
            self.check::<f32>(level, f64::from(f32::EPSILON));
            self.check::<f64>(level, f64::EPSILON);
        }
    }
}

/// Each of the sizes with each activation.
fn every_activation<S: Copy, const N: usize>(sizes: [S; N]) -> impl Iterator<Item = (S, Activation)> {
    sizes
        .into_iter()
        .flat_map(|sizes| Activation::ALL.map(|activation| (sizes, activation)))
}

#[test]
fn all_shapes_agree_with_the_formulas() {
    // The samples are around the sizes of registers and tiles. There is one feature, one unit, many units, and shapes on both
    // sides of the thresholds of the wide kernel.
    for samples in [1, 2, 7, 8, 15, 16, 17, 63, 64, 65, 100, 257, 400] {
        for (features, hidden) in
            [(1, 1), (2, 4), (1, 7), (3, 1), (5, 16), (2, 257), (63, 64), (64, 64), (40, 130), (130, 32)]
        {
            if samples < 100 || features * hidden < 1_000 {
                for activation in Activation::ALL {
                    Case::new(activation, (samples, features, hidden), 1.0, 0.1).check_all();
                }
            }
        }
    }
}

#[test]
fn tiny_and_saturated_weights_agree_with_the_formulas() {
    for scale in [0.0, 1e-30, 0.01, 30.0, 1_000.0] {
        for sizes in [(1, 1, 1), (37, 2, 4), (400, 3, 9), (70, 64, 64)] {
            for activation in Activation::ALL {
                Case::new(activation, sizes, scale, 0.0).check_all();
            }
        }
    }
}

#[test]
fn several_chunks_agree_with_the_formulas() {
    for (sizes, activation) in every_activation([(30_000, 2, 4), (5_003, 9, 20), (1_500, 64, 64)]) {
        let case = Case::new(activation, sizes, 1.0, 0.0);
        case.check::<f64>(SimdLevel::best(), f64::EPSILON);
        case.check::<f32>(SimdLevel::best(), f64::from(f32::EPSILON));
    }
}

#[test]
fn the_bits_are_the_same_for_any_number_of_threads() {
    let sizes = [(400, 2, 4), (100_003, 2, 4), (9_001, 16, 64), (3_000, 64, 80)];
    for (sizes, activation) in every_activation(sizes) {
        let case = Case::new(activation, sizes, 1.0, 0.01);
        let results = [1, 2, 3, 8].map(|threads| {
            rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap()
                .install(|| {
                    let mut parameters = Parameters::<f32>::from_layers(case.shape, &case.layers);
                    let mut pass = case.pass(SimdLevel::best());
                    (0..3).for_each(|_| pass.step(&mut parameters, 0.1, case.weight_decay));
                    (
                        pass.evaluate(&parameters),
                        parameters,
                        logits(
                            &Parameters::<f32>::from_layers(case.shape, &case.layers),
                            activation,
                            &case.x,
                            SimdLevel::best(),
                        ),
                    )
                })
        });
        assert!(results.iter().all(|result| result == &results[0]), "{sizes:?}");
    }
}

#[test]
fn a_step_subtracts_learning_rate_times_gradient() {
    let case = Case::new(Activation::Tanh, (50, 3, 5), 1.0, 0.2);
    let mut parameters = Parameters::<f64>::from_layers(case.shape, &case.layers);
    let mut pass = case.pass(SimdLevel::best());
    let expected: Vec<f64> = {
        let gradient = pass.gradient(&parameters, 0.2);
        parameters
            .values()
            .iter()
            .zip(gradient.values())
            .map(|(value, derivative)| value - 0.7 * derivative)
            .collect()
    };
    pass.step(&mut parameters, 0.7, 0.2);
    assert_eq!(parameters.values(), expected);
}

#[test]
fn a_parameter_that_is_not_finite_makes_loss_and_gradient_nan() {
    for bad in [f64::NAN, f64::INFINITY] {
        for (sizes, activation) in every_activation([(40, 2, 4), (40, 64, 64)]) {
            for level in SimdLevel::available() {
                let mut case = Case::new(activation, sizes, 1.0, 0.0);
                case.layers.w1[1] = bad;
                case.layers.b1[1] = -bad; // with infinity: inf - inf
                let parameters = Parameters::<f64>::from_layers(case.shape, &case.layers);
                let mut pass = case.pass(level);
                let (evaluation, gradient) = pass.evaluation_and_gradient(&parameters, 0.0);
                assert!(evaluation.loss.is_nan(), "{bad} {activation:?} {level}: {evaluation:?}");
                assert!(gradient.values().iter().any(|value| value.is_nan()), "{bad} {level}");
            }
        }
    }
}

/// relu and identity have no bound, so a logit can overflow though all parameters are finite.
#[test]
fn a_logit_that_overflows_makes_the_loss_nan_even_if_the_prediction_is_right() {
    fn check<T: Float>(level: SimdLevel, largest: f64) {
        for (activation, label) in [Activation::Relu, Activation::Identity]
            .into_iter()
            .flat_map(|a| [(a, 0), (a, 1)])
        {
            for (features, hidden) in [(2, 3), (64, 64)] {
                let shape = Shape { features, hidden };
                let mut layers = Parameters::<f64>::zeros(shape).to_layers();
                // z1 is half of the largest float, and z2 four times it, or minus four times it.
                layers.w1[0] = largest / 2.0;
                layers.w2[0] = if label == 1 { 8.0 } else { -8.0 };
                let parameters = Parameters::<T>::from_layers(shape, &layers);
                let mut pass = Pass::<T>::new(shape, activation, &vec![1.0; features], &[label], level);
                let context = format!("{activation:?} {label} {shape:?} on {level}");
                assert!(pass.evaluate(&parameters).loss.is_nan(), "{context}");

                layers.w2[0] /= 8.0;
                let parameters = Parameters::<T>::from_layers(shape, &layers);
                assert_eq!(pass.evaluate(&parameters).loss, 0.0, "{context}: the logit is large and right");
            }
        }
    }
    for level in SimdLevel::available() {
        check::<f32>(level, f32::MAX.into());
        check::<f64>(level, f64::MAX);
    }
}

/// relu's derivative at 0 is 0, whatever the sign of 0. The gradient of a dead unit is exactly 0.
#[test]
fn the_derivative_of_relu_at_its_kink_is_zero() {
    for level in SimdLevel::available() {
        for (shape, b1) in [(2, 3), (64, 64)]
            .into_iter()
            .flat_map(|(features, hidden)| [0.0, -0.0, -1e-300, 1e-300].map(|b1| (Shape { features, hidden }, b1)))
        {
            let mut layers = Parameters::<f64>::zeros(shape).to_layers();
            layers.b1.fill(b1);
            layers.w2.fill(1.0);
            let parameters = Parameters::<f64>::from_layers(shape, &layers);
            let mut pass = Pass::<f64>::new(shape, Activation::Relu, &vec![1.0; shape.features], &[1], level);
            let gradient = pass.gradient(&parameters, 0.0).to_layers();
            // dz2 is -1/2, up to the tiny z2.
            let expected = if b1 > 0.0 { -0.5 } else { 0.0 };
            assert!(gradient.w1.iter().chain(&gradient.b1).all(|&d| d == expected), "{b1} on {level}: {gradient:?}");
        }
    }
}

#[test]
fn inputs_of_the_wrong_size_panic() {
    let panics = |f: fn()| std::panic::catch_unwind(f).is_err();
    let shape = Shape { features: 2, hidden: 1 };
    assert!(panics(|| drop(Pass::<f64>::new(
        Shape { features: 2, hidden: 1 },
        Activation::Tanh,
        &[1.0; 3],
        &[0, 1],
        SimdLevel::best()
    ))));
    assert!(panics(|| drop(Pass::<f64>::new(
        Shape { features: 2, hidden: 1 },
        Activation::Tanh,
        &[],
        &[],
        SimdLevel::best()
    ))));
    assert!(panics(|| {
        let mut pass =
            Pass::<f64>::new(Shape { features: 2, hidden: 1 }, Activation::Tanh, &[1.0; 4], &[0, 1], SimdLevel::best());
        pass.evaluate(&Parameters::zeros(Shape { features: 2, hidden: 2 }));
    }));
    assert!(panics(|| drop(logits(
        &Parameters::<f64>::zeros(Shape { features: 2, hidden: 1 }),
        Activation::Tanh,
        &[1.0; 3],
        SimdLevel::best()
    ))));
    assert_eq!(shape.parameter_count(), 5);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_shapes_agree_with_the_formulas(
        activation in prop::sample::select(&Activation::ALL),
        sizes in (1..200_usize, 1..90_usize, 1..90_usize),
        scale in -3.0..2.0_f64,
        decay in 0.0..0.5_f64,
    ) {
        Case::new(activation, sizes, 10_f64.powf(scale), decay).check_all();
    }
}

/// Loading samples replaces all old samples, in full tiles and in narrower ones.
#[test]
fn a_pass_with_loaded_samples_equals_a_new_pass() {
    fn check<T: Float>(level: SimdLevel) {
        for (samples, features, hidden) in [(70, 2, 4), (1, 3, 2), (333, 5, 7), (600, 64, 64)] {
            let case = Case::new(Activation::Relu, (samples + 50, features, hidden), 0.5, 0.1);
            let parameters = Parameters::<T>::from_layers(case.shape, &case.layers);
            let mut pass = Pass::<T>::with_capacity(case.shape, case.activation, samples, level);
            for start in [0, 50] {
                // In reverse order, so that every row changes its position.
                let indices: Vec<usize> = (start..start + samples).rev().collect();
                let x: Vec<f64> = indices
                    .iter()
                    .flat_map(|&i| &case.x[i * features..][..features])
                    .copied()
                    .collect();
                let labels: Vec<u8> = indices.iter().map(|&i| case.labels[i]).collect();
                pass.load_samples(&case.x, &case.labels, &indices);
                let mut fresh = Pass::<T>::new(case.shape, case.activation, &x, &labels, level);
                assert_eq!(pass.gradient(&parameters, 0.1), fresh.gradient(&parameters, 0.1), "{level} {samples}");
                assert_eq!(pass.evaluate(&parameters), fresh.evaluate(&parameters), "{level} {samples}");
            }
        }
    }
    for level in SimdLevel::available() {
        check::<f32>(level);
        check::<f64>(level);
    }
}

#[test]
fn the_memory_of_chunks_does_not_grow_with_the_samples() {
    // The number of chunks, and the bytes of their gradients.
    let chunks = |samples: usize, features: usize, hidden: usize| {
        let (x, labels) = (vec![0.0; samples * features], vec![0; samples]);
        let pass = Pass::<f64>::new(Shape { features, hidden }, Activation::Tanh, &x, &labels, SimdLevel::best());
        (pass.chunk_count(), pass.chunk_memory())
    };
    // At most 2 MiB for any number of samples.
    for (samples, features, hidden) in [(400, 2, 4), (20_000, 2, 4), (500_000, 2, 4), (20_000, 16, 64)] {
        let (count, bytes) = chunks(samples, features, hidden);
        assert!(bytes <= 2 << 20 && (samples == 400) == (count == 1), "{count} chunks take {bytes} bytes");
    }
    // At most 8 chunks and 64 MiB for a large network.
    for (samples, features, hidden) in [(3_000, 200, 300), (3_000, 2, 100_000)] {
        let (count, bytes) = chunks(samples, features, hidden);
        assert!(count > 1 && count <= 8 && bytes <= 64 << 20, "{count} chunks take {bytes} bytes");
    }
}
