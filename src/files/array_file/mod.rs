//! Files of named arrays, as NumPy, PyTorch and JSON libraries write them.
//!
//! | format | holds | module |
//! | --- | --- | --- |
//! | `.npz` | any arrays: `numpy.savez`, `numpy.savez_compressed` | `npz.rs` |
//! | `.npy` | one array, which gets the name of the file: `numpy.save`; only read | `npy.rs` |
//! | `.safetensors` | any arrays: `safetensors.numpy.save_file`, `safetensors.torch.save_file` | `safetensors.rs` |
//! | `.json` | an object of numbers and nested lists of numbers | `json.rs` |
//!
//! The format of a file that is read is recognised by its first bytes, whatever its name is. The format of a file that is
//! written follows from the extension of its name.
//!
//! # Files of unknown origin
//!
//! - Every size that a file claims is held against the bytes that are there and against [`MAX_NUMBERS`] before memory is
//!   reserved. Compressed bytes are read through this limit.
//! - Nothing in a file is executed. Arrays of Python objects are refused.
//! - NaN and infinity are accepted, because a wrong gradient may have them.

mod elements;
mod json;
mod npy;
mod npz;
mod safetensors;

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::atomic::write_atomically;
use crate::data::checked_path;
use crate::data::file_kind::{PEEK_BYTES, file_kind, is_safetensors};
use crate::data::text::grouped;
use crate::error::{Error, Result};
use crate::gradcheck::Array;

/// The most numbers that all arrays of a file may have together. As float64 they take 1 GiB.
pub const MAX_NUMBERS: usize = 1 << 27;
/// The most arrays that a file may have.
pub const MAX_ARRAYS: usize = 10_000;
/// The largest file in bytes: [`MAX_NUMBERS`] numbers in float64, with room for their names.
const MAX_FILE_BYTES: u64 = (1 << 30) + (64 << 20);

/// The formats that can be read, for messages.
const READABLE: &str = "accepted: .npz, .npy, .safetensors and .json, recognised by their content";

/// The type of the elements of a stored array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementType {
    /// A 32-bit float.
    F32,
    /// A 64-bit float.
    F64,
    /// A whole number of at most 32 bits.
    I32,
    /// A whole number of at most 64 bits.
    I64,
    /// False or true, as 0 or 1.
    Bool,
}

/// A named array of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredArray {
    /// Its name, its shape and its numbers.
    pub array: Array,
    /// The type that its numbers have in the file.
    pub dtype: ElementType,
}

/// A file of arrays that will be written. The extension of its name says the format.
#[derive(Clone, Debug)]
pub struct ArrayFile {
    path: PathBuf,
    format: Format,
}

/// The format of a file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// An archive of NumPy arrays.
    Npz,
    /// A safetensors file.
    Safetensors,
    /// A JSON object.
    Json,
}

impl fmt::Display for ElementType {
    /// NumPy's name of the type.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "float32",
            Self::F64 => "float64",
            Self::I32 => "int32",
            Self::I64 => "int64",
            Self::Bool => "bool",
        })
    }
}

impl FromStr for ArrayFile {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let path = PathBuf::from(name);
        checked_path::check(&path)?;
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let format = match &extension[..] {
            "npz" => Format::Npz,
            "safetensors" => Format::Safetensors,
            "json" => Format::Json,
            "npy" => return Err("a .npy file holds one array; accepted endings: .npz, .safetensors, .json".into()),
            _ => return Err("accepted endings: .npz, .safetensors, .json".into()),
        };
        Ok(Self { path, format })
    }
}

impl ArrayFile {
    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file's format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Writes the file, replacing one that exists. The same arrays give the same bytes.
    ///
    /// # Errors
    /// When the format cannot hold the arrays, or the file cannot be written completely.
    pub fn write(&self, arrays: &[StoredArray]) -> Result<()> {
        let bytes = to_bytes(arrays, self.format)
            .map_err(|reason| Error::Encoding(format!("{}: {reason}", self.path.display())))?;
        write_atomically(&self.path, bytes)
    }
}

/// The contents of a file with these arrays.
///
/// # Errors
/// When the format cannot hold the arrays: JSON has no NaN and no infinity, and an archive must be smaller than 4 GiB.
pub fn to_bytes(arrays: &[StoredArray], format: Format) -> Result<Vec<u8>, String> {
    match format {
        Format::Npz => npz::to_bytes(arrays),
        Format::Safetensors => safetensors::to_bytes(arrays),
        Format::Json => json::to_bytes(arrays),
    }
}

/// Reads all arrays of a file, in the order of the file.
///
/// # Errors
/// When the file cannot be read, has another format, is damaged, exceeds a limit, or holds something else than numbers.
pub fn load(path: &Path) -> Result<Vec<StoredArray>> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(Error::file("read", path))?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    parse(&bytes, &stem).map_err(|message| Error::Content { path: path.to_owned(), message })
}

