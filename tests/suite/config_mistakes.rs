//! The messages about mistakes in configurations and options. A message has the key, the value, the accepted values and the
//! line or option.

use petal::config::{Config, Override};
use petal::plot::MAX_PANELS;
use petal::run::Run;

use crate::support::overrides;

/// The message about a configuration that is not accepted.
fn refused(toml: &str, changes: &[&str]) -> String {
    match Config::from_toml(toml, "x.toml", &overrides(changes)) {
        Ok(config) => panic!("accepted: {config:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_mistake_in_a_file_is_reported_with_its_line() {
    let cases = [
        ("\n[train]\nlearning_rate = -0.1", "train.learning_rate = -0.1: must be finite and > 0 (x.toml:3)"),
        ("[train]\nlearning_rate = nan", "train.learning_rate = nan: must be finite and > 0 (x.toml:2)"),
        ("[train]\nlearning_rate = \"fast\"", "train.learning_rate = \"fast\": must be a number (x.toml:2)"),
        ("train.updates = 1.5", "train.updates = 1.5: must be a whole number (x.toml:1)"),
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
            "train.lerning_rate: unknown key; accepted: engine, learning_rate, weight_decay, momentum, schedule, final_learning_rate, batch_size, seed, updates, epochs, record_every, track, checkpoint_every, cost_limit, patience (x.toml:2)",
        ),
        (
            "[trian]\nupdates = 1",
            "trian: unknown key; accepted: device, dtype, data, split, model, train, decision, sweep, output (x.toml:1)",
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
        ("[sweep]\nhidden = []", "sweep.hidden = []: must name at least one hidden size (x.toml:2)"),
        (
            "[sweep]\nhidden = [4, 0]",
            "sweep.hidden = [4, 0]: must be a whole number from 1 to 100,000 (x.toml:2)",
        ),
        (
            "data.samples = 1_000_000\nmodel.hidden = 10_000",
            "model.hidden = 10000: with 1000000 samples one layer takes 75 GiB; at most 8 are accepted (x.toml:2)",
        ),
        (
            "output.name = \"../x\"",
            "output.name = \"../x\": must be a folder's name, without / \\ : and not starting with a dot (x.toml:1)",
        ),
        ("[train]\nupdates =", "not TOML: "),
        ("train = 3", "train = 3: must be a table (x.toml:1)"),
        ("sweep.hidden = [3, 2, 3]", "sweep.hidden: 3 is named twice (x.toml:1)"),
        (
            "sweep.hidden = [3]\ntrain.track = [\"sharpness\"]",
            "train.track: not available in a sweep, which keeps no history; train one size alone (x.toml:2)",
        ),
        (
            "train.track = [\"sharpness\", \"saturation\", \"sharpness\"]",
            "train.track: sharpness is named twice (x.toml:1)",
        ),
        ("sweep = 3", "sweep = 3: must be a table (x.toml:1)"),
        ("sweep.hidden = 3", "sweep.hidden = 3: must be a list (x.toml:1)"),
        ("output.folder = [1]", "output.folder = [1]: must be text in quotation marks (x.toml:1)"),
        ("[train]\nupdates = 1\nupdates = 2", "not TOML: duplicate key (x.toml:3)"),
    ];
    for (toml, expected) in cases {
        let message = refused(toml, &[]);
        assert!(message.starts_with(expected), "{toml:?}\n  message   {message}\n  expected  {expected}");
    }
}

#[test]
fn a_value_at_its_limit_is_accepted_and_one_above_is_refused() {
    let accepted = |toml: &str| Config::from_toml(toml, "x.toml", &[]).is_ok();
    // The limits: panels in a picture, bytes of a layer (8 GiB), and at least one sample for each device.
    let sweep_of = |count: usize| format!("sweep.hidden = {:?}", (1..=count).collect::<Vec<_>>());
    assert!(accepted(&sweep_of(MAX_PANELS)) && !accepted(&sweep_of(MAX_PANELS + 1)));
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
        ("train.rate=1", "train.rate: unknown key; accepted: engine, "),
        ("device.kind=1", "device.kind = 1: must be a device's name or a list of names (--set device.kind=1)"),
        ("data.kind=flwer", "data.kind = flwer: not accepted; accepted: flower, moons, "),
        ("=1", ": unknown key; accepted: device, "),
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
    let conflict = refused("data.kind = \"no_structure\"", &["data.noise=1"]);
    assert_eq!(conflict, "data.noise = 1: must be absent for data.kind = \"no_structure\" (--set data.noise=1)");
    assert_eq!(Override::parse("updates").unwrap_err(), "must be KEY=VALUE, such as train.learning_rate=0.5");
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
