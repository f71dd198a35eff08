//! The bounds that `petal export` prints are kept by exported models, and a form that differs by much is not written.
//!
//! onnxruntime, rustc and a C compiler run the exported models, as in `export.rs`. Where one is missing it is skipped.

use std::fs;
use std::path::Path;

use petal::data::InputRanges;
use petal::data::numpy::RandomState;
use petal::device::Precision;
use petal::export::{Evaluator, Form, LIMIT, Measurement};
use petal::files::folder::RunFolder;
use petal::files::model_file::ModelFile;

use crate::export::{
    assert_close, onnxruntime, random_model, reference_model, results_of_compiled_code, results_of_documented_code,
};
use crate::support::{numbers, path, prepared, program};

/// The default network after its 10,000 updates.
fn flower(dtype: &str) -> ModelFile {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("run");
    let run = prepared(&path("configs/default.toml"), &["train.engine=fused", &format!("dtype={dtype}")]);
    let trained = run.train(&mut ()).unwrap();
    trained.save(&mut RunFolder::create(&folder).unwrap()).unwrap();
    ModelFile::load(&folder.join("model.safetensors")).unwrap()
}

/// The points of a grid over [-5, 5]^2, which is wider than the flower.
fn grid() -> Vec<Vec<f64>> {
    let axis = || (0..=100).map(|i| f64::from(i) / 10.0 - 5.0);
    axis().flat_map(|x1| axis().map(move |x2| vec![x1, x2])).collect()
}

fn measured(model: &ModelFile) -> Measurement<'_> {
    let mut measured = Measurement::new(model);
    measured.add_spread();
    assert!(measured.rows() >= 4_096, "{}", measured.rows());
    measured
}

#[test]
fn the_default_network_keeps_the_printed_bounds_on_a_grid() {
    // The differences on this grid with AVX-512 were 1.5e-5, 1.1e-14 and 2.6e-14, and in f32 8.3e-6 and 1.0e-5.
    for (dtype, bounds) in [("f64", [2e-4, 2e-13, 2e-13]), ("f32", [2e-4, 2e-4, 2e-4])] {
        let (model, x) = (flower(dtype), grid());
        let petal = model.probabilities(&x.concat());
        let measured = measured(&model);
        let forms = [Form::Onnx(Precision::F32), Form::Onnx(Precision::F64), Form::Code];
        for (form, most) in forms.into_iter().zip(bounds) {
            let bound = measured.bound(form);
            assert!(bound >= 4.0 * measured.largest(form) && bound < most, "{dtype} {form:?} {bound}");

            let evaluator = Evaluator::new(&model, form);
            let ours: Vec<f64> = x.iter().map(|row| evaluator.probability(row).unwrap()).collect();
            assert_close(&petal, &ours, bound);
            let Form::Onnx(precision) = form else { continue };
            if let Some(result) = onnxruntime(&model, precision, &x) {
                assert_close(&petal, &numbers(&result["probability"]), bound);
            }
        }
        for [probabilities, _] in results_of_compiled_code(&model, &x) {
            assert_close(&petal, &probabilities, measured.bound(Form::Code));
        }
        // PyTorch and NumPy compute in the type of the model file.
        for (_, [probabilities, _]) in results_of_documented_code(&model, model.precision, &x) {
            assert_close(&petal, &probabilities, measured.bound(Form::Onnx(model.precision)));
        }
    }
}

/// A sum of many terms depends more on their order than one of few. In f64, tanh of other programs adds to that.
#[test]
fn a_wide_network_keeps_the_printed_bounds() {
    let model = random_model(1_000, false, Precision::F64);
    let random = &mut RandomState::new(3);
    let x: Vec<Vec<f64>> = (0..5_000)
        .map(|_| (0..6).map(|_| random.uniform_in(-3.0, 3.0)).collect())
        .collect();
    let petal = model.probabilities(&x.concat());
    let measured = measured(&model);
    for precision in Precision::ALL {
        for (name, [probabilities, _]) in results_of_documented_code(&model, precision, &x) {
            let form = Form::Onnx(if name == "onnxruntime" { precision } else { Precision::F64 });
            assert_close(&petal, &probabilities, measured.bound(form));
        }
    }
}

