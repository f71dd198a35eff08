#![doc = include_str!("../README.md")]
//!
//! # How it works
//!
//! ```text
//! z1 = x w1 + b1    a1 = tanh(z1)    z2 = a1 w2 + b2    loss = mean(softplus(z2) - y z2)      y is 0 or 1
//! ```
//!
//! A framework computes each of these steps, and each derivative, over all samples before it begins the next: on small
//! data it spends its time on calling, on large data on memory. Here a few samples go through all steps while they are in
//! registers, and nothing of size samples times hidden units is ever stored.
//!
//! # The map, in reading order
//!
//! | room | what is in it |
//! | --- | --- |
//! | `functions` | tanh, sigmoid, softplus: the formulas and how exact they are |
//! | `narrow`, `wide` | the pass over a tile of samples, for small networks and large ones |
//! | `pass` | the pass over all samples: chunks, threads, the step |
//! | `predict` | the forward pass alone |
//! | `hessian` | second derivatives times a vector |
//! | `plain` | sums over lists |
//! | `network`, `samples`, `chunk`, `aligned` | how parameters, samples and scratch lie in memory |
//! | `compiled` | why the kernels are as fast in a debug build |
//! | `real`, `vector`, `level` | floats, registers of them, and the instructions that the processor has |

mod aligned;
mod chunk;
mod compiled;
mod functions;
mod hessian;
mod level;
mod narrow;
mod network;
mod pass;
mod plain;
mod predict;
mod real;
mod samples;
mod vector;
mod wide;

pub use functions::{sigmoid_all, softplus_all, tanh_all};
pub use hessian::Hessian;
pub use level::Level;
pub use network::{Layers, Parameters, Shape};
pub use pass::{Evaluation, Pass};
pub use predict::probabilities;
pub use real::Real;
