//! Writes a configuration to start from.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use crate::cli::Verdict;
use crate::cli::console::print;
use crate::cli::invocation::Invocation;
use crate::error::{Error, Result};
use crate::files::atomic::replace;

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal init\n",
    "  petal init breast_cancer\n\n",
    "Where a file exists with other contents, nothing is written. Exit codes: 0 done; 2 bad input.",
);

/// Write a configuration to start from, with the table that it trains on
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// Which one
    #[arg(default_value = "default", value_parser = PossibleValuesParser::new(BUILT_IN.iter().map(BuiltIn::value)))]
    name: String,
}

/// A file that the program carries.
struct Carried {
    path: &'static str,
    text: &'static str,
}

/// A configuration that the program carries, with its table.
struct BuiltIn {
    name: &'static str,
    config: Carried,
    table: Option<Carried>,
}

macro_rules! built_in {
    ($name:literal) => {
        built_in!($name, None)
    };
    ($name:literal, table $table:literal) => {
        built_in!($name, Some(Carried { path: $table, text: include_str!(concat!("../../../", $table)) }))
    };
    ($name:literal, $table:expr) => {
        BuiltIn {
            name: $name,
            config: Carried {
                path: concat!($name, ".toml"),
                text: include_str!(concat!("../../../configs/", $name, ".toml")),
            },
            table: $table,
        }
    };
}

/// All of them.
const BUILT_IN: [BuiltIn; 12] = [
    built_in!("default"),
    built_in!("sweep"),
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

impl Carried {
    /// Whether it is there already.
    ///
    /// # Errors
    /// When another file is there.
    fn exists(&self) -> Result<bool> {
        let path = Path::new(self.path);
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(Error::file("read", path)(error)),
            Ok(_) => {}
        }
        // A pipe is not read: it might never end.
        let same = fs::metadata(path).is_ok_and(|found| found.is_file())
            && fs::read(path).map_err(Error::file("read", path))? == self.text.as_bytes();
        match same {
            true => Ok(true),
            false => {
                let message = "exists already and differs from what would be written: it is left as it is";
                Err(Error::Folder(format!("{} {message}", self.path)))
            }
        }
    }

    fn write(&self) -> Result<()> {
        let path = Path::new(self.path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(Error::file("make the folder", folder))?;
        }
        replace(path, self.text)
    }
}

impl BuiltIn {
    /// Its name with the first line of the file, which says what it is.
    fn value(&self) -> PossibleValue {
        let first = self.config.text.lines().next().unwrap_or_default();
        PossibleValue::new(self.name).help(first.trim_start_matches("# "))
    }
}

impl Options {
    pub fn run(&self, invocation: &Invocation) -> Result<Verdict> {
        let Some(BuiltIn { config, table, .. }) = BUILT_IN.iter().find(|built_in| built_in.name == self.name) else {
            unreachable!("the parser accepts the names of those that are built in");
        };
        let files: Vec<&Carried> = [config].into_iter().chain(table).collect();
        let exist = files.iter().map(|file| file.exists()).collect::<Result<Vec<_>>>()?;
        // The table first: a configuration is of no use without it.
        for (file, exists) in files.into_iter().zip(exist).rev() {
            if exists {
                print(format!("{} is there already", file.path))?;
            } else {
                file.write()?;
                print(format!("{} written", file.path))?;
            }
        }
        print(format!("\nTry next\n  {}", invocation.command(&format!("train {}", config.path))))?;
        Ok(Verdict::Done)
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
        for BuiltIn { config, table, .. } in &BUILT_IN {
            let path = Config::from_toml(config.text, config.path, &[]).unwrap().data.path;
            assert_eq!(path.as_deref(), table.as_ref().map(|table| Path::new(table.path)), "{}", config.path);
        }
    }
}
