//! Petal: a two-layer neural network from scratch, on Burn, with every number checked.
//!
//! It trains the network of a well-known article: a tanh hidden layer (or one with sigmoid, relu or no activation), a sigmoid
//! output, cross-entropy, and gradient
//! descent on 400 points in the shape of a flower. A TOML file goes in. A trained network and its pictures come out.
//! This library can do everything that the program does:
//!
//! ```
//! use petal::config::Config;
//! use petal::run::Run;
//!
//! # fn main() -> petal::error::Result<()> {
//! let config = Config::from_toml("train.updates = 200\nmodel.hidden = 3", "my settings", &[])?;
//! let run = Run::prepare(config)?;
//! let results = run.train(&mut ())?.evaluate()?;
//! println!("cost {:.6}, accuracy {:.2}", results.outcome.kept.cost, results.scores.train.network.accuracy);
//! println!("w1, row by row: {:?}", results.outcome.parameters.w1);
//! # assert!(results.outcome.last().cost < 0.5);
//! # Ok(())
//! # }
//! ```
//!
//! # Modules, in reading order
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`data`] | the crate `petal-data`: generated data, tables, scores, logistic regression |
//! | [`network`] | the network: parameters, forward pass, loss, gradients, curvature |
//! | [`train`](mod@train) | gradient descent |
//! | [`gradcheck`] | checks gradients against each other and against central differences |
//! | [`explain`] | one update with its numbers in the formulas |
//! | [`run`] | the main job: prepare, train, evaluate; also sweeps, resuming and verification |
//! | [`config`] | the settings of a run, read from TOML |
//! | [`files`] | what a run saves: its folder, the model file, checkpoints |
//! | [`plot`] | the crate `petal-plot`: the pictures |
//! | [`predict`] | the predictions of a stored model for a table |
//! | [`export`] | the model for use without Petal: ONNX, Rust, C |
//! | [`device`] | from the name of a device to a Burn device that was tried |
//! | [`parity`] | the same training on several devices, compared with the host |
//! | `cli` | the programs, with the feature `cli` |
//! | `play` | the playground, a server on this machine, with the feature `play` |
//! | [`error`] | the error type |
//!
//! `ARCHITECTURE.md` in the repository has a picture of these modules, and the rules for imports between them.

#![forbid(unsafe_code)]

pub mod article;
#[cfg(feature = "cli")]
pub mod cli;
pub mod config;
pub mod device;
pub mod error;
pub mod explain;
pub mod export;
pub mod files;
pub mod gradcheck;
pub mod network;
pub mod page;
pub mod parity;
#[cfg(feature = "play")]
pub mod play;
pub mod predict;
pub mod run;
pub mod train;

pub use petal_data as data;
pub use petal_plot as plot;
