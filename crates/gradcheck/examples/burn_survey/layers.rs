//! The layers of burn-nn, without those for sequences.

use burn::nn::activation::*;
use burn::nn::conv::*;
use burn::nn::interpolate::*;
use burn::nn::pool::*;
use burn::nn::*;
use burn::tensor::Tensor;

use crate::case::{Case, at, ints, layer, two};
use crate::points::{other, spread};

/// All cases of this file.
pub fn cases() -> Vec<Case> {
    [linear(), norms(), convolutions(), activations(), others()]
        .into_iter()
        .flatten()
        .collect()
}

fn linear() -> Vec<Case> {
    vec![
        layer(
            "Linear",
            "ordinary",
            at([2, 3], spread(6)),
            |d| LinearConfig::new(3, 2).init(d),
            |m, x| m.forward(x),
        ),
        layer(
            "Linear, no bias",
            "ordinary",
            at([2, 2, 3], spread(12)),
            |d| LinearConfig::new(3, 2).with_bias(false).init(d),
            |m, x| m.forward(x),
        ),
        layer(
            "Linear, LinearLayout::Col",
            "ordinary",
            at([2, 3], spread(6)),
            |d| LinearConfig::new(3, 2).with_layout(LinearLayout::Col).init(d),
            |m, x| m.forward(x),
        ),
        layer(
            "Linear of [3]",
            "ordinary",
            at([3], spread(3)),
            |d| LinearConfig::new(3, 2).init(d),
            |m, x| m.forward(x),
        ),
        layer(
            "Embedding, rows repeat",
            "ordinary",
            at([1], vec![1.0]),
            |d| EmbeddingConfig::new(4, 2).init(d),
            |m, x| {
                let index = ints([2, 3], &[0, 2, 2, 3, 2, 0], &x.device());
                m.forward(index) * x.unsqueeze()
            },
        ),
    ]
}

fn norms() -> Vec<Case> {
    let points = || {
        vec![
            ("ordinary", spread(12)),
            ("all equal", vec![0.7; 12]),
            ("all 0", vec![0.0; 12]),
            ("1e-8", spread(12).iter().map(|x| x * 1e-8).collect()),
            ("1e8", spread(12).iter().map(|x| x * 1e8).collect()),
            ("10000 and 10001", (0..12).map(|i| if i % 2 == 0 { 1e4 } else { 1e4 + 1.0 }).collect::<Vec<_>>()),
        ]
    };
    let mut cases = Vec::new();

    for (point, x) in points() {
        let matrix = || at([3, 4], x.clone());
        let cube = || at([1, 4, 3], x.clone());
        cases.push(layer("LayerNorm", point, matrix(), |d| LayerNormConfig::new(4).init(d), |m, x| m.forward(x)));
        cases.push(layer(
            "LayerNorm, no bias",
            point,
            matrix(),
            |d| LayerNormConfig::new(4).with_bias(false).init(d),
            |m, x| m.forward(x),
        ));
        cases.push(layer("RmsNorm", point, matrix(), |d| RmsNormConfig::new(4).init(d), |m, x| m.forward(x)));
        cases.push(layer("GroupNorm(2)", point, cube(), |d| GroupNormConfig::new(2, 4).init(d), |m, x| m.forward(x)));
        cases.push(layer(
            "GroupNorm(2), no affine",
            point,
            cube(),
            |d| GroupNormConfig::new(2, 4).with_affine(false).init(d),
            |m, x| m.forward(x),
        ));
        cases.push(layer("InstanceNorm", point, cube(), |d| InstanceNormConfig::new(4).init(d), |m, x| m.forward(x)));
        cases.push(layer(
            "LocalResponseNorm(3)",
            point,
            cube(),
            |_| LocalResponseNormConfig::new(3).with_alpha(0.5).init(),
            |m, x| m.forward(x),
        ));
        cases.push(layer(
            "BatchNorm of [3, 4]",
            point,
            matrix(),
            |d| BatchNormConfig::new(4).init(d),
            |m, x| m.forward(x),
        ));
        cases.push(layer(
            "BatchNorm of [2, 2, 3]",
            point,
            at([2, 2, 3], x.clone()),
            |d| BatchNormConfig::new(2).init(d),
            |m, x| m.forward(x),
        ));
    }
    cases
}

