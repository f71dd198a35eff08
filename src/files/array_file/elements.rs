//! Numbers as bytes: how the elements of an array are stored in `.npy` and `.safetensors` files.

use super::ElementType;

/// The largest whole number up to which every whole number is an f64.
const MAX_WHOLE: u64 = 1 << 53;

/// How one element is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Encoding {
    pub kind: Kind,
    /// In bytes.
    pub size: usize,
    pub big_endian: bool,
}

/// What the bytes of an element mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Signed,
    Unsigned,
    Float,
}

impl Encoding {
    /// The encoding, if there are numbers of this kind and size.
    pub fn new(kind: Kind, size: usize, big_endian: bool) -> Option<Self> {
        let exists = match kind {
            Kind::Bool => size == 1,
            Kind::Signed | Kind::Unsigned => [1, 2, 4, 8].contains(&size),
            Kind::Float => [4, 8].contains(&size),
        };
        exists.then_some(Self { kind, size, big_endian })
    }

    /// The type of these elements.
    pub fn element_type(self) -> ElementType {
        match (self.kind, self.size) {
            (Kind::Bool, _) => ElementType::Bool,
            (Kind::Float, 4) => ElementType::F32,
            (Kind::Float, _) => ElementType::F64,
            (Kind::Signed, ..=4) | (Kind::Unsigned, ..=2) => ElementType::I32,
            (Kind::Signed | Kind::Unsigned, _) => ElementType::I64,
        }
    }

    /// Reads the elements and appends them to `values`. The number of bytes is a multiple of the size.
    ///
    /// # Errors
    /// When a whole number is not an f64.
    pub fn decode(self, bytes: &[u8], values: &mut Vec<f64>) -> Result<(), String> {
        for element in bytes.chunks_exact(self.size) {
            let mut little = [0; 8];
            little[..self.size].copy_from_slice(element);
            if self.big_endian {
                little[..self.size].reverse();
            }
            values.push(self.number(little)?);
        }
        Ok(())
    }

    /// The number of one element, from its bytes in little-endian order, followed by zeros.
    fn number(self, bytes: [u8; 8]) -> Result<f64, String> {
        let bits = u64::from_le_bytes(bytes);
        let unused_bits = 64 - 8 * self.size as u32;
        match self.kind {
            Kind::Bool => Ok(f64::from(bits != 0)),
            Kind::Float if self.size == 4 => Ok(f32::from_bits(bits as u32).into()),
            Kind::Float => Ok(f64::from_bits(bits)),
            Kind::Unsigned => whole(bits.into()),
            // The shifts copy the sign bit into the unused bits.
            Kind::Signed => whole(((bits << unused_bits) as i64 >> unused_bits).into()),
        }
    }
}

/// A whole number as an f64.
///
/// # Errors
/// When it is beyond 2^53, where not every whole number is an f64.
pub(super) fn whole(number: i128) -> Result<f64, String> {
    if number.unsigned_abs() <= MAX_WHOLE.into() {
        Ok(number as f64)
    } else {
        Err(format!("{number}: whole numbers are read up to 2^53; save floats"))
    }
}

/// The numbers as little-endian bytes of the type.
pub(super) fn encode(values: &[f64], dtype: ElementType) -> Vec<u8> {
    let numbers = values.iter();
    match dtype {
        ElementType::F32 => numbers.flat_map(|&value| (value as f32).to_le_bytes()).collect(),
        ElementType::F64 => numbers.flat_map(|value| value.to_le_bytes()).collect(),
        ElementType::I32 => numbers.flat_map(|&value| (value as i32).to_le_bytes()).collect(),
        ElementType::I64 => numbers.flat_map(|&value| (value as i64).to_le_bytes()).collect(),
        ElementType::Bool => numbers.map(|&value| u8::from(value != 0.0)).collect(),
    }
}
