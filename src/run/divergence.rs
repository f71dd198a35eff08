//! What is known of a training that diverged, for whoever wants to know why.
//!
//! On a parabola of curvature s, gradient descent multiplies the distance from the minimum by `1 - learning_rate * s` in each
//! update: above `s = 2 / learning_rate` it grows. With momentum b the bound is `2 (1 + b) / learning_rate` (Polyak, 1964).
//!
//! Leaves out: finding the update. Training does that.

use std::fmt::Write as _;

use super::Run;
use crate::data::TableInfo;
use crate::data::logistic::cross_entropy;
use crate::data::text::{grouped, one_line, plural, short};
use crate::device::{Placement, Precision};
use crate::error::Result;
use crate::network::Parameters;
use crate::network::curvature::{Hessian, gradient_norm, saturation, update_ratio};
use crate::train::{Divergence, PastUpdate, Settings};

/// How many rows are shown.
const ROWS: usize = 5;
/// Standardised inputs are rarely so far from zero.
const FAR: f64 = 10.0;

/// The largest sharpness with which updates of such a length are stable.
pub(super) fn bound(learning_rate: f64, settings: &Settings) -> f64 {
    2.0 * (1.0 + settings.momentum.get()) / learning_rate
}

impl Run {
    /// All of it as Markdown.
    pub(super) fn divergence(&self, divergence: &Divergence) -> Result<String> {
        let Divergence { update, learning_rate, cost, parameters: bad, before } = divergence;
        let Some(last) = before.last() else {
            return Ok(String::new());
        };
        let (settings, data) = (&self.config.train, &self.data);
        let weight_decay = settings.weight_decay.get();
        let sharpness = Hessian::new(&last.parameters, data, weight_decay).largest_eigenvalue().value;
        let bound = bound(*learning_rate, settings);
        let mut text = format!(
            "# Training diverged at update {}\n\n{} It was taken back: the parameters after update {} are kept.\n\n",
            grouped(*update),
            what_happened(*cost, settings),
            grouped(last.update)
        );
        let moved = element(bad, &last.parameters);
        let _ = writeln!(text, "{moved}\n\n## The updates before\n");
        text += "| update | cost | length of the gradient | step, relative to the weights |\n| ---: | ---: | ---: | ---: |\n";
        let next = before.iter().skip(1).map(|passed| &passed.parameters).chain([bad]);
        for (PastUpdate { update, cost, parameters }, next) in before.iter().zip(next) {
            let gradient = short(gradient_norm(parameters, data, weight_decay));
            let step = short(update_ratio(parameters, next));
            let _ = writeln!(text, "| {} | {} | {gradient} | {step} |", grouped(*update), short(*cost));
        }
        let _ = writeln!(text, "\nThe step is the one that leads to the update after.\n\n## The rows that cost most\n");
        text += &self.rows(if bad.are_finite() { bad } else { &last.parameters }, bad.are_finite(), last.update)?;
        let shares = saturation(&last.parameters, data);
        let units: Vec<String> = shares
            .units
            .iter()
            .take(20)
            .map(|share| format!("{:.0} %", 100.0 * share))
            .collect();
        let _ = writeln!(
            text,
            "\n## The hidden units\n\nAfter update {}, {:.0} % of the activations were saturated, above 0.99 or below -0.99; \
             by unit: {}{}.\n\n## The curvature\n\nThe largest eigenvalue of the Hessian was {} after update {}; updates of \
             learning rate {} are stable up to {} ({}).\n\n## What to change\n",
            grouped(last.update),
            100.0 * shares.overall,
            units.join(", "),
            if shares.units.len() > units.len() { ", ..." } else { "" },
            short(sharpness),
            grouped(last.update),
            short(*learning_rate),
            short(bound),
            if settings.momentum.get() > 0.0 {
                "2 (1 + momentum) / learning rate"
            } else {
                "2 / learning rate"
            },
        );
        for advice in self.advice(sharpness, bound, *learning_rate) {
            let _ = writeln!(text, "- {advice}");
        }
        Ok(text)
    }

