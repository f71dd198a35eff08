//! The names of a table's columns, and what stands between its fields.
//!
//! Leaves out: the rows.

use std::collections::HashMap;

use csv_core::ReaderBuilder;
use serde::{Deserialize, Serialize};

use super::cell::shown;
use super::source::{HeaderLine, Quotes};
use crate::error::{Error, Result};
use crate::text::grouped;

/// What stands between the fields of a row.
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

/// The columns of a table by name.
pub(super) struct Header {
    file: String,
    /// Where the names are, in messages.
    place: String,
    names: Vec<String>,
    positions: HashMap<String, usize>,
}

impl Delimiter {
    /// Every delimiter; a guess takes the earlier of two that are equally frequent.
    pub(super) const ALL: [Self; 3] = [Self::Comma, Self::Semicolon, Self::Tab];

    /// The character.
    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }

    /// What a line above the header says, as Excel writes it: `sep=;`.
    pub(super) fn announced(line: &[u8]) -> Option<Self> {
        let (key, value) = line.split_at_checked(4)?;
        let named = |delimiter: &Self| key.eq_ignore_ascii_case(b"sep=") && value == [delimiter.byte()];
        Self::ALL.into_iter().find(named)
    }

    /// The most frequent in the header, outside of quotation marks.
    pub(super) fn guess(header: &HeaderLine) -> Self {
        let mut quotes = Quotes::new();
        let bare: Vec<u8> = header.text.iter().copied().filter(|&byte| !quotes.holds(byte)).collect();
        let count = |delimiter: Self| bare.iter().filter(|&&byte| byte == delimiter.byte()).count();
        Self::ALL
            .into_iter()
            .rev()
            .max_by_key(|&delimiter| count(delimiter))
            .unwrap_or(Self::Comma)
    }
}

impl Header {
    /// Splits the line.
    ///
    /// # Errors
    /// As for [`Self::new`], and when the line is no row.
    pub fn parse(line: &HeaderLine, delimiter: Delimiter, file: &str) -> Result<Self> {
        let fields = split(&line.text, delimiter).ok_or_else(|| Error::Table {
            place: format!("{file}:{}", line.line),
            message: "a quotation mark in the header opens where no field starts".into(),
        })?;
        Self::new(fields, &format!("{file}:{}", line.line), file)
    }

    /// Takes the names; `place` is where they are, in messages.
    ///
    /// # Errors
    /// When a name is not UTF-8 or there twice, no name among them.
    pub fn new(fields: Vec<Vec<u8>>, place: &str, file: &str) -> Result<Self> {
        let mut names: Vec<String> = Vec::new();
        let mut positions = HashMap::new();
        for (number, field) in fields.into_iter().enumerate() {
            let refuse = |message: String| Error::Table { place: format!("{place}:{}", number + 1), message };
            let name = String::from_utf8(field)
                .map_err(|error| refuse(format!("the column's name {} must be UTF-8 text", shown(error.as_bytes()))))?;
            let name = name.trim();
            if positions.insert(name.to_owned(), number).is_some() {
                return Err(refuse(match name {
                    "" => "a second column has no name; the header must name every column but one".into(),
                    _ => format!("two columns are called {name:?}; names must differ"),
                }));
            }
            names.push(name.to_owned());
        }
        Ok(Self { file: file.to_owned(), place: place.to_owned(), names, positions })
    }

    /// How many columns there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// The name of a column.
    pub fn name(&self, number: usize) -> &str {
        &self.names[number]
    }

    /// The number of a column, from 0.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.positions.get(name).copied()
    }

    /// The same, where it must be there; `why` says who asks, for example `data.label = "x"`.
    pub fn require(&self, name: &str, why: &str) -> Result<usize> {
        self.position(name).ok_or_else(|| {
            let near = did_you_mean(name, self.names.iter().map(String::as_str));
            self.refuse(&format!("{why}: no such column{near}{}", self.has()))
        })
    }

    /// Sees that all are there; where several are not, all of them are named.
    pub fn require_all<'a>(&self, names: impl Iterator<Item = &'a String>) -> Result<()> {
        let missing: Vec<&String> = names.filter(|name| self.position(name).is_none()).collect();
        if missing.len() < 2 {
            return Ok(());
        }
        let needed = listed(&missing);
        Err(self.refuse(&format!("the network needs the columns {needed}: no such columns{}", self.has())))
    }

    /// An error about a column that has no name and is not left out.
    pub fn unnamed(&self, number: usize) -> Error {
        let pandas = if number == 0 {
            " (pandas writes its index like this, but not with index=False)"
        } else {
            ""
        };
        let message = format!("the column has no name; name it, or leave it out with data.ignore = [\"\"]{pandas}");
        Error::Table { place: format!("{}:{}", self.place, number + 1), message }
    }

    /// An error about the table as a whole.
    pub fn refuse(&self, message: &str) -> Error {
        Error::Table { place: self.file.clone(), message: message.to_owned() }
    }

    /// What there is, for a message about what is not; of one column, what may stand between its parts.
    fn has(&self) -> String {
        let parts = |c: &char| !c.is_alphanumeric() && !"_-.\"'".contains(*c);
        let separator = match self.names.as_slice() {
            [only] => only.chars().filter(parts).max_by_key(|&c| only.matches(c).count()),
            _ => None,
        };
        let hint = separator.map_or_else(String::new, |separator| {
            format!(", which {separator:?} seems to separate; comma, semicolon and tab are read (data.delimiter)")
        });
        format!("; the header has {}{hint}", listed(&self.names))
    }
}

/// Asks for the known name that is a slip of the pen away, if one is: a third of the characters may differ, and the case.
pub(super) fn did_you_mean<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let wanted = name.to_lowercase();
    let slips = |known: &&str| strsim::osa_distance(&wanted, &known.to_lowercase());
    // Long names are no slips, and comparing them takes the product of their lengths.
    let candidates = known.filter(|known| known.len() <= 3 * name.len() && name.len() < 100);
    let nearest = candidates
        .min_by_key(slips)
        .filter(|nearest| 3 * slips(nearest) <= wanted.chars().count());
    nearest.map_or_else(String::new, |near| format!("; did you mean {near:?}?"))
}

/// Names in quotation marks, the first few where there are many.
pub(super) fn listed(names: &[impl AsRef<str>]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| shown(name.as_ref().as_bytes())).collect();
    abbreviated(&quoted)
}

/// The first few where there are many.
pub(super) fn abbreviated(items: &[String]) -> String {
    const MOST: usize = 10;
    match items.len().checked_sub(MOST) {
        Some(more @ 1..) => format!("{} and {} more", items[..MOST].join(", "), grouped(more)),
        _ => items.join(", "),
    }
}

/// The fields of a line; none where it does not end where the delimiter's quotation marks say.
fn split(line: &[u8], delimiter: Delimiter) -> Option<Vec<Vec<u8>>> {
    let mut parser = ReaderBuilder::new().delimiter(delimiter.byte()).build();
    // A line has at most a field more than bytes, and together they are no longer than it.
    let (mut text, mut ends) = (vec![0; line.len() + 1], vec![0; line.len() + 2]);
    let (_, taken, length, fields) = parser.read_record(line, &mut text, &mut ends);
    let (_, _, _, last) = parser.read_record(&[], &mut text[length..], &mut ends[fields..]);
    let mut start = 0;
    let field = |&end: &usize| text[std::mem::replace(&mut start, end)..end].to_vec();
    (taken == line.len()).then(|| ends[..fields + last].iter().map(field).collect())
}
