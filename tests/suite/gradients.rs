//! The gradients of the network against each other, central differences, NumPy, paper, and properties of any gradient.

use petal::data::numpy::RandomState;
use petal::data::{Dataset, generate};
use petal::device::{Backend, Placement, Precision};
use petal::gradcheck::parameters::{arrays_from_parameters, parameters_from_arrays};
use petal::gradcheck::point::{GradientMethod, GradientPoint};
use petal::gradcheck::{Report, array_from_tensor, tensor_from_array};
use petal::network::gradients::manual::back_propagate;
use petal::network::gradients::{Engine, numeric};
use petal::network::loss::cross_entropy;
use petal::network::{Activation, Batch, Parameters, TwoLayerNet};
use petal_gradcheck::burn::check_module;
use proptest::prelude::*;

use crate::support::{json, numbers, placement};

const BACKENDS: [Backend; 2] = [Backend::Flex, Backend::NdArray];
const ENGINES: [GradientMethod; 3] = [
    GradientMethod::Engine(Engine::Manual),
    GradientMethod::Engine(Engine::Autodiff),
    GradientMethod::Engine(Engine::Fused),
];
const ALL: [GradientMethod; 4] = [ENGINES[0], ENGINES[1], ENGINES[2], GradientMethod::Numeric];

/// Random parameters with standard deviation `scale`.
fn parameters(features: usize, hidden: usize, scale: f64, seed: u32) -> Parameters {
    let random = &mut RandomState::new(seed);
    let mut normals = |count| random.normals(count).into_iter().map(|value| scale * value).collect();
    let (w1, b1) = (normals(features * hidden), normals(hidden));
    Parameters {
        features,
        hidden,
        activation: Activation::Tanh,
        w1,
        b1,
        w2: normals(hidden),
        b2: normals(1),
    }
}

fn data(samples: usize, features: usize, seed: u32) -> Dataset {
    let random = &mut RandomState::new(seed);
    let names = (1..=features).map(|i| format!("x{i}")).collect();
    let labels = (0..samples).map(|_| u8::from(random.uniform() < 0.5)).collect();
    Dataset::new(names, random.normals(samples * features), labels)
}

fn check(
    parameters: &Parameters,
    data: &Dataset,
    weight_decay: f64,
    placement: &Placement,
    methods: &[GradientMethod],
) -> Report {
    GradientPoint { parameters, data, weight_decay, placement }
        .check(methods)
        .run()
        .unwrap()
}

/// Whether nothing is wrong. In f32, saturated units may leave so little of a gradient that no comparison shows anything.
fn agrees(report: &Report, precision: Precision) -> bool {
    let disagree = report.comparisons.iter().any(|comparison| !comparison.passed());
    report.passed() || (precision == Precision::F32 && !disagree && report.findings.is_empty())
}

