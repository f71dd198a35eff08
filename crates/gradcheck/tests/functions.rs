//! Central differences of awkward functions: what is confirmed, what is found, what is not judged. The gradients are exact
//! unless a test says otherwise.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first error")]

use petal_gradcheck::{Array, Check, Precision, Report, Verdict};

/// The report on a function of one vector and its gradient, at the vector `t`.
fn check(t: &[f64], f: impl Fn(&[f64]) -> f64, gradient: impl Fn(&[f64]) -> Vec<f64>) -> Report {
    let gradient =
        |parameters: &[Array]| vec![Array::new("t", [parameters[0].values.len()], gradient(&parameters[0].values))];
    Check::new(vec![Array::new("t", [t.len()], t.to_vec())])
        .loss(|parameters| f(&parameters[0].values))
        .gradient("yours", gradient)
        .directions(50, 8, 1)
        .run()
        .unwrap()
}

/// The check of a function of one number.
fn check_number(t: f64, f: impl Fn(f64) -> f64, derivative: impl Fn(f64) -> f64) -> Report {
    check(&[t], |t| f(t[0]), |t| vec![derivative(t[0])])
}

fn verdict(report: &Report) -> Verdict {
    report.comparisons[0].tensors[0].verdict
}

/// Whether a right gradient passes, and one that is wrong by this part in every element fails.
fn confirms(name: &str, t: f64, f: impl Fn(f64) -> f64, derivative: impl Fn(f64) -> f64, mistake: f64) {
    let right = check_number(t, &f, &derivative);
    assert!(right.passed() && right.notes.is_empty(), "{name} at {t:e}\n{right}");
    let wrong = check_number(t, &f, |t| derivative(t) * (1.0 + mistake));
    assert!(!wrong.passed() && verdict(&wrong) == Verdict::Disagrees, "{name} at {t:e}\n{wrong}");
}

#[test]
fn a_mistake_of_3e_9_shows_on_smooth_functions() {
    for t in [-3.0, -0.7, 1e-3, 0.3, 1.0, 2.5] {
        confirms("sin", t, f64::sin, f64::cos, 3e-9);
        confirms("exp", t, |t| (0.1 * t).exp(), |t| 0.1 * (0.1 * t).exp(), 3e-9);
        confirms("cubic", t, |t| t * t * t + t, |t| 3.0 * t * t + 1.0, 3e-9);
        confirms(
            "logistic",
            t,
            |t| 1.0 / (1.0 + (-0.2 * t).exp()),
            |t| {
                let s = 1.0 / (1.0 + (-0.2 * t).exp());
                0.2 * s * (1.0 - s)
            },
            3e-9,
        );
    }
}

#[test]
fn steps_follow_the_scale_of_the_function() {
    // Functions that bend over 1e-6 up to 1e4, and the domain of a logarithm that ends next to the point.
    for scale in [1e-6, 1e-4, 1e-2, 1.0, 1e2, 1e4] {
        confirms("tanh", 0.3 * scale, |t| (t / scale).tanh(), |t| (1.0 - (t / scale).tanh().powi(2)) / scale, 3e-8);
        confirms("sine", 0.3 * scale, |t| (t / scale).sin(), |t| (t / scale).cos() / scale, 3e-8);
        confirms("log", scale, f64::ln, |t| 1.0 / t, 3e-8);
    }
}

/// Random numbers that are the same in every run.
struct Random(u64);

impl Random {
    /// Between 0 and 1.
    fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Of any size between two powers of ten, with any sign.
    fn magnitude(&mut self, low: f64, high: f64) -> f64 {
        let size = 10_f64.powf(self.between(low, high));
        if self.uniform() < 0.5 { -size } else { size }
    }

    fn index(&mut self, count: usize) -> usize {
        (self.uniform() * count as f64) as usize
    }
}

type Function = fn(f64) -> f64;

/// Functions with their derivatives.
const SMOOTH: [(&str, Function, Function); 8] = [
    ("tanh", f64::tanh, |x| x.cosh().powi(-2)),
    ("sine", f64::sin, f64::cos),
    ("exponential", |x| (-x * x).exp(), |x| -2.0 * x * (-x * x).exp()),
    ("softplus", |x| x.max(0.0) + (-x.abs()).exp().ln_1p(), |x| 1.0 / (1.0 + (-x).exp())),
    ("cubic", |x| x * x * x - x, |x| 3.0 * x * x - 1.0),
    ("linear", |x| x, |_| 1.0),
    ("quotient", |x| 1.0 / (1.0 + x * x), |x| -2.0 * x / (1.0 + x * x).powi(2)),
    ("root", |x| (1.0 + x * x).sqrt(), |x| x / (1.0 + x * x).sqrt()),
];

