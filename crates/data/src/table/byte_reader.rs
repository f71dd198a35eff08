//! Reads the bytes of a table through a buffer: decompresses gzip, skips a byte order mark, and counts lines.

use std::io::{self, Chain, Cursor, ErrorKind, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::cell_splitter::count_line_ends;
use super::delimiter::QuoteTracker;
use crate::error::{Error, Result};
use crate::file_kind::{PEEK_BYTES, file_kind};

/// The maximal length of a row and of the header, in bytes.
///
/// A quotation mark that is never closed makes one row of all remaining bytes, which must not fill the memory.
pub(super) const MAX_ROW_BYTES: usize = 1 << 20;

/// The size of the buffer, in bytes.
const BUFFER_BYTES: usize = 1 << 16;

/// The bytes of a table, and the current position in it.
pub(super) struct ByteReader<R> {
    /// The name of the table in messages.
    pub file: String,
    /// The line of the next byte, from 1.
    pub line: u64,
    input: Input<R>,
    buffer: Box<[u8]>,
    /// `buffer[start..end]` is not consumed yet.
    start: usize,
    end: usize,
    /// Whether the last byte was a carriage return that ended a line. A line feed after it ends no further line.
    after_carriage_return: bool,
}

/// The header line of a text file, without its line end.
pub(super) struct HeaderLine {
    pub text: Vec<u8>,
    /// The line in the file, from 1.
    pub number: u64,
}

/// The input, with decompression if it is needed.
enum Input<R> {
    Plain(Peeked<R>),
    Gzip(Box<MultiGzDecoder<Peeked<R>>>),
}

/// An input whose first bytes were already read to recognise gzip: they come first, from memory.
type Peeked<R> = Chain<Cursor<Vec<u8>>, R>;

impl<R: Read> ByteReader<R> {
    /// Reads the first bytes, to recognise gzip and to refuse formats that are not tables.
    pub fn open(mut input: R, file: &str) -> Result<Self> {
        let mut first = Vec::new();
        let peeked = input.by_ref().take(2).read_to_end(&mut first);
        peeked.map_err(Error::file("read", Path::new(file)))?;

        let is_gzip = first == [0x1f, 0x8b];
        let peeked = Cursor::new(first).chain(input);
        let input = if is_gzip {
            Input::Gzip(Box::new(MultiGzDecoder::new(peeked)))
        } else {
            Input::Plain(peeked)
        };
        let mut reader = Self {
            file: file.to_owned(),
            line: 1,
            input,
            buffer: vec![0; BUFFER_BYTES].into_boxed_slice(),
            start: 0,
            end: 0,
            after_carriage_return: false,
        };

        while reader.end < PEEK_BYTES && reader.fill_buffer_from(reader.end)? {}
        if let Some(kind) = file_kind(reader.unconsumed()).filter(|_| !reader.is_parquet()) {
            let advice = kind.advice.unwrap_or("save the table as CSV");
            return Err(reader.table_error(&format!("is {}; {advice}", kind.name)));
        }
        if reader.unconsumed().starts_with(b"\xef\xbb\xbf") {
            reader.start = 3;
        }
        Ok(reader)
    }

    /// Whether the file starts like a Parquet file.
    pub fn is_parquet(&self) -> bool {
        self.unconsumed().starts_with(b"PAR1")
    }

    /// Reads the remaining bytes into memory. If there are more than `max_bytes`, it fails with the message.
    #[cfg(feature = "parquet")]
    pub fn read_all(&mut self, max_bytes: usize, message: &str) -> Result<Vec<u8>> {
        let mut all = Vec::new();
        loop {
            let bytes = self.available()?;
            let count = bytes.len();
            if count == 0 {
                return Ok(all);
            }
            all.extend_from_slice(bytes);
            if all.len() > max_bytes {
                return Err(self.table_error(message));
            }
            self.start += count;
        }
    }

    /// The bytes in the buffer, which is filled when it is empty. No bytes mean the end of the table.
    pub fn available(&mut self) -> Result<&[u8]> {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
            self.fill_buffer_from(0)?;
        }
        Ok(self.unconsumed())
    }

    /// Skips `count` bytes of the buffer, of a row that is on `line` now. `ends_row` says whether a line end is the last of
    /// them. It is not part of `line`.
    pub fn consume(&mut self, count: usize, line: u64, ends_row: bool) {
        debug_assert!(count <= self.end - self.start, "at most the bytes in the buffer");
        self.start += count;
        self.line = line;
        if ends_row {
            self.line += 1;
            self.after_carriage_return = self.buffer[..self.start].ends_with(b"\r");
        }
    }

    /// Skips line ends, and with them empty lines. Returns false at the end of the table.
    pub fn skip_line_ends(&mut self) -> Result<bool> {
        loop {
            let Some(&byte) = self.available()?.first() else {
                return Ok(false);
            };
            match byte {
                b'\n' if self.after_carriage_return => self.after_carriage_return = false,
                b'\n' => self.line += 1,
                b'\r' => (self.line, self.after_carriage_return) = (self.line + 1, true),
                _ => {
                    self.after_carriage_return = false;
                    return Ok(true);
                }
            }
            self.start += 1;
        }
    }

    /// Reads the first line that is not empty. A line end inside quotation marks is part of the line.
    pub fn header_line(&mut self) -> Result<HeaderLine> {
        if !self.skip_line_ends()? {
            return Err(self.table_error("is empty; a header line with the names of the columns is needed"));
        }

        let mut header = HeaderLine { text: Vec::new(), number: self.line };
        let mut quotes = QuoteTracker::new();
        let mut after_carriage_return = false;
        loop {
            let bytes = self.available()?;
            let line_end = bytes
                .iter()
                .position(|&byte| !quotes.advance(byte) && matches!(byte, b'\n' | b'\r'));
            let in_line = &bytes[..line_end.unwrap_or(bytes.len())];
            let (count, lines) = (in_line.len(), count_line_ends(in_line, &mut after_carriage_return));
            header.text.extend_from_slice(in_line);
            if header.text.len() > MAX_ROW_BYTES {
                let what = if quotes.is_open() {
                    "the header, in which a quotation mark is not closed,"
                } else {
                    "the header"
                };
                return Err(too_long_error(format!("{}:{}", self.file, header.number), what));
            }
            self.consume(count, self.line + lines, false);
            if line_end.is_some() || count == 0 {
                return Ok(header);
            }
        }
    }

    /// An error about the table as a whole.
    pub fn table_error(&self, message: &str) -> Error {
        Error::Table { place: self.file.clone(), message: message.to_owned() }
    }

    fn unconsumed(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Reads once into `buffer[start..]`. Returns false at the end of the input.
    fn fill_buffer_from(&mut self, start: usize) -> Result<bool> {
        let is_gzip = matches!(self.input, Input::Gzip(_));
        let buffer = &mut self.buffer[start..];
        let result = loop {
            let result = match &mut self.input {
                Input::Plain(input) => input.read(buffer),
                Input::Gzip(input) => input.read(buffer),
            };
            match result {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => break result,
            }
        };

        match result {
            Ok(count) => self.end = start + count,
            Err(error) if is_gzip && is_data_error(&error) => {
                return Err(self.table_error("the gzip data is damaged or cut short"));
            }
            Err(error) => return Err(Error::file("read", Path::new(&self.file))(error)),
        }
        Ok(self.end > start)
    }
}

/// The error for a row or a header that exceeds [`MAX_ROW_BYTES`].
pub(super) fn too_long_error(place: String, what: &str) -> Error {
    Error::Table { place, message: format!("{what} is longer than 1 MiB") }
}

/// Whether an error of the gzip decoder is about the data and not about reading the file.
fn is_data_error(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof)
}
