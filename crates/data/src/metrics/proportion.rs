//! Statistics of counts: the confidence interval of a proportion, and the comparison of two models on the same rows.
//!
//! ```text
//! Wilson's interval   (p + z^2 / 2n ± z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)      p = k / n, z = 1.959964
//! McNemar's test      P(heads <= min(a, b)) + P(heads >= max(a, b))  in n = a + b tosses of a fair coin; 1 if a = b
//! ```
//!
//! These are Wilson (1927) and the exact form of McNemar (1947): `scipy.stats.binomtest(k, n).proportion_ci(method="wilson")`
//! and `scipy.stats.binomtest(a, a + b).pvalue`.

use super::interval::Interval;

/// 95 % of a standard normal distribution lies between minus and plus this number.
const Z: f64 = 1.959_963_984_540_054;

/// Wilson's 95 % interval of the proportion `successes / trials`. `None` without trials.
pub fn wilson(successes: usize, trials: usize) -> Option<Interval> {
    let (n, value) = (trials as f64, successes as f64 / trials as f64);
    let spread = Z * Z / n;
    let middle = (value + spread / 2.0) / (1.0 + spread);
    let half = (value * (1.0 - value) * spread + spread * spread / 4.0).sqrt() / (1.0 + spread);
    // Rounding would miss the exact bounds 0 and 1.
    let low = if successes == 0 { 0.0 } else { middle - half };
    let high = if successes == trials { 1.0 } else { middle + half };
    (trials > 0).then_some(Interval { value, low, high })
}

/// The p-value of McNemar's exact test. The arguments are the number of rows that only the first model predicts right, and the
/// number of rows that only the second one does.
pub fn mcnemar(only_first: usize, only_second: usize) -> f64 {
    if only_first == only_second {
        return 1.0;
    }
    let (smaller, n) = (only_first.min(only_second), only_first + only_second);

    // P(heads = k) for k from the middle down, divided by that of the first k, so that no number overflows. Below the middle,
    // all terms up to `smaller` are in the tail. The quotient of the two sums is never above 1, and is 1 if nothing is
    // between the two tails.
    let below_middle = (n - 1) / 2;
    let middle = if n % 2 == 0 {
        (n - below_middle) as f64 / (below_middle + 1) as f64
    } else {
        0.0
    };
    let (mut term, mut between, mut tail) = (1.0, 0.0, 0.0);
    for k in (0..=below_middle).rev() {
        if k <= smaller {
            tail += term;
        } else {
            between += term;
        }
        term *= k as f64 / (n - k + 1) as f64;
    }
    tail / (tail + between + middle / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilsons_intervals_are_those_of_scipy() {
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
    fn mcnemars_p_values_are_those_of_scipy() {
        // scipy 1.17: print(binomtest(a, a + b).pvalue)
        let table = [
            ((0, 0), 1.0),
            ((4, 0), 0.125),
            ((3, 12), 0.035_156_25),
            ((5, 7), 0.774_414_062_5),
            ((60, 61), 1.0),
            ((0, 1_000), 2_f64.powi(-999)),
            ((4_900, 5_200), 0.002_926_506_228_023_293),
            ((499_000, 501_000), 0.045_608_299_865_389_6),
        ];
        for ((first, second), expected) in table {
            for found in [mcnemar(first, second), mcnemar(second, first)] {
                // Each term is a product of rounded factors: 1,000 of them count where a and b are largest.
                assert!((found / expected - 1.0).abs() < 1e-12, "{first}, {second}: {found}");
            }
        }
    }

    #[test]
    fn a_p_value_is_1_exactly_where_no_result_is_more_likely() {
        for a in 0..2_000 {
            assert_eq!([mcnemar(a, a), mcnemar(a, a + 1), mcnemar(a + 1, a)], [1.0; 3], "{a}");
            assert!(mcnemar(a, a + 2) < 1.0, "{a}");
        }
    }
}
