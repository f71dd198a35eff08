//! From settings to the samples that a network sees: read or generate the data, split it, fill missing values, standardise.
//!
//! Means and deviations are computed from the training samples only, so that nothing leaks from the other parts.

use crate::dataset::Dataset;
use crate::doctor::{Examination, Finding, examine, merged, underflow};
use crate::error::{Error, Result};
use crate::float_type::{FloatType, Misfits, Value, merged_numbers};
use crate::generate;
use crate::input_ranges::InputRanges;
use crate::scaling::StandardScaler;
use crate::schema::Schema;
use crate::settings::{Settings, Source};
use crate::split::{self, Part, Parts};
use crate::table::{self, Format, Table};
use crate::text::{one_line, short};

/// The samples as the network sees them, and what was done to get them.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The samples.
    pub parts: Parts,
    /// The training samples before standardisation, if the data are generated and standardised. Undoing the standardisation
    /// would not give the same bits.
    pub raw_train: Option<Dataset>,
    /// The columns and classes that they were made from.
    pub schema: Schema,
    /// The scaler that was applied. `None` means that the inputs are not standardised.
    pub scaling: Option<StandardScaler>,
    /// The ranges of the inputs over the training samples, before scaling.
    pub ranges: InputRanges,
    /// Further information about the table. `None` for generated data.
    pub table: Option<TableInfo>,
    /// Values that become 0 in the float type that computes, if there are any. For a table, it is also among the findings of
    /// the doctor.
    pub underflow: Option<Finding>,
}

/// What is known about a table besides its numbers.
#[derive(Clone, Debug)]
pub struct TableInfo {
    /// The findings of the doctor.
    pub examination: Examination,
    /// The name of the file, for messages.
    pub name: String,
    /// The file format.
    pub format: Format,
    /// The line number of each row; in a Parquet file, the row number.
    pub lines: Vec<u32>,
    /// The number of the column of each input, counted from 1.
    pub column_numbers: Vec<usize>,
    /// The part that each row belongs to.
    pub parts: Vec<Part>,
}

/// Generates or reads the data, splits it, and applies everything that is fitted on the training samples. `float_type` is the
/// type that a network will compute in.
///
/// # Errors
/// When the settings contradict each other, the table cannot be read, a part would lack a class, or a value is too large for
/// the float type.
pub fn prepare(settings: &Settings, split: &split::Settings, float_type: FloatType) -> Result<Prepared> {
    prepare_from(settings, split, float_type, table::read)
}

/// Does the same with the text of a table in place of the file. Messages call it by the path of the settings.
///
/// # Errors
/// As for [`prepare`].
pub fn prepare_text(
    settings: &Settings,
    split: &split::Settings,
    float_type: FloatType,
    text: &[u8],
) -> Result<Prepared> {
    prepare_from(settings, split, float_type, |table| {
        table::read_from(text, &table.path.display().to_string(), table)
    })
}

fn prepare_from(
    settings: &Settings,
    split: &split::Settings,
    float_type: FloatType,
    read: impl FnOnce(&table::Settings) -> Result<Table>,
) -> Result<Prepared> {
    let source = settings.source().map_err(|(_, message)| Error::Setting(message))?;
    let standardise = settings.standardise_or_default();

    let (schema, data, parts, mut table) = match source {
        Source::Generated(generated) => {
            let data = generate::generate(&generated)?;
            let parts = split.with_defaults(settings.kind).assign(data.y())?;
            (Schema::numbers(data.feature_names()), data, parts, None)
        }
        Source::Table(settings_of_table) => {
            let mut table = read(&settings_of_table)?;
            let parts = split.with_defaults(settings.kind).assign(table.data.y())?;
            if settings_of_table.impute.is_some() {
                table.impute_means(|row| parts[row] == Part::Train)?;
            }
            let examination = examine(&table, &parts, standardise);
            let Table { schema, data, format, lines, column_numbers, .. } = table;
            let of_inputs = schema.columns.iter().zip(column_numbers);
            let column_numbers = of_inputs.flat_map(|(column, number)| vec![number; column.width()]).collect();
            let name = settings_of_table.path.display().to_string();
            let info = TableInfo { examination, name, format, lines, column_numbers, parts };
            (schema, data, info.parts.clone(), Some(info))
        }
    };

    let mut parts = Parts::new(data, &parts);
    let ranges = InputRanges::empty(parts.train.features()).with_rows(parts.train.x());
    let scaling = match standardise {
        true => Some(usable_scaler(&parts, table.as_ref())?),
        false => None,
    };
    let misfits = Misfits::find(&parts, scaling.as_ref(), float_type);
    refuse_too_large(&misfits, &parts, scaling.as_ref(), float_type, table.as_ref())?;
    if let Some(table) = &mut table {
        let mut numbers = merged_numbers(&parts, scaling.as_ref(), float_type);
        // Values that become 0 have a finding of their own.
        let underflows = numbers.iter_mut().zip(&misfits.underflows).filter(|(_, (count, _))| *count > 0);
        underflows.for_each(|(merged, _)| *merged = None);
        let helps =
            |scaling: Option<&_>, float_type| merged_numbers(&parts, scaling, float_type).iter().all(Option::is_none);
        let ways_out = || ways_out(&parts, scaling.as_ref(), float_type, helps);
        table
            .examination
            .findings
            .extend(merged(&numbers, parts.train.feature_names(), float_type, ways_out));
    }
    let helps = |scaling: Option<&_>, float_type| Misfits::find(&parts, scaling, float_type).has_no_underflow();
    let ways_out = || ways_out(&parts, scaling.as_ref(), float_type, helps);
    let place_of = |value: &Value| place(table.as_ref(), value.part, value.sample, value.input);
    let underflow = underflow(&misfits, parts.train.feature_names(), float_type, scaling.is_some(), place_of, ways_out);
    if let (Some(table), Some(finding)) = (&mut table, &underflow) {
        table.examination.findings.push(finding.clone());
    }

    let raw_train = (scaling.is_some() && table.is_none()).then(|| parts.train.clone());
    if let Some(scaling) = &scaling {
        parts.all_mut().for_each(|data| scaling.transform(data.x_mut()));
    }
    Ok(Prepared { parts, raw_train, schema, scaling, ranges, table, underflow })
}

