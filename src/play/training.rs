//! A training, streamed to a page: what is known before it, the frames as they come, and its end.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;

use super::command::Commands;
use super::prepared::Prepared;
use super::refusal::Refusal;
use super::state::settings_of;
use crate::data::text::grouped;
use crate::files::folder::CONFIG;
use crate::network::Parameters;
use crate::page::{FrameData, Numbers, TrainedRun};
use crate::run::Trained;
use crate::train::{Ending, Observer, Record};

/// A shorter training sends no frames before its end, which has them all.
const PREVIEW: Duration = Duration::from_millis(100);
/// The time between two lines of frames.
const PAUSE: Duration = Duration::from_millis(30);
/// A line of frames has at most this many numbers. Of more frames, every second one is left out until they fit.
const LINE_NUMBERS: usize = 40_000;
/// The last line must have gone in this time.
const LAST_LINE_TIME: Duration = Duration::from_secs(30);

/// The lines to a page. A page that reads slowly makes them wait.
pub(super) struct Stream {
    pub(super) lines: Sender<Bytes>,
    pub(super) runtime: Handle,
}

/// The last line of a training.
#[derive(Serialize)]
struct End {
    /// The numbers as the page of a run has them, frames and all.
    #[serde(flatten)]
    trained: TrainedRun,
    ending: String,
    seconds: f64,
    /// Why training ended before its last update, in sentences.
    why: Vec<String>,
}

/// Sends frames to the page, and ends a training that nobody waits for or that takes too long.
struct Sending<'a> {
    stream: &'a Stream,
    frames: Vec<(usize, Parameters)>,
    records: Vec<Record>,
    next: Instant,
    deadline: Instant,
}

impl Stream {
    /// Sends a line, unless it takes longer than `time`. Whether the page still reads.
    pub(super) fn send(&self, line: &Value, time: Duration) -> bool {
        let bytes = Bytes::from(format!("{line}\n"));
        match self.lines.try_send(bytes) {
            Ok(()) => true,
            Err(TrySendError::Closed(_)) => false,
            Err(TrySendError::Full(bytes)) => {
                let sent = async { tokio::time::timeout(time, self.lines.send(bytes)).await };
                matches!(self.runtime.block_on(sent), Ok(Ok(())))
            }
        }
    }
}

