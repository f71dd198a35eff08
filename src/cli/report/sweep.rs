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
    let keys = sweep.config.sweep.as_ref().map(config::Sweep::all_keys).unwrap_or_default();
    let lines = keys.iter().enumerate().map(|(column, key)| {
        let mut values: Vec<&str> = Vec::new();
        for run in &sweep.runs {
            if !values.contains(&&run.values[column][..]) {
                values.push(&run.values[column]);
            }
        }
        format!("\n          {key} = {}", listed(&values, ", "))
    });
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
    let names: Vec<String> = columns(sweep)
        .iter()
        .map(|(name, width)| format!("{name:>width$}", width = *width))
        .collect();
    let results = match (sweep.has_seeds(), sweep.measure()) {
        (true, Measure::ValidationCost) => "validation cost: median     lowest    highest   accuracy",
        (true, Measure::TrainingCost) => "cost: median     lowest    highest   accuracy",
        (false, Measure::ValidationCost) => "    cost   accuracy   validation: cost   accuracy",
        (false, Measure::TrainingCost) => "    cost   accuracy",
    };
    format!("{}   {results}        time", names.join("   "))
}

/// The row of one combination of values.
pub fn sweep_row(sweep: &Sweep, combination: Combination<'_>) -> String {
    let values = sweep.values(combination).into_iter().zip(columns(sweep));
    let values: Vec<String> = values
        .map(|((_, value), (_, width))| format!("{:>width$}", shortened(value)))
        .collect();
    let measure = sweep.measure();
    let results = match combination.rows {
        [row] if !sweep.has_seeds() => single_results(row, measure),
        rows => {
            let width = if measure == Measure::ValidationCost { 23 } else { 12 };
            let costs = combination.spread(|record| measure.of(record)).map_or_else(
                || format!("{:>width$}   {:>8}   {:>8}", "diverged", "", ""),
                |Spread { low, median, high }| {
                    format!("{:>width$}   {:>8}   {:>8}", fixed(median, 6), fixed(low, 6), fixed(high, 6))
                },
            );
            let accuracy = Spread::of(rows.iter().map(|row| measure.accuracy(&row.kept))).median;
            format!("{costs}   {:>6.2} %", 100.0 * accuracy)
        }
    };
    let seconds: f64 = combination.rows.iter().map(|row| row.seconds).sum();
    format!("{}   {results}   {seconds:>7.2} s{}", values.join("   "), notes(combination))
}

fn single_results(row: &SweepRow, measure: Measure) -> String {
    let validation = match (measure, row.kept.validation) {
        (Measure::ValidationCost, Some(ValidationScore { cost, accuracy })) => {
            format!("         {}   {:>6.2} %", fixed(cost, 6), 100.0 * accuracy)
        }
        _ => String::new(),
    };
    format!("{}   {:>6.2} %{validation}", fixed(row.kept.cost, 6), 100.0 * row.kept.accuracy)
}

/// How the runs of a combination ended, unless they made all their updates.
fn notes(combination: Combination<'_>) -> String {
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
        1 => format!("   {ending}"),
        runs => format!("   {count} of {runs} {ending}"),
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
