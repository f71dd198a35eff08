//! Reductions, cumulative and sorting operations, norms and softmaxes of matrices.

use burn::tensor::Tensor;
use burn::tensor::activation::{glu, log_softmax, prelu, quiet_softmax, softmax, softmin};
use burn::tensor::module::layer_norm;
use burn_linalg as linalg;

use crate::case::{Array, Case, at, one, two};
use crate::points::{other, spread};

/// All cases of this file.
pub fn cases() -> Vec<Case> {
    [reductions(), cumulative(), sorting(), norms(), softmaxes()]
        .into_iter()
        .flatten()
        .collect()
}

/// The points of a `[3, 4]` matrix whose rows or columns are reduced.
fn matrices() -> Vec<(&'static str, Array<2>)> {
    let mut with_zero = spread(12);
    with_zero[5] = 0.0;
    let mut with_two_zeros = with_zero.clone();
    with_two_zeros[6] = 0.0;
    with_two_zeros[1] = 0.0;
    let mut mixed = spread(12);
    mixed[2] = 100.0;
    mixed[7] = -100.0;
    vec![
        ("ordinary", at([3, 4], spread(12))),
        ("a zero", at([3, 4], with_zero)),
        ("zeros", at([3, 4], with_two_zeros)),
        ("all 0", at([3, 4], vec![0.0; 12])),
        ("all equal", at([3, 4], vec![0.7; 12])),
        ("100 and -100", at([3, 4], mixed)),
        ("1e-8", at([3, 4], spread(12).iter().map(|x| x * 1e-8).collect())),
        ("1e8", at([3, 4], spread(12).iter().map(|x| x * 1e8).collect())),
    ]
}

