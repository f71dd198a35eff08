//! The same run with one hidden size after the other.
//!
//! A sweep keeps only a row of its table for each size. A run of that size alone gives the full results.

use super::manifest::Manifest;
use super::pictures::PANEL_GRID_SIDE;
use super::prepare::Run;
use crate::data::checked_numbers::Count;
use crate::data::csv_writer::exact;
use crate::data::text::grouped;
use crate::error::Result;
use crate::files::folder::RunFolder;
use crate::network::Parameters;
use crate::plot::{Boundaries, ScalarField, Window};
use crate::train::{Ending, Observer, Outcome, Record, Snapshot};

/// The name of a sweep's table.
pub(super) const SWEEP: &str = "sweep.csv";

/// A number of hidden units.
pub(super) type HiddenSize = Count<1, 100_000>;

/// The result of one hidden size.
#[derive(Clone, Debug)]
pub struct SweepRow {
    /// The number of hidden units.
    pub hidden: usize,
    /// The record of the kept parameters. It has no test scores on purpose: if the size were chosen by them, they would no
    /// longer say how good the network is on unseen samples.
    pub kept: Record,
    /// The number of updates made.
    pub updates: usize,
    /// Seconds of training.
    pub seconds: f64,
    /// How training ended.
    pub ending: Ending,
    /// The probability over the plane, if there are two inputs.
    boundary: Option<ScalarField>,
}

impl SweepRow {
    fn ends_the_sweep(&self) -> bool {
        matches!(self.ending, Ending::Interrupted | Ending::Failed { .. })
    }
}

/// How a sweep ended: like the last size that went wrong or was interrupted. If there is none: stopped early if any size was,
/// otherwise finished.
pub fn sweep_ending(rows: &[SweepRow]) -> Ending {
    let endings = || rows.iter().rev().map(|row| &row.ending);
    let went_wrong = endings().find(|ending| !matches!(ending, Ending::Finished | Ending::StoppedEarly));
    let unfinished = went_wrong.or_else(|| endings().find(|ending| **ending != Ending::Finished));
    unfinished.cloned().unwrap_or(Ending::Finished)
}

/// The file name of a size's checkpoint in the folder of a sweep.
pub(super) fn checkpoint_file(hidden: usize) -> String {
    format!("checkpoint-{hidden}.safetensors")
}

impl Run {
    /// Trains each size of `sweep.hidden` in turn. Each starts from its own initial parameters.
    ///
    /// `make_observer` makes the observer of each training. `on_row` is called with each row when it is complete. An
    /// interruption or a device's failure ends the sweep. An error ends it too, and is returned beside the rows before it.
    pub fn sweep<O: Observer>(
        &self,
        make_observer: impl FnMut() -> O,
        on_row: impl FnMut(&SweepRow),
    ) -> (Vec<SweepRow>, Result<()>) {
        self.for_each_size(|run, observer| run.train_network(observer), make_observer, on_row)
    }

    /// The checkpoints of a sweep in its folder, in the order of its sizes. Finished sizes have a checkpoint too.
    ///
    /// # Errors
    /// When one cannot be read or is of another run. Sizes may have been added and removed.
    pub fn sweep_checkpoints(&self, folder: &RunFolder) -> Result<Vec<Option<Snapshot>>> {
        let load = |&hidden: &HiddenSize| {
            self.load_checkpoint(&self.config.of_size(hidden), folder, &checkpoint_file(hidden.get()))
        };
        self.sizes().map(load).collect()
    }

    /// Trains like [`Run::sweep`], each size from the start or from its checkpoint, and writes checkpoints into the folder.
    pub fn sweep_with_checkpoints<O: Observer>(
        &self,
        folder: &mut RunFolder,
        from: Vec<Option<Snapshot>>,
        make_observer: impl FnMut() -> O,
        on_row: impl FnMut(&SweepRow),
    ) -> (Vec<SweepRow>, Result<()>) {
        self.fingerprint(); // computed once here, so that the copy for each size has it
        let mut from = from.into_iter();
        let train = |run: &Self, observer: &mut O| {
            let file = checkpoint_file(run.initial.hidden);
            run.train_network_with_checkpoints(folder, &file, from.next().flatten(), observer)
        };
        self.for_each_size(train, make_observer, on_row)
    }

    pub(super) fn for_each_size<O: Observer>(
        &self,
        mut train: impl FnMut(&Self, &mut O) -> Result<Outcome>,
        mut make_observer: impl FnMut() -> O,
        mut on_row: impl FnMut(&SweepRow),
    ) -> (Vec<SweepRow>, Result<()>) {
        let mut rows = Vec::new();
        for &hidden in self.sizes() {
            let run = self.with_hidden(hidden);
            match train(&run, &mut make_observer()).map(|outcome| run.row(outcome)) {
                Ok(row) => {
                    on_row(&row);
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

    fn sizes(&self) -> impl Iterator<Item = &HiddenSize> {
        self.config.sweep.iter().flat_map(|sweep| &sweep.hidden)
    }

    fn row(&self, outcome: Outcome) -> SweepRow {
        let window = self.has_two_features().then(|| Window::around(&self.unscaled_x()));
        // The accuracy of a record uses the threshold 1/2, so the line is drawn there.
        let boundary = window.map(|window| self.probability_field(&outcome.parameters, 0.5, window, PANEL_GRID_SIDE));
        SweepRow {
            hidden: self.initial.hidden,
            updates: outcome.last().update,
            seconds: outcome.last().seconds,
            boundary,
            kept: outcome.kept,
            ending: outcome.ending,
        }
    }

    /// Writes the table of a sweep, keeps the folder, and draws the decision boundaries. Writes the manifest if the sweep is
    /// over.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save_sweep(&self, rows: &[SweepRow], folder: &mut RunFolder) -> Result<()> {
        folder.write(SWEEP, self.sweep_table(rows))?;
        folder.keep();

        // A sweep that was ended by an error is not over.
        let is_over = rows.len() == self.sizes().count() || rows.last().is_some_and(SweepRow::ends_the_sweep);
        if is_over {
            let updates = rows.iter().map(|row| row.updates).sum();
            let seconds = rows.iter().map(|row| row.seconds).sum();
            Manifest::new(self, &sweep_ending(rows), updates, seconds).save(folder)?;
        }

        let accuracy = |row: &SweepRow| row.kept.validation.map_or(row.kept.accuracy, |score| score.accuracy);
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

    /// The contents of `sweep.csv`. It holds no times, so that the same sweep gives the same bytes.
    pub(super) fn sweep_table(&self, rows: &[SweepRow]) -> String {
        let validation = if self.validation.is_some() {
            "validation_cost,validation_accuracy,"
        } else {
            ""
        };
        let header = format!("hidden,updates,cost,accuracy,{validation}ending\n");

        let lines = rows.iter().map(|SweepRow { hidden, updates, kept, ending, .. }| {
            let mut numbers = vec![kept.cost, kept.accuracy];
            numbers.extend(kept.validation.iter().flat_map(|score| [score.cost, score.accuracy]));
            let cells: Vec<String> = numbers.into_iter().map(exact).collect();
            format!("{hidden},{updates},{},{ending}\n", cells.join(","))
        });
        std::iter::once(header).chain(lines).collect()
    }

    fn with_hidden(&self, hidden: HiddenSize) -> Self {
        let config = self.config.of_size(hidden);
        let initial = Parameters::initial(self.data.features(), &config.model);
        Self { config, initial, ..self.clone() }
    }
}
