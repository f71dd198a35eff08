//! The pictures of a run.
//!
//! With two features, pictures show the plane of the features in the units of the data. With more features they show the
//! plane of the two leading principal components.
//!
//! [`crate::plot`] draws the pictures.

use std::path::Path;

use super::divergence_advice::stability_limit;
use super::evaluate::{BINS, PartScores};
use super::{Results, Run};
use crate::data::Dataset;
use crate::data::logistic::sigmoid;
use crate::data::metrics::{calibration, precision_recall, roc};
use crate::data::pca::Pca;
use crate::data::schema::Schema;
use crate::data::text::plural;
use crate::data::vector::max_norm;
use crate::error::Result;
use crate::files::folder::RunFolder;
use crate::network::{Activation, Parameters};
use crate::plot::{
    Boundary, Calibration, CalibrationCurve, CostCurve, CostHistory, Format, HiddenUnits, PcaSlice, PrecisionRecall,
    Roc, ScalarField, Scatter, Sharpness, ThresholdCurve, Window, characters_without_glyph, render_small,
};
use crate::train::{Record, TrackedMetric};

/// The nodes along each edge of the grid behind a full-size picture.
const GRID_SIDE: usize = 401;
/// The nodes along each edge of the grid behind a panel.
pub(super) const PANEL_GRID_SIDE: usize = 201;
/// The maximum number of activations, hidden units times nodes, computed for a picture. Wider networks use a coarser grid.
const MAX_ACTIVATIONS: usize = 1 << 25;

impl Run {
    pub(super) fn has_two_features(&self) -> bool {
        self.data.features() == 2
    }

    /// Draws the training samples if they have two features. `suffix` comes at the end of the picture's name.
    pub(super) fn draw_data(&self, suffix: &str, folder: &mut RunFolder) -> Result<()> {
        if !self.has_two_features() {
            return Ok(());
        }
        let title = format!("{}, {} samples", self.data_name(), self.data.samples());
        let x = self.unscaled_x();
        folder.draw(&format!("data{suffix}"), self.config.output.pictures, &self.scatter(title, &x))
    }

    /// The name of the table's file or of the generated set.
    pub fn data_name(&self) -> String {
        match self.config.data.path.as_deref().and_then(Path::file_name) {
            Some(file_name) => file_name.to_string_lossy().into_owned(),
            None => self.config.data.kind.to_string(),
        }
    }

    /// The characters of names that this run's pictures show as codes, because the font for PNG files lacks them.
    pub fn characters_without_glyph(&self) -> Vec<char> {
        if self.config.output.pictures != Format::Png {
            return Vec::new();
        }
        let mut names = self.class_names().concat();
        if self.has_two_features() {
            names += &self.data_name();
            names += &self.data.feature_names().concat();
        }
        characters_without_glyph(&names)
    }

    /// The training samples at positions `x`, `[m, 2]`.
    pub(super) fn scatter<'a>(&'a self, title: String, x: &'a [f64]) -> Scatter<'a> {
        let names = self.data.feature_names();
        Scatter { title, axes: [&names[0], &names[1]], classes: self.class_names(), x, y: self.data.y() }
    }

    /// The names of the two classes in pictures.
    pub fn class_names(&self) -> [String; 2] {
        let Schema { label, classes, .. } = &self.schema;
        match self.table {
            None => ["class 0".into(), "class 1".into()],
            // A number alone would look like a tick of the colour bar.
            Some(_) if classes.iter().any(|name| name.parse::<f64>().is_ok()) => {
                classes.each_ref().map(|name| format!("{label} = {name}"))
            }
            Some(_) => classes.clone(),
        }
    }

    /// The inputs of the training samples in the units of the data, `[m, d]`.
    pub(super) fn unscaled_x(&self) -> Vec<f64> {
        let mut x = self.data.x().to_vec();
        if let Some(scaling) = &self.scaling {
            scaling.inverse_transform(&mut x);
        }
        x
    }

    /// The nodes of a grid over a window as inputs of the network, that is, scaled if the network expects scaled inputs.
    fn grid_inputs(&self, window: Window, side: usize, hidden: usize) -> Vec<f64> {
        let mut nodes = window.nodes(limit_side(side, hidden));
        if let Some(scaling) = &self.scaling {
            scaling.transform(&mut nodes);
        }
        nodes
    }

    /// The probability of class 1 over a window in the units of the data. The field's level is the threshold.
    pub(super) fn probability_field(
        &self,
        parameters: &Parameters,
        threshold: f64,
        window: Window,
        side: usize,
    ) -> ScalarField {
        let logits = self.logits(parameters, &self.grid_inputs(window, side, parameters.hidden));
        ScalarField::new(window, logits.into_iter().map(sigmoid).collect(), threshold)
    }

