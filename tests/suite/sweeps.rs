//! Sweeps: their runs side by side, which is best, and sweeps that are interrupted, resumed and verified.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex};

use petal::config::{Config, Override};
use petal::files::folder::RunFolder;
use petal::run::{Measure, Run, StoredRun, Sweep, SweepRow, sweep_ending};
use petal::train::{Ending, Observer};

use crate::support::{self, StopAt, overrides, path};

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
struct UpdateCounter<'a>(&'a AtomicUsize);

impl Observer for UpdateCounter<'_> {
    fn on_update(&mut self, _update: usize) -> ControlFlow<()> {
        self.0.fetch_add(1, Ordering::Relaxed);
        ControlFlow::Continue(())
    }
}

/// Prepares the sweep of the default configuration with some settings changed.
fn prepared(changes: &[&str]) -> Sweep {
    Sweep::prepare(Config::load(&path("configs/default.toml"), &overrides(changes)).unwrap()).unwrap()
}

/// The sweep of [`CHANGES`] with other changes.
fn sweep_with(changes: &[&str]) -> Sweep {
    prepared(&[&CHANGES[..], changes].concat())
}

/// Starts or continues a sweep in a folder and saves it. Stops the training of the second run after an update.
fn train(sweep: &Sweep, folder: &mut RunFolder, stop_second_at: usize) -> Vec<SweepRow> {
    let checkpoints = sweep.checkpoints(folder).unwrap();
    sweep.save(folder).unwrap();

    let observe = |index: usize| StopAt::update(if index == 1 { stop_second_at } else { usize::MAX });
    let (rows, completed) = sweep.train_with_checkpoints(folder, &checkpoints, observe, |_| ());
    completed.unwrap();
    sweep.save_rows(&rows, folder).unwrap();
    rows
}

/// The text of the option `--sweep` as an override.
fn swept(option: &str) -> Override {
    Override::parse_sweep(option).unwrap()
}

/// Prepares the default configuration with the fused engine, few updates and some `--sweep` options.
fn fused(options: &[&str], changes: &[&str]) -> Sweep {
    let common = ["train.engine=fused", "train.updates=40", "train.record_every=10", "output.pictures=svg"];
    let mut all = overrides(&[&common[..], changes].concat());
    all.extend(options.iter().map(|option| swept(option)));
    Sweep::prepare(Config::load(&path("configs/default.toml"), &all).unwrap()).unwrap()
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
        let sweep = sweep_with(&[engine]);
        let folder = |name: &str| RunFolder::create(&temporary.path().join(format!("{name} {engine}"))).unwrap();
        let mut whole = folder("whole");
        train(&sweep, &mut whole, usize::MAX);
        let mut part = folder("part");
        for stop_at in [15, 16] {
            let rows = train(&sweep, &mut part, stop_at);
            // Runs that train side by side with the interrupted one are finished.
            assert!(rows.len() >= 2 && rows.len() <= 1 + sweep.workers(), "{}", rows.len());
            assert_eq!((rows[1].updates, sweep_ending(&rows)), (stop_at, Ending::Interrupted));
            let values = 7 * (1 + rows.len());
            assert_eq!(
                verification(part.path()),
                format!(
                    "data.csv           963 values, all the same\nsweep.csv          {values} values, all the same\nrun.json           2 values, all the same\nThe run was reproduced bit for bit."
                )
            );
        }
        // Runs that are finished are not trained again.
        let checkpoints = sweep.checkpoints(&part).unwrap();
        let finished = checkpoints[2].is_some();
        let trained = [0, 1, 2].map(|_| AtomicUsize::new(0));
        let observe = |index: usize| UpdateCounter(&trained[index]);
        let (rows, completed) = sweep.train_with_checkpoints(&mut part, &checkpoints, observe, |_| ());
        completed.unwrap();
        sweep.save_rows(&rows, &mut part).unwrap();
        assert_eq!(trained.map(AtomicUsize::into_inner), [0, 60 - 16, if finished { 0 } else { 60 }]);
        assert_eq!(results(part.path()), results(whole.path()));
        assert!(verification(part.path()).ends_with("was reproduced bit for bit."));
    }
}

#[test]
fn runs_side_by_side_have_the_results_of_runs_alone() {
    let sweep = fused(&["model.hidden=1..6", "train.learning_rate=0.3,1.2"], &["split.validation=0.2"]);
    let seen = Mutex::new(Vec::new());
    let (rows, completed) = sweep.train(|_| (), |rows| seen.lock().unwrap().push(rows.len()));
    completed.unwrap();
    assert_eq!(*seen.lock().unwrap(), (1..=12).collect::<Vec<_>>());

    for (row, run) in rows.iter().zip(&sweep.runs) {
        let run = Run::prepare(run.config.clone()).unwrap();
        let outcome = run.train(&mut ()).unwrap().outcome;
        assert_eq!(row.values, [run.config.model.hidden.to_string(), run.config.train.learning_rate.to_string()]);
        assert_eq!(
            [row.kept.cost, row.kept.validation.unwrap().cost].map(f64::to_bits),
            [outcome.kept.cost, outcome.kept.validation.unwrap().cost].map(f64::to_bits)
        );
    }
}

