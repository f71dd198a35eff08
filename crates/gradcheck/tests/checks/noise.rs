//! The noise of the function: single precision, and what is none.

use petal_gradcheck::{Report, Verdict};

use crate::support::{Gradient, Loss, check, check_number, squares, twice, verdict};

/// A function of five numbers, beside its gradient: the sum of their squares.
const POINT: [f64; 5] = [0.3, -1.2, 0.7, 2.0, -0.01];

fn sigmoid(t: f64) -> f64 {
    1.0 / (1.0 + (-t).exp())
}

/// The sigmoid as a program computes it that has no f64 version of it.
fn sigmoid_f32(t: f64) -> f64 {
    f64::from(1.0 / (1.0 + (-(t as f32)).exp()))
}

fn assert_named_single_precision(report: &Report) {
    let named = |note: &String| note.starts_with("the loss is computed in single precision, at least in part");
    assert!(report.notes.iter().any(named), "{report}");
}

#[test]
fn a_loss_in_single_precision_is_named_and_no_gradient_is_blamed() {
    let losses: [(Loss, Gradient); 4] = [
        (|t| f64::from(squares(t) as f32), twice),
        (|t| t.iter().map(|&t| f64::from(t as f32 * t as f32)).sum(), twice),
        (
            |t| t.iter().map(|&t| sigmoid_f32(t).powi(2)).sum(),
            |t| t.iter().map(|&t| 2.0 * sigmoid(t).powi(2) * (1.0 - sigmoid(t))).collect(),
        ),
        (
            |t| squares(t) + sigmoid_f32(t[0]),
            |t| {
                let mut gradient = twice(t);
                gradient[0] += sigmoid(t[0]) * (1.0 - sigmoid(t[0]));
                gradient
            },
        ),
    ];
    for ((loss, gradient), size) in losses.into_iter().flat_map(|case| [1.0, 1e-6, 3e6].map(|size| (case, size))) {
        let loss = |t: &[f64]| size * loss(t);
        let gradient = |t: &[f64]| gradient(t).iter().map(|value| size * value).collect::<Vec<_>>();
        let right = check(&POINT, loss, gradient);
        assert!(right.passed(), "{right}");
        assert_named_single_precision(&right);

        let wrong = check(&POINT, loss, |t| gradient(t).iter().map(|value| 1.1 * value).collect());
        assert!(!wrong.passed(), "{wrong}");
        assert_named_single_precision(&wrong);
        // The differences are precise to about 1e-5 here.
        let diagnosis = wrong.comparisons[0].tensors[0].diagnosis.clone().unwrap();
        assert!(
            diagnosis.starts_with("1.1") && diagnosis.ends_with(" x the right value in every element"),
            "{wrong}"
        );
    }
}

#[test]
fn other_noise_is_not_named_single_precision() {
    // A plain sum of 100,000 terms is rounded 100,000 times. A difference of two sums loses more digits.
    let sum = |t: &[f64]| (0..100_000).map(|i| (t[0] * (1.0 + f64::from(i) * 1e-5)).sin()).sum::<f64>();
    let slope = |t: &[f64]| {
        let derivative = |i: i32| (1.0 + f64::from(i) * 1e-5) * (t[0] * (1.0 + f64::from(i) * 1e-5)).cos();
        vec![(0..100_000).map(derivative).sum()]
    };
    let long = check(&[0.4], sum, slope);
    let cancelled = check(&[0.4], |t| sum(t) - 37_000.0 * t[0] / 0.4, |t| vec![slope(t)[0] - 37_000.0 / 0.4]);
    let constant = check(&[0.4], |_| 0.1, |_| vec![0.0]);
    let step = check(&[0.55], |t| (10.0 * t[0]).floor(), |_| vec![0.0]);
    for report in [long, cancelled, constant, step] {
        assert!(report.passed() && report.notes.is_empty(), "{report}");
    }

    // Next to a zero of the function, the values at the other points are much larger than the one at the point.
    for t in [[1e-8, -1e-8], [1e-8, 1e-8], [0.0, 1e-12]] {
        let linear = check(&t, |t| 3.0 * t[0] - t[1], |_| vec![3.0, -1.0]);
        let sine = check(&t, |t| t[0].sin() + t[1].sin(), |t| vec![t[0].cos(), t[1].cos()]);
        for report in [linear, sine] {
            assert!(report.passed() && report.notes.is_empty(), "{t:?}\n{report}");
        }
    }
    // Noise that grows with the distance, of a far smaller size than that of f32.
    let steep = check(&[0.3], |t| 1e8 * (t[0] - 0.3).powi(2) + t[0], |t| vec![2e8 * (t[0] - 0.3) + 1.0]);
    assert!(steep.passed() && !steep.to_string().contains("single precision"), "{steep}");
}

#[test]
fn a_small_slope_in_single_precision_is_judged_by_large_steps() {
    // Over 4e-3, the function changes by less than one rounding.
    for size in [1e-6, 1.0, 1e6] {
        let f = |t: &[f64]| size * f64::from((1.0 + 1e-5 * t[0]) as f32);
        let right = check(&[0.5], f, |_| vec![1e-5 * size]);
        assert!(right.passed(), "{right}");
        let wrong = check(&[0.5], f, |_| vec![1.1e-5 * size]);
        assert_eq!(verdict(&wrong), Verdict::Disagrees, "{wrong}");
    }
}

