//! What a check found, as plain data and as text.

use std::fmt;

use serde::Serialize;

use super::NUMERIC;
use super::compare::TensorReport;

/// The outcome of a check.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The function's value, where the function was given.
    pub loss: Option<f64>,
    /// Each pair of gradients.
    pub comparisons: Vec<Comparison>,
    /// What else is to be said: a function that cannot be differenced, a known mistake.
    pub findings: Vec<String>,
}

/// One gradient held against another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The gradient that is judged.
    pub a: String,
    /// The gradient that it is judged by.
    pub b: String,
    /// How close they must be: `|a - b| <= relative * max(|a|, |b|, floor)`, with the floor of each tensor.
    pub relative: f64,
    /// Each tensor that both have.
    pub tensors: Vec<TensorReport>,
}

impl Comparison {
    /// Whether every tensor holds.
    pub fn holds(&self) -> bool {
        self.tensors.iter().all(|tensor| tensor.holds)
    }

    /// The largest relative error of any element.
    fn largest_error(&self) -> f64 {
        let errors = self
            .tensors
            .iter()
            .map(|tensor| tensor.worst.as_ref().map_or(f64::INFINITY, |worst| worst.relative));
        errors.fold(0.0, f64::max)
    }
}

impl Report {
    /// Whether every comparison holds and the function can be trusted.
    pub fn holds(&self) -> bool {
        self.findings.is_empty() && self.comparisons.iter().all(Comparison::holds)
    }

    /// The report as JSON, with the verdict as `holds`. A number that is not finite is null.
    pub fn to_json(&self) -> String {
        let mut report = serde_json::json!({ "holds": self.holds() });
        match (report.as_object_mut(), serde_json::to_value(self)) {
            (Some(report), Ok(serde_json::Value::Object(fields))) => report.extend(fields),
            _ => unreachable!("a report is plain data"),
        }
        format!("{report:#}")
    }
}

/// The gradient that is to blame: the one that is in every failed comparison. Where two are, because no third takes a
/// side within its tolerance, it is the one that is farther from the differences.
pub(super) fn to_blame(comparisons: &[Comparison]) -> Option<String> {
    let failed: Vec<_> = comparisons.iter().filter(|comparison| !comparison.holds()).collect();
    let in_all = |name: &String| failed.iter().all(|other| other.a == *name || other.b == *name);
    let from_differences = |name: &String| {
        let comparison = comparisons
            .iter()
            .find(|comparison| comparison.a == *name && comparison.b == NUMERIC);
        comparison.map_or(0.0, Comparison::largest_error)
    };
    let first = failed.first()?;
    match [&first.a, &first.b].map(|name| (name, in_all(name))) {
        [(a, true), (b, true)] if *b != NUMERIC => {
            // The differences' own noise takes no side.
            let (from_a, from_b) = (from_differences(a), from_differences(b));
            match (from_a > 4.0 * from_b, from_b > 4.0 * from_a) {
                (_, true) => Some(b.clone()),
                (true, _) => Some(a.clone()),
                _ => None,
            }
        }
        [(a, true), _] => Some(a.clone()),
        [_, (b, true)] => Some(b.clone()),
        _ => None,
    }
}

/// Which tensor of a wrong gradient is the first that differs, in the order in which the gradient computes them.
pub(super) fn first_to_differ(comparisons: &[Comparison], wrong: &str) -> Option<String> {
    let tensors = &comparisons
        .iter()
        .find(|comparison| comparison.a == wrong && !comparison.holds())?
        .tensors;
    let first = tensors.iter().position(|tensor| !tensor.holds)?;
    let right: Vec<&str> = tensors[..first].iter().map(|tensor| &tensor.name[..]).collect();
    let so_far = if right.is_empty() {
        String::new()
    } else {
        format!("; {} agree", right.join(", "))
    };
    Some(format!("in {wrong}, the first to differ is {}{so_far}", tensors[first].name))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for comparison in &self.comparisons {
            writeln!(f, "{comparison}")?;
        }
        for finding in &self.findings {
            writeln!(f, "Note: {finding}")?;
        }
        let failed: Vec<String> = self
            .comparisons
            .iter()
            .filter(|comparison| !comparison.holds())
            .map(|Comparison { a, b, .. }| format!("{a} and {b}"))
            .collect();
        match (failed.is_empty(), self.holds()) {
            (_, true) => write!(f, "The gradients agree."),
            (true, false) => write!(f, "The gradients agree, but see the note."),
            (false, _) => write!(f, "The gradients DISAGREE: {}.", failed.join(", ")),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} against {}: within {:e} of max(|a|, |b|, floor)", self.a, self.b, self.relative)?;
        writeln!(
            f,
            "  tensor  shape        worst element          {:>22} {:>22}  relative  floor        cosine",
            self.a, self.b
        )?;
        for tensor in &self.tensors {
            write_tensor(f, tensor)?;
        }
        Ok(())
    }
}

fn write_tensor(f: &mut fmt::Formatter<'_>, tensor: &TensorReport) -> fmt::Result {
    let verdict = if tensor.holds { "ok" } else { "FAILS" };
    let shape = format!("{:?}", tensor.shape);
    write!(f, "  {:<7} {shape:<12} ", tensor.name)?;
    match &tensor.worst {
        Some(worst) => {
            let of = tensor.directions.map_or_else(String::new, |count| format!(" of {count}"));
            let element = worst.element.clone() + &of;
            write!(f, "{element:<22} {:>22.15e} {:>22.15e}  {:<9.1e}", worst.a, worst.b, worst.relative)?;
        }
        None => write!(f, "{:<78}", "-")?,
    }
    write!(f, " {:<9.1e}", tensor.floor)?;
    let cosine = tensor.cosine.map_or_else(|| "-".into(), |cosine| format!("{cosine:.6}"));
    writeln!(f, " {cosine:>9}  {verdict}")?;
    match &tensor.diagnosis {
        Some(diagnosis) => writeln!(f, "          {diagnosis}"),
        None => Ok(()),
    }
}
