//! Tables in the format of Apache Parquet, a row at a time as the fields that text would have.
//!
//! A value becomes what a table of text would say: numbers in the fewest digits that read back to the same f64, `true` and
//! `false`, strings as they are, and nothing where there is none. So all rules about tables hold for these too.
//!
//! Columns are read side by side and a thousand rows at once, and only those that are wanted: the crate's rows would name
//! every field of every row. The crate panics over some of what a damaged file says; that is an error here. Memory: the file, a page of each column, and the rows at hand.
//!
//! Leaves out: Zstandard, Brotli and LZO, for which there is no code in Rust alone or hardly a file; encrypted files; and
//! columns that hold anything but one boolean, number or string in a row.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::Read;

use bytes::Bytes;
use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::schema::types::Type;

use super::cell::{Odd, number, shown};
use super::source::Source;
use crate::error::{Error, Result};
use crate::panics::catch_panic;

/// The largest file: it is held in memory.
const LARGEST: usize = 2 << 30;

/// What a message tells of columns that can be read.
const ACCEPTED: &str = "accepted are booleans, integers, floats and text";

/// Rows that are taken from the columns at once.
const BATCH: usize = 1024;

/// A file, and where in it the next row is.
pub(super) struct Parquet {
    name: String,
    file: SerializedFileReader<Bytes>,
    /// In the order of the file.
    wanted: Vec<Wanted>,
    /// The group of rows that follows the one at hand.
    next_group: usize,
    /// How many rows of the group at hand are not in a batch yet.
    left: usize,
    /// How many rows are in the batch, and which of them is the one at hand.
    batch: usize,
    at: usize,
    /// How many rows were returned of all.
    row: u64,
}

/// A column that is to be read.
struct Wanted {
    name: String,
    field: usize,
    /// Its number among the columns proper, where a group of columns counts as those in it.
    leaf: usize,
    unsigned: bool,
    /// Of the group of rows at hand.
    reader: Option<ColumnReader>,
    cells: Vec<Cell>,
}

/// A value.
enum Cell {
    Missing,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Number(f64),
    Text(ByteArray),
}

impl Parquet {
    /// Reads the file, and what it says about itself.
    pub fn open<R: Read>(source: &mut Source<R>) -> Result<Self> {
        let name = source.name.clone();
        let bytes = source.all(LARGEST, "is a Parquet file of more than 2 GiB, which memory has to hold")?;
        let file = catch_panic(|| SerializedFileReader::new(Bytes::from(bytes)).map_err(damaged(&name)));
        let file = file.unwrap_or_else(|panic| Err(damage(&name, panic)))?;
        let wanted = Vec::new();
        Ok(Self { name, file, wanted, next_group: 0, left: 0, batch: 0, at: 0, row: 0 })
    }

    /// What messages call the table.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of the columns.
    pub fn names(&self) -> Vec<Vec<u8>> {
        let fields = self.file.metadata().file_metadata().schema().get_fields();
        fields.iter().map(|field| field.name().as_bytes().to_vec()).collect()
    }

    /// Chooses the columns that rows are to have, by their numbers from 0; the others are empty there.
    pub fn want(&mut self, mut fields: Vec<usize>) -> Result<()> {
        fields.sort_unstable();
        fields.dedup();
        let schema = self.file.metadata().file_metadata().schema_descr();
        let wanted = fields.into_iter().map(|field| {
            let held = &schema.root_schema().get_fields()[field];
            let name = shown(held.name().as_bytes());
            if let Some(odd) = odd(held) {
                let message = format!("the column {name} holds {odd}; {ACCEPTED}");
                return Err(Error::Table { place: self.name.clone(), message });
            }
            let leaf = (0..schema.num_columns()).find(|&leaf| schema.get_column_root_idx(leaf) == field);
            let leaf = leaf.ok_or_else(|| damage(&self.name, format_args!("it has no column {name}")))?;
            Ok(Wanted { name, field, leaf, unsigned: is_unsigned(held), reader: None, cells: Vec::new() })
        });
        self.wanted = wanted.collect::<Result<_>>()?;
        Ok(())
    }

    /// Goes on to the next row; returns its number from 1, or nothing after the last.
    pub fn next(&mut self) -> Result<Option<u64>> {
        self.at += 1;
        while self.at >= self.batch {
            let filled = catch_panic(|| self.fill());
            if !filled.unwrap_or_else(|panic| Err(damage(&self.name, panic)))? {
                return Ok(None);
            }
        }
        self.row += 1;
        Ok(Some(self.row))
    }

