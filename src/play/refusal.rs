//! Why a request is not answered.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::settings::is_setting;
use crate::error::Error;

/// Why a request is not answered.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) message: String,
    /// The setting at fault, or `points`, `table` or `fork`.
    pub(super) key: Option<String>,
}

impl Refusal {
    /// A refusal that is about no setting.
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), key: None }
    }

    /// A state that is not accepted.
    pub(super) fn state(message: impl Into<String>, key: &str) -> Self {
        Self { key: Some(key.into()), ..Self::new(StatusCode::BAD_REQUEST, message) }
    }

    /// A state that asks for too much.
    pub(super) fn limit(message: String, key: &str) -> Self {
        Self { key: Some(key.into()), ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, message) }
    }

    /// An error about a state. `data_key` is the part of the state that the samples come from.
    pub(super) fn of(error: &Error, data_key: &str) -> Self {
        // A message about a setting begins with it. Where it was set is known to the page.
        let message = match error {
            Error::Config { message, .. } => message.clone(),
            other => other.to_string(),
        };
        let first_word = message.split([' ', ':']).next().unwrap_or_default();
        let key = match error {
            _ if is_setting(first_word) || first_word == "fork" => first_word,
            Error::Data(_) => data_key,
            _ => "",
        };
        let key = (!key.is_empty()).then(|| key.to_owned());
        Self { status: StatusCode::BAD_REQUEST, message, key }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({ "error": { "message": self.message, "key": self.key } })
    }
}