#[test]
fn all_methods_agree_for_all_sizes_and_scales() {
    // Tiny weights as at the start of training, ordinary ones, and ones that saturate the hidden units.
    for (seed, scale) in [(1, 0.01), (2, 1.0), (3, 100.0)] {
        for (hidden, features, samples) in [1, 4, 7, 64]
            .into_iter()
            .flat_map(|h| [1, 2, 5].into_iter().flat_map(move |d| [1, 5, 400].map(|m| (h, d, m))))
        {
            let (parameters, data) = (parameters(features, hidden, scale, seed), data(samples, features, seed));
            for backend in BACKENDS {
                for precision in [Precision::F32, Precision::F64] {
                    let placement = placement(backend, precision);
                    // Central differences always run on the host, so they are compared with one backend only.
                    let numeric = backend == Backend::Flex && (precision == Precision::F64 || hidden * samples < 3_000);
                    let methods = if numeric { &ALL[..] } else { &ENGINES };
                    let report = check(&parameters, &data, 0.0, &placement, methods);
                    assert!(
                        agrees(&report, precision),
                        "{backend} {precision} h {hidden} d {features} m {samples} x{scale}\n{report}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_fused_engine_agrees_when_samples_and_units_do_not_fill_its_registers() {
    // Full registers plus or minus one sample; a single sample, unit and feature; many units; matrix products.
    for (seed, scale) in [(1, 0.01), (2, 1.0), (3, 100.0)] {
        for (features, hidden, samples) in [(1, 1, 1), (1, 1, 17), (2, 257, 63), (2, 4, 65), (7, 3, 129), (64, 65, 131)]
        {
            let (parameters, data) = (parameters(features, hidden, scale, seed), data(samples, features, seed));
            for precision in [Precision::F32, Precision::F64] {
                let placement = Placement::flex(precision);
                // With logits of thousands, the function bends more than once within a step of central differences.
                let numeric = precision == Precision::F64 && scale * (features as f64) < 1_000.0;
                let methods = if numeric { &ALL[..] } else { &ENGINES };
                let report = check(&parameters, &data, 0.0, &placement, methods);
                assert!(
                    agrees(&report, precision),
                    "{precision} h {hidden} d {features} m {samples} x{scale}\n{report}"
                );
            }
        }
    }
}

#[test]
fn central_differences_agree_for_features_far_from_one() {
    for scale in [1e-4, 1e2, 1e4] {
        let plain = data(50, 2, 3);
        let x = plain.x().iter().map(|x| scale * x).collect();
        let data = Dataset::new(plain.feature_names().to_vec(), x, plain.y().to_vec());
        let report = check(&parameters(2, 4, 0.01, 7), &data, 0.0, &Placement::host(), &ALL);
        assert!(report.passed(), "{scale:e}\n{report}");
    }
}

#[test]
fn the_mean_cost_of_a_million_equal_samples_equals_the_cost_of_one() {
    let parameters = parameters(1, 1, 1.0, 4);
    let loss = |samples| {
        numeric::loss(&parameters, &Dataset::new(vec!["x".into()], vec![0.7; samples], vec![1; samples]), 0.0)
    };
    // Two roundings, of the sum and of the quotient. A plain sum is off by 1e-11 here.
    assert!((loss(1_000_000) - loss(1)).abs() <= f64::EPSILON * loss(1), "{} and {}", loss(1_000_000), loss(1));
}

#[test]
fn every_engine_agrees_with_numpy() {
    let data = generate::generate(&generate::Settings::default()).unwrap();
    for point in json("gradients.json").as_array().unwrap() {
        let read = |part: &str| ["w1", "b1", "w2", "b2"].map(|name| numbers(&point[part][name]));
        let ([w1, b1, w2, b2], theirs) = (read("parameters"), read("gradients"));
        let parameters = Parameters { features: 2, hidden: 4, activation: Activation::Tanh, w1, b1, w2, b2 };
        for (backend, engine) in BACKENDS
            .into_iter()
            .flat_map(|backend| Engine::ALL.map(|engine| (backend, engine)))
        {
            let placement = placement(backend, Precision::F64);
            let net = TwoLayerNet::new(&parameters, &engine.device(&placement.device), placement.dtype);
            let batch = Batch::new(&data, &placement.device, placement.dtype);
            let ours = engine.gradients(&net, &batch, 0.0);
            let ours = [ours.w1.into_data(), ours.b1.into_data(), ours.w2.into_data(), ours.b2.into_data()];
            for (ours, theirs) in ours.iter().map(|data| data.try_to_vec::<f64>().unwrap()).zip(&theirs) {
                for (ours, theirs) in ours.iter().zip(theirs) {
                    // Sums of 400 terms below 0.01. Summing in another order than NumPy changes most elements by less
                    // than 1e-16. The formula of a2 by tanh adds as much again.
                    assert!((ours - theirs).abs() < 5e-16, "{backend} {engine}: {ours} and {theirs}");
                }
            }
        }
    }
}

#[test]
fn a_2_2_1_network_agrees_with_paper() {
    // tanh is 0 at 0, so w1 and x are chosen to make x w1 + b1 = 0 for one of the two samples.
    //   x = [1 1; 2 0]   w1 = [1 -1; -1 1]   b1 = [0 0]   z1 = [0 0; 2 -2]   a1 = [0 0; t -t],  t = tanh 2
    //   w2 = [3; 3]   b2 = 0   z2 = [0; 3t - 3t] = [0; 0]   a2 = [1/2; 1/2]   y = [1; 0]
    //   dz2 = ([1/2; 1/2] - [1; 0]) / 2 = [-1/4; 1/4]
    //   dw2 = a1' dz2 = [t/4; -t/4]            db2 = 0
    //   dz1 = dz2 w2' * (1 - a1^2) = [-3/4 -3/4; 3s/4 3s/4],  s = 1 - t^2
    //   dw1 = x' dz1 = [-3/4 + 2*3s/4, the same; -3/4, the same]     db1 = [-3/4 + 3s/4, the same]
    let parameters = Parameters {
        features: 2,
        hidden: 2,
        activation: Activation::Tanh,
        w1: vec![1.0, -1.0, -1.0, 1.0],
        b1: vec![0.0; 2],
        w2: vec![3.0; 2],
        b2: vec![0.0],
    };
    let data = Dataset::from_points_2d(&[[1.0, 1.0], [2.0, 0.0]], vec![1, 0]);
    let Placement { device, dtype } = Placement::host();
    let steps = back_propagate(&TwoLayerNet::new(&parameters, &device, dtype), &Batch::new(&data, &device, dtype));
    let t = 2.0_f64.tanh();
    let s = 1.0 - t * t;
    let top = -0.75 + 1.5 * s;
    let expected: [(&str, Vec<f64>, Vec<f64>); 6] = [
        ("dz2", steps.dz2.into_data().try_to_vec().unwrap(), vec![-0.25, 0.25]),
        ("dw2", steps.dw2.into_data().try_to_vec().unwrap(), vec![t / 4.0, -t / 4.0]),
        ("db2", steps.db2.into_data().try_to_vec().unwrap(), vec![0.0]),
        ("dz1", steps.dz1.into_data().try_to_vec().unwrap(), vec![-0.75, -0.75, 0.75 * s, 0.75 * s]),
        ("dw1", steps.dw1.into_data().try_to_vec().unwrap(), vec![top, top, -0.75, -0.75]),
        ("db1", steps.db1.into_data().try_to_vec().unwrap(), vec![-0.75 + 0.75 * s; 2]),
    ];
    for (name, ours, paper) in expected {
        assert_eq!(ours.len(), paper.len(), "{name}");
        for (ours, paper) in ours.iter().zip(paper) {
            // A few roundings of numbers of at most 1.
            assert!((ours - paper).abs() < 1e-15, "{name}: {ours} and {paper}");
        }
    }
}

#[test]
fn the_objective_on_the_host_agrees_with_burn() {
    for (samples, scale) in [(1, 0.01), (5, 1.0), (400, 30.0)] {
        let (parameters, data) = (parameters(3, 4, scale, 5), data(samples, 3, 6));
        let Placement { device, dtype } = Placement::host();
        let batch = Batch::new(&data, &device, dtype);
        let burn: f64 =
            cross_entropy(TwoLayerNet::new(&parameters, &device, dtype).forward(batch.x).z2, batch.y).into_scalar();
        let squares: f64 = parameters.w1.iter().chain(&parameters.w2).map(|w| w * w).sum();
        for decay in [0.0, 0.3] {
            let host = numeric::loss(&parameters, &data, decay);
            let expected = burn + decay / 2.0 * squares;
            // Sums of a few hundred terms in another order.
            assert!((host - expected).abs() <= 1e-14 * expected, "{host} and {expected}");
        }
    }
}

#[test]
fn weight_decay_changes_weight_gradients_and_not_bias_gradients() {
    let (parameters, data) = (parameters(2, 3, 1.0, 8), data(20, 2, 9));
    for backend in BACKENDS {
        let placement = placement(backend, Precision::F64);
        let methods = if backend == Backend::Flex { &ALL[..] } else { &ENGINES };
        let report = check(&parameters, &data, 0.1, &placement, methods);
        assert!(report.passed(), "{report}");
        for engine in Engine::ALL {
            let net = TwoLayerNet::new(&parameters, &engine.device(&placement.device), placement.dtype);
            let batch = Batch::new(&data, &placement.device, placement.dtype);
            let [with, without] = [0.1, 0.0].map(|decay| {
                let gradients = engine.gradients(&net, &batch, decay);
                let data = [gradients.w1.into_data(), gradients.b1.into_data(), gradients.w2.into_data()];
                data.map(|data| data.try_to_vec::<f64>().unwrap())
            });
            assert_eq!(with[1], without[1]);
            for (layer, weights) in [(0, &parameters.w1), (2, &parameters.w2)] {
                for ((with, without), weight) in with[layer].iter().zip(&without[layer]).zip(weights) {
                    // One rounding of a sum of numbers below 4.
                    assert!((with - without - 0.1 * weight).abs() < 1e-15);
                }
            }
        }
    }
}

/// The manual gradient in f64 on Flex, in the order w1, b1, w2, b2.
fn manual(parameters: &Parameters, data: &Dataset) -> Vec<f64> {
    let Placement { device, dtype } = Placement::host();
    let steps = back_propagate(&TwoLayerNet::new(parameters, &device, dtype), &Batch::new(data, &device, dtype));
    let read = |data: burn::tensor::TensorData| data.try_to_vec::<f64>().unwrap();
    [
        read(steps.dw1.into_data()),
        read(steps.db1.into_data()),
        read(steps.dw2.into_data()),
        read(steps.db2.into_data()),
    ]
    .concat()
}

/// Whether two lists of sums are equal except for rounding. The terms are about 1 and may be summed in another order.
fn nearly_equal(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-13)
}

fn select_rows(data: &Dataset, order: impl Iterator<Item = usize>) -> Dataset {
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for i in order {
        x.extend(data.rows().nth(i).unwrap());
        y.push(data.y()[i]);
    }
    Dataset::new(data.feature_names().to_vec(), x, y)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_methods_agree_for_random_shapes_and_scales(
        (h, d, m) in (1..20usize, 1..6usize, 1..40usize), scale in -3.0..2.0f64, decay in 0.0..0.5f64, seed in 0u32..1000,
    ) {
        let (parameters, data) = (parameters(d, h, 10f64.powf(scale), seed), data(m, d, seed + 1));
        let report = check(&parameters, &data, decay, &Placement::host(), &ALL);
        prop_assert!(report.passed(), "{}", report);
    }

    #[test]
    fn reversing_or_doubling_the_samples_does_not_change_the_gradient(
        (h, d, m) in (1..8usize, 1..4usize, 1..30usize), seed in 0u32..1000,
    ) {
        let (parameters, data) = (parameters(d, h, 1.0, seed), data(m, d, seed + 1));
        let gradient = manual(&parameters, &data);
        prop_assert!(nearly_equal(&manual(&parameters, &select_rows(&data, (0..m).rev())), &gradient));
        prop_assert!(nearly_equal(&manual(&parameters, &select_rows(&data, (0..m).chain(0..m))), &gradient));
    }

    #[test]
    fn reversing_hidden_units_reverses_their_gradients(
        (h, d, m) in (1..8usize, 1..4usize, 1..30usize), seed in 0u32..1000,
    ) {
        let (before, data) = (parameters(d, h, 1.0, seed), data(m, d, seed + 1));
        let reversed = |values: &[f64]| values.chunks(h).flat_map(|row| row.iter().rev().copied()).collect::<Vec<_>>();
        let after =
            Parameters { w1: reversed(&before.w1), b1: reversed(&before.b1), w2: reversed(&before.w2), ..before.clone() };
        let (gradient, permuted) = (manual(&before, &data), manual(&after, &data));
        let (units, bias) = gradient.split_at(gradient.len() - 1);
        prop_assert!(nearly_equal(&permuted, &[reversed(units), bias.to_vec()].concat()));
    }

    #[test]
    fn swapping_labels_and_signs_of_the_output_layer_flips_the_sign_of_its_gradient(
        (h, d, m) in (1..8usize, 1..4usize, 1..30usize), seed in 0u32..1000,
    ) {
        let (before, data) = (parameters(d, h, 1.0, seed), data(m, d, seed + 1));
        let negative = |values: &[f64]| values.iter().map(|value| -value).collect::<Vec<_>>();
        let after = Parameters { w2: negative(&before.w2), b2: negative(&before.b2), ..before.clone() };
        let swapped = Dataset::new(data.feature_names().to_vec(), data.x().to_vec(), data.y().iter().map(|y| 1 - y).collect());
        let (gradient, mirrored) = (manual(&before, &data), manual(&after, &swapped));
        let (first, second) = gradient.split_at(d * h + h);
        prop_assert!(nearly_equal(&mirrored, &[first.to_vec(), negative(second)].concat()));
    }
}

/// The network is a module of Burn like any other: the check finds its parameters, and autodiff's gradient agrees
/// with central differences, on both backends and in both float types.
#[test]
fn the_check_of_any_module_passes_for_the_network() {
    let (parameters, data) = (parameters(2, 3, 1.0, 1), data(20, 2, 2));
    for (backend, precision) in BACKENDS
        .into_iter()
        .flat_map(|backend| Precision::ALL.map(|precision| (backend, precision)))
    {
        let Placement { device, dtype } = placement(backend, precision);
        let report = check_module(&TwoLayerNet::new(&parameters, &device, dtype), |net, device| {
            let batch = Batch::new(&data, device, net.w1().val().dtype());
            cross_entropy(net.forward(batch.x).z2, batch.y)
        })
        .unwrap();
        assert!(report.passed(), "{report}");
        let names: Vec<&str> = report.comparisons[0].tensors.iter().map(|tensor| &tensor.name[..]).collect();
        assert_eq!(names, ["output.bias", "output.weight", "hidden.bias", "hidden.weight"]);
        assert!(report.notes.is_empty(), "{report}");
    }
}

#[test]
fn parameters_survive_conversion_to_arrays_and_tensors() {
    let parameters = parameters(2, 3, 1.0, 1);
    assert_eq!(parameters_from_arrays(&arrays_from_parameters(&parameters), parameters.activation), parameters);
    let Placement { device, dtype } = Placement::host();
    for array in arrays_from_parameters(&parameters)
        .into_iter()
        .filter(|array| array.shape.len() == 2)
    {
        let tensor = tensor_from_array::<2>(&array, &device, dtype);
        assert_eq!(array_from_tensor(array.name.clone(), &tensor).unwrap(), array);
    }
}
