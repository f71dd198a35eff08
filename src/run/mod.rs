//! The main job: from a configuration to a trained network and its pictures.
//!
//! A run goes through four steps, which the program calls one after the other with a word in between:
//! [`Run::prepare`], [`Run::train`], [`Results::save`] and, for the words, [`crate::report`].
//!
//! Leaves out: printing, and the choice of the folder.

mod auto;
mod sweep;

use serde_json::json;

use crate::baseline::LogisticRegression;
use crate::checkpoint::{Checkpoint, Metadata};
use crate::config::{Config, too_large};
use crate::data::csv::{exact, to_csv};
use crate::data::schema::Schema;
use crate::data::split::Parts;
use crate::data::{Dataset, planar};
use crate::device::{Choice, OpenDevice, Placement};
use crate::error::{Error, Result};
use crate::folder::RunFolder;
use crate::fused;
use crate::gradcheck::network::Network;
use crate::gradients::Engine;
use crate::metrics::Confusion;
use crate::model::Parameters;
use crate::plot::{Boundary, CostCurve, Course, Field, HiddenUnits, Points, Window};
use crate::text::plural;
use crate::train::{self, Ending, Observer, Outcome};

pub use auto::Timing;
pub use sweep::{SweepRow, ending_of};

/// Nodes along each edge of the grid behind a full-size picture, and behind a panel among many.
const FINE: usize = 401;
const COARSE: usize = 201;
/// Hidden units times nodes that a picture is worth; wider networks get a coarser grid.
const MOST_ACTIVATIONS: usize = 1 << 25;

/// A run that is ready to train.
#[derive(Clone, Debug)]
pub struct Run {
    /// What was asked for.
    pub config: Config,
    /// What the network learns from.
    pub data: Dataset,
    /// What training stops by, if there is any.
    pub validation: Option<Dataset>,
    /// What tells how good the network is, if there is any.
    pub test: Option<Dataset>,
    /// The parameters that training starts from.
    pub initial: Parameters,
    /// Where training computes.
    pub devices: Vec<OpenDevice>,
    /// What `device = "auto"` measured, where it was asked for.
    pub timings: Option<Vec<Timing>>,
    /// Where all is computed but training and checks: no server or driver can fail there.
    host: Placement,
}

/// A run that has trained.
#[derive(Clone, Debug)]
pub struct Results<'a> {
    /// What was run.
    pub run: &'a Run,
    /// The trained parameters and their history.
    pub outcome: Outcome,
    /// The predictions on the training data against its labels.
    pub confusion: Confusion,
    /// The same for logistic regression.
    pub baseline: Confusion,
}

impl Run {
    /// Makes the data and the initial parameters and opens the devices. `auto` is replaced by what it takes.
    ///
    /// # Errors
    /// When the settings do not go together, or a device cannot be used.
    pub fn prepare(mut config: Config) -> Result<Self> {
        let data = planar::generate(&config.data)?;
        let parts = config.split.assign(data.y())?;
        let Parts { train: data, validation, test } = Parts::new(data, &parts);
        config.train = config.train.for_samples(data.samples())?;
        let initial = Parameters::initial(data.features(), &config.model);
        let (devices, timings) = auto::open_all(&config, &data, &initial)?;
        config.device = Choice::These(devices.iter().map(|device| device.name.clone()).collect());
        let host = Placement::flex(config.dtype);
        Ok(Self { config, data, validation, test, initial, devices, timings, host })
    }

