//! How the program was started. Messages and help show commands in the same form, so that users can copy them.
//!
//! | program started as | command for a job | command for training |
//! | --- | --- | --- |
//! | `petal JOB` | `petal JOB` | `petal train` |
//! | `target/debug/train` | `target/debug/petal JOB` | `target/debug/train` |
//! | `cargo run -- JOB` | `cargo run -- JOB` | `cargo run -- train` |
//! | `cargo run --bin train --` | `cargo run -- JOB` | `cargo run --bin train --` |
//!
//! The library and the files of a run write commands as `` `petal JOB ...` ``. [`Invocation::rewrite_commands`] replaces
//! them with the form of this process.

use std::env;
use std::env::consts::EXE_SUFFIX;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::data::text::shell_quote_path;
use crate::device::Backend;

/// The two programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// `petal`, with all jobs.
    Petal,
    /// `train`, with the job `train` only.
    Train,
}

/// The words with which a user starts each program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    petal: String,
    train: String,
    /// The prefix of a configuration's file name: the folder `configs/` if there is one, else nothing.
    configs: String,
}

impl Default for Invocation {
    /// The form that the library and the files of a run use.
    fn default() -> Self {
        Self::by_hand(Program::Petal, Path::new("petal"))
    }
}

impl Invocation {
    /// The form in which this process was started.
    pub fn of_this_process(program: Program) -> Self {
        let here = env::current_dir().unwrap_or_default();
        let configs = if here.join("configs/default.toml").exists() {
            "configs/".to_owned()
        } else {
            String::new()
        };

        let Some(folder) = cargo_package() else {
            let path = env::args_os().next().map(PathBuf::from).filter(|path| is_command(path));
            let by_hand = Self::by_hand(program, &path.unwrap_or_else(|| "petal".into()));
            return Self { configs, ..by_hand };
        };

        // Cargo runs the package with the nearest manifest. Another package needs `--manifest-path`.
        let nearest = here.ancestors().find(|folder| folder.join("Cargo.toml").exists());
        let manifest = (nearest != Some(folder.as_path())).then(|| folder.join("Cargo.toml"));
        let by_cargo = Self::by_cargo(program, &profile(), &features(), manifest.as_deref());
        let configs_of_package = format!("{}/", folder.join("configs").display());
        Self { configs: if configs.is_empty() { configs_of_package } else { configs }, ..by_cargo }
    }

    /// The form of a program that was started by its name or path.
    fn by_hand(program: Program, path: &Path) -> Self {
        let (petal, train) = match program {
            Program::Petal => (shell_quote_path(path), format!("{} train", shell_quote_path(path))),
            Program::Train => {
                let neighbour = path.with_file_name(format!("petal{EXE_SUFFIX}"));
                let petal = if neighbour.exists() {
                    shell_quote_path(&path.with_file_name("petal"))
                } else {
                    "petal".into()
                };
                (petal, shell_quote_path(path))
            }
        };
        Self { petal, train, configs: String::new() }
    }

    /// The form of a program that was started by `cargo run`. It repeats the options with which the program was built;
    /// without them, Cargo would build and run another program.
    fn by_cargo(program: Program, profile: &str, features: &[&str], manifest: Option<&Path>) -> Self {
        let mut cargo = "cargo run".to_owned();
        match profile {
            "debug" => {}
            "release" => cargo += " --release",
            other => cargo += &format!(" --profile {other}"),
        }
        if !features.is_empty() {
            cargo += &format!(" --features {}", features.join(","));
        }
        if let Some(manifest) = manifest {
            cargo += &format!(" --manifest-path {}", shell_quote_path(manifest));
        }
        let petal = format!("{cargo} --");
        let train = match program {
            Program::Petal => format!("{petal} train"),
            Program::Train => format!("{cargo} --bin train --"),
        };
        Self { petal, train, configs: "configs/".into() }
    }

    /// The command that runs a job with its arguments, such as `train default.toml`.
    pub fn command(&self, job: &str) -> String {
        match job.strip_prefix("train") {
            Some(arguments) if arguments.is_empty() || arguments.starts_with(' ') => {
                format!("{}{arguments}", self.train)
            }
            _ => format!("{} {job}", self.petal),
        }
    }

    /// The words before the arguments of a program.
    pub fn bin_name(&self, program: Program) -> &str {
        match program {
            Program::Petal => &self.petal,
            Program::Train => &self.train,
        }
    }

    /// Rewrites the commands in the backquotes of a message to the form of this process.
    pub fn rewrite_commands(&self, message: &str) -> String {
        self.rewrite_after(&["`"], message)
    }

    /// Rewrites the commands and the configuration paths of a help text to the form of this process. Commands are in
    /// backquotes, at the start of an indented line, or after a pipe.
    pub fn rewrite_help(&self, help: &str) -> String {
        self.rewrite_after(&["`", "  ", "| "], help).replace("configs/", &self.configs)
    }

