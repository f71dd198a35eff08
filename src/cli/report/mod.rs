//! The text that the jobs print. The jobs print it themselves.

mod devices;
mod gradcheck;
mod next_steps;
mod page;
mod parity;
mod point_file;
mod predictions;
mod run_summary;
mod scores;
mod sweep;
mod sweep_page;
mod training;

#[cfg(feature = "remote")]
pub use devices::serving;
pub use devices::{devices, devices_json};
pub use gradcheck::{gradcheck_file_summary, gradcheck_summary, step_sweep};
pub use next_steps::files_and_next_steps;
pub use page::page;
pub use parity::parity;
pub use point_file::{point_file, point_file_json};
pub use predictions::{Predictions, evaluation, evaluation_json};
pub use run_summary::run_summary;
use run_summary::timings;
pub use scores::{ScoresColumn, scores};
pub use sweep::{sweep_conclusion, sweep_divergence, sweep_header, sweep_resumed, sweep_row, sweep_summary};
pub use sweep_page::sweep_page;
pub use training::{divergence, record, results, resumed};
