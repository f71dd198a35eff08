//! Large tensors, which are checked along random directions.

use petal_gradcheck::{Array, Check, TensorReport};

use crate::support::{check, squares};

#[test]
fn large_tensors_are_checked_along_random_directions() {
    let f = |t: &[f64]| t.iter().enumerate().map(|(i, t)| (t * (1.0 + i as f64 / 100.0)).sin()).sum();
    let right = |t: &[f64]| -> Vec<f64> {
        t.iter()
            .enumerate()
            .map(|(i, t)| (1.0 + i as f64 / 100.0) * (t * (1.0 + i as f64 / 100.0)).cos())
            .collect()
    };
    let point: Vec<f64> = (0..200).map(|i| f64::from(i) / 50.0).collect();
    let report = check(&point, f, right);
    assert!(report.passed(), "{report}");
    let tensor: &TensorReport = &report.comparisons[0].tensors[0];
    assert_eq!((tensor.directions, &tensor.shape[..]), (Some(8), &[200][..]));
    let of_one = Check::new(vec![Array::new("t", [200], point.clone())])
        .loss(|parameters| f(&parameters[0].values))
        .gradient("yours", |parameters| vec![Array::new("t", [200], right(&parameters[0].values))])
        .directions(50, 1, 1)
        .run()
        .unwrap();
    assert_eq!(of_one.comparisons[0].tensors[0].worst.as_ref().unwrap().element, "direction 1");
    let diagnosis = |gradient: fn(&[f64]) -> Array| {
        let check = Check::new(vec![Array::new("t", [200], point.clone())])
            .loss(|parameters| f(&parameters[0].values))
            .directions(50, 8, 1);
        let report = check
            .gradient("yours", move |parameters| vec![gradient(&parameters[0].values)])
            .run()
            .unwrap();
        assert!(!report.passed());
        report.comparisons[0].tensors[0].diagnosis.clone()
    };
    let column = diagnosis(|t| Array::new("t", [200, 1], t.to_vec()));
    assert_eq!(column.as_deref(), Some("has shape [200, 1], must be [200]"));
    let nan = diagnosis(|t| Array::new("t", [200], t.iter().map(|t| if *t == 1.0 { f64::NAN } else { *t }).collect()));
    assert_eq!(nan.as_deref(), Some("not finite: t[50] = NaN (1 of 200 elements)"));
    // One of two hundred elements is wrong by 0.1.
    let report = check(&point, f, |t| {
        let mut gradient = right(t);
        gradient[77] += 0.1;
        gradient
    });
    assert!(!report.passed(), "{report}");
}

#[test]
fn a_common_factor_is_named_along_random_directions_too() {
    let t: Vec<f64> = (0..60).map(|i| (f64::from(i) * 0.7).sin()).collect();
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

#[test]
fn directions_are_unit_vectors() {
    let (point, distances) = (vec![0.1; 60], std::cell::RefCell::new(Vec::new()));
    let loss = |t: &[f64]| {
        let moves: Vec<f64> = t.iter().map(|t| t - 0.1).collect();
        distances.borrow_mut().push(squares(&moves).sqrt());
        t.iter().sum()
    };
    assert!(check(&point, loss, |_| vec![1.0; 60]).passed());
    // After two calls at the point and thirteen for the noise, there are two steps in each direction, to both sides.
    let steps = [8, 8, 11, 11].map(|exponent| 2_f64.powi(-exponent));
    let distances = &distances.borrow()[15..];
    assert_eq!(distances.len(), 8 * steps.len());
    for (i, distance) in distances.iter().enumerate() {
        assert!((distance / steps[i % 4] - 1.0).abs() < 1e-12, "{distances:?}");
    }
}

#[test]
fn a_large_transposed_matrix_is_named_along_random_directions() {
    let diagnosis = |rows: usize, columns: usize| {
        let w: Vec<f64> = (0..rows * columns).map(|i| (i as f64 * 0.7).sin()).collect();
        let transposed = (0..rows * columns).map(|i| w[i % rows * columns + i / rows].powi(2)).collect();
        let wrong = Array::new("w", vec![columns, rows], transposed);
        let report = Check::new(vec![Array::new("w", vec![rows, columns], w)])
            .loss(|w| w[0].values.iter().map(|w| w.powi(3) / 3.0).sum())
            .gradient("wrong", move |_| vec![wrong.clone()])
            .directions(50, 8, 1)
            .run()
            .unwrap();
        report.comparisons[0].tensors[0].diagnosis.clone().unwrap()
    };
    assert_eq!(diagnosis(10, 10), "transposed");
    assert_eq!(diagnosis(8, 12), "transposed: has shape [12, 8], must be [8, 12]");
}
