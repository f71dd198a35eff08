//! The page of a run, from its template.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, PreEscaped, html};

use super::data::{Input, RunData, Samples, Slice, embedded_json};
use super::script::script;
use super::template::{Values, fill};
use crate::data::sha256;
use crate::data::text::grouped;

/// The markup of the page. `tests/page` fills it, too.
const TEMPLATE: &str = include_str!("page.html");
/// The style of the page.
const STYLE: &str = include_str!("page.css");
/// The parts of the samples, in the order of the data.
const PARTS: [&str; 3] = ["training", "validation", "test"];

/// What the page of a run says and shows.
#[derive(Clone, Debug)]
pub struct Page {
    /// The title.
    pub title: String,
    /// What was asked and what came out, in sentences.
    pub lead: Vec<String>,
    /// Still pictures, for readers without JavaScript and for paper.
    pub stills: Vec<Still>,
    /// Why training diverged and what to do, in paragraphs.
    pub divergence: Vec<String>,
    /// The scores.
    pub scores: Table,
    /// The settings and the environment.
    pub facts: Vec<(String, String)>,
    /// What is known about the data, in lines.
    pub data_notes: Vec<String>,
    /// Command lines, each with what it does.
    pub commands: Vec<(String, String)>,
    /// Files that can be saved from the page.
    pub downloads: Vec<Download>,
    /// How an update follows from the derivatives, in a sentence.
    pub step: String,
    /// The numbers for the scripts. Without them, the page shows only the stills and the tables.
    pub data: Option<RunData>,
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
        let script = self.data.as_ref().map_or_else(String::new, |_| script());
        let hash = |text: &str| PreEscaped(format!("sha256-{}", STANDARD.encode(sha256(text))));
        let mut values = Values::from([
            ("version", html! { (env!("CARGO_PKG_VERSION")) }),
            ("title", html! { (self.title) }),
            ("sentences", html! { (self.lead.join(" ")) }),
            ("script_hash", hash(&script)),
            ("style_hash", hash(STYLE)),
            ("script", PreEscaped(script)),
            ("style", PreEscaped(STYLE.into())),
            ("stills", self.stills()),
            ("scores", self.scores.markup("Scores")),
            ("data", self.data_section()),
            ("again", self.again()),
            ("step", html! { (self.step) }),
        ]);
        if let [first, rest @ ..] = &self.divergence[..] {
            values.insert("divergence_title", html! { (first) });
            let kept = self.data.as_ref().map(|data| data.training.kept_update);
            values.insert("divergence", html! { @for paragraph in rest { p { (with_link(paragraph, kept)) } } });
        }
        match &self.data {
            Some(data) => values.extend(data_values(data)),
            None => drop(values.insert("run", PreEscaped("null".into()))),
        }
        fill(TEMPLATE, &values).0
    }

    fn stills(&self) -> Markup {
        html! {
            @for still in &self.stills {
                figure {
                    img src=(data_url("image/png", &still.png)) alt=(still.caption);
                    figcaption class="caption" { (still.caption) }
                }
            }
        }
    }

    fn data_section(&self) -> Markup {
        html! {
            @for note in &self.data_notes { p { (note) } }
            @if let Some(RunData { inputs, .. }) = &self.data {
                @if is_standardised(inputs) { (columns(inputs).markup("Columns")) }
            }
        }
    }

    fn again(&self) -> Markup {
        html! {
            @for (what, command) in &self.commands {
                p { (what) }
                pre tabindex="0" { (command) }
            }
            table class="words" {
                @for (name, value) in &self.facts { tr { th scope="row" { (name) } td { (value) } } }
            }
            ul class="downloads" {
                @for Download { name, media_type, bytes } in &self.downloads {
                    li { a href=(data_url(media_type, bytes)) download=(name) { (name) } }
                }
            }
        }
    }
}

/// The values that come from the numbers of the run.
fn data_values(data: &RunData) -> Values {
    let RunData { classes: [zero, one], inputs, samples, slices, .. } = data;
    let mut values = Values::from([
        ("run", PreEscaped(embedded_json(data))),
        ("class_zero", html! { (zero) }),
        ("class_one", html! { (one) }),
        ("parts", part_options(samples, 0, None)),
    ]);
    if is_standardised(inputs) {
        values.insert("standardised", html! { " x is standardised." });
    }
    let last = samples.totals.iter().rposition(|&total| total > 0);
    if last > Some(0) {
        values.insert("decisions", html! {});
        values.insert("held_out", part_options(samples, 1, last));
    }
    if inputs.len() > 2 {
        values.insert("planes", plane_options(slices));
        values.insert("inputs", input_options(inputs, 0));
        values.insert("inputs_up", input_options(inputs, 1));
    }
    values
}

/// The choice of a part, from the part `first` on.
fn part_options(samples: &Samples, first: usize, selected: Option<usize>) -> Markup {
    html! {
        @for (part, name) in PARTS.iter().enumerate().skip(first) {
            @if samples.totals[part] > 0 {
                option value=(part) selected[selected == Some(part)] { (name) " (" (grouped(samples.parts[part])) ")" }
            }
        }
    }
}

fn plane_options(slices: &[Slice]) -> Markup {
    html! {
        @for (index, slice) in slices.iter().enumerate() { option value=(index) { (slice.name) } }
        option value=(slices.len()) { "two inputs, the others at their means" }
    }
}

fn input_options(inputs: &[Input], selected: usize) -> Markup {
    html! {
        @for (index, input) in inputs.iter().enumerate() {
            option value=(index) selected[index == selected] { (input.name) }
        }
    }
}

fn is_standardised(inputs: &[Input]) -> bool {
    inputs.iter().any(|input| input.scale != 1.0 || input.shift != 0.0)
}

/// How each input was standardised.
fn columns(inputs: &[Input]) -> Table {
    let rows = inputs.iter().map(|input| {
        let numbers = [input.shift, input.scale].map(|number| format!("{number}"));
        (input.name.clone(), numbers.into())
    });
    Table {
        columns: vec!["minus".into(), "divided by".into()],
        rows: rows.collect(),
        notes: vec![
            "The network gets each input minus its mean over the training samples, divided by its standard deviation."
                .into(),
        ],
    }
}

/// The text with a link to the slider where it names this update.
fn with_link(text: &str, update: Option<usize>) -> Markup {
    let named = update.map(|update| (update, format!("update {update}")));
    match named
        .as_ref()
        .and_then(|(update, name)| Some((update, name, text.split_once(name)?)))
    {
        Some((update, name, (before, after))) if !after.starts_with(|next: char| next.is_ascii_digit()) => {
            html! { (before) a href={ "#update=" (update) } { (name) } (after) }
        }
        _ => html! { (text) },
    }
}

fn data_url(media_type: &str, bytes: &[u8]) -> String {
    format!("data:{media_type};base64,{}", STANDARD.encode(bytes))
}

impl Table {
    fn markup(&self, name: &str) -> Markup {
        html! {
            div class="scroll" tabindex="0" role="region" aria-label=(name) {
                table {
                    thead { tr { td {} @for column in &self.columns { th scope="col" { (column) } } } }
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
