//! One array of NumPy, [the `.npy` format](https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
//!
//! ```text
//! \x93NUMPY  1 0  length  {'descr': '<f8', 'fortran_order': False, 'shape': (400, 2), }  the numbers
//! ```
//!
//! The length of the header has 2 bytes in version 1 of the format, and 4 bytes in versions 2 and 3. The header is a Python
//! dictionary. Only this form of it is read, and no Python is executed.

use std::io::{self, ErrorKind, Read};

use super::elements::{Encoding, Kind, encode};
use super::{Budget, ElementType, StoredArray, shape_text};
use crate::data::text::{grouped, one_line};
use crate::gradcheck::Array;

/// The first bytes.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

/// The longest header in bytes. That of an array of numbers has 118 bytes.
const MAX_HEADER: usize = 10_000;
/// The most dimensions of an array, as in NumPy.
const MAX_DIMENSIONS: usize = 64;
/// The number of bytes that are decoded at once; a multiple of the size of every element.
const CHUNK: usize = 1 << 16;

/// NumPy leaves room in the header for this many digits of the size that may grow.
const GROWTH_DIGITS: usize = 21;
/// The header ends at a multiple of this, so that the numbers begin there.
const ALIGNMENT: usize = 64;

/// What the header says about the array.
#[derive(Debug, PartialEq, Eq)]
struct Header {
    encoding: Encoding,
    /// Whether the first index changes fastest, as in Fortran.
    fortran_order: bool,
    shape: Vec<usize>,
}

/// Reads an array of `size` bytes, header included.
///
/// # Errors
/// What is wrong with it, and what is accepted.
pub(super) fn read(mut source: impl Read, size: u64, name: &str, budget: &mut Budget) -> Result<StoredArray, String> {
    let (header, header_size) = Header::read(&mut source)?;
    let Header { encoding, fortran_order, shape } = header;

    let count = budget.spend(&shape)?;
    let there = size.saturating_sub(header_size);
    let needed = (count * encoding.size) as u64;
    if there != needed {
        let (shape, needed) = (shape_text(&shape), grouped(needed as usize));
        return Err(format!("shape {shape} needs {needed} bytes, and {} are there", grouped(there as usize)));
    }

    // Memory grows with the bytes that are read.
    let mut values = Vec::new();
    let mut left = count * encoding.size;
    let mut chunk = vec![0; left.min(CHUNK)];
    while left > 0 {
        let part = &mut chunk[..left.min(CHUNK)];
        source.read_exact(part).map_err(damaged)?;
        encoding.decode(part, &mut values)?;
        left -= part.len();
    }
    // Reading to the end checks the sum of an archive's entry.
    if source.read(&mut [0]).map_err(damaged)? != 0 {
        return Err("more bytes than its header says".into());
    }

    if fortran_order {
        values = row_major(&values, &shape);
    }
    Ok(StoredArray { array: Array::new(name, shape, values), dtype: encoding.element_type() })
}

/// The array as NumPy writes it.
pub(super) fn to_bytes(stored: &StoredArray) -> Vec<u8> {
    let StoredArray { array, dtype } = stored;
    let descr = match dtype {
        ElementType::F32 => "<f4",
        ElementType::F64 => "<f8",
        ElementType::I32 => "<i4",
        ElementType::I64 => "<i8",
        ElementType::Bool => "|b1",
    };
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {}, }}", shape_text(&array.shape));
    if let Some(first) = array.shape.first() {
        header += &" ".repeat(GROWTH_DIGITS.saturating_sub(first.to_string().len()));
    }
    // The magic bytes, the version and the length take 10 bytes, and a line end follows the header.
    let length = (10 + header.len() + 1).next_multiple_of(ALIGNMENT) - 10;
    let header = format!("{header:<width$}\n", width = length - 1);

    // A header of more than 65,535 bytes would need about 10,000 dimensions.
    let length = u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes();
    [MAGIC, &[1, 0], &length, header.as_bytes(), &encode(&array.values, *dtype)].concat()
}

impl Header {
    /// Reads the header. Returns also how many bytes it has with everything before the numbers.
    fn read(source: &mut impl Read) -> Result<(Self, u64), String> {
        let mut start = Vec::new();
        source.by_ref().take(8).read_to_end(&mut start).map_err(damaged)?;
        if !start.starts_with(MAGIC) {
            return Err("is not a NumPy array (.npy)".into());
        }
        let mut length = [0; 4];
        let version = start
            .get(7)
            .map(|_| start[6])
            .ok_or_else(|| damaged(ErrorKind::UnexpectedEof.into()))?;
        let width = match version {
            1 => 2,
            2 | 3 => 4,
            _ => return Err(format!("version {version} of the .npy format; versions 1, 2 and 3 are read")),
        };
        source.read_exact(&mut length[..width]).map_err(damaged)?;
        let length = u32::from_le_bytes(length) as usize;
        if length > MAX_HEADER {
            let (length, limit) = (grouped(length), grouped(MAX_HEADER));
            return Err(format!("a header of {length} bytes: must be at most {limit}"));
        }

        let mut header = vec![0; length];
        source.read_exact(&mut header).map_err(damaged)?;
        let text = String::from_utf8_lossy(&header);
        Ok((Self::parse(&text)?, (start.len() + width + length) as u64))
    }

    /// Reads the dictionary.
    fn parse(text: &str) -> Result<Self, String> {
        let unreadable = || format!("its header is not one of NumPy: {}", one_line(text.trim_end()));
        let mut rest = Rest(text);
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);

