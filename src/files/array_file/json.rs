//! Arrays as a JSON object from names to numbers and nested lists of numbers, as Python writes
//! `{name: array.tolist() for ...}`.
//!
//! JSON has no types of numbers. An array of truth values is [`ElementType::Bool`], one of whole numbers
//! [`ElementType::I64`]. Python writes a float32 with the digits of the float64 that is equal to it, so an array is
//! [`ElementType::F32`] if all its numbers are float32 numbers, and one of them has more than 16 significant bits. For a
//! float64 that was computed in float64, the chance of this is 2^-29.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Deserializer, Value, json};

use super::elements::whole;
use super::{Budget, ElementType, StoredArray, too_many_numbers};
use crate::data::text::one_line;
use crate::gradcheck::Array;

/// Text may begin with the byte order mark of UTF-8.
pub(super) fn without_byte_order_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Reads all arrays of an object.
///
/// # Errors
/// What is wrong with it and where, and what is accepted.
pub(super) fn parse(bytes: &[u8], budget: &mut Budget) -> Result<Vec<StoredArray>, String> {
    let text = without_byte_order_mark(bytes);
    let mut reader = ObjectReader { budget, name: String::new() };
    let mut deserializer = Deserializer::from_slice(text);
    let read = (&mut reader).deserialize(&mut deserializer);
    read.and_then(|arrays| deserializer.end().map(|()| arrays))
        .map_err(|error| message(&error, text, &reader.name))
}

/// An object of the arrays, one on each line.
///
/// # Errors
/// When a number is not finite: JSON has no such numbers.
pub(super) fn to_bytes(arrays: &[StoredArray]) -> Result<Vec<u8>, String> {
    let mut lines = Vec::new();
    for StoredArray { array, dtype } in arrays {
        if let Some(index) = array.values.iter().position(|value| !value.is_finite()) {
            let (element, value) = (array.element(index), array.values[index]);
            return Err(format!("{element} = {value}: JSON has no such number; write a .npz file"));
        }
        let numbers = array.values.iter().map(|&value| match dtype {
            ElementType::F32 | ElementType::F64 => json!(value),
            ElementType::I32 | ElementType::I64 => json!(value as i64),
            ElementType::Bool => json!(value != 0.0),
        });
        lines.push(format!("  {}: {}", json!(array.name), nested(&array.shape, &mut numbers.into_iter())));
    }
    Ok(format!("{{\n{}\n}}\n", lines.join(",\n")).into_bytes())
}

/// The next numbers as nested lists of this shape.
fn nested(shape: &[usize], numbers: &mut impl Iterator<Item = Value>) -> Value {
    match shape {
        [] => numbers.next().unwrap_or_default(),
        [size, rest @ ..] => (0..*size).map(|_| nested(rest, numbers)).collect(),
    }
}

/// Reads the object.
struct ObjectReader<'a> {
    budget: &'a mut Budget,
    /// The name of the array that is being read, for messages.
    name: String,
}

impl<'de> DeserializeSeed<'de> for &mut ObjectReader<'_> {
    type Value = Vec<StoredArray>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut ObjectReader<'_> {
    type Value = Vec<StoredArray>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object from names to numbers")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut arrays, mut names) = (Vec::new(), HashSet::new());
        while let Some(name) = map.next_key::<String>()? {
            self.name.clone_from(&name);
            if !names.insert(name.clone()) {
                return Err(A::Error::custom("two arrays have this name"));
            }
            let mut reader = ArrayReader { numbers_left: self.budget.numbers, ..ArrayReader::default() };
            map.next_value_seed(NestedReader { array: &mut reader, depth: 0 })?;
            let (shape, values, dtype) = reader.finish().map_err(A::Error::custom)?;
            self.budget.spend(&shape).map_err(A::Error::custom)?;
            arrays.push(StoredArray { array: Array::new(name, shape, values), dtype });
        }
        self.name.clear();
        Ok(arrays)
    }
}

/// What is known about an array while it is read.
#[derive(Default)]
struct ArrayReader {
    numbers_left: usize,
    values: Vec<f64>,
    /// The size of each dimension: that of the first list which has ended at this depth.
    sizes: Vec<Option<usize>>,
    /// The depth of the numbers, once there is one.
    number_depth: Option<usize>,
    has_truth_values: bool,
    has_numbers: bool,
    has_floats: bool,
}

