//! Checks the backward pass of a custom operation of Burn, in which a division is forgotten.
//!
//!     cargo run --example custom_operation
//!
//! ```text
//! mean_square(x) = sum of x^2 / n        its derivative: 2 x / n
//! ```

#![allow(clippy::print_stdout, reason = "a program on the command line prints its results")]

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind, unary};
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::Tensor;
use petal_gradcheck::burn::{f64_device, tensor_check};
use petal_gradcheck::error::Result;

/// The operation, on the backends that have it.
#[backend_extension(Flex, Autodiff)]
trait MeanSquare: Backend {
    fn mean_square(x: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl MeanSquare for Flex {
    fn mean_square(x: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::float_mean(Self::float_mul(x.clone(), x))
    }
}

impl<B: MeanSquare, C: CheckpointStrategy> MeanSquare for Autodiff<B, C> {
    fn mean_square(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let (x, node) = x.into_parts();
        match MeanSquareBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(x.clone(), B::mean_square(x)),
            OpsKind::UnTracked(prep) => prep.finish(B::mean_square(x)),
        }
    }
}

#[derive(Debug)]
struct MeanSquareBackward;

impl<B: Backend> Backward<B, 1> for MeanSquareBackward {
    /// The input.
    type State = FloatTensor<B>;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let x = ops.state;
        unary::<B, _>(ops.parents, ops.node, grads, |grad| {
            let grad = B::float_expand(grad, x.shape());
            // The mistake: the division by n is missing.
            B::float_mul(B::float_mul_scalar(x, 2.0.into()), grad)
        });
    }
}

/// The operation for users: the mean of the squares of all elements, `[1]`.
fn mean_square<const D: usize>(x: Tensor<D>) -> Tensor<1> {
    Tensor::from_dispatch(Dispatch::mean_square(x.into_dispatch()))
}

fn main() -> Result<()> {
    let x = Tensor::<2>::from_data([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]], &f64_device()?);
    let n = x.shape().num_elements() as f64;
    let report = tensor_check(x, |x, _| mean_square(x)).name("", "x").factor("n", n).run()?;
    println!("{report}");
    Ok(())
}
