//! Writes a data set as CSV.
//!
//! Numbers have 17 significant digits, which is enough to read the same f64 back.

use std::fmt::Write as _;

use crate::dataset::Dataset;

/// The data set as CSV: a header line, then one line per sample with the label last.
pub fn to_csv(data: &Dataset) -> String {
    let mut text = data.feature_names().join(",");
    text.push_str(",label\n");
    for (row, label) in data.rows().zip(data.y()) {
        for &value in row {
            text.push_str(&exact(value));
            text.push(',');
        }
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{label}");
    }
    text
}

/// A number with 17 significant digits.
pub fn exact(value: f64) -> String {
    format!("{value:.16e}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_all_bits() {
        let numbers = [0.1, 1.0 / 3.0, -4.0_f64.sqrt() * 1e-310, f64::MAX, 1.204442292254319];
        for value in numbers {
            let back: f64 = exact(value).parse().unwrap();
            assert_eq!(back.to_bits(), value.to_bits());
        }
    }

    #[test]
    fn a_table_has_a_header_and_a_line_per_sample() {
        let data = Dataset::from_points_2d(&[[0.5, -2.0], [1.0, 0.0]], vec![0, 1]);
        let expected = "x1,x2,label\n\
                        5.0000000000000000e-1,-2.0000000000000000e0,0\n\
                        1.0000000000000000e0,0.0000000000000000e0,1\n";
        assert_eq!(to_csv(&data), expected);
    }
}
