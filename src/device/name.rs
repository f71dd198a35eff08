//! Names of devices: what a configuration says, before anything is opened.
//!
//! ```text
//! device = "cuda:1"                                            one device
//! device = ["remote:ws://a:3000", "remote:ws://b:3000"]        several, which share the samples
//! device = "auto"                                              the fastest here, or within a tenth of it
//! ```
//!
//! Leaves out: whether there is such a device. [`super::open`] finds that out.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most devices that may share the samples.
const MOST: usize = 64;

/// A backend of Burn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Backend {
    /// Burn's portable CPU backend.
    Flex,
    /// The older CPU backend on top of the `ndarray` crate.
    NdArray,
    /// CubeCL's compiled kernels on the CPU.
    Cpu,
    /// NVIDIA GPUs.
    Cuda,
    /// AMD GPUs.
    Rocm,
    /// Apple GPUs, with shaders in their own language.
    Metal,
    /// GPUs through Vulkan, with shaders in SPIR-V.
    Vulkan,
    /// GPUs through whatever graphics interface the system has, with shaders in WGSL.
    Wgpu,
    /// WebGPU of a browser.
    WebGpu,
    /// `LibTorch`, on the CPU.
    Tch,
    /// A device server elsewhere.
    Remote,
}

/// A device's name in configurations: a backend, and which of its devices.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DeviceName {
    pub(super) backend: Backend,
    pub(super) which: Which,
}

/// Which of a backend's devices.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Which {
    /// The one that the backend takes by itself.
    Default,
    /// By its number.
    Number(usize),
    /// `host:port` of a server.
    Server(String),
}

/// What a configuration asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The fastest device that is here, or one within a tenth of it.
    Auto,
    /// One device, or several that share the samples; never none.
    These(Vec<DeviceName>),
}

impl Backend {
    /// Every backend, in the order of tables.
    pub const ALL: [Self; 11] = [
        Self::Flex,
        Self::NdArray,
        Self::Cpu,
        Self::Cuda,
        Self::Rocm,
        Self::Metal,
        Self::Vulkan,
        Self::Wgpu,
        Self::WebGpu,
        Self::Tch,
        Self::Remote,
    ];

    /// The name in configurations, which is also that of the Cargo feature where there is one.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flex => "flex",
            Self::NdArray => "ndarray",
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::Rocm => "rocm",
            Self::Metal => "metal",
            Self::Vulkan => "vulkan",
            Self::Wgpu => "wgpu",
            Self::WebGpu => "webgpu",
            Self::Tch => "tch",
            Self::Remote => "remote",
        }
    }

    /// Whether this program was built with it.
    pub fn is_compiled(self) -> bool {
        match self {
            Self::Flex | Self::NdArray => true,
            Self::Cpu => cfg!(feature = "cpu"),
            Self::Cuda => cfg!(feature = "cuda"),
            Self::Rocm => cfg!(feature = "rocm"),
            Self::Metal => cfg!(feature = "metal"),
            Self::Vulkan => cfg!(feature = "vulkan"),
            Self::Wgpu => cfg!(feature = "wgpu"),
            Self::WebGpu => cfg!(feature = "webgpu"),
            Self::Tch => cfg!(feature = "tch"),
            Self::Remote => cfg!(feature = "remote"),
        }
    }

    /// Whether this program was built with it.
    ///
    /// # Errors
    /// When not; the text says how it would be.
    pub(super) fn check_compiled(self) -> Result<(), String> {
        if self.is_compiled() {
            return Ok(());
        }
        Err(format!(
            "not compiled into this program; --features {self} adds it and needs {}; compiled in: {}",
            self.needs(),
            compiled()
        ))
    }

    /// What a machine needs for it, beside the Cargo feature.
    pub fn needs(self) -> &'static str {
        match self {
            Self::Flex | Self::NdArray => "nothing",
            Self::Cpu => "a download of LLVM while it is built",
            Self::Cuda => "an NVIDIA GPU, its driver and CUDA's libraries, and a download of LLVM while it is built",
            Self::Rocm => "an AMD GPU and ROCm, and a download of LLVM while it is built",
            Self::Metal => "macOS",
            Self::Vulkan => "a GPU and its Vulkan driver",
            Self::Wgpu => "a GPU and its driver for Vulkan, Metal, DirectX or OpenGL",
            Self::WebGpu => "a browser",
            Self::Tch => "LibTorch, to build it as well",
            Self::Remote => "a server, remote:ws://host:port, where `petal serve` runs",
        }
    }

    /// Whether opening or using it can take the process down: a driver is in play.
    pub(super) fn has_driver(self) -> bool {
        !matches!(self, Self::Flex | Self::NdArray | Self::Remote)
    }

    fn takes_number(self) -> bool {
        matches!(self, Self::Cuda | Self::Rocm)
    }
}

