//! Splits a row of text into cells, and removes their quotation marks.
//!
//! The rules are those of RFC 4180, with one addition: blanks around a quoted cell are not part of it.
//! - A quotation mark at the start of a cell opens quoted text, which may contain delimiters and line ends.
//! - Two marks in quoted text stand for one. A backslash means nothing.
//! - After the closing mark, only a delimiter or a line end may follow. Other text is an error: usually a mark inside the
//!   text was not doubled, and the rows below it would become part of the cell.
//! - Elsewhere, as in `5" pipe`, a quotation mark is a character as any other.
//!
//! The crate `csv-core` is not used, because it accepts text after a closing mark.

use memchr::{memchr, memchr3};

use super::likeness::is_invisible;
use crate::error::Error;

/// Splits rows, which arrive in pieces.
pub(super) struct CellSplitter {
    delimiter: u8,
    /// One cell more than this ends a row early.
    max_cells: usize,
    state: State,
    /// The current line in the file, from 1.
    line: u64,
    after_carriage_return: bool,
    /// The cells of the row, one after the other.
    text: Vec<u8>,
    /// The end of each cell in `text`.
    ends: Vec<usize>,
    /// The last quotation mark of the row that opened.
    last_opening: Option<Position>,
    /// The first quoted cell of the row that continues on another line: where it opens, and on which line it closes.
    multi_line: Option<(Position, u64)>,
}

/// The position of the next byte in a cell.
#[derive(Clone, Copy, PartialEq)]
enum State {
    /// At the start of a cell, or behind blanks there.
    Start,
    Unquoted,
    Quoted,
    /// Directly behind a quotation mark that closes quoted text, or is the first of two.
    Closed,
    /// Behind blanks that follow a closing quotation mark.
    BlankAfterClosed,
}

/// The line of a cell in the file, and its index in the row.
#[derive(Clone, Copy)]
struct Position {
    line: u64,
    index: usize,
}

/// A wrong quotation mark.
pub(super) struct QuoteFault {
    opening: Position,
    message: String,
}

impl QuoteFault {
    /// The error, with the cell's place.
    pub fn error(self, file: &str) -> Error {
        let Position { line, index } = self.opening;
        Error::Table { place: format!("{file}:{line}:{}", index + 1), message: self.message }
    }
}

impl CellSplitter {
    pub fn new(delimiter: u8, max_cells: usize) -> Self {
        Self {
            delimiter,
            max_cells,
            state: State::Start,
            line: 1,
            after_carriage_return: false,
            text: Vec::new(),
            ends: Vec::new(),
            last_opening: None,
            multi_line: None,
        }
    }

    /// Starts a row on a line of the file.
    pub fn start_row(&mut self, line: u64) {
        self.state = State::Start;
        self.line = line;
        self.text.clear();
        self.ends.clear();
        (self.last_opening, self.multi_line) = (None, None);
    }

    /// Reads the next bytes of the row. Returns how many belong to it, and whether it ended: by a line end, which is then
    /// the last of these bytes, or because it has more than `max_cells` cells.
    ///
    /// # Errors
    /// When text follows a closing quotation mark, or when white space other than blanks stands before an opening one.
    pub fn split(&mut self, bytes: &[u8]) -> Result<(usize, bool), QuoteFault> {
        let mut position = 0;
        while let Some(&byte) = bytes.get(position) {
            let rest = &bytes[position..];
            match self.state {
                State::Start if byte == b'"' => {
                    self.text.truncate(self.cell_start());
                    self.last_opening = Some(Position { line: self.line, index: self.ends.len() });
                    (self.state, self.after_carriage_return) = (State::Quoted, false);
                    position += 1;
                }
                State::Start if self.is_blank(byte) => {
                    self.text.push(byte);
                    position += 1;
                }
                State::Start | State::Unquoted => {
                    let end = memchr3(self.delimiter, b'\n', b'\r', rest);
                    let length = end.unwrap_or(rest.len());
                    self.text.extend_from_slice(&rest[..length]);
                    position += length;
                    self.state = State::Unquoted;
                    if end.is_some() {
                        self.check_start()?;
                        position += 1;
                        if self.end_cell(rest[length]) {
                            return Ok((position, true));
                        }
                    }
                }
                State::Quoted => {
                    let end = memchr(b'"', rest);
                    let text = &rest[..end.unwrap_or(rest.len())];
                    self.text.extend_from_slice(text);
                    self.line += count_line_ends(text, &mut self.after_carriage_return);
                    position += text.len();
                    if end.is_some() {
                        position += 1;
                        self.state = State::Closed;
                    }
                }
                State::Closed if byte == b'"' => {
                    self.text.push(byte);
                    (self.state, self.after_carriage_return) = (State::Quoted, false);
                    position += 1;
                }
                State::Closed | State::BlankAfterClosed => {
                    position += 1;
                    if byte == self.delimiter || matches!(byte, b'\n' | b'\r') {
                        self.note_multi_line();
                        if self.end_cell(byte) {
                            return Ok((position, true));
                        }
                    } else if self.is_blank(byte) {
                        self.state = State::BlankAfterClosed;
                    } else {
                        return Err(self.text_after_closing_mark());
                    }
                }
            }
        }
        Ok((position, false))
    }

