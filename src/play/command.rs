//! The command line that trains the same network as a page.

use toml::{Table, Value};

use crate::config::{Config, Override};
use crate::data;
use crate::data::text::shell_quote;
use crate::files::folder::CONFIG;

/// How this program is started.
#[derive(Clone, Debug)]
pub struct Commands {
    /// The words before a configuration, such as `petal train`.
    pub train: String,
    /// The path of the default configuration.
    pub default_config: String,
}

impl Commands {
    /// Trains from the default configuration, with the settings that are not its own.
    pub(super) fn with_settings(&self, config: &Config, overrides: &[Override]) -> String {
        let defaults = defaults_of(config);
        let changes = overrides.iter().filter(|change| !is_default(change, &defaults));
        let options =
            changes.map(|change| format!(" --set {}", shell_quote(&format!("{}={}", change.key, change.value))));
        std::iter::once(format!("{} {}", self.train, self.default_config))
            .chain(options)
            .collect()
    }

    /// What the command with settings needs. A file may be changed or removed at any time, and no request reads one.
    pub(super) fn needs_default_config(&self) -> String {
        let path = &self.default_config;
        format!(
            "it begins with the settings of {path} as `petal init` writes it; {CONFIG}, saved below, has all settings and needs \
             no other file"
        )
    }

    /// Trains from the configuration that the page saves. The default one has settings that do not go with a table.
    pub(super) fn with_saved_config(&self) -> String {
        format!("{} {CONFIG}", self.train)
    }
}

/// The defaults for the kind of data.
fn defaults_of(config: &Config) -> Table {
    let data = data::Settings { kind: config.data.kind, ..data::Settings::default() };
    let defaults = Config { data, ..Config::default() };
    defaults.to_toml().parse().unwrap_or_default()
}

fn is_default(change: &Override, defaults: &Table) -> bool {
    let text = || Value::String(change.value.clone());
    let parsed = format!("value = {}", change.value).parse::<Table>();
    let value = parsed.map_or_else(|_| text(), |table| table.get("value").cloned().unwrap_or_else(text));
    if change.key == "data.kind" {
        return value == Value::String(data::Settings::default().kind.to_string());
    }
    let default = match change.key.split_once('.') {
        Some((section, name)) => defaults.get(section).and_then(|section| section.get(name)),
        None => defaults.get(&change.key),
    };
    default.is_some_and(|default| is_same(default, &value))
}

/// Whether two values are the same setting: 0 is 0.0, because a page's numbers have one type.
fn is_same(a: &Value, b: &Value) -> bool {
    let number = |value: &Value| value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64));
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}
