//! Random shapes and numbers: nothing panics, and all instruction sets and both float types give the same results.
//!
//! ```text
//! cargo install cargo-fuzz
//! cd crates/fused && cargo fuzz run --sanitizer none shapes -- -max_total_time=60
//! ```

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use petal_fused::{Activation, Float, LayerParameters, SimdLevel, Parameters, Pass, Shape, logits};

#[derive(Arbitrary, Debug)]
struct Input {
    samples: u8,
    features: u8,
    hidden: u8,
    activation: u8,
    weight_decay: u8,
    /// All parameters and samples are taken from here, repeatedly. They include infinities and NaN.
    numbers: Vec<f32>,
}

fuzz_target!(|input: Input| {
    let shape = Shape { features: usize::from(input.features % 80) + 1, hidden: usize::from(input.hidden % 80) + 1 };
    let activation = Activation::ALL[usize::from(input.activation) % Activation::ALL.len()];
    let samples = usize::from(input.samples) + 1;
    let mut numbers = input.numbers.iter().copied().map(f64::from).cycle();
    let mut take = |count: usize| -> Vec<f64> { (0..count).map(|_| numbers.next().unwrap_or(0.5)).collect() };
    let layers =
        LayerParameters { w1: take(shape.features * shape.hidden), b1: take(shape.hidden), w2: take(shape.hidden), b2: take(1)[0] };
    let x = take(samples * shape.features);
    let labels: Vec<u8> = take(samples).into_iter().map(|number| u8::from(number > 0.0)).collect();
    let decay = f64::from(input.weight_decay) / 256.0;
    // The results are only compared for numbers of moderate size.
    let size = layers.w1.iter().chain(&layers.b1).chain(&layers.w2).chain(&x).fold(0.0, |a: f64, b| a.max(b.abs()));
    let moderate = size < 2.0 && layers.b2.abs() < 2.0;
    let weights = (shape.features * shape.hidden) as f64;
    // relu and identity have activations of up to 4 d + 2, which multiply the errors of the logits.
    let largest_activation = match activation {
        Activation::Tanh | Activation::Sigmoid => 1.0,
        Activation::Relu | Activation::Identity => 4.0 * shape.features as f64 + 2.0,
    };
    // At relu's kink, a rounding error decides whether the derivative is 0 or 1.
    let gradient = if activation == Activation::Relu { 1..1 + shape.parameter_count() } else { 0..0 };
    let [in_f64, in_f32] = [
        results::<f64>(shape, activation, &layers, &x, &labels, decay),
        results::<f32>(shape, activation, &layers, &x, &labels, decay),
    ];
    if moderate {
        // The sums have up to d and h terms of at most 4; tanh and sigmoid then carry their rounding errors.
        for (results, epsilon) in [(&in_f64, f64::EPSILON), (&in_f32, f64::from(f32::EPSILON))] {
            for result in results {
                for (index, (ours, theirs)) in result.iter().zip(&in_f64[0]).enumerate() {
                    let bound = 1e3 * epsilon * (1.0 + weights) * largest_activation;
                    let close = (ours - theirs).abs() <= bound;
                    assert!(close || gradient.contains(&index), "{ours} and {theirs} in {input:?}");
                }
            }
        }
    }
});

/// The loss, the gradient and the logits for each instruction set.
fn results<T: Float>(
    shape: Shape,
    activation: Activation,
    layers: &LayerParameters,
    x: &[f64],
    labels: &[u8],
    weight_decay: f64,
) -> Vec<Vec<f64>> {
    let results_on = |level: SimdLevel| {
        let parameters = Parameters::<T>::from_layers(shape, layers);
        let mut pass = Pass::new(shape, activation, x, labels, level);
        let (evaluation, gradient) = pass.evaluation_and_gradient(&parameters, weight_decay);
        assert!(evaluation.correct <= labels.len());
        let mut all = vec![evaluation.loss];
        all.extend(gradient.values().iter().map(|value| value.to_f64()));
        all.extend(logits(&parameters, activation, x, level));
        all
    };
    SimdLevel::available().into_iter().map(results_on).collect()
}
