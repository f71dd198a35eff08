//! The gradient check in a process that has made a tensor before, so that f32 stays Flex's default float type.

#![cfg(feature = "burn")]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first error")]

use burn::module::{Module, Param};
use burn::nn::{BatchNormConfig, LinearConfig};
use burn::tensor::{DType, Device, Tensor};
use petal_gradcheck::burn::{check_module, f64_device, tensor_check};

const X: [[f64; 3]; 2] = [[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]];

#[derive(Module, Debug)]
struct Weighted {
    weight: Param<Tensor<1>>,
    /// A field that `Module::map` does not reach.
    constant: Tensor<1>,
}

/// Makes a tensor, which fixes the default float type.
fn late_device() -> Device {
    let device = Device::flex();
    let _ = Tensor::<1>::zeros([1], &device);
    device
}

#[test]
fn the_message_says_that_it_is_too_late_for_f64() {
    late_device();
    let message = f64_device().unwrap_err().to_string();
    assert!(message.starts_with("Flex makes tensors of f32 in this process"), "{message}");

    let layer = LinearConfig::new(3, 2).init(&late_device());
    let result = check_module(&layer, |layer, device| layer.forward(Tensor::<2>::from_data(X, device)).sum());
    let message = result.unwrap_err().to_string();
    assert!(message.contains("dtype mismatch"), "{message}");
    let advice = "The parameters were given in f64, but a tensor that is made without a float type on this device is f32. \
                  Call `petal_gradcheck::burn::f64_device()` before the process's first tensor";
    assert!(message.contains(advice), "{message}");
}

#[test]
fn a_loss_that_names_the_float_type_is_checked_all_the_same() {
    let layer = LinearConfig::new(3, 2).init(&late_device());
    let report = check_module(&layer, |layer, device| {
        let x = Tensor::<2>::from_data(X, (device, layer.weight.val().dtype()));
        layer.forward(x).powi_scalar(3).sum()
    })
    .unwrap();
    assert!(report.passed(), "{report}");
    assert!(report.comparisons[0].relative_tolerance > 1e-5, "{report}"); // the tolerance of f32
}

#[test]
fn a_frozen_parameter_is_converted_and_a_tensor_field_is_not() {
    let tensor = || Tensor::<1>::from_data([0.5, -1.0], &late_device());
    let field = Weighted { weight: Param::from_tensor(tensor()), constant: tensor() };
    let message = check_module(&field, |module, _| (module.weight.val() * module.constant.clone()).sum())
        .unwrap_err()
        .to_string();
    assert!(message.contains("dtype mismatch"), "{message}");

    let frozen = (Param::from_tensor(tensor()), Param::from_tensor(tensor()).no_grad());
    let report = check_module(&frozen, |(weight, constant), _| (weight.val() * constant.val()).sum()).unwrap();
    assert!(report.passed(), "{report}");
}

/// The point is rounded to f32 for all, so that differences are taken of the same numbers.
#[test]
fn another_device_computes_in_its_default_float_type() {
    let third = Tensor::<1>::from_data([1.0 / 3.0], (&late_device(), DType::F64));
    let loss = |tensor: Tensor<1>| tensor_check(tensor, |x, _| x.powi_scalar(3).sum());
    let report = loss(third.clone()).device(&late_device()).run().unwrap();
    assert!(report.passed(), "{report}");
    assert!(report.comparisons[0].relative_tolerance > 1e-5, "{report}"); // the tolerance of f32
    assert!((report.loss.unwrap() - f64::from(1.0_f32 / 3.0).powi(3)).abs() < 1e-15, "{report}");

    let report = loss(third).run().unwrap();
    assert!((report.loss.unwrap() - (1.0_f64 / 3.0).powi(3)).abs() < 1e-15, "{report}");
}

/// Copies of the module are converted to f64. The running statistics, which clones share, stay as they are.
#[test]
fn the_module_itself_is_not_converted() {
    let module = BatchNormConfig::new(3).init(&late_device());
    let report = check_module(&module, |norm, device| {
        let x = Tensor::<2>::from_data(X, (device, norm.gamma.val().dtype()));
        norm.forward(x).powi_scalar(3).sum() + norm.gamma.val().exp().sum()
    })
    .unwrap();
    assert!(report.passed(), "{report}");
    assert_eq!(module.running_mean.value().dtype(), DType::F32);
    assert_eq!(module.gamma.val().dtype(), DType::F32);
}
