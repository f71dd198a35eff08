//! Why a training run diverged, and what to change.
//!
//! The causes are tried in this order, and advice that cannot help is left out:
//!
//! 1. Weight decay. By the penalty alone, an update multiplies a weight by `1 - learning_rate * weight_decay`, so weights grow
//!    if `weight_decay` is above the stability limit `2 (1 + momentum) / learning_rate`.
//! 2. Inputs: values far from the others, or inputs that are not standardised. They are the cause if only their rows have
//!    outputs that are not finite, or if training would be stable without them.
//! 3. The learning rate, which is compared with the sharpness. A smaller one is proposed only if an update with it keeps the
//!    cost within the limit.

use super::prepare::Run;
use crate::data::logistic::cross_entropy;
use crate::data::scaling::StandardScaler;
use crate::data::split::Part;
use crate::data::text::{grouped, one_line, plural, short};
use crate::data::{self, Dataset};
use crate::device::Precision;
use crate::error::Result;
use crate::network::curvature::Hessian;
use crate::network::{Parameters, fused_bridge};
use crate::train::{Divergence, PastUpdate, Settings};

/// Inputs further from 0 than this are large. Standardised inputs rarely are.
const LARGE: f64 = 10.0;
/// An input is far from the others if its distance from their median is this many times that of three quarters of them.
const FAR: f64 = 100.0;

/// Why a training run diverged, and what to change.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// The largest eigenvalue of the Hessian before the bad update. NaN if it is not a finite number.
    pub sharpness: f64,
    /// The largest sharpness at which updates with the learning rate of the bad update are stable.
    pub limit: f64,
    /// What to change, the most promising first.
    pub advice: Vec<String>,
}

/// The largest sharpness at which updates with this learning rate are stable.
pub(super) fn stability_limit(learning_rate: f64, settings: &Settings) -> f64 {
    2.0 * (1.0 + settings.momentum.get()) / learning_rate
}

/// A value that is far from the others of its input.
struct FarValue {
    sample: usize,
    input: usize,
    /// How many times farther it is than three quarters of the others.
    ratio: f64,
}

impl Run {
    /// Finds the cause of a divergence.
    pub(super) fn diagnose(&self, divergence: &Divergence) -> Result<Diagnosis> {
        let Divergence { learning_rate, .. } = *divergence;
        let limit = stability_limit(learning_rate, &self.config.train);
        let Some(last) = divergence.past_updates.last() else {
            return Ok(Diagnosis { sharpness: f64::NAN, limit, advice: Vec::new() });
        };
        let sharpness = self.sharpness(&last.parameters, &self.data);
        let advice = match divergence.part {
            Part::Train => self.advice(divergence, last, sharpness, limit)?,
            part => self.validation_advice(part, divergence).into_iter().collect(),
        };
        Ok(Diagnosis { sharpness, limit, advice })
    }

    fn advice(&self, divergence: &Divergence, last: &PastUpdate, sharpness: f64, limit: f64) -> Result<Vec<String>> {
        let settings = &self.config.train;
        let (mut advice, mut further) = (Vec::new(), Vec::new());

        let by_decay = weight_decay_advice(divergence.learning_rate, limit, settings);
        let decay_is_cause = by_decay.is_some();
        advice.extend(by_decay);

        let far = self.far_values();
        let far_is_cause = !far.is_empty()
            && (self.overflows_only_with(&far, divergence)
                || self.goes_well_without(&far, last, divergence.learning_rate, [sharpness, limit]));
        if let Some(sentence) = self.far_value_advice(&far, far_is_cause) {
            if far_is_cause { advice.push(sentence) } else { further.push(sentence) }
        }
        let large = self.scaling.is_none() && self.data.x().iter().any(|value| value.abs() > LARGE);
        let scale_is_cause = large && !far_is_cause && !decay_is_cause && self.stable_if_standardised(limit);
        if large && !far_is_cause {
            let sentence = "Inputs are far from 1 and are not standardised: set `data.standardise = true`.".into();
            if scale_is_cause { advice.push(sentence) } else { further.push(sentence) }
        }

        if !far_is_cause && !decay_is_cause {
            advice.extend(self.learning_rate_advice(divergence.learning_rate, last, sharpness, limit));
            if settings.momentum.get() > 0.0 {
                advice.push(format!(
                    "Reduce the momentum, which is {}: it makes steps up to {} times as long.",
                    settings.momentum,
                    short(1.0 / (1.0 - self.config.dtype.round(settings.momentum.get())))
                ));
            }
        }
        advice.extend(further);
        if divergence.cost.is_finite() && divergence.parameters.are_finite() {
            if far_is_cause || decay_is_cause {
                return Ok(advice);
            }
            advice.push(format!(
                "If such a high cost is acceptable for some updates, raise `train.cost_limit`, which is {}.",
                short(settings.cost_limit.get())
            ));
        } else if self.config.dtype == Precision::F32 {
            advice.push(
                "f32 overflows above 3e38: train with `dtype = \"f64\"` to see whether this was the only cause.".into(),
            );
        }
        Ok(advice)
    }

