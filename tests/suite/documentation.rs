//! The commands and the code in the documentation work.

use std::collections::BTreeMap;
use std::fs;

use petal::article::Point;
use petal::config::{Config, Override};
use petal::files::array_file::{ElementType, Format, StoredArray, load, to_bytes};
use petal::gradcheck::Array;

use crate::right_listings::without_tanh_derivative;
use crate::support::{path, program, words};

/// The names and the texts of README.md, CHANGELOG.md and the pages in docs/.
fn pages() -> Vec<(String, String)> {
    let pages = fs::read_dir(path("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = pages.filter(|page| page.extension().is_some_and(|extension| extension == "md"));
    let pages = pages.chain(["README.md", "CHANGELOG.md"].map(path));
    pages
        .map(|page| (page.display().to_string(), fs::read_to_string(&page).unwrap()))
        .collect()
}

#[test]
fn the_example_in_the_readme_is_the_compiled_one() {
    let readme = fs::read_to_string(path("README.md")).unwrap();
    let (_, shown) = readme.split_once("```rust\n").unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    let library = fs::read_to_string(path("src/lib.rs")).unwrap();
    let (_, compiled) = library.split_once("//! ```\n").unwrap();
    let (compiled, _) = compiled.split_once("//! ```\n").unwrap();
    let lines = compiled
        .lines()
        .map(|line| line.trim_start_matches("//!").trim_start_matches(' '));
    let compiled: Vec<&str> = lines.filter(|line| !line.starts_with('#')).collect();
    assert_eq!(shown.lines().collect::<Vec<_>>(), compiled);
}

#[test]
fn jobs_files_options_and_settings_in_commands_exist() {
    let mut help = BTreeMap::new();
    let mut seen = 0;
    for (page, text) in pages() {
        let text = text.replace("\\\n", " ");
        for line in text.lines() {
            let Some(arguments) = arguments(line) else { continue };
            let context = format!("{page}: {line}");
            let (job, arguments) = arguments.split_first().unwrap_or_else(|| panic!("{context}"));
            // `serve` needs the feature `remote`, `help` is not a job, and `JOB` is a placeholder.
            if ["serve", "help", "JOB"].contains(&job.as_str()) {
                continue;
            }
            let help = help.entry(job.clone()).or_insert_with(|| {
                let output = program("petal").args([job, "--help"]).output().unwrap();
                assert!(output.status.success(), "{context}");
                String::from_utf8(output.stdout).unwrap()
            });
            for option in arguments.iter().filter(|word| word.starts_with("--")) {
                assert!(
                    help.split(|c: char| c != '-' && !c.is_alphanumeric())
                        .any(|word| word == option),
                    "{context}"
                );
            }
            seen += 1;
            let Some(config) = arguments.first().filter(|word| word.ends_with(".toml")) else {
                continue;
            };
            // A configuration without a folder is one that `petal init` wrote.
            let config = if config.contains('/') { config.clone() } else { format!("configs/{config}") };
            // Remote devices need the feature `remote`.
            if !line.contains("remote:") {
                Config::load(&path(&config), &overrides(job, arguments))
                    .unwrap_or_else(|error| panic!("{context}\n{error}"));
            }
        }
    }
    assert!(seen > 50, "{seen}");
}

/// The report in docs/gradcheck.md is what the program prints about the article's listing with its marked line broken.
#[test]
fn the_report_about_a_broken_listing_is_the_one_that_the_program_prints() {
    let folder = tempfile::tempdir().unwrap();
    let petal = |arguments: &[&str]| {
        let output = program("petal").current_dir(folder.path()).args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let config = path("configs/default.toml");
    let (code, _) = petal(&["gradcheck", config.to_str().unwrap(), "--at", "100", "--write", "point.npz"]);
    assert_eq!(code, Some(0));

    let arrays: Vec<Array> = load(&folder.path().join("point.npz"))
        .unwrap()
        .into_iter()
        .map(|stored| stored.array)
        .collect();
    let (layout, point) = Point::from_arrays(&arrays).unwrap();
    let mine = without_tanh_derivative(&point)
        .into_iter()
        .map(|(quantity, values)| StoredArray {
            array: layout.array(layout.name(quantity), quantity.axes(), point.sizes, &values),
            dtype: ElementType::F64,
        });
    let bytes = to_bytes(&mine.collect::<Vec<_>>(), Format::Npz).unwrap();
    fs::write(folder.path().join("mine.npz"), bytes).unwrap();

    let (code, printed) = petal(&["gradcheck", "point.npz", "--against", "mine.npz"]);
    assert_eq!(code, Some(1));
    let page = fs::read_to_string(path("docs/gradcheck.md")).unwrap();
    let (_, shown) = page.split_once("```text\n").unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    assert_eq!(printed, shown);
}

/// The settings that the options of a command change.
fn overrides(job: &str, arguments: &[String]) -> Vec<Override> {
    let pairs = arguments.windows(2).map(|pair| (pair[0].as_str(), pair[1].as_str()));
    pairs
        .filter_map(|(option, value)| match option {
            "--set" => Some(Override::parse(value).unwrap()),
            "--sweep" if job == "train" => Some(Override::parse_sweep(value).unwrap()),
            "--dtype" => Some(Override::option(option, "dtype", value)),
            "--device" => Some(Override::option(option, "device", value)),
            "--engine" if job == "train" => Some(Override::option(option, "train.engine", value)),
            _ => None,
        })
        .collect()
}

/// The job and its arguments in a line of documentation, if the line contains a command of Petal.
fn arguments(line: &str) -> Option<Vec<String>> {
    let command_words = |command: &str| {
        words(
            command
                .split(['`', '>', '|'])
                .next()
                .unwrap_or_default()
                .split(" #")
                .next()
                .unwrap_or_default(),
        )
    };
    if let Some((_, command)) = line.split_once("cargo run ") {
        let (cargo_options, arguments) = command.split_once("-- ")?;
        let cargo_options = words(cargo_options);
        return match cargo_options
            .iter()
            .find(|word| ["--bin", "--example", "-p"].contains(&word.as_str()))
        {
            None => Some(command_words(arguments)),
            Some(option) if option == "--bin" => {
                assert!(cargo_options.windows(2).any(|pair| pair == ["--bin", "train"]), "{line}");
                Some(std::iter::once("train".to_owned()).chain(command_words(arguments)).collect())
            }
            // It is an example or a benchmark.
            Some(_) => None,
        };
    }
    let command = line
        .strip_prefix("    petal ")
        .or_else(|| line.split_once("`petal ").map(|(_, rest)| rest))?;
    Some(command_words(command))
}
