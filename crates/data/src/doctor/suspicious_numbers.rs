//! Findings about columns of numbers that probably hold something else: row numbers or identifiers, and numbers such as
//! -9999 that stand for a missing value.

use std::sync::LazyLock;

use super::checks::{MIN_COUNT, abbreviated};
use super::report::{Finding, FindingKind};
use crate::dataset::Dataset;
use crate::schema::{Column, Schema};
use crate::table::Table;
use crate::text::{exact, grouped, plural, short};

/// The minimal number of rows for the conclusion that different integers in all of them are identifiers. In fewer rows, an
/// amount in whole numbers is often different everywhere, too.
const MIN_IDENTIFIERS: usize = 100;

/// Numbers that programs write for a missing value, beside those of nines: the limits of integers and of f32, and the values
/// of netCDF (`NC_FILL_FLOAT`), CMIP and GRIB.
const FILL_VALUES: [f64; 8] = [
    -32_768.0,
    -2_147_483_648.0,
    2_147_483_647.0,
    f32::MAX as f64,
    f32::MIN as f64,
    9.969_209_968_386_869e36,
    1e20,
    1e30,
];

/// Smaller numbers of nines are ordinary: 9, 9.9, 0.99.
const SMALLEST_NINES: f64 = 99.0;

/// Finds columns that number the rows, or have another integer in every row.
pub(super) fn identifiers(Table { schema, data, .. }: &Table) -> Option<Finding> {
    let (mut columns, mut descriptions) = (Vec::new(), Vec::new());
    for (Column { name, .. }, input) in columns_of_numbers(schema) {
        // Most columns end here, in their first rows.
        if !values(data, input).all(|value| value.fract() == 0.0) {
            continue;
        }
        if let Some(pattern) = identifier_pattern(&values(data, input).collect::<Vec<f64>>()) {
            columns.push(name.clone());
            descriptions.push(format!("{name} ({pattern})"));
        }
    }
    let sentence = format!(
        "perhaps row numbers or identifiers; if so, leave them out with data.ignore, because they say nothing about other rows: {}",
        abbreviated(&descriptions)
    );
    (!columns.is_empty()).then_some(Finding { kind: FindingKind::Identifier, columns, sentence })
}

/// What shows that these integers are row numbers or identifiers.
fn identifier_pattern(values: &[f64]) -> Option<&'static str> {
    if values.len() < MIN_COUNT {
        return None;
    }
    let steps = || values.windows(2).map(|pair| pair[1] - pair[0]);
    if steps().all(|step| step == 1.0) {
        return Some("each row one more than the row before");
    }
    if steps().all(|step| step > 0.0) || steps().all(|step| step < 0.0) {
        return Some("integers in order, each once");
    }

    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let range = sorted[sorted.len() - 1] - sorted[0];
    let is_dense = range < 2.0 * values.len() as f64;
    let are_different = sorted.windows(2).all(|pair| pair[0] != pair[1]);
    (are_different && (is_dense || values.len() >= MIN_IDENTIFIERS)).then_some("a different integer in every row")
}

/// Finds numbers that look like a word for a missing value and are far from the rest: -999, 9999, -32768.
///
/// Far means that the gap is wider than the range of all numbers that do not look like that.
pub(super) fn sentinels(Table { schema, data, .. }: &Table) -> Option<Finding> {
    // In one pass over the rows, because the values of one column are far from each other in memory.
    let mut has_fills = vec![false; data.features()];
    for row in data.rows() {
        has_fills
            .iter_mut()
            .zip(row)
            .for_each(|(has, &value)| *has |= is_fill_value(value));
    }

    let (mut columns, mut descriptions) = (Vec::new(), Vec::new());
    for (Column { name, .. }, input) in columns_of_numbers(schema).filter(|&(_, input)| has_fills[input]) {
        let (mut fills, others): (Vec<f64>, Vec<f64>) = values(data, input).partition(|&value| is_fill_value(value));
        let least = others.iter().copied().fold(f64::INFINITY, f64::min);
        let most = others.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        fills.retain(|&fill| f64::max(least - fill, fill - most) > most - least);
        if others.len() < MIN_COUNT || fills.is_empty() {
            continue;
        }

        fills.sort_unstable_by(f64::total_cmp);
        let is_price =
            |equal: &[f64]| equal[0] > 0.0 && (are_prices(&others) || equal[0].fract() != 0.0 && equal.len() == 1);
        if fills.chunk_by(|a, b| a == b).all(is_price) {
            continue;
        }
        let counted: Vec<String> = fills
            .chunk_by(|a, b| a == b)
            .map(|equal| format!("{} in {} {}", exact(equal[0]), grouped(equal.len()), plural(equal.len(), "row")))
            .collect();
        descriptions.push(format!("{name} ({}, the others {} to {})", counted.join(", "), short(least), short(most)));
        columns.push(name.clone());
    }
    let sentence = format!(
        "perhaps missing values, far from the other numbers (a number in data.missing counts as missing): {}",
        abbreviated(&descriptions)
    );
    (!columns.is_empty()).then_some(Finding { kind: FindingKind::Sentinel, columns, sentence })
}

