//! Sweeps that are interrupted, resumed and verified.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use petal::files::folder::RunFolder;
use petal::run::{Run, StoredRun, SweepRow, sweep_ending};
use petal::train::{Ending, Observer};

use crate::support::{StopAt, path, prepared};

/// The settings of a sweep in which training has all the state that a checkpoint can store: batches, momentum and
/// validation.
const CHANGES: [&str; 8] = [
    "sweep.hidden=[2,3,5]",
    "train.updates=60",
    "train.record_every=7",
    "train.batch_size=32",
    "train.momentum=0.8",
    "train.learning_rate=0.3",
    "split.validation=0.2",
    "output.pictures=svg",
];

/// An observer that counts updates.
struct UpdateCounter<'a>(&'a mut usize);

impl Observer for UpdateCounter<'_> {
    fn on_update(&mut self, _update: usize) -> ControlFlow<()> {
        *self.0 += 1;
        ControlFlow::Continue(())
    }
}

/// Starts or continues a sweep in a folder and saves it. Stops the training of the second size after an update.
fn sweep(run: &Run, folder: &mut RunFolder, stop_second_at: usize) -> Vec<SweepRow> {
    let checkpoints = run.sweep_checkpoints(folder).unwrap();
    run.save(folder).unwrap();

    let mut size = 0;
    let observe = || {
        size += 1;
        StopAt::update(if size == 2 { stop_second_at } else { usize::MAX })
    };
    let (rows, completed) = run.sweep_with_checkpoints(folder, checkpoints, observe, |_| ());
    completed.unwrap();
    run.save_sweep(&rows, folder).unwrap();
    rows
}

/// The text of `petal verify` for a folder.
fn verification(folder: &Path) -> String {
    StoredRun::load(folder).unwrap().verify(&mut ()).unwrap().to_string()
}

/// The texts of the table and the picture of a sweep.
fn results(folder: &Path) -> [String; 2] {
    ["sweep.csv", "sweep.svg"].map(|name| fs::read_to_string(folder.join(name)).unwrap())
}

#[test]
fn a_resumed_sweep_has_the_same_results_bit_for_bit() {
    let temporary = tempfile::tempdir().unwrap();
    for engine in ["train.engine=autodiff", "train.engine=fused"] {
        let run = prepared(&path("configs/default.toml"), &[&CHANGES[..], &[engine]].concat());
        let folder = |name: &str| RunFolder::create(&temporary.path().join(format!("{name} {engine}"))).unwrap();
        let mut whole = folder("whole");
        sweep(&run, &mut whole, usize::MAX);
        let mut part = folder("part");
        for stop_at in [15, 16] {
            let rows = sweep(&run, &mut part, stop_at);
            assert_eq!((rows.len(), rows[1].updates, sweep_ending(&rows)), (2, stop_at, Ending::Interrupted));
            assert_eq!(
                verification(part.path()),
                "data.csv           963 values, all the same\nsweep.csv          21 values, all the same\nrun.json           2 values, all the same\nThe run was reproduced bit for bit."
            );
        }
        // Sizes that are finished are not trained again.
        let mut trained = [0; 3];
        let checkpoints = run.sweep_checkpoints(&part).unwrap();
        let mut counts = trained.iter_mut();
        let (rows, completed) =
            run.sweep_with_checkpoints(&mut part, checkpoints, || UpdateCounter(counts.next().unwrap()), |_| ());
        completed.unwrap();
        run.save_sweep(&rows, &mut part).unwrap();
        assert_eq!(trained, [0, 60 - 16, 60]);
        assert_eq!(results(part.path()), results(whole.path()));
        assert!(verification(part.path()).ends_with("was reproduced bit for bit."));
    }
}

/// The run of [`CHANGES`] with another change.
fn run_with(change: &str) -> Run {
    prepared(&path("configs/default.toml"), &[&CHANGES[..], &[change]].concat())
}

#[test]
fn a_resumed_sweep_may_change_its_sizes_and_updates_but_not_other_settings() {
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    sweep(&prepared(&path("configs/default.toml"), &CHANGES), &mut folder, usize::MAX);

    let refused = run_with("train.learning_rate=0.2").sweep_checkpoints(&folder).unwrap_err();
    let expected =
        "checkpoint-2.safetensors: the run began with train.learning_rate = 0.3, and now it is 0.2: only train.updates";
    assert!(refused.to_string().contains(expected), "{refused}");

    // A sweep does not use `model.hidden`, so it may change.
    let have_checkpoints = |run: &Run| -> Vec<bool> {
        let checkpoints = run.sweep_checkpoints(&folder).unwrap();
        checkpoints.iter().map(Option::is_some).collect()
    };
    let other_sizes = run_with("sweep.hidden=[3,4]");
    assert_eq!(have_checkpoints(&run_with("model.hidden=9")), [true, true, true]);
    assert_eq!(have_checkpoints(&other_sizes), [true, false]);
    let rows = sweep(&other_sizes, &mut folder, usize::MAX);
    assert_eq!(rows.iter().map(|row| (row.hidden, row.updates)).collect::<Vec<_>>(), [(3, 60), (4, 60)]);
    assert!(verification(folder.path()).ends_with("was reproduced bit for bit."));

    let more_updates = run_with("train.updates=80");
    assert!(
        sweep(&more_updates, &mut folder, usize::MAX)
            .iter()
            .all(|row| row.updates == 80)
    );
    assert!(verification(folder.path()).ends_with("was reproduced bit for bit."));
}