    /// Trains, then predicts the training data with the result and with logistic regression.
    ///
    /// # Errors
    /// When training cannot start, or the device fails.
    pub fn train(&self, observer: &mut dyn Observer) -> Result<Results<'_>> {
        let outcome = self.descend(observer)?;
        let probabilities = self.probabilities(&outcome.parameters, self.data.x())?;
        let baseline = LogisticRegression::fit(&self.data).probabilities(self.data.x());
        Ok(Results {
            run: self,
            outcome,
            confusion: Confusion::new(&probabilities, self.data.y(), 0.5),
            baseline: Confusion::new(&baseline, self.data.y(), 0.5),
        })
    }

    /// The parameters after all updates, for whatever needs nothing else of a training.
    ///
    /// # Errors
    /// When training cannot start, diverges or is interrupted, or when the device fails.
    pub fn trained(&self, observer: &mut dyn Observer) -> Result<Parameters> {
        let outcome = self.descend(observer)?;
        match (&outcome.ending, outcome.ending.error()) {
            (Ending::Finished | Ending::Stopped, _) => Ok(outcome.parameters),
            (_, Some(failure)) => Err(failure),
            (ending, None) => {
                let (last, updates) = (outcome.last().update, self.config.train.updates);
                Err(Error::Settings(format!("training {ending} after update {last} of {updates}")))
            }
        }
    }

    fn descend(&self, observer: &mut dyn Observer) -> Result<Outcome> {
        let Self { initial, data, validation, config, devices, .. } = self;
        train::train(initial, data, validation.as_ref(), &config.train, devices, observer)
    }

    /// The network at the given parameters, for a check of its gradients.
    ///
    /// # Errors
    /// When a layer is too large for the engines that compute on tensors.
    pub fn network<'a>(&'a self, parameters: &'a Parameters) -> Result<Network<'a>> {
        if let Some(reason) = too_large(self.data.samples(), parameters.hidden) {
            return Err(Error::Settings(format!("model.hidden = {}: {reason}", parameters.hidden)));
        }
        let [OpenDevice { placement, .. }] = &self.devices[..] else {
            let message = format!("device: {} devices; gradients are checked on one", self.devices.len());
            return Err(Error::Settings(message));
        };
        let weight_decay = self.config.train.weight_decay.get();
        Ok(Network { parameters, data: &self.data, weight_decay, placement })
    }

    /// Writes what is known before training: the configuration, the data and its picture.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save(&self, folder: &mut RunFolder) -> Result<()> {
        folder.write("config.toml", self.config.to_toml())?;
        folder.write("data.csv", to_csv(&self.data))?;
        let title = format!("{}, {} samples", self.config.data.kind, self.data.samples());
        folder.draw("data", self.config.output.pictures, &self.points(title))
    }

    fn points(&self, title: String) -> Points<'_> {
        let names = self.data.feature_names();
        Points { title, axes: [&names[0], &names[1]], x: self.data.x(), y: self.data.y() }
    }

    /// The probability of class 1 over the window of the data.
    fn probability_field(&self, parameters: &Parameters, side: usize) -> Result<Field> {
        let window = Window::around(self.data.x());
        let nodes = window.nodes(affordable(side, parameters.hidden));
        Ok(Field::new(window, self.probabilities(parameters, &nodes)?))
    }

    /// The probability of class 1 for each row of x, by what trains the network.
    fn probabilities(&self, parameters: &Parameters, x: &[f64]) -> Result<Vec<f64>> {
        match self.config.train.engine {
            Engine::Fused => Ok(fused::probabilities(parameters, x, self.config.dtype)),
            Engine::Autodiff | Engine::Manual => parameters.probabilities(x, &self.host),
        }
    }
}

