//! What several tests share.

use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use petal_gradcheck::burn::{AUTODIFF, f64_device};
use petal_gradcheck::{NUMERIC, Report, TensorReport};

/// Every test begins with it, because the first tensor of the process fixes the default float type.
pub fn device() -> Device {
    f64_device().unwrap()
}

pub fn linear(d_input: usize, d_output: usize) -> Linear {
    LinearConfig::new(d_input, d_output).init(&device())
}

pub fn x(device: &Device) -> Tensor<2> {
    Tensor::from_data([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5], [0.1, 0.2, -0.7]], device)
}

/// A number that depends on every element of a tensor.
pub fn cubes<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    (tensor.powi_scalar(3) * 0.1).sum()
}

/// The tensors in the comparison of autodiff with central differences.
pub fn tensors(report: &Report) -> &[TensorReport] {
    let with_differences = |comparison: &&_| is_autodiff_against_differences(comparison);
    &report.comparisons.iter().find(with_differences).unwrap().tensors
}

fn is_autodiff_against_differences(comparison: &petal_gradcheck::Comparison) -> bool {
    comparison.tested == AUTODIFF && comparison.reference == NUMERIC
}

pub fn names(report: &Report) -> Vec<&str> {
    tensors(report).iter().map(|tensor| &tensor.name[..]).collect()
}
