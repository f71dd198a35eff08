//! One case of the survey: a function of tensors or of a module, and the point at which its gradient is checked.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{DType, Device, Gradients, Int, Tensor, TensorData};
use petal_gradcheck::Report;
use petal_gradcheck::burn::check_module;
use petal_gradcheck::error::Result;

use crate::points::spread;

/// A tensor's shape and its values, row by row.
#[derive(Clone)]
pub struct Array<const D: usize> {
    shape: [usize; D],
    values: Vec<f64>,
}

/// Where a case computes, and in which float type.
#[derive(Clone)]
pub struct Place {
    pub name: &'static str,
    pub device: Device,
    pub dtype: DType,
}

/// Computes numbers at a place.
type Numbers = Box<dyn Fn(&Place) -> Vec<f64>>;
/// Checks a gradient at a place.
type Check = Box<dyn Fn(&Place) -> Result<Report>>;

/// A function whose gradient is checked, at one point.
pub struct Case {
    pub name: String,
    pub point: String,
    /// The function's values, on a device without autodiff.
    pub outputs: Numbers,
    /// Autodiff's gradient of the weighted sum of the outputs, by each parameter in turn.
    pub gradient: Numbers,
    /// The check of that gradient.
    pub check: Check,
}

/// An array of this shape. Its numbers are rounded to f32, so that the point is the same in both float types.
pub fn at<const D: usize>(shape: [usize; D], values: Vec<f64>) -> Array<D> {
    assert_eq!(shape.iter().product::<usize>(), values.len(), "{shape:?}");
    Array { shape, values: values.into_iter().map(|value| f64::from(value as f32)).collect() }
}

/// Whole numbers as a tensor, such as indices or classes.
pub fn ints<const D: usize>(shape: [usize; D], values: &[i64], device: &Device) -> Tensor<D, Int> {
    Tensor::<1, Int>::from_data(values, device).reshape(shape)
}

/// A function of one tensor.
pub fn one<const D: usize, const E: usize>(
    name: &str,
    point: &str,
    x: Array<D>,
    function: impl Fn(Tensor<D>) -> Tensor<E> + Clone + 'static,
) -> Case {
    module(name, point, move |place| x.parameter(place), move |x: &Param<Tensor<D>>| function(x.val()))
}

/// A function of two tensors.
pub fn two<const D: usize, const E: usize, const F: usize>(
    name: &str,
    point: &str,
    x: Array<D>,
    y: Array<E>,
    function: impl Fn(Tensor<D>, Tensor<E>) -> Tensor<F> + Clone + 'static,
) -> Case {
    let make = move |place: &Place| (x.parameter(place), y.parameter(place));
    module(name, point, make, move |(x, y): &(Param<Tensor<D>>, Param<Tensor<E>>)| function(x.val(), y.val()))
}

/// A function of three tensors.
pub fn three<const D: usize, const E: usize, const F: usize, const G: usize>(
    name: &str,
    point: &str,
    x: Array<D>,
    y: Array<E>,
    z: Array<F>,
    function: impl Fn(Tensor<D>, Tensor<E>, Tensor<F>) -> Tensor<G> + Clone + 'static,
) -> Case {
    let make = move |place: &Place| (x.parameter(place), y.parameter(place), z.parameter(place));
    let function =
        move |(x, y, z): &(Param<Tensor<D>>, Param<Tensor<E>>, Param<Tensor<F>>)| function(x.val(), y.val(), z.val());
    module(name, point, make, function)
}

/// A layer: its output as a function of its input and of its parameters.
pub fn layer<const D: usize, const E: usize, M: Module + 'static>(
    name: &str,
    point: &str,
    x: Array<D>,
    layer: impl Fn(&Device) -> M + Clone + 'static,
    forward: impl Fn(&M, Tensor<D>) -> Tensor<E> + Clone + 'static,
) -> Case {
    let make = move |place: &Place| (x.parameter(place), filled(layer(&place.device), place));
    module(name, point, make, move |(x, layer): &(Param<Tensor<D>>, M)| forward(layer, x.val()))
}

/// Any function of a module.
pub fn module<M: Module + 'static, const E: usize>(
    name: &str,
    point: &str,
    make: impl Fn(&Place) -> M + Clone + 'static,
    function: impl Fn(&M) -> Tensor<E> + Clone + 'static,
) -> Case {
    let (make_plain, plain) = (make.clone(), function.clone());
    let (make_tracked, tracked) = (make.clone(), function.clone());

    let outputs = move |place: &Place| host(plain(&make_plain(place)));
    let gradient = move |place: &Place| {
        let device = place.device.clone().autodiff();
        let module = make_tracked(&Place { device, ..place.clone() }).train();
        let gradients = weighted_sum(tracked(&module)).backward();
        let mut reader = GradientReader { gradients: &gradients, values: Vec::new() };
        module.visit(&mut reader);
        reader.values
    };
    let check = move |place: &Place| check_module(&make(place), |module, _| weighted_sum(function(module)));
    Case {
        name: name.to_owned(),
        point: point.to_owned(),
        outputs: Box::new(outputs),
        gradient: Box::new(gradient),
        check: Box::new(check),
    }
}

/// `sum_i weight(i) * y_i`. Neighbours have different weights, so that outputs in a wrong order are noticed.
fn weighted_sum<const D: usize>(y: Tensor<D>) -> Tensor<1> {
    let count = y.shape().num_elements();
    let weight = |index: usize| 1.0 + 0.25 * (index % 7) as f64 + 0.1 * (index % 3) as f64;
    let weights: Vec<f64> = (0..count).map(weight).collect();
    let weights = Tensor::<1>::from_data(TensorData::new(weights, [count]), (&y.device(), y.dtype()));
    (y.reshape([count]) * weights).sum()
}

fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter().collect()
}

impl<const D: usize> Array<D> {
    fn tensor(&self, place: &Place) -> Tensor<D> {
        let data = TensorData::new(self.values.clone(), self.shape);
        Tensor::from_data(data, (&place.device, place.dtype))
    }

    fn parameter(&self, place: &Place) -> Param<Tensor<D>> {
        Param::from_tensor(self.tensor(place))
    }
}

/// Puts fixed numbers in place of the random ones of a new layer, in the float type of the place. Running statistics keep
/// theirs.
fn filled<M: Module>(layer: M, place: &Place) -> M {
    // Only in train mode a parameter shows whether it requires a gradient.
    layer.train().map(&mut Filler { place, count: 0 })
}

struct Filler<'a> {
    place: &'a Place,
    count: usize,
}

impl ModuleMapper for Filler<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, old, mapper) = param.consume();
        let values = if old.is_require_grad() {
            // Each parameter starts at another place of the sequence.
            self.count += 3;
            let values = spread(old.shape().num_elements() + self.count).split_off(self.count);
            values.into_iter().map(|value| 0.6 * value).collect()
        } else {
            host(old.clone())
        };
        let new = at(old.dims(), values)
            .tensor(self.place)
            .set_require_grad(old.is_require_grad() && self.place.device.is_autodiff());
        Param::from_mapped_value(id, new, mapper)
    }
}

struct GradientReader<'a> {
    gradients: &'a Gradients,
    values: Vec<f64>,
}

impl ModuleVisitor for GradientReader<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let gradient = param.base().grad(self.gradients);
        self.values.extend(gradient.into_iter().flat_map(host));
    }
}
