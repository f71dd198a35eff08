//! `petal report`: writes the page of a run or a sweep that has none, or of an older version.

use std::path::PathBuf;

use crate::cli::console::print;
use crate::cli::{ExitStatus, report};
use crate::config::Config;
use crate::error::Result;
use crate::files::folder::{CONFIG, REPORT, RunFolder};
use crate::run::{Manifest, Run, Sweep};
use clap::{Args, ValueHint};

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal report runs/default\n\n",
    "The page is report.html in the folder of the run. Where the parameters on the way are not stored, the training is repeated.\n",
    "Exit codes: 0 done; 2 error.",
);

/// Write the page of a run or a sweep, report.html, once more
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// The folder of the run or of the sweep, such as runs/default
    #[arg(value_hint = ValueHint::DirPath)]
    folder: PathBuf,
}

impl Options {
    pub fn run(&self) -> Result<ExitStatus> {
        let mut folder = RunFolder::reopen(&self.folder)?;
        let config = Config::load(&folder.path().join(CONFIG), &[])?;
        let manifest = Manifest::load(folder.path())?;
        let page = if config.sweep.is_some() {
            let sweep = Sweep::prepare(config)?;
            sweep.check_resumable(&folder)?;
            report::sweep_page(&sweep, &sweep.stored(folder.path())?, &folder)?
        } else {
            let run = Run::prepare(config)?;
            run.check_resumable(&folder)?;
            report::page(&run.stored(folder.path(), &manifest)?.evaluate()?, &folder)?
        };
        folder.write(REPORT, page.render())?;
        print(format!("{}", folder.path().join(REPORT).display()))?;
        Ok(ExitStatus::Success)
    }
}
