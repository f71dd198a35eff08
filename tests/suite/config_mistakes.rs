//! The messages about mistakes in configurations and options. A message has the key, the value, the accepted values and the
//! line or option.

use petal::config::{Config, Override};
use petal::run::Run;

use crate::support::overrides;

/// The message about a configuration that is not accepted.
fn refused(toml: &str, changes: &[&str]) -> String {
    match Config::from_toml(toml, "x.toml", &overrides(changes)) {
        Ok(config) => panic!("accepted: {config:?}"),
        Err(error) => error.to_string(),
    }
}

/// Each text is refused with a message that starts as expected.
fn assert_refused(cases: &[(&str, &str)]) {
    for (toml, expected) in cases {
        let message = refused(toml, &[]);
        assert!(message.starts_with(expected), "{toml:?}\n  message   {message}\n  expected  {expected}");
    }
}

#[test]
fn a_mistake_in_a_file_is_reported_with_its_line() {
    let cases = [
        ("\n[train]\nlearning_rate = -0.1", "train.learning_rate = -0.1: must be finite and > 0 (x.toml:3)"),
        ("[train]\nlearning_rate = nan", "train.learning_rate = nan: must be finite and > 0 (x.toml:2)"),
        ("[train]\nlearning_rate = \"fast\"", "train.learning_rate = \"fast\": must be a number (x.toml:2)"),
        (
            "train.updates = 1.5",
            "train.updates = 1.5: must be a whole number from 0 to 1,000,000,000 (x.toml:1)",
        ),
        (
            "train.updates = -1",
            "train.updates = -1: must be a whole number from 0 to 1,000,000,000 (x.toml:1)",
        ),
        ("[model]\n\nhidden = 0", "model.hidden = 0: must be a whole number from 1 to 100,000 (x.toml:3)"),
        ("data.samples = 0", "data.samples = 0: must be a whole number from 2 to 10,000,000 (x.toml:1)"),
        ("data.seed = -1", "data.seed = -1: must be a whole number from 0 to 4,294,967,295 (x.toml:1)"),
        ("data.noise = 1e308", "data.noise = 1e308: must be at most 1e6 (x.toml:1)"),
        ("train.cost_limit = 1e308", "train.cost_limit = 1e308: must be at most 1e100 (x.toml:1)"),
        ("data.noise = -0.5", "data.noise = -0.5: must be finite and >= 0 (x.toml:1)"),
        (
            "[train]\nlerning_rate = 1",
            "train.lerning_rate: unknown key; did you mean train.learning_rate? accepted: engine, learning_rate, weight_decay, momentum, schedule, final_learning_rate, batch_size, seed, updates, epochs, record_every, track, checkpoint_every, cost_limit, patience (x.toml:2)",
        ),
        (
            "[trian]\nupdates = 1",
            "trian: unknown key; did you mean train? accepted: device, dtype, data, split, model, train, decision, sweep, output (x.toml:1)",
        ),
        (
            "device = \"webgpu\"",
            "device = \"webgpu\": not compiled into this program; --features webgpu adds it and needs a browser; compiled in: flex, ",
        ),
        (
            "device = \"gpu\"",
            "device = \"gpu\": not a known device; accepted: auto, flex, ndarray, cpu, cuda, cuda:N, rocm, rocm:N, metal, \
             vulkan, wgpu, webgpu, tch, remote:ws://host:port (x.toml:1)",
        ),
        (
            "data.samples = 2\ndevice = [\"flex\", \"ndarray\", \"flex\"]",
            "device: 3 devices cannot share data.samples = 2 (x.toml:2)",
        ),
        (
            "device = [\"flex\", \"gpu\"]",
            "device = [\"flex\", \"gpu\"]: gpu: not a known device; accepted: flex, ",
        ),
        ("device = 3", "device = 3: must be a device's name or a list of names (x.toml:1)"),
        ("dtype = \"f16\"", "dtype = \"f16\": not accepted; accepted: f32, f64 (x.toml:1)"),
        (
            "train.engine = \"magic\"",
            "train.engine = \"magic\": not accepted; accepted: autodiff, manual, fused (x.toml:1)",
        ),
        (
            "[data]\nkind = \"no_structure\"\nnoise = 0.1",
            "data.noise = 0.1: must be absent for data.kind = \"no_structure\" (x.toml:3)",
        ),
        (
            "[data]\nkind = \"moons\"\ndelimiter = \"tab\"",
            "data.delimiter: is for data.kind = \"csv\" or \"parquet\" and not for \"moons\" (x.toml:3)",
        ),
        (
            "[data]\nkind = \"parquet\"\ndelimiter = \"tab\"",
            "data.delimiter: is for data.kind = \"csv\" and not for \"parquet\" (x.toml:3)",
        ),
        (
            "[data]\nkind = \"parquet\"\nseed = 1",
            "data.seed: is for generated data and not for data.kind = \"parquet\" (x.toml:3)",
        ),
        ("data.kind = \"parquet\"", "data.kind = \"parquet\": needs data.path, the file (x.toml:1)"),
        ("[sweep]\nhidden = []", "sweep.model.hidden = []: must name at least one value (x.toml:2)"),
        ("[sweep]\nhidden = [4, 0]", "model.hidden = 0: must be a whole number from 1 to 100,000 (x.toml:2)"),
        (
            "data.samples = 1_000_000\nmodel.hidden = 10_000",
            "model.hidden = 10000: with 1000000 samples one layer takes 75 GiB; at most 8 are accepted (x.toml:2)",
        ),
        (
            "output.name = \"../x\"",
            "output.name = \"../x\": must be a folder's name, without / \\ : and not starting with a dot (x.toml:1)",
        ),
        (
            "[train]\nupdates =",
            "train.updates: needs a value; a key that is left out has its default (x.toml:2)",
        ),
        ("train = 3", "train: must be a table, [train] with its keys below it; "),
        ("sweep.hidden = [3, 2, 3]", "sweep.model.hidden: 3 is named twice (x.toml:1)"),
        (
            "sweep.hidden = [3]\ntrain.track = [\"sharpness\"]",
            "train.track: not available in a sweep, whose table has no such columns; train one run alone (x.toml:2)",
        ),
        (
            "train.track = [\"sharpness\", \"saturation\", \"sharpness\"]",
            "train.track: sharpness is named twice (x.toml:1)",
        ),
        ("sweep = 3", "sweep: must be a table, "),
        ("[sweep]", "sweep: names no key, such as \"model.hidden\" = [1, 2, 4] (x.toml:1)"),
        ("sweep.hidden = 3", "sweep.hidden = 3: must be a list in square brackets (x.toml:1)"),
        ("output.folder = [1]", "output.folder = [1]: must be text in quotation marks (x.toml:1)"),
        ("[train]\nupdates = 1\nupdates = 2", "train.updates: set twice (first in line 2) (x.toml:3)"),
    ];
    assert_refused(&cases);
}

