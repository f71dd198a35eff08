//! The input columns of a table that is read for training.
//!
//! A row is stored with one number for each column: a category as its code, and a missing value as NaN. When all rows
//! are read, the codes are expanded to one-hot inputs in the same memory.

use std::collections::HashMap;

use super::cell::{CellError, parse_number, parse_text};
use super::distinct_values::DistinctValues;
use super::exact_number::ExactNumber;
use super::likeness::Alike;
use super::messages::{abbreviated, quoted, quoted_list};
use super::missing_words::{MissingWords, WordCounts};
use super::number_hint::{hint, like_missing};
use super::row_reader::{Row, cell_error};
use crate::error::{Error, Result};
use crate::schema::Column;
use crate::text::grouped;

/// The largest number of categories of a column: each becomes an input.
const MAX_CATEGORIES: usize = 1_000;

/// The least integer behind which f64 leaves integers out, 2^53.
const FIRST_GAP: f64 = 9_007_199_254_740_992.0;

/// What reading a column of inputs found out about its cells, for the findings of the doctor.
#[derive(Clone, Debug, Default)]
pub struct ColumnNotes {
    /// The number of missing values in rows of class 0 and of class 1.
    pub missing: [usize; 2],
    /// The words of the missing values with their counts. `None` if the cells were empty.
    pub missing_words: Option<String>,
    /// The first number with more digits than an f64 keeps.
    pub lost_digits: Option<LostDigits>,
    /// Categories that are one number in two spellings, the first that were found.
    pub respelled: Option<[String; 2]>,
    /// Two categories that look alike, the first that were found.
    pub alike: Option<Alike>,
    /// The categories that look like a missing value.
    pub like_missing: Vec<String>,
}

/// A number with more digits than an f64 keeps.
#[derive(Clone, Debug)]
pub struct LostDigits {
    /// The line of the cell. In a Parquet file, the number of the row.
    pub line: u64,
    /// The number as it is written, in quotation marks.
    pub quoted: String,
    /// The f64 that it became.
    pub rounded: f64,
}

/// A column that becomes one input, or several if it holds categories.
pub(super) struct InputColumn {
    name: String,
    /// The column's index in the table.
    index: usize,
    contents: Contents,
}

/// What the rows read so far hold in this column.
enum Contents {
    Numbers(Numbers),
    /// A category is stored as its index.
    Categories(DistinctValues),
}

#[derive(Default)]
struct Numbers {
    numbers: usize,
    /// By class.
    missing: [usize; 2],
    missing_words: WordCounts,
    first_missing: Option<FirstCell>,
    lost_digits: Option<LostDigits>,
    /// The number of long decimals whose digits were compared.
    decimals_checked: usize,
    /// The first text that is not a number, as long as the column has no number: all cells may be text.
    first_text: Option<FirstCell>,
}

/// A cell that a later error message may have to name.
struct FirstCell {
    line: u64,
    quoted: String,
    /// For a text, what it looks like.
    hint: Option<String>,
}

impl InputColumn {
    /// A column of numbers or of categories, without rows.
    pub fn new(name: &str, index: usize, is_categorical: bool) -> Self {
        let contents = if is_categorical {
            Contents::Categories(DistinctValues::default())
        } else {
            Contents::Numbers(Numbers::default())
        };
        Self { name: name.to_owned(), index, contents }
    }

    /// The column's index in the table.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Whether the name could be a value of the column.
    pub fn name_is_value(&self, missing: &MissingWords) -> bool {
        match &self.contents {
            Contents::Numbers(_) => parse_number(self.name.as_bytes(), missing).is_ok(),
            Contents::Categories(categories) => categories.find(&self.name).is_some(),
        }
    }

    /// Whether the name cannot be a value of the column: it holds numbers, and the name is text that tables do not have in
    /// place of a number.
    pub fn name_is_no_value(&self, missing: &MissingWords) -> bool {
        matches!(self.contents, Contents::Numbers(Numbers { numbers: 1.., .. }))
            && parse_number(self.name.as_bytes(), missing) == Err(CellError::NotANumber)
            && hint(&self.name, missing).is_none()
    }

