//! The classic mistakes of hand-written backpropagation, each as a gradient that makes it.
//!
//! One host function computes the gradient by the formulas of [`crate::network::gradients::manual`], with at most one of them
//! spoiled. The referee knows a wrong gradient by these, and they are what the referee itself is tested with.
//!
//! Leaves out: mistakes in the loss, which every gradient would then disagree with.

use std::fmt::Write as _;

use super::point::{GradientPoint, Method, from_arrays};
use super::{Array, Report};
use crate::data::Dataset;
use crate::data::numpy::RandomState;
use crate::device::Placement;
use crate::error::Result;
use crate::network::Parameters;
use crate::network::gradients::Engine;
use crate::network::loss::sigmoid;

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// `dz1 = dz2 w2'`
    NoSlope,
    /// `dz1 = (dz2 w2') * (1 - a1)`
    SlopeNotSquared,
    /// `dz1 = (dz2 w2') * (1 - z1^2)`
    SlopeOfSum,
    /// `dz2 = a2 - y`
    NoMean,
    /// `dz2 = (a2 - y) / m^2`
    MeanTwice,
    /// `dz2 = (y - a2) / m`
    SignFlipped,
    /// `dz2 = (a2 - y) * a2 * (1 - a2) / m`
    SigmoidSlopeTwice,
    /// `dz2 = (-y / a2 + (1 - y) / (1 - a2)) * a2 * (1 - a2) / m`
    ThroughProbability,
    /// `dw2 = z1' dz2`
    SumForActivation,
    /// `dw1 = dz1' x`, as many rows as columns
    Transposed,
    /// `db1 = dz1`
    BiasNotSummed,
    /// w2 is updated before dz1 uses it
    WeightsUpdatedEarly,
    /// a1 belongs to other parameters than w2: those one update further
    StaleActivations,
    /// `db1 += 0.01 b1`, `db2 += 0.01 b2`
    BiasesDecayed,
    /// the sums leave out the last sample
    SampleDropped,
    /// the sums over samples are kept in f32
    SumsInSinglePrecision,
}

impl Mistake {
    /// Every mistake.
    pub const ALL: [Self; 16] = [
        Self::NoSlope,
        Self::SlopeNotSquared,
        Self::SlopeOfSum,
        Self::NoMean,
        Self::MeanTwice,
        Self::SignFlipped,
        Self::SigmoidSlopeTwice,
        Self::ThroughProbability,
        Self::SumForActivation,
        Self::Transposed,
        Self::BiasNotSummed,
        Self::WeightsUpdatedEarly,
        Self::StaleActivations,
        Self::BiasesDecayed,
        Self::SampleDropped,
        Self::SumsInSinglePrecision,
    ];

    /// The mistake in words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::NoSlope => "dz1 lacks the factor 1 - a1^2",
            Self::SlopeNotSquared => "dz1 has the factor 1 - a1 in place of 1 - a1^2",
            Self::SlopeOfSum => "dz1 has the factor 1 - z1^2 in place of 1 - a1^2",
            Self::NoMean => "dz2 is not divided by m",
            Self::MeanTwice => "dz2 is divided by m twice",
            Self::SignFlipped => "dz2 is y - a2 in place of a2 - y",
            Self::SigmoidSlopeTwice => {
                "dz2 is multiplied by the sigmoid's slope a2 (1 - a2), which the logit's loss has used up"
            }
            Self::ThroughProbability => {
                "dz2 goes through 1 / a2 and 1 / (1 - a2), which are infinite where a2 rounds to 0 or 1"
            }
            Self::SumForActivation => "dw2 uses z1 in place of a1",
            Self::Transposed => "dw1 is transposed",
            Self::BiasNotSummed => "db1 is not summed over the samples",
            Self::WeightsUpdatedEarly => "dz1 uses w2 after its update",
            Self::StaleActivations => "a1 belongs to other parameters than w2, one update apart",
            Self::BiasesDecayed => "the biases are decayed like weights",
            Self::SampleDropped => "the last sample is left out",
            Self::SumsInSinglePrecision => "the sums over samples are kept in f32",
        }
    }
}

/// What the referee says of each mistake: a gradient with it, on a small network, against autodiff and differences.
///
/// # Errors
/// When the device fails.
pub fn gallery() -> Result<Vec<(Mistake, Report)>> {
    let random = &mut RandomState::new(3);
    let names = ["x1", "x2", "x3"].map(String::from).to_vec();
    let data = Dataset::new(names, random.normals(15), vec![0, 1, 1, 0, 1]);
    let mut normals = |count| random.normals(count);
    let ordinary =
        Parameters { features: 3, hidden: 3, w1: normals(9), b1: normals(3), w2: normals(3), b2: normals(1) };
    // Far out, where the sigmoid rounds to 0 and 1.
    let saturated = Parameters { w2: ordinary.w2.iter().map(|weight| 1e3 * weight).collect(), ..ordinary.clone() };
    let placement = Placement::host();
    let report = |mistake| {
        let parameters = if mistake == Mistake::ThroughProbability { &saturated } else { &ordinary };
        let network = GradientPoint { parameters, data: &data, weight_decay: 0.0, placement: &placement };
        let check = network.check(&[Method::Engine(Engine::Autodiff), Method::Numeric]);
        let wrong = |at: &[Array]| Ok(gradient(Some(mistake), &from_arrays(at), &data, 0.0));
        Ok((mistake, check.gradient("yours", wrong).run()?))
    };
    Mistake::ALL.into_iter().map(report).collect()
}

