//! What the page of a run says: the same facts and the same caveats as the terminal.

use std::fs;

use super::run_summary::{data_lines, training_lines};
use super::scores::{ScoresColumn, cells, notes};
use super::training::{divergence, score_columns};
use crate::data::text::{exact, grouped, plural, shell_quote_path};
use crate::error::{Error, Result};
use crate::files::folder::{CONFIG, RunFolder};
use crate::network::Parameters;
use crate::page::{Download, Page, Still, Subject, Table};
use crate::run::{PartScores, Results, Run, SplitScores};
use crate::train::Ending;

/// The files that can be saved from the page, with their media types, if the run has them.
const DOWNLOADS: [(&str, &str); 5] = [
    (CONFIG, "application/toml"),
    ("history.csv", "text/csv"),
    ("sweep.csv", "text/csv"),
    ("metrics.json", "application/json"),
    ("model.safetensors", "application/octet-stream"),
];

/// The page of a run. The files that can be saved from it are read from its folder.
///
/// # Errors
/// When one of these cannot be read, or a picture cannot be drawn.
pub fn page(results: &Results<'_>, folder: &RunFolder) -> Result<Page> {
    page_with(results, downloads(folder)?, commands(Some(folder), &results.outcome.ending))
}

/// The page of a run that has no folder, with these files to save from it.
///
/// # Errors
/// When a picture cannot be drawn.
#[cfg(feature = "play")]
pub fn page_without_folder(results: &Results<'_>, downloads: Vec<Download>) -> Result<Page> {
    page_with(results, downloads, commands(None, &results.outcome.ending))
}

fn page_with(results: &Results<'_>, downloads: Vec<Download>, commands: Vec<(String, String)>) -> Result<Page> {
    let run = results.run;
    Ok(Page {
        title: title(results),
        lead: lead(results),
        stills: stills(results.stills()?),
        scores: score_table(&results.scores),
        facts: facts(run),
        data_notes: data_notes(run),
        class_balance: class_balance(run),
        commands,
        downloads,
        subject: Subject::Run {
            data: results.page_data().map(Box::new),
            divergence: divergence_paragraphs(results),
            step: step(results),
        },
    })
}

pub(super) fn stills(pictures: Vec<(&str, Vec<u8>)>) -> Vec<Still> {
    let still = |(caption, png): (&str, Vec<u8>)| Still { caption: caption.into(), png };
    pictures.into_iter().map(still).collect()
}

/// The files of the folder that can be saved from the page.
pub(super) fn downloads(folder: &RunFolder) -> Result<Vec<Download>> {
    let present = DOWNLOADS.iter().filter(|(name, _)| folder.path().join(name).exists());
    let read = |&(name, media_type): &(&str, &'static str)| {
        let path = folder.path().join(name);
        let bytes = fs::read(&path).map_err(Error::file("read", &path))?;
        Ok(Download { name: name.into(), media_type, bytes })
    };
    present.map(read).collect()
}

/// What the terminal says about the data: the names of the lines and the lines.
pub(super) fn data_notes(run: &Run) -> Vec<(String, String)> {
    let line = |line: &str| {
        let (name, text) = line.trim().split_once("  ").unwrap_or(("", line));
        (name.to_owned(), text.trim().to_owned())
    };
    data_lines(run).lines().map(line).collect()
}

/// How many samples of each part are of each class.
pub(super) fn class_balance(run: &Run) -> Table {
    let parts = [("training", Some(&run.data)), ("validation", run.validation.as_ref()), ("test", run.test.as_ref())];
    let rows = parts.into_iter().filter_map(|(name, part)| {
        let part = part?;
        let share =
            |count: usize| format!("{} ({:.1} %)", grouped(count), 100.0 * count as f64 / part.samples() as f64);
        Some((name.to_owned(), part.class_counts().map(share).into()))
    });
    Table {
        first_column: "samples".into(),
        columns: run.class_names().into(),
        rows: rows.collect(),
        notes: Vec::new(),
    }
}

/// Such as "Four tanh units learn the flower".
fn title(results: &Results<'_>) -> String {
    const WORDS: [&str; 10] = ["One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"];
    let Parameters { hidden, activation, .. } = results.run.initial;
    let count = WORDS.get(hidden - 1).map_or_else(|| grouped(hidden), |word| (*word).to_owned());
    let (units, verb) = if hidden == 1 { ("unit", "learns") } else { ("units", "learn") };
    let data = match results.run.table {
        Some(_) => results.run.data_name(),
        None => format!("the {}", results.run.data_name().replace('_', " ")),
    };
    format!("{count} {activation} {units} {verb} {data}")
}

