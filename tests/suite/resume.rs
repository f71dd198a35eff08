//! A run that was interrupted and resumed gives the same bits as one that was never interrupted.

use std::fs;
use std::path::Path;
use std::time::Instant;

use petal::files::checkpoint::{self, Checkpoint};
use petal::files::folder::RunFolder;
use petal::run::{Run, Trained};
use petal::train::{Ending, Frame, Record};

use crate::support::{StopAt, path, prepared};

/// Trains in a folder, from its checkpoint if it has one.
fn train<'a>(run: &'a Run, folder: &mut RunFolder, stop_at: usize) -> Trained<'a> {
    let from = run.checkpoint(folder).unwrap();
    run.train_with_checkpoints(folder, from, &mut StopAt::update(stop_at)).unwrap()
}

/// The parameters after chosen updates.
fn frames<'a>(trained: &'a Trained) -> &'a [Frame] {
    trained.frames.as_ref().unwrap().until(trained.outcome.last().update)
}

/// The records without their times.
fn without_times(history: &[Record]) -> Vec<Record> {
    history.iter().map(|record| Record { seconds: 0.0, ..record.clone() }).collect()
}

#[test]
fn every_kind_of_training_resumes_bit_for_bit() {
    let moons = [
        "data.kind=moons",
        "data.samples=90",
        "split.validation=0.2",
        "train.updates=137",
        "train.record_every=20",
    ];
    let kinds: &[&[&str]] = &[
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
    for (kind, engine) in kinds
        .iter()
        .flat_map(|kind| ["autodiff", "manual", "fused"].map(|engine| (kind, engine)))
    {
        let engine = format!("train.engine={engine}");
        let changes = [&moons[..], kind, &[&engine]].concat();
        let run = prepared(&path("configs/moons.toml"), &changes);
        let temporary = tempfile::tempdir().unwrap();
        let mut folder = RunFolder::create(&temporary.path().join("uninterrupted")).unwrap();
        let uninterrupted = train(&run, &mut folder, usize::MAX);
        let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();

        // Stop between two records, at a record, and one update after a resume.
        for stop_at in [33, 40, 41] {
            let part = train(&run, &mut folder, stop_at).outcome;
            // Early stopping may end training before the update.
            if part.ending != Ending::Interrupted {
                assert_eq!(uninterrupted.outcome.ending, Ending::StoppedEarly, "{changes:?}");
                continue;
            }
            assert_eq!(part.last().update, stop_at);
        }

        let resumed = train(&run, &mut folder, usize::MAX);
        assert_eq!(resumed.outcome.parameters, uninterrupted.outcome.parameters, "{changes:?}");
        assert_eq!(
            without_times(&resumed.outcome.history),
            without_times(&uninterrupted.outcome.history),
            "{changes:?}"
        );
        assert_eq!(
            (resumed.outcome.kept.update, resumed.threshold),
            (uninterrupted.outcome.kept.update, uninterrupted.threshold)
        );
        assert_eq!(resumed.outcome.ending, uninterrupted.outcome.ending, "{changes:?}");
        assert_eq!(frames(&resumed), frames(&uninterrupted), "{changes:?}");
        compared += 1;
    }
    assert_eq!(compared, 24);
}

/// The frames save time only. Without their file, or with one of another checkpoint, the training is repeated.
#[test]
fn frames_that_are_lost_are_made_again() {
    let run = prepared(&path("configs/default.toml"), &["train.engine=fused", "train.updates=900"]);
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("uninterrupted")).unwrap();
    let uninterrupted = train(&run, &mut folder, usize::MAX);
    assert!(frames(&uninterrupted).len() > 150);
    let of_another = fs::read(folder.path().join("frames.safetensors")).unwrap();

    type Damage<'a> = &'a dyn Fn(&Path);
    let damages: [Damage; 4] = [
        &|_| (),
        &|file| fs::remove_file(file).unwrap(),
        &|file| fs::write(file, &of_another).unwrap(),
        &|file| fs::write(file, "no frames").unwrap(),
    ];
    for (index, damage) in damages.into_iter().enumerate() {
        let mut folder = RunFolder::create(&temporary.path().join(index.to_string())).unwrap();
        train(&run, &mut folder, 700);
        damage(&folder.path().join("frames.safetensors"));
        let resumed = train(&run, &mut folder, usize::MAX);
        assert_eq!(frames(&resumed), frames(&uninterrupted), "damage {index}");
        assert_eq!(fs::read(folder.path().join("frames.safetensors")).unwrap().len(), of_another.len());
    }
}

/// The page is made from what training computes anyway.
#[test]
fn frames_change_no_result() {
    let [with, without] = ["true", "false"].map(|report| {
        let changes = ["train.engine=fused", "train.updates=300", &format!("output.report={report}")];
        let run = prepared(&path("configs/default.toml"), &changes);
        let temporary = tempfile::tempdir().unwrap();
        let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
        let trained = train(&run, &mut folder, usize::MAX);
        assert_eq!(trained.frames.is_some(), report == "true");
        (trained.outcome.parameters, without_times(&trained.outcome.history))
    });
    assert_eq!(with, without);
}

