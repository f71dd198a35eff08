//! `divergence.md`: why a training run diverged, and what to change.
//!
//! On a parabola of curvature s, an update of gradient descent multiplies the distance from the minimum by
//! `1 - learning_rate * s`. The distance grows if s is above `2 / learning_rate`. With momentum b the limit is
//! `2 (1 + b) / learning_rate` (Polyak, 1964). [`super::divergence_advice`] draws the conclusions.
//!
//! The training loop finds the bad update ([`crate::train`]).

use std::fmt::Write as _;

use super::divergence_advice::{Diagnosis, largest_input};
use super::prepare::Run;
use crate::data::TableInfo;
use crate::data::logistic::cross_entropy;
use crate::data::split::Part;
use crate::data::text::{grouped, one_line, plural, short};
use crate::device::{Placement, Precision};
use crate::error::Result;
use crate::network::curvature::{gradient_norm, saturation, update_ratio};
use crate::network::hidden_units::idle_units;
use crate::network::{Activation, Parameters};
use crate::train::{Divergence, PastUpdate, Settings};

/// The number of rows that are shown.
const ROWS: usize = 5;
/// The number of hidden units whose saturation is shown.
const UNITS: usize = 20;

impl Run {
    /// The report as Markdown. `kept_update` is the update whose parameters are kept: with patience, the best ones so far.
    pub(super) fn divergence_report(
        &self,
        divergence: &Divergence,
        diagnosis: &Diagnosis,
        kept_update: usize,
    ) -> Result<String> {
        let Divergence { update, learning_rate, parameters: bad, past_updates: before, .. } = divergence;
        let Some(last) = before.last() else {
            return Ok(String::new());
        };
        let settings = &self.config.train;

        let mut text = format!(
            "# Training diverged at update {}\n\n{} This update was discarded. The parameters after update {} are kept.\n\n\
             {}\n\n## The updates before\n\n",
            grouped(*update),
            what_happened(divergence, settings),
            grouped(kept_update),
            changed_element(bad, &last.parameters)
        );
        text += &self.past_updates(before, bad);
        text += "\nEach row shows the step that leads to the next update.\n\n## The rows with the highest cost\n\n";
        text += &self.costliest_rows(divergence, last)?;
        text += &self.hidden_units(last);
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "\n## The curvature\n\nThe largest eigenvalue of the Hessian was {} after update {}; with learning rate {}, \
             updates are stable while this eigenvalue is at most {} ({}).\n\n## What to change\n",
            short(diagnosis.sharpness),
            grouped(last.update),
            short(*learning_rate),
            short(diagnosis.limit),
            if settings.momentum.get() > 0.0 {
                "2 (1 + momentum) / learning rate"
            } else {
                "2 / learning rate"
            },
        );
        for advice in &diagnosis.advice {
            let _ = writeln!(text, "- {advice}");
        }
        Ok(text)
    }

    /// The table of the updates before the bad one.
    fn past_updates(&self, before: &[PastUpdate], bad: &Parameters) -> String {
        let weight_decay = self.config.train.weight_decay.get();
        let mut text = "| update | cost | length of the gradient | step, relative to the weights |\n\
                        | ---: | ---: | ---: | ---: |\n"
            .to_owned();
        let next = before.iter().skip(1).map(|past| &past.parameters).chain([bad]);
        for (PastUpdate { update, cost, parameters }, next) in before.iter().zip(next) {
            let gradient = short(gradient_norm(parameters, &self.data, weight_decay));
            let step = short(update_ratio(parameters, next));
            let _ = writeln!(text, "| {} | {} | {gradient} | {step} |", grouped(*update), short(*cost));
        }
        text
    }

    /// The table of the rows with the highest cost: after the bad update if its parameters are finite, otherwise before it.
    fn costliest_rows(&self, divergence: &Divergence, last: &PastUpdate) -> Result<String> {
        let Divergence { part, parameters: bad, .. } = divergence;
        let data = self.part(*part).unwrap_or(&self.data);
        let (parameters, when) = if bad.are_finite() {
            (bad, "After the discarded update".to_owned())
        } else {
            let when = format!("After update {}, the last one before the discarded update", grouped(last.update));
            (&last.parameters, when)
        };
        let when = if *part == Part::Train {
            when
        } else {
            format!("{when}, of the {part} samples")
        };
        let mut logits = parameters.logits(data.x(), &Placement::flex(Precision::F64))?;
        // What overflows in f32 may be finite in f64.
        for (logit, own) in logits.iter_mut().zip(self.logits(parameters, data.x())) {
            if !own.is_finite() {
                *logit = own;
            }
        }
        let mut costs: Vec<(usize, f64)> = logits
            .iter()
            .zip(data.y())
            .map(|(&z2, &label)| cross_entropy(z2, label))
            .map(|cost| if cost.is_nan() { f64::INFINITY } else { cost }) // so that it comes first
            .enumerate()
            .collect();
        costs.sort_by(|a, b| b.1.total_cmp(&a.1));

        let (unit, row_names) = self.row_names(*part, data.samples());
        let mut text = format!(
            "{when}:\n\n| {unit} | class | cost | logit | largest input |\n| ---: | --- | ---: | ---: | --- |\n"
        );
        for &(row, cost) in costs.iter().take(ROWS) {
            let largest = largest_input(data, row);
            let row_name = row_names.get(row).map_or_else(String::new, ToString::to_string);
            let class = one_line(&self.schema.classes[usize::from(data.y()[row])]);
            let input = one_line(&data.feature_names()[largest]);
            let _ = writeln!(
                text,
                "| {row_name} | {class} | {} | {} | {input} = {} |",
                short(cost),
                short(logits[row]),
                short(data.x()[row * data.features() + largest])
            );
        }
        if self.table.is_none() {
            text += "\nSamples are counted from 0, as in `petal explain --sample`.\n";
        }
        if self.scaling.is_some() {
            text += "\nInputs are given as the network sees them, standardised.\n";
        }
        Ok(text)
    }

    /// What a sample of a part is called, and the number of each: its line in the table, or its number among the generated
    /// samples of the part, counted from 0 as in `petal explain --sample`.
    fn row_names(&self, of: Part, samples: usize) -> (&'static str, Vec<u32>) {
        match &self.table {
            None => ("sample", (0..samples as u32).collect()),
            Some(TableInfo { lines, parts, format, .. }) => {
                let rows = lines.iter().zip(parts).filter(|(_, part)| **part == of);
                (format.unit(), rows.map(|(line, _)| *line).collect())
            }
        }
    }

    /// How many activations were saturated before the bad update, and which units were dead.
    fn hidden_units(&self, last: &PastUpdate) -> String {
        let saturation = saturation(&last.parameters, &self.data);
        let units = saturation
            .units
            .iter()
            .take(UNITS)
            .map(|fraction| format!("{:.0} %", 100.0 * fraction));
        let rest = if saturation.units.len() > UNITS { ", ..." } else { "" };
        let what = match last.parameters.activation {
            Activation::Tanh => "saturated, above 0.99 or below -0.99",
            Activation::Sigmoid => "saturated, above 0.995 or below 0.005",
            Activation::Relu => "0, where relu has no gradient",
            Activation::Identity => return String::new(),
        };
        let mut text = format!(
            "\n## The hidden units\n\nAfter update {}, {:.0} % of the activations were {what}; by unit: {}{rest}.\n",
            grouped(last.update),
            100.0 * saturation.overall,
            units.collect::<Vec<_>>().join(", "),
        );
        let dead = idle_units(&last.parameters, &self.data);
        if last.parameters.activation == Activation::Relu && !dead.is_empty() {
            let numbers: Vec<String> = dead.iter().take(UNITS).map(ToString::to_string).collect();
            let rest = if dead.len() > UNITS { ", ..." } else { "" };
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "Dead, that is 0 for every training sample and without a gradient: {} {}{rest}, counted from 0.",
                plural(dead.len(), "unit"),
                numbers.join(", ")
            );
        }
        text
    }
}

