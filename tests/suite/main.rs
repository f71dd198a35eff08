//! Everything that is tested from outside the crate, in one program: each test program links all of Burn.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test stops where something is wrong")]
#![allow(clippy::print_stdout, reason = "a test says what it skips")]

mod batches;
mod checkpoints;
mod cmd;
mod curvature;
mod data;
mod doctor;
mod documentation;
mod export;
mod faults;
mod files;
mod formulas;
mod gradcheck;
mod gradients;
mod messages;
mod numbers;
mod own_table;
mod pictures;
mod program;
mod resume;
mod scores;
mod seeds;
mod slips;
mod support;
mod sweeps;
mod tables;
mod training;
mod untrusted;
mod verify;
