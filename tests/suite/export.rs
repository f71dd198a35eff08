//! Exported models compute what Petal computes. They are run by onnxruntime, rustc, a C compiler, PyTorch and NumPy.
//!
//! If one of these is missing, its test prints `skipped: ...`. Python is `python3` or $PETAL_PYTHON;
//! `tests/python/requirements.txt` lists the packages it needs and how to install them.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use petal::data::InputRanges;
use petal::data::logistic::logit;
use petal::data::numpy::RandomState;
use petal::data::scaling::StandardScaler;
use petal::data::schema::{Column, Schema};
use petal::device::Precision;
use petal::export::{self, Evaluator, Form};
use petal::files::model_file::{Metadata, ModelFile};
use petal::network::{Activation, Parameters};

use crate::support::{numbers, path, program};

/// The network of tests/reference/make_onnx.py.
pub fn reference_model() -> ModelFile {
    let columns = vec![
        Column { fill_value: Some(1.5), ..Column::number("width, cm") },
        Column { categories: Some(vec!["red".into()]), ..Column::number("colour") },
    ];
    let schema = Schema { columns, label: "kind".into(), classes: ["no".into(), "yes".into()], missing: None };
    let scaling = StandardScaler { mean: vec![0.5, -1.0], deviation: vec![2.0, 0.25] };
    let parameters = Parameters {
        features: 2,
        hidden: 3,
        activation: Activation::Tanh,
        w1: vec![0.5, -1.5, 2.0, 1.25, 0.75, -0.125],
        b1: vec![0.0, 0.25, -0.5],
        w2: vec![1.0, -2.0, 0.5],
        b2: vec![0.125],
    };
    let ranges = InputRanges { min: vec![-3.0, 0.0], max: vec![4.0, 1.0] };
    let metadata = Metadata::new(schema, Some(scaling), ranges, 0.3, (3, Activation::Tanh), String::new());
    ModelFile { parameters, precision: Precision::F64, metadata }
}

/// A network with normal weights, and with names that would end a comment if they were not escaped.
pub fn random_model(hidden: usize, scaled: bool, precision: Precision) -> ModelFile {
    let names = ["back\\", "line\n} break */", "trigraph ??/", "\u{202e}right to left\r"];
    let mut columns: Vec<Column> = names.map(Column::number).into();
    columns.push(Column { categories: Some(vec!["a\nb".into(), "c".into()]), ..Column::number("\"quoted\"") });
    let schema = Schema { columns, label: "la\nbel".into(), classes: ["0\\".into(), "1\n".into()], missing: None };
    let random = &mut RandomState::new(5);
    let mut normals = |count, scale: f64| -> Vec<f64> {
        random
            .normals(count)
            .into_iter()
            .map(|normal| precision.round(scale * normal))
            .collect()
    };
    let scaling = scaled.then(|| {
        let deviation = normals(6, 1.0).iter().map(|v| v.exp()).collect();
        StandardScaler { mean: normals(6, 1.0), deviation }
    });
    let parameters = Parameters {
        features: 6,
        hidden,
        activation: Activation::Tanh,
        w1: normals(6 * hidden, 0.5),
        b1: normals(hidden, 0.5),
        w2: normals(hidden, 3.0 / (hidden as f64).sqrt()),
        b2: vec![0.0],
    };
    let ranges = InputRanges { min: vec![-3.0; 6], max: vec![3.0; 6] };
    let metadata = Metadata::new(schema, scaling, ranges, 0.5, (hidden, Activation::Tanh), String::new());
    ModelFile { parameters, precision, metadata }
}

/// The model with another activation function, and with a b2 that makes both classes equally frequent.
fn with_activation(mut model: ModelFile, activation: Activation) -> ModelFile {
    (model.parameters.activation, model.metadata.activations.0) = (activation, activation);
    let mut logits = model.logits(&RandomState::new(7).normals(200 * model.parameters.features));
    logits.sort_by(f64::total_cmp);
    model.parameters.b2[0] -= (logits[99] + logits[100]) / 2.0;
    model
}

