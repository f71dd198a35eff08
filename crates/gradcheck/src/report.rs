//! The result of a check, as plain data, as JSON and as text.

use std::fmt;

use serde::Serialize;

use crate::array::Array;
use crate::comparison::{Comparison, Verdict};

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The function's value. `None` if the check has no function.
    pub loss: Option<f64>,
    /// One comparison for each pair of gradients.
    pub comparisons: Vec<Comparison>,
    /// What is wrong besides, or more about it, in words: a function that is not deterministic, a known mistake.
    pub findings: Vec<String>,
    /// What limits the check, without anything being wrong, in words: a kink of the function, a loss in single precision, a
    /// comparison that shows nothing.
    pub notes: Vec<String>,
    /// The function's derivatives by central differences, for each parameter that was differentiated by its elements. They are
    /// as precise as the comparisons needed them.
    #[serde(skip)]
    pub differences: Vec<Array>,
}

impl Report {
    /// Whether all gradients agree, at least one comparison shows it, and nothing wrong was found. Notes do not matter.
    pub fn passed(&self) -> bool {
        self.findings.is_empty() && self.comparisons.iter().all(Comparison::passed) && !self.shows_nothing()
    }

    /// Whether there is no tensor about which any comparison shows something.
    fn shows_nothing(&self) -> bool {
        let tensors = || self.comparisons.iter().flat_map(|comparison| &comparison.tensors);
        tensors().all(|tensor| tensor.verdict == Verdict::ShowsNothing)
    }

    /// The report as JSON, with the verdict as `holds`. A number that is not finite becomes null.
    pub fn to_json(&self) -> String {
        let mut report = serde_json::json!({ "holds": self.passed() });
        match (report.as_object_mut(), serde_json::to_value(self)) {
            (Some(report), Ok(serde_json::Value::Object(fields))) => report.extend(fields),
            _ => unreachable!("a report is plain data"),
        }
        format!("{report:#}")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for comparison in &self.comparisons {
            writeln!(f, "{comparison}")?;
        }
        for note in self.notes.iter().chain(&self.findings) {
            writeln!(f, "Note: {note}")?;
        }

        let failed: Vec<String> = self
            .comparisons
            .iter()
            .filter(|comparison| !comparison.passed())
            .map(|Comparison { tested, reference, .. }| format!("{tested} and {reference}"))
            .collect();
        if !failed.is_empty() {
            write!(f, "The gradients DISAGREE: {}.", failed.join(", "))
        } else if !self.findings.is_empty() {
            write!(f, "The check does NOT pass: see the note.")
        } else if self.shows_nothing() {
            write!(f, "This check shows NOTHING about the gradients: see the note.")
        } else if !self.notes.is_empty() {
            write!(f, "The gradients agree, but see the note.")
        } else {
            write!(f, "The gradients agree.")
        }
    }
}
