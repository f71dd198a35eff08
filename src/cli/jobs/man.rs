//! Writes the manual pages.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use clap_mangen::Man;

use crate::cli::Verdict;
use crate::cli::command::petal_command;
use crate::cli::console::print;
use crate::cli::invocation::Invocation;
use crate::error::{Error, Result};
use crate::folder::replace;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal man > petal.1\n",
    "  petal man ~/.local/share/man/man1\n\n",
    "Exit codes: 0 done; 2 bad input.",
);

/// Print petal's manual page, or write the pages of all jobs into a folder
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// The folder for petal.1, petal-train.1 and the rest, which must exist
    #[arg(value_hint = ValueHint::DirPath)]
    folder: Option<PathBuf>,
}

impl Options {
    pub fn run(&self) -> Result<Verdict> {
        // Help has no page of its own.
        let mut petal = petal_command(&Invocation::default()).disable_help_subcommand(true);
        petal.build();
        let Some(folder) = &self.folder else {
            print(page(petal)?.trim_end())?;
            return Ok(Verdict::Done);
        };
        for command in petal.get_subcommands().chain([&petal]) {
            let name = command.get_display_name().unwrap_or("petal").to_owned();
            replace(&folder.join(format!("{name}.1")), page(command.clone())?)?;
        }
        Ok(Verdict::Done)
    }
}

/// A page in roff.
fn page(command: clap::Command) -> Result<String> {
    let mut roff = Vec::new();
    Man::new(command).render(&mut roff).map_err(|error| Error::Settings(format!("cannot make the page: {error}")))?;
    Ok(String::from_utf8_lossy(&roff).into_owned())
}
