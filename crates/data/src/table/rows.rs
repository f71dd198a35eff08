//! The inputs of a network from any table that has its columns, a block at a time.
//!
//! Leaves out: scaling. The numbers are those of the table.

use std::collections::HashMap;
use std::io::Read;
use std::ops::ControlFlow;

use super::cell::{Odd, text};
use super::header::{Delimiter, Header, listed};
use super::labels::Labels;
use super::records::{Record, Records};
use super::source::{HeaderLine, Source};
use crate::error::{Error, Result};
use crate::schema::{Column, Schema};

/// The rows of a table as a network takes them.
///
/// Columns are found by name, in any order and among others; memory is a row and the block that is asked for.
pub struct Rows<R> {
    records: Records<R>,
    columns: Vec<Known>,
    label: Option<Label>,
    inputs: usize,
    unlabelled: usize,
    /// What is wrong with the row after those that were returned.
    failed: Option<Error>,
}

/// What is done with the label's column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelUse {
    /// It need not be there.
    None,
    /// Every row must have one.
    Required,
    /// Rows that have none are passed over.
    SkipMissing,
}

/// Some rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The inputs, `[rows, d]` row by row, categories one-hot.
    pub x: Vec<f64>,
    /// The labels, 0 or 1, `[rows]`, where they were asked for.
    pub y: Option<Vec<u8>>,
}

/// A column of the schema, and where it is in this table.
struct Known {
    name: String,
    field: usize,
    holds: Holds,
}

enum Holds {
    Numbers {
        missing: Option<f64>,
    },
    /// Each category's place among the column's inputs.
    Categories {
        values: Vec<String>,
        places: HashMap<String, usize>,
    },
}

struct Label {
    name: String,
    field: usize,
    classes: Labels,
    skips: bool,
}

impl<R: Read> Rows<R> {
    /// Reads the header, and finds the columns. `name` stands for the table in messages.
    ///
    /// Where the schema's classes are `other than X` and `X`, any label other than X is class 0.
    ///
    /// # Errors
    /// When the table cannot be read, or a column of the schema is not in it.
    pub fn open(source: R, name: &str, schema: &Schema, label: LabelUse) -> Result<Self> {
        let with_label = label != LabelUse::None;
        let source = Source::open(source, name)?;
        let wanted = schema
            .columns
            .iter()
            .map(|column| &column.name)
            .chain(with_label.then_some(&schema.label));
        let fits = |line: &HeaderLine, delimiter| {
            let header = Header::parse(line, delimiter, name);
            header.is_ok_and(|header| wanted.clone().all(|name| header.position(name).is_some()))
        };
        let (header, mut records) = Records::open(source, |line, announced| {
            // Names that hold the other delimiters mislead a guess, but not the schema.
            let guess = announced.unwrap_or_else(|| Delimiter::guess(line));
            let mut delimiters = std::iter::once(guess).chain(Delimiter::ALL);
            delimiters.find(|&delimiter| fits(line, delimiter)).unwrap_or(guess)
        })?;
        header.require_all(wanted.clone())?;
        let columns: Vec<_> = schema
            .columns
            .iter()
            .map(|column| Known::new(column, &header))
            .collect::<Result<_>>()?;
        let skips = label == LabelUse::SkipMissing;
        let label = with_label.then(|| Label::new(schema, &header, skips)).transpose()?;
        let inputs = schema.columns.iter().map(Column::width).sum();
        let fields = columns.iter().map(|column| column.field);
        records.want(fields.chain(label.as_ref().map(|label| label.field)))?;
        Ok(Self { records, columns, label, inputs, unlabelled: 0, failed: None })
    }

