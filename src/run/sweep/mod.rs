//! A sweep: one run for each combination of the values of some keys.
//!
//! A sweep keeps only a row of its table for each run. A run with these values alone gives the full results.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `plan` | the runs, their data and their names |
//! | `row` | the result of a run |
//! | `workers` | work on several threads, with results in order |
//! | `train` | training the runs, with and without checkpoints |
//! | `comparison` | the runs of one combination of values, and which combination is best |
//! | `table` | `sweep.csv` |
//! | `pictures` | the pictures |
//! | `page` | the numbers of the page |
//! | `save` | writing all of these |

mod comparison;
mod page;
mod pictures;
mod plan;
mod row;
mod save;
mod table;
mod train;
mod workers;

pub use comparison::{Best, Combination, Measure, Spread};
pub use page::SweepPage;
pub use plan::Sweep;
pub(super) use plan::checkpoint_file;
pub use row::{SweepRow, sweep_ending};
pub(super) use table::{SWEEP, stored_rows};
