//! Second derivatives against JAX's, differences and paper; the moment at which the article's run becomes unstable; and the
//! other numbers to watch.

use petal::data::numpy::RandomState;
use petal::data::{Dataset, generate};
use petal::device::Placement;
use petal::network::curvature::{Hessian, gradient_norm, saturation, update_ratio};
use petal::network::gradients::manual::back_propagate;
use petal::network::{self, Batch, Parameters, TwoLayerNet};
use petal_fused::{Layers, Level, Pass, Shape};

use crate::support::{json, numbers};

/// A network, samples for it, and a direction.
fn case(samples: usize, features: usize, hidden: usize) -> (Parameters, Dataset, Parameters) {
    let random = &mut RandomState::new(11);
    let mut parameters = || {
        let count = features * hidden + 2 * hidden + 1;
        Parameters::from_packed(features, hidden, &random.normals(count))
    };
    let (at, v) = (parameters(), parameters());
    let names = (0..features).map(|j| format!("x{j}")).collect();
    let x = random.normals(samples * features);
    let labels = (0..samples).map(|_| u8::from(random.uniform() < 0.5)).collect();
    (at, Dataset::new(names, x, labels), v)
}

fn flower() -> Dataset {
    generate::generate(&generate::Settings::default()).unwrap()
}

/// a + factor b.
fn moved(a: &Parameters, factor: f64, b: &Parameters) -> Parameters {
    let values: Vec<f64> = a.packed().iter().zip(b.packed()).map(|(a, b)| a + factor * b).collect();
    Parameters::from_packed(a.features, a.hidden, &values)
}

fn length(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}

#[test]
fn a_product_is_the_difference_of_the_gradients_by_hand() {
    for (samples, features, hidden) in [(1, 1, 1), (7, 5, 2), (400, 2, 4), (300, 3, 20)] {
        let (at, data, v) = case(samples, features, hidden);
        let Placement { device, dtype } = Placement::host();
        let batch = Batch::new(&data, &device, dtype);
        let gradient = |h: f64| -> Vec<f64> {
            let steps = back_propagate(&TwoLayerNet::new(&moved(&at, h, &v), &device, dtype), &batch);
            let parts = [steps.dw1.into_data(), steps.db1.into_data(), steps.dw2.into_data(), steps.db2.into_data()];
            parts.map(|part| part.try_to_vec::<f64>().unwrap()).concat()
        };
        let difference = |h: f64| -> Vec<f64> {
            gradient(h)
                .iter()
                .zip(gradient(-h))
                .map(|(after, before)| (after - before) / (2.0 * h))
                .collect()
        };
        // Extrapolated from h and h / 2 (Richardson): what is left is h^4, and the gradient's rounding over h, 1e-16 / 1e-3.
        let h = 2e-3 / length(&v.packed());
        let product = Hessian::new(&at, &data, 0.0).times(&v).packed();
        let pairs = difference(h).into_iter().zip(difference(h / 2.0));
        let off: Vec<f64> = product.iter().zip(pairs).map(|(p, (c, f))| p - (4.0 * f - c) / 3.0).collect();
        assert!(length(&off) < 1e-9 * length(&product), "{:e}", length(&off) / length(&product));
    }
}

#[test]
fn hessian_sharpness_and_gradient_are_jaxs() {
    let data = flower();
    for point in json("curvature.json").as_array().unwrap() {
        let at = Parameters::from_packed(2, 4, &numbers(&point["parameters"]));
        let weight_decay = point["weight_decay"].as_f64().unwrap();
        let (hessian, theirs) = (Hessian::new(&at, &data, weight_decay), numbers(&point["hessian"]));
        for (i, column) in theirs.chunks(at.count()).enumerate() {
            let unit: Vec<f64> = (0..at.count()).map(|j| f64::from(u8::from(i == j))).collect();
            let ours = hessian.times(&Parameters::from_packed(2, 4, &unit)).packed();
            for (ours, theirs) in ours.iter().zip(column) {
                // Means of 400 numbers of up to 10.
                assert!((ours - theirs).abs() < 1e-14, "{}: {ours} and {theirs}", point["updates"]);
            }
        }
        let (eigen, theirs) = (hessian.largest_eigenvalue(), numbers(&point["eigenvalues"]));
        let expected = theirs[theirs.len() - 1];
        // The residual's square over the distance of the next eigenvalue is less than the rounding of both.
        assert!((eigen.value - expected).abs() < 1e-13, "{}: {} and {expected}", point["updates"], eigen.value);
        assert!(eigen.residual < 1e-10 * expected);
        let off = moved(&hessian.times(&eigen.vector), -eigen.value, &eigen.vector).packed();
        assert!(length(&off) < 1e-10 * expected && (length(&eigen.vector.packed()) - 1.0).abs() < 1e-14);

        let expected = length(&numbers(&point["gradient"]));
        let ours = gradient_norm(&at, &data, weight_decay);
        assert!((ours - expected).abs() < 1e-14, "{}: {ours} and {expected}", point["updates"]);
    }
}

