//! Reads a table for a trained network: finds its columns and turns rows into inputs, a block at a time.
//!
//! Not covered: scaling. The numbers are those of the table.

use std::io::Read;

use super::byte_reader::{ByteReader, HeaderLine};
use super::cell::{CellError, parse_text, word_hint_of_model};
use super::delimiter::Delimiter;
use super::distinct_values::DistinctValues;
use super::header::Header;
use super::labels::LabelValues;
use super::likeness::Alike;
use super::messages::quoted_list;
use super::missing_words::{MissingWords, WordCounts};
use super::row_reader::{Row, RowReader};
use crate::error::{Error, Result};
use crate::schema::{Column, Schema};

/// Reads the rows of a table as inputs of a trained network.
///
/// The columns of the schema are found by name. They may be in any order, and other columns may be among them. Memory
/// holds one row and the requested block, and a Parquet file as a whole.
pub struct BlockReader<R> {
    /// The name of the table in messages.
    file: String,
    rows: RowReader<R>,
    columns: Vec<SchemaColumn>,
    label: Option<LabelColumn>,
    missing: MissingWords,
    /// The number of inputs of a row.
    inputs: usize,
    check_input: InputCheck,
    /// The line of each row of the last block.
    lines: Vec<u64>,
    unlabelled_rows: usize,
    unlabelled_words: WordCounts,
    /// The error of the row after the last block. The next call returns it.
    pending_error: Option<Error>,
}

/// Says what is wrong with an input, given its index in the row and its value.
type InputCheck = Box<dyn Fn(usize, f64) -> Result<(), String> + Send + Sync>;

/// Whether labels are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelMode {
    /// Labels are not read. The table needs no label column.
    Ignore,
    /// Every row must have a label.
    Require,
    /// Rows without a label are skipped. The table needs a label column.
    SkipMissing,
}

/// Rows in the form that a network reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The inputs, `[rows, d]` in row-major order, categories one-hot.
    pub x: Vec<f64>,
    /// The labels, 0 or 1, `[rows]`. `None` with [`LabelMode::Ignore`].
    pub y: Option<Vec<u8>>,
}

/// A column of the schema, with its index in this table.
struct SchemaColumn {
    name: String,
    index: usize,
    encoding: Encoding,
}

/// How a cell becomes inputs.
enum Encoding {
    /// A number becomes one input.
    Number {
        /// The input for a missing number, if one is allowed.
        missing: Option<f64>,
    },
    /// A category becomes one-hot inputs: the input with its index is 1.
    OneHot(DistinctValues),
}

struct LabelColumn {
    name: String,
    index: usize,
    values: LabelValues,
    skips_missing: bool,
}

impl<R: Read> BlockReader<R> {
    /// Reads the header and finds the columns of the schema. `file` is the name of the table in messages.
    ///
    /// If the classes of the schema are `other than X` and `X`, every label except X is class 0.
    ///
    /// # Errors
    /// When the table cannot be read, or lacks a column of the schema.
    pub fn open(input: R, file: &str, schema: &Schema, mode: LabelMode) -> Result<Self> {
        let reads_label = mode != LabelMode::Ignore;
        let input = ByteReader::open(input, file)?;
        let names = schema
            .columns
            .iter()
            .map(|column| &column.name)
            .chain(reads_label.then_some(&schema.label));

        let finds_all_columns = |line: &HeaderLine, delimiter| {
            let header = Header::parse(line, delimiter, file);
            header.is_ok_and(|header| names.clone().all(|name| header.index(name).is_some()))
        };
        let (header, mut rows) = RowReader::open(input, |line, declared| {
            // Names that contain another delimiter can make the guess wrong. The schema shows which delimiter is right.
            let guess = declared.unwrap_or_else(|| Delimiter::guess(&line.text));
            let mut delimiters = std::iter::once(guess).chain(Delimiter::ALL);
            delimiters
                .find(|&delimiter| finds_all_columns(line, delimiter))
                .unwrap_or(guess)
        })?;
        header.require_all(names.clone())?;

        let columns: Vec<SchemaColumn> = schema
            .columns
            .iter()
            .map(|column| SchemaColumn::new(column, &header))
            .collect::<Result<_>>()?;
        let label = reads_label.then(|| LabelColumn::new(schema, &header, mode)).transpose()?;
        let inputs = schema.columns.iter().map(Column::width).sum();

        let indices = columns.iter().map(|column| column.index);
        rows.select_columns(indices.chain(label.as_ref().map(|label| label.index)))?;
        let missing = MissingWords::new(schema.missing.as_deref());
        Ok(Self {
            file: file.into(),
            rows,
            columns,
            label,
            missing,
            inputs,
            check_input: Box::new(|_, _| Ok(())),
            lines: Vec::new(),
            unlabelled_rows: 0,
            unlabelled_words: WordCounts::default(),
            pending_error: None,
        })
    }

