//! The two-layer network under the referee: its engines, its inner derivatives, its known mistakes.

use std::fmt;
use std::str::FromStr;

use super::mistakes::{self, Mistake};
use super::{Array, Check, NUMERIC, Tolerance, find, sweep};
use crate::data::Dataset;
use crate::device::{Placement, Precision, read};
use crate::error::Result;
use crate::network::gradients::{Engine, InnerGradients, numeric};
use crate::network::loss::{cross_entropy, penalty};
use crate::network::{Batch, Parameters, TwoLayerNet};

/// Multiplications, or so, that differences of one tensor may take element by element: a few seconds.
const MAX_WORK: usize = 1 << 28;

/// A way of computing the network's gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// One of the engines that train.
    Engine(Engine),
    /// Central differences.
    Numeric,
}

/// Where the gradient of a network is checked.
#[derive(Clone, Debug)]
pub struct GradientPoint<'a> {
    /// The parameters.
    pub parameters: &'a Parameters,
    /// The samples.
    pub data: &'a Dataset,
    /// The penalty's factor.
    pub weight_decay: f64,
    /// Where the engines compute.
    pub placement: &'a Placement,
}

impl FromStr for Method {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let ways = || Engine::ALL.map(Self::Engine).into_iter().chain([Self::Numeric]);
        ways()
            .find(|way| way.to_string() == name)
            .ok_or_else(|| format!("accepted: {}", ways().map(|way| way.to_string()).collect::<Vec<_>>().join(", ")))
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine(engine) => engine.fmt(f),
            Self::Numeric => f.write_str(NUMERIC),
        }
    }
}

impl<'a> GradientPoint<'a> {
    /// A check of these ways against each other, with the derivatives by z2 and z1 where an engine computes them.
    /// In f32 the parameters and samples are rounded first, so that all compute with the same numbers.
    pub fn check(&self, ways: &[Method]) -> Check<'a> {
        let Self { parameters, data, weight_decay, placement } = self.clone();
        let precision = placement.precision();
        let data = rounded_data(data, precision);
        let work = (data.samples() * parameters.hidden * (parameters.features + 8)).max(1);
        let mut check = Check::new(arrays(&rounded(parameters, precision)))
            .precision(precision)
            .directions((MAX_WORK / work).clamp(16, 2_000), 8, 0)
            .factor("m", data.samples() as f64);
        for (tensor, size) in term_sizes(parameters, &data) {
            check = check.scale(tensor, size);
        }
        for (place, &way) in ways.iter().enumerate() {
            let Method::Engine(engine) = way else { continue };
            if ways[..place].contains(&way) {
                continue;
            }
            let data = data.clone();
            let placement = placement.clone();
            check = check.gradient(&engine.to_string(), move |at| {
                gradient(engine, &from_arrays(at), &data, weight_decay, &placement)
            });
        }
        for mistake in Mistake::ALL {
            let data = data.clone();
            check = check.known_mistake(mistake.describe(), move |at| {
                let at = from_arrays(at);
                let [right, wrong] =
                    [None, Some(mistake)].map(|mistake| mistakes::gradient(mistake, &at, &data, weight_decay));
                // Where a mistake changes nothing, it explains nothing.
                let tolerance = Tolerance { relative: 1e-9, floor: 0.0 };
                let harmless = right.iter().zip(&wrong).all(|(a, b)| tolerance.holds(&a.values, &b.values));
                Ok(if harmless { Vec::new() } else { wrong })
            });
        }
        if ways.contains(&Method::Numeric) {
            check = check.loss(move |at| numeric::loss(&from_arrays(at), &data, weight_decay));
        }
        check
    }

    /// The gradient by an engine, as arrays `dz2`, `w2`, `b2`, `dz1`, `w1`, `b1`; the fused engine has no `dz2` and `dz1`.
    ///
    /// # Errors
    /// When the device fails.
    pub fn gradient(&self, engine: Engine) -> Result<Vec<Array>> {
        gradient(engine, self.parameters, self.data, self.weight_decay, self.placement)
    }

    /// The parameters as arrays.
    pub fn arrays(&self) -> Vec<Array> {
        arrays(self.parameters)
    }

    /// The error of central differences over their step, of the objective in f64 and of the objective in f32.
    ///
    /// # Errors
    /// When the device fails.
    pub fn step_sweep(&self) -> Result<[Vec<(f64, f64)>; 2]> {
        let Self { parameters, data, weight_decay, placement } = self.clone();
        let (at, steps) = (arrays(parameters), sweep::steps());
        let right = gradient(Engine::Manual, parameters, data, weight_decay, &Placement::host())?;
        let right: Vec<Array> = at.iter().filter_map(|array| find(&right, &array.name).cloned()).collect();
        let in_f64 = sweep::errors(|at| numeric::loss(&from_arrays(at), data, weight_decay), &at, &right, &steps);
        let single = Placement { dtype: Precision::F32.into(), ..placement.clone() };
        let batch = Batch::new(data, &single.device, single.dtype);
        let objective = |at: &[Array]| {
            let net = TwoLayerNet::new(&from_arrays(at), &single.device, single.dtype);
            let loss = cross_entropy(net.forward(batch.x.clone()).z2, batch.y.clone());
            let objective = loss + penalty(net.w1().val(), net.w2().val(), weight_decay);
            // A device that fails here shows as NaN in the curve.
            read(&objective).map_or(f64::NAN, |values| values[0])
        };
        Ok([in_f64, sweep::errors(objective, &at, &right, &steps)])
    }
}

