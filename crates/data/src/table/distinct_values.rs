//! The distinct values of a column of labels or categories.
//!
//! One rule says which cells are the same value: they are the same text, or they are numbers with the same exact value. So
//! `1` and `1.0` are one value, because pandas writes a column of whole numbers in the second way as soon as one of them is
//! missing. `01` is the same value too, and 9007199254740992 and 9007199254740993 are two, although they are one f64.

use std::collections::HashMap;

use super::exact_number::ExactNumber;

/// The number of spellings that are remembered, to find them without parsing them again.
const MAX_SPELLINGS: usize = 10_000;

/// Distinct values in the order of their first rows. A value keeps the spelling of its first row.
#[derive(Default)]
pub(super) struct DistinctValues {
    values: Vec<String>,
    /// The index of a value by its spellings.
    index_by_spelling: HashMap<String, usize>,
    index_by_number: HashMap<ExactNumber, usize>,
    /// The first number that is spelled in two ways, with both of them.
    respelled: Option<[String; 2]>,
}

impl DistinctValues {
    /// The values of a trained network, with their indices in `values`.
    pub fn from_list(values: &[String]) -> Self {
        let mut distinct = Self::default();
        for value in values {
            distinct.push(value);
        }
        distinct
    }

    /// The values in the order of their first rows.
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// The first number that is spelled in two ways, if there is one.
    pub fn respelled(&self) -> Option<&[String; 2]> {
        self.respelled.as_ref()
    }

    /// The index of a value.
    pub fn find(&self, text: &str) -> Option<usize> {
        let by_number = || self.index_by_number.get(&ExactNumber::parse(text)?).copied();
        self.index_by_spelling.get(text).copied().or_else(by_number)
    }

    /// The index of a value, which is added if it is new. Returns `None` for a new value if there are `max` already.
    pub fn find_or_push(&mut self, text: &str, max: usize) -> Option<usize> {
        if let Some(&index) = self.index_by_spelling.get(text) {
            return Some(index);
        }
        let Some(index) = self.find(text) else {
            return (self.values.len() < max).then(|| self.push(text));
        };
        if self.index_by_spelling.len() < MAX_SPELLINGS {
            self.index_by_spelling.insert(text.to_owned(), index);
        }
        self.respelled
            .get_or_insert_with(|| [self.values[index].clone(), text.to_owned()]);
        Some(index)
    }

    /// Appends a value, and returns its index.
    pub fn push(&mut self, text: &str) -> usize {
        let index = self.values.len();
        self.values.push(text.to_owned());
        self.index_by_spelling.insert(text.to_owned(), index);
        if let Some(number) = ExactNumber::parse(text) {
            // A model of an older version may have 1 and 1.0 as two categories. Other spellings are the first of them.
            self.index_by_number.entry(number).or_insert(index);
        }
        index
    }
}
