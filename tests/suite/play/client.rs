//! A server of the playground, and requests to it, byte by byte.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::program;

/// A running `petal play`.
pub struct Server {
    pub child: Child,
    pub port: u16,
    pub token: String,
}

/// An answer: its status, its head and its body.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Server {
    /// Starts the program in a folder.
    pub fn start_in(folder: &Path, arguments: &[&str]) -> Self {
        let mut child = program("petal")
            .args(["play", "--no-open"])
            .args(arguments)
            .current_dir(folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines().map(Result::unwrap);
        let address = lines.take(2).last().unwrap();
        let (address, token) = address.trim().split_once("/#token=").unwrap();
        let port = address.strip_prefix("http://127.0.0.1:").unwrap().parse().unwrap();
        Self { child, port, token: token.into() }
    }

    pub fn start() -> Self {
        Self::start_in(&crate::support::path("."), &[])
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(90))).unwrap();
        stream
    }

    /// Sends bytes and reads until the server closes the connection.
    pub fn send(&self, request: impl AsRef<[u8]>) -> Answer {
        let mut stream = self.connect();
        // The server may close the connection before it has read everything.
        let _ = stream.write_all(request.as_ref());
        Answer::read(&mut stream)
    }

    /// The headers of the page's own requests, in the order of [`HEADERS`].
    pub fn headers(&self, body: &str) -> Vec<(String, String)> {
        let own = format!("127.0.0.1:{}", self.port);
        [
            ("Host", own.clone()),
            ("Origin", format!("http://{own}")),
            ("X-Petal-Token", self.token.clone()),
            ("Content-Type", "application/json".into()),
            ("Content-Length", body.len().to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// A request with these headers.
    pub fn request(&self, line: &str, headers: &[(String, String)], body: &str) -> Answer {
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        self.send(format!("{line} HTTP/1.1\r\n{headers}\r\n{body}"))
    }

    /// The page's own request.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        let body = body.to_string();
        self.request(&format!("POST {path}"), &self.headers(&body), &body)
    }

    /// The page's own request with a header changed. `None` removes it.
    pub fn post_with(&self, path: &str, body: &Value, header: &str, value: Option<&str>) -> Answer {
        let body = body.to_string();
        let mut headers = self.headers(&body);
        headers.retain(|(name, _)| name != header);
        headers.extend(value.map(|value| (header.to_owned(), value.to_owned())));
        self.request(&format!("POST {path}"), &headers, &body)
    }

    /// What the page begins with.
    pub fn beginning(&self) -> Value {
        let (port, token) = (self.port, &self.token);
        let request = format!("GET /start HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Petal-Token: {token}\r\n\r\n");
        self.send(request).json()
    }

    /// The lines of a training.
    pub fn train(&self, state: &Value) -> Vec<Value> {
        let answer = self.post("/train", state);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The message and the key of a refused state.
    pub fn refusal(&self, path: &str, state: &Value) -> (u16, String, Value) {
        let answer = self.post(path, state);
        let error = &answer.json()["error"];
        (answer.status, error["message"].as_str().unwrap().to_owned(), error["key"].clone())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Answer {
    /// Reads until the connection ends. Without an answer, the status is 0.
    pub fn read(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            return Self { status: 0, head: String::from_utf8_lossy(&bytes).into(), body: Vec::new() };
        };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase();
        let body = &bytes[end + 4..];
        let body = if head.contains("transfer-encoding: chunked") {
            unchunked(body)
        } else {
            body.to_vec()
        };
        Self { status: head.split(' ').nth(1).unwrap().parse().unwrap(), head, body }
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}\n{}", self.head, self.text()))
    }
}

/// The bytes of a body that came in chunks. The last chunk is missing if the server broke off.
fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some(end) = body.windows(2).position(|window| window == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap(), 16).unwrap();
        bytes.extend_from_slice(&body[end + 2..end + 2 + size]);
        body = &body[end + 4 + size..];
    }
    bytes
}

/// A state of the page with these settings.
pub fn state(config: &Value) -> Value {
    json!({ "config": config, "points": null, "table": null, "fork": null })
}

/// A training that ends after a minute if nobody ends it before.
pub fn endless() -> Value {
    state(&json!({ "data.samples": 10, "model.hidden": 1, "train.engine": "autodiff", "train.updates": 100_000_000 }))
}