impl DeviceName {
    /// The backend.
    pub fn backend(&self) -> Backend {
        self.backend
    }
}

impl From<Backend> for DeviceName {
    fn from(backend: Backend) -> Self {
        Self { backend, which: Which::Default }
    }
}

impl FromStr for DeviceName {
    type Err = String;

    /// Reads a name, compiled in or not.
    ///
    /// # Errors
    /// When no backend has such devices; the text says what is accepted.
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, which) = text.split_once(':').map_or((text, None), |(name, which)| (name, Some(which)));
        let Some(backend) = Backend::ALL.into_iter().find(|backend| backend.name() == name) else {
            return Err(format!("not a known device; accepted: {}", accepted()));
        };
        let which = match (backend, which) {
            (Backend::Remote, Some(address)) => Which::Server(server(address)?),
            (Backend::Remote, None) => return Err("must name the server: remote:ws://host:port".into()),
            (_, None) => Which::Default,
            (_, Some(number)) if backend.takes_number() => {
                let number = number.parse().ok().filter(|&number| number < 256);
                Which::Number(number.ok_or_else(|| format!("must be {name} or {name}:N with N from 0 to 255"))?)
            }
            (_, Some(_)) => return Err(format!("must be {name}, which takes nothing after it")),
        };
        Ok(Self { backend, which })
    }
}

/// `host:port` from `ws://host:port`.
fn server(address: &str) -> Result<String, String> {
    let server = address
        .strip_prefix("ws://")
        .map(|server| server.strip_suffix('/').unwrap_or(server));
    let valid = server.and_then(|server| server.rsplit_once(':')).is_some_and(|(host, port)| {
        let bracketed = host.starts_with('[') && host.ends_with(']');
        let plain = !host.is_empty() && !host.contains([':', '/', '?', '#', '@', ' ']);
        (plain || bracketed) && port.parse::<u16>().is_ok_and(|port| port > 0)
    });
    match server {
        Some(server) if valid => Ok(server.to_owned()),
        _ => Err("must be remote:ws://host:port, such as remote:ws://127.0.0.1:3000".into()),
    }
}

fn accepted() -> String {
    let names = Backend::ALL.map(|backend| match backend {
        Backend::Remote => "remote:ws://host:port".to_owned(),
        numbered if numbered.takes_number() => format!("{0}, {0}:N", numbered.name()),
        other => other.name().to_owned(),
    });
    names.join(", ")
}

/// The names of the backends that this program was built with.
pub(super) fn compiled() -> String {
    let names = Backend::ALL
        .into_iter()
        .filter(|backend| backend.is_compiled())
        .map(Backend::name);
    names.collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.which {
            Which::Default => f.pad(self.backend.name()),
            Which::Number(number) => f.pad(&format!("{}:{number}", self.backend)),
            Which::Server(server) => f.pad(&format!("{}:ws://{server}", self.backend)),
        }
    }
}

impl DeviceChoice {
    /// Whether every device is the computer's own processor.
    pub fn is_cpu(&self) -> bool {
        let cpu = |name: &DeviceName| matches!(name.backend, Backend::Flex | Backend::NdArray | Backend::Cpu);
        matches!(self, Self::These(names) if names.iter().all(cpu))
    }
}

impl Default for DeviceChoice {
    fn default() -> Self {
        Self::from(DeviceName::from(Backend::Flex))
    }
}

impl From<DeviceName> for DeviceChoice {
    fn from(name: DeviceName) -> Self {
        Self::These(vec![name])
    }
}

impl FromStr for DeviceChoice {
    type Err = String;

    /// Reads `auto` or one name of a backend that this program was built with.
    ///
    /// # Errors
    /// When there is no such name, or it is not compiled in.
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        usable(text)
            .map(Self::from)
            .map_err(|reason| reason.replace("accepted: ", "accepted: auto, "))
    }
}

