//! Where the data comes from: a set that is generated, or a table in a file.
//!
//! Leaves out: making and reading. Those are [`crate::generate`] and [`crate::table`].

use std::fmt;
use std::path::PathBuf;

use serde::de::value::{Error as ValueError, StrDeserializer};
use serde::de::{Error as _, IntoDeserializer as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::checked::{Count, NonNegative};
use crate::table::{Delimiter, Format, Impute, UnlabelledRows};
use crate::{generate, table};

/// Where the data comes from.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Which set, or that it is a table.
    pub kind: DataKind,
    /// Of a generated set, how many points; absent means 400.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<Count<2, 10_000_000>>,
    /// Of a generated set, how noisy, in the set's own sense; absent means the set's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise: Option<NonNegative>,
    /// Of a generated set, the seed of NumPy's stream; absent means 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u32>,
    /// Of a table, the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// Of a table, the column that is predicted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Of a table, the label's value that is class 1: text, a number, or true or false.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "value")]
    pub positive: Option<String>,
    /// Of a table, the columns that become inputs; absent means all but the label and those ignored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<Vec<String>>,
    /// Of a table, columns that do not become inputs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<String>,
    /// Of a table, the inputs that are categories.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub one_hot: Vec<String>,
    /// Of a table, what stands for missing values; absent means that none may be missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impute: Option<Impute>,
    /// Of a table, what becomes of rows without a label; absent means that every row needs one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unlabelled: Option<UnlabelledRows>,
    /// Of a table, what stands between fields; absent means that it is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<Delimiter>,
    /// Whether inputs are standardised; absent means that those of a table are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standardise: Option<bool>,
}

/// A generated set, or a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataKind {
    /// One of the sets that can be generated.
    Generated(generate::Kind),
    /// Delimited text.
    Csv,
    /// A Parquet file.
    Parquet,
}

/// The data, as one or the other.
#[derive(Clone, Debug)]
pub enum Source {
    /// To be generated.
    Generated(generate::Settings),
    /// To be read.
    Table(table::Settings),
}

impl Default for DataKind {
    /// The article's data.
    fn default() -> Self {
        Self::Generated(generate::Settings::default().kind)
    }
}

impl Settings {
    /// The settings of the one source that they are of.
    ///
    /// # Errors
    /// The key that is at fault and why: one of the other source, or one that is missing.
    pub fn source(&self) -> Result<Source, (&'static str, String)> {
        match self.kind {
            DataKind::Generated(kind) => self.generated(kind).map(Source::Generated),
            DataKind::Csv => self.table(Format::Text).map(Source::Table),
            DataKind::Parquet => self.table(Format::Parquet).map(Source::Table),
        }
    }

    /// Whether inputs are standardised.
    pub fn standardises(&self) -> bool {
        self.standardise.unwrap_or(!matches!(self.kind, DataKind::Generated(_)))
    }

    /// The settings with what was left to a default written out.
    #[must_use]
    pub fn resolved(&self) -> Self {
        let mut all = self.clone();
        all.standardise = Some(self.standardises());
        if let Ok(Source::Generated(generate::Settings { samples, seed, .. })) = self.source() {
            (all.samples, all.seed) = (Some(samples), Some(seed));
        }
        if let Ok(Source::Generated(settings)) = self.source() {
            all.noise = settings.noise_in_use();
        }
        all
    }

    fn generated(&self, kind: generate::Kind) -> Result<generate::Settings, (&'static str, String)> {
        let of_tables = [
            ("data.path", self.path.is_some()),
            ("data.label", self.label.is_some()),
            ("data.positive", self.positive.is_some()),
            ("data.features", self.features.is_some()),
            ("data.ignore", !self.ignore.is_empty()),
            ("data.one_hot", !self.one_hot.is_empty()),
            ("data.impute", self.impute.is_some()),
            ("data.unlabelled", self.unlabelled.is_some()),
            ("data.delimiter", self.delimiter.is_some()),
        ];
        if let Some((key, _)) = of_tables.into_iter().find(|(_, given)| *given) {
            return Err((key, format!("{key}: is for data.kind = \"csv\" or \"parquet\" and not for \"{kind}\"")));
        }
        let usual = generate::Settings::default();
        let settings = generate::Settings {
            kind,
            samples: self.samples.unwrap_or(usual.samples),
            noise: self.noise,
            seed: self.seed.unwrap_or(usual.seed),
        };
        settings.check().map_err(|message| ("data.noise", message))?;
        Ok(settings)
    }

    fn table(&self, format: Format) -> Result<table::Settings, (&'static str, String)> {
        let of_sets = [
            ("data.samples", self.samples.is_some()),
            ("data.noise", self.noise.is_some()),
            ("data.seed", self.seed.is_some()),
        ];
        if let Some((key, _)) = of_sets.into_iter().find(|(_, given)| *given) {
            return Err((key, format!("{key}: is for generated data and not for data.kind = \"{}\"", self.kind)));
        }
        if format == Format::Parquet && self.delimiter.is_some() {
            let message = "data.delimiter: is for data.kind = \"csv\" and not for \"parquet\"";
            return Err(("data.delimiter", message.into()));
        }
        let kind = self.kind;
        let missing = |key, what: &str| ("data.kind", format!("data.kind = \"{kind}\": needs {key}, {what}"));
        Ok(table::Settings {
            path: self.path.clone().ok_or_else(|| missing("data.path", "the file"))?,
            format,
            label: self
                .label
                .clone()
                .ok_or_else(|| missing("data.label", "the column to predict"))?,
            positive: self.positive.clone(),
            features: self.features.clone(),
            ignore: self.ignore.clone(),
            delimiter: self.delimiter,
            impute: self.impute,
            one_hot: self.one_hot.clone(),
            unlabelled: self.unlabelled,
        })
    }
}

/// A value of a column, as TOML may write it.
fn value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    struct Value;

    impl Visitor<'_> for Value {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("text in quotation marks, a number, true or false")
        }

        fn visit_str<E>(self, value: &str) -> Result<String, E> {
            Ok(value.to_owned())
        }

        fn visit_i64<E>(self, value: i64) -> Result<String, E> {
            Ok(value.to_string())
        }

        fn visit_f64<E>(self, value: f64) -> Result<String, E> {
            Ok(value.to_string())
        }

        fn visit_bool<E>(self, value: bool) -> Result<String, E> {
            Ok(value.to_string())
        }
    }

    deserializer.deserialize_any(Value).map(Some)
}

impl fmt::Display for DataKind {
    /// The name used in configurations.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generated(kind) => kind.fmt(f),
            Self::Csv => f.write_str("csv"),
            Self::Parquet => f.write_str("parquet"),
        }
    }
}

impl Serialize for DataKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DataKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        match name.as_str() {
            "csv" => return Ok(Self::Csv),
            "parquet" => return Ok(Self::Parquet),
            _ => {}
        }
        let name: StrDeserializer<'_, ValueError> = name.as_str().into_deserializer();
        let kind = generate::Kind::deserialize(name);
        // What it accepts comes last in its message.
        kind.map(Self::Generated)
            .map_err(|error| D::Error::custom(format!("{error}, `csv`, `parquet`")))
    }
}
