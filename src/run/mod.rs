//! The main job: from a configuration to a trained network, its scores and its pictures.
//!
//! A run has three steps. A program calls them one after the other and saves the results of each before the next begins:
//!
//! 1. [`Run::prepare`] reads the data and opens the devices.
//! 2. [`Run::train`] trains the network.
//! 3. [`Trained::evaluate`] predicts all samples and computes scores.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `prepare` | a run that is ready to train |
//! | `auto` | opening its devices, and choosing one for `device = "auto"` |
//! | `train` | a run that has trained |
//! | `evaluate` | the scores of the network and of logistic regression |
//! | `results` | a run that is evaluated, and its `metrics.json` |
//! | `pictures` | the pictures of a run |
//! | `animation` | a training as a sequence of pictures |
//! | `divergence` | `divergence.md`, the report of a training run that diverged |
//! | `divergence_advice` | why it diverged, and what to change |
//! | `start_notes` | hidden units that the initial weights keep from learning |
//! | `initial_cost` | why training cannot start from the initial parameters |
//! | `manifest` | `run.json`, which says how a run was made and how it ended |
//! | `save` | writing all of these into the run's folder |
//! | `resume` | writing checkpoints, and resuming from one |
//! | `sweep` | a run for each combination of the values of some keys |
//! | `watched` | a training whose frames are passed on while it runs, from the start or from edited parameters |
//! | `verify` | training a stored run again and comparing every number |
//!
//! Nothing is printed here, and the caller chooses the folder.

mod animation;
mod auto;
mod divergence;
mod divergence_advice;
mod evaluate;
mod initial_cost;
mod manifest;
mod page_data;
mod pictures;
mod prepare;
mod results;
mod resume;
mod save;
mod start_notes;
mod sweep;
mod train;
mod verify;
mod watched;

pub use animation::Animation;
pub use auto::Timing;
pub use divergence_advice::Diagnosis;
pub use evaluate::{PartScores, SplitScores};
pub use manifest::{MANIFEST, Manifest};
pub use prepare::Run;
pub use results::Results;
pub use sweep::{Best, Combination, Measure, Spread, Sweep, SweepPage, SweepRow, sweep_ending};
pub use train::Trained;
pub use verify::{Difference, FileComparison, StoredRun, Verification};
pub use watched::Fork;
