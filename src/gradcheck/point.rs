//! Checks the gradients of the two-layer network: its engines, its inner derivatives, its known mistakes.

use std::fmt;
use std::str::FromStr;

use burn::tensor::Tensor;

use super::mistakes::{self, Mistake};
use super::parameters::{arrays_from_parameters, parameters_from_arrays, round_data, round_parameters, term_sizes};
use super::{Array, Check, NUMERIC, Tolerance, step_sweep};
use crate::data::Dataset;
use crate::device::{Placement, Precision, read};
use crate::error::Result;
use crate::network::gradients::{Engine, PreActivationGradients, numeric};
use crate::network::loss::{cross_entropy, penalty};
use crate::network::{Batch, Parameters, TwoLayerNet};

/// The approximate limit of multiplications for checking one tensor element by element. They take a few seconds.
const MAX_WORK: usize = 1 << 28;

/// A method that computes the network's gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GradientMethod {
    /// One of the engines that training uses.
    Engine(Engine),
    /// Central differences.
    Numeric,
}

/// The parameters and data at which the network's gradients are checked.
#[derive(Clone, Debug)]
pub struct GradientPoint<'a> {
    /// The parameters.
    pub parameters: &'a Parameters,
    /// The samples.
    pub data: &'a Dataset,
    /// The factor of the L2 penalty.
    pub weight_decay: f64,
    /// The device and the float type of the engines.
    pub placement: &'a Placement,
}

impl GradientMethod {
    fn all() -> impl Iterator<Item = Self> {
        Engine::ALL.map(Self::Engine).into_iter().chain([Self::Numeric])
    }
}

impl FromStr for GradientMethod {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::all().find(|method| method.to_string() == name).ok_or_else(|| {
            let names: Vec<String> = Self::all().map(|method| method.to_string()).collect();
            format!("accepted: {}", names.join(", "))
        })
    }
}

impl fmt::Display for GradientMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine(engine) => engine.fmt(f),
            Self::Numeric => f.write_str(NUMERIC),
        }
    }
}

impl<'a> GradientPoint<'a> {
    /// A check that compares these methods. It includes the derivatives with respect to z2 and z1 if an engine computes
    /// them.
    ///
    /// In f32, the parameters and samples are rounded first, so that all methods compute with the same numbers.
    pub fn check(&self, methods: &[GradientMethod]) -> Check<'a> {
        let Self { parameters, data, weight_decay, placement } = self.clone();
        let (precision, activation) = (placement.precision(), parameters.activation);
        let data = round_data(data, precision);
        let work_per_loss = (data.samples() * parameters.hidden * (parameters.features + 8)).max(1);