/// Rows of raw inputs, and the probabilities that Petal computes for them.
fn rows_and_probabilities(model: &ModelFile) -> (Vec<Vec<f64>>, Vec<f64>) {
    let features = model.parameters.features;
    let x = RandomState::new(7).normals(200 * features);
    let probabilities = model.probabilities(&x);
    assert!(probabilities.iter().any(|&p| p < 0.4) && probabilities.iter().any(|&p| p > 0.6));
    (x.chunks(features).map(<[f64]>::to_vec).collect(), probabilities)
}

pub fn assert_close(ours: &[f64], theirs: &[f64], tolerance: f64) {
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert!((ours - theirs).abs() <= tolerance, "{ours} and {theirs}");
    }
}

/// A command that runs Python, or `None` if these modules are missing.
pub fn python(modules: &str) -> Option<Command> {
    let python = std::env::var_os("PETAL_PYTHON").unwrap_or("python3".into());
    let import = Command::new(&python).args(["-c", &format!("import {modules}")]).output();
    if import.is_ok_and(|output| output.status.success()) {
        return Some(Command::new(python));
    }
    println!("skipped: {} cannot import {modules}; see tests/python/requirements.txt", python.display());
    None
}

/// Runs a program with this standard input, and returns its standard output.
pub fn output(command: &mut Command, input: &str) -> String {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        // Some programs print before they have read everything.
        scope.spawn(move || stdin.write_all(input.as_bytes()).unwrap());
        child.wait_with_output().unwrap()
    });
    assert!(output.status.success(), "{command:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn an_onnx_file_has_the_same_bytes_as_that_of_the_onnx_package() {
    // The reference contains the version 0.1.0. The version is the only field that changes between releases.
    let field = |version: &str| [&[0x1a, version.len() as u8], version.as_bytes()].concat();
    let (old, new) = (field("0.1.0"), field(env!("CARGO_PKG_VERSION")));
    let mut reference = fs::read(path("tests/reference/model.onnx")).unwrap();
    let start = reference.windows(old.len()).position(|window| window == old).unwrap();
    reference.splice(start..start + old.len(), new);

    assert_eq!(export::onnx(&reference_model(), Precision::F32).unwrap(), reference);
}

/// What onnxruntime returns for the model as a graph. `None` if it is not installed.
pub fn onnxruntime(model: &ModelFile, precision: Precision, x: &[Vec<f64>]) -> Option<serde_json::Value> {
    let mut run = python("numpy, onnx, onnxruntime")?;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.onnx");
    fs::write(&file, export::onnx(model, precision).unwrap()).unwrap();
    let dtype = if precision == Precision::F32 { "float32" } else { "float64" };
    run.arg(path("tests/python/run_onnx.py")).arg(&file).arg(dtype);
    let printed = output(&mut run, &serde_json::to_string(x).unwrap());
    Some(serde_json::from_str(&printed).unwrap())
}

#[test]
fn onnxruntime_computes_the_same_probabilities_and_classes() {
    let mut models = vec![reference_model(), random_model(300, false, Precision::F32)];
    models.extend(Activation::ALL.map(|activation| with_activation(random_model(7, true, Precision::F64), activation)));
    for model in &models {
        let (x, petal) = rows_and_probabilities(model);
        // A graph in f32 rounds the inputs, their scaling and the sums. A graph in f64 differs from Petal by the rounding of
        // f32 only if Petal itself computes the model in f32.
        for (precision, tolerance) in [(Precision::F32, 1e-6), (Precision::F64, own_tolerance(model))] {
            let Some(result) = onnxruntime(model, precision, &x) else {
                return;
            };
            let theirs = numbers(&result["probability"]);
            assert_close(&petal, &theirs, tolerance);

            let metadata = &model.metadata;
            let classes: Vec<f64> = theirs.iter().map(|&p| f64::from(u8::from(p > metadata.threshold))).collect();
            assert_eq!(numbers(&result["class"]), classes);
            assert_eq!(result["producer"], "petal");
            let about = |key: &str| result["about"][key].as_str().unwrap().to_owned();
            assert_eq!(serde_json::from_str::<Vec<String>>(&about("inputs")).unwrap(), metadata.schema.inputs());
            assert_eq!(serde_json::from_str::<Vec<Column>>(&about("columns")).unwrap(), metadata.schema.columns);
            assert_eq!(about("label"), metadata.schema.label);
        }
    }
}