    /// The rows with the highest cost.
    fn rows(&self, parameters: &Parameters, with_it: bool, last: usize) -> Result<String> {
        let (data, host) = (&self.data, Placement::flex(Precision::F64));
        let logits = parameters.logits(data.x(), &host)?;
        let costs = logits.iter().zip(data.y()).map(|(&z, &label)| cross_entropy(z, label));
        let mut costs: Vec<(usize, f64)> = costs.enumerate().collect();
        costs.sort_by(|a, b| b.1.total_cmp(&a.1));
        let lines = self.table.as_ref().map(|TableInfo { lines, parts, format, .. }| {
            let of_training = lines
                .iter()
                .zip(parts)
                .filter(|(_, part)| **part == crate::data::split::Part::Train);
            (format.unit(), of_training.map(|(line, _)| *line).collect::<Vec<_>>())
        });
        let at = if with_it {
            "With the update that was taken back"
        } else {
            "Before the update that was taken back"
        };
        let after = if with_it {
            String::new()
        } else {
            format!(" (after update {})", grouped(last))
        };
        let unit = lines.as_ref().map_or("sample", |(unit, _)| *unit);
        let mut text = format!(
            "{at}{after}:\n\n| {unit} | class | cost | logit | largest input |\n| ---: | --- | ---: | ---: | --- |\n"
        );
        for &(row, cost) in costs.iter().take(ROWS) {
            let inputs = &data.x()[row * data.features()..][..data.features()];
            let largest = (0..inputs.len())
                .max_by(|&a, &b| inputs[a].abs().total_cmp(&inputs[b].abs()))
                .unwrap_or(0);
            let place = match &lines {
                Some((_, lines)) => lines.get(row).map_or_else(String::new, ToString::to_string),
                None => (row + 1).to_string(),
            };
            let class = one_line(&self.schema.classes[usize::from(data.y()[row])]);
            let name = one_line(&data.feature_names()[largest]);
            let value = short(inputs[largest]);
            let _ =
                writeln!(text, "| {place} | {class} | {} | {} | {name} = {value} |", short(cost), short(logits[row]));
        }
        if self.scaling.is_some() {
            text += "\nInputs are given as the network sees them, standardised.\n";
        }
        Ok(text)
    }

    /// What to change, the surest first.
    fn advice(&self, sharpness: f64, bound: f64, learning_rate: f64) -> Vec<String> {
        let (settings, mut advice) = (&self.config.train, Vec::new());
        if sharpness > bound {
            // Half the bound leaves room for a curvature that grows.
            let rate = short(bound * learning_rate / (2.0 * sharpness));
            advice.push(format!(
                "The steps are too long for this curvature: `train.learning_rate = {rate}` or below, which is half of what it bears."
            ));
        } else {
            let rate = short((learning_rate / 10.0).min(1.0));
            advice.push(format!(
                "The steps were not too long for the curvature where they began, and led to where it is higher: try \
                 `train.learning_rate = {rate}`."
            ));
        }
        if settings.momentum.get() > 0.0 {
            advice.push(format!(
                "Less momentum than {}: steps add up to {} of them.",
                settings.momentum,
                short(1.0 / (1.0 - settings.momentum.get()))
            ));
        }
        if self.scaling.is_none() && self.data.x().iter().any(|value| value.abs() > FAR) {
            advice.push("Inputs are far from 1 and are not standardised: `data.standardise = true`.".into());
        } else if self.data.x().iter().any(|value| value.abs() > FAR) {
            advice.push(
                "Some inputs are more than ten deviations from the mean: look at the rows above for mistakes.".into(),
            );
        }
        if self.config.dtype == Precision::F32 {
            advice.push("In f32 numbers end at 3e38: `dtype = \"f64\"` tells whether that was all.".into());
        }
        let limit = settings.cost_limit;
        advice.push(format!(
            "If such a cost may pass for a while, raise `train.cost_limit`, which is {}.",
            short(limit.get())
        ));
        advice
    }
}

fn what_happened(cost: f64, settings: &Settings) -> String {
    match cost.is_finite() {
        true => format!(
            "The cost rose to {}, above `train.cost_limit` = {}.",
            short(cost),
            short(settings.cost_limit.get())
        ),
        false => "The cost or a parameter stopped being a finite number.".into(),
    }
}

/// The parameter that is no finite number, or else the one that moved farthest.
fn element(bad: &Parameters, good: &Parameters) -> String {
    let tensors =
        |of: &Parameters| [("w1", of.w1.clone()), ("b1", of.b1.clone()), ("w2", of.w2.clone()), ("b2", of.b2.clone())];
    let elements = tensors(bad)
        .into_iter()
        .zip(tensors(good))
        .flat_map(|((name, now), (_, then))| {
            let hidden = bad.hidden;
            now.into_iter().zip(then).enumerate().map(move |(i, (now, then))| {
                let place = if name == "w1" {
                    format!("w1[{}, {}]", i / hidden, i % hidden)
                } else {
                    format!("{name}[{i}]")
                };
                (place, now, then)
            })
        });
    let elements: Vec<(String, f64, f64)> = elements.collect();
    let wrong = elements.iter().filter(|(_, now, _)| !now.is_finite());
    if let Some((place, now, then)) = wrong.clone().next() {
        let others = wrong.count() - 1;
        let more = if others > 0 {
            format!(", and {} {} more", grouped(others), plural(others, "element"))
        } else {
            String::new()
        };
        return format!("The first element that is not finite: {place} = {now}, before {}{more}.", short(*then));
    }
    let farthest = elements.iter().max_by(|a, b| (a.1 - a.2).abs().total_cmp(&(b.1 - b.2).abs()));
    farthest.map_or_else(String::new, |(place, now, then)| {
        format!("The element that moved farthest: {place}, from {} to {}.", short(*then), short(*now))
    })
}
