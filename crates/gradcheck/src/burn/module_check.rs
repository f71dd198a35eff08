//! A check of the gradient of a loss by the parameters of a module.

use std::cell::RefCell;

use burn::module::Module;
use burn::tensor::{DType, Device, Tensor};

use super::f64_device;
use super::panics::catch_panic;
use super::parameters::{FloatParameter, Place, float_parameters, gradients, place};
use crate::array::Array;
use crate::check::Check;
use crate::error::{Error, Result};
use crate::report::Report;
use crate::tolerance::Precision;

/// Builds and runs a check of the gradient of a loss by the parameters of a module.
pub struct ModuleCheck<'a, M, L> {
    module: &'a M,
    loss: L,
    device: Option<Device>,
}

impl<'a, M: Module, const D: usize, L: Fn(&M, &Device) -> Tensor<D>> ModuleCheck<'a, M, L> {
    /// Starts a check of `loss` at the parameters of `module`.
    pub fn new(module: &'a M, loss: L) -> Self {
        Self { module, loss, device: None }
    }

    /// Sets the device where autodiff computes, with that device's default float type. Without it, the module's own
    /// device and float type are used.
    pub fn device(mut self, device: &Device) -> Self {
        self.device = Some(device.clone());
        self
    }

    /// Computes the gradients and compares them.
    ///
    /// # Errors
    /// When the loss cannot be computed.
    pub fn run(self) -> Result<Report> {
        // A failure is reported only if the loss needs the default float type.
        let host = f64_device().unwrap_or_else(|_| Device::flex());
        let module = self.module.valid();
        let parameters = float_parameters(&module.valid().train())?;
        let point: Vec<Array> = parameters
            .iter()
            .filter(|parameter| parameter.requires_gradient)
            .map(FloatParameter::array)
            .collect();

        let own = Place { device: self.own_device()?, dtype: parameters[0].dtype };
        let gradient = self.autodiff(&module, &parameters, &point, &own)?;

        let plain = Place { device: host, dtype: DType::F64 };
        let failure = RefCell::new(None);
        let loss = |values: &[Array]| {
            if failure.borrow().is_some() {
                return f64::NAN;
            }
            let value = self.value(place(module.valid(), &parameters, values, &plain), &plain.device);
            value.unwrap_or_else(|error| {
                failure.replace(Some(error));
                f64::NAN
            })
        };
        let precision = if own.dtype == DType::F64 { Precision::F64 } else { Precision::F32 };
        let report = Check::new(point.clone())
            .precision(precision)
            .gradient("autodiff", |_| gradient.clone())
            .loss(loss)
            .run();
        match failure.into_inner() {
            Some(error) => Err(error),
            None => report,
        }
    }

    fn own_device(&self) -> Result<Device> {
        let device = self.device.clone().or_else(|| self.module.devices().first().cloned());
        let none = || Error::Check("the module has no parameters".into());
        Ok(device.ok_or_else(none)?.autodiff())
    }

    fn autodiff(&self, module: &M, parameters: &[FloatParameter], point: &[Array], own: &Place) -> Result<Vec<Array>> {
        let module = place(module.valid().train(), parameters, point, own);
        let loss = self.tensor(&module, &own.device)?;
        let found = gradients(&module, &loss.backward());
        let trained = parameters.iter().filter(|parameter| parameter.requires_gradient);
        let arrays = trained.map(|parameter| {
            let zeros = vec![0.0; parameter.values.len()];
            let values = found.get(&parameter.id).cloned().unwrap_or(zeros);
            Array::new(parameter.name(), parameter.shape.clone(), values)
        });
        Ok(arrays.collect())
    }

    fn tensor(&self, module: &M, device: &Device) -> Result<Tensor<D>> {
        catch_panic(|| (self.loss)(module, device)).map_err(|panic| Error::Check(format!("the loss panicked: {panic}")))
    }

    fn value(&self, module: M, device: &Device) -> Result<f64> {
        self.tensor(&module, device)?
            .try_into_scalar()
            .map_err(|error| Error::Check(format!("the loss cannot be read: {error}")))
    }
}
