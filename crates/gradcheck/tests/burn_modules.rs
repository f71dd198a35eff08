//! The gradient check of Burn's modules and of functions of tensors.

#![cfg(feature = "burn")]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first error")]

use burn::module::{Module, Param};
use burn::nn::{BatchNorm, BatchNormConfig, EmbeddingConfig, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::{DType, Device, Int, Tensor};
use petal_gradcheck::burn::{
    AUTODIFF, ModuleCheck, array_from_tensor, check_module, check_tensors, f64_device, probe, tensor_check,
};
use petal_gradcheck::{Array, NUMERIC, Report, TensorReport};

/// Every test begins with it, because the first tensor of the process fixes the default float type.
fn device() -> Device {
    f64_device().unwrap()
}

fn linear(d_input: usize, d_output: usize) -> Linear {
    LinearConfig::new(d_input, d_output).init(&device())
}

fn x(device: &Device) -> Tensor<2> {
    Tensor::from_data([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5], [0.1, 0.2, -0.7]], device)
}

/// A number that depends on every element of a tensor.
fn cubes<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    (tensor.powi_scalar(3) * 0.1).sum()
}

/// The tensors in the comparison of autodiff with central differences.
fn tensors(report: &Report) -> &[TensorReport] {
    let with_differences = |comparison: &&_| is_autodiff_against_differences(comparison);
    &report.comparisons.iter().find(with_differences).unwrap().tensors
}

fn is_autodiff_against_differences(comparison: &petal_gradcheck::Comparison) -> bool {
    comparison.tested == AUTODIFF && comparison.reference == NUMERIC
}

fn names(report: &Report) -> Vec<&str> {
    tensors(report).iter().map(|tensor| &tensor.name[..]).collect()
}

#[test]
fn parameters_are_named_by_their_path_from_the_last_to_the_first() {
    let module = (vec![linear(3, 4), linear(4, 4)], LayerNormConfig::new(4).init(&device()));
    let report = check_module(&module, |(layers, norm), device| {
        cubes(norm.forward(layers[1].forward(layers[0].forward(x(device)).tanh())))
    })
    .unwrap();
    assert!(report.passed(), "{report}");
    let expected = ["1.beta", "1.gamma", "0.1.bias", "0.1.weight", "0.0.bias", "0.0.weight"];
    assert_eq!(names(&report), expected);
    assert!(report.notes.is_empty(), "{report}");
}

#[test]
fn the_gradient_by_the_input_is_checked_if_the_input_is_a_parameter() {
    let module = (Param::from_tensor(x(&device())), linear(3, 2));
    let report = ModuleCheck::new(&module, |(x, layer), _| cubes(layer.forward(x.val())))
        .name("0", "input")
        .name("1", "layer")
        .run()
        .unwrap();
    assert!(report.passed(), "{report}");
    assert_eq!(names(&report), ["layer.bias", "layer.weight", "input"]);
}

/// Autodiff's derivative of `x.detach() * x` is x, the right one is 2x.
#[test]
fn a_wrong_gradient_of_autodiff_is_named() {
    let report = check_tensors(x(&device()), |x, _| (x.clone().detach() * x).sum()).unwrap();
    assert!(!report.passed());
    let diagnosis = tensors(&report)[0].diagnosis.clone().unwrap();
    assert_eq!(diagnosis, "too small by exactly a factor of 2");
}

#[test]
fn functions_of_tensors_of_any_ranks_are_checked() {
    let device = device();
    let b = Tensor::<1>::from_data([0.25, -0.5, 1.0], &device);
    let scale = Tensor::<3>::from_data([[[1.5]], [[-0.5]], [[0.75]]], &device);
    let report = tensor_check((x(&device), b, scale), |(w, b, scale), device| {
        let z = x(device).matmul(w) + b.unsqueeze(); // [3, 3]
        cubes(z.unsqueeze_dim::<3>(1).tanh() * scale).unsqueeze::<2>()
    })
    .name("0", "w")
    .name("1", "b")
    .run()
    .unwrap();
    assert!(report.passed(), "{report}");
    assert_eq!(names(&report), ["2", "b", "w"]);
}

