//! The gradient check of modules that draw random numbers. Burn's generator belongs to the whole process, so that nothing
//! else may draw from it meanwhile: this file has one test.

#![cfg(feature = "burn")]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first error")]

use burn::nn::{DropoutConfig, LinearConfig};
use burn::tensor::Tensor;
use petal_gradcheck::burn::{check_module, f64_device};

#[test]
fn dropout_is_checked_if_the_device_is_seeded() {
    let device = f64_device().unwrap();
    let module = (LinearConfig::new(3, 8).init(&device), DropoutConfig::new(0.5).init());
    let x = |device: &_| Tensor::<2>::from_data([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]], device);

    let unseeded = check_module(&module, |(layer, dropout), device| dropout.forward(layer.forward(x(device))).sum());
    let message = unseeded.unwrap_err().to_string();
    assert!(message.contains("begin it with `device.seed(0)`"), "{message}");

    let seeded = check_module(&module, |(layer, dropout), device| {
        device.seed(0);
        dropout.forward(layer.forward(x(device))).powi_scalar(3).sum()
    });
    let report = seeded.unwrap();
    assert!(report.passed(), "{report}");
    assert!(report.notes[0].contains("some layers train only on a device with autodiff"), "{report}");
}