    /// A smaller learning rate, if there is one that helps.
    fn learning_rate_advice(&self, now: f64, last: &PastUpdate, sharpness: f64, limit: f64) -> Option<String> {
        // Half the limit, because the curvature may still grow.
        let (rate, above_limit) = if sharpness > limit {
            (limit * now / (2.0 * sharpness), true)
        } else {
            ((now / 10.0).min(1.0), false)
        };
        if !self.is_good_step(&last.parameters, &self.data, rate) {
            return None;
        }
        let rate = short(rate);
        Some(if above_limit {
            format!(
                "The learning rate is too large for this curvature: set `train.learning_rate = {rate}` or less, which is half \
                 of the largest stable rate."
            )
        } else {
            format!(
                "The learning rate was stable where the step began, but the step led to higher curvature: try \
                 `train.learning_rate = {rate}`."
            )
        })
    }

    /// Whether one update of gradient descent on these samples with this learning rate keeps their cost within the limit, in
    /// the run's float type.
    fn is_good_step(&self, parameters: &Parameters, data: &Dataset, learning_rate: f64) -> bool {
        let precision = self.config.dtype;
        let weight_decay = self.config.train.weight_decay.get();
        let gradient = fused_bridge::gradient(parameters, data.x(), data.y(), weight_decay, precision);
        let moved = parameters.flattened().into_iter().zip(gradient.flattened());
        let moved: Vec<f64> = moved.map(|(w, g)| precision.round(w - learning_rate * g)).collect();
        let &Parameters { features, hidden, activation, .. } = parameters;
        let moved = Parameters::from_flattened(features, hidden, activation, &moved);
        let cost = fused_bridge::evaluator(parameters, data, precision)(&moved).loss;
        moved.are_finite() && cost <= self.config.train.cost_limit.get()
    }

    fn sharpness(&self, parameters: &Parameters, data: &Dataset) -> f64 {
        Hessian::new(parameters, data, self.config.train.weight_decay.get())
            .largest_eigenvalue()
            .value
    }

    /// Whether the cost is not finite because of outputs that are not finite, all of them for rows of these values.
    fn overflows_only_with(&self, far: &[FarValue], divergence: &Divergence) -> bool {
        if divergence.cost.is_finite() {
            return false;
        }
        let is_far = self.rows_of(far);
        let logits = self.logits(&divergence.parameters, self.data.x());
        let mut overflows = (0..logits.len()).filter(|&sample| !logits[sample].is_finite()).peekable();
        overflows.peek().is_some() && overflows.all(|sample| is_far[sample])
    }

