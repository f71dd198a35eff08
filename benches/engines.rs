//! Compares the speed of the engines. The loss is not read. `benches/peers/run.sh` compares them with other frameworks.
//!
//! ```text
//! cargo bench -p petal-benches --profile dev             the development build
//! cargo bench -p petal-benches --profile dev -- fused    only benchmarks with "fused" in their name
//! ```

#![allow(clippy::unwrap_used, missing_docs, reason = "a failing benchmark may panic")]

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use petal::data::Dataset;
use petal::data::numpy::RandomState;
use petal::device::{Placement, Precision};
use petal::network::gradients::Engine;
use petal::network::{Batch, Parameters, TwoLayerNet};
use petal_fused::{Activation, Float, LayerParameters, Pass, Shape, SimdLevel};

fn main() {
    divan::main();
}

/// The sizes of a problem: samples, features, hidden units.
const SMALL: [[usize; 3]; 2] = [[400, 2, 4], [400, 2, 50]];
const ALL: [[usize; 3]; 5] = [SMALL[0], SMALL[1], [100_000, 2, 4], [100_000, 16, 64], [1_000_000, 2, 4]];

/// Each of the sizes with each activation.
fn activations(sizes: &[[usize; 3]]) -> Vec<Case> {
    let cases = |&sizes| Activation::ALL.map(|activation| Case { sizes, activation });
    sizes.iter().flat_map(cases).collect()
}

/// Each of the sizes with tanh.
fn tanh(sizes: &[[usize; 3]]) -> Vec<Case> {
    sizes
        .iter()
        .map(|&sizes| Case { sizes, activation: Activation::Tanh })
        .collect()
}

fn network([_, features, hidden]: [usize; 3]) -> Parameters {
    let random = &mut RandomState::new(1);
    let mut normals = |count| -> Vec<f64> { random.normals(count).into_iter().map(|value| 0.5 * value).collect() };
    let (w1, w2) = (normals(features * hidden), normals(hidden));
    Parameters {
        features,
        hidden,
        activation: petal::network::Activation::Tanh,
        w1,
        b1: vec![0.0; hidden],
        w2,
        b2: vec![0.0],
    }
}

fn data([samples, features, _]: [usize; 3]) -> Dataset {
    let random = &mut RandomState::new(2);
    let names = (0..features).map(|j| format!("x{j}")).collect();
    let x = random.normals(samples * features);
    Dataset::new(names, x, (0..samples).map(|_| u8::from(random.uniform() < 0.5)).collect())
}

/// A pass over the samples of this size, and initial parameters.
fn pass_and_parameters<T: Float>(case: &Case) -> (Pass<T>, petal_fused::Parameters<T>) {
    let (Parameters { features, hidden, w1, b1, w2, b2, .. }, data) = (network(case.sizes), data(case.sizes));
    let shape = Shape { features, hidden };
    let layers = LayerParameters { w1, b1, w2, b2: b2[0] };
    (
        Pass::new(shape, case.activation, data.x(), data.y(), SimdLevel::best()),
        petal_fused::Parameters::from_layers(shape, &layers),
    )
}

/// The gradient and the step.
#[divan::bench(types = [f32, f64], args = activations(&ALL))]
fn fused<T: Float>(bencher: Bencher<'_, '_>, case: &Case) {
    let (mut pass, mut parameters) = pass_and_parameters::<T>(case);
    bencher
        .counter(ItemsCount::new(case.sizes[0]))
        .bench_local(|| pass.step(&mut parameters, 0.01, 0.0));
}

/// The loss, the number of correct predictions and the gradient.
#[divan::bench(types = [f32, f64], args = tanh(&SMALL))]
fn fused_with_loss<T: Float>(bencher: Bencher<'_, '_>, case: &Case) {
    let (mut pass, parameters) = pass_and_parameters::<T>(case);
    bencher
        .counter(ItemsCount::new(case.sizes[0]))
        .bench_local(|| pass.evaluation_and_gradient(&parameters, 0.0).0);
}

/// Logits for rows of f64.
#[divan::bench(types = [f32, f64], args = activations(&ALL))]
fn fused_predictions<T: Float>(bencher: Bencher<'_, '_>, case: &Case) {
    let (_, parameters) = pass_and_parameters::<T>(case);
    let data = data(case.sizes);
    let bencher = bencher.counter(ItemsCount::new(case.sizes[0]));
    bencher.bench_local(|| petal_fused::logits(&parameters, case.activation, black_box(data.x()), SimdLevel::best()));
}

/// The gradient alone, on Flex.
#[divan::bench(args = tanh(&SMALL))]
fn manual(bencher: Bencher<'_, '_>, case: &Case) {
    gradient(bencher, Engine::Manual, case.sizes);
}

/// The gradient alone, on Flex.
#[divan::bench(args = tanh(&SMALL))]
fn autodiff(bencher: Bencher<'_, '_>, case: &Case) {
    gradient(bencher, Engine::Autodiff, case.sizes);
}

fn gradient(bencher: Bencher<'_, '_>, engine: Engine, case: [usize; 3]) {
    let placement = Placement::flex(Precision::F32);
    let net = TwoLayerNet::new(&network(case), &engine.device(&placement.device), placement.dtype);
    let batch = Batch::new(&data(case), &placement.device, placement.dtype);
    bencher
        .counter(ItemsCount::new(case[0]))
        .bench_local(|| engine.gradients(&net, &batch, 0.0));
}

struct Case {
    sizes: [usize; 3],
    activation: Activation,
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [samples, features, hidden] = self.sizes;
        write!(f, "m {samples}, d {features}, h {hidden}, {:?}", self.activation)
    }
}
