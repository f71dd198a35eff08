//! Carries out a check of a module's gradient.

use std::cell::RefCell;
use std::f64::consts::GOLDEN_RATIO;

use burn::module::Module;
use burn::tensor::{DType, Device};

use super::evaluation::{AutodiffGradient, Point, device_name, dtype_name};
use super::module_check::{ModuleCheck, OtherGradient};
use super::parameters::{FloatParameter, Place};
use super::{AUTODIFF, f64_device};
use crate::array::Array;
use crate::check::Check;
use crate::comparison::TensorReport;
use crate::error::{Error, Result};
use crate::report::Report;
use crate::tolerance::{NUMERIC, Precision};

/// The function that differences are taken of.
struct Function {
    at: Place,
    /// Its value at the parameters.
    value: f64,
    note: Option<String>,
}

impl<M: Module, const D: usize> ModuleCheck<'_, M, D> {
    /// Computes the gradients and compares each pair, and each of them with central differences of the loss.
    ///
    /// # Errors
    /// - When no parameter requires a gradient, or one is neither f32 nor f64.
    /// - When the loss panics, is not one number, or is not the same number when it is called again.
    /// - What [`Check::run`] refuses.
    pub fn run(mut self) -> Result<Report> {
        let settings = std::mem::take(&mut self.settings);
        let point = Point::new(&self.module, &self.names)?;
        let places = places(&self, &point)?;
        let is_f64 = places.iter().all(|place| place.dtype == DType::F64);
        let precision = if is_f64 { Precision::F64 } else { Precision::F32 };
        let parameters = rounded(point.arrays(), precision);

        let autodiff = point.autodiff(&self.loss, &parameters, &places[0])?;
        let function = function(&self, &point, &parameters)?;
        // Probes are variables too: what is added to an inner value.
        let variables = autodiff.arrays.iter().map(|gradient| {
            let zeros = || Array { values: vec![0.0; gradient.values.len()], ..gradient.clone() };
            Array::find(&parameters, &gradient.name).cloned().unwrap_or_else(zeros)
        });
        let failure = RefCell::new(None);
        let loss = |values: &[Array]| {
            if failure.borrow().is_some() {
                return f64::NAN;
            }
            point.loss(&self.loss, values, &function.at).unwrap_or_else(|error| {
                failure.replace(Some(error));
                f64::NAN
            })
        };

        let mut comparison = Check::new(variables.collect())
            .precision(precision)
            .loss(loss)
            .gradient(AUTODIFF, |_| autodiff.arrays.clone());
        for ((name, other), place) in self.others.iter().zip(&places[1..]) {
            comparison = comparison.gradient(name, |values| other.compute(&self.loss, &point, values, place));
        }
        let report = settings.into_iter().fold(comparison, |comparison, set| set(comparison)).run();
        if let Some(error) = failure.take() {
            return Err(error);
        }

        let mut report = report?;
        report
            .findings
            .extend(another_loss(autodiff.loss, &function, &places[0], precision));
        report.notes.extend(function.note.clone());
        explain_missing(&autodiff, &mut report);
        report.notes.extend(not_checked(&point));
        Ok(report)
    }
}

/// Where autodiff's gradient is computed, then the places of the other gradients.
fn places<M: Module, const D: usize>(check: &ModuleCheck<M, D>, point: &Point<M>) -> Result<Vec<Place>> {
    let refuse = |message: String| Err(Error::Check(message));
    let mut trained = point.trained();
    let Some(first) = trained.next() else {
        return refuse("the module has no float parameter that requires a gradient".into());
    };
    if let Some(other) = trained.find(|other| other.dtype != first.dtype) {
        let [one, another] =
            [first, other].map(|parameter| format!("{} is {}", parameter.name(), dtype_name(parameter.dtype)));
        return refuse(format!("all parameters must have the same float type, but {one} and {another}"));
    }

    let leaves_on =
        |device: Device, dtype| Place { device: device.autodiff(), dtype, leaves: true, inference: check.inference };
    let in_default = |device: &Device| leaves_on(device.clone(), device.settings().float_dtype.into());
    let own = match &check.device {
        Some(device) => in_default(device),
        None => leaves_on(first.device.clone(), first.dtype),
    };
    let others = check.others.iter().map(|(_, other)| match other {
        OtherGradient::On(device) => in_default(device),
        OtherGradient::Of(_) => own.clone(),
        OtherGradient::By(_) => Place { device: own.device.clone().without_autodiff(), leaves: false, ..own.clone() },
    });
    let places: Vec<Place> = [own.clone()].into_iter().chain(others).collect();

    match places.iter().find(|place| !matches!(place.dtype, DType::F32 | DType::F64)) {
        None => Ok(places),
        Some(place) => refuse(format!(
            "gradients are checked in f32 or f64, not in {}: choose a device with one of them by `ModuleCheck::device`",
            dtype_name(place.dtype)
        )),
    }
}

/// The parameters as the least precise gradient sees them.
fn rounded(mut arrays: Vec<Array>, precision: Precision) -> Vec<Array> {
    if precision == Precision::F32 {
        for value in arrays.iter_mut().flat_map(|array| &mut array.values) {
            *value = f64::from(*value as f32);
        }
    }
    arrays
}