/// Petal compares logits. The probability of a logit near 0 is rounded to 1/2, and that of a large one to 0 or 1.
#[test]
fn classes_are_those_of_petal_where_probabilities_are_equal() {
    let near_one = 1.0 - 1e-12; // its logit is 27.6
    for (threshold, b2) in [(0.5, 0.0), (near_one, 27.0), (near_one, 28.0), (0.0, -800.0), (1.0, 50.0)] {
        let mut model = reference_model();
        (model.metadata.scaling, model.metadata.threshold) = (None, threshold);
        (model.parameters.w2, model.parameters.b2) = (vec![1e-20, 0.0, 0.0], vec![b2]);
        let x = [1.0, -1.0, 0.0, f64::NAN].map(|input| vec![input, 0.0]);
        let petal = model.logits(&x.concat()).into_iter();
        let mut expected: Vec<f64> = petal.map(|z| f64::from(u8::from(z > logit(threshold)))).collect();
        expected[3] = 2.0;

        for precision in Precision::ALL {
            if let Some(result) = onnxruntime(&model, precision, &x) {
                assert_eq!(numbers(&result["class"]), expected, "ONNX {precision} {threshold} {b2}");
            }
        }
        let documented = results_of_documented_code(&model, Precision::F64, &x).into_iter();
        let compiled = results_of_compiled_code(&model, &x).into_iter();
        for (name, [_, classes]) in documented.chain(compiled.map(|result| ("compiled code", result))) {
            assert_eq!(classes, expected, "{name} {threshold} {b2}");
        }
    }
}

/// relu of minus infinity is 0, and the sigmoid 0, and would look like a result.
#[test]
fn sums_that_overflow_give_no_class_with_any_activation_function() {
    for activation in Activation::ALL {
        let mut model = with_activation(reference_model(), activation);
        model.metadata.scaling = None;
        model.parameters.w1 = vec![-1e300, 1e300, 0.0, 0.0, 0.0, 0.0];
        let x = [vec![1e300, 0.0], vec![-1e300, 0.0], vec![f64::NEG_INFINITY, 0.0], vec![f64::NAN, 0.0]];
        assert!(model.logits(&x.concat()).iter().all(|logit| logit.is_nan()), "{activation}");
        let evaluator = Evaluator::new(&model, Form::Code);
        assert!(x.iter().all(|row| evaluator.probability(row).is_none()), "{activation}");
        if let Some(result) = onnxruntime(&model, Precision::F64, &x) {
            assert_eq!(numbers(&result["class"]), [2.0; 4], "ONNX {activation}");
        }
        let documented = results_of_documented_code(&model, Precision::F64, &x).into_iter();
        let compiled = results_of_compiled_code(&model, &x).into_iter();
        for (name, [_, classes]) in documented.chain(compiled.map(|result| ("compiled code", result))) {
            assert_eq!(classes, [2.0; 4], "{name} {activation}");
        }
    }
}

/// The logit of 0.3 cannot be written in f32, so a graph in f32 contains a neighbour.
#[test]
fn a_rounded_threshold_gives_the_same_classes() {
    for threshold in [0.3, 0.7, 0.5, 0.0, 1.0] {
        let mut model = reference_model();
        model.metadata.threshold = threshold;
        let bytes = export::onnx(&model, Precision::F32).unwrap();
        let name = b"threshold_logit\x4a\x04"; // the tensor's name, then the header of raw_data with 4 bytes
        let start = bytes.windows(name.len()).position(|window| window == name).unwrap() + name.len();
        let written = f32::from_le_bytes(bytes[start..start + 4].try_into().unwrap());
        for number in [written, written.next_up(), written.next_down()] {
            assert_eq!(number > written, f64::from(number) > logit(threshold), "{number} and {threshold}");
        }
    }
}

#[test]
fn numbers_beyond_the_range_of_f32_are_refused() {
    let mut model = reference_model();
    model.metadata.scaling.as_mut().unwrap().deviation[1] = 1e-50;
    let error = export::onnx(&model, Precision::F32).unwrap_err().to_string();
    assert_eq!(error, "deviation[1] = 1e-50: is beyond the range of f32; use f64");
    assert!(export::onnx(&model, Precision::F64).is_ok());

    model = reference_model();
    model.parameters.w2[2] = -1e39;
    let error = export::onnx(&model, Precision::F32).unwrap_err().to_string();
    assert_eq!(error, "w2[2] = -1e39: is beyond the range of f32; use f64");
}

