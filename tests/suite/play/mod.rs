//! `petal play`: what a page gets, and what keeps others out.

mod client;
mod lessons;
mod safety;
mod trainings;
