//! The pass against the formulas computed sample by sample, for every instruction set that the processor has.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use petal_fused::{Activation, Float, LayerParameters, Parameters, Pass, Shape, SimdLevel, logits};
use proptest::prelude::*;

/// A network and samples.
#[derive(Clone, Debug)]
struct Case {
    shape: Shape,
    layers: LayerParameters,
    x: Vec<f64>,
    labels: Vec<u8>,
    weight_decay: f64,
}

/// The results of the formulas.
struct Expected {
    loss: f64,
    correct: usize,
    /// Each logit, and a bound of its rounding error in units of the float type's epsilon.
    logits: Vec<(f64, f64)>,
    /// w1, b1, w2, b2: each derivative, and the sum of the absolute values of its terms.
    gradient: [Vec<(f64, f64)>; 4],
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
    fn new((samples, features, hidden): (usize, usize, usize), scale: f64, weight_decay: f64) -> Self {
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
        Self { shape: Shape { features, hidden }, layers, x, labels, weight_decay }
    }

    /// Computes the results in f64, sample by sample.
    fn expected(&self) -> Expected {
        let Shape { features, hidden } = self.shape;
        let LayerParameters { w1, b1, w2, b2 } = &self.layers;
        let m = self.labels.len() as f64;
        let (mut loss, mut correct, mut logits) = (0.0, 0, Vec::new());
        let zeros = |count| vec![(0.0, 0.0); count];
        let [mut dw1, mut db1, mut dw2, mut db2] = [features * hidden, hidden, hidden, 1].map(zeros);
        let add = |sum: &mut (f64, f64), term: f64, factor: f64| *sum = (sum.0 + term, sum.1 + term.abs() * factor);
        for (x, &label) in self.x.chunks(features).zip(&self.labels) {
            let y = f64::from(label);
            let z1 = |k: usize| b1[k] + (0..features).map(|j| x[j] * w1[j * hidden + k]).sum::<f64>();
            let a1: Vec<f64> = (0..hidden).map(|k| z1(k).tanh()).collect();
            let z2 = b2 + (0..hidden).map(|k| a1[k] * w2[k]).sum::<f64>();
            let u = (1.0 - 2.0 * y) * z2;
            loss += (u.max(0.0) + (-u.abs()).exp().ln_1p()) / m;
            correct += usize::from((z2 > 0.0) == (label == 1));
            // The error of z1 has the size of its terms. tanh multiplies it by 1 - a1^2.
            let z1_terms =
                |k: usize| b1[k].abs() + (0..features).map(|j| (x[j] * w1[j * hidden + k]).abs()).sum::<f64>();
            let error = |k: usize| w2[k].abs() * (a1[k].abs() + (1.0 - a1[k] * a1[k]) * z1_terms(k));
            logits.push((z2, b2.abs() + (0..hidden).map(error).sum::<f64>()));
            // If the terms of a logit cancel, the logit has their rounding errors, and so has every derivative that follows.
            let terms = 1.0 + (0..hidden).map(|k| (a1[k] * w2[k]).abs()).sum::<f64>();
            let dz2 = (1.0 - 2.0 * y) / (1.0 + (-u).exp()) / m;
            add(&mut db2[0], dz2, terms);
            for k in 0..hidden {
                add(&mut dw2[k], a1[k] * dz2, terms);
                // 1 - a1^2 has the rounding error of 1.
                let (da1, dz1) = (w2[k] * dz2, w2[k] * dz2 * (1.0 - a1[k] * a1[k]));
                add(&mut db1[k], dz1, terms);
                db1[k].1 += da1.abs() * terms;
                for j in 0..features {
                    add(&mut dw1[j * hidden + k], x[j] * dz1, terms);
                    dw1[j * hidden + k].1 += (x[j] * da1).abs() * terms;
                }
            }
        }
        for (sums, weights) in [(&mut dw1, w1), (&mut dw2, w2)] {
            sums.iter_mut()
                .zip(weights)
                .for_each(|(sum, w)| add(sum, self.weight_decay * w, 1.0));
        }
        Expected { loss, correct, logits, gradient: [dw1, db1, dw2, db2] }
    }

