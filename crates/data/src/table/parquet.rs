//! Reads Parquet files row by row, with the cells that a text file with the same table would have.
//!
//! Numbers become text with the fewest digits that parse back to the same f64, booleans become `true` and `false`,
//! strings stay unchanged, and null becomes an empty cell. So all rules for text files also hold for Parquet files.
//!
//! The columns are read side by side, 1,024 rows at once, and only the selected ones. The row reader of the crate
//! `parquet` is not used, because it copies the name of every column for every row. The crate panics on some damaged
//! files, and this module turns the panic into an error. Memory holds the file, a page of each column, and a batch of rows.
//!
//! Not covered:
//! - Zstandard, Brotli and LZO: either there is no decoder in pure Rust, or hardly any file uses them;
//! - encrypted files;
//! - columns that hold anything but one boolean, number or string in a row.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::Read;

use bytes::Bytes;
use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as PhysicalType};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::schema::types::Type;

use super::byte_reader::ByteReader;
use super::cell::{CellError, parse_number};
use super::exact_number::ExactNumber;
use super::messages::quoted;
use super::missing_words::MissingWords;
use crate::error::{Error, Result};
use crate::panics::catch_panic;

/// The maximal size of a file in bytes, because memory holds the whole file.
const MAX_FILE_BYTES: usize = 2 << 30;

/// The types that a message about another type lists.
const ACCEPTED_TYPES: &str = "accepted are booleans, integers, floats and text";

/// The number of rows that are read from the columns at once.
const BATCH_ROWS: usize = 1024;

/// A Parquet file, and the current row in it.
///
/// The file consists of row groups, and each group is read in batches.
pub(super) struct ParquetReader {
    /// The name of the table in messages.
    name: String,
    file: SerializedFileReader<Bytes>,
    /// In the order of the file.
    columns: Vec<SelectedColumn>,
    next_group: usize,
    /// The number of rows of the current group that are in no batch yet.
    rows_left_in_group: usize,
    /// The number of rows in the current batch.
    batch_rows: usize,
    /// The index of the current row in the batch.
    index_in_batch: usize,
    /// The number of rows that were returned so far.
    rows_returned: u64,
}

/// A column that is read.
struct SelectedColumn {
    name: String,
    /// The column's index in the table.
    index: usize,
    /// The index among the leaf columns of the Parquet schema, where a group counts as the columns inside it.
    leaf: usize,
    is_unsigned: bool,
    /// The reader for the current row group.
    reader: Option<ColumnReader>,
    /// The cells of the current batch.
    cells: Vec<Cell>,
}

enum Cell {
    Missing,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Text(ByteArray),
}

impl ParquetReader {
    /// Reads the file and its metadata.
    pub fn open<R: Read>(bytes: &mut ByteReader<R>) -> Result<Self> {
        let name = bytes.file.clone();
        let bytes = bytes.read_all(MAX_FILE_BYTES, "is a Parquet file of more than 2 GiB, which memory has to hold")?;
        let file = catch_panic(|| SerializedFileReader::new(Bytes::from(bytes)).map_err(damaged_by(&name)));
        let file = file.unwrap_or_else(|panic| Err(damaged_error(&name, panic)))?;
        Ok(Self {
            name,
            file,
            columns: Vec::new(),
            next_group: 0,
            rows_left_in_group: 0,
            batch_rows: 0,
            index_in_batch: 0,
            rows_returned: 0,
        })
    }

    /// The name of the table in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of the columns.
    pub fn column_names(&self) -> Vec<Vec<u8>> {
        let fields = self.file.metadata().file_metadata().schema().get_fields();
        fields.iter().map(|field| field.name().as_bytes().to_vec()).collect()
    }

    /// Chooses the columns to read, by their indices from 0. The cells of all other columns are empty.
    pub fn select_columns(&mut self, mut indices: Vec<usize>) -> Result<()> {
        indices.sort_unstable();
        indices.dedup();

        let schema = self.file.metadata().file_metadata().schema_descr();
        let columns = indices.into_iter().map(|index| {
            let field = &schema.root_schema().get_fields()[index];
            let name = quoted(field.name().as_bytes());
            if let Some(unsupported) = unsupported_type(field) {
                let message = format!("the column {name} holds {unsupported}; {ACCEPTED_TYPES}");
                return Err(Error::Table { place: self.name.clone(), message });
            }
            let leaf = (0..schema.num_columns()).find(|&leaf| schema.get_column_root_idx(leaf) == index);
            let leaf = leaf.ok_or_else(|| damaged_error(&self.name, format_args!("it has no column {name}")))?;
            let is_unsigned = is_unsigned(field);
            Ok(SelectedColumn { name, index, leaf, is_unsigned, reader: None, cells: Vec::new() })
        });
        self.columns = columns.collect::<Result<_>>()?;
        Ok(())
    }

