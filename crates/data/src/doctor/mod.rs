//! What is noteworthy about a table before a network is trained on it.
//!
//! Leaves out: any change of the table, and whether it is large enough for a network.

mod leakage;

use std::fmt;
use std::hash::{DefaultHasher, Hasher};

use serde::Serialize;

use super::Dataset;
use super::scaling::StandardScaler;
use super::schema::Column;
use super::split::Part;
use super::table::Table;
use crate::text::{grouped, one_line, plural, short};

/// The fewest rows of a class, and of a category, that say something: what fewer do is often chance.
const FEWEST: usize = 10;

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Examination {
    /// How many rows the table has.
    pub rows: usize,
    /// How many of its columns are used as inputs.
    pub columns: usize,
    /// How many inputs they become.
    pub inputs: usize,
    /// The column that is predicted.
    pub label: String,
    /// Class 0 and class 1.
    pub classes: [Class; 2],
    /// What is worth a look.
    pub findings: Vec<Finding>,
}

/// One of the two classes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Class {
    /// Its value in the table.
    pub name: String,
    /// How many rows have it.
    pub count: usize,
    /// Their share of all rows, from 0 to 1.
    pub share: f64,
}

/// Something worth a look.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// What sort of thing.
    pub kind: FindingKind,
    /// The columns or inputs that it is about; none where it is about rows.
    pub columns: Vec<String>,
    /// What there is to know, for people.
    pub sentence: String,
}

/// The sorts of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// Inputs that are the same in every row.
    Constant,
    /// Inputs that are the same in every training row, but not in all others.
    Untrained,
    /// Columns of categories with a row or two each.
    Identifier,
    /// Rows that repeat an earlier one, with its label.
    Duplicates,
    /// Rows left out because they have no label.
    Unlabelled,
    /// Values of the label that may be meant as one.
    Alike,
    /// Missing values that were filled in.
    Filled,
    /// A column that separates the classes nearly by itself.
    GivesLabelAway,
    /// Inputs far from unit scale that will not be standardised.
    Scale,
    /// One class that is rare.
    Imbalance,
    /// A part with few rows of a class.
    FewRows,
}

/// Examines a table of which each row is for a part, and whose inputs will or will not be standardised.
///
/// It takes a few passes over the numbers, and 16 bytes of memory for each row.
///
/// # Panics
/// When there are not as many parts as rows: a mistake in the calling code.
pub fn examine(table: &Table, parts: &[Part], standardised: bool) -> Examination {
    assert_eq!(parts.len(), table.data.samples(), "each row is for a part");
    let Table { schema, data, .. } = table;
    let classes = [0, 1].map(|class| {
        let count = data.class_counts()[class];
        Class { name: schema.classes[class].clone(), count, share: count as f64 / data.samples() as f64 }
    });
    let mut findings = Vec::new();
    let constant = constant(data.rows());
    findings.extend(constants(data, &constant));
    findings.extend(untrained(data, parts, &constant, standardised));
    findings.extend(identifiers(table));
    findings.extend(duplicates(table));
    findings.extend(unlabelled(table));
    findings.extend(alike(table));
    findings.extend(filled(table));
    findings.extend(leakage::gives_label_away(table));
    if !standardised {
        findings.extend(scale(table, &constant));
    }
    findings.extend(imbalance(&classes));
    findings.extend(
        [Part::Validation, Part::Test]
            .into_iter()
            .filter_map(|part| few_rows(table, parts, part)),
    );
    // Names may hold anything.
    findings
        .iter_mut()
        .for_each(|finding| finding.sentence = one_line(&finding.sentence));
    Examination {
        rows: data.samples(),
        columns: schema.columns.len(),
        inputs: data.features(),
        label: schema.label.clone(),
        classes,
        findings,
    }
}

impl FindingKind {
    /// The same in a word or two.
    fn words(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Untrained => "untrained",
            Self::Identifier => "identifier",
            Self::Duplicates => "duplicates",
            Self::Unlabelled => "no label",
            Self::Alike => "alike",
            Self::Filled => "filled in",
            Self::GivesLabelAway => "tells the label",
            Self::Scale => "scale",
            Self::Imbalance => "imbalance",
            Self::FewRows => "few rows",
        }
    }
}

