//! The page of a run or a sweep, from its template.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, PreEscaped, html};

use super::data::{DataSet, Input, RunData, Samples, Slice, SweepData, embedded_json};
use super::script::{run_script, sweep_script};
use super::template::{Values, fill};
use crate::data::sha256;
use crate::data::text::{grouped, short};

/// The markup of the pages. `tests/page` fills them, too.
const RUN: &str = include_str!("page.html");
const SWEEP: &str = include_str!("sweep.html");
/// The style of the page.
const STYLE: &str = include_str!("page.css");
/// The parts of the samples, in the order of the data.
const PARTS: [&str; 3] = ["training", "validation", "test"];

/// What a page says and shows.
#[derive(Clone, Debug)]
pub struct Page {
    /// The title.
    pub title: String,
    /// What was asked and what came out, in sentences.
    pub lead: Vec<String>,
    /// Still pictures, for readers without JavaScript and for paper.
    pub stills: Vec<Still>,
    /// The scores.
    pub scores: Table,
    /// The settings and the environment.
    pub facts: Vec<(String, String)>,
    /// What is known about the data, with names.
    pub data_notes: Vec<(String, String)>,
    /// How many samples of each part are of each class.
    pub class_balance: Table,
    /// Command lines, each with what it does.
    pub commands: Vec<(String, String)>,
    /// Files that can be saved from the page.
    pub downloads: Vec<Download>,
    /// What the page is about.
    pub subject: Subject,
}

/// What a page is about. Without the numbers for the scripts, a page shows only the stills and the tables.
#[derive(Clone, Debug)]
pub enum Subject {
    /// One run.
    Run {
        /// The numbers.
        data: Option<Box<RunData>>,
        /// Why training diverged and what to do, in paragraphs.
        divergence: Vec<String>,
        /// How an update follows from the derivatives, in a sentence.
        step: String,
    },
    /// The runs of a sweep.
    Sweep {
        /// The numbers.
        data: Option<SweepData>,
        /// What differs between the runs, such as "hidden and learning_rate".
        keys: String,
        /// The cost by which the runs are compared, such as "validation cost".
        cost: String,
        /// Which networks are shown, in a sentence.
        shown: String,
    },
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
    /// The heading of the first column, which names the rows.
    pub first_column: String,
    /// The headings of the other columns.
    pub columns: Vec<String>,
    /// The rows, each with its name.
    pub rows: Vec<(String, Vec<String>)>,
    /// Notes below the table.
    pub notes: Vec<String>,
}

impl Page {
    /// The page as one HTML file, which asks for nothing from anywhere.
    pub fn render(&self) -> String {
        let (template, script) = match &self.subject {
            Subject::Run { data, .. } => (RUN, data.as_ref().map(|_| run_script())),
            Subject::Sweep { data, .. } => (SWEEP, data.as_ref().map(|_| sweep_script())),
        };
        let script = script.unwrap_or_default();
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
            ("run", PreEscaped("null".into())),
        ]);
        values.extend(self.subject.values());
        fill(template, &values).0
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
            (pairs(&self.data_notes))
            (self.class_balance.markup("Classes"))
            @if let Subject::Run { data: Some(run), .. } = &self.subject {
                @if is_standardised(&run.data.inputs) { (columns(&run.data.inputs).markup("Columns")) }
            }
        }
    }

    fn again(&self) -> Markup {
        html! {
            @for (what, command) in &self.commands {
                p { (what) }
                pre tabindex="0" { (command) }
            }
            (pairs(&self.facts))
            @for config in self.downloads.iter().filter(|download| download.name.ends_with(".toml")) {
                h3 { (config.name) }
                pre tabindex="0" { (String::from_utf8_lossy(&config.bytes).trim_end()) }
            }
            ul class="downloads" {
                @for Download { name, media_type, bytes } in &self.downloads {
                    li { a href=(data_url(media_type, bytes)) download=(name) { (name) } }
                }
            }
        }
    }
}

impl Subject {
    fn values(&self) -> Values {
        let mut values = Values::new();
        match self {
            Self::Run { data, divergence, step } => {
                values.insert("step", html! { (step) });
                if let [first, rest @ ..] = &divergence[..] {
                    values.insert("divergence_title", html! { (first) });
                    let kept = data.as_ref().map(|data| data.trained.training.kept_update);
                    values
                        .insert("divergence", html! { @for paragraph in rest { p { (with_link(paragraph, kept)) } } });
                }
                values.extend(data.iter().flat_map(|data| data_values(data)));
            }
            Self::Sweep { data, keys, cost, shown } => {
                values.insert("keys", html! { (keys) });
                values.insert("cost", html! { (cost) });
                values.insert("shown", html! { (shown) });
                values.extend(data.iter().map(|data| ("run", PreEscaped(embedded_json(data)))));
            }
        }
        values
    }
}

/// The values that come from the numbers of a run.
fn data_values(run: &RunData) -> Values {
    let DataSet { classes: [zero, one], inputs, samples, slices } = &run.data;
    let mut values = Values::from([
        ("run", PreEscaped(embedded_json(run))),
        ("class_zero", html! { (zero) }),
        ("class_one", html! { (one) }),
        ("parts", part_options(samples, 0, None)),
    ]);
    let [shown, all] = [samples.parts, samples.totals].map(|counts| counts.iter().sum::<usize>());
    if shown < all {
        let (shown, all) = (grouped(shown), grouped(all));
        let subset = html! {
            "This page holds " (shown) " of the " (all) " samples, chosen at random. The points, the single samples and the decisions \
             are those of this choice. The cost and the accuracy at the slider are those of all samples."
        };
        values.insert("subset", subset);
    }
    if samples.parts[0] == samples.totals[0] {
        values.insert("complete", html! {});
    }
    if inputs.len() > 2 {
        values.insert("sliced", html! {});
    }
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
        let numbers = [input.shift, input.scale].map(short);
        (input.name.clone(), numbers.into())
    });
    Table {
        first_column: "input".into(),
        columns: vec!["minus".into(), "divided by".into()],
        rows: rows.collect(),
        notes: vec![
            "The network gets each input minus its mean over the training samples, divided by its standard deviation. All digits \
             are in model.safetensors."
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
            html! { (with_code(before)) a href={ "#update=" (update) } { (name) } (with_code(after)) }
        }
        _ => with_code(text),
    }
}

/// The text with what is between backticks as code.
fn with_code(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn pairs(pairs: &[(String, String)]) -> Markup {
    html! {
        table class="words" {
            @for (name, value) in pairs { tr { th scope="row" { (name) } td { (value) } } }
        }
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
                    thead { tr { th scope="col" { (self.first_column) } @for column in &self.columns { th scope="col" { (column) } } } }
                    tbody {
                        @for (name, cells) in &self.rows {
                            tr { th scope="row" { (name) } @for cell in cells { td { (cell) } } }
                        }
                    }
                }
            }
            @for note in &self.notes { p class="caption lines" { (note) } }
        }
    }
}