#[test]
fn training_on_several_devices_resumes_bit_for_bit() {
    let changes = ["device=[\"flex\", \"flex\"]", "train.updates=60", "train.momentum=0.5", "train.engine=manual"];
    let run = prepared(&path("configs/default.toml"), &changes);
    let uninterrupted = run.train(&mut ()).unwrap();
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    train(&run, &mut folder, 17);
    let resumed = train(&run, &mut folder, usize::MAX);
    assert_eq!(resumed.outcome.parameters, uninterrupted.outcome.parameters);
}

#[test]
fn a_resumed_training_diverges_at_the_same_update() {
    let changes = ["train.learning_rate=5.5", "train.cost_limit=0.7", "train.engine=fused"];
    let run = prepared(&path("configs/default.toml"), &changes);
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("uninterrupted")).unwrap();
    let trained = train(&run, &mut folder, usize::MAX);
    let expected_frames = frames(&trained).to_vec();
    let uninterrupted = trained.outcome;
    assert!(matches!(uninterrupted.ending, Ending::Diverged { update: 34, .. }), "{:?}", uninterrupted.ending);
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    assert_eq!(train(&run, &mut folder, 28).outcome.ending, Ending::Interrupted);
    // Resume once until training diverges, and once more after that.
    for _ in 0..2 {
        let resumed = train(&run, &mut folder, usize::MAX);
        assert_eq!(frames(&resumed), expected_frames);
        let resumed = resumed.outcome;
        assert_eq!(
            (resumed.ending, resumed.parameters, without_times(&resumed.history)),
            (
                uninterrupted.ending.clone(),
                uninterrupted.parameters.clone(),
                without_times(&uninterrupted.history)
            )
        );
        assert_eq!(run.checkpoint(&folder).unwrap().unwrap().state.update, 0);
    }
}

#[test]
fn a_finished_run_can_be_resumed_with_more_updates() {
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    let with = |updates: usize| prepared(&path("configs/default.toml"), &[&format!("train.updates={updates}")]);
    let (short, long) = (with(150), with(320));
    let first = train(&short, &mut folder, usize::MAX);
    assert_eq!(first.outcome.history.iter().map(|record| record.update).collect::<Vec<_>>(), [0, 100, 150]);
    // Resumed without more updates, it makes none.
    let again = train(&short, &mut folder, usize::MAX);
    assert_eq!(without_times(&again.outcome.history), without_times(&first.outcome.history));
    assert_eq!(again.outcome.parameters, first.outcome.parameters);
    // The record at 150 was not on the schedule, so the longer run does not have it.
    let resumed = train(&long, &mut folder, usize::MAX);
    let uninterrupted = long.train(&mut ()).unwrap();
    assert_eq!(without_times(&resumed.outcome.history), without_times(&uninterrupted.outcome.history));
    assert_eq!(resumed.outcome.parameters, uninterrupted.outcome.parameters);
}

#[test]
fn a_checkpoint_of_another_run_is_refused_and_the_difference_is_named() {
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
    let configuration = folder.path().join("config.toml");
    let message_by_checkpoint =
        |changes: &[&str]| prepared(&config, changes).checkpoint(&folder).unwrap_err().to_string();
    let check_by_folder = |changes: &[&str]| {
        prepared(&config, changes)
            .check_resumable(&folder)
            .map_err(|error| error.to_string())
    };

    let cases = [
        ("train.learning_rate=0.5", "the run began with train.learning_rate = 1.2, and now it is 0.5"),
        ("train.seed=4", "the run began with train.seed = 3, and now it is 4"),
        ("train.patience=4", "the run began with train.patience = not set, and now it is 4"),
        (
            "train.updates=19",
            "train.updates = 19: must be at least 20, because the run has already made so many updates",
        ),
    ];
    for (change, expected) in cases {
        let message = message_by_checkpoint(&[change]);
        assert!(message.starts_with(&format!("{}: {expected}", file.display())), "{message}");
        // The folder's configuration gives the same reasons. It does not say how many updates were made.
        let checked = check_by_folder(&[change]);
        assert_eq!(checked.is_ok(), change.contains("updates"), "{checked:?}");
        let expected = format!("{}: {expected}", configuration.display());
        assert!(checked.err().is_none_or(|message| message.starts_with(&expected)), "{change}");
    }
    for change in ["train.updates=20", "train.checkpoint_every=7", "output.pictures=svg", "output.print_every=3"] {
        assert!(prepared(&config, &[change]).checkpoint(&folder).unwrap().is_some(), "{change}");
        assert_eq!(check_by_folder(&[change]), Ok(()), "{change}");
    }

    fs::write(&table, format!("a,b,y\n{}", rows.replacen("1,7,1", "1,8,1", 1))).unwrap();
    let data_changed = |path: &Path| format!("{}: {} has changed since the run began", path.display(), table.display());
    assert_eq!(message_by_checkpoint(&[]), data_changed(&file));
    let manifest = folder.path().join("run.json");
    assert_eq!(check_by_folder(&[]).unwrap_err(), data_changed(&manifest));
    // Only the manifest and the checkpoint have the fingerprint of the data.
    fs::remove_file(manifest).unwrap();
    assert_eq!(check_by_folder(&[]), Ok(()));
    fs::remove_file(&file).unwrap();
    assert_eq!(run.checkpoint(&folder).unwrap(), None);
}