    /// Refuses cells that become an input which `check` refuses. It gets the index of the input in its row and its value, and
    /// says what is wrong.
    #[must_use]
    pub fn with_input_check(self, check: impl Fn(usize, f64) -> Result<(), String> + Send + Sync + 'static) -> Self {
        Self { check_input: Box::new(check), ..self }
    }

    /// An error about a row of the last block, given by its index from 0.
    ///
    /// # Panics
    /// When the last block has no such row.
    pub fn row_error(&self, row: usize, message: String) -> Error {
        // In a Parquet file, the number of the row stands in place of the line.
        Error::Table { place: format!("{}:{}", self.file, self.lines[row]), message }
    }

    /// Reads the next rows, at most `max_rows` and at least one. `None` means the end of the table.
    ///
    /// # Errors
    /// When a row cannot be read, or contains a value that the network does not know. The rows before it are returned
    /// first: the error comes with the next call.
    pub fn next_block(&mut self, max_rows: usize) -> Result<Option<Block>> {
        if let Some(error) = self.pending_error.take() {
            return Err(error);
        }

        self.lines.clear();
        let mut block = Block { x: Vec::new(), y: self.label.as_ref().map(|_| Vec::new()) };
        let mut rows = 0;
        while rows < max_rows.max(1) {
            match self.append_next_row(&mut block) {
                Ok(true) => rows += 1,
                Ok(false) => break,
                Err(error) if rows == 0 => return Err(error),
                Err(error) => {
                    self.pending_error = Some(error);
                    // The refused row may have added a part of its inputs.
                    block.x.truncate(rows * self.inputs);
                    break;
                }
            }
        }
        debug_assert_eq!(block.x.len(), rows * self.inputs, "rows times inputs");
        Ok((rows > 0).then_some(block))
    }

    /// The number of rows that were skipped so far because they have no label.
    pub fn unlabelled_rows(&self) -> usize {
        self.unlabelled_rows
    }

    /// The words in place of these labels with their counts, such as `"NA" 11, empty 2`. `None` if the cells were empty.
    pub fn unlabelled_words(&self) -> Option<String> {
        self.unlabelled_words.describe(&self.missing)
    }

    /// The number of rows at the end of a text file that were left out because all their cells are empty.
    pub fn empty_rows(&self) -> usize {
        self.rows.empty_rows()
    }

    /// Appends the next row that is not skipped. Returns false at the end of the table.
    fn append_next_row(&mut self, block: &mut Block) -> Result<bool> {
        while let Some(row) = self.rows.next()? {
            let class = match &mut self.label {
                None => None,
                Some(label) => {
                    let class = label.class(&row, &self.missing)?;
                    if class.is_none() {
                        self.unlabelled_rows += 1;
                        self.unlabelled_words.count(&row.cell(label.index), &self.missing);
                        continue;
                    }
                    class
                }
            };
            let row_start = block.x.len();
            for column in &self.columns {
                let start = block.x.len();
                column.append_inputs(&row, &self.missing, &mut block.x)?;
                for (index, &input) in (start - row_start..).zip(&block.x[start..]) {
                    (self.check_input)(index, input)
                        .map_err(|message| row.error(column.index, &column.name, message))?;
                }
            }
            self.lines.push(row.line);
            if let (Some(class), Some(y)) = (class, &mut block.y) {
                y.push(class);
            }
            return Ok(true);
        }
        Ok(false)
    }
}