type Matrix = (&'static str, fn(Tensor<2>) -> Tensor<2>);

fn on_matrices(functions: &[Matrix]) -> Vec<Case> {
    let mut cases = Vec::new();
    for &(name, function) in functions {
        for (point, x) in matrices() {
            cases.push(one(name, point, x, function));
        }
    }
    cases
}

fn reductions() -> Vec<Case> {
    on_matrices(&[
        ("sum", |x| x.sum().unsqueeze()),
        ("sum_dim(0)", |x| x.sum_dim(0)),
        ("sum_dims([0, 1])", |x| x.sum_dims(&[0, 1])),
        ("mean", |x| x.mean().unsqueeze()),
        ("mean_dim(1)", |x| x.mean_dim(1)),
        ("mean_dims([0, 1])", |x| x.mean_dims(&[0, 1])),
        ("prod", |x| x.prod().unsqueeze()),
        ("prod_dim(0)", |x| x.prod_dim(0)),
        ("prod_dim(1)", |x| x.prod_dim(1)),
        ("prod_dims([0, 1])", |x| x.prod_dims(&[0, 1])),
        ("max", |x| x.max().unsqueeze()),
        ("min", |x| x.min().unsqueeze()),
        ("max_dim(1)", |x| x.max_dim(1)),
        ("min_dim(0)", |x| x.min_dim(0)),
        ("max_dims([0, 1])", |x| x.max_dims(&[0, 1])),
        ("max_abs", |x| x.max_abs().unsqueeze()),
        ("max_abs_dim(1)", |x| x.max_abs_dim(1)),
        ("max_dim_with_indices(0)", |x| x.max_dim_with_indices(0).0),
        ("min_dim_with_indices(1)", |x| x.min_dim_with_indices(1).0),
        ("var(1)", |x| x.var(1)),
        ("var_bias(0)", |x| x.var_bias(0)),
        ("var_mean(1)", |x| {
            let (var, mean) = x.var_mean(1);
            var + mean * 2.0
        }),
        ("sqrt(var(1))", |x| x.var(1).sqrt()),
        ("median(1)", |x| x.median(1)),
        ("median(0)", |x| x.median(0)),
        ("cov(1, 1)", |x| x.cov(1, 1)),
    ])
}

fn cumulative() -> Vec<Case> {
    on_matrices(&[
        ("cumsum(1)", |x| x.cumsum(1)),
        ("cumsum(0)", |x| x.cumsum(0)),
        ("cumprod(1)", |x| x.cumprod(1)),
        ("cumprod(0)", |x| x.cumprod(0)),
        ("cummin(1)", |x| x.cummin(1)),
        ("cummin(0)", |x| x.cummin(0)),
        ("cummax(1)", |x| x.cummax(1)),
        ("cummax(0)", |x| x.cummax(0)),
    ])
}

fn sorting() -> Vec<Case> {
    on_matrices(&[
        ("sort(1)", |x| x.sort(1)),
        ("sort(0)", |x| x.sort(0)),
        ("sort_descending(1)", |x| x.sort_descending(1)),
        ("sort_with_indices(0)", |x| x.sort_with_indices(0).0),
        ("topk(2, 1)", |x| x.topk(2, 1)),
        ("topk(1, 0)", |x| x.topk(1, 0)),
        ("topk_with_indices(3, 1)", |x| x.topk_with_indices(3, 1).0),
        ("gather by argsort(1)", |x| {
            let order = x.clone().argsort(1);
            x.gather(1, order)
        }),
    ])
}

fn norms() -> Vec<Case> {
    let mut cases = on_matrices(&[
        ("linalg::l0_norm(1)", |x| linalg::l0_norm(x, 1)),
        ("linalg::l1_norm(1)", |x| linalg::l1_norm(x, 1)),
        ("linalg::l2_norm(1)", |x| linalg::l2_norm(x, 1)),
        ("linalg::lp_norm(3, 1)", |x| linalg::lp_norm(x, 3.0, 1)),
        ("linalg::lp_norm(4, 1)", |x| linalg::lp_norm(x, 4.0, 1)),
        ("linalg::lp_norm(1.5, 1)", |x| linalg::lp_norm(x, 1.5, 1)),
        ("linalg::lp_norm(0.5, 1)", |x| linalg::lp_norm(x, 0.5, 1)),
        ("linalg::max_abs_norm(1)", |x| linalg::max_abs_norm(x, 1)),
        ("linalg::min_abs_norm(1)", |x| linalg::min_abs_norm(x, 1)),
        ("linalg::vector_normalize(2, 1)", |x| linalg::vector_normalize(x, 2.0, 1, 1e-12)),
        ("linalg::cosine_similarity with ones", |x| {
            let ones = x.ones_like();
            linalg::cosine_similarity(x, ones, 1, None)
        }),
        ("linalg::cosine_similarity with ones, eps 1e-8", |x| {
            let ones = x.ones_like();
            linalg::cosine_similarity(x, ones, 1, Some(1e-8))
        }),
    ]);
    cases.push(two("linalg::cosine_similarity", "x = y", at([2, 3], spread(6)), at([2, 3], spread(6)), |x, y| {
        linalg::cosine_similarity(x, y, 1, None)
    }));
    cases.push(one("layer_norm, by x", "ordinary", at([2, 4], spread(8)), |x| {
        let gamma = x.ones_like().slice([0..1]).reshape([4]) * 1.5;
        layer_norm(x, gamma, None, 1e-5)
    }));
    cases.push(one("layer_norm, by x", "all equal", at([2, 4], vec![0.7; 8]), |x| {
        let gamma = x.ones_like().slice([0..1]).reshape([4]) * 1.5;
        layer_norm(x, gamma, None, 1e-5)
    }));
    cases
}

fn softmaxes() -> Vec<Case> {
    let mut cases = on_matrices(&[
        ("softmax(1)", |x| softmax(x, 1)),
        ("softmax(0)", |x| softmax(x, 0)),
        ("log_softmax(1)", |x| log_softmax(x, 1)),
        ("log_softmax(0)", |x| log_softmax(x, 0)),
        ("softmin(1)", |x| softmin(x, 1)),
        ("quiet_softmax(1)", |x| quiet_softmax(x, 1)),
        ("glu(1)", |x| glu(x, 1)),
    ]);
    cases.push(two("prelu", "ordinary", at([2, 3], spread(6)), at([3], other(3)), |x, a| prelu(x, a)));
    cases.push(two("prelu", "x = 0", at([2, 3], vec![0.0; 6]), at([3], other(3)), |x, a| prelu(x, a)));
    cases.push(two("prelu, one slope", "ordinary", at([2, 3], spread(6)), at([1], vec![0.2]), |x, a| prelu(x, a)));
    cases
}
