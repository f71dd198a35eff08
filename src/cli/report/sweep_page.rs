//! What the page of a sweep says: the same numbers and the same conclusion as the terminal.

use super::page::{class_balance, commands, data_notes, downloads, facts, stills};
use super::sweep::{cells, column_names, differing_values, notes, sweep_conclusion};
use crate::data::text::{grouped, plural};
use crate::error::Result;
use crate::files::folder::RunFolder;
use crate::page::{Page, Subject, Table};
use crate::run::{Run, Sweep, SweepRow, sweep_ending};
use crate::train::Ending;

/// The page of a sweep. The files that can be saved from it are read from its folder.
///
/// # Errors
/// When one of these cannot be read, or a picture cannot be drawn.
pub fn sweep_page(sweep: &Sweep, rows: &[SweepRow], folder: &RunFolder) -> Result<Page> {
    let run = sweep.first();
    let page = sweep.page(rows)?;
    let keys = match &page.keys[..] {
        [] => "seed".into(),
        keys => keys.join(" and "),
    };
    let facts = facts(run).into_iter().map(|(name, value)| match &name[..] {
        "Petal" => (name, value),
        _ => (format!("{name} in the first run"), value),
    });
    let sets = sweep.named_data();
    let named = |name: &str, what: String| match name {
        "" => what,
        name => format!("{what} ({name})"),
    };
    let notes = sets.iter().flat_map(|(name, run)| {
        let notes = data_notes(run).into_iter();
        notes.map(|(what, text)| (named(name, what), text))
    });
    Ok(Page {
        title: title(run, &keys, sets.len()),
        lead: lead(sweep, rows),
        stills: stills(page.stills),
        scores: table(sweep, rows),
        facts: facts.collect(),
        data_notes: notes.collect(),
        class_balance: class_balance(run),
        commands: commands(folder, &sweep_ending(rows)),
        downloads: downloads(folder)?,
        subject: Subject::Sweep { data: page.data, keys, cost: page.cost.into(), shown: shown(sweep, rows) },
    })
}

/// Such as "The flower by hidden and activation".
fn title(run: &Run, keys: &str, data_sets: usize) -> String {
    match run.table {
        _ if data_sets > 1 => format!("Networks by {keys}"),
        Some(_) => format!("{} by {keys}", run.data_name()),
        None => format!("The {} by {keys}", run.data_name().replace('_', " ")),
    }
}

/// What was asked and what came out.
fn lead(sweep: &Sweep, rows: &[SweepRow]) -> Vec<String> {
    let runs = sweep.runs.len();
    let values = differing_values(sweep).into_iter();
    let values: Vec<String> = values.map(|(key, values)| format!("{key} = {values}")).collect();
    let asked = format!("{} {}: {}.", grouped(runs), plural(runs, "run"), values.join("; "));
    let diverged = rows.iter().filter(|row| matches!(row.ending, Ending::Diverged { .. })).count();
    let diverged = (diverged > 0).then(|| format!("{} of them diverged.", grouped(diverged)));
    let done = (rows.len() < runs).then(|| format!("{} of them are done.", grouped(rows.len())));
    let conclusion = sweep_conclusion(sweep, rows);
    let conclusion = conclusion.lines().filter(|line| !line.is_empty());
    let conclusion = conclusion.map(|line| format!("{}.", line.trim_end_matches('.')));
    std::iter::once(asked).chain(done).chain(diverged).chain(conclusion).collect()
}

/// Which networks the page shows.
fn shown(sweep: &Sweep, rows: &[SweepRow]) -> String {
    let (all, shown) = (sweep.combinations(rows).len(), sweep.shown(rows));
    let which = if shown < all {
        format!("The first {shown} of {all} networks")
    } else {
        "All networks".into()
    };
    if sweep.has_seeds() {
        format!("{which} after the same update, each the one of its seeds with the median cost.")
    } else {
        format!("{which} after the same update.")
    }
}

fn table(sweep: &Sweep, rows: &[SweepRow]) -> Table {
    let mut names = column_names(sweep).into_iter().chain(["ending".to_owned()]);
    let rows = sweep.combinations(rows).into_iter().map(|combination| {
        let ending = match &notes(combination)[..] {
            [] => "finished".to_owned(),
            notes => notes.join(", "),
        };
        let mut cells = cells(sweep, combination).into_iter().chain([ending]);
        (cells.next().unwrap_or_default(), cells.collect())
    });
    Table {
        first_column: names.next().unwrap_or_default(),
        columns: names.collect(),
        rows: rows.collect(),
        notes: Vec::new(),
    }
}
