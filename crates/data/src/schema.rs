//! How the columns of a table become the inputs and the label of a network.
//!
//! A column of numbers becomes one input. A column of categories with k values becomes k inputs (one-hot): the input of the
//! row's category is 1 and the others are 0.

use serde::{Deserialize, Serialize};

/// The columns that a network reads from a table, and the column that it predicts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// The columns that become inputs, in the order of the inputs.
    pub columns: Vec<Column>,
    /// The column that is predicted.
    pub label: String,
    /// The values of the label that mean 0 and 1.
    pub classes: [String; 2],
    /// The words that stand for a missing value, if they are not [the default ones](crate::table::DEFAULT_MISSING_WORDS).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Vec<String>>,
}

/// A column of a table that becomes one input or several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// The name in the table's header.
    pub name: String,
    /// For a column of categories, its values in the order of the inputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub categories: Option<Vec<String>>,
    /// The number that replaces a missing one. `None` means that missing values are an error.
    #[serde(rename = "missing", default, skip_serializing_if = "Option::is_none")]
    pub fill_value: Option<f64>,
}

impl Schema {
    /// A schema with columns of numbers, and a label called `label` with the values 0 and 1.
    pub fn numbers(names: &[String]) -> Self {
        let columns = names.iter().map(Column::number).collect();
        Self { columns, label: "label".into(), classes: ["0".into(), "1".into()], missing: None }
    }

    /// The names of all inputs.
    pub fn inputs(&self) -> Vec<String> {
        self.columns.iter().flat_map(Column::inputs).collect()
    }
}

impl Column {
    /// A column of numbers.
    pub fn number(name: impl Into<String>) -> Self {
        Self { name: name.into(), categories: None, fill_value: None }
    }

    /// The number of inputs that it becomes.
    pub fn width(&self) -> usize {
        self.categories.as_ref().map_or(1, Vec::len)
    }

    /// The names of its inputs: the name of the column, or `name=value` for each category.
    pub fn inputs(&self) -> Vec<String> {
        match &self.categories {
            None => vec![self.name.clone()],
            Some(values) => values.iter().map(|value| format!("{}={value}", self.name)).collect(),
        }
    }
}
