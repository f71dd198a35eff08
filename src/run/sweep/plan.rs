//! The runs of a sweep, their data and their names.

use std::collections::HashMap;

use super::row::RESULT_COLUMNS;
use crate::config::{self, Config, SweepRun};
use crate::data::bytes_fingerprint;
use crate::data::checked_numbers::Count;
use crate::error::{Error, Result};
use crate::files::folder;
use crate::run::prepare::Run;
use crate::{network, train};

/// The most characters of values in the name of a file.
const MAX_NAME: usize = 60;
/// The most runs that a note names.
const MAX_NAMED: usize = 3;

/// A sweep that is ready to train.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// The configuration, with the table `[sweep]`. `auto` is replaced by the device that was chosen.
    pub config: Config,
    /// A name for each key: its last part, `hidden`, or the whole key where that could mean two things.
    pub names: Vec<String>,
    /// The runs in their order.
    pub runs: Vec<SweepRun>,
    /// Hidden units that the initial weights keep from learning, in words, with the runs that have them.
    pub start_notes: Vec<String>,
    /// One prepared run for each data set.
    pub(super) data: Vec<Run>,
    /// Which of these has the data of each run.
    pub(super) data_of: Vec<usize>,
    /// How many runs in a row differ only by their seeds.
    pub(super) seeds: usize,
}

impl Sweep {
    /// Reads or generates the data of all runs, and opens the devices.
    ///
    /// # Errors
    /// When data cannot be read, a network is too large for its data, or a device cannot be used.
    pub fn prepare(mut config: Config) -> Result<Self> {
        let mut runs = config.sweep_runs();
        let (mut data, mut data_of, mut known) = (Vec::<Run>::new(), Vec::new(), HashMap::new());
        for SweepRun { config: of_run, .. } in &mut runs {
            // All runs compute on the same device. For `auto` it is chosen once.
            if let Some(first) = data.first() {
                of_run.device = first.config.device.clone();
            }
            let index = *known.entry(data_settings(of_run)).or_insert(data.len());
            if index == data.len() {
                data.push(Run::prepare(of_run.clone())?);
                data[index].fingerprint(); // computed once here, so that copies have it
            }
            *of_run = data[index].completed(of_run.clone())?;
            data_of.push(index);
        }

        let sweep = config.sweep.as_ref();
        let (keys, seeds) = sweep.map_or((Vec::new(), 1), |sweep| (sweep.all_keys(), sweep.seed_count()));
        let names = names(&keys);
        if let Some(first) = data.first() {
            config.device = first.config.device.clone();
        }
        let mut sweep = Self { config, names, runs, data, data_of, seeds, start_notes: Vec::new() };
        sweep.start_notes = sweep.check_starts()?;
        Ok(sweep)
    }

    /// Refuses a run that cannot start from its initial parameters, before any run is trained. Returns what the initial weights
    /// keep hidden units from, as [`Run::start_notes`] says it, with the runs that it is true of.
    fn check_starts(&self) -> Result<Vec<String>> {
        let mut prepared = self.data.clone();
        let mut found: Vec<(String, Vec<usize>)> = Vec::new();
        for (index, SweepRun { config, .. }) in self.runs.iter().enumerate() {
            let mut config = config.clone();
            config.train.updates = const { Count::literal(0) };
            let run = &mut prepared[self.data_of[index]];
            run.set_config(config);
            run.train_network(&mut ()).map_err(|error| match error {
                Error::Training(reason) => {
                    let run = self.assignments(index);
                    Error::Training(format!("{reason}; this is the run of the sweep with {run}"))
                }
                other => other,
            })?;
            for note in run.start_notes() {
                match found.iter_mut().find(|(other, _)| *other == note) {
                    Some((_, runs)) => runs.push(index),
                    None => found.push((note, vec![index])),
                }
            }
        }

        let with_runs = found.into_iter().map(|(note, runs)| {
            let named: Vec<String> = runs.iter().take(MAX_NAMED).map(|&index| self.assignments(index)).collect();
            let rest = if runs.len() > MAX_NAMED { "; ..." } else { "" };
            format!("In {} of {} runs ({}{rest}): {note}", runs.len(), self.runs.len(), named.join("; "))
        });
        Ok(with_runs.collect())
    }

    /// The keys of a run with their values.
    fn assignments(&self, index: usize) -> String {
        let keys = self.config.sweep.as_ref().map(config::Sweep::all_keys).unwrap_or_default();
        let pairs = keys.iter().zip(&self.runs[index].values);
        let pairs: Vec<String> = pairs.map(|(key, value)| format!("{key} = {value}")).collect();
        pairs.join(", ")
    }

    /// The first run of the sweep.
    pub fn first(&self) -> &Run {
        &self.data[0]
    }

    /// The data of a run, prepared.
    pub(super) fn data_of(&self, index: usize) -> &Run {
        &self.data[self.data_of[index]]
    }

    /// A run, ready to train.
    pub(super) fn run(&self, index: usize) -> Run {
        self.data_of(index).with_config(self.runs[index].config.clone())
    }

