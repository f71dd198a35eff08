//! Opens a device by its name, and serves one to other machines.

use super::adapter::Adapter;
use super::backend::Backend;
use super::connect::connect;
use super::guard::catch_failure;
use super::name::DeviceName;
use super::placement::{Placement, Precision};
use super::probe::{failure_reason, probe};
use super::survey::devices_supporting;
use crate::error::{Error, Result};

/// A device that is open and computes in the requested float type.
#[derive(Clone, Debug)]
pub struct OpenDevice {
    /// Its name in configurations.
    pub name: DeviceName,
    /// The hardware behind it.
    pub adapter: Adapter,
    /// Its Burn device and float type.
    pub placement: Placement,
}

impl OpenDevice {
    /// The Flex backend, which every build has.
    pub fn flex(precision: Precision) -> Self {
        Self { name: Backend::Flex.into(), adapter: Adapter::cpu(), placement: Placement::flex(precision) }
    }
}

/// Opens a device after a probe has shown that it computes in the float type.
///
/// # Errors
/// When the backend is not compiled in, or the device is not present, fails, or does not compute in the float type. The
/// text also names the devices that do.
pub fn open(name: &DeviceName, precision: Precision) -> Result<OpenDevice> {
    try_open(name, precision).map_err(|reason| {
        let others = devices_supporting(precision, name.backend).join(", ");
        let reason = format!("{reason}; devices that compute in {precision} here: {others}");
        Error::Device { device: name.to_string(), reason }
    })
}

/// Opens a device like [`open()`], but a failure does not search for other devices.
///
/// # Errors
/// The reason why the device cannot be used.
pub fn try_open(name: &DeviceName, precision: Precision) -> Result<OpenDevice, String> {
    name.backend.check_compiled()?;
    probe(name, &[precision]).check(precision)?;
    let (device, adapter) = catch_failure(name, || connect(name)).map_err(failure_reason)?;
    Ok(OpenDevice { name: name.clone(), adapter, placement: Placement { device, dtype: precision.into() } })
}

/// Serves a device to every client that connects, until the program is told to end. It uses Burn's protocol, which is
/// not encrypted.
///
/// # Errors
/// When the device cannot be served.
#[cfg(feature = "remote")]
pub fn serve(device: &OpenDevice, listener: std::net::TcpListener) -> Result<()> {
    use burn::server::{RemoteServer, WebSocketTransport};

    RemoteServer::new([device.placement.device.clone()])
        .serve(WebSocketTransport::from_listener(listener))
        .map_err(|error| Error::Device { device: device.name.to_string(), reason: format!("cannot serve: {error}") })
}
