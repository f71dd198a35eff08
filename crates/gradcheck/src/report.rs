//! The result of a check, as plain data, as JSON and as text.

use std::fmt;

use serde::Serialize;

use crate::comparison::Comparison;

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The function's value. `None` if the check has no function.
    pub loss: Option<f64>,
    /// One comparison for each pair of gradients.
    pub comparisons: Vec<Comparison>,
    /// Further results in words, such as a kink of the function or a known mistake.
    pub findings: Vec<String>,
    /// Facts in words that are no mistakes, such as a parameter that the function does not depend on.
    pub remarks: Vec<String>,
}

impl Report {
    /// Whether all gradients agree and nothing else was found.
    pub fn passed(&self) -> bool {
        self.findings.is_empty() && self.comparisons.iter().all(Comparison::passed)
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
        for finding in &self.findings {
            writeln!(f, "Note: {finding}")?;
        }
        for remark in &self.remarks {
            writeln!(f, "Remark: {remark}")?;
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
            write!(f, "The gradients agree, but see the note.")
        } else {
            write!(f, "The gradients agree.")
        }
    }
}
