//! The survey of Burn in `examples/burn_survey`: its verdicts about a few functions, one for each kind of verdict.

#![cfg(feature = "burn")]
#![allow(
    dead_code,
    clippy::redundant_closure_for_method_calls,
    clippy::single_range_in_vec_init,
    clippy::unwrap_used
)]

#[path = "../examples/burn_survey/case.rs"]
mod case;
#[path = "../examples/burn_survey/excuses.rs"]
mod excuses;
#[path = "../examples/burn_survey/points.rs"]
mod points;
#[path = "../examples/burn_survey/referee.rs"]
mod referee;

use burn::nn::LinearConfig;
use burn::tensor::{DType, FloatDType, Tensor};
use case::{Case, Place, at, layer, one, two};
use petal_gradcheck::burn::f64_device;
use points::{other, spread};
use referee::{Verdict, judge};

fn verdict(case: &Case) -> Verdict {
    judge(case, &Place { name: "Flex f64", device: f64_device().unwrap(), dtype: DType::F64 })
}

fn of_one(name: &str, x: f64, function: fn(Tensor<1>) -> Tensor<1>) -> Verdict {
    verdict(&one(name, "", at([1], vec![x]), function))
}

#[test]
fn each_kind_of_verdict() {
    assert_eq!(of_one("exp", 1.5, |x| x.exp()), Verdict::Agrees);
    // Burn takes 0 for the derivative of |x| at 0. The weight of the only output is 1.
    assert_eq!(of_one("|x| + 3 x", 0.0, |x| x.clone().abs() + x * 3), Verdict::Kink(vec![3.0]));
    assert_eq!(of_one("log", -1.0, |x| x.log()), Verdict::Undefined);
    assert_eq!(of_one("sqrt", 0.0, |x| x.sqrt()), Verdict::NotFinite);
    let rounded = |x: Tensor<1>| x.cast(FloatDType::F32).square().cast(DType::F64);
    assert_eq!(of_one("square in f32", 0.7, rounded), Verdict::SinglePrecision);

    // d/dx x^2 = 2 x, of which half is lost.
    let half = of_one("x detach(x)", 1.5, |x| x.clone().detach() * x);
    assert!(matches!(&half, Verdict::Wrong(text) if text.contains("factor")), "{half:?}");
    // An error of 7e-4 is not that of an f32 number.
    let slight = of_one("x + 1e-3 x detach(x)", 1.5, |x| x.clone() + x.clone().detach() * x * 1e-3);
    assert!(matches!(slight, Verdict::Wrong(_)), "{slight:?}");
    let panic = of_one("slice", 1.5, |x| x.slice([3..4]));
    assert!(matches!(panic, Verdict::Panics(_)), "{panic:?}");
    let excused = of_one("softsign at 1e8", 1.5, |x| x.clone().detach() * x);
    assert!(matches!(excused, Verdict::Wrong(_)), "an excuse holds at its point only: {excused:?}");
}

#[test]
fn tensors_and_layers() {
    let product =
        two("matmul", "", at([2, 3], spread(6)), at([3, 2], other(6)), |x: Tensor<2>, y: Tensor<2>| x.matmul(y));
    assert_eq!(verdict(&product), Verdict::Agrees);

    let linear = layer(
        "Linear",
        "",
        at([2, 3], spread(6)),
        |d| LinearConfig::new(3, 2).init(d),
        |m, x: Tensor<2>| m.forward(x),
    );
    assert_eq!(verdict(&linear), Verdict::Agrees);
}
