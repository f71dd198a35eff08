//! The output of `predict` and of `evaluate`.

use serde_json::json;

use super::scores::{ScoresColumn, scores};
use crate::data::logistic::{logit, sigmoid};
use crate::data::metrics::CalibrationBin;
use crate::data::schema::Schema;
use crate::data::text::{grouped, one_line, plural, short};
use crate::predict::Evaluation;

/// The format of predictions: CSV with a header, or one JSON object per line.
#[derive(Clone, Debug)]
pub struct Predictions {
    /// A logit above it predicts class 1.
    threshold_logit: f64,
    /// The names of class 0 and class 1, already quoted for the format.
    classes: [String; 2],
    json: bool,
}

impl Predictions {
    /// The format for a model with these class names. The threshold is a probability: a logit above its logit
    /// predicts class 1.
    pub fn new(classes: &[String; 2], threshold: f64, json: bool) -> Self {
        let quote = |name: &String| if json { json!(name).to_string() } else { quote_csv(name) };
        Self { threshold_logit: logit(threshold), classes: classes.each_ref().map(quote), json }
    }

    /// The header of a CSV file; empty for JSON.
    pub fn head(&self) -> String {
        if self.json { String::new() } else { "probability,class\n".into() }
    }

    /// The line of one prediction, given its logit. The probability has as few digits as are needed to read the same f64 back.
    pub fn line(&self, logit: f64) -> String {
        let (probability, class) = (sigmoid(logit), &self.classes[usize::from(logit > self.threshold_logit)]);
        match self.json {
            true => format!("{{\"probability\":{probability},\"class\":{class}}}\n"),
            false => format!("{probability},{class}\n"),
        }
    }
}

/// A CSV field, with quotation marks if it needs them.
fn quote_csv(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.into()
    }
}

/// The evaluation of a model on a table, as text. `trained_on` adds a warning that the model was trained on this table.
pub fn evaluation(evaluation: &Evaluation, schema: &Schema, trained_on: bool) -> String {
    let Evaluation { samples, unlabelled, class_counts, threshold, scores: table_scores, intervals, .. } = evaluation;
    let label = one_line(&schema.label);
    let [zero, one] = &schema.classes;
    let [zeros, ones] = class_counts.map(grouped);
    let bins: String = evaluation.calibration.iter().map(bin).collect();
    let warning = match trained_on {
        true => {
            "\n\nThe model was trained on this table: it has learned from most of these rows, so these scores are too \
             optimistic."
        }
        false => "",
    };
    let words = evaluation
        .unlabelled_words
        .as_ref()
        .map_or_else(String::new, |words| format!(" ({words})"));
    let skipped = match unlabelled {
        0 => String::new(),
        _ => format!(" and {} without a label left out{words}", grouped(*unlabelled)),
    };
    let empty = match evaluation.empty_rows {
        0 => String::new(),
        count => format!("; {} empty {} at the end left out", grouped(count), plural(count, "row")),
    };
    format!(
        "{} {}{skipped}{empty}; {label}: {zeros} of class 0 ({zero:?}), {ones} of class 1 ({one:?}); \
         predicted class 1 above {}\n\n{}\n\
         Calibration       predicted  observed      rows\n{bins}\n\
         The expected calibration error is {:.4}.{warning}",
        grouped(*samples),
        plural(*samples, "row"),
        short(*threshold),
        scores(&[ScoresColumn { name: "the table", scores: table_scores, intervals: Some(intervals) }]),
        evaluation.calibration_error,
    )
}

/// A line of the calibration table.
fn bin(bin: &CalibrationBin) -> String {
    let CalibrationBin { lower, upper, count, mean_probability, fraction_of_positives } = bin;
    format!(
        "  {lower:.1} to {upper:.1}         {mean_probability:.4}    {fraction_of_positives:.4}   {:>7}\n",
        grouped(*count)
    )
}

/// The evaluation of a model on a table, as JSON.
pub fn evaluation_json(evaluation: &Evaluation) -> String {
    format!("{:#}", json!(evaluation))
}
