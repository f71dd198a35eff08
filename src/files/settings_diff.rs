//! How two configurations differ, and whether a run that began with one may be resumed with the other.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use toml::Table;

/// The settings that determine the length of training. They may change when a run is resumed.
const LENGTH: [&str; 2] = ["train.updates", "train.epochs"];
/// Settings without influence on any number, in addition to `output.*`. The data are identified by their fingerprint, so
/// their path may change.
const WITHOUT_INFLUENCE: [&str; 2] = ["train.checkpoint_every", "data.path"];

/// Settings that older versions did not have, with the value that their runs had.
const ADDED: [(&str, &str); 2] = [("model.activation", "\"tanh\""), ("model.init", "\"scaled\"")];

/// Something that has changed since a run was made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Its name. For a setting, the dotted key.
    pub what: String,
    /// Its value then.
    pub then: String,
    /// Its value now.
    pub now: String,
}

/// Whether a run may be resumed with other settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resumable {
    /// It may.
    Yes,
    /// It may not, for this reason.
    No(String),
}

/// Whether a run that began with the configuration `then` may be resumed with `now`. Both are TOML.
///
/// # Errors
/// When one of them is not TOML.
pub fn is_resumable(then: &str, now: &str) -> Result<Resumable, toml::de::Error> {
    let (settings_then, settings_now) = (flattened(then)?, flattened(now)?);
    let both = [&settings_then, &settings_now];
    let both_sweep = both.iter().all(|settings| settings.keys().any(|key| key.starts_with("sweep.")));
    let constant_rate = settings_now
        .get("train.schedule")
        .is_none_or(|schedule| schedule == "\"constant\"");

    for Change { what: key, then, now } in changed_settings(then, now)? {
        // Each run of a sweep is trained separately, so values may be added and removed. Where a key is swept, its value outside
        // the sweep has no influence.
        let is_swept = || both.iter().all(|settings| is_swept(settings, &key));
        let is_of_sweep = both_sweep && (key.starts_with("sweep.") || is_swept());
        let reason = if !may_change(&key) && !is_of_sweep {
            let mut keys = [LENGTH, WITHOUT_INFLUENCE].concat();
            keys.extend(both_sweep.then_some("sweep"));
            format!("only {} and output may change", keys.join(", "))
        } else if key == "train.updates" && !constant_rate {
            "with a schedule every learning rate depends on it".into()
        } else {
            continue;
        };
        return Ok(Resumable::No(format!("the run began with {key} = {then}, and now it is {now}: {reason}")));
    }
    Ok(Resumable::Yes)
}

/// Whether the sweep of a configuration has values for a key. Older versions wrote `hidden` for `model.hidden`.
fn is_swept(settings: &HashMap<String, String>, key: &str) -> bool {
    settings.contains_key(&format!("sweep.{key}")) || (key == "model.hidden" && settings.contains_key("sweep.hidden"))
}

/// Whether a setting may change when a run is resumed.
pub fn may_change(key: &str) -> bool {
    LENGTH.contains(&key) || is_without_influence(key)
}

/// Whether a setting has no influence on any number of the results.
pub fn is_without_influence(key: &str) -> bool {
    WITHOUT_INFLUENCE.contains(&key) || key.starts_with("output.")
}

/// The settings that differ between two configurations. Both are TOML.
///
/// # Errors
/// When one of them is not TOML.
pub fn changed_settings(then: &str, now: &str) -> Result<Vec<Change>, toml::de::Error> {
    let (then, now) = (flattened(then)?, flattened(now)?);
    let keys: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
    let change = |key: &String| {
        let value = |settings: &HashMap<String, String>| settings.get(key).map_or("not set", String::as_str).to_owned();
        let (then, now) = (value(&then), value(&now));
        (then != now).then(|| Change { what: key.clone(), then, now })
    };
    Ok(keys.into_iter().filter_map(change).collect())
}

/// The values of a configuration by their dotted keys, as TOML. That of an older version gets the settings that were added since.
pub(super) fn flattened(text: &str) -> Result<HashMap<String, String>, toml::de::Error> {
    let mut settings = flattened_table("", &toml::from_str(text)?);
    for (key, value) in ADDED {
        settings.entry(key.into()).or_insert_with(|| value.into());
    }
    Ok(settings)
}

fn flattened_table(prefix: &str, table: &Table) -> HashMap<String, String> {
    let entries = table.iter().flat_map(|(key, value)| match value.as_table() {
        Some(inner) => flattened_table(&format!("{prefix}{key}."), inner),
        None => HashMap::from([(format!("{prefix}{key}"), value.to_string())]),
    });
    entries.collect()
}