/// The gallery as a Markdown table, a line for each mistake.
///
/// # Errors
/// When the device fails.
pub fn table() -> Result<String> {
    let mut text = "| mistake | first to differ | what is seen there | named |\n| --- | --- | --- | --- |\n".to_owned();
    for (mistake, report) in gallery()? {
        let tensors = report
            .comparisons
            .iter()
            .filter(|comparison| comparison.a == "yours")
            .flat_map(|c| &c.tensors);
        let first = tensors.into_iter().find(|tensor| !tensor.holds);
        let (name, seen) = first.map_or(("-", None), |first| (&first.name, first.diagnosis.as_deref()));
        let named = report.findings.iter().any(|finding| finding.ends_with(mistake.describe()));
        let (seen, named) = (seen.unwrap_or("no simple pattern"), if named { "yes" } else { "no" });
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {} | `{name}` | {seen} | {named} |", mistake.describe());
    }
    Ok(text)
}

/// The learning rate of the update that comes too early or too late.
const RATE: f64 = 1.2;

/// The gradient, with a mistake or, for `None`, without; the arrays are `dz2`, `w2`, `b2`, `dz1`, `w1`, `b1`.
pub fn gradient(mistake: Option<Mistake>, at: &Parameters, data: &Dataset, weight_decay: f64) -> Vec<Array> {
    let is = |other: Mistake| mistake == Some(other);
    let Parameters { features: d, hidden: h, w1, b1, w2, b2 } = at;
    let m = data.samples();

    // What the mistakes of order need: the parameters one update later.
    let stepped = (is(Mistake::WeightsUpdatedEarly) || is(Mistake::StaleActivations)).then(|| {
        let right = gradient(None, at, data, weight_decay);
        let step = |values: &[f64], gradient: &Array| -> Vec<f64> {
            values
                .iter()
                .zip(&gradient.values)
                .map(|(value, slope)| value - RATE * slope)
                .collect()
        };
        (step(w1, &right[4]), step(b1, &right[5]), step(w2, &right[1]))
    });
    let (w1_in_use, b1_in_use) = match &stepped {
        Some((w1, b1, _)) if is(Mistake::StaleActivations) => (w1, b1),
        _ => (w1, b1),
    };
    let w2_in_use = stepped
        .as_ref()
        .filter(|_| is(Mistake::WeightsUpdatedEarly))
        .map_or(w2, |(_, _, w2)| w2);

    let add = |sum: &mut f64, term: f64| {
        *sum = if is(Mistake::SumsInSinglePrecision) {
            f64::from(*sum as f32 + term as f32)
        } else {
            *sum + term
        };
    };
    let (mut dz2, mut dw2, mut db2) = (vec![0.0; m], vec![0.0; *h], 0.0);
    let (mut dz1, mut dw1, mut db1) = (vec![0.0; m * h], vec![0.0; d * h], vec![0.0; *h]);
    for (i, (x, &label)) in data.rows().zip(data.y()).enumerate() {
        if is(Mistake::SampleDropped) && i + 1 == m {
            break;
        }
        let y = f64::from(label);
        let sum = |k: usize| {
            x.iter()
                .enumerate()
                .fold(b1_in_use[k], |z1, (j, x)| z1 + x * w1_in_use[j * h + k])
        };
        let z1: Vec<f64> = (0..*h).map(sum).collect();
        let a1: Vec<f64> = z1.iter().map(|z1| z1.tanh()).collect();
        let a2 = sigmoid(a1.iter().zip(w2).fold(b2[0], |z2, (a1, w2)| z2 + a1 * w2));

        let difference = match mistake {
            Some(Mistake::SignFlipped) => y - a2,
            Some(Mistake::SigmoidSlopeTwice) => (a2 - y) * a2 * (1.0 - a2),
            Some(Mistake::ThroughProbability) => (-y / a2 + (1.0 - y) / (1.0 - a2)) * a2 * (1.0 - a2),
            _ => a2 - y,
        };
        dz2[i] = match mistake {
            Some(Mistake::NoMean) => difference,
            Some(Mistake::MeanTwice) => difference / (m * m) as f64,
            _ => difference / m as f64,
        };
        add(&mut db2, dz2[i]);
        for k in 0..*h {
            add(&mut dw2[k], dz2[i] * if is(Mistake::SumForActivation) { z1[k] } else { a1[k] });
            let slope = match mistake {
                Some(Mistake::NoSlope) => 1.0,
                Some(Mistake::SlopeNotSquared) => 1.0 - a1[k],
                Some(Mistake::SlopeOfSum) => 1.0 - z1[k] * z1[k],
                _ => 1.0 - a1[k] * a1[k],
            };
            let dz1_here = dz2[i] * w2_in_use[k] * slope;
            dz1[i * h + k] = dz1_here;
            add(&mut db1[k], dz1_here);
            x.iter().enumerate().for_each(|(j, x)| add(&mut dw1[j * h + k], x * dz1_here));
        }
    }
    for (gradient, weights) in [(&mut dw1, w1), (&mut dw2, w2)] {
        gradient
            .iter_mut()
            .zip(weights)
            .for_each(|(slope, weight)| *slope += weight_decay * weight);
    }
    if is(Mistake::BiasesDecayed) {
        db1.iter_mut().zip(b1).for_each(|(slope, bias)| *slope += 0.01 * bias);
        db2 += 0.01 * b2[0];
    }
    let w1 = if is(Mistake::Transposed) && d == h {
        crate::network::transposed(&dw1, *h)
    } else {
        dw1
    };
    let b1 = match is(Mistake::BiasNotSummed) {
        true => Array::new("b1", [m, *h], dz1.clone()),
        false => Array::new("b1", [*h], db1),
    };
    vec![
        Array::new("dz2", [m, 1], dz2),
        Array::new("w2", [*h, 1], dw2),
        Array::new("b2", [1], vec![db2]),
        Array::new("dz1", [m, *h], dz1),
        Array::new("w1", [*d, *h], w1),
        b1,
    ]
}
