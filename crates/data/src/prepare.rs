//! From settings to the samples that a network sees.
//!
//! What is fitted is fitted on the training samples alone: means that stand for missing values, and the scaling.
//!
//! Leaves out: reading and generating. Those are in [`crate::table`] and [`crate::generate`].

use crate::doctor::{Examination, examine};
use crate::error::{Error, Result};
use crate::scaling::StandardScaler;
use crate::schema::Schema;
use crate::split::{self, Part, Parts};
use crate::table::{self, Format, Table};
use crate::text::one_line;
use crate::{Settings, Source, generate};

/// The samples as the network sees them, and how they came about.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The samples.
    pub parts: Parts,
    /// What they are made from.
    pub schema: Schema,
    /// How they were scaled, if they were.
    pub scaling: Option<StandardScaler>,
    /// What is known of the table, if they are from one.
    pub table: Option<TableInfo>,
}

/// What is known of a table beside its numbers.
#[derive(Clone, Debug)]
pub struct TableInfo {
    /// What is noteworthy about it.
    pub examination: Examination,
    /// What it was written as.
    pub format: Format,
    /// The line of each row; of a Parquet file, its number.
    pub lines: Vec<u32>,
    /// What each row is for.
    pub parts: Vec<Part>,
}

/// Generates or reads the data, divides it, and fits what is fitted to it.
///
/// # Errors
/// When the settings do not go together, the table cannot be read, or a part would lack a class.
pub fn prepare(settings: &Settings, split: &split::Settings) -> Result<Prepared> {
    let split = split.or_usual(settings.kind);
    let standardises = settings.standardises();
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
            let examination = examine(&table, &parts, standardises);
            let Table { schema, data, format, lines, .. } = table;
            (schema, data, parts.clone(), Some(TableInfo { examination, format, lines, parts }))
        }
    };
    let mut parts = Parts::new(data, &parts);
    let scaling = standardises.then(|| StandardScaler::fit(parts.train.x(), parts.train.features()));
    if let Some(scaling) = &scaling {
        if let Some((input, what)) = scaling.unfit() {
            let name = one_line(&parts.train.feature_names()[input]);
            let message = format!("column {name}: its values {what} to be standardised; leave it out with data.ignore");
            return Err(Error::Setting(message));
        }
        let Parts { train, validation, test } = &mut parts;
        for data in [Some(train), validation.as_mut(), test.as_mut()].into_iter().flatten() {
            scaling.apply(data.x_mut());
        }
    }
    Ok(Prepared { parts, schema, scaling, table })
}
