//! The settings that a page may have.

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
