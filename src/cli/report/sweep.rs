//! What `petal train` prints about a sweep: its runs, a table with a row for each combination of values, and which is best.

use super::run_summary;
use super::training::more_updates;
use crate::config;
use crate::data::text::{fixed, grouped, one_line, plural};
use crate::run::{Best, Combination, Measure, Spread, Sweep, SweepRow};
use crate::train::{Ending, Snapshot, ValidationScore};

/// The most combinations that a sentence lists.
const MAX_LISTED: usize = 8;
/// The longest value in a column of the table, in characters.
const MAX_VALUE: usize = 24;

/// Summarizes a sweep before training.
pub fn sweep_summary(sweep: &Sweep) -> String {
    let runs = sweep.runs.len();
    let lines = differing_values(sweep).into_iter();
    let lines = lines.map(|(key, values)| format!("\n          {key} = {values}"));
    let side_by_side = match sweep.workers() {
        1 => "one after the other".into(),
        workers => format!("{workers} side by side"),
    };
    let notes = sweep.start_notes.iter().map(|note| format!("          {note}\n"));
    format!(
        "Sweep     {} {}, {side_by_side}{}\n{}The first run\n{}",
        grouped(runs),
        plural(runs, "run"),
        lines.collect::<String>(),
        notes.collect::<String>(),
        run_summary(sweep.first())
    )
}

/// The keys with their values in words.
pub(super) fn differing_values(sweep: &Sweep) -> Vec<(&str, String)> {
    let keys = sweep.config.sweep.as_ref().map(config::Sweep::all_keys).unwrap_or_default();
    let lines = keys.into_iter().enumerate().map(|(column, key)| {
        let mut values: Vec<&str> = Vec::new();
        for run in &sweep.runs {
            if !values.contains(&&run.values[column][..]) {
                values.push(&run.values[column]);
            }
        }
        (key, listed(&values, ", "))
    });
    lines.collect()
}

/// Reports how many runs of a sweep are complete, and how many continue from a checkpoint.
pub fn sweep_resumed(sweep: &Sweep, checkpoints: &[Option<Snapshot>]) -> String {
    let (runs, with_checkpoint) = (checkpoints.len(), checkpoints.iter().flatten().count());
    let settings = sweep.runs.iter().map(|run| &run.config.train);
    let endings = checkpoints
        .iter()
        .zip(settings)
        .filter_map(|(checkpoint, settings)| checkpoint.as_ref()?.ending(settings));
    match endings.count() {
        complete if complete == runs => {
            let more = more_updates(&sweep.first().config.train);
            format!("Nothing is left to train: all {runs} runs are complete{more}\n")
        }
        0 => format!("Continuing from the checkpoints of {with_checkpoint} of {runs} runs\n"),
        complete => {
            let verb = if complete == 1 { "is" } else { "are" };
            let others = match with_checkpoint - complete {
                0 => String::new(),
                others => format!(". Continuing from the checkpoints of {others} others"),
            };
            format!("{complete} of {runs} runs {verb} complete{others}\n")
        }
    }
}

/// The header of the table.
pub fn sweep_header(sweep: &Sweep) -> String {
    format!("{}        time", aligned(sweep, column_names(sweep)))
}

/// The row of one combination of values.
pub fn sweep_row(sweep: &Sweep, combination: Combination<'_>) -> String {
    let seconds: f64 = combination.rows.iter().map(|row| row.seconds).sum();
    let notes: String = notes(combination).into_iter().map(|note| format!("   {note}")).collect();
    format!("{}   {seconds:>7.2} s{notes}", aligned(sweep, cells(sweep, combination)))
}

/// The names of the columns of values and of results.
pub(super) fn column_names(sweep: &Sweep) -> Vec<String> {
    let names = columns(sweep).into_iter().map(|(name, _)| name);
    names.chain(result_columns(sweep).iter().copied()).map(str::to_owned).collect()
}

/// The values and the results of one combination.
pub(super) fn cells(sweep: &Sweep, combination: Combination<'_>) -> Vec<String> {
    let values = sweep.values(combination).into_iter().map(|(_, value)| shortened(value));
    let measure = sweep.measure();
    let percent = |share: f64| format!("{:.2} %", 100.0 * share);
    let results = match combination.rows {
        [row] if !sweep.has_seeds() => {
            let validation = row.kept.validation.filter(|_| measure == Measure::ValidationCost);
            let scores = |cost: f64, accuracy: f64| [fixed(cost, 6), percent(accuracy)];
            let validation = validation.map(|ValidationScore { cost, accuracy }| scores(cost, accuracy));
            let training = scores(row.kept.cost, row.kept.accuracy);
            training.into_iter().chain(validation.into_iter().flatten()).collect()
        }
        rows => {
            let costs = match combination.spread(|record| measure.of(record)) {
                Some(Spread { low, median, high }) => [median, low, high].map(|cost| fixed(cost, 6)),
                None => ["diverged".into(), String::new(), String::new()],
            };
            let accuracy = Spread::of(rows.iter().map(|row| measure.accuracy(&row.kept))).median;
            [&costs[..], &[percent(accuracy)]].concat()
        }
    };
    values.chain(results).collect()
}

