//! A run's configuration: TOML in, settings that cannot be invalid out.
//!
//! Every module keeps its own settings with their defaults and their documentation. [`Config`] puts them together. Numbers
//! are checked while they are read ([`crate::data::checked_numbers`]), so that an error names the line:
//!
//! ```text
//! train.learning_rate = -0.1: must be finite and > 0 (configs/x.toml:12)
//! ```
//!
//! | module | what it holds |
//! | --- | --- |
//! | `settings` | the configuration: reading and writing it |
//! | `conflicts` | settings that are valid one by one and do not go together |
//! | `overrides` | settings given on the command line |
//! | `sweep` | several values of some keys: the table `[sweep]` |
//! | `sweep_runs` | the runs that it asks for |
//! | `sweep_option` | the values of a key as `--sweep` has them |
//! | `reader` | from TOML values to settings, with faults in our words |
//! | `suggestion` | "did you mean ...?" |
//! | `repair` | what a value that is not TOML was meant to be |
//! | `toml_text` | the text: its values, where a key is, and what is wrong with text that is not TOML |

mod conflicts;
mod overrides;
mod reader;
mod repair;
mod settings;
mod suggestion;
mod sweep;
mod sweep_option;
mod sweep_runs;
mod toml_text;

pub(crate) use conflicts::too_large;
pub use overrides::Override;
pub use settings::{Config, Decision};
pub use sweep::{SEED, Sweep};
pub use sweep_runs::SweepRun;
// Lessons are read as configurations are.
#[cfg(feature = "play")]
pub(crate) use {settings::read_text, toml_text::TomlText};
