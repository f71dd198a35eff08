//! The wrong gradients that the survey found, each in a few lines of plain Burn.

use burn::nn::loss::{BinaryCrossEntropyLossConfig, CTCLossConfig, RNNTLossConfig};
use burn::tensor::activation::{elu, gelu, log_sigmoid, log_softmax};
use burn::tensor::module::deform_conv2d;
use burn::tensor::ops::DeformConvOptions;
use burn::tensor::{DType, Device, Int, Tensor};
use burn_linalg::{cosine_similarity, det, l2_norm, vector_normalize};

use crate::referee::caught;

/// A wrong gradient.
pub struct Finding {
    title: &'static str,
    /// The name of a function of this file, whose text is shown.
    name: &'static str,
    gradient: fn(&Device) -> Vec<f64>,
    /// The right numbers, and who says so.
    right: &'static str,
    /// Where the wrong formula stands in Burn 0.22.1, and what it is.
    cause: &'static str,
    cure: &'static str,
}

pub const ON_FLEX: &[Finding] = &[
    Finding {
        title: "CTC loss: wrong where two paths are equally likely, as for equal logits",
        name: "ctc_loss",
        gradient: ctc_loss,
        right: "PyTorch: 0.133333, -0.466667, 0.333333, 0.133333, -0.0666667, -0.0666667, 0.133333, 0.333333, -0.466667",
        cause: "burn-backend/src/backend/ops/modules/ctc.rs:512, `log_sum_exp`: `mask_where` gives the derivative of max(a, b) \
                to one side, and the derivative of -|a - b| is 0 at a = b, so that the sides get 1 and 0",
        cure: "0.5 and 0.5: `m + log(exp(a - m) + exp(b - m))` with `m = max(a, b)` detached",
    },
    Finding {
        title: "RNN-T loss: the same",
        name: "rnnt_loss",
        gradient: rnnt_loss,
        right: "the recursion in PyTorch with `logaddexp`: 0, 0, -0.25, 0.25, 0.25, -0.25, -0.5, 0.5",
        cause: "burn-nn/src/loss/rnnt.rs:261, `log_sum_exp`: the same",
        cure: "the same",
    },
    Finding {
        title: "Binary cross-entropy of probabilities: NaN where a probability is 0 or 1, even if it is right",
        name: "binary_cross_entropy",
        gradient: binary_cross_entropy,
        right: "finite: -1/2 and 1/2 from inside; PyTorch gives 0 and 0. In f32, sigmoid(17) is 1 already",
        cause: "burn-nn/src/loss/binary_cross_entropy.rs:117: `log().clamp_min(-100)`; the clamp's gradient of 0 is multiplied \
                with the infinite derivative of `log` at 0",
        cure: "clamp the probability before `log`, or `(p - y) / max(p (1 - p), eps)` as PyTorch does",
    },
    Finding {
        title: "elu, celu and selu: NaN for large positive numbers, from 89 in f32",
        name: "elu_of_100",
        gradient: elu_of_100,
        right: "1, as in PyTorch",
        cause: "burn-tensor/src/tensor/activation/base.rs:493, 522 and 554: `exp(x)` of the branch that is not taken overflows, \
                and its gradient is 0 * inf",
        cure: "`exp` of `clamp_max(x, 0)`, as `softplus` already does it",
    },
    Finding {
        title: "Norm of a zero vector, and all that is built on it: NaN",
        name: "norms_of_zero",
        gradient: norms_of_zero,
        right: "PyTorch: 0, 0 (`vector_norm`); 1e12, 0 (`normalize`); 6e7, 8e7 (`cosine_similarity`)",
        cause: "burn-linalg/src/functions/vector_norm.rs:430, `l2_norm_impl`: `x.square().sum_dims().sqrt()`; the derivative of \
                `sqrt` at 0 is infinite, that of `square` is 0. `clamp_min(eps)` afterwards does not help. The same for \
                `lp_norm`, `CosineEmbeddingLoss` and `TripletMarginLoss` of equal vectors, and for `var().sqrt()`",
        cure: "0 for the norm: mask zeros before `sqrt`; clamp the sum of squares by eps^2 before `sqrt` instead of the norm",
    },
    Finding {
        title: "Division by a number: the factor is rounded to f32, and is 0 or infinite outside the range of f32",
        name: "division_by_a_number",
        gradient: division_by_a_number,
        right: "0.3333333333333333 and 1e-40",
        cause: "burn-autodiff/src/ops/tensor.rs:508, `DivScalar`: `1.0 / ops.state.elem::<f32>()`. `var`, `celu`, `SmoothL1Loss` \
                and attention inherit it: their gradients in f64 are right to 7 digits only",
        cure: "`B::float_div_scalar(grad, ops.state)`",
    },
    Finding {
        title: "Division of tensors: the derivative by the divisor overflows and underflows too early",
        name: "division",
        gradient: division,
        right: "-1e-25 and -2.5e24, as in PyTorch (f32)",
        cause: "burn-autodiff/src/ops/tensor.rs:459, `Div`: `-lhs / rhs^2`, and the square of 1e25 or 1e-25 is not an f32 number",
        cure: "`-(lhs / rhs) / rhs`. `atan2` (line 3871) has the same weakness, and PyTorch shares that one",
    },
    Finding {
        title: "Power of tensors: NaN where the base is 0",
        name: "power",
        gradient: power,
        right: "0 by the exponent (0^y is 0 for all y > 0), and 0 by the base (x^0 is 1 for all x), as in PyTorch",
        cause: "burn-autodiff/src/ops/tensor.rs:4325, `PowF`: `x^y log(x)` is 0 * -inf, and `y x^(y - 1)` is 0 * inf",
        cure: "0 where the base is 0 and the exponent positive, and 0 where the exponent is 0",
    },
    Finding {
        title: "Cross product with a broadcast operand: the gradient has another shape than the operand",
        name: "cross",
        gradient: cross,
        right: "3 numbers, the sums over the rows: 2, -4, 2, as in PyTorch",
        cause: "burn-autodiff/src/ops/tensor.rs:683, `Cross`: no `broadcast_shape`, which the other operations have",
        cure: "`BinaryOpsBroadcast`, as in `Mul`",
    },
    Finding {
        title: "Determinant of a singular matrix from 4 x 4 on: zero",
        name: "determinant",
        gradient: determinant,
        right: "the cofactors: 1 in the last place, 0 elsewhere",
        cause: "burn-linalg/src/functions/det.rs:170: `mask_fill(singular, 0)` cuts the graph. (PyTorch is wrong here too)",
        cure: "the cofactor matrix; up to 3 x 3 Burn is right already",
    },
];

