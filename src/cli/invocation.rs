//! How the program was started, so that every command it names is one that can be typed as it stands. The two programs
//! are taken to lie side by side.
//!
//! | started as | a job is | training is |
//! | --- | --- | --- |
//! | `petal JOB` | `petal JOB` | `petal train` |
//! | `target/debug/train` | `target/debug/petal JOB` | `target/debug/train` |
//! | `cargo run -- JOB` | `cargo run -- JOB` | `cargo run -- train` |
//! | `cargo run --bin train --` | `cargo run -- JOB` | `cargo run --bin train --` |
//!
//! Messages of the library write commands as `` `petal JOB ...` ``, which is also what files hold;
//! [`Invocation::adapt`] puts the present form in their place.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::device::Backend;
use crate::text::path_word;

/// The two programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// All jobs.
    Petal,
    /// The job `train` alone.
    Train,
}

/// The words that start each program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    petal: String,
    train: String,
    /// Whether the folder `configs` is there, as it is in the source code.
    has_configs: bool,
}

impl Default for Invocation {
    /// The form that files use.
    fn default() -> Self {
        Self::by_hand(Program::Petal, Path::new("petal"))
    }
}

impl Invocation {
    /// The form in which this process was started.
    pub fn of_this_process(program: Program) -> Self {
        // Cargo tells a program that it runs which package it belongs to.
        let package = env::var_os("CARGO_PKG_NAME").filter(|name| name == env!("CARGO_PKG_NAME"));
        match (package, env::var_os("CARGO_MANIFEST_DIR")) {
            (Some(_), Some(folder)) => {
                let outside = env::current_dir().is_ok_and(|here| !here.starts_with(&folder));
                let manifest = outside.then(|| Path::new(&folder).join("Cargo.toml"));
                Self::by_cargo(program, &profile(), &features(), manifest.as_deref())
            }
            _ => {
                let path = env::args_os().next().map_or_else(|| "petal".into(), PathBuf::from);
                Self { has_configs: Path::new("configs/default.toml").exists(), ..Self::by_hand(program, &path) }
            }
        }
    }

    /// Started by its own name or path.
    fn by_hand(program: Program, path: &Path) -> Self {
        let (petal, train) = match program {
            Program::Petal => (path_word(path), format!("{} train", path_word(path))),
            Program::Train => (path_word(&path.with_file_name("petal")), path_word(path)),
        };
        Self { petal, train, has_configs: false }
    }

    /// Started by `cargo run`. The command must repeat the options that this program was built with.
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
            cargo += &format!(" --manifest-path {}", path_word(manifest));
        }
        let petal = format!("{cargo} --");
        let train = match program {
            Program::Petal => format!("{petal} train"),
            Program::Train => format!("{cargo} --bin train --"),
        };
        Self { petal, train, has_configs: true }
    }

    /// The command for a job and its arguments, such as `train default.toml`.
    pub fn command(&self, job: &str) -> String {
        match job.strip_prefix("train") {
            Some(arguments) if arguments.is_empty() || arguments.starts_with(' ') => {
                format!("{}{arguments}", self.train)
            }
            _ => format!("{} {job}", self.petal),
        }
    }

    /// The words that stand before the arguments of a program.
    pub fn bin_name(&self, program: Program) -> &str {
        match program {
            Program::Petal => &self.petal,
            Program::Train => &self.train,
        }
    }

    /// A message with the commands in its backquotes in the form of this process.
    pub fn adapt(&self, text: &str) -> String {
        self.adapt_after(&["`"], text)
    }

    /// A text from the help in the form of this process: commands in backquotes, in lines of their own, and in pipes.
    pub fn adapt_help(&self, text: &str) -> String {
        let text = self.adapt_after(&["`", "  ", "| "], text);
        if self.has_configs { text } else { text.replace("configs/", "") }
    }

    fn adapt_after(&self, before: &[&str], text: &str) -> String {
        before.iter().fold(text.to_owned(), |text, before| {
            let text = text.replace(&format!("{before}petal train"), &format!("{before}{}", self.train));
            text.replace(&format!("{before}petal "), &format!("{before}{} ", self.petal))
        })
    }
}

/// The folder that the program lies in, which has the name of Cargo's profile.
fn profile() -> String {
    let program = env::current_exe().unwrap_or_default();
    let folder = program.parent().and_then(Path::file_name).and_then(OsStr::to_str);
    folder.unwrap_or("debug").to_owned()
}

/// The Cargo features of this build that the plain build is without.
fn features() -> Vec<&'static str> {
    let plain = [Backend::Flex, Backend::NdArray];
    let backends = Backend::ALL.into_iter().filter(|backend| backend.is_compiled() && !plain.contains(backend));
    backends.map(Backend::name).chain(cfg!(feature = "parquet").then_some("parquet")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_have_the_form_by_which_the_program_was_started() {
        let by_hand = |program, path: &str| Invocation::by_hand(program, Path::new(path));
        let by_cargo = |program| Invocation::by_cargo(program, "debug", &[], None);
        let cases = [
            (by_hand(Program::Petal, "petal"), "petal verify runs/a", "petal train a.toml"),
            (by_hand(Program::Petal, "a b/petal"), "'a b/petal' verify runs/a", "'a b/petal' train a.toml"),
            (
                by_hand(Program::Train, "target/debug/train"),
                "target/debug/petal verify runs/a",
                "target/debug/train a.toml",
            ),
            (by_hand(Program::Train, "train"), "petal verify runs/a", "train a.toml"),
            (by_cargo(Program::Petal), "cargo run -- verify runs/a", "cargo run -- train a.toml"),
            (by_cargo(Program::Train), "cargo run -- verify runs/a", "cargo run --bin train -- a.toml"),
        ];
        for (invocation, verify, train) in cases {
            assert_eq!(invocation.command("verify runs/a"), verify);
            assert_eq!(invocation.command("train a.toml"), train);
            assert_eq!(invocation.command("trainer"), format!("{} trainer", invocation.bin_name(Program::Petal)));
            let text = invocation.adapt("`petal verify runs/a`, then `petal train a.toml`; petal is a flower");
            assert_eq!(text, format!("`{verify}`, then `{train}`; petal is a flower"));
            // What a message quotes of a table is no command.
            let quoted = "the header has \"sepal width | petal length  petal width\"";
            assert_eq!(invocation.adapt(quoted), quoted);
        }
    }

    #[test]
    fn cargo_is_given_once_more_what_the_program_was_built_with() {
        let manifest = Path::new("/a b/Cargo.toml");
        let invocation = Invocation::by_cargo(Program::Train, "release", &["wgpu", "parquet"], Some(manifest));
        let cargo = "cargo run --release --features wgpu,parquet --manifest-path '/a b/Cargo.toml'";
        assert_eq!(invocation.command("devices"), format!("{cargo} -- devices"));
        let help =
            invocation.adapt_help("Examples:\n  petal train configs/moons.toml\n  cat new.csv | petal predict model -");
        let expected = format!(
            "Examples:\n  {cargo} --bin train -- configs/moons.toml\n  cat new.csv | {cargo} -- predict model -"
        );
        assert_eq!(help, expected);
        assert_eq!(Invocation::default().adapt_help("  petal train configs/moons.toml"), "  petal train moons.toml");
        let other = Invocation::by_cargo(Program::Petal, "fast", &[], None);
        assert_eq!(other.command("devices"), "cargo run --profile fast -- devices");
    }
}
