//! Reads settings from TOML values, with faults in our words.
//!
//! serde's types say what they accept ([`de::Error::invalid_type`] and its neighbours). A [`Fault`] keeps that together with
//! the key at fault. Unlike the reader of the crate `toml`, this one refuses a list in place of a table: serde would take
//! its values for the settings in their order.

use serde::de::value::SeqDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, Expected, IntoDeserializer, MapAccess, Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;
use toml::{Table, Value};

use super::repair::is_toml;
use super::suggestion::{Key, nearest, nearest_key};

/// A setting that is not accepted.
#[derive(Debug)]
pub(super) struct Fault {
    /// The dotted key.
    pub(super) key: String,
    reason: Reason,
}

#[derive(Debug)]
enum Reason {
    /// There is no such key. Holds the keys of its table.
    UnknownKey(&'static [&'static str]),
    /// The table lacks this key.
    MissingKey(&'static str),
    /// The value is not a table.
    NotATable,
    /// What is accepted.
    Value(String),
}

impl Fault {
    /// A value that is not accepted.
    pub(super) fn new(key: &str, accepted: &str) -> Self {
        Self { key: key.into(), reason: Reason::Value(accepted.into()) }
    }

    /// A key that does not exist, in a table with other keys.
    pub(super) fn unknown_key(key: &str, known: &'static [&'static str]) -> Self {
        Self { key: key.into(), reason: Reason::UnknownKey(known) }
    }

    /// Whether the fault is that of a table which this dotted key is in, in place of a value of the key.
    pub(super) fn is_above(&self, path: &str) -> bool {
        let is_parent = path.strip_prefix(&self.key).is_some_and(|rest| rest.starts_with('.'));
        is_parent && matches!(self.reason, Reason::Value(_))
    }

    /// The same fault, with what to do about it.
    pub(super) fn with_way_out(mut self, way_out: &str) -> Self {
        if let Reason::Value(accepted) = &mut self.reason {
            *accepted += &format!("; {way_out}");
        }
        self
    }

    /// The keys of the table, if the key is unknown.
    pub(super) fn known_keys(&self) -> &'static [&'static str] {
        match self.reason {
            Reason::UnknownKey(known) => known,
            _ => &[],
        }
    }

    /// The message: the key, its value, and what is accepted. For an unknown key, also the nearest keys of the settings `T`.
    pub(super) fn message<T: DeserializeOwned>(&self, value: &str) -> String {
        let key = &self.key;
        match &self.reason {
            Reason::UnknownKey(known) => {
                let meant =
                    nearest_key(key, &keys::<T>()).map_or(String::new(), |key| format!("; did you mean {key}?"));
                format!("{key}: unknown key{meant}{}", accepted_names(&meant, known))
            }
            Reason::MissingKey(missing) => format!("{key}: needs {key}.{missing}"),
            Reason::NotATable => {
                format!(
                    "{key}: must be a table, [{key}] with its keys below it; not a list ([[{key}]] or [...]), and not a single value"
                )
            }
            Reason::Value(accepted) => format!("{key} = {value}: {accepted}"),
        }
    }

    /// The fault of a value in the table or list of this key.
    fn within(mut self, key: &str) -> Self {
        self.key = if self.key.is_empty() { key.into() } else { format!("{key}.{}", self.key) };
        self
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {:?}", self.key, self.reason)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self::new("", &message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        let accepted = accepted(&expected);
        // A number or a truth value in quotation marks.
        let quoted = matches!(found, Unexpected::Str(text) if is_toml(text)) && !accepted.contains("text");
        Self::new("", &format!("must be {accepted}{}", if quoted { ", without quotation marks" } else { "" }))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new("", &format!("must be {}", accepted(&expected.to_string())))
    }

    fn unknown_variant(name: &str, known: &'static [&'static str]) -> Self {
        let meant = nearest(name, known);
        let meant = meant.map_or(String::new(), |name| format!("; did you mean {name:?}?"));
        Self::new("", &format!("not accepted{meant}{}", accepted_names(&meant, known)))
    }

    fn unknown_field(key: &str, known: &'static [&'static str]) -> Self {
        Self::unknown_key(key, known)
    }

    fn missing_field(key: &'static str) -> Self {
        Self { key: String::new(), reason: Reason::MissingKey(key) }
    }
}

/// The accepted names, after a question or a statement.
fn accepted_names(before: &str, names: &[&str]) -> String {
    match names {
        [] => String::new(),
        names if before.is_empty() => format!("; accepted: {}", names.join(", ")),
        names => format!(" accepted: {}", names.join(", ")),
    }
}

/// What serde's own types say that they accept, in our words.
fn accepted(expected: &str) -> &str {
    match expected {
        "f64" => "a number",
        "u32" => "a whole number from 0 to 4,294,967,295",
        "a boolean" => "true or false",
        "a string" | "path string" => "text in quotation marks",
        "a sequence" => "a list in square brackets",
        "a map" => "a table",
        other => other,
    }
}

/// A value to read.
#[derive(Clone, Copy)]
pub(super) struct Reader<'de>(&'de Value);

/// The entries of a table that are still to be read.
struct Entries<'de> {
    entries: toml::map::Iter<'de, String, Value>,
    current: Option<(&'de String, &'de Value)>,
}

/// Reads settings from a table.
///
/// # Errors
/// The first setting that is not accepted.
pub(super) fn read<'de, T: de::Deserialize<'de>>(table: &'de Table) -> Result<T, Fault> {
    T::deserialize(de::value::MapAccessDeserializer::new(Entries { entries: table.iter(), current: None }))
}

/// The keys of the settings `T` and of the tables in them. The settings name them: a table with an unknown key is refused
/// with the list of the known keys.
pub(super) fn keys<T: DeserializeOwned>() -> Vec<Key> {
    let unknown = || Table::from_iter([(String::new(), Value::Boolean(false))]);
    let known_keys = |table: &Table| read::<T>(table).err().map_or(&[][..], |fault| fault.known_keys());

    let mut keys = Vec::new();
    for name in known_keys(&unknown()) {
        keys.push(Key { table: "", name });
        let table = Table::from_iter([((*name).to_owned(), Value::Table(unknown()))]);
        keys.extend(known_keys(&table).iter().map(|inner| Key { table: name, name: inner }));
    }
    keys
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Integer(number) => visitor.visit_i64(*number),
            Value::Float(number) => visitor.visit_f64(*number),
            Value::Boolean(value) => visitor.visit_bool(*value),
            Value::Datetime(_) => Err(de::Error::invalid_type(Unexpected::Other("a date"), &visitor)),
            Value::Array(list) => visitor.visit_seq(SeqDeserializer::new(list.iter().map(Reader))),
            Value::Table(table) => visitor.visit_map(Entries { entries: table.iter(), current: None }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.0 {
            Value::Table(_) => self.deserialize_any(visitor),
            _ => Err(Fault { key: String::new(), reason: Reason::NotATable }),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.0 {
            Value::String(text) => {
                IntoDeserializer::into_deserializer(text.as_str()).deserialize_enum(name, variants, visitor)
            }
            _ => {
                let variants: Vec<String> = variants.iter().map(|variant| format!("{variant:?}")).collect();
                Err(Fault::new("", &format!("must be {}", variants.join(" or "))))
            }
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Fault> for Reader<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        self.current = self.entries.next();
        self.current
            .map(|(key, _)| seed.deserialize(key.as_str().into_deserializer()))
            .transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let (key, value) = self.current.ok_or_else(|| de::Error::custom("no value"))?;
        seed.deserialize(Reader(value)).map_err(|fault: Fault| fault.within(key))
    }
}
