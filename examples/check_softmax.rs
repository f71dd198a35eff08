//! Checks a gradient of another model: softmax cross-entropy of a linear layer with three classes.
//!
//!     cargo run --example check_softmax
//!
//! The function and its gradient are written in Burn. The check compares the hand-written gradient with Burn's autodiff
//! and with central differences. Replace them by your own function and gradient.

#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use burn::tensor::activation::log_softmax;
use burn::tensor::{DType, Device, Tensor};
use petal::data::numpy::RandomState;
use petal::error::Result;
use petal::gradcheck::{Array, Check, array_from_tensor, tensor_from_array};

const F64: DType = DType::F64;

/// The loss: -mean over samples of log softmax(x w + b) at the sample's class. `y` is one-hot, `[m, k]`.
fn loss(w: Tensor<2>, b: Tensor<1>, x: Tensor<2>, y: Tensor<2>) -> Tensor<1> {
    let logits = x.matmul(w) + b.unsqueeze(); // [m, k]
    -(log_softmax(logits, 1) * y).sum_dim(1).mean()
}

/// The gradient: dlogits = (softmax - y) / m,   dw = x' dlogits,   db = sum over samples of dlogits.
fn by_hand(w: Tensor<2>, b: Tensor<1>, x: Tensor<2>, y: Tensor<2>) -> (Tensor<2>, Tensor<1>) {
    let [m, _] = x.dims();
    let softmax = log_softmax(x.clone().matmul(w) + b.unsqueeze(), 1).exp(); // [m, k]
    let dlogits = (softmax - y) / m as f64; // [m, k]
    (x.transpose().matmul(dlogits.clone()), dlogits.sum_dim(0).squeeze_dim(0))
}

fn main() -> Result<()> {
    let random = &mut RandomState::new(0);
    let (m, d, k) = (6, 4, 3);
    let x = Array::new("x", [m, d], random.normals(m * d));
    let y = Array::new("y", [m, k], (0..m * k).map(|i| f64::from(u8::from(i % k == i / k % k))).collect());
    let parameters = vec![Array::new("w", [d, k], random.normals(d * k)), Array::new("b", [k], random.normals(k))];

    let plain = Device::flex();
    let autodiff = plain.clone().autodiff();
    let samples = |device: &Device| (tensor_from_array(&x, device, F64), tensor_from_array(&y, device, F64));
    let weights = |parameters: &[Array], device: &Device| {
        (tensor_from_array(&parameters[0], device, F64), tensor_from_array(&parameters[1], device, F64))
    };

    let report = Check::new(parameters)
        .loss(|parameters| {
            let ((w, b), (x, y)) = (weights(parameters, &plain), samples(&plain));
            loss(w, b, x, y).into_scalar()
        })
        .gradient("by hand", |parameters| -> Result<Vec<Array>> {
            let ((w, b), (x, y)) = (weights(parameters, &plain), samples(&plain));
            let (dw, db) = by_hand(w, b, x, y);
            Ok(vec![array_from_tensor("w", &dw)?, array_from_tensor("b", &db)?])
        })
        .gradient("autodiff", |parameters| -> Result<Vec<Array>> {
            let ((w, b), (x, y)) = (weights(parameters, &autodiff), samples(&autodiff));
            let (w, b) = (w.require_grad(), b.require_grad());
            let mut graph = loss(w.clone(), b.clone(), x, y).backward();
            let (dw, db) = (w.grad_remove(&mut graph), b.grad_remove(&mut graph));
            let (dw, db) = dw.zip(db).unwrap_or_else(|| unreachable!("the loss depends on both"));
            Ok(vec![array_from_tensor("w", &dw)?, array_from_tensor("b", &db)?])
        })
        .factor("m", m as f64)
        .run()?;
    println!("{report}");
    Ok(())
}
