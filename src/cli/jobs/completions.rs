//! Writes what makes a shell complete `petal`'s jobs and options.

use clap::Args;
use clap_complete::{Shell, generate};

use crate::cli::Verdict;
use crate::cli::command::petal_command;
use crate::cli::console::print;
use crate::cli::invocation::Invocation;
use crate::error::Result;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal completions bash > petal.bash\n",
    "  petal completions zsh > _petal\n",
    "  petal completions fish > petal.fish\n",
    "  petal completions powershell > petal.ps1\n\n",
    "They complete petal once it is installed. bash reads ~/.local/share/bash-completion/completions/petal, zsh _petal in a\n",
    "folder of its fpath, fish ~/.config/fish/completions/petal.fish, and PowerShell what your profile calls.\n",
    "Exit codes: 0 done; 2 bad input.",
);

/// Print the completions for a shell
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// The shell
    shell: Shell,
}

impl Options {
    pub fn run(&self) -> Result<Verdict> {
        let mut script = Vec::new();
        generate(self.shell, &mut petal_command(&Invocation::default()), "petal", &mut script);
        print(String::from_utf8_lossy(&script).trim_end())?;
        Ok(Verdict::Done)
    }
}
