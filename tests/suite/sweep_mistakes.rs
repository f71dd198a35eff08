//! Mistakes in a sweep: its keys, its values, and combinations that do not go together. All are found before the first run.

use petal::config::{Config, Override};
use petal::data::checked_numbers::NonNegative;

use crate::support::overrides;

/// The runs of a configuration with `--sweep` options, as the values of each run, or the error.
fn runs(toml: &str, options: &[&str], changes: &[&str]) -> Result<Vec<String>, String> {
    let mut all = overrides(changes);
    for option in options {
        all.push(Override::parse_sweep(option)?);
    }
    let config = Config::from_toml(toml, "x.toml", &all).map_err(|error| error.to_string())?;
    Ok(config.sweep_runs().into_iter().map(|run| run.values.join(" ")).collect())
}

fn assert_refused(cases: &[(&str, &[&str], &str)]) {
    for (toml, options, expected) in cases {
        let message = runs(toml, options, &[]).unwrap_err();
        assert!(message.starts_with(expected), "{toml:?} {options:?}\n  message   {message}\n  expected  {expected}");
    }
}

#[test]
fn values_have_the_messages_of_the_configuration_and_name_their_place() {
    assert_refused(&[
        (
            "[sweep]\n\"train.learning_rate\" = [0.1, -0.1]",
            &[],
            "train.learning_rate = -0.1: must be finite and > 0 (x.toml:2)",
        ),
        (
            "[sweep]\nmodel.hidden = [4,\n  0]",
            &[],
            "model.hidden = 0: must be a whole number from 1 to 100,000 (x.toml:2)",
        ),
        (
            "",
            &["train.learning_rate=0.1,nan"],
            "train.learning_rate = nan: must be finite and > 0 (--sweep train.learning_rate=0.1,nan)",
        ),
        (
            "",
            &["model.hidden=0..4"],
            "model.hidden = 0: must be a whole number from 1 to 100,000 (--sweep model.hidden=0..4)",
        ),
        (
            "",
            &["data.kind=moons,flwer"],
            "data.kind = \"flwer\": not accepted; did you mean \"flower\"? accepted: flower, moons, ",
        ),
        ("", &["model.hidden=4,x"], "model.hidden = \"x\": must be a whole number from 1 to 100,000 (--sweep"),
        ("", &["model.hiden=4,5"], "model.hiden: unknown key; did you mean model.hidden? accepted: hidden, "),
        ("[sweep]\nhiden = [4]", &[], "hiden: unknown key; did you mean model.hidden? accepted: device, "),
        ("", &["train.learning_rate.x=1"], "train.learning_rate.x: unknown key"),
        ("[sweep]\ntrain = [{ updates = 3 }]", &[], "train: is a table of keys; name one of them (x.toml:2)"),
        ("[sweep]\nseeds = 0", &[], "sweep.seeds = 0: must be a whole number from 1 to 1,000 (x.toml:2)"),
        ("", &["seeds=2,3"], "sweep.seeds = "),
        (
            "[sweep.model]\nhidden = 3",
            &[],
            "sweep.model.hidden = 3: must be a list in square brackets (x.toml:2)",
        ),
        ("[sweep.model]", &[], "sweep.model = "),
    ]);
}

#[test]
fn keys_that_make_no_sense_in_a_sweep_are_refused_with_the_reason() {
    assert_refused(&[
        (
            "[sweep]\n\"output.pictures\" = [\"png\", \"svg\"]",
            &[],
            "sweep.output.pictures: has no influence on the results (x.toml:2)",
        ),
        ("", &["output.name=a,b"], "sweep.output.name: has no influence on the results (--sweep"),
        (
            "",
            &["train.checkpoint_every=1,2"],
            "sweep.train.checkpoint_every: has no influence on the results (--sweep",
        ),
        (
            "",
            &["device=flex,ndarray"],
            "sweep.device: all runs of a sweep compute on the same device; `petal parity` compares devices (--sweep",
        ),
        ("", &["sweep.seeds=1,2"], "sweep.sweep.seeds: a sweep cannot be swept (--sweep"),
        (
            "",
            &["seeds=2", "model.seed=1,2"],
            "sweep.model.seed: sweep.seeds sets it already (--sweep model.seed",
        ),
        (
            "",
            &["train.track=[[\"sharpness\"]]"],
            "train.track: not available in a sweep, whose table has no such columns",
        ),
        (
            "device = \"auto\"",
            &["train.engine=manual,fused"],
            "device = \"auto\": measures one engine; name a device in a sweep over train.engine (x.toml:1)",
        ),
    ]);
}