/// The parameters as arrays `w1`, `b1`, `w2`, `b2`.
pub fn arrays(parameters: &Parameters) -> Vec<Array> {
    let Parameters { features, hidden, w1, b1, w2, b2 } = parameters.clone();
    vec![
        Array::new("w1", [features, hidden], w1),
        Array::new("b1", [hidden], b1),
        Array::new("w2", [hidden, 1], w2),
        Array::new("b2", [1], b2),
    ]
}

/// The parameters from the arrays that [`arrays`] makes.
///
/// # Panics
/// When they are not four, the first of two dimensions: a mistake in the calling code.
pub fn from_arrays(arrays: &[Array]) -> Parameters {
    let [w1, b1, w2, b2] = arrays else {
        unreachable!("the network has four parameter tensors")
    };
    Parameters {
        features: w1.shape[0],
        hidden: w1.shape[1],
        w1: w1.values.clone(),
        b1: b1.values.clone(),
        w2: w2.values.clone(),
        b2: b2.values.clone(),
    }
}

/// The size of the terms that each tensor is a sum of, by how the derivatives come about: `|a2 - y|` and the slope of
/// tanh are at most 1 and rounded at that size, so dz2 is rounded at 1 / m and dz1 at w2 / m; the others sum these m times.
pub(crate) fn term_sizes(parameters: &Parameters, data: &Dataset) -> [(&'static str, f64); 6] {
    let m = data.samples().max(1) as f64;
    let w2 = parameters.w2.iter().fold(0.0, |largest: f64, weight| largest.max(weight.abs()));
    let means = (0..data.features()).map(|j| data.rows().map(|row| row[j].abs()).sum::<f64>() / m);
    let x = means.fold(0.0, f64::max);
    [("dz2", 1.0 / m), ("w2", 1.0), ("b2", 1.0), ("dz1", w2 / m), ("w1", w2 * x), ("b1", w2)]
}

/// An engine's gradient in the order of backpropagation, so that the first to differ is the line with the mistake.
fn gradient(
    engine: Engine,
    parameters: &Parameters,
    data: &Dataset,
    weight_decay: f64,
    placement: &Placement,
) -> Result<Vec<Array>> {
    let net = TwoLayerNet::new(parameters, &engine.device(&placement.device), placement.dtype);
    let batch = Batch::new(data, &placement.device, placement.dtype);
    let (gradients, inner) = engine.gradients_with_inner(&net, &batch, weight_decay);
    let inner =
        inner.map(|InnerGradients { dz2, dz1 }| (Array::from_tensor("dz2", &dz2), Array::from_tensor("dz1", &dz1)));
    let (dz2, dz1) = inner.unzip();
    let in_order = [
        dz2,
        Some(Array::from_tensor("w2", &gradients.w2)),
        Some(Array::from_tensor("b2", &gradients.b2)),
        dz1,
        Some(Array::from_tensor("w1", &gradients.w1)),
        Some(Array::from_tensor("b1", &gradients.b1)),
    ];
    in_order.into_iter().flatten().collect()
}

/// The parameters as `precision` holds them.
pub(crate) fn rounded(parameters: &Parameters, precision: Precision) -> Parameters {
    let round = |values: &[f64]| values.iter().map(|&value| precision.round(value)).collect();
    Parameters {
        w1: round(&parameters.w1),
        b1: round(&parameters.b1),
        w2: round(&parameters.w2),
        b2: round(&parameters.b2),
        ..*parameters
    }
}

/// The samples as `precision` holds them.
pub(crate) fn rounded_data(data: &Dataset, precision: Precision) -> Dataset {
    let x = data.x().iter().map(|&value| precision.round(value)).collect();
    Dataset::new(data.feature_names().to_vec(), x, data.y().to_vec())
}