pub const ON_NDARRAY: &[Finding] = &[
    Finding {
        title: "gelu on NdArray, and on every backend without its own backward: right to two digits",
        name: "gelu_of_minus_0_9",
        gradient: gelu_of_minus_0_9,
        right: "-0.0554166, as in PyTorch; the forward pass is the exact one with `erf`",
        cause: "burn-backend/src/backend/ops/activation.rs:98, `gelu_backward`: the derivative of the approximation by tanh, with \
                constants of six digits",
        cure: "`0.5 (1 + erf(x / sqrt 2)) + x exp(-x^2 / 2) / sqrt(2 pi)`, as Flex has it",
    },
    Finding {
        title: "log_sigmoid on NdArray: loses its digits for positive numbers",
        name: "log_sigmoid_of_16",
        gradient: log_sigmoid_of_16,
        right: "1.1253516e-7, as in PyTorch (f32); from 17 on Burn gives 0",
        cause: "burn-backend/src/backend/ops/activation.rs, `log_sigmoid_backward`: `1 - 1 / z` with z close to 1",
        cure: "`sigmoid(-x)`, as Flex has it",
    },
    Finding {
        title: "Deformable convolution on NdArray: the gradient by the offsets is wrong for the second offset group and later",
        name: "deformable_convolution",
        gradient: deformable_convolution,
        right: "2, 1, 100, 50 for the offsets (y, x) of the two groups; Flex gives them, and so do the differences",
        cause: "burn-ndarray/src/ops/deform_conv.rs:488: `columns[channel]` for all groups, while `image` begins at \
                `group_offset`; likewise for the mask",
        cure: "`columns[group_offset + channel]`",
    },
];

