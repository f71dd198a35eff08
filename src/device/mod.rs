//! From a name in a configuration to a Burn device and a float type.
//!
//! This is the only room that names a backend. Everything else gets a [`Placement`].
//!
//! A device with a driver behind it is tried before it is used, in a process of its own and by computing: what it says
//! of itself is not always so, and some drivers crash ([`probe`]).
//!
//! Leaves out: autodiff. Whoever needs a graph asks for `device.autodiff()`.

mod guard;
mod name;
mod open;
pub mod probe;
mod survey;

use std::fmt;
use std::str::FromStr;

use burn::tensor::{DType, Device, Tensor, TensorData, TensorReadError};
use serde::{Deserialize, Serialize};

pub(crate) use guard::guarded;
pub use name::{Backend, DeviceChoice, DeviceName};
#[cfg(feature = "remote")]
pub use open::serve;
pub(crate) use open::still_there;
pub use open::{OpenDevice, open, try_open};
pub use survey::{BackendStatus, survey};

use crate::error::{Error, Result};

/// The float type of every tensor in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit floats.
    F32,
    /// 64-bit floats, as NumPy computes.
    #[default]
    F64,
}

/// Where tensors live and what they are made of.
#[derive(Clone, Debug)]
pub struct Placement {
    /// The Burn device, without autodiff.
    pub device: Device,
    /// The float type.
    pub dtype: DType,
}

impl Placement {
    /// The backend that every build has.
    pub fn flex(precision: Precision) -> Self {
        Self { device: Device::flex(), dtype: precision.into() }
    }

    /// f64 on the backend that every build has.
    pub fn host() -> Self {
        Self::flex(Precision::F64)
    }

    /// The float type by its name in configurations.
    pub fn precision(&self) -> Precision {
        if self.dtype == DType::F32 { Precision::F32 } else { Precision::F64 }
    }
}

impl Precision {
    /// Both.
    pub const ALL: [Self; 2] = [Self::F32, Self::F64];

    /// The nearest number that this type holds.
    pub fn round(self, value: f64) -> f64 {
        match self {
            Self::F32 => f64::from(value as f32),
            Self::F64 => value,
        }
    }

    /// The distance from 1 to the next number.
    pub fn epsilon(self) -> f64 {
        match self {
            Self::F32 => f64::from(f32::EPSILON),
            Self::F64 => f64::EPSILON,
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

/// Numbers on the host to a tensor, rounded to `dtype`.
pub(crate) fn tensor<const D: usize>(values: &[f64], shape: [usize; D], device: &Device, dtype: DType) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), (device, dtype))
}

/// A tensor's numbers on the host, row by row.
pub(crate) fn read<const D: usize>(tensor: &Tensor<D>) -> Result<Vec<f64>> {
    tensor
        .try_to_vec_as()
        .map_err(|error: TensorReadError| Error::device(error.to_string()))
}