/// Functions with a kink at 0.
const KINKED: [(&str, Function, Function); 4] = [
    ("relu", |x| x.max(0.0), |x| if x > 0.0 { 1.0 } else { 0.0 }),
    ("leaky", |x| x.max(0.01 * x), |x| if x > 0.0 { 1.0 } else { 0.01 }),
    ("abs", f64::abs, |x| if x == 0.0 { 0.0 } else { x.signum() }),
    ("clipped", |x| x.clamp(0.0, 1.0), |x| if x > 0.0 && x < 1.0 { 1.0 } else { 0.0 }),
];

#[test]
fn no_right_gradient_is_accused() {
    let random = &mut Random(1);
    let mut judged = 0;
    for case in 0..4_000 {
        let t = random.magnitude(-6.0, 3.0);
        let size = random.magnitude(-6.0, 6.0);
        let offset = if random.uniform() < 0.5 { 0.0 } else { size * random.magnitude(-3.0, 3.0) };
        let slope = random.magnitude(-6.0, 6.0);
        let (name, f, derivative) = SMOOTH[random.index(SMOOTH.len())];
        // Up to saturation.
        let start = random.magnitude(-3.0, 1.3);
        let argument = |x: f64| start + slope * (x - t);
        // In f64, rounded to f32 at the end, computed in f32 from the argument on.
        let precision = random.index(3);
        let loss = |x: f64| match precision {
            0 => offset + size * f(argument(x)),
            1 => f64::from((offset + size * f(argument(x))) as f32),
            _ => offset + size * f64::from(f(f64::from(argument(x) as f32)) as f32),
        };
        let report = check_number(t, loss, |x| size * slope * derivative(argument(x)));
        let description = format!(
            "{case}: {name} precision {precision} t {t:e} size {size:e} offset {offset:e} \
                                   slope {slope:e} start {start:e}\n{report}"
        );
        assert_ne!(verdict(&report), Verdict::Disagrees, "{description}");
        assert!(report.findings.is_empty(), "{description}");
        judged += u32::from(verdict(&report) == Verdict::Agrees);
    }
    assert!(judged > 2_000, "{judged}");
}

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

type Loss = fn(&[f64]) -> f64;
type Gradient = fn(&[f64]) -> Vec<f64>;

/// A function of five numbers, beside its gradient: the sum of their squares.
const POINT: [f64; 5] = [0.3, -1.2, 0.7, 2.0, -0.01];

fn squares(t: &[f64]) -> f64 {
    t.iter().map(|t| t * t).sum()
}

