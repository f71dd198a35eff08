//! A run that is killed, starved of disk or told to stop goes on afterwards as if nothing had happened.
//!
//! The long form kills 300 times, in ten minutes or so; `PETAL_KILLS` asks for another number:
//!
//! ```text
//! cargo test --test kill -- --ignored --nocapture
//! ```

#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where something is wrong"
)]
#![allow(clippy::print_stdout, reason = "a test says what it found and what it skips")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Most of the time goes into saves, where a kill does most harm.
const PLAIN: &str = "train.engine=fused train.updates=300 train.record_every=20 train.checkpoint_every=1";
/// With all that training remembers from update to update, on tensors.
const RICH: &str = "train.engine=manual train.updates=200 train.record_every=7 train.checkpoint_every=1 \
                    train.batch_size=32 train.momentum=0.8 train.learning_rate=0.3 train.schedule=cosine \
                    train.patience=9 split.validation=0.2 split.test=0.2 decision.threshold=f1";

/// One training after the other.
const SWEEP: &str =
    "train.engine=fused train.updates=120 train.record_every=20 train.checkpoint_every=1 sweep.hidden=[2,3,6]";

/// Whose checkpoints grow.
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

/// A new run in a folder.
fn start(folder: &Path, changes: &str) -> Command {
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/configs/default.toml");
    let mut command = train(&[config, "--out", folder.to_str().unwrap()]);
    for change in changes.split_whitespace() {
        command.args(["--set", change]);
    }
    command
}

fn resume(folder: &Path) -> Command {
    train(&["--resume", folder.to_str().unwrap()])
}

fn done(mut command: Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    output
}

fn refused(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// The files of a run by name, but for what they say of time: checkpoints are left out.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        files.insert(entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap());
    }
    let all = files.len();
    files.retain(|name, _| !name.starts_with("checkpoint"));
    assert!(files.len() < all && files.len() >= 6, "{:?}", files.keys());
    let manifest = String::from_utf8(files["run.json"].clone()).unwrap();
    let timeless: Vec<&str> = manifest.lines().filter(|line| !line.contains("\"seconds\"")).collect();
    files.insert("run.json".into(), timeless.join("\n").into());
    files
}

