//! A run that was interrupted and went on is the run that never was, to the bit.

use std::fs;
use std::time::Instant;

use petal::files::checkpoint::{self, Checkpoint};
use petal::files::folder::RunFolder;
use petal::run::{Run, Trained};
use petal::train::{Ending, Record};

use crate::support::{StopAt, path, prepared};

/// Trains in a folder, from the checkpoint that is there if there is one.
fn train<'a>(run: &'a Run, folder: &mut RunFolder, stop_at: usize) -> Trained<'a> {
    let from = run.checkpoint(folder).unwrap();
    run.train_with_checkpoints(folder, from, &mut StopAt::update(stop_at)).unwrap()
}

/// A record without the time it took.
fn timeless(history: &[Record]) -> Vec<Record> {
    history.iter().map(|record| Record { seconds: 0.0, ..record.clone() }).collect()
}

#[test]
fn every_way_of_training_goes_on_to_the_bit() {
    let moons = [
        "data.kind=moons",
        "data.samples=90",
        "split.validation=0.2",
        "train.updates=137",
        "train.record_every=20",
    ];
    let ways: &[&[&str]] = &[
        &["data.kind=flower"],
        &["train.momentum=0.9", "train.learning_rate=0.1"],
        &["train.batch_size=16", "train.momentum=0.8", "train.schedule=cosine", "train.weight_decay=0.01"],
        &["train.schedule=exponential", "train.final_learning_rate=0.001", "train.batch_size=7"],
        &["train.patience=2", "train.learning_rate=3", "train.batch_size=16", "data.noise=0.5"],
        &["dtype=f32", "train.batch_size=16", "train.momentum=0.9", "train.learning_rate=0.1"],
        &["train.checkpoint_every=30", "dtype=f32"],
        &["train.track=[\"sharpness\", \"update_ratio\"]", "train.momentum=0.9", "train.learning_rate=0.1"],
    ];
    let mut compared = 0;
    for (way, engine) in ways
        .iter()
        .flat_map(|way| ["autodiff", "manual", "fused"].map(|engine| (way, engine)))
    {
        let engine = format!("train.engine={engine}");
        let changes = [&moons[..], way, &[&engine]].concat();
        let run = prepared(&path("configs/moons.toml"), &changes);
        let whole = run.train(&mut ()).unwrap();
        let temporary = tempfile::tempdir().unwrap();
        let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
        // In the middle between two records, at a record, and again where it had just gone on.
        for stop_at in [33, 40, 41] {
            let part = train(&run, &mut folder, stop_at).outcome;
            if part.ending != Ending::Interrupted {
                assert_eq!(whole.outcome.ending, Ending::Stopped, "{changes:?}");
                continue;
            }
            assert_eq!(part.last().update, stop_at);
        }
        let rest = train(&run, &mut folder, usize::MAX);
        assert_eq!(rest.outcome.parameters, whole.outcome.parameters, "{changes:?}");
        assert_eq!(timeless(&rest.outcome.history), timeless(&whole.outcome.history), "{changes:?}");
        assert_eq!((rest.outcome.kept.update, rest.threshold), (whole.outcome.kept.update, whole.threshold));
        assert_eq!(rest.outcome.ending, whole.outcome.ending, "{changes:?}");
        compared += 1;
    }
    assert_eq!(compared, 24);
}

#[test]
fn several_devices_go_on_to_the_bit() {
    let changes = ["device=[\"flex\", \"flex\"]", "train.updates=60", "train.momentum=0.5", "train.engine=manual"];
    let run = prepared(&path("configs/default.toml"), &changes);
    let whole = run.train(&mut ()).unwrap();
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    train(&run, &mut folder, 17);
    let rest = train(&run, &mut folder, usize::MAX);
    assert_eq!(rest.outcome.parameters, whole.outcome.parameters);
}

#[test]
fn what_diverges_later_diverges_at_the_same_update() {
    let changes = ["train.learning_rate=5.5", "train.cost_limit=0.7", "train.engine=fused"];
    let run = prepared(&path("configs/default.toml"), &changes);
    let whole = run.train(&mut ()).unwrap().outcome;
    assert!(matches!(whole.ending, Ending::Diverged { update: 34, .. }), "{:?}", whole.ending);
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    assert_eq!(train(&run, &mut folder, 28).outcome.ending, Ending::Interrupted);
    // And once more when it is over.
    for _ in 0..2 {
        let rest = train(&run, &mut folder, usize::MAX).outcome;
        assert_eq!(
            (rest.ending, rest.parameters, timeless(&rest.history)),
            (whole.ending.clone(), whole.parameters.clone(), timeless(&whole.history))
        );
        assert_eq!(run.checkpoint(&folder).unwrap().unwrap().state.update, 0);
    }
}

