//! What is known about a table before a page trains on it.

use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::prepared::{Prepared, findings};
use super::refusal::Refusal;
use super::state::{State, TableText};
use crate::data::table::survey;

/// A request about a table: without a label, with the one that it probably has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableRequest {
    #[serde(flatten)]
    table: TableText,
    /// The settings of the page.
    #[serde(default)]
    config: Map<String, Value>,
}

impl TableRequest {
    pub(super) fn from_json(json: &[u8]) -> Result<Self, Refusal> {
        serde_json::from_slice(json)
            .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, format!("the request cannot be read: {error}")))
    }

    /// The columns of the table, the label, and what the doctor says, or what keeps the table from being read.
    pub(super) fn answer(mut self) -> Result<Value, Refusal> {
        super::limits::check_table(&self.table.name, &self.table.text, &[])?;
        let surveyed = survey(self.table.text.as_bytes(), &self.table.name);
        let surveyed = surveyed.map_err(|error| Refusal::state(error.to_string(), "table"))?;
        if self.table.label.is_none() {
            self.table.label = surveyed.likely_label().map(str::to_owned);
        }

        let label = self.table.label.clone();
        let state = State { config: self.config, table: Some(self.table), ..State::default() };
        let read = label.as_ref().map(|_| Prepared::new(&state)).transpose();
        let (sentences, error) = match &read {
            Ok(prepared) => (prepared.as_ref().and_then(|prepared| prepared.run.table.as_ref()).map(findings), None),
            Err(refusal) => (None, Some(refusal.to_json()["error"].clone())),
        };
        Ok(json!({
            "columns": surveyed.columns,
            "rows": surveyed.rows,
            "label": label,
            "sentences": sentences,
            "error": error,
        }))
    }
}