    /// The file name of a run's checkpoint in the folder of the sweep.
    pub(super) fn checkpoint_file(&self, index: usize) -> String {
        checkpoint_file(&self.runs[index])
    }

    /// The values that determine the data of a run, with their names.
    pub(super) fn data_values(&self, index: usize) -> Vec<(&str, &str)> {
        let keys = self.config.sweep.as_ref().map(config::Sweep::all_keys).unwrap_or_default();
        let of_data = |key: &str| key.starts_with("data.") || key.starts_with("split.") || key == "dtype";
        let values = keys.into_iter().zip(&self.names).zip(&self.runs[index].values);
        values
            .filter(|((key, _), _)| of_data(key))
            .map(|((_, name), value)| (&name[..], &value[..]))
            .collect()
    }

    /// A part for the names of files that differ between data sets: nothing if there is only one.
    pub(in crate::run) fn data_suffix(&self, data: usize) -> String {
        let run = self.data_of.iter().position(|of_run| *of_run == data).unwrap_or_default();
        let values: Vec<&str> = self.data_values(run).into_iter().map(|(_, value)| value).collect();
        if self.data.len() == 1 {
            String::new()
        } else {
            format!("-{}", file_label(&values))
        }
    }

    /// The data sets with the endings that their files have.
    pub(in crate::run) fn data_sets(&self) -> impl Iterator<Item = (&Run, String)> {
        self.data.iter().enumerate().map(|(index, run)| (run, self.data_suffix(index)))
    }

    /// The fingerprint of the data of a run.
    pub(in crate::run) fn fingerprint_of(&self, index: usize) -> &str {
        self.data_of(index).fingerprint()
    }

    /// The fingerprint of all data.
    pub(in crate::run) fn fingerprint(&self) -> String {
        let each: Vec<&str> = self.data.iter().map(Run::fingerprint).collect();
        match each[..] {
            [only] => only.into(),
            _ => bytes_fingerprint(each.concat()),
        }
    }
}

/// The settings that determine the data and the device, as text.
fn data_settings(config: &Config) -> String {
    let same = Config {
        model: network::Settings::default(),
        train: train::Settings::default(),
        decision: config::Decision::default(),
        output: folder::Settings::default(),
        ..config.clone()
    };
    same.to_toml()
}

/// A name for each key.
fn names(keys: &[&str]) -> Vec<String> {
    let last_part = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let name = |key: &&str| {
        let short = last_part(key);
        let is_clear =
            keys.iter().filter(|other| last_part(other) == short).count() == 1 && !RESULT_COLUMNS.contains(&&short[..]);
        if is_clear { short } else { (*key).to_owned() }
    };
    keys.iter().map(name).collect()
}

/// The file name of a run's checkpoint in the folder of a sweep.
pub(in crate::run) fn checkpoint_file(run: &SweepRun) -> String {
    let values: Vec<&str> = run.values.iter().map(String::as_str).collect();
    format!("checkpoint-{}.safetensors", file_label(&values))
}

/// Values as a part of a file name, which different values never share: the values themselves, or where they may not be in a
/// file name, what is left of them and a fingerprint.
fn file_label(values: &[&str]) -> String {
    // Capital letters are left out, because some file systems do not distinguish them.
    let is_safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    let label = values.join("+");
    if label.len() <= MAX_NAME && values.iter().all(|value| !value.is_empty() && value.chars().all(is_safe)) {
        return label;
    }
    let safe: String = label.chars().filter(|c| is_safe(*c)).take(MAX_NAME / 2).collect();
    format!("{safe}+{}", &bytes_fingerprint(values.join("\0"))[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_last_part_of_a_key_unless_that_could_mean_two_things() {
        assert_eq!(names(&["model.hidden", "train.learning_rate"]), ["hidden", "learning_rate"]);
        assert_eq!(names(&["data.seed", "model.seed", "dtype"]), ["data.seed", "model.seed", "dtype"]);
        // `updates` is a column of results.
        assert_eq!(names(&["train.updates"]), ["train.updates"]);
    }

    #[test]
    fn different_values_have_different_file_names_without_special_characters() {
        let long = "x".repeat(300);
        let cases: [&[&str]; 16] = [
            &["4"],
            &["0.1", "4"],
            &["0.1+4"],
            &["a"],
            &["A"],
            &["../a"],
            &["..", "a"],
            &["a/b"],
            &["a", "b"],
            &["a\0b"],
            &["a\\b"],
            &[""],
            &["", ""],
            &[&long],
            &[&long, "a"],
            &["\u{1f33a}"],
        ];
        let labels: std::collections::BTreeSet<String> = cases.iter().map(|values| file_label(values)).collect();
        assert_eq!(labels.len(), cases.len(), "{labels:?}");
        let is_safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-+".contains(c);
        assert!(labels.iter().all(|label| label.len() <= MAX_NAME && label.chars().all(is_safe)), "{labels:?}");
        assert_eq!([file_label(&["4"]), file_label(&["tanh", "0.1"])], ["4", "tanh+0.1"]);
    }
}
