//! Trains the same network on several devices and compares each device with the host.
//!
//! All start from the same numbers. Data and weights are made on the host. They and the momentum are rounded to f32 if any
//! device computes in f32, so that only the arithmetic differs. The reference is the fused engine in f64 on the host, which
//! shares no code with Burn's backends. The comparisons are
//!
//! ```text
//! loss and gradient at the start               |a - b| <= bound * max(|a|, |b|, size of the terms of the sum)
//! loss after each update, w and b at the end   |a - b| <= bound * max(|a|, |b|, largest of the tensor)
//! ```
//!
//! with the bounds of [`Bounds::for_precision`].
//!
//! If two devices are both within the bounds, neither is called more accurate: their difference is rounding.

use serde::Serialize;

use crate::config::Config;
use crate::data::checked_numbers::Count;
use crate::data::vector::max_norm;
use crate::data::{self, Dataset};
use crate::device::{Backend, DeviceChoice, DeviceName, OpenDevice, Precision, catch_failure, open, try_open};
use crate::error::{Error, Result};
use crate::gradcheck::parameters::{arrays_from_parameters, round_data, round_parameters, term_sizes};
use crate::gradcheck::point::GradientPoint;
use crate::gradcheck::{Array, TensorReport, Tolerance};
use crate::network::Parameters;
use crate::network::fused_bridge;
use crate::network::gradients::Engine;
use crate::train::{self, Job, Outcome, Stopwatch, train};

/// The largest accepted relative differences between a device and the host.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bounds {
    /// At the start, for the loss and each tensor of the gradient.
    pub start: f64,
    /// After updates, for the loss after each update and each parameter tensor at the end.
    #[serde(rename = "path")]
    pub training: f64,
}

/// The comparison of all devices.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The number of updates.
    pub updates: usize,
    /// One report for each device, in the requested order.
    pub devices: Vec<DeviceReport>,
}

/// The comparison of one device with the host.
#[derive(Clone, Debug, Serialize)]
pub struct DeviceReport {
    /// The device's name in configurations.
    pub device: String,
    /// The name of the hardware.
    pub adapter: String,
    /// The float type that it computed in.
    pub precision: Precision,
    /// The bounds for this float type.
    pub bounds: Bounds,
    /// The loss and the gradient at the start, then the parameters at the end.
    pub differences: Vec<Difference>,
    /// The largest relative difference of the losses after any update.
    #[serde(rename = "farthest")]
    pub max_loss_difference: f64,
    /// The first update after which the losses differ by more than the bound.
    #[serde(rename = "parted")]
    pub first_deviation: Option<Deviation>,
    /// Seconds per update.
    #[serde(rename = "seconds")]
    pub seconds_per_update: f64,
    /// Whether everything is within the bounds.
    #[serde(rename = "holds")]
    pub passed: bool,
}

/// The difference between a tensor of the device and the same tensor of the host.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// The tensor: `loss`, `dw1` for a gradient, `w1` for a parameter.
    #[serde(rename = "what")]
    pub name: String,
    /// The largest `|a - b|` of any element.
    pub absolute: f64,
    /// The largest `|a - b| / max(|a|, |b|, floor)` of any element.
    pub relative: f64,
    /// The largest difference in units in the last place (ulp) of the host's value in the float type. It may be large
    /// for an element whose terms nearly cancel.
    pub ulps: f64,
    /// The largest accepted `relative`.
    pub bound: f64,
    /// Whether `relative` is within the bound.
    #[serde(rename = "holds")]
    pub passed: bool,
}

/// Two losses after the same update that differ by more than the bound.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Deviation {
    /// The number of updates made.
    pub update: usize,
    /// The device's loss.
    pub loss: f64,
    /// The host's loss.
    pub host: f64,
}

impl Bounds {
    /// At the start, the bound of the gradient check. After updates, ten times as much: each update adds its own rounding
    /// and changes the rounding errors of the updates before.
    pub fn for_precision(precision: Precision) -> Self {
        let start = match precision {
            Precision::F32 => 2e-5,
            Precision::F64 => 1e-12,
        };
        Self { start, training: 10.0 * start }
    }
}