impl SchemaColumn {
    fn new(column: &Column, header: &Header) -> Result<Self> {
        let Column { name, categories, fill_value: missing } = column.clone();
        let index = header.require(&name, &format!("the network takes the column {name:?}"))?;
        let encoding = match categories {
            None => Encoding::Number { missing },
            Some(categories) => Encoding::OneHot(DistinctValues::from_list(&categories)),
        };
        Ok(Self { name, index, encoding })
    }

    /// Appends the column's inputs for a row.
    fn append_inputs(&self, row: &Row<'_>, words: &MissingWords, x: &mut Vec<f64>) -> Result<()> {
        let error = |message: &str| row.error(self.index, &self.name, message);
        match &self.encoding {
            Encoding::Number { missing } => match (row.number(self.index, words), missing) {
                (Ok(number), _) | (Err(CellError::Missing), &Some(number)) => x.push(number),
                (Err(CellError::Missing), None) => {
                    return Err(error("a missing value; the network was trained without any"));
                }
                (Err(cell_error), _) => {
                    return Err(error(&cell_error.number_message(&row.cell(self.index), words)));
                }
            },
            Encoding::OneHot(categories) => {
                let index =
                    category_index(&row.cell(self.index), categories, words).map_err(|message| error(&message))?;
                let start = x.len();
                x.resize(start + categories.values().len(), 0.0);
                x[start + index] = 1.0;
            }
        }
        Ok(())
    }
}

/// The index of the category in a cell.
///
/// A known category is never missing: older versions had fewer words for that.
fn category_index(cell: &[u8], categories: &DistinctValues, words: &MissingWords) -> Result<usize, String> {
    let known = std::str::from_utf8(cell).ok().and_then(|text| categories.find(text.trim()));
    if let Some(index) = known {
        return Ok(index);
    }
    let category = parse_text(cell, words).map_err(|error| error.category_message(cell))?;
    let known = categories.values();
    match known.iter().find_map(|known| Alike::new(category, known)) {
        Some(Alike { quoted: [category, known], difference }) => {
            Err(format!("not a known category: {category} differs from the known {known} in {difference} only"))
        }
        None => Err(format!("not a known category; known: {}", quoted_list(known))),
    }
}

impl LabelColumn {
    fn new(schema: &Schema, header: &Header, mode: LabelMode) -> Result<Self> {
        let name = schema.label.clone();
        let index = header.require(&name, &format!("the label is the column {name:?}"))?;
        let skips_missing = mode == LabelMode::SkipMissing;
        Ok(Self { name, index, values: LabelValues::from_classes(&schema.classes), skips_missing })
    }

    /// The class of a row, or `None` when the row must be skipped.
    fn class(&mut self, row: &Row<'_>, words: &MissingWords) -> Result<Option<u8>> {
        let error = |message: &str| row.error(self.index, &self.name, message);
        let cell = row.cell(self.index);
        // A known class is never missing: older versions had fewer words for that.
        let known = std::str::from_utf8(&cell)
            .ok()
            .and_then(|text| self.values.known_class(text.trim()));
        if known.is_some() {
            return Ok(known);
        }
        match parse_text(&cell, words) {
            Ok(value) => self.values.class_of(value).map(Some).map_err(|message| error(&message)),
            Err(CellError::Missing) if self.skips_missing => Ok(None),
            Err(CellError::Missing) => Err(error(&format!(
                "a missing label; --skip-unlabelled would leave out the rows that have none{}",
                word_hint_of_model(&cell)
            ))),
            Err(cell_error) => Err(error(&cell_error.label_message(&cell))),
        }
    }
}
