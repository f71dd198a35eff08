#![doc = include_str!("../README.md")]
//!
//! # How it works
//!
//! ```text
//! z1 = x w1 + b1    a1 = f(z1)    z2 = a1 w2 + b2    loss = mean(softplus(z2) - y z2)      y is 0 or 1
//! ```
//!
//! f is the activation: tanh, sigmoid, relu or identity.
//!
//! A framework computes each of these steps, and each derivative, for all samples before it starts the next step. On small
//! data most of its time goes into calling functions, and on large data into reading and writing memory. This crate
//! takes a few samples at a time through all steps while their values are in registers. It never stores an array of size
//! samples times hidden units.
//!
//! # Modules
//!
//! In reading order. Each module imports only from those below it.
//!
//! | module | content |
//! | --- | --- |
//! | `hessian` | products of the Hessian and a vector |
//! | `api` | the public generic functions, and why they are fast in a debug build too |
//! | `pass` | the pass over all samples: chunks, threads, gradient descent |
//! | `predict` | the forward pass alone |
//! | `threads` | how many threads compute |
//! | `narrow`, `wide` | the kernels: the pass over a tile of samples, for small and for large networks |
//! | `output` | from the logits to the loss and its derivative |
//! | `simd_level` | the instructions that the processor has |
//! | `activation` | the activations, each as a type for which the kernels are compiled |
//! | `functions` | tanh, sigmoid, softplus: the formulas and their accuracy |
//! | `chunk`, `samples`, `network` | the memory layout of results, samples and parameters |
//! | `vector` | several SIMD registers as one value |
//! | `simd_float` | f32 and f64 in SIMD registers |
//! | `aligned`, `slice_ops` | memory that starts at a cache line, and sums over slices |

mod activation;
mod aligned;
mod api;
mod chunk;
mod functions;
mod hessian;
mod narrow;
mod network;
mod output;
mod pass;
mod predict;
mod samples;
mod simd_float;
mod simd_level;
mod slice_ops;
mod threads;
mod vector;
mod wide;

pub use activation::Activation;
pub use api::{Float, activate_all, logits, sigmoid_all, softplus_all};
pub use hessian::Hessian;
pub use network::{LayerParameters, Parameters, Shape};
pub use pass::{Evaluation, Pass};
pub use simd_level::SimdLevel;
pub use threads::{thread_count, with_threads};
