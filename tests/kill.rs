//! Runs that are killed, that run out of disk space, or that a signal stops. After `--resume`, their files are the same as
//! those of an uninterrupted run, bit for bit.
//!
//! The long test kills 300 times and takes about ten minutes. The variable `PETAL_KILLS` sets another number of kills:
//!
//! ```text
//! cargo test --test kill -- --ignored --nocapture
//! ```

#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first error"
)]
#![allow(clippy::print_stdout, reason = "a test reports its result and what it skips")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Most of the time is spent on saving, which is the most dangerous moment for a kill.
const PLAIN: &str = "train.engine=fused train.updates=300 train.record_every=20 train.checkpoint_every=1";
/// Training on tensors, with all the state that a checkpoint can store.
const RICH: &str = "train.engine=manual train.updates=200 train.record_every=7 train.checkpoint_every=1 \
                    train.batch_size=32 train.momentum=0.8 train.learning_rate=0.3 train.schedule=cosine \
                    train.patience=9 split.validation=0.2 split.test=0.2 decision.threshold=f1";

/// Several networks, side by side.
const SWEEP: &str = "train.engine=fused train.updates=120 train.record_every=20 train.checkpoint_every=1 \
                     sweep.hidden=[2,3,6] sweep.seeds=2";

/// Many records, so the checkpoints become larger during the run.
const LONG: &str = "train.engine=fused train.updates=3000 train.record_every=1 train.checkpoint_every=20";

fn train(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_train"));
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The command that starts a run in a new folder.
fn start(folder: &Path, changes: &str) -> Command {
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/configs/default.toml");
    let mut command = train(&[config, "--out", folder.to_str().unwrap()]);
    for change in changes.split_whitespace() {
        command.args(["--set", change]);
    }
    command
}

/// The command that resumes the run in a folder.
fn resume(folder: &Path) -> Command {
    train(&["--resume", folder.to_str().unwrap()])
}

/// Runs a command that must succeed.
fn succeed(mut command: Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    output
}

/// Runs a command that must fail with exit code 2, and returns its message.
fn refused(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// The files of a run by name, without the times that they contain. Checkpoints contain times, so they are not included.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        files.insert(entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap());
    }
    let count_with_checkpoints = files.len();
    files.retain(|name, _| !name.starts_with("checkpoint"));
    assert!(files.len() < count_with_checkpoints && files.len() >= 6, "{:?}", files.keys());

    let manifest = String::from_utf8(files["run.json"].clone()).unwrap();
    let without_seconds: Vec<&str> = manifest.lines().filter(|line| !line.contains("\"seconds\"")).collect();
    files.insert("run.json".into(), without_seconds.join("\n").into());

    // The page names the folder in a command.
    let page = String::from_utf8(files["report.html"].clone()).unwrap();
    files.insert("report.html".into(), page.replace(folder.to_str().unwrap(), "").into());
    files
}

/// Checks that a folder has the same files as an uninterrupted run.
fn assert_same(folder: &Path, expected: &BTreeMap<String, Vec<u8>>, context: &str) {
    let files = files(folder);
    assert!(files.keys().eq(expected.keys()), "{context}: {:?}", files.keys());
    for (name, bytes) in expected {
        assert!(&files[name] == bytes, "{context}: {name} differs from that of the uninterrupted run");
    }
}