/// The findings in Markdown, with the text of the functions below and with what Burn computes now.
pub fn document(flex: &Device, ndarray: &Device) -> String {
    let on_flex = ON_FLEX.iter().map(|finding| (finding, flex));
    let on_ndarray = ON_NDARRAY.iter().map(|finding| (finding, ndarray));
    let sections = on_flex.chain(on_ndarray).enumerate().map(|(i, (finding, device))| {
        let Finding { title, name, gradient, right, cause, cure } = finding;
        let found = match caught(|| gradient(&device.clone().autodiff())) {
            Ok(values) => values.iter().map(|value| shown(*value)).collect::<Vec<_>>().join(", "),
            Err(panic) => format!("a panic: {panic}"),
        };
        let code = code(name);
        let place = format!("- Source: {cause}.\n- Right formula: {cure}.\n");
        format!("\n### {}. {title}\n\n```rust\n{code}```\n\n- Burn: {found}\n- Right: {right}.\n{place}", i + 1)
    });
    sections.collect()
}

/// Seven digits of an f32 number, or all of an f64 number.
fn shown(value: f64) -> String {
    let short = format!("{value:.6e}").parse().unwrap_or(value);
    let text = if (short - value).abs() <= 1e-7 * value.abs() && value.abs() != 0.333_333_343_267_440_8 {
        short
    } else {
        value
    };
    if text != 0.0 && !(1e-4..1e6).contains(&text.abs()) {
        format!("{text:e}")
    } else {
        text.to_string()
    }
}

/// The body of a function of this file.
fn code(name: &str) -> String {
    let source = include_str!("wrong.rs");
    let body = source.split_once(&format!("fn {name}(device: &Device) -> Vec<f64> {{\n"));
    let body = body.and_then(|(_, rest)| rest.split_once("\n}\n")).map_or("", |(body, _)| body);
    body.lines()
        .map(|line| line.strip_prefix("    ").unwrap_or(line).to_owned() + "\n")
        .collect()
}

/// A tensor in f64 whose gradient is wanted.
fn leaf<const D: usize, const N: usize>(values: [f64; N], shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::<1>::from_data(values, (device, DType::F64))
        .reshape(shape)
        .detach()
        .require_grad()
}

/// The same in f32.
fn leaf_f32<const D: usize, const N: usize>(values: [f64; N], shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::<1>::from_data(values, (device, DType::F32))
        .reshape(shape)
        .detach()
        .require_grad()
}

/// The gradient of the sum of `y` by `x`.
fn grad<const D: usize, const E: usize>(x: &Tensor<D>, y: Tensor<E>) -> Vec<f64> {
    let gradients = y.sum().backward();
    x.grad(&gradients)
        .map_or_else(Vec::new, |gradient| gradient.into_data().iter().collect())
}

fn ctc_loss(device: &Device) -> Vec<f64> {
    let x = leaf([0.0; 9], [3, 1, 3], device);
    let int = |values: &[i64]| Tensor::<1, Int>::from_data(values, device);
    let loss = CTCLossConfig::new().init().forward(
        log_softmax(x.clone(), 2),
        int(&[1, 2]).reshape([1, 2]),
        int(&[3]),
        int(&[2]),
    );
    grad(&x, loss)
}

