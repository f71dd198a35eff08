//! The main job: from a configuration to a trained network and its pictures.
//!
//! A run goes through three steps, which the program calls one after the other with a word in between:
//! [`Run::prepare`], [`Run::train`] and [`Trained::judge`]. What each step found is saved before the next begins.
//!
//! Leaves out: printing, and the choice of the folder.

mod auto;
mod divergence;
mod evaluate;
mod manifest;
mod pictures;
mod resume;
mod sweep;
mod verify;

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::config::{Config, too_large};
use crate::data::csv::{exact, to_csv};
use crate::data::scaling::StandardScaler;
use crate::data::schema::Schema;
use crate::data::split::Parts;
use crate::data::{self, Dataset, Prepared, TableInfo, fingerprint};
use crate::device::{DeviceChoice, OpenDevice, Placement};
use crate::error::{Error, Result};
use crate::files::folder::{CONFIG, RunFolder};
use crate::files::model_file::{Metadata, ModelFile};
use crate::gradcheck::point::GradientPoint;
use crate::network::Parameters;
use crate::network::gradients::Engine;
use crate::network::kernel;
use crate::train::{self, Ending, Job, Observer, Outcome, Record};

pub use auto::Timing;
pub use evaluate::{PartScores, SplitScores};
pub use manifest::{MANIFEST, Manifest};
pub use sweep::{SweepRow, ending_of};
pub use verify::{Difference, FileComparison, StoredRun, Verification};

// The files that the numbers of a run are in.
const DIVERGENCE: &str = "divergence.md";
const HISTORY: &str = "history.csv";
const METRICS: &str = "metrics.json";
const MODEL: &str = "model.safetensors";
// And those of a sweep.
const SWEEP: &str = "sweep.csv";

/// A run that is ready to train.
#[derive(Clone, Debug)]
pub struct Run {
    /// What was asked for.
    pub config: Config,
    /// What the network learns from, as it sees it.
    pub data: Dataset,
    /// What training stops by, if there is any.
    pub validation: Option<Dataset>,
    /// What tells how good the network is, if there is any.
    pub test: Option<Dataset>,
    /// What the samples are made from.
    pub schema: Schema,
    /// How they were scaled, if they were.
    pub scaling: Option<StandardScaler>,
    /// What is known of the table, if they are from one.
    pub table: Option<TableInfo>,
    /// The parameters that training starts from.
    pub initial: Parameters,
    /// Where training computes.
    pub devices: Vec<OpenDevice>,
    /// What `device = "auto"` measured, where it was asked for.
    pub timings: Option<Vec<Timing>>,
    /// Where all is computed but training and checks: no server or driver can fail there.
    host: Placement,
    /// Of the data, once it was asked for: it goes over all of it.
    fingerprint: OnceLock<String>,
}

/// A run that has trained.
#[derive(Clone, Debug)]
pub struct Trained<'a> {
    /// What was run.
    pub run: &'a Run,
    /// The trained parameters and their history.
    pub outcome: Outcome,
    /// Probabilities above it are predictions of class 1.
    pub threshold: f64,
}

/// A run whose predictions are judged.
#[derive(Clone, Debug)]
pub struct Results<'a> {
    /// What was run.
    pub run: &'a Run,
    /// The trained parameters and their history.
    pub outcome: Outcome,
    /// How good they are.
    pub scores: SplitScores,
}

