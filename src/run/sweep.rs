//! The same run with one hidden size after the other.
//!
//! Leaves out: any size's full set of results. A run of that size alone gives them.

use super::pictures::PANEL_GRID_SIDE;
use super::{Manifest, Run, SWEEP};
use crate::data::checked::Count;
use crate::data::csv::exact;
use crate::data::text::grouped;
use crate::error::Result;
use crate::files::folder::RunFolder;
use crate::network::Parameters;
use crate::plot::{Boundaries, ScalarField, Window};
use crate::train::{Ending, Observer, Outcome, Record, Snapshot};

/// A number of hidden units.
pub(super) type Hidden = Count<1, 100_000>;

/// One size of a sweep.
#[derive(Clone, Debug)]
pub struct SweepRow {
    /// The number of hidden units.
    pub hidden: usize,
    /// The record of the parameters that were kept. There is nothing of the test samples in it: a size chosen by them would
    /// leave nothing to tell how good it is.
    pub kept: Record,
    /// How many updates training made.
    pub updates: usize,
    /// How long they took.
    pub seconds: f64,
    /// How training ended.
    pub ending: Ending,
    /// Where the inputs are a plane.
    boundary: Option<ScalarField>,
}

impl SweepRow {
    fn ends_the_sweep(&self) -> bool {
        matches!(self.ending, Ending::Interrupted | Ending::Failed { .. })
    }
}

/// How a sweep ended: as the last of its trainings that went wrong or was interrupted, or else as one that patience stopped, or
/// finished.
pub fn ending_of(rows: &[SweepRow]) -> Ending {
    let endings = || rows.iter().rev().map(|row| &row.ending);
    let wrong = endings().find(|ending| !matches!(ending, Ending::Finished | Ending::Stopped));
    let unfinished = wrong.or_else(|| endings().find(|ending| **ending != Ending::Finished));
    unfinished.cloned().unwrap_or(Ending::Finished)
}

/// The name of a size's checkpoint in the folder of a sweep.
pub(super) fn checkpoint_file(hidden: usize) -> String {
    format!("checkpoint-{hidden}.safetensors")
}

impl Run {
    /// Trains each hidden size of `sweep` in turn, from initial parameters of its own.
    ///
    /// `observe` makes the observer of each size's training, `finished` is told each row when it is there.
    /// An interruption ends the sweep, and so does a device's failure; so does an error, which is returned beside the rows made before it.
    pub fn sweep<O: Observer>(
        &self,
        observe: impl FnMut() -> O,
        finished: impl FnMut(&SweepRow),
    ) -> (Vec<SweepRow>, Result<()>) {
        self.each_size(|run, observer| run.descend(observer), observe, finished)
    }

    /// The checkpoints of a sweep in its folder, in the order of its sizes. One that is over is a checkpoint too.
    ///
    /// # Errors
    /// When one cannot be read or is of another run. Sizes may have come and gone.
    pub fn sweep_checkpoints(&self, folder: &RunFolder) -> Result<Vec<Option<Snapshot>>> {
        let checkpoint =
            |&hidden| self.checkpoint_of(&self.config.of_size(hidden), folder, &checkpoint_file(hidden.get()));
        self.sizes().map(checkpoint).collect()
    }

    /// Trains as [`Run::sweep`] does, each size from the start or from where its checkpoint stands, and keeps checkpoints in a
    /// folder.
    pub fn sweep_in<O: Observer>(
        &self,
        folder: &mut RunFolder,
        from: Vec<Option<Snapshot>>,
        observe: impl FnMut() -> O,
        finished: impl FnMut(&SweepRow),
    ) -> (Vec<SweepRow>, Result<()>) {
        self.fingerprint(); // once, and not in each size's copy
        let mut from = from.into_iter();
        let descend = |run: &Self, observer: &mut O| {
            let file = checkpoint_file(run.initial.hidden);
            run.descend_in(folder, &file, from.next().flatten(), observer)
        };
        self.each_size(descend, observe, finished)
    }