fn assert_same(folder: &Path, whole: &BTreeMap<String, Vec<u8>>, what: &str) {
    let files = files(folder);
    assert!(files.keys().eq(whole.keys()), "{what}: {:?}", files.keys());
    for (name, bytes) in whole {
        assert!(&files[name] == bytes, "{what}: {name} is not that of the whole run");
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

/// Waits until a file is there.
fn wait_for(file: &Path) {
    let began = Instant::now();
    while !file.exists() {
        assert!(began.elapsed() < Duration::from_secs(60), "{} never came", file.display());
        sleep(Duration::from_millis(1));
    }
}

/// Kills runs at moments spread over the time that a run takes; of those that go on, every third is killed again.
fn kill(changes: &str, kills: usize) {
    let temporary = tempfile::tempdir().unwrap();
    let reference = temporary.path().join("whole");
    done(start(&reference, changes));
    let whole = files(&reference);
    // Once more for the time, since the first time files come from the disk.
    let again = temporary.path().join("again");
    let began = Instant::now();
    done(start(&again, changes));
    let span = began.elapsed();
    assert_same(&again, &whole, "a second run");
    let began = Instant::now();
    // Killed before the configuration, before the first checkpoint, while training, and after it.
    let (mut stages, mut runs, mut made, mut tried) = ([0; 4], 0, 0, 0);
    while made < kills {
        let folder = temporary.path().join(format!("run-{runs}"));
        let (mut command, mut how) = (start(&folder, changes), String::new());
        loop {
            // Multiples of the golden ratio, less their whole part, spread evenly however many there are.
            let delay = span.mul_f64((f64::from(tried) * 0.618_033_988_749_894_9).fract());
            tried += 1;
            let mut child = command.spawn().unwrap();
            sleep(delay);
            // Not running any more, there is nothing to kill.
            if let Some(status) = child.try_wait().unwrap() {
                assert!(status.success(), "{how}: {:?}", child.wait_with_output());
                break;
            }
            child.kill().unwrap();
            child.wait().unwrap();
            made += 1;
            how += &format!("{changes}: kill {made} after {delay:?}, ");
            let stage = match changes {
                SWEEP => ["config.toml", "checkpoint-2.safetensors", "sweep.csv"],
                _ => ["config.toml", "checkpoint.safetensors", "model.safetensors"],
            };
            let stage = stage.iter().take_while(|name| folder.join(name).exists()).count();
            stages[stage] += 1;
            if stage == 0 {
                assert!(refused(resume(&folder)).contains("holds no config.toml"), "{how}");
                drop(fs::remove_dir_all(&folder));
                command = start(&folder, changes);
            } else {
                command = resume(&folder);
            }
            if made == kills || made % 3 != 0 {
                let output = command.output().unwrap();
                assert!(output.status.success(), "{how}{output:?}");
                break;
            }
        }
        assert_same(&folder, &whole, &how);
        fs::remove_dir_all(&folder).unwrap();
        runs += 1;
    }
    let [nothing, configuration, training, trained] = stages;
    println!(
        "{made} kills in {runs} runs, all the same to the bit, in {:.0} s ({changes}): {nothing} before the configuration was \
         written, {configuration} before the first checkpoint, {training} while training, {trained} after it",
        began.elapsed().as_secs_f64(),
    );
}

#[test]
fn a_run_that_is_killed_goes_on_to_the_bit() {
    kill(PLAIN, 4);
    kill(RICH, 4);
    kill(SWEEP, 4);
}

#[test]
#[ignore = "takes ten minutes or so"]
fn a_run_that_is_killed_anywhere_goes_on_to_the_bit() {
    let kills: usize = std::env::var("PETAL_KILLS").map_or(300, |kills| kills.parse().unwrap());
    [PLAIN, RICH, SWEEP]
        .into_iter()
        .for_each(|changes| kill(changes, kills.div_ceil(3)));
}

#[test]
fn signals_end_a_run_that_can_go_on() {
    let temporary = tempfile::tempdir().unwrap();
    let whole = temporary.path().join("whole");
    done(start(&whole, PLAIN));
    let whole = files(&whole);
    for name in ["-TERM", "-INT", "-HUP"] {
        let folder = temporary.path().join(name);
        let child = start(&folder, PLAIN).spawn().unwrap();
        wait_for(&folder.join("checkpoint.safetensors"));
        // As long as one works there, no other may.
        assert!(refused(resume(&folder)).ends_with(": another program is at work in this folder\n"));
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{output:?}");
        let manifest = fs::read_to_string(folder.join("run.json")).unwrap();
        assert!(manifest.contains("\"interrupted\"") && folder.join("boundary.png").exists(), "{manifest}");
        assert!(
            String::from_utf8(output.stdout)
                .unwrap()
                .ends_with(&format!("--resume {}\n", folder.display()))
        );
        done(resume(&folder));
        assert_same(&folder, &whole, name);
    }
}

#[test]
fn the_second_ctrl_c_leaves_at_once() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("run");
    // An update takes as long as many signals.
    let changes = "data.samples=50000 model.hidden=500 train.engine=manual train.updates=2 output.print_every=1";
    let mut child = start(&folder, changes).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    while !said.contains("Cost after update      0") {
        assert_ne!(lines.read_line(&mut said).unwrap(), 0, "{said}");
    }
    signal(&child, "-INT");
    sleep(Duration::from_millis(20));
    signal(&child, "-INT");
    lines.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(!said.contains("Interrupted") && !folder.join("model.safetensors").exists(), "{said}");
    assert!(folder.join("config.toml").exists());
}

/// A small disk that is unmounted in the end; none where that is not allowed.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: &Path) -> Option<Self> {
        fs::create_dir(at).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m", "none"])
            .arg(at)
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(at.to_owned()));
        }
        println!("skipped: mounting a small disk needs to be root, and mount");
        None
    }

    fn remount(&self, how: &str) {
        let how = format!("remount,{how}");
        assert!(
            Command::new("mount")
                .args(["-o", &how])
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
fn a_disk_that_takes_nothing_costs_only_what_was_not_written() {
    let temporary = tempfile::tempdir().unwrap();
    let whole = temporary.path().join("whole");
    done(start(&whole, LONG));
    let whole = files(&whole);
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
    let place = folder.display();
    // Of what was written in part when the run was killed, or of what is written first.
    let first = [
        format!("error: cannot remove {place}/.partial-"),
        format!("error: cannot write {place}/config.toml"),
    ];
    assert!(
        first.iter().any(|first| error.starts_with(first)) && error.contains(": read-only file system"),
        "{error}"
    );
    assert!(refused(start(&disk.0.join("other"), LONG)).ends_with("other: read-only file system\n"));
    disk.remount("rw");
    assert!(fs::read(&checkpoint).unwrap() == before);

    // Full from the start, what is written first fails; full in mid-run, a checkpoint does, which grows with the history.
    for (room, file) in [(0, "config.toml"), (90 << 10, "checkpoint.safetensors")] {
        let filler = disk.0.join("filler");
        fs::write(&filler, vec![0; 8 << 20]).unwrap_err();
        let size = fs::metadata(&filler).unwrap().len();
        fs::File::options()
            .write(true)
            .open(&filler)
            .unwrap()
            .set_len(size - room)
            .unwrap();
        let kept = format!("no space left on device; what was written before is kept in {place}\n");
        assert_eq!(refused(resume(&folder)), format!("error: cannot write {place}/{file}: {kept}"));
        fs::remove_file(filler).unwrap();
        let mut names = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(names.all(|name| !name.to_string_lossy().starts_with('.')), "something is left in part");
        assert_eq!(fs::read(&checkpoint).unwrap() == before, room == 0);
    }
    done(resume(&folder));
    assert_same(&folder, &whole, "after a full disk");
}
