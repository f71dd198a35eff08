//! What a check of a module's gradient consists of. [`super::run`] carries it out.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::evaluation::{Loss, Point};
use super::parameters::Place;
use crate::array::Array;
use crate::check::{BoxedError, Check, IntoGradient};
use crate::error::Result;

/// A function that computes a gradient of a module on a device.
type GradientFunction<'a, M> = Box<dyn Fn(&M, &Device) -> Result<Vec<Array>, BoxedError> + 'a>;
/// A setting that is passed on to [`Check`].
type Setting<'a> = Box<dyn FnOnce(Check<'_>) -> Check<'_> + 'a>;

/// Builds and runs a check of the gradient of a loss by the parameters of a module.
pub struct ModuleCheck<'a, M, const D: usize> {
    pub(super) module: M,
    pub(super) loss: Loss<'a, M, D>,
    /// Where autodiff computes. `None`: on the module's own device, in the module's float type.
    pub(super) device: Option<Device>,
    pub(super) inference: bool,
    /// The gradients besides autodiff's, by name.
    pub(super) others: Vec<(String, OtherGradient<'a, M, D>)>,
    /// Names in place of paths.
    pub(super) names: Vec<(String, String)>,
    pub(super) settings: Vec<Setting<'a>>,
}

/// A gradient besides autodiff's.
pub(super) enum OtherGradient<'a, M, const D: usize> {
    /// Autodiff's on another device.
    On(Device),
    /// Autodiff's, of another implementation of the loss.
    Of(Loss<'a, M, D>),
    /// The result of a function of the module and its device.
    By(GradientFunction<'a, M>),
}

impl<'a, M: Module, const D: usize> ModuleCheck<'a, M, D> {
    /// Starts a check of `loss` at the parameters of `module`.
    ///
    /// The loss gets a copy of the module and the device that the copy is on. It makes every other tensor on that device,
    /// without naming a float type.
    pub fn new(module: &M, loss: impl Fn(&M, &Device) -> Tensor<D> + 'a) -> Self {
        Self {
            module: module.clone(),
            loss: Box::new(loss),
            device: None,
            inference: false,
            others: Vec::new(),
            names: Vec::new(),
            settings: Vec::new(),
        }
    }

    /// Sets the device where autodiff computes, in that device's default float type. Without it, autodiff computes on the
    /// module's own device, in the float type of the parameters.
    pub fn device(mut self, device: &Device) -> Self {
        self.device = Some(device.clone());
        self
    }

    /// Lets layers such as dropout and batch normalization behave as in inference. Without it, they behave as in training.
    pub fn inference(mut self) -> Self {
        self.inference = true;
        self
    }

    /// Adds a gradient that a function computes, for example by hand. The function gets the module and its device, without
    /// autodiff. It returns one array for each parameter, under the parameter's name; [`super::array_from_tensor`] makes
    /// it.
    pub fn gradient<G: IntoGradient>(mut self, name: &str, gradient: impl Fn(&M, &Device) -> G + 'a) -> Self {
        let function = move |module: &M, device: &Device| gradient(module, device).into_gradient();
        self.others.push((name.into(), OtherGradient::By(Box::new(function))));
        self
    }

    /// Adds autodiff's gradient on another device, in that device's default float type.
    pub fn gradient_on(mut self, name: &str, device: &Device) -> Self {
        self.others.push((name.into(), OtherGradient::On(device.clone())));
        self
    }

    /// Adds autodiff's gradient of another implementation of the same loss.
    pub fn gradient_of(mut self, name: &str, loss: impl Fn(&M, &Device) -> Tensor<D> + 'a) -> Self {
        self.others.push((name.into(), OtherGradient::Of(Box::new(loss))));
        self
    }

    /// Sets the name in the report for a path in the module, and for the beginning of longer paths. The members of a
    /// tuple have the paths `0`, `1` and so on. A path that the module does not have is an error of [`ModuleCheck::run`].
    pub fn name(mut self, path: &str, name: &str) -> Self {
        self.names.push((path.into(), name.into()));
        self
    }

    /// Adds a number with a name that a gradient may be wrong by. See [`Check::factor`].
    pub fn factor(mut self, name: &str, value: f64) -> Self {
        let name = name.to_owned();
        self.settings.push(Box::new(move |check| check.factor(&name, value)));
        self
    }

    /// Sets the size of the terms that each element of a parameter is a sum of. See [`Check::term_size`].
    pub fn term_size(mut self, parameter: &str, size: f64) -> Self {
        let parameter = parameter.to_owned();
        self.settings.push(Box::new(move |check| check.term_size(&parameter, size)));
        self
    }

    /// Sets how central differences treat large tensors. See [`Check::directions`].
    pub fn directions(mut self, max_elements: usize, directions: usize, seed: u32) -> Self {
        self.settings
            .push(Box::new(move |check| check.directions(max_elements, directions, seed)));
        self
    }
}

impl<M: Module, const D: usize> OtherGradient<'_, M, D> {
    /// The gradient at `values`. `loss` is the loss of the check.
    pub(super) fn compute(
        &self,
        loss: &Loss<M, D>,
        point: &Point<M>,
        values: &[Array],
        at: &Place,
    ) -> Result<Vec<Array>, BoxedError> {
        match self {
            Self::On(_) => Ok(point.autodiff(loss, values, at)?.arrays),
            Self::Of(loss) => Ok(point.autodiff(loss, values, at)?.arrays),
            Self::By(function) => point.call(values, at, function)?,
        }
    }
}