#[test]
fn a_value_named_twice_and_too_many_runs_are_refused() {
    assert_refused(&[
        ("", &["model.hidden=1..4,3"], "sweep.model.hidden: 3 is named twice (--sweep model.hidden=1..4,3)"),
        ("", &["train.learning_rate=1,0.5,1.0"], "sweep.train.learning_rate: 1 is named twice (--sweep"),
        ("", &["data.kind=moons,\"moons\""], "sweep.data.kind: moons is named twice (--sweep"),
        (
            "[sweep]\nhidden = [1]\n\"model.hidden\" = [2]",
            &[],
            "sweep.model.hidden: set twice (hidden is short for model.hidden) (x.toml:",
        ),
        (
            "",
            &["model.hidden=1..40", "train.learning_rate=0.1,0.2,0.3", "seeds=10"],
            "sweep: asks for 1,200 runs; at most 1,000 are accepted",
        ),
        ("", &["model.hidden=1..1001"], "1..1001: 1,001 runs; at most 1,000 are accepted"),
        (
            "",
            &["model.hidden=1..9223372036854775807"],
            "1..9223372036854775807: 9,223,372,036,854,775,807 runs; at most",
        ),
        ("", &["model.hidden=8..1"], "8..1: the first number must not be above the last"),
        ("", &["model.hidden"], "must be KEY=VALUES, such as model.hidden=1..8 or "),
        ("", &["model..hidden=1"], "must be KEY=VALUES, such as "),
        ("[sweep]\nhidden = []", &[], "sweep.model.hidden = []: must name at least one value (x.toml:2)"),
    ]);
}

#[test]
fn a_combination_that_does_not_go_together_names_its_run() {
    assert_refused(&[
        (
            "train.patience = 3",
            &["split.validation=0,0.2", "model.hidden=2,3"],
            "train.patience = 3: needs validation samples; set split.validation above 0; this is the run of the sweep with \
             model.hidden = 2, split.validation = 0 (x.toml:1)",
        ),
        (
            "data.noise = 0.1",
            &["data.kind=moons,no_structure"],
            "data.noise = 0.1: must be absent for data.kind = \"no_structure\"; this is the run of the sweep with data.kind = \
             no_structure (x.toml:1)",
        ),
    ]);
    // What does not go together without the sweep may go together in each of its runs.
    assert!(runs("train.patience = 3", &["split.validation=0.1,0.2"], &[]).is_ok());
}

#[test]
fn runs_are_every_combination_and_the_last_key_changes_fastest() {
    let cases: [(&str, &[&str], &str); 12] = [
        ("[sweep]\n\"model.hidden\" = [1, 20]", &[], "1, 20"),
        ("[sweep]\nmodel.hidden = [1, 20]", &[], "1, 20"),
        ("[sweep]\nhidden = [1, 20]", &[], "1, 20"),
        // An option replaces the values of the file, however the key is written.
        ("[sweep]\nhidden = [1, 20]", &["model.hidden=3,4"], "3, 4"),
        ("[sweep]\n\"model.hidden\" = [1, 20]", &["hidden=3..4,9"], "3, 4, 9"),
        ("[sweep]\nmodel.hidden = [1, 20]", &["train.momentum=0,0.5"], "1 0, 1 0.5, 20 0, 20 0.5"),
        ("", &["train.learning_rate=1e-7,0.5,5.0", "seeds=2"], "1e-7 2, 1e-7 3, 0.5 2, 0.5 3, 5 2, 5 3"),
        ("[sweep]\nseeds = 3", &[], "2, 3, 4"),
        ("", &["data.standardise=true,false"], "true, false"),
        ("", &["data.kind=[\"moons\", \"xor\"]"], "moons, xor"),
        (
            "[data]\nkind = \"csv\"\npath = \"t.csv\"\nlabel = \"y\"",
            &["data.ignore=[[\"a\", \"b\"], []]"],
            "[\"a\", \"b\"], []",
        ),
        // The text of a cell keeps its digits.
        ("[data]\nkind = \"csv\"\npath = \"t.csv\"\nlabel = \"y\"", &["data.positive=1.0,yes"], "1.0, yes"),
    ];
    for (toml, options, expected) in cases {
        assert_eq!(
            runs(toml, options, &[]).map(|runs| runs.join(", ")).as_deref(),
            Ok(expected),
            "{toml:?} {options:?}"
        );
    }
    assert_eq!(runs("", &[], &["sweep.hidden=[4,5]"]).unwrap(), ["4", "5"]);
    assert_eq!(runs("[sweep]\n\"model.hidden\" = [1]", &[], &["sweep.hidden=[4,5]"]).unwrap(), ["4", "5"]);
    assert_eq!(
        runs(
            "[data]\nkind = \"csv\"\npath = \"t.csv\"\nlabel = \"y\"\n[sweep]\n\"data.positive\" = [1.50, 2]",
            &[],
            &[]
        )
        .unwrap(),
        ["1.50", "2"]
    );
}

