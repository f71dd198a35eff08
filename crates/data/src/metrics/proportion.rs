//! What a count of rows says about the share behind it, and what two counts say about which is larger.
//!
//! ```text
//! Wilson's interval   (p + z^2 / 2n ± z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)      p = k / n, z = 1.959964
//! McNemar's test      the probability that of n = a + b tosses of a coin min(a, b) or fewer, or as many of the other
//!                     side, show one side
//! ```
//!
//! These are Wilson (1927) and the exact form of McNemar (1947): `scipy.stats.binomtest(k, n).proportion_ci(method="wilson")`
//! and `scipy.stats.binomtest(a, a + b).pvalue`.
//!
//! Leaves out: scores that are no share of rows. Those have [`super::intervals()`].

use super::Interval;

/// Between plus and minus this lies 95 % of a standard normal distribution.
const NORMAL: f64 = 1.959_963_984_540_054;

/// The 95 % interval of the share that `successes` of `trials` are; none without trials.
pub fn wilson(successes: usize, trials: usize) -> Option<Interval> {
    let (n, value) = (trials as f64, successes as f64 / trials as f64);
    let spread = NORMAL * NORMAL / n;
    let middle = (value + spread / 2.0) / (1.0 + spread);
    let half = (value * (1.0 - value) * spread + spread * spread / 4.0).sqrt() / (1.0 + spread);
    // Exactly at the ends, where rounding would miss them.
    let low = if successes == 0 { 0.0 } else { middle - half };
    let high = if successes == trials { 1.0 } else { middle + half };
    (trials > 0).then_some(Interval { value, low, high })
}

/// How likely so uneven a pair of counts is, where each case falls to either with probability 1/2.
pub fn mcnemar(one: usize, other: usize) -> f64 {
    let (fewer, all) = (one.min(other), one + other);
    if one == other {
        return 1.0;
    }
    // Binomial coefficients grow past all bounds, their logarithms do not.
    let mut logarithm = -(all as f64) * std::f64::consts::LN_2;
    let mut tail = logarithm.exp();
    for k in 1..=fewer {
        logarithm += ((all - k + 1) as f64 / k as f64).ln();
        tail += logarithm.exp();
    }
    2.0 * tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_scipys_intervals() {
        // scipy 1.17: ci = binomtest(k, n).proportion_ci(method="wilson"); print(ci.low, ci.high)
        let table = [
            ((2, 2), [0.342_380_227_506_653_03, 1.0]),
            ((0, 7), [0.0, 0.354_330_435_066_687_43]),
            ((55, 57), [0.880_792_186_323_741_9, 0.990_324_335_655_067_2]),
        ];
        for ((successes, trials), [low, high]) in table {
            let found = wilson(successes, trials).unwrap();
            assert!((found.low - low).abs() < 1e-14 && (found.high - high).abs() < 1e-14, "{found:?}");
        }
        assert_eq!(wilson(0, 0), None);
    }

    #[test]
    fn uneven_counts_have_scipys_p_values() {
        // scipy 1.17: print(binomtest(a, a + b).pvalue)
        let table =
            [((0, 0), 1.0), ((4, 0), 0.125), ((3, 12), 0.035_156_25), ((4_900, 5_200), 0.002_926_506_228_023_293)];
        for ((one, other), expected) in table {
            let found = mcnemar(one, other);
            // Ten thousand logarithms, each rounded.
            assert!((found / expected - 1.0).abs() < 1e-10, "{one}, {other}: {found}");
        }
    }
}
