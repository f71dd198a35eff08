//! What stands for [`parquet.rs`](super::parquet) where Petal was built without it: a refusal.
//!
//! Leaves out: all of it.

use std::borrow::Cow;
use std::io::Read;

use super::cell::Odd;
use super::source::Source;
use crate::error::Result;

/// Never there.
pub(super) enum Parquet {}

impl Parquet {
    /// Refuses.
    pub fn open<R: Read>(source: &mut Source<R>) -> Result<Self> {
        Err(source
            .refuse("is a Parquet file, which Petal reads where it was built for that: cargo build --features parquet"))
    }

    /// What messages call the table.
    pub fn name(&self) -> &str {
        match *self {}
    }

    /// The names of the columns.
    pub fn names(&self) -> Vec<Vec<u8>> {
        match *self {}
    }

    /// Chooses the columns that rows are to have.
    pub fn want(&mut self, _: Vec<usize>) -> Result<()> {
        match *self {}
    }

    /// Goes on to the next row.
    pub fn next(&mut self) -> Result<Option<u64>> {
        match *self {}
    }

    /// The number in a field of the row.
    pub fn number(&self, _: usize) -> Result<f64, Odd> {
        match *self {}
    }

    /// A field of the row as text.
    pub fn field(&self, _: usize) -> Cow<'_, [u8]> {
        match *self {}
    }
}
