//! Reads a whole table for training, and fills in its missing numbers.

use std::collections::HashSet;
use std::io::Read;

use super::byte_reader::ByteReader;
use super::cell::{self, CellError};
use super::columns::{self, ColumnNotes, InputColumn};
use super::delimiter::Delimiter;
use super::exact_number::ExactNumber;
use super::header::Header;
use super::labels::{Classes, LabelValues};
use super::length_checked_file::LengthCheckedFile;
use super::likeness::Alike;
use super::missing_words::{MissingWords, WordCounts};
use super::row_reader::RowReader;
use super::settings::{Format, Settings, UnlabelledRows};
use crate::Dataset;
use crate::error::{Error, Result};
use crate::schema::Schema;
use crate::text::one_line;

/// A table that was read for training.
#[derive(Clone, Debug)]
pub struct Table {
    /// How columns became inputs. [`super::BlockReader`] reads further tables in the same way.
    pub schema: Schema,
    /// The rows, with categories as one-hot inputs and unscaled numbers.
    pub data: Dataset,
    /// The format of the file.
    pub format: Format,
    /// The line that each row starts on. In a Parquet file, the number of the row.
    pub lines: Vec<u32>,
    /// The number of each column of the schema in the file, counted from 1.
    pub column_numbers: Vec<usize>,
    /// The notes about the cells of each column of the schema.
    pub notes: Vec<ColumnNotes>,
    /// The number of rows that were left out because they have no label.
    pub unlabelled_rows: usize,
    /// The number of rows at the end of a text file that were left out because all their cells are empty.
    pub empty_rows: usize,
    /// The names of inputs that are decimals, if the header may be the first row of a table without a header.
    pub decimal_names: Vec<String>,
    /// The words in place of these labels with their counts. `None` if the cells were empty.
    pub unlabelled_words: Option<String>,
    /// Two values of the label that look alike, if there are any.
    pub labels_alike: Option<Alike>,
    /// Labels that are one number in two spellings, if there are any.
    pub labels_respelled: Option<[String; 2]>,
    /// The values of the label that look like a missing value.
    pub labels_like_missing: Vec<String>,
}

impl Table {
    /// The number of missing values in the file, for each column of the schema.
    pub fn missing_counts(&self) -> Vec<usize> {
        self.notes.iter().map(|notes| notes.missing.iter().sum()).collect()
    }

    /// Replaces the missing numbers of each column by the mean of its numbers in the training rows, and stores the means
    /// in the schema.
    ///
    /// # Errors
    /// When a column has no number in the training rows.
    pub fn impute_means(&mut self, mut is_training_row: impl FnMut(usize) -> bool) -> Result<()> {
        // The running mean and the count of each input. Those of one-hot inputs are not used.
        let mut means = vec![(0.0, 0.0); self.data.features()];
        for (index, row) in self.data.rows().enumerate() {
            if !is_training_row(index) {
                continue;
            }
            for ((mean, count), &value) in means.iter_mut().zip(row) {
                if !value.is_nan() {
                    *count += 1.0;
                    let difference = value - *mean;
                    *mean += if difference.is_finite() {
                        difference / *count
                    } else {
                        value / *count - *mean / *count
                    };
                }
            }
        }

        let mut input = 0;
        for column in &mut self.schema.columns {
            let (mean, count) = means[input];
            input += column.width();
            if column.categories.is_some() {
                continue;
            }
            if count == 0.0 {
                let name = one_line(&column.name);
                let message = format!("column {name}: no training row has a number; leave it out with data.ignore");
                return Err(Error::Setting(message));
            }
            column.fill_value = Some(mean);
        }

        for row in self.data.x_mut().chunks_exact_mut(means.len()) {
            for (value, (mean, _)) in row.iter_mut().zip(&means) {
                if value.is_nan() {
                    *value = *mean;
                }
            }
        }
        Ok(())
    }
}

