//! Runs the console sessions in `tests/cmd` and compares what the programs print. Each file is one test, with the program
//! `petal`; if the file trains, it is also a second test with the program `train`.
//!
//! Each block of a file runs in its own folder. A block has lines of three kinds:
//!
//! - `$ program arguments`, a command;
//! - `? code`, its exit code, if that is not 0;
//! - the expected output, in which `[..]` stands for any part of a line.
//!
//! (The crate trycmd does the same and more. But it changes the features of crates that Burn depends on, so `cargo test`
//! would build Burn a second time.)

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
    through_both: activations animate default devices divergence errors init resume sweep tables verify;
    through_petal: explain export gradcheck help lessons;
}

#[test]
fn every_file_is_a_test_and_files_that_train_also_run_with_train() {
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

/// Runs the commands of all blocks of a file. With `through_train`, runs only the blocks that train, with the program
/// `train` in place of `petal train`.
fn check_file(name: &str, through_train: bool) {
    let file = path("tests/cmd").join(name).with_extension("md");
    let text = fs::read_to_string(&file).unwrap();
    let blocks: Vec<&str> = text.split("```").skip(1).step_by(2).collect();
    assert!(!blocks.is_empty(), "{}", file.display());
    for block in blocks {
        if through_train && !block.contains("\n$ petal train ") {
            continue;
        }
        let temporary = tempfile::tempdir().unwrap();
        for folder in ["configs", "data"] {
            copy(&path(folder), &temporary.path().join(folder));
        }
        let (_, commands) = block.split_once("\n$ ").expect("a block holds a command");
        for command in commands.split("\n$ ") {
            // The expected output is replaced too: it names the program that prints it.
            let command = if through_train && command.starts_with("petal train ") {
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
    // Only builds with the feature `remote` have this job.
    let printed: String = printed
        .split_inclusive('\n')
        .filter(|line| !line.starts_with("  serve  "))
        .collect();
    let context = format!("{}: {command}\n{printed}", file.display());
    assert_eq!(output.status.code(), Some(code), "{context}");
    let (expected, printed): (Vec<_>, Vec<_>) = (lines.collect(), printed.trim_end_matches('\n').lines().collect());
    for (expected, printed) in expected.iter().zip(&printed) {
        assert!(matches(expected, printed), "{context}\nexpected  {expected}\nprinted   {printed}");
    }
    assert_eq!(expected.len(), printed.len(), "{context}");
}

/// Copies the files of a folder into a new folder.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for file in fs::read_dir(from).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

/// Whether a line matches a pattern, in which `[..]` stands for any text.
fn matches(pattern: &str, line: &str) -> bool {
    let Some((first, others)) = pattern.split_once("[..]") else {
        return line == pattern;
    };
    let Some(mut rest) = line.strip_prefix(first) else {
        return false;
    };
    let mut others: Vec<&str> = others.split("[..]").collect();
    let last = others.pop().unwrap_or_default();
    for other in others {
        match rest.split_once(other) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}
