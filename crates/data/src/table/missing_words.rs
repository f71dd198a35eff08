//! The words that stand for a missing value.

use std::collections::HashMap;

use super::exact_number::ExactNumber;
use super::messages::quoted;
use crate::text::{grouped, plural};

/// The default words: those of pandas' `read_csv` (`STR_NA_VALUES` in `pandas/_libs/parsers.pyx`), `?` of the UCI tables and
/// `\N` of MySQL and PostgreSQL.
pub const DEFAULT_MISSING_WORDS: [&str; 20] = [
    "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "?", "#N/A", "#N/A N/A", "#NA", "<NA>", "-NaN", "-nan",
    "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN", r"\N",
];

/// Tells which cells are missing: those without text, and those with one of these words.
#[derive(Clone, Debug)]
pub(super) struct MissingWords {
    /// The empty text, and then the words.
    words: Vec<String>,
    index_by_word: HashMap<String, usize>,
    /// The words that are numbers, such as -9999: rounded, exactly, and their indices.
    numbers: Vec<(f64, ExactNumber, usize)>,
}

/// How many cells are missing because of each word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct WordCounts(Vec<usize>);

impl MissingWords {
    /// The given words, or the default ones.
    pub fn new(words: Option<&[String]>) -> Self {
        let default = || DEFAULT_MISSING_WORDS.iter().map(ToString::to_string).collect();
        let given: Vec<String> = words.map_or_else(default, <[String]>::to_vec);

        let mut missing = Self { words: Vec::new(), index_by_word: HashMap::new(), numbers: Vec::new() };
        for word in std::iter::once("").chain(given.iter().map(|word| word.trim())) {
            let index = missing.words.len();
            missing.words.push(word.to_owned());
            missing.index_by_word.entry(word.to_owned()).or_insert(index);
            if let (Ok(rounded), Some(exact)) = (word.parse(), ExactNumber::parse(word)) {
                missing.numbers.push((rounded, exact, index));
            }
        }
        missing
    }

    /// Whether a text without white space around it is missing.
    pub fn contains(&self, text: &str) -> bool {
        self.index(text).is_some()
    }

    /// Whether a number is missing, given its f64 and how to get its text.
    pub fn contains_number(&self, rounded: f64, text: impl FnOnce() -> Option<ExactNumber>) -> bool {
        self.numbers.iter().any(|(number, ..)| *number == rounded)
            && text().is_some_and(|exact| self.number_index(&exact).is_some())
    }

    /// The words, without the empty text.
    pub fn words(&self) -> &[String] {
        &self.words[1..]
    }

    fn index(&self, text: &str) -> Option<usize> {
        let by_number = || {
            if self.numbers.is_empty() {
                None
            } else {
                self.number_index(&ExactNumber::parse(text)?)
            }
        };
        self.index_by_word.get(text).copied().or_else(by_number)
    }

    fn number_index(&self, number: &ExactNumber) -> Option<usize> {
        let found = self.numbers.iter().find(|(_, exact, _)| exact == number);
        found.map(|&(.., index)| index)
    }
}

impl WordCounts {
    /// Counts a missing cell.
    pub fn count(&mut self, cell: &[u8], missing: &MissingWords) {
        self.0.resize(missing.words.len(), 0);
        // A value of a Parquet file that is null or NaN has no word.
        let index = std::str::from_utf8(cell).ok().and_then(|text| missing.index(text.trim()));
        self.0[index.unwrap_or(0)] += 1;
    }

    /// What to do if words for missing labels are values. Empty if there are no such words.
    pub fn hint(&self, missing: &MissingWords, rows: usize) -> String {
        self.describe(missing).map_or_else(String::new, |words| {
            format!(
                "; {} {} left out as unlabelled ({words}): if one of these words is a value here, leave it out of data.missing \
                 (data.missing = [] has no words)",
                grouped(rows),
                plural(rows, "row")
            )
        })
    }

    /// The words with their counts, such as `"NA" 11, empty 2`. `None` if all cells were empty.
    pub fn describe(&self, missing: &MissingWords) -> Option<String> {
        let [empty, words @ ..] = self.0.as_slice() else {
            return None;
        };
        let counted = words.iter().zip(missing.words()).filter(|(count, _)| **count > 0);
        let mut parts: Vec<String> = counted
            .map(|(count, word)| format!("{} {}", quoted(word.as_bytes()), grouped(*count)))
            .collect();
        if parts.is_empty() {
            return None;
        }
        if *empty > 0 {
            parts.push(format!("empty {}", grouped(*empty)));
        }
        Some(parts.join(", "))
    }
}