/// Decides on which device differences are taken. That is a plain one, unless the loss is another one there.
fn function<M: Module, const D: usize>(
    check: &ModuleCheck<M, D>,
    point: &Point<M>,
    values: &[Array],
) -> Result<Function> {
    // If it is too late to set f64 as the default, the loss may work all the same. If not, its panic is explained.
    let host = f64_device().unwrap_or_else(|_| Device::flex());
    let plain = Place { device: host.clone(), dtype: DType::F64, leaves: false, inference: check.inference };
    let training = Place { device: host.autodiff(), ..plain.clone() };

    let value = point.loss(&check.loss, values, &training)?;
    let again = point.loss(&check.loss, values, &training)?;
    if value.to_bits() != again.to_bits() {
        return Err(Error::Check(format!(
            "the loss is not repeatable: at the same point it is {value}, then {again}. If it draws random numbers, as \
             dropout does, begin it with `device.seed(0)`. If the module changes a state that its copies share, reset that \
             state at the beginning of the loss"
        )));
    }

    // Two functions may be equal at one point, as batch normalization is in training and in inference where all inputs are
    // zero. So they are also compared at a second point.
    for values in [values, &moved(values)] {
        let plain_value = point.loss(&check.loss, values, &plain);
        let training_value = point.loss(&check.loss, values, &training);
        let note = match (plain_value, training_value) {
            (Ok(plain_value), Ok(training_value)) if is_close(plain_value, training_value, 1e-12) => continue,
            (Ok(plain_value), Ok(training_value)) => format!(
                "the loss is {training_value} on a device with autodiff, but {plain_value} on a plain one, because some \
                 layers train only on a device with autodiff: differences are taken there"
            ),
            (Err(error), Ok(_)) => {
                format!("differences are taken on a device with autodiff, because on a plain one {error}")
            }
            (_, Err(_)) => continue,
        };
        return Ok(Function { at: training, value, note: Some(note) });
    }
    Ok(Function { at: plain, value, note: None })
}

/// The parameters, each element moved by up to a thousandth of its size. The numbers do not repeat, so that no symmetry is
/// kept.
fn moved(values: &[Array]) -> Vec<Array> {
    let mut moved = values.to_vec();
    for (index, value) in moved.iter_mut().flat_map(|array| &mut array.values).enumerate() {
        let fraction = ((index + 1) as f64 * GOLDEN_RATIO).fract();
        *value += 1e-3 * value.abs().max(1.0) * (2.0 * fraction - 1.0);
    }
    moved
}

/// Whether two losses are equal up to rounding, or both are NaN.
fn is_close(a: f64, b: f64, tolerance: f64) -> bool {
    a.to_bits() == b.to_bits() || (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1.0)
}

/// Reports that autodiff differentiated another function than differences did.
fn another_loss(loss: f64, function: &Function, at: &Place, precision: Precision) -> Option<String> {
    let tolerance = if precision == Precision::F64 { 1e-9 } else { 1e-3 };
    if is_close(loss, function.value, tolerance) {
        return None;
    }
    Some(format!(
        "autodiff had another function than differences: the loss is {loss} on {} in {}, but {} on {} in f64. Random \
         numbers differ from one backend to another, even from the same seed: draw them outside the loss, as plain numbers",
        device_name(&at.device),
        dtype_name(at.dtype),
        function.value,
        device_name(&function.at.device),
    ))
}

/// Says of each parameter without a gradient whether the loss depends on it, which differences know.
fn explain_missing(autodiff: &AutodiffGradient, report: &mut Report) {
    let with_differences = report
        .comparisons
        .iter()
        .filter(|comparison| comparison.tested == AUTODIFF && comparison.reference == NUMERIC);
    let tensors = with_differences.flat_map(|comparison| &comparison.tensors);
    let (independent, cut): (Vec<_>, Vec<_>) = tensors
        .filter(|tensor| autodiff.missing.contains(&tensor.name))
        .partition(|tensor| tensor.passed);

    let names =
        |tensors: Vec<&TensorReport>| tensors.iter().map(|tensor| &tensor.name[..]).collect::<Vec<_>>().join(", ");
    let (independent, cut) = (names(independent), names(cut));
    if !independent.is_empty() && cut.is_empty() && autodiff.missing.len() == autodiff.arrays.len() {
        report.findings.push(format!(
            "the loss depends on none of the parameters ({independent}): it must compute with the module that it is given, \
             not with one from outside"
        ));
    } else if !independent.is_empty() {
        report.notes.push(format!(
            "autodiff gives no gradient for {independent}, and differences confirm that the loss does not depend on it"
        ));
    }
    if !cut.is_empty() {
        report.findings.push(format!(
            "autodiff gives no gradient for {cut}, but differences show that the loss depends on it: the graph is cut in \
             between, by `detach`, `inner`, `no_grad` or a tensor that is made from plain numbers"
        ));
    }
}

/// Names the parameters that are left out, such as running statistics.
fn not_checked<M: Module>(point: &Point<M>) -> Option<String> {
    let frozen = point.parameters.iter().filter(|parameter| !parameter.requires_gradient);
    let names: Vec<String> = frozen.map(FloatParameter::name).collect();
    (!names.is_empty()).then(|| format!("not checked, because they do not require a gradient: {}", names.join(", ")))
}
