//! How the program was started, so that every command it names is one that can be typed as it stands.
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
use std::env::consts::EXE_SUFFIX;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::data::text::shell_quote_path;
use crate::device::Backend;

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
    /// What stands before the name of a configuration: the folder of them, where there is one.
    configs: String,
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
        // Cargo takes the package whose manifest is nearest.
        let nearest = here.ancestors().find(|folder| folder.join("Cargo.toml").exists());
        let manifest = (nearest != Some(folder.as_path())).then(|| folder.join("Cargo.toml"));
        let by_cargo = Self::by_cargo(program, &profile(), &features(), manifest.as_deref());
        let elsewhere = format!("{}/", folder.join("configs").display());
        Self { configs: if configs.is_empty() { elsewhere } else { configs }, ..by_cargo }
    }

    /// Started by its own name or path.
    fn by_hand(program: Program, path: &Path) -> Self {
        let (petal, train) = match program {
            Program::Petal => (shell_quote_path(path), format!("{} train", shell_quote_path(path))),
            Program::Train => {
                let beside = path.with_file_name(format!("petal{EXE_SUFFIX}"));
                let petal = if beside.exists() {
                    shell_quote_path(&path.with_file_name("petal"))
                } else {
                    "petal".into()
                };
                (petal, shell_quote_path(path))
            }
        };
        Self { petal, train, configs: String::new() }
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
            cargo += &format!(" --manifest-path {}", shell_quote_path(manifest));
        }
        let petal = format!("{cargo} --");
        let train = match program {
            Program::Petal => format!("{petal} train"),
            Program::Train => format!("{cargo} --bin train --"),
        };
        Self { petal, train, configs: "configs/".into() }
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
        self.adapt_after(&["`", "  ", "| "], text).replace("configs/", &self.configs)
    }

    fn adapt_after(&self, before: &[&str], text: &str) -> String {
        before.iter().fold(text.to_owned(), |text, before| {
            let text = text.replace(&format!("{before}petal train"), &format!("{before}{}", self.train));
            text.replace(&format!("{before}petal "), &format!("{before}{} ", self.petal))
        })
    }
}

/// The folder of the package where Cargo runs this program, as its environment and the program's place tell. An installed
/// program may be started by one that Cargo runs.
fn cargo_package() -> Option<PathBuf> {
    env::var_os("CARGO_PKG_NAME").filter(|name| name == env!("CARGO_PKG_NAME"))?;
    let built = env::current_exe().ok()?.with_file_name(".fingerprint").exists();
    env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .filter(|folder| built && folder.is_absolute())
}

/// Whether the first argument is how a shell starts this program, and not what a login shell or another program puts there.
fn is_command(path: &Path) -> bool {
    !path.as_os_str().is_empty() && !path.as_os_str().as_encoded_bytes().starts_with(b"-")
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
    let backends = Backend::ALL
        .into_iter()
        .filter(|backend| backend.is_compiled() && !plain.contains(backend));
    backends
        .map(Backend::name)
        .chain(cfg!(feature = "parquet").then_some("parquet"))
        .collect()
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
            // Nothing lies beside it.
            (by_hand(Program::Train, "no/such/train"), "petal verify runs/a", "no/such/train a.toml"),
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
    fn train_knows_the_program_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(format!("petal{EXE_SUFFIX}")), "").unwrap();
        let invocation = Invocation::by_hand(Program::Train, &folder.path().join("train"));
        assert_eq!(
            invocation.command("devices"),
            format!("{} devices", shell_quote_path(&folder.path().join("petal")))
        );
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
