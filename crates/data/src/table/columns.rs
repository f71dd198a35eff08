//! The input columns of a table that is read for training.
//!
//! A row is stored with one number for each column: a category as its code, and a missing value as NaN. When all rows
//! are read, the codes are expanded to one-hot inputs in the same memory.

use std::collections::HashMap;

use super::cell::{CellError, parse_text};
use super::messages::{abbreviated, quoted, quoted_list};
use super::row_reader::{Row, cell_error};
use crate::error::{Error, Result};
use crate::schema::Column;
use crate::text::grouped;

/// The largest number of categories of a column: each becomes an input.
const MAX_CATEGORIES: usize = 1_000;

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
    /// The codes of the categories, in the order of their first rows.
    Categories(HashMap<String, usize>),
}

#[derive(Default)]
struct Numbers {
    numbers: usize,
    missing: usize,
    first_missing: Option<FirstCell>,
    /// The first text that is not a number, as long as the column has no number: all cells may be text.
    first_text: Option<FirstCell>,
}

/// A cell that a later error message may have to name.
struct FirstCell {
    line: u64,
    quoted: String,
}

impl InputColumn {
    /// A column of numbers or of categories, without rows.
    pub fn new(name: &str, index: usize, is_categorical: bool) -> Self {
        let contents = if is_categorical {
            Contents::Categories(HashMap::new())
        } else {
            Contents::Numbers(Numbers::default())
        };
        Self { name: name.to_owned(), index, contents }
    }

    /// The column's index in the table.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The number that is stored for the column's cell in a row: its value, NaN if it is missing, or the code of its
    /// category.
    ///
    /// # Errors
    /// When the cell is not accepted.
    pub fn encode(&mut self, row: &Row<'_>, file: &str) -> Result<f64> {
        match &mut self.contents {
            Contents::Numbers(numbers) => numbers.encode(row, self.index, &self.name, file),
            Contents::Categories(codes) => {
                encode_category(codes, row, self.index).map_err(|message| row.error(self.index, &self.name, message))
            }
        }
    }

    /// The number of missing values. A missing category is an error, so categories have none.
    fn missing(&self) -> usize {
        match &self.contents {
            Contents::Numbers(numbers) => numbers.missing,
            Contents::Categories(_) => 0,
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
            Contents::Categories(codes) => {
                let mut sorted: Vec<(String, usize)> = codes.into_iter().collect();
                sorted.sort_unstable();
                let mut ranks = vec![0; sorted.len()];
                for (rank, &(_, code)) in sorted.iter().enumerate() {
                    ranks[code] = rank;
                }
                let categories = Some(sorted.into_iter().map(|(category, _)| category).collect());
                Ok((Column { name, categories, fill_value: None }, ranks))
            }
        }
    }
}

impl Numbers {
    fn encode(&mut self, row: &Row<'_>, index: usize, name: &str, file: &str) -> Result<f64> {
        let this_cell = || FirstCell { line: row.line_of(index), quoted: quoted(&row.cell(index)) };
        match row.number(index) {
            Ok(value) => {
                self.numbers += 1;
                match &self.first_text {
                    None => Ok(value),
                    Some(text) => {
                        let message = CellError::NotANumber.message();
                        Err(cell_error(file, text.line, index, name, &text.quoted, message))
                    }
                }
            }
            Err(CellError::Missing) => {
                self.missing += 1;
                self.first_missing.get_or_insert_with(this_cell);
                Ok(f64::NAN)
            }
            Err(CellError::NotANumber) if self.numbers == 0 => {
                self.first_text.get_or_insert_with(this_cell);
                Ok(f64::NAN)
            }
            Err(error) => Err(row.error(index, name, error.message())),
        }
    }
}

/// The code of the category in a row's cell. A new category gets the next code.
fn encode_category(codes: &mut HashMap<String, usize>, row: &Row<'_>, index: usize) -> Result<f64, String> {
    let cell = row.cell(index);
    let category = parse_text(&cell).map_err(|error| error.category_message().to_owned())?;
    if let Some(&code) = codes.get(category) {
        return Ok(code as f64);
    }
    let code = codes.len();
    if code == MAX_CATEGORIES {
        return Err(format!("has more than {} categories", grouped(MAX_CATEGORIES)));
    }
    codes.insert(category.to_owned(), code);
    Ok(code as f64)
}

/// Turns the stored rows into inputs, in place. Returns the columns of the schema, and the number of missing values of
/// each.
///
/// # Shapes
/// `x` is `[rows, columns.len()]` before and `[rows, d]` after, where d is the number of inputs of the returned columns.
///
/// # Errors
/// When a column of numbers has no number, when a value is missing and `impute` is false, or when memory runs out.
pub(super) fn finish(
    columns: Vec<InputColumn>,
    x: &mut Vec<f64>,
    impute: bool,
    file: &str,
) -> Result<(Vec<Column>, Vec<usize>)> {
    refuse_text_columns(&columns, file)?;
    if !impute {
        refuse_missing_values(&columns, file)?;
    }

    let missing_counts = columns.iter().map(InputColumn::missing).collect();
    let (mut schema_columns, mut ranks) = (Vec::new(), Vec::new());
    for column in columns {
        let (schema_column, ranks_of_codes) = column.finish(file)?;
        schema_columns.push(schema_column);
        ranks.push(ranks_of_codes);
    }

    expand_categories(x, &schema_columns, &ranks, file)?;
    Ok((schema_columns, missing_counts))
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

    let (whose, them) = match names.as_slice() {
        [_, others @ ..] if !others.is_empty() => (format!("this column and of {}", quoted_list(others)), "them"),
        _ => ("this column".to_owned(), "it"),
    };
    let names = quoted_list(&names);
    let message = format!(
        "no value of {whose} is a number; data.ignore = [{names}] leaves {them} out, data.one_hot = [{names}] takes {them} as categories"
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
            counts.push(format!("{} {}", column.name, grouped(*missing)));
            total += *missing;
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
