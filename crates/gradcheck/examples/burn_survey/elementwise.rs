//! Operations on single numbers and on pairs.

use burn::tensor::activation::*;
use burn::tensor::{Int, Tensor};

use crate::case::{Case, at, one, two};
use crate::points::{numbers, other, positive, spread};

type Unary = (&'static str, fn(Tensor<1>) -> Tensor<1>);

const UNARY: &[Unary] = &[
    ("x + 3", |x| x + 3),
    ("x - 3", |x| x - 3),
    ("x * 3", |x| x * 3),
    ("x / 3", |x| x / 3),
    ("x / 1e40 * 1e40", |x| x / 1e40 * 1e40),
    ("x / 1e-40 / 1e40", |x| x / 1e-40 / 1e40),
    ("3 / x", |x| 3.0 / x),
    ("3 - x", |x| 3.0 - x),
    ("x % 3", |x| x.remainder_scalar(3)),
    ("x % 0.7", |x| x.remainder_scalar(0.7)),
    ("x % -3", |x| x.remainder_scalar(-3)),
    ("x.fmod(0.7)", |x| x.fmod_scalar(0.7)),
    ("neg", |x| x.neg()),
    ("recip", |x| x.recip()),
    ("square", |x| x.square()),
    ("powi(0)", |x| x.powi_scalar(0)),
    ("powi(1)", |x| x.powi_scalar(1)),
    ("powi(2)", |x| x.powi_scalar(2)),
    ("powi(3)", |x| x.powi_scalar(3)),
    ("powi(4)", |x| x.powi_scalar(4)),
    ("powi(-1)", |x| x.powi_scalar(-1)),
    ("powi(-2)", |x| x.powi_scalar(-2)),
    ("powi(-3)", |x| x.powi_scalar(-3)),
    ("powf(0)", |x| x.powf_scalar(0.0)),
    ("powf(0.5)", |x| x.powf_scalar(0.5)),
    ("powf(1)", |x| x.powf_scalar(1.0)),
    ("powf(1.5)", |x| x.powf_scalar(1.5)),
    ("powf(2.5)", |x| x.powf_scalar(2.5)),
    ("powf(3)", |x| x.powf_scalar(3.0)),
    ("powf(1/3)", |x| x.powf_scalar(1.0 / 3.0)),
    ("powf(-1.5)", |x| x.powf_scalar(-1.5)),
    ("exp", |x| x.exp()),
    ("log", |x| x.log()),
    ("log1p", |x| x.log1p()),
    ("sqrt", |x| x.sqrt()),
    ("sin", |x| x.sin()),
    ("cos", |x| x.cos()),
    ("tan", |x| x.tan()),
    ("asin", |x| x.asin()),
    ("acos", |x| x.acos()),
    ("atan", |x| x.atan()),
    ("sinh", |x| x.sinh()),
    ("cosh", |x| x.cosh()),
    ("tanh", |x| x.tanh()),
    ("asinh", |x| x.asinh()),
    ("acosh", |x| x.acosh()),
    ("atanh", |x| x.atanh()),
    ("erf", |x| x.erf()),
    ("abs", |x| x.abs()),
    ("sign", |x| x.sign()),
    ("round", |x| x.round()),
    ("floor", |x| x.floor()),
    ("ceil", |x| x.ceil()),
    ("trunc", |x| x.trunc()),
    ("deg2rad", |x| x.deg2rad()),
    ("rad2deg", |x| x.rad2deg()),
    ("clamp(-1, 1)", |x| x.clamp(-1.0, 1.0)),
    ("clamp_min(0)", |x| x.clamp_min(0.0)),
    ("clamp_max(0)", |x| x.clamp_max(0.0)),
    // Activation functions.
    ("relu", relu),
    ("relu6", relu6),
    ("leaky_relu(0.1)", |x| leaky_relu(x, 0.1)),
    ("prelu, by x", |x| {
        let alpha = x.ones_like().slice([0..1]) * 0.25;
        prelu(x, alpha)
    }),
    ("gelu", gelu),
    ("gelu_approximate", gelu_approximate),
    ("sigmoid", sigmoid),
    ("log_sigmoid", log_sigmoid),
    ("hard_sigmoid(0.2, 0.5)", |x| hard_sigmoid(x, 0.2, 0.5)),
    ("hard_swish", hard_swish),
    ("silu", silu),
    ("mish", mish),
    ("softplus(1)", |x| softplus(x, 1.0)),
    ("softplus(2)", |x| softplus(x, 2.0)),
    ("elu(0.7)", |x| elu(x, 0.7)),
    ("celu(0.7)", |x| celu(x, 0.7)),
    ("selu", selu),
    ("softsign", softsign),
    ("tanhshrink", tanhshrink),
    ("hard_shrink(0.5)", |x| hard_shrink(x, 0.5)),
    ("soft_shrink(0.5)", |x| soft_shrink(x, 0.5)),
    ("shrink(0.5, 0.2)", |x| shrink(x, 0.5, 0.2)),
    ("hardtanh(-1, 1)", |x| hardtanh(x, -1.0, 1.0)),
    ("threshold(0.1, 20)", |x| threshold(x, 0.1, 20.0)),
    ("thresholded_relu(1)", |x| thresholded_relu(x, 1.0)),
];

type Binary = (&'static str, fn(Tensor<1>, Tensor<1>) -> Tensor<1>);

const BINARY: &[Binary] = &[
    ("x + y", |x, y| x + y),
    ("x - y", |x, y| x - y),
    ("x * y", |x, y| x * y),
    ("x / y", |x, y| x / y),
    ("x % y", |x, y| x.remainder(y)),
    ("fmod(x, y)", |x, y| x.fmod(y)),
    ("powf(x, y)", |x, y| x.powf(y)),
    ("atan2(x, y)", |x, y| x.atan2(y)),
    ("hypot(x, y)", |x, y| x.hypot(y)),
    ("x / y, both times 1e-25", |x, y| (x * 1e-25) / (y * 1e-25)),
    ("x / y, both times 1e25", |x, y| (x * 1e25) / (y * 1e25)),
    ("atan2(x, y), both times 1e-25", |x, y| (x * 1e-25).atan2(y * 1e-25)),
    ("atan2(x, y), both times 1e25", |x, y| (x * 1e25).atan2(y * 1e25)),
    ("hypot(x, y), both times 1e-25", |x, y| (x * 1e-25).hypot(y * 1e-25) * 1e25),
    ("hypot(x, y), both times 1e25", |x, y| (x * 1e25).hypot(y * 1e25) * 1e-25),
    ("max_pair", |x, y| x.max_pair(y)),
    ("min_pair", |x, y| x.min_pair(y)),
    ("mask_where(x < y)", |x, y| {
        let mask = x.clone().lower(y.clone());
        (x * 2.0).mask_where(mask, y * 3.0)
    }),
];

/// Pairs of numbers, x and y.
fn pairs() -> Vec<(&'static str, Vec<f64>, Vec<f64>)> {
    vec![
        ("ordinary", spread(5), other(5)),
        ("positive", positive(5), positive(9)[4..].to_vec()),
        ("x = 0, y < 0", vec![0.0], vec![-1.2]),
        ("x = 0, y = 2", vec![0.0], vec![2.0]),
        ("x = 0, y = 1", vec![0.0], vec![1.0]),
        ("y = 0", vec![0.7, 1.2], vec![0.0, 0.0]),
        ("x = y = 0", vec![0.0], vec![0.0]),
        ("x = y", vec![0.7, -1.2], vec![0.7, -1.2]),
        ("x < 0, y whole", vec![-1.5, -0.5], vec![2.0, 3.0]),
        ("1e-8", vec![1e-8, -1e-8], vec![2e-8, 3e-8]),
        ("1e8", vec![1e8, -1e8], vec![2e8, 3e8]),
        ("100 and 0.1", vec![100.0, -100.0], vec![0.13, 0.17]),
    ]
}

/// All cases of this file.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();

    for &(name, function) in UNARY {
        for (point, values) in numbers() {
            let count = values.len();
            cases.push(one(name, point, at([count], values), function));
        }
    }
    for &(name, function) in BINARY {
        for (point, x, y) in pairs() {
            cases.push(two(name, point, at([x.len()], x), at([y.len()], y), function));
        }
    }
    cases.extend(broadcasting());
    cases.push(one("powi(x, tensor of whole numbers)", "ordinary", at([4], spread(4)), |x| {
        let exponents = Tensor::<1, Int>::from_data([0, 1, 2, 3], &x.device());
        x.clone().powf(exponents.float().cast(x.dtype()))
    }));
    cases.push(one("powi(x, tensor of whole numbers)", "0", at([4], vec![0.0; 4]), |x| {
        let exponents = Tensor::<1, Int>::from_data([0, 1, 2, 3], &x.device());
        x.clone().powf(exponents.float().cast(x.dtype()))
    }));
    cases
}

type Matrices = (&'static str, fn(Tensor<2>, Tensor<2>) -> Tensor<2>);

fn broadcasting() -> Vec<Case> {
    let mut cases = Vec::new();
    let rules: &[Matrices] = &[
        ("x + y", |x, y| x + y),
        ("x - y", |x, y| x - y),
        ("x * y", |x, y| x * y),
        ("x / y", |x, y| x / y),
        ("x % y", |x, y| x.remainder(y)),
        ("powf(x, y)", |x, y| x.powf(y)),
        ("atan2(x, y)", |x, y| x.atan2(y)),
        ("hypot(x, y)", |x, y| x.hypot(y)),
        ("max_pair", |x, y| x.max_pair(y)),
    ];

    for &(name, function) in rules {
        cases.push(two(
            name,
            "[3, 2] and [1, 2]",
            at([3, 2], positive(6)),
            at([1, 2], positive(9)[7..].to_vec()),
            function,
        ));
        cases.push(two(
            name,
            "[3, 1] and [1, 2]",
            at([3, 1], positive(3)),
            at([1, 2], positive(9)[7..].to_vec()),
            function,
        ));
    }
    cases
}