    /// The number in a field of the row.
    pub fn number(&self, field: usize) -> Result<f64, Odd> {
        match self.cell(field) {
            Cell::Missing => Err(Odd::Missing),
            Cell::Bool(_) => Err(Odd::Text),
            Cell::Signed(value) => Ok(*value as f64),
            Cell::Unsigned(value) => Ok(*value as f64),
            Cell::Number(value) if value.is_nan() => Err(Odd::Missing),
            Cell::Number(value) if value.is_infinite() => Err(Odd::Infinite),
            Cell::Number(value) => Ok(*value),
            Cell::Text(value) => number(value.data()),
        }
    }

    /// A field of the row as text.
    pub fn field(&self, field: usize) -> Cow<'_, [u8]> {
        let written = match self.cell(field) {
            Cell::Missing => return Cow::Borrowed(&[]),
            Cell::Text(value) => return Cow::Borrowed(value.data()),
            Cell::Bool(value) => value.to_string(),
            Cell::Signed(value) => value.to_string(),
            Cell::Unsigned(value) => value.to_string(),
            // 1.0 and not 1, as Python writes tables of text: a category must be the same in both.
            Cell::Number(value) => format!("{value:?}"),
        };
        Cow::Owned(written.into_bytes())
    }

    /// What is in a field of the row; nothing where it is not wanted.
    fn cell(&self, field: usize) -> &Cell {
        let wanted = self.wanted.binary_search_by_key(&field, |wanted| wanted.field);
        wanted.map_or(&Cell::Missing, |place| &self.wanted[place].cells[self.at])
    }

    /// Goes on to the next batch, or to the next group of rows; false after the last.
    fn fill(&mut self) -> Result<bool> {
        if self.left > 0 {
            self.next_batch()?;
        } else if self.next_group < self.file.num_row_groups() {
            self.open_group()?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn open_group(&mut self) -> Result<()> {
        let group = self.file.get_row_group(self.next_group).map_err(damaged(&self.name))?;
        self.left = usize::try_from(group.metadata().num_rows())
            .map_err(|_| damage(&self.name, "a group of rows has less than none"))?;
        for Wanted { name, leaf, reader, .. } in &mut self.wanted {
            if *leaf >= group.num_columns() {
                return Err(damage(&self.name, format_args!("a group of rows lacks the column {name}")));
            }
            let packed = group.metadata().column(*leaf).compression();
            if !is_read(packed) {
                let codec = packed.to_string();
                let codec = codec.split('(').next().unwrap_or_default();
                let message = format!(
                    "the column {name} is compressed by {codec}; read are UNCOMPRESSED, SNAPPY, GZIP, LZ4 and LZ4_RAW"
                );
                return Err(Error::Table { place: self.name.clone(), message });
            }
            *reader = Some(group.get_column_reader(*leaf).map_err(damaged(&self.name))?);
        }
        self.next_group += 1;
        Ok(())
    }

    fn next_batch(&mut self) -> Result<()> {
        let rows = self.left.min(BATCH);
        for wanted in &mut self.wanted {
            wanted.fill(rows).map_err(damaged(&self.name))?;
            let Wanted { name, cells, .. } = wanted;
            if cells.len() != rows {
                return Err(damage(&self.name, format_args!("the column {name} has fewer values than there are rows")));
            }
        }
        self.left -= rows;
        (self.batch, self.at) = (rows, 0);
        Ok(())
    }
}

impl Wanted {
    /// Reads the values of the next rows.
    fn fill(&mut self, rows: usize) -> Result<(), ParquetError> {
        let Self { reader, cells, unsigned, .. } = self;
        cells.clear();
        match reader {
            Some(ColumnReader::BoolColumnReader(reader)) => take(reader, rows, cells, Cell::Bool),
            Some(ColumnReader::Int32ColumnReader(reader)) if *unsigned => {
                take(reader, rows, cells, |value| Cell::Unsigned(value.cast_unsigned().into()))
            }
            Some(ColumnReader::Int32ColumnReader(reader)) => {
                take(reader, rows, cells, |value| Cell::Signed(value.into()))
            }
            Some(ColumnReader::Int64ColumnReader(reader)) if *unsigned => {
                take(reader, rows, cells, |value| Cell::Unsigned(value.cast_unsigned()))
            }
            Some(ColumnReader::Int64ColumnReader(reader)) => take(reader, rows, cells, Cell::Signed),
            Some(ColumnReader::FloatColumnReader(reader)) => {
                take(reader, rows, cells, |value| Cell::Number(value.into()))
            }
            Some(ColumnReader::DoubleColumnReader(reader)) => take(reader, rows, cells, Cell::Number),
            Some(ColumnReader::ByteArrayColumnReader(reader)) => take(reader, rows, cells, Cell::Text),
            // `odd` has turned them away, or the group contradicts the schema.
            Some(ColumnReader::Int96ColumnReader(_) | ColumnReader::FixedLenByteArrayColumnReader(_)) | None => {
                Err(ParquetError::General("a column is not of the type that the schema says".into()))
            }
        }
    }
}

/// Appends the values of the next rows to `cells`; a row without one has a definition level of 0.
fn take<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    rows: usize,
    cells: &mut Vec<Cell>,
    cell: impl Fn(T::T) -> Cell,
) -> Result<(), ParquetError> {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    reader.read_records(rows, Some(&mut levels), None, &mut values)?;
    let mut values = values.into_iter().map(cell);
    if levels.is_empty() {
        cells.extend(values);
    } else {
        let present = |level: i16| if level > 0 { values.next() } else { None };
        cells.extend(levels.into_iter().map(present).map(|value| value.unwrap_or(Cell::Missing)));
    }
    Ok(())
}