        rest.after("{").ok_or_else(unreadable)?;
        while rest.after("}").is_none() {
            let key = rest.string().ok_or_else(unreadable)?;
            rest.after(":").ok_or_else(unreadable)?;
            let is_new = match key {
                "descr" if rest.is_next("[") => {
                    return Err("has several fields (a structured dtype); save each field as an array".into());
                }
                "descr" => descr.replace(rest.string().ok_or_else(unreadable)?).is_none(),
                "fortran_order" => fortran_order.replace(rest.boolean().ok_or_else(unreadable)?).is_none(),
                "shape" => shape.replace(rest.tuple().ok_or_else(unreadable)?).is_none(),
                _ => false,
            };
            if !is_new || (rest.after(",").is_none() && !rest.is_next("}")) {
                return Err(unreadable());
            }
        }

        let (Some(descr), Some(fortran_order), Some(shape)) = (descr, fortran_order, shape) else {
            return Err(unreadable());
        };
        if !rest.0.trim().is_empty() {
            return Err(unreadable());
        }
        if shape.len() > MAX_DIMENSIONS {
            return Err(format!("{} dimensions: must be at most {MAX_DIMENSIONS}", shape.len()));
        }
        Ok(Self { encoding: encoding(descr)?, fortran_order, shape })
    }
}

/// The encoding of a dtype such as `<f8`.
fn encoding(descr: &str) -> Result<Encoding, String> {
    let mut characters = descr.chars();
    let order = characters.next().unwrap_or(' ');
    let kind = match characters.next() {
        Some('b') => Some(Kind::Bool),
        Some('i') => Some(Kind::Signed),
        Some('u') => Some(Kind::Unsigned),
        Some('f') => Some(Kind::Float),
        _ => None,
    };
    let size = characters.as_str().parse();
    if let (Some(kind), Ok(size), '<' | '>' | '|') = (kind, &size, order)
        && let Some(encoding) = Encoding::new(kind, *size, order == '>')
    {
        return Ok(encoding);
    }

    let advice = match descr.trim_start_matches(['<', '>', '|', '=']) {
        "O" => {
            return Err("holds Python objects, such as a dictionary or lists of different lengths; \
                        save each array under its name: numpy.savez(\"mine.npz\", dW1=dW1, db1=db1)"
                .into());
        }
        "f2" => "float16 has too few digits to check a gradient; compute in float32 or float64",
        "f16" | "f12" => "save it as .astype(numpy.float64)",
        _ => "accepted: float32, float64, whole numbers and bool",
    };
    Err(format!("dtype '{}': {advice}", one_line(descr)))
}

/// The rest of a header. Each method skips white space and takes something from the start, if it is there.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn is_next(&mut self, token: &str) -> bool {
        self.0 = self.0.trim_start();
        self.0.starts_with(token)
    }

    fn after(&mut self, token: &str) -> Option<()> {
        self.0 = self.0.trim_start().strip_prefix(token)?;
        Some(())
    }

    /// Text in quotes. NumPy's headers have no escapes.
    fn string(&mut self) -> Option<&'a str> {
        let quote = if self.is_next("'") { '\'' } else { '"' };
        let (text, rest) = self.0.strip_prefix(quote)?.split_once(quote)?;
        self.0 = rest;
        Some(text)
    }

    fn boolean(&mut self) -> Option<bool> {
        match self.after("True") {
            Some(()) => Some(true),
            None => self.after("False").map(|()| false),
        }
    }

    /// A tuple of whole numbers. Python 2 wrote an `L` after large ones.
    fn tuple(&mut self) -> Option<Vec<usize>> {
        self.after("(")?;
        let (inside, rest) = self.0.split_once(')')?;
        self.0 = rest;
        if inside.trim().is_empty() {
            return Some(Vec::new());
        }
        let inside = inside.trim_end();
        let sizes = inside.strip_suffix(',').unwrap_or(inside).split(',');
        sizes.map(|size| size.trim().trim_end_matches('L').parse().ok()).collect()
    }
}

/// The same array with the last index changing fastest, from one whose first index changes fastest.
fn row_major(values: &[f64], shape: &[usize]) -> Vec<f64> {
    // Dimensions of size 1 change no position. Without them, the loop below moves few indices for each element.
    let sizes: Vec<usize> = shape.iter().copied().filter(|&size| size != 1).collect();
    let mut strides = Vec::with_capacity(sizes.len());
    let mut stride = 1;
    for size in &sizes {
        strides.push(stride);
        stride *= size;
    }

    let mut index = vec![0; sizes.len()];
    let mut position = 0;
    let mut reordered = Vec::with_capacity(values.len());
    for _ in 0..values.len() {
        reordered.push(values[position]);
        for axis in (0..sizes.len()).rev() {
            index[axis] += 1;
            position += strides[axis];
            if index[axis] < sizes[axis] {
                break;
            }
            position -= strides[axis] * sizes[axis];
            index[axis] = 0;
        }
    }
    reordered
}

/// Why reading failed.
#[expect(clippy::needless_pass_by_value, reason = "map_err passes a value")]
fn damaged(error: io::Error) -> String {
    match error.kind() {
        ErrorKind::UnexpectedEof => "is cut off: it ends too early".into(),
        _ => format!("is damaged: {}", error.to_string().to_lowercase()),
    }
}
