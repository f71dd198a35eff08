//! `petal verify` reproduces a stored run, and names what differs.

use std::fs;
use std::path::Path;

use petal::files::folder::RunFolder;
use petal::run::{Manifest, Run, StoredRun, Verification};
use petal::train::Ending;

use crate::support::{StopAt, path, prepared, program};

/// Trains and saves into a folder, from its checkpoint if it has one, up to an update or to the end.
fn store(run: &Run, folder: &mut RunFolder, stop_at: usize) -> Ending {
    let from = run.checkpoint(folder).unwrap();
    run.save(folder).unwrap();
    // A folder that a program works in cannot be loaded. Here `folder` itself holds the lock.
    assert!(
        StoredRun::load(folder.path())
            .unwrap_err()
            .to_string()
            .contains("another program is at work in this folder")
    );
    let trained = run.train_with_checkpoints(folder, from, &mut StopAt::update(stop_at)).unwrap();
    trained.save(folder).unwrap();
    let results = trained.evaluate().unwrap();
    results.save(folder).unwrap();
    results.outcome.ending.clone()
}

fn verify(folder: &Path) -> Verification {
    StoredRun::load(folder).unwrap().verify(&mut ()).unwrap()
}

#[test]
fn a_stored_run_is_reproduced_however_it_ended() {
    let common = ["data.kind=moons", "split.validation=0.3", "split.test=0.2", "train.updates=150", "data.noise=0.5"];
    let batches = ["train.batch_size=16", "train.momentum=0.9", "train.learning_rate=0.1", "dtype=f32"];
    let early = ["train.patience=2", "train.learning_rate=3", "train.record_every=10", "decision.threshold=f1"];
    let diverging = ["train.learning_rate=9", "train.cost_limit=1.2"];
    let mut interruptions = 0;
    for (changes, expected) in
        [(batches.as_slice(), "finished"), (&early, "stopped"), (&diverging, "diverged"), (&[], "finished")]
    {
        for engine in ["train.engine=autodiff", "train.engine=fused"] {
            let changes = [&common[..], changes, &[engine]].concat();
            let run = prepared(&path("configs/default.toml"), &changes);
            let temporary = tempfile::tempdir().unwrap();
            let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
            // Stop outside the schedule of records, then one update after the resume, then run to the end.
            for stop_at in [7, 8, usize::MAX] {
                let ending = store(&run, &mut folder, stop_at).to_string();
                let manifest = Manifest::load(folder.path()).unwrap();
                assert_eq!(manifest.ending, ending, "{changes:?}");
                match ending.as_str() {
                    "interrupted" => assert_eq!(manifest.updates, stop_at, "{changes:?}"),
                    ending => assert_eq!(ending, expected, "{changes:?}"),
                }
                interruptions += usize::from(ending == "interrupted");
                let verification = verify(folder.path());
                assert!(verification.same, "{changes:?}\n{verification}");
                assert!(verification.files.iter().all(|file| file.values >= 2), "{verification}");
            }
        }
    }
    assert!(interruptions == 16, "{interruptions}");
}

