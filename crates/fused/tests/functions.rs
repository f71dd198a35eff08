//! tanh, sigmoid and softplus against exact values, for every instruction set that the processor has.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a failing test may panic, and the tests print the measured errors"
)]

use petal_fused::{Activation, Float, SimdLevel, activate_all, sigmoid_all, softplus_all};

type ApplyAll<T> = fn(&mut [T], SimdLevel);

fn functions<T: Float>() -> [ApplyAll<T>; 4] {
    [
        |values, level| activate_all(Activation::Tanh, values, level),
        |values, level| activate_all(Activation::Sigmoid, values, level),
        sigmoid_all::<T>,
        softplus_all::<T>,
    ]
}

/// relu and identity, which have no rounding errors.
fn linear<T: Float>() -> [ApplyAll<T>; 2] {
    [
        |values, level| activate_all(Activation::Relu, values, level),
        |values, level| activate_all(Activation::Identity, values, level),
    ]
}

/// One unit in the last place: the distance from an f32 to the next larger one. If no result exceeds 1, it is the unit of
/// the numbers below 1 also for results that round to 1.
fn ulp(exact: f64, limit: f64) -> f64 {
    let rounded = (exact.abs() as f32).min(if limit < 2.0 { 1.0_f32.next_down() } else { f32::MAX });
    f64::from(rounded.next_up()) - f64::from(rounded)
}

/// The maximum error in units in the last place, and the x that has it.
///
/// It tests the f32s with every `stride`-th bit pattern, from +0 to infinity and from -0 to -infinity.
fn max_error(
    function: ApplyAll<f32>,
    exact: fn(f64) -> f64,
    limit: f64,
    level: SimdLevel,
    stride: usize,
) -> (f64, f32) {
    let mut worst = (0.0, 0.0);
    for sign in [0, 1 << 31] {
        let patterns: Vec<u32> = (0..=f32::INFINITY.to_bits()).step_by(stride).collect();
        for block in patterns.chunks(1 << 14) {
            let x: Vec<f32> = block.iter().map(|bits| f32::from_bits(bits | sign)).collect();
            let mut y = x.clone();
            function(&mut y, level);
            for (x, y) in x.into_iter().zip(y) {
                let exact = exact(x.into());
                let error = if f64::from(y) == exact {
                    0.0
                } else {
                    (f64::from(y) - exact).abs() / ulp(exact, limit)
                };
                if !(error <= worst.0) {
                    worst = (error, x);
                }
            }
        }
    }
    worst
}

/// The error of these f64 references is about 1e-16 of the result, a billionth of the last place of an f32.
const REFERENCES: [Reference; 4] = [
    Reference { name: "tanh", column: 1, exact: f64::tanh, limit: 1.0, bound: 2.0 },
    Reference { name: "sigmoid of the hidden units", column: 2, exact: sigmoid, limit: 1.0, bound: 2.0 },
    Reference { name: "sigmoid", column: 2, exact: sigmoid, limit: 1.0, bound: 2.0 },
    Reference {
        name: "softplus",
        column: 3,
        exact: |u| u.max(0.0) + (-u.abs()).exp().ln_1p(),
        limit: f64::INFINITY,
        bound: 3.0,
    },
];

fn sigmoid(u: f64) -> f64 {
    1.0 / (1.0 + (-u).exp())
}

struct Reference {
    name: &'static str,
    /// Its column in the table of f64 results.
    column: usize,
    exact: fn(f64) -> f64,
    /// No result exceeds this.
    limit: f64,
    /// The maximum error that is allowed, in units in the last place.
    bound: f64,
}

fn check_f32(level: SimdLevel, stride: usize) {
    for (function, Reference { name, exact, limit, bound, .. }) in functions::<f32>().into_iter().zip(REFERENCES) {
        let (error, x) = max_error(function, exact, limit, level, stride);
        println!("{name} on {level}: {error:.3} units in the last place at {x:e}");
        assert!(error <= bound, "{name} on {level}: {error} units in the last place at {x:e}");
    }
}

#[test]
fn f32_results_are_accurate_to_three_units_in_the_last_place() {
    for level in SimdLevel::available() {
        check_f32(level, if level.to_string() == "portable" { 20_011 } else { 1_009 });
    }
}

/// Tests all 2^32 numbers: `cargo test --release -p petal-fused --test functions -- --ignored --nocapture`.
#[test]
#[ignore = "takes minutes"]
fn all_f32_results_are_accurate_to_three_units_in_the_last_place() {
    check_f32(SimdLevel::best(), 1);
}

#[test]
fn f64_results_have_a_relative_error_of_at_most_1e_15() {
    let table = include_str!("reference/functions.csv");
    let rows: Vec<Vec<f64>> = table
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect())
        .collect();
    assert!(rows.len() > 800);
    for level in SimdLevel::available() {
        for (function, Reference { name, column, .. }) in functions::<f64>().into_iter().zip(REFERENCES) {
            let mut values: Vec<f64> = rows.iter().map(|row| row[0]).collect();
            function(&mut values, level);
            for (ours, row) in values.into_iter().zip(&rows) {
                let exact = row[column];
                // 5e-324 is the distance between subnormal numbers.
                assert!(
                    (ours - exact).abs() <= 1e-15 * exact.abs() + 5e-324,
                    "{name}: {ours:e} and {exact:e} at {:e} on {level}",
                    row[0]
                );
            }
        }
    }
}

#[test]
fn relu_and_identity_are_exact() {
    for level in SimdLevel::available() {
        let x: Vec<f32> = (0..=u32::MAX)
            .step_by(100_003)
            .map(f32::from_bits)
            .filter(|x| !x.is_nan())
            .collect();
        let [mut relu, mut identity] = [x.clone(), x.clone()];
        let [apply_relu, apply_identity] = linear::<f32>();
        apply_relu(&mut relu, level);
        apply_identity(&mut identity, level);
        for (x, (relu, identity)) in x.into_iter().zip(relu.into_iter().zip(identity)) {
            assert_eq!(relu, if x > 0.0 { x } else { 0.0 }, "{level}");
            assert_eq!(identity.to_bits(), x.to_bits(), "{level}");
        }
    }
}

#[test]
fn infinities_signed_zeros_and_nan_are_right_at_any_index_of_a_slice() {
    fn check<T: Float>(level: SimdLevel) {
        let zero = T::from_f64(0.0).to_f64();
        for length in 1..40 {
            for (x, tanh, sigmoid, softplus) in [
                (f64::INFINITY, 1.0, 1.0, f64::INFINITY),
                (f64::NEG_INFINITY, -1.0, 0.0, 0.0),
                (f64::NAN, f64::NAN, f64::NAN, f64::NAN),
                (-zero, -0.0, 0.5, T::from_f64(std::f64::consts::LN_2).to_f64()),
            ] {
                let relu = if x < 0.0 { 0.0 } else { x };
                for (function, expected) in functions::<T>()
                    .into_iter()
                    .chain(linear())
                    .zip([tanh, sigmoid, sigmoid, softplus, relu, x])
                {
                    let mut values = vec![T::from_f64(0.3); length];
                    values[length - 1] = T::from_f64(x);
                    function(&mut values, level);
                    let last = values[length - 1].to_f64();
                    let same = last.to_bits() == expected.to_bits() || (last.is_nan() && expected.is_nan());
                    assert!(same, "{last} and {expected} for {x} at the end of {length} values on {level}");
                    assert!(values[..length - 1].iter().all(|value| *value == values[0]));
                }
            }
        }
    }
    for level in SimdLevel::available() {
        check::<f32>(level);
        check::<f64>(level);
    }
}