/// What a column holds, where that cannot be a field.
fn odd(column: &Type) -> Option<&'static str> {
    let info = column.get_basic_info();
    let (logical, converted) = (info.logical_type_ref(), info.converted_type());
    match (logical, converted) {
        (Some(LogicalType::List), _) | (_, ConvertedType::LIST) => Some("lists"),
        (Some(LogicalType::Map), _) | (_, ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE) => Some("maps"),
        _ if column.is_group() => Some("groups of columns"),
        _ if info.has_repetition() && info.repetition() == Repetition::REPEATED => Some("lists"),
        (Some(LogicalType::Decimal(_)), _) | (_, ConvertedType::DECIMAL) => Some("decimals"),
        (Some(LogicalType::Date), _) | (_, ConvertedType::DATE) => Some("dates"),
        (Some(LogicalType::Time(_)), _) | (_, ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS) => {
            Some("times of day")
        }
        (Some(LogicalType::Timestamp(_)), _)
        | (_, ConvertedType::TIMESTAMP_MILLIS | ConvertedType::TIMESTAMP_MICROS) => Some("points in time"),
        (Some(LogicalType::Float16), _) => Some("floats of 16 bits"),
        _ => match column.get_physical_type() {
            Physical::INT96 => Some("points in time"),
            Physical::FIXED_LEN_BYTE_ARRAY => Some("bytes"),
            Physical::BYTE_ARRAY => (!is_text(logical, converted)).then_some("bytes"),
            Physical::BOOLEAN | Physical::INT32 | Physical::INT64 | Physical::FLOAT | Physical::DOUBLE => None,
        },
    }
}

/// Whether bytes are meant as text; those of older programs say nothing of what they are.
fn is_text(logical: Option<&LogicalType>, converted: ConvertedType) -> bool {
    let text = matches!(logical, None | Some(LogicalType::String | LogicalType::Enum | LogicalType::Json));
    text && converted != ConvertedType::BSON
}

fn is_unsigned(column: &Type) -> bool {
    let info = column.get_basic_info();
    let logical = matches!(info.logical_type_ref(), Some(LogicalType::Integer(kind)) if !kind.is_signed);
    let unsigned = [ConvertedType::UINT_8, ConvertedType::UINT_16, ConvertedType::UINT_32, ConvertedType::UINT_64];
    logical || unsigned.contains(&info.converted_type())
}

/// Whether there is code for a compression.
fn is_read(compression: Compression) -> bool {
    use Compression::{GZIP, LZ4, LZ4_RAW, SNAPPY, UNCOMPRESSED};
    matches!(compression, UNCOMPRESSED | SNAPPY | GZIP(_) | LZ4 | LZ4_RAW)
}

/// The error for a file that the crate cannot make sense of.
fn damaged(name: &str) -> impl Fn(ParquetError) -> Error {
    move |error| match error {
        ParquetError::General(what) | ParquetError::EOF(what) | ParquetError::NYI(what) => damage(name, what),
        ParquetError::External(error) => damage(name, error),
        error => damage(name, error),
    }
}

fn damage(name: &str, what: impl Display) -> Error {
    Error::Table {
        place: name.to_owned(),
        message: format!("the Parquet file is damaged or cut short: {what}"),
    }
}