    /// Reads the next row and returns its number, from 1. `None` means the end of the table.
    pub fn next(&mut self) -> Result<Option<u64>> {
        self.index_in_batch += 1;
        while self.index_in_batch >= self.batch_rows {
            let advanced = catch_panic(|| self.advance());
            if !advanced.unwrap_or_else(|panic| Err(damaged_error(&self.name, panic)))? {
                return Ok(None);
            }
        }
        self.rows_returned += 1;
        Ok(Some(self.rows_returned))
    }

    /// The cell of a column in the current row, as a number.
    pub fn number(&self, index: usize, missing: &MissingWords) -> Result<f64, CellError> {
        let number = match self.current_cell(index) {
            Cell::Missing => return Err(CellError::Missing),
            Cell::Bool(_) => return Err(CellError::NotANumber),
            Cell::Signed(value) => *value as f64,
            Cell::Unsigned(value) => *value as f64,
            Cell::Float(value) if value.is_nan() => return Err(CellError::Missing),
            Cell::Float(value) if value.is_infinite() => return Err(CellError::Infinite),
            Cell::Float(value) => *value,
            Cell::Text(value) => return parse_number(value.data(), missing),
        };
        let exact = || ExactNumber::parse(std::str::from_utf8(&self.cell(index)).ok()?);
        if missing.contains_number(number, exact) {
            Err(CellError::Missing)
        } else {
            Ok(number)
        }
    }