#[test]
fn noise_is_measured_where_each_element_moves_by_about_its_size() {
    // From 1 to 1e4.
    let point: Vec<f64> = (0..40).map(|i| 10_f64.powf(f64::from(i) / 9.75)).collect();
    let seen = std::cell::RefCell::new(Vec::new());
    let loss = |t: &[f64]| {
        seen.borrow_mut().push(t.to_vec());
        squares(t)
    };
    assert!(check(&point, loss, twice).passed());
    // The last of thirteen points, after two calls at the point itself. The spacing is 2^-20.
    let last = &seen.borrow()[2 + 12];
    let moves = last
        .iter()
        .zip(&point)
        .map(|(t, size)| (t - size) / size / (13.0 * 2_f64.powi(-20)));
    let moves: Vec<f64> = moves.collect();
    // They are standard normal numbers. Of 40, the mean square is 1 +- 0.22, and 20 +- 3 are positive.
    let mean_square = squares(&moves) / 40.0;
    let positive = moves.iter().filter(|&&value| value > 0.0).count();
    assert!((0.4..1.6).contains(&mean_square) && (10..=30).contains(&positive), "{moves:?}");
}

/// The fewer values change from point to point, the less is said.
#[test]
fn a_saturated_function_in_single_precision_is_judged_as_far_as_it_changes() {
    for (size, t, is_named, is_judged) in
        [(1.0, 7.1, true, false), (3.0, 6.34, false, true), (3.0, 6.7, true, true), (3.0, 7.46, false, false)]
    {
        let report = |factor: f64| {
            check_number(t, |t| size * f64::from((t as f32).tanh()), |t| factor * size / t.cosh().powi(2))
        };
        let (right, wrong) = (report(1.0), report(2.0));
        assert_ne!(verdict(&right), Verdict::Disagrees, "{right}");
        assert_eq!(right.to_string().contains("single precision"), is_named, "{right}");
        assert_eq!(verdict(&wrong) == Verdict::Disagrees, is_judged, "{wrong}");
    }
}

/// Where nothing changes over a step h, rounding to f32 could hide a slope of 2^-24 |f| / h.
#[test]
fn a_slope_that_single_precision_could_hide_is_not_refuted() {
    let hidden = check_number(0.0, |t| 3.0 + (t - 0.01).max(0.0), |_| 7.0);
    let expected = 2_f64.powi(-24) * 3.0 / 2_f64.powi(-8);
    let floor = hidden.comparisons[0].tensors[0].floor;
    assert!((1e-9 * floor / expected - 1.0).abs() < 1e-9, "{hidden}");
    // A smooth function is constant over 1e-6 too.
    let close = check_number(100.0, |t| 3.0 + (t - 100.000_001).max(0.0), |_| 0.1);
    assert_eq!(verdict(&close), Verdict::Disagrees, "{close}");
    // The exponential is zero in f32.
    let zero = check_number(0.0, |t| f64::from((t as f32 - 200.0).exp()), |t| (t - 200.0).exp());
    assert_ne!(verdict(&zero), Verdict::Disagrees, "{zero}");
}

/// Large terms of which little remains have the noise of f32, but not at a spacing at which f32 numbers do not change.
#[test]
fn cancellation_is_not_named_single_precision() {
    // Few digits, so that their sum is exact.
    let terms: Vec<f64> = (2..42).map(|i| f64::from((1e8 * f64::from(i).sqrt()) as f32)).collect();
    let rest = terms.iter().sum::<f64>() - 1.0;
    for t in (0..200).map(|i| 0.5 + f64::from(i) / 80.0) {
        let sum = |t: f64| terms.iter().map(|a| a * t.sin()).sum::<f64>() - rest * t.sin() + t.cos();
        let report = check_number(t, sum, |t| t.cos() - t.sin());
        assert!(report.findings.is_empty() && report.comparisons[0].passed(), "{t}\n{report}");
        assert!(!report.to_string().contains("single precision"), "{t}\n{report}");
    }
}

/// Noise of a known size: the error of two steps is four times it, divided by the smaller one.
#[test]
fn the_measured_noise_has_the_standard_deviation_of_the_noise() {
    let noise = |t: f64| {
        let hash = (t.to_bits() ^ (t.to_bits() >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let hash = (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((hash >> 11) as f64 / 2_f64.powi(53) - 0.5) * 12_f64.sqrt()
    };
    let sizes = (0..400).map(|i| {
        let t = 0.1 + f64::from(i) / 500.0;
        let report = check(&[t], |t| 100.0 + t[0] + 1e-11 * noise(t[0]), |_| vec![1.0]);
        let tensor = &report.comparisons[0].tensors[0];
        tensor.floor * 1e-9 / 4.0 * 2_f64.powi(-11) / 1e-11
    });
    let sizes: Vec<f64> = sizes.collect();
    let mean_square = squares(&sizes) / 400.0;
    assert!((0.95..1.05).contains(&mean_square), "{mean_square}\n{sizes:?}");
}
