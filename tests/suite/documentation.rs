//! What the documentation shows, held against what there is.

use std::collections::BTreeMap;
use std::fs;

use petal::config::{Config, Override};

use crate::program::program;
use crate::support::{path, words};

/// README.md, CHANGELOG.md and the pages of docs/, with their names.
fn pages() -> Vec<(String, String)> {
    let pages = fs::read_dir(path("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = pages.filter(|page| page.extension().is_some_and(|extension| extension == "md"));
    let pages = pages.chain(["README.md", "CHANGELOG.md"].map(path));
    pages.map(|page| (page.display().to_string(), fs::read_to_string(&page).unwrap())).collect()
}

#[test]
fn the_readmes_example_is_the_one_that_is_compiled() {
    let readme = fs::read_to_string(path("README.md")).unwrap();
    let (_, shown) = readme.split_once("```rust\n").unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    let library = fs::read_to_string(path("src/lib.rs")).unwrap();
    let (_, compiled) = library.split_once("//! ```\n").unwrap();
    let (compiled, _) = compiled.split_once("//! ```\n").unwrap();
    let lines = compiled.lines().map(|line| line.trim_start_matches("//!").trim_start_matches(' '));
    let compiled: Vec<&str> = lines.filter(|line| !line.starts_with('#')).collect();
    assert_eq!(shown.lines().collect::<Vec<_>>(), compiled);
}

#[test]
fn commands_name_programs_files_options_and_settings_that_there_are() {
    let mut help = BTreeMap::new();
    let mut seen = 0;
    for (page, text) in pages() {
        let text = text.replace("\\\n", " ");
        for line in text.lines() {
            let Some((_, command)) = line.split_once("cargo run ") else { continue };
            let command = command.split(['`', '#', '>']).next().unwrap();
            let Some((own, arguments)) = command.split_once("-- ") else { continue };
            let (own, arguments) = (words(own), words(arguments));
            let Some(name) = own.iter().skip_while(|word| *word != "--bin").nth(1) else { continue };
            if name == "serve" {
                continue; // not in the plain build
            }
            let help = help.entry(name.clone()).or_insert_with(|| {
                let output = program(name).arg("--help").output().unwrap();
                String::from_utf8(output.stdout).unwrap()
            });
            let told = format!("{page}: {line}");
            for option in arguments.iter().filter(|word| word.starts_with("--")) {
                assert!(help.split(|c: char| c != '-' && !c.is_alphanumeric()).any(|word| word == option), "{told}");
            }
            let Some(config) = arguments.first().filter(|word| word.ends_with(".toml")) else { continue };
            let pairs = arguments.windows(2).map(|pair| (pair[0].as_str(), pair[1].as_str()));
            let overrides: Vec<_> = pairs
                .filter_map(|(option, value)| match option {
                    "--set" => Some(Override::parse(value).unwrap()),
                    "--dtype" => Some(Override::option(option, "dtype", value)),
                    "--device" => Some(Override::option(option, "device", value)),
                    "--engine" if name == "train" => Some(Override::option(option, "train.engine", value)),
                    _ => None,
                })
                .collect();
            // Not in the plain build either.
            if !command.contains("remote:") {
                Config::load(&path(config), &overrides).unwrap_or_else(|error| panic!("{told}\n{error}"));
            }
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}