impl Observer for Sending<'_> {
    fn on_parameters(&mut self, update: usize, parameters: Parameters) {
        self.frames.push((update, parameters));
    }

    fn on_record(&mut self, record: &Record) {
        self.records.push(record.clone());
    }

    fn on_update(&mut self, _update: usize) -> ControlFlow<()> {
        let now = Instant::now();
        if now >= self.deadline || self.stream.lines.is_closed() {
            return ControlFlow::Break(());
        }
        if now < self.next || self.frames.is_empty() {
            return ControlFlow::Continue(());
        }
        let sent = self.stream.send(&self.line(), self.deadline - now);
        self.next = Instant::now() + PAUSE;
        if sent { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

impl Sending<'_> {
    /// The frames and the records since the last line.
    fn line(&mut self) -> Value {
        let mut frames = std::mem::take(&mut self.frames);
        while frames.len() > 1 && frames.len() * frames[0].1.count() > LINE_NUMBERS {
            let mut keep = frames.len().is_multiple_of(2);
            frames.retain(|_| {
                keep = !keep;
                keep
            });
        }
        let updates = frames.iter().map(|(update, _)| *update).collect();
        let parameters = frames.iter().flat_map(|(_, parameters)| parameters.flattened()).collect();
        let history = history_of(&std::mem::take(&mut self.records));
        json!({ "frames": FrameData { updates, parameters }, "history": history })
    }
}

/// The records as the page has a history.
fn history_of(records: &[Record]) -> Value {
    let updates: Vec<usize> = records.iter().map(|record| record.update).collect();
    let series = |number: fn(&Record) -> Option<f64>| records.iter().map(number).collect::<Option<Numbers>>();
    json!({
        "updates": updates,
        "cost": series(|record| Some(record.cost)),
        "accuracy": series(|record| Some(record.accuracy)),
        "validation_cost": series(|record| record.validation.as_ref().map(|score| score.cost)),
        "validation_accuracy": series(|record| record.validation.as_ref().map(|score| score.accuracy)),
    })
}

/// Trains for at most `time`, and sends all lines but those about waiting.
pub(super) fn train(prepared: &Prepared, commands: &Commands, stream: &Stream, time: Duration) {
    let began = Instant::now();
    if !stream.send(&start(prepared, commands), time) {
        return;
    }
    let (next, deadline) = (began + PREVIEW, began + time);
    let mut sending = Sending { stream, frames: Vec::new(), records: Vec::new(), next, deadline };
    let trained = prepared.run.train_watched(prepared.fork.as_ref(), &mut sending);
    if stream.lines.is_closed() {
        return;
    }
    let line = match trained {
        Ok(trained) => end(&trained, began.elapsed(), time),
        Err(error) => Refusal::of(&error, prepared.data_key).to_json(),
    };
    stream.send(&line, LAST_LINE_TIME);
}

/// What is known before training.
fn start(prepared: &Prepared, commands: &Commands) -> Value {
    let mut start = json!(prepared.run.page_start());
    let (command, why) = match (&prepared.fork, &prepared.table) {
        (Some(fork), _) => {
            let why = match fork.update {
                0 => "no command trains this network, because it begins with weights that were given".to_owned(),
                update => format!("the weights were edited at update {}, which no command does", grouped(update)),
            };
            (None, Some(why))
        }
        (None, Some((name, _))) => {
            let why = format!("save the configuration as {CONFIG}, and the table beside it as {name}");
            (Some(commands.with_saved_config()), Some(why))
        }
        (None, None) => {
            let command = commands.with_settings(&prepared.run.config, &prepared.overrides);
            (Some(command), Some(commands.needs_default_config()))
        }
    };
    start["command"] = command.into();
    start["why"] = why.into();
    start["notes"] = prepared.notes().into();
    start["settings"] = settings_of(&prepared.run.config).into();
    json!({ "start": start })
}

/// How training ended.
fn end(trained: &Trained<'_>, took: Duration, limit: Duration) -> Value {
    let Some(numbers) = trained.page_data() else {
        return Refusal::state("the network is too large to be shown", "model.hidden").to_json();
    };
    let why = match (&trained.outcome.ending, &trained.diagnosis) {
        (Ending::Interrupted, _) => vec![too_long(trained, limit)],
        (_, Some(diagnosis)) => diagnosis.advice.clone(),
        _ => Vec::new(),
    };
    let ending = trained.outcome.ending.to_string();
    json!({ "end": End { trained: numbers, ending, seconds: took.as_secs_f64(), why } })
}

/// That a training was ended because of the time.
pub(super) fn too_long(trained: &Trained<'_>, limit: Duration) -> String {
    let (update, updates) = (trained.outcome.last().update, trained.run.config.train.updates);
    let seconds = limit.as_secs_f64();
    format!("the playground ends a training after {seconds} s; this one had made {update} of {updates} updates")
}

#[cfg(test)]
mod tests {
    use tokio::runtime::Builder;
    use tokio::sync::mpsc::channel;

    use super::*;
    use crate::play::state::State;

    /// The numbers until then are shown, with the reason. The limit is shorter here than on the server.
    #[test]
    fn a_training_that_takes_too_long_ends_with_its_numbers_and_a_sentence() {
        let json = br#"{ "config": { "data.samples": 50, "train.engine": "manual", "train.updates": 1000000 } }"#;
        let prepared = Prepared::new(&State::from_json(json).unwrap()).unwrap();
        let commands = Commands { train: "petal train".into(), default_config: "configs/default.toml".into() };
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        let (sender, mut receiver) = channel(10_000);
        let stream = Stream { lines: sender, runtime: runtime.handle().clone() };
        let (limit, began) = (Duration::from_millis(500), Instant::now());
        train(&prepared, &commands, &stream, limit);
        let took = began.elapsed();
        drop(stream);

        let mut lines: Vec<Value> = Vec::new();
        while let Some(line) = receiver.blocking_recv() {
            lines.push(serde_json::from_slice(&line).unwrap());
        }
        let end = &lines.last().unwrap()["end"];
        let made = end["frames"]["updates"].as_array().unwrap().last().unwrap();
        assert_eq!(end["ending"], "interrupted");
        assert!(made.as_u64().unwrap() > 0 && end["training"]["updates"] == *made, "{made}");
        let why = format!("the playground ends a training after 0.5 s; this one had made {made} of 1000000 updates");
        assert_eq!(end["why"], json!([why]));
        // The scores and the sharpness of the last numbers come after the limit.
        assert!(took >= limit && took < Duration::from_secs(20), "{took:?}");
    }
}
