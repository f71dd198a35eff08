//! The numbers of a run for its page.

use super::results::Results;
use crate::data::Dataset;
use crate::data::checked_numbers::{Count, NonNegative};
use crate::data::numpy::RandomState;
use crate::data::pca::Pca;
use crate::network::Parameters;
use crate::network::curvature::{Hessian, gradient_norms};
use crate::network::fused_bridge::{Evaluation, evaluator};
use crate::page::{
    DataSet, DivergedAt, FORMAT, FrameData, History, Input, NetworkSize, Numbers, RunData, RunStart, Samples, Slice,
    TrainedRun, Training,
};
use crate::run::prepare::Run;
use crate::run::train::Trained;
use crate::train::{Ending, Frame, Frames, Outcome, Record, TrackedMetric, ValidationScore};

/// At most this many samples are in a page, and at most so many that they hold this many numbers.
const MAX_SAMPLES: usize = 5_000;
const MAX_SAMPLE_NUMBERS: usize = 60_000;
/// The frames in a page hold at most this many numbers.
const MAX_FRAME_NUMBERS: usize = 90_000;
/// At most this many records are in a page.
const MAX_RECORDS: usize = 2_000;
/// The seed of the choice of samples, so that the same run has the same page.
const SEED: u32 = 0;

/// The largest eigenvalue of a Hessian takes as long as this many updates with all samples.
const UPDATES_PER_SHARPNESS: usize = 25;
/// Sharpness may take this fraction of the training.
const SHARPNESS_SHARE: usize = 20;
/// Fewer points than these make no curve.
const MIN_SHARPNESS: usize = 8;

/// Which numbers over the updates a page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curves {
    /// The costs and accuracies.
    Scores,
    /// The costs, the accuracies, the norm of the gradient, and the sharpness if it takes little time to compute.
    All,
}

impl Results<'_> {
    /// The numbers of the page. `None` if the network is too large to be shown.
    pub fn page_data(&self) -> Option<RunData> {
        let frames = self.frames.as_ref()?;
        let trained = self
            .run
            .trained(&self.outcome, frames, self.scores.threshold, MAX_FRAME_NUMBERS, Curves::All)?;
        Some(RunData { format: FORMAT, data: self.run.page_data_set(1), trained })
    }
}

impl Trained<'_> {
    /// The numbers of the training for a page. `None` if the network is too large to be shown.
    pub fn page_data(&self) -> Option<TrainedRun> {
        self.page_data_within(MAX_FRAME_NUMBERS)
    }

    /// The numbers of the training for a page in which its frames hold at most `room` numbers. `None` if not even two have room.
    pub fn page_data_within(&self, room: usize) -> Option<TrainedRun> {
        let frames = self.frames.as_ref()?;
        self.run.trained(&self.outcome, frames, self.threshold, room, Curves::All)
    }
}

impl Run {
    /// The numbers of the page that are known before training.
    pub fn page_start(&self) -> RunStart {
        let updates = self.config.train.updates.get();
        RunStart {
            format: FORMAT,
            data: self.page_data_set(1),
            network: self.page_network(),
            training: self.page_settings(updates, updates),
            threshold: self.config.decision.threshold.fixed_or_half(),
        }
    }

    /// The data set, as one of several in a page.
    pub(super) fn page_data_set(&self, sets: usize) -> DataSet {
        DataSet {
            classes: self.class_names(),
            inputs: self.page_inputs(),
            samples: self.page_samples(sets),
            slices: self.slices(),
        }
    }

    /// The training with frames that hold at most `room` numbers. `None` if not even two frames have room.
    pub(super) fn trained(
        &self,
        outcome: &Outcome,
        frames: &Frames,
        threshold: f64,
        room: usize,
        curves: Curves,
    ) -> Option<TrainedRun> {
        let frames = chosen_frames(outcome, frames, room)?;
        Some(TrainedRun {
            network: self.page_network(),
            training: self.page_settings(outcome.last().update, outcome.kept.update),
            history: self.page_history(outcome, &frames, curves),
            threshold,
            divergence: match outcome.ending {
                Ending::Diverged { update, .. } => Some(DivergedAt { update }),
                _ => None,
            },
            frames: FrameData {
                updates: frames.iter().map(|frame| frame.update).collect(),
                parameters: frames.iter().flat_map(|frame| frame.parameters.flattened()).collect(),
            },
        })
    }

