//! Points at which gradients are checked.

/// Distinct ordinary numbers of both signs, of sizes between 0.2 and 1.7.
pub fn spread(count: usize) -> Vec<f64> {
    (0..count)
        .map(|index| {
            let unit = ((index + 1) as f64 * 0.618_033_988_749_894_9).fract();
            let signed = 2.0 * unit - 1.0;
            signed.signum() * (0.2 + 1.5 * signed.abs())
        })
        .collect()
}

/// Distinct ordinary numbers between 0.2 and 2.
pub fn positive(count: usize) -> Vec<f64> {
    spread(count).into_iter().map(|value| 0.3 + value.abs()).collect()
}

/// Other distinct ordinary numbers of both signs.
pub fn other(count: usize) -> Vec<f64> {
    spread(count + 5)[5..].iter().map(|value| 0.9 * value - 0.05).collect()
}

/// Numbers inside (0, 1).
pub fn fractions(count: usize) -> Vec<f64> {
    spread(count).into_iter().map(|value| 0.5 + 0.27 * value).collect()
}

/// The points at which a function of single numbers is checked.
pub fn numbers() -> Vec<(&'static str, Vec<f64>)> {
    vec![
        ("ordinary", vec![0.4, 1.3, 2.7]),
        ("negative", vec![-0.25, -0.6, -1.7]),
        ("inside (-1, 1)", vec![-0.9, -0.25, 0.3, 0.8]),
        ("0", vec![0.0]),
        ("1", vec![1.0]),
        ("-1", vec![-1.0]),
        ("20", vec![20.0]),
        ("-20", vec![-20.0]),
        ("100", vec![100.0]),
        ("-100", vec![-100.0]),
        ("1e-8", vec![1e-8]),
        ("-1e-8", vec![-1e-8]),
        ("1e8", vec![1e8]),
        ("-1e8", vec![-1e8]),
    ]
}
