//! `report.html`: what it says, what it holds, and that nothing in it can come from elsewhere.

use std::fs;
use std::path::Path;

use crate::support::{path, program};

/// The page of a run that trains in a temporary folder.
fn page(config: &Path, changes: &[&str], folder: &Path) -> String {
    let mut command = program("petal");
    command
        .arg("train")
        .arg(config)
        .args(["--engine", "fused", "--quiet", "--out"])
        .arg(folder);
    for change in changes {
        command.args(["--set", change]);
    }
    let output = command.output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
    fs::read_to_string(folder.join("report.html")).unwrap()
}

/// The text between two marks, each of which the page has once before it.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("no {start}"));
    rest.split_once(end).unwrap_or_else(|| panic!("no {end}")).0
}

fn data(page: &str) -> serde_json::Value {
    serde_json::from_str(between(page, r#"id="run">"#, "</script>")).unwrap()
}

fn decoded(text: &serde_json::Value) -> Vec<f64> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(text.as_str().unwrap())
        .unwrap();
    bytes
        .as_chunks::<8>()
        .0
        .iter()
        .map(|bytes| f64::from_le_bytes(*bytes))
        .collect()
}

#[test]
fn the_page_of_the_default_run_holds_its_numbers_and_is_small() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("run");
    let page = page(&path("configs/default.toml"), &[], &folder);
    assert!(page.len() < 250_000, "{} bytes", page.len());
    assert!(page.contains("<h1>Four tanh units learn the flower</h1>"));

    let data = data(&page);
    let updates: Vec<u64> = data["frames"]["updates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n.as_u64().unwrap())
        .collect();
    assert_eq!((updates[0], updates[updates.len() - 1]), (0, 10_000));
    let parameters = decoded(&data["frames"]["parameters"]);
    assert_eq!(parameters.len(), 17 * updates.len());
    let model = petal::files::model_file::ModelFile::load(&folder.join("model.safetensors")).unwrap();
    assert_eq!(parameters[17 * (updates.len() - 1)..], model.parameters.flattened());

    let metrics: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("metrics.json")).unwrap()).unwrap();
    let costs = decoded(&data["history"]["cost"]);
    // The cost is computed again by the same engine.
    assert_eq!(costs[costs.len() - 1], metrics["cost"].as_f64().unwrap());
    assert!(page.contains("it predicts 90.50 % right"));
}

/// No name from a table can become markup, and the policy lets only the page's own script and style in.
#[test]
fn names_cannot_become_markup() {
    let temporary = tempfile::tempdir().unwrap();
    let evil = "</script><img src=x onerror=alert(1)>";
    let mut table = format!("\"{evil}\",b,label\n");
    for i in 0..20 {
        table += &format!("{i},{},{}\n", 20 - i, if i % 2 == 0 { evil } else { "<!--" });
    }
    let file = temporary.path().join("table.csv");
    fs::write(&file, table).unwrap();
    let config = temporary.path().join("run.toml");
    let settings = format!("[data]\nkind = \"csv\"\npath = {file:?}\nlabel = \"label\"\n[train]\nupdates = 50\n");
    fs::write(&config, settings).unwrap();
    let page = page(&config, &[], &temporary.path().join("run"));

    assert_eq!(page.matches("</script>").count(), 2, "the ends of the page's own two elements");
    assert_eq!(page.matches("<script").count(), 2);
    assert!(!page.contains("<img src=x") && !page.contains("<!--"));
    assert_eq!(data(&page)["inputs"][0]["name"], evil);
    let script = between(&page, "<script>", "</script>");
    let policy = between(&page, r#"http-equiv="Content-Security-Policy" content=""#, "\"");
    let hash = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(petal::data::sha256(script))
    };
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    assert!(policy.contains(&format!("script-src 'sha256-{hash}';")), "{policy}");
}

