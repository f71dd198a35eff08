//! The checks of the rows and the inputs of a table, one function for each kind of finding.

use std::hash::{DefaultHasher, Hasher};

use super::report::{Class, Finding, FindingKind, percent};
use crate::Dataset;
use crate::scaling::StandardScaler;
use crate::schema::Column;
use crate::split::Part;
use crate::table::Table;
use crate::text::{grouped, plural, short};

/// The minimal number of rows, or of categories, for a conclusion. With fewer, a pattern is often chance.
pub(super) const MIN_COUNT: usize = 10;

/// Finds for each input whether its value is the same in all of the rows.
pub(super) fn constant_inputs<'a>(mut rows: impl Iterator<Item = &'a [f64]>) -> Vec<bool> {
    let first = rows.next().unwrap_or_default();
    let mut is_constant = vec![true; first.len()];
    for row in rows {
        for (is_constant, (value, first)) in is_constant.iter_mut().zip(row.iter().zip(first)) {
            *is_constant &= value == first;
        }
    }
    is_constant
}

pub(super) fn constant(Table { schema, data, notes, .. }: &Table, is_constant: &[bool]) -> Option<Finding> {
    // Numbers that lost digits may differ in the file. They have a finding of their own.
    let may_differ = schema
        .columns
        .iter()
        .zip(notes)
        .flat_map(|(column, notes)| std::iter::repeat_n(notes.lost_digits.is_some(), column.width()));
    let names = data.feature_names().iter().zip(is_constant).zip(may_differ);
    let columns: Vec<String> = names
        .filter(|((_, is_constant), may_differ)| **is_constant && !may_differ)
        .map(|((name, _), _)| name.clone())
        .collect();
    let sentence = format!("the same in every row, so nothing to learn from: {}", abbreviated(&columns));
    (!columns.is_empty()).then_some(Finding { kind: FindingKind::Constant, columns, sentence })
}

pub(super) fn constant_in_training(
    data: &Dataset,
    parts: &[Part],
    is_constant: &[bool],
    standardised: bool,
) -> Option<Finding> {
    let training_rows = data
        .rows()
        .zip(parts)
        .filter(|(_, part)| **part == Part::Train)
        .map(|(row, _)| row);
    let is_constant_in_training = constant_inputs(training_rows);

    let mut columns = Vec::new();
    for (input, name) in data.feature_names().iter().enumerate() {
        // Without training rows, there is no entry for the input.
        let in_training = is_constant_in_training.get(input).copied().unwrap_or(false);
        if in_training && !is_constant[input] {
            columns.push(name.clone());
        }
    }

    let effect = if standardised {
        "these inputs have no effect"
    } else {
        "their effect on other rows is a matter of chance"
    };
    let sentence = format!(
        "one value in all training rows, but not in all other rows; {effect} (data.ignore leaves columns out): {}",
        abbreviated(&columns)
    );
    (!columns.is_empty()).then_some(Finding { kind: FindingKind::ConstantInTraining, columns, sentence })
}

pub(super) fn identifiers(Table { schema, data, .. }: &Table) -> Option<Finding> {
    let is_identifier = |column: &&Column| {
        column.categories.is_some() && column.width() >= MIN_COUNT && 2 * column.width() > data.samples()
    };
    let (columns, descriptions): (Vec<String>, Vec<String>) = schema
        .columns
        .iter()
        .filter(is_identifier)
        .map(|column| (column.name.clone(), format!("{} ({} categories)", column.name, grouped(column.width()))))
        .unzip();
    let sentence = format!(
        "more than one category for every two rows, so nothing can be learned for other rows (data.ignore leaves columns \
         out): {}",
        abbreviated(&descriptions)
    );
    (!columns.is_empty()).then_some(Finding { kind: FindingKind::Identifier, columns, sentence })
}

/// Finds rows that are equal to an earlier row. Sorting by a hash brings equal rows together.
pub(super) fn duplicates(Table { data, format, lines, notes, .. }: &Table) -> Option<Finding> {
    let row = |index: usize| (&data.x()[index * data.features()..][..data.features()], data.y()[index]);
    let mut hashes: Vec<(u64, usize)> = (0..data.samples()).map(|index| (hash(row(index)), index)).collect();
    hashes.sort_unstable();

    let mut repeated = Vec::new();
    for same_hash in hashes.chunk_by(|a, b| a.0 == b.0) {
        for (position, &(_, index)) in same_hash.iter().enumerate() {
            // Different rows may have the same hash.
            let is_repeated = same_hash[..position].iter().any(|&(_, earlier)| row(earlier) == row(index));
            if is_repeated {
                repeated.push(index);
            }
        }
    }

    let first_line = lines[repeated.iter().copied().min()?];
    let verb = if repeated.len() == 1 { "is a copy" } else { "are copies" };
    let rounded = if notes.iter().any(|notes| notes.lost_digits.is_some()) {
        " (as rounded),"
    } else {
        ","
    };
    let sentence = format!(
        "{} {} ({}) {verb} of an earlier row{rounded} the first copy on {} {first_line}; copies among the test samples make \
         the scores too good",
        grouped(repeated.len()),
        plural(repeated.len(), "row"),
        percent(repeated.len() as f64 / data.samples() as f64),
        format.unit(),
    );
    Some(Finding { kind: FindingKind::Duplicates, columns: Vec::new(), sentence })
}

