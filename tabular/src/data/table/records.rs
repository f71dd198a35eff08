//! The rows of a table as fields, one row in memory at a time.
//!
//! Leaves out: what the fields mean.

use std::io::Read;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::cell::shown;
use super::header::Delimiter;
use super::source::{LONGEST, Source, line_feeds, too_long};
use crate::error::{Error, Result};
use crate::text::plural;

/// The rows below the header.
pub(super) struct Records<R> {
    source: Source<R>,
    parser: Reader,
    /// How many fields a row must have.
    width: usize,
    text: Vec<u8>,
    ends: Vec<usize>,
}

/// The fields of a row, unquoted.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    /// The line it starts on.
    pub line: u64,
    name: &'a str,
    text: &'a [u8],
    ends: &'a [usize],
}

impl<R: Read> Records<R> {
    /// What follows the header, in rows of `width` fields.
    pub fn new(source: Source<R>, delimiter: Delimiter, width: usize) -> Self {
        let parser = ReaderBuilder::new().delimiter(delimiter.byte()).build();
        // One more than is allowed, to see that there are too many.
        Self { source, parser, width, text: vec![0; 1024], ends: vec![0; width + 1] }
    }

    /// What messages call the table.
    pub fn name(&self) -> &str {
        &self.source.name
    }

    /// The next row; empty lines are none.
    pub fn next(&mut self) -> Result<Option<Record<'_>>> {
        if !self.source.skip_line_ends()? {
            return Ok(None);
        }
        let line = self.source.line;
        let (mut length, mut fields) = (0, 0);
        loop {
            let feeds = self.parser.line();
            let input = self.source.bytes()?;
            let (result, taken, written, ended) =
                self.parser.read_record(input, &mut self.text[length..], &mut self.ends[fields..]);
            let ends_row = matches!(result, ReadRecordResult::Record);
            self.source.consume(taken, self.parser.line() - feeds, ends_row);
            length += written;
            fields += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.text.len() < LONGEST => {
                    self.text.resize((2 * self.text.len()).min(LONGEST), 0);
                }
                ReadRecordResult::OutputFull => {
                    return Err(too_long(format!("{}:{line}", self.name()), "the row"));
                }
                ReadRecordResult::OutputEndsFull => fields = self.width + 1,
                ReadRecordResult::Record | ReadRecordResult::End => break,
            }
            if fields > self.width {
                break;
            }
        }
        if fields != self.width {
            return Err(self.ragged(line, fields));
        }
        Ok(Some(Record { line, name: &self.source.name, text: &self.text[..length], ends: &self.ends[..fields] }))
    }

    fn ragged(&self, line: u64, fields: usize) -> Error {
        let message = if fields > self.width {
            format!("the row has more fields than the header, which has {}", self.width)
        } else {
            format!("the row has {fields} {}, the header has {}", plural(fields, "field"), self.width)
        };
        Error::Table { place: format!("{}:{line}", self.name()), message }
    }
}

impl<'a> Record<'a> {
    /// A field by its number from 0.
    pub fn field(&self, number: usize) -> &'a [u8] {
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.text[start..self.ends[number]]
    }

    /// The line that a field starts on.
    pub fn line_of(&self, number: usize) -> u64 {
        self.line + if number == 0 { 0 } else { line_feeds(&self.text[..self.ends[number - 1]]) }
    }

    /// An error about a field: `people.csv:17:3: age = "abc": must be a number`.
    pub fn refuse(&self, number: usize, column: &str, message: impl AsRef<str>) -> Error {
        refuse(self.name, self.line_of(number), number, column, &shown(self.field(number)), message.as_ref())
    }
}

/// An error about a field that was seen on a line.
pub(super) fn refuse(name: &str, line: u64, number: usize, column: &str, shown: &str, message: &str) -> Error {
    let place = format!("{name}:{line}:{}", number + 1);
    Error::Table { place, message: format!("{column} = {shown}: {message}") }
}
