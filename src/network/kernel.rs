//! The bridge to [`petal_fused`], which knows lists of numbers and nothing else.
//!
//! Leaves out: formulas. They are there.

use petal_fused::{Layers, Level, Pass, Real, Shape};

pub(crate) use petal_fused::Evaluation;

use crate::data::Dataset;
use crate::device::Precision;
use crate::network::Parameters;

/// The vector instructions that the fused engine uses on this processor.
pub fn instructions() -> String {
    Level::best().to_string()
}

/// The probability of label 1 for each row of `x`.
///
/// # Shapes
/// `x` is `[m, d]` row by row; the result is `[m]`.
pub fn probabilities(parameters: &Parameters, x: &[f64], precision: Precision) -> Vec<f64> {
    match precision {
        Precision::F32 => petal_fused::probabilities(&packed::<f32>(parameters), x, Level::best()),
        Precision::F64 => petal_fused::probabilities(&packed::<f64>(parameters), x, Level::best()),
    }
}

/// The gradient of the objective over samples `x` with labels of 0 or 1, in the layout of the parameters.
pub(crate) fn gradient(
    parameters: &Parameters,
    x: &[f64],
    labels: &[u8],
    weight_decay: f64,
    precision: Precision,
) -> Parameters {
    fn in_type<T: Real>(parameters: &Parameters, x: &[f64], labels: &[u8], weight_decay: f64) -> Parameters {
        let mut pass = Pass::<T>::new(shape(parameters), x, labels, Level::best());
        unpacked(pass.gradient(&packed(parameters), weight_decay))
    }
    match precision {
        Precision::F32 => in_type::<f32>(parameters, x, labels, weight_decay),
        Precision::F64 => in_type::<f64>(parameters, x, labels, weight_decay),
    }
}

/// Reads cost and predictions of parameters on `data`, for parameters of the shape of `like`.
pub(crate) fn evaluator(
    like: &Parameters,
    data: &Dataset,
    precision: Precision,
) -> Box<dyn FnMut(&Parameters) -> Evaluation> {
    fn in_type<T: Real + 'static>(like: &Parameters, data: &Dataset) -> Box<dyn FnMut(&Parameters) -> Evaluation> {
        let mut pass = pass::<T>(like, data);
        Box::new(move |parameters| pass.evaluate(&packed(parameters)))
    }
    match precision {
        Precision::F32 => in_type::<f32>(like, data),
        Precision::F64 => in_type::<f64>(like, data),
    }
}

/// The second derivatives of the objective at the parameters.
pub(crate) fn hessian(parameters: &Parameters, data: &Dataset, weight_decay: f64) -> petal_fused::Hessian {
    petal_fused::Hessian::new(&packed(parameters), data.x(), data.y(), weight_decay, Level::best())
}

/// The way over samples, for networks of the shape of `parameters`.
pub(crate) fn pass<T: Real>(parameters: &Parameters, data: &Dataset) -> Pass<T> {
    Pass::new(shape(parameters), data.x(), data.y(), Level::best())
}

/// The same with room for a number of samples.
pub(crate) fn room<T: Real>(parameters: &Parameters, samples: usize) -> Pass<T> {
    Pass::with_room(shape(parameters), samples, Level::best())
}

/// Parameters in the order that a pass wants them in, rounded to its float type.
pub(crate) fn packed<T: Real>(parameters: &Parameters) -> petal_fused::Parameters<T> {
    let Parameters { w1, b1, w2, b2, .. } = parameters.clone();
    petal_fused::Parameters::from_layers(shape(parameters), &Layers { w1, b1, w2, b2: b2[0] })
}

/// The inverse of [`packed`].
pub(crate) fn unpacked<T: Real>(parameters: &petal_fused::Parameters<T>) -> Parameters {
    let (Shape { features, hidden }, Layers { w1, b1, w2, b2 }) = (parameters.shape(), parameters.to_layers());
    Parameters { features, hidden, w1, b1, w2, b2: vec![b2] }
}

pub(crate) fn shape(parameters: &Parameters) -> Shape {
    Shape { features: parameters.features, hidden: parameters.hidden }
}
