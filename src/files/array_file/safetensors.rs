//! Arrays in the safetensors format. A header in JSON names the arrays, and their numbers follow.

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use super::elements::{Encoding, Kind, encode};
use super::{Budget, ElementType, StoredArray};
use crate::data::text::one_line;
use crate::gradcheck::Array;

/// Reads all arrays of a file, in the order of their bytes.
///
/// # Errors
/// What is wrong with it, and what is accepted.
pub(super) fn parse(bytes: &[u8], budget: &mut Budget) -> Result<Vec<StoredArray>, String> {
    let (_, header) =
        SafeTensors::read_metadata(bytes).map_err(|error| format!("is a damaged safetensors file: {error}"))?;
    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let names = header.offset_keys();
    names
        .into_iter()
        .map(|name| {
            let tensor = file.tensor(&name).map_err(|error| error.to_string())?;
            read(&tensor, &name, budget).map_err(|reason| format!("{}: {reason}", one_line(&name)))
        })
        .collect()
}

fn read(tensor: &TensorView<'_>, name: &str, budget: &mut Budget) -> Result<StoredArray, String> {
    let (kind, size) = match tensor.dtype() {
        Dtype::BOOL => (Kind::Bool, 1),
        Dtype::I8 => (Kind::Signed, 1),
        Dtype::I16 => (Kind::Signed, 2),
        Dtype::I32 => (Kind::Signed, 4),
        Dtype::I64 => (Kind::Signed, 8),
        Dtype::U8 => (Kind::Unsigned, 1),
        Dtype::U16 => (Kind::Unsigned, 2),
        Dtype::U32 => (Kind::Unsigned, 4),
        Dtype::U64 => (Kind::Unsigned, 8),
        Dtype::F32 => (Kind::Float, 4),
        Dtype::F64 => (Kind::Float, 8),
        half @ (Dtype::F16 | Dtype::BF16) => {
            return Err(format!("{half:?} has too few digits to check a gradient; compute in float32 or float64"));
        }
        other => return Err(format!("{other:?}: accepted: F32, F64, whole numbers and BOOL")),
    };
    let encoding = Encoding { kind, size, big_endian: false };

    budget.spend(tensor.shape())?;
    let mut values = Vec::new();
    encoding.decode(tensor.data(), &mut values)?;
    Ok(StoredArray { array: Array::new(name, tensor.shape(), values), dtype: encoding.element_type() })
}

/// A safetensors file of the arrays.
///
/// # Errors
/// When the format cannot hold them.
pub(super) fn to_bytes(arrays: &[StoredArray]) -> Result<Vec<u8>, String> {
    let encoded = arrays.iter().map(|stored| encode(&stored.array.values, stored.dtype));
    let encoded: Vec<Vec<u8>> = encoded.collect();
    let views = arrays.iter().zip(&encoded).map(|(StoredArray { array, dtype }, bytes)| {
        let dtype = match dtype {
            ElementType::F32 => Dtype::F32,
            ElementType::F64 => Dtype::F64,
            ElementType::I32 => Dtype::I32,
            ElementType::I64 => Dtype::I64,
            ElementType::Bool => Dtype::BOOL,
        };
        Ok((&array.name, TensorView::new(dtype, array.shape.clone(), bytes)?))
    });
    views
        .collect::<Result<Vec<_>, _>>()
        .and_then(|views| safetensors::serialize(views, None))
        .map_err(|error| error.to_string())
}
