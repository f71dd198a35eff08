//! Operations that read, write or move elements.

use burn::tensor::ops::PadMode;
use burn::tensor::{Bool, Device, IndexingUpdateOp, Tensor, s};

use crate::case::{Case, at, ints, one, two};
use crate::points::{other, spread};

/// All cases of this file.
pub fn cases() -> Vec<Case> {
    [indexing(), moving()].into_iter().flatten().collect()
}

fn bools<const D: usize>(shape: [usize; D], values: &[i64], device: &Device) -> Tensor<D, Bool> {
    ints(shape, values, device).equal_scalar(1)
}

fn indexing() -> Vec<Case> {
    let x = || at([3, 4], spread(12));
    let mut cases = vec![
        one("gather(0), indices repeat", "ordinary", x(), |x| {
            let index = ints([2, 4], &[0, 2, 1, 0, 0, 2, 2, 1], &x.device());
            x.gather(0, index)
        }),
        one("gather(1), indices repeat", "ordinary", x(), |x| {
            let index = ints([3, 2], &[3, 3, 0, 1, 2, 2], &x.device());
            x.gather(1, index)
        }),
        one("gather_nd", "ordinary", x(), |x| {
            let index = ints([3, 2], &[0, 1, 2, 3, 0, 1], &x.device());
            x.gather_nd::<2, 1>(index)
        }),
        one("select(0), indices repeat", "ordinary", x(), |x| {
            let index = ints([4], &[2, 0, 2, 2], &x.device());
            x.select(0, index)
        }),
        one("select(1)", "ordinary", x(), |x| {
            let index = ints([3], &[3, 0, 1], &x.device());
            x.select(1, index)
        }),
        one("take(1)", "ordinary", x(), |x| {
            let index = ints([2, 2], &[3, 0, 1, 1], &x.device());
            x.take::<2, 3>(1, index)
        }),
        one("slice", "ordinary", x(), |x| x.slice([1..3, 0..2])),
        one("slice, step 2", "ordinary", x(), |x| x.slice(s![0..3;2, 1..4;2])),
        one("slice, step -1", "ordinary", x(), |x| x.slice(s![..;-1, ..])),
        one("slice, step -2", "ordinary", x(), |x| x.slice(s![.., ..;-2])),
        one("slice_dim", "ordinary", x(), |x| x.slice_dim(1, 1..3)),
        one("narrow", "ordinary", x(), |x| x.narrow(1, 1, 2)),
        one("slice_fill", "ordinary", x(), |x| x.slice_fill([0..2, 1..3], 5.0)),
        one("mask_fill", "ordinary", x(), |x| {
            let mask = x.clone().greater_scalar(0.3);
            x.mask_fill(mask, 7.0)
        }),
        one("mask_select", "ordinary", x(), |x| {
            let mask = x.clone().greater_scalar(0.3);
            x.mask_select(mask)
        }),
        one("mask_fill, mask [1, 4]", "ordinary", x(), |x| {
            let mask = bools([1, 4], &[1, 0, 0, 1], &x.device()).expand([3, 4]);
            x.mask_fill(mask, 7.0)
        }),
        one("triu(0)", "ordinary", x(), |x| x.triu(0)),
        one("triu(1)", "ordinary", x(), |x| x.triu(1)),
        one("tril(-1)", "ordinary", x(), |x| x.tril(-1)),
        two("slice_assign", "ordinary", x(), at([2, 2], other(4)), |x, v| x.slice_assign([1..3, 0..2], v)),
        two("slice_assign, step 2", "ordinary", x(), at([2, 2], other(4)), |x, v| {
            x.slice_assign(s![0..3;2, 0..4;2], v)
        }),
        two("slice_assign, step -1", "ordinary", x(), at([3, 2], other(6)), |x, v| {
            x.slice_assign(s![..;-1, 1..3], v)
        }),
        two("slice_assign, step -2", "ordinary", x(), at([3, 2], other(6)), |x, v| {
            x.slice_assign(s![.., ..;-2], v)
        }),
        two("mask_where", "ordinary", x(), at([3, 4], other(12)), |x, v| {
            let mask = bools([3, 4], &[1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1, 0], &x.device());
            x.mask_where(mask, v)
        }),
        two("mask_where, value [1, 4]", "ordinary", x(), at([1, 4], other(4)), |x, v| {
            let mask = bools([3, 4], &[1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1, 0], &x.device());
            x.mask_where(mask, v)
        }),
        two("mask_where, x [1, 4]", "ordinary", at([1, 4], other(4)), x(), |x, v| {
            let mask = bools([3, 4], &[1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1, 0], &x.device());
            x.mask_where(mask, v)
        }),
    ];

    // Scattered writes: with indices that differ, and with indices that repeat.
    for (how, op) in updates() {
        for (which, rows) in [("", [0, 2, 1, 0, 1, 0, 2, 1]), (", indices repeat", [0, 2, 1, 0, 0, 2, 2, 1])] {
            let case = two(&format!("scatter {how}{which}"), "ordinary", x(), at([2, 4], other(8)), move |x, v| {
                let index = ints([2, 4], &rows, &x.device());
                x.scatter(0, index, v, op)
            });
            cases.push(case);
        }
        for (which, rows) in [("", [2, 0]), (", indices repeat", [2, 2])] {
            let case =
                two(&format!("select_assign {how}{which}"), "ordinary", x(), at([2, 4], other(8)), move |x, v| {
                    let index = ints([2], &rows, &x.device());
                    x.select_assign(0, index, v, op)
                });
            cases.push(case);
        }
        for (which, rows) in [("", [0, 1, 2, 3, 1, 1]), (", indices repeat", [0, 1, 2, 3, 0, 1])] {
            let case = two(&format!("scatter_nd {how}{which}"), "ordinary", x(), at([3], other(3)), move |x, v| {
                let index = ints([3, 2], &rows, &x.device());
                x.scatter_nd::<2, 1>(index, v, op)
            });
            cases.push(case);
        }
        for (point, x, v) in [("ties", spread(12), spread(4)), ("zeros", vec![0.0; 12], vec![0.0, 0.0, 1.0, 2.0])] {
            cases.push(two(&format!("scatter {how}"), point, at([3, 4], x), at([1, 4], v), move |x, v| {
                let index = ints([1, 4], &[0, 0, 0, 0], &x.device());
                x.scatter(0, index, v, op)
            }));
        }
    }
    cases
}

