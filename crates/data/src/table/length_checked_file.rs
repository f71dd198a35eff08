//! A file reader that notices when the file becomes shorter.
//!
//! A file that becomes longer is accepted: the added bytes are read, too.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::error::{Error, Result};

/// A file that must still have, when it is read, at least the length that it had when it was opened.
///
/// A file that shrinks would otherwise look like a smaller table, because it may be cut between two rows.
pub struct LengthCheckedFile {
    file: File,
    /// The number of bytes that must still come. It is 0 if the path is not a regular file, whose length is unknown.
    remaining: u64,
}

impl LengthCheckedFile {
    /// Opens a file.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: &Path) -> Result<Self> {
        let opened = File::open(path).and_then(|file| {
            let metadata = file.metadata()?;
            let remaining = if metadata.is_file() { metadata.len() } else { 0 };
            Ok(Self { file, remaining })
        });
        opened.map_err(Error::file("read", path))
    }
}

impl Read for LengthCheckedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        if count == 0 && !buffer.is_empty() && self.remaining > 0 {
            return Err(io::Error::other(format!("it became {} bytes shorter while it was read", self.remaining)));
        }
        self.remaining = self.remaining.saturating_sub(count as u64);
        Ok(count)
    }
}