fn convolutions() -> Vec<Case> {
    vec![
        layer(
            "Conv1d",
            "ordinary",
            at([1, 2, 5], spread(10)),
            |d| Conv1dConfig::new(2, 2, 3).init(d),
            |m, x| m.forward(x),
        ),
        layer(
            "Conv1d, Same padding, groups 2",
            "ordinary",
            at([1, 2, 5], spread(10)),
            |d| {
                Conv1dConfig::new(2, 2, 2)
                    .with_padding(PaddingConfig1d::Same)
                    .with_groups(2)
                    .init(d)
            },
            |m, x| m.forward(x),
        ),
        layer(
            "Conv1d, Explicit(2, 0)",
            "ordinary",
            at([1, 1, 5], spread(5)),
            |d| {
                Conv1dConfig::new(1, 2, 3)
                    .with_padding(PaddingConfig1d::Explicit(2, 0))
                    .with_dilation(2)
                    .init(d)
            },
            |m, x| m.forward(x),
        ),
        layer(
            "Conv2d",
            "ordinary",
            at([1, 2, 3, 3], spread(18)),
            |d| Conv2dConfig::new([2, 2], [2, 2]).init(d),
            |m, x| m.forward(x),
        ),
        layer(
            "Conv2d, Same padding",
            "ordinary",
            at([1, 1, 3, 4], spread(12)),
            |d| Conv2dConfig::new([1, 2], [2, 2]).with_padding(PaddingConfig2d::Same).init(d),
            |m, x| m.forward(x),
        ),
        layer(
            "Conv2d, Explicit(1, 2, 0, 1)",
            "ordinary",
            at([1, 1, 3, 4], spread(12)),
            |d| {
                Conv2dConfig::new([1, 2], [2, 2])
                    .with_padding(PaddingConfig2d::Explicit(1, 2, 0, 1))
                    .with_stride([2, 1])
                    .init(d)
            },
            |m, x| m.forward(x),
        ),
        layer(
            "Conv3d",
            "ordinary",
            at([1, 1, 2, 3, 3], spread(18)),
            |d| Conv3dConfig::new([1, 2], [2, 2, 2]).init(d),
            |m, x| m.forward(x),
        ),
        layer(
            "Conv3d, Same padding",
            "ordinary",
            at([1, 1, 2, 3, 2], spread(12)),
            |d| Conv3dConfig::new([1, 1], [3, 1, 3]).with_padding(PaddingConfig3d::Same).init(d),
            |m, x| m.forward(x),
        ),
        layer(
            "ConvTranspose1d",
            "ordinary",
            at([1, 2, 3], spread(6)),
            |d| {
                ConvTranspose1dConfig::new([2, 2], 3)
                    .with_stride(2)
                    .with_padding(1)
                    .with_padding_out(1)
                    .init(d)
            },
            |m, x| m.forward(x),
        ),
        layer(
            "ConvTranspose2d",
            "ordinary",
            at([1, 2, 2, 2], spread(8)),
            |d| {
                ConvTranspose2dConfig::new([2, 2], [2, 2])
                    .with_stride([2, 1])
                    .with_groups(2)
                    .init(d)
            },
            |m, x| m.forward(x),
        ),
        layer(
            "ConvTranspose3d",
            "ordinary",
            at([1, 1, 2, 2, 2], spread(8)),
            |d| ConvTranspose3dConfig::new([1, 2], [2, 1, 2]).with_stride([2, 1, 1]).init(d),
            |m, x| m.forward(x),
        ),
        layer(
            "DeformConv2d",
            "ordinary",
            at([1, 1, 3, 3], spread(9)),
            |d| DeformConv2dConfig::new([1, 2], [2, 2]).init(d),
            |m, x| {
                let offset = Tensor::full([1, 8, 2, 2], 0.3, (&x.device(), x.dtype()));
                m.forward(x, offset, None)
            },
        ),
    ]
}

fn activations() -> Vec<Case> {
    let x = || at([2, 4], spread(8));
    vec![
        layer("PRelu", "ordinary", x(), |d| PReluConfig::new().init(d), |m, x| m.forward(x)),
        layer(
            "PRelu, 4 slopes",
            "ordinary",
            x(),
            |d| PReluConfig::new().with_num_parameters(4).init(d),
            |m, x| m.forward(x),
        ),
        layer("PRelu", "0", at([2, 2], vec![0.0; 4]), |d| PReluConfig::new().init(d), |m, x| m.forward(x)),
        layer("SwiGlu", "ordinary", x(), |d| SwiGluConfig::new(4, 3).with_bias(true).init(d), |m, x| m.forward(x)),
        layer("SwiGlu, no bias", "ordinary", x(), |d| SwiGluConfig::new(4, 3).init(d), |m, x| m.forward(x)),
    ]
}

