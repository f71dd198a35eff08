//! Conversion between the arrays of a check and Burn's tensors.

use burn::tensor::{DType, Device, Tensor};

use super::Array;
use crate::device::{read, tensor};
use crate::error::Result;

/// Reads a tensor from its device.
///
/// # Errors
/// When the device fails to return the numbers.
pub fn array_from_tensor<const D: usize>(name: impl Into<String>, tensor: &Tensor<D>) -> Result<Array> {
    Ok(Array::new(name, tensor.dims(), read(tensor)?))
}

/// Copies an array to a device, rounded to `dtype`.
///
/// # Panics
/// When the array does not have `D` dimensions: a mistake in the calling code.
pub fn tensor_from_array<const D: usize>(array: &Array, device: &Device, dtype: DType) -> Tensor<D> {
    assert_eq!(array.shape.len(), D, "{} has shape {:?}", array.name, array.shape);
    tensor(&array.values, std::array::from_fn(|axis| array.shape[axis]), device, dtype)
}