    /// The cell of a column in the current row, as text.
    pub fn cell(&self, index: usize) -> Cow<'_, [u8]> {
        let text = match self.current_cell(index) {
            Cell::Missing => return Cow::Borrowed(&[]),
            // NaN is missing whatever the words for that are.
            Cell::Float(value) if value.is_nan() => return Cow::Borrowed(&[]),
            Cell::Text(value) => return Cow::Borrowed(value.data()),
            Cell::Bool(value) => value.to_string(),
            Cell::Signed(value) => value.to_string(),
            Cell::Unsigned(value) => value.to_string(),
            // Writes 1.0 and not 1, as Python does in text files: a category must be the same in both formats.
            Cell::Float(value) => format!("{value:?}"),
        };
        Cow::Owned(text.into_bytes())
    }

    /// The cell of a column in the current row. It counts as missing if the column is not selected.
    fn current_cell(&self, index: usize) -> &Cell {
        let found = self.columns.binary_search_by_key(&index, |column| column.index);
        found.map_or(&Cell::Missing, |found| &self.columns[found].cells[self.index_in_batch])
    }

    /// Reads the next batch, or opens the next row group. Returns false at the end of the file.
    fn advance(&mut self) -> Result<bool> {
        if self.rows_left_in_group > 0 {
            self.read_batch()?;
        } else if self.next_group < self.file.num_row_groups() {
            self.open_group()?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn open_group(&mut self) -> Result<()> {
        let group = self.file.get_row_group(self.next_group).map_err(damaged_by(&self.name))?;
        self.rows_left_in_group = usize::try_from(group.metadata().num_rows())
            .map_err(|_| damaged_error(&self.name, "a group of rows has a negative number of rows"))?;

        for SelectedColumn { name, leaf, reader, .. } in &mut self.columns {
            if *leaf >= group.num_columns() {
                return Err(damaged_error(&self.name, format_args!("a group of rows lacks the column {name}")));
            }
            let compression = group.metadata().column(*leaf).compression();
            if !is_supported(compression) {
                let codec = compression.to_string();
                // Without the level in brackets.
                let codec = codec.split('(').next().unwrap_or_default();
                let message = format!(
                    "the column {name} is compressed by {codec}; supported are UNCOMPRESSED, SNAPPY, GZIP, LZ4 and LZ4_RAW"
                );
                return Err(Error::Table { place: self.name.clone(), message });
            }
            *reader = Some(group.get_column_reader(*leaf).map_err(damaged_by(&self.name))?);
        }

        self.next_group += 1;
        Ok(())
    }

    fn read_batch(&mut self) -> Result<()> {
        let rows = self.rows_left_in_group.min(BATCH_ROWS);
        for column in &mut self.columns {
            column.read_cells(rows).map_err(damaged_by(&self.name))?;
            let SelectedColumn { name, cells, .. } = column;
            if cells.len() != rows {
                let what = format_args!("the column {name} has fewer values than there are rows");
                return Err(damaged_error(&self.name, what));
            }
        }
        self.rows_left_in_group -= rows;
        (self.batch_rows, self.index_in_batch) = (rows, 0);
        Ok(())
    }
}

impl SelectedColumn {
    /// Replaces the cells by those of the next rows.
    fn read_cells(&mut self, rows: usize) -> Result<(), ParquetError> {
        let Self { reader, cells, is_unsigned, .. } = self;
        cells.clear();
        match reader {
            Some(ColumnReader::BoolColumnReader(reader)) => append_cells(reader, rows, cells, Cell::Bool),
            Some(ColumnReader::Int32ColumnReader(reader)) if *is_unsigned => {
                append_cells(reader, rows, cells, |value| Cell::Unsigned(value.cast_unsigned().into()))
            }
            Some(ColumnReader::Int32ColumnReader(reader)) => {
                append_cells(reader, rows, cells, |value| Cell::Signed(value.into()))
            }
            Some(ColumnReader::Int64ColumnReader(reader)) if *is_unsigned => {
                append_cells(reader, rows, cells, |value| Cell::Unsigned(value.cast_unsigned()))
            }
            Some(ColumnReader::Int64ColumnReader(reader)) => append_cells(reader, rows, cells, Cell::Signed),
            Some(ColumnReader::FloatColumnReader(reader)) => {
                append_cells(reader, rows, cells, |value| Cell::Float(value.into()))
            }
            Some(ColumnReader::DoubleColumnReader(reader)) => append_cells(reader, rows, cells, Cell::Float),
            Some(ColumnReader::ByteArrayColumnReader(reader)) => append_cells(reader, rows, cells, Cell::Text),
            // `unsupported_type` refuses these types, so here the row group contradicts the schema.
            Some(ColumnReader::Int96ColumnReader(_) | ColumnReader::FixedLenByteArrayColumnReader(_)) | None => {
                Err(ParquetError::General("a column is not of the type that the schema says".into()))
            }
        }
    }
}

/// Appends the values of the next rows to `cells`. A row without a value has the definition level 0.
fn append_cells<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    rows: usize,
    cells: &mut Vec<Cell>,
    to_cell: impl Fn(T::T) -> Cell,
) -> Result<(), ParquetError> {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    reader.read_records(rows, Some(&mut levels), None, &mut values)?;

    let mut values = values.into_iter().map(to_cell);
    if levels.is_empty() {
        // The column is required: every row has a value.
        cells.extend(values);
        return Ok(());
    }
    for level in levels {
        let value = if level > 0 { values.next() } else { None };
        cells.push(value.unwrap_or(Cell::Missing));
    }
    Ok(())
}

/// What a column holds, if its type is not supported.
fn unsupported_type(column: &Type) -> Option<&'static str> {
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
            PhysicalType::INT96 => Some("points in time"),
            PhysicalType::FIXED_LEN_BYTE_ARRAY => Some("bytes"),
            PhysicalType::BYTE_ARRAY => (!is_text(logical, converted)).then_some("bytes"),
            PhysicalType::BOOLEAN
            | PhysicalType::INT32
            | PhysicalType::INT64
            | PhysicalType::FLOAT
            | PhysicalType::DOUBLE => None,
        },
    }
}

/// Whether a column of bytes holds text. Older programs do not declare it, so bytes without a type count as text.
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

fn is_supported(compression: Compression) -> bool {
    use Compression::{GZIP, LZ4, LZ4_RAW, SNAPPY, UNCOMPRESSED};
    matches!(compression, UNCOMPRESSED | SNAPPY | GZIP(_) | LZ4 | LZ4_RAW)
}

/// Converts an error of the crate `parquet`, for `map_err`.
fn damaged_by(name: &str) -> impl Fn(ParquetError) -> Error {
    move |error| match error {
        ParquetError::General(what) | ParquetError::EOF(what) | ParquetError::NYI(what) => damaged_error(name, what),
        ParquetError::External(error) => damaged_error(name, error),
        error => damaged_error(name, error),
    }
}

fn damaged_error(name: &str, what: impl Display) -> Error {
    Error::Table {
        place: name.to_owned(),
        message: format!("the Parquet file is damaged or cut short: {what}"),
    }
}