#[test]
fn a_picture_in_another_format_replaces_the_first_picture() {
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    for (format, other) in [("svg", "png"), ("png", "svg")] {
        sweep(&run_with(&format!("output.pictures={format}")), &mut folder, usize::MAX);
        for name in ["sweep", "data"] {
            assert!(folder.path().join(format!("{name}.{format}")).exists(), "{name}.{format}");
            assert!(!folder.path().join(format!("{name}.{other}")).exists(), "{name}.{other}");
        }
        assert!(!folder.files().iter().any(|file| file.ends_with(other)), "{:?}", folder.files());
    }
}

#[test]
fn a_sweep_does_not_continue_a_run_with_one_network() {
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    let one_network = prepared(&path("configs/default.toml"), &CHANGES[1..]);
    one_network.train_with_checkpoints(&mut folder, None, &mut ()).unwrap();

    let refused = run_with("train.seed=3").checkpoint(&folder).unwrap_err().to_string();
    assert!(refused.contains("sweep.hidden"), "{refused}");
}

#[test]
fn verify_reports_what_has_changed_in_a_sweep() {
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    sweep(&prepared(&path("configs/default.toml"), &CHANGES), &mut folder, usize::MAX);
    // Verifies the folder with a text in one file replaced.
    let verify_with = |name: &str, from: &str, to: &str| {
        let file = folder.path().join(name);
        let original = fs::read_to_string(&file).unwrap();
        assert!(original.contains(from), "{original}");
        fs::write(&file, original.replacen(from, to, 1)).unwrap();
        let text = verification(folder.path());
        fs::write(&file, original).unwrap();
        text
    };
    let text = verify_with("sweep.csv", "\n3,60,", "\n3,61,");
    assert!(
        text.contains(
            "sweep.csv          1 of 28 values differ\n  first    line 3 (hidden 3), updates: stored 61, again 60"
        ),
        "{text}"
    );
    let text = verify_with("config.toml", "learning_rate = 0.3", "learning_rate = 0.31");
    let changed = "Changed since: train.learning_rate was 0.3, and is 0.31\nSettings or data have changed since";
    assert!(text.contains(changed), "{text}");
    // The stored table has a row for a size that the configuration does not have.
    let text = verify_with("config.toml", "[2, 3, 5]", "[2, 3]");
    assert!(text.contains("first    line 4 (hidden 5), hidden: stored 5, again nothing"), "{text}");
}

#[test]
fn a_sweep_has_the_worst_ending_of_its_sizes() {
    let temporary = tempfile::tempdir().unwrap();
    let changes = [
        "train.updates=60",
        "train.record_every=5",
        "train.batch_size=32",
        "split.validation=0.2",
        "train.patience=1",
    ];
    let other = ["data.kind=moons", "data.noise=0.5", "train.momentum=0.5", "train.engine=fused"];
    let with = |more: &[&str]| prepared(&path("configs/default.toml"), &[&changes[..], &other, more].concat());
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    let diverging = ["train.learning_rate=9", "train.cost_limit=1.5"];
    let sizes =
        |hidden: &str, updates: &str| with(&[&diverging[..], &[&format!("sweep.hidden=[{hidden}]"), updates]].concat());
    for (hidden, expected) in [("1,5,2", "stopped diverged stopped"), ("5,1", "diverged stopped"), ("5", "diverged")] {
        let rows = sweep(&sizes(hidden, "train.updates=60"), &mut folder, usize::MAX);
        assert_eq!(rows.iter().map(|row| row.ending.to_string()).collect::<Vec<_>>().join(" "), expected);
        assert_eq!(sweep_ending(&rows).to_string(), "diverged");
    }
    // With more updates, sizes that diverged or stopped early are not trained further, and the sweep can still be verified.
    for hidden in ["1,5,2", "1,2"] {
        let rows = sweep(&sizes(hidden, "train.updates=70"), &mut folder, usize::MAX);
        assert_eq!(sweep_ending(&rows).to_string(), if hidden == "1,2" { "stopped" } else { "diverged" });
        assert!(rows.iter().all(|row| row.updates < 60));
        assert!(
            verification(folder.path()).ends_with("was reproduced bit for bit."),
            "{}",
            verification(folder.path())
        );
    }
}