/// Reads a table for training.
///
/// # Errors
/// When the file cannot be read, or breaks a rule of [this module](super). The message names the place, the value, and
/// what is accepted.
pub fn read(settings: &Settings) -> Result<Table> {
    let file = LengthCheckedFile::open(&settings.path)?;
    read_from(file, &settings.path.display().to_string(), settings)
}

/// Reads a table for training from any reader. `name` is the name of the table in messages; `settings.path` is not used.
///
/// # Errors
/// As for [`read`].
pub fn read_from(input: impl Read, name: &str, settings: &Settings) -> Result<Table> {
    let bytes = ByteReader::open(input, name)?;
    match settings.format {
        Format::Text if bytes.is_parquet() && cfg!(feature = "parquet") => {
            return Err(bytes.table_error("is a Parquet file; data.kind = \"parquet\" reads it"));
        }
        Format::Parquet if !bytes.is_parquet() => {
            return Err(bytes.table_error("is not a Parquet file; data.kind = \"csv\" reads text"));
        }
        Format::Text | Format::Parquet => {}
    }

    let (header, mut rows) = RowReader::open(bytes, |line, declared| {
        settings.delimiter.or(declared).unwrap_or_else(|| Delimiter::guess(&line.text))
    })?;
    let label = header.require(&settings.label, &format!("data.label = {:?}", settings.label))?;
    let (mut inputs, nameless) = input_columns(&header, settings)?;
    let selected = inputs
        .iter()
        .map(InputColumn::index)
        .chain(nameless.iter().copied())
        .chain([label]);
    rows.select_columns(selected)?;

    let missing = MissingWords::new(settings.missing.as_deref());
    let label_error = |message| header.table_error(&format!("the label {}: {message}", settings.label));
    if let Some(word) = settings
        .positive
        .as_deref()
        .filter(|positive| missing.contains(positive.trim()))
    {
        let message = format!("data.positive = {word:?} means a missing value{}", cell::word_hint(word.as_bytes()));
        return Err(label_error(message));
    }
    let mut labels = LabelValues::new(settings.positive.as_deref());
    let (mut x, mut y, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    let (mut unlabelled_rows, mut unlabelled_words) = (0, WordCounts::default());
    while let Some(row) = rows.next()? {
        let label_cell = row.cell(label);
        let value = match cell::parse_text(&label_cell, &missing) {
            Ok(value) => value,
            Err(CellError::Missing) if settings.unlabelled == Some(UnlabelledRows::Skip) => {
                unlabelled_rows += 1;
                unlabelled_words.count(&label_cell, &missing);
                continue;
            }
            Err(error) => return Err(row.error(label, &settings.label, error.label_message(&label_cell))),
        };
        if let Some(&index) = nameless.iter().find(|&&index| !row.is_blank(index)) {
            return Err(header.nameless_column_error(index));
        }
        let class = labels.count(value);
        for input in &mut inputs {
            x.push(input.encode(&row, class, &missing, name)?);
        }
        y.push(class);
        lines.push(u32::try_from(row.line).unwrap_or(u32::MAX));
    }
    if y.is_empty() {
        let message = if unlabelled_rows > 0 {
            format!("no row has a label{}", unlabelled_words.hint(&missing, unlabelled_rows))
        } else {
            "has a header and no rows".into()
        };
        return Err(header.table_error(&message));
    }

    // A header that is missing makes names from the first row, and the values of this row occur below it again.
    let mut decimal_names = Vec::new();
    if header.may_be_values() && !inputs.iter().any(|input| input.name_is_no_value(&missing)) {
        if labels.has(&settings.label)
            && let Some(input) = inputs.iter().find(|input| input.name_is_value(&missing))
        {
            return Err(header.values_as_names_error(&settings.label, input.name()));
        }
        if is_number(&settings.label) {
            let decimals = inputs
                .iter()
                .map(InputColumn::name)
                .filter(|name| is_number(name) && name.contains('.'));
            decimal_names.extend(decimals.map(str::to_owned));
        }
    }
    let column_numbers = inputs.iter().map(|input| input.index() + 1).collect();

    columns::check(&inputs, settings.impute.is_some(), name)?;
    let Classes { names, first_is_zero } = labels.classes().map_err(|message| {
        // A word for missing may be the second value.
        let hint = if labels.has_one_value() {
            unlabelled_words.hint(&missing, unlabelled_rows)
        } else {
            String::new()
        };
        label_error(message + &hint)
    })?;
    if first_is_zero {
        // Until here, 1 stands for the first value.
        y.iter_mut().for_each(|class| *class = 1 - *class);
    }

    let (columns, notes) = columns::finish(inputs, &mut x, first_is_zero, &missing, name)?;
    // Frees the capacity that was reserved for further rows.
    x.shrink_to_fit();

    let schema = Schema { columns, label: settings.label.clone(), classes: names, missing: settings.missing.clone() };
    Ok(Table {
        data: Dataset::new(schema.inputs(), x, y),
        schema,
        format: settings.format,
        lines,
        column_numbers,
        notes,
        unlabelled_rows,
        empty_rows: rows.empty_rows(),
        decimal_names,
        unlabelled_words: unlabelled_words.describe(&missing),
        labels_alike: labels.alike(),
        labels_respelled: labels.respelled().cloned(),
        labels_like_missing: labels.like_missing(),
    })
}

/// Whether a name is a number.
fn is_number(name: &str) -> bool {
    ExactNumber::parse(name).is_some()
}

/// Chooses the columns that become inputs. The second list has the columns without a name that must be empty.
fn input_columns(header: &Header, settings: &Settings) -> Result<(Vec<InputColumn>, Vec<usize>)> {
    let Settings { label, features, ignore, one_hot, .. } = settings;
    let ignored = column_indices(header, "ignore", ignore, label)?;
    let (inputs, nameless) = match features {
        None => (0..header.len())
            .filter(|&index| header.name(index) != label && !ignored.contains(&index))
            .partition(|&index| !header.name(index).is_empty()),
        Some(features) => (column_indices(header, "features", features, label)?, Vec::new()),
    };

    if inputs.is_empty() {
        return Err(header.table_error("no column is left as an input"));
    }
    if let Some(index) = inputs.iter().find(|index| ignored.contains(index)) {
        let message = format!("{:?} is in both data.features and data.ignore", header.name(*index));
        return Err(header.table_error(&message));
    }

    let categorical: HashSet<usize> = column_indices(header, "one_hot", one_hot, label)?.into_iter().collect();
    if let Some(index) = categorical.iter().min().filter(|index| !inputs.contains(index)) {
        let message = format!("data.one_hot names {:?}, which is not an input", header.name(*index));
        return Err(header.table_error(&message));
    }

    let inputs = inputs
        .into_iter()
        .map(|index| InputColumn::new(header.name(index), index, categorical.contains(&index)))
        .collect();
    Ok((inputs, nameless))
}

/// The indices of the columns that the setting `data.{key}` names. It must name no column twice, and not the label. In
/// `data.ignore`, the empty name stands for all columns without a name.
fn column_indices(header: &Header, key: &str, names: &[String], label: &str) -> Result<Vec<usize>> {
    let mut indices = Vec::new();
    for name in names {
        if name.is_empty() && key == "ignore" && header.nameless().next().is_some() {
            indices.extend(header.nameless());
            continue;
        }
        let index = header.require(name, &format!("data.{key} names {name:?}"))?;
        if name == label {
            return Err(header.table_error(&format!("data.{key} names {name:?}, which is the label")));
        }
        if indices.contains(&index) {
            return Err(header.table_error(&format!("data.{key} names {name:?} twice")));
        }
        indices.push(index);
    }
    Ok(indices)
}
