//! What a run shows in pictures.
//!
//! Two inputs are shown in their own plane, in the units of the data; more of them in the plane of their leading components.
//!
//! Leaves out: drawing. That is [`crate::plot`].

use std::path::Path;

use super::divergence::bound;
use super::evaluate::{BINS, PartScores};
use super::{Results, Run};
use crate::data::Dataset;
use crate::data::metrics::{calibration, precision_recall, roc};
use crate::data::pca::Pca;
use crate::data::schema::Schema;
use crate::data::text::plural;
use crate::error::Result;
use crate::files::folder::RunFolder;
use crate::network::Parameters;
use crate::plot::{
    Boundary, Calibration, CostCurve, CostHistory, Field, HiddenUnits, Plane, Points, PrecisionRecall, RankingCurve,
    Reliability, Roc, Sharpness, Window,
};
use crate::train::Track;

/// Nodes along each edge of the grid behind a full-size picture, and behind a panel among many.
const FINE: usize = 401;
pub(super) const COARSE: usize = 201;
/// Hidden units times nodes that a picture is worth; wider networks get a coarser grid.
const MAX_ACTIVATIONS: usize = 1 << 25;

impl Run {
    /// Whether the inputs are a plane.
    pub(super) fn is_planar(&self) -> bool {
        self.data.features() == 2
    }

    /// The training samples in their plane.
    pub(super) fn draw_data(&self, folder: &mut RunFolder) -> Result<()> {
        if !self.is_planar() {
            return Ok(());
        }
        let path = self.config.data.path.as_deref().and_then(Path::file_name);
        let name = path.map_or_else(|| self.config.data.kind.to_string(), |name| name.to_string_lossy().into_owned());
        let title = format!("{name}, {} samples", self.data.samples());
        let x = self.raw();
        folder.draw("data", self.config.output.pictures, &self.points(title, &x))
    }

    pub(super) fn points<'a>(&'a self, title: String, x: &'a [f64]) -> Points<'a> {
        let names = self.data.feature_names();
        Points { title, axes: [&names[0], &names[1]], classes: self.class_names(), x, y: self.data.y() }
    }

    /// What pictures call the two classes: in a table, what they are called there.
    fn class_names(&self) -> [String; 2] {
        let Schema { label, classes, .. } = &self.schema;
        match self.table {
            None => ["class 0".into(), "class 1".into()],
            // A number alone would be taken for one of the scale's.
            Some(_) if classes.iter().any(|name| name.parse::<f64>().is_ok()) => {
                classes.each_ref().map(|name| format!("{label} = {name}"))
            }
            Some(_) => classes.clone(),
        }
    }

    /// The training samples in the units of the data.
    pub(super) fn raw(&self) -> Vec<f64> {
        let mut x = self.data.x().to_vec();
        if let Some(scaling) = &self.scaling {
            scaling.inverse_transform(&mut x);
        }
        x
    }

    /// The nodes of a grid over a window, as the network sees them.
    fn nodes(&self, window: Window, side: usize) -> Vec<f64> {
        let mut nodes = window.nodes(affordable(side, self.initial.hidden));
        if let Some(scaling) = &self.scaling {
            scaling.transform(&mut nodes);
        }
        nodes
    }

    /// The probability of class 1 over a window of the data, and the threshold that it is held against.
    pub(super) fn probability_field(
        &self,
        parameters: &Parameters,
        threshold: f64,
        window: Window,
        side: usize,
    ) -> Result<Field> {
        Ok(Field::new(window, self.probabilities(parameters, &self.nodes(window, side))?, threshold))
    }
}