/// A tensor that was computed with autodiff is no leaf, and becomes one.
#[test]
fn tensors_with_a_graph_can_be_the_point() {
    let device = device().autodiff();
    let report = check_tensors(x(&device).require_grad() * 2.0, |x, _| cubes(x)).unwrap();
    assert!(report.passed(), "{report}");
}

#[test]
fn tied_weights_have_one_gradient_under_both_paths() {
    let first = linear(3, 3);
    let mut second = linear(3, 3);
    second.weight = first.weight.clone();
    let report = check_module(&(first, second), |(first, second), device| {
        cubes(second.forward(first.forward(x(device)).tanh()))
    })
    .unwrap();
    assert!(report.passed(), "{report}");
    assert_eq!(names(&report), ["1.bias", "0.bias", "0.weight = 1.weight"]);
}

#[test]
fn a_clone_with_other_values_under_the_same_id_is_refused() {
    let first = linear(3, 3);
    let mut second = first.clone();
    second.weight = second.weight.map(|weight| weight * 2.0);
    let error = check_module(&(first, second), |(first, _), device| cubes(first.forward(x(device)))).unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with("0.weight and 1.weight have the same ParamId but not the same values."),
        "{message}"
    );
}

#[test]
fn frozen_parameters_are_not_checked() {
    let module = (linear(3, 3).no_grad(), linear(3, 2));
    let report =
        check_module(&module, |(first, second), device| cubes(second.forward(first.forward(x(device))))).unwrap();
    assert!(report.passed(), "{report}");
    assert_eq!(names(&report), ["1.bias", "1.weight"]);
    assert_eq!(report.notes, ["not checked, because they do not require a gradient: 0.weight, 0.bias"]);

    let error = check_module(&linear(3, 3).no_grad(), |layer, device| cubes(layer.forward(x(device)))).unwrap_err();
    assert_eq!(error.to_string(), "the module has no float parameter that requires a gradient");
}

#[test]
fn batch_norm_is_checked_in_training_and_its_running_statistics_stay() {
    let module = BatchNormConfig::new(3).init(&device());
    let loss = |norm: &BatchNorm, device: &Device| cubes(norm.forward(x(device)));

    let report = check_module(&module, loss).unwrap();
    assert!(report.passed(), "{report}");
    assert!(report.notes[0].contains("differences are taken there"), "{report}");
    assert_eq!(report.notes[1], "not checked, because they do not require a gradient: running_mean, running_var");
    assert_eq!(module.running_mean.value_sync().into_data().iter::<f64>().collect::<Vec<_>>(), [0.0; 3]);

    let report = ModuleCheck::new(&module, loss).inference().run().unwrap();
    assert!(report.passed(), "{report}");
    assert_eq!(report.notes.len(), 1, "{report}");
}

/// In training, batch normalization removes the mean of what comes before it, so that the bias has no effect. In inference
/// it has one.
#[test]
fn training_and_inference_have_different_gradients() {
    let module = (linear(3, 3), BatchNormConfig::new(3).init(&device()));
    let largest_bias_gradient = |inference: bool| {
        let mut check = ModuleCheck::new(&module, |(layer, norm): &(Linear, BatchNorm), device| {
            cubes(norm.forward(layer.forward(x(device))) + x(device))
        });
        if inference {
            check = check.inference();
        }
        let report = check.run().unwrap();
        assert!(report.passed(), "{report}");
        let bias = tensors(&report).iter().find(|tensor| tensor.name == "0.bias").unwrap();
        bias.worst.as_ref().unwrap().tested.abs()
    };
    assert!(largest_bias_gradient(false) < 1e-10);
    assert!(largest_bias_gradient(true) > 1e-3);
}

