//! A lesson that was read and checked: its question and its text, and the states that its runs are trained from.

use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value};
use toml::Table;

use super::keys::{LessonKeys, Parts, VariationKeys, Weights, is_lesson};
use crate::config::{Config, TomlText, read_text};
use crate::data::checked_numbers::Count;
use crate::data::text::grouped;
use crate::error::{Error, Result};
use crate::page::{LessonText, Paragraphs};
use crate::play::prepared::Prepared;
use crate::play::read::read_table;
use crate::play::refusal::Refusal;
use crate::play::settings::{SETTINGS, is_setting};
use crate::play::state::{EditedParameters, State, TableText};
use crate::run::Run;

/// The settings of a table, which a page does not have. A lesson's program reads the table for it.
const TABLE_SETTINGS: [&str; 3] = ["data.path", "data.label", "data.positive"];
/// Settings that belong to the value of another one. A variation that changes that one does not keep them.
const DEPENDENT: [(&str, &[&str]); 3] = [
    ("data.kind", &["data.noise", "data.factor", "data.centers"]),
    ("model.init", &["model.init_scale"]),
    ("train.schedule", &["train.final_learning_rate"]),
];
/// What the lesson's own run is called, if the lesson does not say it.
const OWN_RUN: &str = "as asked";

/// A lesson.
#[derive(Clone, Debug, Serialize)]
pub struct Lesson {
    /// What it asks and says.
    #[serde(flatten)]
    pub text: LessonText,
    /// Its own run, and those to compare with it.
    pub runs: Vec<LessonRun>,
}

/// A run of a lesson.
#[derive(Clone, Debug, Serialize)]
pub struct LessonRun {
    /// Its name.
    pub name: String,
    /// The state of the page that trains it.
    pub state: State,
}

/// What the runs of a lesson are made from.
struct Source<'a> {
    toml: TomlText<'a>,
    points: Option<&'a Vec<Vec<f64>>>,
    /// Where tables are. Built-in lessons have none.
    folder: Option<&'a Path>,
}

impl Lesson {
    /// Reads the file of a lesson and trains nothing. A table is read from the same folder.
    ///
    /// # Errors
    /// When the file is no lesson: the line, the key, its value, and what is accepted.
    pub fn load(path: &Path) -> Result<Self> {
        let text = read_text(path, "a lesson", "a Markdown or TOML file")?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, path, Some(folder))
    }

    /// Reads a lesson. The path says what messages call it, what its id is, and whether it is Markdown or TOML.
    ///
    /// # Errors
    /// Those of [`Lesson::load`].
    pub fn parse(text: &str, path: &Path, folder: Option<&Path>) -> Result<Self> {
        let name = path.display().to_string();
        let is_toml = path.extension().is_some_and(|extension| extension == "toml");
        let parts = match is_toml {
            true => Parts { toml: text.into(), body: None },
            false => Parts::of_markdown(text, &name)?,
        };
        let toml = TomlText { text: &parts.toml, name: &name };
        let table = toml.parse::<LessonKeys>()?;
        if is_toml && !is_lesson(&table) {
            let message = "is no lesson, which has title, ask, answers and say".into();
            return Err(Error::Config { place: name, message });
        }
        let keys: LessonKeys = toml.read("", &table)?;

        let source = Source { toml, points: keys.points.as_ref(), folder };
        let text = source.text(&keys, parts.body, id_of(path)?)?;
        let runs = source.runs(&keys)?;
        source.check_place(&keys, &runs[0].state)?;
        Ok(Self { text, runs })
    }

    /// Whether a file is a lesson: Markdown, or TOML with the keys of a lesson in place of those of a configuration.
    pub fn is_lesson(path: &Path) -> bool {
        let has_keys = |text: &str| {
            let toml = TomlText { text, name: "" };
            toml.parse::<LessonKeys>().is_ok_and(|table| is_lesson(&table))
        };
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("md") => true,
            Some("toml") => read_text(path, "a lesson", "a TOML file").is_ok_and(|text| has_keys(&text)),
            _ => false,
        }
    }
}

