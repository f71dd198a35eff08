//! Requests that are not of the server's own page, and those that would keep it busy.

use std::io::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::client::{Answer, Server, endless, state};

fn small() -> Value {
    state(&json!({ "data.samples": 20, "train.engine": "fused", "train.updates": 5 }))
}

#[test]
fn only_this_servers_names_are_answered() {
    let server = Server::start();
    let port = server.port;
    let get = |host: &str| server.send(format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")).status;
    for host in [format!("127.0.0.1:{port}"), format!("localhost:{port}")] {
        assert_eq!(get(&host), 200, "{host}");
    }

    // What a site has whose name leads to 127.0.0.1, and what a list that is not exact would take.
    let wrong = [
        "",
        "evil.example",
        "127.0.0.1",
        "localhost",
        "127.0.0.1:1",
        "127.0.0.1.evil.example:PORT",
        "evil.example:PORT",
        "127.0.0.1:PORT.evil.example",
        "user@127.0.0.1:PORT",
        "127.0.0.1:PORT@evil.example",
        "127.0.0.2:PORT",
        "0.0.0.0:PORT",
        "[::1]:PORT",
        "LOCALHOST:PORT",
        "localhost.:PORT",
        "127.1:PORT",
        "2130706433:PORT",
        "127.0.0.1:0PORT",
        "127.0.0.1:PORT,evil.example",
        "127.0.0.1:PORT evil.example",
        "127.0.0.1:PORT/",
        "http://127.0.0.1:PORT",
    ];
    for host in wrong {
        let host = host.replace("PORT", &port.to_string());
        assert!([400, 403].contains(&get(&host)), "{host}: {}", get(&host));
    }
    assert_eq!(server.send("GET / HTTP/1.1\r\n\r\n").status, 403);
    assert_eq!(
        server
            .send(format!("GET http://127.0.0.1:{port}/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"))
            .status,
        400
    );
    assert_eq!(server.send(format!("GET / HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n")).status, 400);
}

#[test]
fn only_the_own_page_may_compute() {
    let server = Server::start();
    assert_eq!(server.post("/train", &small()).status, 200);
    let own = format!("http://localhost:{}", server.port);
    let others = [
        None,
        Some(""),
        Some("null"),
        Some("https://127.0.0.1:PORT"),
        Some("http://127.0.0.1"),
        Some("http://127.0.0.1:1"),
        Some("http://evil.example"),
        Some("http://127.0.0.1:PORT.evil.example"),
        Some("http://127.0.0.1:PORT/"),
        Some("HTTP://127.0.0.1:PORT"),
        Some(&own),
        Some("file://"),
        Some("http://127.0.0.1:PORT http://evil.example"),
    ];
    for path in ["/train", "/table", "/gradients", "/file"] {
        for origin in others {
            let origin = origin.map(|origin| origin.replace("PORT", &server.port.to_string()));
            let answer = server.post_with(path, &small(), "Origin", origin.as_deref());
            assert_eq!(answer.status, 403, "{path} {origin:?}");
        }
        for site in ["cross-site", "same-site", "none", ""] {
            assert_eq!(server.post_with(path, &small(), "Sec-Fetch-Site", Some(site)).status, 403, "{site}");
        }
        // What a form of another site can send.
        for kind in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("multipart/form-data")] {
            assert_eq!(server.post_with(path, &small(), "Content-Type", kind).status, 415, "{kind:?}");
        }
    }
}

