//! A state that is ready to train.

use super::limits;
use super::refusal::Refusal;
use super::state::{EditedParameters, State};
use crate::config::Override;
use crate::data::TableInfo;
use crate::network::Parameters;
use crate::run::{Fork, Run};

/// A state that is ready to train.
pub(super) struct Prepared {
    pub(super) run: Run,
    pub(super) fork: Option<Fork>,
    /// The settings as the command line has them.
    pub(super) overrides: Vec<Override>,
    /// The part of the state that the samples come from.
    pub(super) data_key: &'static str,
    /// The name and the text of the table, if there is one.
    pub(super) table: Option<(String, String)>,
}

impl Prepared {
    /// Makes or reads the data, and checks the settings, the limits and the edited parameters.
    pub(super) fn new(state: &State) -> Result<Self, Refusal> {
        let config = state.config()?;
        limits::check_settings(&config)?;

        let (table, one_hot) = (state.table()?, config.data.one_hot.clone());
        let run = match &table {
            None => Run::prepare(config),
            Some(table) => {
                limits::check_table(&table.name, &table.text, &one_hot)?;
                Run::prepare_text(config, table.text.as_bytes())
            }
        };
        let run = run.map_err(|error| Refusal::of(&error, state.data_key()))?;
        limits::check_run(&run)?;

        let fork = state.fork.as_ref().map(|EditedParameters { update, parameters }| {
            let parameters = parameters_of(parameters, &run, "fork")?;
            Ok(Fork { update: *update, parameters })
        });
        let fork = fork.transpose()?;
        Ok(Self {
            run,
            fork,
            overrides: state.overrides()?,
            data_key: state.data_key(),
            table: table.map(|table| (table.name.clone(), table.text.clone())),
        })
    }

    /// What is said about the data and the start of training.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = self.run.start_notes();
        match (&self.run.table, &self.run.underflow) {
            (Some(table), _) => notes.extend(findings(table)),
            (None, underflow) => notes.extend(underflow.iter().map(|finding| finding.sentence.clone())),
        }
        notes
    }
}

/// The network's parameters from a list. `key` is the part of the request that has them.
pub(super) fn parameters_of(list: &[f64], run: &Run, key: &str) -> Result<Parameters, Refusal> {
    let Parameters { features, hidden, activation, .. } = run.initial;
    let (has, needs) = (list.len(), run.initial.count());
    if has != needs {
        return Err(Refusal::state(format!("{key}: has {has} parameters, the network has {needs}"), key));
    }
    Ok(Parameters::from_flattened(features, hidden, activation, list))
}

/// What the doctor says about a table, in lines.
pub(super) fn findings(table: &TableInfo) -> Vec<String> {
    let examination = table.examination.to_string();
    let line = |line: &str| match line.split_once("  ") {
        Some((name, sentence)) => format!("{name}: {}", sentence.trim()),
        None => line.to_owned(),
    };
    examination.lines().map(line).collect()
}
