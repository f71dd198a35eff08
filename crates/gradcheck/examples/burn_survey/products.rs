//! Products, attention and decompositions.

use burn::tensor::module::{attention, linear};
use burn::tensor::ops::AttentionModuleOptions;
use burn::tensor::{Bool, Device, Tensor, einsum};
use burn_linalg as linalg;

use crate::case::{Case, at, ints, one, three, two};
use crate::points::{other, spread};

/// All cases of this file.
pub fn cases() -> Vec<Case> {
    [products(), attentions(), decompositions()].into_iter().flatten().collect()
}

fn bools<const D: usize>(shape: [usize; D], values: &[i64], device: &Device) -> Tensor<D, Bool> {
    ints(shape, values, device).equal_scalar(1)
}

fn products() -> Vec<Case> {
    let x = || at([2, 3], spread(6));
    vec![
        two("matmul", "ordinary", x(), at([3, 2], other(6)), |x, y| x.matmul(y)),
        two(
            "matmul [2, 2, 3] [2, 3, 1]",
            "ordinary",
            at([2, 2, 3], spread(12)),
            at([2, 3, 1], other(6)),
            |x, y| x.matmul(y),
        ),
        two(
            "matmul [2, 2, 3] [1, 3, 2]",
            "ordinary",
            at([2, 2, 3], spread(12)),
            at([1, 3, 2], other(6)),
            |x, y| x.matmul(y),
        ),
        two(
            "matmul [1, 2, 3] [2, 3, 2]",
            "ordinary",
            at([1, 2, 3], spread(6)),
            at([2, 3, 2], other(12)),
            |x, y| x.matmul(y),
        ),
        two(
            "matmul [2, 1, 1, 2] [1, 3, 2, 1]",
            "ordinary",
            at([2, 1, 1, 2], spread(4)),
            at([1, 3, 2, 1], other(6)),
            |x, y| x.matmul(y),
        ),
        one("matmul with itself", "ordinary", at([3, 3], spread(9)), |x| x.clone().matmul(x)),
        one("matmul with its transpose", "ordinary", x(), |x| x.clone().matmul(x.transpose())),
        two("dot", "ordinary", at([4], spread(4)), at([4], other(4)), |x, y| x.dot(y)),
        two("cross(1)", "ordinary", x(), at([2, 3], other(6)), |x, y| x.cross(y, 1)),
        two("cross(1), y [1, 3]", "ordinary", x(), at([1, 3], other(3)), |x, y| x.cross(y, 1)),
        two("cross(1)", "x = y", x(), x(), |x, y| x.cross(y, 1)),
        three("linear", "ordinary", x(), at([3, 2], other(6)), at([2], spread(2)), |x, w, b| linear(x, w, Some(b))),
        three(
            "linear of [2, 2, 3]",
            "ordinary",
            at([2, 2, 3], spread(12)),
            at([3, 2], other(6)),
            at([2], spread(2)),
            |x, w, b| linear(x, w, Some(b)),
        ),
        two("einsum ij,jk->ik", "ordinary", x(), at([3, 2], other(6)), |x, y| {
            let z: Tensor<2> = einsum!("ij,jk->ik", x, y);
            z
        }),
        two("einsum ij,j->i", "ordinary", x(), at([3], other(3)), |x, y| {
            let z: Tensor<1> = einsum!("ij,j->i", x, y);
            z
        }),
        one("einsum ii->i", "ordinary", at([3, 3], spread(9)), |x| {
            let z: Tensor<1> = einsum!("ii->i", x);
            z
        }),
        one("einsum ii->", "ordinary", at([3, 3], spread(9)), |x| {
            let z: Tensor<1> = einsum!("ii->", x);
            z
        }),
        two("einsum bij,bkj->bik", "ordinary", at([2, 2, 3], spread(12)), at([2, 1, 3], other(6)), |x, y| {
            let z: Tensor<3> = einsum!("bij,bkj->bik", x, y);
            z
        }),
        two("linalg::outer", "ordinary", at([3], spread(3)), at([2], other(2)), |x, y| {
            linalg::outer::<1, 2, _>(x, y)
        }),
        two("linalg::matvec", "ordinary", x(), at([3], other(3)), |x, y| linalg::matvec::<2, 1, _>(x, y)),
        one("linalg::trace", "ordinary", at([3, 3], spread(9)), |x| linalg::trace::<2, 1>(x)),
        one("linalg::diag", "ordinary", at([3, 4], spread(12)), |x| linalg::diag::<2, 1, _>(x)),
    ]
}