#[test]
fn a_parameter_without_a_gradient_is_explained() {
    let bias = |layer: &Linear| layer.bias.as_ref().unwrap().val();
    let independent = check_module(&linear(3, 2), |layer, _| cubes(layer.weight.val())).unwrap();
    assert!(independent.passed(), "{independent}");
    assert_eq!(
        independent.notes,
        ["autodiff gives no gradient for bias, and differences confirm that the loss does not depend on it"]
    );

    let cut =
        check_module(&linear(3, 2), |layer, _| cubes(layer.weight.val()) + bias(layer).inner().exp().sum()).unwrap();
    assert!(!cut.passed());
    let expected = "autodiff gives no gradient for bias, but differences show that the loss depends on it: the graph is cut \
                    in between";
    assert!(cut.findings.iter().any(|finding| finding.starts_with(expected)), "{cut}");

    let without_graph = check_module(&linear(3, 2), |layer, _| bias(layer).detach().exp().sum()).unwrap();
    assert!(without_graph.findings.iter().any(|finding| finding.starts_with(expected)), "{without_graph}");
}

#[test]
fn other_gradients_are_compared_too() {
    let module = (Param::from_tensor(x(&device())), linear(3, 2));
    let check = |factor: f64| {
        ModuleCheck::new(&module, |(x, layer): &(Param<Tensor<2>>, Linear), _| cubes(layer.forward(x.val())))
            .gradient("by hand", move |(x, layer), _| -> petal_gradcheck::error::Result<Vec<Array>> {
                let dz = layer.forward(x.val()).powi_scalar(2) * 0.3; // [3, 2]
                let dw = x.val().transpose().matmul(dz.clone()) * factor; // [3, 2]
                let dx = dz.clone().matmul(layer.weight.val().transpose()); // [3, 3]
                Ok(vec![
                    array_from_tensor("1.bias", &dz.sum_dim(0).squeeze_dim::<1>(0))?,
                    array_from_tensor("1.weight", &dw)?,
                    array_from_tensor("0", &dx)?,
                ])
            })
            .gradient_of("by matmul", |(x, layer), _| {
                let bias = layer.bias.as_ref().unwrap().val().unsqueeze();
                cubes(x.val().matmul(layer.weight.val()) + bias)
            })
            .gradient_on("again", &device())
            .factor("m", 3.0)
            .run()
            .unwrap()
    };
    let report = check(1.0);
    assert!(report.passed(), "{report}");
    assert_eq!(report.comparisons.len(), 6 + 4);

    let text = check(3.0).to_string();
    let diagnosis = "too large by exactly a factor of m: a division by m (the mean) is missing";
    assert!(text.contains(diagnosis), "{text}");
    assert!(text.contains("in by hand, the first to differ is 1.weight; 1.bias agree"), "{text}");
}

/// In f32, the numbers of the point are rounded, and the bounds are those of f32.
#[test]
fn the_module_s_own_float_type_is_used() {
    let third = Tensor::<1>::from_data([1.0 / 3.0, -0.7], (&device(), DType::F32));
    let report = check_tensors(third, |x, _| cubes(x)).unwrap();
    assert!(report.passed(), "{report}");
    let worst = tensors(&report)[0].worst.clone().unwrap();
    assert!(worst.relative > 1e-9 && worst.relative < 1e-3, "{report}");
    let expected = 0.1 * (f64::from(1.0_f32 / 3.0).powi(3) - f64::from(0.7_f32).powi(3));
    assert!((report.loss.unwrap() - expected).abs() < 1e-15, "{report}");

    let half = Tensor::<1>::from_data([0.5], (&device(), DType::F16));
    let error = check_tensors(half, |x, _| cubes(x)).unwrap_err().to_string();
    assert!(error.starts_with("gradients are checked in f32 or f64, not in f16"), "{error}");

    let mixed = (Tensor::<1>::ones([1], (&device(), DType::F32)), Tensor::<1>::ones([1], &device()));
    let error = check_tensors(mixed, |(x, _), _| cubes(x)).unwrap_err().to_string();
    assert_eq!(error, "all parameters must have the same float type, but 0 is f32 and 1 is f64");
}

