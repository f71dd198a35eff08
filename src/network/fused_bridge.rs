//! Converts Petal's parameters and data for [`petal_fused`], which works on slices of numbers and contains the formulas.

use petal_fused::{Float, LayerParameters, Pass, Shape, SimdLevel};

pub(crate) use petal_fused::{Evaluation, thread_count, with_threads};

use crate::data::Dataset;
use crate::data::vector::max_norm;
use crate::device::Precision;
use crate::network::{Activation, Parameters};

/// The name of the vector instructions that the fused engine uses on this processor.
pub fn instructions() -> String {
    SimdLevel::best().to_string()
}

/// The logit of label 1 for each row of `x`. It is NaN where the sum z1 of a hidden unit may overflow: tanh of infinity is 1 and
/// would look like a result, but it may have the wrong sign. With relu or without an activation the terms of the logit have no
/// bound, and an infinite logit may have the wrong sign too: it becomes NaN. With tanh and sigmoid only weights near the largest
/// float lead to an infinite logit.
///
/// # Shapes
/// `x` is `[m, d]` row by row; the result is `[m]`.
pub fn logits(parameters: &Parameters, x: &[f64], precision: Precision) -> Vec<f64> {
    fn compute<T: Float>(parameters: &Parameters, x: &[f64]) -> Vec<f64> {
        petal_fused::logits(&to_fused::<T>(parameters), parameters.activation.into(), x, SimdLevel::best())
    }
    let mut logits = match precision {
        Precision::F32 => compute::<f32>(parameters, x),
        Precision::F64 => compute::<f64>(parameters, x),
    };
    let overflows = OverflowCheck::new(x, precision);
    overflows.rows(parameters).for_each(|row| logits[row] = f64::NAN);
    if !parameters.activation.is_bounded() {
        let infinite = logits.iter_mut().filter(|logit| logit.is_infinite());
        infinite.for_each(|logit| *logit = f64::NAN);
    }
    logits
}

/// Finds the rows of `x` for which the sum z1 of a hidden unit may overflow.
pub(crate) struct OverflowCheck<'a> {
    x: &'a [f64],
    largest_input: f64,
    limit: f64,
}

impl<'a> OverflowCheck<'a> {
    pub(crate) fn new(x: &'a [f64], precision: Precision) -> Self {
        let largest_float = match precision {
            Precision::F32 => f64::from(f32::MAX),
            Precision::F64 => f64::MAX,
        };
        let largest_input = max_norm(x);
        // Half of the largest float leaves room for rounding.
        Self { x, largest_input, limit: largest_float / 2.0 }
    }

    /// The indices of these rows.
    pub(crate) fn rows(&self, parameters: &Parameters) -> impl Iterator<Item = usize> {
        // |b1[k]| + sum over j of |x[j] w1[j,k]| bounds all partial sums of z1[k], in any order. NaN is above every limit.
        let Parameters { features, hidden, w1, b1, .. } = parameters;
        let may_overflow = move |input: &dyn Fn(usize) -> f64| {
            let bound =
                |k: usize| (0..*features).fold(b1[k].abs(), |sum, j| sum + (input(j) * w1[j * hidden + k]).abs());
            !(0..*hidden).all(|k| bound(k) <= self.limit)
        };
        let x = if may_overflow(&|_| self.largest_input) { self.x } else { &[] };
        let rows = x.chunks_exact(*features).enumerate();
        rows.filter(move |(_, row)| may_overflow(&|j| row[j])).map(|(index, _)| index)
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
    fn compute<T: Float>(parameters: &Parameters, x: &[f64], labels: &[u8], weight_decay: f64) -> Parameters {
        let mut pass = Pass::<T>::new(shape(parameters), parameters.activation.into(), x, labels, SimdLevel::best());
        from_fused(pass.gradient(&to_fused(parameters), weight_decay), parameters.activation)
    }
    match precision {
        Precision::F32 => compute::<f32>(parameters, x, labels, weight_decay),
        Precision::F64 => compute::<f64>(parameters, x, labels, weight_decay),
    }
}

/// A function that evaluates networks on `data`: the cost and the number of correct predictions.
///
/// The networks must have the shape and the activation function of `template`.
pub(crate) fn evaluator(
    template: &Parameters,
    data: &Dataset,
    precision: Precision,
) -> Box<dyn FnMut(&Parameters) -> Evaluation> {
    fn create<T: Float>(template: &Parameters, data: &Dataset) -> Box<dyn FnMut(&Parameters) -> Evaluation> {
        let mut pass = pass::<T>(template, data);
        Box::new(move |parameters| pass.evaluate(&to_fused(parameters)))
    }
    match precision {
        Precision::F32 => create::<f32>(template, data),
        Precision::F64 => create::<f64>(template, data),
    }
}

/// The Hessian of the objective at the parameters.
pub(crate) fn hessian(parameters: &Parameters, data: &Dataset, weight_decay: f64) -> petal_fused::Hessian {
    let activation = parameters.activation.into();
    let parameters = to_fused(parameters);
    petal_fused::Hessian::new(&parameters, activation, data.x(), data.y(), weight_decay, SimdLevel::best())
}

/// The pass over all samples, for networks with the shape and the activation function of `parameters`.
pub(crate) fn pass<T: Float>(parameters: &Parameters, data: &Dataset) -> Pass<T> {
    Pass::new(shape(parameters), parameters.activation.into(), data.x(), data.y(), SimdLevel::best())
}

/// A pass with memory for a number of samples, for networks with the shape and the activation function of `parameters`.
///
/// The samples must be loaded before use, with [`Pass::load_samples`].
pub(crate) fn pass_with_capacity<T: Float>(parameters: &Parameters, samples: usize) -> Pass<T> {
    Pass::with_capacity(shape(parameters), parameters.activation.into(), samples, SimdLevel::best())
}

/// Converts parameters to the layout and the float type of a pass.
pub(crate) fn to_fused<T: Float>(parameters: &Parameters) -> petal_fused::Parameters<T> {
    let Parameters { w1, b1, w2, b2, .. } = parameters.clone();
    petal_fused::Parameters::from_layers(shape(parameters), &LayerParameters { w1, b1, w2, b2: b2[0] })
}

/// Converts parameters back from the layout of a pass, which does not hold the activation function.
pub(crate) fn from_fused<T: Float>(parameters: &petal_fused::Parameters<T>, activation: Activation) -> Parameters {
    let (Shape { features, hidden }, LayerParameters { w1, b1, w2, b2 }) = (parameters.shape(), parameters.to_layers());
    Parameters { features, hidden, activation, w1, b1, w2, b2: vec![b2] }
}

impl From<Activation> for petal_fused::Activation {
    fn from(activation: Activation) -> Self {
        match activation {
            Activation::Tanh => Self::Tanh,
            Activation::Sigmoid => Self::Sigmoid,
            Activation::Relu => Self::Relu,
            Activation::Identity => Self::Identity,
        }
    }
}

pub(crate) fn shape(parameters: &Parameters) -> Shape {
    Shape { features: parameters.features, hidden: parameters.hidden }
}
