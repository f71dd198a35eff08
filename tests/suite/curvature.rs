//! Second derivatives compared with JAX, with central differences and with a calculation by hand; the update at which the
//! article's run becomes unstable; the other numbers that training can track.

use petal::data::numpy::RandomState;
use petal::data::{Dataset, generate};
use petal::device::Placement;
use petal::network::curvature::{Hessian, gradient_norm, saturation, update_ratio};
use petal::network::gradients::manual::back_propagate;
use petal::network::{self, Activation, Batch, Parameters, TwoLayerNet};
use petal_fused::{LayerParameters, Pass, Shape, SimdLevel};

use crate::support::{json, numbers};

/// A random network, samples for it, and a vector in the space of its parameters.
fn random_case(samples: usize, features: usize, hidden: usize) -> (Parameters, Dataset, Parameters) {
    let random = &mut RandomState::new(11);
    let mut normal_parameters = || {
        let count = features * hidden + 2 * hidden + 1;
        Parameters::from_flattened(features, hidden, Activation::Tanh, &random.normals(count))
    };
    let (parameters, v) = (normal_parameters(), normal_parameters());
    let names = (0..features).map(|j| format!("x{j}")).collect();
    let x = random.normals(samples * features);
    let labels = (0..samples).map(|_| u8::from(random.uniform() < 0.5)).collect();
    (parameters, Dataset::new(names, x, labels), v)
}

fn flower() -> Dataset {
    generate::generate(&generate::Settings::default()).unwrap()
}

/// a + factor b.
fn add_scaled(a: &Parameters, factor: f64, b: &Parameters) -> Parameters {
    let values: Vec<f64> = a.flattened().iter().zip(b.flattened()).map(|(a, b)| a + factor * b).collect();
    Parameters::from_flattened(a.features, a.hidden, a.activation, &values)
}

fn length(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}

#[test]
fn hessian_products_match_central_differences_of_the_manual_gradients() {
    for (samples, features, hidden) in [(1, 1, 1), (7, 5, 2), (400, 2, 4), (300, 3, 20)] {
        let (parameters, data, v) = random_case(samples, features, hidden);
        let Placement { device, dtype } = Placement::host();
        let batch = Batch::new(&data, &device, dtype);
        let gradient = |h: f64| -> Vec<f64> {
            let network = TwoLayerNet::new(&add_scaled(&parameters, h, &v), &device, dtype);
            let steps = back_propagate(&network, &batch);
            let parts = [steps.dw1.into_data(), steps.db1.into_data(), steps.dw2.into_data(), steps.db2.into_data()];
            parts.map(|part| part.try_to_vec::<f64>().unwrap()).concat()
        };
        let central_difference = |h: f64| -> Vec<f64> {
            gradient(h)
                .iter()
                .zip(gradient(-h))
                .map(|(after, before)| (after - before) / (2.0 * h))
                .collect()
        };

        // Richardson extrapolation from h and h / 2. The remaining errors are of the order of h^4, and of the gradient's
        // rounding over h, 1e-16 / 1e-3.
        let h = 2e-3 / length(&v.flattened());
        let coarse = central_difference(h);
        let fine = central_difference(h / 2.0);
        let product = Hessian::new(&parameters, &data, 0.0).times(&v).flattened();
        let mut error = product.clone();
        for ((error, coarse), fine) in error.iter_mut().zip(coarse).zip(fine) {
            *error -= (4.0 * fine - coarse) / 3.0;
        }
        assert!(length(&error) < 1e-9 * length(&product), "{:e}", length(&error) / length(&product));
    }
}

#[test]
fn hessian_sharpness_and_gradient_match_jax() {
    let data = flower();
    for point in json("curvature.json").as_array().unwrap() {
        let updates = &point["updates"];
        let parameters = Parameters::from_flattened(2, 4, Activation::Tanh, &numbers(&point["parameters"]));
        let weight_decay = point["weight_decay"].as_f64().unwrap();
        let hessian = Hessian::new(&parameters, &data, weight_decay);

        let count = parameters.count();
        for (i, expected) in numbers(&point["hessian"]).chunks(count).enumerate() {
            let unit: Vec<f64> = (0..count).map(|j| f64::from(u8::from(i == j))).collect();
            let column = hessian
                .times(&Parameters::from_flattened(2, 4, Activation::Tanh, &unit))
                .flattened();
            for (actual, expected) in column.iter().zip(expected) {
                // Means of 400 numbers of up to 10.
                assert!((actual - expected).abs() < 1e-14, "{updates}: {actual} and {expected}");
            }
        }

        let eigenvalues = numbers(&point["eigenvalues"]);
        let expected = eigenvalues[eigenvalues.len() - 1];
        let found = hessian.largest_eigenvalue();
        // The error is of the order of the residual's square over the gap to the next eigenvalue, which is below rounding.
        assert!((found.value - expected).abs() < 1e-13, "{updates}: {} and {expected}", found.value);
        assert!(found.residual < 1e-10 * expected);
        let residual = add_scaled(&hessian.times(&found.vector), -found.value, &found.vector).flattened();
        assert!(length(&residual) < 1e-10 * expected);
        assert!((length(&found.vector.flattened()) - 1.0).abs() < 1e-14);

        let expected = length(&numbers(&point["gradient"]));
        let actual = gradient_norm(&parameters, &data, weight_decay);
        assert!((actual - expected).abs() < 1e-14, "{updates}: {actual} and {expected}");
    }
}