/// The name of the file without its extension, which stands in addresses and file names.
fn id_of(path: &Path) -> Result<String> {
    let id = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let is_plain = id.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) && !id.is_empty();
    if !is_plain || id == "index" {
        let message = "the name of the file is the lesson's address: it must have only the letters a to z, digits, - and _, and not \
                       be index"
            .into();
        return Err(Error::Config { place: path.display().to_string(), message });
    }
    Ok(id.into())
}

impl Source<'_> {
    fn refuse<T>(&self, key: &str, message: impl std::fmt::Display) -> Result<T> {
        Err(Error::Config { place: self.toml.location_of(key), message: message.to_string() })
    }

    /// A text that is there and not empty.
    fn needed(&self, text: Option<&String>, path: &str, what: &str) -> Result<String> {
        let name = path.rsplit('.').next().unwrap_or(path);
        match text.map(|text| text.trim()) {
            None => {
                // The place is that of the table that lacks the key.
                let table = path.strip_suffix(name).unwrap_or_default().trim_end_matches('.');
                let table = table.split('[').next().unwrap_or_default();
                self.refuse(table, format!("{name}: is missing; {what}"))
            }
            Some("") => self.refuse(path, format!("{name} = \"\": must not be empty; {what}")),
            Some(text) => Ok(text.into()),
        }
    }

    fn text(&self, keys: &LessonKeys, body: Option<String>, id: String) -> Result<LessonText> {
        let title = self.needed(keys.title.as_ref(), "title", "it stands above the lesson")?;
        let ask = self.needed(keys.ask.as_ref(), "ask", "it is the question of the lesson")?;
        let answers = keys.answers.clone().unwrap_or_default();
        let shown = self.toml.value_of("answers");
        if answers.len() < 2 || answers.iter().any(|answer| answer.trim().is_empty()) {
            let given = if keys.answers.is_some() {
                format!("answers = {shown}")
            } else {
                "answers".into()
            };
            return self.refuse("answers", format!("{given}: must be a list of at least two texts to choose from"));
        }
        if let Some(twice) = answers.iter().enumerate().find(|(i, answer)| answers[..*i].contains(answer)) {
            return self.refuse("answers", format!("answers = {shown}: has {:?} twice", twice.1));
        }
        let right = match &keys.right {
            None => None,
            Some(right) => match answers.iter().position(|answer| answer == right) {
                Some(index) => Some(index),
                None => return self.refuse("right", format!("right = {right:?}: must be one of the answers: {shown}")),
            },
        };
        let say = match (body, &keys.say) {
            (Some(body), None) => body,
            (Some(_), Some(_)) => {
                return self.refuse("say", "say: the text of a Markdown file stands below the second +++");
            }
            (None, say) => self.needed(say.as_ref(), "say", "it is the text that follows a guess")?,
        };
        let say = Paragraphs::parse(&say);
        if say.0.is_empty() {
            let message = "has no text below the second +++, which follows a guess".into();
            return Err(Error::Config { place: self.toml.name.into(), message });
        }
        let (update, unit) = (keys.update.map(Count::get), keys.unit.map(Count::get));
        Ok(LessonText { id, title, ask, answers, right, say, update, unit })
    }

    /// The lesson's own run and its variations.
    fn runs(&self, keys: &LessonKeys) -> Result<Vec<LessonRun>> {
        let settings = self.settings("config", &keys.config)?;
        let name = keys
            .run
            .as_ref()
            .map(|name| self.needed(Some(name), "run", "it names the lesson's own run"));
        let own = LessonRun {
            name: name.transpose()?.unwrap_or_else(|| OWN_RUN.into()),
            state: self.state("", &settings, keys.weights.as_ref())?,
        };

        let mut runs = vec![own];
        for (index, table) in keys.variation.iter().enumerate() {
            let path = format!("variation[{index}]");
            let keys_of_it: VariationKeys = self.toml.read(&path, table)?;
            let name = self.needed(
                keys_of_it.name.as_ref(),
                &format!("{path}.name"),
                "it is the text of the variation's button",
            )?;
            if runs.iter().any(|run| run.name == name) {
                return self.refuse(&format!("{path}.name"), format!("name = {name:?}: another run has this name"));
            }
            let changes = self.settings(&format!("{path}.config"), &keys_of_it.config)?;
            let weights = keys_of_it.weights.as_ref().or(keys.weights.as_ref());
            let state = self.state(&format!("{path}."), &with_changes(&settings, changes), weights)?;
            runs.push(LessonRun { name, state });
        }
        Ok(runs)
    }

    /// The settings of a table as in a configuration, by their dotted keys. `path` is the key of the table.
    fn settings(&self, path: &str, table: &Table) -> Result<Map<String, Value>> {
        self.toml.read::<Config>(path, table)?;
        let mut settings = Map::new();
        for (section, value) in table {
            let entries: Vec<(String, &toml::Value)> = match value {
                toml::Value::Table(inner) => {
                    inner.iter().map(|(key, value)| (format!("{section}.{key}"), value)).collect()
                }
                value => vec![(section.clone(), value)],
            };
            for (key, value) in entries {
                if !is_setting(&key) && !TABLE_SETTINGS.contains(&&key[..]) {
                    let message = format!("{key}: is no setting of the playground; accepted: {}", SETTINGS.join(", "));
                    return self.refuse(&format!("{path}.{key}"), message);
                }
                settings.insert(key, serde_json::to_value(value).unwrap_or_default());
            }
        }
        Ok(settings)
    }

    /// The whole state of a run. `path` is the key of a variation with a dot, or nothing.
    fn state(&self, path: &str, settings: &Map<String, Value>, weights: Option<&Weights>) -> Result<State> {
        let mut config = settings.clone();
        let engine = config.entry("train.engine").or_insert("fused".into()).clone();
        let table = self.table(path, &mut config)?;
        let mut given = State { config, points: self.points()?, table, fork: None };
        let run = self.prepared(path, &given)?;

        let text = given.table.as_ref().map(|table| table.text.clone());
        // Points have the settings of a table, without the keys of generated data.
        let settings_text = text.or_else(|| given.points.as_ref().map(|_| String::new()));
        let complete = State::of(&run, settings_text);
        given.config = complete.config;
        given.config.insert("train.engine".into(), engine);
        if let Some(weights) = weights.filter(|weights| **weights != Weights::Usual) {
            given.fork = Some(EditedParameters { update: 0, parameters: self.parameters(path, weights, &run)? });
            self.prepared(path, &given)?;
        }
        Ok(given)
    }

    /// Checks a state as a page's, and makes its data.
    fn prepared(&self, path: &str, state: &State) -> Result<Run> {
        let refused = |Refusal { message, key, .. }: Refusal| {
            let key = match key.as_deref() {
                Some("table") => "data.path".to_owned(),
                key => key.unwrap_or_default().to_owned(),
            };
            let of_variation = format!("{path}config.{key}");
            let of_lesson = format!("config.{key}");
            let places = [&of_variation[..], &of_lesson, &key, path.trim_end_matches('.'), "config"];
            Error::Config { place: self.toml.location_of_any(&places), message }
        };
        Ok(Prepared::new(state).map_err(refused)?.run)
    }

    /// The points of the lesson. A message names the first one that is none.
    fn points(&self) -> Result<Option<Vec<[f64; 3]>>> {
        let Some(points) = self.points else { return Ok(None) };
        let is_finite = |point: &[f64; 3]| point.iter().all(|number| number.is_finite());
        let checked = points.iter().enumerate().map(|(index, numbers)| match <[f64; 3]>::try_from(&numbers[..]) {
            Ok(point) if is_finite(&point) && (point[2] == 0.0 || point[2] == 1.0) => Ok(point),
            _ => self.refuse(
                "points",
                format!("points[{index}] = {numbers:?}: must be [x1, x2, class] with finite numbers and the class 0 or 1"),
            ),
        });
        checked.collect::<Result<_>>().map(Some)
    }

    /// Takes the settings of the table out, and reads the table.
    fn table(&self, path: &str, config: &mut Map<String, Value>) -> Result<Option<TableText>> {
        let [file, label, class_one] = TABLE_SETTINGS.map(|key| config.remove(key).map(|value| text_of(&value)));
        let place = |key: &str| {
            let keys = [format!("{path}config.{key}"), format!("config.{key}")];
            self.toml.location_of_any(&[&keys[0], &keys[1]])
        };
        let refuse = |key: &str, message: String| Err(Error::Config { place: place(key), message });
        let is_csv = config.get("data.kind").is_some_and(|kind| kind == "csv");
        let Some(name) = file else {
            return match (is_csv, label.or(class_one)) {
                (false, None) => Ok(None),
                _ => refuse("data.kind", "data.path: is missing; a table is a file beside the lesson".into()),
            };
        };
        if self.points.is_some() {
            return refuse("data.path", format!("data.path = {name:?}: a lesson has points or a table, not both"));
        }
        if !is_csv {
            return refuse("data.path", format!("data.path = {name:?}: needs data.kind = \"csv\""));
        }
        let folder = self.folder.filter(|_| !name.contains(['/', '\\']) && !name.is_empty());
        let Some(folder) = folder else {
            return refuse("data.path", format!("data.path = {name:?}: must be the name of a file beside the lesson"));
        };
        config.remove("data.kind");
        let text = read_table(&folder.join(&name))?;
        Ok(Some(TableText { name, text, label, class_one }))
    }

    /// The parameters at update 0.
    fn parameters(&self, path: &str, weights: &Weights, run: &Run) -> Result<Vec<f64>> {
        let (features, hidden) = (run.initial.features, run.initial.hidden);
        let initial = run.initial.flattened();
        match weights {
            Weights::Usual => Ok(initial),
            Weights::Zero => Ok(vec![0.0; initial.len()]),
            // The last parameter is b2; before it, the unit changes fastest.
            Weights::Equal => Ok((0..initial.len())
                .map(|p| if p < (features + 2) * hidden { initial[p - p % hidden] } else { initial[p] })
                .collect()),
            Weights::List(numbers) if numbers.len() == initial.len() => Ok(numbers.clone()),
            Weights::List(numbers) => {
                let message = format!(
                    "weights: has {} numbers; this network has {}: w1 [{features}, {hidden}] row by row, b1 [{hidden}], w2 \
                     [{hidden}], b2",
                    grouped(numbers.len()),
                    grouped(initial.len())
                );
                let place = self.toml.location_of_any(&[&format!("{path}weights"), "weights"]);
                Err(Error::Config { place, message })
            }
        }
    }

    /// Checks the place to look at.
    fn check_place(&self, keys: &LessonKeys, own: &State) -> Result<()> {
        let number = |key: &str| own.config.get(key).and_then(Value::as_u64).unwrap_or_default();
        let (updates, hidden) = (number("train.updates"), number("model.hidden"));
        if let Some(update) = keys.update.filter(|update| update.get() as u64 > updates) {
            return self.refuse("update", format!("update = {update}: must be at most train.updates = {updates}"));
        }
        if let Some(unit) = keys.unit.filter(|unit| unit.get() as u64 >= hidden) {
            return self
                .refuse("unit", format!("unit = {unit}: must be below model.hidden = {hidden}; units count from 0"));
        }
        Ok(())
    }
}

/// The settings of a variation.
fn with_changes(settings: &Map<String, Value>, changes: Map<String, Value>) -> Map<String, Value> {
    let mut all = settings.clone();
    for (key, dependent) in DEPENDENT {
        if changes.get(key).is_some_and(|value| settings.get(key) != Some(value)) {
            all.retain(|key, _| !dependent.contains(&&key[..]));
        }
    }
    all.extend(changes);
    all
}

/// A text, or what else the settings of a table accept in its place.
fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
