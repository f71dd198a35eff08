//! The activation functions of the hidden layer and the rules for initial weights: formulas, every engine against
//! scikit-learn and JAX, and units that cannot learn.

use petal::config::Config;
use petal::data::numpy::RandomState;
use petal::data::{Dataset, generate};
use petal::device::{Backend, Placement, Precision};
use petal::files::model_file::ModelFile;
use petal::files::settings_diff::{Resumable, is_resumable};
use petal::gradcheck::point::{GradientMethod, GradientPoint};
use petal::gradcheck::{Array, array_from_tensor, tensor_from_array};
use petal::network::curvature::{Hessian, gradient_norm, saturation};
use petal::network::gradients::{Engine, numeric};
use petal::network::hidden_units::{equal_units, idle_units};
use petal::network::{Activation, Batch, Init, Parameters, TwoLayerNet, fused_bridge};
use petal::run::Run;
use petal::train::Ending;

use crate::support::{json, numbers, overrides, path, placement, prepared};

const BACKENDS: [Backend; 2] = [Backend::Flex, Backend::NdArray];

/// The points at which formulas are compared: a kink would be at 0.
const Z1: [f64; 8] = [-30.0, -3.0, -1.0, -1e-3, 1e-3, 0.5, 2.0, 30.0];

/// Random parameters of a network with two features.
fn parameters(hidden: usize, activation: Activation, scale: f64, seed: u32) -> Parameters {
    let count = 4 * hidden + 1;
    let values: Vec<f64> = RandomState::new(seed)
        .normals(count)
        .iter()
        .map(|value| scale * value)
        .collect();
    Parameters::from_flattened(2, hidden, activation, &values)
}

fn data(samples: usize, seed: u32) -> Dataset {
    let random = &mut RandomState::new(seed);
    let labels = (0..samples).map(|_| u8::from(random.uniform() < 0.5)).collect();
    Dataset::new(vec!["a".into(), "b".into()], random.normals(2 * samples), labels)
}

/// The gradient of an engine: w1, b1, w2, b2.
fn gradient(engine: Engine, parameters: &Parameters, data: &Dataset, decay: f64, placement: &Placement) -> Vec<f64> {
    let net = TwoLayerNet::new(parameters, &engine.device(&placement.device), placement.dtype);
    let batch = Batch::new(data, &placement.device, placement.dtype);
    array_from_tensor("all", &engine.gradients(&net, &batch, decay).flattened())
        .unwrap()
        .values
}

fn close(ours: &[f64], theirs: &[f64], tolerance: f64) -> bool {
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| (a - b).abs() <= tolerance)
}

#[test]
fn derivatives_are_those_of_the_function() {
    let step = 1e-4;
    for activation in Activation::ALL {
        let f = |z1: f64| activation.value_at(z1);
        for z1 in Z1 {
            let first = (f(z1 + step) - f(z1 - step)) / (2.0 * step);
            let second = (f(z1 + step) - 2.0 * f(z1) + f(z1 - step)) / (step * step);
            let a1 = f(z1);
            // The truncation error of the first is below step^2, that of the second too; the rounding errors are 1e-12 and,
            // for numbers of 30 that are divided by step^2, 1e-6.
            assert!((activation.derivative_at(a1) - first).abs() < 2e-8, "{activation} {z1}");
            assert!((activation.second_derivative_at(a1) - second).abs() < 2e-6, "{activation} {z1}: {second}");
        }
        assert_eq!(serde_json::json!(activation), activation.to_string());
    }
    // The value at the kink.
    let relu = Activation::Relu;
    assert_eq!((relu.value_at(0.0), relu.derivative_at(0.0), relu.second_derivative_at(0.0)), (0.0, 0.0, 0.0));
    assert!(relu.value_at(f64::NAN).is_nan());
    // Values by hand: tanh 0.5 and 1 / (1 + e^-0.5) by Python's decimal.
    assert!((Activation::Tanh.value_at(0.5) - 0.462_117_157_260_009_76).abs() < 1e-16);
    assert!((Activation::Sigmoid.value_at(0.5) - 0.622_459_331_201_854_6).abs() < 2e-16);
}

