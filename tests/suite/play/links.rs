//! `petal play` with a link, as the page copies it.

use std::process::Output;

use serde_json::{Value, json};

use super::client::Server;
use crate::support::program;

/// {"config":{"model.hidden":3}}
const STATE: &str = "s=eyJjb25maWciOnsibW9kZWwuaGlkZGVuIjozfX0";

fn beginning(argument: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    Server::start_in(folder.path(), &[argument]).beginning()
}

fn refused(arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = program("petal").args(["play", "--no-open"]).args(arguments).output().unwrap();
    assert_eq!(status.code(), Some(2), "{arguments:?}");
    String::from_utf8(stderr).unwrap()
}

#[test]
fn a_link_begins_the_page_with_its_state_its_lesson_and_its_place() {
    let three_units = json!({ "model.hidden": 3 });
    let whole = beginning(&format!("#{STATE}&update=700&lesson=zero"));
    assert_eq!(whole["state"]["config"], three_units);
    assert_eq!([&whole["lesson"], &whole["update"], &whole["note"]], [&json!("zero"), &json!(700), &Value::Null]);

    // The address of a page, whose server has ended.
    let address = beginning(&format!("http://127.0.0.1:4000/#token=0123&{STATE}"));
    assert_eq!([&address["state"]["config"], &address["lesson"]], [&three_units, &Value::Null]);

    // A lesson of somebody else's program does not keep the state from being shown.
    let unknown = beginning(&format!("#lesson=mine&{STATE}"));
    assert_eq!([&unknown["state"]["config"], &unknown["lesson"]], [&three_units, &Value::Null]);
    assert!(
        unknown["note"]
            .as_str()
            .unwrap()
            .starts_with("#lesson=mine: there is no such lesson; there are line")
    );
}

#[test]
fn what_is_wrong_with_a_link_is_said() {
    let cases = [
        ("#s=!", "#...: s=...: is not base64url; is the link cut off?"),
        ("#s=eyJj", "#...: s=...: the state of the page cannot be read: EOF while parsing a string"),
        ("#lesson=magic", "#lesson=magic: there is no such lesson; there are line, flower"),
        ("#lesson=zero&update=-1", "#...: update=-1: must be a whole number >= 0"),
        (
            "#state=3",
            "#...: \"state=3\": a link has s=..., lesson=... and update=... after its #, joined by &",
        ),
        ("#", "#...: \"\": a link has s=..., lesson=..."),
        ("http://127.0.0.1:4000/#token=0123", "#...: the link has no state, s=..., and no lesson, lesson=..."),
        ("http://127.0.0.1:4000/", "#...: \"\": a link has s=..."),
    ];
    for (link, expected) in cases {
        let message = refused(&[link]);
        assert!(message.starts_with(&format!("error: {expected}")), "{link}: {message}");
    }
    let with_label = refused(&["#lesson=zero", "--label", "answer"]);
    assert!(with_label.starts_with("error: --label answer: the link has its label"), "{with_label}");
}

#[cfg(unix)]
#[test]
fn a_table_without_an_end_is_refused() {
    let message = refused(&["/dev/zero", "--label", "answer"]);
    assert!(message.contains("/dev/zero: has more than 1,900,000 bytes"), "{message}");
}
