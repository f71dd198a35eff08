//! Everything that is tested from outside the crate, in one program: each test program links all of Burn.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where something is wrong"
)]
#![allow(clippy::print_stdout, reason = "a test says what it skips")]

mod article;
mod batches;
mod checkpoints;
mod cmd;
mod config_mistakes;
mod curvature;
mod damaged_models;
mod data_against_numpy;
mod doctor;
mod documentation;
mod export;
mod files;
mod fuzz_corpus;
mod gradcheck;
mod gradient_mistakes;
mod gradients;
mod loss;
mod own_table;
mod pictures;
mod program;
mod resume;
mod scores;
mod support;
mod sweeps;
mod table_mistakes;
mod tables;
mod training;
mod training_against_numpy;
mod verify;
