//! Checks the gradients of Burn's modules, and of functions of Burn's tensors.
//!
//! [`check_module`] finds the float parameters of a module and compares autodiff's gradient of a loss with central
//! differences. Autodiff computes on the module's own device, in the module's own float type. Differences are always taken
//! on the processor (Flex), in f64. [`ModuleCheck`] has more settings.
//!
//! # Begin with `f64_device`
//!
//! Central differences need f64, but a tensor that is made without a float type is f32, and Burn panics where the two meet.
//! [`f64_device`] makes f64 the default on Flex. That works once per process, before its first tensor on Flex. So call it at
//! the beginning of every test in the file, also of those that check nothing.
//!
//! # The gradient by the input
//!
//! Make the input a parameter. The module is then a tuple, whose members have the paths `0` and `1`:
//!
//! ```
//! use burn::module::Param;
//! use burn::nn::LinearConfig;
//! use burn::tensor::Tensor;
//! use petal_gradcheck::burn::{ModuleCheck, f64_device};
//!
//! let device = f64_device()?;
//! let x = Tensor::<2>::from_data([[0.5, -1.0], [1.5, 0.25]], &device);
//! let module = (Param::from_tensor(x), LinearConfig::new(2, 3).init(&device));
//! let report = ModuleCheck::new(&module, |(x, linear), _| linear.forward(x.val()).tanh().sum())
//!     .name("0", "input")
//!     .name("1", "linear")
//!     .run()?;
//! assert!(report.passed(), "{report}");
//! # Ok::<(), petal_gradcheck::error::Error>(())
//! ```
//!
//! # A function of tensors
//!
//! ```
//! use burn::tensor::Tensor;
//! use petal_gradcheck::burn::{check_tensors, f64_device};
//!
//! let device = f64_device()?;
//! let w = Tensor::<2>::from_data([[0.5, -1.0], [1.5, 0.25]], &device);
//! let b = Tensor::<1>::from_data([0.1, 0.2], &device);
//! let report = check_tensors((w, b), |(w, b), _| (w + b.unsqueeze()).tanh().sum())?;
//! assert!(report.passed(), "{report}");
//! # Ok::<(), petal_gradcheck::error::Error>(())
//! ```
//!
//! # Inner values
//!
//! [`probe`] marks an inner value of the loss: the derivatives by it are checked too, and show where a mistake begins.
//!
//! # What Burn does in the way
//!
//! - **Random numbers.** Dropout draws other numbers in every call. Let the loss begin with `device.seed(0)`. The generator
//!   belongs to the whole process, so nothing else may draw from it meanwhile: give such a test a file of its own.
//! - **Training.** Dropout and batch normalization train only on a device with autodiff. If the loss is another number on a
//!   plain device, at the point or near it, differences are taken on one with autodiff, and the report says so.
//!   [`ModuleCheck::inference`] checks what such layers do after training. The running statistics of your module do not change.
//! - **Tied weights**, parameters with one id, have one gradient, under both paths: `0.weight = 1.weight`. A clone of a layer
//!   has the ids of the original. If its values are others, the check is refused, because Burn's optimizers would mix the
//!   two up as well.
//! - **Plain `Tensor` fields** of a module keep their float type, because Burn's `Module::map` does not reach them. Build such
//!   a module on [`f64_device`], or make the field a frozen parameter: `Param::from_tensor(tensor).no_grad()`.
//! - **Parameters without a gradient.** If the loss does not depend on them, the report notes it. If it does, something cut
//!   the graph, which is reported as a mistake.
//! - **Panics** of Burn and of your loss become errors with their text and place.

mod evaluation;
mod module_check;
mod panics;
mod parameters;
mod probes;
mod run;
mod tensor_check;

use burn::module::Module;
use burn::tensor::{DType, Device, DeviceError, FloatDType, Tensor, TensorData};
pub use module_check::ModuleCheck;
pub use probes::probe;
pub use tensor_check::{Tensors, tensor_check};

use crate::array::Array;
use crate::error::{Error, Result};
use crate::report::Report;

/// The name of autodiff's gradient in a report.
pub const AUTODIFF: &str = "autodiff";

/// Checks autodiff's gradient of a loss by all float parameters of a module that require a gradient.
///
/// The loss gets a copy of the module and the device that the copy is on. It makes every other tensor on that device,
/// without naming a float type, and returns one number.
///
/// # Errors
/// See [`ModuleCheck::run`].
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