/// A hash of a row that is equal for equal numbers. Adding 0.0 turns -0.0 into 0.0.
fn hash((x, y): (&[f64], u8)) -> u64 {
    let mut hasher = DefaultHasher::new();
    x.iter().for_each(|value| hasher.write_u64((value + 0.0).to_bits()));
    hasher.write_u8(y);
    hasher.finish()
}

pub(super) fn empty_rows(&Table { empty_rows: count, .. }: &Table) -> Option<Finding> {
    let sentence = format!("{} empty {} at the end left out", grouped(count), plural(count, "row"));
    (count > 0).then_some(Finding { kind: FindingKind::EmptyRows, columns: Vec::new(), sentence })
}

pub(super) fn decimal_names(Table { decimal_names: columns, .. }: &Table) -> Option<Finding> {
    let sentence = format!(
        "names that are decimals, as if the first row of values was taken for the header; if it was, write a line with the \
         names of the columns above it: {}",
        abbreviated(columns)
    );
    (!columns.is_empty()).then(|| Finding { kind: FindingKind::DecimalNames, columns: columns.clone(), sentence })
}

pub(super) fn scale(Table { schema, data, .. }: &Table, is_constant: &[bool]) -> Option<Finding> {
    let StandardScaler { mean, deviation } = StandardScaler::fit(data.x(), data.features());
    let (mut columns, mut descriptions) = (Vec::new(), Vec::new());
    let mut input = 0;
    for column in &schema.columns {
        let (mean, deviation) = (mean[input], deviation[input]);
        // The scale of a one-hot input only says how frequent its category is.
        let is_checked = column.categories.is_none() && !is_constant[input];
        let has_unit_scale = mean.abs() <= 100.0 && (0.01..=100.0).contains(&deviation);
        if is_checked && !has_unit_scale {
            descriptions.push(format!("{} (mean {}, deviation {})", column.name, short(mean), short(deviation)));
            columns.push(column.name.clone());
        }
        input += column.width();
    }
    let sentence = format!("far from 1, standardising would help: {}", abbreviated(&descriptions));
    (!columns.is_empty()).then_some(Finding { kind: FindingKind::Scale, columns, sentence })
}

pub(super) fn imbalance([zero, one]: &[Class; 2]) -> Option<Finding> {
    let (rare, common) = if zero.count < one.count { (zero, one) } else { (one, zero) };
    let sentence = format!(
        "{:?} is rare; always predicting {:?} would be right in {} of the rows",
        rare.name,
        common.name,
        percent(common.fraction)
    );
    (rare.fraction < 0.1).then_some(Finding { kind: FindingKind::Imbalance, columns: Vec::new(), sentence })
}

pub(super) fn few_rows(Table { schema, data, .. }: &Table, parts: &[Part], part: Part) -> Option<Finding> {
    let mut counts = [0, 0];
    for (&label, &part_of_row) in data.y().iter().zip(parts) {
        if part_of_row == part {
            counts[usize::from(label)] += 1;
        }
    }
    if counts == [0, 0] {
        return None;
    }

    let scarce: Vec<String> = counts
        .iter()
        .zip(&schema.classes)
        .filter(|(count, _)| **count < MIN_COUNT)
        .map(|(count, class)| format!("{count} of class {class:?}"))
        .collect();
    let sentence = format!("only {} among the {part} samples, so that scores on them say little", scarce.join(" and "));
    (!scarce.is_empty()).then_some(Finding { kind: FindingKind::FewRows, columns: Vec::new(), sentence })
}

/// Lists the first 8 items, and counts the others.
pub(super) fn abbreviated(items: &[String]) -> String {
    const MAX_ITEMS: usize = 8;
    let more = items.len().saturating_sub(MAX_ITEMS);
    let first = items[..items.len() - more].join(", ");
    if more > 0 { format!("{first} and {} more", grouped(more)) } else { first }
}