/// Tensors on a device with gradient checkpointing must meet only tensors that have it too.
#[test]
fn gradient_checkpointing_is_kept() {
    let device = device().autodiff().gradient_checkpointing();
    let module = (LinearConfig::new(3, 4).init(&device), LayerNormConfig::new(4).init(&device));
    let report =
        check_module(&module, |(layer, norm), device| cubes(norm.forward(layer.forward(x(device)).tanh()))).unwrap();
    assert!(report.passed(), "{report}");
}

#[test]
fn integers_are_made_on_the_device_too() {
    let module = EmbeddingConfig::new(5, 3).init(&device());
    let report = check_module(&module, |embedding, device| {
        cubes(embedding.forward(Tensor::<2, Int>::from_data([[1, 4, 1], [0, 2, 2]], device)))
    })
    .unwrap();
    assert!(report.passed(), "{report}");
}

#[test]
fn a_loss_that_cannot_be_used_is_an_error() {
    let layer = linear(3, 2);
    let message = |result: petal_gradcheck::error::Result<Report>| result.unwrap_err().to_string();

    let not_one_number = message(check_module(&layer, |layer, device| layer.forward(x(device))));
    assert_eq!(
        not_one_number,
        "the loss has the shape [3, 2], but must be one number: end it with `.mean()` or `.sum()`"
    );

    let f32 = message(check_module(&layer, |layer, _| cubes(layer.weight.val()).cast(DType::F32)));
    assert!(f32.starts_with("the loss is f32, although the parameters are f64"), "{f32}");

    let panic = message(check_module(&layer, |_, _| -> Tensor<1> { panic!("no\n   data") }));
    let expected = "the loss panicked on Flex(Cpu) with autodiff: no data (crates/gradcheck/tests/burn_modules.rs:";
    assert!(panic.starts_with(expected), "{panic}");

    let shapes = message(check_module(&layer, |layer, device| layer.forward(x(device).slice([0..3, 0..2])).sum()));
    assert!(shapes.contains("axis 1 expected 3, got 2 (dims [3, 2]) (burn-nn-"), "{shapes}");
    assert!(!shapes.contains("float type"), "{shapes}");
}

#[test]
fn a_panic_in_a_backward_pass_or_in_another_gradient_is_an_error() {
    let layer = linear(3, 2);
    let error = ModuleCheck::new(&layer, |layer, device| layer.forward(x(device)).sum())
        .gradient("by hand", |_, _| -> Vec<Array> { panic!("not yet") })
        .run()
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("the gradient \"by hand\" cannot be computed: "), "{error}");
    assert!(error.contains("not yet"), "{error}");
}

#[test]
fn mixed_float_types_are_explained() {
    let outside = Tensor::<2>::ones([3, 2], (&device(), DType::F32));
    let results = [
        check_module(&linear(3, 2), |layer, _| (layer.weight.val() * outside.clone()).sum()),
        check_module(&linear(3, 2), |layer, _| layer.weight.val().matmul(outside.clone().transpose()).sum()),
    ];
    for result in results {
        let message = result.unwrap_err().to_string();
        assert!(message.contains("dtype mismatch"), "{message}");
        assert!(
            message.contains("The parameters were given in f64, and met a tensor of another float type."),
            "{message}"
        );
        assert!(message.contains("plain `Tensor` field of the module"), "{message}");
    }
}

