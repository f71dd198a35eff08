//! Writing a sweep into its folder.

use super::plan::Sweep;
use super::row::{SweepRow, sweep_ending};
use super::table::SWEEP;
use crate::error::Result;
use crate::files::folder::{CONFIG, RunFolder};
use crate::run::manifest::{MANIFEST, Manifest};

impl Sweep {
    /// Writes what is known before training: the configuration, the data and their pictures. The manifest of an earlier
    /// training is removed, because it would not fit the new files.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save(&self, folder: &mut RunFolder) -> Result<()> {
        folder.remove(MANIFEST)?;
        folder.write(CONFIG, self.config.to_toml())?;
        for (run, suffix) in self.data_sets() {
            for (name, text) in run.data_files(&suffix) {
                folder.write(&name, text)?;
            }
            run.draw_data(&suffix, folder)?;
        }
        Ok(())
    }

    /// Writes the table, keeps the folder, and draws the pictures. Writes the manifest if the sweep is over.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save_rows(&self, rows: &[SweepRow], folder: &mut RunFolder) -> Result<()> {
        folder.write(SWEEP, self.table(rows))?;
        folder.keep();

        // A sweep that was ended by an error is not over.
        if rows.len() == self.runs.len() || rows.iter().any(SweepRow::ends_the_sweep) {
            let updates = rows.iter().map(|row| row.updates).sum();
            let seconds = rows.iter().map(|row| row.seconds).sum();
            let manifest = Manifest::new(self.first(), &sweep_ending(rows), updates, seconds);
            Manifest { data: self.fingerprint(), notes: self.start_notes.clone(), ..manifest }.save(folder)?;
        }
        self.draw(rows, folder)
    }
}
