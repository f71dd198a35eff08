//! The markup of the page of a run. maud escapes all text, so that no name from a table can become markup.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::data::{RunData, embedded_json};
use super::script::script;
use crate::data::sha256;

/// The style of the page.
const STYLE: &str = include_str!("page.css");

/// What the page of a run says and shows.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The title.
    pub title: String,
    /// What was asked and what came out, in sentences.
    pub lead: Vec<String>,
    /// Still pictures, for readers without JavaScript and for paper.
    pub stills: Vec<Still>,
    /// Why training diverged and what to do, in paragraphs.
    pub divergence: Vec<String>,
    /// The table of scores, and notes about it.
    pub scores: Table,
    /// The settings and the environment.
    pub facts: Vec<(String, String)>,
    /// What is known about the data, in lines.
    pub data_notes: Vec<String>,
    /// Command lines, each with what it does.
    pub commands: Vec<(String, String)>,
    /// Files that can be saved from the page.
    pub downloads: Vec<Download>,
    /// The numbers for the scripts. Without them, the page shows only the stills and the tables.
    pub data: Option<RunData>,
    /// Whether some samples were not used for training.
    pub has_held_out: bool,
}

/// A still picture.
#[derive(Clone, Debug)]
pub struct Still {
    /// What it shows, in a sentence.
    pub caption: String,
    /// The PNG file.
    pub png: Vec<u8>,
}

/// A file that can be saved from the page.
#[derive(Clone, Debug)]
pub struct Download {
    /// The file's name.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its contents.
    pub bytes: Vec<u8>,
}

/// A table of texts.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The headings of the columns, without that of the first one, which names the rows.
    pub columns: Vec<String>,
    /// The rows, each with its name.
    pub rows: Vec<(String, Vec<String>)>,
    /// Notes below the table.
    pub notes: Vec<String>,
}

impl Page {
    /// The page as one HTML file, which asks for nothing from anywhere.
    pub fn render(&self) -> String {
        let script = script();
        let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(sha256(text)));
        let policy = format!(
            "default-src 'none'; img-src data:; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
            hash(&script),
            hash(STYLE)
        );
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta http-equiv="Content-Security-Policy" content=(policy);
                    meta name="referrer" content="no-referrer";
                    meta name="generator" content=(concat!("Petal ", env!("CARGO_PKG_VERSION")));
                    title { (self.title) }
                    link rel="icon" href="data:,";
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    main { (self.main()) }
                    @if let Some(data) = &self.data {
                        script type="application/json" id="run" { (PreEscaped(embedded_json(data))) }
                        script { (PreEscaped(script)) }
                    }
                }
            }
        };
        page.into_string()
    }

    fn main(&self) -> Markup {
        html! {
            header {
                h1 { (self.title) }
                p class="lead" { (self.lead.join(" ")) }
            }
            @if self.data.is_some() { (live_top()) }
            (self.stills())
            @if self.data.is_some() {
                div id="strip" class="live" {}
                div id="timebar" class="live" role="group" aria-label="Time" {}
            }
            @if !self.divergence.is_empty() {
                section {
                    h2 { "Divergence" }
                    @for paragraph in &self.divergence { p { (paragraph) } }
                }
            }
            @if self.data.is_some() {
                section class="live" { h2 class="hidden" { "Curves" } div id="curves" {} }
                section class="live" { h2 { "One sample, in numbers" } div id="sample" {} }
                section class="live" { h2 { "The next update" } div id="next-update" {} }
            }
            section { h2 { "Scores" } (self.scores.markup()) }
            @if self.data.is_some() && self.has_held_out { (decisions()) }
            section { h2 { "Data" } @for note in &self.data_notes { p { (note) } } }
            section { h2 { "Make it again" } (self.again()) }
        }
    }

    fn stills(&self) -> Markup {
        let source = |still: &Still| format!("data:image/png;base64,{}", STANDARD.encode(&still.png));
        html! {
            div class="stills still" {
                @for still in &self.stills {
                    figure {
                        img src=(source(still)) alt=(still.caption);
                        figcaption class="caption" { (still.caption) }
                    }
                }
            }
        }
    }

    fn again(&self) -> Markup {
        let source = |file: &Download| format!("data:{};base64,{}", file.media_type, STANDARD.encode(&file.bytes));
        html! {
            @for (what, command) in &self.commands {
                p { (what) }
                pre tabindex="0" { (command) }
            }
            table class="words" {
                @for (name, value) in &self.facts { tr { th scope="row" { (name) } td { (value) } } }
            }
            ul class="downloads" {
                @for file in &self.downloads { li { a href=(source(file)) download=(file.name) { (file.name) } } }
            }
        }
    }
}

/// The places that the scripts fill first.
fn live_top() -> Markup {
    html! {
        div class="first" {
            div id="diagram" class="live" {}
            div class="output live" { div id="controls" class="controls" {} div id="picture" {} }
        }
    }
}

fn decisions() -> Markup {
    html! {
        section class="live" {
            h2 { "Decisions" }
            p class="lead" {
                "Class 1 is predicted where its probability is above the threshold. Moving it trades one kind of error for the other."
            }
            div id="decisions" {}
        }
    }
}

impl Table {
    fn markup(&self) -> Markup {
        html! {
            div class="scroll" tabindex="0" role="group" aria-label="Scores" {
                table {
                    thead { tr { th {} @for column in &self.columns { th scope="col" { (column) } } } }
                    tbody {
                        @for (name, cells) in &self.rows {
                            tr { th scope="row" { (name) } @for cell in cells { td { (cell) } } }
                        }
                    }
                }
            }
            @for note in &self.notes { p class="caption" { (note) } }
        }
    }
}