/// A state outside the module, which the copies of the module share.
#[test]
fn a_loss_that_is_another_number_each_time_is_refused() {
    let calls = std::cell::Cell::new(0.0);
    let result = check_module(&linear(3, 2), |layer, device| {
        calls.set(calls.get() + 1.0);
        layer.forward(x(device)).sum() + calls.get()
    });
    let message = result.unwrap_err().to_string();
    assert!(message.starts_with("the loss is not repeatable: at the same point it is "), "{message}");
    assert!(message.contains("`device.seed(0)`"), "{message}");
}

/// The gradient is cut between z1 and a1, so that the derivative by a1 is right, and the one by z1 is not.
#[test]
fn probes_show_where_a_mistake_begins() {
    let module = (linear(3, 4), linear(4, 2));
    let loss = |factor: f64| {
        move |(hidden, output): &(Linear, Linear), device: &Device| {
            let z1 = probe("z1", hidden.forward(x(device)));
            let a1 = probe("a1", z1.clone() * factor + z1.detach() * (1.0 - factor));
            cubes(probe("z2", output.forward(a1)))
        }
    };
    let right = check_module(&module, loss(1.0)).unwrap();
    assert!(right.passed(), "{right}");
    assert_eq!(&names(&right)[..3], ["z2", "a1", "z1"]);

    let wrong = check_module(&module, loss(0.5)).unwrap();
    let finding = "in autodiff, the first to differ is z1; z2, a1 agree";
    assert_eq!(wrong.findings, [finding], "{wrong}");
}

#[test]
fn probes_in_a_loop_are_numbered_and_names_are_not_shared_with_parameters() {
    let layer = linear(3, 3);
    let report =
        check_module(&layer, |layer, device| cubes((0..2).fold(x(device), |h, _| probe("h", layer.forward(h).tanh()))))
            .unwrap();
    assert!(report.passed(), "{report}");
    assert_eq!(names(&report), ["h (2)", "h", "bias", "weight"]);

    let error = check_module(&layer, |layer, device| cubes(probe("bias", layer.forward(x(device))))).unwrap_err();
    assert_eq!(error.to_string(), "a probe and a parameter have the same name: bias");

    // After a panic inside the loss, and outside a check, nothing is added.
    let panicking = check_module(&layer, |layer, _| -> Tensor<1> {
        let _ = probe("w", layer.weight.val());
        panic!("after the probe")
    });
    assert!(panicking.is_err());
    assert!(!probe("outside", x(&device().autodiff())).is_tracked());
}

/// The loss is twice as large in f32, as one with random numbers can be another one on another device.
#[test]
fn a_loss_that_is_another_function_for_autodiff_is_reported() {
    let x = Tensor::<1>::from_data([0.5, -0.75], (&device(), DType::F32));
    let report = check_tensors(x, |x, _| {
        let factor = if x.dtype() == DType::F32 { 2.0 } else { 1.0 };
        cubes(x) * factor
    })
    .unwrap();
    assert!(!report.passed());
    let finding = "autodiff had another function than differences: the loss is -0.059375";
    assert!(report.findings.iter().any(|text| text.starts_with(finding)), "{report}");
}

#[test]
fn a_name_replaces_whole_parts_of_a_path() {
    let device = device();
    let module: Vec<_> = (0..11)
        .map(|i| Param::from_tensor(Tensor::<1>::from_data([0.5 + f64::from(i)], &device)))
        .collect();
    let report = ModuleCheck::new(&module, |module, _| {
        module
            .iter()
            .map(|param| cubes(param.val()))
            .reduce(|sum, term| sum + term)
            .unwrap()
    })
    .name("1", "second")
    .run()
    .unwrap();
    assert_eq!(names(&report), ["10", "9", "8", "7", "6", "5", "4", "3", "2", "second", "0"]);
}

/// A tensor of 20 elements in three directions.
#[test]
fn settings_of_the_check_are_passed_on() {
    let report = ModuleCheck::new(&linear(4, 5), |layer, _| cubes(layer.weight.val()))
        .directions(5, 3, 0)
        .run()
        .unwrap();
    assert!(report.passed(), "{report}");
    let directions: Vec<_> = tensors(&report).iter().map(|tensor| tensor.directions).collect();
    assert_eq!(directions, [None, Some(3)]);
}

