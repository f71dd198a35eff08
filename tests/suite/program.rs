//! The programs as a shell starts them: exit codes, output, signals and files.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::support::{path, program};

/// Runs `train` with the default configuration in a folder.
fn train(folder: &Path, arguments: &[&str]) -> Output {
    program("train")
        .current_dir(folder)
        .arg(path("configs/default.toml"))
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn a_run_that_cannot_start_writes_no_files() {
    let temporary = tempfile::tempdir().unwrap();
    fs::write(temporary.path().join("file"), "").unwrap();
    // `file` is not a folder, so no folder can be made in it. A test may run as root, so permissions would not stop it.
    for arguments in [["--out", "file/run"], ["--set", "output.folder=file"], ["--set", "model.hidden=0"]] {
        let output = train(temporary.path(), &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && output.stderr.starts_with(b"error: "), "{output:?}");
    }
    let names: Vec<_> = fs::read_dir(temporary.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["file"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error_and_a_closed_pipe_is_not() {
    let temporary = tempfile::tempdir().unwrap();
    let config = path("configs/default.toml");
    let config = config.to_str().unwrap();
    let petal = |arguments: &[&str]| {
        let mut command = program("petal");
        command.args(arguments).current_dir(temporary.path());
        command
    };
    // Linux's file /dev/full behaves as a full disk.
    let refused = |arguments: &[&str]| {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let output = petal(arguments).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains("standard output") && message.contains("no space left"), "{arguments:?} {message}");
        message
    };

    let message = refused(&["train", config, "--set", "train.updates=1", "--out", "run"]);
    assert!(message.ends_with("; the results are in run\n"), "{message}");
    refused(&["gradcheck", config, "--json"]);
    refused(&["gradcheck", config]);
    refused(&["explain", config]);
    refused(&["help"]);
    // The results of training are saved although they could not be printed.
    let (model, table) = ("run/model.safetensors", "run/data.csv");
    assert!(temporary.path().join(model).exists());
    refused(&["predict", model, table]);

    for arguments in [&["explain", config][..], &["predict", model, table]] {
        let mut child = petal(arguments).stdout(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{arguments:?}");
    }
}

/// Windows allows no control characters in the names of files.
#[test]
#[cfg(unix)]
fn names_in_files_and_arguments_cannot_control_the_terminal() {
    let temporary = tempfile::tempdir().unwrap();
    let rows: String = (0..40)
        .map(|i| format!("{},{},{}\n", i % 7, i % 5, ["no", "yes\u{9b}31m"][i % 2]))
        .collect();
    fs::write(temporary.path().join("t.csv"), format!("a\u{9b}31m,b,y\u{9b}z\n{rows}")).unwrap();
    let config = "[data]\nkind = \"csv\"\npath = \"t.csv\"\nlabel = \"y\\u009bz\"\n[train]\nupdates = 1";
    fs::write(temporary.path().join("c\u{1b}.toml"), config).unwrap();
    fs::write(temporary.path().join("wrong.toml"), "\"a\\u001b[31m\" = 1").unwrap();

    let cases: [(&[&str], i32); 8] = [
        (&["train", "c\u{1b}.toml", "--out", "run"], 0),
        (&["train", "c\u{1b}.toml", "--set", "data.positive=x"], 2),
        (&["train", "wrong.toml"], 2),
        (&["train", "\u{1b}.toml"], 2),
        (&["train", "c\u{1b}.toml", "--out", "\u{1b}"], 2),
        (&["train", "c\u{1b}.toml", "--\u{1b}"], 2),
        (&["train", "c\u{1b}.toml", "--set", "\u{1b}=1"], 2),
        (&["\u{1b}"], 2),
    ];
    for (arguments, code) in cases {
        let output = program("petal").args(arguments).current_dir(temporary.path()).output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{arguments:?}: {text:?}");
        // Escaped, and not left out.
        assert!(text.contains("1b") || text.contains("9b"), "{arguments:?}: {text}");
    }
}

#[test]
fn an_existing_run_is_never_overwritten() {
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
fn a_quiet_run_says_on_standard_error_that_it_diverged() {
    let temporary = tempfile::tempdir().unwrap();
    let diverging = ["--quiet", "--set", "train.learning_rate=1e6", "--set", "train.updates=5"];
    for (more, expected) in [
        ("train.seed=3", "Diverged at update 1: the cost rose to 3918.16, above train.cost_limit = 1000.\n"),
        ("sweep.hidden=[4,5]", "hidden = 4: diverged at update 1\nhidden = 5: diverged at update 1\n"),
    ] {
        let output = train(temporary.path(), &[&diverging[..], &["--set", more]].concat());
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{text}");
        assert!(text.starts_with(expected), "{text}");
    }
}

#[test]
fn a_resumed_run_says_whether_something_is_left() {
    let temporary = tempfile::tempdir().unwrap();
    let common = ["--engine", "fused", "--out", "run", "--set", "split.validation=0.2", "--set", "output.pictures=svg"];
    let cases: [(&[&str], &str); 6] = [
        (
            &["train.updates=0"],
            "the run has made all its 0 updates; --set train.updates=... with a larger number goes further.",
        ),
        (
            &["train.updates=7"],
            "the run has made all its 7 updates; --set train.updates=... with a larger number goes further.",
        ),
        (
            &["train.updates=7", "train.schedule=cosine"],
            "the run has made all its 7 updates; with a schedule their number cannot change.",
        ),
        (
            &["train.patience=2", "train.record_every=1", "train.learning_rate=8", "train.updates=500"],
            "the run stopped early after update ",
        ),
        (
            &["train.updates=7", "sweep.hidden=[2,3]"],
            "all 2 runs are complete; --set train.updates=... with a larger number",
        ),
        (&["train.learning_rate=1e6"], ""),
    ];
    for (settings, expected) in cases {
        let settings: Vec<&str> = settings.iter().flat_map(|setting| ["--set", setting]).collect();
        train(temporary.path(), &[&common[..], &settings, &["--quiet"]].concat());
        let resume = ["--resume", "run"];
        let output = program("train").current_dir(temporary.path()).args(resume).output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        if expected.is_empty() {
            assert!(text.contains("Repeating the updates after update 0: the run diverged there"), "{text}");
        } else {
            assert!(text.contains(&format!("\n\nNothing is left to train: {expected}")), "{text}");
        }
        assert!(!text.contains("Continuing"), "{text}");
        fs::remove_dir_all(temporary.path().join("run")).unwrap();
    }
}

#[test]
fn a_float_type_in_which_the_run_cannot_start_is_not_proposed() {
    let temporary = tempfile::tempdir().unwrap();
    // Rounded to f32, the momentum is 1. The weights are infinite.
    let momentum = "train.momentum=0.99999999";
    for (setting, engine, expected) in [
        ("train.momentum=0.9", "fused", Some(" --dtype f32")),
        (momentum, "fused", None),
        (momentum, "manual", Some(" --device ndarray --dtype f64")),
        ("model.init_scale=1e39", "fused", None),
    ] {
        let more = ["train.learning_rate=1e-30", "train.cost_limit=1e90", "train.updates=1"];
        let changes: Vec<&str> = [&[setting], &more[..]]
            .concat()
            .into_iter()
            .flat_map(|set| ["--set", set])
            .collect();
        let output = train(temporary.path(), &[&["--engine", engine], &changes[..]].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        let (_, rest) = text.split_once("\n\nTry next\n").unwrap_or_else(|| panic!("{text}"));
        let (commands, _) = rest.split_once("\n\nOpen").unwrap();
        match expected {
            Some(options) => assert!(commands.lines().nth(1).unwrap().ends_with(options), "{commands}"),
            None => assert!(commands.lines().count() == 1 && !commands.contains("f32"), "{commands}"),
        }
        fs::remove_dir_all(temporary.path().join("runs")).unwrap();
    }
}

#[test]
fn patience_that_cannot_end_a_run_early_is_noted() {
    let temporary = tempfile::tempdir().unwrap();
    let common = ["--engine", "fused", "--set", "split.validation=0.2", "--set", "train.updates=300"];
    for (patience, is_noted) in [("train.patience=3", true), ("train.patience=2", false)] {
        let output = train(temporary.path(), &[&common[..], &["--set", patience]].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        let note = "\nPatience  cannot stop this run early: it waits for 3 records, one every 100 updates, so not before update \
                    300; lower train.patience or train.record_every\n";
        assert_eq!(text.contains(note), is_noted, "{text}");
        assert_eq!(text.contains("\nPatience  "), is_noted, "{text}");
    }
}

#[test]
#[cfg(unix)]
fn ctrl_c_stops_training_and_saves_the_results_so_far() {
    use std::io::{BufRead as _, BufReader, Read as _};

    let temporary = tempfile::tempdir().unwrap();
    let mut child = program("train")
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

#[test]
fn messages_show_commands_in_the_form_in_which_the_program_was_started() {
    // The commands in the tip and the usage line, if the program is started without a configuration.
    let tip_and_usage = |name: &str, by_cargo: bool, folder: &Path| {
        let mut command = program(name);
        if by_cargo {
            command.env("CARGO_PKG_NAME", "petal").env("CARGO_MANIFEST_DIR", path(""));
        }
        let job: &[&str] = if name == "petal" { &["train"] } else { &[] };
        let output = command.args(job).current_dir(folder).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        let line_after = |prefix: &str| {
            let mut lines = text.lines();
            lines
                .find_map(|line| line.strip_prefix(prefix))
                .unwrap_or_else(|| panic!("{text}"))
        };
        let commands = line_after("  tip: ").split('`').skip(1).step_by(2);
        (commands.map(str::to_owned).collect::<Vec<_>>(), line_after("Usage: ").to_owned())
    };
    // The command without the Cargo features with which this test was built.
    let without_features = |command: &str| {
        let (before, features) = command.split_once(" --features ").unwrap_or((command, ""));
        let after = features.split_once(' ').map_or(String::new(), |(_, after)| format!(" {after}"));
        format!("{before}{after}")
    };

    let cases = [
        ("petal", false, "petal init", "petal train configs/default.toml", "petal train <CONFIG>"),
        ("train", false, "petal init", "train configs/default.toml", "train <CONFIG>"),
        (
            "petal",
            true,
            "cargo run -- init",
            "cargo run -- train configs/default.toml",
            "cargo run -- train <CONFIG>",
        ),
        (
            "train",
            true,
            "cargo run -- init",
            "cargo run --bin train -- configs/default.toml",
            "cargo run --bin train -- <CONFIG>",
        ),
    ];
    for (name, by_cargo, init, train, usage) in cases {
        let (tip, usage_line) = tip_and_usage(name, by_cargo, &path(""));
        let tip: Vec<String> = tip.iter().map(|command| without_features(command)).collect();
        assert_eq!(tip, [init, train], "{name} {by_cargo}");
        assert_eq!(without_features(&usage_line), usage, "{name} {by_cargo}");
    }

    // In a folder without configurations.
    let other_folder = tempfile::tempdir().unwrap();
    let (commands, _) = tip_and_usage("petal", false, other_folder.path());
    assert_eq!(commands, ["petal init", "petal train default.toml"]);
    let (commands, _) = tip_and_usage("petal", true, other_folder.path());
    assert!(
        commands[0].contains(" --manifest-path ") && commands[0].ends_with("Cargo.toml -- init"),
        "{commands:?}"
    );
}

/// The names of all jobs in `petal help`.
fn job_names() -> Vec<String> {
    let help = String::from_utf8(program("petal").arg("help").output().unwrap().stdout).unwrap();
    let jobs = help
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_once("  "))
        .map(|(job, _)| job.to_owned());
    let jobs: Vec<String> = jobs.filter(|job| job.chars().all(char::is_lowercase)).collect();
    assert!(jobs.len() > 10 && jobs.contains(&"train".to_owned()), "{help}");
    jobs
}

#[test]
fn completions_contain_every_job() {
    let jobs = job_names();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let output = program("petal").args(["completions", shell]).output().unwrap();
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && jobs.iter().all(|job| script.contains(job)), "{shell}");
    }
}

#[test]
fn every_job_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let output = program("petal").arg("man").arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    for job in job_names() {
        let page = fs::read_to_string(folder.path().join(format!("petal-{job}.1"))).unwrap();
        assert!(page.contains(&format!("petal\\-{job}")) && page.contains("Exit codes"), "{page}");
    }
    let page = fs::read_to_string(folder.path().join("petal.1")).unwrap();
    let printed = String::from_utf8(program("petal").arg("man").output().unwrap().stdout).unwrap();
    assert_eq!(page.trim_end(), printed.trim_end());

    // The pages need a folder, not a file.
    let file = folder.path().join("petal.1");
    let output = program("petal").arg("man").arg(&file).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn init_never_overwrites_another_file() {
    let folder = tempfile::tempdir().unwrap();
    let init = |name: &str| {
        program("petal")
            .args(["init", name])
            .current_dir(folder.path())
            .output()
            .unwrap()
    };
    let refused = |name: &str, file: &str| {
        let output = init(name);
        let message = format!("error: {file} exists already with other contents: it is not overwritten\n");
        assert_eq!(
            (output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()),
            (Some(2), message.as_str())
        );
        assert_eq!(fs::read_to_string(folder.path().join(file)).unwrap(), "mine");
    };

    fs::write(folder.path().join("default.toml"), "mine").unwrap();
    refused("default", "default.toml");
    fs::create_dir(folder.path().join("data")).unwrap();
    fs::write(folder.path().join("data/penguins.csv"), "mine").unwrap();
    refused("penguins", "data/penguins.csv");
    assert!(!folder.path().join("penguins.toml").exists());

    // The same file is not an error.
    for (times, report) in [(1, "written"), (2, "is there already")] {
        let output = init("breast_cancer");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && text.contains(&format!("breast_cancer.csv {report}")),
            "{times}: {output:?}"
        );
    }
    let read = |file: &Path| fs::read(file.join("data/breast_cancer.csv")).unwrap();
    assert_eq!(read(folder.path()), read(&path("")));
}
