//! Checks the gradients of Burn's modules.

mod evaluation;
mod module_check;
mod panics;
mod parameters;
mod run;
mod tensor_check;

use burn::module::Module;
use burn::tensor::{DType, Device, DeviceError, FloatDType, Tensor, TensorData};
pub use module_check::ModuleCheck;
pub use tensor_check::{Tensors, tensor_check};

use crate::array::Array;
use crate::error::{Error, Result};
use crate::report::Report;

/// The name of autodiff's gradient in a report.
pub const AUTODIFF: &str = "autodiff";

/// Checks autodiff's gradient of a loss by all float parameters of a module.
///
/// # Errors
/// When the loss cannot be computed.
pub fn check_module<M: Module, const D: usize>(module: &M, loss: impl Fn(&M, &Device) -> Tensor<D>) -> Result<Report> {
    ModuleCheck::new(module, loss).run()
}

/// Checks autodiff's gradient of a function of plain tensors. See [`tensor_check`].
///
/// # Errors
/// See [`ModuleCheck::run`].
pub fn check_tensors<T: Tensors, const D: usize>(
    tensors: T,
    function: impl Fn(T, &Device) -> Tensor<D>,
) -> Result<Report> {
    tensor_check(tensors, function).run()
}

/// Burn's Flex device, which computes on the processor, with f64 as its default float type.
///
/// # Errors
/// When the process has a tensor on Flex already: then Burn cannot change the default any more.
pub fn f64_device() -> Result<Device> {
    let mut device = Device::flex();
    let is_f64 = |device: &Device| device.settings().float_dtype == FloatDType::F64;
    if is_f64(&device) {
        return Ok(device);
    }
    let configured: std::result::Result<(), DeviceError> = device.configure(FloatDType::F64);
    // Another thread may have done the same in between.
    if configured.is_ok() || is_f64(&device) {
        return Ok(device);
    }
    Err(Error::Check(
        "Flex makes tensors of f32 in this process, which cannot be changed after the first tensor. Call \
         `petal_gradcheck::burn::f64_device()` before it, at the beginning of `main` or of every test in the file"
            .into(),
    ))
}

/// Reads a tensor from its device.
///
/// # Errors
/// When the device fails to return the numbers.
pub fn array_from_tensor<const D: usize>(name: impl Into<String>, tensor: &Tensor<D>) -> Result<Array> {
    let name = name.into();
    match tensor.try_to_vec_as() {
        Ok(values) => Ok(Array::new(name, tensor.dims(), values)),
        Err(error) => Err(Error::Check(format!("{name} cannot be read: {error}"))),
    }
}

/// Copies an array to a device, rounded to `dtype`.
///
/// # Panics
/// When the array does not have `D` dimensions: a mistake in the calling code.
pub fn tensor_from_array<const D: usize>(array: &Array, device: &Device, dtype: DType) -> Tensor<D> {
    assert_eq!(array.shape.len(), D, "{} has shape {:?}", array.name, array.shape);
    Tensor::from_data(TensorData::new(array.values.clone(), array.shape.clone()), (device, dtype))
}
