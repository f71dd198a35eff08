//! The header of a table: the names of its columns and their positions.

use std::collections::HashMap;

use csv_core::ReaderBuilder;

use super::byte_reader::HeaderLine;
use super::delimiter::Delimiter;
use super::messages::{did_you_mean, quoted, quoted_list};
use crate::error::{Error, Result};

/// The names of a table's columns.
pub(super) struct Header {
    file: String,
    /// The location of the header in messages, `file:line` or `file:schema`.
    location: String,
    names: Vec<String>,
    indices: HashMap<String, usize>,
}

impl Header {
    /// Splits the header line of a text file into names.
    ///
    /// # Errors
    /// As for [`Self::new`], and when a quotation mark opens inside a name.
    pub fn parse(line: &HeaderLine, delimiter: Delimiter, file: &str) -> Result<Self> {
        let location = format!("{file}:{}", line.number);
        let names = split(&line.text, delimiter).ok_or_else(|| Error::Table {
            place: location.clone(),
            message: "a quotation mark in the header opens where no field starts".into(),
        })?;
        Self::new(names, &location, file)
    }

    /// Checks the names of the columns. `location` says in messages where they are.
    ///
    /// # Errors
    /// When a name is not UTF-8 or occurs twice. The empty name may occur once, too.
    pub fn new(raw_names: Vec<Vec<u8>>, location: &str, file: &str) -> Result<Self> {
        let mut names: Vec<String> = Vec::new();
        let mut indices = HashMap::new();

        for (index, raw_name) in raw_names.into_iter().enumerate() {
            let error_here = |message: String| Error::Table { place: format!("{location}:{}", index + 1), message };
            let name = String::from_utf8(raw_name).map_err(|error| {
                error_here(format!("the column's name {} must be UTF-8 text", quoted(error.as_bytes())))
            })?;
            let name = name.trim();
            if indices.insert(name.to_owned(), index).is_some() {
                return Err(error_here(match name {
                    "" => "a second column has no name; the header must name every column but one".into(),
                    _ => format!("two columns are called {name:?}; names must differ"),
                }));
            }
            names.push(name.to_owned());
        }

        Ok(Self { file: file.to_owned(), location: location.to_owned(), names, indices })
    }

    /// The number of columns.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// The name of the column at an index.
    pub fn name(&self, index: usize) -> &str {
        &self.names[index]
    }

    /// The index of a column, from 0.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.indices.get(name).copied()
    }

    /// The index of a column that must exist. `reason` says in the message why, for example `data.label = "x"`.
    pub fn require(&self, name: &str, reason: &str) -> Result<usize> {
        self.index(name).ok_or_else(|| {
            let suggestion = did_you_mean(name, self.names.iter().map(String::as_str));
            self.table_error(&format!("{reason}: no such column{suggestion}{}", self.existing_columns()))
        })
    }

    /// Refuses a table that lacks several of the columns, with a message that names all of them.
    ///
    /// A single missing column is accepted here: the message of [`Self::require`] is better.
    pub fn require_all<'a>(&self, names: impl Iterator<Item = &'a String>) -> Result<()> {
        let missing: Vec<&String> = names.filter(|name| self.index(name).is_none()).collect();
        if missing.len() < 2 {
            return Ok(());
        }
        let needed = quoted_list(&missing);
        let existing = self.existing_columns();
        Err(self.table_error(&format!("the network needs the columns {needed}: no such columns{existing}")))
    }

    /// The error for an input column that has no name.
    pub fn unnamed_column_error(&self, index: usize) -> Error {
        let pandas = if index == 0 {
            " (pandas writes its index like this, but not with index=False)"
        } else {
            ""
        };
        let message = format!("the column has no name; name it, or leave it out with data.ignore = [\"\"]{pandas}");
        Error::Table { place: format!("{}:{}", self.location, index + 1), message }
    }

    /// An error about the table as a whole.
    pub fn table_error(&self, message: &str) -> Error {
        Error::Table { place: self.file.clone(), message: message.to_owned() }
    }

    /// Lists the existing columns for a message about a missing one. If there is only one column, its name may be a line
    /// with another delimiter, so the message names that delimiter.
    fn existing_columns(&self) -> String {
        let is_separator = |c: &char| !c.is_alphanumeric() && !"_-.\"'".contains(*c);
        let separator = match self.names.as_slice() {
            [only] => only
                .chars()
                .filter(is_separator)
                .max_by_key(|&separator| only.matches(separator).count()),
            _ => None,
        };
        let hint = separator.map_or_else(String::new, |separator| {
            format!(", which {separator:?} seems to separate; comma, semicolon and tab are read (data.delimiter)")
        });
        format!("; the header has {}{hint}", quoted_list(&self.names))
    }
}

/// Splits a line into cells.
///
/// Returns `None` when the parser finds a line end before the end of `line`. The byte reader took this line end for
/// quoted, because a quotation mark follows one of the other delimiters.
fn split(line: &[u8], delimiter: Delimiter) -> Option<Vec<Vec<u8>>> {
    let mut parser = ReaderBuilder::new().delimiter(delimiter.byte()).build();

    // A line of n bytes has at most n + 1 cells. The cells together are no longer than the line.
    let (mut text, mut ends) = (vec![0; line.len() + 1], vec![0; line.len() + 2]);
    let (_, bytes_read, text_length, cells) = parser.read_record(line, &mut text, &mut ends);
    if bytes_read < line.len() {
        return None;
    }
    // An empty input tells the parser that the line ends, which completes the last cell.
    let (_, _, _, last_cell) = parser.read_record(&[], &mut text[text_length..], &mut ends[cells..]);

    let mut start = 0;
    let next_cell = |&end: &usize| text[std::mem::replace(&mut start, end)..end].to_vec();
    Some(ends[..cells + last_cell].iter().map(next_cell).collect())
}