fn others() -> Vec<Case> {
    vec![
        layer(
            "PositionalEncoding",
            "ordinary",
            at([1, 3, 4], spread(12)),
            |d| PositionalEncodingConfig::new(4).with_max_sequence_size(3).init(d),
            |m, x| m.forward(x),
        ),
        layer(
            "RotaryEncoding",
            "ordinary",
            at([1, 3, 4], spread(12)),
            |d| RotaryEncodingConfig::new(3, 4).init(d),
            |m, x| m.forward(x),
        ),
        layer(
            "PixelShuffle",
            "ordinary",
            at([1, 4, 2, 2], spread(16)),
            |_| PixelShuffleConfig::new(2).init(),
            |m, x| m.forward(x),
        ),
        layer(
            "PixelUnshuffle",
            "ordinary",
            at([1, 1, 4, 4], spread(16)),
            |_| PixelUnshuffleConfig::new(2).init(),
            |m, x| m.forward(x),
        ),
        layer(
            "Unfold4d",
            "ordinary",
            at([1, 2, 3, 3], spread(18)),
            |_| Unfold4dConfig::new([2, 2]).with_padding([1, 0]).init(),
            |m, x| m.forward(x),
        ),
        layer(
            "Fold4d",
            "ordinary",
            at([1, 4, 4], spread(16)),
            |_| Fold4dConfig::new([3, 3], [2, 2]).init(),
            |m, x| m.forward(x),
        ),
        layer(
            "MaxPool1d, Same",
            "ordinary",
            at([1, 2, 5], spread(10)),
            |_| {
                MaxPool1dConfig::new(3)
                    .with_stride(1)
                    .with_padding(PaddingConfig1d::Same)
                    .init()
            },
            |m, x| m.forward(x),
        ),
        layer(
            "AvgPool2d, Same",
            "ordinary",
            at([1, 1, 4, 4], spread(16)),
            |_| {
                AvgPool2dConfig::new([3, 3])
                    .with_strides([1, 1])
                    .with_padding(PaddingConfig2d::Same)
                    .with_count_include_pad(false)
                    .init()
            },
            |m, x| m.forward(x),
        ),
        layer(
            "Interpolate1d, Linear",
            "ordinary",
            at([1, 2, 4], spread(8)),
            |_| {
                Interpolate1dConfig::new()
                    .with_output_size(Some(6))
                    .with_mode(InterpolateMode::Linear)
                    .init()
            },
            |m, x| m.forward(x),
        ),
        layer(
            "Interpolate1d, Cubic",
            "ordinary",
            at([1, 2, 4], spread(8)),
            |_| {
                Interpolate1dConfig::new()
                    .with_output_size(Some(6))
                    .with_mode(InterpolateMode::Cubic)
                    .init()
            },
            |m, x| m.forward(x),
        ),
        two("CosineSimilarity", "ordinary", at([2, 3], spread(6)), at([2, 3], other(6)), |x, y| {
            CosineSimilarityConfig::new().init().forward(x, y)
        }),
        two(
            "CosineSimilarity",
            "a zero vector",
            at([2, 3], vec![0.0, 0.0, 0.0, 0.3, 0.4, 0.5]),
            at([2, 3], other(6)),
            |x, y| CosineSimilarityConfig::new().init().forward(x, y),
        ),
        two("PairwiseDistance", "ordinary", at([2, 3], spread(6)), at([2, 3], other(6)), |x, y| {
            PairwiseDistanceConfig::new().init().forward(x, y)
        }),
        two("PairwiseDistance", "equal", at([2, 3], spread(6)), at([2, 3], spread(6)), |x, y| {
            PairwiseDistanceConfig::new().init().forward(x, y)
        }),
        two("PairwiseDistance(p=1)", "equal", at([2, 3], spread(6)), at([2, 3], spread(6)), |x, y| {
            PairwiseDistanceConfig::new().with_p(1.0).init().forward(x, y)
        }),
    ]
}