#[test]
fn a_resumed_sweep_may_change_its_values_and_updates_but_not_other_settings() {
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    train(&sweep_with(&[]), &mut folder, usize::MAX);

    let refused = sweep_with(&["train.learning_rate=0.2"]).checkpoints(&folder).unwrap_err();
    let expected =
        "checkpoint-2.safetensors: the run began with train.learning_rate = 0.3, and now it is 0.2: only train.updates";
    assert!(refused.to_string().contains(expected), "{refused}");
    let refused = sweep_with(&["train.learning_rate=0.2"]).check_resumable(&folder).unwrap_err();
    assert!(refused.to_string().contains("data.path, sweep and output may change"), "{refused}");

    // A sweep over `model.hidden` does not use its other value, so that may change.
    let have_checkpoints = |sweep: &Sweep| -> Vec<bool> {
        sweep.check_resumable(&folder).unwrap();
        let checkpoints = sweep.checkpoints(&folder).unwrap();
        checkpoints.iter().map(Option::is_some).collect()
    };
    let other_values = sweep_with(&["sweep.hidden=[3,4]"]);
    assert_eq!(have_checkpoints(&sweep_with(&["model.hidden=9"])), [true, true, true]);
    assert_eq!(have_checkpoints(&other_values), [true, false]);
    // Another key makes other runs.
    assert_eq!(have_checkpoints(&sweep_with(&["sweep.hidden=[3,4]", "sweep.seeds=2"])), [false; 4]);
    let rows = train(&other_values, &mut folder, usize::MAX);
    assert_eq!(rows.iter().map(|row| (&row.values[0][..], row.updates)).collect::<Vec<_>>(), [("3", 60), ("4", 60)]);
    assert!(verification(folder.path()).ends_with("was reproduced bit for bit."));

    let more_updates = sweep_with(&["train.updates=80"]);
    assert!(
        train(&more_updates, &mut folder, usize::MAX)
            .iter()
            .all(|row| row.updates == 80)
    );
    assert!(verification(folder.path()).ends_with("was reproduced bit for bit."));
}

/// The folder of a sweep as the version before wrote it: `hidden` in the configuration.
#[test]
fn a_sweep_of_an_older_version_can_be_resumed_and_verified() {
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    train(&sweep_with(&[]), &mut folder, usize::MAX);
    let file = folder.path().join("config.toml");
    let written = fs::read_to_string(&file).unwrap();
    let older = written.replace("\"model.hidden\" = [2, 3, 5]", "hidden = [2, 3, 5]");
    assert_ne!(written, older);
    fs::write(&file, older).unwrap();

    assert!(results(folder.path())[0].starts_with("hidden,updates,cost,accuracy,validation_cost,"));
    assert!(verification(folder.path()).ends_with("was reproduced bit for bit."));
    let sweep = Sweep::prepare(Config::load(&file, &[]).unwrap()).unwrap();
    sweep.check_resumable(&folder).unwrap();
    assert!(sweep.checkpoints(&folder).unwrap().iter().all(Option::is_some));
}

