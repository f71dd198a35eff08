//! The header of a table: the names of its columns and their positions.

use std::collections::HashMap;

use super::byte_reader::HeaderLine;
use super::cell_splitter::CellSplitter;
use super::delimiter::Delimiter;
use super::exact_number::ExactNumber;
use super::messages::{did_you_mean, quoted, quoted_list};
use crate::error::{Error, Result};

/// The names of a table's columns.
pub(super) struct Header {
    file: String,
    /// The line of the header. A Parquet file has none.
    line: Option<u64>,
    names: Vec<String>,
    /// The columns with a name.
    indices: HashMap<String, usize>,
}

impl Header {
    /// Splits the header line of a text file into names.
    ///
    /// # Errors
    /// As for [`Self::new`], and when a quotation mark is wrong or the line is not text.
    pub fn parse(line: &HeaderLine, delimiter: Delimiter, file: &str) -> Result<Self> {
        let error_here = |message: String| Error::Table { place: format!("{file}:{}", line.number), message };
        let is_binary = |byte: &&u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
        if let Some(byte) = line.text.iter().find(is_binary) {
            return Err(error_here(format!(
                "the first line has the byte {byte:#04x}, which text does not have; is this a table in text form?"
            )));
        }
        Self::new(split(line, delimiter, file)?, Some(line.number), file)
    }

    /// Checks the names of the columns. `line` is the line of the header. A Parquet file has none.
    ///
    /// # Errors
    /// When a name is not UTF-8 or occurs twice. Any number of columns may have no name.
    pub fn new(raw_names: Vec<Vec<u8>>, line: Option<u64>, file: &str) -> Result<Self> {
        let mut header = Self { file: file.to_owned(), line, names: Vec::new(), indices: HashMap::new() };

        for (index, raw_name) in raw_names.into_iter().enumerate() {
            let name = String::from_utf8(raw_name).map_err(|error| {
                let name = quoted(error.as_bytes());
                header.column_error(index, format!("the column's name {name} must be UTF-8 text"))
            })?;
            let name = name.trim();
            header.names.push(name.to_owned());
            if !name.is_empty() && header.indices.insert(name.to_owned(), index).is_some() {
                let hint = header.missing_header_hint();
                let message = format!("two columns are called {name:?}; names must differ{hint}");
                return Err(header.column_error(index, message));
            }
        }
        Ok(header)
    }

    /// The number of columns.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// The number of columns without those at the end that have no name.
    pub fn len_without_nameless_end(&self) -> usize {
        self.names.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1)
    }

    /// The indices of the columns without a name.
    pub fn nameless(&self) -> impl Iterator<Item = usize> {
        (0..self.len()).filter(|&index| self.names[index].is_empty())
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
        if let Some(index) = self.nameless().next().filter(|_| name.is_empty()) {
            return Err(
                self.column_error(index, format!("{reason}: this column has no name; write one into the header"))
            );
        }
        self.index(name).ok_or_else(|| {
            let suggestion = did_you_mean(name, self.names.iter().map(String::as_str));
            let hint = if suggestion.is_empty() { self.missing_header_hint() } else { String::new() };
            self.table_error(&format!("{reason}: no such column{suggestion}{}{hint}", self.existing_columns()))
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
        let (existing, hint) = (self.existing_columns(), self.missing_header_hint());
        Err(self.table_error(&format!("the network needs the columns {needed}: no such columns{existing}{hint}")))
    }

    /// The error for a column that has values and no name.
    pub fn nameless_column_error(&self, index: usize) -> Error {
        let pandas = if index == 0 {
            " (pandas writes its index like this, but not with index=False)"
        } else {
            ""
        };
        self.column_error(
            index,
            format!("the column has no name; name it, or leave it out with data.ignore = [\"\"]{pandas}"),
        )
    }

    /// The error for a header whose names look like values. `label` and `input` are two of them.
    pub fn values_as_names_error(&self, label: &str, input: &str) -> Error {
        let message = format!(
            "is the header missing? The label {label:?} is also a value in its column, and so is the input {input:?}; \
             write a line with the names of the columns above this one, or, if these are names, rename {label:?}"
        );
        Error::Table { place: self.location(), message }
    }

    /// Whether this header may be the first row of a table without a header. It is not if it has no line, or if the names
    /// are 0, 1, 2 and so on, which pandas writes for columns without names.
    pub fn may_be_values(&self) -> bool {
        let named = self.names.iter().filter(|name| !name.is_empty());
        self.line.is_some() && named.zip(0..).any(|(name, index)| *name != index.to_string())
    }

    /// An error about the table as a whole.
    pub fn table_error(&self, message: &str) -> Error {
        Error::Table { place: self.file.clone(), message: message.to_owned() }
    }

    fn column_error(&self, index: usize, message: String) -> Error {
        Error::Table { place: format!("{}:{}", self.location(), index + 1), message }
    }

    /// The location of the header in messages.
    fn location(&self) -> String {
        let Self { file, line, .. } = self;
        line.map_or_else(|| format!("{file}:schema"), |line| format!("{file}:{line}"))
    }

    /// A question for messages about wrong names, if a name is a number.
    fn missing_header_hint(&self) -> String {
        let number = self
            .names
            .iter()
            .find(|name| self.may_be_values() && ExactNumber::parse(name).is_some());
        number.map_or_else(String::new, |number| format!("; {number:?} is a number: is the header missing?"))
    }

    /// Lists the existing columns for a message about a missing one. If there is only one column, its name may be a line
    /// with another delimiter, so the message names that delimiter.
    fn existing_columns(&self) -> String {
        let separator = match self.names.as_slice() {
            [only] => only
                .chars()
                .filter(|&c| "|:^~ ,;\t".contains(c))
                .max_by_key(|&separator| only.matches(separator).count()),
            _ => None,
        };
        let hint = separator.map_or_else(String::new, |separator| {
            format!(", which {separator:?} seems to separate; comma, semicolon and tab are read (data.delimiter)")
        });
        format!("; the header has {}{hint}", quoted_list(&self.names))
    }
}

/// Splits a header line into names.
fn split(line: &HeaderLine, delimiter: Delimiter, file: &str) -> Result<Vec<Vec<u8>>> {
    let mut splitter = CellSplitter::new(delimiter.byte(), usize::MAX);
    splitter.start_row(line.number);
    let (_, ended) = splitter.split(&line.text).map_err(|fault| fault.error(file))?;
    if ended {
        // The byte reader took this line end for quoted, because a quotation mark follows one of the other delimiters.
        let message = "a quotation mark in the header opens where no field starts".into();
        return Err(Error::Table { place: format!("{file}:{}", line.number), message });
    }
    splitter.end_of_table().map_err(|fault| fault.error(file))?;
    Ok((0..splitter.count()).map(|index| splitter.cell(index).to_vec()).collect())
}
