//! How the columns of a table become the inputs and the label of a network.
//!
//! A number stays what it is; a category of k values becomes k inputs, of which the one that it names is 1 and the others
//! are 0 (one-hot).
//!
//! Leaves out: reading. That is [`crate::table`].

use serde::{Deserialize, Serialize};

/// What a network takes from a table, and what it predicts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// The columns that become inputs, in the order of the inputs.
    pub columns: Vec<Column>,
    /// The column that is predicted.
    pub label: String,
    /// The label's values that stand for 0 and 1.
    pub classes: [String; 2],
}

/// A column of a table that the network takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// The name in the table's header.
    pub name: String,
    /// For a column of categories, its values in the order of the inputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub categories: Option<Vec<String>>,
    /// What stands for a missing number; without it, nothing may be missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<f64>,
}

impl Schema {
    /// Columns of numbers, and a label of 0 or 1 called `label`.
    pub fn numbers(names: &[String]) -> Self {
        let columns = names.iter().map(Column::number).collect();
        Self { columns, label: "label".into(), classes: ["0".into(), "1".into()] }
    }

    /// The names of all inputs.
    pub fn inputs(&self) -> Vec<String> {
        self.columns.iter().flat_map(Column::inputs).collect()
    }
}

impl Column {
    /// A column of numbers.
    pub fn number(name: impl Into<String>) -> Self {
        Self { name: name.into(), categories: None, missing: None }
    }

    /// How many inputs it becomes.
    pub fn width(&self) -> usize {
        self.categories.as_ref().map_or(1, Vec::len)
    }

    /// The names of its inputs: its own, or `name=value` for each category.
    pub fn inputs(&self) -> Vec<String> {
        match &self.categories {
            None => vec![self.name.clone()],
            Some(values) => values.iter().map(|value| format!("{}={value}", self.name)).collect(),
        }
    }
}
