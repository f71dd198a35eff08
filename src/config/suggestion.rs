//! "Did you mean ...?": the known names nearest to an unknown one.

/// The smallest likeness of a suggestion. A name with one wrong letter in three reaches it.
const MIN_LIKENESS: f64 = 0.66;
/// The likeness of two names of which one contains the other, such as `hidden_units` and `hidden`.
const CONTAINED: f64 = 0.7;
/// The length from which a name that is contained in another one says something.
const MIN_CONTAINED_LENGTH: usize = 4;
/// A key of the same table is preferred to an equally similar key of another one.
const SAME_TABLE: f64 = 0.1;

/// A key of the configuration.
pub(super) struct Key {
    /// The table of the key. Empty for a key of the whole configuration.
    pub(super) table: &'static str,
    pub(super) name: &'static str,
}

/// The known name that is most like this one. `None` if no name is like it.
pub(super) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let likenesses = known.iter().map(|known| (likeness(name, known), *known));
    let (likeness, known) = likenesses.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (likeness >= MIN_LIKENESS).then_some(known)
}

/// The keys that are most like this dotted key, in any table. Several keys are joined by "or".
pub(super) fn nearest_key(key: &str, keys: &[Key]) -> Option<String> {
    let (table, name) = key.rsplit_once('.').unwrap_or(("", key));
    let mut best = (MIN_LIKENESS, Vec::new());
    for known in keys {
        let same_table = if known.table == table { SAME_TABLE } else { 0.0 };
        let likeness = likeness(name, known.name) + same_table;
        let known = if known.table.is_empty() {
            known.name.to_owned()
        } else {
            format!("{}.{}", known.table, known.name)
        };
        if likeness > best.0 {
            best = (likeness, vec![known]);
        } else if likeness == best.0 {
            best.1.push(known);
        }
    }
    (!best.1.is_empty()).then(|| best.1.join(" or "))
}

/// How alike two names are, from 0 to 1. Case, hyphens and underscores do not count.
fn likeness(a: &str, b: &str) -> f64 {
    let [a, b] = [a, b].map(|name| name.to_lowercase().replace(['-', '_', ' '], ""));
    let by_edits = strsim::normalized_damerau_levenshtein(&a, &b);
    let contained = a.len().min(b.len()) >= MIN_CONTAINED_LENGTH && (a.contains(&b) || b.contains(&a));
    if contained { by_edits.max(CONTAINED) } else { by_edits }
}

#[cfg(test)]
mod tests {
    use super::super::reader;
    use super::super::settings::Config;
    use super::*;

    #[test]
    fn the_nearest_key_is_found_in_every_table() {
        let keys = reader::keys::<Config>();
        let cases = [
            ("Train", Some("train")),
            ("trian", Some("train")),
            ("train.learning-rate", Some("train.learning_rate")),
            ("train.learningRate", Some("train.learning_rate")),
            ("train.updats", Some("train.updates")),
            ("model.hidden_units", Some("model.hidden")),
            ("data.standardize", Some("data.standardise")),
            // In the wrong table, or in none.
            ("model.learning_rate", Some("train.learning_rate")),
            ("Updates", Some("train.updates")),
            ("seed", Some("data.seed or split.seed or model.seed or train.seed")),
            ("train.zzz", None),
            ("", None),
        ];
        for (key, expected) in cases {
            assert_eq!(nearest_key(key, &keys).as_deref(), expected, "{key}");
        }
        assert_eq!(nearest("Flower", &["moons", "flower"]), Some("flower"));
        assert_eq!(nearest("gaussian", &["moons", "flower"]), None);
    }
}
