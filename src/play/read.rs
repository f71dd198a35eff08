//! Files that a program reads before it serves: tables and lessons. The server itself reads none.

use std::fs::File;
use std::io::Read as _;
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
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    // What is no plain file may have no end.
    let mut bytes = Vec::new();
    file.take(MAX_TABLE_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_TABLE_BYTES {
        let limit = grouped(MAX_TABLE_BYTES as usize);
        let has = if length > MAX_TABLE_BYTES {
            grouped(length as usize)
        } else {
            format!("more than {limit}")
        };
        let message = format!("has {has} bytes: the playground takes at most {limit}; `petal train` takes more");
        return Err(Error::Content { path: path.into(), message });
    }
    String::from_utf8(bytes).map_err(|_| Error::Content {
        path: path.into(),
        message: "is not a table in plain UTF-8 text, which the playground needs".into(),
    })
}
