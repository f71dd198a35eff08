//! What `petal gradcheck` prints and draws besides the report of the check.

use std::path::Path;

use crate::config::Config;
use crate::data::Dataset;
use crate::data::text::{grouped, plural};
use crate::device::OpenDevice;
use crate::network::Parameters;
use crate::plot::{StepCurve, StepSweep};
use crate::run::Run;

/// Summarizes a gradient check: the number of parameters and samples, and after how many updates it is made.
pub fn gradcheck_summary(run: &Run, update: usize) -> String {
    let Config { device, dtype, .. } = &run.config;
    format!(
        "Gradients of {} parameters over {} samples after {} {}, {dtype} on {device}\n",
        grouped(run.initial.count()),
        grouped(run.data.samples()),
        grouped(update),
        plural(update, "update"),
    )
}

/// Summarizes a gradient check at the point of a file.
pub fn gradcheck_file_summary(path: &Path, parameters: &Parameters, data: &Dataset, device: &OpenDevice) -> String {
    format!(
        "Gradients of {} parameters over {} samples at the point in {}, {} on {}\n",
        grouped(parameters.count()),
        grouped(data.samples()),
        path.display(),
        device.placement.precision(),
        device.name,
    )
}

/// The picture of the error of central differences over their step. Each curve is a list of points (step, error); the
/// first is in f64, the second in f32.
pub fn step_sweep([in_f64, in_f32]: [Vec<(f64, f64)>; 2]) -> StepSweep {
    let curve = |name: &str, epsilon: f64, points| {
        let chosen = epsilon.cbrt();
        StepCurve { name: format!("{name}, cbrt(eps) = {chosen:.1e}"), chosen, points }
    };
    StepSweep {
        title: "Error of central differences: truncation for large steps, rounding for small ones".into(),
        curves: [curve("f64", f64::EPSILON, in_f64), curve("f32", f32::EPSILON.into(), in_f32)],
    }
}
