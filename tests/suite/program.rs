//! The program as it is started from a shell.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::{path, words};

fn train(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_train"));
    command.current_dir(folder).arg(path("configs/default.toml")).args(arguments).output().unwrap()
}

/// The program of that name.
pub fn program(name: &str) -> Command {
    Command::new(match name {
        "train" => env!("CARGO_BIN_EXE_train"),
        "gradcheck" => env!("CARGO_BIN_EXE_gradcheck"),
        "evaluate" => env!("CARGO_BIN_EXE_evaluate"),
        "export" => env!("CARGO_BIN_EXE_export"),
        "explain" => env!("CARGO_BIN_EXE_explain"),
        "devices" => env!("CARGO_BIN_EXE_devices"),
        "parity" => env!("CARGO_BIN_EXE_parity"),
        "predict" => env!("CARGO_BIN_EXE_predict"),
        "verify-run" => env!("CARGO_BIN_EXE_verify-run"),
        _ => panic!("no program {name:?}"),
    })
}

/// Runs the commands of every block of `tests/cmd/*.md` in a folder of its own: `$ program ...`, then `? code` unless it is
/// 0, then what is printed.
///
/// `[..]` stands for any part of a line. (The crate trycmd does this and more, but changes the features of crates
/// below Burn, so that `cargo test` would build Burn a second time.)
#[test]
fn command_line_cases() {
    for file in fs::read_dir(path("tests/cmd")).unwrap().map(|entry| entry.unwrap().path()) {
        let text = fs::read_to_string(&file).unwrap();
        let blocks: Vec<&str> = text.split("```").skip(1).step_by(2).collect();
        assert!(!blocks.is_empty(), "{}", file.display());
        for block in blocks {
            let temporary = tempfile::tempdir().unwrap();
            for folder in ["configs", "data"] {
                copy(&path(folder), &temporary.path().join(folder));
            }
            let (_, commands) = block.split_once("\n$ ").expect("a block holds a command");
            for command in commands.split("\n$ ") {
                check(command, temporary.path(), &file);
            }
        }
    }
}

/// Runs a command and compares what it prints.
fn check(command: &str, folder: &Path, file: &Path) {
    let mut lines = command.trim_end_matches('\n').lines().peekable();
    let command = lines.next().unwrap();
    let mut words = words(command).into_iter();
    let code = lines.next_if(|line| line.starts_with("? ")).map_or(0, |line| line[2..].parse().unwrap());
    let name = words.next().unwrap();
    let output = program(&name).current_dir(folder).args(words).output().unwrap();
    let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
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
    let Some(mut rest) = parts.next().and_then(|first| line.strip_prefix(first)) else { return false };
    let mut last = pattern.split("[..]").last().filter(|_| pattern.contains("[..]"));
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    last.take().map_or(rest.is_empty(), |last| line.ends_with(last))
}

#[test]
fn a_run_that_fails_leaves_nothing_behind() {
    let temporary = tempfile::tempdir().unwrap();
    fs::write(temporary.path().join("file"), "").unwrap();
    // A folder cannot be made below a file, whoever asks.
    for arguments in [["--out", "file/run"], ["--set", "output.folder=file"], ["--set", "model.hidden=0"]] {
        let output = train(temporary.path(), &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && output.stderr.starts_with(b"error: "), "{output:?}");
    }
    let names: Vec<_> = fs::read_dir(temporary.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["file"]);
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_cannot_be_written_is_an_error_and_a_closed_pipe_is_none() {
    let temporary = tempfile::tempdir().unwrap();
    let config = path("configs/default.toml");
    for (name, arguments) in [
        ("train", &["--set", "train.updates=1", "--out", "run"][..]),
        ("gradcheck", &["--json"]),
        ("gradcheck", &[]),
        ("explain", &[]),
    ] {
        let mut command = program(name);
        command.current_dir(temporary.path()).arg(&config).args(arguments);
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let output =
            command.stdout(full).stderr(std::process::Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{name} {arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("standard output"), "{name} {output:?}");
    }
    // What was computed is kept all the same.
    assert!(temporary.path().join("run/model.safetensors").exists());
    let (model, table) = (temporary.path().join("run/model.safetensors"), temporary.path().join("run/data.csv"));
    for (name, arguments) in [("explain", vec![&config]), ("predict", vec![&model, &table])] {
        let mut child = program(name).args(arguments).stdout(std::process::Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{name}");
    }
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = program("predict").args([&model, &table]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn an_existing_run_is_never_touched() {
    let temporary = tempfile::tempdir().unwrap();
    let quick = ["--quiet", "--set", "train.updates=1"];
    for _ in 0..2 {
        let output = train(temporary.path(), &quick);
        assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    }
    let model = fs::read(temporary.path().join("runs/default/model.safetensors")).unwrap();
    let output = train(temporary.path(), &[&quick[..], &["--out", "runs/default"]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(temporary.path().join("runs/default-2/model.safetensors").exists());
    assert!(!temporary.path().join("runs/default-3").exists());
    assert_eq!(fs::read(temporary.path().join("runs/default/model.safetensors")).unwrap(), model);
}

#[test]
#[cfg(unix)]
fn ctrl_c_stops_cleanly_and_keeps_what_was_reached() {
    use std::io::{BufRead as _, BufReader, Read as _};
    use std::process::Stdio;

    let temporary = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_train"))
        .current_dir(temporary.path())
        .arg(path("configs/default.toml"))
        .args(["--set", "train.updates=1000000000", "--set", "output.print_every=100"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("Cost after update    100") {
        line.clear();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "the program ended early");
    }
    let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupt.success());
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(rest.contains("Interrupted: "), "{rest}");
    let history = fs::read_to_string(temporary.path().join("runs/default/history.csv")).unwrap();
    let last: usize = history.lines().last().unwrap().split(',').next().unwrap().parse().unwrap();
    assert!(last >= 100 && rest.contains(&format!("{last:>6}")), "{last}\n{rest}");
    assert!(temporary.path().join("runs/default/boundary.png").exists());
}
