//! Reads the rows of a text file.

use std::io::Read;

use super::byte_reader::{ByteReader, MAX_ROW_BYTES, too_long_error};
use super::cell_splitter::CellSplitter;
use super::delimiter::Delimiter;
use super::header::Header;
use crate::error::{Error, Result};
use crate::text::plural;

/// A text file, and the current row in it.
pub(super) struct TextReader<R> {
    bytes: ByteReader<R>,
    splitter: CellSplitter,
    /// The number of columns in the header.
    columns: usize,
    /// The minimal number of cells of a row: cells of columns without a name may be absent at its end.
    min_cells: usize,
    /// The line that the row starts on.
    line: u64,
    empty_rows: usize,
    /// The first of the empty rows after the last row with values.
    first_empty_row: Option<u64>,
}

impl<R: Read> TextReader<R> {
    /// Reads the rows below the header.
    pub fn new(bytes: ByteReader<R>, delimiter: Delimiter, header: &Header) -> Self {
        let columns = header.len();
        Self {
            bytes,
            splitter: CellSplitter::new(delimiter.byte(), columns),
            columns,
            min_cells: header.len_without_nameless_end(),
            line: 0,
            empty_rows: 0,
            first_empty_row: None,
        }
    }

    /// Reads the next row, and returns its line. Empty lines are skipped, and empty rows at the end of the table.
    pub fn next(&mut self) -> Result<Option<u64>> {
        while self.read_row()? {
            if self.splitter.count() <= self.columns && self.splitter.is_empty_row() {
                self.empty_rows += 1;
                self.first_empty_row.get_or_insert(self.line);
                continue;
            }
            if let Some(line) = self.first_empty_row {
                let message = format!(
                    "the row is empty, but line {} has values; delete the empty row, or write NA for each missing value",
                    self.line
                );
                return Err(self.error(line, message));
            }

            let cells = self.splitter.count();
            if !(self.min_cells..=self.columns).contains(&cells) {
                return Err(self.cell_count_error(cells));
            }
            return Ok(Some(self.line));
        }
        Ok(None)
    }

    /// The name of the table in messages.
    pub fn file(&self) -> &str {
        &self.bytes.file
    }

    /// The cells of the row.
    pub fn cells(&self) -> &CellSplitter {
        &self.splitter
    }

    /// The number of empty rows so far.
    pub fn empty_rows(&self) -> usize {
        self.empty_rows
    }

    /// Reads a row. Returns false at the end of the table.
    fn read_row(&mut self) -> Result<bool> {
        let Self { bytes, splitter, .. } = self;
        if !bytes.skip_line_ends()? {
            return Ok(false);
        }
        self.line = bytes.line;
        splitter.start_row(bytes.line);
        loop {
            let input = bytes.available()?;
            if input.is_empty() {
                splitter.end_of_table().map_err(|fault| fault.error(&bytes.file))?;
                return Ok(true);
            }
            let (count, row_ended) = splitter.split(input).map_err(|fault| fault.error(&bytes.file))?;
            bytes.consume(count, splitter.line(), row_ended);
            if row_ended {
                return Ok(true);
            }
            if splitter.text_len() > MAX_ROW_BYTES {
                return Err(match splitter.open_mark("is not closed within 1 MiB") {
                    Some(fault) => fault.error(&bytes.file),
                    None => too_long_error(format!("{}:{}", bytes.file, self.line), "the row"),
                });
            }
        }
    }

    /// The error for a row with more or fewer cells than the header has.
    fn cell_count_error(&self, cells: usize) -> Error {
        let (columns, hint) = (self.columns, self.splitter.multi_line_hint());
        let message = if cells > columns {
            format!("the row has more fields than the header, which has {columns}{hint}")
        } else {
            format!("the row has {cells} {}, the header has {columns}{hint}", plural(cells, "field"))
        };
        self.error(self.line, message)
    }

    fn error(&self, line: u64, message: String) -> Error {
        Error::Table { place: format!("{}:{line}", self.bytes.file), message }
    }
}
