//! From settings to the samples that a network sees: read or generate the data, split it, fill missing values, standardise.
//!
//! Means and deviations are computed from the training samples only, so that nothing leaks from the other parts.

use crate::dataset::Dataset;
use crate::doctor::{Examination, examine};
use crate::error::{Error, Result};
use crate::generate;
use crate::scaling::StandardScaler;
use crate::schema::Schema;
use crate::settings::{Settings, Source};
use crate::split::{self, Part, Parts};
use crate::table::{self, Format, Table};
use crate::text::one_line;

/// The samples as the network sees them, and what was done to get them.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The samples.
    pub parts: Parts,
    /// The training samples before standardisation, if the data are generated and standardised. Undoing the standardisation
    /// would not give the same bits.
    pub raw_train: Option<Dataset>,
    /// The columns and classes that they were made from.
    pub schema: Schema,
    /// The scaler that was applied. `None` means that the inputs are not standardised.
    pub scaling: Option<StandardScaler>,
    /// Further information about the table. `None` for generated data.
    pub table: Option<TableInfo>,
}

/// What is known about a table besides its numbers.
#[derive(Clone, Debug)]
pub struct TableInfo {
    /// The findings of the doctor.
    pub examination: Examination,
    /// The file format.
    pub format: Format,
    /// The line number of each row; in a Parquet file, the row number.
    pub lines: Vec<u32>,
    /// The part that each row belongs to.
    pub parts: Vec<Part>,
}

/// Generates or reads the data, splits it, and applies everything that is fitted on the training samples.
///
/// # Errors
/// When the settings contradict each other, the table cannot be read, or a part would lack a class.
pub fn prepare(settings: &Settings, split: &split::Settings) -> Result<Prepared> {
    let split = split.with_defaults(settings.kind);
    let standardise = settings.standardise_or_default();
    let source = settings.source().map_err(|(_, message)| Error::Setting(message))?;

    let (schema, data, parts, table) = match source {
        Source::Generated(settings) => {
            let data = generate::generate(&settings)?;
            let parts = split.assign(data.y())?;
            (Schema::numbers(data.feature_names()), data, parts, None)
        }
        Source::Table(settings) => {
            let mut table = table::read(&settings)?;
            let parts = split.assign(table.data.y())?;
            if settings.impute.is_some() {
                table.impute_means(|row| parts[row] == Part::Train)?;
            }
            let examination = examine(&table, &parts, standardise);
            let Table { schema, data, format, lines, .. } = table;
            (schema, data, parts.clone(), Some(TableInfo { examination, format, lines, parts }))
        }
    };

    let mut parts = Parts::new(data, &parts);
    let scaling = standardise.then(|| StandardScaler::fit(parts.train.x(), parts.train.features()));
    let raw_train = (scaling.is_some() && table.is_none()).then(|| parts.train.clone());
    if let Some(scaling) = &scaling {
        if let Some((feature, problem)) = scaling.unusable_feature() {
            let name = one_line(&parts.train.feature_names()[feature]);
            let message =
                format!("column {name}: its values {problem} to be standardised; leave it out with data.ignore");
            return Err(Error::Setting(message));
        }
        let Parts { train, validation, test } = &mut parts;
        for data in [Some(train), validation.as_mut(), test.as_mut()].into_iter().flatten() {
            scaling.transform(data.x_mut());
        }
    }
    Ok(Prepared { parts, raw_train, schema, scaling, table })
}