impl fmt::Display for Examination {
    /// A few lines in two columns, the last without an end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, columns, inputs, label, classes: [zero, one], findings } = self;
        let class = |number: usize, class: &Class| {
            format!("class {number} is {:?}, {} ({})", class.name, grouped(class.count), percent(class.share))
        };
        let counted = |count: usize, word| format!("{} {}", grouped(count), plural(count, word));
        writeln!(
            f,
            "Table            {}, {}, {}",
            counted(*rows, "row"),
            counted(*columns, "column"),
            counted(*inputs, "input")
        )?;
        write!(f, "Label            {}: {}, {}", one_line(label), class(0, zero), class(1, one))?;
        for Finding { kind, sentence, .. } in findings {
            write!(f, "\n{:<16} {sentence}", kind.words())?;
        }
        if findings.is_empty() { write!(f, "\nFindings         none") } else { Ok(()) }
    }
}

/// Which inputs are the same in all of some rows, of which there are some.
fn constant<'a>(mut rows: impl Iterator<Item = &'a [f64]>) -> Vec<bool> {
    let first = rows.next().unwrap_or_default();
    let mut constant = vec![true; first.len()];
    for row in rows {
        constant
            .iter_mut()
            .zip(row.iter().zip(first))
            .for_each(|(constant, (value, first))| *constant &= value == first);
    }
    constant
}

fn constants(data: &Dataset, constant: &[bool]) -> Option<Finding> {
    let names = data.feature_names().iter().zip(constant).filter(|&(_, &constant)| constant);
    let columns: Vec<String> = names.map(|(name, _)| name.clone()).collect();
    let sentence = format!("the same in every row, so nothing to learn from: {}", few(&columns));
    (!columns.is_empty()).then_some(Finding { kind: FindingKind::Constant, columns, sentence })
}

fn untrained(data: &Dataset, parts: &[Part], constant: &[bool], standardised: bool) -> Option<Finding> {
    let rows = data
        .rows()
        .zip(parts)
        .filter(|(_, part)| **part == Part::Train)
        .map(|(row, _)| row);
    let in_training = self::constant(rows);
    let names = data.feature_names().iter().zip(in_training.iter().zip(constant));
    let columns: Vec<String> = names
        .filter(|(_, (in_training, constant))| **in_training && !**constant)
        .map(|(name, _)| name.clone())
        .collect();
    let there = if standardised { "they count for nothing" } else { "their effect is chance" };
    let sentence = format!(
        "the same in every training row but not in all others, where {there} (data.ignore leaves columns out): {}",
        few(&columns)
    );
    (!columns.is_empty()).then_some(Finding { kind: FindingKind::Untrained, columns, sentence })
}

fn identifiers(Table { schema, data, .. }: &Table) -> Option<Finding> {
    let many = |column: &&Column| {
        column.categories.is_some() && column.width() >= FEWEST && 2 * column.width() > data.samples()
    };
    let (columns, each): (Vec<String>, Vec<String>) = schema
        .columns
        .iter()
        .filter(many)
        .map(|column| (column.name.clone(), format!("{} ({} categories)", column.name, grouped(column.width()))))
        .unzip();
    let sentence = format!(
        "a category for every row or two, which says nothing about other rows (data.ignore leaves columns out): {}",
        few(&each)
    );
    (!columns.is_empty()).then_some(Finding { kind: FindingKind::Identifier, columns, sentence })
}

fn duplicates(Table { data, format, lines, .. }: &Table) -> Option<Finding> {
    let row = |number: usize| (&data.x()[number * data.features()..][..data.features()], data.y()[number]);
    let mut hashed: Vec<(u64, usize)> = (0..data.samples()).map(|number| (hash(row(number)), number)).collect();
    hashed.sort_unstable();
    let mut repeated = Vec::new();
    for group in hashed.chunk_by(|a, b| a.0 == b.0) {
        let earlier = |at: usize| group[..at].iter().any(|&(_, other)| row(other) == row(group[at].1));
        repeated.extend((1..group.len()).filter(|&at| earlier(at)).map(|at| group[at].1));
    }
    let line = lines[repeated.iter().copied().min()?];
    let (count, share) = (repeated.len(), repeated.len() as f64 / data.samples() as f64);
    let sentence = format!(
        "{} {} ({}) like an earlier one, first on {} {line}; copies among the test samples flatter the result",
        grouped(count),
        plural(count, "row"),
        percent(share),
        format.unit(),
    );
    Some(Finding { kind: FindingKind::Duplicates, columns: Vec::new(), sentence })
}

fn hash((x, y): (&[f64], u8)) -> u64 {
    let mut hasher = DefaultHasher::new();
    // The two zeros are equal.
    x.iter().for_each(|value| hasher.write_u64((value + 0.0).to_bits()));
    hasher.write_u8(y);
    hasher.finish()
}

