//! What the page of a sweep says: the same numbers and the same conclusion as the terminal.

use super::page::{class_balance, commands, data_notes, downloads, facts, stills};
use super::sweep::{cells, column_names, differing_values, notes, sweep_conclusion};
use crate::data::text::{grouped, plural};
use crate::error::Result;
use crate::files::folder::RunFolder;
use crate::page::{Page, Subject, Table};
use crate::run::{Run, Sweep, SweepRow};

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
    Ok(Page {
        title: title(run, &keys),
        lead: lead(sweep, rows),
        stills: stills(page.stills),
        scores: table(sweep, rows),
        facts: facts.collect(),
        data_notes: data_notes(run),
        class_balance: class_balance(run),
        commands: commands(folder),
        downloads: downloads(folder)?,
        subject: Subject::Sweep { data: page.data, keys, cost: page.cost.into() },
    })
}

/// Such as "The flower by hidden and activation".
fn title(run: &Run, keys: &str) -> String {
    match run.table {
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
    let done = (rows.len() < runs).then(|| format!("{} of them are done.", grouped(rows.len())));
    let conclusion = sweep_conclusion(sweep, rows);
    let conclusion = conclusion.lines().filter(|line| !line.is_empty());
    let conclusion = conclusion.map(|line| format!("{}.", line.trim_end_matches('.')));
    std::iter::once(asked).chain(done).chain(conclusion).collect()
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
