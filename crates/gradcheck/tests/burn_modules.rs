//! The gradient check of Burn's modules.

#![cfg(feature = "burn")]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first error")]

use burn::module::{Module, Param};
use burn::nn::{BatchNormConfig, LayerNormConfig, Linear, LinearConfig, PositionalEncodingConfig};
use burn::tensor::activation::softmax;
use burn::tensor::{DType, Device, Tensor, TensorData};
use petal_gradcheck::burn::{
    AUTODIFF, ModuleCheck, array_from_tensor, check_module, check_tensors, f64_device, tensor_check,
};
use petal_gradcheck::{Array, NUMERIC, Report};

/// Every test begins with it, because the first tensor of the process fixes the default float type.
fn device() -> Device {
    f64_device().unwrap()
}

fn x(device: &Device) -> Tensor<2> {
    Tensor::from_data([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5], [0.1, 0.2, -0.7]], device)
}

/// A number that depends on each element of a tensor in another way.
fn cubes<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    (tensor.powi_scalar(3) * 0.1).sum()
}

fn tensor_names(report: &Report) -> Vec<&str> {
    let comparison = report
        .comparisons
        .iter()
        .find(|comparison| comparison.reference == NUMERIC)
        .unwrap();
    comparison.tensors.iter().map(|tensor| &tensor.name[..]).collect()
}

#[test]
fn a_linear_layer_and_a_layer_norm_pass() {
    let device = device();
    let module = (LinearConfig::new(3, 4).init(&device), LayerNormConfig::new(4).init(&device));
    let report =
        check_module(&module, |(linear, norm), device| cubes(norm.forward(linear.forward(x(device))))).unwrap();
    assert!(report.passed(), "{report}");
    assert_eq!(tensor_names(&report), ["1.beta", "1.gamma", "0.bias", "0.weight"]);
    assert_eq!(report.remarks, [""; 0]);
}

#[test]
fn batch_norm_is_checked_in_training_and_in_inference() {
    let device = device();
    let module = BatchNormConfig::new(3).init(&device);
    let report = check_module(&module, |norm, device| cubes(norm.forward(x(device)))).unwrap();
    println!("{report}");
    let report = ModuleCheck::new(&module, |norm, device| cubes(norm.forward(x(device))))
        .inference()
        .run()
        .unwrap();
    println!("{report}");
    println!("{module:?} {}", module.running_mean.value());
}

#[test]
fn a() {
    let device = device();
    let module = (PositionalEncodingConfig::new(4).init(&device), LinearConfig::new(4, 2).init(&device));
    let report = check_module(&module, |(pos, linear), device| {
        cubes(linear.forward(pos.forward(Tensor::<3>::ones([1, 2, 4], device))))
    })
    .unwrap();
    println!("{report}");
    let linear = LinearConfig::new(3, 2).init(&device);
    let report = check_module(&linear, |linear, device| cubes(linear.forward(x(device)).inner())).unwrap();
    println!("{report}");
    let report = check_module(&linear, |linear, device| cubes(linear.forward(x(device)).detach())).unwrap();
    println!("{report}");
    let report = check_module(&linear, |linear, device| {
        linear.weight.val().sum() + linear.bias.as_ref().unwrap().val().detach().sum()
    })
    .unwrap();
    println!("{report}");
    let report = check_module(&linear, |linear, device| linear.weight.val().sum()).unwrap();
    println!("{report}");
    for r in [
        check_module(&linear, |linear, device| {
            linear
                .forward(Tensor::<2>::from_data([[1., 2., 3.]], (device, DType::F32)))
                .sum()
        }),
        check_module(&linear, |linear, device| {
            linear.weight.val() * Tensor::<2>::from_data([[1., 2.]], (device, DType::F32))
        }),
        check_module(&linear, |linear, device| linear.weight.val()),
        check_module(&linear, |linear, device| linear.weight.val().cast(DType::F32).sum()),
        check_module(&linear, |_, _| -> Tensor<1> { panic!("mine {}", 3) }),
        check_module(&linear, |linear, device| linear.weight.val().sum().require_grad()),
    ] {
        println!("{}", r.unwrap_err());
    }
}