/// Reads all arrays from the contents of a file. `stem` is the file's name without extension. It becomes the name of the
/// array of a `.npy` file, which holds no name.
///
/// # Errors
/// What is wrong with the contents, and what is accepted.
pub fn parse(bytes: &[u8], stem: &str) -> Result<Vec<StoredArray>, String> {
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(format!("is larger than {} bytes", grouped(MAX_FILE_BYTES as usize)));
    }
    if bytes.is_empty() {
        return Err(format!("is empty; {READABLE}"));
    }

    let mut budget = Budget::new();
    let arrays = match Content::of(bytes) {
        Some(Content::Npy) => {
            let array = npy::read(bytes, bytes.len() as u64, stem, &mut budget);
            vec![array.map_err(|reason| format!("{stem}: {reason}"))?]
        }
        Some(Content::Zip) => npz::parse(bytes, &mut budget)?,
        Some(Content::Safetensors) => safetensors::parse(bytes, &mut budget)?,
        Some(Content::Json) => json::parse(bytes, &mut budget)?,
        None => return Err(other_kind(bytes)),
    };
    if arrays.is_empty() {
        return Err("holds no arrays".into());
    }
    Ok(arrays)
}

/// Whether this is a file of arrays and not a configuration: by its content, or by its extension if it cannot be read.
pub fn is_array_file(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    if ["npz", "npy", "safetensors", "json"].contains(&&extension[..]) {
        return true;
    }
    let mut first = Vec::new();
    // A pipe would lose the bytes that are read here.
    let is_file = path.metadata().is_ok_and(|found| found.is_file());
    let read = File::open(path).and_then(|file| file.take(PEEK_BYTES as u64).read_to_end(&mut first));
    is_file && read.is_ok() && Content::of(&first).is_some()
}

/// What the first bytes of a file say about its format.
enum Content {
    Npy,
    Zip,
    Safetensors,
    Json,
}

impl Content {
    fn of(bytes: &[u8]) -> Option<Self> {
        let text = json::without_byte_order_mark(bytes).trim_ascii_start();
        if bytes.starts_with(npy::MAGIC) {
            Some(Self::Npy)
        } else if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
            Some(Self::Zip)
        } else if is_safetensors(bytes) {
            Some(Self::Safetensors)
        } else if text.starts_with(b"{") && !text.starts_with(b"{\\rtf") {
            Some(Self::Json)
        } else {
            None
        }
    }
}

/// The message about a file that holds no arrays.
fn other_kind(bytes: &[u8]) -> String {
    if bytes.trim_ascii_start().starts_with(b"[") {
        return "is a JSON list; must be an object from names to numbers: json.dump({\"dW1\": dW1.tolist()}, file)"
            .into();
    }
    match file_kind(&bytes[..bytes.len().min(PEEK_BYTES)]) {
        Some(kind) => format!("is {}; {}", kind.name, kind.advice.unwrap_or(READABLE)),
        None => format!("is no file of arrays; {READABLE}"),
    }
}

/// How much more a file may hold.
struct Budget {
    numbers: usize,
    arrays: usize,
}

impl Budget {
    fn new() -> Self {
        Self { numbers: MAX_NUMBERS, arrays: MAX_ARRAYS }
    }

    /// Takes one array of this shape from the budget. Returns its number of elements.
    fn spend(&mut self, shape: &[usize]) -> Result<usize, String> {
        self.arrays = self
            .arrays
            .checked_sub(1)
            .ok_or_else(|| format!("more than {} arrays in a file", grouped(MAX_ARRAYS)))?;
        let count = shape.iter().try_fold(1, |count: usize, &size| count.checked_mul(size));
        let left = count.and_then(|count| self.numbers.checked_sub(count));
        self.numbers = left.ok_or_else(|| format!("shape {}: {}", shape_text(shape), too_many_numbers()))?;
        Ok(count.unwrap_or_default())
    }
}

/// The message about a file with too many numbers.
fn too_many_numbers() -> String {
    format!("a file may have at most {} numbers in all", grouped(MAX_NUMBERS))
}

/// A shape in NumPy's form: `(4, 2)`, `(4,)`, `()`.
pub fn shape_text(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(ToString::to_string).collect();
    match &sizes[..] {
        [one] => format!("({one},)"),
        _ => format!("({})", sizes.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_arrays_of_a_file_share_one_limit() {
        let mut budget = Budget::new();
        for _ in 0..2 {
            assert_eq!(budget.spend(&[2, MAX_NUMBERS / 4]), Ok(MAX_NUMBERS / 2));
        }
        assert_eq!(budget.spend(&[MAX_NUMBERS, 0]), Ok(0));
        let message = "shape (1,): a file may have at most 134,217,728 numbers in all";
        assert_eq!(budget.spend(&[1]), Err(message.into()));

        let mut budget = Budget::new();
        assert!((0..MAX_ARRAYS).all(|_| budget.spend(&[]) == Ok(1)));
        assert_eq!(budget.spend(&[]), Err("more than 10,000 arrays in a file".into()));
    }
}
