//! Pooling, interpolation and sampling at a grid.

use burn::tensor::module::{
    adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d, avg_pool1d, avg_pool2d, interpolate, max_pool1d,
    max_pool2d,
};
use burn::tensor::ops::{
    AvgPoolOptions, GridSampleOptions, GridSamplePaddingMode, InterpolateMode, InterpolateOptions, MaxPoolOptions,
};

use crate::case::{Case, at, one, two};
use crate::points::spread;

/// All cases of this file.
pub fn cases() -> Vec<Case> {
    [pooling(), interpolation()].into_iter().flatten().collect()
}

fn pooling() -> Vec<Case> {
    let mut cases = Vec::new();
    let lines = [
        ("ordinary", spread(14)),
        ("ties", vec![0.5; 14]),
        ("negative", spread(14).iter().map(|x| -x.abs()).collect::<Vec<_>>()),
    ];

    for (point, values) in &lines {
        for kernel in [2, 3] {
            for stride in [1, 2] {
                for padding in [0, 1] {
                    for ceil in [false, true] {
                        let name = format!(
                            "kernel {kernel} stride {stride} padding {padding}{}",
                            if ceil { " ceil" } else { "" }
                        );
                        let x = at([1, 2, 7], values.clone());
                        cases.push(one(&format!("max_pool1d {name}"), point, x.clone(), move |x| {
                            max_pool1d(
                                x,
                                MaxPoolOptions::new([kernel])
                                    .with_stride([stride])
                                    .with_padding([padding])
                                    .with_ceil_mode(ceil),
                            )
                        }));
                        if *point != "ordinary" {
                            continue;
                        }
                        for include in [false, true] {
                            let name =
                                format!("avg_pool1d {name}{}", if include { "" } else { " count_include_pad=false" });
                            cases.push(one(&name, point, x.clone(), move |x| {
                                avg_pool1d(
                                    x,
                                    AvgPoolOptions::new([kernel])
                                        .with_stride([stride])
                                        .with_padding([padding])
                                        .with_count_include_pad(include)
                                        .with_ceil_mode(ceil),
                                )
                            }));
                        }
                    }
                }
            }
        }
        cases.push(one("max_pool1d dilation 2", point, at([1, 2, 7], values.clone()), |x| {
            max_pool1d(x, MaxPoolOptions::new([3]).with_stride([1]).with_dilation([2]))
        }));
        cases.push(one("max_pool1d padding (0, 2)", point, at([1, 2, 7], values.clone()), |x| {
            max_pool1d(x, MaxPoolOptions::new([3]).with_stride([2]).with_padding_pairs([(0, 2)]))
        }));
    }
    let planes = [("ordinary", spread(40)), ("ties", vec![0.5; 40])];
    for (point, values) in &planes {
        for (kernel, stride, padding, ceil) in [
            ([2, 2], [1, 2], [0, 0], false),
            ([2, 3], [2, 1], [1, 1], false),
            ([3, 2], [2, 2], [1, 0], true),
            ([1, 3], [1, 3], [0, 1], true),
        ] {
            let name =
                format!("kernel {kernel:?} stride {stride:?} padding {padding:?}{}", if ceil { " ceil" } else { "" });
            let x = at([1, 2, 4, 5], values.clone());
            cases.push(one(&format!("max_pool2d {name}"), point, x.clone(), move |x| {
                max_pool2d(
                    x,
                    MaxPoolOptions::new(kernel)
                        .with_stride(stride)
                        .with_padding(padding)
                        .with_ceil_mode(ceil),
                )
            }));
            if *point != "ordinary" {
                continue;
            }
            for include in [false, true] {
                let name = format!("avg_pool2d {name}{}", if include { "" } else { " count_include_pad=false" });
                cases.push(one(&name, point, x.clone(), move |x| {
                    avg_pool2d(
                        x,
                        AvgPoolOptions::new(kernel)
                            .with_stride(stride)
                            .with_padding(padding)
                            .with_count_include_pad(include)
                            .with_ceil_mode(ceil),
                    )
                }));
            }
        }
    }
    cases.push(one("max_pool2d dilation [2, 1]", "ordinary", at([1, 2, 4, 5], spread(40)), |x| {
        max_pool2d(x, MaxPoolOptions::new([2, 2]).with_stride([1, 1]).with_dilation([2, 1]))
    }));
    cases.push(one("avg_pool1d padding (0, 2)", "ordinary", at([1, 2, 7], spread(14)), |x| {
        avg_pool1d(x, AvgPoolOptions::new([3]).with_stride([2]).with_padding_pairs([(0, 2)]))
    }));
    cases.push(one(
        "avg_pool1d padding (0, 2) count_include_pad=false",
        "ordinary",
        at([1, 2, 7], spread(14)),
        |x| {
            avg_pool1d(
                x,
                AvgPoolOptions::new([3])
                    .with_stride([2])
                    .with_padding_pairs([(0, 2)])
                    .with_count_include_pad(false),
            )
        },
    ));
    for size in [1, 2, 3, 5, 7, 9] {
        cases.push(one(&format!("adaptive_avg_pool1d 7 to {size}"), "ordinary", at([1, 2, 7], spread(14)), move |x| {
            adaptive_avg_pool1d(x, size)
        }));
    }
    for size in [[1, 1], [2, 3], [3, 2], [5, 4]] {
        cases.push(one(
            &format!("adaptive_avg_pool2d [4, 5] to {size:?}"),
            "ordinary",
            at([1, 1, 4, 5], spread(20)),
            move |x| adaptive_avg_pool2d(x, size),
        ));
    }
    for size in [[1, 1, 1], [2, 2, 2], [1, 3, 2]] {
        cases.push(one(
            &format!("adaptive_avg_pool3d [2, 3, 3] to {size:?}"),
            "ordinary",
            at([1, 1, 2, 3, 3], spread(18)),
            move |x| adaptive_avg_pool3d(x, size),
        ));
    }
    cases
}