#[test]
fn a_value_that_is_not_toml_is_shown_with_its_key_and_how_to_write_it() {
    let cases = [
        (
            "data.kind = flower",
            "data.kind = flower: text stands in quotation marks; write data.kind = \"flower\" (x.toml:1)",
        ),
        (
            "[data]\nkind = flower # the default",
            "data.kind = flower: text stands in quotation marks; write kind = \"flower\" (x.toml:2)",
        ),
        (
            "[data]\nseed = 04",
            "data.seed = 04: numbers are written like 4, 0.5 or 1e-3; write seed = 4 (x.toml:2)",
        ),
        (
            "data.noise = .5",
            "data.noise = .5: numbers are written like 4, 0.5 or 1e-3; write data.noise = 0.5 (x.toml:1)",
        ),
        (
            "data.noise = 1.",
            "data.noise = 1.: numbers are written like 4, 0.5 or 1e-3; write data.noise = 1.0 (x.toml:1)",
        ),
        (
            "data.noise = 0,5",
            "data.noise = 0,5: numbers are written like 4, 0.5 or 1e-3; write data.noise = 0.5 (x.toml:1)",
        ),
        (
            "data.seed = 1_000_",
            "data.seed = 1_000_: numbers are written like 4, 0.5 or 1e-3; write data.seed = 1000 (x.toml:1)",
        ),
        (
            "split.test = 20%",
            "split.test = 20%: a percentage is written as a fraction; write split.test = 0.2 (x.toml:1)",
        ),
        (
            "data.standardise = True",
            "data.standardise = True: must be true or false, in lower case; write data.standardise = true (x.toml:1)",
        ),
        (
            "[data]\npath = data/a.csv",
            "data.path = data/a.csv: text stands in quotation marks; write path = \"data/a.csv\" (x.toml:2)",
        ),
        (
            "data.path = \"C:\\Users\\a.csv\"",
            "data.path = \"C:\\Users\\a.csv\": in \"...\" a backslash begins an escape such as \\t, in '...' it does not; write data.path = 'C:\\Users\\a.csv' (x.toml:1)",
        ),
        (
            "data.ignore = [day, month]",
            "data.ignore = [day, month]: text stands in quotation marks; write data.ignore = [\"day\", \"month\"] (x.toml:1)",
        ),
        (
            "[data]\nignore = [\n  \"day\",\n  month\n]",
            "data.ignore = [ \"day\", month ]: text stands in quotation marks; write ignore = [\"day\", \"month\"] (x.toml:4)",
        ),
        ("data.label = None", "data.label = None: leave the key out, then it has its default (x.toml:1)"),
        ("train.updates: 5", "not TOML: a setting is KEY = VALUE; write train.updates = 5 (x.toml:1)"),
        ("// updates", "not TOML: a comment begins with # (x.toml:1)"),
        ("data.kind = \"flower", "data.kind = \"flower: not TOML: invalid basic string"),
        (
            "train.updates\u{a0}= 5",
            "not TOML: \\u{a0} is an invisible character; remove it or write a space (x.toml:1)",
        ),
        // What is refused next is not advised.
        ("train.learning_rate = 0.5f", "train.learning_rate = 0.5f: must be a number (x.toml:1)"),
        ("train.learning_rate = 1d-3", "train.learning_rate = 1d-3: must be a number (x.toml:1)"),
        ("[model]\nhidden = 4h", "model.hidden = 4h: must be a whole number from 1 to 100,000 (x.toml:2)"),
        ("model.hidden = 4,5", "model.hidden = 4,5: must be a whole number from 1 to 100,000 (x.toml:1)"),
        ("model.hidden = -04", "model.hidden = -04: must be a whole number from 1 to 100,000 (x.toml:1)"),
        (
            "train.engine = magic",
            "train.engine = magic: not accepted; accepted: autodiff, manual, fused (x.toml:1)",
        ),
        ("train.rate = 0,5", "train.rate: unknown key; did you mean train.learning_rate or "),
        ("train.learning_rate: 0.5f", "not TOML: a setting is KEY = VALUE (x.toml:1)"),
        ("[train]\nupdates: 5", "not TOML: a setting is KEY = VALUE; write updates = 5 (x.toml:2)"),
        ("This is a text", "not TOML: a setting is KEY = VALUE (x.toml:1)"),
        // Characters as in East Asian text.
        (
            "data.noise = ０.５",
            "data.noise = ０.５: numbers are written like 4, 0.5 or 1e-3; write data.noise = 0.5 (x.toml:1)",
        ),
        (
            "data.kind = ＂flower＂",
            "data.kind = ＂flower＂: text stands in quotation marks; write data.kind = \"flower\" (x.toml:1)",
        ),
        // Tables in one line.
        (
            "train={learning_rate=.5}",
            "train.learning_rate = .5: numbers are written like 4, 0.5 or 1e-3; write learning_rate = 0.5 (x.toml:1)",
        ),
        (
            "train={updates=5,learning_rate=0,5}",
            "train.learning_rate = 0,5: numbers are written like 4, 0.5 or 1e-3; write learning_rate = 0.5 (x.toml:1)",
        ),
        (
            "data = { seed = 04, kind = \"moons\" } # a",
            "data.seed = 04: numbers are written like 4, 0.5 or 1e-3; write seed = 4 (x.toml:1)",
        ),
        (
            "data = { kind = moons, seed = 4 }",
            "data.kind = moons: text stands in quotation marks; write kind = \"moons\" (x.toml:1)",
        ),
        (
            "data = { kind = \"a=b\", ignore = [\"a\", b], seed = 4 }",
            "data.ignore = [\"a\", b]: text stands in quotation marks; write ignore = [\"a\", \"b\"] (x.toml:1)",
        ),
        (
            "data = { seed = 4, kind = }",
            "data.kind: needs a value; a key that is left out has its default (x.toml:1)",
        ),
        (
            "# a\r\ntrain.updates = 5 # b\rdtype = \"f32\"\n",
            "not TOML: a carriage return (\\r) without a line feed (\\n) after it ends no line; save the file with one kind of line end (x.toml:2)",
        ),
        // Quotation marks around a number, and a number in place of text.
        ("data.noise = \"0.5\"", "data.noise = \"0.5\": must be a number, without quotation marks (x.toml:1)"),
        ("dtype = 64", "dtype = 64: must be \"f32\" or \"f64\" (x.toml:1)"),
        (
            "model.hidden = 99999999999999999999",
            "model.hidden = 99999999999999999999: must be a whole number from 1 to 100,000 (x.toml:1)",
        ),
    ];
    assert_refused(&cases);
}