/// The scale of the initial weights belongs to one of the rules. The runs with another rule do without it.
#[test]
fn a_sweep_over_rules_for_initial_weights_keeps_the_scale_for_the_rule_that_uses_it() {
    let toml = "[model]\ninit_scale = 0.1";
    let sweep = Override::parse_sweep("model.init=scaled,xavier,he").unwrap();
    let config = Config::from_toml(toml, "x.toml", &[sweep]).unwrap();
    let scale = |config: &Config| config.model.init_scale.map(NonNegative::get);
    let scales: Vec<_> = config.sweep_runs().iter().map(|run| scale(&run.config)).collect();
    assert_eq!(scales, [Some(0.1), None, None]);

    assert_refused(&[(
        "",
        &["model.init=scaled,he", "model.init_scale=0.1,1.0"],
        "model.init_scale = 0.1: has no effect with model.init = \"he\"",
    )]);
    assert_refused(&[(
        "[model]\ninit = \"he\"\ninit_scale = 1.0\n[sweep]\nhidden = [1, 2]",
        &[],
        "model.init_scale = 1: has",
    )]);
}

#[test]
fn the_written_configuration_asks_for_the_same_runs() {
    for (toml, options) in [
        ("[sweep]\nhidden = [1, 20]\nseeds = 2", &["data.kind=moons,circles,no_structure"][..]),
        ("train.epochs = 5", &["train.batch_size=10,20", "train.learning_rate=1e-9,1"]),
        ("train.epochs = 5", &["train.updates=10,20"]),
    ] {
        let all: Vec<_> = options.iter().map(|option| Override::parse_sweep(option).unwrap()).collect();
        let config = Config::from_toml(toml, "x.toml", &all).unwrap();
        let again = Config::from_toml(&config.to_toml(), "again", &[]).unwrap();
        let text = |config: &Config| -> Vec<String> {
            config
                .sweep_runs()
                .iter()
                .map(|run| format!("{:?}\n{}", run.values, run.config.to_toml()))
                .collect()
        };
        assert_eq!(text(&config), text(&again));
        assert_eq!(config.to_toml(), again.to_toml());
    }
}

#[test]
fn values_without_a_difference_are_refused() {
    assert_refused(&[
        ("", &["model.hidden=4,4"], "sweep.model.hidden: 4 is named twice"),
        (
            "",
            &["train.updates=10,20", "train.epochs=1,2"],
            "sweep.train.updates: sweep.train.epochs sets it already",
        ),
        (
            "[model]\ninit = \"he\"",
            &["model.init_scale=0.1,1.5"],
            "sweep.model.init_scale: 0.1 and 1.5 make no difference here",
        ),
    ]);
}

/// Otherwise the runs before it would be trained for nothing.
#[test]
fn a_run_that_cannot_start_is_refused_before_the_first_run() {
    let refusal = |options: &[&str]| {
        let options: Vec<Override> = options.iter().map(|option| Override::parse_sweep(option).unwrap()).collect();
        let config = Config::from_toml("[train]\nengine = \"fused\"", "x.toml", &options).unwrap();
        petal::run::Sweep::prepare(config).unwrap_err().to_string()
    };
    let scale = refusal(&["model.hidden=2,3", "model.init_scale=0.01,1e308"]);
    assert!(scale.starts_with("the cost of the initial parameters is NaN"), "{scale}");
    assert!(
        scale.ends_with("this is the run of the sweep with model.hidden = 2, model.init_scale = 1e308"),
        "{scale}"
    );
    let limit = refusal(&["train.cost_limit=1000.0,0.1"]);
    assert!(limit.ends_with("this is the run of the sweep with train.cost_limit = 0.1"), "{limit}");
}

#[test]
fn two_options_for_one_key_are_refused() {
    let temporary = tempfile::tempdir().unwrap();
    let out = temporary.path().join("run");
    let mut train = crate::support::program("petal");
    train
        .arg("train")
        .arg(crate::support::path("configs/default.toml"))
        .arg("--out")
        .arg(&out);
    let output = train
        .args(["--sweep", "model.hidden=2", "--sweep", "hidden=3"])
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(
        error.contains("--sweep hidden=3: this key has values already; name all of them in one --sweep"),
        "{error}"
    );
    assert!(!out.exists());
}