fn interpolation() -> Vec<Case> {
    let mut cases = Vec::new();
    let modes = [
        ("Nearest", InterpolateMode::Nearest),
        ("NearestExact", InterpolateMode::NearestExact),
        ("Bilinear", InterpolateMode::Bilinear),
        ("Bicubic", InterpolateMode::Bicubic),
        ("Lanczos3", InterpolateMode::Lanczos3),
    ];

    for (name, mode) in modes {
        for align in [false, true] {
            for size in [[6, 5], [3, 4], [2, 2], [1, 1], [5, 3]] {
                let name =
                    format!("interpolate {name} [3, 4] to {size:?}{}", if align { " align_corners" } else { "" });
                let mode = mode.clone();
                cases.push(one(&name, "ordinary", at([1, 1, 3, 4], spread(12)), move |x| {
                    interpolate(
                        x,
                        InterpolateOptions::new(mode.clone())
                            .with_align_corners(align)
                            .with_output_size(size),
                    )
                }));
            }
        }
    }
    let paddings = [
        ("Zeros", GridSamplePaddingMode::Zeros),
        ("Border", GridSamplePaddingMode::Border),
        ("Reflection", GridSamplePaddingMode::Reflection),
    ];
    for (name, padding) in paddings {
        for align in [false, true] {
            for (point, grid) in [
                ("inside", spread(12).iter().map(|x| 0.5 * x).collect::<Vec<_>>()),
                ("outside", spread(12)),
                ("at pixels", vec![0.0, 0.0, -1.0, 1.0, 1.0, -1.0, 0.5, 0.5, -0.5, 0.5, 0.0, 1.0]),
            ] {
                let name = format!("grid_sample_2d {name}{}", if align { " align_corners" } else { "" });
                cases.push(two(&name, point, at([1, 2, 3, 3], spread(18)), at([1, 2, 3, 2], grid), move |x, grid| {
                    let options = GridSampleOptions::new(InterpolateMode::Bilinear)
                        .with_padding_mode(padding)
                        .with_align_corners(align);
                    x.grid_sample_2d(grid, options)
                }));
            }
        }
    }
    for (name, mode) in [("Nearest", InterpolateMode::Nearest), ("Bicubic", InterpolateMode::Bicubic)] {
        cases.push(two(
            &format!("grid_sample_2d mode {name}"),
            "inside",
            at([1, 1, 3, 3], spread(9)),
            at([1, 2, 2, 2], spread(8).iter().map(|x| 0.5 * x).collect()),
            move |x, grid| x.grid_sample_2d(grid, GridSampleOptions::new(mode.clone())),
        ));
    }
    cases
}
