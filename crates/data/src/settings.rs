//! The settings of the data: a generated set, or a table in a file.

use std::fmt;
use std::path::PathBuf;

use serde::de::value::{Error as ValueError, StrDeserializer};
use serde::de::{Error as _, IntoDeserializer as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::checked_numbers::{Count, Fraction, NonNegative};
use crate::table::{Delimiter, Format, Impute, UnlabelledRows};
use crate::{checked_path, generate, table};

/// The settings of the data, as in the configuration.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Which generated set, or the file format of a table.
    pub kind: DataKind,
    /// For a generated set: the number of points. Absent means 400.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<Count<2, 10_000_000>>,
    /// For a generated set: the noise, whose meaning depends on the set. Absent means the default of the set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise: Option<NonNegative>,
    /// For circles: the radius of the inner ring; that of the outer one is 1. Absent means 0.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<Fraction>,
    /// For blobs: the number of clusters. Absent means 6.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub centers: Option<Count<2, 1_000>>,
    /// For a generated set: the seed of NumPy's random stream. Absent means 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u32>,
    /// For a table: the file.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "checked_path::optional")]
    pub path: Option<PathBuf>,
    /// For a table: the column that is predicted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// For a table: the value of the label that means class 1. It is text, a number, true or false.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "cell_text")]
    pub positive: Option<String>,
    /// For a table: the columns that become inputs. Absent means all except the label and the ignored columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<Vec<String>>,
    /// For a table: columns that do not become inputs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<String>,
    /// For a table: the input columns that contain categories.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub one_hot: Vec<String>,
    /// For a table: the replacement of missing values. Absent means that a missing value is an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impute: Option<Impute>,
    /// For a table: the words that stand for a missing value, as text or as numbers. Absent means
    /// [the default ones](table::DEFAULT_MISSING_WORDS).
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "cell_texts")]
    pub missing: Option<Vec<String>>,
    /// For a table: what happens with rows without a label. Absent means that such a row is an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unlabelled: Option<UnlabelledRows>,
    /// For a table: the character between fields. Absent means that it is detected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<Delimiter>,
    /// Whether inputs are standardised. Absent means yes for a table and no for a generated set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standardise: Option<bool>,
}

/// A generated set, or the file format of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataKind {
    /// A generated set.
    Generated(generate::Kind),
    /// A text file with delimiters.
    Csv,
    /// A Parquet file.
    Parquet,
}

/// The settings of one source of data.
#[derive(Clone, Debug)]
pub enum Source {
    /// A set to generate.
    Generated(generate::Settings),
    /// A table to read.
    Table(table::Settings),
}

impl Default for DataKind {
    /// The data of the article.
    fn default() -> Self {
        Self::Generated(generate::Settings::default().kind)
    }
}

impl Settings {
    /// The settings of the source that `kind` selects.
    ///
    /// # Errors
    /// The configuration key that is wrong, and a message: the key is for another kind of source, or a required key is missing.
    pub fn source(&self) -> Result<Source, (&'static str, String)> {
        match self.kind {
            DataKind::Generated(kind) => self.generated(kind).map(Source::Generated),
            DataKind::Csv => self.table(Format::Text).map(Source::Table),
            DataKind::Parquet => self.table(Format::Parquet).map(Source::Table),
        }
    }

    /// Whether inputs are standardised, with the default filled in.
    pub fn standardise_or_default(&self) -> bool {
        self.standardise.unwrap_or(!matches!(self.kind, DataKind::Generated(_)))
    }

    /// The settings with all defaults filled in.
    #[must_use]
    pub fn with_defaults(&self) -> Self {
        let mut all = self.clone();
        all.standardise = Some(self.standardise_or_default());
        if let Ok(Source::Generated(settings)) = self.source() {
            (all.samples, all.seed) = (Some(settings.samples), Some(settings.seed));
            all.noise = settings.noise_or_default();
            // Runs of versions without these keys can be resumed: their defaults are not written.
            all.factor = self.factor.filter(|factor| *factor != generate::DEFAULT_FACTOR);
            all.centers = self.centers.filter(|centers| *centers != generate::DEFAULT_CENTERS);
        }
        all
    }

    fn generated(&self, kind: generate::Kind) -> Result<generate::Settings, (&'static str, String)> {
        let table_keys = [
            ("data.path", self.path.is_some()),
            ("data.label", self.label.is_some()),
            ("data.positive", self.positive.is_some()),
            ("data.features", self.features.is_some()),
            ("data.ignore", !self.ignore.is_empty()),
            ("data.one_hot", !self.one_hot.is_empty()),
            ("data.impute", self.impute.is_some()),
            ("data.missing", self.missing.is_some()),
            ("data.unlabelled", self.unlabelled.is_some()),
            ("data.delimiter", self.delimiter.is_some()),
        ];
        if let Some((key, _)) = table_keys.into_iter().find(|(_, given)| *given) {
            return Err((key, format!("{key}: is for data.kind = \"csv\" or \"parquet\" and not for \"{kind}\"")));
        }
        let default = generate::Settings::default();
        let settings = generate::Settings {
            kind,
            samples: self.samples.unwrap_or(default.samples),
            noise: self.noise,
            factor: self.factor,
            centers: self.centers,
            seed: self.seed.unwrap_or(default.seed),
        };
        settings.check()?;
        Ok(settings)
    }

    fn table(&self, format: Format) -> Result<table::Settings, (&'static str, String)> {
        let generator_keys = [
            ("data.samples", self.samples.is_some()),
            ("data.noise", self.noise.is_some()),
            ("data.factor", self.factor.is_some()),
            ("data.centers", self.centers.is_some()),
            ("data.seed", self.seed.is_some()),
        ];
        if let Some((key, _)) = generator_keys.into_iter().find(|(_, given)| *given) {
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
            missing: self.missing.clone(),
            one_hot: self.one_hot.clone(),
            unlabelled: self.unlabelled,
        })
    }
}

/// The text of a cell: TOML may have it as text, a number or a truth value.
struct CellText(String);

impl<'de> Deserialize<'de> for CellText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl Visitor<'_> for TextVisitor {
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

        deserializer.deserialize_any(TextVisitor).map(Self)
    }
}

fn cell_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    CellText::deserialize(deserializer).map(|CellText(text)| Some(text))
}

fn cell_texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let texts = Vec::<CellText>::deserialize(deserializer)?;
    Ok(Some(texts.into_iter().map(|CellText(text)| text).collect()))
}

impl fmt::Display for DataKind {
    /// The name in configurations.
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
        const NAMES: &[&str] = &[
            "flower",
            "moons",
            "circles",
            "blobs",
            "quantiles",
            "no_structure",
            "xor",
            "spiral",
            "csv",
            "parquet",
        ];

        let name = String::deserialize(deserializer)?;
        match name.as_str() {
            "csv" => return Ok(Self::Csv),
            "parquet" => return Ok(Self::Parquet),
            _ => {}
        }
        let generated: StrDeserializer<'_, ValueError> = name.as_str().into_deserializer();
        let kind = generate::Kind::deserialize(generated);
        kind.map(Self::Generated).map_err(|_| D::Error::unknown_variant(&name, NAMES))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_about_an_unknown_kind_names_every_kind() {
        fn message<T: for<'de> Deserialize<'de> + fmt::Debug>() -> String {
            let name: StrDeserializer<'_, ValueError> = "x".into_deserializer();
            T::deserialize(name).unwrap_err().to_string()
        }
        assert_eq!(message::<DataKind>(), format!("{}, `csv`, `parquet`", message::<generate::Kind>()));
    }
}
