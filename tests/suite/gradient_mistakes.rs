//! The gradient check of the two-layer network: it names the classic mistakes and accuses no right gradient.

use burn::tensor::{DType, Device, Tensor};
use petal::data::numpy::RandomState;
use petal::data::{Dataset, generate};
use petal::device::{Placement, Precision};
use petal::gradcheck::mistakes::{self, Mistake};
use petal::gradcheck::parameters::parameters_from_arrays;
use petal::gradcheck::point::{GradientMethod, GradientPoint};
use petal::gradcheck::{Array, array_from_tensor, gallery, tensor_from_array};
use petal::network::gradients::{Engine, numeric};
use petal::network::{self, Activation, Parameters};

use crate::support::path;

#[test]
fn every_classic_mistake_fails_the_check_and_is_named() {
    for (mistake, report) in gallery::reports().unwrap() {
        assert!(!report.passed(), "{mistake:?}\n{report}");
        let [right, wrong]: [Vec<_>; 2] =
            [true, false].map(|passed| report.comparisons.iter().filter(|c| c.passed() == passed).collect());
        assert!(
            right
                .iter()
                .any(|c| (&c.tested[..], &c.reference[..]) == ("autodiff", "numeric")),
            "{mistake:?}\n{report}"
        );
        assert!(wrong.iter().all(|comparison| comparison.tested == "yours"), "{mistake:?}\n{report}");
        let activation = if mistake == Mistake::DerivativeOfTanh {
            Activation::Sigmoid
        } else {
            Activation::Tanh
        };
        let named = format!("yours has a known mistake: {}", mistake.describe(activation));
        assert_eq!(report.findings.last(), Some(&named), "{mistake:?}\n{report}");
        let first = wrong[0].tensors.iter().find(|tensor| !tensor.passed).unwrap();
        let (tensor, diagnosis) = match mistake {
            Mistake::MeanMissing => {
                ("dz2", Some("too large by exactly a factor of m: a division by m (the mean) is missing"))
            }
            Mistake::MeanTwice => ("dz2", Some("too small by exactly a factor of m: divided by m twice")),
            Mistake::SignFlipped => ("dz2", Some("sign flipped")),
            Mistake::LastSampleMissing => ("dz2", Some("zero where it should not be: dz2[4,0]")),
            Mistake::WeightGradientTransposed => ("w1", Some("transposed")),
            Mistake::BiasGradientNotSummed => ("b1", Some("not summed over axis 0: has shape [5, 3], must be [3]")),
            Mistake::WeightDecayOnBiases => ("b2", None),
            Mistake::LossDerivativeByProbability => ("dz2", None),
            Mistake::SigmoidDerivativeTwice => ("dz2", None),
            Mistake::PreActivationForActivation => ("w2", None),
            Mistake::ActivationsFromUpdatedWeights => ("dz2", None),
            Mistake::SumsInSinglePrecision => ("w2", None),
            Mistake::DerivativeMissing
            | Mistake::DerivativeHalf
            | Mistake::DerivativeOfPreActivation
            | Mistake::DerivativeOfTanh
            | Mistake::WeightsUpdatedEarly => ("dz1", None),
        };
        assert_eq!(first.name, tensor, "{mistake:?}\n{report}");
        if diagnosis.is_some() {
            assert_eq!(first.diagnosis.as_deref(), diagnosis, "{mistake:?}");
        }
    }
}

#[test]
fn the_gallery_in_the_documentation_is_up_to_date() {
    let text = std::fs::read_to_string(path("docs/gradcheck.md")).unwrap();
    let table = gallery::table().unwrap();
    assert!(text.contains(&table), "docs/gradcheck.md should contain\n{table}");
}

/// A backward pass in Burn's operations with a mistake, written only for this test.
fn gradient_in_burn(mistake: Mistake, parameters: &[Array], data: &Dataset) -> Vec<Array> {
    let device = Device::flex();
    let matrix = |array: &Array| tensor_from_array::<2>(array, &device, DType::F64);
    let row = |array: &Array| tensor_from_array::<1>(array, &device, DType::F64).unsqueeze::<2>();
    let (m, d) = (data.samples(), data.features());
    let x = matrix(&Array::new("x", [m, d], data.x().to_vec()));
    let y = matrix(&Array::new("y", [m, 1], data.y().iter().map(|&y| f64::from(y)).collect()));
    let [w1, b1, w2, b2] = parameters else {
        panic!("four parameter tensors")
    };

    let a1 = (x.clone().matmul(matrix(w1)) + row(b1)).tanh();
    let a2 = ((a1.clone().matmul(matrix(w2)) + row(b2)) * 0.5).tanh() * 0.5 + 0.5;
    let dz2 = match mistake {
        Mistake::MeanMissing => a2 - y,
        Mistake::SignFlipped => (y - a2) / m as f64,
        _ => (a2 - y) / m as f64,
    };
    let derivative = match mistake {
        Mistake::DerivativeMissing => a1.ones_like(),
        Mistake::DerivativeHalf => a1.ones_like() - a1.clone(),
        _ => a1.ones_like() - a1.clone().powi_scalar(2),
    };
    let dz1 = dz2.clone().matmul(matrix(w2).transpose()) * derivative;
    let sum = |matrix: &Tensor<2>| matrix.clone().sum_dim(0).squeeze_dim::<1>(0);
    vec![
        array_from_tensor("w1", &x.transpose().matmul(dz1.clone())).unwrap(),
        array_from_tensor("b1", &sum(&dz1)).unwrap(),
        array_from_tensor("w2", &a1.transpose().matmul(dz2.clone())).unwrap(),
        array_from_tensor("b2", &sum(&dz2)).unwrap(),
    ]
}