    /// Compares all results of the crate with [`Self::expected`].
    fn check<T: Float>(&self, level: SimdLevel, epsilon: f64) {
        let context = format!("{:?} m {} in {epsilon:e} on {level}", self.shape, self.labels.len());
        let Expected { loss, correct, logits: predictions, gradient: expected } = self.expected();
        let parameters = Parameters::<T>::from_layers(self.shape, &self.layers);
        assert_eq!(parameters.to_layers(), self.layers, "{context}");
        let mut pass = Pass::<T>::new(self.shape, Activation::Tanh, &self.x, &self.labels, level);
        let evaluation = pass.evaluate(&parameters);
        let gradient = pass.gradient(&parameters, self.weight_decay).clone();
        let (evaluation_in_one_pass, gradient_in_one_pass) =
            pass.evaluation_and_gradient(&parameters, self.weight_decay);
        assert_eq!(
            (&gradient, evaluation),
            (gradient_in_one_pass, evaluation_in_one_pass),
            "{context}: one pass and two give the same bits"
        );

        // The terms of a logit have a size of 1 + the sum of |w2|. A loss changes at most as much as its logit.
        let size: f64 = 1.0 + self.layers.w2.iter().map(|w| w.abs()).sum::<f64>();
        assert!(
            (evaluation.loss - loss).abs() <= 8.0 * epsilon * (size + loss),
            "{context}: loss {} and {loss}",
            evaluation.loss
        );
        // The sign of a logit is arbitrary if the exact logit is 0.
        assert!(
            evaluation.correct.abs_diff(correct) <= usize::from(epsilon > 1e-10),
            "{context}: {} and {correct}",
            evaluation.correct
        );
        // Sums of up to 90 terms, in any order. Random rounding errors grow with the root of their number; 16 epsilon bounds ours.
        for (ours, (theirs, size)) in logits(&parameters, Activation::Tanh, &self.x, level)
            .into_iter()
            .zip(predictions)
        {
            assert!((ours - theirs).abs() <= 16.0 * epsilon * size, "{context}: logit {ours} and {theirs}");
        }
        // A derivative is a sum of m terms in any order. Each is a product of a few factors that are accurate to two units
        // in the last place.
        let LayerParameters { w1, b1, w2, b2 } = gradient.to_layers();
        for (name, ours, theirs) in [
            ("w1", w1, &expected[0]),
            ("b1", b1, &expected[1]),
            ("w2", w2, &expected[2]),
            ("b2", vec![b2], &expected[3]),
        ] {
            assert_eq!(ours.len(), theirs.len());
            for (index, (ours, (theirs, size))) in ours.into_iter().zip(theirs).enumerate() {
                let bound = 16.0 * epsilon * size;
                assert!(
                    (ours - theirs).abs() <= bound,
                    "{context}: {name}[{index}] {ours:e} and {theirs:e}, bound {bound:e}"
                );
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

#[test]
fn all_shapes_agree_with_the_formulas() {
    // The samples are around the sizes of registers and tiles. There is one feature, one unit, many units, and shapes on both
    // sides of the thresholds of the wide kernel.
    for samples in [1, 2, 7, 8, 15, 16, 17, 63, 64, 65, 100, 257, 400] {
        for (features, hidden) in
            [(1, 1), (2, 4), (1, 7), (3, 1), (5, 16), (2, 257), (63, 64), (64, 64), (40, 130), (130, 32)]
        {
            if samples < 100 || features * hidden < 1_000 {
                Case::new((samples, features, hidden), 1.0, 0.1).check_all();
            }
        }
    }
}

#[test]
fn tiny_and_saturated_weights_agree_with_the_formulas() {
    for scale in [0.0, 1e-30, 0.01, 30.0, 1_000.0] {
        for sizes in [(1, 1, 1), (37, 2, 4), (400, 3, 9), (70, 64, 64)] {
            Case::new(sizes, scale, 0.0).check_all();
        }
    }
}

#[test]
fn several_chunks_agree_with_the_formulas() {
    for sizes in [(30_000, 2, 4), (5_003, 9, 20), (1_500, 64, 64)] {
        let case = Case::new(sizes, 1.0, 0.0);
        case.check::<f64>(SimdLevel::best(), f64::EPSILON);
        case.check::<f32>(SimdLevel::best(), f64::from(f32::EPSILON));
    }
}

#[test]
fn the_bits_are_the_same_for_any_number_of_threads() {
    for sizes in [(400, 2, 4), (100_003, 2, 4), (9_001, 16, 64), (3_000, 64, 80)] {
        let case = Case::new(sizes, 1.0, 0.01);
        let results = [1, 2, 3, 8].map(|threads| {
            rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap()
                .install(|| {
                    let mut parameters = Parameters::<f32>::from_layers(case.shape, &case.layers);
                    let mut pass = Pass::new(case.shape, Activation::Tanh, &case.x, &case.labels, SimdLevel::best());
                    (0..3).for_each(|_| pass.step(&mut parameters, 0.1, case.weight_decay));
                    (
                        pass.evaluate(&parameters),
                        parameters,
                        logits(
                            &Parameters::<f32>::from_layers(case.shape, &case.layers),
                            Activation::Tanh,
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
    let case = Case::new((50, 3, 5), 1.0, 0.2);
    let mut parameters = Parameters::<f64>::from_layers(case.shape, &case.layers);
    let mut pass = Pass::new(case.shape, Activation::Tanh, &case.x, &case.labels, SimdLevel::best());
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
        for sizes in [(40, 2, 4), (40, 64, 64)] {
            for level in SimdLevel::available() {
                let mut case = Case::new(sizes, 1.0, 0.0);
                case.layers.w1[1] = bad;
                case.layers.b1[1] = -bad; // with infinity: inf - inf
                let parameters = Parameters::<f64>::from_layers(case.shape, &case.layers);
                let mut pass = Pass::new(case.shape, Activation::Tanh, &case.x, &case.labels, level);
                let (evaluation, gradient) = pass.evaluation_and_gradient(&parameters, 0.0);
                assert!(evaluation.loss.is_nan(), "{bad} {level}: {evaluation:?}");
                assert!(gradient.values().iter().any(|value| value.is_nan()), "{bad} {level}");
            }
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
        sizes in (1..200_usize, 1..90_usize, 1..90_usize), scale in -3.0..2.0_f64, decay in 0.0..0.5_f64,
    ) {
        Case::new(sizes, 10_f64.powf(scale), decay).check_all();
    }
}

/// Loading samples replaces all old samples, in full tiles and in narrower ones.
#[test]
fn a_pass_with_loaded_samples_equals_a_new_pass() {
    fn check<T: Float>(level: SimdLevel) {
        for (samples, features, hidden) in [(70, 2, 4), (1, 3, 2), (333, 5, 7), (600, 64, 64)] {
            let case = Case::new((samples + 50, features, hidden), 0.5, 0.1);
            let parameters = Parameters::<T>::from_layers(case.shape, &case.layers);
            let mut pass = Pass::<T>::with_capacity(case.shape, Activation::Tanh, samples, level);
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
                let mut fresh = Pass::<T>::new(case.shape, Activation::Tanh, &x, &labels, level);
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
