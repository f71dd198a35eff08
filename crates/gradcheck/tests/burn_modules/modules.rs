//! Right gradients of modules and of functions of tensors.

use burn::module::{Module, Param};
use burn::nn::{BatchNorm, BatchNormConfig, EmbeddingConfig, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::{DType, Device, Int, Tensor};
use petal_gradcheck::Array;
use petal_gradcheck::burn::{ModuleCheck, array_from_tensor, check_module, check_tensors, tensor_check};

use crate::support::{cubes, device, linear, names, tensors, x};

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