#[test]
fn sweeps_over_any_keys_can_be_verified() {
    let temporary = tempfile::tempdir().unwrap();
    let cases: [(&[&str], &str, usize); 6] = [
        (&["data.kind=moons,xor", "data.seed=1..2"], "kind,data.seed,updates,", 4),
        (&["train.updates=5,7"], "train.updates,updates,", 2),
        (&["dtype=f32,f64", "seeds=2"], "dtype,model.seed,updates,", 4),
        (&["split.validation=0,0.2"], "validation,updates,cost,accuracy,validation_cost,", 2),
        (&["train.schedule=constant,cosine", "train.momentum=0,0.5,0.9"], "momentum,schedule,", 6),
        (&["train.engine=manual,fused"], "engine,updates,", 2),
    ];
    for (number, (options, header, runs)) in cases.into_iter().enumerate() {
        let sweep = fused(options, &[]);
        let mut folder = RunFolder::create(&temporary.path().join(number.to_string())).unwrap();
        let rows = train(&sweep, &mut folder, usize::MAX);
        assert_eq!((rows.len(), sweep.runs.len()), (runs, runs), "{options:?}");
        let [table, _] = results(folder.path());
        let header = header
            .replace("dtype,model.seed", "dtype,seed")
            .replace("kind,data.seed", "kind,seed");
        assert!(table.starts_with(&header), "{table}");
        assert!(verification(folder.path()).ends_with("was reproduced bit for bit."), "{options:?}");

        // The folder can be resumed: everything in it is complete.
        let again = Sweep::prepare(Config::load(&folder.path().join("config.toml"), &[]).unwrap()).unwrap();
        again.check_resumable(&folder).unwrap();
        assert!(again.checkpoints(&folder).unwrap().iter().all(Option::is_some), "{options:?}");
        assert_eq!(train(&again, &mut folder, usize::MAX).len(), runs);
        assert_eq!(results(folder.path())[0], table);
    }
    // Each kind has its own data and its own default noise.
    let files: Vec<String> = fs::read_dir(temporary.path().join("0"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for name in ["data-moons+1.csv", "data-xor+2.svg", "checkpoint-xor+2.safetensors"] {
        assert!(files.contains(&name.to_owned()), "{name}: {files:?}");
    }
    let kinds = fused(&["data.kind=moons,circles"], &[]);
    let noise = |index: usize| kinds.runs[index].config.to_toml();
    assert!(noise(0).contains("noise = 0.2\n") && noise(1).contains("noise = 0.3\n"), "{}", noise(1));
}

#[test]
fn seeds_are_counted_up_from_the_seed_of_the_model() {
    let sweep = fused(&["model.hidden=2,3", "seeds=3"], &["model.seed=7"]);
    let values: Vec<String> = sweep.runs.iter().map(|run| run.values.join(" ")).collect();
    assert_eq!(values, ["2 7", "2 8", "2 9", "3 7", "3 8", "3 9"]);

    let (rows, _) = sweep.train(|_| (), |_| ());
    let combinations = sweep.combinations(&rows);
    assert_eq!(combinations.iter().map(|each| each.rows.len()).collect::<Vec<_>>(), [3, 3]);
    let costs: Vec<f64> = rows[3..].iter().map(|row| row.kept.cost).collect();
    let spread = combinations[1].spread(|record| record.cost).unwrap();
    let mut sorted = costs.clone();
    sorted.sort_by(f64::total_cmp);
    assert_eq!([spread.low, spread.median, spread.high], [sorted[0], sorted[1], sorted[2]]);
}

#[test]
fn the_best_values_are_those_with_the_lowest_validation_cost() {
    // With two hidden units the flower cannot be learned, with 10 it can.
    let sweep = fused(&["model.hidden=2,10", "seeds=3"], &["split.validation=0.3", "train.updates=2000"]);
    let (rows, _) = sweep.train(|_| (), |_| ());
    let best = sweep.best(&rows);
    assert_eq!((best.len(), sweep.measure()), (1, Measure::ValidationCost));
    assert_eq!(sweep.values(best[0].best), [("hidden", "10")]);
    assert!(best[0].equal.is_empty());
    let validation: Vec<f64> = rows[3..].iter().map(|row| row.kept.validation.unwrap().cost).collect();
    assert!(validation.contains(&best[0].spread.median));

    // The same network with another interval of records: there is no difference.
    let sweep = fused(&["train.record_every=5,10"], &[]);
    let (rows, _) = sweep.train(|_| (), |_| ());
    let best = sweep.best(&rows);
    assert_eq!((best[0].equal.len(), sweep.measure()), (1, Measure::TrainingCost));

    // Costs on different data are not compared.
    let sweep = fused(&["data.kind=moons,xor"], &[]);
    let (rows, _) = sweep.train(|_| (), |_| ());
    assert!(sweep.best(&rows).is_empty());
    let sweep = fused(&["data.kind=moons,xor", "model.hidden=1,4"], &[]);
    let (rows, _) = sweep.train(|_| (), |_| ());
    let data: Vec<_> = sweep.best(&rows).into_iter().map(|best| best.data).collect();
    assert_eq!(data, [[("kind", "moons")], [("kind", "xor")]]);
}

#[test]
fn runs_that_diverged_are_marked_and_never_best() {
    let temporary = tempfile::tempdir().unwrap();
    let sweep = fused(&["train.learning_rate=0.001,0.1,1e6"], &["train.cost_limit=100"]);
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    let rows = train(&sweep, &mut folder, usize::MAX);
    let endings: Vec<String> = rows.iter().map(|row| row.ending.to_string()).collect();
    assert_eq!(endings, ["finished", "finished", "diverged"]);
    // The cost before the divergence is that of the start, so it must not count.
    assert_eq!(rows[2].kept.update, 0);
    let best = sweep.best(&rows);
    assert_eq!(sweep.values(best[0].best), [("learning_rate", "0.1")]);

    for (picture, text) in [("sweep", "learning_rate = 1000000: diverged at 1"), ("sweep_cost", "diverged")] {
        let svg = fs::read_to_string(folder.path().join(format!("{picture}.svg"))).unwrap();
        assert!(svg.lines().any(|line| line.trim() == text), "{picture}: {svg}");
    }
    let svg = fs::read_to_string(folder.path().join("sweep_learning_rate.svg")).unwrap();
    assert!(svg.lines().any(|line| line.trim() == "diverged"));
}

#[test]
fn a_picture_in_another_format_replaces_the_first_picture() {
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    for (format, other) in [("svg", "png"), ("png", "svg")] {
        train(&sweep_with(&[&format!("output.pictures={format}")]), &mut folder, usize::MAX);
        for name in ["sweep", "sweep_cost", "sweep_hidden", "data"] {
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
    let one_network = support::prepared(&path("configs/default.toml"), &CHANGES[1..]);
    one_network.save(&mut folder).unwrap();
    one_network.train_with_checkpoints(&mut folder, None, &mut ()).unwrap();

    let refused = sweep_with(&[]).check_resumable(&folder).unwrap_err().to_string();
    assert!(
        refused.contains("the run began with sweep.model.hidden = not set, and now it is [2, 3, 5]"),
        "{refused}"
    );
}

#[test]
fn verify_reports_what_has_changed_in_a_sweep() {
    let temporary = tempfile::tempdir().unwrap();
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    train(&sweep_with(&[]), &mut folder, usize::MAX);
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
fn a_sweep_has_the_worst_ending_of_its_runs() {
    let temporary = tempfile::tempdir().unwrap();
    let changes = [
        "train.updates=60",
        "train.record_every=5",
        "train.batch_size=32",
        "split.validation=0.2",
        "train.patience=1",
    ];
    let other = ["data.kind=moons", "data.noise=0.5", "train.momentum=0.5", "train.engine=fused"];
    let with = |more: &[&str]| prepared(&[&changes[..], &other, more].concat());
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    let diverging = ["train.learning_rate=9", "train.cost_limit=1.5"];
    let sizes =
        |hidden: &str, updates: &str| with(&[&diverging[..], &[&format!("sweep.hidden=[{hidden}]"), updates]].concat());
    for (hidden, expected) in [("1,5,2", "stopped diverged stopped"), ("5,1", "diverged stopped"), ("5", "diverged")] {
        let rows = train(&sizes(hidden, "train.updates=60"), &mut folder, usize::MAX);
        assert_eq!(rows.iter().map(|row| row.ending.to_string()).collect::<Vec<_>>().join(" "), expected);
        assert_eq!(sweep_ending(&rows).to_string(), "diverged");
    }
    // With more updates, sizes that diverged or stopped early are not trained further, and the sweep can still be verified.
    for hidden in ["1,5,2", "1,2"] {
        let rows = train(&sizes(hidden, "train.updates=70"), &mut folder, usize::MAX);
        assert_eq!(sweep_ending(&rows).to_string(), if hidden == "1,2" { "stopped" } else { "diverged" });
        assert!(rows.iter().all(|row| row.updates < 60));
        assert!(
            verification(folder.path()).ends_with("was reproduced bit for bit."),
            "{}",
            verification(folder.path())
        );
    }
}

#[test]
fn an_interruption_matters_more_than_a_divergence_side_by_side_with_it() {
    let sweep = fused(&["train.learning_rate=0.1,1e6"], &["train.cost_limit=100"]);
    // The first run waits until the second one is begun too. On one core that never happens.
    let both_begun = Barrier::new(sweep.workers());
    let observe = |index: usize| {
        both_begun.wait();
        StopAt::update(if index == 0 { 5 } else { usize::MAX })
    };
    let (rows, _) = sweep.train(observe, |_| ());
    assert_eq!(rows.len(), sweep.workers());
    assert_eq!((rows[0].updates, sweep_ending(&rows)), (5, Ending::Interrupted));
}

#[test]
fn notes_on_equal_units_name_the_runs_that_they_are_true_of() {
    let sweep = [Override::parse_sweep("model.init_scale=0.01,0").unwrap()];
    let config = Config::from_toml("[train]\nengine = \"fused\"", "x.toml", &sweep).unwrap();
    let notes = Sweep::prepare(config).unwrap().start_notes;
    assert_eq!(notes.len(), 2, "{notes:?}");
    for note in &notes {
        assert!(note.starts_with("In 1 of 2 runs (model.init_scale = 0): All 4 hidden units"), "{note}");
    }
}
