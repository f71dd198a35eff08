//! The ways into the kernels, for each float type.
//!
//! A generic function is compiled in the crate that calls it, with that crate's optimisation. These are not generic, so
//! that all the computing is compiled here and is as fast in a caller's debug build as in any other.

use crate::chunk::Task;
use crate::functions::{self, Function};
use crate::level::Level;
use crate::network::Parameters;
use crate::pass::{self, Evaluation, Pass};
use crate::predict;

/// No other crate can implement it.
pub trait Compiled: Sized {
    fn apply(function: Function, values: &mut [Self], level: Level);
    fn run(pass: &mut Pass<Self>, parameters: &Parameters<Self>, task: Task, weight_decay: f64) -> Evaluation;
    fn descend(parameters: &mut Parameters<Self>, gradient: &Parameters<Self>, learning_rate: f64);
    fn probabilities(parameters: &Parameters<Self>, x: &[f64], level: Level) -> Vec<f64>;
}

macro_rules! compiled {
    ($($real:ty),*) => {$(
        impl Compiled for $real {
            fn apply(function: Function, values: &mut [Self], level: Level) {
                functions::apply(function, values, level);
            }

            fn run(pass: &mut Pass<Self>, parameters: &Parameters<Self>, task: Task, weight_decay: f64) -> Evaluation {
                pass::run(pass, parameters, task, weight_decay)
            }

            fn descend(parameters: &mut Parameters<Self>, gradient: &Parameters<Self>, learning_rate: f64) {
                pass::descend(parameters, gradient, learning_rate);
            }

            fn probabilities(parameters: &Parameters<Self>, x: &[f64], level: Level) -> Vec<f64> {
                predict::compute(parameters, x, level)
            }
        }
    )*};
}

compiled!(f32, f64);