fn attentions() -> Vec<Case> {
    let q = |scale: f64| at([1, 2, 2, 3], spread(12).iter().map(|x| x * scale).collect());
    let k = || at([1, 2, 3, 3], other(18));
    let v = |scale: f64| at([1, 2, 3, 3], spread(18).iter().map(|x| x * scale).collect());
    let options = |softcap: Option<f64>, is_causal: bool| AttentionModuleOptions { scale: None, softcap, is_causal };
    vec![
        three("attention", "ordinary", q(1.0), k(), v(1.0), move |q, k, v| {
            attention(q, k, v, None, None, options(None, false))
        }),
        three("attention", "scores of 100", q(100.0), k(), v(1.0), move |q, k, v| {
            attention(q, k, v, None, None, options(None, false))
        }),
        three("attention, causal", "ordinary", q(1.0), k(), v(1.0), move |q, k, v| {
            attention(q, k, v, None, None, options(None, true))
        }),
        three("attention, softcap 2", "ordinary", q(1.0), k(), v(1.0), move |q, k, v| {
            attention(q, k, v, None, None, options(Some(2.0), false))
        }),
        three("attention, mask", "ordinary", q(1.0), k(), v(1.0), move |q, k, v| {
            let mask = bools([1, 1, 1, 3], &[0, 1, 0], &q.device()).expand([1, 2, 2, 3]);
            attention(q, k, v, Some(mask), None, options(None, false))
        }),
        three("attention, a row masked fully", "ordinary", q(1.0), k(), v(1.0), move |q, k, v| {
            let mask = bools([1, 1, 2, 3], &[1, 1, 1, 0, 0, 1], &q.device()).expand([1, 2, 2, 3]);
            attention(q, k, v, Some(mask), None, options(None, false))
        }),
        three("attention, a row masked fully", "values of 100", q(1.0), k(), v(100.0), move |q, k, v| {
            let mask = bools([1, 1, 2, 3], &[1, 1, 1, 0, 0, 1], &q.device()).expand([1, 2, 2, 3]);
            attention(q, k, v, Some(mask), None, options(None, false))
        }),
        three("attention, bias", "ordinary", q(1.0), k(), at([1, 2, 2, 3], other(12)), move |q, k, bias| {
            let v = k.clone() * 0.5;
            attention(q, k, v, None, Some(bias), options(None, false))
        }),
    ]
}

fn decompositions() -> Vec<Case> {
    let square = || at([3, 3], vec![2.1, -0.4, 0.7, 0.3, 1.6, -0.9, -0.5, 0.8, 1.9]);
    let four = || at([4, 4], vec![0.3, 2.1, -0.4, 0.7, 1.3, 0.6, -0.9, 0.2, -0.5, 0.8, 1.9, -1.1, 0.9, -0.3, 0.4, 1.2]);
    vec![
        one("linalg::det of [1, 3, 3]", "ordinary", at([1, 3, 3], spread(9)), |x| linalg::det::<3, 2, 1>(x)),
        one(
            "linalg::det of [1, 4, 4]",
            "ordinary",
            at([1, 4, 4], vec![0.3, 2.1, -0.4, 0.7, 1.3, 0.6, -0.9, 0.2, -0.5, 0.8, 1.9, -1.1, 0.9, -0.3, 0.4, 1.2]),
            |x| linalg::det::<3, 2, 1>(x),
        ),
        one(
            "linalg::det of [1, 4, 4]",
            "singular",
            at([1, 4, 4], vec![1.0, 2.0, 3.0, 4.0, 2.0, 4.0, 6.0, 8.0, 0.0, 1.0, 0.0, 0.5, 1.0, 0.0, 0.7, 0.2]),
            |x| linalg::det::<3, 2, 1>(x),
        ),
        one(
            "linalg::det of [1, 3, 3]",
            "singular",
            at([1, 3, 3], vec![1.0, 2.0, 3.0, 2.0, 4.0, 6.0, 0.0, 1.0, 0.5]),
            |x| linalg::det::<3, 2, 1>(x),
        ),
        one("linalg::qr, R", "ordinary", square(), |x| linalg::qr(x, false).1),
        one("linalg::qr, Q", "ordinary", square(), |x| linalg::qr(x, false).0),
        one("linalg::qr, R of 4 x 2", "ordinary", at([4, 2], spread(8)), |x| linalg::qr(x, true).1),
        one("linalg::lu, U", "ordinary", four(), |x| linalg::lu::<2, 1>(x).2),
        one("linalg::lu, L", "ordinary", four(), |x| linalg::lu::<2, 1>(x).1),
    ]
}