#[test]
fn a_loss_of_another_module_does_not_pass() {
    let (layer, outside) = (linear(3, 2), linear(3, 2));
    let report = check_module(&layer, |_, device| cubes(outside.forward(x(device)))).unwrap();
    assert!(!report.passed());
    assert!(
        report.findings[0].starts_with("the loss depends on none of the parameters (bias, weight)"),
        "{report}"
    );
}

#[test]
fn one_name_for_two_parameters_is_refused() {
    let check = ModuleCheck::new(&linear(3, 2), |layer: &Linear, device| cubes(layer.forward(x(device))));
    let error = check.name("weight", "w").name("bias", "w").run().unwrap_err();
    assert_eq!(error.to_string(), "two parameters have the same name: w");
}

#[test]
fn a_name_for_a_path_that_does_not_exist_is_refused() {
    let check = ModuleCheck::new(&linear(3, 2), |layer: &Linear, device| cubes(layer.forward(x(device))));
    let error = check.name("weight", "w").name("bia", "b").run().unwrap_err();
    let expected = "no parameter has the path \"bia\", and none begins with it: the paths are weight, bias";
    assert_eq!(error.to_string(), expected);
}

/// Where all inputs are zero, batch normalization gives the same in training and in inference, but its gradient does not.
#[test]
fn training_and_inference_are_told_apart_where_their_losses_are_equal() {
    let input = Param::from_tensor(Tensor::<2>::zeros([3, 4], &device()));
    let module = (input, BatchNormConfig::new(4).init(&device()));
    let report = check_module(&module, |(input, norm): &(Param<Tensor<2>>, BatchNorm), device| {
        let weights = Tensor::<1, Int>::arange(0..12, device).float().reshape([3, 4]);
        (norm.forward(input.val()) * weights.powi_scalar(2)).sum()
    })
    .unwrap();
    assert!(report.passed(), "{report}");
    assert!(report.notes[0].contains("some layers train only on a device with autodiff"), "{report}");
}

/// In f32, 1 - tanh^2 is rounded like 1. Only the user knows that.
#[test]
fn a_module_check_has_term_sizes() {
    let point = || Tensor::<1>::from_data([7.0, 8.0], (&device(), DType::F32));
    let report = tensor_check(point(), |x, _| x.tanh().sum())
        .term_size("parameter", 1.0)
        .run()
        .unwrap();
    assert!(report.comparisons.iter().all(petal_gradcheck::Comparison::passed), "{report}");
    assert!(report.to_string().contains("shows NOTHING"), "{report}");
}

#[test]
fn an_f32_module_on_a_device_of_f64_is_explained_and_can_be_checked_in_f64() {
    let w = Param::from_tensor(Tensor::<2>::ones([3, 2], (&device(), DType::F32)));
    let loss = |w: &Param<Tensor<2>>, device: &Device| cubes(x(device).matmul(w.val()));
    let error = check_module(&w, loss).unwrap_err().to_string();
    assert!(error.contains("Check the module in f64"), "{error}");
    let report = ModuleCheck::new(&w, loss).device(&device()).run().unwrap();
    assert!(report.passed(), "{report}");
}

#[test]
fn a_gradient_of_another_shape_than_its_parameter_is_reported() {
    // Burn 0.22.1 does not sum the gradient of `cross` over the rows that it broadcasts.
    let y = Tensor::<2>::from_data([[0.5, -1.0, 0.25]], &device());
    let report = check_tensors(y, |y, device| x(device).cross(y, 1).sum()).unwrap();
    assert!(!report.passed(), "{report}");
    let diagnosis = tensors(&report)[0].diagnosis.as_deref();
    assert_eq!(diagnosis, Some("not summed over axis 0: has shape [3, 3], must be [1, 3]"), "{report}");
}
