//! The gradient check of Burn's modules.

#![cfg(feature = "burn")]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first error")]

use burn::nn::{LayerNormConfig, LinearConfig};
use burn::tensor::Tensor;
use petal_gradcheck::burn::{check_module, f64_device};

#[test]
fn a_linear_layer_and_a_layer_norm_pass() {
    let device = f64_device().unwrap();
    let module = (LinearConfig::new(3, 4).init(&device), LayerNormConfig::new(4).init(&device));
    let report = check_module(&module, |(linear, norm), device| {
        let x = Tensor::<2>::from_data([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]], device);
        norm.forward(linear.forward(x)).powi_scalar(3).sum()
    })
    .unwrap();
    println!("{report}");
    assert!(report.passed(), "{report}");
}