impl Run {
    /// Makes the data and the initial parameters and opens the devices. `auto` is replaced by what it takes.
    ///
    /// # Errors
    /// When the settings do not go together, or a device cannot be used.
    pub fn prepare(mut config: Config) -> Result<Self> {
        let Prepared { parts, schema, scaling, table } = data::prepare(&config.data, &config.split)?;
        let Parts { train: data, validation, test } = parts;
        let (key, hidden) = config.largest();
        if config.train.engine != Engine::Fused
            && let Some(reason) = too_large(data.samples(), hidden)
        {
            return Err(Error::Setting(format!("{key} = {hidden}: {reason}")));
        }
        config.train = config.train.with_epochs_as_updates(data.samples())?;
        let initial = Parameters::initial(data.features(), &config.model);
        let (devices, timings) = auto::open_devices(&config, &data, &initial)?;
        config.device = DeviceChoice::Named(devices.iter().map(|device| device.name.clone()).collect());
        let host = Placement::flex(config.dtype);
        Ok(Self {
            config,
            data,
            validation,
            test,
            schema,
            scaling,
            table,
            initial,
            devices,
            timings,
            host,
            fingerprint: OnceLock::new(),
        })
    }

    /// Trains, then chooses the threshold if it is to be chosen.
    ///
    /// # Errors
    /// When training cannot start, or the device fails.
    pub fn train(&self, observer: &mut dyn Observer) -> Result<Trained<'_>> {
        self.finish(self.descend(observer)?)
    }

    fn fingerprint(&self) -> &str {
        let parts = || [Some(&self.data), self.validation.as_ref(), self.test.as_ref()];
        self.fingerprint.get_or_init(|| fingerprint(parts()))
    }

    fn finish(&self, outcome: Outcome) -> Result<Trained<'_>> {
        let threshold = self.threshold(&outcome.parameters)?;
        Ok(Trained { run: self, outcome, threshold })
    }

    /// The parameters after all updates, for whatever needs nothing else of a training.
    ///
    /// # Errors
    /// When training cannot start, diverges or is interrupted, or when the device fails.
    pub fn trained_parameters(&self, observer: &mut dyn Observer) -> Result<Parameters> {
        let outcome = self.descend(observer)?;
        match (&outcome.ending, outcome.ending.error()) {
            (Ending::Finished | Ending::Stopped, _) => Ok(outcome.parameters),
            (_, Some(failure)) => Err(failure),
            (ending, None) => {
                let (last, updates) = (outcome.last().update, self.config.train.updates);
                Err(Error::Training(format!("training {ending} after update {last} of {updates}")))
            }
        }
    }

    fn descend(&self, observer: &mut dyn Observer) -> Result<Outcome> {
        train::train(self.job(), None, observer)
    }

    fn job(&self) -> Job<'_> {
        let Self { initial: start, data, validation, config, devices, .. } = self;
        Job { start, data, validation: validation.as_ref(), settings: &config.train, devices }
    }

    /// The network at the given parameters, for a check of its gradients.
    ///
    /// # Errors
    /// When a layer is too large for the engines that compute on tensors.
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

    /// Writes what is known before training: the configuration, the data and its picture; of a table, what is noteworthy
    /// about it, and what each row is for. From here until the end there is no manifest, which speaks of files that belong
    /// together, and no divergence.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save(&self, folder: &mut RunFolder) -> Result<()> {
        folder.remove(MANIFEST)?;
        folder.remove(DIVERGENCE)?;
        folder.write(CONFIG, self.config.to_toml())?;
        self.data_files()
            .into_iter()
            .try_for_each(|(name, text)| folder.write(name, text))?;
        self.draw_data(folder)
    }

    /// What is stored of the data, by the names of the files.
    fn data_files(&self) -> Vec<(&'static str, String)> {
        let Some(TableInfo { examination, format, lines, parts }) = &self.table else {
            return vec![("data.csv", to_csv(&self.data))];
        };
        let head = format!("{},part\n", format.unit());
        let rows = lines.iter().zip(parts).map(|(line, part)| format!("{line},{part}\n"));
        let split = std::iter::once(head).chain(rows).collect();
        vec![("doctor.json", format!("{:#}\n", json!(examination))), ("split.csv", split)]
    }

    /// The probability of class 1 for each row of x, by what trains the network.
    fn probabilities(&self, parameters: &Parameters, x: &[f64]) -> Result<Vec<f64>> {
        match self.config.train.engine {
            Engine::Fused => Ok(kernel::probabilities(parameters, x, self.config.dtype)),
            Engine::Autodiff | Engine::Manual => parameters.probabilities(x, &self.host),
        }
    }
}