/// A row of the table widens the range so much that almost no other row of it is where the network varies.
#[test]
fn a_large_value_in_a_table_does_not_lower_the_bounds() {
    let model = random_model(50, false, Precision::F64);
    let mut with_table = Measurement::new(&model);
    with_table.add_rows(&[1e39, 1.0, 0.0, 0.0, 1.0, 0.0]);
    with_table.add_spread();
    for form in [Form::Onnx(Precision::F32), Form::Onnx(Precision::F64), Form::Code] {
        let without = measured(&model).largest(form);
        assert!(without > 0.0 && with_table.largest(form) >= without, "{form:?}");
    }
}

/// The same by rows of the training table.
#[test]
fn large_values_in_training_rows_do_not_lower_the_bounds() {
    let mut model = random_model(50, false, Precision::F64);
    let random = &mut RandomState::new(3);
    let x: Vec<Vec<f64>> = (0..5_000)
        .map(|_| (0..6).map(|_| random.uniform_in(-3.0, 3.0)).collect())
        .collect();
    let petal = model.probabilities(&x.concat());
    // The model file is the same except for the ranges. The last two inputs are categories.
    for inputs in [0..1, 0..4] {
        model.metadata.ranges.as_mut().unwrap().max[inputs].fill(1e39);
        let measured = measured(&model);
        for form in [Form::Onnx(Precision::F64), Form::Code] {
            let evaluator = Evaluator::new(&model, form);
            let ours: Vec<f64> = x.iter().map(|row| evaluator.probability(row).unwrap()).collect();
            assert_close(&petal, &ours, measured.bound(form));
        }
        if let Some(result) = onnxruntime(&model, Precision::F64, &x) {
            assert_close(&petal, &numbers(&result["probability"]), measured.bound(Form::Onnx(Precision::F64)));
        }
    }
}

#[test]
fn a_table_with_rows_that_petal_refuses_is_refused() {
    for (precision, value) in [(Precision::F64, "1e308"), (Precision::F32, "1e39")] {
        let mut model = reference_model();
        model.precision = precision;
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("model.safetensors"), model.to_bytes().unwrap()).unwrap();
        fs::write(folder.path().join("t.csv"), format!("\"width, cm\",colour\n1,red\n{value},red\n")).unwrap();
        let mut predict = program("petal");
        predict
            .current_dir(folder.path())
            .args(["predict", "model.safetensors", "t.csv"]);
        let expected = String::from_utf8(predict.output().unwrap().stderr).unwrap();
        assert!(expected.starts_with("error: t.csv:3") && expected.contains(" too large "), "{expected}");

        let (success, printed) = export(folder.path(), &["--c", "model.c", "--table", "t.csv"]);
        assert_eq!((success, printed), (false, expected));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}

/// The evaluator rounds f64 to f32 after each operation. This computes in f32 itself.
#[test]
fn the_evaluator_computes_in_f32() {
    let model = flower("f64");
    let evaluator = Evaluator::new(&model, Form::Onnx(Precision::F32));
    let [w1, b1, w2] = [&model.parameters.w1, &model.parameters.b1, &model.parameters.w2]
        .map(|list| list.iter().map(|&value| value as f32).collect::<Vec<f32>>());
    for row in grid() {
        let mut z2 = 0.0_f32;
        for j in 0..4 {
            let z1 = row[0] as f32 * w1[j] + row[1] as f32 * w1[4 + j] + b1[j];
            z2 += z1.tanh() * w2[j];
        }
        z2 += model.parameters.b2[0] as f32;
        let expected = f64::from(1.0 / (1.0 + (-z2).exp()));
        // A last digit of tanh, 6e-8, times the weights of the second layer, at most 12, by half of 4 units, times 1/4.
        let ours = evaluator.probability(&row).unwrap();
        assert!((ours - expected).abs() < 4e-7, "{row:?} {ours} {expected}");
    }
}

