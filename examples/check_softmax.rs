//! Checks a gradient that is not the two-layer network's: softmax cross-entropy of a linear layer with three classes.
//!
//!     cargo run --example check_softmax
//!
//! The function and its gradient are written in Burn, the gradient by hand; the referee holds it against Burn's
//! autodiff and against central differences. Put your own in their place.

#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use burn::tensor::activation::log_softmax;
use burn::tensor::{DType, Device, Tensor};
use petal::data::numpy::RandomState;
use petal::gradcheck::{Array, Check};

const F64: DType = DType::F64;

/// -mean over samples of log softmax(x w + b) at the sample's class, which `y` marks with a 1.
fn loss(w: Tensor<2>, b: Tensor<1>, x: Tensor<2>, y: Tensor<2>) -> Tensor<1> {
    let logits = x.matmul(w) + b.unsqueeze(); // [m, k]
    -(log_softmax(logits, 1) * y).sum_dim(1).mean()
}

/// dlogits = (softmax - y) / m,   dw = x' dlogits,   db = sum over samples of dlogits
fn by_hand(w: Tensor<2>, b: Tensor<1>, x: Tensor<2>, y: Tensor<2>) -> (Tensor<2>, Tensor<1>) {
    let [m, _] = x.dims();
    let softmax = log_softmax(x.clone().matmul(w) + b.unsqueeze(), 1).exp(); // [m, k]
    let dlogits = (softmax - y) / m as f64; // [m, k]
    (x.transpose().matmul(dlogits.clone()), dlogits.sum_dim(0).squeeze_dim(0))
}

fn main() -> petal::error::Result<()> {
    let random = &mut RandomState::new(0);
    let (m, d, k) = (6, 4, 3);
    let x = Array::new("x", [m, d], random.normals(m * d));
    let y = Array::new("y", [m, k], (0..m * k).map(|i| f64::from(u8::from(i % k == i / k % k))).collect());
    let parameters = vec![Array::new("w", [d, k], random.normals(d * k)), Array::new("b", [k], random.normals(k))];

    let plain = Device::flex();
    let recording = plain.clone().autodiff();
    let samples = |device: &Device| (x.to_tensor::<2>(device, F64), y.to_tensor::<2>(device, F64));
    let tensors =
        |at: &[Array], device: &Device| (at[0].to_tensor::<2>(device, F64), at[1].to_tensor::<1>(device, F64));

    let report = Check::new(parameters)
        .loss(|at| {
            let ((w, b), (x, y)) = (tensors(at, &plain), samples(&plain));
            loss(w, b, x, y).into_scalar()
        })
        .gradient("by hand", |at| {
            let ((w, b), (x, y)) = (tensors(at, &plain), samples(&plain));
            let (dw, db) = by_hand(w, b, x, y);
            Ok(vec![Array::from_tensor("w", &dw)?, Array::from_tensor("b", &db)?])
        })
        .gradient("autodiff", |at| {
            let ((w, b), (x, y)) = (tensors(at, &recording), samples(&recording));
            let (w, b) = (w.require_grad(), b.require_grad());
            let mut graph = loss(w.clone(), b.clone(), x, y).backward();
            let (dw, db) = (w.grad_remove(&mut graph), b.grad_remove(&mut graph));
            let (dw, db) = dw.zip(db).unwrap_or_else(|| unreachable!("the loss depends on both"));
            Ok(vec![Array::from_tensor("w", &dw)?, Array::from_tensor("b", &db)?])
        })
        .factor("m", m as f64)
        .run()?;
    println!("{report}");
    Ok(())
}