/// Where an input of a sample is: `table.csv:17:3`, or for generated data the number of the sample, counted from 0. `sample`
/// is its index in its part.
pub fn place(table: Option<&TableInfo>, part: Part, sample: usize, input: usize) -> String {
    let Some(TableInfo { name, lines, column_numbers, parts, .. }) = table else {
        let part = if part == Part::Train { "training".to_owned() } else { part.to_string() };
        return format!("{part} sample {sample}");
    };
    let mut of_part = lines.iter().zip(parts).filter(|(_, part_of_row)| **part_of_row == part);
    let line = of_part.nth(sample).map_or(0, |(line, _)| *line);
    format!("{name}:{line}:{}", column_numbers[input])
}

/// The scaler of the training samples.
fn usable_scaler(parts: &Parts, table: Option<&TableInfo>) -> Result<StandardScaler> {
    let train = &parts.train;
    let scaling = StandardScaler::fit(train.x(), train.features());
    let Some((input, problem)) = scaling.unusable_feature() else {
        return Ok(scaling);
    };
    let size = |sample: &usize| train.x()[sample * train.features() + input].abs();
    let largest = (0..train.samples()).max_by(|a, b| size(a).total_cmp(&size(b))).unwrap_or(0);
    let name = &train.feature_names()[input];
    let raw = train.x()[largest * train.features() + input];
    Err(Error::Table {
        place: place(table, Part::Train, largest, input),
        message: format!(
            "{name} = \"{raw:?}\": the values of this column {problem} to be standardised; leave it out with data.ignore"
        ),
    })
}

/// Refuses values that would become infinite. The error names the first of them and what would accept it.
fn refuse_too_large(
    misfits: &Misfits,
    parts: &Parts,
    scaling: Option<&StandardScaler>,
    float_type: FloatType,
    table: Option<&TableInfo>,
) -> Result<()> {
    let line = |value: &&Value| match table {
        Some(TableInfo { lines, parts, .. }) => {
            let of_part = lines.iter().zip(parts).filter(|(_, part)| **part == value.part);
            of_part.map(|(line, _)| *line).nth(value.sample)
        }
        None => None,
    };
    let Some(value) = misfits.too_large.iter().min_by_key(line) else {
        return Ok(());
    };

    let Value { part, sample, input, raw, scaled } = *value;
    let name = one_line(&parts.train.feature_names()[input]);
    let [largest, _] = float_type.limits();
    let standardised = if scaling.is_some() { " when it is standardised" } else { "" };
    let becomes = if scaling.is_some() && scaled.is_finite() {
        format!(", it becomes {}", short(scaled))
    } else {
        String::new()
    };
    let ways_out = match ways_out(parts, scaling, float_type, |scaling, float_type| {
        Misfits::find(parts, scaling, float_type).too_large.is_empty()
    }) {
        Some(ways) => format!("{ways} would accept it"),
        None => "correct it, or leave the column out with data.ignore".into(),
    };
    Err(Error::Table {
        place: place(table, part, sample, input),
        message: format!(
            "{name} = \"{raw:?}\": too large for {float_type}{standardised}{becomes}, must be at most {largest}; {ways_out}"
        ),
    })
}

/// The settings that would help, by a test of a scaling and a float type.
fn ways_out(
    parts: &Parts,
    scaling: Option<&StandardScaler>,
    float_type: FloatType,
    helps: impl Fn(Option<&StandardScaler>, FloatType) -> bool,
) -> Option<String> {
    let mut ways = Vec::new();
    if float_type == FloatType::F32 && helps(scaling, FloatType::F64) {
        ways.push("dtype = \"f64\"");
    }
    if scaling.is_none() {
        let scaling = StandardScaler::fit(parts.train.x(), parts.train.features());
        if scaling.unusable_feature().is_none() && helps(Some(&scaling), float_type) {
            ways.push("data.standardise = true");
        }
    }
    (!ways.is_empty()).then(|| ways.join(" or "))
}
