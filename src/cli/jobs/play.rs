//! `petal play`: the playground, a page on this machine that trains at every change of a setting.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::NamedTempFile;

use crate::cli::console::{print, remark};
use crate::cli::ctrl_c::CtrlC;
use crate::cli::invocation::{Invocation, Program};
use crate::cli::{ExitStatus, report};
use crate::config::{Config, Override};
use crate::data::Source;
use crate::data::table::survey;
use crate::device::{Backend, DeviceChoice};
use crate::error::{Error, Result};
use crate::files::folder::CONFIG;
use crate::play::{Commands, Lesson, Link, Server, Start, State, left_out, read_table};
use crate::run::Run;
use clap::{Args, ValueHint};

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal play\n",
    "  petal play configs/moons.toml\n",
    "  petal play data/breast_cancer.csv --label diagnosis\n",
    "  petal play runs/default\n",
    "  petal play '#lesson=symmetry'\n\n",
    "The page trains with the fused engine, until another one is chosen there. Only this machine can reach it, and only with the\n",
    "address that is printed. Nothing is written to disk. Ctrl-C ends it.\n",
    "Exit codes: 0 ended by Ctrl-C or SIGTERM; 2 error.",
);

/// Open the playground: a page that trains a whole network at every change of a setting
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// A configuration, a table, the folder of a run, a lesson, or a link ('#lesson=ID', '#s=...' or a whole address) to begin
    /// with; the default is the flower
    #[arg(value_hint = ValueHint::AnyPath)]
    source: Option<PathBuf>,

    /// For a table: the column to predict; the default is one that looks like a label
    #[arg(long, value_name = "COLUMN")]
    label: Option<String>,

    /// The port on this machine; the default is one that the system chooses
    #[arg(long)]
    port: Option<u16>,

    /// Open no browser
    #[arg(long)]
    no_open: bool,
}

impl Options {
    pub fn run(&self, invocation: &Invocation) -> Result<ExitStatus> {
        let start = self.start()?;
        let server = Server::listen(self.port)?;
        let address = server.address();
        let ctrl_c = CtrlC::handle()?;

        print(format!("The playground is at\n  {address}\nCtrl-C ends it."))?;
        // The file must exist until the browser has read it.
        let _redirect = if self.no_open { None } else { open_browser(&address) };
        let commands = Commands {
            train: invocation.bin_name(Program::Train).into(),
            default_config: invocation.rewrite_help("configs/default.toml"),
        };
        server.serve(&start, commands, report::page_without_folder, || ctrl_c.is_pressed())?;
        Ok(ExitStatus::Success)
    }

    /// What a new page begins with.
    fn start(&self) -> Result<Start> {
        let flower = || Run::prepare(Config::default()).map(|run| State::of(&run, None));
        if let Some(fragment) = self.source.as_deref().and_then(Path::to_str).and_then(Link::fragment_of) {
            self.refuse_label("the link has its label")?;
            let link = Link::parse(fragment).map_err(|message| Error::Argument(format!("#...: {message}")))?;
            let state = link.state.clone().map_or_else(flower, Ok)?;
            return Start::new(state)?.at(&link);
        }
        match &self.source {
            Some(source) if Lesson::is_lesson(source) => {
                self.refuse_label("a lesson has its own label")?;
                Ok(Start::new(flower()?)?.with_lesson(Lesson::load(source)?))
            }
            Some(source) => {
                let (state, note) = self.state(source)?;
                Ok(Start::new(state)?.with_note(note))
            }
            None => {
                self.refuse_label("is for a table")?;
                Start::new(flower()?)
            }
        }
    }

    /// The state of a new page, and a note about what it leaves out.
    fn state(&self, source: &Path) -> Result<(State, Option<String>)> {
        if source.is_dir() {
            self.refuse_label("the run has its label")?;
            return configured(&source.join(CONFIG));
        }
        if source.extension().is_some_and(|extension| extension == "toml") {
            self.refuse_label("the configuration has its label")?;
            return configured(source);
        }
        Ok((self.tabular(source)?, None))
    }

    fn refuse_label(&self, reason: &str) -> Result<()> {
        match &self.label {
            Some(label) => Err(Error::Argument(format!("--label {label}: {reason}"))),
            None => Ok(()),
        }
    }

    /// The state with a table.
    fn tabular(&self, path: &Path) -> Result<State> {
        let text = read_table(path)?;
        let name = path.display().to_string();
        let surveyed = survey(text.as_bytes(), &name)?;
        let label = match &self.label {
            Some(label) => label.clone(),
            None => {
                let likely = surveyed.likely_label().ok_or_else(|| {
                    Error::Argument(format!("{name}: no column has two values; --label names the column to predict"))
                })?;
                remark(format!("{likely} is the label, until another column is chosen; --label names it"));
                likely.to_owned()
            }
        };
        let overrides = [
            Override::option("the table", "data.kind", "csv"),
            Override::option("the table", "data.path", &name),
            Override::option("--label", "data.label", &label),
        ];
        let config = Config::from_toml("", "the options", &overrides)?;
        match Run::prepare_text(config, text.as_bytes()) {
            Ok(run) => Ok(State::of(&run, Some(text))),
            // Another label or another setting may be all that it needs, and the page has both.
            Err(error) if surveyed.columns.iter().any(|column| column.name == label) => {
                remark(format!("{error}; the table is open on the page, where its settings can be changed"));
                Ok(State::of_table(path, text, label))
            }
            Err(error) => Err(error),
        }
    }
}

/// The state of a configuration, and a note about the settings that it leaves out.
fn configured(path: &Path) -> Result<(State, Option<String>)> {
    let mut config = Config::load(path, &[])?;
    let note = left_out(&config);
    if config.sweep.is_some() {
        let message = format!("{}: is of a sweep; the playground trains one network", path.display());
        return Err(Error::Argument(message));
    }
    // The fused engine computes on the CPU.
    config.device = DeviceChoice::Named(vec![Backend::Flex.into()]);
    let table = match config.data.source() {
        Ok(Source::Table(settings)) => Some(read_table(&settings.path)?),
        _ => None,
    };
    let run = match &table {
        Some(text) => Run::prepare_text(config, text.as_bytes())?,
        None => Run::prepare(config)?,
    };
    Ok((State::of(&run, table), note))
}

/// Opens the page in a browser, if there is one. Other users of the machine see the arguments of all programs, so the browser gets
/// a file that only this user can read, and not the address with the token.
fn open_browser(address: &str) -> Option<NamedTempFile> {
    let (program, arguments): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("cmd", &["/c", "start", ""])
    } else {
        // Without a screen, the program would ask for a browser in this terminal.
        ["DISPLAY", "WAYLAND_DISPLAY"].into_iter().find_map(env::var_os)?;
        ("xdg-open", &[])
    };
    let file = tempfile::Builder::new().prefix("petal-play-").suffix(".html").tempfile().ok()?;
    let html =
        format!("<!doctype html><meta http-equiv=\"refresh\" content=\"0; url={address}\"><title>Petal</title>\n");
    fs::write(file.path(), html).ok()?;
    let mut command = Command::new(program);
    command.args(arguments).arg(file.path());
    let opened = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    opened.ok().map(|_| file)
}
