//! Writes the manual pages.

use std::fs;
use std::io;
use std::path::PathBuf;

use clap::Command;
use clap::{Args, ValueHint};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::cli::Verdict;
use crate::cli::command::petal_command;
use crate::cli::console::print;
use crate::cli::invocation::Invocation;
use crate::error::{Error, Result};
use crate::files::atomic::replace;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal man > petal.1\n",
    "  petal man man1\n\n",
    "man finds pages in folders such as ~/.local/share/man/man1.\n",
    "Exit codes: 0 done; 2 bad input.",
);

/// Print petal's manual page, or write the pages of all jobs into a folder
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// The folder for petal.1, petal-train.1 and the rest; it is made where it is missing
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
        fs::create_dir_all(folder).map_err(Error::file("make the folder", folder))?;
        for command in petal.get_subcommands().chain([&petal]) {
            let name = command.get_display_name().unwrap_or("petal").to_owned();
            replace(&folder.join(format!("{name}.1")), page(command.clone())?)?;
        }
        Ok(Verdict::Done)
    }
}

/// A page in roff.
fn page(command: Command) -> Result<String> {
    let mut roff = Vec::new();
    let rendered = render(command, &mut roff);
    rendered.map_err(|error| Error::Encoding(format!("cannot make the page: {error}")))?;
    Ok(String::from_utf8_lossy(&roff).into_owned())
}

/// The sections of a page. The examples keep their lines, so that they can be copied.
fn render(mut command: Command, out: &mut Vec<u8>) -> io::Result<()> {
    let notes = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    command = command.after_help("");
    let jobs = command.has_subcommands();
    let man = Man::new(command).source(concat!("petal ", env!("CARGO_PKG_VERSION")));
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_options_section(out)?;
    if jobs {
        man.render_subcommands_section(out)?;
    }

    let mut roff = Roff::new();
    roff.control("SH", ["NOTES"]).control("nf", []);
    notes.lines().for_each(|line| {
        roff.text([roman(line)]);
    });
    roff.control("fi", []);
    roff.to_writer(out)
}
