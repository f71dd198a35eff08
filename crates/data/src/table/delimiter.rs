//! The character between the cells of a row, and quotation marks, in which it does not separate.

use serde::{Deserialize, Serialize};

/// The character that separates the cells of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// The tab character.
    Tab,
}

impl Delimiter {
    /// All delimiters. [`Self::guess`] prefers the earlier of two that are equally frequent.
    pub(super) const ALL: [Self; 3] = [Self::Comma, Self::Semicolon, Self::Tab];

    /// The character as a byte.
    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }

    /// The delimiter that Excel declares in a line above the header, such as `sep=;`.
    pub(super) fn declared(line: &[u8]) -> Option<Self> {
        let (key, value) = line.split_at_checked(4)?;
        if !key.eq_ignore_ascii_case(b"sep=") {
            return None;
        }
        Self::ALL.into_iter().find(|delimiter| value == [delimiter.byte()])
    }

    /// Guesses the delimiter: the most frequent one in the header line, outside of quotation marks.
    pub(super) fn guess(header_line: &[u8]) -> Self {
        let mut quotes = QuoteTracker::new();
        let unquoted: Vec<u8> = header_line.iter().copied().filter(|&byte| !quotes.advance(byte)).collect();
        let count = |delimiter: Self| unquoted.iter().filter(|&&byte| byte == delimiter.byte()).count();
        // `max_by_key` returns the last of equal maxima: reversed, the first of `ALL`.
        Self::ALL
            .into_iter()
            .rev()
            .max_by_key(|&delimiter| count(delimiter))
            .unwrap_or(Self::Comma)
    }
}

/// Tracks which bytes of a line are inside quotation marks, before its delimiter is known. They open at the start of a cell
/// only, or behind blanks there.
pub(super) struct QuoteTracker {
    is_open: bool,
    /// Whether a quotation mark would open here. This is so at the start of a cell, and directly after a closing mark:
    /// two marks in a row stand for one mark in the cell.
    can_open: bool,
}

impl QuoteTracker {
    /// Starts at the beginning of a line.
    pub fn new() -> Self {
        Self { is_open: false, can_open: true }
    }

    /// Whether a quotation mark is open.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Reads the next byte. Returns whether it is inside quotation marks.
    pub fn advance(&mut self, byte: u8) -> bool {
        let closes = self.is_open && byte == b'"';
        if byte == b'"' {
            self.is_open = !self.is_open && self.can_open;
        }
        self.can_open = closes || matches!(byte, b',' | b';' | b'\t') || self.can_open && byte == b' ';
        self.is_open
    }
}