#[test]
fn the_same_run_has_the_same_page_and_every_kind_of_run_has_one() {
    let temporary = tempfile::tempdir().unwrap();
    let cases: [(&str, &[&str]); 7] = [
        ("default", &["train.updates=0"]),
        ("default", &["data.samples=2", "train.updates=20"]),
        ("default", &["model.hidden=50", "train.updates=300"]),
        ("default", &["train.learning_rate=1000", "train.updates=300"]),
        ("default", &["model.activation=relu", "dtype=f32", "train.updates=300"]),
        ("penguins", &[]),
        ("breast_cancer", &["train.epochs=20"]),
    ];
    for (index, (name, changes)) in cases.into_iter().enumerate() {
        let config = path(&format!("configs/{name}.toml"));
        let [one, other] = ["first", "second"].map(|copy| {
            let name = format!("{copy}-copy-{index}");
            // Only the folder's name differs, in the command that verifies the run.
            page(&config, changes, &temporary.path().join(&name)).replace(&name, "")
        });
        let same = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
        assert!(one == other, "{name} {changes:?}: {:?}", &one[same.saturating_sub(80)..(same + 40).min(one.len())]);
        assert!(one.len() < 2_000_000, "{name} {changes:?}: {} bytes", one.len());
        // The slider reaches the last update, which need not be one of the frames that are stored.
        let numbers = data(&one);
        let updates = numbers["frames"]["updates"].as_array().unwrap();
        assert_eq!(updates[updates.len() - 1], numbers["training"]["updates"], "{name} {changes:?}");
        let text = one.split("<script").next().unwrap();
        assert!(!text.contains(">NaN") && !text.contains(" NaN") && !text.contains("inf "), "{name} {changes:?}");
    }
}

/// The page of a sweep has a network for each combination, whose numbers are those of `sweep.csv`, and is written again alike.
#[test]
fn the_page_of_a_sweep_holds_the_numbers_of_its_table() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("sweep");
    let changes = [
        "train.updates=300",
        "sweep.data.noise=[0.2, 0.3]",
        "sweep.train.learning_rate=[0.5, 1.2, 1000.0]",
        "sweep.seeds=3",
    ];
    let first = page(&path("configs/default.toml"), &changes, &folder);
    let numbers = data(&first);
    let networks = numbers["sweep"].as_array().unwrap();
    assert_eq!((networks.len(), numbers["data"].as_array().unwrap().len(), &numbers["columns"]), (6, 2, &3.into()));
    assert_eq!(
        networks
            .iter()
            .map(|network| network["data"].as_u64().unwrap())
            .collect::<Vec<_>>(),
        [0, 0, 0, 1, 1, 1]
    );
    assert!(networks.iter().all(|network| network["divergence"].is_null()
        == (network["label"] != "0.2, 1000.0" && network["label"] != "0.3, 1000.0")));

    // The network of a combination is that of the seed with the median cost.
    let table = fs::read_to_string(folder.join("sweep.csv")).unwrap();
    let costs: Vec<f64> = table
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(4).unwrap().parse().unwrap())
        .collect();
    for (network, costs) in networks.iter().zip(costs.chunks(3)) {
        let kept = network["training"]["kept_update"].as_u64().unwrap();
        let updates = network["history"]["updates"].as_array().unwrap();
        let index = updates.iter().position(|update| update.as_u64() == Some(kept)).unwrap();
        let mut sorted = costs.to_vec();
        sorted.sort_by(f64::total_cmp);
        assert_eq!(decoded(&network["history"]["cost"])[index], sorted[1], "{}", network["name"]);
    }

    fs::remove_file(folder.join("report.html")).unwrap();
    let write_again = || {
        let output = program("petal").arg("report").arg(&folder).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::read_to_string(folder.join("report.html")).unwrap()
    };
    assert!(write_again() == first, "from the frames");
    for file in fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()) {
        if file.file_name().unwrap().to_str().unwrap().starts_with("frames-") {
            fs::remove_file(file).unwrap();
        }
    }
    assert!(write_again() == first, "from trainings that are repeated");
}

