//! Reading tables: delimited text, as it is or compressed by gzip, or Parquet files, to numbers.
//!
//! A table is UTF-8 text with a header line, above which Excel's `sep=;` may stand. Its fields are separated by commas, semicolons or tabs, and may be quoted;
//! lines end in LF or CRLF, and empty ones count for nothing. Blanks around a value are not part of it. A value is
//! missing where it is empty or one of NA, N/A, n/a, NaN, nan, NULL, null, None and ?. An error's place is
//! `file:line:column`, where lines are those of the file and columns are fields, both from 1.
//!
//! With the Cargo feature `parquet`, a table may also be a Parquet file, which is known by its first bytes. Its values stand
//! for the text that they would be written as, so that the rules for values are the same; an error's place is
//! `file:row:column`. Without the feature such a file is refused.
//!
//! Memory: [`read`] holds eight bytes for each number of the result, five for each row, and one row as text, which may
//! not be longer than 1 MiB; [`Rows`] holds a block. A Parquet file is held itself, too.
//!
//! Leaves out: writing, and what the numbers look like. That is [`super::doctor`].

mod cell;
mod columns;
mod header;
mod labels;
#[cfg_attr(not(feature = "parquet"), path = "no_parquet.rs")]
mod parquet;
mod records;
mod rows;
mod source;
mod whole;

use std::collections::HashSet;
use std::io::Read;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use self::header::Delimiter;
pub use self::rows::{Block, LabelUse, Rows};
pub use self::whole::WholeFile;

use self::cell::Odd;
use self::columns::Input;
use self::header::Header;
use self::labels::{Classes, Labels};
use self::records::Records;
use self::source::Source;
use super::Dataset;
use super::schema::Schema;
use crate::error::{Error, Result};
use crate::text::one_line;

/// How to read a table for training.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// The file.
    pub path: PathBuf,
    /// What it is.
    pub format: Format,
    /// The column that is predicted.
    pub label: String,
    /// The label's value that is class 1, against all others; by itself the larger number, or the later in sorting order.
    pub positive: Option<String>,
    /// The columns that become inputs; by itself all but the label and those ignored.
    pub features: Option<Vec<String>>,
    /// Columns that do not become inputs.
    pub ignore: Vec<String>,
    /// What stands between fields; by itself what is most frequent in the header.
    pub delimiter: Option<Delimiter>,
    /// What is to stand for missing values, which are NaN until [`Table::fill`]; without it, none may be missing.
    pub impute: Option<Impute>,
    /// The inputs that are categories.
    pub one_hot: Vec<String>,
    /// What becomes of rows without a label; without it, every row needs one.
    pub unlabelled: Option<Unlabelled>,
}

/// What becomes of a row without a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unlabelled {
    /// It is left out.
    Skip,
}

/// What a table is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Delimited text.
    #[default]
    Text,
    /// Apache Parquet.
    Parquet,
}

/// What stands for a missing value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Impute {
    /// The mean of the column's numbers.
    Mean,
}

/// A table as numbers.
#[derive(Clone, Debug)]
pub struct Table {
    /// How it became numbers, to read further tables alike with [`Rows`].
    pub schema: Schema,
    /// The rows: inputs as they stand in the file, categories one-hot.
    pub data: Dataset,
    /// What it was written as.
    pub format: Format,
    /// The line that each row starts on; of a Parquet file, the row's number.
    pub lines: Vec<u32>,
    /// How many values are missing in the file, for each of the schema's columns.
    pub missing: Vec<usize>,
    /// How many rows were left out because they have no label.
    pub unlabelled: usize,
    /// Two values of the label that differ in case only, if there are such.
    pub alike: Option<[String; 2]>,
}

impl Format {
    /// What a place in the table is counted by.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Text => "line",
            Self::Parquet => "row",
        }
    }
}

impl Table {
    /// Puts the mean that a column's numbers have in the rows wanted in the place of all that are missing, and lets the
    /// schema say so.
    ///
    /// # Errors
    /// When a column has no number in those rows.
    pub fn fill(&mut self, mut wanted: impl FnMut(usize) -> bool) -> Result<()> {
        // Mean and count of each input; those of categories are of no use.
        let mut means = vec![(0.0, 0.0); self.data.features()];
        for (_, row) in self.data.rows().enumerate().filter(|(place, _)| wanted(*place)) {
            for ((mean, count), &value) in means.iter_mut().zip(row).filter(|(_, value)| !value.is_nan()) {
                *count += 1.0;
                *mean += (value - *mean) / *count;
            }
        }
        let mut input = 0;
        for column in &mut self.schema.columns {
            let (mean, count) = means[input];
            input += column.width();
            if column.categories.is_none() {
                if count == 0.0 {
                    let name = one_line(&column.name);
                    let message = format!("column {name}: no training row has a number; leave it out with data.ignore");
                    return Err(Error::Setting(message));
                }
                column.missing = Some(mean);
            }
        }
        for row in self.data.x_mut().chunks_exact_mut(means.len()) {
            row.iter_mut()
                .zip(&means)
                .filter(|(value, _)| value.is_nan())
                .for_each(|(value, (mean, _))| *value = *mean);
        }
        Ok(())
    }
}

