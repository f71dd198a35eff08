//! The same training on several devices, held against the host.
//!
//! Everything starts from the same numbers: data and weights are made on the host and rounded to f32 where any of the
//! devices computes in f32, so that what differs is arithmetic. The judge is the fused engine in f64 on the host, which
//! shares no code with Burn's backends. FileComparison are
//!
//! ```text
//! loss and gradient at the start               |a - b| <= bound * max(|a|, |b|, size of the terms of the sum)
//! loss after each update, w and b at the end   |a - b| <= bound * max(|a|, |b|, largest of the tensor)
//! ```
//!
//! with the bounds of [`Bounds::of`].
//!
//! Leaves out: which of two devices is right where both are within the bounds. Rounding has no right side.

use serde::Serialize;

use crate::config::Config;
use crate::data::checked::Count;
use crate::data::{self, Dataset};
use crate::device::{Backend, DeviceChoice, DeviceName, OpenDevice, Precision, catch_failure, open, try_open};
use crate::error::{Error, Result};
use crate::gradcheck::point::{GradientPoint, arrays, rounded, rounded_data, term_sizes};
use crate::gradcheck::{Array, TensorReport, Tolerance, Worst};
use crate::network::Parameters;
use crate::network::gradients::Engine;
use crate::network::kernel;
use crate::train::{self, Job, Outcome, Stopwatch, train};

/// How close a device must come to the host.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bounds {
    /// At the start, for the loss and each tensor of the gradient.
    pub start: f64,
    /// After updates, for each loss on the way and each parameter tensor at the end.
    pub path: f64,
}

/// The comparison of all devices.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// How many updates were made.
    pub updates: usize,
    /// Each device, in the order asked for.
    pub devices: Vec<DeviceReport>,
}

/// A device beside the host.
#[derive(Clone, Debug, Serialize)]
pub struct DeviceReport {
    /// Its name in configurations.
    pub device: String,
    /// What it is.
    pub adapter: String,
    /// The float type that it computed in.
    pub precision: Precision,
    /// What it is judged by.
    pub bounds: Bounds,
    /// Loss and gradient at the start, then the parameters at the end.
    pub differences: Vec<Difference>,
    /// The largest relative difference of two losses on the way.
    pub farthest: f64,
    /// The first update after which the losses are farther apart than the bound.
    pub parted: Option<Parting>,
    /// Seconds per update.
    pub seconds: f64,
    /// Whether everything is within the bounds.
    pub holds: bool,
}

/// A tensor beside the host's.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// What it is.
    pub what: String,
    /// The largest `|a - b|` of any element.
    pub absolute: f64,
    /// The largest `|a - b| / max(|a|, |b|, floor)` of any element.
    pub relative: f64,
    /// The largest distance in units of the last place that the float type has at the host's value. It may be large
    /// where an element nearly cancels.
    pub ulps: f64,
    /// How large `relative` may be.
    pub bound: f64,
    /// Whether it is not larger.
    pub holds: bool,
}

/// Where two paths part.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Parting {
    /// After this many updates.
    pub update: usize,
    /// The device's loss.
    pub loss: f64,
    /// The host's.
    pub host: f64,
}

impl Bounds {
    /// For the start, those of the gradient check. For the path, ten times as much: each update adds its rounding to what
    /// the updates before have made of theirs.
    pub fn of(precision: Precision) -> Self {
        let start = match precision {
            Precision::F32 => 2e-5,
            Precision::F64 => 1e-12,
        };
        Self { start, path: 10.0 * start }
    }
}

/// Trains on each device and on the host.
///
/// Those are the devices named or, where none is, Flex, NdArray and the configuration's own. A device that does not compute
/// in the configuration's float type is taken in f32.
///
/// # Errors
/// When a device cannot be used, training cannot start, or it does not finish.
pub fn compare(config: &Config, names: &[DeviceName]) -> Result<Report> {
    let settings = &config.train;
    if settings.engine == Engine::Fused {
        let message = "train.engine = \"fused\": it computes on no device; accepted here: autodiff, manual";
        return Err(Error::Setting(message.into()));
    }
    let names = if names.is_empty() { usual(&config.device) } else { names.to_vec() };
    let devices = names
        .iter()
        .map(|name| try_open(name, config.dtype).or_else(|_| open(name, Precision::F32)));
    let devices = devices.collect::<Result<Vec<_>>>()?;
    let narrow = devices.iter().any(|device| device.placement.precision() == Precision::F32);
    let common = if narrow { Precision::F32 } else { Precision::F64 };
    let data = rounded_data(&data::prepare(&config.data, &config.split)?.parts.train, common);
    let start = rounded(&Parameters::initial(data.features(), &config.model), common);
    // Each update is recorded, to be compared.
    let one = const { Count::literal(1) };
    let settings = train::Settings { record_every: one, ..settings.clone() };
    let host = Host::compute(&start, &data, &settings)?;
    let reports = devices.iter().map(|device| host.judge(device, &start, &data, &settings));
    Ok(Report { updates: settings.updates.get(), devices: reports.collect::<Result<_>>()? })
}

/// The backends that every build has, and what a configuration names.
fn usual(choice: &DeviceChoice) -> Vec<DeviceName> {
    let mut names = vec![DeviceName::from(Backend::Flex), DeviceName::from(Backend::NdArray)];
    if let DeviceChoice::Named(own) = choice {
        names.extend(
            own.iter()
                .filter(|name| !matches!(name.backend(), Backend::Flex | Backend::NdArray))
                .cloned(),
        );
    }
    names
}

