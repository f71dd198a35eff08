//! The settings for reading a table.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::delimiter::Delimiter;

/// How to read a table for training.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// The path of the file.
    pub path: PathBuf,
    /// The format of the file.
    pub format: Format,
    /// The name of the column to predict.
    pub label: String,
    /// The label's value that is class 1, against all others. By default, class 1 is the larger number, or the later
    /// text in sorting order.
    pub positive: Option<String>,
    /// The columns that become inputs. By default, all except the label and the ignored columns.
    pub features: Option<Vec<String>>,
    /// Columns that do not become inputs.
    pub ignore: Vec<String>,
    /// The delimiter of a text file. By default, the most frequent one in the header.
    pub delimiter: Option<Delimiter>,
    /// How missing numbers are filled in. They are NaN until [`super::Table::impute_means`]. With `None`, a missing
    /// number is an error.
    pub impute: Option<Impute>,
    /// The words that stand for a missing value, beside an empty cell. By default [`super::DEFAULT_MISSING_WORDS`].
    pub missing: Option<Vec<String>>,
    /// The inputs that hold categories.
    pub one_hot: Vec<String>,
    /// How rows without a label are treated. With `None`, such a row is an error.
    pub unlabelled: Option<UnlabelledRows>,
}

/// How rows without a label are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnlabelledRows {
    /// They are left out.
    Skip,
}

/// The file format of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Delimited text.
    #[default]
    Text,
    /// Apache Parquet.
    Parquet,
}

/// The value that replaces a missing number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Impute {
    /// The mean of the column's numbers.
    Mean,
}

impl Format {
    /// The unit in which positions in the file are counted, `line` or `row`.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Text => "line",
            Self::Parquet => "row",
        }
    }
}