impl Results<'_> {
    pub(super) fn draw(&self, folder: &mut RunFolder) -> Result<()> {
        let (run, format) = (self.run, self.run.config.output.pictures);
        folder.draw("cost", format, &self.cost_curve())?;
        if let Some(sharpness) = self.sharpness()? {
            folder.draw("sharpness", format, &sharpness)?;
        }
        if run.is_planar() {
            let x = run.raw();
            folder.draw("boundary", format, &self.boundary(&x)?)?;
            folder.draw("hidden", format, &self.hidden_units(&x)?)?;
        } else if run.data.features() > 2 {
            folder.draw("boundary", format, &self.slice()?)?;
        }
        let unseen = [("test", &run.test, &self.scores.test), ("validation", &run.validation, &self.scores.validation)];
        let unseen = unseen
            .into_iter()
            .find_map(|(name, data, judged)| Some((name, data.as_ref()?, judged.as_ref()?)));
        match unseen {
            Some((name, data, judged)) => self.draw_curves(name, data, judged, folder),
            None => Ok(()),
        }
    }

    /// ROC, precision and recall, and calibration on samples that the network did not learn from.
    fn draw_curves(&self, part: &str, data: &Dataset, judged: &PartScores, folder: &mut RunFolder) -> Result<()> {
        let format = self.run.config.output.pictures;
        let title = format!("{} {} samples", data.samples(), part);
        let scores = [&judged.network, &judged.logistic_regression];
        let [_, class] = &self.run.class_names();
        let sets = || {
            ["network", "logistic regression"]
                .into_iter()
                .zip(&judged.probabilities)
                .zip(scores)
        };
        let roc = sets().map(|((name, probabilities), scores)| RankingCurve {
            name,
            points: roc(probabilities, data.y()),
            area: scores.roc_auc,
        });
        folder.draw("roc", format, &Roc { title: format!("ROC, {title}"), curves: roc.collect() })?;
        let precision = sets().map(|((name, probabilities), scores)| RankingCurve {
            name,
            points: precision_recall(probabilities, data.y()),
            area: scores.average_precision,
        });
        let precision = PrecisionRecall {
            title: format!("Precision and recall, {title}"),
            class,
            curves: precision.collect(),
            share_of_ones: data.class_counts()[1] as f64 / data.samples() as f64,
        };
        folder.draw("precision_recall", format, &precision)?;
        let bins = sets()
            .map(|((name, probabilities), _)| Reliability { name, bins: calibration(probabilities, data.y(), BINS) });
        let calibration = Calibration { title: format!("Calibration, {title}"), class, curves: bins.collect() };
        folder.draw("calibration", format, &calibration)
    }

    fn cost_curve(&self) -> CostCurve {
        let course = |of: fn(&crate::train::Record) -> Option<(f64, f64)>| {
            let points = self
                .outcome
                .history
                .iter()
                .filter_map(|record| Some((record.update as f64, of(record)?)));
            let (cost, accuracy) = points
                .map(|(update, (cost, share))| ((update, cost), (update, 100.0 * share)))
                .unzip();
            CostHistory { cost, accuracy }
        };
        let validation = self.run.validation.as_ref();
        CostCurve {
            title: format!("Cost and accuracy, learning rate {}", self.run.config.train.learning_rate),
            training: course(|record| Some((record.cost, record.accuracy))),
            validation: validation.map(|_| course(|record| record.validation.map(|on| (on.cost, on.accuracy)))),
            kept: self.run.config.train.patience.map(|_| self.outcome.kept.update as f64),
            threshold: self.scores.threshold,
        }
    }

    /// Where the sharpness is tracked.
    fn sharpness(&self) -> Result<Option<Sharpness>> {
        let settings = &self.run.config.train;
        let Some(column) = settings.track.iter().position(|track| *track == Track::Sharpness) else {
            return Ok(None);
        };
        let updates = || self.outcome.history.iter().map(|record| record.update);
        let along = |values: Vec<f64>| updates().map(|update| update as f64).zip(values).collect::<Vec<_>>();
        let rates = settings.learning_rates(updates())?;
        let over = if settings.momentum.get() > 0.0 { "2 (1 + momentum)" } else { "2" };
        Ok(Some(Sharpness {
            title: format!("Sharpness, learning rate {}", settings.learning_rate),
            sharpness: along(self.outcome.history.iter().map(|record| record.tracked[column]).collect()),
            bound: along(rates.into_iter().map(|rate| bound(rate, settings)).collect()),
            bound_name: format!("{over} / learning rate: above it, steps overshoot"),
        }))
    }

    fn boundary<'a>(&'a self, x: &'a [f64]) -> Result<Boundary<'a>> {
        let units = self.run.initial.hidden;
        let percent = 100.0 * self.scores.train.network.accuracy;
        let title = format!("{units} hidden {}, accuracy {percent:.2} %", plural(units, "unit"));
        let (parameters, threshold) = (&self.outcome.parameters, self.scores.threshold);
        let field = self.run.probability_field(parameters, threshold, Window::around(x), FINE)?;
        Ok(Boundary { points: self.run.points(title, x), field })
    }

    fn slice(&self) -> Result<Plane> {
        let (data, parameters) = (&self.run.data, &self.outcome.parameters);
        let components = Pca::fit(data.x(), data.features());
        let side = affordable(FINE, parameters.hidden.max(data.features()));
        Plane::new(&components, data.x(), data.y(), self.run.class_names(), |window| {
            let probabilities = self
                .run
                .probabilities(parameters, &components.inverse_transform(&window.nodes(side)))?;
            Ok(Field::new(window, probabilities, self.scores.threshold))
        })
    }

    fn hidden_units<'a>(&'a self, x: &'a [f64]) -> Result<HiddenUnits<'a>> {
        let parameters = &self.outcome.parameters;
        let (units, shown) = (parameters.hidden, HiddenUnits::shown(parameters.hidden));
        let window = Window::around(x);
        let activations = parameters.activations(&self.run.nodes(window, COARSE), &self.run.host)?;
        let panels = activations.into_iter().zip(&parameters.w2).take(shown).enumerate();
        let panels = panels.map(|(i, (values, weight))| {
            (format!("unit {}, output weight {}", i + 1, signed(*weight)), Field::new(window, values, 0.0))
        });
        let count = if shown < units {
            format!(", the first {shown} of {units}")
        } else {
            String::new()
        };
        let points = self.run.points(format!("Activation of each hidden unit{count}"), x);
        Ok(HiddenUnits { points, panels: panels.collect() })
    }
}

/// A number with its sign, two decimals where it is not large.
fn signed(number: f64) -> String {
    if number.abs() < 1e4 {
        format!("{number:+.2}")
    } else {
        format!("{number:+.2e}")
    }
}

/// A grid's side, or a smaller one where so many hidden units would make it too dear.
fn affordable(side: usize, hidden: usize) -> usize {
    side.min((MAX_ACTIVATIONS / hidden).isqrt()).max(2)
}