impl Results<'_> {
    /// Writes model, history, metrics and pictures. As soon as the model is written, the folder is kept.
    ///
    /// # Errors
    /// When a file cannot be written, or the device fails.
    pub fn save(&self, folder: &mut RunFolder) -> Result<()> {
        folder.write("model.safetensors", self.checkpoint().to_bytes()?)?;
        folder.keep();
        folder.write("history.csv", self.history())?;
        folder.write("metrics.json", self.metrics())?;
        let format = self.run.config.output.pictures;
        folder.draw("cost", format, &self.cost_curve())?;
        folder.draw("boundary", format, &self.boundary()?)?;
        folder.draw("hidden", format, &self.hidden_units()?)
    }

    fn history(&self) -> String {
        let validation = if self.run.validation.is_some() { ",validation_cost" } else { "" };
        let lines = self.outcome.history.iter().map(|record| {
            let numbers = [record.cost, record.accuracy, record.seconds, record.penalty];
            let numbers: Vec<_> = numbers.into_iter().chain(record.validation_cost).map(exact).collect();
            format!("{},{}\n", record.update, numbers.join(","))
        });
        std::iter::once(format!("update,cost,accuracy,seconds,penalty{validation}\n")).chain(lines).collect()
    }

    fn metrics(&self) -> String {
        let (last, kept, config) = (self.outcome.last(), &self.outcome.kept, &self.run.config);
        let metrics = json!({
            "petal": env!("CARGO_PKG_VERSION"),
            "ending": self.outcome.ending.to_string(),
            "diverged_at_update": match self.outcome.ending {
                Ending::Diverged { update, .. } => Some(update),
                _ => None,
            },
            "updates": last.update,
            "seconds": last.seconds,
            "kept_update": kept.update,
            "cost": kept.cost,
            "penalty": kept.penalty,
            "accuracy": self.confusion.accuracy(),
            "confusion": self.confusion,
            "logistic_regression": { "accuracy": self.baseline.accuracy(), "confusion": self.baseline },
            "data": { "samples": self.run.data.samples(), "class_counts": self.run.data.class_counts() },
            "model": {
                "features": self.run.data.features(),
                "hidden": self.run.initial.hidden,
                "parameters": self.run.initial.count(),
            },
            "engine": config.train.engine,
            "device": config.device,
            "dtype": config.dtype,
        });
        format!("{metrics:#}\n")
    }

    fn checkpoint(&self) -> Checkpoint {
        let (config, names) = (&self.run.config, self.run.data.feature_names());
        Checkpoint {
            parameters: self.outcome.parameters.clone(),
            precision: config.dtype,
            metadata: Metadata::new(Schema::numbers(names), None, 0.5, self.run.initial.hidden, config.to_toml()),
        }
    }

    fn cost_curve(&self) -> CostCurve {
        let history = || self.outcome.history.iter();
        CostCurve {
            title: format!("Cost and accuracy, learning rate {}", self.run.config.train.learning_rate),
            training: Course {
                cost: history().map(|record| (record.update as f64, record.cost)).collect(),
                accuracy: history().map(|record| (record.update as f64, 100.0 * record.accuracy)).collect(),
            },
            validation: None,
            kept: None,
        }
    }

    fn boundary(&self) -> Result<Boundary<'_>> {
        let units = self.run.initial.hidden;
        let percent = 100.0 * self.confusion.accuracy();
        let points = self.run.points(format!("{units} hidden {}, accuracy {percent:.2} %", plural(units, "unit")));
        Ok(Boundary { points, field: self.run.probability_field(&self.outcome.parameters, FINE)? })
    }

    fn hidden_units(&self) -> Result<HiddenUnits<'_>> {
        let parameters = &self.outcome.parameters;
        let (units, shown) = (parameters.hidden, HiddenUnits::shown(parameters.hidden));
        let window = Window::around(self.run.data.x());
        let nodes = window.nodes(affordable(COARSE, units));
        let activations = parameters.activations(&nodes, &self.run.host)?;
        let panels = activations.into_iter().zip(&parameters.w2).take(shown).enumerate();
        let panels = panels.map(|(i, (values, weight))| {
            (format!("unit {}, output weight {}", i + 1, signed(*weight)), Field::new(window, values))
        });
        let count = if shown < units { format!(", the first {shown} of {units}") } else { String::new() };
        let points = self.run.points(format!("Activation of each hidden unit{count}"));
        Ok(HiddenUnits { points, panels: panels.collect() })
    }
}

/// A number with its sign, two decimals where it is not large.
fn signed(number: f64) -> String {
    if number.abs() < 1e4 { format!("{number:+.2}") } else { format!("{number:+.2e}") }
}

/// A grid's side, or a smaller one where so many hidden units would make it too dear.
fn affordable(side: usize, hidden: usize) -> usize {
    side.min((MOST_ACTIVATIONS / hidden).isqrt()).max(2)
}