#[test]
fn the_token_is_needed_and_no_part_of_it_is_enough() {
    let server = Server::start();
    let token = server.token.clone();
    assert!(token.len() == 32 && token.chars().all(|c| c.is_ascii_hexdigit()), "{token}");
    assert_ne!(token, Server::start().token);
    let wrong = [String::new(), token[..31].into(), format!("{token}0"), token.to_uppercase() + " ", "0".repeat(32)];
    for path in ["/train", "/table", "/gradients", "/file"] {
        assert_eq!(server.post_with(path, &small(), "X-Petal-Token", None).status, 403);
        for token in &wrong {
            assert_eq!(server.post_with(path, &small(), "X-Petal-Token", Some(token)).status, 403, "{token}");
        }
    }

    let start = |header: &str| {
        let host = format!("127.0.0.1:{}", server.port);
        server.send(format!("GET /start HTTP/1.1\r\nHost: {host}\r\n{header}\r\n"))
    };
    assert_eq!(start(&format!("X-Petal-Token: {token}\r\n")).status, 200);
    for header in ["", &format!("Cookie: token={token}\r\n"), &format!("Authorization: Bearer {token}\r\n")] {
        assert_eq!(start(header).status, 403, "{header}");
    }
    let page = server.send(format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", server.port));
    assert!(!page.text().contains(&token));
}

#[test]
fn a_header_that_is_there_twice_is_refused() {
    let server = Server::start();
    let body = small().to_string();
    for index in 0..server.headers(&body).len() {
        for second in [None, Some("x")] {
            let mut headers = server.headers(&body);
            let (name, value) = headers[index].clone();
            headers.insert(0, (name.to_lowercase(), second.map_or(value, str::to_owned)));
            let answer = server.request("POST /train", &headers, &body);
            // A header Content-Length may stand twice with the same number (RFC 9110, 8.6).
            let status = if name == "Content-Length" && second.is_none() { 200 } else { 400 };
            assert_eq!(answer.status, status, "{headers:?}");
        }
    }
}

/// A second request that is hidden in the first must have no answer, and a length must be clear.
#[test]
fn lengths_must_be_clear_and_a_connection_has_one_request() {
    let server = Server::start();
    let hidden = format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", server.port);
    let body = small().to_string();
    let send = |lengths: &[(&str, String)], body: &str| {
        let mut headers = server.headers("");
        headers.retain(|(name, _)| name != "Content-Length");
        headers.extend(lengths.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        server.request("POST /train", &headers, body)
    };
    let (length, chunked) = (body.len().to_string(), format!("{:x}\r\n{body}\r\n0\r\n\r\n{hidden}", body.len()));
    let cases: [(&[(&str, String)], &str); 9] = [
        (&[("Content-Length", length.clone()), ("Transfer-Encoding", "chunked".into())], &chunked),
        (&[("Transfer-Encoding", "chunked".into()), ("Content-Length", length.clone())], &chunked),
        (&[("Transfer-Encoding", "chunked".into())], &chunked),
        (&[("Transfer-Encoding", "identity".into()), ("Content-Length", length.clone())], &body),
        (&[("Transfer-Encoding", "xchunked".into())], &chunked),
        (&[("Content-Length", format!("{length}, {length}"))], &body),
        (&[("Content-Length", format!("+{length}"))], &body),
        (&[("Content-Length", "-1".into())], &body),
        (&[("Content-Length", "99999999999999999999999".into())], &body),
    ];
    for (lengths, body) in cases {
        let answer = send(lengths, body);
        assert!([400, 411].contains(&answer.status), "{lengths:?}: {} {}", answer.status, answer.head);
        assert!(!answer.text().contains("<!doctype"), "{lengths:?}");
    }
    assert_eq!(send(&[], "").status, 411);

    // Two whole requests on one connection.
    let first = format!("GET /none HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", server.port);
    let answer = server.send(format!("{first}{hidden}"));
    assert!(answer.status == 404 && !answer.text().contains("HTTP/1.1"), "{}", answer.text());
}

#[test]
fn no_spelling_of_an_address_leads_to_a_file_or_around_the_token() {
    let server = Server::start();
    let paths = [
        "/../Cargo.toml",
        "/..%2fCargo.toml",
        "/%2e%2e/Cargo.toml",
        "/%2e%2e%2fCargo.toml",
        "/..\\Cargo.toml",
        "/..%5cCargo.toml",
        "/....//Cargo.toml",
        "/./",
        "//",
        "/%2f",
        "/start/",
        "/start/..",
        "/x/../start",
        "/start%00",
        "/start?",
        "/start?x",
        "/START",
        "/%73tart",
        "/start;x",
        "/page.css",
        "/Cargo.toml",
        "/etc/passwd",
        "//etc/passwd",
        "/%c0%ae%c0%ae/Cargo.toml",
        "/@fs/etc/passwd",
        "/start.svg?.wasm?init",
        "/?/../start",
        "*",
    ];
    for path in paths {
        let answer = server.send(format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", server.port));
        assert!([400, 404].contains(&answer.status), "{path}: {}", answer.status);
        assert!(!answer.text().contains("[package]") && !answer.text().contains("root:"), "{path}");
    }
}

#[test]
fn every_answer_is_closed_to_other_sites() {
    let server = Server::start();
    let host = format!("Host: 127.0.0.1:{}\r\n", server.port);
    let answers = [
        server.send(format!("GET / HTTP/1.1\r\n{host}\r\n")),
        server.send(format!("GET /none HTTP/1.1\r\n{host}\r\n")),
        server.send(format!(
            "OPTIONS /train HTTP/1.1\r\n{host}Origin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\n\r\n"
        )),
        server.post("/train", &small()),
        server.post("/train", &state(&json!({ "model.hidden": 0 }))),
        server.post("/file", &json!({ "state": small(), "what": "model" })),
    ];
    assert_eq!(answers.each_ref().map(|answer| answer.status), [200, 404, 405, 200, 400, 200]);
    for Answer { head, .. } in &answers {
        for header in [
            "x-content-type-options: nosniff",
            "x-frame-options: deny",
            "cache-control: no-store",
            "referrer-policy: no-referrer",
            "cross-origin-resource-policy: same-origin",
            "frame-ancestors 'none'",
            "default-src 'none'",
        ] {
            assert!(head.contains(header), "{header} is not in\n{head}");
        }
        assert!(!head.contains("access-control"), "{head}");
        assert!(!head.contains("unsafe") && !head.contains("http:"), "{head}");
    }
    assert!(answers[0].head.contains("connect-src 'self'"));
}

/// All limits of time are in one test, so that it waits for them at once and not one after the other.
#[test]
fn slow_requests_and_many_connections_do_not_keep_the_server() {
    let server = Server::start();
    let began = Instant::now();
    let body = small().to_string();
    let mut silent = server.connect();
    let mut slow_head = server.connect();
    slow_head.write_all(b"GET / HTTP/1.1\r\nHost: ").unwrap();
    let mut slow_body = server.connect();
    let headers: String = server
        .headers(&body)
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    slow_body
        .write_all(format!("POST /train HTTP/1.1\r\n{headers}\r\n{{").as_bytes())
        .unwrap();

    // 16 connections in all. The page that asks next is told so.
    let others: Vec<_> = (0..13).map(|_| server.connect()).collect();
    std::thread::sleep(Duration::from_millis(300));
    let page = || server.send(format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", server.port));
    let busy = page();
    assert_eq!(busy.status, 503);
    assert!(busy.text().contains("16 connections"), "{}", busy.text());
    drop(others);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(page().status, 200);

    let ended = |stream: &mut _| (Answer::read(stream).status, began.elapsed().as_secs());
    for stream in [&mut silent, &mut slow_head] {
        let (status, seconds) = ended(stream);
        assert!([0, 408].contains(&status) && (4..=8).contains(&seconds), "{status} after {seconds} s");
    }
    let (status, seconds) = ended(&mut slow_body);
    assert!(status == 408 && (9..=13).contains(&seconds), "{status} after {seconds} s");
}

#[test]
fn a_long_body_and_a_long_head_are_refused_with_a_sentence() {
    let server = Server::start();
    let table = |bytes: usize| json!({ "name": "a.csv", "text": "x".repeat(bytes) });
    let refused = server.post("/table", &table(2 << 20));
    assert_eq!(refused.status, 413);
    assert!(refused.text().contains("more than 2 MiB"), "{}", refused.text());
    assert_ne!(server.post("/table", &table((2 << 20) - 100)).status, 413);

    let head =
        server.send(format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nX: {}\r\n\r\n", server.port, "x".repeat(20_000)));
    assert_eq!(head.status, 431);
    let nested = "[".repeat(200_000);
    let answer = server.request("POST /train", &server.headers(&nested), &nested);
    assert_eq!(answer.status, 400);
}

#[test]
fn a_training_ends_with_its_page_and_others_wait_for_a_place() {
    let server = Server::start();
    let cores = std::thread::available_parallelism().unwrap().get();
    let body = endless().to_string();
    let headers: String = server
        .headers(&body)
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let mut running: Vec<_> = (0..(cores - 1).max(1))
        .map(|_| {
            let mut stream = server.connect();
            stream
                .write_all(format!("POST /train HTTP/1.1\r\n{headers}\r\n{body}").as_bytes())
                .unwrap();
            stream
        })
        .collect();
    std::thread::sleep(Duration::from_millis(500));

    let began = Instant::now();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| server.train(&small()));
        std::thread::sleep(Duration::from_secs(1));
        assert!(!waiting.is_finished(), "it has no place");
        running.pop();
        let lines = waiting.join().unwrap();
        assert_eq!(lines[0], json!({ "wait": 1 }));
        assert_eq!(lines.last().unwrap()["end"]["ending"], "finished");
    });
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}
