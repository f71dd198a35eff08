//! Petal: a two-layer neural network from scratch, on Burn, with every number checked.
//!
//! It is the network of a well-known article (a tanh hidden layer, a sigmoid output, cross-entropy, plain
//! gradient descent on 400 points in the shape of a flower) as software: one TOML file in, a trained network with
//! its pictures out. The program does nothing that this library cannot:
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
//! # The map, in reading order
//!
//! | room | what is in it |
//! | --- | --- |
//! | [`data`] | samples and labels; the generated sets; tables, read and examined; NumPy's random stream |
//! | [`model`] | the network: parameters, Burn module, forward pass |
//! | [`loss`] | the cross-entropy from logits |
//! | [`gradients`] | the engines that differentiate it: Burn's autodiff, backpropagation by hand, and the fused kernel |
//! | [`fused`] | the bridge to the fused kernel, which is a crate of its own |
//! | [`curvature`] | second derivatives, the sharpness, and other signs of how training fares |
//! | [`gradcheck`] | the referee that holds gradients against each other and against differences |
//! | [`explain`] | one update with its numbers in the formulas |
//! | [`train`](mod@train) | gradient descent |
//! | [`metrics`], [`baseline`] | how good the predictions are, and logistic regression beside them |
//! | [`components`] | the plane in which rows vary most |
//! | [`lanczos`] | the largest eigenvalue, from products alone |
//! | [`model_file`], [`checkpoint`] | the model on disk, and a training that is under way |
//! | [`predict`] | a stored model's predictions for any table that has its columns |
//! | [`export`] | the model for use without Petal: ONNX, Rust, C |
//! | [`plot`] | the pictures |
//! | [`device`] | from a name to a Burn device, tried before it is used |
//! | [`parity`] | the same training on several devices, held against the host |
//! | [`config`], [`checked`] | TOML to settings that cannot be invalid |
//! | [`run`], [`folder`] | the main job: its steps and its folder; and once more, to verify it |
//! | `cli` | the programs, with the feature `cli`: their jobs, and what they print |
//! | [`error`], [`text`] | the error of all rooms, and numbers as a person writes them |
//!
//! # Who may use whom
//!
//! Arrows run one way: cli -> {run, parity, predict, export} -> config -> the rooms whose settings it holds; run -> {train,
//! gradcheck, plot, model_file, checkpoint, baseline, components, metrics, folder, fused, device}; parity -> {train, gradcheck, fused, device};
//! predict -> {model_file, metrics, data}; export -> {model_file, data, model, device}; train -> {gradients, fused, data, loss,
//! model, device}; explain -> gradcheck -> {gradients, data, loss, model, device}; gradients -> {fused, data, loss, model, device};
//! model_file -> {fused, model, data}; checkpoint -> {train, model, device}; curvature -> {fused, lanczos, data, model, device};
//! components -> {lanczos, data}; fused -> {model, device}; folder -> plot -> {metrics, components}. Only `device` names Burn's
//! backends. `plot`, `metrics`, `components`, `lanczos`, `baseline` and `curvature` see no tensor, `manual` no autodiff. Only
//! `cli` prints: `train` speaks to an observer. Only `device` starts a process.
//!
//! `baseline`, `checked`, `components`, `data`, `error`, `lanczos`, `metrics` and `text` are a crate of their own, `tabular/`, and the fused
//! kernel is another, `fused/`: both are optimised in every build and know no framework.

#![forbid(unsafe_code)]

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
pub mod parity;
pub mod plot;
pub mod predict;
pub mod run;
pub mod train;

pub use petal_data as data;