impl<'a> Trained<'a> {
    /// Writes the model and the history of its training, and keeps the folder from then on.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save(&self, folder: &mut RunFolder) -> Result<()> {
        folder.write(MODEL, self.model_file().to_bytes()?)?;
        folder.keep();
        folder.write(HISTORY, self.history())?;
        match &self.outcome.divergence {
            Some(divergence) => folder.write(DIVERGENCE, self.run.divergence(divergence)?),
            None => Ok(()),
        }
    }

    /// Predicts all parts of the data, by the network and by what it is compared to.
    ///
    /// # Errors
    /// When the predictions cannot be computed.
    pub fn evaluate(self) -> Result<Results<'a>> {
        let Self { run, outcome, threshold } = self;
        let scores = run.evaluate(&outcome.parameters, threshold)?;
        Ok(Results { run, outcome, scores })
    }

    fn history(&self) -> String {
        let validation = if self.run.validation.is_some() {
            ",validation_cost,validation_accuracy"
        } else {
            ""
        };
        let lines = self.outcome.history.iter().map(|record| {
            let numbers = [record.cost, record.accuracy, record.penalty];
            let watched = record.validation.map(|on| [on.cost, on.accuracy]);
            let numbers = numbers
                .into_iter()
                .chain(watched.into_iter().flatten())
                .chain(record.tracked.iter().copied());
            let numbers: Vec<_> = numbers.map(exact).collect();
            format!("{},{}\n", record.update, numbers.join(","))
        });
        let tracked: String = self.run.config.train.track.iter().map(|track| format!(",{track}")).collect();
        std::iter::once(format!("update,cost,accuracy,penalty{validation}{tracked}\n"))
            .chain(lines)
            .collect()
    }

    fn model_file(&self) -> ModelFile {
        let Run { config, schema, scaling, initial, .. } = self.run;
        ModelFile {
            parameters: self.outcome.parameters.clone(),
            precision: config.dtype,
            metadata: Metadata::new(schema.clone(), scaling.clone(), self.threshold, initial.hidden, config.to_toml()),
        }
    }
}

impl Results<'_> {
    /// Writes metrics, the manifest and pictures.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save(&self, folder: &mut RunFolder) -> Result<()> {
        folder.write(METRICS, format!("{:#}\n", self.metrics()))?;
        let Record { update, seconds, .. } = *self.outcome.last();
        Manifest::new(self.run, &self.outcome.ending, update, seconds).save(folder)?;
        self.draw(folder)
    }

    fn metrics(&self) -> Value {
        let (last, kept, run) = (self.outcome.last(), &self.outcome.kept, self.run);
        let PartScores { network, logistic_regression, .. } = &self.scores.train;
        json!({
            "petal": env!("CARGO_PKG_VERSION"),
            "ending": self.outcome.ending.to_string(),
            "diverged_at_update": match self.outcome.ending {
                Ending::Diverged { update, .. } => Some(update),
                _ => None,
            },
            "updates": last.update,
            "kept_update": kept.update,
            "cost": kept.cost,
            "penalty": kept.penalty,
            "accuracy": network.accuracy,
            "confusion": network.confusion,
            "logistic_regression": {
                "accuracy": logistic_regression.accuracy,
                "confusion": logistic_regression.confusion,
            },
            "parts": self.scores.to_json(run),
            "data": { "samples": run.data.samples(), "class_counts": run.data.class_counts() },
            "model": {
                "features": run.data.features(),
                "hidden": run.initial.hidden,
                "parameters": run.initial.count(),
            },
            "engine": run.config.train.engine,
            "device": run.config.device,
            "dtype": run.config.dtype,
        })
    }
}
