//! What a stored model says about a table.

use serde_json::json;

use super::{ScoresColumn, scores};
use crate::data::metrics::Bin;
use crate::data::schema::Schema;
use crate::data::text::{grouped, one_line, plural, short};
use crate::predict::Evaluation;

/// How a prediction is written: comma-separated with a header, or an object of JSON.
#[derive(Clone, Debug)]
pub struct Predictions {
    threshold: f64,
    /// What stands behind the probability, for class 0 and class 1.
    classes: [String; 2],
    json: bool,
}

impl Predictions {
    /// For models of such classes; probabilities above the threshold are predictions of class 1.
    pub fn new(classes: &[String; 2], threshold: f64, json: bool) -> Self {
        let written = |name: &String| if json { json!(name).to_string() } else { quoted(name) };
        Self { threshold, classes: classes.each_ref().map(written), json }
    }

    /// The line above all.
    pub fn head(&self) -> String {
        if self.json { String::new() } else { "probability,class\n".into() }
    }

    /// A prediction's line. The probability is the shortest number that reads as the same again.
    pub fn line(&self, probability: f64) -> String {
        let class = &self.classes[usize::from(probability > self.threshold)];
        match self.json {
            true => format!("{{\"probability\":{probability},\"class\":{class}}}\n"),
            false => format!("{probability},{class}\n"),
        }
    }
}

/// A field in quotation marks where it must be.
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.into()
    }
}

/// How good a model is on a table, which it may have been trained on.
pub fn evaluation(evaluation: &Evaluation, schema: &Schema, trained_on: bool) -> String {
    let Evaluation { samples, unlabelled, class_counts, threshold, scores: of, intervals, .. } = evaluation;
    let [label, zero, one] = [&schema.label, &schema.classes[0], &schema.classes[1]].map(|name| one_line(name));
    let [zeros, ones] = class_counts.map(grouped);
    let bins: String = evaluation.calibration.iter().map(bin).collect();
    let flattery = match trained_on {
        true => {
            "\n\nThe model was trained on this table: it has learned from most of these rows, and the scores flatter it."
        }
        false => "",
    };
    let skipped = match unlabelled {
        0 => String::new(),
        _ => format!(" and {} without a label left out", grouped(*unlabelled)),
    };
    format!(
        "{} {}{skipped}; {label}: {zeros} {zero} (class 0), {ones} {one} (class 1); predicted class 1 above {}\n\n{}\n\
         Calibration       predicted     found      rows\n{bins}\n\
         The two are {:.4} apart in the mean over the rows.{flattery}",
        grouped(*samples),
        plural(*samples, "row"),
        short(*threshold),
        scores(&[ScoresColumn { name: "the table", scores: of, intervals: Some(intervals) }]),
        evaluation.calibration_error,
    )
}

fn bin(bin: &Bin) -> String {
    let Bin { lower, upper, count, mean_probability, share_of_ones } = bin;
    format!(
        "  {lower:.1} to {upper:.1}         {mean_probability:.4}    {share_of_ones:.4}   {:>7}\n",
        grouped(*count)
    )
}

/// The same for programs.
pub fn evaluation_json(evaluation: &Evaluation) -> String {
    format!("{:#}", json!(evaluation))
}