#[test]
fn a_mistake_in_independent_code_is_named_too() {
    let data = generate::generate(&generate::Settings::default()).unwrap();
    let random = &mut RandomState::new(4);
    let parameters = Parameters {
        features: 2,
        hidden: 4,
        activation: Activation::Tanh,
        w1: random.normals(8),
        b1: random.normals(4),
        w2: random.normals(4),
        b2: random.normals(1),
    };
    let placement = Placement::host();
    let point = GradientPoint { parameters: &parameters, data: &data, weight_decay: 0.0, placement: &placement };
    for mistake in [Mistake::MeanMissing, Mistake::SignFlipped, Mistake::DerivativeMissing, Mistake::DerivativeHalf] {
        let check = point.check(&[GradientMethod::Engine(Engine::Manual)]);
        let report = check
            .gradient("theirs", |parameters| gradient_in_burn(mistake, parameters, &data))
            .loss(|arrays| numeric::loss(&parameters_from_arrays(arrays, Activation::Tanh), &data, 0.0));
        let report = report.run().unwrap();
        let named = format!("theirs has a known mistake: {}", mistake.describe(Activation::Tanh));
        assert_eq!(report.findings.last(), Some(&named), "{report}");
    }
    // `gradient_in_burn` does not know this mistake and returns the right gradient. Its other order of operations must
    // not fail the tight tolerance.
    let check = point.check(&[GradientMethod::Engine(Engine::Manual)]);
    let report = check
        .gradient("theirs", |parameters| gradient_in_burn(Mistake::ActivationsFromUpdatedWeights, parameters, &data))
        .run()
        .unwrap();
    assert!(report.passed(), "{report}");
}

#[test]
fn a_right_gradient_is_not_accused_of_a_mistake_that_changes_nothing() {
    // The function is wrong: every gradient disagrees with it, and no gradient has a mistake.
    let data = generate::generate(&generate::Settings::default()).unwrap();
    let parameters = Parameters::initial(2, &network::Settings::default());
    let placement = Placement::host();
    let point = GradientPoint { parameters: &parameters, data: &data, weight_decay: 0.0, placement: &placement };
    let check = point
        .check(&[GradientMethod::Engine(Engine::Manual)])
        .loss(|arrays| 2.0 * numeric::loss(&parameters_from_arrays(arrays, Activation::Tanh), &data, 0.0));
    let report = check.run().unwrap();
    assert!(!report.passed());
    assert!(report.findings.iter().all(|finding| !finding.contains("known mistake")), "{report}");
}

#[test]
fn a_small_tensor_of_zeros_fails_in_f32() {
    // At the start of training db1 is below 1e-6. That is small, but larger than rounding.
    let data = generate::generate(&generate::Settings::default()).unwrap();
    let parameters = Parameters::initial(2, &network::Settings::default());
    let placement = Placement::flex(Precision::F32);
    let point = GradientPoint { parameters: &parameters, data: &data, weight_decay: 0.0, placement: &placement };
    let without_b1 = |arrays: &[Array]| {
        let mut gradient = mistakes::gradient(None, &parameters_from_arrays(arrays, Activation::Tanh), &data, 0.0);
        gradient
            .iter_mut()
            .filter(|array| array.name == "b1")
            .for_each(|array| array.values.fill(0.0));
        gradient
    };
    let report = point
        .check(&[GradientMethod::Engine(Engine::Autodiff)])
        .gradient("yours", without_b1)
        .run()
        .unwrap();
    let failed: Vec<_> = report.comparisons[0]
        .tensors
        .iter()
        .filter(|tensor| !tensor.passed)
        .map(|tensor| &tensor.name)
        .collect();
    assert_eq!(failed, ["b1"], "{report}");
}
