//! Answers, with the headers that all of them have.

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
use serde_json::Value;
use tokio::sync::mpsc::Receiver;

use super::refusal::Refusal;

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