/// Cells in columns of the table's widths.
fn aligned(sweep: &Sweep, cells: Vec<String>) -> String {
    let values = columns(sweep).into_iter().map(|(_, width)| width);
    let results = result_columns(sweep).iter().map(|name| name.len().max(8));
    let cells = cells.into_iter().zip(values.chain(results));
    let cells: Vec<String> = cells.map(|(cell, width)| format!("{cell:>width$}")).collect();
    cells.join("   ")
}

fn result_columns(sweep: &Sweep) -> &'static [&'static str] {
    match (sweep.has_seeds(), sweep.measure()) {
        (true, Measure::ValidationCost) => &["validation cost: median", "lowest", "highest", "accuracy"],
        (true, Measure::TrainingCost) => &["cost: median", "lowest", "highest", "accuracy"],
        (false, Measure::ValidationCost) => &["cost", "accuracy", "validation: cost", "accuracy"],
        (false, Measure::TrainingCost) => &["cost", "accuracy"],
    }
}

/// How the runs of a combination ended, unless they made all their updates.
pub(super) fn notes(combination: Combination<'_>) -> Vec<String> {
    let rows = combination.rows;
    let mut endings: Vec<(String, usize)> = Vec::new();
    for ending in rows.iter().map(|row| &row.ending).filter(|ending| **ending != Ending::Finished) {
        let ending = ending.to_string();
        match endings.iter_mut().find(|(known, _)| *known == ending) {
            Some((_, count)) => *count += 1,
            None => endings.push((ending, 1)),
        }
    }
    let notes = endings.into_iter().map(|(ending, count)| match rows.len() {
        1 => ending,
        runs => format!("{count} of {runs} {ending}"),
    });
    notes.collect()
}

/// That a run diverged, if it did.
pub fn sweep_divergence(sweep: &Sweep, row: &SweepRow) -> Option<String> {
    let Ending::Diverged { update, .. } = row.ending else {
        return None;
    };
    let values = sweep
        .names
        .iter()
        .map(String::as_str)
        .zip(row.values.iter().map(String::as_str));
    Some(format!("{}: diverged at update {update}", assignments(values)))
}

/// Which combination is best, by which measure, and within which range over the seeds.
pub fn sweep_conclusion(sweep: &Sweep, rows: &[SweepRow]) -> String {
    if rows.len() < sweep.runs.len() || rows.iter().any(|row| row.ending == Ending::Interrupted) {
        return String::new();
    }
    let best = sweep.best(rows);
    if best.is_empty() {
        return String::new();
    }
    let measure = match sweep.measure() {
        Measure::ValidationCost => "validation cost",
        Measure::TrainingCost => "cost on the training samples",
    };
    let sentences: Vec<String> = best.iter().map(|best| best_sentence(sweep, best, measure)).collect();
    let note = match sweep.has_seeds() {
        true => "",
        false => "Each is one run. Only several seeds show whether a difference is more than chance.\n",
    };
    format!("\n{}{note}", sentences.concat())
}

fn best_sentence(sweep: &Sweep, best: &Best<'_>, measure: &str) -> String {
    let Best { data, best, spread, equal } = best;
    let of = |combination: Combination<'_>| {
        let values = sweep.values(combination);
        assignments(
            values
                .into_iter()
                .filter(|(name, _)| !data.iter().any(|(of_data, _)| of_data == name)),
        )
    };

    let start = match data.is_empty() {
        true => format!("Lowest {measure}"),
        false => format!("{}, lowest {measure}", assignments(data.iter().copied())),
    };
    let Spread { low, median, high } = *spread;
    let mut text = format!("{start}: {} with {}", of(*best), fixed(median, 6));
    if sweep.has_seeds() {
        text += &format!(", the median of {} seeds ({} to {})", best.rows.len(), fixed(low, 6), fixed(high, 6));
    }
    text += "\n";

    if !equal.is_empty() {
        let others: Vec<String> = equal.iter().map(|other| of(*other)).collect();
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        let reason = if sweep.has_seeds() { ": it is smaller than the range over seeds" } else { "" };
        text += &format!("No difference to {}{reason}\n", listed(&others, "; "));
    }
    text
}

/// The names and widths of the columns of values.
fn columns(sweep: &Sweep) -> Vec<(&str, usize)> {
    let without_seed =
        sweep.names.len() - usize::from(sweep.config.sweep.as_ref().is_some_and(|sweep| sweep.seeds.is_some()));
    let names = sweep.names[..without_seed].iter().enumerate();
    names
        .map(|(column, name)| {
            let widths = sweep.runs.iter().map(|run| shortened(&run.values[column]).chars().count());
            (&name[..], widths.max().unwrap_or(0).max(name.chars().count()))
        })
        .collect()
}

fn assignments<'a>(values: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let values: Vec<String> = values.map(|(name, value)| format!("{name} = {}", shortened(value))).collect();
    values.join(", ")
}

/// A list that is cut if it is long.
fn listed(items: &[&str], separator: &str) -> String {
    let shown: Vec<String> = items.iter().take(MAX_LISTED).map(|item| one_line(item)).collect();
    let more = items.len() - shown.len();
    let rest = if more > 0 { format!("{separator}and {more} more") } else { String::new() };
    shown.join(separator) + &rest
}

/// A value on one line, cut if it is long.
fn shortened(value: &str) -> String {
    let line = one_line(value);
    match line.char_indices().nth(MAX_VALUE) {
        Some(_) => line.chars().take(MAX_VALUE - 3).chain("...".chars()).collect(),
        None => line,
    }
}