fn updates() -> [(&'static str, IndexingUpdateOp); 5] {
    [
        ("Add", IndexingUpdateOp::Add),
        ("Assign", IndexingUpdateOp::Assign),
        ("Mul", IndexingUpdateOp::Mul),
        ("Max", IndexingUpdateOp::Max),
        ("Min", IndexingUpdateOp::Min),
    ]
}

fn moving() -> Vec<Case> {
    let x = || at([3, 4], spread(12));
    let cube = || at([2, 3, 2], spread(12));
    vec![
        one("reshape", "ordinary", x(), |x| x.reshape([2, 6])),
        one("transpose", "ordinary", x(), |x| x.transpose()),
        one("swap_dims", "ordinary", cube(), |x| x.swap_dims(0, 2)),
        one("permute", "ordinary", cube(), |x| x.permute([1, 2, 0])),
        one("movedim", "ordinary", cube(), |x| x.movedim(0, 2)),
        one("flip", "ordinary", cube(), |x| x.flip([0, 2])),
        one("roll", "ordinary", cube(), |x| x.roll(&[1, -1], &[0, 1])),
        one("roll_dim", "ordinary", x(), |x| x.roll_dim(3, 1)),
        one("flatten", "ordinary", cube(), |x| x.flatten::<2>(1, 2)),
        one("unsqueeze_dim", "ordinary", x(), |x| x.unsqueeze_dim::<3>(1)),
        one("squeeze_dim", "ordinary", at([3, 1, 4], spread(12)), |x| x.squeeze_dim::<2>(1)),
        one("expand", "ordinary", at([3, 1], spread(3)), |x| x.expand([2, 3, 4])),
        one("expand, same shape", "ordinary", x(), |x| x.expand([3, 4])),
        one("repeat_dim", "ordinary", x(), |x| x.repeat_dim(1, 3)),
        one("repeat_dim of size 1", "ordinary", at([3, 1], spread(3)), |x| x.repeat_dim(1, 3)),
        one("repeat", "ordinary", x(), |x| x.repeat(&[2, 2])),
        one("chunk", "ordinary", x(), |x| {
            let mut chunks = x.chunk(2, 1);
            chunks.swap(0, 1);
            Tensor::cat(chunks, 0)
        }),
        one("split", "ordinary", x(), |x| x.split(3, 1)[0].clone()),
        one("iter_dim", "ordinary", x(), |x| {
            x.iter_dim(0)
                .fold(None, |sum: Option<Tensor<2>>, row| {
                    Some(match sum {
                        Some(sum) => sum * 2.0 + row.square(),
                        None => row,
                    })
                })
                .expect("three rows")
        }),
        one("unfold(1, 2, 1)", "ordinary", x(), |x| x.unfold::<3, _>(1, 2, 1)),
        one("unfold(0, 2, 1)", "ordinary", x(), |x| x.unfold::<3, _>(0, 2, 1)),
        one("unfold(1, 3, 2) of [2, 5, 2]", "ordinary", at([2, 5, 2], spread(20)), |x| x.unfold::<4, _>(1, 3, 2)),
        one("unfold(1, 2, 3)", "ordinary", at([2, 6], spread(12)), |x| x.unfold::<3, _>(1, 2, 3)),
        one("pad Constant", "ordinary", x(), |x| x.pad((1, 2, 0, 1), PadMode::Constant(3.0))),
        one("pad Reflect", "ordinary", x(), |x| x.pad((1, 2, 2, 1), PadMode::Reflect)),
        one("pad Edge", "ordinary", x(), |x| x.pad((1, 2, 2, 1), PadMode::Edge)),
        two("cat(0)", "ordinary", x(), at([2, 4], other(8)), |x, y| Tensor::cat(vec![x, y], 0)),
        two("cat(1), one twice", "ordinary", x(), at([3, 1], other(3)), |x, y| {
            Tensor::cat(vec![y.clone(), x, y], 1)
        }),
        two("stack(1)", "ordinary", x(), at([3, 4], other(12)), |x, y| Tensor::stack::<3>(vec![x, y], 1)),
        one("cast to f32 and back", "ordinary", x(), |x| {
            let dtype = x.dtype();
            x.cast(burn::tensor::FloatDType::F32).square().cast(dtype)
        }),
    ]
}