fn signal(child: &Child, name: &str) {
    assert!(
        Command::new("kill")
            .args([name, &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
}

/// Waits until a file exists.
fn wait_for(file: &Path) {
    let began = Instant::now();
    while !file.exists() {
        assert!(began.elapsed() < Duration::from_secs(60), "{} was not written", file.display());
        sleep(Duration::from_millis(1));
    }
}

/// Kills runs at moments that are spread over the duration of a run, and resumes them. Every third resumed run is killed again.
/// In the end each run must have the same files as an uninterrupted one.
fn kill(changes: &str, kills: usize) {
    let temporary = tempfile::tempdir().unwrap();
    let first = temporary.path().join("first");
    succeed(start(&first, changes));
    let expected = files(&first);
    // The second run is timed, because the first one also reads the programs from the disk.
    let second = temporary.path().join("second");
    let start_of_second = Instant::now();
    succeed(start(&second, changes));
    let duration = start_of_second.elapsed();
    assert_same(&second, &expected, "a second run");

    // The files by which a killed run shows how far it got.
    let milestones = match changes {
        SWEEP => ["config.toml", "checkpoint-2+2.safetensors", "sweep.csv"],
        _ => ["config.toml", "checkpoint.safetensors", "model.safetensors"],
    };
    let began = Instant::now();
    let (mut kills_at_stage, mut runs, mut killed, mut attempts) = ([0; 4], 0, 0, 0);
    while killed < kills {
        let folder = temporary.path().join(format!("run-{runs}"));
        let (mut command, mut context) = (start(&folder, changes), String::new());
        loop {
            // The fractional parts of the multiples of the golden ratio are spread evenly, for any number of them.
            let delay = duration.mul_f64((f64::from(attempts) * 0.618_033_988_749_894_9).fract());
            attempts += 1;
            let mut child = command.spawn().unwrap();
            sleep(delay);
            // The run may be over before the kill.
            if let Some(status) = child.try_wait().unwrap() {
                assert!(status.success(), "{context}: {:?}", child.wait_with_output());
                break;
            }
            child.kill().unwrap();
            child.wait().unwrap();
            killed += 1;
            context += &format!("{changes}: kill {killed} after {delay:?}, ");

            let stage = milestones.iter().take_while(|name| folder.join(name).exists()).count();
            kills_at_stage[stage] += 1;
            if stage == 0 {
                let reason = if folder.exists() { "holds no config.toml" } else { "cannot open" };
                assert!(refused(resume(&folder)).contains(reason), "{context}");
                drop(fs::remove_dir_all(&folder));
                command = start(&folder, changes);
            } else {
                command = resume(&folder);
            }
            let kill_again = killed < kills && killed % 3 == 0;
            if !kill_again {
                let output = command.output().unwrap();
                assert!(output.status.success(), "{context}{output:?}");
                break;
            }
        }
        assert_same(&folder, &expected, &context);
        fs::remove_dir_all(&folder).unwrap();
        runs += 1;
    }

    let [at_start, before_checkpoint, in_training, after_training] = kills_at_stage;
    println!(
        "{killed} kills in {runs} runs, all the same bit for bit, in {:.0} s ({changes}): {at_start} before the configuration was \
         written, {before_checkpoint} before the first checkpoint, {in_training} during training, {after_training} after it",
        began.elapsed().as_secs_f64(),
    );
}

#[test]
fn a_killed_run_can_be_resumed_bit_for_bit() {
    kill(PLAIN, 4);
    kill(RICH, 4);
    kill(SWEEP, 4);
}

#[test]
#[ignore = "takes about ten minutes"]
fn a_run_killed_at_any_moment_can_be_resumed_bit_for_bit() {
    let kills: usize = std::env::var("PETAL_KILLS").map_or(300, |kills| kills.parse().unwrap());
    for changes in [PLAIN, RICH, SWEEP] {
        kill(changes, kills.div_ceil(3));
    }
}

#[test]
fn a_run_stopped_by_a_signal_can_be_resumed() {
    let temporary = tempfile::tempdir().unwrap();
    let uninterrupted = temporary.path().join("uninterrupted");
    succeed(start(&uninterrupted, PLAIN));
    let expected_files = files(&uninterrupted);
    for name in ["-TERM", "-INT", "-HUP"] {
        let folder = temporary.path().join(name);
        let child = start(&folder, PLAIN).spawn().unwrap();
        wait_for(&folder.join("checkpoint.safetensors"));
        // The folder is locked while a program works in it.
        assert!(refused(resume(&folder)).ends_with(": another program is at work in this folder\n"));
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{output:?}");
        let manifest = fs::read_to_string(folder.join("run.json")).unwrap();
        assert!(manifest.contains("\"interrupted\"") && folder.join("boundary.png").exists(), "{manifest}");
        let printed = String::from_utf8(output.stdout).unwrap();
        let path = folder.display();
        assert!(printed.contains(&format!("--resume {path}\n")) && printed.ends_with(&format!("{path}/report.html\n")));
        succeed(resume(&folder));
        assert_same(&folder, &expected_files, name);
    }
}

#[test]
fn a_sweep_stopped_by_ctrl_c_can_be_resumed() {
    let temporary = tempfile::tempdir().unwrap();
    let uninterrupted = temporary.path().join("uninterrupted");
    succeed(start(&uninterrupted, SWEEP));
    let folder = temporary.path().join("run");
    let child = start(&folder, SWEEP).spawn().unwrap();
    wait_for(&folder.join("checkpoint-2+2.safetensors"));
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    let manifest = fs::read_to_string(folder.join("run.json")).unwrap();
    assert!(manifest.contains("\"interrupted\"") && folder.join("sweep.png").exists(), "{manifest}");
    assert!(!folder.join("checkpoint-6+3.safetensors").exists());
    succeed(resume(&folder));
    assert_same(&folder, &files(&uninterrupted), "a sweep");
}

#[test]
fn a_second_ctrl_c_ends_the_process_at_once() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("run");
    // One update takes much longer than the time between the two signals.
    let changes = "data.samples=50000 model.hidden=500 train.engine=manual train.updates=2 output.print_every=1";
    let mut child = start(&folder, changes).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut printed = String::new();
    while !printed.contains("Cost after update      0") {
        assert_ne!(lines.read_line(&mut printed).unwrap(), 0, "{printed}");
    }
    signal(&child, "-INT");
    sleep(Duration::from_millis(20));
    signal(&child, "-INT");
    lines.read_to_string(&mut printed).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(!printed.contains("Interrupted") && !folder.join("model.safetensors").exists(), "{printed}");
    assert!(folder.join("config.toml").exists());
}

/// A small disk in memory. It is unmounted when the value is dropped.
struct Disk(PathBuf);

impl Disk {
    /// Mounts the disk in a new folder. `None` means that the user may not mount a disk.
    fn mount(folder: &Path) -> Option<Self> {
        fs::create_dir(folder).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m", "none"])
            .arg(folder)
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(folder.to_owned()));
        }
        println!("skipped: only root can mount a small disk, with the program mount");
        None
    }

    /// Changes the disk to read-only (`ro`) or writable (`rw`).
    fn remount(&self, mode: &str) {
        let options = format!("remount,{mode}");
        assert!(
            Command::new("mount")
                .args(["-o", &options])
                .arg(&self.0)
                .status()
                .unwrap()
                .success()
        );
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg(&self.0).status());
    }
}

