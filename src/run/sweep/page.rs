//! The numbers of a sweep for its page.

use super::comparison::{Combination, Measure};
use super::plan::Sweep;
use super::row::SweepRow;
use crate::config::SweepRun;
use crate::error::Result;
use crate::page::{DataSet, FORMAT, RunOfSweep, SweepData, TrainedRun};
use crate::run::page_data::Curves;
use crate::run::prepare::Run;
use crate::train::{Frames, Outcome};

/// The frames of all networks in the page hold at most this many numbers.
const MAX_FRAME_NUMBERS: usize = 110_000;
/// More networks than these are too small to be seen.
const MAX_NETWORKS: usize = 64;
/// A network with fewer frames than these does not move.
const MIN_FRAMES: usize = 10;

/// What the page of a sweep shows.
#[derive(Clone, Debug)]
pub struct SweepPage {
    /// Still pictures, with what they show.
    pub stills: Vec<(&'static str, Vec<u8>)>,
    /// The keys whose values differ, without the seed.
    pub keys: Vec<String>,
    /// The cost by which the runs are compared.
    pub cost: &'static str,
    /// The numbers for the scripts. `None` if there are none or too many.
    pub data: Option<SweepData>,
}

impl Sweep {
    /// The pictures and the numbers of the page.
    ///
    /// # Errors
    /// When a picture cannot be drawn.
    pub fn page(&self, rows: &[SweepRow]) -> Result<SweepPage> {
        let combinations = self.combinations(rows);
        Ok(SweepPage {
            stills: self.stills(&combinations)?,
            keys: self.value_names().to_vec(),
            cost: self.cost_name(),
            data: self.page_data(&combinations),
        })
    }

    /// How many networks the page shows.
    pub fn shown(&self, rows: &[SweepRow]) -> usize {
        self.combinations(rows).len().min(MAX_NETWORKS)
    }

    /// The data sets, each as a run, with the values that determine it. There are none for a single data set.
    pub fn named_data(&self) -> Vec<(String, &Run)> {
        let name = |data: usize| {
            let run = self.data_of.iter().position(|of_run| *of_run == data).unwrap_or_default();
            let values = self.data_values(run).into_iter();
            let values: Vec<String> = values.map(|(name, value)| format!("{name} = {value}")).collect();
            values.join(", ")
        };
        self.data.iter().enumerate().map(|(index, run)| (name(index), run)).collect()
    }

    /// The numbers of a run for the page of the sweep.
    pub(super) fn page_of(&self, run: &Run, outcome: &Outcome, frames: &Frames) -> Option<TrainedRun> {
        // The accuracy of a record uses the threshold 1/2.
        run.trained(outcome, frames, 0.5, self.frames_per_network() * outcome.parameters.count(), Curves::Scores)
    }

    /// How many frames each network has room for. It does not depend on how far the sweep has come.
    fn frames_per_network(&self) -> usize {
        let combinations = self.runs.iter().enumerate().step_by(self.seeds).take(MAX_NETWORKS);
        let parameters = |(index, run): (usize, &SweepRun)| {
            let (features, hidden) = (self.data_of(index).data.features(), run.config.model.hidden.get());
            (features + 2) * hidden + 1
        };
        let numbers: usize = combinations.map(parameters).sum();
        MAX_FRAME_NUMBERS / numbers.max(1)
    }

    /// The network of each combination: the median of its runs, if there are several.
    fn page_data(&self, combinations: &[Combination<'_>]) -> Option<SweepData> {
        if self.frames_per_network() < MIN_FRAMES {
            return None;
        }
        let shown = &combinations[..combinations.len().min(MAX_NETWORKS)];

        let mut used: Vec<usize> = shown.iter().map(|each| self.data_of[each.first()]).collect();
        used.dedup();
        used.sort_unstable();
        used.dedup();
        let networks = shown.iter().map(|each| {
            let names = self.values(*each);
            let labels: Vec<&str> = names.into_iter().map(|(_, value)| value).collect();
            Some(RunOfSweep {
                data: used.binary_search(&self.data_of[each.first()]).ok()?,
                name: self.name_of(*each, None),
                label: labels.join(", "),
                trained: each.median_row(self.measure()).page.clone()?,
            })
        });
        let sets: Vec<DataSet> = used.iter().map(|&index| self.data[index].page_data_set(used.len())).collect();
        Some(SweepData {
            format: FORMAT,
            data: sets,
            sweep: networks.collect::<Option<_>>()?,
            columns: self.grid(combinations).map(|grid| grid.columns.len()),
            compared_part: usize::from(self.measure() == Measure::ValidationCost),
        })
    }
}
