//! `petal play`: what a page gets, and what keeps others out.

mod client;
mod commands;
mod gradients;
mod lesson_claims;
mod lessons;
mod links;
mod safety;
mod trainings;