    /// The column's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number that is stored for the column's cell in a row: its value, NaN if it is missing, or the code of its
    /// category. `class` is the class of the row.
    ///
    /// # Errors
    /// When the cell is not accepted.
    pub fn encode(&mut self, row: &Row<'_>, class: u8, missing: &MissingWords, file: &str) -> Result<f64> {
        match &mut self.contents {
            Contents::Numbers(numbers) => {
                let number = numbers.encode(row, self.index, &self.name, missing, file)?;
                if number.is_nan() && numbers.first_text.is_none() {
                    numbers.missing[usize::from(class)] += 1;
                }
                Ok(number)
            }
            Contents::Categories(categories) => encode_category(categories, row, self.index, missing)
                .map_err(|message| row.error(self.index, &self.name, message)),
        }
    }

    /// The notes about the cells. `first_is_zero` says that the two classes were counted in reverse order.
    fn notes(&self, first_is_zero: bool, words: &MissingWords) -> ColumnNotes {
        match &self.contents {
            Contents::Numbers(Numbers { missing: [a, b], missing_words, lost_digits, .. }) => ColumnNotes {
                missing: if first_is_zero { [*b, *a] } else { [*a, *b] },
                missing_words: missing_words.describe(words),
                lost_digits: lost_digits.clone(),
                ..ColumnNotes::default()
            },
            Contents::Categories(categories) => ColumnNotes {
                respelled: categories.respelled().cloned(),
                alike: Alike::first(categories.values().iter().map(String::as_str)),
                like_missing: like_missing(categories.values().iter().map(String::as_str)),
                ..ColumnNotes::default()
            },
        }
    }

    /// The column for the schema, and the rank of each category code in sorting order.
    fn finish(self, file: &str) -> Result<(Column, Vec<usize>)> {
        let Self { name, index, contents } = self;
        match contents {
            Contents::Numbers(Numbers { numbers: 0, first_missing: Some(cell), .. }) => {
                let message = "every value of this column is missing; leave it out with data.ignore";
                Err(cell_error(file, cell.line, index, &name, &cell.quoted, message))
            }
            Contents::Numbers(_) => Ok((Column::number(name), Vec::new())),
            Contents::Categories(categories) => {
                let mut sorted: Vec<(&String, usize)> = categories.values().iter().zip(0..).collect();
                sorted.sort_unstable();
                let mut ranks = vec![0; sorted.len()];
                for (rank, &(_, code)) in sorted.iter().enumerate() {
                    ranks[code] = rank;
                }
                let categories = Some(sorted.into_iter().map(|(category, _)| category.clone()).collect());
                Ok((Column { name, categories, fill_value: None }, ranks))
            }
        }
    }
}

impl Numbers {
    fn encode(&mut self, row: &Row<'_>, index: usize, name: &str, missing: &MissingWords, file: &str) -> Result<f64> {
        let this_cell = |hint| FirstCell { line: row.line_of(index), quoted: quoted(&row.cell(index)), hint };
        match row.number(index, missing) {
            Ok(value) => {
                self.numbers += 1;
                self.check_digits(row, index, value);
                match &self.first_text {
                    None => Ok(value),
                    Some(FirstCell { line, quoted, hint }) => {
                        let hint = hint.as_ref().map_or_else(String::new, |hint| format!("; {hint}"));
                        Err(cell_error(file, *line, index, name, quoted, &format!("must be a number{hint}")))
                    }
                }
            }
            Err(CellError::Missing) => {
                self.missing_words.count(&row.cell(index), missing);
                self.first_missing.get_or_insert_with(|| this_cell(None));
                Ok(f64::NAN)
            }
            Err(CellError::NotANumber) if self.numbers == 0 => {
                let hint = || hint(String::from_utf8_lossy(&row.cell(index)).trim(), missing);
                self.first_text.get_or_insert_with(|| this_cell(hint()));
                Ok(f64::NAN)
            }
            Err(error) => Err(row.error(index, name, error.number_message(&row.cell(index), missing))),
        }
    }