fn rnnt_loss(device: &Device) -> Vec<f64> {
    let x = leaf([0.0; 8], [1, 2, 2, 2], device);
    let int = |values: &[i64]| Tensor::<1, Int>::from_data(values, device);
    let loss = RNNTLossConfig::new()
        .init()
        .forward(x.clone(), int(&[1]).reshape([1, 1]), int(&[2]), int(&[1]));
    grad(&x, loss)
}

fn binary_cross_entropy(device: &Device) -> Vec<f64> {
    let p = leaf([1.0, 0.0], [2], device);
    let targets = Tensor::<1, Int>::from_data([1, 0], device);
    grad(&p, BinaryCrossEntropyLossConfig::new().init(device).forward(p.clone(), targets))
}

fn elu_of_100(device: &Device) -> Vec<f64> {
    let x = leaf_f32([100.0], [1], device);
    grad(&x, elu(x.clone(), 1.0))
}

fn norms_of_zero(device: &Device) -> Vec<f64> {
    let x = leaf([0.0, 0.0], [2], device);
    let y = Tensor::<1>::from_data([3.0, 4.0], (device, DType::F64));
    let norm = grad(&x, l2_norm(x.clone(), 0));
    let normalized = grad(&x, vector_normalize(x.clone(), 2.0, 0, 1e-12).slice([0..1]));
    let cosine = grad(&x, cosine_similarity(x.clone(), y, 0, Some(1e-8)));
    [norm, normalized, cosine].concat()
}

fn division_by_a_number(device: &Device) -> Vec<f64> {
    let x = leaf([1.0], [1], device);
    [grad(&x, x.clone() / 3), grad(&x, x.clone() / 1e40)].concat()
}

fn division(device: &Device) -> Vec<f64> {
    let y = leaf_f32([1e25, 2e-25], [2], device);
    let x = Tensor::<1>::from_data([1e25, 1e-25], (device, DType::F32));
    grad(&y, x / y.clone())
}

fn power(device: &Device) -> Vec<f64> {
    let (x, y) = (leaf([0.0], [1], device), leaf([2.0], [1], device));
    let by_exponent = grad(&y, x.clone().powf(y.clone()));
    let by_base = grad(&x, x.clone().powf(y.zeros_like()));
    [by_exponent, by_base].concat()
}

fn cross(device: &Device) -> Vec<f64> {
    let x = Tensor::<1>::from_data([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], (device, DType::F64)).reshape([2, 3]);
    let y = leaf([0.5, -1.0, 2.0], [1, 3], device);
    grad(&y, x.cross(y.clone(), 1))
}

fn determinant(device: &Device) -> Vec<f64> {
    let x = leaf([1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0], [1, 4, 4], device);
    grad(&x, det::<3, 2, 1>(x.clone()))
}

fn gelu_of_minus_0_9(device: &Device) -> Vec<f64> {
    let x = leaf([-0.9], [1], device);
    grad(&x, gelu(x.clone()))
}

fn log_sigmoid_of_16(device: &Device) -> Vec<f64> {
    let x = leaf_f32([16.0, 18.0], [2], device);
    grad(&x, log_sigmoid(x.clone()))
}

fn deformable_convolution(device: &Device) -> Vec<f64> {
    // Two channels with one offset group each, a kernel of 1 x 1, and one output.
    let x =
        Tensor::<1>::from_data([0.0, 1.0, 2.0, 3.0, 0.0, 10.0, 20.0, 30.0], (device, DType::F64)).reshape([1, 2, 2, 2]);
    let offsets = leaf([0.4; 4], [1, 4, 1, 1], device);
    let weight = Tensor::<1>::from_data([1.0, 5.0], (device, DType::F64)).reshape([1, 2, 1, 1]);
    let options = DeformConvOptions::new([2, 2], [0, 0], [1, 1], 1, 2);
    grad(&offsets, deform_conv2d(x, offsets.clone(), weight, None, None, options))
}