#[test]
fn a_table_is_neither_a_list_nor_given_twice() {
    let a_list = |key: &str| {
        format!(
            "{key}: must be a table, [{key}] with its keys below it; not a list ([[{key}]] or [...]), and not a single value (x.toml:1)"
        )
    };
    assert_eq!(refused("[[train]]\nupdates = 3", &[]), a_list("train"));
    // serde would read the values of a list as the fields in their order.
    assert_eq!(refused("split = [0.25, 0.3, 7]", &[]), a_list("split"));
    assert_eq!(refused("sweep = [[1, 2]]", &[]), a_list("sweep"));

    let twice = "[train]\nupdates = 3\n[model]\nhidden = 3\n[train]\nseed = 4";
    assert_eq!(
        refused(twice, &[]),
        "train: set twice (first in line 1); write all its keys below one [train] (x.toml:5)"
    );
    let commented = "[train] # a\nupdates = 3\n[train] # b";
    assert!(
        refused(commented, &[]).starts_with("train: set twice (first in line 1); "),
        "{}",
        refused(commented, &[])
    );
    assert_eq!(refused("data = { seed = 1, seed = 2 }", &[]), "seed: set twice in one table (x.toml:1)");
    // One pass over the text finds the first line: a pass for every line would take minutes.
    let long = format!("{}data.seed = 1\ndata.seed = 2", "#\n".repeat(400_000));
    assert_eq!(refused(&long, &[]), "data.seed: set twice (first in line 400001) (x.toml:400002)");
    let dotted = "\ntrain.updates = 3\n[train]\nseed = 4";
    assert!(refused(dotted, &[]).starts_with("train: set twice (first in line 2); "), "{}", refused(dotted, &[]));
}