/// Trains on each device and on the host.
///
/// Without names, the devices are Flex, NdArray and those of the configuration. A device that does not support the
/// configuration's float type computes in f32.
///
/// # Errors
/// When a device cannot be used, training cannot start, or it does not finish.
pub fn compare(config: &Config, names: &[DeviceName]) -> Result<Report> {
    let config = &config.clone().without_sweep()?;
    let settings = &config.train;
    if settings.engine == Engine::Fused {
        let message = "train.engine = \"fused\": it uses none of Burn's devices, which are compared here; accepted: \
                       autodiff, manual";
        return Err(Error::Setting(message.into()));
    }

    let names = if names.is_empty() { default_devices(&config.device) } else { names.to_vec() };
    let devices = names
        .iter()
        .map(|name| try_open(name, config.dtype).or_else(|_| open(name, Precision::F32)));
    let devices = devices.collect::<Result<Vec<_>>>()?;

    let any_f32 = devices.iter().any(|device| device.placement.precision() == Precision::F32);
    let common = if any_f32 { Precision::F32 } else { Precision::F64 };
    let data = round_data(&data::prepare(&config.data, &config.split, common.into())?.parts.train, common);
    let start = round_parameters(&Parameters::initial(data.features(), &config.model), common);

    // The losses after every update are compared, so every update is recorded.
    let record_every = const { Count::literal(1) };
    let momentum = settings.momentum_in(common).map_err(|(_, message)| Error::Setting(message))?;
    let settings = train::Settings { record_every, momentum, ..settings.clone() };
    let host = HostReference::compute(&start, &data, &settings)?;
    let reports = devices.iter().map(|device| host.compare(device));
    Ok(Report { updates: settings.updates.get(), devices: reports.collect::<Result<_>>()? })
}

/// The backends that every build has, then the devices of the configuration.
fn default_devices(choice: &DeviceChoice) -> Vec<DeviceName> {
    let mut names = vec![DeviceName::from(Backend::Flex), DeviceName::from(Backend::NdArray)];
    if let DeviceChoice::Named(configured) = choice {
        let others = configured
            .iter()
            .filter(|name| !matches!(name.backend(), Backend::Flex | Backend::NdArray));
        names.extend(others.cloned());
    }
    names
}

/// The training that is repeated on each device, with its results on the host.
struct HostReference<'a> {
    start: &'a Parameters,
    data: &'a Dataset,
    settings: &'a train::Settings,
    /// The gradient at the start.
    gradient: Vec<Array>,
    outcome: Outcome,
}

impl<'a> HostReference<'a> {
    fn compute(start: &'a Parameters, data: &'a Dataset, settings: &'a train::Settings) -> Result<Self> {
        let gradient = fused_bridge::gradient(start, data.x(), data.y(), settings.weight_decay.get(), Precision::F64);
        let fused = train::Settings { engine: Engine::Fused, ..settings.clone() };
        let devices = &[OpenDevice::flex(Precision::F64)];
        let job = Job { start, data, validation: None, settings: &fused, devices };
        let outcome = train(job, None, &mut ())?;
        Ok(Self { start, data, settings, gradient: arrays_from_parameters(&gradient), outcome })
    }

    /// Trains on a device and compares the results.
    fn compare(&self, device: &OpenDevice) -> Result<DeviceReport> {
        let &Self { start, data, settings, .. } = self;
        let precision = device.placement.precision();
        let bounds = Bounds::for_precision(precision);

        let weight_decay = settings.weight_decay.get();
        let point = GradientPoint { parameters: start, data, weight_decay, placement: &device.placement };
        let gradient = catch_failure(&device.name, || point.gradient(settings.engine))?;
        let job = Job { start, data, validation: None, settings, devices: std::slice::from_ref(device) };
        let outcome = train(job, None, &mut ())?;
        if let Some(failure) = outcome.ending.error() {
            return Err(failure);
        }

        let (max_loss_difference, first_deviation) = self.compare_losses(&outcome, bounds);
        let mut differences = self.compare_start(&gradient, &outcome, precision);
        differences.extend(self.compare_end(&outcome, precision));

        let mut watch = [Stopwatch::start(start, data, settings, device)];
        Stopwatch::measure_in_rounds(&mut watch);
        let [watch] = watch;
        let seconds_per_update = watch?.seconds_per_update();

        Ok(DeviceReport {
            device: device.name.to_string(),
            adapter: device.adapter.name.clone(),
            precision,
            bounds,
            passed: first_deviation.is_none() && differences.iter().all(|difference| difference.passed),
            differences,
            max_loss_difference,
            first_deviation,
            seconds_per_update,
        })
    }