/// A name of a backend that this program was built with.
pub(super) fn usable(text: &str) -> Result<DeviceName, String> {
    let name: DeviceName = text.parse()?;
    name.backend.check_compiled().map(|()| name)
}

impl fmt::Display for DeviceChoice {
    /// The names, commas between them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::These(names) => f.write_str(&names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
        }
    }
}

impl Serialize for DeviceChoice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::These(names) if names.len() > 1 => serializer.collect_seq(names.iter().map(ToString::to_string)),
            one => serializer.collect_str(one),
        }
    }
}

impl<'de> Deserialize<'de> for DeviceChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ChoiceVisitor;
        impl<'de> Visitor<'de> for ChoiceVisitor {
            type Value = DeviceChoice;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a device's name or a list of names")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<DeviceChoice, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<DeviceChoice, A::Error> {
                let mut names = Vec::new();
                while let Some(text) = list.next_element::<String>()? {
                    if text == "auto" {
                        return Err(de::Error::custom("auto must stand alone, not in a list"));
                    }
                    let name = usable(&text).map_err(|reason| de::Error::custom(format!("{text}: {reason}")))?;
                    if name.backend == Backend::Remote && names.contains(&name) {
                        // It would do one part after the other, and Burn 0.22 waits 40 ms in between.
                        return Err(de::Error::custom(format!("{text} is named twice; a server takes one part")));
                    }
                    names.push(name);
                }
                match names.len() {
                    1..=MOST => Ok(DeviceChoice::These(names)),
                    count => Err(de::Error::custom(format!("must name from 1 to {MOST} devices, not {count}"))),
                }
            }
        }
        deserializer.deserialize_any(ChoiceVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reads_back_as_it_is_written() {
        for text in ["flex", "ndarray", "cpu", "vulkan", "cuda", "cuda:1", "rocm:0", "remote:ws://127.0.0.1:3000"] {
            assert_eq!(text.parse::<DeviceName>().unwrap().to_string(), text);
        }
        assert_eq!("remote:ws://[::1]:3000/".parse::<DeviceName>().unwrap().to_string(), "remote:ws://[::1]:3000");
    }

    #[test]
    fn what_is_no_name_is_refused_with_what_is_accepted() {
        let refused = |text: &str| text.parse::<DeviceName>().unwrap_err();
        assert!(refused("Flex").starts_with("not a known device; accepted: flex, ndarray, cpu, cuda, cuda:N,"));
        assert_eq!(refused("cuda:x"), "must be cuda or cuda:N with N from 0 to 255");
        assert_eq!(refused("cuda:-1"), "must be cuda or cuda:N with N from 0 to 255");
        assert_eq!(refused("flex:0"), "must be flex, which takes nothing after it");
        let servers = [
            "remote:",
            "remote:a:3000",
            "remote:ws://a",
            "remote:ws://:1",
            "remote:ws://a:0",
            "remote:ws://a:65536",
        ];
        for text in servers
            .into_iter()
            .chain(["remote:ws://a:1/path", "remote:ws://a b:1", "remote:wss://a:1"])
        {
            assert!(refused(text).starts_with("must be remote:ws://host:port"), "{text}");
        }
    }

    #[test]
    fn a_choice_is_one_name_a_list_or_auto() {
        let read = |text: &str| {
            let mut table: toml::Table = toml::from_str(text).unwrap();
            table.remove("device").unwrap().try_into::<DeviceChoice>()
        };
        assert_eq!(read(r#"device = "auto""#).unwrap(), DeviceChoice::Auto);
        assert_eq!(read(r#"device = ["flex", "ndarray"]"#).unwrap().to_string(), "flex, ndarray");
        assert_eq!(read(r#"device = ["flex"]"#).unwrap(), DeviceChoice::default());
        for (bad, reason) in [
            (r#"device = ["flex", "auto"]"#, "auto must stand alone"),
            ("device = []", "must name from 1 to 64 devices, not 0"),
            (r#"device = ["flex", "gpu"]"#, "gpu: not a known device"),
            ("device = 3", "expected a device's name or a list of names"),
        ] {
            let refused = read(bad).unwrap_err().to_string();
            assert!(refused.contains(reason), "{bad}: {refused}");
        }
    }
}