/// Two columns may become inputs of one name. Petal does not train on such tables, but older versions did.
#[test]
fn the_inputs_of_a_graph_have_different_names() {
    let mut model = reference_model();
    let schema = &mut model.metadata.schema;
    schema.columns[0].name = "colour=red".into();
    let bytes = export::onnx(&model, Precision::F32).unwrap();
    let names = br#"["colour=red","colour=red (2)"]"#;
    assert!(bytes.windows(names.len()).any(|window| window == names));
}

/// Compiles a program and runs it on the rows `x`. Returns the probabilities and the classes, with NaN and 2 where there are
/// none; `None` if there is no such compiler.
fn compile_and_run(compiler: &mut Command, x: &[Vec<f64>], program: &Path) -> Option<[Vec<f64>; 2]> {
    match compiler.arg("-o").arg(program).status() {
        Ok(status) => assert!(status.success(), "{compiler:?}"),
        Err(error) => {
            println!("skipped: {}: {error}", compiler.get_program().display());
            return None;
        }
    }
    // 17 digits represent every f64 exactly.
    let input: String = x.iter().flatten().map(|value| format!("{value:.16e}\n")).collect();
    let printed = output(&mut Command::new(program), &input);
    let results = printed.lines().map(|line| {
        let (probability, class) = line.split_once(' ').unwrap();
        (probability.parse::<f64>().unwrap(), class.parse::<f64>().unwrap())
    });
    let (probabilities, classes) = results.unzip();
    Some([probabilities, classes])
}