#[test]
fn a_run_that_is_over_can_be_given_more_updates() {
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    let with = |updates: usize| prepared(&path("configs/default.toml"), &[&format!("train.updates={updates}")]);
    let (short, long) = (with(150), with(320));
    let first = train(&short, &mut folder, usize::MAX);
    assert_eq!(first.outcome.history.iter().map(|record| record.update).collect::<Vec<_>>(), [0, 100, 150]);
    // Once more, nothing is left to do.
    let again = train(&short, &mut folder, usize::MAX);
    assert_eq!(timeless(&again.outcome.history), timeless(&first.outcome.history));
    assert_eq!(again.outcome.parameters, first.outcome.parameters);
    // The record at 150 was out of turn and is none of the longer run's.
    let rest = train(&long, &mut folder, usize::MAX);
    let whole = long.train(&mut ()).unwrap();
    assert_eq!(timeless(&rest.outcome.history), timeless(&whole.outcome.history));
    assert_eq!(rest.outcome.parameters, whole.outcome.parameters);
}

#[test]
fn another_run_is_refused_with_what_differs() {
    let temporary = tempfile::tempdir().unwrap();
    let table = temporary.path().join("t.csv");
    let rows: String = (0..40).map(|i| format!("{},{},{}\n", i, i * 7 % 40, i % 2)).collect();
    fs::write(&table, format!("a,b,y\n{rows}")).unwrap();
    let config = temporary.path().join("c.toml");
    fs::write(&config, format!("[data]\nkind = \"csv\"\npath = {table:?}\nlabel = \"y\"\n[train]\nupdates = 50\n"))
        .unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    let run = prepared(&config, &[]);
    run.save(&mut folder).unwrap();
    let trained = train(&run, &mut folder, 20);
    trained.save(&mut folder).unwrap();
    trained.evaluate().unwrap().save(&mut folder).unwrap();
    let file = folder.path().join(checkpoint::FILE);
    let refused = |changes: &[&str]| prepared(&config, changes).checkpoint(&folder).unwrap_err().to_string();
    let place = file.display();
    let cases = [
        ("train.learning_rate=0.5", "the run began with train.learning_rate = 1.2, and now it is 0.5"),
        ("train.seed=4", "the run began with train.seed = 3, and now it is 4"),
        ("train.patience=4", "the run began with train.patience = not set, and now it is 4"),
        ("train.updates=19", "train.updates = 19: 20 were made already"),
    ];
    let by_folder = |changes: &[&str]| {
        prepared(&config, changes)
            .check_resumable(&folder)
            .map_err(|error| error.to_string())
    };
    let configuration = folder.path().join("config.toml");
    for (change, expected) in cases {
        let message = refused(&[change]);
        assert!(message.starts_with(&format!("{place}: {expected}")), "{message}");
        // Without the checkpoint the same is known, but for how far it went.
        let known = by_folder(&[change]);
        assert_eq!(known.is_ok(), change.contains("updates"), "{known:?}");
        let expected = format!("{}: {expected}", configuration.display());
        assert!(known.err().is_none_or(|message| message.starts_with(&expected)), "{change}");
    }
    for change in ["train.updates=20", "train.checkpoint_every=7", "output.pictures=svg", "output.print_every=3"] {
        assert!(prepared(&config, &[change]).checkpoint(&folder).unwrap().is_some(), "{change}");
        assert_eq!(by_folder(&[change]), Ok(()), "{change}");
    }
    fs::write(&table, format!("a,b,y\n{}", rows.replacen("1,7,1", "1,8,1", 1))).unwrap();
    assert_eq!(refused(&[]), format!("{place}: {} is not what it was when the run began", table.display()));
    let manifest = folder.path().join("run.json");
    let other = format!("{}: {} is not what it was when the run began", manifest.display(), table.display());
    assert_eq!(by_folder(&[]).unwrap_err(), other);
    fs::remove_file(manifest).unwrap();
    assert_eq!(by_folder(&[]), Ok(()));
    fs::remove_file(&file).unwrap();
    assert_eq!(run.checkpoint(&folder).unwrap(), None);
}

#[test]
fn a_schedule_fixes_the_number_of_updates() {
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    let with = |updates: &str| prepared(&path("configs/default.toml"), &["train.schedule=linear", updates]);
    train(&with("train.updates=50"), &mut folder, 20);
    let message = with("train.updates=60").checkpoint(&folder).unwrap_err().to_string();
    assert!(message.contains("train.updates = 50, and now it is 60: with a schedule"), "{message}");
}