#[test]
fn tensors_have_the_values_of_the_plain_formulas() {
    let z1 = Array::new("z1", [2, 4], Z1.to_vec());
    for (backend, activation) in BACKENDS.into_iter().flat_map(|backend| Activation::ALL.map(|a| (backend, a))) {
        let Placement { device, dtype } = placement(backend, Precision::F64);
        let a1 = activation.forward(tensor_from_array::<2>(&z1, &device, dtype));
        let derivative = array_from_tensor("f'", &activation.derivative(a1.clone())).unwrap().values;
        let a1 = array_from_tensor("a1", &a1).unwrap().values;
        let expected: Vec<f64> = Z1.map(|z1| activation.value_at(z1)).into();
        let expected_derivative: Vec<f64> = a1.iter().map(|&a1| activation.derivative_at(a1)).collect();
        // A few roundings of numbers of at most 1; relu and identity are exact.
        assert!(close(&a1, &expected, 5e-16), "{backend} {activation}: {a1:?}");
        assert!(close(&derivative, &expected_derivative, 5e-16), "{backend} {activation}: {derivative:?}");
    }
}

#[test]
fn all_engines_take_the_derivative_at_the_kink_of_relu_to_be_0() {
    // z1 = 0 for every sample and unit; a derivative of 1 or 1/2 there would make dw1 and db1 differ from 0.
    let start = Parameters { w1: vec![0.0; 6], b1: vec![0.0; 3], ..parameters(3, Activation::Relu, 1.0, 1) };
    let data = data(5, 2);
    for (backend, engine) in BACKENDS.into_iter().flat_map(|b| Engine::ALL.map(|engine| (b, engine))) {
        for precision in Precision::ALL {
            let gradient = gradient(engine, &start, &data, 0.0, &placement(backend, precision));
            assert_eq!(gradient[..12], [0.0; 12], "{backend} {engine} {precision}");
            assert_ne!(gradient[12], 0.0);
        }
    }
}

/// A sample of zeros, with biases of zero: every unit is at the kink, and the cost has a left and a right slope by b1.
#[test]
fn a_gradient_check_notes_the_kink_of_relu_and_blames_nobody() {
    let start = Parameters { b1: vec![0.0; 3], ..parameters(3, Activation::Relu, 1.0, 1) };
    let mut x = data(5, 2).x().to_vec();
    x[..2].fill(0.0);
    let data = Dataset::new(vec!["a".into(), "b".into()], x, vec![1, 0, 1, 1, 0]);
    let placement = placement(Backend::Flex, Precision::F64);
    let point = GradientPoint { parameters: &start, data: &data, weight_decay: 0.0, placement: &placement };
    let methods: Vec<GradientMethod> = ["manual", "autodiff", "fused", "numeric"]
        .map(|name| name.parse().unwrap())
        .to_vec();
    let report = point.check(&methods).run().unwrap();
    assert!(report.passed(), "{report}");
    let kinks = report.notes.iter().filter(|note| note.contains("kink at b1["));
    assert_eq!(kinks.count(), 3, "{report}");
}

#[test]
fn every_engine_trains_as_scikit_learn_does() {
    let reference = json("activations.json");
    for case in reference["training"].as_array().unwrap() {
        let settings = case["settings"].as_object().unwrap();
        let settings: Vec<String> = settings.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let (costs, theirs) = (numbers(&case["costs"]), numbers(&case["parameters"]));
        for (device, engine) in [("flex", "manual"), ("flex", "autodiff"), ("ndarray", "manual"), ("flex", "fused")] {
            let (device, engine) = (format!("device={device}"), format!("train.engine={engine}"));
            let mut changes = vec!["train.updates=200", "train.record_every=20", "train.learning_rate=0.3"];
            changes.extend(settings.iter().map(String::as_str).chain([&device[..], &engine]));
            let run = prepared(&path("configs/default.toml"), &changes);
            let outcome = run.train(&mut ()).unwrap().outcome;
            let ours: Vec<f64> = outcome.history[..10].iter().map(|record| record.cost).collect();
            assert!(close(&ours, &costs, 1e-9), "{changes:?}: {ours:?} {costs:?}");
            assert!(close(&outcome.parameters.flattened(), &theirs, 1e-9), "{changes:?}");
        }
    }
}