    /// Ends the row at the end of the table.
    ///
    /// # Errors
    /// When a quotation mark is not closed, or has white space other than blanks before it.
    pub fn end_of_table(&mut self) -> Result<(), QuoteFault> {
        if let Some(fault) = self.open_mark("is never closed") {
            return Err(fault);
        }
        if self.state == State::Unquoted {
            self.check_start()?;
        }
        self.note_multi_line();
        self.ends.push(self.text.len());
        Ok(())
    }

    /// If the row is inside quotation marks, the fault that the mark is not closed.
    pub fn open_mark(&self, problem: &str) -> Option<QuoteFault> {
        let opening = self.last_opening.filter(|_| self.state == State::Quoted)?;
        Some(QuoteFault { opening, message: format!("the quotation mark that opens here {problem}") })
    }

    /// A hint for a message about the number of cells: a mark that closes on another line may belong to another cell.
    pub fn multi_line_hint(&self) -> String {
        self.multi_line.map_or_else(String::new, |(Position { line, index }, closing_line)| {
            format!(
                "; the quotation mark that opens on line {line} in column {} closes on line {closing_line}: is one missing?",
                index + 1
            )
        })
    }

    /// Whether every cell is empty or blank. A single quoted cell counts as a missing value, not as an empty row.
    pub fn is_empty_row(&self) -> bool {
        let is_blank = |cell: &[u8]| std::str::from_utf8(cell).is_ok_and(|cell| cell.trim().is_empty());
        (0..self.count()).all(|index| is_blank(self.cell(index))) && (self.max_cells > 1 || self.last_opening.is_none())
    }

    /// The line of the next byte.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The number of bytes in all cells.
    pub fn text_len(&self) -> usize {
        self.text.len()
    }

    /// The number of cells that ended.
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// The cell at an index. Behind the last one, cells are empty.
    pub fn cell(&self, index: usize) -> &[u8] {
        let end = |index: usize| self.ends.get(index).copied().unwrap_or(self.text.len());
        &self.text[if index == 0 { 0 } else { end(index - 1) }..end(index)]
    }

    /// The number of line ends in the cells before an index.
    pub fn line_ends_before(&self, index: usize) -> u64 {
        (0..index).map(|index| count_line_ends(self.cell(index), &mut false)).sum()
    }

    /// Refuses a cell without quoted text that has white space and then a quotation mark, such as `\u{a0}"Rome"`. Its author
    /// took the white space for a blank.
    fn check_start(&self) -> Result<(), QuoteFault> {
        let cell = &self.text[self.cell_start()..];
        if cell.first().is_none_or(u8::is_ascii_graphic) {
            return Ok(());
        }
        let is_space = |c: char| c.is_whitespace() || is_invisible(c);
        let space = match std::str::from_utf8(cell).map(|cell| cell.split_once('"')) {
            Ok(Some((space, _))) if space.chars().all(is_space) => space.trim_matches(' ').escape_unicode(),
            _ => return Ok(()),
        };
        let message = format!("white space other than blanks, {space}, stands before the quotation mark; remove it");
        Err(QuoteFault { opening: Position { line: self.line, index: self.ends.len() }, message })
    }

    /// Ends a cell. Returns whether the row ends, too.
    fn end_cell(&mut self, byte: u8) -> bool {
        self.ends.push(self.text.len());
        self.state = State::Start;
        byte != self.delimiter || self.ends.len() > self.max_cells
    }

    fn cell_start(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    fn is_blank(&self, byte: u8) -> bool {
        matches!(byte, b' ' | b'\t') && byte != self.delimiter
    }

    fn note_multi_line(&mut self) {
        if self.multi_line.is_none() {
            self.multi_line = self
                .last_opening
                .filter(|opening| opening.line < self.line)
                .map(|opening| (opening, self.line));
        }
    }

    fn text_after_closing_mark(&self) -> QuoteFault {
        let opening = self
            .last_opening
            .unwrap_or(Position { line: self.line, index: self.ends.len() });
        let on_line = if opening.line < self.line {
            format!(" on line {}", self.line)
        } else {
            String::new()
        };
        let message = format!(
            "text follows the closing quotation mark{on_line}; a quotation mark inside quoted text must be written twice, \
             \"\", and a backslash before it does not help"
        );
        QuoteFault { opening, message }
    }
}

/// Counts line ends as editors do: CRLF, LF and CR. `after_carriage_return` says whether the byte before was a CR, and then
/// whether the last byte is one.
pub(super) fn count_line_ends(bytes: &[u8], after_carriage_return: &mut bool) -> u64 {
    let mut line_ends = 0;
    for &byte in bytes {
        line_ends += u64::from(byte == b'\r' || byte == b'\n' && !*after_carriage_return);
        *after_carriage_return = byte == b'\r';
    }
    line_ends
}
