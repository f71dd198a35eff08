//! Kinks, jumps and functions that are not deterministic.

use petal_gradcheck::Verdict;

use crate::support::{Random, check, check_number, verdict};

type Function = fn(f64) -> f64;

/// Functions with a kink at 0.
const KINKED: [(&str, Function, Function); 4] = [
    ("relu", |x| x.max(0.0), |x| if x > 0.0 { 1.0 } else { 0.0 }),
    ("leaky", |x| x.max(0.01 * x), |x| if x > 0.0 { 1.0 } else { 0.01 }),
    ("abs", f64::abs, |x| if x == 0.0 { 0.0 } else { x.signum() }),
    ("clipped", |x| x.clamp(0.0, 1.0), |x| if x > 0.0 && x < 1.0 { 1.0 } else { 0.0 }),
];

#[test]
fn no_right_gradient_is_accused_near_a_kink() {
    let random = &mut Random(2);
    for case in 0..2_000 {
        let (name, f, derivative) = KINKED[random.index(KINKED.len())];
        let t = random.magnitude(-3.0, 2.0);
        let distance = if random.uniform() < 0.2 { 0.0 } else { random.magnitude(-12.0, 0.0) };
        let slope = random.magnitude(-3.0, 3.0);
        let offset = random.magnitude(-2.0, 3.0);
        let kink = t + distance;
        let loss = |x: f64| offset + f(slope * (x - kink)) + x.sin();
        let report = check_number(t, loss, |x| slope * derivative(slope * (x - kink)) + x.cos());
        let description = format!("{case}: {name} t {t:e} distance {distance:e} slope {slope:e} {offset:e}\n{report}");
        assert_ne!(verdict(&report), Verdict::Disagrees, "{description}");
        assert!(report.findings.is_empty(), "{description}");
    }
}

#[test]
fn a_kink_is_excused_and_a_slope_outside_of_it_is_not() {
    let relu = |slope: f64| check(&[0.0, 1.0], |t| t[0].max(0.0) + t[1] * t[1], move |t| vec![slope, 2.0 * t[1]]);
    for slope in [0.0, 0.5, 1.0] {
        let report = relu(slope);
        assert!(report.passed(), "{report}");
        let kink = format!("the function has a kink at t[0] (slopes 0.000000 and 1.000000, yours {slope:.6})");
        assert!(report.notes[0].starts_with(&kink), "{report}");
        assert!(report.to_string().ends_with("The gradients agree, but see the note."), "{report}");
    }
    // NaN is no slope, and is the element that the table shows.
    let nan = relu(f64::NAN);
    assert_eq!(verdict(&nan), Verdict::Disagrees, "{nan}");
    let worst = nan.comparisons[0].tensors[0].worst.as_ref().unwrap();
    assert_eq!(worst.element, "t[0]", "{nan}");
    // Between the slopes 0 and 1.
    assert!((worst.reference - 0.5).abs() < 1e-9, "{nan}");
    for slope in [-0.01, 1.01, 3.0] {
        let report = relu(slope);
        assert!(!report.passed(), "{report}");
        assert!(report.findings[0].ends_with("yours is neither one of the slopes nor between them"), "{report}");
        assert!(report.to_string().ends_with("The check does NOT pass: see the note."), "{report}");
    }
    // Rounding, 1e-9 of the slopes, is accepted.
    for size in [1e-3, 1.0, 1e3] {
        let report = |slope: f64| check_number(0.0, |t| size * t.abs(), |_| size * slope);
        let accepted = [-1.0 - 5e-10, 1.0 + 5e-10].map(|slope| report(slope).passed());
        let refused = [-1.0 - 1e-8, 1.0 + 1e-8].map(|slope| report(slope).findings.len());
        assert_eq!((accepted, refused), ([true; 2], [1; 2]), "{size}");
    }
    // The other elements are judged.
    let report = check(&[0.0, 1.0], |t| t[0].max(0.0) + t[1] * t[1], |_| vec![0.0, 3.0]);
    assert_eq!(verdict(&report), Verdict::Disagrees);
    let diagnosis = report.comparisons[0].tensors[0].diagnosis.as_deref();
    assert_eq!(diagnosis, Some("1.5 x the right value in every element"));
    // A kink of any size.
    for size in [1e-6, 1e-3, 1e3, 1e6] {
        let report = check_number(0.0, |t| size * t.abs(), |_| 0.0);
        assert!(report.passed() && report.notes[0].starts_with("the function has a kink at t[0]"), "{report}");
        assert_eq!(report.comparisons[0].tensors[0].worst, None, "{report}");
    }
    // A large curvature is no kink.
    confirms_zero(|t| 1e12 * t * t);
    // A jump, and a root with an infinite slope: nothing is judged there, and nothing is shown.
    for size in [1e-2, 1.0, 1e2] {
        let jump = check_number(0.5, |t| size * (10.0 * t).floor(), |_| 0.0);
        assert!(jump.notes[0].starts_with(&format!("the function jumps at t[0] by {size:.1e}: ")), "{jump}");
    }
    // A rounding to the next f32 number is none.
    let rounding = check_number(2_f64.powi(-24), |t| 3.0 * f64::from((1.0 + t) as f32), |_| 3.0);
    assert!(!rounding.to_string().contains("jumps"), "{rounding}");
    let jump = check_number(0.5, |t| (10.0 * t).floor(), |_| 0.0);
    assert!(jump.notes[0].starts_with("the function jumps at t[0] by 1.0e0"), "{jump}");
    let root = check_number(0.0, |t| t.max(0.0).sqrt(), |_| 0.0);
    for report in [jump, root] {
        assert_eq!(verdict(&report), Verdict::ShowsNothing, "{report}");
        assert!(!report.passed() && report.findings.is_empty(), "{report}");
        assert!(
            report
                .to_string()
                .ends_with("This check shows NOTHING about the gradients: see the note."),
            "{report}"
        );
    }
}

