//! A sweep: the same configuration with several values of some keys.
//!
//! ```toml
//! [sweep]
//! "model.hidden" = [1, 2, 4]            # hidden = [1, 2, 4] means the same
//! "train.learning_rate" = [0.1, 1.2]    # with several keys: every combination
//! seeds = 5                             # each with this many values of model.seed
//! ```

use std::fmt;

use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use toml::Value;

use crate::data::checked_numbers::Count;
use crate::data::text::grouped;

/// The largest number of runs in a sweep.
pub(super) const MAX_RUNS: usize = 1_000;
/// The key that the seeds of a sweep change.
pub const SEED: &str = "model.seed";

/// The table `[sweep]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// The keys in alphabetical order, each with its values in the order in which they are written.
    pub keys: Vec<(String, Vec<Value>)>,
    /// How many values of `model.seed` each combination is trained with, counted up from `model.seed`.
    pub seeds: Option<Count<1, MAX_RUNS>>,
}

/// The key at fault and the message.
pub(super) type Refused = (String, String);

/// The dotted key below `sweep` that a name stands for: `hidden` is short for `model.hidden`.
pub(super) fn full_key(name: &str) -> &str {
    if name == "hidden" { "model.hidden" } else { name }
}

impl Sweep {
    /// The keys whose values differ between the runs. The last one changes fastest. If there are seeds, it is `model.seed`.
    pub fn all_keys(&self) -> Vec<&str> {
        let seeds = self.seeds.map(|_| SEED);
        self.keys.iter().map(|(key, _)| &key[..]).chain(seeds).collect()
    }

    /// The number of runs with the same values and different seeds.
    pub fn seed_count(&self) -> usize {
        self.seeds.map_or(1, Count::get)
    }

    /// The values of all keys as the table of the configuration has them, and for the seeds the values of `model.seed`.
    pub(super) fn values(&self, first_seed: u32) -> Vec<(&str, Vec<Value>)> {
        let keys = self.keys.iter().map(|(key, values)| (&key[..], values.clone()));
        let seeds = self.seeds.map(|count| {
            let first = i64::from(first_seed);
            (SEED, (first..first + count.get() as i64).map(Value::Integer).collect())
        });
        keys.chain(seeds).collect()
    }

    /// Checks the keys and the number of runs.
    pub(super) fn check(&self) -> Result<(), Refused> {
        if self.keys.is_empty() && self.seeds.is_none() {
            return Err(("sweep".into(), "sweep: names no key, such as \"model.hidden\" = [1, 2, 4]".into()));
        }
        for (index, (key, values)) in self.keys.iter().enumerate() {
            let refuse = |message: String| Err((format!("sweep.{key}"), message));
            if let Some(reason) = why_not(key, self.seeds.is_some()) {
                return refuse(format!("sweep.{key}: {reason}"));
            }
            if self.keys[..index].iter().any(|(other, _)| other == key) {
                return refuse(format!("sweep.{key}: set twice (hidden is short for model.hidden)"));
            }
            if key == "train.updates" && self.keys.iter().any(|(other, _)| other == "train.epochs") {
                return refuse(format!("sweep.{key}: sweep.train.epochs sets it already"));
            }
            if values.is_empty() {
                return refuse(format!("sweep.{key} = []: must name at least one value"));
            }
        }

        let counts = self.keys.iter().map(|(_, values)| values.len());
        let runs = counts.fold(self.seed_count(), usize::saturating_mul);
        if runs > MAX_RUNS {
            let message = format!("sweep: asks for {} runs; at most {} are accepted", grouped(runs), grouped(MAX_RUNS));
            return Err(("sweep".into(), message));
        }
        Ok(())
    }
}

/// Why a key makes no sense in a sweep.
fn why_not(key: &str, has_seeds: bool) -> Option<&'static str> {
    match key {
        "device" => Some("all runs of a sweep compute on the same device; `petal parity` compares devices"),
        "train.checkpoint_every" => Some("has no influence on the results"),
        SEED if has_seeds => Some("sweep.seeds sets it already"),
        _ if key == "output" || key.starts_with("output.") => Some("has no influence on the results"),
        _ if key == "sweep" || key.starts_with("sweep.") => Some("a sweep cannot be swept"),
        _ => None,
    }
}

impl Serialize for Sweep {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, values) in &self.keys {
            map.serialize_entry(key, values)?;
        }
        if let Some(seeds) = &self.seeds {
            map.serialize_entry("seeds", seeds)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Sweep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SweepVisitor;

        impl<'de> Visitor<'de> for SweepVisitor {
            type Value = Sweep;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Sweep, A::Error> {
                let mut sweep = Sweep { keys: Vec::new(), seeds: None };
                while let Some(name) = map.next_key::<String>()? {
                    if name == "seeds" {
                        sweep.seeds = Some(map.next_value()?);
                        continue;
                    }
                    for (inner, values) in map.next_value::<Lists>()?.0 {
                        let key = if inner.is_empty() {
                            full_key(&name).to_owned()
                        } else {
                            format!("{name}.{inner}")
                        };
                        sweep.keys.push((key, values));
                    }
                }
                sweep.keys.sort_by(|(a, _), (b, _)| a.cmp(b));
                Ok(sweep)
            }
        }

        // It is a table with any keys. A struct, because the reader says of a struct that it must be a table.
        deserializer.deserialize_struct("Sweep", &[], SweepVisitor)
    }
}

/// The list of values of a key. A key without quotation marks, `model.hidden = [1, 2]`, is a table of such lists.
struct Lists(Vec<(String, Vec<Value>)>);

impl<'de> Deserialize<'de> for Lists {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListsVisitor;

        impl<'de> Visitor<'de> for ListsVisitor {
            type Value = Lists;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list in square brackets")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Lists, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = sequence.next_element()? {
                    values.push(value);
                }
                Ok(Lists(vec![(String::new(), values)]))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Lists, A::Error> {
                let mut lists = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    let Lists(inner) = map.next_value()?;
                    lists.extend(inner.into_iter().map(|(key, values)| match key.is_empty() {
                        true => (name.clone(), values),
                        false => (format!("{name}.{key}"), values),
                    }));
                }
                if lists.is_empty() {
                    return Err(A::Error::custom("must be a list in square brackets"));
                }
                Ok(Lists(lists))
            }
        }

        deserializer.deserialize_any(ListsVisitor)
    }
}
