//! Convolutions, and their windows as columns.

use burn::tensor::module::{
    conv_transpose1d, conv_transpose2d, conv_transpose3d, conv1d, conv2d, conv3d, deform_conv2d, fold4d, unfold4d,
};
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions, DeformConvOptions, UnfoldOptions};

use crate::case::{Case, at, one, three, two};
use crate::points::{fractions, other, spread};

/// All cases of this file.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();

    for (stride, padding, dilation, groups) in [
        (1, 0, 1, 1),
        (2, 1, 1, 1),
        (1, 2, 2, 1),
        (2, 0, 1, 2),
        (3, 1, 1, 1),
        (2, 1, 2, 2),
        (1, 3, 1, 1),
        (4, 0, 1, 1),
    ] {
        let name = format!("stride {stride} padding {padding} dilation {dilation} groups {groups}");
        cases.push(three(
            &format!("conv1d {name}"),
            "ordinary",
            at([2, 2, 6], spread(24)),
            at([2, 2 / groups, 2], other(8 / groups)),
            at([2], spread(2)),
            move |x, w, b| conv1d(x, w, Some(b), ConvOptions::new([stride], [padding], [dilation], groups)),
        ));
        cases.push(three(
            &format!("conv2d {name}"),
            "ordinary",
            at([1, 2, 4, 4], spread(32)),
            at([2, 2 / groups, 2, 2], other(16 / groups)),
            at([2], spread(2)),
            move |x, w, b| conv2d(x, w, Some(b), ConvOptions::new([stride, 1], [padding, 1], [dilation, 1], groups)),
        ));
        cases.push(three(
            &format!("conv3d {name}"),
            "ordinary",
            at([1, 2, 3, 2, 2], spread(24)),
            at([2, 2 / groups, 2, 1, 2], other(16 / groups)),
            at([2], spread(2)),
            move |x, w, b| {
                conv3d(x, w, Some(b), ConvOptions::new([stride, 1, 1], [padding, 0, 1], [dilation, 1, 1], groups))
            },
        ));
    }
    cases.push(two(
        "conv1d padding (2, 0)",
        "ordinary",
        at([1, 1, 6], spread(6)),
        at([2, 1, 3], other(6)),
        |x, w| conv1d(x, w, None, ConvOptions::new_with_padding([2], [(2, 0)], [1], 1)),
    ));
    cases.push(two(
        "conv2d padding (0, 1), (2, 0)",
        "ordinary",
        at([1, 1, 3, 4], spread(12)),
        at([2, 1, 2, 2], other(8)),
        |x, w| conv2d(x, w, None, ConvOptions::new_with_padding([2, 1], [(0, 1), (2, 0)], [1, 1], 1)),
    ));
    cases.push(two(
        "conv2d depthwise, 2 outputs per group",
        "ordinary",
        at([1, 2, 3, 3], spread(18)),
        at([4, 1, 2, 2], other(16)),
        |x, w| conv2d(x, w, None, ConvOptions::new([2, 1], [0, 1], [1, 1], 2)),
    ));
    for (stride, padding, out, dilation, groups) in [
        (1, 0, 0, 1, 1),
        (2, 1, 0, 1, 1),
        (2, 1, 1, 1, 1),
        (3, 0, 2, 1, 2),
        (2, 2, 1, 2, 1),
        (3, 1, 1, 1, 2),
        (1, 1, 0, 2, 2),
    ] {
        let name = format!("stride {stride} padding {padding} padding_out {out} dilation {dilation} groups {groups}");
        cases.push(three(
            &format!("conv_transpose1d {name}"),
            "ordinary",
            at([2, 2, 3], spread(12)),
            at([2, 2, 3], other(12)),
            at([2 * groups], spread(2 * groups)),
            move |x, w, b| {
                conv_transpose1d(
                    x,
                    w,
                    Some(b),
                    ConvTransposeOptions::new([stride], [padding], [out], [dilation], groups),
                )
            },
        ));
        cases.push(three(
            &format!("conv_transpose2d {name}"),
            "ordinary",
            at([1, 2, 3, 2], spread(12)),
            at([2, 1, 3, 2], other(12)),
            at([groups], spread(groups)),
            move |x, w, b| {
                conv_transpose2d(
                    x,
                    w,
                    Some(b),
                    ConvTransposeOptions::new([stride, 2], [padding, 0], [out, 1], [dilation, 1], groups),
                )
            },
        ));
        cases.push(three(
            &format!("conv_transpose3d {name}"),
            "ordinary",
            at([1, 2, 3, 1, 2], spread(12)),
            at([2, 1, 3, 1, 2], other(12)),
            at([groups], spread(groups)),
            move |x, w, b| {
                conv_transpose3d(
                    x,
                    w,
                    Some(b),
                    ConvTransposeOptions::new([stride, 1, 2], [padding, 0, 0], [out, 0, 1], [dilation, 1, 1], groups),
                )
            },
        ));
    }
    for (stride, padding, dilation, groups, offsets) in
        [(1, 0, 1, 1, 1), (2, 1, 1, 1, 1), (1, 1, 2, 2, 1), (1, 0, 1, 1, 2)]
    {
        let name = format!(
            "deform_conv2d stride {stride} padding {padding} dilation {dilation} groups {groups} offset groups {offsets}"
        );
        let size = (3 + 2 * padding - dilation - 1) / stride + 1;
        let count = offsets * 8 * size * size;
        cases.push(three(
            &name,
            "ordinary",
            at([1, 2, 3, 3], spread(18)),
            at([1, offsets * 8, size, size], spread(count).iter().map(|x| 0.3 * x).collect()),
            at([2, 2 / groups, 2, 2], other(16 / groups)),
            move |x, offset, w| {
                deform_conv2d(
                    x,
                    offset,
                    w,
                    None,
                    None,
                    DeformConvOptions::new([stride, stride], [padding, padding], [dilation, dilation], groups, offsets),
                )
            },
        ));
        if offsets == 1 {
            cases.push(three(
                &format!("{name}, offsets 0"),
                "ordinary",
                at([1, 2, 3, 3], spread(18)),
                at([1, 8, size, size], vec![0.0; 8 * size * size]),
                at([2, 2 / groups, 2, 2], other(16 / groups)),
                move |x, offset, w| {
                    deform_conv2d(
                        x,
                        offset,
                        w,
                        None,
                        None,
                        DeformConvOptions::new([stride, stride], [padding, padding], [dilation, dilation], groups, 1),
                    )
                },
            ));
        }
        cases.push(three(
            &format!("{name}, mask and bias"),
            "ordinary",
            at([1, 2, 3, 3], spread(18)),
            at([1, offsets * 4, size, size], fractions(offsets * 4 * size * size)),
            at([2], spread(2)),
            move |x, mask, bias| {
                let offset = x
                    .ones_like()
                    .slice([0..1, 0..1, 0..1, 0..1])
                    .expand([1, offsets * 8, size, size])
                    .detach()
                    * 0.3;
                let weight = x
                    .ones_like()
                    .slice([0..1, 0..1, 0..1, 0..1])
                    .expand([2, 2 / groups, 2, 2])
                    .detach()
                    * 0.7;
                deform_conv2d(
                    x,
                    offset,
                    weight,
                    Some(mask),
                    Some(bias),
                    DeformConvOptions::new([stride, stride], [padding, padding], [dilation, dilation], groups, offsets),
                )
            },
        ));
    }
    for (stride, padding, dilation) in [(1, 0, 1), (2, 1, 1), (1, 1, 2)] {
        let options = move || UnfoldOptions::new([stride, 1], [padding, 0], [dilation, 1]);
        cases.push(one(
            &format!("unfold4d stride {stride} padding {padding} dilation {dilation}"),
            "ordinary",
            at([1, 2, 4, 3], spread(24)),
            move |x| unfold4d(x, [2, 2], options()),
        ));
        let rows = (4 + 2 * padding - dilation - 1) / stride + 1;
        cases.push(one(
            &format!("fold4d stride {stride} padding {padding} dilation {dilation}"),
            "ordinary",
            at([1, 4, rows * 2], spread(8 * rows)),
            move |x| fold4d(x, [4, 3], [2, 2], options()),
        ));
    }
    cases
}
