//! From a name in a configuration to a Burn device and a float type.
//!
//! This is the only file that names a backend. Everything else gets a [`Placement`].
//!
//! Leaves out: autodiff. Whoever needs a graph asks for `device.autodiff()`.

use std::fmt;

use burn::tensor::{DType, Device};
use serde::{Deserialize, Serialize};

/// A backend that is compiled into this program, by its name in configurations: `flex` or `ndarray`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", rename_all = "lowercase")]
pub enum Backend {
    /// Burn's portable CPU backend.
    #[default]
    Flex,
    /// The older CPU backend on top of the `ndarray` crate.
    NdArray,
}

/// A device name that cannot be used; its text says why and what is accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}; accepted: \"flex\", \"ndarray\"")]
pub struct NoSuchDevice {
    reason: &'static str,
}

/// Burn's further backends, recognised so that the message for them can be better than "unknown".
const NOT_COMPILED: [&str; 9] = ["cpu", "cuda", "metal", "remote", "rocm", "tch", "vulkan", "webgpu", "wgpu"];

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
    /// Opens the backend's device.
    pub fn new(backend: Backend, precision: Precision) -> Self {
        let device = match backend {
            Backend::Flex => Device::flex(),
            Backend::NdArray => ndarray(),
        };
        Self { device, dtype: precision.into() }
    }

    /// f64 on the backend that every build has.
    pub fn host() -> Self {
        Self::new(Backend::Flex, Precision::F64)
    }

    /// The float type by its name in configurations.
    pub fn precision(&self) -> Precision {
        if self.dtype == DType::F32 { Precision::F32 } else { Precision::F64 }
    }
}

impl TryFrom<String> for Backend {
    type Error = NoSuchDevice;

    fn try_from(name: String) -> Result<Self, NoSuchDevice> {
        match name.as_str() {
            "flex" => Ok(Self::Flex),
            "ndarray" => Ok(Self::NdArray),
            name if NOT_COMPILED.contains(&name) => Err(NoSuchDevice { reason: "not compiled into this program" }),
            _ => Err(NoSuchDevice { reason: "not a known device" }),
        }
    }
}

impl fmt::Display for Backend {
    /// The name used in configurations.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl Precision {
    /// The nearest number that this type holds.
    pub fn round(self, value: f64) -> f64 {
        match self {
            Self::F32 => f64::from(value as f32),
            Self::F64 => value,
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

/// Burn's NdArray device.
#[expect(deprecated, reason = "burn-ndarray was asked for by name; upstream prefers Flex, which is our default")]
fn ndarray() -> Device {
    Device::ndarray()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_found_by_name_and_others_refused_with_a_reason() {
        for (name, backend) in [("flex", Backend::Flex), ("ndarray", Backend::NdArray)] {
            assert_eq!(Backend::try_from(name.to_owned()), Ok(backend));
            assert_eq!(backend.to_string(), name);
        }
        let message = |name: &str| Backend::try_from(name.to_owned()).unwrap_err().to_string();
        assert_eq!(message("cuda"), r#"not compiled into this program; accepted: "flex", "ndarray""#);
        assert_eq!(message("Flex"), r#"not a known device; accepted: "flex", "ndarray""#);
    }
}