#[test]
fn an_unknown_key_or_name_is_answered_with_the_nearest_one() {
    let cases = [
        ("[Train]\nupdates = 3", "Train: unknown key; did you mean train? accepted: device, "),
        (
            "train.learning-rate = 1",
            "train.learning-rate: unknown key; did you mean train.learning_rate? accepted: engine, ",
        ),
        (
            "train.learningRate = 1",
            "train.learningRate: unknown key; did you mean train.learning_rate? accepted: engine, ",
        ),
        (
            "model.hidden_units = 3",
            "model.hidden_units: unknown key; did you mean model.hidden? accepted: hidden, ",
        ),
        (
            "learning_rate = 1",
            "learning_rate: unknown key; did you mean train.learning_rate? accepted: device, ",
        ),
        (
            "train.engine = \"Manual\"",
            "train.engine = \"Manual\": not accepted; did you mean \"manual\"? accepted: autodiff, ",
        ),
        (
            "data.kind = \"circle\"",
            "data.kind = \"circle\": not accepted; did you mean \"circles\"? accepted: flower, ",
        ),
        ("data.zzz = 1", "data.zzz: unknown key; accepted: kind, "),
    ];
    assert_refused(&cases);
}

#[test]
fn paths_that_would_name_something_else_are_refused() {
    let cases = [
        ("data.path = \"\"", "data.path = \"\": must be a path, and is empty; "),
        ("output.folder = \"\"", "output.folder = \"\": must be a path, and is empty; "),
        (
            "output.folder = \"~/runs\"",
            "output.folder = \"~/runs\": ~ is replaced by a folder only in a shell; write ",
        ),
        (
            "data.path = \"~/a.csv\"",
            "data.path = \"~/a.csv\": ~ is replaced by a folder only in a shell; write ",
        ),
        (
            "output.folder = \"C:\\temp\\new\"",
            "output.folder = \"C:\\temp\\new\": has the control character \\t; in TOML a backslash in \"...\" begins an escape such as \\t or \\n, and in '...' it does not (x.toml:1)",
        ),
        ("output.name = \"a\\u001bb\"", "output.name = \"a\\u001bb\": has the control character \\u{1b}; "),
    ];
    assert_refused(&cases);
}

