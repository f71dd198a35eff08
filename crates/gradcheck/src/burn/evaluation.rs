//! One evaluation of a loss, and of its gradient by autodiff. What goes wrong becomes a message that says what to do.

use burn::module::Module;
use burn::tensor::{DType, Device, Tensor};

use super::panics::catch_panic;
use super::parameters::{FloatParameter, Place, float_parameters, place, read_gradients};
use super::probes::{Probe, with_leaves, with_offsets};
use crate::array::Array;
use crate::error::{Error, Result};

/// A loss of a module, computed on a device.
pub(super) type Loss<'a, M, const D: usize> = Box<dyn Fn(&M, &Device) -> Tensor<D> + 'a>;

/// A module with the float parameters that were found in it.
pub(super) struct Point<M> {
    module: M,
    pub parameters: Vec<FloatParameter>,
}

/// Autodiff's gradient, and what it is the gradient of.
pub(super) struct AutodiffGradient {
    pub loss: f64,
    /// One array for each probe, from the last to the first, then one for each parameter in the order of [`Point::arrays`].
    pub arrays: Vec<Array>,
    /// What got no gradient. These arrays are zero.
    pub missing: Vec<String>,
}

impl<M: Module> Point<M> {
    /// Finds the parameters of a module. `names` replace paths, and beginnings of paths.
    pub fn new(module: &M, names: &[(String, String)]) -> Result<Self> {
        catch_panic(|| {
            let parameters = float_parameters(&module.valid().train(), names)?;
            Ok(Self { module: module.clone(), parameters })
        })
        .unwrap_or_else(|panic| Err(Error::Check(format!("the module's parameters cannot be read: {panic}"))))
    }

    /// The parameters that require a gradient, as arrays, from the last to the first: roughly the order of backpropagation,
    /// so that the first one that differs is the nearest to the mistake.
    pub fn arrays(&self) -> Vec<Array> {
        self.trained().rev().map(FloatParameter::array).collect()
    }

    /// The parameters that require a gradient.
    pub fn trained(&self) -> impl DoubleEndedIterator<Item = &FloatParameter> {
        self.parameters.iter().filter(|parameter| parameter.requires_gradient)
    }

    /// A copy of the module at a place, with these values.
    pub fn module(&self, values: &[Array], at: &Place) -> M {
        place(&self.module, &self.parameters, values, at)
    }

    /// The loss at these values.
    pub fn loss<const D: usize>(&self, loss: &Loss<M, D>, values: &[Array], at: &Place) -> Result<f64> {
        self.call(values, at, |module, device| read_loss(&with_offsets(values, || loss(module, device)), at))?
    }

    /// The result of a function of the module and its device.
    pub fn call<T>(&self, values: &[Array], at: &Place, function: impl FnOnce(&M, &Device) -> T) -> Result<T> {
        catch_panic(|| function(&self.module(values, at), &at.device)).map_err(|panic| explain(&panic, at))
    }

    /// The loss and its gradient by autodiff at these values. `at` has leaves.
    pub fn autodiff<const D: usize>(
        &self,
        loss: &Loss<M, D>,
        values: &[Array],
        at: &Place,
    ) -> Result<AutodiffGradient> {
        self.call(values, at, |module, device| {
            let (loss, probes) = with_leaves(|| loss(module, device));
            let value = read_loss(&loss, at)?;
            if let Some(taken) = probes
                .iter()
                .find(|probe| self.trained().any(|other| other.name() == probe.name))
            {
                return Err(Error::Check(format!("a probe and a parameter have the same name: {}", taken.name)));
            }
            // A loss without a graph depends on no parameter, and `backward` would panic.
            let gradients = loss.is_tracked().then(|| loss.backward());
            let found = gradients.as_ref().map(|gradients| read_gradients(module, gradients));
            let mut found = found.unwrap_or_default();

            let mut result = AutodiffGradient { loss: value, arrays: Vec::new(), missing: Vec::new() };
            for Probe { name, shape, gradient } in probes.into_iter().rev() {
                let gradient = gradients.as_ref().and_then(gradient);
                result.push(name, &shape, gradient.map(|values| (shape.clone(), values)));
            }
            for parameter in self.trained().rev() {
                result.push(parameter.name(), &parameter.shape, found.remove(&parameter.id));
            }
            Ok(result)
        })?
    }
}

