//! A stored run comes out again, and what does not is named.

use std::fs;
use std::path::Path;

use petal::files::folder::RunFolder;
use petal::run::{Manifest, Run, StoredRun, Verification};
use petal::train::Ending;

use crate::support::{StopAt, path, prepared, program};

/// Runs into a folder, from the checkpoint that is there if there is one, up to an update or to the end.
fn store(run: &Run, folder: &mut RunFolder, stop_at: usize) -> Ending {
    let from = run.checkpoint(folder).unwrap();
    run.save(folder).unwrap();
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

fn verified(folder: &Path) -> Verification {
    StoredRun::load(folder).unwrap().verify(&mut ()).unwrap()
}

#[test]
fn however_a_run_ended_it_comes_out_again() {
    let watched = ["data.kind=moons", "split.validation=0.3", "split.test=0.2", "train.updates=150", "data.noise=0.5"];
    let batches = ["train.batch_size=16", "train.momentum=0.9", "train.learning_rate=0.1", "dtype=f32"];
    let early = ["train.patience=2", "train.learning_rate=3", "train.record_every=10", "decision.threshold=f1"];
    let diverging = ["train.learning_rate=9", "train.cost_limit=1.2"];
    let mut interruptions = 0;
    for (changes, expected) in
        [(batches.as_slice(), "finished"), (&early, "stopped"), (&diverging, "diverged"), (&[], "finished")]
    {
        for engine in ["train.engine=autodiff", "train.engine=fused"] {
            let changes = [&watched[..], changes, &[engine]].concat();
            let run = prepared(&path("configs/default.toml"), &changes);
            let temporary = tempfile::tempdir().unwrap();
            let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
            // Out of turn, and once more where it had just gone on; then to the end.
            for stop_at in [7, 8, usize::MAX] {
                let ending = store(&run, &mut folder, stop_at).to_string();
                let manifest = Manifest::load(folder.path()).unwrap();
                assert_eq!(manifest.ending, ending, "{changes:?}");
                match ending.as_str() {
                    "interrupted" => assert_eq!(manifest.updates, stop_at, "{changes:?}"),
                    ending => assert_eq!(ending, expected, "{changes:?}"),
                }
                interruptions += usize::from(ending == "interrupted");
                let verification = verified(folder.path());
                assert!(verification.same, "{changes:?}\n{verification}");
                assert!(verification.files.iter().all(|file| file.values >= 2), "{verification}");
            }
        }
    }
    assert!(interruptions == 16, "{interruptions}");
}

#[test]
fn what_is_not_as_it_was_is_named() {
    let temporary = tempfile::tempdir().unwrap();
    let table = temporary.path().join("t.csv");
    let rows: String = (0..60).map(|i| format!("{},{},{}\n", i, i * 7 % 40, i % 2)).collect();
    fs::write(&table, format!("a,b,y\n{rows}")).unwrap();
    let config = temporary.path().join("c.toml");
    let text =
        format!("[data]\nkind = \"csv\"\npath = {table:?}\nlabel = \"y\"\n[train]\nupdates = 50\nrecord_every = 10\n");
    fs::write(&config, text).unwrap();
    let run = prepared(&config, &[]);
    let mut folder = RunFolder::create(&temporary.path().join("run")).unwrap();
    store(&run, &mut folder, usize::MAX);
    let place = folder.path().to_owned();
    let changing = |file: &Path, change: &dyn Fn(Vec<u8>) -> Vec<u8>| {
        let whole = fs::read(file).unwrap();
        let other = change(whole.clone());
        assert_ne!(other, whole, "{}", file.display());
        fs::write(file, other).unwrap();
        let verification = verified(&place);
        fs::write(file, whole).unwrap();
        assert!(!verification.same);
        verification.to_string()
    };
    let text = |from: &'static str, to: &'static str| {
        move |whole: Vec<u8>| String::from_utf8(whole).unwrap().replacen(from, to, 1).into_bytes()
    };

    let history = place.join("history.csv");
    let cost = fs::read_to_string(&history)
        .unwrap()
        .lines()
        .nth(3)
        .unwrap()
        .split(',')
        .nth(1)
        .unwrap()
        .to_owned();
    // The last digit, which need not change the float.
    let said = changing(&history, &|whole| {
        let other = cost.replacen("e-", if cost.contains("0e-") { "1e-" } else { "0e-" }, 1);
        let other = format!("{}{}", &cost[..cost.len() - 4], &other[cost.len() - 3..]);
        String::from_utf8(whole).unwrap().replacen(&cost, &other, 1).into_bytes()
    });
    assert!(said.contains("history.csv        1 of "), "{said}");
    assert!(
        said.contains("first    line 4 (update 20), cost: stored ") && said.contains(&format!("again {cost}")),
        "{said}"
    );
    assert!(said.ends_with("The run does not come out again."), "{said}");

    let said = changing(&history, &|whole| {
        let text = String::from_utf8(whole).unwrap();
        text.lines()
            .take(5)
            .map(|line| format!("{line}\n"))
            .collect::<String>()
            .into_bytes()
    });
    assert!(said.contains("first    line 6, update: stored nothing, again 40"), "{said}");

    let said = changing(&place.join("model.safetensors"), &|mut whole| {
        let last = whole.len() - 8;
        whole[last] ^= 1;
        whole
    });
    assert!(said.contains("model.safetensors  1 of ") && said.contains("first    w2[3]: stored "), "{said}");
    let relative: f64 = said
        .split("relative difference ")
        .nth(1)
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!((5e-17..5e-16).contains(&relative), "{said}");

    let said = changing(&place.join("metrics.json"), &text("\"ending\": \"finished\"", "\"ending\": \"stopped\""));
    assert!(said.contains("first    ending: stored \"stopped\", again \"finished\""), "{said}");

    let said = changing(&table, &text("3,21,1", "3,22,1"));
    assert!(said.contains(&format!("Changed since: {} was ", table.display())) && said.ends_with("not trained again."));
    let said = changing(&place.join("config.toml"), &text("learning_rate = 1.2", "learning_rate = 1.3"));
    assert!(said.starts_with("Changed since: train.learning_rate was 1.2, and is 1.3\nIt is not"), "{said}");

    // Another machine or version is a remark.
    let manifest = place.join("run.json");
    let whole = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, whole.replacen(std::env::consts::OS, "plan9", 1).replacen("\"0.", "\"7.", 1)).unwrap();
    let verification = verified(&place);
    assert!(verification.same && verification.remarks.len() == 2, "{verification}");
    let os = format!("Remark: os was plan9 where the run was made, and is {} here", std::env::consts::OS);
    assert!(verification.to_string().contains(&os), "{verification}");

    let refused = |text: &str| {
        fs::write(&manifest, text).unwrap();
        StoredRun::load(&place).unwrap_err().to_string()
    };
    assert!(refused(&whole.replacen("finished", "failed", 1)).contains("its device failed; go on with"));
    assert!(refused("{}").contains("run.json: not a manifest: missing field"));
}

#[test]
fn the_number_of_threads_changes_no_bit() {
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
        // Enough for every engine to share the work.
        let changes = "data.samples=20000 model.hidden=20 train.updates=6 train.record_every=2 train.learning_rate=0.5";
        let changes = changes.split(' ').flat_map(|change| ["--set", change]);
        run("train", "2", &arguments.into_iter().chain(changes).collect::<Vec<_>>());
        for threads in ["1", "5"] {
            run("verify", threads, &[engine]);
        }
    }
}