    /// Notes the first number whose digits an f64 does not keep.
    ///
    /// Integers behind 2^53 are compared, numbers that are rounded to 0, and the first decimals of more than 17 digits: no
    /// program writes an f64 with more, unless it writes them all.
    fn check_digits(&mut self, row: &Row<'_>, index: usize, value: f64) {
        const MAX_DECIMALS_CHECKED: usize = 1_000;
        if self.lost_digits.is_some() {
            return;
        }
        let length = row.text_length(index);
        let is_long_decimal = length > 18 && self.decimals_checked < MAX_DECIMALS_CHECKED;
        if !(value.abs() >= FIRST_GAP || is_long_decimal || value == 0.0 && length > 5) {
            return;
        }

        self.decimals_checked += usize::from(is_long_decimal);
        let cell = row.cell(index);
        let exact = std::str::from_utf8(&cell).ok().and_then(|text| ExactNumber::parse(text.trim()));
        if exact.is_some_and(|exact| exact.loses_digits(value)) {
            self.lost_digits = Some(LostDigits { line: row.line_of(index), quoted: quoted(&cell), rounded: value });
        }
    }
}

/// The code of the category in a row's cell. A new category gets the next code.
fn encode_category(
    categories: &mut DistinctValues,
    row: &Row<'_>,
    index: usize,
    missing: &MissingWords,
) -> Result<f64, String> {
    let cell = row.cell(index);
    let category = parse_text(&cell, missing).map_err(|error| error.category_message(&cell))?;
    let code = categories.find_or_push(category, MAX_CATEGORIES);
    code.map(|code| code as f64)
        .ok_or_else(|| format!("has more than {} categories", grouped(MAX_CATEGORIES)))
}

/// Turns the stored rows into inputs, in place. Returns the columns of the schema, and what was noticed about each.
/// `first_is_zero` says that the classes given to [`InputColumn::encode`] are in reverse order.
///
/// # Shapes
/// `x` is `[rows, columns.len()]` before and `[rows, d]` after, where d is the number of inputs of the returned columns.
///
/// # Errors
/// When a column of numbers has no number, when two inputs would have one name, or when memory runs out.
pub(super) fn finish(
    columns: Vec<InputColumn>,
    x: &mut Vec<f64>,
    first_is_zero: bool,
    missing: &MissingWords,
    file: &str,
) -> Result<(Vec<Column>, Vec<ColumnNotes>)> {
    let notes = columns.iter().map(|column| column.notes(first_is_zero, missing)).collect();
    let (mut schema_columns, mut ranks) = (Vec::new(), Vec::new());
    for column in columns {
        let (schema_column, ranks_of_codes) = column.finish(file)?;
        schema_columns.push(schema_column);
        ranks.push(ranks_of_codes);
    }

    refuse_equal_names(&schema_columns, file)?;
    expand_categories(x, &schema_columns, &ranks, file)?;
    Ok((schema_columns, notes))
}

/// Refuses columns that cannot become inputs as they are: those of text, and with missing values unless `impute` is true.
///
/// # Errors
/// The message names the first such cell and all such columns.
pub(super) fn check(columns: &[InputColumn], impute: bool, file: &str) -> Result<()> {
    refuse_text_columns(columns, file)?;
    if impute { Ok(()) } else { refuse_missing_values(columns, file) }
}