#[test]
fn a_run_can_be_resumed_after_a_read_only_or_full_disk() {
    let temporary = tempfile::tempdir().unwrap();
    let uninterrupted = temporary.path().join("uninterrupted");
    succeed(start(&uninterrupted, LONG));
    let expected_files = files(&uninterrupted);
    let Some(disk) = Disk::mount(&temporary.path().join("disk")) else {
        return;
    };
    let folder = disk.0.join("run");
    let checkpoint = folder.join("checkpoint.safetensors");
    let mut child = start(&folder, LONG).spawn().unwrap();
    wait_for(&checkpoint);
    child.kill().unwrap();
    child.wait().unwrap();

    let before = fs::read(&checkpoint).unwrap();
    disk.remount("ro");
    let error = refused(resume(&folder));
    let run_path = folder.display();
    // If the kill left a partial file, removing it fails. Otherwise writing the first file fails.
    let expected = [
        format!("error: cannot remove {run_path}/.partial-"),
        format!("error: cannot write {run_path}/config.toml"),
    ];
    assert!(
        expected.iter().any(|start| error.starts_with(start)) && error.contains(": read-only file system"),
        "{error}"
    );
    assert!(refused(start(&disk.0.join("other"), LONG)).ends_with("other: read-only file system\n"));
    disk.remount("rw");
    assert!(fs::read(&checkpoint).unwrap() == before);
    // If the kill left a partial file, resuming would remove it and have that much space.
    for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
        if entry.file_name().to_string_lossy().starts_with('.') {
            fs::remove_file(entry.path()).unwrap();
        }
    }

    // If the disk is full from the start, writing the first file fails. If it becomes full later, writing the frames fails,
    // because their file becomes larger.
    for (free_bytes, file) in [(0, "config.toml"), (90 << 10, "frames.safetensors")] {
        let filler = disk.0.join("filler");
        fs::write(&filler, vec![0; 8 << 20]).unwrap_err();
        let size = fs::metadata(&filler).unwrap().len();
        fs::File::options()
            .write(true)
            .open(&filler)
            .unwrap()
            .set_len(size - free_bytes)
            .unwrap();
        let kept = format!("no space left on device; what was written before is kept in {run_path}\n");
        assert_eq!(refused(resume(&folder)), format!("error: cannot write {run_path}/{file}: {kept}"));
        fs::remove_file(filler).unwrap();
        let mut names = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(names.all(|name| !name.to_string_lossy().starts_with('.')), "a partial file is left");
        assert_eq!(fs::read(&checkpoint).unwrap() == before, free_bytes == 0);
    }
    succeed(resume(&folder));
    assert_same(&folder, &expected_files, "after a full disk");
}
