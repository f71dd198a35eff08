//! Connecting to a device in this process: from a [`DeviceName`] to Burn's device.
//!
//! Not covered: whether the device computes correctly. [`super::probe`] tries that.

use burn::tensor::Device;
#[cfg(feature = "remote")]
use petal_data::error::plain;

use super::adapter::Adapter;
use super::backend::Backend;
use super::name::DeviceName;
#[cfg(any(feature = "cuda", feature = "remote", feature = "rocm"))]
use super::name::DeviceSelector;
use crate::error::{Error, Result};

/// Connects to a device in this process. A driver may panic here or crash the process.
///
/// # Errors
/// When the backend is not compiled in or a server does not answer.
pub(super) fn connect(name: &DeviceName) -> Result<(Device, Adapter)> {
    match name.backend {
        Backend::Flex => Ok((Device::flex(), Adapter::cpu())),
        Backend::NdArray => Ok((ndarray(), Adapter::cpu())),
        #[cfg(feature = "cpu")]
        Backend::Cpu => Ok(with_adapter(Device::cpu())),
        #[cfg(feature = "cuda")]
        Backend::Cuda => Ok(with_adapter(Device::cuda(index(name)))),
        #[cfg(feature = "rocm")]
        Backend::Rocm => Ok(with_adapter(Device::rocm(index(name)))),
        #[cfg(feature = "metal")]
        Backend::Metal => Ok(with_adapter(Device::metal(burn::tensor::DeviceKind::DefaultDevice))),
        #[cfg(feature = "vulkan")]
        Backend::Vulkan => Ok(with_adapter(Device::vulkan(burn::tensor::DeviceKind::DefaultDevice))),
        #[cfg(feature = "wgpu")]
        Backend::Wgpu => Ok(with_adapter(Device::wgpu(burn::tensor::DeviceKind::DefaultDevice))),
        #[cfg(feature = "webgpu")]
        Backend::WebGpu => Ok(with_adapter(Device::webgpu(burn::tensor::DeviceKind::DefaultDevice))),
        #[cfg(feature = "tch")]
        Backend::Tch => Ok((tch(), Adapter { name: "LibTorch on this computer's processor".into(), software: true })),
        #[cfg(feature = "remote")]
        Backend::Remote => connect_to_server(name),
        #[allow(unreachable_patterns, reason = "every backend may be compiled in")]
        _ => Err(Error::device("not compiled into this program")),
    }
}

#[expect(
    deprecated,
    reason = "Burn recommends Flex, which is our default; NdArray is here to compare with"
)]
fn ndarray() -> Device {
    Device::ndarray()
}

#[cfg(feature = "tch")]
#[expect(
    deprecated,
    reason = "Burn recommends its own backends; LibTorch is here to compare with"
)]
fn tch() -> Device {
    Device::libtorch()
}

#[cfg(any(feature = "cuda", feature = "rocm"))]
fn index(name: &DeviceName) -> usize {
    if let DeviceSelector::Index(index) = name.selector { index } else { 0 }
}

/// A CubeCL device with what it reports about itself. A device without a physical card is a software adapter.
#[cfg(any(
    feature = "cpu",
    feature = "cuda",
    feature = "metal",
    feature = "rocm",
    feature = "vulkan",
    feature = "webgpu",
    feature = "wgpu"
))]
fn with_adapter(device: Device) -> (Device, Adapter) {
    let adapter = match device.identity() {
        Some(identity) => Adapter { software: identity.physical.is_none(), name: identity.name },
        None => Adapter::cpu(),
    };
    (device, adapter)
}

/// How long a server may take to accept a connection, and then to answer.
#[cfg(feature = "remote")]
const SERVER_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);

#[cfg(feature = "remote")]
fn connect_to_server(name: &DeviceName) -> Result<(Device, Adapter)> {
    use burn::remote::RemoteHost;

    check_reachable(name)?;
    let DeviceSelector::Server(server) = &name.selector else {
        return Err(Error::device("no server is named"));
    };

    let (sender, receiver) = std::sync::mpsc::channel();
    let host = RemoteHost::websocket(&format!("ws://{server}"));
    std::thread::spawn(move || {
        let connected = Device::remote_options(&host).init().map_err(|error| error.to_string());
        // After a timeout, nobody receives the result.
        let _ = sender.send(connected);
    });

    match receiver.recv_timeout(SERVER_TIMEOUT) {
        Ok(Ok(device)) => Ok((device, Adapter { name: format!("the server at {server}"), software: false })),
        Ok(Err(error)) => Err(Error::device(format!(
            "the program there is not a device server with the same version of Burn: {error}"
        ))),
        Err(_) => Err(Error::device(format!("the program there did not answer within {} s", SERVER_TIMEOUT.as_secs()))),
    }
}

/// Checks that a server still accepts connections. A device that is not on a server always passes.
///
/// # Errors
/// When the server cannot be found or refuses the connection.
pub(crate) fn check_reachable(name: &DeviceName) -> Result<()> {
    #[cfg(feature = "remote")]
    if let DeviceSelector::Server(server) = &name.selector {
        use std::net::{TcpStream, ToSocketAddrs as _};

        let failure = |reason: String| Error::Device { device: name.to_string(), reason };
        let addresses = server
            .to_socket_addrs()
            .map_err(|error| failure(format!("cannot find the server: {error}")))?;

        let mut last_failure = failure("cannot find the server: its name has no address".into());
        for address in addresses {
            match TcpStream::connect_timeout(&address, SERVER_TIMEOUT) {
                Ok(_) => return Ok(()),
                Err(error) => last_failure = failure(format!("no server answers there: {}", plain(&error))),
            }
        }
        return Err(last_failure);
    }
    let _ = name;
    Ok(())
}