#[test]
fn the_run_of_the_article_becomes_unstable_at_update_7_132() {
    let (data, settings) = (flower(), network::Settings::default());
    let Parameters { features, hidden, w1, b1, w2, b2 } = Parameters::initial(2, &settings);
    let shape = Shape { features, hidden };
    let mut at = petal_fused::Parameters::<f64>::from_layers(shape, &Layers { w1, b1, w2, b2: b2[0] });
    let mut pass = Pass::new(shape, data.x(), data.y(), Level::best());
    let mut sharpness = |update: usize| {
        if update > 0 {
            pass.step(&mut at, 1.2, 0.0);
        }
        (update >= 7_000).then(|| {
            let Layers { w1, b1, w2, b2 } = at.to_layers();
            let at = Parameters { features, hidden, w1, b1, w2, b2: vec![b2] };
            Hessian::new(&at, &data, 0.0).largest_eigenvalue().value
        })
    };
    let path: Vec<f64> = (0..=7_300).filter_map(&mut sharpness).collect();
    // It grows by 1e-4 with each of these updates, and JAX's at NumPy's parameters passes at the same.
    assert!(path.is_sorted());
    assert_eq!(path.iter().position(|&sharpness| sharpness > 2.0 / 1.2), Some(132));
}

#[test]
fn weight_decay_adds_itself_to_the_curvature_of_weights_and_nothing_to_that_of_biases() {
    let (at, data, v) = case(50, 3, 5);
    let [with, without] = [0.25, 0.0].map(|decay| Hessian::new(&at, &data, decay).times(&v));
    assert_eq!((&with.b1, &with.b2), (&without.b1, &without.b2));
    for (with, (without, v)) in [(&with.w1, (&without.w1, &v.w1)), (&with.w2, (&without.w2, &v.w2))] {
        let expected: Vec<f64> = without.iter().zip(v).map(|(without, v)| without + 0.25 * v).collect();
        assert_eq!(with, &expected);
    }
}

#[test]
fn one_sample_as_worked_out_on_paper() {
    // x = 2, y = 1, w1 = b1 = 0, w2 = 3, b2 = 0: a1 = 0, a2 = 1/2, dz2 = -1/2, a2 (1 - a2) = 1/4. Along v = (w1: 1, b1: 0,
    // w2: 1, b2: 1):
    //   r_z1 = 2   r_a1 = 2   r_z2 = 2 * 3 + 0 + 1 = 7   r_dz2 = 7/4
    //   r_dw2 = 2 * -1/2 + 0 = -1   r_db2 = 7/4   r_dz1 = 7/4 * 3 + -1/2 * 1 - 0 = 19/4   r_dw1 = 19/2   r_db1 = 19/4
    let network =
        |w1, b1, w2, b2| Parameters { features: 1, hidden: 1, w1: vec![w1], b1: vec![b1], w2: vec![w2], b2: vec![b2] };
    let data = Dataset::new(vec!["x".into()], vec![2.0], vec![1]);
    let product = Hessian::new(&network(0.0, 0.0, 3.0, 0.0), &data, 0.0).times(&network(1.0, 0.0, 1.0, 1.0));
    assert_eq!(product, network(9.5, 4.75, -1.0, 1.75));
}

#[test]
fn a_network_of_thousands_of_parameters_has_a_sharpness_too() {
    let (at, data, _) = case(200, 30, 300);
    let at = moved(&at, -0.9, &at);
    let hessian = Hessian::new(&at, &data, 0.0);
    let eigen = hessian.largest_eigenvalue();
    let off = moved(&hessian.times(&eigen.vector), -eigen.value, &eigen.vector).packed();
    assert!(eigen.value > 0.0 && length(&off) < 1e-9 * eigen.value, "{} {:e}", eigen.value, length(&off));
    assert_eq!(eigen, Hessian::new(&at, &data, 0.0).largest_eigenvalue(), "the same bits each time");
}

#[test]
fn saturation_counts_activations_near_one() {
    // tanh 2.64 = 0.98987, tanh 2.65 = 0.99007.
    let data = Dataset::new(vec!["x".into()], vec![2.64, 2.65, -2.65, 0.0], vec![0, 1, 0, 1]);
    let at = Parameters {
        features: 1,
        hidden: 2,
        w1: vec![1.0, 0.0],
        b1: vec![0.0, 3.0],
        w2: vec![0.0; 2],
        b2: vec![0.0],
    };
    let found = saturation(&at, &data);
    assert_eq!((found.units, found.overall), (vec![0.5, 1.0], 0.75));

    let (at, data, _) = case(40, 3, 6);
    let at = moved(&at, 1.0, &at);
    let units = at.activations(data.x(), &Placement::host()).unwrap();
    let shares: Vec<f64> = units
        .iter()
        .map(|unit| unit.iter().filter(|a1| a1.abs() > 0.99).count() as f64 / 40.0)
        .collect();
    assert_eq!(saturation(&at, &data).units, shares);
}

#[test]
fn an_update_is_measured_against_the_weights_that_it_moves() {
    let before = Parameters { features: 1, hidden: 1, w1: vec![3.0], b1: vec![7.0], w2: vec![4.0], b2: vec![0.0] };
    let after = Parameters { w1: vec![3.3], b1: vec![0.0], w2: vec![4.4], ..before.clone() };
    // |(0.3, 0.4)| / |(3, 4)|, with the rounding of 3.3 and 4.4.
    assert!((update_ratio(&before, &after) - 0.1).abs() < 1e-15);
}
