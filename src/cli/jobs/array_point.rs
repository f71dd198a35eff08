//! The point of a gradient check as a file of arrays: written for another program, or read from one; and the judgement of what
//! another program computed there.

use std::path::Path;

use crate::article::report::Report;
use crate::article::{Layout, Point};
use crate::cli::console::{Console, print};
use crate::cli::invocation::Invocation;
use crate::cli::{ExitStatus, report};
use crate::config::too_large;
use crate::data::Dataset;
use crate::device::{Placement, Precision};
use crate::error::{Error, Result};
use crate::files::array_file::{ArrayFile, ElementType, StoredArray, load};
use crate::gradcheck::Array;
use crate::gradcheck::parameters::parameters_from_arrays;
use crate::gradcheck::point::GradientPoint;
use crate::network::Parameters;
use crate::network::gradients::Engine;
use crate::run::Run;

/// The point of a file.
pub struct PointFile {
    /// The parameters.
    pub parameters: Parameters,
    /// The samples.
    pub data: Dataset,
    /// The float type of the numbers in the file.
    pub precision: Precision,
    weight_decay: f64,
}

/// Trains, writes the numbers at this point, and prints what was written.
pub fn write(
    run: &Run,
    at: usize,
    file: &ArrayFile,
    layout: Layout,
    console: &Console,
    invocation: &Invocation,
) -> Result<ExitStatus> {
    let settings = &run.config.train;
    let (before, parameters) = run.last_update(&mut console.bar(at, 0))?;
    // With batches or momentum, an update does not use the gradient of all samples alone.
    let before = before.filter(|_| settings.is_plain_gradient_descent());
    let previous = before.map(|before| gradient(run, &before)).transpose()?;

    let (rate, decay) = (settings.learning_rate.get(), settings.weight_decay.get());
    let point = Point::new(&parameters, &run.data, rate, decay, previous.as_ref());
    let dtype = match run.config.dtype {
        Precision::F32 => ElementType::F32,
        Precision::F64 => ElementType::F64,
    };
    let arrays = point.arrays(layout).into_iter().map(|array| StoredArray { array, dtype });
    let arrays: Vec<StoredArray> = arrays.collect();
    file.write(&arrays)?;

    if console.is_quiet() {
        print(report::point_file_json(file, layout, at, &arrays))?;
    }
    console.print(report::point_file(run, file, layout, at, &arrays, invocation));
    console.check_output()?;
    Ok(ExitStatus::Success)
}

/// Reads a point.
///
/// # Errors
/// When the file cannot be read, or its arrays are not a point.
pub fn read(path: &Path) -> Result<PointFile> {
    let (point, precision) = read_inputs(path)?;
    let (parameters, data) = (point.network_parameters(), point.dataset());
    Ok(PointFile { parameters, data, precision, weight_decay: point.weight_decay })
}

/// Judges the numbers of another program against a point, and prints what is right and what is wrong.
///
/// # Errors
/// When one of the files cannot be read, the first is no point, or the second has nothing to check.
pub fn judge(point_path: &Path, path: &Path, console: &Console) -> Result<ExitStatus> {
    let (point, precision) = read_inputs(point_path)?;
    let arrays = load(path)?;
    let report =
        Report::new(&point, precision, &arrays).map_err(|message| Error::Content { path: path.to_owned(), message })?;

    if console.is_quiet() {
        print(format!("{:#}", report.to_json()))?;
    }
    console.print(format!("{} against {}: {report}", path.display(), point_path.display()));
    console.check_output()?;
    Ok(if report.agrees() { ExitStatus::Success } else { ExitStatus::Negative })
}

/// Reads the inputs of an update, and the float type that they were stored in.
fn read_inputs(path: &Path) -> Result<(Point, Precision)> {
    let refused = |message: String| Error::Content { path: path.to_owned(), message };
    let stored = load(path)?;
    let is_single = stored.iter().any(|stored| stored.dtype == ElementType::F32);
    let precision = if is_single { Precision::F32 } else { Precision::F64 };
    let arrays: Vec<Array> = stored.into_iter().map(|stored| stored.array).collect();

    let (_, point) = Point::from_arrays(&arrays).map_err(refused)?;
    if let Some(reason) = too_large(point.sizes.samples, point.sizes.hidden) {
        return Err(refused(format!("{} hidden units: {reason}", point.sizes.hidden)));
    }
    Ok((point, precision))
}

impl PointFile {
    /// The network at this point.
    pub fn gradient_point<'a>(&'a self, placement: &'a Placement) -> GradientPoint<'a> {
        let Self { parameters, data, weight_decay, .. } = self;
        GradientPoint { parameters, data, weight_decay: *weight_decay, placement }
    }
}

/// The gradient by the parameters.
fn gradient(run: &Run, parameters: &Parameters) -> Result<Parameters> {
    let gradient = run.gradient_point(parameters)?.gradient(Engine::Manual)?;
    let in_order = ["w1", "b1", "w2", "b2"].map(|name| Array::find(&gradient, name).cloned());
    Ok(parameters_from_arrays(&in_order.into_iter().flatten().collect::<Vec<_>>(), parameters.activation))
}
