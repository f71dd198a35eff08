//! Reads the rows of a table one by one, from text or from a Parquet file.

use std::borrow::Cow;
use std::io::Read;

use super::byte_reader::{ByteReader, HeaderLine};
use super::cell::{self, CellError};
use super::cell_splitter::CellSplitter;
use super::delimiter::Delimiter;
use super::header::Header;
use super::messages::quoted;
use super::missing_words::MissingWords;
use super::parquet::ParquetReader;
use super::text_reader::TextReader;
use crate::error::{Error, Result};

/// Reads the rows below the header, one at a time.
pub(super) enum RowReader<R> {
    Text(Box<TextReader<R>>),
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
    Text(&'a CellSplitter),
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
        if bytes.is_parquet() {
            let file = ParquetReader::open(&mut bytes)?;
            let header = Header::new(file.column_names(), None, file.name())?;
            return Ok((header, Self::Parquet(file)));
        }

        let mut line = bytes.header_line()?;
        let declared = Delimiter::declared(&line.text);
        if declared.is_some() {
            line = bytes.header_line()?;
        }
        let delimiter = choose_delimiter(&line, declared);
        let header = Header::parse(&line, delimiter, &bytes.file)?;
        let rows = TextReader::new(bytes, delimiter, &header);
        Ok((header, Self::Text(Box::new(rows))))
    }

    /// Limits the columns that are read from a Parquet file. The other cells of its rows are empty.
    pub fn select_columns(&mut self, indices: impl Iterator<Item = usize>) -> Result<()> {
        match self {
            Self::Text(_) => Ok(()),
            Self::Parquet(file) => file.select_columns(indices.collect()),
        }
    }

    /// Reads the next row. `None` means the end of the table.
    pub fn next(&mut self) -> Result<Option<Row<'_>>> {
        let row = match self {
            Self::Text(rows) => rows.next()?.map(|line| (line, rows.file(), Cells::Text(rows.cells()))),
            Self::Parquet(file) => file.next()?.map(|line| (line, file.name(), Cells::Parquet(file))),
        };
        Ok(row.map(|(line, file, cells)| Row { line, file, cells }))
    }

    /// The number of rows at the end of a text file whose cells are all empty. They are left out.
    pub fn empty_rows(&self) -> usize {
        match self {
            Self::Text(rows) => rows.empty_rows(),
            Self::Parquet(_) => 0,
        }
    }
}

impl<'a> Row<'a> {
    /// The cell of the column at an index, as text.
    pub fn cell(&self, index: usize) -> Cow<'a, [u8]> {
        match self.cells {
            Cells::Text(cells) => Cow::Borrowed(cells.cell(index)),
            Cells::Parquet(file) => file.cell(index),
        }
    }

    /// Whether the cell of the column at an index has no characters but white space.
    pub fn is_blank(&self, index: usize) -> bool {
        std::str::from_utf8(&self.cell(index)).is_ok_and(|cell| cell.trim().is_empty())
    }

    /// The cell of the column at an index, as a number.
    pub fn number(&self, index: usize, missing: &MissingWords) -> Result<f64, CellError> {
        match self.cells {
            Cells::Text(cells) => cell::parse_number(cells.cell(index), missing),
            Cells::Parquet(file) => file.number(index, missing),
        }
    }

    /// The length of a cell's text in bytes. 0 in a Parquet file, which holds most numbers without a text.
    pub fn text_length(&self, index: usize) -> usize {
        match self.cells {
            Cells::Text(cells) => cells.cell(index).len(),
            Cells::Parquet(_) => 0,
        }
    }

    /// The line that a cell starts on. In a Parquet file, the number of the row.
    pub fn line_of(&self, index: usize) -> u64 {
        match self.cells {
            Cells::Text(cells) => self.line + cells.line_ends_before(index),
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