impl ArrayReader {
    fn add(&mut self, depth: usize, value: f64) -> Result<(), String> {
        self.numbers_left = self.numbers_left.checked_sub(1).ok_or_else(too_many_numbers)?;
        if *self.number_depth.get_or_insert(depth) != depth || self.sizes.len() > depth {
            return Err("a number where a list should be: all rows must have the same shape".into());
        }
        self.values.push(value);
        Ok(())
    }

    fn begin_list(&mut self, depth: usize) -> Result<(), String> {
        if self.number_depth.is_some_and(|numbers| numbers <= depth) {
            return Err("a list where a number should be: all rows must have the same shape".into());
        }
        if self.sizes.len() == depth {
            self.sizes.push(None);
        }
        Ok(())
    }

    fn end_list(&mut self, depth: usize, size: usize) -> Result<(), String> {
        let expected = *self.sizes[depth].get_or_insert(size);
        if expected != size {
            return Err(format!("a list of {size} after a list of {expected}: all rows must have the same length"));
        }
        Ok(())
    }

    fn finish(self) -> Result<(Vec<usize>, Vec<f64>, ElementType), String> {
        let dtype = match (self.has_truth_values, self.has_numbers) {
            (true, true) => return Err("numbers and truth values in one array".into()),
            (true, false) => ElementType::Bool,
            (false, true) if !self.has_floats => ElementType::I64,
            _ if are_single_precision(&self.values) => ElementType::F32,
            _ => ElementType::F64,
        };
        Ok((self.sizes.into_iter().flatten().collect(), self.values, dtype))
    }
}

/// Whether the numbers are float32 numbers, as the module's documentation explains.
fn are_single_precision(values: &[f64]) -> bool {
    let significant_bits = |value: f64| 53 - (value.to_bits() | 1 << 52).trailing_zeros();
    let all_fit = values.iter().all(|&value| f64::from(value as f32) == value);
    all_fit && values.iter().any(|&value| significant_bits(value) > 16)
}

/// Reads a number or a list at a depth of the array.
struct NestedReader<'a> {
    array: &'a mut ArrayReader,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for NestedReader<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NestedReader<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a list of numbers")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.array.has_truth_values = true;
        self.array.add(self.depth, value.into()).map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.array.has_numbers = true;
        let value = whole(value.into()).map_err(E::custom)?;
        self.array.add(self.depth, value).map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.array.has_numbers = true;
        let value = whole(value.into()).map_err(E::custom)?;
        self.array.add(self.depth, value).map_err(E::custom)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.array.has_numbers = true;
        self.array.has_floats = true;
        self.array.add(self.depth, value).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { array, depth } = self;
        array.begin_list(depth).map_err(A::Error::custom)?;
        let mut size = 0;
        while list.next_element_seed(NestedReader { array, depth: depth + 1 })?.is_some() {
            size += 1;
        }
        array.end_list(depth, size).map_err(A::Error::custom)
    }
}

/// The message about an error of the JSON reader, with its place. `name` is the array that was being read.
fn message(error: &serde_json::Error, text: &[u8], name: &str) -> String {
    let (line, column) = (error.line(), error.column());
    let place = match name {
        "" => format!("line {line}, column {column}"),
        name => format!("line {line}, column {column}, {}", one_line(name)),
    };
    if let Some(word) = not_finite(text, line, column) {
        return format!(
            "{place}: {word}: JSON has no such number, although Python writes it; save with numpy.savez, which keeps it"
        );
    }
    let reason = error.to_string();
    let reason = reason.split(" at line ").next().unwrap_or_default();
    format!("{place}: {reason}")
}

/// The word at this place that stands for a number that is not finite, as Python and JavaScript write it.
fn not_finite(text: &[u8], line: usize, column: usize) -> Option<&'static str> {
    let line = text.split(|&byte| byte == b'\n').nth(line.checked_sub(1)?)?;
    // The reader stops at the word, after its minus sign, or at its second character.
    let starts = [column.checked_sub(2), column.checked_sub(1), Some(column)];
    let rests = starts.into_iter().flatten().filter_map(|start| line.get(start..));
    rests.into_iter().find_map(|rest| {
        let words = ["NaN", "nan", "-Infinity", "Infinity", "-inf", "inf"];
        words.into_iter().find(|word| rest.starts_with(word.as_bytes()))
    })
}