#[test]
fn a_checkpoint_reads_as_it_was_written() {
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    let changes = ["train.momentum=0.9", "split.validation=0.3", "train.updates=250", "dtype=f32"];
    train(&prepared(&path("configs/default.toml"), &changes), &mut folder, usize::MAX);
    let bytes = fs::read(folder.path().join(checkpoint::FILE)).unwrap();
    let checkpoint = Checkpoint::parse(&bytes).unwrap();
    assert!(checkpoint.snapshot.state.velocity.is_some() && checkpoint.snapshot.history.len() == 3);
    assert_eq!(Checkpoint::parse(&checkpoint.to_bytes().unwrap()), Ok(checkpoint));
    for cut in [0, 7, 8, 100, bytes.len() - 1] {
        assert!(
            Checkpoint::parse(&bytes[..cut])
                .unwrap_err()
                .starts_with("not a safetensors file"),
            "{cut}"
        );
    }
}

#[test]
fn two_programs_never_work_in_one_folder() {
    let temporary = tempfile::tempdir().unwrap();
    let place = temporary.path().join("run");
    let mut folder = RunFolder::create(&place).unwrap();
    assert_eq!(
        RunFolder::reopen(&place).unwrap_err().to_string(),
        format!("{} is not the folder of a run: it holds no config.toml", place.display())
    );
    folder.write("config.toml", "").unwrap();
    folder.keep();
    let refused = RunFolder::reopen(&place).unwrap_err().to_string();
    assert_eq!(refused, format!("{}: another program is at work in this folder", place.display()));
    fs::write(place.join(".partial-model.safetensors"), "half").unwrap();
    drop(folder);
    let again = RunFolder::reopen(&place).unwrap();
    assert!(RunFolder::reopen(&place).is_err());
    drop(again);
    let names: Vec<_> = fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["config.toml"]);
}

#[test]
fn patience_that_ends_with_the_last_update_ends_the_same_way_again() {
    let changes = "train.engine=manual train.updates=200 train.record_every=7 train.batch_size=32 train.momentum=0.8 \
                   train.learning_rate=0.3 train.schedule=cosine train.patience=9 split.validation=0.2 split.test=0.2";
    let run = prepared(&path("configs/default.toml"), &changes.split_whitespace().collect::<Vec<_>>());
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    // The record after the last update is out of turn, and the ninth without a lower cost.
    let first = train(&run, &mut folder, usize::MAX).outcome;
    assert_eq!((first.last().update, first.kept.update), (200, 140));
    assert_eq!(train(&run, &mut folder, usize::MAX).outcome.ending, first.ending);
}

#[test]
fn a_stop_while_the_first_bad_update_is_looked_for_goes_on_from_the_last_record() {
    let changes = ["train.learning_rate=5.5", "train.cost_limit=0.7", "train.engine=fused", "train.record_every=10"];
    let run = prepared(&path("configs/default.toml"), &changes);
    let whole = run.train(&mut ()).unwrap().outcome;
    assert!(matches!(whole.ending, Ending::Diverged { update: 34, .. }), "{:?}", whole.ending);
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    let part = run
        .train_with_checkpoints(&mut folder, None, &mut StopAt::repeat_of(31))
        .unwrap()
        .outcome;
    assert_eq!((part.ending.clone(), part.last().update), (Ending::Interrupted, 31));
    assert_eq!(run.checkpoint(&folder).unwrap().unwrap().state.update, 30);
    let rest = train(&run, &mut folder, usize::MAX).outcome;
    assert_eq!((rest.ending, rest.parameters), (whole.ending, whole.parameters));
}

#[test]
fn what_patience_has_stopped_stays_stopped() {
    let changes = ["train.patience=2", "train.learning_rate=3", "train.batch_size=16", "split.validation=0.2"];
    let run = prepared(&path("configs/moons.toml"), &changes);
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    let first = train(&run, &mut folder, usize::MAX).outcome;
    assert_eq!(first.ending, Ending::Stopped);
    assert_eq!(run.checkpoint(&folder).unwrap().unwrap().state.update, first.last().update);
    let again = train(&run, &mut folder, usize::MAX).outcome;
    assert_eq!((timeless(&again.history), again.ending), (timeless(&first.history), first.ending));
}

#[test]
fn the_time_of_a_run_is_that_of_its_parts() {
    let run = prepared(&path("configs/default.toml"), &["train.updates=300", "train.engine=manual"]);
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    let began = Instant::now();
    let first = train(&run, &mut folder, 200).outcome.last().seconds;
    let all = train(&run, &mut folder, usize::MAX).outcome.last().seconds;
    let elapsed = began.elapsed().as_secs_f64();
    assert!(0.0 < first && first < all && all < elapsed, "{first} {all} {elapsed}");
}