#[test]
fn the_run_of_the_article_becomes_unstable_at_update_7_132() {
    let (data, settings) = (flower(), network::Settings::default());
    let Parameters { features, hidden, activation, w1, b1, w2, b2 } = Parameters::initial(2, &settings);
    let shape = Shape { features, hidden };
    let mut parameters = petal_fused::Parameters::<f64>::from_layers(shape, &LayerParameters { w1, b1, w2, b2: b2[0] });
    let mut pass = Pass::new(shape, activation.into(), data.x(), data.y(), SimdLevel::best());

    // The sharpness after updates 7,000 to 7,300.
    let mut history = Vec::new();
    for update in 0..=7_300 {
        if update > 0 {
            pass.step(&mut parameters, 1.2, 0.0);
        }
        if update >= 7_000 {
            let LayerParameters { w1, b1, w2, b2 } = parameters.to_layers();
            let parameters = Parameters { features, hidden, activation, w1, b1, w2, b2: vec![b2] };
            history.push(Hessian::new(&parameters, &data, 0.0).largest_eigenvalue().value);
        }
    }

    // The sharpness grows by 1e-4 with each of these updates. JAX's sharpness of NumPy's parameters exceeds the bound at the
    // same update.
    assert!(history.is_sorted());
    assert_eq!(history.iter().position(|&sharpness| sharpness > 2.0 / 1.2), Some(132));
}

#[test]
fn weight_decay_adds_to_the_curvature_along_weights_and_not_along_biases() {
    let (parameters, data, v) = random_case(50, 3, 5);
    let [with_decay, without] = [0.25, 0.0].map(|decay| Hessian::new(&parameters, &data, decay).times(&v));

    assert_eq!((&with_decay.b1, &with_decay.b2), (&without.b1, &without.b2));
    let add_decay = |product: &[f64], v: &[f64]| -> Vec<f64> {
        product.iter().zip(v).map(|(product, v)| product + 0.25 * v).collect()
    };
    assert_eq!(with_decay.w1, add_decay(&without.w1, &v.w1));
    assert_eq!(with_decay.w2, add_decay(&without.w2, &v.w2));
}

#[test]
fn the_product_for_one_sample_matches_a_calculation_by_hand() {
    // x = 2, y = 1, w1 = b1 = 0, w2 = 3, b2 = 0: a1 = 0, a2 = 1/2, dz2 = -1/2, a2 (1 - a2) = 1/4. Along v = (w1: 1, b1: 0,
    // w2: 1, b2: 1):
    //   r_z1 = 2   r_a1 = 2   r_z2 = 2 * 3 + 0 + 1 = 7   r_dz2 = 7/4
    //   r_dw2 = 2 * -1/2 + 0 = -1   r_db2 = 7/4   r_dz1 = 7/4 * 3 + -1/2 * 1 - 0 = 19/4   r_dw1 = 19/2   r_db1 = 19/4
    let network = |w1, b1, w2, b2| Parameters {
        features: 1,
        hidden: 1,
        activation: Activation::Tanh,
        w1: vec![w1],
        b1: vec![b1],
        w2: vec![w2],
        b2: vec![b2],
    };
    let data = Dataset::new(vec!["x".into()], vec![2.0], vec![1]);
    let product = Hessian::new(&network(0.0, 0.0, 3.0, 0.0), &data, 0.0).times(&network(1.0, 0.0, 1.0, 1.0));
    assert_eq!(product, network(9.5, 4.75, -1.0, 1.75));
}

#[test]
fn the_sharpness_of_a_network_with_thousands_of_parameters_is_found() {
    let (parameters, data, _) = random_case(200, 30, 300);
    let small_parameters = add_scaled(&parameters, -0.9, &parameters);
    let hessian = Hessian::new(&small_parameters, &data, 0.0);
    let found = hessian.largest_eigenvalue();
    let residual = length(&add_scaled(&hessian.times(&found.vector), -found.value, &found.vector).flattened());
    assert!(found.value > 0.0 && residual < 1e-9 * found.value, "{} {residual:e}", found.value);

    let again = Hessian::new(&small_parameters, &data, 0.0).largest_eigenvalue();
    assert_eq!(found, again, "the same bits each time");
}

#[test]
fn saturation_counts_activations_near_one() {
    // tanh 2.64 = 0.98987, tanh 2.65 = 0.99007.
    let data = Dataset::new(vec!["x".into()], vec![2.64, 2.65, -2.65, 0.0], vec![0, 1, 0, 1]);
    let parameters = Parameters {
        features: 1,
        hidden: 2,
        activation: Activation::Tanh,
        w1: vec![1.0, 0.0],
        b1: vec![0.0, 3.0],
        w2: vec![0.0; 2],
        b2: vec![0.0],
    };
    let found = saturation(&parameters, &data);
    assert_eq!((found.units, found.overall), (vec![0.5, 1.0], 0.75));

    let (parameters, data, _) = random_case(40, 3, 6);
    let large_parameters = add_scaled(&parameters, 1.0, &parameters);
    let activations = large_parameters.activations(data.x(), &Placement::host()).unwrap();
    let fractions: Vec<f64> = activations
        .iter()
        .map(|unit| unit.iter().filter(|a1| a1.abs() > 0.99).count() as f64 / 40.0)
        .collect();
    assert_eq!(saturation(&large_parameters, &data).units, fractions);
}

#[test]
fn the_size_of_an_update_is_relative_to_the_weights() {
    let before = Parameters {
        features: 1,
        hidden: 1,
        activation: Activation::Tanh,
        w1: vec![3.0],
        b1: vec![7.0],
        w2: vec![4.0],
        b2: vec![0.0],
    };
    let after = Parameters { w1: vec![3.3], b1: vec![0.0], w2: vec![4.4], ..before.clone() };
    // |(0.3, 0.4)| / |(3, 4)|, with the rounding of 3.3 and 4.4.
    assert!((update_ratio(&before, &after) - 0.1).abs() < 1e-15);
}
