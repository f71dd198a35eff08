//! Sweeps that are stopped, go on, and are verified.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use petal::files::folder::RunFolder;
use petal::run::{Run, StoredRun, SweepRow, sweep_ending};
use petal::train::{Ending, Observer};

use crate::support::{StopAt, path, prepared};

/// Sizes of which one is watched, with all that training remembers.
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

/// Counts updates.
struct Counting<'a>(&'a mut usize);

impl Observer for Counting<'_> {
    fn on_update(&mut self, _update: usize) -> ControlFlow<()> {
        *self.0 += 1;
        ControlFlow::Continue(())
    }
}

/// Sweeps on, stopping the second size after an update, and saves.
fn sweep(run: &Run, folder: &mut RunFolder, stop_second_at: usize) -> Vec<SweepRow> {
    let from = run.sweep_checkpoints(folder).unwrap();
    run.save(folder).unwrap();
    let mut size = 0;
    let observe = || {
        size += 1;
        StopAt(if size == 2 { stop_second_at } else { usize::MAX })
    };
    let (rows, whole) = run.sweep_with_checkpoints(folder, from, observe, |_| ());
    whole.unwrap();
    run.save_sweep(&rows, folder).unwrap();
    rows
}

fn said(folder: &Path) -> String {
    StoredRun::load(folder).unwrap().verify(&mut ()).unwrap().to_string()
}

/// The table and the picture.
fn results(folder: &Path) -> [String; 2] {
    ["sweep.csv", "sweep.svg"].map(|name| fs::read_to_string(folder.join(name)).unwrap())
}

#[test]
fn a_sweep_that_was_stopped_goes_on_to_the_bit() {
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
                said(part.path()),
                "data.csv           963 values, all the same\nsweep.csv          21 values, all the same\nrun.json           2 values, all the same\nThe run comes out again to the bit."
            );
        }
        // Sizes that are over are not trained again.
        let mut trained = [0; 3];
        let from = run.sweep_checkpoints(&part).unwrap();
        let mut counts = trained.iter_mut();
        let (rows, done) = run.sweep_with_checkpoints(&mut part, from, || Counting(counts.next().unwrap()), |_| ());
        done.unwrap();
        run.save_sweep(&rows, &mut part).unwrap();
        assert_eq!(trained, [0, 60 - 16, 60]);
        assert_eq!(results(part.path()), results(whole.path()));
        assert!(said(part.path()).ends_with("comes out again to the bit."));
    }
}

#[test]
fn sizes_may_come_and_go_and_settings_may_not() {
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    let changed = |change: &'static str| prepared(&path("configs/default.toml"), &[&CHANGES[..], &[change]].concat());
    sweep(&changed("train.seed=3"), &mut folder, usize::MAX);
    let other = changed("train.learning_rate=0.2")
        .sweep_checkpoints(&folder)
        .unwrap_err()
        .to_string();
    let expected =
        "checkpoint-2.safetensors: the run began with train.learning_rate = 0.3, and now it is 0.2: only train.updates";
    assert!(other.contains(expected), "{other}");
    // The size of a run without a sweep means nothing in one.
    assert!(
        changed("model.hidden=9")
            .sweep_checkpoints(&folder)
            .unwrap()
            .iter()
            .all(Option::is_some)
    );
    let wider = changed("sweep.hidden=[3,4]");
    assert_eq!(
        wider
            .sweep_checkpoints(&folder)
            .unwrap()
            .iter()
            .map(Option::is_some)
            .collect::<Vec<_>>(),
        [true, false]
    );
    let rows = sweep(&wider, &mut folder, usize::MAX);
    assert_eq!(rows.iter().map(|row| (row.hidden, row.updates)).collect::<Vec<_>>(), [(3, 60), (4, 60)]);
    assert!(said(folder.path()).ends_with("comes out again to the bit."));
    let longer = changed("train.updates=80");
    assert!(sweep(&longer, &mut folder, usize::MAX).iter().all(|row| row.updates == 80));
    assert!(said(folder.path()).ends_with("comes out again to the bit."));
    // A picture in another format takes the place of the first.
    let there = |name: &str| folder.path().join(name).exists();
    assert!(there("sweep.svg") && there("data.svg") && !there("sweep.png"));
    sweep(
        &prepared(
            &path("configs/default.toml"),
            &[&CHANGES[..], &["train.updates=80", "output.pictures=png"]].concat(),
        ),
        &mut folder,
        usize::MAX,
    );
    let there = |name: &str| folder.path().join(name).exists();
    assert!(there("sweep.png") && there("data.png") && !there("sweep.svg") && !there("data.svg"));
    assert!(!folder.files().iter().any(|file| file.ends_with("svg")), "{:?}", folder.files());
    // Neither is a sweep taken for a run of one size, nor the other way round.
    let single = prepared(&path("configs/default.toml"), &CHANGES[1..]);
    let mut of_one = RunFolder::create(&temporary.path().join("one")).unwrap();
    single.train_with_checkpoints(&mut of_one, None, &mut ()).unwrap();
    let refused = changed("train.seed=3").checkpoint(&of_one).unwrap_err().to_string();
    assert!(refused.contains("sweep.hidden"), "{refused}");
}

#[test]
fn what_is_not_as_it_was_in_a_sweep_is_named() {
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    sweep(&prepared(&path("configs/default.toml"), &CHANGES), &mut folder, usize::MAX);
    let changing = |name: &str, from: &str, to: &str| {
        let file = folder.path().join(name);
        let whole = fs::read_to_string(&file).unwrap();
        assert!(whole.contains(from), "{whole}");
        fs::write(&file, whole.replacen(from, to, 1)).unwrap();
        let said = said(folder.path());
        fs::write(&file, whole).unwrap();
        said
    };
    let said = changing("sweep.csv", "\n3,60,", "\n3,61,");
    assert!(
        said.contains(
            "sweep.csv          1 of 28 values differ\n  first    line 3 (hidden 3), updates: stored 61, again 60"
        ),
        "{said}"
    );
    let said = changing("config.toml", "learning_rate = 0.3", "learning_rate = 0.31");
    assert!(said.contains("Changed since: train.learning_rate was 0.3, and is 0.31\nIt is not"), "{said}");
    // A size without a row.
    let said = changing("config.toml", "[2, 3, 5]", "[2, 3]");
    assert!(said.contains("first    line 4 (hidden 5), hidden: stored 5, again nothing"), "{said}");
}

#[test]
fn a_sweep_ends_as_the_worst_of_its_sizes() {
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
    // More updates change nothing for sizes that are over, and nothing is said to have changed.
    for hidden in ["1,5,2", "1,2"] {
        let rows = sweep(&sizes(hidden, "train.updates=70"), &mut folder, usize::MAX);
        assert_eq!(sweep_ending(&rows).to_string(), if hidden == "1,2" { "stopped" } else { "diverged" });
        assert!(rows.iter().all(|row| row.updates < 60));
        assert!(said(folder.path()).ends_with("comes out again to the bit."), "{}", said(folder.path()));
    }
}
