//! `petal completions`: prints a script with which a shell completes the jobs and options of `petal`.

use clap::{Args, Command};
use clap_complete::{Shell, generate};

use crate::cli::ExitStatus;
use crate::cli::console::print;
use crate::error::Result;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal completions bash > petal.bash\n",
    "  petal completions zsh > _petal\n",
    "  petal completions fish > petal.fish\n",
    "  petal completions powershell > petal.ps1\n\n",
    "Install petal first, then save the script where the shell finds it:\n",
    "  bash        ~/.local/share/bash-completion/completions/petal\n",
    "  zsh         the file _petal in a folder of fpath\n",
    "  fish        ~/.config/fish/completions/petal.fish\n",
    "  PowerShell  any file that your profile runs\n\n",
    "Exit codes: 0 done; 2 error.",
);

/// Print the completion script for a shell
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// The shell that completes the commands
    shell: Shell,
}

impl Options {
    /// `petal` is the command line for which the script is made.
    pub fn run(&self, mut petal: Command) -> Result<ExitStatus> {
        let mut script = Vec::new();
        generate(self.shell, &mut petal, "petal", &mut script);
        print(String::from_utf8_lossy(&script).trim_end())?;
        Ok(ExitStatus::Success)
    }
}