impl AutodiffGradient {
    /// Adds a gradient, its shape and its values. Without one, it is zero in the shape of what it belongs to.
    fn push(&mut self, name: String, of: &[usize], gradient: Option<(Vec<usize>, Vec<f64>)>) {
        let (shape, values) = gradient.unwrap_or_else(|| {
            self.missing.push(name.clone());
            (of.to_vec(), vec![0.0; of.iter().product()])
        });
        self.arrays.push(Array::new(name, shape, values));
    }
}

/// Reads a loss, which must be one number.
fn read_loss<const D: usize>(loss: &Tensor<D>, at: &Place) -> Result<f64> {
    let refuse = |message: String| Err(Error::Check(message));
    if loss.dims().iter().product::<usize>() != 1 {
        return refuse(format!(
            "the loss has the shape {:?}, but must be one number: end it with `.mean()` or `.sum()`",
            loss.dims()
        ));
    }
    if at.dtype == DType::F64 && loss.dtype() != DType::F64 {
        return refuse(format!(
            "the loss is {}, although the parameters are f64: it was cast, or a part of it was made in another float type. \
             Differences of such a loss show nothing",
            dtype_name(loss.dtype())
        ));
    }
    match loss.clone().try_into_scalar() {
        Ok(value) => Ok(value),
        Err(error) => refuse(format!("the loss cannot be read from {}: {error}", device_name(&at.device))),
    }
}

/// What to do about a panic in a loss.
fn explain(panic: &str, at: &Place) -> Error {
    let wanted = dtype_name(at.dtype);
    let default = at.device.settings().float_dtype.into();
    let mixed_types = panic.to_lowercase().contains("dtype") || (panic.contains("F32") && panic.contains("F64"));

    let advice = if !mixed_types {
        String::new()
    } else if default == at.dtype {
        format!(
            ". The parameters were given in {wanted}, and met a tensor of another float type. If the loss takes it from \
             outside, make it inside the loss, on the device that the loss is given. If it is a plain `Tensor` field of the \
             module, the check cannot convert it, because Burn's `Module::map` does not reach it: build the module on \
             `petal_gradcheck::burn::f64_device()`, or make the field a frozen parameter, \
             `Param::from_tensor(tensor).no_grad()`"
        )
    } else if at.dtype == DType::F32 {
        ". The parameters were given in f32, but a tensor that is made without a float type on this device is f64. Check the \
         module in f64: `ModuleCheck::new(&module, loss).device(&f64_device()?)`. Or make the tensors of the loss in the float \
         type of the module's parameters"
            .into()
    } else {
        format!(
            ". The parameters were given in {wanted}, but a tensor that is made without a float type on this device is {}. \
             Call `petal_gradcheck::burn::f64_device()` before the process's first tensor, at the beginning of `main` or \
             of every test in the file. Or name the type wherever the loss makes a tensor: \
             `Tensor::from_data(data, (device, DType::F64))`",
            dtype_name(default)
        )
    };
    Error::Check(format!("the loss panicked on {}: {panic}{advice}", device_name(&at.device)))
}

/// The name of a float type as Rust writes it.
pub(super) fn dtype_name(dtype: DType) -> String {
    format!("{dtype:?}").to_lowercase()
}

/// The name of a device, such as `Flex(Cpu) with autodiff`.
pub(super) fn device_name(device: &Device) -> String {
    let plain = format!("{:?}", device.clone().without_autodiff());
    let plain = plain.trim_start_matches("Device<").trim_end_matches('>');
    if device.is_autodiff() {
        format!("{plain} with autodiff")
    } else {
        plain.into()
    }
}