#[test]
fn settings_of_one_generated_set_are_refused_for_the_others() {
    let cases = [
        (
            "data.factor = 0.8",
            "data.factor = 0.8: is for data.kind = \"circles\" and not for \"flower\" (x.toml:1)",
        ),
        (
            "[data]\nkind = \"circles\"\ncenters = 3",
            "data.centers = 3: is for data.kind = \"blobs\" and not for \"circles\" (x.toml:3)",
        ),
        ("[data]\nkind = \"circles\"\nfactor = 1", "data.factor = 1: must be >= 0 and < 1 (x.toml:3)"),
        (
            "[data]\nkind = \"blobs\"\ncenters = 1",
            "data.centers = 1: must be a whole number from 2 to 1,000 (x.toml:3)",
        ),
        (
            "[data]\nkind = \"blobs\"\nsamples = 4\ncenters = 5",
            "data.centers = 5: must be at most data.samples = 4 (x.toml:4)",
        ),
        (
            "[data]\nkind = \"csv\"\nfactor = 0.5",
            "data.factor: is for generated data and not for data.kind = \"csv\" (x.toml:3)",
        ),
    ];
    for (toml, expected) in cases {
        assert_eq!(refused(toml, &[]), expected, "{toml:?}");
    }

    // The defaults are not written, so that runs of versions without these keys can be resumed.
    let written = |toml: &str| Config::from_toml(toml, "x.toml", &[]).unwrap().to_toml();
    let [circles, blobs] = ["data.kind = \"circles\"", "data.kind = \"blobs\""];
    assert!(!written(circles).contains("factor") && !written(blobs).contains("centers"));
    assert_eq!(written(&format!("{circles}\ndata.factor = 0.5")), written(circles));
    assert_eq!(written(&format!("{blobs}\ndata.centers = 6")), written(blobs));
    assert!(written(&format!("{circles}\ndata.factor = 0.8")).contains("factor = 0.8"));
    assert!(written(&format!("{blobs}\ndata.centers = 4")).contains("centers = 4"));
}

#[test]
fn an_option_may_leave_out_the_quotation_marks_of_text() {
    let changes = ["data.kind=csv", "data.path=a.csv", "data.label=7", "data.ignore=[day, month]", "output.name=2024"];
    let config = Config::from_toml("", "x.toml", &overrides(&changes)).unwrap();
    assert_eq!(config.data.label.as_deref(), Some("7"));
    assert_eq!(config.data.ignore, ["day", "month"]);
    assert_eq!(config.output.name.map(String::from).as_deref(), Some("2024"));
}

#[test]
fn a_value_at_its_limit_is_accepted_and_one_above_is_refused() {
    let accepted = |toml: &str| Config::from_toml(toml, "x.toml", &[]).is_ok();
    // The limits: runs of a sweep, bytes of a layer (8 GiB), and at least one sample for each device.
    let sweep_of = |count: usize| format!("sweep.hidden = {:?}", (1..=count).collect::<Vec<_>>());
    assert!(accepted(&sweep_of(1_000)) && !accepted(&sweep_of(1_001)));
    let layer = |hidden: usize| format!("data.samples = 1_048_576\nmodel.hidden = {hidden}");
    assert!(accepted(&layer(1_024)) && !accepted(&layer(1_025)));
    let shared =
        |samples: usize| format!("device = [\"flex\", \"flex\", \"flex\", \"flex\"]\ndata.samples = {samples}");
    assert!(accepted(&shared(4)) && !accepted(&shared(2)));
}