    /// For each training sample, whether it has one of these values.
    fn rows_of<'a>(&self, far: impl IntoIterator<Item = &'a FarValue>) -> Vec<bool> {
        let mut is_far = vec![false; self.data.samples()];
        far.into_iter().for_each(|value| is_far[value.sample] = true);
        is_far
    }

    /// Whether the update would have gone well without the rows of these values, and did not go well because of them.
    fn goes_well_without(&self, far: &[FarValue], last: &PastUpdate, learning_rate: f64, diagnosis: [f64; 2]) -> bool {
        let [sharpness, limit] = diagnosis;
        let is_far = self.rows_of(far);
        let others = self.data.clone().retain(|sample| !is_far[sample]);

        let is_good = |data| self.is_good_step(&last.parameters, data, learning_rate);
        let is_stable_without = self.sharpness(&last.parameters, &others) <= limit;
        (!(sharpness <= limit) && is_stable_without) || (is_good(&others) && !is_good(&self.data))
    }

    /// Whether training on standardised inputs would begin stably.
    fn stable_if_standardised(&self, limit: f64) -> bool {
        let mut data = self.data.clone();
        StandardScaler::fit(data.x(), data.features()).transform(data.x_mut());
        self.sharpness(&self.initial, &data) <= limit
    }

    /// The sentence about the values that are far from the others. It names the farthest.
    fn far_value_advice(&self, far: &[FarValue], is_cause: bool) -> Option<String> {
        let farthest = far.iter().max_by(|a, b| a.ratio.total_cmp(&b.ratio))?;
        let FarValue { sample, input, .. } = *farthest;
        let is_far = self.rows_of(far.iter().filter(|value| value.input == input));
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        for other in (0..is_far.len()).filter(|&sample| !is_far[sample]) {
            let value = self.raw_value(Part::Train, other, input);
            (least, most) = (least.min(value), most.max(value));
        }

        let more = match self.rows_of(far).iter().filter(|&&is_far| is_far).count() - 1 {
            0 => String::new(),
            others => format!(" There are such values in {} more {}.", grouped(others), plural(others, "row")),
        };
        let name = one_line(&self.data.feature_names()[input]);
        let way_out = if is_cause {
            "correct it, or remove its row; a smaller learning rate would only slow down training on the other rows"
        } else {
            "look whether it is a mistake"
        };
        Some(format!(
            "{} is far from the other values of {name}, which are from {} to {}: {way_out}.{more}",
            self.value_with_place(Part::Train, sample, input),
            short(least),
            short(most)
        ))
    }

    /// The advice after a validation cost that is not finite.
    fn validation_advice(&self, part: Part, divergence: &Divergence) -> Option<String> {
        let data = self.part(part)?;
        let logits = self.logits(&divergence.parameters, data.x());
        let worst = logits
            .iter()
            .zip(data.y())
            .position(|(&z2, &label)| !cross_entropy(z2, label).is_finite());
        let sample = worst.unwrap_or(0);
        let value = self.value_with_place(part, sample, largest_input(data, sample));
        Some(format!("The network has no finite output for a {part} sample: look whether {value} is a mistake."))
    }

    /// The large values that are far from the others of their input. Categories have no distances.
    fn far_values(&self) -> Vec<FarValue> {
        let columns = self.schema.columns.iter();
        let is_number = columns.flat_map(|column| vec![column.categories.is_none(); column.width()]);
        let numbers = is_number.enumerate().filter(|(_, is_number)| *is_number);
        numbers.flat_map(|(input, _)| far_values(&self.data, input)).collect()
    }

    /// The samples of a part.
    pub(super) fn part(&self, part: Part) -> Option<&Dataset> {
        match part {
            Part::Train => Some(&self.data),
            Part::Validation => self.validation.as_ref(),
            Part::Test => self.test.as_ref(),
        }
    }

    /// An input as it is in the table, with its place: `table.csv:17:3: age = 1e6`.
    pub(super) fn value_with_place(&self, part: Part, sample: usize, input: usize) -> String {
        let place = data::place(self.table.as_ref(), part, sample, input);
        let name = one_line(&self.data.feature_names()[input]);
        format!("{place}: {name} = {}", short(self.raw_value(part, sample, input)))
    }

    /// An input before it was standardised.
    fn raw_value(&self, part: Part, sample: usize, input: usize) -> f64 {
        let Some(data) = self.part(part) else { return f64::NAN };
        let mut row = data.x()[sample * data.features()..][..data.features()].to_vec();
        if let Some(scaling) = &self.scaling {
            scaling.inverse_transform(&mut row);
        }
        row[input]
    }
}

/// The advice about the weight decay, if it alone makes the weights grow.
fn weight_decay_advice(learning_rate: f64, limit: f64, settings: &Settings) -> Option<String> {
    let weight_decay = settings.weight_decay.get();
    let (bound, value) = if settings.momentum.get() > 0.0 {
        ("2 (1 + momentum)", 2.0 * (1.0 + settings.momentum.get()))
    } else {
        ("2", 2.0)
    };
    (weight_decay > limit).then(|| {
        format!(
            "The weight decay makes the weights grow whatever the data are: learning rate times weight decay is {}, and must be \
             below {bound}{}. Set `train.weight_decay = {}` or less, which is a tenth of the largest stable value.",
            short(learning_rate * weight_decay),
            if bound == "2" { String::new() } else { format!(" = {}", short(value)) },
            short(limit / 10.0)
        )
    })
}

/// The input of a sample that is largest in size.
pub(super) fn largest_input(data: &Dataset, sample: usize) -> usize {
    let row = &data.x()[sample * data.features()..][..data.features()];
    (0..row.len())
        .max_by(|&a, &b| row[a].abs().total_cmp(&row[b].abs()))
        .unwrap_or(0)
}

/// The large values of an input that are far from its others.
fn far_values(data: &Dataset, input: usize) -> Vec<FarValue> {
    let values: Vec<f64> = data.rows().map(|row| row[input]).collect();
    let sorted = |mut values: Vec<f64>| {
        values.sort_unstable_by(f64::total_cmp);
        values
    };
    let median = sorted(values.clone())[values.len() / 2];
    let distance = |value: f64| (value - median).abs();
    let usual = sorted(values.iter().map(|&value| distance(value)).collect())[3 * (values.len() - 1) / 4];

    let is_far = |value: f64| value.abs() > LARGE && distance(value) > FAR * usual;
    let far = values.into_iter().enumerate().filter(|&(_, value)| is_far(value));
    far.map(|(sample, value)| FarValue { sample, input, ratio: distance(value) / usual })
        .collect()
}