#[test]
fn verify_names_every_number_setting_and_file_that_has_changed() {
    let temporary = tempfile::tempdir().unwrap();
    let table = temporary.path().join("t.csv");
    let rows: String = (0..60).map(|i| format!("{},{},1,{}\n", i, i * 7 % 40, i % 2)).collect();
    fs::write(&table, format!("a,b,same,y\n{rows}")).unwrap();
    let config = temporary.path().join("c.toml");
    let text =
        format!("[data]\nkind = \"csv\"\npath = {table:?}\nlabel = \"y\"\n[train]\nupdates = 50\nrecord_every = 10\n");
    fs::write(&config, text).unwrap();
    let run = prepared(&config, &[]);
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    store(&run, &mut folder, usize::MAX);
    let run_path = folder.path().to_owned();

    // Changes a file, verifies, and restores the file. Returns the report.
    let report_after = |file: &Path, change: &dyn Fn(Vec<u8>) -> Vec<u8>| {
        let original = fs::read(file).unwrap();
        let changed = change(original.clone());
        assert_ne!(changed, original, "{}", file.display());
        fs::write(file, changed).unwrap();
        let verification = verify(&run_path);
        fs::write(file, original).unwrap();
        assert!(!verification.same);
        verification.to_string()
    };
    let replacing = |from: &'static str, to: &'static str| {
        move |contents: Vec<u8>| String::from_utf8(contents).unwrap().replacen(from, to, 1).into_bytes()
    };

    let history = run_path.join("history.csv");
    let cost = fs::read_to_string(&history)
        .unwrap()
        .lines()
        .nth(3)
        .unwrap()
        .split(',')
        .nth(1)
        .unwrap()
        .to_owned();
    // The last digit. Such a change is reported even if both texts stand for the same f64.
    let report = report_after(&history, &|contents| {
        let other = cost.replacen("e-", if cost.contains("0e-") { "1e-" } else { "0e-" }, 1);
        let other = format!("{}{}", &cost[..cost.len() - 4], &other[cost.len() - 3..]);
        String::from_utf8(contents).unwrap().replacen(&cost, &other, 1).into_bytes()
    });
    assert!(report.contains("history.csv        1 of "), "{report}");
    assert!(
        report.contains("first    line 4 (update 20), cost: stored ") && report.contains(&format!("again {cost}")),
        "{report}"
    );
    assert!(report.ends_with("The run was not reproduced."), "{report}");

    // The rows after the first five lines are missing.
    let report = report_after(&history, &|contents| {
        let text = String::from_utf8(contents).unwrap();
        text.lines()
            .take(5)
            .map(|line| format!("{line}\n"))
            .collect::<String>()
            .into_bytes()
    });
    assert!(report.contains("first    line 6, update: stored nothing, again 40"), "{report}");

    // The lowest bit of the last number.
    let report = report_after(&run_path.join("model.safetensors"), &|mut contents| {
        let last = contents.len() - 8;
        contents[last] ^= 1;
        contents
    });
    assert!(
        report.contains("model.safetensors  1 of ") && report.contains("first    w2[3]: stored "),
        "{report}"
    );
    let relative: f64 = report
        .split("relative difference ")
        .nth(1)
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!((5e-17..5e-16).contains(&relative), "{report}");

    let report =
        report_after(&run_path.join("metrics.json"), &replacing("\"ending\": \"finished\"", "\"ending\": \"stopped\""));
    assert!(report.contains("first    ending: stored \"stopped\", again \"finished\""), "{report}");

    let report = report_after(&table, &replacing("3,21,1", "3,22,1"));
    assert!(
        report.contains(&format!("Changed since: {} was ", table.display())) && report.ends_with("not trained again.")
    );
    let report = report_after(&run_path.join("config.toml"), &replacing("learning_rate = 1.2", "learning_rate = 1.3"));
    let changed = "Changed since: train.learning_rate was 1.2, and is 1.3\nSettings or data have changed since";
    assert!(report.starts_with(changed), "{report}");

    // Other settings of the data or the split change the samples. The file is the same, so it is not mentioned.
    let report = report_after(&run_path.join("config.toml"), &|contents| {
        let text = String::from_utf8(contents).unwrap();
        let (before, split) = text.split_once("[split]").unwrap();
        format!("{before}[split]{}", split.replacen("seed = 1", "seed = 2", 1)).into_bytes()
    });
    let changed = "Changed since: split.seed was 1, and is 2\nSettings or data have changed since";
    assert!(report.starts_with(changed), "{report}");

    // Another version may word a finding about the table in another way.
    let findings = run_path.join("doctor.json");
    let original = fs::read_to_string(&findings).unwrap();
    fs::write(&findings, original.replacen("the same", "one", 1)).unwrap();
    assert_ne!(fs::read_to_string(&findings).unwrap(), original);
    assert!(verify(&run_path).same);
    fs::write(&findings, original).unwrap();

    // Another machine and another version of Petal are mentioned. The run is reproduced all the same.
    let manifest = run_path.join("run.json");
    let original = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, original.replacen(std::env::consts::OS, "plan9", 1).replacen("\"0.", "\"7.", 1)).unwrap();
    let verification = verify(&run_path);
    assert!(verification.same && verification.remarks.len() == 2, "{verification}");
    let os = format!("Note: os was plan9 where the run was made, and is {} here", std::env::consts::OS);
    assert!(verification.to_string().contains(&os), "{verification}");

    let message_for = |text: &str| {
        fs::write(&manifest, text).unwrap();
        StoredRun::load(&run_path).unwrap_err().to_string()
    };
    assert!(
        message_for(&original.replacen("finished", "failed", 1)).contains("its device failed; continue the run with")
    );
    assert!(message_for("{}").contains("run.json: not a manifest: missing field"));
}

#[test]
fn the_number_of_threads_does_not_change_any_number() {
    let temporary = tempfile::tempdir().unwrap();
    let run = |job: &str, threads: &str, arguments: &[&str]| {
        let mut command = program("petal");
        let output = command
            .current_dir(temporary.path())
            .env("RAYON_NUM_THREADS", threads)
            .arg(job)
            .args(arguments)
            .output();
        let output = output.unwrap();
        assert!(output.status.success(), "{threads}: {output:?}");
    };
    let config = path("configs/default.toml");
    for engine in ["autodiff", "manual", "fused"] {
        let arguments = [config.to_str().unwrap(), "--quiet", "--engine", engine, "--out", engine];
        // Enough samples that every engine can split the work among threads.
        let changes = "data.samples=20000 model.hidden=20 train.updates=6 train.record_every=2 train.learning_rate=0.5";
        let changes = changes.split(' ').flat_map(|change| ["--set", change]);
        run("train", "2", &arguments.into_iter().chain(changes).collect::<Vec<_>>());
        for threads in ["1", "5"] {
            run("verify", threads, &[engine]);
        }
    }
}
