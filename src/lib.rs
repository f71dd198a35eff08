//! draft
pub mod baseline;
pub mod checked;
pub mod checkpoint;
pub mod cli;
pub mod config;
pub mod data;
pub mod device;
pub mod error;
pub mod folder;
pub mod gradients;
pub mod loss;
pub mod metrics;
pub mod model;
pub mod plot;
pub mod report;
pub mod run;
pub mod train;
