//! Writing a run into its folder, step by step.

use serde_json::json;

use super::manifest::{MANIFEST, Manifest};
use super::prepare::Run;
use super::results::Results;
use super::train::Trained;
use crate::data::TableInfo;
use crate::data::csv_writer::to_csv;
use crate::error::Result;
use crate::files::folder::{CONFIG, RunFolder};
use crate::train::Record;

// The names of the files that hold the numbers of a run.
const DIVERGENCE: &str = "divergence.md";
pub(super) const HISTORY: &str = "history.csv";
pub(super) const METRICS: &str = "metrics.json";
pub(super) const MODEL: &str = "model.safetensors";

impl Run {
    /// Writes what is known before training: the configuration, the data and their picture. For a table, the findings about
    /// it and the part of each row are written in place of the data.
    ///
    /// The files of an earlier training that describe its end are removed first, because they would not fit the new files.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save(&self, folder: &mut RunFolder) -> Result<()> {
        folder.remove(MANIFEST)?;
        folder.remove(DIVERGENCE)?;
        folder.write(CONFIG, self.config.to_toml())?;
        for (name, text) in self.data_files("") {
            folder.write(&name, text)?;
        }
        self.draw_data("", folder)
    }

    /// The files that describe the data, with their names. Generated samples are written as they are before standardisation,
    /// because that is what the model takes. `suffix` comes before the ends of the names.
    pub(super) fn data_files(&self, suffix: &str) -> Vec<(String, String)> {
        let Some(TableInfo { examination, format, lines, parts, .. }) = &self.table else {
            return vec![(format!("data{suffix}.csv"), to_csv(self.raw_data.as_ref().unwrap_or(&self.data)))];
        };
        let header = format!("{},part\n", format.unit());
        let rows = lines.iter().zip(parts).map(|(line, part)| format!("{line},{part}\n"));
        let split = std::iter::once(header).chain(rows).collect();
        let doctor = format!("{:#}\n", json!(examination));
        vec![(format!("doctor{suffix}.json"), doctor), (format!("split{suffix}.csv"), split)]
    }
}

impl Trained<'_> {
    /// Writes the model and the history, and keeps the folder from then on. If training diverged, writes the report.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save(&self, folder: &mut RunFolder) -> Result<()> {
        folder.write(MODEL, self.model_file().to_bytes()?)?;
        folder.keep();
        folder.write(HISTORY, self.history())?;
        let (Some(divergence), Some(diagnosis)) = (&self.outcome.divergence, &self.diagnosis) else {
            return Ok(());
        };
        let report = self.run.divergence_report(divergence, diagnosis, self.outcome.kept.update)?;
        folder.write(DIVERGENCE, report)
    }
}

impl Results<'_> {
    /// Writes the metrics, the manifest and the pictures.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save(&self, folder: &mut RunFolder) -> Result<()> {
        folder.write(METRICS, format!("{:#}\n", self.metrics()))?;
        let Record { update, seconds, .. } = *self.outcome.last();
        Manifest::new(self.run, &self.outcome.ending, update, seconds).save(folder)?;
        self.draw(folder)
    }
}
