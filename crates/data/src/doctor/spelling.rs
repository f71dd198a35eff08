//! Findings about how values are written: values that look alike, numbers in two spellings, and numbers with too many digits.

use super::checks::abbreviated;
use super::report::{Finding, FindingKind};
use crate::schema::Column;
use crate::table::{Alike, LostDigits, Table};
use crate::text::exact;

/// Finds values of the label, or categories of a column, that look alike and are two.
pub(super) fn alike(table: &Table) -> Vec<Finding> {
    let columns = table.schema.columns.iter().zip(&table.notes);
    let of_columns = columns.filter_map(|(Column { name, .. }, notes)| {
        Some((vec![name.clone()], format!("categories of {name}"), notes.alike.as_ref()?))
    });
    let of_label = table
        .labels_alike
        .iter()
        .map(|alike| (Vec::new(), "values of the label".to_owned(), alike));
    of_label
        .chain(of_columns)
        .map(|(columns, what, Alike { quoted: [a, b], difference })| {
            let sentence = format!("{a} and {b} are two {what} that differ in {difference} only");
            Finding { kind: FindingKind::Alike, columns, sentence }
        })
        .collect()
}

/// Finds numbers in two spellings that are one label or one category. This is wrong for codes such as 01 and 1.
pub(super) fn respelled(table: &Table) -> Vec<Finding> {
    let columns = table.schema.columns.iter().zip(&table.notes);
    let of_columns = columns.filter_map(|(Column { name, .. }, notes)| {
        Some((vec![name.clone()], format!("category of {name}"), notes.respelled.as_ref()?))
    });
    let of_label = table
        .labels_respelled
        .iter()
        .map(|pair| (Vec::new(), "value of the label".to_owned(), pair));
    of_label
        .chain(of_columns)
        .map(|(columns, what, [a, b])| {
            let sentence =
                format!("{a:?} and {b:?} are the same number, and so one {what}; if they are two codes, write them with a letter");
            Finding { kind: FindingKind::Respelled, columns, sentence }
        })
        .collect()
}

/// Finds values of the label, or categories, that look like a missing value, and are values.
pub(super) fn like_missing(table: &Table) -> Vec<Finding> {
    let columns = table.schema.columns.iter().zip(&table.notes);
    let of_columns = columns
        .map(|(Column { name, .. }, notes)| (vec![name.clone()], format!("categories of {name}"), &notes.like_missing));
    let of_label = (Vec::new(), "values of the label".to_owned(), &table.labels_like_missing);
    std::iter::once(of_label)
        .chain(of_columns)
        .filter(|(_, _, texts)| !texts.is_empty())
        .map(|(columns, what, texts)| {
            let texts: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
            let sentence = format!(
                "perhaps missing, but taken as {what} (a word in data.missing counts as missing): {}",
                abbreviated(&texts)
            );
            Finding { kind: FindingKind::Sentinel, columns, sentence }
        })
        .collect()
}

/// Finds columns with numbers that have more digits than an f64 keeps. `is_constant` says which inputs are.
pub(super) fn lost_digits(Table { schema, notes, format, .. }: &Table, is_constant: &[bool]) -> Option<Finding> {
    let (mut columns, mut descriptions) = (Vec::new(), Vec::new());
    let mut input = 0;
    for (column, notes) in schema.columns.iter().zip(notes) {
        if let Some(LostDigits { line, quoted, rounded }) = &notes.lost_digits {
            let rounded = exact(*rounded);
            let others = if is_constant[input] { ", as every row did" } else { "" };
            descriptions.push(format!(
                "{} ({quoted} on {} {line} became {rounded}{others})",
                column.name,
                format.unit()
            ));
            columns.push(column.name.clone());
        }
        input += column.width();
    }
    let sentence = format!(
        "more digits than an f64 keeps, so different numbers may have become equal: {}",
        abbreviated(&descriptions)
    );
    (!columns.is_empty()).then_some(Finding { kind: FindingKind::LostDigits, columns, sentence })
}
