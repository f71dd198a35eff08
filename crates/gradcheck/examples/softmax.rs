//! Checks a hand-written gradient: softmax cross-entropy of a linear layer with three classes.
//!
//!     cargo run --example softmax
//!
//! The hand-written gradient is compared with Burn's autodiff and with central differences. Replace the function and the
//! gradient by your own.

#![allow(clippy::print_stdout, reason = "a program on the command line prints its results")]

use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Tensor};
use petal_gradcheck::Array;
use petal_gradcheck::burn::{array_from_tensor, f64_device, tensor_check};
use petal_gradcheck::error::Result;

/// Four samples with two features, `[4, 2]`.
fn x(device: &Device) -> Tensor<2> {
    Tensor::from_data([[0.5, -1.0], [1.5, 0.25], [-0.75, 2.0], [0.1, 0.3]], device)
}

/// Their classes as rows with a one, `[4, 3]`.
fn y(device: &Device) -> Tensor<2> {
    Tensor::from_data([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]], device)
}

/// The loss: -mean over samples of log softmax(x w + b) at the sample's class.
fn loss(w: Tensor<2>, b: Tensor<1>, device: &Device) -> Tensor<1> {
    let logits = x(device).matmul(w) + b.unsqueeze(); // [4, 3]
    -(log_softmax(logits, 1) * y(device)).sum_dim(1).mean()
}

/// The gradient: dlogits = (softmax - y) / m,   dw = x' dlogits,   db = sum over samples of dlogits.
fn by_hand(w: Tensor<2>, b: Tensor<1>, device: &Device) -> Result<Vec<Array>> {
    let [m, _] = x(device).dims();
    let softmax = log_softmax(x(device).matmul(w) + b.unsqueeze(), 1).exp(); // [4, 3]
    let dlogits = (softmax - y(device)) / m as f64; // [4, 3]
    let dw = x(device).transpose().matmul(dlogits.clone()); // [2, 3]
    let db = dlogits.sum_dim(0).squeeze_dim::<1>(0); // [3]
    Ok(vec![array_from_tensor("b", &db)?, array_from_tensor("w", &dw)?])
}

fn main() -> Result<()> {
    let device = f64_device()?;
    let w = Tensor::<2>::from_data([[0.3, -0.2, 0.5], [-0.4, 0.1, 0.6]], &device);
    let b = Tensor::<1>::from_data([0.1, -0.3, 0.2], &device);

    let report = tensor_check((w, b), |(w, b), device| loss(w, b, device))
        .name("0", "w")
        .name("1", "b")
        .gradient("by hand", |(w, b), device| by_hand(w.val(), b.val(), device))
        .factor("m", 4.0)
        .run()?;
    println!("{report}");
    Ok(())
}
