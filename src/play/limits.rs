//! How much a request may ask for, so that a page cannot take the machine. Every limit answers with a sentence.

use std::time::Duration;

use super::refusal::Refusal;
use crate::config::Config;
use crate::data::Dataset;
use crate::data::checked_numbers::Count;
use crate::data::table::{Survey, survey};
use crate::data::text::grouped;
use crate::run::Run;

/// The most bytes of a request.
pub(super) const BODY_BYTES: usize = 2 << 20;
/// The most connections at once.
pub(super) const CONNECTIONS: usize = 16;
/// A request's head must have come in this time.
pub(super) const HEAD_TIME: Duration = Duration::from_secs(5);
/// A request's body must have come in this time.
pub(super) const BODY_TIME: Duration = Duration::from_secs(10);
/// A connection ends after this time, whatever it waits for.
pub(super) const CONNECTION_TIME: Duration = Duration::from_secs(600);
/// A training ends after this time, the wait for a slow reader included.
pub(super) const TRAINING_TIME: Duration = Duration::from_secs(60);

/// The most samples.
const SAMPLES: usize = 20_000;
/// The most hidden units.
const HIDDEN: usize = 1_000;
/// The most inputs, and the most columns of a table.
const INPUTS: usize = 1_000;
/// The most numbers in the samples.
const NUMBERS: usize = 2_000_000;
/// The most samples times updates times hidden units.
const WORK: f64 = 1e9;
/// The most multiplications for one value of the cost, of which a gradient check computes hundreds. They take about 20 seconds.
const GRADIENT_WORK: usize = 1 << 24;

/// How many trainings may run at once: one for each core but one.
pub(super) fn trainings() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    cores.saturating_sub(1).max(1)
}

/// Refuses settings that would take too much before the data are there.
pub(super) fn check_settings(config: &Config) -> Result<(), Refusal> {
    let samples = config.data.samples.map_or(0, Count::get);
    if samples > SAMPLES {
        return Err(too_much("data.samples", &format!("data.samples = {samples}"), SAMPLES, "samples"));
    }
    let hidden = config.model.hidden.get();
    if hidden > HIDDEN {
        return Err(too_much("model.hidden", &format!("model.hidden = {hidden}"), HIDDEN, "hidden units"));
    }
    Ok(())
}

/// Refuses a table of which the reader would make very many inputs.
pub(super) fn check_table(name: &str, text: &str, one_hot: &[String]) -> Result<(), Refusal> {
    let header = text.lines().find(|line| line.len() > "sep=;".len()).unwrap_or_default();
    let fields = [',', ';', '\t'].map(|delimiter| 1 + header.matches(delimiter).count());
    match fields.into_iter().max() {
        Some(columns) if columns > INPUTS => {
            return Err(too_much("table", &columns_of(name, columns), INPUTS, "columns"));
        }
        _ if one_hot.is_empty() => return Ok(()),
        _ => {}
    }

    // Each category becomes an input.
    let Ok(Survey { columns, rows }) = survey(text.as_bytes(), name) else {
        return Ok(()); // the reader says what is wrong
    };
    let inputs = columns
        .iter()
        .map(|column| if one_hot.contains(&column.name) { column.distinct } else { 1 });
    let inputs: usize = inputs.sum();
    if inputs > INPUTS || inputs * rows > NUMBERS {
        return Err(too_much("data.one_hot", &columns_of(name, inputs), INPUTS, "inputs with those of data.one_hot"));
    }
    Ok(())
}

/// Refuses a training that would take too long.
pub(super) fn check_run(run: &Run) -> Result<(), Refusal> {
    let data_key = if run.table.is_some() { "table" } else { "data.samples" };
    let parts = [Some(&run.data), run.validation.as_ref(), run.test.as_ref()];
    let samples: usize = parts.into_iter().flatten().map(Dataset::samples).sum();
    if samples > SAMPLES {
        let found = format!("{}: has {} rows", run.data_name(), grouped(samples));
        return Err(too_much(data_key, &found, SAMPLES, "samples"));
    }
    let inputs = run.data.features();
    if inputs > INPUTS {
        return Err(too_much(data_key, &columns_of(&run.data_name(), inputs), INPUTS, "inputs"));
    }
    if samples * inputs > NUMBERS {
        let found = format!("{}: has {} numbers", run.data_name(), grouped(samples * inputs));
        return Err(too_much(data_key, &found, NUMBERS, "numbers"));
    }

    let settings = &run.config.train;
    let batch = settings
        .batch_size
        .map_or(run.data.samples(), |size| size.get().min(run.data.samples()));
    let work = batch as f64 * settings.updates.get() as f64 * run.initial.hidden as f64;
    if work > WORK {
        let message = format!(
            "train.updates = {}: with {} samples and {} hidden units that is {work:.1e} sample-updates times units; the \
             playground accepts at most {WORK:.0e}, `petal train` has no limit",
            settings.updates,
            grouped(batch),
            grouped(run.initial.hidden)
        );
        return Err(Refusal::limit(message, "train.updates"));
    }
    Ok(())
}

/// Refuses a gradient check that would take too long.
pub(super) fn check_gradients(run: &Run) -> Result<(), Refusal> {
    let (samples, inputs, hidden) = (run.data.samples(), run.data.features(), run.initial.hidden);
    if samples * hidden * (inputs + 8) <= GRADIENT_WORK {
        return Ok(());
    }
    let message = format!(
        "model.hidden = {hidden}: with {} samples and {} inputs, the check of the gradients would take too long for the \
         playground; `petal gradcheck` has no limit",
        grouped(samples),
        grouped(inputs)
    );
    Err(Refusal::limit(message, "model.hidden"))
}

fn columns_of(name: &str, columns: usize) -> String {
    format!("{name}: has {} columns", grouped(columns))
}

fn too_much(key: &str, found: &str, limit: usize, what: &str) -> Refusal {
    let message = format!("{found}: the playground accepts at most {} {what}, `petal train` more", grouped(limit));
    Refusal::limit(message, key)
}