    /// The next rows, `most` or fewer; none after the last.
    ///
    /// # Errors
    /// When a row cannot be read or holds what the network does not know. The rows before it come first: the error is that of
    /// the call that would begin with it.
    pub fn next_block(&mut self, most: usize) -> Result<Option<Block>> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let mut block = Block { x: Vec::new(), y: self.label.as_ref().map(|_| Vec::new()) };
        let mut rows = 0;
        while rows < most.max(1) {
            match self.take(&mut block) {
                Ok(ControlFlow::Continue(())) => rows += 1,
                Ok(ControlFlow::Break(())) => break,
                Err(error) if rows == 0 => return Err(error),
                Err(error) => {
                    self.failed = Some(error);
                    block.x.truncate(rows * self.inputs);
                    break;
                }
            }
        }
        debug_assert_eq!(block.x.len(), rows * self.inputs, "rows times inputs");
        Ok((rows > 0).then_some(block))
    }

    /// How many rows were passed over so far because they have no label.
    pub fn unlabelled(&self) -> usize {
        self.unlabelled
    }

    /// Appends the next row, and breaks off where there is none. Of a row that is refused, inputs may have been appended.
    fn take(&mut self, block: &mut Block) -> Result<ControlFlow<()>> {
        while let Some(record) = self.records.next()? {
            let label = self.label.as_ref().map(|label| label.take(&record)).transpose()?;
            if label == Some(None) {
                self.unlabelled += 1;
                continue;
            }
            for column in &self.columns {
                column.take(&record, &mut block.x)?;
            }
            if let (Some(label), Some(y)) = (label.flatten(), &mut block.y) {
                y.push(label);
            }
            return Ok(ControlFlow::Continue(()));
        }
        Ok(ControlFlow::Break(()))
    }
}

impl Known {
    fn new(column: &Column, header: &Header) -> Result<Self> {
        let Column { name, categories, missing } = column.clone();
        let field = header.require(&name, &format!("the network takes the column {name:?}"))?;
        let holds = match categories {
            None => Holds::Numbers { missing },
            Some(values) => {
                let places = values.iter().cloned().zip(0..).collect();
                Holds::Categories { values, places }
            }
        };
        Ok(Self { name, field, holds })
    }

    /// Appends the column's inputs.
    fn take(&self, record: &Record<'_>, x: &mut Vec<f64>) -> Result<()> {
        let refused = |message: &str| record.refuse(self.field, &self.name, message);
        match &self.holds {
            Holds::Numbers { missing } => match (record.number(self.field), missing) {
                (Ok(number), _) | (Err(Odd::Missing), &Some(number)) => x.push(number),
                (Err(Odd::Missing), None) => {
                    return Err(refused("a missing value; the network was trained without any"));
                }
                (Err(odd), _) => return Err(refused(odd.accepted())),
            },
            Holds::Categories { values, places } => {
                let field = record.field(self.field);
                let value = text(&field).map_err(|odd| refused(odd.as_category()))?;
                let place = places
                    .get(value)
                    .ok_or_else(|| refused(&format!("not a known category; known: {}", listed(values))))?;
                let start = x.len();
                x.resize(start + values.len(), 0.0);
                x[start + place] = 1.0;
            }
        }
        Ok(())
    }
}

impl Label {
    fn new(schema: &Schema, header: &Header, skips: bool) -> Result<Self> {
        let name = schema.label.clone();
        let field = header.require(&name, &format!("the label is the column {name:?}"))?;
        Ok(Self { name, field, classes: Labels::known(&schema.classes), skips })
    }

    /// The class, or none where the row is to be passed over.
    fn take(&self, record: &Record<'_>) -> Result<Option<u8>> {
        let refused = |message: &str| record.refuse(self.field, &self.name, message);
        let field = record.field(self.field);
        match text(&field) {
            Ok(value) => self.classes.class(value).map(Some).map_err(|message| refused(&message)),
            Err(Odd::Missing) if self.skips => Ok(None),
            Err(Odd::Missing) => {
                Err(refused("a missing label; --skip-unlabelled would leave out the rows that have none"))
            }
            Err(odd) => Err(refused(odd.as_label())),
        }
    }
}