/// A network on 1.7e9 + 10 i, i below 200, and another input. The distance between two numbers of f32 is 128 there.
fn large_mean() -> ModelFile {
    let mut model = reference_model();
    let scaling = model.metadata.scaling.as_mut().unwrap();
    (scaling.mean[0], scaling.deviation[0]) = (1_700_000_995.0, 577.0);
    model.metadata.ranges = Some(InputRanges { min: vec![1_700_000_000.0, 0.0], max: vec![1_700_001_990.0, 1.0] });
    model.parameters.w1 = vec![8.0, -6.0, 7.0, 0.0, 0.0, 0.0];
    model.parameters.w2 = vec![5.0, -4.0, 3.0];
    model
}

#[test]
fn a_graph_in_f32_is_not_written_if_f32_cannot_hold_the_inputs() {
    let model = large_mean();
    let measured = measured(&model);
    assert!(measured.largest(Form::Onnx(Precision::F32)) > 0.5);
    assert!(measured.largest(Form::Onnx(Precision::F64)) < 1e-12);
    // Without the program's choice the graph differs so much.
    let x: Vec<Vec<f64>> = (0..200).map(|i| vec![1.7e9 + 10.0 * f64::from(i), 0.5]).collect();
    if let Some(result) = onnxruntime(&model, Precision::F32, &x) {
        let petal = model.probabilities(&x.concat());
        let differences = numbers(&result["probability"])
            .into_iter()
            .zip(petal)
            .map(|(a, b)| (a - b).abs());
        assert!(differences.fold(0.0, f64::max) > 0.1);
    }

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.safetensors");
    fs::write(&file, model.to_bytes().unwrap()).unwrap();
    let (success, printed) = export(folder.path(), &["--onnx", "model.onnx"]);
    let reason = "f32 has 7 digits; it changes input \"width, cm\", from 1700000000 to 1700001990, by up to 64";
    assert!(
        success && printed.contains("ONNX is written in f64 because f32 differs by up to ") && printed.contains(reason)
    );
    let written = fs::read(folder.path().join("model.onnx")).unwrap();
    assert_eq!(written, petal::export::onnx(&model, Precision::F64).unwrap());

    let (success, printed) = export(folder.path(), &["--onnx", "other.onnx", "--dtype", "f32", "--c", "model.c"]);
    let start = "error: --onnx other.onnx: its probabilities in f32 would differ from Petal's by up to ";
    assert!(!success && printed.starts_with(start) && printed.ends_with(&format!("{reason}; use --dtype f64\n")));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

/// A model that Petal computes in f32 with large weights: f64 does not compute what Petal computes.
#[test]
fn no_form_is_written_if_petal_itself_rounds_too_much() {
    let mut model = reference_model();
    model.precision = Precision::F32;
    model.parameters.w1 = vec![4321.0, -4096.0, 5432.0, 0.0, 0.0, 0.0];
    model.parameters.b1 = vec![1111.0, -1313.0, 999.0];
    model.parameters.w2 = vec![256.0, -200.0, 123.0];
    assert!(measured(&model).largest(Form::Code) > LIMIT);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("model.safetensors"), model.to_bytes().unwrap()).unwrap();
    let (success, printed) = export(folder.path(), &["--rust", "model.rs"]);
    assert!(
        !success && printed.starts_with("error: --rust model.rs: its probabilities in f64 would differ"),
        "{printed}"
    );
    assert!(printed.ends_with("Petal computes this model in f32, which rounds more; train it with dtype = \"f64\"\n"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// The same in a model that Petal computes in f64.
#[test]
fn no_form_is_written_if_f64_rounds_too_much() {
    let mut model = reference_model();
    model.parameters.w1 = vec![4.321e7, -4.096e7, 5.432e7, 0.0, 0.0, 0.0];
    model.parameters.b1 = vec![1.111e7, -1.313e7, 0.999e7];
    model.parameters.w2 = vec![2.56e7, -2.0e7, 1.23e7];
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("model.safetensors"), model.to_bytes().unwrap()).unwrap();
    let (success, printed) = export(folder.path(), &["--onnx", "model.onnx"]);
    let start = "error: --onnx model.onnx: its probabilities in f64 would differ from Petal's by up to ";
    let reason = ": the weights are so large that the rounding of f64 changes the probability; train it with a \
                  train.weight_decay above 0, which keeps weights small\n";
    assert!(!success && printed.starts_with(start) && printed.ends_with(reason), "{printed}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// Sums of values of 1e300 that cancel have another sign if they are added in another order.
#[test]
fn an_input_that_is_too_large_for_f64_is_named() {
    let model = random_model(50, false, Precision::F64);
    let mut measured = Measurement::new(&model);
    measured.add_rows(&[1e300, 1e299, 1e298, 1.0, 1.0, 0.0]);
    measured.add_spread();
    assert!(measured.largest(Form::Code) > LIMIT);
    let expected =
        "input \"back\\\\\", from -3.0 to 1e300, is so large that the rounding of f64 changes the probability";
    assert_eq!(measured.reason(Form::Code), expected);
}

#[test]
fn an_input_that_is_too_large_for_f32_is_named() {
    let mut model = reference_model();
    model.metadata.scaling = None;
    model.metadata.ranges = Some(InputRanges { min: vec![0.0, 0.0], max: vec![3e38, 1.0] });
    model.parameters.w1 = vec![1e-38, -2e-38, 1e-38, 0.0, 0.0, 0.0];
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("model.safetensors"), model.to_bytes().unwrap()).unwrap();
    let (success, printed) = export(folder.path(), &["--onnx", "model.onnx"]);
    let expected = "ONNX is written in f64 because f32 differs by up to 1, more than 0.0001: input \"width, cm\", from 0.0 to \
                    3e38, is too large for f32.\n";
    assert!(success && printed.ends_with(expected), "{printed}");
}

#[test]
fn nothing_is_measured_without_rows_that_petal_can_predict() {
    let mut model = reference_model();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.safetensors");
    fs::write(&file, model.to_bytes().unwrap()).unwrap();
    fs::write(folder.path().join("empty.csv"), "\"width, cm\",colour\n").unwrap();
    let (success, printed) = export(folder.path(), &["--c", "model.c", "--table", "empty.csv"]);
    assert_eq!((success, printed.as_str()), (false, "error: --table empty.csv: has no rows\n"));

    // The scaled input is infinite, and infinity times a weight of 0 is NaN.
    model.metadata.scaling.as_mut().unwrap().deviation[0] = 1e-300;
    model.metadata.ranges = Some(InputRanges { min: vec![1e100, 0.0], max: vec![1e200, 1.0] });
    model.parameters.w1[..3].fill(0.0);
    fs::write(&file, model.to_bytes().unwrap()).unwrap();
    let (success, printed) = export(folder.path(), &["--c", "model.c"]);
    let expected =
        "error: model.safetensors: no probability is finite in the range of the inputs; the parameters are too large\n";
    assert_eq!((success, printed.as_str()), (false, expected));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_model_without_ranges_is_measured_on_a_table() {
    let mut model = large_mean();
    (model.metadata.format, model.metadata.ranges) = (2, None);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("model.safetensors"), model.to_bytes().unwrap()).unwrap();
    let rows: String = (0..200).map(|i| format!("{},red\n", 1_700_000_000 + 10 * i)).collect();
    fs::write(folder.path().join("t.csv"), format!("\"width, cm\",colour\n{rows}")).unwrap();

    let (success, printed) = export(folder.path(), &["--onnx", "model.onnx", "--rust", "model.rs"]);
    let expected = "\
model.onnx: ONNX in f64; not measured
model.rs: Rust in f64; not measured
Not measured: the model file does not hold the range of its inputs, because an older version wrote it. Use --table FILE with rows \
such as the model will get.
ONNX is written in f64 because the difference of f32 is not known.
";
    assert!(success && printed == expected, "{printed}");
    let (success, printed) = export(folder.path(), &["--onnx", "other.onnx", "--dtype", "f32"]);
    assert!(!success && printed.starts_with("error: --dtype f32: the model file does not hold"), "{printed}");

    let (success, printed) = export(folder.path(), &["--onnx", "model.onnx", "--table", "t.csv"]);
    assert!(
        success && printed.contains("model.onnx: ONNX in f64; largest difference from Petal's probability "),
        "{printed}"
    );
    assert!(printed.contains("from 1700000000 to 1700001990"), "{printed}");
    let (success, printed) = export(folder.path(), &["--onnx", "other.onnx", "--dtype", "f32", "--table", "t.csv"]);
    assert!(!success && printed.contains("would differ"), "{printed}");
    let (success, printed) = export(folder.path(), &["--c", "model.c", "--table", "model.rs"]);
    assert!(!success && printed.starts_with("error: model.rs"), "{printed}");
}

/// Rows whose sums are too large have no probability and no class. Large sums that are finite give 0 and 1.
///
/// The first unit adds two terms of opposite sign. Where both are infinite, the sum is NaN or depends on the order. The
/// second unit would be 1 for infinity, which looks like a result.
#[test]
fn rows_that_are_too_large_have_no_class() {
    let mut model = random_model(2, false, Precision::F64);
    let parameters = &mut model.parameters;
    parameters.w1.fill(0.0);
    parameters.w1[..4].copy_from_slice(&[1e5, 1e5, -1e5, 1e5]); // x0 and x1 into both units
    parameters.w2 = vec![0.0, 2000.0];
    let row = |a: f64, b: f64| vec![a, b, 0.0, 0.0, 0.0, 0.0];
    let large = [row(1e306, 1e306), row(1e306, 0.0), row(f64::INFINITY, 1.0), row(1.0, f64::NAN), row(-1e308, 1e308)];
    let finite = [row(1e300, 1e300), row(-1e300, -1e300), row(1e300, 0.0), row(-1e290, 0.0)];
    let x = [&large[..], &finite[..]].concat();
    let (none, saturated) = (large.len(), [1.0, 0.0, 1.0, 0.0]);
    let check = |what: &str, [probabilities, classes]: &[Vec<f64>; 2]| {
        assert!(probabilities[..none].iter().all(|p| p.is_nan()), "{what} {probabilities:?}");
        assert_eq!(classes[..none], vec![2.0; none], "{what}");
        assert_eq!((&probabilities[none..], &classes[none..]), (&saturated[..], &saturated[..]), "{what}");
    };
    assert_eq!(model.probabilities(&finite.concat()), saturated);
    for result in results_of_compiled_code(&model, &x) {
        check("code", &result);
    }
    for (name, result) in results_of_documented_code(&model, Precision::F64, &x) {
        check(name, &result);
    }
    for precision in Precision::ALL {
        let name = precision.to_string();
        // 1e306 is infinite in f32, and so are the rows that are finite in f64.
        let scale = if precision == Precision::F32 { 1e-270 } else { 1.0 };
        let x: Vec<Vec<f64>> = x.iter().map(|row| row.iter().map(|value| value * scale).collect()).collect();
        if let Some(result) = onnxruntime(&model, precision, &x) {
            let list = |key: &str| {
                result[key]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|v| v.as_f64().unwrap_or(f64::NAN))
                    .collect()
            };
            check(&name, &[list("probability"), list("class")]);
        }
        let evaluator = Evaluator::new(&model, Form::Onnx(precision));
        let ours: Vec<Option<f64>> = x.iter().map(|row| evaluator.probability(row)).collect();
        assert_eq!(ours[..none], vec![None; none], "{name}");
        assert_eq!(ours[none..], saturated.map(Some), "{name}");
    }
}

/// Runs `petal export model.safetensors` and returns whether it succeeded, and what it printed on standard error.
fn export(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let mut command = program("petal");
    let output = command
        .current_dir(folder)
        .args(["export", "model.safetensors"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.stdout.is_empty());
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}