fn twice(t: &[f64]) -> Vec<f64> {
    t.iter().map(|t| 2.0 * t).collect()
}

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
    for (loss, gradient) in losses {
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
fn a_saturated_gradient_in_f32_is_not_accused_of_the_rounding_of_the_loss() {
    // tanh' = 1 - a^2 is rounded at 1 in f32, and is 3e-6 and 4.5e-7 here.
    let derivative = |t: f64| {
        let a = (t as f32).tanh();
        f64::from(1.0 - a * a)
    };
    let tanh = |parameters: &[Array]| parameters[0].values.iter().map(|t| t.tanh()).sum::<f64>();
    let check = |factor: f64| {
        let gradient = move |parameters: &[Array]| {
            vec![Array::new("t", [2], parameters[0].values.iter().map(|&t| factor * derivative(t)).collect())]
        };
        Check::new(vec![Array::new("t", [2], vec![7.0, 8.0])])
            .precision(Precision::F32)
            .loss(tanh)
            .gradient("yours", gradient)
            .run()
            .unwrap()
    };
    let right = check(1.0);
    assert_ne!(verdict(&right), Verdict::Disagrees, "{right}");
    let wrong = check(1.5);
    assert_eq!(verdict(&wrong), Verdict::Disagrees, "{wrong}");

    // 16 eps |f| / |t| may be wrong by rounding, and 1e-4 of the floor is accepted.
    let far = Check::new(vec![Array::new("t", [1], vec![4.0])])
        .precision(Precision::F32)
        .loss(|parameters| 1_000.0 + parameters[0].values[0])
        .gradient("yours", |_| vec![Array::new("t", [1], vec![1.0])])
        .run()
        .unwrap();
    let expected = 16.0 * f64::from(f32::EPSILON) * 1_004.0 / 4.0 / 1e-4;
    let floor = far.comparisons[0].tensors[0].floor;
    assert!((floor / expected - 1.0).abs() < 1e-12, "{far}");
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
    assert_eq!(nan.comparisons[0].tensors[0].worst.as_ref().unwrap().element, "t[0]", "{nan}");
    for slope in [-0.01, 1.01, 3.0] {
        let report = relu(slope);
        assert!(!report.passed(), "{report}");
        assert!(report.findings[0].ends_with("yours is neither one of the slopes nor between them"), "{report}");
        assert!(report.to_string().ends_with("The check does NOT pass: see the note."), "{report}");
    }
    // The other elements are judged.
    let report = check(&[0.0, 1.0], |t| t[0].max(0.0) + t[1] * t[1], |_| vec![0.0, 3.0]);
    assert_eq!(verdict(&report), Verdict::Disagrees);
    let diagnosis = report.comparisons[0].tensors[0].diagnosis.as_deref();
    assert_eq!(diagnosis, Some("1.5 x the right value in every element"));
    // A large curvature is no kink.
    confirms_zero(|t| 1e12 * t * t);
    // A jump, and a root with an infinite slope: nothing is judged there, and nothing is shown.
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

#[test]
fn an_empty_tolerance_shows_nothing() {
    let report = |value: f64, term_size: f64| {
        let gradient = move |value: f64| move |_: &[Array]| vec![Array::new("t", [2], vec![value, 0.0])];
        Check::new(vec![Array::new("t", [2], vec![1.0; 2])])
            .precision(Precision::F32)
            .term_size("t", term_size)
            .gradient("a", gradient(value))
            .gradient("b", gradient(value * 1.000_001))
            .run()
            .unwrap()
    };
    // 2e-5 of the term size is allowed; at 1.01e-4 and more, that is less than a fifth of the element.
    let (shown, empty) = (report(1.01e-4, 1.0), report(0.99e-4, 1.0));
    assert_eq!((verdict(&shown), verdict(&empty)), (Verdict::Agrees, Verdict::ShowsNothing));
    assert!(shown.passed() && shown.notes.is_empty(), "{shown}");
    assert!(!empty.passed() && empty.comparisons[0].passed(), "{empty}");
    assert_eq!(
        empty.notes,
        [
            "a against b shows nothing about t (an error of 2.0e-5 is allowed, t[0] is 9.9e-5): rounding could be more than \
          a fifth of each element. Use f64, another point, or a smaller term size"
        ]
    );
    assert!(empty.to_json().contains("\"verdict\": \"shows_nothing\""), "{}", empty.to_json());
    // Exact zeros agree.
    assert_eq!(verdict(&report(0.0, 1.0)), Verdict::Agrees);
    // An error that is too large even for an empty tolerance is an error.
    let wrong = check_number(0.5, |t| 1e6 + 1e-6 * t, |_| 1e3);
    assert_eq!(verdict(&wrong), Verdict::Disagrees);
}

#[test]
fn agreement_at_once_takes_four_values_for_each_element() {
    let calls = std::cell::Cell::new(0);
    let count = |gradient: Gradient| {
        calls.set(0);
        let point: Vec<f64> = (0..50).map(|i| f64::from(i) / 20.0 - 1.0).collect();
        let loss = |t: &[f64]| {
            calls.set(calls.get() + 1);
            squares(t)
        };
        check(&point, loss, gradient);
        calls.get()
    };
    // Two at the point, thirteen for the noise, four for each element.
    assert_eq!(count(twice), 2 + 13 + 4 * 50);
    assert!(count(<[f64]>::to_vec) <= 2 + 13 + 32 * 50);
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
fn a_common_factor_is_named_along_random_directions_too() {
    let t: Vec<f64> = (0..60).map(|i| (f64::from(i) * 0.7).sin()).collect();
    let squares = |t: &[f64]| t.iter().map(|t| t * t).sum::<f64>();
    let diagnosis = |factor: f64| {
        let report = check(&t, squares, |t| t.iter().map(|t| 2.0 * factor * t).collect());
        let tensor = report.comparisons[0].tensors[0].clone();
        assert_eq!(tensor.directions, Some(8));
        tensor.diagnosis.unwrap_or_default()
    };
    assert_eq!(diagnosis(0.5), "too small by exactly a factor of 2");
    assert_eq!(diagnosis(-1.0), "sign flipped");
    assert_eq!(diagnosis(0.0), "zero everywhere: the gradient does not reach this tensor");
}