#[test]
fn gradients_and_sharpness_are_those_of_jax() {
    let reference = json("activations.json");
    for case in reference["derivatives"].as_array().unwrap() {
        let activation: Activation = serde_json::from_value(case["activation"].clone()).unwrap();
        let hidden = case["hidden"].as_u64().unwrap() as usize;
        let decay = case["weight_decay"].as_f64().unwrap();
        let start = Parameters::from_flattened(2, hidden, activation, &numbers(&case["parameters"]));
        let labels = numbers(&case["y"]).into_iter().map(|label| label as u8).collect();
        let data = Dataset::new(vec!["a".into(), "b".into()], numbers(&case["x"]), labels);

        let theirs = numbers(&case["gradient"]);
        for (backend, engine) in BACKENDS.into_iter().flat_map(|b| Engine::ALL.map(|engine| (b, engine))) {
            let ours = gradient(engine, &start, &data, decay, &placement(backend, Precision::F64));
            assert!(close(&ours, &theirs, 1e-12), "{activation} {backend} {engine}: {ours:?} {theirs:?}");
        }
        let length = theirs.iter().map(|value| value * value).sum::<f64>().sqrt();
        assert!((gradient_norm(&start, &data, decay) - length).abs() < 1e-12, "{activation}");
        let (ours, theirs) = (
            Hessian::new(&start, &data, decay).largest_eigenvalue().value,
            case["largest_eigenvalue"].as_f64().unwrap(),
        );
        assert!((ours - theirs).abs() < 1e-12, "{activation}: {ours} and {theirs}");
    }
}

#[test]
fn all_methods_agree_with_every_activation_function() {
    const ALL: [GradientMethod; 4] = [
        GradientMethod::Engine(Engine::Manual),
        GradientMethod::Engine(Engine::Autodiff),
        GradientMethod::Engine(Engine::Fused),
        GradientMethod::Numeric,
    ];
    for activation in Activation::ALL {
        // The last sizes fill no register, and take the fused engine's path for wide networks.
        for (hidden, samples, scale) in [(1, 1, 1.0), (4, 5, 0.01), (7, 40, 1.0), (5, 40, 20.0), (65, 131, 1.0)] {
            let (start, data) = (parameters(hidden, activation, scale, 3), data(samples, 4));
            for (backend, precision) in BACKENDS.into_iter().flat_map(|b| Precision::ALL.map(|p| (b, p))) {
                let placement = placement(backend, precision);
                let point = GradientPoint { parameters: &start, data: &data, weight_decay: 0.1, placement: &placement };
                let report = point.check(&ALL).run().unwrap();
                assert!(
                    report.passed(),
                    "{activation} {backend} {precision} h {hidden} m {samples} x{scale}\n{report}"
                );
            }
        }
    }
}

#[test]
fn a_network_without_activation_function_has_a_linear_logit() {
    let network = parameters(6, Activation::Identity, 1.0, 5);
    let points = [1.0, -2.0, 5.0, 0.5, 3.0, -0.75]; // the last one is the middle of the others
    let logits = fused_bridge::logits(&network, &points, Precision::F64);
    // A few roundings of numbers of about 10.
    assert!((logits[2] - (logits[0] + logits[1]) / 2.0).abs() < 1e-14, "{logits:?}");

    // Trained, it is logistic regression: the errors a2 - y are uncorrelated with every input, and their mean is 0.
    let changes = ["model.activation=identity", "model.init_scale=0.5", "train.engine=fused"];
    let run = prepared(&path("configs/moons.toml"), &changes);
    let trained = run.train(&mut ()).unwrap().outcome.parameters;
    let logits = fused_bridge::logits(&trained, run.data.x(), Precision::F64);
    let mut means = [0.0; 3];
    for ((row, logit), &label) in run.data.rows().zip(logits).zip(run.data.y()) {
        let error = petal::data::logistic::sigmoid(logit) - f64::from(label);
        let terms = [error, error * row[0], error * row[1]];
        means
            .iter_mut()
            .zip(terms)
            .for_each(|(mean, term)| *mean += term / run.data.samples() as f64);
    }
    // As far as these updates have come; before the first one the largest is 0.3.
    assert!(means.iter().all(|mean| mean.abs() < 1e-4), "{means:?}");
}

#[test]
fn saturated_activations_are_counted_by_the_slope_of_their_function() {
    let data = Dataset::new(vec!["x".into()], vec![-6.0, -0.5, 0.0, 2.65, 5.4], vec![0, 1, 0, 1, 0]);
    let overall = |activation| {
        let one = |value| vec![value];
        let network =
            Parameters { features: 1, hidden: 1, activation, w1: one(1.0), b1: one(0.0), w2: one(1.0), b2: one(0.0) };
        saturation(&network, &data).overall
    };
    // tanh 2.65 = 0.99007; 1 / (1 + e^-5.4) = 0.9955, and e^5.3 would be 0.99503, e^5.2 0.9945
    assert_eq!(Activation::ALL.map(overall), [0.6, 0.4, 0.6, 0.0]);
}