    fn page_network(&self) -> NetworkSize {
        NetworkSize { hidden: self.initial.hidden, activation: self.initial.activation }
    }

    fn page_settings(&self, updates: usize, kept_update: usize) -> Training {
        let settings = &self.config.train;
        Training {
            updates,
            planned_updates: settings.updates.get(),
            kept_update,
            learning_rate: settings.learning_rate.get(),
            final_learning_rate: settings.final_learning_rate.map(NonNegative::get),
            schedule: settings.schedule,
            weight_decay: settings.weight_decay.get(),
            momentum: settings.momentum.get(),
            batch_size: settings.batch_size.map(Count::get),
            engine: settings.engine.to_string(),
            dtype: self.config.dtype,
            seed: self.config.model.seed,
        }
    }

    fn page_inputs(&self) -> Vec<Input> {
        let means = means(&self.data);
        let names = self.data.feature_names().iter().zip(means).enumerate();
        names
            .map(|(j, (name, mean))| Input {
                name: name.clone(),
                shift: self.scaling.as_ref().map_or(0.0, |scaling| scaling.mean[j]),
                scale: self.scaling.as_ref().map_or(1.0, |scaling| scaling.deviation[j]),
                mean,
            })
            .collect()
    }

    /// The largest eigenvalue of the Hessian at evenly spaced frames. How many follows from the sizes of the run alone, so that
    /// the same run has the same page on any machine.
    fn sharpness_of(&self, updates: usize, frames: &[Frame]) -> Option<Numbers> {
        let (data, settings) = (&self.data, &self.config.train);
        let batch = settings.batch_size.map_or(data.samples(), Count::get);
        let updates = updates as f64 * batch as f64 / data.samples() as f64;
        let affordable = (updates / (SHARPNESS_SHARE * UPDATES_PER_SHARPNESS) as f64) as usize;
        let is_tracked = settings.track.contains(&TrackedMetric::Sharpness);
        if affordable < MIN_SHARPNESS && !is_tracked {
            return None;
        }

        let stride = if is_tracked { 1 } else { frames.len().div_ceil(affordable) };
        let sharpness = |parameters: &Parameters| {
            Hessian::new(parameters, data, settings.weight_decay.get())
                .largest_eigenvalue()
                .value
        };
        let numbers = frames.iter().enumerate().map(|(index, frame)| {
            // Counted from the end: the last frame has it.
            if (frames.len() - 1 - index).is_multiple_of(stride) {
                sharpness(&frame.parameters)
            } else {
                f64::NAN
            }
        });
        Some(numbers.collect())
    }

    /// The curves: at every frame, or at the records where these are more.
    fn page_history(&self, outcome: &Outcome, frames: &[Frame], curves: Curves) -> History {
        let stride = outcome.history.len().div_ceil(MAX_RECORDS).max(1);
        let records: Vec<&Record> = outcome.history.iter().step_by(stride).collect();
        if records.len() > frames.len() && curves == Curves::All {
            self.history_of_records(&records)
        } else {
            self.history_of_frames(outcome.last().update, frames, curves)
        }
    }

    fn history_of_records(&self, records: &[&Record]) -> History {
        let tracked = |metric: TrackedMetric| {
            let index = self.config.train.track.iter().position(|track| *track == metric)?;
            Some(records.iter().map(|record| record.tracked[index]).collect())
        };
        let validation = |number: fn(&ValidationScore) -> f64| {
            records.iter().map(|record| record.validation.as_ref().map(number)).collect()
        };
        History {
            updates: records.iter().map(|record| record.update).collect(),
            cost: records.iter().map(|record| record.cost).collect(),
            accuracy: records.iter().map(|record| record.accuracy).collect(),
            validation_cost: validation(|score| score.cost),
            validation_accuracy: validation(|score| score.accuracy),
            sharpness: tracked(TrackedMetric::Sharpness),
            gradient_norm: tracked(TrackedMetric::GradientNorm),
        }
    }

