//! A file of a training, which is made again for it: its bytes are those that the copied command writes.

use std::ops::ControlFlow;
use std::time::Instant;

use hyper::StatusCode;
use serde::Deserialize;

use super::answer::{Answer, file_answer};
use super::limits::TRAINING_TIME;
use super::prepared::Prepared;
use super::refusal::Refusal;
use super::state::State;
use super::training::too_long;
use crate::error::Result;
use crate::export::default_onnx;
use crate::files::folder::{CONFIG, REPORT};
use crate::page::{Download, Page};
use crate::run::{Results, Trained};
use crate::train::{Ending, Observer};

/// Makes the page of a run, with files that can be saved from it.
pub type ReportPage = fn(&Results<'_>, Vec<Download>) -> Result<Page>;

const HISTORY: &str = "history.csv";
const MODEL: &str = "model.safetensors";
const CSV: &str = "text/csv; charset=utf-8";
const TOML: &str = "application/toml";
const BINARY: &str = "application/octet-stream";

/// How long a GIF moves, as in `petal animate`.
const GIF_SECONDS: f64 = 6.0;

/// A request for a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRequest {
    pub(super) state: State,
    what: What,
}

/// The files.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum What {
    /// The configuration.
    Config,
    /// The table, or the drawn points as a table.
    Data,
    /// The model file.
    Model,
    /// The costs and accuracies.
    History,
    /// The model as an ONNX graph.
    Onnx,
    /// The picture of the probability.
    Png,
    /// How the boundary formed.
    Gif,
    /// The page of the run.
    Report,
}

/// Ends a training that nobody waits for or that takes too long.
struct Deadline<'a> {
    deadline: Instant,
    is_abandoned: &'a dyn Fn() -> bool,
}

impl Observer for Deadline<'_> {
    fn on_update(&mut self, _update: usize) -> ControlFlow<()> {
        if Instant::now() >= self.deadline || (self.is_abandoned)() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

impl FileRequest {
    pub(super) fn from_json(json: &[u8]) -> Result<Self, Refusal> {
        serde_json::from_slice(json)
            .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, format!("the request cannot be read: {error}")))
    }

    /// Trains if the file needs it, and makes the file.
    pub(super) fn answer(
        &self,
        prepared: &Prepared,
        report: ReportPage,
        is_abandoned: &dyn Fn() -> bool,
    ) -> Result<Answer, Refusal> {
        let run = &prepared.run;
        match (self.what, &prepared.table) {
            (What::Config, _) => return Ok(file_answer(CONFIG, TOML, run.config.to_toml().into())),
            (What::Data, Some((_, text))) => return Ok(file_answer("drawn.csv", CSV, text.clone().into())),
            (What::Data, None) => return Err(Refusal::state("generated data need no file", prepared.data_key)),
            _ => {}
        }

        let mut observer = Deadline { deadline: Instant::now() + TRAINING_TIME, is_abandoned };
        let trained = run.train_watched(prepared.fork.as_ref(), &mut observer);
        let trained = trained.map_err(|error| Refusal::of(&error, prepared.data_key))?;
        if trained.outcome.ending == Ending::Interrupted {
            return Err(Refusal::limit(too_long(&trained, TRAINING_TIME), "train.updates"));
        }
        self.of(trained, report).map_err(|error| Refusal::of(&error, prepared.data_key))
    }

    fn of(&self, trained: Trained<'_>, report: ReportPage) -> Result<Answer> {
        match self.what {
            What::Config | What::Data => unreachable!("these need no training"),
            What::Model => Ok(file_answer(MODEL, BINARY, trained.model_file().to_bytes()?)),
            What::History => Ok(file_answer(HISTORY, CSV, trained.history().into())),
            What::Onnx => Ok(file_answer("model.onnx", BINARY, default_onnx(&trained.model_file())?)),
            What::Png => {
                let results = trained.evaluate()?;
                let png = results.stills()?.into_iter().next().map(|(_, png)| png);
                Ok(file_answer("boundary.png", "image/png", png.unwrap_or_default()))
            }
            What::Gif => {
                trained.run.check_plane()?;
                Ok(file_answer("boundary.gif", "image/gif", trained.animation(GIF_SECONDS)?.gif()?))
            }
            What::Report => {
                let downloads = downloads(&trained)?;
                let page = report(&trained.evaluate()?, downloads)?;
                Ok(file_answer(REPORT, "text/html; charset=utf-8", page.render().into()))
            }
        }
    }
}

/// The files that can be saved from the page of the run.
fn downloads(trained: &Trained<'_>) -> Result<Vec<Download>> {
    let file = |name: &str, media_type, bytes| Download { name: name.into(), media_type, bytes };
    Ok(vec![
        file(CONFIG, TOML, trained.run.config.to_toml().into()),
        file(HISTORY, CSV, trained.history().into()),
        file(MODEL, BINARY, trained.model_file().to_bytes()?),
    ])
}
