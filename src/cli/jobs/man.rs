//! `petal man`: writes the manual pages.

use std::fs;
use std::io;
use std::path::PathBuf;

use clap::{Args, Command, ValueHint};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::cli::ExitStatus;
use crate::cli::console::print;
use crate::cli::options::output_path;
use crate::error::{Error, Result};
use crate::files::atomic::write_atomically;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal man > petal.1\n",
    "  petal man man1\n\n",
    "The command man looks for pages in folders such as ~/.local/share/man/man1.\n",
    "Exit codes: 0 done; 2 error.",
);

/// Print petal's manual page, or write the pages of all jobs into a folder
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// The folder for petal.1, petal-train.1 and so on; it is created if it does not exist
    #[arg(value_hint = ValueHint::DirPath, value_parser = output_path())]
    folder: Option<PathBuf>,
}

impl Options {
    /// `petal` is the command line that the pages describe.
    pub fn run(&self, petal: Command) -> Result<ExitStatus> {
        // `petal help` needs no page.
        let mut petal = petal.disable_help_subcommand(true);
        petal.build();

        let Some(folder) = &self.folder else {
            print(page(petal)?.trim_end())?;
            return Ok(ExitStatus::Success);
        };

        fs::create_dir_all(folder).map_err(Error::file("make the folder", folder))?;
        for command in petal.get_subcommands().chain([&petal]) {
            let name = command.get_display_name().unwrap_or("petal").to_owned();
            write_atomically(&folder.join(format!("{name}.1")), page(command.clone())?)?;
        }
        Ok(ExitStatus::Success)
    }
}

/// Makes a page in the format roff.
fn page(command: Command) -> Result<String> {
    let mut roff = Vec::new();
    render(command, &mut roff).map_err(|error| Error::Encoding(format!("cannot make the page: {error}")))?;
    Ok(String::from_utf8_lossy(&roff).into_owned())
}

/// Writes the sections of a page.
fn render(command: Command, out: &mut Vec<u8>) -> io::Result<()> {
    let notes = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let has_jobs = command.has_subcommands();
    let man = Man::new(command.after_help("")).source(concat!("petal ", env!("CARGO_PKG_VERSION")));
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_options_section(out)?;
    if has_jobs {
        man.render_subcommands_section(out)?;
    }

    // The notes contain commands. The requests `nf` and `fi` keep their line breaks, so that users can copy them.
    let mut roff = Roff::new();
    roff.control("SH", ["NOTES"]).control("nf", []);
    for line in notes.lines() {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
    roff.to_writer(out)
}