/// What was asked and what came out.
fn lead(results: &Results<'_>) -> Vec<String> {
    let run = results.run;
    let Parameters { features, hidden, activation, .. } = run.initial;
    let settings = &run.config.train;
    let (last, kept) = (results.outcome.last().update, results.outcome.kept.update);
    let asked = format!(
        "{} {} of two classes; a network of {} {}, {} {activation} {} and one sigmoid output, {} parameters; {} {} at learning \
         rate {}.",
        grouped(run.data.samples()),
        plural(run.data.samples(), "training sample"),
        grouped(features),
        plural(features, "input"),
        grouped(hidden),
        plural(hidden, "unit"),
        grouped(run.initial.count()),
        grouped(last),
        plural(last, "update"),
        exact(settings.learning_rate.get()),
    );
    let ending = match &results.outcome.ending {
        Ending::Finished => None,
        Ending::StoppedEarly => Some("Training stopped early, because the validation cost no longer fell.".to_owned()),
        Ending::Interrupted => Some("Training was interrupted.".to_owned()),
        Ending::Diverged { update, .. } => Some(format!("Training diverged at update {}.", grouped(*update))),
        Ending::Failed { device, .. } => Some(format!("Training ended because {device} failed.")),
    };
    let kept = (kept != last).then(|| format!("The parameters after update {} are kept.", grouped(kept)));
    [Some(asked), ending, kept, Some(outcome(&results.scores))]
        .into_iter()
        .flatten()
        .collect()
}

/// How good the network is, beside logistic regression.
fn outcome(scores: &SplitScores) -> String {
    let (part, PartScores { network, logistic_regression, .. }) = scores.held_out();
    let percent = |share: f64| format!("{:.2} %", 100.0 * share);
    let on = match part {
        "training" => "the training samples, the same that it learned from,".to_owned(),
        part => format!("the {part} samples, which it did not learn from,"),
    };
    let sentence = format!(
        "On {on} it predicts {} right. Logistic regression, which is this network without its hidden layer, predicts {}.",
        percent(network.accuracy),
        percent(logistic_regression.accuracy)
    );
    let differences = scores.intervals.as_ref().and_then(|intervals| intervals.differences.as_ref());
    if part == "training" || network.accuracy == logistic_regression.accuracy {
        return sentence;
    }
    match differences.and_then(|differences| Some((differences.accuracy?, differences.mcnemar_p_value))) {
        None => sentence + " These are too few samples to say whether the difference is more than chance.",
        Some((interval, p_value)) if p_value > 0.05 || (interval.low <= 0.0 && 0.0 <= interval.high) => {
            sentence + " This difference may be chance."
        }
        Some(_) => sentence,
    }
}

fn divergence_paragraphs(results: &Results<'_>) -> Vec<String> {
    let text = divergence(results).unwrap_or_default();
    let advice = results
        .diagnosis
        .iter()
        .flat_map(|diagnosis| diagnosis.advice.iter().skip(1).cloned());
    text.lines().map(str::to_owned).chain(advice).collect()
}

fn score_table(scores: &SplitScores) -> Table {
    let columns: Vec<ScoresColumn<'_>> = score_columns(scores);
    let mut rows = cells(&columns);
    let (_, header) = rows.remove(0);
    let notes = columns.iter().filter_map(notes).flat_map(|note| {
        let paragraphs: Vec<String> = note.split("\n\n").map(|text| text.trim().to_owned()).collect();
        paragraphs
    });
    Table {
        first_column: String::new(),
        columns: header,
        rows: rows.into_iter().map(|(name, cells)| (name.into(), cells)).collect(),
        notes: notes.filter(|note| !note.is_empty()).collect(),
    }
}

/// How an update follows from the derivatives.
fn step(results: &Results<'_>) -> String {
    let settings = &results.run.config.train;
    let samples = results.run.data.samples();
    let decay = if settings.weight_decay.get() > 0.0 {
        format!(", plus {} times each weight (weight decay)", settings.weight_decay)
    } else {
        String::new()
    };
    let sum = format!(
        "Each derivative is the sum of the parts of all {} training {}{decay}.",
        grouped(samples),
        plural(samples, "sample")
    );
    let how = if let Some(size) = settings.batch_size.filter(|size| size.get() < samples) {
        format!(
            "The step is the one that all samples would make together; training takes {} of them for each update, in a random \
             order.",
            grouped(size.get())
        )
    } else if settings.momentum.get() > 0.0 {
        format!("The step is without momentum; training adds {} times the step before.", settings.momentum)
    } else {
        "The step is minus the learning rate times the derivative.".to_owned()
    };
    format!("{sum} {how}")
}

pub(super) fn facts(run: &Run) -> Vec<(String, String)> {
    vec![
        ("Petal".into(), env!("CARGO_PKG_VERSION").into()),
        ("Training".into(), training_lines(run).trim_start_matches("Training").trim().into()),
        ("Seed of the initial weights".into(), run.config.model.seed.to_string()),
    ]
}

/// The commands that repeat a run, and those that go on with or check the one in this folder.
pub(super) fn commands(folder: Option<&RunFolder>, ending: &Ending) -> Vec<(String, String)> {
    let path = folder.map(|folder| shell_quote_path(folder.path()));
    let again = match (ending, &path) {
        (Ending::Interrupted, Some(path)) => {
            ("Continue the training from here:", format!("petal train --resume {path}"))
        }
        _ => (
            "Train again from config.toml, which is below. The same program on the same kind of processor gives the same \
             numbers, to the last digit:",
            format!("petal train {CONFIG}"),
        ),
    };
    let verify =
        path.map(|path| ("Train again and compare every number with this run:", format!("petal verify {path}")));
    let commands = std::iter::once(again).chain(verify);
    commands.map(|(what, command)| (what.to_owned(), command)).collect()
}