const RUST_MAIN: &str = "
fn main() {
    let numbers = std::io::stdin().lines().map(|line| line.unwrap().parse().unwrap()).collect::<Vec<f64>>();
    for row in numbers.chunks_exact(FEATURES) {
        let row = row.try_into().unwrap();
        println!(\"{:.16e} {}\", probability(row).unwrap_or(f64::NAN), class(row).unwrap_or(2));
    }
}
";
const C_MAIN: &str = "
#include <stdio.h>
int main(void) {
    double x[FEATURES];
    for (int i = 0; scanf(\"%lf\", &x[i]) == 1; i = (i + 1) % FEATURES) {
        if (i == FEATURES - 1) {
            printf(\"%.17g %d\\n\", petal_probability(x), petal_class(x));
        }
    }
}
";

#[test]
fn compiled_code_computes_the_same_probabilities() {
    let models = [
        reference_model(),
        random_model(1, true, Precision::F64),
        random_model(7, true, Precision::F64),
        random_model(10_000, false, Precision::F64),
        random_model(7, true, Precision::F32),
        with_activation(random_model(7, true, Precision::F64), Activation::Sigmoid),
        with_activation(random_model(7, true, Precision::F64), Activation::Relu),
        with_activation(random_model(7, true, Precision::F64), Activation::Identity),
    ];
    for model in &models {
        let (x, petal) = rows_and_probabilities(model);
        // In f64 the sums and tanh are rounded differently; their terms are near 1. Petal computes a model of f32 in f32.
        let tolerance = if model.precision == Precision::F64 { 1e-14 } else { 1e-6 };
        for [probabilities, classes] in results_of_compiled_code(model, &x) {
            assert_close(&petal, &probabilities, tolerance);
            let threshold = model.metadata.threshold;
            let expected: Vec<f64> = probabilities.iter().map(|&p| f64::from(u8::from(p > threshold))).collect();
            assert_eq!(classes, expected);
        }
    }
}

/// What the functions in Rust and in C return, as far as there are compilers.
pub fn results_of_compiled_code(model: &ModelFile, x: &[Vec<f64>]) -> Vec<[Vec<f64>; 2]> {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    let features = model.parameters.features.to_string();

    let file = folder.path().join("model.rs");
    fs::write(&file, export::rust(model) + &RUST_MAIN.replace("FEATURES", &features)).unwrap();
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--edition", "2024", "-D", "warnings", "-C", "debuginfo=0"])
        .arg(&file);
    let rust = compile_and_run(&mut rustc, x, &program);

    let file = folder.path().join("model.c");
    fs::write(&file, export::c(model) + &C_MAIN.replace("FEATURES", &features)).unwrap();
    let mut cc = Command::new("cc");
    cc.args(["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror"])
        .arg(&file)
        .arg("-lm");
    [rust, compile_and_run(&mut cc, x, &program)].into_iter().flatten().collect()
}

/// What the Python blocks of docs/export.md compute, as far as their modules are installed: the first word of the module, the
/// probabilities and the classes. Each block defines a function `predict`.
pub fn results_of_documented_code(
    model: &ModelFile,
    onnx: Precision,
    x: &[Vec<f64>],
) -> Vec<(&'static str, [Vec<f64>; 2])> {
    let text = fs::read_to_string(path("docs/export.md")).unwrap();
    let blocks: Vec<&str> = text
        .split("```python\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert_eq!(blocks.len(), 3);

    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("runs/default")).unwrap();
    fs::write(folder.path().join("runs/default/model.safetensors"), model.to_bytes().unwrap()).unwrap();
    fs::write(folder.path().join("model.onnx"), export::onnx(model, onnx).unwrap()).unwrap();
    let mut results = Vec::new();
    for block in blocks {
        let (name, modules) = match block {
            block if block.contains("onnxruntime") => ("onnxruntime", "onnxruntime"),
            block if block.contains("torch") => ("torch", "torch, safetensors"),
            _ => ("numpy", "numpy, safetensors"),
        };
        let Some(mut python) = python(modules) else { continue };
        // JSON has no NaN.
        let print_result = "
import sys
x = [[float('nan') if value is None else value for value in row] for row in json.load(sys.stdin)]
probabilities, classes = (result.tolist() for result in predict(x))
print(json.dumps([[None if p != p else p for p in probabilities], classes]))
";
        python
            .current_dir(folder.path())
            .args(["-c", &format!("{block}{print_result}")]);
        let printed = output(&mut python, &serde_json::to_string(x).unwrap());
        let theirs: [Vec<Option<f64>>; 2] = serde_json::from_str(printed.lines().last().unwrap()).unwrap();
        let numbers = |list: Vec<Option<f64>>| list.into_iter().map(|p| p.unwrap_or(f64::NAN)).collect();
        results.push((name, theirs.map(numbers)));
    }
    results
}

#[test]
fn the_python_code_of_the_documentation_computes_the_same_probabilities() {
    let others = Activation::ALL.map(|activation| with_activation(random_model(7, true, Precision::F64), activation));
    for model in [reference_model(), random_model(7, false, Precision::F32)]
        .into_iter()
        .chain(others)
    {
        let (x, petal) = rows_and_probabilities(&model);
        for onnx in Precision::ALL {
            for (name, [theirs, _]) in results_of_documented_code(&model, onnx, &x) {
                let in_f32 = name == "onnxruntime" && onnx == Precision::F32;
                assert_close(&petal, &theirs, if in_f32 { 1e-6 } else { own_tolerance(&model) });
            }
        }
    }
}

/// The effect of sums in another order, in the float type of the model.
fn own_tolerance(model: &ModelFile) -> f64 {
    if model.precision == Precision::F64 { 1e-12 } else { 1e-6 }
}

#[test]
fn the_program_writes_the_requested_files_and_replaces_existing_ones() {
    let folder = tempfile::tempdir().unwrap();
    let model = reference_model();
    fs::write(folder.path().join("model.safetensors"), model.to_bytes().unwrap()).unwrap();
    fs::write(folder.path().join("model.c"), "older").unwrap();
    let export = |arguments: &[&str]| {
        let mut command = program("petal");
        command
            .current_dir(folder.path())
            .args(["export", "model.safetensors"])
            .args(arguments)
            .output()
            .unwrap()
    };

    let output = export(&["--onnx", "model.onnx", "--dtype", "f64", "--rust", "model.rs", "--c", "model.c"]);
    assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    assert_eq!(read("model.onnx"), export::onnx(&model, Precision::F64).unwrap());
    assert_eq!(read("model.rs"), export::rust(&model).into_bytes());
    assert_eq!(read("model.c"), export::c(&model).into_bytes());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);

    // No output, a type without a graph, an unknown type, and a file as a folder.
    for arguments in [&[][..], &["--dtype", "f64"], &["--onnx", "a", "--dtype", "f16"], &["--c", "model.rs/a"]] {
        let output = export(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && output.stderr.starts_with(b"error: "), "{output:?}");
    }
}
