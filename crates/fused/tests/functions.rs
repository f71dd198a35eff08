//! tanh, sigmoid and softplus against exact values, on every level.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test stops where something is wrong, and may say how far"
)]

use petal_fused::{Float, Level, sigmoid_all, softplus_all, tanh_all};

type All<T> = fn(&mut [T], Level);

fn functions<T: Float>() -> [All<T>; 3] {
    [tanh_all::<T>, sigmoid_all::<T>, softplus_all::<T>]
}

/// The distance from an f32 to the next one of larger size; below 1 for results that cannot exceed 1.
fn ulp(exact: f64, limit: f64) -> f64 {
    let rounded = (exact.abs() as f32).min(if limit < 2.0 { 1.0_f32.next_down() } else { f32::MAX });
    f64::from(rounded.next_up()) - f64::from(rounded)
}

/// The largest error over f32s whose bit patterns are `stride` apart, from +0 to infinity and from -0 to -infinity.
fn worst_f32(function: All<f32>, exact: fn(f64) -> f64, limit: f64, level: Level, stride: usize) -> (f64, f32) {
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

/// The references in f64 are off by 1e-16 of the result or so, a billionth of an f32's last place.
const REFERENCES: [Reference; 3] = [
    Reference { name: "tanh", exact: f64::tanh, limit: 1.0, bound: 2.0 },
    Reference { name: "sigmoid", exact: |u| 1.0 / (1.0 + (-u).exp()), limit: 1.0, bound: 2.0 },
    Reference {
        name: "softplus",
        exact: |u| u.max(0.0) + (-u.abs()).exp().ln_1p(),
        limit: f64::INFINITY,
        bound: 3.0,
    },
];

struct Reference {
    name: &'static str,
    exact: fn(f64) -> f64,
    /// What no result exceeds.
    limit: f64,
    /// Units in the last place.
    bound: f64,
}

fn check_f32(level: Level, stride: usize) {
    for (function, Reference { name, exact, limit, bound }) in functions::<f32>().into_iter().zip(REFERENCES) {
        let (error, x) = worst_f32(function, exact, limit, level, stride);
        println!("{name} on {level}: {error:.3} units in the last place at {x:e}");
        assert!(error <= bound, "{name} on {level}: {error} units in the last place at {x:e}");
    }
}

#[test]
fn f32_results_are_within_two_units_in_the_last_place() {
    for level in Level::available() {
        check_f32(level, if level.to_string() == "portable" { 20_011 } else { 1_009 });
    }
}

/// All 2^32 of them: `cargo test --release -p petal-fused --test functions -- --ignored --nocapture`.
#[test]
#[ignore = "takes minutes"]
fn every_f32_result_is_within_two_units_in_the_last_place() {
    check_f32(Level::best(), 1);
}

#[test]
fn f64_results_are_within_1e_15() {
    let table = include_str!("reference/functions.csv");
    let rows: Vec<Vec<f64>> = table
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect())
        .collect();
    assert!(rows.len() > 800);
    for level in Level::available() {
        for (place, function) in functions::<f64>().into_iter().enumerate() {
            let mut values: Vec<f64> = rows.iter().map(|row| row[0]).collect();
            function(&mut values, level);
            for (ours, row) in values.into_iter().zip(&rows) {
                let exact = row[place + 1];
                // The second term is the last place of the subnormal numbers.
                assert!(
                    (ours - exact).abs() <= 1e-15 * exact.abs() + 5e-324,
                    "{}: {ours:e} and {exact:e} at {:e} on {level}",
                    REFERENCES[place].name,
                    row[0]
                );
            }
        }
    }
}

#[test]
fn limits_signs_and_nan_are_kept_at_any_place_of_a_list() {
    fn check<T: Float>(level: Level) {
        let zero = T::from_f64(0.0).to_f64();
        for length in 1..40 {
            for (x, tanh, sigmoid, softplus) in [
                (f64::INFINITY, 1.0, 1.0, f64::INFINITY),
                (f64::NEG_INFINITY, -1.0, 0.0, 0.0),
                (f64::NAN, f64::NAN, f64::NAN, f64::NAN),
                (-zero, -0.0, 0.5, T::from_f64(std::f64::consts::LN_2).to_f64()),
            ] {
                for (function, expected) in functions::<T>().into_iter().zip([tanh, sigmoid, softplus]) {
                    let mut values = vec![T::from_f64(0.3); length];
                    values[length - 1] = T::from_f64(x);
                    function(&mut values, level);
                    let last = values[length - 1].to_f64();
                    let same = last.to_bits() == expected.to_bits() || (last.is_nan() && expected.is_nan());
                    assert!(same, "{last} and {expected} for {x} in place {length} on {level}");
                    assert!(values[..length - 1].iter().all(|value| *value == values[0]));
                }
            }
        }
    }
    for level in Level::available() {
        check::<f32>(level);
        check::<f64>(level);
    }
}
