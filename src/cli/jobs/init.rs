//! `petal init`: writes one of the configurations that are compiled into the program.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use crate::cli::ExitStatus;
use crate::cli::console::print;
use crate::cli::invocation::Invocation;
use crate::error::{Error, Result};
use crate::files::atomic::write_atomically;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal init\n",
    "  petal init breast_cancer\n\n",
    "If a file already exists with other contents, nothing is written. Exit codes: 0 done; 2 error.",
);

/// Write a configuration to start from, and the table that it trains on if it uses one
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// The name of the configuration
    #[arg(default_value = "default", value_parser = PossibleValuesParser::new(BUILT_IN.iter().map(BuiltInConfig::possible_value)))]
    name: String,
}

/// A file whose contents are compiled into the program.
struct EmbeddedFile {
    path: &'static str,
    text: &'static str,
}

/// A configuration that is compiled into the program, with the table that it trains on.
struct BuiltInConfig {
    name: &'static str,
    config: EmbeddedFile,
    /// `None` for generated data.
    table: Option<EmbeddedFile>,
}

macro_rules! built_in {
    ($name:literal) => {
        built_in!($name, None)
    };
    ($name:literal, table $table:literal) => {
        built_in!($name, Some(EmbeddedFile { path: $table, text: include_str!(concat!("../../../", $table)) }))
    };
    ($name:literal, $table:expr) => {
        BuiltInConfig {
            name: $name,
            config: EmbeddedFile {
                path: concat!($name, ".toml"),
                text: include_str!(concat!("../../../configs/", $name, ".toml")),
            },
            table: $table,
        }
    };
}

/// All configurations of the folder `configs`.
const BUILT_IN: [BuiltInConfig; 15] = [
    built_in!("default"),
    built_in!("sweep"),
    built_in!("learning_rates"),
    built_in!("initialisations"),
    built_in!("activations"),
    built_in!("sharpness"),
    built_in!("moons"),
    built_in!("circles"),
    built_in!("blobs"),
    built_in!("quantiles"),
    built_in!("no_structure"),
    built_in!("xor"),
    built_in!("spiral"),
    built_in!("breast_cancer", table "data/breast_cancer.csv"),
    built_in!("penguins", table "data/penguins.csv"),
];

impl EmbeddedFile {
    /// Whether the file exists on disk with the same contents.
    ///
    /// # Errors
    /// When the file on disk has other contents.
    fn exists(&self) -> Result<bool> {
        let path = Path::new(self.path);
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(Error::file("read", path)(error)),
            Ok(_) => {}
        }
        // Only a regular file is read: reading a pipe might never end.
        let same = fs::metadata(path).is_ok_and(|found| found.is_file())
            && fs::read(path).map_err(Error::file("read", path))? == self.text.as_bytes();

        match same {
            true => Ok(true),
            false => {
                let message = "exists already with other contents: it is not overwritten";
                Err(Error::Folder(format!("{} {message}", self.path)))
            }
        }
    }

    fn write(&self) -> Result<()> {
        let path = Path::new(self.path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(Error::file("make the folder", folder))?;
        }
        write_atomically(path, self.text)
    }
}

impl BuiltInConfig {
    /// The name as a value of the option. Its help is the first line of the file, which is a comment about the data.
    fn possible_value(&self) -> PossibleValue {
        let first = self.config.text.lines().next().unwrap_or_default();
        PossibleValue::new(self.name).help(first.trim_start_matches("# "))
    }
}

impl Options {
    pub fn run(&self, invocation: &Invocation) -> Result<ExitStatus> {
        let Some(BuiltInConfig { config, table, .. }) = BUILT_IN.iter().find(|built_in| built_in.name == self.name)
        else {
            unreachable!("the parser accepts only the names in BUILT_IN");
        };

        // All files are checked before the first one is written.
        let files: Vec<&EmbeddedFile> = [config].into_iter().chain(table).collect();
        let already_exist = files.iter().map(|file| file.exists()).collect::<Result<Vec<_>>>()?;

        // The table is written first, because the configuration does not work without it.
        for (file, exists) in files.into_iter().zip(already_exist).rev() {
            if exists {
                print(format!("{} is there already", file.path))?;
            } else {
                file.write()?;
                print(format!("{} written", file.path))?;
            }
        }
        print(format!("\nTry next\n  {}", invocation.command(&format!("train {}", config.path))))?;
        Ok(ExitStatus::Success)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn every_configuration_is_built_in_with_its_table() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let names = fs::read_dir(root.join("configs"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        let mut built_in: Vec<&str> = BUILT_IN.iter().map(|built_in| built_in.config.path).collect();
        names.sort();
        built_in.sort_unstable();
        assert_eq!(names, built_in);
        for BuiltInConfig { config, table, .. } in &BUILT_IN {
            let path = Config::from_toml(config.text, config.path, &[]).unwrap().data.path;
            assert_eq!(path.as_deref(), table.as_ref().map(|table| Path::new(table.path)), "{}", config.path);
        }
    }
}