    /// The boundary over the plane of two features, with the training samples at positions `x`, `[m, 2]`.
    pub(super) fn boundary<'a>(
        &'a self,
        title: String,
        x: &'a [f64],
        parameters: &Parameters,
        threshold: f64,
    ) -> Boundary<'a> {
        let field = self.probability_field(parameters, threshold, Window::around(x), GRID_SIDE);
        Boundary { scatter: self.scatter(title, x), field }
    }

    /// The principal components of the training samples.
    pub(super) fn pca(&self) -> Pca {
        Pca::fit(self.data.x(), self.data.features())
    }

    /// The boundary on the plane of the two leading components.
    pub(super) fn pca_slice(&self, pca: &Pca, parameters: &Parameters, threshold: f64) -> PcaSlice {
        let data = &self.data;
        let side = limit_side(GRID_SIDE, parameters.hidden.max(data.features()));
        PcaSlice::new(pca, data.x(), data.y(), self.class_names(), |window| {
            let logits = self.logits(parameters, &pca.inverse_transform(&window.nodes(side)));
            ScalarField::new(window, logits.into_iter().map(sigmoid).collect(), threshold)
        })
    }
}

impl Results<'_> {
    /// Draws all pictures of a trained network.
    pub(super) fn draw(&self, folder: &mut RunFolder) -> Result<()> {
        let (run, format) = (self.run, self.run.config.output.pictures);
        folder.draw("cost", format, &self.cost_curve())?;
        if let Some(sharpness) = self.sharpness()? {
            folder.draw("sharpness", format, &sharpness)?;
        }

        if run.has_two_features() {
            let x = run.unscaled_x();
            folder.draw("boundary", format, &self.boundary(&x))?;
            folder.draw("hidden", format, &self.hidden_units(&x)?)?;
        } else if run.data.features() > 2 {
            folder.draw("boundary", format, &self.pca_slice())?;
        }

        // The curves of the scores need samples that the network was not trained on: the test samples, or else the
        // validation samples.
        if let (Some(data), Some(scores)) = (&run.test, &self.scores.test) {
            self.draw_score_curves("test", data, scores, folder)
        } else if let (Some(data), Some(scores)) = (&run.validation, &self.scores.validation) {
            self.draw_score_curves("validation", data, scores, folder)
        } else {
            Ok(())
        }
    }

    /// The boundary, if the network has several inputs, and the cost, as small PNG files with their captions.
    ///
    /// # Errors
    /// When a picture cannot be drawn.
    pub fn stills(&self) -> Result<Vec<(&'static str, Vec<u8>)>> {
        let run = self.run;
        let boundary = if run.has_two_features() {
            Some(render_small(&self.boundary(&run.unscaled_x()))?)
        } else if run.data.features() > 2 {
            Some(render_small(&self.pca_slice())?)
        } else {
            None
        };
        let boundary =
            boundary.map(|bytes| ("The probability of class 1, with the boundary and the training samples.", bytes));
        let cost = ("The cost and the accuracy over the updates.", render_small(&self.cost_curve())?);
        Ok(boundary.into_iter().chain([cost]).collect())
    }

    /// Draws the ROC, precision-recall and calibration curves of the network and of logistic regression.
    fn draw_score_curves(&self, part: &str, data: &Dataset, scores: &PartScores, folder: &mut RunFolder) -> Result<()> {
        let format = self.run.config.output.pictures;
        let samples = format!("{} {} samples", data.samples(), part);
        let [_, class] = &self.run.class_names();
        let [network, logistic_regression] = &scores.logits;
        let models = [
            ("network", network, &scores.network),
            ("logistic regression", logistic_regression, &scores.logistic_regression),
        ];

        let curves = models.map(|(name, logits, scores)| ThresholdCurve {
            name,
            points: roc(logits, data.y()),
            area: scores.roc_auc,
        });
        folder.draw("roc", format, &Roc { title: format!("ROC, {samples}"), curves: curves.into() })?;

        let curves = models.map(|(name, logits, scores)| ThresholdCurve {
            name,
            points: precision_recall(logits, data.y()),
            area: scores.average_precision,
        });
        let picture = PrecisionRecall {
            title: format!("Precision and recall, {samples}"),
            class,
            curves: curves.into(),
            positive_fraction: data.class_counts()[1] as f64 / data.samples() as f64,
        };
        folder.draw("precision_recall", format, &picture)?;

        let curves =
            models.map(|(name, logits, _)| CalibrationCurve { name, bins: calibration(logits, data.y(), BINS) });
        let picture =
            Calibration { title: format!("Calibration, {samples}, 95 % intervals"), class, curves: curves.into() };
        folder.draw("calibration", format, &picture)
    }

    fn cost_curve(&self) -> CostCurve {
        let settings = &self.run.config.train;
        let mut training = CostHistory { cost: Vec::new(), accuracy: Vec::new() };
        let mut validation = training.clone();
        for Record { update, cost, accuracy, validation: validation_score, .. } in &self.outcome.history {
            let update = *update as f64;
            training.cost.push((update, *cost));
            training.accuracy.push((update, 100.0 * accuracy));
            if let Some(score) = validation_score {
                validation.cost.push((update, score.cost));
                validation.accuracy.push((update, 100.0 * score.accuracy));
            }
        }
        CostCurve {
            title: format!("Cost and accuracy, learning rate {}", settings.learning_rate),
            training,
            validation: self.run.validation.is_some().then_some(validation),
            kept: settings.patience.map(|_| self.outcome.kept.update as f64),
            threshold: self.scores.threshold,
        }
    }

    /// The sharpness over the updates, `None` if the run does not track it.
    fn sharpness(&self) -> Result<Option<Sharpness>> {
        let settings = &self.run.config.train;
        let Some(column) = settings.track.iter().position(|track| *track == TrackedMetric::Sharpness) else {
            return Ok(None);
        };

        let history = &self.outcome.history;
        let learning_rates = settings.learning_rates(history.iter().map(|record| record.update))?;
        let (mut sharpness, mut bounds) = (Vec::new(), Vec::new());
        for (record, learning_rate) in history.iter().zip(learning_rates) {
            let update = record.update as f64;
            sharpness.push((update, record.tracked[column]));
            bounds.push((update, stability_limit(learning_rate, settings)));
        }

        let numerator = if settings.momentum.get() > 0.0 { "2 (1 + momentum)" } else { "2" };
        Ok(Some(Sharpness {
            title: format!("Sharpness, learning rate {}", settings.learning_rate),
            sharpness,
            bound: bounds,
            bound_name: format!("{numerator} / learning rate: above it, steps overshoot"),
        }))
    }

    fn boundary<'a>(&'a self, x: &'a [f64]) -> Boundary<'a> {
        let units = self.run.initial.hidden;
        let percent = 100.0 * self.scores.train.network.accuracy;
        let title = format!("{units} hidden {}, accuracy {percent:.2} %", plural(units, "unit"));
        self.run.boundary(title, x, &self.outcome.parameters, self.scores.threshold)
    }

    fn pca_slice(&self) -> PcaSlice {
        self.run
            .pca_slice(&self.run.pca(), &self.outcome.parameters, self.scores.threshold)
    }

    fn hidden_units<'a>(&'a self, x: &'a [f64]) -> Result<HiddenUnits<'a>> {
        let parameters = &self.outcome.parameters;
        let units = parameters.hidden;
        let shown = HiddenUnits::panel_count(units);
        let window = Window::around(x);
        let activations =
            parameters.activations(&self.run.grid_inputs(window, PANEL_GRID_SIDE, units), &self.run.host)?;

        let range = activation_range(parameters.activation, &activations[..shown]);
        let level = parameters.activation.value_at(0.0);
        let mut panels = Vec::new();
        for (i, (values, weight)) in activations.into_iter().zip(&parameters.w2).take(shown).enumerate() {
            let title = format!("unit {i}, output weight {}", signed(*weight));
            panels.push((title, ScalarField::new(window, values, level)));
        }

        let count = if shown < units {
            format!(", the first {shown} of {units}")
        } else {
            String::new()
        };
        let scatter = self.run.scatter(format!("Activation of each hidden unit{count}"), x);
        Ok(HiddenUnits { scatter, panels, range })
    }
}

