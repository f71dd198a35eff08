//! The referee over the two-layer network: the classic mistakes, and what it must not say.

use burn::tensor::{DType, Device, Tensor};
use petal::data::numpy::RandomState;
use petal::data::{Dataset, generate};
use petal::device::{Placement, Precision};
use petal::gradcheck::Array;
use petal::gradcheck::mistakes::{self, Mistake, gallery};
use petal::gradcheck::point::{GradientPoint, Method, from_arrays};
use petal::network::gradients::{Engine, numeric};
use petal::network::{self, Parameters};

use crate::support::path;

#[test]
fn every_classic_mistake_fails_and_is_named() {
    for (mistake, report) in gallery().unwrap() {
        assert!(!report.holds(), "{mistake:?}\n{report}");
        let [right, wrong]: [Vec<_>; 2] =
            [true, false].map(|holds| report.comparisons.iter().filter(|c| c.holds() == holds).collect());
        assert!(right.iter().any(|c| (&c.a[..], &c.b[..]) == ("autodiff", "numeric")), "{mistake:?}\n{report}");
        assert!(wrong.iter().all(|comparison| comparison.a == "yours"), "{mistake:?}\n{report}");
        let named = format!("yours has a known mistake: {}", mistake.describe());
        assert_eq!(report.findings.last(), Some(&named), "{mistake:?}\n{report}");
        let first = wrong[0].tensors.iter().find(|tensor| !tensor.holds).unwrap();
        let (place, seen) = match mistake {
            Mistake::NoMean => ("dz2", Some("exactly m x too large: a division by m (the mean) is missing")),
            Mistake::MeanTwice => ("dz2", Some("exactly m x too small: divided by m twice")),
            Mistake::SignFlipped => ("dz2", Some("sign flipped")),
            Mistake::SampleDropped => ("dz2", Some("zero where it should not be: dz2[4,0]")),
            Mistake::Transposed => ("w1", Some("transposed")),
            Mistake::BiasNotSummed => ("b1", Some("not summed over axis 0: has shape [5, 3], must be [3]")),
            Mistake::BiasesDecayed => ("b2", None),
            Mistake::ThroughProbability => ("dz2", None),
            Mistake::SigmoidSlopeTwice => ("dz2", None),
            Mistake::SumForActivation => ("w2", None),
            Mistake::StaleActivations => ("dz2", None),
            Mistake::SumsInSinglePrecision => ("w2", None),
            Mistake::NoSlope | Mistake::SlopeNotSquared | Mistake::SlopeOfSum | Mistake::WeightsUpdatedEarly => {
                ("dz1", None)
            }
        };
        assert_eq!(first.name, place, "{mistake:?}\n{report}");
        if seen.is_some() {
            assert_eq!(first.diagnosis.as_deref(), seen, "{mistake:?}");
        }
    }
}

#[test]
fn the_gallery_in_the_documentation_is_todays() {
    let text = std::fs::read_to_string(path("docs/gradcheck.md")).unwrap();
    let table = mistakes::table().unwrap();
    assert!(text.contains(&table), "docs/gradcheck.md should hold\n{table}");
}

/// A backward pass in Burn's operations, written for this test alone, with a mistake in it.
fn in_burn(mistake: Mistake, at: &[Array], data: &Dataset) -> Vec<Array> {
    let device = Device::flex();
    let tensor = |array: &Array| array.to_tensor::<2>(&device, DType::F64);
    let (m, d) = (data.samples(), data.features());
    let x = Array::new("x", [m, d], data.x().to_vec()).to_tensor::<2>(&device, DType::F64);
    let y =
        Array::new("y", [m, 1], data.y().iter().map(|&y| f64::from(y)).collect()).to_tensor::<2>(&device, DType::F64);
    let b1 = at[1].to_tensor::<1>(&device, DType::F64).unsqueeze::<2>();
    let b2 = at[3].to_tensor::<1>(&device, DType::F64).unsqueeze::<2>();
    let a1 = (x.clone().matmul(tensor(&at[0])) + b1).tanh();
    let a2 = ((a1.clone().matmul(tensor(&at[2])) + b2) * 0.5).tanh() * 0.5 + 0.5;
    let dz2 = match mistake {
        Mistake::NoMean => a2 - y,
        Mistake::SignFlipped => (y - a2) / m as f64,
        _ => (a2 - y) / m as f64,
    };
    let slope = match mistake {
        Mistake::NoSlope => a1.ones_like(),
        Mistake::SlopeNotSquared => a1.ones_like() - a1.clone(),
        _ => a1.ones_like() - a1.clone().powi_scalar(2),
    };
    let dz1 = dz2.clone().matmul(tensor(&at[2]).transpose()) * slope;
    let sum = |matrix: &Tensor<2>| matrix.clone().sum_dim(0).squeeze_dim::<1>(0);
    vec![
        Array::from_tensor("w1", &x.transpose().matmul(dz1.clone())).unwrap(),
        Array::from_tensor("b1", &sum(&dz1)).unwrap(),
        Array::from_tensor("w2", &a1.transpose().matmul(dz2.clone())).unwrap(),
        Array::from_tensor("b2", &sum(&dz2)).unwrap(),
    ]
}

