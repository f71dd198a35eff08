//! Opening a device by its name, and serving one to others.
//!
//! Leaves out: the trial of a device, and a table of all devices. They are in [`super::probe`] and [`super::survey`].

use burn::tensor::Device;

#[cfg(any(feature = "cuda", feature = "remote", feature = "rocm"))]
use super::name::Which;
use super::probe::{self, Adapter};
use super::{Backend, DeviceName, Placement, Precision, guarded, survey};
#[cfg(feature = "remote")]
use crate::error::plain;
use crate::error::{Error, Result};

/// A device that has been opened and computes in the float type asked for.
#[derive(Clone, Debug)]
pub struct OpenDevice {
    /// Its name in configurations.
    pub name: DeviceName,
    /// What it is.
    pub adapter: Adapter,
    /// Where tensors go.
    pub placement: Placement,
}

impl OpenDevice {
    /// The backend that every build has.
    pub fn flex(precision: Precision) -> Self {
        Self {
            name: Backend::Flex.into(),
            adapter: Adapter::processor(),
            placement: Placement::flex(precision),
        }
    }
}

/// Opens a device, having tried that it computes in the float type.
///
/// # Errors
/// When it is not compiled in, is not there, fails, or does not compute in the float type. The text names the devices
/// that do.
pub fn open(name: &DeviceName, precision: Precision) -> Result<OpenDevice> {
    try_open(name, precision).map_err(|reason| {
        let able = survey::able(precision, name.backend);
        let reason = format!("{reason}; devices that compute in {precision} here: {}", able.join(", "));
        Error::Device { device: name.to_string(), reason }
    })
}

/// Opens a device, having tried that it computes in the float type; without looking for others.
///
/// # Errors
/// Why it cannot be used.
pub fn try_open(name: &DeviceName, precision: Precision) -> Result<OpenDevice, String> {
    name.backend.check_compiled()?;
    probe::probe(name, &[precision]).check(precision)?;
    let (device, adapter) = guarded(name, || open_here(name)).map_err(probe::reason)?;
    Ok(OpenDevice { name: name.clone(), adapter, placement: Placement { device, dtype: precision.into() } })
}

/// Opens a device in this process, whatever comes of it.
pub(super) fn open_here(name: &DeviceName) -> Result<(Device, Adapter)> {
    match name.backend {
        Backend::Flex => Ok((Device::flex(), Adapter::processor())),
        Backend::NdArray => Ok((ndarray(), Adapter::processor())),
        #[cfg(feature = "cpu")]
        Backend::Cpu => Ok(identified(Device::cpu())),
        #[cfg(feature = "cuda")]
        Backend::Cuda => Ok(identified(Device::cuda(number(name)))),
        #[cfg(feature = "rocm")]
        Backend::Rocm => Ok(identified(Device::rocm(number(name)))),
        #[cfg(feature = "metal")]
        Backend::Metal => Ok(identified(Device::metal(burn::tensor::DeviceKind::DefaultDevice))),
        #[cfg(feature = "vulkan")]
        Backend::Vulkan => Ok(identified(Device::vulkan(burn::tensor::DeviceKind::DefaultDevice))),
        #[cfg(feature = "wgpu")]
        Backend::Wgpu => Ok(identified(Device::wgpu(burn::tensor::DeviceKind::DefaultDevice))),
        #[cfg(feature = "webgpu")]
        Backend::WebGpu => Ok(identified(Device::webgpu(burn::tensor::DeviceKind::DefaultDevice))),
        #[cfg(feature = "tch")]
        Backend::Tch => Ok((tch(), Adapter { name: "LibTorch on this computer's processor".into(), software: true })),
        #[cfg(feature = "remote")]
        Backend::Remote => remote(name),
        #[allow(unreachable_patterns, reason = "every backend may be compiled in")]
        _ => Err(Error::device("not compiled into this program")),
    }
}

/// Burn's NdArray device.
#[expect(
    deprecated,
    reason = "burn-ndarray was asked for by name; upstream prefers Flex, which is our default"
)]
fn ndarray() -> Device {
    Device::ndarray()
}

#[cfg(feature = "tch")]
#[expect(
    deprecated,
    reason = "upstream prefers its own backends; who has LibTorch may compare with it"
)]
fn tch() -> Device {
    Device::libtorch()
}

#[cfg(any(feature = "cuda", feature = "rocm"))]
fn number(name: &DeviceName) -> usize {
    if let Which::Number(number) = name.which { number } else { 0 }
}

/// A device of CubeCL with what it says of itself; software where no card is behind it.
#[cfg(any(
    feature = "cpu",
    feature = "cuda",
    feature = "metal",
    feature = "rocm",
    feature = "vulkan",
    feature = "webgpu",
    feature = "wgpu"
))]
fn identified(device: Device) -> (Device, Adapter) {
    let adapter = device.identity().map_or_else(Adapter::processor, |identity| Adapter {
        software: identity.physical.is_none(),
        name: identity.name,
    });
    (device, adapter)
}

/// How long a server may take to accept, and then to answer.
#[cfg(feature = "remote")]
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// Connects to a device server.
#[cfg(feature = "remote")]
fn remote(name: &DeviceName) -> Result<(Device, Adapter)> {
    use burn::remote::RemoteHost;

    still_there(name)?;
    let Which::Server(server) = &name.which else {
        return Err(Error::device("no server is named"));
    };
    let (tell, told) = std::sync::mpsc::channel();
    let host = RemoteHost::websocket(&format!("ws://{server}"));
    std::thread::spawn(move || {
        let connected = Device::remote_options(&host).init().map_err(|error| error.to_string());
        // Nobody listens any more where it took too long.
        let _ = tell.send(connected);
    });
    match told.recv_timeout(PATIENCE) {
        Ok(Ok(device)) => Ok((device, Adapter { name: format!("the server at {server}"), software: false })),
        Ok(Err(error)) => Err(Error::device(format!("what answers there is no device server of this Burn: {error}"))),
        Err(_) => Err(Error::device(format!("what answers there says nothing for {} s", PATIENCE.as_secs()))),
    }
}

/// Whether a server still accepts connections. Of other devices it is taken for granted.
///
/// # Errors
/// When it does not, in words that a user knows from other programs.
pub(crate) fn still_there(name: &DeviceName) -> Result<()> {
    #[cfg(feature = "remote")]
    if let Which::Server(server) = &name.which {
        use std::net::{TcpStream, ToSocketAddrs as _};

        let gone = |reason: String| Error::Device { device: name.to_string(), reason };
        let addresses = server
            .to_socket_addrs()
            .map_err(|error| gone(format!("cannot find the server: {error}")))?;
        let mut refusal = gone("cannot find the server: its name has no address".into());
        for address in addresses {
            match TcpStream::connect_timeout(&address, PATIENCE) {
                Ok(_) => return Ok(()),
                Err(error) => refusal = gone(format!("no server answers there: {}", plain(&error))),
            }
        }
        return Err(refusal);
    }
    let _ = name;
    Ok(())
}

/// Serves a device to whoever connects, until the program is told to end. Burn's protocol; it is not encrypted.
///
/// # Errors
/// When the device cannot be served.
#[cfg(feature = "remote")]
pub fn serve(device: &OpenDevice, listener: std::net::TcpListener) -> Result<()> {
    use burn::server::{RemoteServer, WebSocketTransport};

    let served =
        RemoteServer::new([device.placement.device.clone()]).serve(WebSocketTransport::from_listener(listener));
    served.map_err(|error| Error::Device { device: device.name.to_string(), reason: format!("cannot serve: {error}") })
}
