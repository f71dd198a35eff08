//! A file that is read to the end that it had when it was opened.
//!
//! Leaves out: a file that grows. What is added while it is read counts.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::error::{Error, Result};

/// The bytes of a file; one that becomes shorter while it is read is an error, where it would look like a smaller table.
pub struct WholeFile {
    file: File,
    /// How many bytes are still to come; nothing is known of what is no regular file.
    left: u64,
}

impl WholeFile {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &Path) -> Result<Self> {
        let opened = File::open(path).and_then(|file| {
            let about = file.metadata()?;
            Ok(Self { file, left: if about.is_file() { about.len() } else { 0 } })
        });
        opened.map_err(Error::file("read", path))
    }
}

impl Read for WholeFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        if count == 0 && !buffer.is_empty() && self.left > 0 {
            return Err(io::Error::other(format!("it became {} bytes shorter while it was read", self.left)));
        }
        self.left = self.left.saturating_sub(count as u64);
        Ok(count)
    }
}
