//! Which requests are answered: those of the page that this server sent, and no others.
//!
//! Any program on this machine, of any user, can reach the server, and so can every site that is open in a browser here.
//!
//! | attack | what stops it |
//! | --- | --- |
//! | another user's program | the token, which only the owner's terminal shows |
//! | another site asks for a training (fetch, form, image) | the token, `Origin` and the type of the body |
//! | a name of another site that leads to 127.0.0.1 (DNS rebinding) | the list of `Host` |
//! | another site shows the page in a frame | `frame-ancestors 'none'` |
//! | a second request hidden in the body of the first | one request for each connection, one length |

use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, ORIGIN, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::http::uri::PathAndQuery;
use hyper::{Method, StatusCode, Version};

use super::refusal::Refusal;
use crate::data::sha256;

/// The header that holds the token.
const TOKEN: HeaderName = HeaderName::from_static("x-petal-token");
/// Where a browser says that a request comes from.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// A second one of these could mean something else to another program on the way.
static SINGLE: [HeaderName; 7] = [HOST, ORIGIN, TOKEN, FETCH_SITE, CONTENT_TYPE, CONTENT_LENGTH, TRANSFER_ENCODING];

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// The page.
    Page,
    /// The state that the program was started with.
    Start,
    /// A training.
    Train,
    /// What is known about a table.
    Table,
    /// The gradients at given parameters.
    Gradients,
    /// A file of a training.
    File,
}

/// Who may ask.
#[derive(Debug)]
pub(super) struct Guard {
    /// The names under which the server may be asked.
    hosts: [String; 2],
    /// The hash of the token. Comparing hashes takes no time that tells how much of a guess is right.
    token: [u8; 32],
}

impl Guard {
    pub(super) fn new(port: u16, token: &str) -> Self {
        Self {
            hosts: ["127.0.0.1", "localhost"].map(|name| format!("{name}:{port}")),
            token: sha256(token),
        }
    }

    /// What a request asks for, if it may.
    pub(super) fn check(&self, request: &Parts) -> Result<Route, Refusal> {
        let headers = &request.headers;
        let twice = SINGLE.iter().find(|name| headers.get_all(*name).iter().nth(1).is_some());
        if let Some(name) = twice {
            return Err(Refusal::new(StatusCode::BAD_REQUEST, format!("the header {name} is there twice")));
        }
        if request.version != Version::HTTP_11 || request.uri.authority().is_some() {
            return Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                "must be a request in HTTP/1.1 to this server, not a proxy",
            ));
        }

        let host = text(headers, &HOST).unwrap_or_default();
        if !self.hosts.iter().any(|known| known == host) {
            let [address, name] = &self.hosts;
            return Err(forbidden(format!("the header Host must be {address} or {name}")));
        }
        let route = route(request)?;
        if route == Route::Page {
            return Ok(route);
        }

        let origin = text(headers, &ORIGIN);
        let is_own = origin.is_some_and(|origin| origin.strip_prefix("http://") == Some(host));
        let may_lack_origin = route == Route::Start && !headers.contains_key(ORIGIN);
        if !is_own && !may_lack_origin {
            return Err(forbidden(format!("the header Origin must be http://{host}")));
        }
        if headers.contains_key(FETCH_SITE) && text(headers, &FETCH_SITE) != Some("same-origin") {
            return Err(forbidden("only the page of this server may ask".into()));
        }
        if text(headers, &TOKEN).map(sha256) != Some(self.token) {
            let message = "the token is missing or wrong; open the page with the address that `petal play` printed";
            return Err(forbidden(message.into()));
        }
        if request.method == Method::POST {
            check_body(headers)?;
        }
        Ok(route)
    }
}

/// The address and the method must be exactly those of a route: nothing is decoded or shortened.
fn route(request: &Parts) -> Result<Route, Refusal> {
    let (route, method) = match request.uri.path_and_query().map(PathAndQuery::as_str) {
        Some("/") => (Route::Page, Method::GET),
        Some("/start") => (Route::Start, Method::GET),
        Some("/train") => (Route::Train, Method::POST),
        Some("/table") => (Route::Table, Method::POST),
        Some("/gradients") => (Route::Gradients, Method::POST),
        Some("/file") => (Route::File, Method::POST),
        _ => return Err(Refusal::new(StatusCode::NOT_FOUND, "there is no such address")),
    };
    if request.method == method {
        Ok(route)
    } else {
        Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, format!("must be asked with {method}")))
    }
}

/// A body must be JSON, which no form of another site can send, and say its length.
fn check_body(headers: &HeaderMap) -> Result<(), Refusal> {
    if headers.contains_key(TRANSFER_ENCODING) || !headers.contains_key(CONTENT_LENGTH) {
        return Err(Refusal::new(StatusCode::LENGTH_REQUIRED, "the body must have a Content-Length"));
    }
    if text(headers, &CONTENT_TYPE) != Some("application/json") {
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the Content-Type must be application/json"));
    }
    Ok(())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn forbidden(message: String) -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, message)
}
