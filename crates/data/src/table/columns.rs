//! The inputs of a table that is read for training: what each column turns out to hold.
//!
//! Rows are stored with a number for each column, where a category is its code and a missing value is NaN. When all are
//! there, codes become one-hot inputs, in the same memory.
//!
//! Leaves out: the label.

use std::collections::HashMap;

use super::cell::{Odd, shown, text};
use super::header::{abbreviated, listed};
use super::records::{Record, refuse};
use crate::error::{Error, Result};
use crate::schema::Column;
use crate::text::grouped;

/// How many values a column of categories may have: each becomes an input.
const MAX_CATEGORIES: usize = 1_000;

/// An input of the table.
pub(super) struct Input {
    /// The column's name.
    name: String,
    field: usize,
    held: Held,
}

/// What a column has held so far.
enum Held {
    Numbers {
        numbers: usize,
        missing: usize,
        first_missing: Option<Seen>,
        /// The first text, while there was no number: all may be text.
        text: Option<Seen>,
    },
    /// The codes of the categories, in the order in which they were met.
    Categories(HashMap<String, usize>),
}

/// A field that may have to be named later.
struct Seen {
    line: u64,
    shown: String,
}

impl Input {
    /// A column of numbers, or of categories.
    pub fn new(name: &str, field: usize, categories: bool) -> Self {
        let held = if categories {
            Held::Categories(HashMap::new())
        } else {
            Held::Numbers { numbers: 0, missing: 0, first_missing: None, text: None }
        };
        Self { name: name.to_owned(), field, held }
    }

    /// The number of the column's field.
    pub fn field(&self) -> usize {
        self.field
    }

    /// What stands for the column's field of a row.
    pub fn take(&mut self, record: &Record<'_>, file: &str) -> Result<f64> {
        let refused = |message: &str| record.refuse(self.field, &self.name, message);
        match &mut self.held {
            Held::Numbers { numbers, missing, first_missing, text } => {
                let seen = || Seen { line: record.line_of(self.field), shown: shown(&record.field(self.field)) };
                match record.number(self.field) {
                    Ok(value) => {
                        *numbers += 1;
                        let Some(Seen { line, shown }) = text else {
                            return Ok(value);
                        };
                        return Err(refuse(file, *line, self.field, &self.name, shown, Odd::Text.accepted()));
                    }
                    Err(Odd::Missing) => {
                        *missing += 1;
                        first_missing.get_or_insert_with(seen);
                    }
                    Err(Odd::Text) if *numbers == 0 => {
                        text.get_or_insert_with(seen);
                    }
                    Err(odd) => return Err(refused(odd.accepted())),
                }
                Ok(f64::NAN)
            }
            Held::Categories(codes) => {
                let field = record.field(self.field);
                let value = text(&field).map_err(|odd| refused(odd.as_category()))?;
                let code = match codes.get(value) {
                    Some(&code) => code,
                    None if codes.len() < MAX_CATEGORIES => {
                        codes.insert(value.to_owned(), codes.len());
                        codes.len() - 1
                    }
                    None => return Err(refused(&format!("has more than {} categories", grouped(MAX_CATEGORIES)))),
                };
                Ok(code as f64)
            }
        }
    }

    /// How many values are missing; categories never are.
    fn missing(&self) -> usize {
        match &self.held {
            Held::Numbers { missing, .. } => *missing,
            Held::Categories(_) => 0,
        }
    }

    /// What the column turned out to be, and the place of each category's code in sorting order.
    fn finish(self, file: &str) -> Result<(Column, Vec<usize>)> {
        let Self { name, field, held } = self;
        match held {
            Held::Numbers { numbers: 0, first_missing: Some(Seen { line, shown }), .. } => {
                let message = "every value of this column is missing; leave it out with data.ignore";
                Err(refuse(file, line, field, &name, &shown, message))
            }
            Held::Numbers { .. } => Ok((Column { name, categories: None, missing: None }, Vec::new())),
            Held::Categories(codes) => {
                let mut sorted: Vec<(String, usize)> = codes.into_iter().collect();
                sorted.sort_unstable();
                let mut ranks = vec![0; sorted.len()];
                sorted.iter().enumerate().for_each(|(rank, &(_, code))| ranks[code] = rank);
                let categories = Some(sorted.into_iter().map(|(value, _)| value).collect());
                Ok((Column { name, categories, missing: None }, ranks))
            }
        }
    }
}

