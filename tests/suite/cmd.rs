//! The cases of `tests/cmd`, through `petal` and, where they train, through `train`: each file is a test of its own.
//!
//! A block is run in a folder of its own: `$ program ...`, then `? code` unless that is 0, then what is printed, where
//! `[..]` stands for any part of a line. (The crate trycmd does this and more, but changes the features of crates below
//! Burn, so that `cargo test` would build Burn a second time.)

use std::fs;
use std::path::Path;

use crate::support::{path, program, words};

macro_rules! files {
    (through_both: $($both:ident)*; through_petal: $($petal:ident)*;) => {
        $(mod $both {
            #[test]
            fn through_petal() {
                super::check_file(stringify!($both), false);
            }

            #[test]
            fn through_train() {
                super::check_file(stringify!($both), true);
            }
        })*

        $(mod $petal {
            #[test]
            fn through_petal() {
                super::check_file(stringify!($petal), false);
            }
        })*

        const THROUGH_BOTH: &[&str] = &[$(stringify!($both)),*];
        const THROUGH_PETAL: &[&str] = &[$(stringify!($petal)),*];
    };
}

files! {
    through_both: default devices divergence errors init resume tables verify;
    through_petal: explain export gradcheck help;
}

#[test]
fn every_file_is_a_test_and_goes_through_train_where_it_trains() {
    let mut files: Vec<_> = fs::read_dir(path("tests/cmd"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let (train, others): (Vec<_>, Vec<_>) = files
        .iter()
        .partition(|file| fs::read_to_string(file).unwrap().contains("\n$ petal train "));
    let names = |files: Vec<&std::path::PathBuf>| -> Vec<String> {
        files
            .into_iter()
            .map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(train), THROUGH_BOTH);
    assert_eq!(names(others), THROUGH_PETAL);
}

/// Runs the commands of every block of a file; or, with `train` in place of `petal train`, those of the blocks that train.
fn check_file(name: &str, through_train: bool) {
    let file = path("tests/cmd").join(name).with_extension("md");
    let text = fs::read_to_string(&file).unwrap();
    let blocks: Vec<&str> = text.split("```").skip(1).step_by(2).collect();
    assert!(!blocks.is_empty(), "{}", file.display());
    for block in blocks
        .into_iter()
        .filter(|block| !through_train || block.contains("\n$ petal train "))
    {
        let temporary = tempfile::tempdir().unwrap();
        for folder in ["configs", "data"] {
            copy(&path(folder), &temporary.path().join(folder));
        }
        let (_, commands) = block.split_once("\n$ ").expect("a block holds a command");
        for command in commands.split("\n$ ") {
            let trains = through_train && command.starts_with("petal train ");
            // What is printed names the program by which it was printed.
            let command = if trains {
                command.replace("petal train ", "train ")
            } else {
                command.to_owned()
            };
            check(&command, temporary.path(), &file);
        }
    }
}

/// Runs a command and compares what it prints.
fn check(command: &str, folder: &Path, file: &Path) {
    let mut lines = command.trim_end_matches('\n').lines().peekable();
    let command = lines.next().unwrap();
    let mut words = words(command).into_iter();
    let code = lines
        .next_if(|line| line.starts_with("? "))
        .map_or(0, |line| line[2..].parse().unwrap());
    let name = words.next().unwrap();
    let output = program(&name).current_dir(folder).args(words).output().unwrap();
    let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    // A job of builds with the feature `remote` alone.
    let printed: String = printed
        .split_inclusive('\n')
        .filter(|line| !line.starts_with("  serve  "))
        .collect();
    let place = format!("{}: {command}\n{printed}", file.display());
    assert_eq!(output.status.code(), Some(code), "{place}");
    let (expected, printed): (Vec<_>, Vec<_>) = (lines.collect(), printed.trim_end_matches('\n').lines().collect());
    for (expected, printed) in expected.iter().zip(&printed) {
        assert!(matches(expected, printed), "{place}\nexpected  {expected}\nprinted   {printed}");
    }
    assert_eq!(expected.len(), printed.len(), "{place}");
}

/// Copies the files of a folder.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for file in fs::read_dir(from).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

/// Whether a line is the pattern's text with anything in place of each `[..]`.
fn matches(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split("[..]");
    let Some(mut rest) = parts.next().and_then(|first| line.strip_prefix(first)) else {
        return false;
    };
    let mut last = pattern.split("[..]").last().filter(|_| pattern.contains("[..]"));
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    last.take().map_or(rest.is_empty(), |last| line.ends_with(last))
}