        let mut check = Check::new(arrays_from_parameters(&round_parameters(parameters, precision)))
            .precision(precision.into())
            .directions((MAX_WORK / work_per_loss).clamp(16, 2_000), 8, 0)
            .factor("m", data.samples() as f64);
        for (tensor, size) in term_sizes(parameters, &data) {
            check = check.term_size(tensor, size);
        }
        for (i, &method) in methods.iter().enumerate() {
            let repeated = methods[..i].contains(&method);
            if let (GradientMethod::Engine(engine), false) = (method, repeated) {
                let (data, placement) = (data.clone(), placement.clone());
                check = check.gradient(&engine.to_string(), move |arrays| {
                    engine_gradient(
                        engine,
                        &parameters_from_arrays(arrays, activation),
                        &data,
                        weight_decay,
                        &placement,
                    )
                });
            }
        }
        for mistake in Mistake::ALL {
            let data = data.clone();
            check = check.known_mistake(&mistake.describe(activation), move |arrays| {
                harmful_gradient(mistake, &parameters_from_arrays(arrays, activation), &data, weight_decay)
            });
        }
        if methods.contains(&GradientMethod::Numeric) {
            check = check
                .loss(move |arrays| numeric::loss(&parameters_from_arrays(arrays, activation), &data, weight_decay));
        }
        check
    }

    /// The gradient by an engine, as arrays `dz2`, `w2`, `b2`, `dz1`, `w1`, `b1`. The fused engine has no `dz2` and `dz1`.
    ///
    /// # Errors
    /// When the device fails.
    pub fn gradient(&self, engine: Engine) -> Result<Vec<Array>> {
        engine_gradient(engine, self.parameters, self.data, self.weight_decay, self.placement)
    }

    /// The parameters as arrays `w1`, `b1`, `w2`, `b2`.
    pub fn parameter_arrays(&self) -> Vec<Array> {
        arrays_from_parameters(self.parameters)
    }

    /// The errors of central differences for each step, as pairs of step and error: with the objective in f64, then with
    /// the objective in f32.
    ///
    /// # Errors
    /// When the device fails.
    pub fn step_sweep(&self) -> Result<[Vec<(f64, f64)>; 2]> {
        let Self { parameters, data, weight_decay, placement } = self.clone();
        let (arrays, steps) = (arrays_from_parameters(parameters), step_sweep::steps());
        let activation = parameters.activation;
        let gradient = engine_gradient(Engine::Manual, parameters, data, weight_decay, &Placement::host())?;
        let exact: Vec<Array> = arrays
            .iter()
            .filter_map(|array| Array::find(&gradient, &array.name).cloned())
            .collect();

        let objective_f64 =
            |arrays: &[Array]| numeric::loss(&parameters_from_arrays(arrays, activation), data, weight_decay);

        let f32_placement = Placement { dtype: Precision::F32.into(), ..placement.clone() };
        let batch = Batch::new(data, &f32_placement.device, f32_placement.dtype);
        let objective_f32 = |arrays: &[Array]| {
            let net = TwoLayerNet::new(
                &parameters_from_arrays(arrays, activation),
                &f32_placement.device,
                f32_placement.dtype,
            );
            let loss = cross_entropy(net.forward(batch.x.clone()).z2, batch.y.clone());
            let objective = loss + penalty(net.w1().val(), net.w2().val(), weight_decay);
            // If the device fails here, the curve shows NaN.
            read(&objective).map_or(f64::NAN, |values| values[0])
        };

        Ok([
            step_sweep::errors(objective_f64, &arrays, &exact, &steps),
            step_sweep::errors(objective_f32, &arrays, &exact, &steps),
        ])
    }
}

/// The gradient with a mistake, or nothing if the mistake changes no number at this point: then it explains no error.
fn harmful_gradient(mistake: Mistake, parameters: &Parameters, data: &Dataset, weight_decay: f64) -> Vec<Array> {
    let right = mistakes::gradient(None, parameters, data, weight_decay);
    let wrong = mistakes::gradient(Some(mistake), parameters, data, weight_decay);
    let tolerance = Tolerance { relative: 1e-9, floor: 0.0 };
    let harmless = right.iter().zip(&wrong).all(|(a, b)| tolerance.all_close(&a.values, &b.values));
    if harmless { Vec::new() } else { wrong }
}

/// An engine's gradient. The arrays are in the order of backpropagation, so that the first one that differs shows which
/// line has the mistake.
fn engine_gradient(
    engine: Engine,
    parameters: &Parameters,
    data: &Dataset,
    weight_decay: f64,
    placement: &Placement,
) -> Result<Vec<Array>> {
    let net = TwoLayerNet::new(parameters, &engine.device(&placement.device), placement.dtype);
    let batch = Batch::new(data, &placement.device, placement.dtype);
    let (gradients, inner) = engine.gradients_with_pre_activations(&net, &batch, weight_decay);
    let inner = inner.map(|PreActivationGradients { dz2, dz1 }| (array("dz2", &dz2), array("dz1", &dz1)));
    let (dz2, dz1) = inner.unzip();
    let in_order = [
        dz2,
        Some(array("w2", &gradients.w2)),
        Some(array("b2", &gradients.b2)),
        dz1,
        Some(array("w1", &gradients.w1)),
        Some(array("b1", &gradients.b1)),
    ];
    in_order.into_iter().flatten().collect()
}

/// Reads a tensor. Unlike the function of `petal_gradcheck`, it reports a failure as one of the device.
fn array<const D: usize>(name: &str, tensor: &Tensor<D>) -> Result<Array> {
    Ok(Array::new(name, tensor.dims(), read(tensor)?))
}