#[test]
fn units_that_begin_equal_are_named_and_stay_equal() {
    let start = |text: &str| Run::prepare(Config::from_toml(text, "test", &[]).unwrap()).unwrap();
    let equal = "All 4 hidden units start with the same weights: every update gives them the same gradient, so they stay equal \
                 and can do no more than one unit; random weights (model.init_scale above 0) make units different";
    let idle = "All 4 hidden units are 0 for every training sample, and so is the gradient of the cost for them: no update changes \
                them; set model.init_scale above 0";

    // With sigmoid a1 is 1/2, so that w2 and then w1 change.
    for (activation, notes) in [
        (Activation::Tanh, vec![equal, idle]),
        (Activation::Sigmoid, vec![equal]),
        (Activation::Relu, vec![equal, idle]),
        (Activation::Identity, vec![equal, idle]),
    ] {
        for engine in Engine::ALL {
            let run = start(&format!(
                "data.kind = \"moons\"\ndata.samples = 81\ntrain.updates = 300\ntrain.engine = \"{engine}\"\n\
                 [model]\nactivation = \"{activation}\"\ninit_scale = 0.0\n"
            ));
            assert_eq!(run.start_notes(), notes, "{activation}");
            let after = run.train(&mut ()).unwrap().outcome.parameters;
            assert_eq!(equal_units(&after), [[0, 1, 2, 3]], "{activation} {engine}: {after:?}");
            let is_idle = notes.contains(&idle);
            assert_eq!(idle_units(&after, &run.data).is_empty(), !is_idle);
            assert_eq!(after.w1 == run.initial.w1, is_idle, "{activation} {engine}");
        }
    }
    // In f32 these weights are 0.
    assert_eq!(start("dtype = \"f32\"\nmodel.init_scale = 1e-60").start_notes().len(), 2);
    assert_eq!(start("dtype = \"f64\"\nmodel.init_scale = 1e-60").start_notes(), [""; 0]);
    assert_eq!(start("model.activation = \"relu\"").start_notes(), [""; 0]);
}

#[test]
fn equal_units_are_those_with_the_same_column_bias_and_output_weight() {
    let network = Parameters {
        features: 2,
        hidden: 5,
        activation: Activation::Tanh,
        w1: vec![1.0, 1.0, 0.0, -0.0, 1.0, 2.0, 2.0, 0.0, 0.0, 2.0],
        b1: vec![0.5, 0.5, 0.0, 0.0, 0.5],
        w2: vec![3.0, 3.0, 1.0, 1.0, 4.0],
        b2: vec![0.0],
    };
    // Unit 4 has another w2.
    assert_eq!(equal_units(&network), [[0, 1], [2, 3]]);
}

#[test]
fn dead_units_of_relu_never_change_and_are_named() {
    // Unit 1 is 0 on all samples, because both inputs are positive and its weights negative.
    let data = Dataset::from_points_2d(&[[1.0, 2.0], [0.5, 3.0], [2.0, 0.1]], vec![1, 0, 1]);
    let network = Parameters {
        features: 2,
        hidden: 2,
        activation: Activation::Relu,
        w1: vec![1.0, -1.0, 0.5, -0.5],
        b1: vec![0.0; 2],
        w2: vec![1.0, 1.0],
        b2: vec![0.0],
    };
    assert_eq!(idle_units(&network, &data), [1]);
    // With another function it has a gradient.
    for activation in [Activation::Tanh, Activation::Sigmoid, Activation::Identity] {
        assert_eq!(idle_units(&Parameters { activation, ..network.clone() }, &data), [0; 0]);
    }
    for engine in Engine::ALL {
        let gradient = gradient(engine, &network, &data, 0.0, &Placement::host());
        assert_eq!([gradient[1], gradient[3], gradient[5], gradient[7]], [0.0; 4], "{engine}");
    }
}