fn what_happened(divergence: &Divergence, settings: &Settings) -> String {
    let Divergence { cost, part, .. } = *divergence;
    if part != Part::Train {
        return format!("The cost of the {part} samples became infinite or NaN.");
    }
    if cost.is_finite() && divergence.parameters.are_finite() {
        let limit = short(settings.cost_limit.get());
        format!("The cost rose to {}, above `train.cost_limit` = {limit}.", short(cost))
    } else {
        "The cost or a parameter became infinite or NaN.".into()
    }
}

/// The first parameter that is not finite. If all are, the parameter that changed most.
fn changed_element(bad: &Parameters, good: &Parameters) -> String {
    let values = bad.flattened().into_iter().zip(good.flattened());
    let elements: Vec<(String, f64, f64)> = element_names(bad)
        .into_iter()
        .zip(values)
        .map(|(name, (now, then))| (name, now, then))
        .collect();

    let mut not_finite = elements.iter().filter(|(_, now, _)| !now.is_finite());
    if let Some((name, now, then)) = not_finite.next() {
        let more = match not_finite.count() {
            0 => String::new(),
            others => format!(", and {} {} more", grouped(others), plural(others, "element")),
        };
        return format!("The first element that is not finite: {name} = {now}, before {}{more}.", short(*then));
    }

    let farthest = elements.iter().max_by(|a, b| (a.1 - a.2).abs().total_cmp(&(b.1 - b.2).abs()));
    farthest.map_or_else(String::new, |(name, now, then)| {
        format!("The element that changed most: {name}, from {} to {}.", short(*then), short(*now))
    })
}

/// The name of each parameter, such as `w1[0, 3]`, in the order of [`Parameters::flattened`].
fn element_names(parameters: &Parameters) -> Vec<String> {
    let Parameters { features, hidden, .. } = *parameters;
    let w1 = (0..features).flat_map(|j| (0..hidden).map(move |k| format!("w1[{j}, {k}]")));
    let vectors = [("b1", hidden), ("w2", hidden), ("b2", 1)];
    let others = vectors
        .into_iter()
        .flat_map(|(name, length)| (0..length).map(move |i| format!("{name}[{i}]")));
    w1.chain(others).collect()
}
