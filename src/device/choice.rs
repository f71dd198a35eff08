//! The key `device` of a configuration.
//!
//! ```text
//! device = "cuda:1"                                            one device
//! device = ["remote:ws://a:3000", "remote:ws://b:3000"]        several devices that share the samples
//! device = "auto"                                              the fastest device here, or one within a tenth of it
//! ```

use std::fmt;
use std::str::FromStr;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::backend::Backend;
use super::name::DeviceName;

/// At most this many devices may share the samples.
const MAX_DEVICES: usize = 64;

/// The device or devices that a configuration requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The fastest device on this machine, or one that takes at most a tenth longer.
    Auto,
    /// One device, or several that share the samples. The list is never empty.
    Named(Vec<DeviceName>),
}

impl DeviceChoice {
    /// Whether every device is this computer's processor.
    pub fn is_cpu(&self) -> bool {
        let is_cpu = |name: &DeviceName| matches!(name.backend, Backend::Flex | Backend::NdArray | Backend::Cpu);
        matches!(self, Self::Named(names) if names.iter().all(is_cpu))
    }
}

impl Default for DeviceChoice {
    fn default() -> Self {
        Self::from(DeviceName::from(Backend::Flex))
    }
}

impl From<DeviceName> for DeviceChoice {
    fn from(name: DeviceName) -> Self {
        Self::Named(vec![name])
    }
}

impl FromStr for DeviceChoice {
    type Err = String;

    /// Reads `auto` or the name of one device.
    ///
    /// # Errors
    /// When the name is not valid or its backend is not compiled into this program.
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        DeviceName::parse_compiled(text)
            .map(Self::from)
            .map_err(|reason| reason.replace("accepted: ", "accepted: auto, "))
    }
}

impl fmt::Display for DeviceChoice {
    /// `auto`, or the names with commas between them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Named(names) => f.write_str(&names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
        }
    }
}

impl Serialize for DeviceChoice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Named(names) if names.len() > 1 => serializer.collect_seq(names.iter().map(ToString::to_string)),
            single => serializer.collect_str(single),
        }
    }
}

impl<'de> Deserialize<'de> for DeviceChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ChoiceVisitor)
    }
}

/// Reads a [`DeviceChoice`] from a string or a list of strings.
struct ChoiceVisitor;

impl<'de> Visitor<'de> for ChoiceVisitor {
    type Value = DeviceChoice;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a device's name or a list of names")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<DeviceChoice, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<DeviceChoice, A::Error> {
        let mut names = Vec::new();
        while let Some(text) = list.next_element::<String>()? {
            if text == "auto" {
                return Err(de::Error::custom("auto must stand alone, not in a list"));
            }
            let name =
                DeviceName::parse_compiled(&text).map_err(|reason| de::Error::custom(format!("{text}: {reason}")))?;
            // A server would compute its two parts one after the other, and Burn 0.22 waits 40 ms between them.
            if name.backend == Backend::Remote && names.contains(&name) {
                return Err(de::Error::custom(format!(
                    "{text} is listed twice; list each server once, because a server trains one part of the samples"
                )));
            }
            names.push(name);
        }
        match names.len() {
            1..=MAX_DEVICES => Ok(DeviceChoice::Named(names)),
            count => Err(de::Error::custom(format!("must name from 1 to {MAX_DEVICES} devices, not {count}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_one_name_a_list_of_names_or_auto() {
        let read = |text: &str| {
            let mut table: toml::Table = toml::from_str(text).unwrap();
            table.remove("device").unwrap().try_into::<DeviceChoice>()
        };
        assert_eq!(read(r#"device = "auto""#).unwrap(), DeviceChoice::Auto);
        assert_eq!(read(r#"device = ["flex", "ndarray"]"#).unwrap().to_string(), "flex, ndarray");
        assert_eq!(read(r#"device = ["flex"]"#).unwrap(), DeviceChoice::default());
        for (invalid, expected) in [
            (r#"device = ["flex", "auto"]"#, "auto must stand alone"),
            ("device = []", "must name from 1 to 64 devices, not 0"),
            (r#"device = ["flex", "gpu"]"#, "gpu: not a known device"),
            ("device = 3", "expected a device's name or a list of names"),
        ] {
            let message = read(invalid).unwrap_err().to_string();
            assert!(message.contains(expected), "{invalid}: {message}");
        }
    }
}