/// Whether most numbers end in 9, as prices such as 49.99 and 199 do. Then nines stand for nothing else.
fn are_prices(values: &[f64]) -> bool {
    2 * values.iter().filter(|value| value.to_string().ends_with('9')).count() > values.len()
}

/// Whether a number is made of nines, such as -99 or 999.9, or is a known one.
fn is_fill_value(value: f64) -> bool {
    static SORTED: LazyLock<Vec<f64>> = LazyLock::new(|| {
        let mut values: Vec<f64> = FILL_VALUES.iter().map(|value| value.abs()).chain(nines()).collect();
        values.sort_unstable_by(f64::total_cmp);
        values
    });
    value.abs() >= SMALLEST_NINES && SORTED.binary_search_by(|fill| fill.total_cmp(&value.abs())).is_ok()
}

/// The numbers of at most 15 nines from [`SMALLEST_NINES`] on: an f64 keeps all decimal numbers of so many digits.
fn nines() -> impl Iterator<Item = f64> {
    let lengths = (2..=15).flat_map(|whole| (0..=15 - whole).map(move |decimals| (whole, decimals)));
    lengths.filter_map(|(whole, decimals)| format!("{}.{}", "9".repeat(whole), "9".repeat(decimals)).parse().ok())
}

/// The columns that hold numbers, with the index of their input.
fn columns_of_numbers(schema: &Schema) -> impl Iterator<Item = (&Column, usize)> {
    let mut next = 0;
    schema.columns.iter().filter_map(move |column| {
        let input = next;
        next += column.width();
        column.categories.is_none().then_some((column, input))
    })
}

fn values(data: &Dataset, input: usize) -> impl Iterator<Item = f64> {
    data.rows().map(move |row| row[input])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_told_from_measurements() {
        let rows = |count: usize, value: fn(usize) -> f64| (0..count).map(value).collect::<Vec<f64>>();
        let shuffled = |row: usize| (row * 37 % 101) as f64;
        let large = |row: usize| (row * 7_919 % 100_003) as f64 * 13.0;
        let cases = [
            (rows(10, |row| row as f64 + 5.0), Some("each row one more than the row before")),
            (rows(10, |row| -(row as f64)), Some("integers in order, each once")),
            (rows(10, |row| (row * row) as f64), Some("integers in order, each once")),
            (rows(80, shuffled), Some("a different integer in every row")),
            (rows(100, large), Some("a different integer in every row")),
            (rows(99, large), None),
            (rows(9, |row| row as f64), None),
            (rows(200, shuffled), None),
        ];
        for (values, expected) in cases {
            assert_eq!(identifier_pattern(&values), expected, "{values:?}");
        }
    }

    #[test]
    fn fill_values_are_recognised() {
        let fills = [99.0, -999.0, 9999.0, 999.9, 99.99, -9999.99, f64::from(f32::MAX), -1e20, -32_768.0];
        let others = [9.0, 9.9, 0.99, 98.0, -1.0, 0.0, 1000.0, 199.0, 1e6];
        assert_eq!(fills.map(is_fill_value), [true; 9]);
        assert_eq!(others.map(is_fill_value), [false; 9]);
    }
}