#[test]
fn without_a_report_all_other_files_are_the_same() {
    let temporary = tempfile::tempdir().unwrap();
    let cases: [(&str, &[&str]); 3] = [
        ("breast_cancer", &["train.epochs=10", "train.momentum=0.9"]),
        ("default", &["train.learning_rate=1000"]),
        ("default", &["train.updates=200", "sweep.model.hidden=[2, 3]"]),
    ];
    for (index, (name, changes)) in cases.into_iter().enumerate() {
        let folders = ["with", "without"].map(|report| temporary.path().join(format!("{report}-{index}")));
        let config = path(&format!("configs/{name}.toml"));
        page(&config, changes, &folders[0]);
        let output = program("petal")
            .args([
                "train",
                config.to_str().unwrap(),
                "--engine",
                "fused",
                "--quiet",
                "--set",
                "output.report=false",
                "--out",
            ])
            .arg(&folders[1])
            .args(changes.iter().flat_map(|change| ["--set", change]))
            .output()
            .unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));

        let mut compared = 0;
        for file in fs::read_dir(&folders[0])
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
        {
            let [with, without] = folders.each_ref().map(|folder| fs::read(folder.join(&file)).ok());
            match file.as_str() {
                "report.html" => assert_eq!(without, None),
                file if file.starts_with("frames") => assert_eq!(without, None),
                // These hold times or this setting.
                "config.toml" | "run.json" => {}
                file if file.starts_with("checkpoint") => {}
                // The model holds the configuration in its metadata.
                "model.safetensors" => {
                    let parameters = folders.each_ref().map(|folder| {
                        petal::files::model_file::ModelFile::load(&folder.join(&file))
                            .unwrap()
                            .parameters
                    });
                    assert!(parameters[0] == parameters[1]);
                    compared += 1;
                }
                _ => {
                    assert!(with == without, "{name}: {file}");
                    compared += 1;
                }
            }
        }
        assert!(compared >= 4, "{compared}");
    }
}

/// Too few samples for a comparison, equal accuracies, and a choice of the samples are said.
#[test]
fn the_page_says_what_its_numbers_cannot_tell() {
    let temporary = tempfile::tempdir().unwrap();
    let default = path("configs/default.toml");
    let lead = |page: &str| between(page, r#"<p class="lead">"#, "</p>").to_owned();
    let few = page(
        &default,
        &["data.samples=40", "split.test=0.2", "train.updates=1000"],
        &temporary.path().join("few"),
    );
    assert!(
        lead(&few).ends_with("These are too few samples to say whether the difference is more than chance."),
        "{}",
        lead(&few)
    );
    let equal =
        page(&default, &["data.kind=blobs", "data.centers=2", "split.test=0.5"], &temporary.path().join("equal"));
    assert!(lead(&equal).ends_with("predicts 100.00 %."), "{}", lead(&equal));

    let many = page(&default, &["data.samples=6000", "train.updates=20"], &temporary.path().join("many"));
    assert!(many.contains("This page holds 5,000 of the 6,000 samples, chosen at random."));
    // Its samples do not give the derivatives of all.
    assert!(!many.contains("The next update") && equal.contains("The next update"));
    assert_eq!(data(&many)["samples"]["totals"][0], 6000);
}

#[test]
fn a_page_is_refused_where_the_folder_does_not_hold_what_was_trained() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("run");
    page(&path("configs/default.toml"), &["train.updates=20"], &folder);
    let refused = |folder: &Path| {
        let output = program("petal").arg("report").arg(folder).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused(temporary.path()).ends_with("is not the folder of a run: it holds no config.toml\n"));

    // The configuration was changed.
    let config = fs::read_to_string(folder.join("config.toml")).unwrap();
    fs::write(folder.join("config.toml"), config.replace("updates = 20\n", "updates = 30\n")).unwrap();
    fs::remove_file(folder.join("checkpoint.safetensors")).unwrap();
    let message = refused(&folder);
    assert!(
        message.contains("config.toml: this configuration gives 30 updates, but the run made 20: "),
        "{message}"
    );

    // The run was killed.
    fs::remove_file(folder.join("run.json")).unwrap();
    assert!(refused(&folder).contains("run.json: the run has not finished; continue it with `"));

    let sweep = temporary.path().join("sweep");
    page(&path("configs/default.toml"), &["train.updates=20", "sweep.model.hidden=[2, 3]"], &sweep);
    let table = fs::read_to_string(sweep.join("sweep.csv")).unwrap();
    fs::write(sweep.join("sweep.csv"), table.lines().next().unwrap()).unwrap();
    assert!(refused(&sweep).ends_with("sweep.csv: no run of this sweep is done\n"));
}