#[test]
fn a_run_with_a_schedule_cannot_be_resumed_with_more_updates() {
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    let with = |updates: &str| prepared(&path("configs/default.toml"), &["train.schedule=linear", updates]);
    train(&with("train.updates=50"), &mut folder, 20);
    let message = with("train.updates=60").checkpoint(&folder).unwrap_err().to_string();
    assert!(message.contains("train.updates = 50, and now it is 60: with a schedule"), "{message}");
}

#[test]
fn a_checkpoint_that_is_stored_and_read_again_is_equal() {
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
fn a_folder_in_use_cannot_be_opened_by_a_second_program() {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("run");
    let mut folder = RunFolder::create(&path).unwrap();
    assert_eq!(
        RunFolder::reopen(&path).unwrap_err().to_string(),
        format!("{} is not the folder of a run: it holds no config.toml", path.display())
    );
    folder.write("config.toml", "").unwrap();
    folder.keep();
    let message = RunFolder::reopen(&path).unwrap_err().to_string();
    assert_eq!(message, format!("{}: another program is at work in this folder", path.display()));

    // A killed program may leave such a file. It is removed when the folder is opened again.
    fs::write(path.join(".partial-model.safetensors"), "half").unwrap();
    drop(folder);
    let reopened = RunFolder::reopen(&path).unwrap();
    assert!(RunFolder::reopen(&path).is_err());
    drop(reopened);
    let names: Vec<_> = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["config.toml"]);
}

#[test]
fn a_run_whose_patience_ends_with_its_last_update_ends_the_same_way_when_resumed() {
    let changes = "train.engine=manual train.updates=200 train.record_every=7 train.batch_size=32 train.momentum=0.8 \
                   train.learning_rate=0.3 train.schedule=cosine train.patience=9 split.validation=0.2 split.test=0.2";
    let run = prepared(&path("configs/default.toml"), &changes.split_whitespace().collect::<Vec<_>>());
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    // The record after the last update is not on the schedule. It is the ninth record without a lower cost.
    let first = train(&run, &mut folder, usize::MAX).outcome;
    assert_eq!((first.last().update, first.kept.update), (200, 140));
    assert_eq!(train(&run, &mut folder, usize::MAX).outcome.ending, first.ending);
}

#[test]
fn a_run_stopped_during_the_search_for_the_first_bad_update_resumes_from_the_last_record() {
    let changes = ["train.learning_rate=5.5", "train.cost_limit=0.7", "train.engine=fused", "train.record_every=10"];
    let run = prepared(&path("configs/default.toml"), &changes);
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("uninterrupted")).unwrap();
    let trained = train(&run, &mut folder, usize::MAX);
    let expected_frames = frames(&trained).to_vec();
    let uninterrupted = trained.outcome;
    assert!(matches!(uninterrupted.ending, Ending::Diverged { update: 34, .. }), "{:?}", uninterrupted.ending);
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    let part = run
        .train_with_checkpoints(&mut folder, None, &mut StopAt::repeat_of(31))
        .unwrap()
        .outcome;
    assert_eq!((part.ending.clone(), part.last().update), (Ending::Interrupted, 31));
    assert_eq!(run.checkpoint(&folder).unwrap().unwrap().state.update, 30);
    let resumed = train(&run, &mut folder, usize::MAX);
    assert_eq!(frames(&resumed), expected_frames);
    let resumed = resumed.outcome;
    assert_eq!((resumed.ending, resumed.parameters), (uninterrupted.ending, uninterrupted.parameters));
}

#[test]
fn a_run_that_early_stopping_ended_makes_no_updates_when_resumed() {
    let changes = ["train.patience=2", "train.learning_rate=3", "train.batch_size=16", "split.validation=0.2"];
    let run = prepared(&path("configs/moons.toml"), &changes);
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    let first = train(&run, &mut folder, usize::MAX).outcome;
    assert_eq!(first.ending, Ending::StoppedEarly);
    assert_eq!(run.checkpoint(&folder).unwrap().unwrap().state.update, first.last().update);
    let again = train(&run, &mut folder, usize::MAX).outcome;
    assert_eq!((without_times(&again.history), again.ending), (without_times(&first.history), first.ending));
}

#[test]
fn a_resumed_run_adds_its_time_to_that_before_the_stop() {
    let run = prepared(&path("configs/default.toml"), &["train.updates=300", "train.engine=manual"]);
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    let began = Instant::now();
    let first = train(&run, &mut folder, 200).outcome.last().seconds;
    let all = train(&run, &mut folder, usize::MAX).outcome.last().seconds;
    let elapsed = began.elapsed().as_secs_f64();
    assert!(0.0 < first && first < all && all < elapsed, "{first} {all} {elapsed}");
}
