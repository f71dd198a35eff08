//! Reads the rows of a table one by one and splits them into cells.

use std::borrow::Cow;
use std::io::Read;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::byte_reader::{ByteReader, HeaderLine, MAX_ROW_BYTES, count_line_feeds, too_long_error};
use super::cell::{self, CellError};
use super::delimiter::Delimiter;
use super::header::Header;
use super::messages::quoted;
use super::missing_words::MissingWords;
use super::parquet::ParquetReader;
use crate::error::{Error, Result};
use crate::text::plural;

/// Reads the rows below the header, one at a time.
pub(super) struct RowReader<R> {
    source: RowSource<R>,
    /// The number of columns in the header, which every row must have.
    columns: usize,
    /// A buffer for the cells of a row of text, one after the other.
    text: Vec<u8>,
    /// A buffer for the end of each cell in `text`.
    ends: Vec<usize>,
}

/// The file format behind a [`RowReader`].
enum RowSource<R> {
    Text { bytes: ByteReader<R>, parser: Box<Reader> },
    Parquet(ParquetReader),
}

/// The cells of a row, without their quotation marks.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    /// The line that the row starts on. In a Parquet file, the number of the row, from 1.
    pub line: u64,
    file: &'a str,
    cells: Cells<'a>,
}

/// The memory that holds the cells of a row.
#[derive(Clone, Copy)]
enum Cells<'a> {
    Text { text: &'a [u8], ends: &'a [usize] },
    Parquet(&'a ParquetReader),
}

impl<R: Read> RowReader<R> {
    /// Reads the header.
    ///
    /// For text, `choose_delimiter` gets the header line and the delimiter that a line above it declares.
    ///
    /// # Errors
    /// When there is no readable header.
    pub fn open(
        mut bytes: ByteReader<R>,
        choose_delimiter: impl FnOnce(&HeaderLine, Option<Delimiter>) -> Delimiter,
    ) -> Result<(Header, Self)> {
        let (header, source) = if bytes.is_parquet() {
            let file = ParquetReader::open(&mut bytes)?;
            let header = Header::new(file.column_names(), &format!("{}:schema", file.name()), file.name())?;
            (header, RowSource::Parquet(file))
        } else {
            let mut line = bytes.header_line()?;
            let declared = Delimiter::declared(&line.text);
            if declared.is_some() {
                line = bytes.header_line()?;
            }
            let delimiter = choose_delimiter(&line, declared);
            let header = Header::parse(&line, delimiter, &bytes.file)?;
            let parser = Box::new(ReaderBuilder::new().delimiter(delimiter.byte()).build());
            (header, RowSource::Text { bytes, parser })
        };

        let columns = header.len();
        // One end more than there are columns shows that a row has too many cells.
        let ends = vec![0; columns + 1];
        Ok((header, Self { source, columns, text: vec![0; 1024], ends }))
    }

    /// Limits the columns that are read from a Parquet file. The other cells of its rows are empty.
    pub fn select_columns(&mut self, indices: impl Iterator<Item = usize>) -> Result<()> {
        match &mut self.source {
            RowSource::Text { .. } => Ok(()),
            RowSource::Parquet(file) => file.select_columns(indices.collect()),
        }
    }

    /// Reads the next row, and skips empty lines. `None` means the end of the table.
    pub fn next(&mut self) -> Result<Option<Row<'_>>> {
        let Self { source, columns, text, ends } = self;
        match source {
            RowSource::Text { bytes, parser } => next_text_row(bytes, parser, *columns, text, ends),
            RowSource::Parquet(file) => {
                let Some(line) = file.next()? else { return Ok(None) };
                Ok(Some(Row { line, file: file.name(), cells: Cells::Parquet(file) }))
            }
        }
    }
}

