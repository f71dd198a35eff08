//! A run that is ready to train: its data, its initial parameters and its devices.

use std::sync::OnceLock;

use super::auto::{self, Timing};
use crate::config::{Config, too_large};
use crate::data::doctor::Finding;
use crate::data::scaling::StandardScaler;
use crate::data::schema::Schema;
use crate::data::split::Parts;
use crate::data::{self, Dataset, InputRanges, Prepared, TableInfo, fingerprint};
use crate::device::{DeviceChoice, OpenDevice, Placement, Precision};
use crate::error::{Error, Result};
use crate::gradcheck::point::GradientPoint;
use crate::network::gradients::Engine;
use crate::network::{Parameters, fused_bridge};
use crate::train::Job;

/// A run that is ready to train.
#[derive(Clone, Debug)]
pub struct Run {
    /// The configuration. `auto` is replaced by the device that was chosen.
    pub config: Config,
    /// The training samples. If inputs are standardised, these are.
    pub data: Dataset,
    /// The validation samples, if there are some.
    pub validation: Option<Dataset>,
    /// The test samples, if there are some.
    pub test: Option<Dataset>,
    /// The training samples before standardisation, if the data are generated and standardised.
    pub(super) raw_data: Option<Dataset>,
    /// The columns that the samples are made from.
    pub schema: Schema,
    /// How inputs are standardised, if they are.
    pub scaling: Option<StandardScaler>,
    /// The ranges of the inputs over the training samples, before scaling.
    pub ranges: InputRanges,
    /// What was found in the table, if the data come from one.
    pub table: Option<TableInfo>,
    /// Values that become 0 in the float type of the run, if there are any.
    pub underflow: Option<Finding>,
    /// The parameters before the first update.
    pub initial: Parameters,
    /// The devices that train.
    pub devices: Vec<OpenDevice>,
    /// The measurements of `device = "auto"`, if it was asked for.
    pub timings: Option<Vec<Timing>>,
    /// Pictures of hidden units are computed here. No server or driver can fail here.
    pub(super) host: Placement,
    /// Computed when it is first needed, because it reads all data.
    pub(super) fingerprint: OnceLock<String>,
}

impl Run {
    /// Reads or generates the data, draws the initial parameters and opens the devices. A sweep is left out.
    ///
    /// # Errors
    /// When the data cannot be read, settings do not go together, or a device cannot be used.
    pub fn prepare(config: Config) -> Result<Self> {
        let config = config.without_sweep()?;
        let prepared = data::prepare(&config.data, &config.split, config.dtype.into())?;
        Self::with_data(config, prepared)
    }

    /// Does the same with the text of a table in place of the file that `data.path` names. No file is read.
    ///
    /// # Errors
    /// As for [`Run::prepare`].
    pub fn prepare_text(config: Config, table: &[u8]) -> Result<Self> {
        let config = config.without_sweep()?;
        let prepared = data::prepare_text(&config.data, &config.split, config.dtype.into(), table)?;
        Self::with_data(config, prepared)
    }

    fn with_data(config: Config, prepared: Prepared) -> Result<Self> {
        let Prepared { parts, raw_train: raw_data, schema, scaling, ranges, table, underflow } = prepared;
        let Parts { train: data, validation, test } = parts;

        let mut config = completed(config, data.samples())?;
        let initial = Parameters::initial(data.features(), &config.model);
        let (devices, timings) = auto::open_devices(&config, &data, &initial)?;
        config.device = DeviceChoice::Named(devices.iter().map(|device| device.name.clone()).collect());
        Ok(Self {
            host: Placement::flex(config.dtype),
            config,
            data,
            validation,
            test,
            raw_data,
            schema,
            scaling,
            ranges,
            table,
            underflow,
            initial,
            devices,
            timings,
            fingerprint: OnceLock::new(),
        })
    }

    /// A configuration with the same data and devices, completed and checked as [`Run::prepare`] does it.
    pub(super) fn completed(&self, config: Config) -> Result<Config> {
        completed(config, self.data.samples())
    }

    /// The run with the same data and devices and another configuration, which is complete.
    pub(super) fn with_config(&self, config: Config) -> Self {
        let mut run = self.clone();
        run.set_config(config);
        run
    }

    /// Replaces the configuration by another one of the same data and devices, which is complete.
    pub(super) fn set_config(&mut self, config: Config) {
        self.initial = Parameters::initial(self.data.features(), &config.model);
        self.config = config;
    }

    /// Whether the momentum, the inputs and the outputs of the initial network fit this float type.
    pub fn can_start_in(&self, precision: Precision) -> bool {
        let fits = |data: &Dataset| {
            let logits = fused_bridge::logits(&self.initial, data.x(), precision);
            data.x().iter().all(|&input| precision.round(input).is_finite()) && logits.into_iter().all(f64::is_finite)
        };
        let mut parts = [Some(&self.data), self.validation.as_ref(), self.test.as_ref()]
            .into_iter()
            .flatten();
        self.config.train.momentum_in(precision).is_ok() && parts.all(fits)
    }

    /// The network at the given parameters, for a check of its gradients.
    ///
    /// # Errors
    /// When a layer is too large for the engines that compute on tensors, or when there are several devices.
    pub fn gradient_point<'a>(&'a self, parameters: &'a Parameters) -> Result<GradientPoint<'a>> {
        if let Some(reason) = too_large(self.data.samples(), parameters.hidden) {
            return Err(Error::Setting(format!("model.hidden = {}: {reason}", parameters.hidden)));
        }
        let [OpenDevice { placement, .. }] = &self.devices[..] else {
            let message = format!("device: {} devices; gradients are checked on one", self.devices.len());
            return Err(Error::Setting(message));
        };
        let weight_decay = self.config.train.weight_decay.get();
        Ok(GradientPoint { parameters, data: &self.data, weight_decay, placement })
    }

    pub(super) fn job(&self) -> Job<'_> {
        let Self { initial: start, data, validation, config, devices, .. } = self;
        Job { start, data, validation: validation.as_ref(), settings: &config.train, devices }
    }

    /// The fingerprint of all parts of the data.
    pub(super) fn fingerprint(&self) -> &str {
        let parts = || [Some(&self.data), self.validation.as_ref(), self.test.as_ref()];
        self.fingerprint.get_or_init(|| fingerprint(parts()))
    }

    /// The logit of class 1 for each row of x. It is computed as [`ModelFile::logits`] computes it, so that a run and its stored
    /// model predict the same classes and have the same scores, to the last bit, whichever engine trained.
    ///
    /// [`ModelFile::logits`]: crate::files::model_file::ModelFile::logits
    pub(super) fn logits(&self, parameters: &Parameters, x: &[f64]) -> Vec<f64> {
        fused_bridge::logits(parameters, x, self.config.dtype)
    }
}

/// The configuration with `train.epochs` as `train.updates`, if the network is not too large for this many samples.
fn completed(mut config: Config, samples: usize) -> Result<Config> {
    let hidden = config.model.hidden.get();
    if config.train.engine != Engine::Fused
        && let Some(reason) = too_large(samples, hidden)
    {
        return Err(Error::Setting(format!("model.hidden = {hidden}: {reason}")));
    }
    config.train = config.train.with_epochs_as_updates(samples)?;
    Ok(config)
}
