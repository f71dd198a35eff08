//! Central differences of smooth functions: what is confirmed, and what is found. The gradients are exact unless a test says
//! otherwise.

use petal_gradcheck::{Array, Check, Verdict};

use crate::support::{Gradient, Loss, Random, check, check_number, squares, twice, verdict};

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

/// Each elimination removes one power of the step. What remains is exact for a polynomial, but for rounding.
#[test]
fn differences_of_a_polynomial_have_no_truncation_error() {
    for power in [3, 5, 7, 9] {
        let right = f64::from(power);
        let report = check_number(1.0, |t| t.powi(power), |_| 1.1 * right);
        let tensor = &report.comparisons[0].tensors[0];
        let error = tensor.worst.as_ref().unwrap().reference - right;
        // The floor is the estimated error / 1e-9.
        assert!(error.abs() < 1e-13 * right && tensor.floor < 0.5, "{power}: {error:e}\n{report}");
    }
}

/// Over large steps, this function has a slope of about 0.01, but nothing more precise than that.
#[test]
fn a_vague_slope_over_large_steps_excuses_no_gradient() {
    for slope in [0.005, 0.02, 0.05] {
        let report = check_number(0.3, |t| (1e3 * (t - 0.5)).sin() / 1e3 + 0.01 * t, |_| slope);
        assert_eq!(verdict(&report), Verdict::Disagrees, "{report}");
    }
}

#[test]
fn large_steps_find_a_mistake_beside_a_large_constant() {
    // At a step of 1/4, a rounding of 1e8 hides a mistake of 4e-8, and at a step of 1024 one of 1e-11.
    confirms("f64", 0.5, |t| 1e8 + t, |_| 1.0, 1e-8);
    let f32 = |t: f64| f64::from((1e4 + t) as f32);
    assert!(check_number(0.5, f32, |_| 1.0).passed());
    assert_eq!(verdict(&check_number(0.5, f32, |_| 1.001)), Verdict::Disagrees);
    let largest = std::cell::Cell::new(0.0_f64);
    let far = |t: f64| {
        largest.set(largest.get().max((t - 0.5).abs()));
        1e12 + t
    };
    check_number(0.5, far, |_| 2.0);
    assert_eq!(largest.get(), 1024.0);
    // Steps grow until the error of the differences is a quarter of the tolerance. The floor is the error / 1e-9.
    let report = check_number(0.5, |t| 2e5 + t, |_| 1.1);
    assert!(report.comparisons[0].tensors[0].floor <= 0.25, "{report}");
}

#[test]
fn central_differences_confirm_a_right_gradient_and_find_a_wrong_one() {
    let f = |t: &[f64]| t.iter().map(|t| t.sin() + 0.1 * t * t * t).sum();
    let right = |t: &[f64]| t.iter().map(|t| t.cos() + 0.3 * t * t).collect();
    let point = [0.0, 1.0, -2.0, 30.0, 1e-3];
    assert!(check(&point, f, right).passed());
    // One of five elements is wrong by one part in 100,000.
    let nearly_right = |t: &[f64]| {
        let mut gradient: Vec<f64> = right(t);
        gradient[1] *= 1.0 + 1e-5;
        gradient
    };
    let report = check(&point, f, nearly_right);
    assert!(!report.passed());
    assert!(report.to_string().contains("wrong in t[1], right elsewhere"), "{report}");
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
fn agreement_at_once_takes_four_values_for_each_element() {
    let calls = std::cell::Cell::new(0);
    let count = |loss: Loss, gradient: Gradient| {
        calls.set(0);
        let point: Vec<f64> = (0..50).map(|i| f64::from(i) / 20.0 - 1.0).collect();
        let counted = |t: &[f64]| {
            calls.set(calls.get() + 1);
            loss(t)
        };
        check(&point, counted, gradient);
        calls.get()
    };
    // Two at the point, thirteen for the noise, four for each element.
    assert_eq!(count(squares, twice), 2 + 13 + 4 * 50);
    let sines = |t: &[f64]| t.iter().map(|t| t.sin()).sum();
    assert_eq!(count(sines, |t| t.iter().map(|t| t.cos()).collect()), 2 + 13 + 4 * 50);
    // The truncation error is 1.3e-4 (11 / 256)^4 = 4.4e-10 of each element. Beside the sum of 1.5e7, it is more than rounding
    // for large elements, and less for small ones.
    let exponentials = |t: &[f64]| t.iter().map(|t| (11.0 * t).exp()).sum();
    assert_eq!(count(exponentials, |t| t.iter().map(|t| 11.0 * (11.0 * t).exp()).collect()), 2 + 13 + 4 * 50);
    assert!(count(squares, <[f64]>::to_vec) <= 2 + 13 + 32 * 50);
}

#[test]
fn a_function_that_is_zero_has_a_gradient_of_zero() {
    let gradient = |value: f64| move |_: &[Array]| vec![Array::new("t", [1], vec![value])];
    let report = Check::new(vec![Array::new("t", [1], vec![0.5])])
        .loss(|_| 0.0)
        .gradient("zero", gradient(0.0))
        .gradient("one", gradient(1.0))
        .run()
        .unwrap();
    let verdicts = report.comparisons.iter().map(|comparison| comparison.tensors[0].verdict);
    assert_eq!(verdicts.collect::<Vec<_>>(), [Verdict::Disagrees, Verdict::Agrees, Verdict::Disagrees], "{report}");
    assert!(report.notes.is_empty(), "{report}");
}