/// Refuses inputs with the same name: a category `Rome` of a column `city` and a column `city=Rome`.
fn refuse_equal_names(columns: &[Column], file: &str) -> Result<()> {
    let mut origins = HashMap::new();
    for column in columns {
        for (index, name) in column.inputs().into_iter().enumerate() {
            let origin = match &column.categories {
                None => format!("the column {:?}", column.name),
                Some(categories) => format!("the category {:?} of the column {:?}", categories[index], column.name),
            };
            if let Some(earlier) = origins.insert(name.clone(), origin.clone()) {
                let message = format!(
                    "{earlier} and {origin} would both be the input {name:?}; rename a column, or leave it out with \
                     data.ignore"
                );
                return Err(Error::Table { place: file.to_owned(), message });
            }
        }
    }
    Ok(())
}

/// Expands category codes to one-hot inputs.
///
/// It goes from the last row to the first and, in a row, from the last column to the first. So every number is written
/// behind all numbers that are still to be read.
fn expand_categories(x: &mut Vec<f64>, columns: &[Column], ranks: &[Vec<usize>], file: &str) -> Result<()> {
    let inputs: usize = columns.iter().map(Column::width).sum();
    let rows = x.len() / columns.len();
    let expanded_len = rows.saturating_mul(inputs);
    x.try_reserve_exact(expanded_len - x.len()).map_err(|_| Error::Table {
        place: file.to_owned(),
        message: format!("{} rows of {} inputs do not fit into memory", grouped(rows), grouped(inputs)),
    })?;
    x.resize(expanded_len, 0.0);

    for row in (0..rows).rev() {
        let mut start = (row + 1) * inputs;
        for (j, (column, ranks)) in columns.iter().zip(ranks).enumerate().rev() {
            let value = x[row * columns.len() + j];
            start -= column.width();
            if column.categories.is_some() {
                x[start..start + ranks.len()].fill(0.0);
                x[start + ranks[value as usize]] = 1.0;
            } else {
                x[start] = value;
            }
        }
    }
    Ok(())
}

/// Refuses columns of numbers that hold text only. The message suggests settings for all of them.
fn refuse_text_columns(columns: &[InputColumn], file: &str) -> Result<()> {
    let mut names = Vec::new();
    let mut first = None;
    for column in columns {
        if let Contents::Numbers(Numbers { first_text: Some(cell), .. }) = &column.contents {
            names.push(column.name.as_str());
            first = first.or(Some((column, cell)));
        }
    }
    let Some((column, cell)) = first else {
        return Ok(());
    };

    let look = cell.hint.as_ref().map_or_else(String::new, |hint| format!(" ({hint})"));
    let (whose, them) = match names.as_slice() {
        [_, others @ ..] if !others.is_empty() => (format!("this column and of {}", quoted_list(others)), "them"),
        _ => ("this column".to_owned(), "it"),
    };
    let names = quoted_list(&names);
    let message = format!(
        "no value of {whose} is a number{look}; data.ignore = [{names}] leaves {them} out, data.one_hot = [{names}] takes {them} as categories"
    );
    Err(cell_error(file, cell.line, column.index, &column.name, &cell.quoted, &message))
}

/// Refuses missing values. The message names the first one in the file and counts those of every column.
fn refuse_missing_values(columns: &[InputColumn], file: &str) -> Result<()> {
    let mut counts = Vec::new();
    let mut total = 0;
    let mut first: Option<(&InputColumn, &FirstCell)> = None;
    for column in columns {
        if let Contents::Numbers(Numbers { first_missing: Some(cell), missing, .. }) = &column.contents {
            let count = missing.iter().sum();
            counts.push(format!("{} {}", column.name, grouped(count)));
            total += count;
            let location = (cell.line, column.index);
            if first.is_none_or(|(first_column, first)| location < (first.line, first_column.index)) {
                first = Some((column, cell));
            }
        }
    }
    let Some((column, cell)) = first else {
        return Ok(());
    };

    let message = match total {
        1 => "a missing value; data.impute = \"mean\" would fill in the column's mean".to_owned(),
        _ => format!(
            "a missing value, the first of {} ({}); data.impute = \"mean\" would fill in each column's mean",
            grouped(total),
            abbreviated(&counts)
        ),
    };
    Err(cell_error(file, cell.line, column.index, &column.name, &cell.quoted, &message))
}
