//! [`SimdLevel`]: the vector instructions to compute with, detected at run time.

use std::fmt;
use std::marker::PhantomData;

use pulp::{Scalar128b, Simd, WithSimd};

use crate::activation::{Activation, Operation};
use crate::simd_float::SimdFloat;

/// A set of vector instructions that this processor has.
///
/// The last digits of results differ between levels, because the order of additions differs.
#[derive(Clone, Copy, Debug)]
pub struct SimdLevel(Instructions);

/// Each variant holds pulp's proof that the processor has the instructions.
#[derive(Clone, Copy, Debug)]
enum Instructions {
    #[cfg(target_arch = "x86_64")]
    Avx512(pulp::x86::V4),
    #[cfg(target_arch = "x86_64")]
    Avx2(pulp::x86::V3),
    #[cfg(target_arch = "aarch64")]
    Neon(pulp::aarch64::Neon),
    /// Plain Rust code on arrays of 128 bits.
    Portable,
}

impl SimdLevel {
    /// The levels that this processor has, the fastest first.
    ///
    /// The last one is portable code, which runs on every processor and is many times slower.
    pub fn available() -> Vec<Self> {
        let mut levels = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            levels.extend(pulp::x86::V4::try_new().map(Instructions::Avx512));
            levels.extend(pulp::x86::V3::try_new().map(Instructions::Avx2));
        }
        #[cfg(target_arch = "aarch64")]
        levels.extend(pulp::aarch64::Neon::try_new().map(Instructions::Neon));
        levels.push(Instructions::Portable);
        levels.into_iter().map(Self).collect()
    }

    /// The fastest level.
    pub fn best() -> Self {
        Self::available()[0]
    }

    /// The number of lanes: how many numbers of type T one register holds.
    pub fn lanes<T: SimdFloat>(self) -> usize {
        struct Lanes<T>(PhantomData<T>);
        impl<T: SimdFloat> WithSimd for Lanes<T> {
            type Output = usize;

            fn with_simd<S: Simd>(self, _: S) -> usize {
                size_of::<T::Register<S>>() / size_of::<T>()
            }
        }
        self.dispatch(Lanes::<T>(PhantomData))
    }

    /// Runs the code that the operation has for this level and this activation.
    #[inline]
    pub(crate) fn dispatch_with<Op: Operation>(self, activation: Activation, operation: Op) -> Op::Output {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512(simd) => activation.vectorize(simd, operation),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2(simd) => activation.vectorize(simd, operation),
            #[cfg(target_arch = "aarch64")]
            Instructions::Neon(simd) => activation.vectorize(simd, operation),
            Instructions::Portable => run_portably(operation, activation),
        }
    }

    /// Runs the code that the operation has for this level.
    #[inline]
    pub(crate) fn dispatch<Op: WithSimd>(self, operation: Op) -> Op::Output {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512(simd) => Simd::vectorize(simd, operation),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2(simd) => Simd::vectorize(simd, operation),
            #[cfg(target_arch = "aarch64")]
            Instructions::Neon(simd) => Simd::vectorize(simd, operation),
            Instructions::Portable => Simd::vectorize(Scalar128b, operation),
        }
    }
}

/// Not inlined, so that callers that run the same operation share its code.
#[inline(never)]
fn run_portably<Op: Operation>(operation: Op, activation: Activation) -> Op::Output {
    operation.run(Scalar128b, activation)
}

impl fmt::Display for SimdLevel {
    /// The name that the manufacturers of processors use.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512(_) => "AVX-512",
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2(_) => "AVX2",
            #[cfg(target_arch = "aarch64")]
            Instructions::Neon(_) => "NEON",
            Instructions::Portable => "portable",
        })
    }
}
