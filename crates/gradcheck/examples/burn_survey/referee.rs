//! The verdict about one case on one device in one float type.

use std::panic::{AssertUnwindSafe, catch_unwind};

use burn::tensor::DType;
use petal_gradcheck::{Report, TensorReport, WorstElement};

use crate::case::{Case, Place};
use crate::excuses::excuse;

/// A gradient in f64 with a larger error, relative to its largest element, is not only computed in f32.
const SINGLE: f64 = 1e-6;
/// The cosine of the angle between a gradient and the right one, if f32 numbers are the only difference.
const PARALLEL: f64 = 1.0 - 1e-12;
/// Smaller numbers are as good as zero, and close to the smallest that f32 has.
const NEGLIGIBLE: f64 = 1e-30;

/// What the check of one case shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The gradient agrees with the differences.
    Agrees,
    /// It is right to about seven digits, although everything else is in f64; or the function itself is computed in f32.
    SinglePrecision,
    /// The function has a kink or a jump, and Burn takes these finite numbers.
    Kink(Vec<f64>),
    /// The function has a kink or an edge, and Burn's gradient is NaN or infinite.
    NotFinite,
    /// The gradient is not the derivative, and the function has one.
    Wrong(String),
    /// A wrong gradient that is no mistake, and why.
    Excused(&'static str),
    /// The function or its gradient panics.
    Panics(String),
    /// A layer or loss makes tensors of the device's default float type, which is the other one here.
    DefaultType,
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
            Self::NotFinite => "NaN or infinite",
            Self::Wrong(_) => "**wrong**",
            Self::Excused(_) => "excused",
            Self::Panics(_) => "panics",
            Self::DefaultType => "default type",
            Self::Undefined => "undefined",
            Self::Open(_) => "open",
        }
    }
}

/// Checks one case.
pub fn judge(case: &Case, place: &Place) -> Verdict {
    match caught(|| (case.outputs)(place)) {
        Err(panic) => return of_panic(panic),
        Ok(outputs) if outputs.iter().any(|output| !output.is_finite()) => return Verdict::Undefined,
        Ok(_) => {}
    }
    let gradient = match caught(|| (case.gradient)(place)) {
        Ok(gradient) => gradient,
        Err(panic) => return of_panic(panic),
    };

    let verdict = match caught(|| (case.check)(place)) {
        // The rounding of an argument of this size looks to the differences like that of an f32 number.
        Ok(Ok(report)) if case.point.ends_with("1e-8") && report.passed() => Verdict::Agrees,
        Ok(Ok(report)) => of_report(&report, &gradient, place),
        Ok(Err(error)) if matches!(of_panic(error.to_string()), Verdict::DefaultType) => Verdict::DefaultType,
        Ok(Err(error)) if error.to_string().contains("needs as many numbers") => {
            Verdict::Wrong("the gradient has another shape than the tensor".into())
        }
        Ok(Err(error)) => Verdict::Open(error.to_string()),
        Err(panic) => Verdict::Open(format!("the check panicked: {panic}")),
    };
    match (verdict, excuse(&case.name, &case.point)) {
        (Verdict::Wrong(_) | Verdict::Open(_), Some(excuse)) => Verdict::Excused(excuse),
        (verdict, _) => verdict,
    }
}

fn of_panic(text: String) -> Verdict {
    let mixed = ["dtype mismatch", "Data type mismatch", "data type mismatch"]
        .iter()
        .any(|part| text.contains(part));
    if mixed { Verdict::DefaultType } else { Verdict::Panics(text) }
}

fn of_report(report: &Report, gradient: &[f64], place: &Place) -> Verdict {
    let notes = report.notes.join(" ");
    let has = |text: &str| notes.contains(text);
    let kink = has("has a kink") || has("jumps at");
    if gradient.iter().any(|value| !value.is_finite()) && (kink || has("do not settle")) {
        return Verdict::NotFinite;
    }
    if has("neither one of the slopes") {
        return Verdict::Wrong("neither one of the slopes at a kink nor between them".into());
    }

    let tensors = || report.comparisons.iter().flat_map(|comparison| &comparison.tensors);
    let failed: Vec<&TensorReport> = tensors().filter(|tensor| !tensor.passed).collect();
    if !failed.is_empty() {
        return of_failed(&failed, gradient, place);
    }
    if kink {
        Verdict::Kink(gradient.to_vec())
    } else if has("single precision") && place.dtype == DType::F64 {
        Verdict::SinglePrecision
    } else if has("do not settle") || !report.passed() {
        Verdict::Open(
            report
                .notes
                .iter()
                .chain(&report.findings)
                .cloned()
                .collect::<Vec<_>>()
                .join(" "),
        )
    } else {
        Verdict::Agrees
    }
}

/// The verdict about tensors that do not agree with the differences.
fn of_failed(failed: &[&TensorReport], gradient: &[f64], place: &Place) -> Verdict {
    let is_negligible = |worst: &WorstElement| worst.tested.abs() < NEGLIGIBLE && worst.reference.abs() < NEGLIGIBLE;
    if failed.iter().all(|tensor| tensor.worst.as_ref().is_some_and(is_negligible)) {
        return Verdict::Agrees;
    }
    let size = gradient.iter().fold(0.0_f64, |size, value| size.max(value.abs()));
    let is_single = |tensor: &&TensorReport| {
        let parallel = tensor.cosine.is_none_or(|cosine| cosine > PARALLEL);
        parallel && tensor.worst.as_ref().is_some_and(|worst| worst.absolute < SINGLE * size)
    };
    if place.dtype == DType::F64 && failed.iter().all(is_single) {
        return Verdict::SinglePrecision;
    }

    let numbers = failed.iter().find_map(|tensor| tensor.worst.as_ref()).map(|worst| {
        let (tested, reference, relative) = (worst.tested, worst.reference, worst.relative);
        format!("{}: {tested:.6e} in place of {reference:.6e} (error {relative:.0e})", worst.element)
    });
    let diagnosis = failed.iter().find_map(|tensor| tensor.diagnosis.clone());
    Verdict::Wrong(numbers.into_iter().chain(diagnosis).collect::<Vec<_>>().join(", "))
}

/// Runs `work`, and returns the text of its panic on one line.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        text.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
    })
}