#[test]
fn a_layer_too_large_for_a_tensor_can_train_with_the_fused_engine_but_not_be_checked() {
    let large = "data.samples = 200_000\nmodel.hidden = 6_000";
    assert!(refused(large, &[]).starts_with("model.hidden = 6000: with 200000 samples one layer takes 9 GiB"));
    let config = Config::from_toml(&format!("{large}\ntrain.engine = \"fused\""), "x.toml", &[]).unwrap();
    let run = Run::prepare(config).unwrap();
    let error = run.gradient_point(&run.initial).unwrap_err().to_string();
    assert_eq!(error, "model.hidden = 6000: with 200000 samples one layer takes 9 GiB; at most 8 are accepted");
}

#[test]
fn a_mistake_in_an_option_is_reported_with_the_option() {
    let cases = [
        (
            "train.learning_rate=0",
            "train.learning_rate = 0: must be finite and > 0 (--set train.learning_rate=0)",
        ),
        (
            "train.learning_rate=fast",
            "train.learning_rate = fast: must be a number (--set train.learning_rate=fast)",
        ),
        (
            "train.rate=1",
            "train.rate: unknown key; did you mean train.learning_rate or train.final_learning_rate? accepted: engine, ",
        ),
        ("Train.updates=1", "Train: unknown key; did you mean train? accepted: device, "),
        ("device.kind=1", "device.kind: unknown key"),
        (
            "data.kind=flwer",
            "data.kind = flwer: not accepted; did you mean \"flower\"? accepted: flower, moons, ",
        ),
        ("sweep={}", "sweep: names no key, such as \"model.hidden\" = [1, 2, 4] (--set sweep={})"),
        ("model=[7,1,0.5]", "model: must be a table, [model] with its keys below it; not a list "),
        ("dtype=64", "dtype = 64: must be \"f32\" or \"f64\" (--set dtype=64)"),
        ("train.engine=1", "train.engine = 1: must be \"autodiff\" or \"manual\" or \"fused\" (--set"),
        ("train.schedule=1", "train.schedule = 1: must be \"constant\" or \"linear\" or \"cosine\" or"),
        ("train.track=[1]", "train.track = [1]: must be \"sharpness\" or "),
        ("output.pictures=1", "output.pictures = 1: must be \"png\" or \"svg\" (--set"),
        ("data.impute=1", "data.impute = 1: must be \"mean\" (--set"),
        ("data.delimiter=1", "data.delimiter = 1: must be \"comma\" or "),
        ("data.unlabelled=1", "data.unlabelled = 1: must be \"skip\" (--set"),
        (
            "data.standardise=yes",
            "data.standardise = yes: must be true or false; write data.standardise=true (--set",
        ),
        (
            "train.learning_rate=.5",
            "train.learning_rate = .5: must be a number; write train.learning_rate=0.5 (--set",
        ),
        (
            "model.hidden=99999999999999999999",
            "model.hidden = 99999999999999999999: must be a whole number from 1 to 100,000 (--set",
        ),
        ("output.folder=~/runs", "output.folder = ~/runs: ~ is replaced by a folder only in a shell; write "),
    ];
    for (change, expected) in cases {
        let message = refused("[train]\nupdates = 5", &[change]);
        assert!(message.starts_with(expected), "{change:?}\n  message   {message}\n  expected  {expected}");
    }
    // Keys have a maximum depth, in a file too. Without it the stack overflows.
    let deep = refused("", &[&format!("train.{}=1", vec!["a"; 50_000].join("."))]);
    assert!(
        deep.starts_with("train.a.a.a.") && deep.contains("a.a: unknown key (--set train.a.a"),
        "{}",
        deep.len()
    );
    // In a list, only quotation marks may be left out.
    let number = "sweep.hidden = [01,2]: numbers are written like 4, 0.5 or 1e-3; write sweep.hidden=[1, 2] (--set";
    let list = refused("", &["sweep.hidden=[01,2]"]);
    assert!(list.starts_with(number), "{list}");
    let ignored = Config::from_toml(
        "",
        "x.toml",
        &overrides(&["data.kind=csv", "data.path=a.csv", "data.label=y", "data.ignore=[yes, a]"]),
    );
    assert_eq!(ignored.unwrap().data.ignore, ["yes", "a"]);
    let conflict = refused("data.kind = \"no_structure\"", &["data.noise=1"]);
    assert_eq!(conflict, "data.noise = 1: must be absent for data.kind = \"no_structure\" (--set data.noise=1)");
    for incomplete in ["updates", "=1", "data.path=", " = "] {
        let message = Override::parse(incomplete).unwrap_err();
        assert_eq!(message, "must be KEY=VALUE, such as train.learning_rate=0.5", "{incomplete}");
    }
    for key in ["train.", ".updates", "train..updates", ".", "train. "] {
        let message = Override::parse(&format!("{key}=5")).unwrap_err();
        assert_eq!(message, "a key has a name on each side of a dot, such as train.learning_rate", "{key}");
    }
}

