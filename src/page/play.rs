//! The page of the playground.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{PreEscaped, html};

use super::script::play_script;
use super::template::{Values, fill};
use crate::data::sha256;

/// The markup of the playground. Pages of lessons have the same parts that show a run.
pub(super) const TEMPLATE: &str = include_str!("play.html");
pub(super) const STYLE: &str = include_str!("page.css");

/// The page of the playground.
pub struct PlayPage {
    /// The page.
    pub html: String,
    /// What it may load, run and ask for: its own script, its own style, its own server.
    pub policy: String,
}

/// The page of the playground, which gets everything else from its server.
pub fn play_page() -> PlayPage {
    let script = play_script();
    let [script_hash, style_hash] =
        [&script[..], STYLE].map(|text| format!("sha256-{}", STANDARD.encode(sha256(text))));
    let policy = format!(
        "default-src 'none'; img-src data: blob:; script-src '{script_hash}'; style-src '{style_hash}'; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let values = Values::from([
        ("version", html! { (env!("CARGO_PKG_VERSION")) }),
        ("playground", html! {}),
        ("title", html! { "Petal playground" }),
        ("script", PreEscaped(script)),
        ("style", PreEscaped(STYLE.into())),
    ]);
    PlayPage { html: fill(TEMPLATE, &values).0, policy }
}
