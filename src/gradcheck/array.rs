//! Named tensors on the host: what a check takes and compares.

use burn::tensor::{DType, Device, Tensor};
use serde::Serialize;

use crate::device::{read, tensor};
use crate::error::Result;

/// The numbers of a tensor, row by row, with its name and shape.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Array {
    /// What messages call it.
    pub name: String,
    /// Its dimensions; empty for a scalar.
    pub shape: Vec<usize>,
    /// As many numbers as the shape asks for.
    pub values: Vec<f64>,
}

impl Array {
    /// Joins a name, a shape and numbers.
    ///
    /// # Panics
    /// When the numbers do not fill the shape: a mistake in the calling code.
    pub fn new(name: impl Into<String>, shape: impl Into<Vec<usize>>, values: Vec<f64>) -> Self {
        let (name, shape) = (name.into(), shape.into());
        let count: usize = shape.iter().product();
        assert_eq!(count, values.len(), "{name} of shape {shape:?} needs as many numbers");
        Self { name, shape, values }
    }

    /// Reads a tensor from its device.
    ///
    /// # Errors
    /// When the device fails to hand it over.
    pub fn from_tensor<const D: usize>(name: impl Into<String>, tensor: &Tensor<D>) -> Result<Self> {
        Ok(Self::new(name, tensor.dims(), read(tensor)?))
    }

    /// Moves the numbers to a device, rounded to `dtype`.
    ///
    /// # Panics
    /// When the array has not `D` dimensions: a mistake in the calling code.
    pub fn to_tensor<const D: usize>(&self, device: &Device, dtype: DType) -> Tensor<D> {
        assert_eq!(self.shape.len(), D, "{} has shape {:?}", self.name, self.shape);
        tensor(&self.values, std::array::from_fn(|axis| self.shape[axis]), device, dtype)
    }

    /// The name of an element, `w1[1,3]`.
    pub fn element(&self, flat: usize) -> String {
        let mut rest = flat;
        let mut index: Vec<String> = Vec::with_capacity(self.shape.len());
        for &size in self.shape.iter().rev() {
            index.push((rest % size).to_string());
            rest /= size;
        }
        index.reverse();
        format!("{}[{}]", self.name, index.join(","))
    }
}
