//! The command line that trains the same network as a page.

use std::sync::LazyLock;

use toml::Table;

use crate::config::{Config, Override};
use crate::data::text::shell_quote;

/// The default of these settings depends on others, so they are always written.
const DEPENDENT: [&str; 5] = ["data.noise", "data.standardise", "split.validation", "split.test", "model.init_scale"];

static DEFAULTS: LazyLock<Table> = LazyLock::new(|| Config::default().to_toml().parse().unwrap_or_default());

/// The command with the settings that are not the defaults. `train` is the command with the default configuration.
pub(super) fn command(train: &str, overrides: &[Override]) -> String {
    let changes = overrides.iter().filter(|change| !is_default(change));
    let options = changes.map(|change| {
        let value = unquoted(&change.value).unwrap_or(&change.value);
        format!(" --set {}", shell_quote(&format!("{}={value}", change.key)))
    });
    std::iter::once(train.to_owned()).chain(options).collect()
}

fn is_default(change: &Override) -> bool {
    if DEPENDENT.contains(&change.key.as_str()) {
        return false;
    }
    let default = match change.key.split_once('.') {
        Some((section, name)) => DEFAULTS.get(section).and_then(|section| section.get(name)),
        None => DEFAULTS.get(&change.key),
    };
    let value = format!("value = {}", change.value).parse::<Table>();
    value.is_ok_and(|table| default.is_some() && table.get("value") == default)
}

/// A word without the quotation marks, if it is a text without them too.
fn unquoted(value: &str) -> Option<&str> {
    let word = value.strip_prefix('"')?.strip_suffix('"')?;
    let is_word = word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let is_text = is_word && format!("value = {word}").parse::<Table>().is_err();
    is_text.then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_left_out_and_texts_are_quoted_where_they_must_be() {
        let set = |key: &str, value: &str| Override { option: key.into(), key: key.into(), value: value.into() };
        let overrides = [
            set("data.kind", "\"moons\""),
            set("data.noise", "0.2"),
            set("model.hidden", "4"),
            set("model.seed", "5"),
            set("train.learning_rate", "1.2"),
            set("train.engine", "\"fused\""),
            set("data.path", "\"my file.csv\""),
            set("data.positive", "\"true\""),
            set("dtype", "\"f64\""),
        ];
        let expected = "petal train default.toml --set data.kind=moons --set data.noise=0.2 --set model.seed=5 --set \
                        train.engine=fused --set 'data.path=\"my file.csv\"' --set 'data.positive=\"true\"'";
        assert_eq!(command("petal train default.toml", &overrides), expected);
    }
}