fn job<'a>(
    start: &'a Parameters,
    data: &'a Dataset,
    settings: &'a train::Settings,
    devices: &'a [OpenDevice],
) -> Job<'a> {
    Job { start, data, validation: None, settings, devices }
}

/// What the host computes.
struct Host {
    gradient: Vec<Array>,
    outcome: Outcome,
}

impl Host {
    fn compute(start: &Parameters, data: &Dataset, settings: &train::Settings) -> Result<Self> {
        let gradient = kernel::gradient(start, data.x(), data.y(), settings.weight_decay.get(), Precision::F64);
        let settings = train::Settings { engine: Engine::Fused, ..settings.clone() };
        let outcome = train(job(start, data, &settings, &[OpenDevice::flex(Precision::F64)]), None, &mut ())?;
        Ok(Self { gradient: arrays(&gradient), outcome })
    }

    fn judge(
        &self,
        device: &OpenDevice,
        start: &Parameters,
        data: &Dataset,
        settings: &train::Settings,
    ) -> Result<DeviceReport> {
        let precision = device.placement.precision();
        let bounds = Bounds::of(precision);
        let weight_decay = settings.weight_decay.get();
        let network = GradientPoint { parameters: start, data, weight_decay, placement: &device.placement };
        let gradient = catch_failure(&device.name, || network.gradient(settings.engine))?;
        let outcome = train(job(start, data, settings, std::slice::from_ref(device)), None, &mut ())?;
        if let Some(failure) = outcome.ending.error() {
            return Err(failure);
        }

        let path = Tolerance { relative: bounds.path, floor: 0.0 };
        let losses = outcome.history.iter().zip(&self.outcome.history);
        let losses = losses.map(|(ours, host)| (ours.update, ours.cost, host.cost, path.error(ours.cost, host.cost)));
        let farthest = losses.clone().map(|(.., apart)| apart).fold(0.0, f64::max);
        let parted = losses.clone().find(|(.., apart)| !(*apart <= bounds.path));
        let parted = parted.map(|(update, loss, host, _)| Parting { update, loss, host });

        let loss = |outcome: &Outcome| Array::new("loss", [1], vec![outcome.history[0].cost]);
        let mut differences = vec![Difference::of(
            &loss(&outcome),
            &loss(&self.outcome),
            Tolerance { relative: bounds.start, floor: 0.0 },
            precision,
        )];
        let sizes = term_sizes(start, data);
        differences.extend(self.gradient.iter().filter_map(|right| {
            let ours = gradient.iter().find(|array| array.name == right.name)?;
            let floor = sizes
                .iter()
                .find(|(name, _)| *name == right.name)
                .map_or(0.0, |(_, size)| *size);
            let tolerance = Tolerance { relative: bounds.start, floor };
            Some(Difference::of(ours, right, tolerance, precision).named("d"))
        }));
        let ends = [&outcome, &self.outcome].map(|outcome| arrays(&outcome.parameters));
        differences.extend(ends[0].iter().zip(&ends[1]).map(|(ours, right)| {
            let floor = right.values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
            Difference::of(ours, right, Tolerance { relative: bounds.path, floor }, precision)
        }));

        let mut watch = [Stopwatch::start(start, data, settings, device)];
        Stopwatch::measure_in_rounds(&mut watch);
        let [watch] = watch;
        let seconds = watch?.seconds_per_update();
        Ok(DeviceReport {
            device: device.name.to_string(),
            adapter: device.adapter.name.clone(),
            precision,
            bounds,
            holds: parted.is_none() && differences.iter().all(|difference| difference.holds),
            differences,
            farthest,
            parted,
            seconds,
        })
    }
}

impl Difference {
    fn of(ours: &Array, right: &Array, tolerance: Tolerance, precision: Precision) -> Self {
        let report = TensorReport::new(ours, right, &tolerance);
        let relative = report.worst.as_ref().map_or(0.0, |Worst { relative, .. }| *relative);
        let pairs = || ours.values.iter().zip(&right.values).map(|(a, b)| ((a - b).abs(), *b));
        Self {
            what: right.name.clone(),
            absolute: pairs().map(|(distance, _)| distance).fold(0.0, f64::max),
            relative,
            ulps: pairs().map(|(distance, at)| distance / unit(at, precision)).fold(0.0, f64::max),
            bound: tolerance.relative,
            holds: report.holds,
        }
    }

    fn named(mut self, prefix: &str) -> Self {
        self.what.insert_str(0, prefix);
        self
    }
}

/// The distance from a number to the next larger one in magnitude, in a float type.
fn unit(at: f64, precision: Precision) -> f64 {
    match precision {
        Precision::F32 => {
            let at = at.abs() as f32;
            f64::from(at.next_up() - at)
        }
        Precision::F64 => at.abs().next_up() - at.abs(),
    }
}

impl Report {
    /// Whether every device is within its bounds.
    pub fn holds(&self) -> bool {
        self.devices.iter().all(|device| device.holds)
    }

    /// The report as JSON, with the verdict as `holds`.
    pub fn to_json(&self) -> String {
        format!(
            "{:#}",
            serde_json::json!({ "holds": self.holds(), "updates": self.updates, "devices": self.devices })
        )
    }
}
