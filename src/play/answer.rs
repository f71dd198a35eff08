//! Answers and refusals, with the headers that all of them have.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body_util::{Either, Full};
use hyper::body::{Body, Bytes, Frame};
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::mpsc::Receiver;

use super::state::is_setting;
use crate::error::Error;

/// An answer: all of it, or lines as they come.
pub(super) type Answer = Response<Either<Full<Bytes>, Lines>>;

/// The policy of everything but the page: it may load nothing and be in no frame.
const CLOSED: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// No answer is kept, guessed to be of another type, shown in a frame or read by another site.
const HEADERS: [(HeaderName, &str); 6] = [
    (CACHE_CONTROL, "no-store"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Lines that come from a training.
pub(super) struct Lines(pub(super) Receiver<Bytes>);

impl Body for Lines {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|line| line.map(|bytes| Ok(Frame::data(bytes))))
    }
}

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
        let (place, message) = match error {
            Error::Config { place, message } => (place.as_str(), message.clone()),
            other => ("", other.to_string()),
        };
        let first_word = message.split([' ', ':']).next().unwrap_or_default();
        let is_key = |key: &&str| is_setting(key) || *key == "fork";
        let key = [place, first_word].into_iter().find(is_key).unwrap_or(match error {
            Error::Data(_) => data_key,
            _ => "",
        });
        let key = (!key.is_empty()).then(|| key.to_owned());
        Self { status: StatusCode::BAD_REQUEST, message, key }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({ "error": { "message": self.message, "key": self.key } })
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let mut answer = json_answer(&refusal.to_json());
        *answer.status_mut() = refusal.status;
        if refusal.status == StatusCode::METHOD_NOT_ALLOWED {
            answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, POST"));
        }
        answer
    }
}

/// An answer that is there.
pub(super) fn answer(media_type: &'static str, bytes: impl Into<Bytes>) -> Answer {
    with_headers(Response::new(Either::Left(Full::new(bytes.into()))), media_type)
}

/// An answer in JSON.
pub(super) fn json_answer(value: &Value) -> Answer {
    answer("application/json", value.to_string())
}

/// An answer that comes in lines of JSON.
pub(super) fn lines_answer(lines: Receiver<Bytes>) -> Answer {
    with_headers(Response::new(Either::Right(Lines(lines))), "application/x-ndjson")
}

/// A file to save. Its name is one of a few, none of which comes from a request.
pub(super) fn file_answer(name: &'static str, media_type: &'static str, bytes: Vec<u8>) -> Answer {
    let mut answer = answer(media_type, bytes);
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        answer.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    answer
}

/// The page, with its policy.
pub(super) fn page_answer(html: Bytes, policy: &HeaderValue) -> Answer {
    let mut answer = answer("text/html; charset=utf-8", html);
    answer.headers_mut().insert(CONTENT_SECURITY_POLICY, policy.clone());
    answer
}

fn with_headers(mut answer: Answer, media_type: &'static str) -> Answer {
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(CLOSED));
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}
