//! The losses of burn-nn.

use burn::nn::loss::{
    BinaryCrossEntropyLossConfig, CTCLossConfig, CosineEmbeddingLossConfig, CrossEntropyLossConfig,
    GaussianNLLLossConfig, HingeEmbeddingLossConfig, HuberLossConfig, KLDivLossConfig, LpLossConfig,
    MarginRankingLossConfig, MseLoss, MultiMarginLossConfig, PoissonNllLossConfig, RNNTLossConfig, Reduction,
    SmoothL1LossConfig, SoftMarginLoss, TripletMarginLossConfig,
};
use burn::tensor::activation::{log_softmax, softmax};
use burn::tensor::loss::cross_entropy_with_logits;
use burn::tensor::{Device, Tensor};

use crate::case::{Array, Case, at, ints, one, three, two};
use crate::points::{fractions, other, positive, spread};

/// All cases of this file.
pub fn cases() -> Vec<Case> {
    [of_two(), classification(), binary(), embeddings(), sequences()]
        .into_iter()
        .flatten()
        .collect()
}

fn scaled(values: Vec<f64>, factor: f64) -> Vec<f64> {
    values.into_iter().map(|value| factor * value).collect()
}

type Loss = (&'static str, fn(Tensor<2>, Tensor<2>) -> Tensor<2>);

/// Losses of predictions and targets of the same shape.
fn of_two() -> Vec<Case> {
    let losses: &[Loss] = &[
        ("MseLoss", |x, y| MseLoss::new().forward_no_reduction(x, y)),
        ("MseLoss, mean", |x, y| MseLoss::new().forward(x, y, Reduction::Mean).unsqueeze()),
        ("HuberLoss(0.5)", |x, y| HuberLossConfig::new(0.5).init().forward_no_reduction(x, y)),
        ("HuberLoss(0.7), mean", |x, y| {
            HuberLossConfig::new(0.7).init().forward(x, y, Reduction::Mean).unsqueeze()
        }),
        ("SmoothL1Loss(1)", |x, y| SmoothL1LossConfig::new().init().forward(x, y)),
        ("SmoothL1Loss(0.3)", |x, y| SmoothL1LossConfig::new().with_beta(0.3).init().forward(x, y)),
        ("LpLoss(1)", |x, y| LpLossConfig::new(1.0).init().forward_no_reduction(x, y)),
        ("LpLoss(2)", |x, y| LpLossConfig::new(2.0).init().forward_no_reduction(x, y)),
        ("LpLoss(3)", |x, y| LpLossConfig::new(3.0).init().forward_no_reduction(x, y)),
        ("LpLoss(1.5)", |x, y| LpLossConfig::new(1.5).init().forward_no_reduction(x, y)),
        ("LpLoss(0.5)", |x, y| LpLossConfig::new(0.5).init().forward_no_reduction(x, y)),
        ("SoftMarginLoss", |x, y| SoftMarginLoss::new().forward_no_reduction(x, y)),
        ("KLDivLoss", |x, y| KLDivLossConfig::new().init().forward_no_reduction(x, y)),
        ("KLDivLoss, batch mean", |x, y| {
            KLDivLossConfig::new().init().forward(x, y, Reduction::BatchMean).unsqueeze()
        }),
        ("KLDivLoss, log_target", |x, y| {
            KLDivLossConfig::new().with_log_target(true).init().forward_no_reduction(x, y)
        }),
        ("PoissonNllLoss", |x, y| PoissonNllLossConfig::new().init().forward_no_reduction(x, y)),
        ("PoissonNllLoss, full", |x, y| {
            PoissonNllLossConfig::new().with_full(true).init().forward_no_reduction(x, y)
        }),
        ("PoissonNllLoss, log_input=false", |x, y| {
            PoissonNllLossConfig::new()
                .with_log_input(false)
                .init()
                .forward_no_reduction(x, y)
        }),
        ("cross_entropy_with_logits", |x, y| cross_entropy_with_logits(x, y).unsqueeze()),
    ];
    let shape = [2, 3];
    let points: Vec<(&str, Array<2>, Array<2>)> = vec![
        ("ordinary", at(shape, positive(6)), at(shape, fractions(6))),
        ("both signs", at(shape, spread(6)), at(shape, positive(6))),
        ("equal", at(shape, positive(6)), at(shape, positive(6))),
        ("targets 0 and 1", at(shape, positive(6)), at(shape, vec![0.0, 1.0, 0.0, 1.0, 1.0, 0.0])),
        ("targets 2 and 5", at(shape, positive(6)), at(shape, vec![2.0, 5.0, 2.0, 5.0, 5.0, 2.0])),
        ("100 apart", at(shape, vec![100.0, 0.0, 100.0, 0.0, 100.0, 0.0]), at(shape, vec![0.5; 6])),
        ("predictions 0", at(shape, vec![0.0; 6]), at(shape, vec![0.3, 0.7, 1.0, 2.0, 0.5, 0.1])),
    ];

    let mut cases = Vec::new();
    for &(name, loss) in losses {
        for (point, x, y) in &points {
            cases.push(two(name, point, x.clone(), y.clone(), loss));
        }
    }
    cases.push(two("MarginRankingLoss", "ordinary", at([4], spread(4)), at([4], other(4)), |x, y| {
        let sign = Tensor::<1>::from_data([1.0, -1.0, 1.0, -1.0], (&x.device(), x.dtype()));
        MarginRankingLossConfig::new()
            .with_margin(0.3)
            .init()
            .forward_no_reduction(x, y, sign)
    }));
    cases.push(two("MarginRankingLoss", "equal", at([4], spread(4)), at([4], spread(4)), |x, y| {
        let sign = Tensor::<1>::from_data([1.0, -1.0, 1.0, -1.0], (&x.device(), x.dtype()));
        MarginRankingLossConfig::new().init().forward_no_reduction(x, y, sign)
    }));
    for (point, x) in [("ordinary", spread(4)), ("distance 1", vec![1.0; 4])] {
        cases.push(one("HingeEmbeddingLoss", point, at([4], x), |x| {
            let targets = Tensor::<1>::from_data([1.0, -1.0, 1.0, -1.0], (&x.device(), x.dtype()));
            HingeEmbeddingLossConfig::new().init().forward_no_reduction(x, targets)
        }));
    }
    for (name, full) in [("GaussianNLLLoss", false), ("GaussianNLLLoss, full", true)] {
        for (point, variance) in
            [("ordinary", positive(6)), ("variance 0", vec![0.0; 6]), ("variance 1e-8", vec![1e-8; 6])]
        {
            cases.push(three(
                name,
                point,
                at([2, 3], spread(6)),
                at([2, 3], other(6)),
                at([2, 3], variance),
                move |x, y, v| {
                    GaussianNLLLossConfig::new()
                        .with_full(full)
                        .init()
                        .forward_no_reduction(x, y, v)
                },
            ));
        }
    }
    cases
}

fn classification() -> Vec<Case> {
    let mut cases = Vec::new();
    let points = [
        ("ordinary", spread(12)),
        ("logits of 100", scaled(spread(12), 70.0)),
        ("all equal", vec![0.7; 12]),
        ("1e-8", scaled(spread(12), 1e-8)),
    ];

    for (point, logits) in points {
        let logits = at([3, 4], logits);
        for (name, config) in [
            ("CrossEntropyLoss", CrossEntropyLossConfig::new()),
            ("CrossEntropyLoss, padding", CrossEntropyLossConfig::new().with_pad_tokens(Some(vec![2]))),
            (
                "CrossEntropyLoss, weights",
                CrossEntropyLossConfig::new().with_weights(Some(vec![0.5, 1.5, 2.0, 0.25])),
            ),
            ("CrossEntropyLoss, smoothing", CrossEntropyLossConfig::new().with_smoothing(Some(0.1))),
            (
                "CrossEntropyLoss, smoothing, weights, padding",
                CrossEntropyLossConfig::new()
                    .with_smoothing(Some(0.1))
                    .with_weights(Some(vec![0.5, 1.5, 2.0, 0.25]))
                    .with_pad_tokens(Some(vec![2])),
            ),
        ] {
            cases.push(one(name, point, logits.clone(), move |x| {
                let targets = ints([3], &[3, 0, 2], &x.device());
                config.init(&x.device()).forward(x, targets)
            }));
        }
        for p in [1, 2] {
            cases.push(one(&format!("MultiMarginLoss(p={p})"), point, logits.clone(), move |x| {
                let targets = ints([3], &[3, 0, 2], &x.device());
                MultiMarginLossConfig::new().with_p(p).init().forward_no_reduction(x, targets)
            }));
        }
    }
    for (point, probabilities) in [
        ("ordinary", fractions(12)),
        ("probability 0", vec![0.0, 0.5, 0.5, 0.0, 0.0, 0.2, 0.3, 0.5, 1.0, 0.0, 0.0, 0.0]),
    ] {
        cases.push(one("CrossEntropyLoss, logits=false", point, at([3, 4], probabilities), |x| {
            let targets = ints([3], &[3, 0, 2], &x.device());
            CrossEntropyLossConfig::new()
                .with_logits(false)
                .init(&x.device())
                .forward(x, targets)
        }));
    }
    cases
}

fn binary() -> Vec<Case> {
    let mut cases = Vec::new();
    let targets = |device: &Device| ints([2, 3], &[1, 0, 1, 0, 0, 1], device);
    let configs = || {
        [
            ("", BinaryCrossEntropyLossConfig::new()),
            (", weights", BinaryCrossEntropyLossConfig::new().with_weights(Some(vec![0.5, 1.5, 2.0]))),
            (", smoothing", BinaryCrossEntropyLossConfig::new().with_smoothing(Some(0.1))),
        ]
    };

    for (name, config) in configs() {
        for (point, x) in [
            ("ordinary", spread(6)),
            ("100, -100", vec![100.0, 100.0, -100.0, -100.0, 0.0, 0.0]),
            ("20, -20", vec![20.0, 20.0, -20.0, -20.0, 0.0, 0.0]),
        ] {
            let config = config.clone().with_logits(true);
            cases.push(one(&format!("BinaryCrossEntropyLoss, logits{name}"), point, at([2, 3], x), move |x| {
                let targets = targets(&x.device());
                config.init(&x.device()).forward(x, targets)
            }));
        }
        for (point, x) in [
            ("ordinary", fractions(6)),
            ("right and sure", vec![1.0, 0.0, 1.0, 0.0, 0.0, 1.0]),
            ("wrong and sure", vec![0.0, 1.0, 0.0, 1.0, 1.0, 0.0]),
            ("1e-8", vec![1e-8, 1e-8, 0.5, 0.5, 1e-8, 1e-8]),
        ] {
            let config = config.clone();
            cases.push(one(&format!("BinaryCrossEntropyLoss{name}"), point, at([2, 3], x), move |x| {
                let targets = targets(&x.device());
                config.init(&x.device()).forward(x, targets)
            }));
        }
    }
    cases
}

fn embeddings() -> Vec<Case> {
    let mut cases = Vec::new();
    let points = || {
        vec![
            ("ordinary", at([3, 4], spread(12)), at([3, 4], other(12))),
            ("equal", at([3, 4], spread(12)), at([3, 4], spread(12))),
            ("a zero vector", at([3, 4], [vec![0.0; 4], spread(8)].concat()), at([3, 4], other(12))),
        ]
    };

    for (point, x, y) in points() {
        cases.push(two("CosineEmbeddingLoss", point, x.clone(), y.clone(), |x, y| {
            let targets = ints([3], &[1, -1, -1], &x.device());
            CosineEmbeddingLossConfig::new()
                .with_margin(-0.5)
                .init()
                .forward_no_reduction(x, y, targets)
        }));
        for p in [1.0, 2.0, 3.0] {
            cases.push(two(&format!("TripletMarginLoss(p={p})"), point, x.clone(), y.clone(), move |x, y| {
                let anchor = x.clone() * 0.5 + 0.1;
                TripletMarginLossConfig::new()
                    .with_p(p)
                    .with_margin(3.0)
                    .init()
                    .forward_no_reduction(anchor, x, y)
            }));
        }
        cases.push(two("TripletMarginLoss(p=2), anchor = positive", point, x, y, |x, y| {
            TripletMarginLossConfig::new()
                .with_margin(3.0)
                .init()
                .forward_no_reduction(x.clone(), x, y)
        }));
    }
    cases
}

fn sequences() -> Vec<Case> {
    let mut cases = Vec::new();

    for (point, factor) in [("ordinary", 1.0), ("logits of 100", 70.0), ("all equal", 0.0)] {
        cases.push(one("CTCLoss", point, at([5, 2, 3], scaled(spread(30), factor)), |x| {
            let targets = ints([2, 2], &[1, 2, 1, 1], &x.device());
            let (inputs, lengths) = (ints([2], &[5, 4], &x.device()), ints([2], &[2, 2], &x.device()));
            CTCLossConfig::new().init().forward(log_softmax(x, 2), targets, inputs, lengths)
        }));
        cases.push(one(
            "CTCLoss, by the log-probabilities",
            point,
            at([5, 2, 3], scaled(spread(30), 0.3 * factor).into_iter().map(|x| x - 1.2).collect()),
            |x| {
                let targets = ints([2, 2], &[1, 2, 2, 1], &x.device());
                let (inputs, lengths) = (ints([2], &[5, 4], &x.device()), ints([2], &[2, 1], &x.device()));
                CTCLossConfig::new().init().forward(x, targets, inputs, lengths)
            },
        ));
        cases.push(one(
            "CTCLoss, zero_infinity, no alignment",
            point,
            at([2, 2, 3], scaled(spread(12), factor)),
            |x| {
                let targets = ints([2, 2], &[1, 1, 1, 2], &x.device());
                let (inputs, lengths) = (ints([2], &[2, 2], &x.device()), ints([2], &[2, 2], &x.device()));
                CTCLossConfig::new().with_zero_infinity(true).init().forward(
                    log_softmax(x, 2),
                    targets,
                    inputs,
                    lengths,
                )
            },
        ));
        cases.push(one("RNNTLoss", point, at([1, 3, 3, 3], scaled(spread(27), factor)), |x| {
            let targets = ints([1, 2], &[1, 2], &x.device());
            let (inputs, lengths) = (ints([1], &[3], &x.device()), ints([1], &[2], &x.device()));
            RNNTLossConfig::new().init().forward(x, targets, inputs, lengths)
        }));
    }
    cases.push(one("softmax and log", "ordinary", at([2, 3], spread(6)), |x| softmax(x, 1).log()));
    cases
}