#[test]
fn a_run_names_its_dead_units_on_the_terminal_and_in_its_files() {
    let temporary = tempfile::tempdir().unwrap();
    let table = temporary.path().join("t.csv");
    // Positive inputs that are not standardised: units with negative weights are dead from the start.
    let rows: String = (0..40).map(|i| format!("{},{},{}\n", 1 + i % 7, 1 + i % 5, i % 2)).collect();
    std::fs::write(&table, format!("a,b,y\n{rows}")).unwrap();
    let config = temporary.path().join("c.toml");
    let text = format!(
        "[data]\nkind = \"csv\"\npath = {table:?}\nlabel = \"y\"\nstandardise = false\n[split]\nvalidation = 0\ntest = 0\n\
         [model]\nactivation = \"relu\"\ninit = \"he\"\nhidden = 8\n[train]\nengine = \"fused\"\nupdates = 20\nlearning_rate = 0.01\n"
    );
    std::fs::write(&config, text).unwrap();
    let folder = temporary.path().join("run");
    let run = |command: &str, arguments: &[&str]| crate::support::program(command).args(arguments).output().unwrap();
    let output = run("train", &[config.to_str().unwrap(), "--out", folder.to_str().unwrap()]);
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{printed}");

    let prepared = prepared(&config, &[]);
    let dead = idle_units(&prepared.initial, &prepared.data);
    assert!(!dead.is_empty() && dead.len() < 8, "{dead:?}");
    let [note] = &prepared.start_notes()[..] else {
        panic!("{:?}", prepared.start_notes())
    };
    let listed = dead.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    assert!(
        note.contains(&listed) && note.ends_with("try another model.seed, or data.standardise = true"),
        "{note}"
    );
    assert!(printed.contains(note), "{printed}");
    let json = |name: &str| -> serde_json::Value {
        serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
    };
    assert_eq!(json("run.json")["notes"], serde_json::json!([note]));
    let dead_after = json("metrics.json")["model"]["dead_units"].clone();
    let dead_after: Vec<usize> = serde_json::from_value(dead_after).unwrap();
    assert!(dead.iter().all(|unit| dead_after.contains(unit)), "{dead_after:?}");
    assert!(printed.contains(&format!("\nDead      {} of 8 hidden units (", dead_after.len())), "{printed}");

    // The run can be repeated, and its model file holds the function.
    let verified = run("petal", &["verify", folder.to_str().unwrap()]);
    assert!(verified.status.success(), "{verified:?}");
    let model = ModelFile::load(&folder.join("model.safetensors")).unwrap();
    assert_eq!((model.parameters.activation, model.metadata.format), (Activation::Relu, 4));
}

#[test]
fn a_diverged_run_of_relu_says_how_many_activations_are_0() {
    for (activation, expected) in [
        ("relu", Some("% of the activations were 0, where relu has no gradient; by unit: ")),
        ("sigmoid", Some("% of the activations were saturated, above 0.995 or below 0.005; by unit: ")),
        ("identity", None),
    ] {
        let temporary = tempfile::tempdir().unwrap();
        let activation = format!("model.activation={activation}");
        let changes = [&activation, "model.init_scale=1", "train.learning_rate=300", "train.cost_limit=20"];
        let run = prepared(&path("configs/moons.toml"), &changes);
        let trained = run.train(&mut ()).unwrap();
        assert!(matches!(trained.outcome.ending, Ending::Diverged { .. }), "{:?}", trained.outcome.ending);
        let mut folder = petal::files::folder::RunFolder::create(&temporary.path().join("run")).unwrap();
        trained.save(&mut folder).unwrap();
        let report = std::fs::read_to_string(folder.path().join("divergence.md")).unwrap();
        match expected {
            Some(expected) => assert!(report.contains(expected), "{report}"),
            None => assert!(!report.contains("## The hidden units"), "{report}"),
        }
    }
}

#[test]
fn the_cost_never_exceeds_the_limit_with_unbounded_activations() {
    for (activation, engine) in ["relu", "identity", "sigmoid"]
        .into_iter()
        .flat_map(|a| Engine::ALL.map(|engine| (a, engine)))
    {
        // Training with this rate jumps; every update is compared with the limit.
        let (activation, engine) = (format!("model.activation={activation}"), format!("train.engine={engine}"));
        let changes = [&activation, &engine, "model.init_scale=1", "train.updates=60", "train.learning_rate=6"];
        let with = |more: &[&str]| prepared(&path("configs/moons.toml"), &[&changes[..], more].concat());
        let every = with(&["train.record_every=1", "train.cost_limit=1e9"]);
        let history = every.train(&mut ()).unwrap().outcome.history;
        let largest = history.iter().map(|record| record.cost).fold(0.0, f64::max);
        let limit = (history[0].cost + largest) / 2.0;
        let Some(first) = history.iter().find(|record| record.cost > limit) else {
            continue;
        };

        let rare = with(&["train.record_every=1000", &format!("train.cost_limit={limit}")]);
        let ending = rare.train(&mut ()).unwrap().outcome.ending;
        let expected = Ending::Diverged { update: first.update, cost: first.cost };
        assert_eq!(ending, expected, "{changes:?}");
    }
}