    /// Rewrites each `petal` that follows one of the given prefixes.
    fn rewrite_after(&self, prefixes: &[&str], text: &str) -> String {
        prefixes.iter().fold(text.to_owned(), |text, prefix| {
            let text = text.replace(&format!("{prefix}petal train"), &format!("{prefix}{}", self.train));
            text.replace(&format!("{prefix}petal "), &format!("{prefix}{} ", self.petal))
        })
    }
}

/// The folder of this package if Cargo runs this program, else `None`.
///
/// The environment variables of Cargo alone do not prove that: a program that Cargo runs may start an installed `petal`,
/// which inherits them. So the program must also be in a build folder of Cargo.
fn cargo_package() -> Option<PathBuf> {
    env::var_os("CARGO_PKG_NAME").filter(|name| name == env!("CARGO_PKG_NAME"))?;
    let in_build_folder = env::current_exe().ok()?.with_file_name(".fingerprint").exists();
    env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .filter(|folder| in_build_folder && folder.is_absolute())
}

/// Whether the first argument of the process can be a command in a shell. A login shell starts it with `-`, and another
/// program may leave it empty.
fn is_command(path: &Path) -> bool {
    !path.as_os_str().is_empty() && !path.as_os_str().as_encoded_bytes().starts_with(b"-")
}

/// The name of the folder of this program, which is the name of Cargo's profile.
fn profile() -> String {
    let program = env::current_exe().unwrap_or_default();
    let folder = program.parent().and_then(Path::file_name).and_then(OsStr::to_str);
    folder.unwrap_or("debug").to_owned()
}

/// The Cargo features of this build beyond the default features.
fn features() -> Vec<&'static str> {
    let always_compiled = [Backend::Flex, Backend::NdArray];
    let added_backends = Backend::ALL
        .into_iter()
        .filter(|backend| backend.is_compiled() && !always_compiled.contains(backend));
    added_backends
        .map(Backend::name)
        .chain(cfg!(feature = "parquet").then_some("parquet"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_have_the_form_in_which_the_program_was_started() {
        let by_hand = |program, path: &str| Invocation::by_hand(program, Path::new(path));
        let by_cargo = |program| Invocation::by_cargo(program, "debug", &[], None);
        let cases = [
            (by_hand(Program::Petal, "petal"), "petal verify runs/a", "petal train a.toml"),
            (by_hand(Program::Petal, "a b/petal"), "'a b/petal' verify runs/a", "'a b/petal' train a.toml"),
            // There is no `petal` in the folder of this `train`.
            (by_hand(Program::Train, "no/such/train"), "petal verify runs/a", "no/such/train a.toml"),
            (by_hand(Program::Train, "train"), "petal verify runs/a", "train a.toml"),
            (by_cargo(Program::Petal), "cargo run -- verify runs/a", "cargo run -- train a.toml"),
            (by_cargo(Program::Train), "cargo run -- verify runs/a", "cargo run --bin train -- a.toml"),
        ];
        for (invocation, verify, train) in cases {
            assert_eq!(invocation.command("verify runs/a"), verify);
            assert_eq!(invocation.command("train a.toml"), train);
            assert_eq!(invocation.command("trainer"), format!("{} trainer", invocation.bin_name(Program::Petal)));
            let text =
                invocation.rewrite_commands("`petal verify runs/a`, then `petal train a.toml`; petal is a flower");
            assert_eq!(text, format!("`{verify}`, then `{train}`; petal is a flower"));
            // A quoted header of a table is not a command.
            let quoted = "the header has \"sepal width | petal length  petal width\"";
            assert_eq!(invocation.rewrite_commands(quoted), quoted);
        }
    }

    #[test]
    fn train_names_the_petal_in_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(format!("petal{EXE_SUFFIX}")), "").unwrap();
        let invocation = Invocation::by_hand(Program::Train, &folder.path().join("train"));
        assert_eq!(
            invocation.command("devices"),
            format!("{} devices", shell_quote_path(&folder.path().join("petal")))
        );
    }

    #[test]
    fn commands_for_cargo_repeat_the_build_options() {
        let manifest = Path::new("/a b/Cargo.toml");
        let invocation = Invocation::by_cargo(Program::Train, "release", &["wgpu", "parquet"], Some(manifest));
        let cargo = "cargo run --release --features wgpu,parquet --manifest-path '/a b/Cargo.toml'";
        assert_eq!(invocation.command("devices"), format!("{cargo} -- devices"));
        let help = invocation
            .rewrite_help("Examples:\n  petal train configs/moons.toml\n  cat new.csv | petal predict model -");
        let expected = format!(
            "Examples:\n  {cargo} --bin train -- configs/moons.toml\n  cat new.csv | {cargo} -- predict model -"
        );
        assert_eq!(help, expected);
        assert_eq!(Invocation::default().rewrite_help("  petal train configs/moons.toml"), "  petal train moons.toml");
        let other = Invocation::by_cargo(Program::Petal, "fast", &[], None);
        assert_eq!(other.command("devices"), "cargo run --profile fast -- devices");
    }
}
