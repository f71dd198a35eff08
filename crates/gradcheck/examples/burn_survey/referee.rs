//! The verdict about one case on one device in one float type.

use std::panic::{AssertUnwindSafe, catch_unwind};

use burn::tensor::DType;
use petal_gradcheck::Report;

use crate::case::{Case, Place};

/// A larger relative error in f64 is not that of an f32 number any more.
const SINGLE: f64 = 1e-6;

/// What the check of one case shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The gradient agrees with the differences.
    Agrees,
    /// It is right to about seven digits, although everything else is in f64; or the function itself is computed in f32.
    SinglePrecision,
    /// The function has a kink or a jump, and Burn takes a finite number.
    Kink(Vec<f64>),
    /// The function has a kink or an edge, and Burn's gradient is NaN or infinite.
    NotFinite,
    /// The gradient is not the derivative, and the function has one.
    Wrong(String),
    /// A wrong gradient that is no mistake, and why.
    Excused(&'static str),
    /// The function or its gradient panics.
    Panics(String),
    /// The function's value is not finite.
    Undefined,
    /// Nothing can be said, and why.
    Open(String),
}

impl Verdict {
    /// The word for a table.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::SinglePrecision => "f32 inside",
            Self::Kink(_) => "kink",
            Self::NotFinite => "kink, NaN",
            Self::Wrong(_) => "**wrong**",
            Self::Excused(_) => "excused",
            Self::Panics(_) => "panics",
            Self::Undefined => "undefined",
            Self::Open(_) => "open",
        }
    }
}

/// Checks one case.
pub fn judge(case: &Case, place: &Place) -> Verdict {
    match caught(|| (case.outputs)(place)) {
        Err(panic) => return Verdict::Panics(panic),
        Ok(outputs) if outputs.iter().any(|output| !output.is_finite()) => return Verdict::Undefined,
        Ok(_) => {}
    }
    let gradient = match caught(|| (case.gradient)(place)) {
        Ok(gradient) => gradient,
        Err(panic) => return Verdict::Panics(panic),
    };

    let verdict = match caught(|| (case.check)(place)) {
        Ok(Ok(report)) => of_report(&report, &gradient, place),
        Ok(Err(error)) => Verdict::Open(error.to_string()),
        Err(panic) => Verdict::Open(format!("the check panicked: {panic}")),
    };
    match (verdict, case.excuse) {
        (Verdict::Wrong(_), Some(excuse)) => Verdict::Excused(excuse),
        (verdict, _) => verdict,
    }
}

fn of_report(report: &Report, gradient: &[f64], place: &Place) -> Verdict {
    let notes = report.notes.join(" ");
    let has = |text: &str| notes.contains(text);
    let kink = has("kink") || has("jumps");
    let tensors = || report.comparisons.iter().flat_map(|comparison| &comparison.tensors);
    let diagnoses = || {
        tensors()
            .filter(|tensor| !tensor.passed)
            .filter_map(|tensor| tensor.diagnosis.as_deref())
    };

    if gradient.iter().any(|value| !value.is_finite()) && (kink || has("do not settle")) {
        return Verdict::NotFinite;
    }
    if has("neither one of the slopes") {
        return Verdict::Wrong("neither one of the slopes at a kink nor between them".into());
    }
    if !report.passed() && tensors().any(|tensor| !tensor.passed) {
        let errors = tensors()
            .filter(|tensor| !tensor.passed)
            .map(|tensor| tensor.worst.as_ref().map_or(f64::INFINITY, |worst| worst.relative));
        if place.dtype == DType::F64 && errors.fold(0.0, f64::max) < SINGLE {
            return Verdict::SinglePrecision;
        }
        let worst = tensors()
            .filter(|tensor| !tensor.passed)
            .find_map(|tensor| tensor.worst.as_ref());
        let numbers = worst.map_or(String::new(), |worst| {
            let (tested, reference, relative) = (worst.tested, worst.reference, worst.relative);
            format!("{}: {tested:.6e} in place of {reference:.6e} (error {relative:.0e})", worst.element)
        });
        let diagnosis = diagnoses().next().unwrap_or_default();
        return Verdict::Wrong([&numbers[..], diagnosis].join(", ").trim_matches([',', ' ']).into());
    }
    if has("single precision") {
        return Verdict::SinglePrecision;
    }
    if kink {
        return Verdict::Kink(gradient.to_vec());
    }
    if has("do not settle") || !report.passed() {
        return Verdict::Open(
            report
                .notes
                .iter()
                .chain(&report.findings)
                .cloned()
                .collect::<Vec<_>>()
                .join(" "),
        );
    }
    Verdict::Agrees
}

/// Runs `work`, and returns the first line of its panic.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let text = text.unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    })
}
