//! The float parameters of a module: reads them by name, and puts numbers in their place.

use std::any::Any;
use std::collections::HashMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{DType, Device, Tensor, TensorData};

use crate::array::Array;
use crate::error::{Error, Result};

/// A float parameter of a module, or several that are tied: they have the same id and the same values.
#[derive(Clone, Debug)]
pub(super) struct FloatParameter {
    pub id: ParamId,
    /// The paths in the module, such as `layers.0.weight`. Tied weights have several.
    pub paths: Vec<String>,
    pub shape: Vec<usize>,
    pub values: Vec<f64>,
    pub dtype: DType,
    /// Whether a gradient is wanted. Running statistics and frozen parameters do not want one.
    pub requires_gradient: bool,
}

impl FloatParameter {
    /// The name in reports. The paths of tied weights are joined by `=`.
    pub fn name(&self) -> String {
        self.paths.join(" = ")
    }

    /// The values under the parameter's name.
    pub fn array(&self) -> Array {
        Array::new(self.name(), self.shape.clone(), self.values.clone())
    }
}

/// Finds the float parameters of a module, in its order. `module` must be in train mode: only then a parameter shows
/// whether it requires a gradient.
pub(super) fn float_parameters<M: Module>(module: &M) -> Result<Vec<FloatParameter>> {
    let mut collector = Collector { path: Vec::new(), found: Vec::new(), failure: None };
    module.visit(&mut collector);
    match collector.failure {
        None => Ok(collector.found),
        Some(failure) => Err(failure),
    }
}

struct Collector {
    path: Vec<String>,
    found: Vec<FloatParameter>,
    failure: Option<Error>,
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let path = if self.path.is_empty() { "parameter".into() } else { self.path.join(".") };
        let tensor = param.base();
        let values = match tensor.try_to_vec_as() {
            Ok(values) => values,
            Err(error) => {
                self.failure = Some(Error::Check(format!("{path} cannot be read: {error}")));
                return;
            }
        };

        let Some(tied) = self.found.iter_mut().find(|other| other.id == param.id) else {
            self.found.push(FloatParameter {
                id: param.id,
                paths: vec![path],
                shape: tensor.dims().to_vec(),
                values,
                dtype: tensor.dtype(),
                requires_gradient: tensor.is_require_grad(),
            });
            return;
        };
        if tied.values != values || tied.shape != tensor.dims() {
            self.failure = Some(Error::Check(format!(
                "{} and {path} have the same ParamId but not the same values. A clone of a layer keeps the ids of the \
                 original, and Burn takes parameters with one id for one tied weight. Make each layer by its own call of \
                 `init`",
                tied.name()
            )));
        }
        tied.paths.push(path);
    }
}

/// Where the parameters of a module are put.
#[derive(Clone)]
pub(super) struct Place {
    /// With autodiff, the parameters that require a gradient become leaves of a new graph.
    pub device: Device,
    pub dtype: DType,
}

/// Puts numbers in place of the parameters, all tensors on the device of `place`.
///
/// `module` must not share its running statistics with another module: they would change there too.
pub(super) fn place<M: Module>(module: M, parameters: &[FloatParameter], values: &[Array], place: &Place) -> M {
    let mut placer = Placer { parameters, values, place, placed: HashMap::new() };
    module.fork(&place.device).map(&mut placer)
}

struct Placer<'a> {
    parameters: &'a [FloatParameter],
    /// The values of the parameters that require a gradient. The others keep theirs.
    values: &'a [Array],
    place: &'a Place,
    /// The finished tensors. Tied weights get the same one.
    placed: HashMap<ParamId, Box<dyn Any>>,
}

impl ModuleMapper for Placer<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, old, mapper) = param.consume();
        let tied = self.placed.get(&id).and_then(|tensor| tensor.downcast_ref::<Tensor<D>>());
        let new = match tied {
            Some(tensor) => tensor.clone(),
            None => self.tensor(id, &old),
        };
        self.placed.insert(id, Box::new(new.clone()));
        Param::from_mapped_value(id, new, mapper)
    }
}

impl Placer<'_> {
    fn tensor<const D: usize>(&self, id: ParamId, old: &Tensor<D>) -> Tensor<D> {
        let Some(parameter) = self.parameters.iter().find(|parameter| parameter.id == id) else {
            unreachable!("the module has the parameters that it had before");
        };
        let moved = Array::find(self.values, &parameter.name()).map_or(&parameter.values, |array| &array.values);
        let data = TensorData::new(moved.clone(), old.dims());
        let tensor = Tensor::from_data(data, (&self.place.device, self.place.dtype));
        tensor.set_require_grad(parameter.requires_gradient && self.place.device.is_autodiff())
    }
}

/// The gradients of the parameters of a module that [`place`] made. A parameter without a gradient is left out.
pub(super) fn gradients<M: Module>(module: &M, graph: &burn::tensor::Gradients) -> HashMap<ParamId, Vec<f64>> {
    struct Reader<'a>(&'a burn::tensor::Gradients, HashMap<ParamId, Vec<f64>>);
    impl ModuleVisitor for Reader<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = param.base().grad(self.0) {
                self.1.insert(param.id, gradient.into_data().iter().collect());
            }
        }
    }

    let mut reader = Reader(graph, HashMap::new());
    module.visit(&mut reader);
    reader.1
}