/// Turns the rows stored into inputs, in place.
///
/// # Shapes
/// `x` is `[rows, inputs.len()]` before and `[rows, d]` after, where d counts the inputs of the columns returned.
///
/// # Errors
/// When a column of numbers holds none, or values are missing that are not to be filled.
pub(super) fn finish(
    inputs: Vec<Input>,
    x: &mut Vec<f64>,
    impute: bool,
    file: &str,
) -> Result<(Vec<Column>, Vec<usize>)> {
    refuse_texts(&inputs, file)?;
    if !impute {
        refuse_missing(&inputs, file)?;
    }
    let missing = inputs.iter().map(Input::missing).collect();
    let finished = inputs.into_iter().map(|input| input.finish(file));
    let (columns, ranks): (Vec<_>, Vec<_>) = finished.collect::<Result<Vec<_>>>()?.into_iter().unzip();
    expand(x, &columns, &ranks, file)?;
    Ok((columns, missing))
}

/// A row's inputs from the number that stands for each column, from the last row to the first: what is written lies
/// behind all that is still to be read.
fn expand(x: &mut Vec<f64>, columns: &[Column], ranks: &[Vec<usize>], file: &str) -> Result<()> {
    let wide: usize = columns.iter().map(Column::width).sum();
    let rows = x.len() / columns.len();
    let length = rows.saturating_mul(wide);
    x.try_reserve_exact(length - x.len()).map_err(|_| Error::Table {
        place: file.to_owned(),
        message: format!("{} rows of {} inputs do not fit into memory", grouped(rows), grouped(wide)),
    })?;
    x.resize(length, 0.0);
    for row in (0..rows).rev() {
        let mut to = (row + 1) * wide;
        for (j, (column, rank)) in columns.iter().zip(ranks).enumerate().rev() {
            let value = x[row * columns.len() + j];
            to -= column.width();
            if column.categories.is_some() {
                x[to..to + rank.len()].fill(0.0);
                x[to + rank[value as usize]] = 1.0;
            } else {
                x[to] = value;
            }
        }
    }
    Ok(())
}

fn refuse_texts(inputs: &[Input], file: &str) -> Result<()> {
    let texts = inputs.iter().filter_map(|input| match &input.held {
        Held::Numbers { text: Some(seen), .. } => Some((input, seen)),
        _ => None,
    });
    let texts: Vec<_> = texts.collect();
    let Some((first, Seen { line, shown })) = texts.first() else {
        return Ok(());
    };
    let names: Vec<&str> = texts.iter().map(|(input, _)| input.name.as_str()).collect();
    let (whose, them) = match texts.len() {
        1 => ("this column".to_owned(), "it"),
        _ => (format!("this column and of {}", listed(&names[1..])), "them"),
    };
    let names = listed(&names);
    let message = format!(
        "no value of {whose} is a number; data.ignore = [{names}] leaves {them} out, data.one_hot = [{names}] takes {them} as categories"
    );
    Err(refuse(file, *line, first.field, &first.name, shown, &message))
}

fn refuse_missing(inputs: &[Input], file: &str) -> Result<()> {
    let gaps = inputs.iter().filter_map(|input| match &input.held {
        Held::Numbers { first_missing: Some(seen), missing, .. } => Some((input, seen, *missing)),
        _ => None,
    });
    let gaps: Vec<_> = gaps.collect();
    let Some((first, seen, _)) = gaps.iter().min_by_key(|(input, seen, _)| (seen.line, input.field)) else {
        return Ok(());
    };
    let total = gaps.iter().map(|(.., missing)| missing).sum();
    let each: Vec<String> = gaps
        .iter()
        .map(|(input, _, missing)| format!("{} {}", input.name, grouped(*missing)))
        .collect();
    let message = match total {
        1 => "a missing value; data.impute = \"mean\" would fill in the column's mean".to_owned(),
        _ => format!(
            "a missing value, the first of {} ({}); data.impute = \"mean\" would fill in each column's mean",
            grouped(total),
            abbreviated(&each)
        ),
    };
    Err(refuse(file, seen.line, first.field, &first.name, &seen.shown, &message))
}
