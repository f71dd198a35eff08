//! The keys of a lesson, and its text: the file as it is written.
//!
//! A lesson is Markdown with TOML before it, or TOML alone, with the text as `say`:
//!
//! ```text
//! +++
//! title = "One unit is a line"
//! ...
//! +++
//!
//! The text.
//! ```

use serde::de::{Error as _, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Table;

use crate::data::checked_numbers::Count;
use crate::error::{Error, Result};

/// The line before and after the TOML.
const FENCE: &str = "+++";

/// The keys of a lesson. Those that it needs may be missing here, so that each key can be read alone.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LessonKeys {
    pub(super) title: Option<String>,
    /// The question.
    pub(super) ask: Option<String>,
    pub(super) answers: Option<Vec<String>>,
    /// The text of the right answer. Without it, no answer is right.
    pub(super) right: Option<String>,
    /// The text of a lesson that is TOML alone.
    pub(super) say: Option<String>,
    /// The update to look at.
    pub(super) update: Option<Count<0, 1_000_000_000>>,
    /// The hidden unit to look at.
    pub(super) unit: Option<Count<0, 100_000>>,
    /// The parameters at update 0.
    pub(super) weights: Option<Weights>,
    /// Points in place of other data: x1, x2 and the class of each.
    pub(super) points: Option<Vec<Vec<f64>>>,
    /// What the lesson's own run is called beside its variations.
    pub(super) run: Option<String>,
    /// The settings.
    pub(super) config: Table,
    /// Runs to compare with.
    pub(super) variation: Vec<Table>,
}

/// The keys of a variation. What it leaves out is as in the lesson.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct VariationKeys {
    pub(super) name: Option<String>,
    pub(super) weights: Option<Weights>,
    pub(super) config: Table,
}

/// The parameters at update 0.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Weights {
    /// Those that the settings give.
    Usual,
    /// All are 0.
    Zero,
    /// All units have the weights that unit 0 would have.
    Equal,
    /// w1, b1, w2, b2, flattened.
    List(Vec<f64>),
}

impl<'de> Deserialize<'de> for Weights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WeightsVisitor;

        impl<'de> Visitor<'de> for WeightsVisitor {
            type Value = Weights;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("\"zero\", \"equal\", \"usual\" or a list of numbers")
            }

            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Weights, E> {
                match word {
                    "zero" => Ok(Weights::Zero),
                    "equal" => Ok(Weights::Equal),
                    "usual" => Ok(Weights::Usual),
                    _ => Err(E::invalid_value(Unexpected::Str(word), &self)),
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Weights, A::Error> {
                let mut numbers = Vec::new();
                while let Some(number) = sequence.next_element::<f64>()? {
                    if !number.is_finite() {
                        return Err(A::Error::custom("must be finite numbers"));
                    }
                    numbers.push(number);
                }
                Ok(Weights::List(numbers))
            }
        }

        deserializer.deserialize_any(WeightsVisitor)
    }
}

/// A lesson's file: its TOML, with as many lines before it as in the file, and the text below it.
pub(super) struct Parts {
    pub(super) toml: String,
    /// `None` for a lesson that is TOML alone.
    pub(super) body: Option<String>,
}

impl Parts {
    /// Splits a file of Markdown.
    pub(super) fn of_markdown(text: &str, name: &str) -> Result<Self> {
        let refuse = |line: usize, message: &str| {
            Err(Error::Config { place: format!("{name}:{line}"), message: message.into() })
        };
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
        let is_fence = |line: &&str| line.trim_end() == FENCE;

        let first = lines.iter().position(|line| !line.trim().is_empty()).unwrap_or(0);
        if !lines.get(first).is_some_and(is_fence) {
            return refuse(
                first + 1,
                "a lesson begins with a line +++, its keys as TOML and another line +++; its text comes after it",
            );
        }
        let Some(length) = lines[first + 1..].iter().position(is_fence) else {
            return refuse(first + 1, "the keys of the lesson have no end; a line +++ ends them");
        };
        let end = first + 1 + length;
        let toml = "\n".repeat(first + 1) + &lines[first + 1..end].join("\n") + "\n";
        Ok(Self { toml, body: Some(lines[end + 1..].join("\n")) })
    }
}

/// Whether TOML is a lesson and not a configuration, which has none of these keys.
pub(super) fn is_lesson(table: &Table) -> bool {
    ["title", "ask", "answers", "say"].iter().any(|key| table.contains_key(*key))
}
