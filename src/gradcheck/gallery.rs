//! What a check reports for each classic mistake: the table in `docs/gradcheck.md`.

use std::fmt::Write as _;

use super::mistakes::{Mistake, gradient};
use super::parameters::parameters_from_arrays;
use super::point::{GradientMethod, GradientPoint};
use super::{Array, Report};
use crate::data::Dataset;
use crate::data::numpy::RandomState;
use crate::device::Placement;
use crate::error::Result;
use crate::network::gradients::Engine;
use crate::network::{Activation, Parameters};

/// The name of the wrong gradient in the reports.
const WRONG: &str = "yours";

/// The report for each mistake: a gradient with it, on a small network, against autodiff and central differences.
///
/// # Errors
/// When the device fails.
pub fn reports() -> Result<Vec<(Mistake, Report)>> {
    let random = &mut RandomState::new(3);
    let names = ["x1", "x2", "x3"].map(String::from).to_vec();
    let data = Dataset::new(names, random.normals(15), vec![0, 1, 1, 0, 1]);
    let mut normals = |count| random.normals(count);
    let ordinary = Parameters {
        features: 3,
        hidden: 3,
        activation: Activation::Tanh,
        w1: normals(9),
        b1: normals(3),
        w2: normals(3),
        b2: normals(1),
    };
    // The sigmoid rounds to 0 and 1 here.
    let saturated = Parameters { w2: ordinary.w2.iter().map(|weight| 1e3 * weight).collect(), ..ordinary.clone() };
    let placement = Placement::host();

    let report = |mistake| {
        let parameters = match mistake {
            Mistake::LossDerivativeByProbability => &saturated,
            _ => &Parameters { activation: activation(mistake), ..ordinary.clone() },
        };
        let point = GradientPoint { parameters, data: &data, weight_decay: 0.0, placement: &placement };
        let wrong = |arrays: &[Array]| {
            gradient(Some(mistake), &parameters_from_arrays(arrays, parameters.activation), &data, 0.0)
        };
        let check = point
            .check(&[GradientMethod::Engine(Engine::Autodiff), GradientMethod::Numeric])
            .gradient(WRONG, wrong);
        Ok((mistake, check.run()?))
    };
    Mistake::ALL.into_iter().map(report).collect()
}

/// The activation function of the network with this mistake.
fn activation(mistake: Mistake) -> Activation {
    match mistake {
        // With tanh it is right.
        Mistake::DerivativeOfTanh => Activation::Sigmoid,
        _ => Activation::Tanh,
    }
}

/// The reports as a Markdown table with a line for each mistake.
///
/// # Errors
/// When the device fails.
pub fn table() -> Result<String> {
    let mut text = "| mistake | first to differ | what is seen there | named |\n| --- | --- | --- | --- |\n".to_owned();
    for (mistake, report) in reports()? {
        let wrong = report.comparisons.iter().filter(|comparison| comparison.tested == WRONG);
        let first_failed = wrong.flat_map(|comparison| &comparison.tensors).find(|tensor| !tensor.passed);
        let (tensor, diagnosis) =
            first_failed.map_or(("-", None), |tensor| (&tensor.name, tensor.diagnosis.as_deref()));

        let description = mistake.describe(activation(mistake));
        let seen = diagnosis.unwrap_or("no simple pattern");
        let named = if report.findings.iter().any(|finding| finding.ends_with(&description)) {
            "yes"
        } else {
            "no"
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {description} | `{tensor}` | {seen} | {named} |");
    }
    Ok(text)
}
