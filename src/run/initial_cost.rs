//! Why the cost of the initial parameters is too high, or not finite: the inputs, or the scale of the initial weights.

use super::divergence_advice::largest_input;
use super::prepare::Run;
use crate::data::split::Part;
use crate::data::text::short;
use crate::data::vector::max_norm;
use crate::device::Precision;
use crate::error::Error;
use crate::network::{Init, fused_bridge};

/// The cost of predicting 1/2 for every sample is ln 2.
const COST_OF_HALF: f64 = std::f64::consts::LN_2;

impl Run {
    /// Adds the reason to an error about the initial cost. Other errors are returned as they are.
    pub(super) fn explained(&self, error: Error) -> Error {
        let reason = match error {
            Error::InitialCost { cost, limit, .. } if cost.is_finite() && cost > limit => self.why_too_high(limit),
            Error::InitialCost { part, .. } => self.why_not_finite(part),
            other => return other,
        };
        Error::Training(format!("{error}; {reason}"))
    }

    fn why_too_high(&self, limit: f64) -> String {
        if limit < COST_OF_HALF {
            "always predicting 1/2 has a cost of 0.693147".into()
        } else {
            match self.config.model.init {
                Init::Scaled => format!("a smaller model.init_scale than {} lowers it", self.init_scale()),
                init => {
                    format!("model.init = \"scaled\" with a small model.init_scale lowers it, in place of \"{init}\"")
                }
            }
        }
    }

    fn init_scale(&self) -> String {
        short(self.config.model.init_scale().get())
    }

    fn why_not_finite(&self, part: Part) -> String {
        let data = self.part(part).unwrap_or(&self.data);
        let weights = max_norm(&self.initial.w1).max(max_norm(&self.initial.w2));
        let inputs = max_norm(data.x());

        let dtype = self.config.dtype;
        let is_finite = |precision| {
            let logits = fused_bridge::logits(&self.initial, data.x(), precision);
            logits.into_iter().map(f64::is_finite).collect::<Vec<_>>()
        };
        let is_finite_in_f64 = || self.initial.are_finite() && !is_finite(Precision::F64).contains(&false);
        let f64_helps = if dtype == Precision::F32 && is_finite_in_f64() {
            " or dtype = \"f64\""
        } else {
            ""
        };
        if weights > inputs {
            let scale = self.init_scale();
            return format!("model.init_scale = {scale} is too large for {dtype}: set a smaller one{f64_helps}");
        }
        let largest = |sample: &usize| data.x()[sample * data.features() + largest_input(data, *sample)].abs();
        let has_output = is_finite(dtype);
        let sample = (0..data.samples())
            .max_by(|a, b| has_output[*b].cmp(&has_output[*a]).then(largest(a).total_cmp(&largest(b))))
            .unwrap_or(0);
        let value = self.value_with_place(part, sample, largest_input(data, sample));
        let init = match self.config.model.init {
            Init::Scaled => "a smaller model.init_scale",
            Init::Xavier | Init::He => "model.init = \"scaled\" with a small model.init_scale",
        };
        let standardise = if self.scaling.is_none() { ", data.standardise = true" } else { "" };
        format!(
            "the largest input, {value}, is too large for {dtype}: correct it, or set {init}{standardise}{f64_helps}"
        )
    }
}
