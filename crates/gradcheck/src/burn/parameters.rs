//! The float parameters of a module: reads them by name, and puts numbers in their place.

use std::any::Any;
use std::collections::HashMap;

use burn::module::{Flag, Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{DType, Device, Gradients, Tensor, TensorData};

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
    pub device: Device,
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
pub(super) fn float_parameters<M: Module>(module: &M, names: &[(String, String)]) -> Result<Vec<FloatParameter>> {
    let mut collector = Collector { names, path: Vec::new(), paths: Vec::new(), found: Vec::new(), failure: None };
    module.visit(&mut collector);
    let Collector { paths, found, failure, .. } = collector;
    if let Some(failure) = failure {
        return Err(failure);
    }

    let is_path = |(beginning, _): &&(String, String)| paths.iter().any(|path| rest(path, beginning).is_some());
    match names.iter().find(|name| !is_path(name)) {
        None => Ok(found),
        Some((unknown, _)) => Err(Error::Check(format!(
            "no parameter has the path {unknown:?}, and none begins with it: the paths are {}",
            paths.join(", ")
        ))),
    }
}

/// What follows in a path after its beginning: nothing, or the rest with a dot. `None` if it begins otherwise.
fn rest<'a>(path: &'a str, beginning: &str) -> Option<&'a str> {
    path.strip_prefix(beginning)
        .filter(|rest| rest.is_empty() || rest.starts_with('.'))
}

struct Collector<'a> {
    /// Names in place of paths, and of beginnings of paths.
    names: &'a [(String, String)],
    path: Vec<String>,
    /// The path of each parameter that was visited.
    paths: Vec<String>,
    found: Vec<FloatParameter>,
    failure: Option<Error>,
}

impl ModuleVisitor for Collector<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.paths.push(self.path.join("."));
        let path = self.name();
        let tensor = param.base();
        let values = match tensor.try_to_vec_as() {
            Ok(values) => values,
            Err(error) => {
                self.failure = Some(Error::Check(format!("{path} cannot be read: {error}")));
                return;
            }
        };
        if self
            .found
            .iter()
            .any(|other| other.id != param.id && other.paths.contains(&path))
        {
            self.failure = Some(Error::Check(format!("two parameters have the same name: {path}")));
        }

        let Some(tied) = self.found.iter_mut().find(|other| other.id == param.id) else {
            self.found.push(FloatParameter {
                id: param.id,
                paths: vec![path],
                shape: tensor.dims().to_vec(),
                values,
                device: tensor.device(),
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

impl Collector<'_> {
    /// The name of the parameter at the current path.
    fn name(&self) -> String {
        let path = self.path.join(".");
        for (beginning, name) in self.names {
            if let Some(rest) = rest(&path, beginning) {
                return format!("{name}{rest}");
            }
        }
        // The module is a parameter itself.
        if path.is_empty() { "parameter".into() } else { path }
    }
}

/// Where a module is put.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The device. If it has autodiff, layers such as dropout compute as in training.
    pub device: Device,
    pub dtype: DType,
    /// Whether the parameters become the leaves of a graph. That needs a device with autodiff.
    pub leaves: bool,
    /// Whether layers such as dropout behave as in inference, even on a device with autodiff.
    pub inference: bool,
}

/// Copies a module to a place. `values` replace the values of the parameters with these names.
pub(super) fn place<M: Module>(module: &M, parameters: &[FloatParameter], values: &[Array], place: &Place) -> M {
    // `valid` copies the running statistics. Clones would share them.
    let copy = module.valid();
    let copy = if place.device.is_autodiff() { copy.train() } else { copy };
    copy.fork(&place.device)
        .map(&mut Placer { parameters, values, place, placed: HashMap::new() })
}

struct Placer<'a> {
    parameters: &'a [FloatParameter],
    values: &'a [Array],
    place: &'a Place,
    /// The finished tensors. Tied weights get the same one, so that their gradients add up.
    placed: HashMap<ParamId, Box<dyn Any>>,
}

impl ModuleMapper for Placer<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, old, mapper) = param.consume();
        let tied = self.placed.get(&id).and_then(|tensor| tensor.downcast_ref::<Tensor<D>>());
        let new = tied.cloned().unwrap_or_else(|| self.tensor(id, &old));
        self.placed.insert(id, Box::new(new.clone()));
        Param::from_mapped_value(id, new, mapper)
    }

    fn map_flag(&mut self, flag: Param<Flag>) -> Param<Flag> {
        if self.place.inference { flag.with_value(false) } else { flag }
    }
}

impl Placer<'_> {
    fn tensor<const D: usize>(&self, id: ParamId, old: &Tensor<D>) -> Tensor<D> {
        let Some(parameter) = self.parameters.iter().find(|parameter| parameter.id == id) else {
            unreachable!("the module has the parameters that it had before");
        };
        let new = Array::find(self.values, &parameter.name()).map_or(&parameter.values, |array| &array.values);
        let data = TensorData::new(new.clone(), old.dims());
        let tensor = Tensor::from_data(data, (&self.place.device, self.place.dtype));
        tensor.set_require_grad(self.place.leaves && parameter.requires_gradient)
    }
}

/// The gradients of the parameters of a module that was placed as leaves, each with its own shape: a wrong backward pass may
/// give another one than the parameter's. A parameter without a gradient is left out.
pub(super) fn read_gradients<M: Module>(module: &M, gradients: &Gradients) -> HashMap<ParamId, (Vec<usize>, Vec<f64>)> {
    let mut reader = GradientReader { gradients, found: HashMap::new() };
    module.visit(&mut reader);
    reader.found
}

struct GradientReader<'a> {
    gradients: &'a Gradients,
    found: HashMap<ParamId, (Vec<usize>, Vec<f64>)>,
}

impl ModuleVisitor for GradientReader<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = param.base().grad(self.gradients) {
            let shape = gradient.dims().to_vec();
            self.found.insert(param.id, (shape, gradient.into_data().iter().collect()));
        }
    }
}