    fn history_of_frames(&self, updates: usize, frames: &[Frame], curves: Curves) -> History {
        let scores = |data: &Dataset| -> (Numbers, Numbers) {
            let mut evaluate = evaluator(&self.initial, data, self.config.dtype);
            let scores = frames.iter().map(|frame| {
                let Evaluation { loss, correct } = evaluate(&frame.parameters);
                (loss, correct as f64 / data.samples() as f64)
            });
            let (costs, accuracies): (Vec<f64>, Vec<f64>) = scores.unzip();
            (Numbers(costs), Numbers(accuracies))
        };
        let (cost, accuracy) = scores(&self.data);
        let (validation_cost, validation_accuracy) = self.validation.as_ref().map(scores).unzip();
        let weight_decay = self.config.train.weight_decay.get();
        let norms = || {
            let mut norm = gradient_norms(&self.initial, &self.data, weight_decay);
            frames.iter().map(|frame| norm(&frame.parameters)).collect()
        };
        let has_all = curves == Curves::All;
        History {
            updates: frames.iter().map(|frame| frame.update).collect(),
            gradient_norm: has_all.then(norms),
            sharpness: has_all.then(|| self.sharpness_of(updates, frames)).flatten(),
            cost,
            accuracy,
            validation_cost,
            validation_accuracy,
        }
    }

    /// The samples of all parts, or an even choice of them at random.
    fn page_samples(&self, sets: usize) -> Samples {
        let parts = [Some(&self.data), self.validation.as_ref(), self.test.as_ref()];
        let totals = parts.map(|part| part.map_or(0, Dataset::samples));
        let total: usize = totals.iter().sum();
        let room = (MAX_SAMPLES.min(MAX_SAMPLE_NUMBERS / self.data.features()) / sets).max(1);

        let random = &mut RandomState::new(SEED);
        let rows = totals.map(|count| {
            let mut rows: Vec<usize> = (0..count).collect();
            if total > room {
                random.shuffle(&mut rows);
                rows.truncate((count * room).div_ceil(total));
                rows.sort_unstable();
            }
            rows
        });
        let chosen = || {
            parts
                .iter()
                .flatten()
                .zip(&rows)
                .flat_map(|(part, rows)| rows.iter().map(move |&row| (*part, row)))
        };
        let features = self.data.features();
        Samples {
            x: chosen()
                .flat_map(|(part, row)| part.x()[row * features..(row + 1) * features].iter().copied())
                .collect(),
            y: chosen().map(|(part, row)| part.y()[row].to_string()).collect(),
            parts: rows.each_ref().map(Vec::len),
            totals,
            rows: (total > room).then(|| rows.concat()),
        }
    }

    /// The plane of the two leading principal components, for more than two inputs.
    fn slices(&self) -> Vec<Slice> {
        let data = &self.data;
        if data.features() <= 2 {
            return Vec::new();
        }
        let pca = Pca::fit(data.x(), data.features());
        let [first, second] = pca.explained_variance_ratio.map(|share| 100.0 * share);
        vec![Slice {
            name: format!("the two leading components ({:.0} % of the variance)", first + second),
            axes: [format!("component 1 ({first:.0} %)"), format!("component 2 ({second:.0} %)")],
            origin: Numbers(pca.mean),
            directions: Numbers(pca.components.concat()),
        }]
    }
}

/// The first, the kept and the last frames, and as many between them as `room` numbers hold.
fn chosen_frames(outcome: &Outcome, frames: &Frames, room: usize) -> Option<Vec<Frame>> {
    let (last, kept) = (outcome.last().update, outcome.kept.update);
    let end = frames.end(last);
    let mut frames = frames.until(last).to_vec();
    if frames.last().is_none_or(|frame| frame.update < last) {
        frames.extend(end.cloned());
    }
    if let Err(position) = frames.binary_search_by_key(&kept, |frame| frame.update) {
        frames.insert(position, Frame { update: kept, parameters: outcome.parameters.clone() });
    }

    let room = room / outcome.parameters.count();
    if room < 2 {
        return None;
    }
    let stride = frames.len().div_ceil(room);
    let (count, mut index) = (frames.len(), 0_usize);
    frames.retain(|frame| {
        index += 1;
        (index - 1).is_multiple_of(stride) || index == count || frame.update == kept
    });
    Some(frames)
}

/// The mean of each feature.
fn means(data: &Dataset) -> Vec<f64> {
    let mut means = vec![0.0; data.features()];
    for row in data.rows() {
        for (mean, value) in means.iter_mut().zip(row) {
            *mean += value / data.samples() as f64;
        }
    }
    means
}