impl<'a> Row<'a> {
    /// The cell of the column at an index, as text.
    pub fn cell(&self, index: usize) -> Cow<'a, [u8]> {
        match self.cells {
            Cells::Text { text, ends } => Cow::Borrowed(text_cell(text, ends, index)),
            Cells::Parquet(file) => file.cell(index),
        }
    }

    /// The cell of the column at an index, as a number.
    pub fn number(&self, index: usize, missing: &MissingWords) -> Result<f64, CellError> {
        match self.cells {
            Cells::Text { text, ends } => cell::parse_number(text_cell(text, ends, index), missing),
            Cells::Parquet(file) => file.number(index, missing),
        }
    }

    /// The length of a cell's text in bytes. 0 in a Parquet file, which holds most numbers without a text.
    pub fn text_length(&self, index: usize) -> usize {
        match self.cells {
            Cells::Text { ends, .. } => ends[index] - start(ends, index),
            Cells::Parquet(_) => 0,
        }
    }

    /// The line that a cell starts on. In a Parquet file, the number of the row.
    pub fn line_of(&self, index: usize) -> u64 {
        match self.cells {
            Cells::Text { text, ends } => self.line + count_line_feeds(&text[..start(ends, index)]),
            Cells::Parquet(_) => self.line,
        }
    }

    /// An error about a cell, such as `people.csv:17:3: age = "abc": must be a number`.
    pub fn error(&self, index: usize, column: &str, message: impl AsRef<str>) -> Error {
        cell_error(self.file, self.line_of(index), index, column, &quoted(&self.cell(index)), message.as_ref())
    }
}

/// An error about a cell of an earlier row, whose content is already quoted.
pub(super) fn cell_error(file: &str, line: u64, index: usize, column: &str, quoted: &str, message: &str) -> Error {
    Error::Table {
        place: format!("{file}:{line}:{}", index + 1),
        message: format!("{column} = {quoted}: {message}"),
    }
}

fn text_cell<'a>(text: &'a [u8], ends: &[usize], index: usize) -> &'a [u8] {
    &text[start(ends, index)..ends[index]]
}

/// The start of a cell: the end of the one before.
fn start(ends: &[usize], index: usize) -> usize {
    if index == 0 { 0 } else { ends[index - 1] }
}

/// Reads the next row of a text file into `text` and `ends`.
fn next_text_row<'a, R: Read>(
    bytes: &'a mut ByteReader<R>,
    parser: &mut Reader,
    columns: usize,
    text: &'a mut Vec<u8>,
    ends: &'a mut [usize],
) -> Result<Option<Row<'a>>> {
    if !bytes.skip_line_ends()? {
        return Ok(None);
    }

    let line = bytes.line;
    let (mut text_length, mut cells) = (0, 0);
    loop {
        let parser_line = parser.line();
        let input = bytes.available()?;
        let at_end = input.is_empty();
        let (result, bytes_read, bytes_written, cells_ended) =
            parser.read_record(input, &mut text[text_length..], &mut ends[cells..]);
        let ends_row = matches!(result, ReadRecordResult::Record);
        bytes.consume(bytes_read, parser.line() - parser_line, ends_row);
        text_length += bytes_written;
        cells += cells_ended;

        match result {
            ReadRecordResult::InputEmpty => {}
            ReadRecordResult::OutputFull if text.len() < MAX_ROW_BYTES => {
                text.resize((2 * text.len()).min(MAX_ROW_BYTES), 0);
            }
            ReadRecordResult::OutputFull => {
                return Err(too_long_error(format!("{}:{line}", bytes.file), "the row"));
            }
            ReadRecordResult::OutputEndsFull => cells = columns + 1,
            // The file ends with a line end that did not end the row, so it is inside quotation marks.
            ReadRecordResult::Record if at_end && matches!(bytes.last_byte, b'\n' | b'\r') => {
                let line = line + count_line_feeds(&text[..start(ends, cells - 1)]);
                let message = "the quotation mark that opens on this line is never closed";
                return Err(Error::Table { place: format!("{}:{line}", bytes.file), message: message.into() });
            }
            ReadRecordResult::Record | ReadRecordResult::End => break,
        }
        if cells > columns {
            break;
        }
    }

    if cells != columns {
        // A line end outside of quotation marks would have ended the row.
        let has_line_end = text[..text_length].iter().any(|byte| matches!(byte, b'\n' | b'\r'));
        return Err(column_count_error(&bytes.file, line, cells, columns, has_line_end));
    }
    let cells = Cells::Text { text: &text[..text_length], ends: &ends[..cells] };
    Ok(Some(Row { line, file: &bytes.file, cells }))
}

/// The error for a row with more or fewer cells than the header has.
fn column_count_error(file: &str, line: u64, cells: usize, columns: usize, has_line_end: bool) -> Error {
    let quote_hint = if has_line_end {
        "; perhaps a quotation mark is not closed, so that the next lines belong to this field"
    } else {
        ""
    };
    let message = if cells > columns {
        format!("the row has more fields than the header, which has {columns}{quote_hint}")
    } else {
        format!("the row has {cells} {}, the header has {columns}{quote_hint}", plural(cells, "field"))
    };
    Error::Table { place: format!("{file}:{line}"), message }
}
