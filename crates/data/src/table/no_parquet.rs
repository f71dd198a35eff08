//! Replaces [`parquet.rs`](super::parquet) in a build without the feature `parquet`, and refuses every Parquet file.

use std::borrow::Cow;
use std::io::Read;

use super::byte_reader::ByteReader;
use super::cell::CellError;
use super::missing_words::MissingWords;
use crate::error::Result;

/// A reader that cannot be created.
pub(super) enum ParquetReader {}

impl ParquetReader {
    /// Returns an error that names the missing feature.
    pub fn open<R: Read>(bytes: &mut ByteReader<R>) -> Result<Self> {
        Err(bytes.table_error(
            "is a Parquet file, which this build of Petal cannot read; build it with cargo build --features parquet",
        ))
    }

    /// The name of the table in messages.
    pub fn name(&self) -> &str {
        match *self {}
    }

    /// The names of the columns.
    pub fn column_names(&self) -> Vec<Vec<u8>> {
        match *self {}
    }

    /// Chooses the columns to read.
    pub fn select_columns(&mut self, _: Vec<usize>) -> Result<()> {
        match *self {}
    }

    /// Reads the next row.
    pub fn next(&mut self) -> Result<Option<u64>> {
        match *self {}
    }

    /// A cell of the row as a number.
    pub fn number(&self, _: usize, _: &MissingWords) -> Result<f64, CellError> {
        match *self {}
    }

    /// A cell of the row as text.
    pub fn cell(&self, _: usize) -> Cow<'_, [u8]> {
        match *self {}
    }
}
