//! The float type of tensors and the Burn device that holds them.

use std::fmt;
use std::str::FromStr;

use burn::tensor::{DType, Device, Tensor, TensorData, TensorReadError};
use serde::{Deserialize, Serialize};

use crate::data::FloatType;
use crate::error::{Error, Result};

/// The float type of every tensor in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit floats.
    F32,
    /// 64-bit floats, NumPy's default.
    #[default]
    F64,
}

/// The device and the float type of tensors.
#[derive(Clone, Debug)]
pub struct Placement {
    /// The Burn device, without autodiff.
    pub device: Device,
    /// The float type.
    pub dtype: DType,
}

impl Placement {
    /// The Flex backend, which every build has.
    pub fn flex(precision: Precision) -> Self {
        Self { device: Device::flex(), dtype: precision.into() }
    }

    /// f64 on the Flex backend.
    pub fn host() -> Self {
        Self::flex(Precision::F64)
    }

    /// The float type, as named in configurations.
    pub fn precision(&self) -> Precision {
        if self.dtype == DType::F32 { Precision::F32 } else { Precision::F64 }
    }
}

impl Precision {
    /// Both float types.
    pub const ALL: [Self; 2] = [Self::F32, Self::F64];

    /// Rounds to the nearest number of this float type.
    pub fn round(self, value: f64) -> f64 {
        FloatType::from(self).round(value)
    }

    /// The distance from 1 to the next larger number.
    pub fn epsilon(self) -> f64 {
        match self {
            Self::F32 => f64::from(f32::EPSILON),
            Self::F64 => f64::EPSILON,
        }
    }
}

impl From<Precision> for FloatType {
    fn from(precision: Precision) -> Self {
        match precision {
            Precision::F32 => Self::F32,
            Precision::F64 => Self::F64,
        }
    }
}

impl From<Precision> for DType {
    fn from(precision: Precision) -> Self {
        match precision {
            Precision::F32 => Self::F32,
            Precision::F64 => Self::F64,
        }
    }
}

impl fmt::Display for Precision {
    /// The name used in configurations.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl FromStr for Precision {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, &'static str> {
        Self::ALL
            .into_iter()
            .find(|precision| precision.to_string() == name)
            .ok_or("must be f32 or f64")
    }
}

/// Copies numbers from the host to a tensor on a device, rounded to `dtype`.
pub(crate) fn tensor<const D: usize>(values: &[f64], shape: [usize; D], device: &Device, dtype: DType) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), (device, dtype))
}

/// Copies the numbers of a tensor to the host, row by row.
pub(crate) fn read<const D: usize>(tensor: &Tensor<D>) -> Result<Vec<f64>> {
    tensor
        .try_to_vec_as()
        .map_err(|error: TensorReadError| Error::device(error.to_string()))
}
