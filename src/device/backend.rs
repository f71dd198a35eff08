//! The backends of Burn that a configuration can name.

use std::fmt;

/// A backend of Burn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Backend {
    /// Burn's portable CPU backend.
    Flex,
    /// The older CPU backend, built on the `ndarray` crate.
    NdArray,
    /// CubeCL's compiled kernels on the CPU.
    Cpu,
    /// NVIDIA GPUs.
    Cuda,
    /// AMD GPUs.
    Rocm,
    /// Apple GPUs, with shaders in Metal's own language.
    Metal,
    /// GPUs through Vulkan, with shaders in SPIR-V.
    Vulkan,
    /// GPUs through the system's graphics interface (Vulkan, Metal, DirectX or OpenGL), with shaders in WGSL.
    Wgpu,
    /// WebGPU in a browser.
    WebGpu,
    /// `LibTorch`, on the CPU.
    Tch,
    /// A device server, usually on another machine.
    Remote,
}

impl Backend {
    /// Every backend, in the order used in tables.
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

    /// The name in configurations. The Cargo feature, if the backend needs one, has the same name.
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

    /// Whether this program was built with the backend.
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

    /// Refuses a backend that this program was built without.
    ///
    /// # Errors
    /// When the backend is not compiled in. The text says how to add it.
    pub(super) fn check_compiled(self) -> Result<(), String> {
        if self.is_compiled() {
            return Ok(());
        }
        let compiled: Vec<_> = Self::ALL
            .into_iter()
            .filter(|backend| backend.is_compiled())
            .map(Self::name)
            .collect();
        Err(format!(
            "not compiled into this program; --features {self} adds it and needs {}; compiled in: {}",
            self.needs(),
            compiled.join(", ")
        ))
    }

    /// What a machine needs for the backend, in addition to the Cargo feature.
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

    /// Whether the backend uses a driver. A driver can crash the whole process.
    pub(super) fn has_driver(self) -> bool {
        !matches!(self, Self::Flex | Self::NdArray | Self::Remote)
    }

    /// Whether a name can select one of several devices by its index, as in `cuda:1`.
    pub(super) fn has_indexed_devices(self) -> bool {
        matches!(self, Self::Cuda | Self::Rocm)
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