/// Whether a derivative of zero at 0 passes, and one fails.
fn confirms_zero(f: impl Fn(f64) -> f64) {
    assert!(check_number(0.0, &f, |_| 0.0).passed());
    assert_eq!(verdict(&check_number(0.0, &f, |_| 1.0)), Verdict::Disagrees);
}

/// A gradient that equals a slope over larger steps only, such as a straight-through gradient of rounding, is not judged.
/// The report says so.
#[test]
fn a_gradient_that_is_not_judged_is_noted() {
    let report = check(&[0.3, 0.7], |t| t[0].floor() + t[1], |_| vec![1.0, 1.0]);
    let expected =
        "yours is neither confirmed nor refuted at t[0] (yours 1.000000, differences over small steps 0.000000)";
    assert!(report.notes.iter().any(|note| note.starts_with(expected)), "{report}");
}

#[test]
fn a_kink_closer_than_the_smallest_step_is_no_jump() {
    for t in [1e-11, -1e-11, 1e-13, -1e-13] {
        let report = check(&[t, 0.7], |t| t[0].abs() + t[1], |t| vec![t[0].signum(), 1.0]);
        assert!(report.passed(), "{t:e}\n{report}");
        assert!(report.notes.iter().all(|note| !note.contains("jumps")), "{t:e}\n{report}");
    }
}

#[test]
fn kinks_near_the_point_and_an_unreliable_function_are_reported() {
    let twice = check(&[0.0; 5], |t| t.iter().map(|t| t.abs()).sum(), |_| vec![0.0; 5]);
    assert!(twice.notes[0].contains(" and 2 more; yours lies between"), "{twice}");
    assert!(twice.passed(), "{twice}");
    let three = check(&[0.0; 3], |t| t.iter().map(|t| t.abs()).sum(), |_| vec![0.0; 3]);
    assert!(three.notes[0].contains("yours 0.000000); yours lies between"), "{three}");
    // The kink is not at the point, but at this distance from it. The derivative at the point is confirmed, and the other
    // side's is refused.
    for distance in [-1e-2, -1e-4, -1e-6, -1e-7, 1e-7, 1e-6, 1e-4, 1e-2_f64] {
        let f = |t: &[f64]| (t[0] - distance).max(0.0) + t[0] + 1.0;
        let right = if distance < 0.0 { 2.0 } else { 1.0 };
        let report = check(&[0.0], f, move |_| vec![right]);
        assert!(report.passed(), "{distance} {report}");
        let report = check(&[0.0], f, move |_| vec![3.0 - right]);
        assert!(!report.passed(), "{distance} {report}");
    }
    // The kink of the rectifier is far from this point.
    let report = check(&[0.5], |t| t[0].max(0.0), |_| vec![1.0]);
    assert!(report.passed() && report.notes.is_empty(), "{report}");

    let calls = std::cell::Cell::new(0.0);
    let drifting = |t: &[f64]| {
        calls.set(calls.get() + 1e-3);
        t[0] + calls.get()
    };
    let report = check(&[1.0], drifting, |_| vec![1.0]);
    assert!(report.findings[0].starts_with("the function is not deterministic: it gave "), "{report}");
    // Such a function is not held against any gradient.
    assert!(report.comparisons.is_empty() && !report.passed(), "{report}");
    let report = check(&[1.0], |_| f64::NAN, |_| vec![1.0]);
    assert_eq!(report.findings[0], "the function is NaN here");
    assert!(!report.passed());
}