    /// The largest relative difference of the losses, and the first one beyond the bound.
    fn compare_losses(&self, outcome: &Outcome, bounds: Bounds) -> (f64, Option<Deviation>) {
        let tolerance = Tolerance { relative: bounds.training, floor: 0.0 };
        let mut largest = 0.0_f64;
        let mut first_deviation = None;
        for (device, host) in outcome.history.iter().zip(&self.outcome.history) {
            largest = largest.max(tolerance.relative_error(device.cost, host.cost));
            if first_deviation.is_none() && !tolerance.is_close(device.cost, host.cost) {
                first_deviation = Some(Deviation { update: device.update, loss: device.cost, host: host.cost });
            }
        }
        (largest, first_deviation)
    }

    /// Compares the loss and the gradient at the start.
    fn compare_start(&self, gradient: &[Array], outcome: &Outcome, precision: Precision) -> Vec<Difference> {
        let relative = Bounds::for_precision(precision).start;
        let loss = |outcome: &Outcome| Array::new("loss", [1], vec![outcome.history[0].cost]);
        let tolerance = Tolerance { relative, floor: 0.0 };
        let mut differences = vec![Difference::new(&loss(outcome), &loss(&self.outcome), tolerance, precision)];

        let term_sizes = term_sizes(self.start, self.data);
        for expected in &self.gradient {
            let Some(computed) = gradient.iter().find(|array| array.name == expected.name) else {
                continue;
            };
            let term_size = term_sizes.iter().find(|(name, _)| *name == expected.name);
            let floor = term_size.map_or(0.0, |(_, size)| *size);
            let difference = Difference::new(computed, expected, Tolerance { relative, floor }, precision);
            differences.push(Difference { name: format!("d{}", expected.name), ..difference });
        }
        differences
    }

    /// Compares the parameters at the end.
    fn compare_end(&self, outcome: &Outcome, precision: Precision) -> Vec<Difference> {
        let relative = Bounds::for_precision(precision).training;
        let [computed, expected] = [outcome, &self.outcome].map(|outcome| arrays_from_parameters(&outcome.parameters));
        let pairs = computed.iter().zip(&expected);
        let differences = pairs.map(|(computed, expected)| {
            let floor = max_norm(&expected.values);
            Difference::new(computed, expected, Tolerance { relative, floor }, precision)
        });
        differences.collect()
    }
}

impl Difference {
    fn new(computed: &Array, expected: &Array, tolerance: Tolerance, precision: Precision) -> Self {
        let report = TensorReport::new(computed, expected, &tolerance);
        let (mut absolute, mut ulps) = (0.0_f64, 0.0_f64);
        for (computed, expected) in computed.values.iter().zip(&expected.values) {
            let difference = (computed - expected).abs();
            absolute = absolute.max(difference);
            ulps = ulps.max(difference / unit_in_the_last_place(*expected, precision));
        }
        Self {
            name: expected.name.clone(),
            absolute,
            relative: report.worst.as_ref().map_or(0.0, |worst| worst.relative),
            ulps,
            bound: tolerance.relative,
            passed: report.passed,
        }
    }
}

/// The distance from the magnitude of a number to the next larger number of the float type.
fn unit_in_the_last_place(value: f64, precision: Precision) -> f64 {
    let magnitude = value.abs();
    match precision {
        Precision::F32 => {
            let magnitude = magnitude as f32;
            f64::from(magnitude.next_up() - magnitude)
        }
        Precision::F64 => magnitude.next_up() - magnitude,
    }
}

impl Report {
    /// Whether every device is within its bounds.
    pub fn passed(&self) -> bool {
        self.devices.iter().all(|device| device.passed)
    }

    /// The report as JSON, with the verdict as `holds`.
    pub fn to_json(&self) -> String {
        format!(
            "{:#}",
            serde_json::json!({ "holds": self.passed(), "updates": self.updates, "devices": self.devices })
        )
    }
}