    pub(super) fn each_size<O: Observer>(
        &self,
        mut descend: impl FnMut(&Self, &mut O) -> Result<Outcome>,
        mut observe: impl FnMut() -> O,
        mut finished: impl FnMut(&SweepRow),
    ) -> (Vec<SweepRow>, Result<()>) {
        let mut rows = Vec::new();
        for &hidden in self.sizes() {
            let run = self.with_hidden(hidden);
            match descend(&run, &mut observe()).and_then(|outcome| run.row(outcome)) {
                Ok(row) => {
                    finished(&row);
                    rows.push(row);
                }
                Err(error) => return (rows, Err(error)),
            }
            if rows.last().is_some_and(SweepRow::ends_the_sweep) {
                break;
            }
        }
        (rows, Ok(()))
    }

    fn sizes(&self) -> impl Iterator<Item = &Hidden> {
        self.config.sweep.iter().flat_map(|sweep| &sweep.hidden)
    }

    fn row(&self, outcome: Outcome) -> Result<SweepRow> {
        let window = self.has_two_features().then(|| Window::around(&self.unscaled_x()));
        // A record's accuracy is that of 1/2.
        let boundary = window.map(|window| self.probability_field(&outcome.parameters, 0.5, window, PANEL_GRID_SIDE));
        let boundary = boundary.transpose()?;
        Ok(SweepRow {
            hidden: self.initial.hidden,
            updates: outcome.last().update,
            seconds: outcome.last().seconds,
            kept: outcome.kept,
            ending: outcome.ending,
            boundary,
        })
    }

    /// Writes the table of a sweep and, when it is over, its manifest, keeps the folder, and draws the decision boundaries.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save_sweep(&self, rows: &[SweepRow], folder: &mut RunFolder) -> Result<()> {
        folder.write(SWEEP, self.sweep_table(rows))?;
        folder.keep();
        // A sweep that an error has broken off is not over.
        if rows.len() == self.sizes().count() || rows.last().is_some_and(SweepRow::ends_the_sweep) {
            let updates = rows.iter().map(|row| row.updates).sum();
            let seconds = rows.iter().map(|row| row.seconds).sum();
            Manifest::new(self, &ending_of(rows), updates, seconds).save(folder)?;
        }
        let accuracy = |row: &SweepRow| row.kept.validation.map_or(row.kept.accuracy, |on| on.accuracy);
        let title = |row: &SweepRow| format!("{} hidden, {:.2} %", row.hidden, 100.0 * accuracy(row));
        let panels: Vec<_> = rows
            .iter()
            .filter_map(|row| Some((title(row), row.boundary.clone()?)))
            .collect();
        if panels.is_empty() {
            return Ok(());
        }
        let on = if self.validation.is_some() { " on validation" } else { "" };
        let (updates, x) = (grouped(self.config.train.updates.get()), self.unscaled_x());
        let scatter = self.scatter(format!("Hidden units and accuracy{on}, {updates} updates"), &x);
        folder.draw("sweep", self.config.output.pictures, &Boundaries { scatter, panels })
    }

    /// The table of a sweep. It holds no times, so that the same sweep gives the same bytes.
    pub(super) fn sweep_table(&self, rows: &[SweepRow]) -> String {
        let lines = rows.iter().map(|SweepRow { hidden, updates, kept, ending, .. }| {
            let watched = kept.validation.map(|on| [on.cost, on.accuracy]);
            let numbers = [kept.cost, kept.accuracy].into_iter().chain(watched.into_iter().flatten());
            format!("{hidden},{updates},{},{ending}\n", numbers.map(exact).collect::<Vec<_>>().join(","))
        });
        let watched = if self.validation.is_some() {
            "validation_cost,validation_accuracy,"
        } else {
            ""
        };
        let head = format!("hidden,updates,cost,accuracy,{watched}ending\n");
        std::iter::once(head).chain(lines).collect()
    }

    fn with_hidden(&self, hidden: Hidden) -> Self {
        let config = self.config.of_size(hidden);
        let initial = Parameters::initial(self.data.features(), &config.model);
        Self { config, initial, ..self.clone() }
    }
}
