//! Files that a program reads before it serves: tables and lessons. The server itself reads none.

use std::fs;
use std::path::Path;

use crate::data::text::grouped;
use crate::error::{Error, Result};

/// The longest table that a page takes, in bytes.
const MAX_TABLE_BYTES: u64 = 1_900_000;

/// The text of a table.
///
/// # Errors
/// When it cannot be read, is too long for a page, or is not text.
pub fn read_table(path: &Path) -> Result<String> {
    let failed = |error| Error::file("read", path)(error);
    let length = fs::metadata(path).map_err(failed)?.len();
    if length > MAX_TABLE_BYTES {
        let (length, limit) = (grouped(length as usize), grouped(MAX_TABLE_BYTES as usize));
        let message = format!("has {length} bytes: the playground takes at most {limit}; `petal train` takes more");
        return Err(Error::Content { path: path.into(), message });
    }
    let bytes = fs::read(path).map_err(failed)?;
    String::from_utf8(bytes).map_err(|_| Error::Content {
        path: path.into(),
        message: "is not a table in plain UTF-8 text, which the playground needs".into(),
    })
}