#[test]
fn options_override_the_file_and_the_last_option_wins() {
    let changes = ["train.updates=7", "data.kind=moons", "train.updates=9", "train.learning_rate=1"];
    let config = Config::from_toml("train.updates = 5\ndevice = \"ndarray\"", "x.toml", &overrides(&changes)).unwrap();
    assert_eq!(config.train.updates.get(), 9);
    assert_eq!(config.train.learning_rate.get(), 1.0);
    assert_eq!(config.data.kind.to_string(), "moons");
    assert_eq!(config.device.to_string(), "ndarray");
}

#[test]
fn a_file_that_is_too_long_or_not_utf8_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.toml");
    let load = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        Config::load(&path, &[])
            .map(|config| config.train.updates.get())
            .map_err(|error| error.to_string())
    };
    let padded = |size: usize| format!("train.updates = 7{}", " ".repeat(size - 17));
    assert_eq!(load(padded(1 << 20).as_bytes()), Ok(7));
    assert!(
        load(padded((1 << 20) + 1).as_bytes())
            .unwrap_err()
            .contains("longer than 1048576 bytes")
    );
    let message = load(b"# a\n# b\n# \xff\n").unwrap_err();
    assert_eq!(message, format!("not TOML: not valid UTF-8; save it as UTF-8 ({}:3)", path.display()));
}

#[test]
fn utf16_byte_order_marks_and_lines_that_end_with_cr_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.toml");
    let load = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        Config::load(&path, &[])
            .map(|config| config.train.updates.get())
            .map_err(|error| error.to_string())
    };
    let text = "# é\n[train]\nupdates = 7\n";
    let utf16 = |text: &str, to_bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to_bytes).collect::<Vec<u8>>();
    for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
        for start in ["", "\u{feff}"] {
            assert_eq!(load(&utf16(&format!("{start}{text}"), to_bytes)), Ok(7));
        }
        // Lines are counted in the decoded text.
        let message = load(&utf16("\n\ntrain.updates = -1", to_bytes)).unwrap_err();
        assert!(message.ends_with(":3)"), "{message}");
    }
    assert_eq!(load(format!("\u{feff}{text}").as_bytes()), Ok(7));
    assert_eq!(load(text.replace('\n', "\r").as_bytes()), Ok(7));
    assert_eq!(load(text.replace('\n', "\r\n").as_bytes()), Ok(7));
    assert!(load(b"#\r\rtrain.updates = -1").unwrap_err().ends_with(":3)"));
    for cut in [&b"\xff\xfea"[..], b"\xff\xfe\x00\xd8"] {
        let message = load(cut).unwrap_err();
        assert_eq!(message, format!("not TOML: not valid UTF-16; save it as UTF-8 ({})", path.display()));
    }
}

#[test]
fn an_update_is_plain_without_schedule_momentum_and_batches() {
    let settings = |toml: &str| Config::from_toml(toml, "x.toml", &[]).unwrap().train;
    // A schedule is not plain even if it ends at the learning rate at which it starts.
    let schedule = "train.schedule = \"linear\"\ntrain.final_learning_rate = 1.2";
    assert!(!settings(schedule).is_plain_gradient_descent());
    assert!(
        !settings("train.momentum = 0.5").is_plain_gradient_descent()
            && !settings("train.batch_size = 5").is_plain_gradient_descent()
    );
    assert!(settings("train.learning_rate = 0.5").is_plain_gradient_descent());
    // The fused engine always computes on the CPU, so its updates are plain on every device.
    assert!(settings("device = \"auto\"\ntrain.engine = \"fused\"").is_plain_gradient_descent());
}
