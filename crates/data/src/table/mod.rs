//! Reads tables, from delimited text or Parquet files, as numbers.
//!
//! There are two readers. [`read`] reads a whole table for training and decides what its columns are. [`BlockReader`]
//! reads further tables for the trained network, a block of rows at a time.
//!
//! The rules for text files:
//! - The text is UTF-8, plain or compressed by gzip.
//! - It starts with a header line. Excel's line `sep=;` may stand above it.
//! - Cells are separated by commas, semicolons or tabs, and may be in quotation marks, as RFC 4180 says: a mark inside quoted
//!   text is written twice. Blanks may surround a quoted cell. Other text behind its closing mark is an error, and so is
//!   other white space before its opening mark.
//! - Lines end in LF, CRLF or CR. Empty lines are skipped, and rows of empty cells at the end of the table are left out.
//!   Such a row above other rows is an error.
//! - Columns without a name are left out if they are empty. Otherwise they are an error, or ignored on request.
//! - White space around a value is not part of it.
//! - A value is missing if it is empty or one of the [words for that](DEFAULT_MISSING_WORDS), such as NA.
//! - Two labels or categories are one value if they are the same text, or numbers with the same exact value: 1 and 1.0.
//! - The place of an error is `file:line:column`. Lines are counted in the file and columns in the table, both from 1.
//!
//! With the Cargo feature `parquet`, a table may also be a Parquet file. It is recognised by its first bytes. Its values
//! follow the same rules, because they count as the text that they would be written as. The place of an error is
//! `file:row:column`. Without the feature, a Parquet file is refused.
//!
//! Memory: [`read`] needs eight bytes for each number of the result and five for each row. It also holds the text of one
//! row, which may not be longer than 1 MiB. [`BlockReader`] holds one block. A Parquet file is in memory as a whole, too.

mod block_reader;
mod byte_reader;
mod cell;
mod cell_splitter;
mod columns;
mod delimiter;
mod distinct_values;
mod exact_number;
mod header;
mod labels;
mod length_checked_file;
mod likeness;
mod messages;
mod missing_words;
mod number_hint;
mod odd_number;
#[cfg_attr(not(feature = "parquet"), path = "no_parquet.rs")]
mod parquet;
mod row_reader;
mod settings;
mod survey;
mod text_reader;
mod training_table;

pub use self::block_reader::{Block, BlockReader, LabelMode};
pub use self::columns::{ColumnNotes, LostDigits};
pub use self::delimiter::Delimiter;
pub use self::length_checked_file::LengthCheckedFile;
pub use self::likeness::Alike;
pub use self::missing_words::DEFAULT_MISSING_WORDS;
pub use self::settings::{Format, Impute, Settings, UnlabelledRows};
pub use self::survey::{Survey, SurveyedColumn, survey};
pub use self::training_table::{Table, read, read_from};
