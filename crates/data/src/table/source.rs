//! The bytes of a table: unpacked, without a byte order mark, from a buffer, with lines counted.
//!
//! Leaves out: fields. They are found by [`super::records`].

use std::io::{self, Chain, Cursor, ErrorKind, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::error::{Error, Result};

/// The longest row, and the longest header, in bytes. A quotation mark that is never closed makes a row of all the rest,
/// which must not be held in memory.
pub(super) const LONGEST: usize = 1 << 20;

/// What is read at once, in bytes.
const BUFFER: usize = 1 << 16;

/// Bytes to read, and where in the table they are.
pub(super) struct Source<R> {
    /// What messages call the table.
    pub name: String,
    /// The line that the next byte is on, from 1.
    pub line: u64,
    bytes: Bytes<R>,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    /// The last byte left behind by [`Self::consume`].
    pub last: u8,
    /// Whether the last byte was a carriage return that ended a line: a line feed after it ends no other.
    returned: bool,
}

/// The header as it stands in the file, without the end of its line.
pub(super) struct HeaderLine {
    pub text: Vec<u8>,
    pub line: u64,
}

/// The bytes given, or what they are compressed from.
enum Bytes<R> {
    Plain(Peeked<R>),
    Gzip(Box<MultiGzDecoder<Peeked<R>>>),
}

/// Bytes of which the first were looked at.
type Peeked<R> = Chain<Cursor<Vec<u8>>, R>;

impl<R: Read> Source<R> {
    /// Looks at the first bytes: what is compressed, and what is no text?
    pub fn open(mut bytes: R, name: &str) -> Result<Self> {
        let mut first = Vec::new();
        let looked = bytes.by_ref().take(2).read_to_end(&mut first);
        looked.map_err(Error::file("read", Path::new(name)))?;
        let gzip = first == [0x1f, 0x8b];
        let peeked = Cursor::new(first).chain(bytes);
        let bytes = if gzip {
            Bytes::Gzip(Box::new(MultiGzDecoder::new(peeked)))
        } else {
            Bytes::Plain(peeked)
        };
        let buffer = vec![0; BUFFER].into_boxed_slice();
        let mut source =
            Self { name: name.to_owned(), line: 1, bytes, buffer, start: 0, end: 0, last: 0, returned: false };
        while source.end < 4 && source.fill_from(source.end)? {}
        match source.rest() {
            [0xef, 0xbb, 0xbf, ..] => source.start = 3,
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Err(source.refuse("is UTF-16 text; save it as UTF-8")),
            [b'P', b'K', 3, 4, ..] => {
                return Err(source.refuse("is a zip archive or a spreadsheet; save the table as CSV"));
            }
            _ => {}
        }
        Ok(source)
    }

    /// Whether it is no text but a Parquet file.
    pub fn is_parquet(&self) -> bool {
        self.rest().starts_with(b"PAR1")
    }

    /// All that is left, `most` bytes or fewer; more are refused by the message.
    #[cfg(feature = "parquet")]
    pub fn all(&mut self, most: usize, message: &str) -> Result<Vec<u8>> {
        let mut all = Vec::new();
        loop {
            let bytes = self.bytes()?;
            let count = bytes.len();
            if count == 0 {
                return Ok(all);
            }
            all.extend_from_slice(bytes);
            if all.len() > most {
                return Err(self.refuse(message));
            }
            self.start += count;
        }
    }

    /// The bytes at hand; none at the end of the table.
    pub fn bytes(&mut self) -> Result<&[u8]> {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
            self.fill_from(0)?;
        }
        Ok(self.rest())
    }

    /// Leaves bytes behind, with `lines` line feeds among them, where the last may end a row.
    pub fn consume(&mut self, count: usize, lines: u64, ends_row: bool) {
        debug_assert!(count <= self.end - self.start, "at most the bytes at hand");
        self.start += count;
        self.line += lines;
        if let Some(&last) = self.buffer[..self.start].last().filter(|_| count > 0) {
            (self.last, self.returned) = (last, false);
            if ends_row {
                self.returned_by(last);
            }
        }
    }

    /// Leaves line ends behind, and so empty lines; false at the end of the table.
    pub fn skip_line_ends(&mut self) -> Result<bool> {
        loop {
            let Some(&byte) = self.bytes()?.first() else {
                return Ok(false);
            };
            match byte {
                b'\n' if self.returned => self.returned = false,
                b'\n' => self.line += 1,
                b'\r' => self.returned_by(byte),
                _ => return Ok(true),
            }
            self.start += 1;
        }
    }

    /// The first line that is not empty; a line ends outside of quotation marks.
    pub fn header_line(&mut self) -> Result<HeaderLine> {
        if !self.skip_line_ends()? {
            return Err(self.refuse("is empty; a header line with the names of the columns is needed"));
        }
        let mut header = HeaderLine { text: Vec::new(), line: self.line };
        let mut quotes = Quotes::new();
        loop {
            let bytes = self.bytes()?;
            let ends = bytes
                .iter()
                .position(|&byte| !quotes.holds(byte) && matches!(byte, b'\n' | b'\r'));
            let taken = &bytes[..ends.unwrap_or(bytes.len())];
            let (count, lines) = (taken.len(), line_feeds(taken));
            header.text.extend_from_slice(taken);
            if header.text.len() > LONGEST {
                let place = format!("{}:{}", self.name, header.line);
                return Err(too_long(place, "the header"));
            }
            self.consume(count, lines, false);
            if ends.is_some() || count == 0 {
                return Ok(header);
            }
        }
    }

    /// An error about the table as a whole.
    pub fn refuse(&self, message: &str) -> Error {
        Error::Table { place: self.name.clone(), message: message.to_owned() }
    }

    fn rest(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Reads once into the buffer from `at`; false at the end of the data.
    fn fill_from(&mut self, at: usize) -> Result<bool> {
        let (buffer, gzip) = (&mut self.buffer[at..], matches!(self.bytes, Bytes::Gzip(_)));
        let read = loop {
            let read = match &mut self.bytes {
                Bytes::Plain(bytes) => bytes.read(buffer),
                Bytes::Gzip(bytes) => bytes.read(buffer),
            };
            match read {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        match read {
            Ok(count) => self.end = at + count,
            Err(error) if gzip && is_damage(&error) => {
                return Err(self.refuse("the gzip data is damaged or cut short"));
            }
            Err(error) => return Err(Error::file("read", Path::new(&self.name))(error)),
        }
        Ok(self.end > at)
    }

    fn returned_by(&mut self, byte: u8) {
        if byte == b'\r' {
            self.returned = true;
            self.line += 1;
        }
    }
}

/// Whether a byte is within quotation marks, which open at the start of a field only.
pub(super) struct Quotes {
    open: bool,
    /// Whether a mark would open here: a field starts, or a mark has just closed and is meant as one of two in the field.
    opens: bool,
}

impl Quotes {
    /// At the start of a line.
    pub fn new() -> Self {
        Self { open: false, opens: true }
    }

    /// Goes on by a byte; true where it is quoted.
    pub fn holds(&mut self, byte: u8) -> bool {
        let closes = self.open && byte == b'"';
        self.open = if byte == b'"' { !self.open && self.opens } else { self.open };
        self.opens = closes || matches!(byte, b',' | b';' | b'\t');
        self.open
    }
}

/// The error for what exceeds [`LONGEST`].
pub(super) fn too_long(place: String, what: &str) -> Error {
    Error::Table { place, message: format!("{what} is longer than 1 MiB; is a quotation mark left open?") }
}

/// How many line feeds there are.
pub(super) fn line_feeds(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&byte| byte == b'\n').count() as u64
}

/// Whether an error of the decoder is about the data, and not about reading them.
fn is_damage(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof)
}