/// Reads a table for training.
///
/// # Errors
/// When the file cannot be read, or a rule of this module is broken; the message gives the place, the value, and what is
/// accepted.
pub fn read(settings: &Settings) -> Result<Table> {
    read_from(WholeFile::open(&settings.path)?, &settings.path.display().to_string(), settings)
}

/// The same from anything that can be read, under a name for messages; the settings' path does not count.
///
/// # Errors
/// As for [`read`].
pub fn read_from(source: impl Read, name: &str, settings: &Settings) -> Result<Table> {
    let source = Source::open(source, name)?;
    match settings.format {
        Format::Text if source.is_parquet() && cfg!(feature = "parquet") => {
            return Err(source.refuse("is a Parquet file; data.kind = \"parquet\" reads it"));
        }
        Format::Parquet if !source.is_parquet() => {
            return Err(source.refuse("is not a Parquet file; data.kind = \"csv\" reads text"));
        }
        Format::Text | Format::Parquet => {}
    }
    let (header, mut records) = Records::open(source, |line, announced| {
        settings.delimiter.or(announced).unwrap_or_else(|| Delimiter::guess(line))
    })?;
    let label = header.require(&settings.label, &format!("data.label = {:?}", settings.label))?;
    let mut inputs = inputs(&header, settings)?;
    let mut labels = Labels::new(settings.positive.as_deref());
    records.want(inputs.iter().map(Input::field).chain([label]))?;
    let (mut x, mut y, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    let mut unlabelled = 0;
    while let Some(record) = records.next()? {
        let field = record.field(label);
        let value = match cell::text(&field) {
            Err(Odd::Missing) if settings.unlabelled == Some(Unlabelled::Skip) => {
                unlabelled += 1;
                continue;
            }
            value => value.map_err(|odd| record.refuse(label, &settings.label, odd.as_label()))?,
        };
        for input in &mut inputs {
            x.push(input.take(&record, name)?);
        }
        y.push(labels.take(value));
        lines.push(u32::try_from(record.line).unwrap_or(u32::MAX));
    }
    if y.is_empty() {
        let no_rows = if unlabelled > 0 { "no row has a label" } else { "has a header and no rows" };
        return Err(header.refuse(no_rows));
    }
    let (columns, missing) = columns::finish(inputs, &mut x, settings.impute.is_some(), name)?;
    let refused = |message| header.refuse(&format!("the label {}: {message}", settings.label));
    let Classes { names, first_is_zero } = labels.classes().map_err(refused)?;
    if first_is_zero {
        y.iter_mut().for_each(|class| *class = 1 - *class);
    }
    // What growing has left over.
    x.shrink_to_fit();
    let schema = Schema { columns, label: settings.label.clone(), classes: names };
    let data = Dataset::new(schema.inputs(), x, y);
    let alike = labels.differing_in_case().map(|twins| twins.map(str::to_owned));
    Ok(Table { schema, data, format: settings.format, lines, missing, unlabelled, alike })
}

/// The columns that become inputs.
fn inputs(header: &Header, settings: &Settings) -> Result<Vec<Input>> {
    let Settings { label, features, ignore, one_hot, .. } = settings;
    let ignored = named(header, "ignore", ignore, label)?;
    let fields: Vec<usize> = match features {
        None => (0..header.len())
            .filter(|&field| header.name(field) != label && !ignored.contains(&field))
            .collect(),
        Some(features) => named(header, "features", features, label)?,
    };
    if fields.is_empty() {
        return Err(header.refuse("no column is left as an input"));
    }
    if let Some(&field) = fields.iter().find(|&&field| header.name(field).is_empty()) {
        return Err(header.unnamed(field));
    }
    if let Some(field) = fields.iter().find(|field| ignored.contains(field)) {
        let message = format!("{:?} is in both data.features and data.ignore", header.name(*field));
        return Err(header.refuse(&message));
    }
    let categories: HashSet<usize> = named(header, "one_hot", one_hot, label)?.into_iter().collect();
    if let Some(field) = categories.iter().min().filter(|field| !fields.contains(field)) {
        let message = format!("data.one_hot names {:?}, which is not an input", header.name(*field));
        return Err(header.refuse(&message));
    }
    Ok(fields
        .into_iter()
        .map(|field| Input::new(header.name(field), field, categories.contains(&field)))
        .collect())
}

/// The fields of the columns that a setting names: each once, and never the label.
fn named(header: &Header, key: &str, names: &[String], label: &str) -> Result<Vec<usize>> {
    let mut fields = Vec::new();
    for name in names {
        let field = header.require(name, &format!("data.{key} names {name:?}"))?;
        if name == label {
            return Err(header.refuse(&format!("data.{key} names {name:?}, which is the label")));
        }
        if fields.contains(&field) {
            return Err(header.refuse(&format!("data.{key} names {name:?} twice")));
        }
        fields.push(field);
    }
    Ok(fields)
}
