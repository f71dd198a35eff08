//! Hidden units that the initial weights keep from learning, in words.
//!
//! The article says why weights must begin with random numbers: without them, all hidden units are the same forever.

use super::prepare::Run;
use crate::data::text::plural;
use crate::gradcheck::parameters::round_parameters;
use crate::network::hidden_units::{equal_units, idle_units};
use crate::network::{Activation, Init, Parameters};

/// The number of units that a sentence names.
const MAX_NAMED: usize = 10;

impl Run {
    /// A sentence about hidden units that are equal at the start, and one about those that have no gradient. There is none for
    /// a sweep, whose networks are built later.
    pub fn start_notes(&self) -> Vec<String> {
        if self.config.sweep.is_some() {
            return Vec::new();
        }
        // Small weights may be equal in f32 only.
        let start = round_parameters(&self.initial, self.config.dtype);
        let idle = idle_units(&start, &self.data);
        let equal = equal_units(&start).into_iter().map(|units| equal_sentence(&units, &start));
        let idle = (!idle.is_empty()).then(|| self.idle_sentence(&idle, &start));
        equal.chain(idle).collect()
    }

    fn idle_sentence(&self, units: &[usize], start: &Parameters) -> String {
        let model = &self.config.model;
        let advice = match (model.activation, model.init) {
            (_, Init::Scaled) if model.init_scale().get() == 0.0 => "set model.init_scale above 0",
            (Activation::Relu, _) => "try another model.seed, or data.standardise = true",
            _ => "set a larger model.init_scale",
        };
        let (names, them) = (names(units, start), if units.len() == 1 { "it" } else { "them" });
        format!(
            "{names} {} 0 for every training sample, and so is the gradient of the cost for {them}: no update changes {them}; \
             {advice}",
            if units.len() == 1 { "is" } else { "are" }
        )
    }
}

fn equal_sentence(units: &[usize], start: &Parameters) -> String {
    format!(
        "{} start with the same weights: every update gives them the same gradient, so they stay equal and can do no more than \
         one unit; random weights (model.init_scale above 0) make units different",
        names(units, start)
    )
}

/// The units with their numbers, counted from 0 as in `w1[j, k]`.
fn names(units: &[usize], parameters: &Parameters) -> String {
    if units.len() > 1 && units.len() == parameters.hidden {
        return format!("All {} hidden units", units.len());
    }
    let numbers: Vec<String> = units.iter().take(MAX_NAMED).map(ToString::to_string).collect();
    let rest = if units.len() > MAX_NAMED { ", ..." } else { "" };
    format!("Hidden {} {}{rest}", plural(units.len(), "unit"), numbers.join(", "))
}