fn unlabelled(&Table { unlabelled, .. }: &Table) -> Option<Finding> {
    let sentence = format!("{} {} without a label left out", grouped(unlabelled), plural(unlabelled, "row"));
    (unlabelled > 0).then_some(Finding { kind: FindingKind::Unlabelled, columns: Vec::new(), sentence })
}

fn alike(Table { alike, .. }: &Table) -> Option<Finding> {
    let [a, b] = alike.as_ref()?;
    let sentence = format!("{a:?} and {b:?} are two values of the label that differ in case only");
    Some(Finding { kind: FindingKind::Alike, columns: Vec::new(), sentence })
}

fn filled(Table { schema, data, missing, .. }: &Table) -> Option<Finding> {
    let gaps = schema.columns.iter().zip(missing).filter(|&(_, &count)| count > 0);
    let gaps: Vec<(String, usize)> = gaps.map(|(column, &count)| (column.name.clone(), count)).collect();
    let total = gaps.iter().map(|(_, count)| count).sum();
    let each = gaps.iter().map(|(name, count)| {
        format!("{name} {} ({})", grouped(*count), percent(*count as f64 / data.samples() as f64))
    });
    let each: Vec<String> = each.collect();
    let whose = if total == 1 { "its" } else { "their" };
    let sentence =
        format!("{} missing {} became {whose} column's mean: {}", grouped(total), plural(total, "value"), few(&each));
    let columns = gaps.into_iter().map(|(name, _)| name).collect();
    (total > 0).then_some(Finding { kind: FindingKind::Filled, columns, sentence })
}

fn scale(Table { schema, data, .. }: &Table, constant: &[bool]) -> Option<Finding> {
    let StandardScaler { mean, deviation } = StandardScaler::fit(data.x(), data.features());
    let (mut columns, mut each, mut input) = (Vec::new(), Vec::new(), 0);
    for column in &schema.columns {
        let (mean, deviation) = (mean[input], deviation[input]);
        // What is one-hot has its scale from how frequent a category is.
        let number = column.categories.is_none() && !constant[input];
        if number && !(mean.abs() <= 100.0 && (0.01..=100.0).contains(&deviation)) {
            each.push(format!("{} (mean {}, deviation {})", column.name, short(mean), short(deviation)));
            columns.push(column.name.clone());
        }
        input += column.width();
    }
    let sentence = format!("far from 1, standardising would help: {}", few(&each));
    (!columns.is_empty()).then_some(Finding { kind: FindingKind::Scale, columns, sentence })
}

fn imbalance([zero, one]: &[Class; 2]) -> Option<Finding> {
    let (rare, common) = if zero.count < one.count { (zero, one) } else { (one, zero) };
    let sentence = format!(
        "{:?} is rare; to say {:?} always would be right in {} of the rows",
        rare.name,
        common.name,
        percent(common.share)
    );
    (rare.share < 0.1).then_some(Finding { kind: FindingKind::Imbalance, columns: Vec::new(), sentence })
}

fn few_rows(Table { schema, data, .. }: &Table, parts: &[Part], part: Part) -> Option<Finding> {
    let rows = || data.y().iter().zip(parts).filter(|(_, of)| **of == part);
    let scarce = [0, 1].map(|class| (class, rows().filter(|(label, _)| usize::from(**label) == class).count()));
    let scarce = scarce.iter().filter(|(_, count)| *count < FEWEST && rows().next().is_some());
    let each: Vec<String> = scarce
        .map(|&(class, count)| format!("{count} of class {:?}", schema.classes[class]))
        .collect();
    let sentence = format!("only {} among the {part} samples, so that scores on them say little", each.join(" and "));
    (!each.is_empty()).then_some(Finding { kind: FindingKind::FewRows, columns: Vec::new(), sentence })
}

/// The first few of many.
fn few(items: &[String]) -> String {
    const FEW: usize = 8;
    let more = items.len().saturating_sub(FEW);
    let first = items[..items.len() - more].join(", ");
    if more > 0 { format!("{first} and {} more", grouped(more)) } else { first }
}

/// A share as a percentage, where neither some is shown as none nor most as all.
fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.000_5 {
        "under 0.1 %".into()
    } else if (0.999_5..1.0).contains(&share) {
        "over 99.9 %".into()
    } else {
        format!("{:.1} %", 100.0 * share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_never_rounded_to_none_or_all() {
        let shares = [0.0, 1e-9, 0.000_6, 0.123_4, 0.9994, 0.999_9, 1.0].map(percent);
        assert_eq!(shares, ["0.0 %", "under 0.1 %", "0.1 %", "12.3 %", "99.9 %", "over 99.9 %", "100.0 %"]);
    }
}
