//! The settings that a page may have.

use toml::Table;

use crate::config::Config;

/// The settings that a page may have. None of them names a file or a device, and a setting that is not here is refused.
pub(super) const SETTINGS: [&str; 35] = [
    "dtype",
    "data.kind",
    "data.samples",
    "data.noise",
    "data.factor",
    "data.centers",
    "data.seed",
    "data.standardise",
    "data.features",
    "data.ignore",
    "data.one_hot",
    "data.impute",
    "data.missing",
    "data.unlabelled",
    "data.delimiter",
    "split.validation",
    "split.test",
    "split.seed",
    "model.hidden",
    "model.activation",
    "model.init",
    "model.init_scale",
    "model.seed",
    "train.engine",
    "train.learning_rate",
    "train.schedule",
    "train.final_learning_rate",
    "train.batch_size",
    "train.seed",
    "train.updates",
    "train.weight_decay",
    "train.momentum",
    "train.cost_limit",
    "train.patience",
    "decision.threshold",
];
/// The settings of generated data. A state with a table may keep them, for the way back, and they do nothing then.
pub(super) const GENERATED: [&str; 6] =
    ["data.kind", "data.samples", "data.noise", "data.factor", "data.centers", "data.seed"];

/// Whether a page may have this setting.
pub(super) fn is_setting(key: &str) -> bool {
    SETTINGS.contains(&key)
}

/// Settings that a page cannot have and that do not matter to it: the table's come with the table, epochs become updates, and a page
/// has no name.
const WITHOUT_NOTE: [&str; 5] = ["data.path", "data.label", "data.positive", "train.epochs", "output.name"];

/// A sentence about the settings of a configuration that the playground leaves out, if there are some that are not the defaults.
pub fn left_out(config: &Config) -> Option<String> {
    let toml = |config: &Config| config.to_toml().parse::<Table>().unwrap_or_default();
    let (given, defaults) = (toml(config), toml(&Config::default()));
    let mut changed = Vec::new();
    for (section, value) in &given {
        let default = defaults.get(section);
        match value.as_table() {
            Some(table) => changed.extend(
                table
                    .iter()
                    .filter(|(name, value)| default.and_then(|default| default.get(name)) != Some(value))
                    .map(|(name, _)| format!("{section}.{name}")),
            ),
            None if default != Some(value) => changed.push(section.clone()),
            None => {}
        }
    }
    changed.retain(|key| !is_setting(key) && !WITHOUT_NOTE.contains(&&key[..]));
    (!changed.is_empty()).then(|| {
        let changed = changed.join(", ");
        format!("the playground does not have these settings: {changed}; it trains without them, and so does the copied command")
    })
}
