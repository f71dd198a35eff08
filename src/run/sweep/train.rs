//! Training the runs of a sweep.
//!
//! The fused engine trains as many runs side by side as there are threads. A run never depends on another one, and its sums
//! have the same order on any number of threads, so its results are the same bit for bit. The other engines compute on a
//! device of Burn, which runs must not share by accident, so they train one after the other.

use std::fs;
use std::path::Path;
use std::sync::Mutex;

use super::plan::Sweep;
use super::row::SweepRow;
use super::table::{SWEEP, stored_rows};
use super::workers::in_order;
use crate::error::{Error, Result};
use crate::files::folder::RunFolder;
use crate::network::fused_bridge;
use crate::network::gradients::Engine;
use crate::run::prepare::Run;
use crate::run::resume::{check_config, check_updates};
use crate::train::{Ending, Frames, Observer, Outcome, Snapshot};

impl Sweep {
    /// Trains all runs. Each starts from its own initial parameters.
    ///
    /// `observe` makes the observer of the run with this index. `on_rows` is called with all rows so far whenever there is one
    /// more. An interruption or a device's failure ends the sweep: no other run is begun. An error ends it too, and is
    /// returned beside the rows before it.
    pub fn train<O: Observer>(
        &self,
        observe: impl Fn(usize) -> O + Sync,
        on_rows: impl FnMut(&[SweepRow]),
    ) -> (Vec<SweepRow>, Result<()>) {
        let train = |_, run: &Run, observer: &mut O| Ok((run.train_network(observer)?, None));
        self.train_each(train, observe, on_rows)
    }

    /// Checks that the sweep in this folder may be resumed as this sweep. Whether the data of a run have changed, its checkpoint
    /// tells.
    ///
    /// # Errors
    /// When a setting has changed that may not change, or when the configuration in the folder cannot be read.
    pub fn check_resumable(&self, folder: &RunFolder) -> Result<()> {
        check_config(&self.config, folder)
    }

    /// The checkpoints of the runs in the folder, in their order. Finished runs have a checkpoint too.
    ///
    /// # Errors
    /// When one cannot be read or is of another run. Values of the sweep may have been added and removed.
    pub fn checkpoints(&self, folder: &RunFolder) -> Result<Vec<Option<Snapshot>>> {
        let load = |index: usize| {
            let config = &self.runs[index].config;
            self.data_of(index)
                .load_checkpoint(config, folder.path(), &self.checkpoint_file(index))
        };
        (0..self.runs.len()).map(load).collect()
    }

    /// Trains like [`Sweep::train`], each run from the start or from its checkpoint, and writes checkpoints into the folder.
    pub fn train_with_checkpoints<O: Observer>(
        &self,
        folder: &mut RunFolder,
        from: &[Option<Snapshot>],
        observe: impl Fn(usize) -> O + Sync,
        on_rows: impl FnMut(&[SweepRow]),
    ) -> (Vec<SweepRow>, Result<()>) {
        let folder = Mutex::new(folder);
        let train = |index: usize, run: &Run, observer: &mut O| {
            let from = from.get(index).cloned().flatten();
            run.train_network_with_checkpoints(&folder, &self.checkpoint_file(index), from, observer)
        };
        self.train_each(train, observe, on_rows)
    }

    /// Trains the first `count` runs again, those that were interrupted too.
    pub(in crate::run) fn repeat_each<O: Observer>(
        &self,
        count: usize,
        train: impl Fn(usize, &Run, &mut O) -> Result<Outcome> + Sync,
        observe: impl Fn(usize) -> O + Sync,
    ) -> (Vec<SweepRow>, Result<()>) {
        let train = |index: usize, run: &Run, observer: &mut O| Ok((train(index, run, observer)?, None));
        self.train_until(|row| row.ending.error().is_some(), count, train, observe, |_| ())
    }

    /// The stored runs of a folder, with the numbers of their pages. What is not stored is repeated; nothing is written, and no
    /// training goes on.
    ///
    /// # Errors
    /// When a file cannot be read or is of another run, or when a repetition fails.
    pub fn stored(&self, folder: &Path) -> Result<Vec<SweepRow>> {
        let table = folder.join(SWEEP);
        let stored = stored_rows(&fs::read_to_string(&table).map_err(Error::file("read", &table))?);
        let has_ended = |index: usize| {
            let ending = stored.get(index).and_then(Option::as_ref);
            ending.is_some_and(|(_, ending)| *ending != Ending::Interrupted.to_string())
        };
        let load = |index: usize, run: &Run, (): &mut ()| {
            let (outcome, frames) = run.stored_network(folder, &self.checkpoint_file(index), has_ended(index))?;
            Ok((outcome, Some(frames)))
        };
        let count = stored.len().min(self.runs.len());
        let (rows, completed) = self.train_until(|_| false, count, load, |_| (), |_| ());
        completed?;

        if rows.is_empty() {
            return Err(Error::Content { path: table, message: "no run of this sweep is done".into() });
        }
        for (row, stored) in rows.iter().zip(&stored) {
            let updates = stored.as_ref().map_or(row.updates, |(updates, _)| *updates);
            check_updates(row.updates, updates, folder)?;
        }
        Ok(rows)
    }

    /// Trains all runs with a function of the run's index, the run and its observer.
    fn train_each<O: Observer>(
        &self,
        train: impl Fn(usize, &Run, &mut O) -> Result<(Outcome, Option<Frames>)> + Sync,
        observe: impl Fn(usize) -> O + Sync,
        on_rows: impl FnMut(&[SweepRow]),
    ) -> (Vec<SweepRow>, Result<()>) {
        self.train_until(SweepRow::ends_the_sweep, self.runs.len(), train, observe, on_rows)
    }

    fn train_until<O: Observer>(
        &self,
        is_last: impl Fn(&SweepRow) -> bool + Sync,
        count: usize,
        train: impl Fn(usize, &Run, &mut O) -> Result<(Outcome, Option<Frames>)> + Sync,
        observe: impl Fn(usize) -> O + Sync,
        mut on_rows: impl FnMut(&[SweepRow]),
    ) -> (Vec<SweepRow>, Result<()>) {
        let work = |index: usize| -> Result<SweepRow> {
            let run = self.run(index);
            let (outcome, frames) = train(index, &run, &mut observe(index))?;
            let page = frames.and_then(|frames| self.page_of(&run, &outcome, &frames));
            Ok(SweepRow::new(self.runs[index].values.clone(), outcome, page))
        };
        let ends = |row: &Result<SweepRow>| row.as_ref().map_or(true, &is_last);

        let (mut rows, mut completed) = (Vec::new(), Ok(()));
        in_order(count, self.workers(), work, ends, |row| match row {
            Ok(row) if completed.is_ok() => {
                rows.push(row);
                on_rows(&rows);
            }
            Ok(_) => {}
            Err(error) if completed.is_ok() => completed = Err(error),
            Err(_) => {}
        });
        (rows, completed)
    }

    /// How many runs train side by side.
    pub fn workers(&self) -> usize {
        let all_fused = self.runs.iter().all(|run| run.config.train.engine == Engine::Fused);
        if all_fused { fused_bridge::thread_count().min(self.runs.len()) } else { 1 }
    }
}