#[test]
fn a_mistake_in_somebody_elses_program_is_named_too() {
    let data = generate::generate(&generate::Settings::default()).unwrap();
    let random = &mut RandomState::new(4);
    let parameters = Parameters {
        features: 2,
        hidden: 4,
        w1: random.normals(8),
        b1: random.normals(4),
        w2: random.normals(4),
        b2: random.normals(1),
    };
    let placement = Placement::host();
    let network = GradientPoint { parameters: &parameters, data: &data, weight_decay: 0.0, placement: &placement };
    for mistake in [Mistake::NoMean, Mistake::SignFlipped, Mistake::NoSlope, Mistake::SlopeNotSquared] {
        let check = network.check(&[Method::Engine(Engine::Manual)]);
        let report = check
            .gradient("theirs", |at| Ok(in_burn(mistake, at, &data)))
            .loss(|at| numeric::loss(&from_arrays(at), &data, 0.0));
        let report = report.run().unwrap();
        let named = format!("theirs has a known mistake: {}", mistake.describe());
        assert_eq!(report.findings.last(), Some(&named), "{report}");
    }
    // Without a mistake, and hard against the exact tolerance: another order of operations is not a mistake.
    let check = network.check(&[Method::Engine(Engine::Manual)]);
    let report = check
        .gradient("theirs", |at| Ok(in_burn(Mistake::StaleActivations, at, &data)))
        .run()
        .unwrap();
    assert!(report.holds(), "{report}");
}

#[test]
fn a_right_gradient_is_not_accused_of_a_mistake_that_changes_nothing_here() {
    // A function that belongs to other data: every gradient disagrees with it, and none has made a mistake.
    let data = generate::generate(&generate::Settings::default()).unwrap();
    let parameters = Parameters::initial(2, &network::Settings::default());
    let placement = Placement::host();
    let network = GradientPoint { parameters: &parameters, data: &data, weight_decay: 0.0, placement: &placement };
    let check = network
        .check(&[Method::Engine(Engine::Manual)])
        .loss(|at| 2.0 * numeric::loss(&from_arrays(at), &data, 0.0));
    let report = check.run().unwrap();
    assert!(!report.holds());
    assert!(report.findings.iter().all(|finding| !finding.contains("known mistake")), "{report}");
}

#[test]
fn a_small_tensor_that_is_lost_in_f32_is_seen() {
    // At the start of training db1 is below 1e-6: small, but not rounding.
    let data = generate::generate(&generate::Settings::default()).unwrap();
    let parameters = Parameters::initial(2, &network::Settings::default());
    let placement = Placement::flex(Precision::F32);
    let network = GradientPoint { parameters: &parameters, data: &data, weight_decay: 0.0, placement: &placement };
    let without_b1 = |at: &[Array]| {
        let mut gradient = mistakes::gradient(None, &from_arrays(at), &data, 0.0);
        gradient
            .iter_mut()
            .filter(|array| array.name == "b1")
            .for_each(|array| array.values.fill(0.0));
        Ok(gradient)
    };
    let report = network
        .check(&[Method::Engine(Engine::Autodiff)])
        .gradient("yours", without_b1)
        .run()
        .unwrap();
    let failed: Vec<_> = report.comparisons[0]
        .tensors
        .iter()
        .filter(|tensor| !tensor.holds)
        .map(|t| &t.name)
        .collect();
    assert_eq!(failed, ["b1"], "{report}");
}
