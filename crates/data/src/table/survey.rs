//! What the columns of a table hold, before it is known which of them is the label.

use std::io::Read;

use serde::Serialize;

use super::byte_reader::ByteReader;
use super::cell;
use super::delimiter::Delimiter;
use super::distinct_values::DistinctValues;
use super::missing_words::MissingWords;
use super::row_reader::RowReader;
use crate::error::Result;

/// The number of different values of a column that are counted.
const MAX_DISTINCT: usize = 1_001;
/// Names that a label often has, the most telling first.
const LABEL_NAMES: [&str; 8] = ["label", "class", "target", "answer", "y", "outcome", "result", "species"];

/// What the columns of a table hold.
#[derive(Clone, Debug, Serialize)]
pub struct Survey {
    /// The columns.
    pub columns: Vec<SurveyedColumn>,
    /// The number of rows.
    pub rows: usize,
}

/// What a column holds.
#[derive(Clone, Debug, Serialize)]
pub struct SurveyedColumn {
    /// Its name.
    pub name: String,
    /// The number of different values, without missing ones, counted up to 1,001.
    pub distinct: usize,
}

impl Survey {
    /// The column that is probably the label: of the columns with two values one with a telling name, or the last.
    pub fn likely_label(&self) -> Option<&str> {
        let candidates = || {
            self.columns
                .iter()
                .filter(|column| column.distinct == 2)
                .map(|column| column.name.as_str())
        };
        let telling = |name: &&str| candidates().find(|candidate| candidate.eq_ignore_ascii_case(name));
        LABEL_NAMES.iter().find_map(telling).or_else(|| candidates().next_back())
    }
}

/// Counts the rows of a table, and the different values of its columns with a name. `name` is the name of the table in messages.
///
/// # Errors
/// When the table has no readable header, or a row cannot be read.
pub fn survey(input: impl Read, name: &str) -> Result<Survey> {
    let (header, mut rows) = RowReader::open(ByteReader::open(input, name)?, |line, declared| {
        declared.unwrap_or_else(|| Delimiter::guess(&line.text))
    })?;
    let columns: Vec<usize> = (0..header.len()).filter(|&index| !header.name(index).is_empty()).collect();
    rows.select_columns(columns.iter().copied())?;

    let missing = MissingWords::new(None);
    let mut values: Vec<DistinctValues> = columns.iter().map(|_| DistinctValues::default()).collect();
    let mut count = 0;
    while let Some(row) = rows.next()? {
        count += 1;
        for (&index, values) in columns.iter().zip(&mut values) {
            if let Ok(text) = cell::parse_text(&row.cell(index), &missing) {
                values.find_or_push(text, MAX_DISTINCT);
            }
        }
    }
    let surveyed = columns.iter().zip(values).map(|(&index, values)| SurveyedColumn {
        name: header.name(index).to_owned(),
        distinct: values.values().len(),
    });
    Ok(Survey { columns: surveyed.collect(), rows: count })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(text: &str) -> Option<String> {
        survey(text.as_bytes(), "a.csv").unwrap().likely_label().map(str::to_owned)
    }

    #[test]
    fn the_label_has_two_values_and_a_telling_name_or_is_the_last_of_these() {
        assert_eq!(label("x,answer,z\n1,yes,0\n2,no,1\n3,yes,0\n"), Some("answer".into()));
        assert_eq!(label("x,a,b\n1,yes,0\n2,no,1\n3,yes,NA\n"), Some("b".into()));
        assert_eq!(label("y;x\n1;2\n2;3\n3;4\n"), None);
        let surveyed = survey(&b"y,,x\n1,,2\n1.0,,NA\n"[..], "a.csv").unwrap();
        assert_eq!(surveyed.columns.iter().map(|column| column.distinct).collect::<Vec<_>>(), [1, 1]);
        assert_eq!(surveyed.rows, 2);
    }
}