#[test]
fn init_scale_with_another_rule_is_refused() {
    let message = |text: &str, changes: &[&str]| {
        Config::from_toml(text, "x.toml", &overrides(changes))
            .map(drop)
            .unwrap_err()
            .to_string()
    };
    let refused = "model.init_scale = 0.1: has no effect with model.init = \"he\", which chooses the size of the weights itself; \
                   remove one of them, or set model.init = \"scaled\"";
    assert_eq!(message("[model]\ninit = \"he\"\ninit_scale = 0.1", &[]), format!("{refused} (x.toml:3)"));
    // On the command line both are the user's wish, in whatever order. The place is that of init_scale.
    for changes in [["model.init=he", "model.init_scale=0.1"], ["model.init_scale=0.1", "model.init=he"]] {
        assert_eq!(message("model.hidden = 3", &changes), format!("{refused} (--set model.init_scale=0.1)"));
    }
    assert_eq!(
        message("model.init = \"he\"", &["model.init_scale=0.1"]),
        format!("{refused} (--set model.init_scale=0.1)")
    );
    assert_eq!(
        message("model.init = \"best\"", &[]),
        "model.init = \"best\": not accepted; accepted: scaled, xavier, he (x.toml:1)"
    );
    // The written configuration can be read again.
    for init in ["scaled", "xavier", "he"] {
        let config = Config::from_toml(&format!("model.init = \"{init}\""), "x", &[]).unwrap();
        let text = config.to_toml();
        assert_eq!(text.contains("init_scale = 0.01"), init == "scaled", "{text}");
        assert_eq!(Config::from_toml(&text, "again", &[]).unwrap().to_toml(), text);
    }
}

#[test]
fn a_rule_on_the_command_line_takes_the_place_of_the_scale_in_the_file() {
    let file = "[model]\ninit_scale = 0.1\nhidden = 3";
    let model = |changes: &[&str]| Config::from_toml(file, "x.toml", &overrides(changes)).unwrap().model;
    for (change, init) in [("model.init=he", Init::He), ("model.init=\"xavier\"", Init::Xavier)] {
        let model = model(&[change]);
        assert_eq!((model.init, model.init_scale.is_none(), model.hidden.get()), (init, true, 3));
    }
    assert_eq!(model(&["model.init=scaled"]).init_scale().get(), 0.1);
    assert_eq!(model(&["model.init=he", "model.init=scaled"]).init_scale().get(), 0.01);

    for config in ["breast_cancer", "penguins", "spiral"] {
        let path = path(&format!("configs/{config}.toml"));
        let config = Config::load(&path, &overrides(&["model.activation=relu", "model.init=he"])).unwrap();
        assert!(!config.to_toml().contains("init_scale"));
    }
}

#[test]
fn a_configuration_of_an_older_version_means_tanh() {
    let resumable = |now: &str| is_resumable("train.updates = 5", now).unwrap();
    assert_eq!(resumable("train.updates = 5\n[model]\nactivation = \"tanh\"\ninit = \"scaled\""), Resumable::Yes);
    let refused = resumable("train.updates = 5\nmodel.activation = \"relu\"");
    let reason = "the run began with model.activation = \"tanh\", and now it is \"relu\": only train.updates, train.epochs, \
                  train.checkpoint_every, data.path and output may change";
    assert_eq!(refused, Resumable::No(reason.into()));
}

#[test]
fn the_objective_on_the_host_agrees_with_the_fused_engine() {
    let data = generate::generate(&generate::Settings::default()).unwrap();
    for activation in Activation::ALL {
        let network = parameters(9, activation, 1.0, 8);
        let logits = fused_bridge::logits(&network, data.x(), Precision::F64);
        let cost = |(&z2, &label): (&f64, &u8)| petal::data::logistic::cross_entropy(z2, label);
        let mean = logits.iter().zip(data.y()).map(cost).sum::<f64>() / data.samples() as f64;
        let host = numeric::loss(&network, &data, 0.0);
        // Sums of 400 terms of about 1 in another order.
        assert!((host - mean).abs() < 1e-13 * mean.max(1.0), "{activation}: {host} and {mean}");
    }
}