/// The range of colours for activations: that of the function, or if it has none, from 0 or symmetrically around 0 to the
/// largest activation, rounded up to two digits.
fn activation_range(activation: Activation, units: &[Vec<f64>]) -> [f64; 2] {
    let largest = || {
        let largest = units.iter().map(|values| max_norm(values)).fold(0.0, f64::max);
        let digit = 10_f64.powf(largest.log10().floor() - 1.0);
        let rounded = (largest / digit).ceil() * digit;
        // All units may be 0.
        if rounded.is_finite() && rounded > 0.0 { rounded } else { 1.0 }
    };
    match activation {
        Activation::Tanh => [-1.0, 1.0],
        Activation::Sigmoid => [0.0, 1.0],
        Activation::Relu => [0.0, largest()],
        Activation::Identity => {
            let largest = largest();
            [-largest, largest]
        }
    }
}

/// Formats a number with its sign and two decimals, or with a power of ten if it is large.
fn signed(number: f64) -> String {
    if number.abs() < 1e4 {
        format!("{number:+.2}")
    } else {
        format!("{number:+.2e}")
    }
}

/// The side of a grid, reduced so that the network computes at most [`MAX_ACTIVATIONS`] activations.
fn limit_side(side: usize, hidden: usize) -> usize {
    side.min((MAX_ACTIVATIONS / hidden).isqrt()).max(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_cover_the_range_of_the_function_or_of_the_activations() {
        let units = [vec![0.0, 3.2], vec![-7.11, 0.5]];
        let cases = [
            (Activation::Tanh, [-1.0, 1.0]),
            (Activation::Sigmoid, [0.0, 1.0]),
            (Activation::Relu, [0.0, 7.2]),
            (Activation::Identity, [-7.2, 7.2]),
        ];
        for (activation, expected) in cases {
            let range = activation_range(activation, &units);
            // The rounding to two digits multiplies by a power of ten.
            assert!(range.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-14), "{activation}: {range:?}");
        }
        // Every unit is dead.
        assert_eq!(activation_range(Activation::Relu, &[vec![0.0; 4]]), [0.0, 1.0]);
    }
}
