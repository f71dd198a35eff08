//! The pages of lessons for a web site: each with its trainings inside, and without a server.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde::Serialize;

use super::data::{DataSet, FORMAT, TrainedRun, embedded_json};
use super::markup::Paragraphs;
use super::play::{STYLE, TEMPLATE};
use super::script::lesson_script;
use super::template::{Values, fill};
use crate::data::sha256;

/// What the head of every page of lessons has, and no other file.
pub const MARK_OF_LESSONS: &str = "<meta name=\"petal\" content=\"lesson\">";

/// What a lesson asks and says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LessonText {
    /// Its name in addresses.
    pub id: String,
    /// The title.
    pub title: String,
    /// The question.
    pub ask: String,
    /// The answers to choose from.
    pub answers: Vec<String>,
    /// The index of the right answer, if one is right.
    pub right: Option<usize>,
    /// What there is to see.
    pub say: Paragraphs,
    /// The update to look at. `None` for the one whose parameters are kept.
    pub update: Option<usize>,
    /// The hidden unit to look at.
    pub unit: Option<usize>,
}

/// The page of a lesson.
#[derive(Clone, Debug)]
pub struct LessonPage {
    /// What it asks and says.
    pub text: LessonText,
    /// The data sets of its runs.
    pub data: Vec<DataSet>,
    /// The lesson's own run, and those to compare with it.
    pub runs: Vec<RunOfLesson>,
    /// The command that opens the lesson in the playground.
    pub command: String,
    /// The next lesson of the site.
    pub next: Option<LessonText>,
}

/// A run of a lesson.
#[derive(Clone, Debug, Serialize)]
pub struct RunOfLesson {
    /// Its name.
    pub name: String,
    /// The index of its data set.
    pub data: usize,
    /// What is said about its data, its start and its end, in sentences.
    pub notes: Vec<String>,
    /// The training.
    #[serde(flatten)]
    pub trained: TrainedRun,
}

/// What the script computes with. `js/lessonpage.js` reads it.
#[derive(Serialize)]
struct LessonData<'a> {
    format: u32,
    lesson: &'a LessonText,
    data: &'a [DataSet],
    runs: &'a [RunOfLesson],
}

impl LessonPage {
    /// The page as one HTML file, which asks for nothing from anywhere.
    pub fn render(&self) -> String {
        let LessonText { title, ask, answers, right, say, .. } = &self.text;
        let script = lesson_script();
        let data = LessonData { format: FORMAT, lesson: &self.text, data: &self.data, runs: &self.runs };
        let told = html! {
            @if let Some(right) = right { p { b { "The answer is: " (answers[*right]) "." } } }
            (say.markup())
        };
        let values = Values::from([
            ("version", html! { (env!("CARGO_PKG_VERSION")) }),
            ("lesson", html! {}),
            ("mark", PreEscaped(MARK_OF_LESSONS.into())),
            ("policy", PreEscaped(policy(Some(&script)))),
            ("title", html! { (title) }),
            ("links", self.links()),
            ("ask", html! { (ask) }),
            ("answers", html! { ul { @for answer in answers { li { (answer) } } } }),
            ("told", told),
            ("command", html! { (self.command) }),
            ("run", PreEscaped(embedded_json(&data))),
            ("script", PreEscaped(script)),
            ("style", PreEscaped(STYLE.into())),
        ]);
        fill(TEMPLATE, &values).0
    }

    fn links(&self) -> Markup {
        html! {
            a href="index.html" { "All lessons" }
            @if let Some(LessonText { id, title, .. }) = &self.next { " " a href={ (id) ".html" } { "Next: " (title) } }
        }
    }
}

/// The page that lists lessons.
pub fn lesson_index(lessons: &[LessonText]) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(PreEscaped(policy(None)));
                meta name="referrer" content="no-referrer";
                meta name="generator" content={ "Petal " (env!("CARGO_PKG_VERSION")) };
                (PreEscaped(MARK_OF_LESSONS))
                title { "Lessons about a small neural network" }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                main class="play static" {
                    h1 { "Lessons about a small neural network" }
                    p class="lead" { "Each asks for a guess first, and then shows a whole training." }
                    ol class="lesson-list" {
                        @for LessonText { id, title, ask, .. } in lessons {
                            li { a href={ (id) ".html" } { (title) } p { (ask) } }
                        }
                    }
                }
            }
        }
    };
    page.0
}

/// A page may run its own script and use its own style, and load nothing.
fn policy(script: Option<&str>) -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(sha256(text)));
    let script = script.map_or_else(|| "'none'".into(), hash);
    format!(
        "default-src 'none'; img-src data:; script-src {script}; style-src {}; base-uri 'none'; form-action 'none'",
        hash(STYLE)
    )
}
