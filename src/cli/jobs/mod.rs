//! The jobs of `petal`. Each module has the options of one job and its work.

pub mod animate;
mod array_point;
pub mod completions;
pub mod devices;
pub mod evaluate;
pub mod explain;
pub mod export;
pub mod gradcheck;
pub mod init;
#[cfg(feature = "play")]
pub mod lessons;
pub mod man;
pub mod parity;
#[cfg(feature = "play")]
pub mod play;
pub mod predict;
pub mod report;
#[cfg(feature = "remote")]
pub mod serve;
pub mod train;
pub mod verify;
