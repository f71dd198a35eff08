//! The rows of a table as fields, one row in memory at a time.
//!
//! Leaves out: what the fields mean.

use std::borrow::Cow;
use std::io::Read;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::cell::{self, Odd, shown};
use super::header::{Delimiter, Header};
use super::parquet::Parquet;
use super::source::{HeaderLine, LONGEST, Source, line_feeds, too_long};
use crate::error::{Error, Result};
use crate::text::plural;

/// The rows below the header.
pub(super) struct Records<R> {
    from: Origin<R>,
    /// How many fields a row must have.
    width: usize,
    text: Vec<u8>,
    ends: Vec<usize>,
}

/// Where rows come from.
enum Origin<R> {
    Text { source: Source<R>, parser: Box<Reader> },
    Parquet(Parquet),
}

/// The fields of a row, unquoted.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    /// The line it starts on, or the number of a row that has no lines.
    pub line: u64,
    name: &'a str,
    fields: Fields<'a>,
}

/// What the fields are in.
#[derive(Clone, Copy)]
enum Fields<'a> {
    Text { text: &'a [u8], ends: &'a [usize] },
    Parquet(&'a Parquet),
}

impl<R: Read> Records<R> {
    /// Reads the header; of text, `delimiter` tells by it, and by what a line above it says, what stands between fields.
    ///
    /// # Errors
    /// When there is no header that can be read.
    pub fn open(
        mut source: Source<R>,
        delimiter: impl FnOnce(&HeaderLine, Option<Delimiter>) -> Delimiter,
    ) -> Result<(Header, Self)> {
        let (header, from) = if source.is_parquet() {
            let file = Parquet::open(&mut source)?;
            let header = Header::new(file.names(), &format!("{}:schema", file.name()), file.name())?;
            (header, Origin::Parquet(file))
        } else {
            let mut line = source.header_line()?;
            let announced = Delimiter::announced(&line.text);
            if announced.is_some() {
                line = source.header_line()?;
            }
            let delimiter = delimiter(&line, announced);
            let header = Header::parse(&line, delimiter, &source.name)?;
            let parser = ReaderBuilder::new().delimiter(delimiter.byte()).build();
            (header, Origin::Text { source, parser: Box::new(parser) })
        };
        let width = header.len();
        // One more than is allowed, to see that there are too many.
        Ok((header, Self { from, width, text: vec![0; 1024], ends: vec![0; width + 1] }))
    }

    /// Chooses the fields that are looked at, where others need not be read; they are empty then.
    pub fn want(&mut self, fields: impl Iterator<Item = usize>) -> Result<()> {
        match &mut self.from {
            Origin::Text { .. } => Ok(()),
            Origin::Parquet(file) => file.want(fields.collect()),
        }
    }

    /// The next row; empty lines are none.
    pub fn next(&mut self) -> Result<Option<Record<'_>>> {
        let Self { from, width, text, ends } = self;
        match from {
            Origin::Text { source, parser } => next_line(source, parser, *width, text, ends),
            Origin::Parquet(file) => {
                let Some(line) = file.next()? else { return Ok(None) };
                Ok(Some(Record { line, name: file.name(), fields: Fields::Parquet(file) }))
            }
        }
    }
}

impl<'a> Record<'a> {
    /// A field by its number from 0, as text.
    pub fn field(&self, number: usize) -> Cow<'a, [u8]> {
        match self.fields {
            Fields::Text { text, ends } => Cow::Borrowed(&text[start(ends, number)..ends[number]]),
            Fields::Parquet(file) => file.field(number),
        }
    }

    /// A field's number.
    pub fn number(&self, number: usize) -> Result<f64, Odd> {
        match self.fields {
            Fields::Text { text, ends } => cell::number(&text[start(ends, number)..ends[number]]),
            Fields::Parquet(file) => file.number(number),
        }
    }

    /// The line that a field starts on.
    pub fn line_of(&self, number: usize) -> u64 {
        match self.fields {
            Fields::Text { text, ends } => self.line + line_feeds(&text[..start(ends, number)]),
            Fields::Parquet(_) => self.line,
        }
    }

    /// An error about a field: `people.csv:17:3: age = "abc": must be a number`.
    pub fn refuse(&self, number: usize, column: &str, message: impl AsRef<str>) -> Error {
        refuse(self.name, self.line_of(number), number, column, &shown(&self.field(number)), message.as_ref())
    }
}

/// Where a field starts, when these are the ends.
fn start(ends: &[usize], number: usize) -> usize {
    if number == 0 { 0 } else { ends[number - 1] }
}

/// An error about a field that was seen on a line.
pub(super) fn refuse(name: &str, line: u64, number: usize, column: &str, shown: &str, message: &str) -> Error {
    let place = format!("{name}:{line}:{}", number + 1);
    Error::Table { place, message: format!("{column} = {shown}: {message}") }
}

/// The next row of text, which `text` and `ends` are to hold.
fn next_line<'a, R: Read>(
    source: &'a mut Source<R>,
    parser: &mut Reader,
    width: usize,
    text: &'a mut Vec<u8>,
    ends: &'a mut [usize],
) -> Result<Option<Record<'a>>> {
    if !source.skip_line_ends()? {
        return Ok(None);
    }
    let line = source.line;
    let (mut length, mut fields) = (0, 0);
    loop {
        let feeds = parser.line();
        let input = source.bytes()?;
        let at_end = input.is_empty();
        let (result, taken, written, ended) = parser.read_record(input, &mut text[length..], &mut ends[fields..]);
        let ends_row = matches!(result, ReadRecordResult::Record);
        source.consume(taken, parser.line() - feeds, ends_row);
        length += written;
        fields += ended;
        match result {
            ReadRecordResult::InputEmpty => {}
            ReadRecordResult::OutputFull if text.len() < LONGEST => {
                text.resize((2 * text.len()).min(LONGEST), 0);
            }
            ReadRecordResult::OutputFull => {
                return Err(too_long(format!("{}:{line}", source.name), "the row"));
            }
            ReadRecordResult::OutputEndsFull => fields = width + 1,
            // A line end that ends no row is in quotation marks.
            ReadRecordResult::Record if at_end && matches!(source.last, b'\n' | b'\r') => {
                let line = line + line_feeds(&text[..start(ends, fields - 1)]);
                let message = "the quotation mark that opens on this line is never closed";
                return Err(Error::Table { place: format!("{}:{line}", source.name), message: message.into() });
            }
            ReadRecordResult::Record | ReadRecordResult::End => break,
        }
        if fields > width {
            break;
        }
    }
    if fields != width {
        // Outside of quotation marks a line end would have ended the row.
        let goes_on = text[..length].iter().any(|byte| matches!(byte, b'\n' | b'\r'));
        return Err(ragged(&source.name, line, fields, width, goes_on));
    }
    let fields = Fields::Text { text: &text[..length], ends: &ends[..fields] };
    Ok(Some(Record { line, name: &source.name, fields }))
}

fn ragged(name: &str, line: u64, fields: usize, width: usize, goes_on: bool) -> Error {
    let open = if goes_on {
        "; is a quotation mark left open, which takes in further lines?"
    } else {
        ""
    };
    let message = if fields > width {
        format!("the row has more fields than the header, which has {width}{open}")
    } else {
        format!("the row has {fields} {}, the header has {width}{open}", plural(fields, "field"))
    };
    Error::Table { place: format!("{name}:{line}"), message }
}
