//! Compares scores, curves, intervals and principal components with scikit-learn, SciPy and NumPy. The reference files come from
//! tests/reference/make_scores.py and make_components.py.

use petal::data::metrics::{
    Confusion, Interval, Scores, calibration, calibration_error, intervals, precision_recall, roc,
};
use petal::data::numpy::RandomState;
use petal::data::pca::Pca;
use serde_json::{Value, json};

use crate::support::{json, numbers};

fn labels(case: &Value) -> Vec<u8> {
    case["labels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|label| label.as_u64().unwrap() as u8)
        .collect()
}

fn assert_close(ours: &[f64], theirs: &[f64], name: &str) {
    assert_eq!(ours.len(), theirs.len(), "{name}");
    for (ours, theirs) in ours.iter().zip(theirs) {
        // Sums of at most 120 rounded terms below 10 have errors of about 1e-14.
        assert!((ours - theirs).abs() < 1e-12, "{name}: {ours} and {theirs}");
    }
}

#[test]
fn scores_equal_those_of_scikit_learn() {
    for (name, case) in json("scores.json")["cases"].as_object().unwrap() {
        let (logits, threshold) = (numbers(&case["logits"]), case["threshold"].as_f64().unwrap());
        let ours = serde_json::to_value(Scores::new(&logits, &labels(case), threshold)).unwrap();
        for (metric, ours) in ours.as_object().unwrap().iter().filter(|(metric, _)| *metric != "confusion") {
            match (ours.as_f64(), case[metric].as_f64()) {
                (None, None) => assert!(ours.is_null() && case[metric].is_null(), "{name}: {metric}"),
                (ours, theirs) => assert_close(&[ours.unwrap()], &[theirs.unwrap()], &format!("{name}: {metric}")),
            }
        }
        let Confusion { true_negative, false_positive, false_negative, true_positive } =
            Confusion::new(&logits, &labels(case), threshold);
        let counts = json!([true_negative, false_positive, false_negative, true_positive]);
        assert_eq!(counts, case["confusion"], "{name}");
    }
}

#[test]
fn curves_equal_those_of_scikit_learn() {
    let flat = |points: Vec<(f64, f64)>| points.into_iter().map(|(x, y)| vec![x, y]).collect::<Vec<_>>();
    let mut compared = 0;
    for (name, case) in json("scores.json")["cases"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, case)| case["roc"].is_array())
    {
        let (logits, labels) = (numbers(&case["logits"]), labels(case));
        let bins = calibration(&logits, &labels, 10);
        let ours = [
            ("roc", flat(roc(&logits, &labels))),
            ("precision_recall", flat(precision_recall(&logits, &labels))),
            (
                "calibration",
                bins.iter()
                    .map(|bin| vec![bin.mean_probability, bin.fraction_of_positives])
                    .collect(),
            ),
        ];
        for (curve, ours) in ours {
            let theirs: Vec<Vec<f64>> = case[curve].as_array().unwrap().iter().map(numbers).collect();
            let theirs = corners(&theirs);
            assert_close(&corners(&ours).concat(), &theirs.concat(), &format!("{name}: {curve}"));
            compared += 1;
        }
        let gaps = bins
            .iter()
            .map(|bin| bin.count as f64 * (bin.mean_probability - bin.fraction_of_positives).abs());
        assert_close(&[calibration_error(&bins)], &[gaps.sum::<f64>() / labels.len() as f64], name);
    }
    assert_eq!(compared, 33);
}

/// The curve without the points inside a horizontal or vertical line. They do not change its shape.
fn corners(points: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let is_inside_line = |i: usize| {
        let constant = |axis: usize| {
            points[i - 1..=i + 1]
                .iter()
                .all(|point| (point[axis] - points[i][axis]).abs() < 1e-12)
        };
        i > 0 && i + 1 < points.len() && (constant(0) || constant(1))
    };
    (0..points.len())
        .filter(|&i| !is_inside_line(i))
        .map(|i| points[i].clone())
        .collect()
}

#[test]
fn intervals_equal_those_of_scipy() {
    let reference = json("scores.json");
    let (case, theirs) = (&reference["cases"]["continuous"], &reference["intervals"]);
    let (logits, labels) = (numbers(&case["logits"]), labels(case));
    let baseline = numbers(&theirs["baseline"]);
    const STREAMS: u32 = 20;
    let results: Vec<Value> = (0..STREAMS)
        .map(|seed| {
            let mut random = RandomState::new(seed);
            serde_json::to_value(intervals(&logits, &labels, 0.5, Some((&baseline, 0.5)), &mut random)).unwrap()
        })
        .collect();
    let first = &results[0];
    for proportion in ["accuracy", "precision", "recall"] {
        let ours = ["low", "high"].map(|bound| first[proportion][bound].as_f64().unwrap());
        assert_close(&ours, &numbers(&theirs[proportion]), proportion);
    }
    let p_value = "/differences/accuracy_by_chance";
    let [ours, expected] = [first, theirs].map(|intervals| intervals.pointer(p_value).unwrap().as_f64().unwrap());
    assert_close(&[ours], &[expected], p_value);
    let scores = ["balanced_accuracy", "f1", "roc_auc", "average_precision", "brier", "cost"];
    let differences = ["accuracy", "roc_auc", "cost"].map(|name| format!("/differences/{name}"));
    let paths: Vec<String> = scores.map(|name| format!("/{name}")).into_iter().chain(differences).collect();
    for path in paths {
        let expected = numbers(theirs.pointer(&path).unwrap());
        for (bound, expected_bound) in ["low", "high"].iter().zip(&expected) {
            let bounds = results
                .iter()
                .map(|result| result.pointer(&format!("{path}/{bound}")).unwrap().as_f64().unwrap());
            let ours = bounds.sum::<f64>() / f64::from(STREAMS);
            // The 2.5th percentile of 1,000 normal draws has a standard error of 0.084 deviations, which is 0.021 interval
            // widths. The mean of 20 such percentiles has 0.0048, SciPy's percentile of 20,000 draws the same, and their
            // difference 0.0068. The tolerance is four of these. Scores that count samples change in steps, so half a sample
            // is added for them.
            let half_step = if path.contains("acc") || path.contains("f1") {
                0.5 / labels.len() as f64
            } else {
                0.0
            };
            let tolerance = 0.027 * (expected[1] - expected[0]) + half_step;
            assert!((ours - expected_bound).abs() < tolerance, "{path} {bound}: {ours} and {expected_bound}");
        }
    }
}

/// The largest losses of these rows are near the largest float. Their sum overflows, and their mean does not.
#[test]
fn intervals_of_finite_logits_are_finite() {
    let labels: Vec<u8> = (0..40).map(|i| i % 2).collect();
    for size in [1e-300, 40.0, 1e308] {
        let logits: Vec<f64> = (0..40).map(|i| size * (f64::from(i * 7 % 40) / 20.0 - 1.0)).collect();
        let found = intervals(&logits, &labels, 0.5, Some((&[0.0; 40], 0.5)), &mut RandomState::new(1));
        let text = serde_json::to_string(&found).unwrap();
        assert!(!text.contains("null"), "{text}");
        // The value is that of the scores, to the last bit.
        let scores = Scores::new(&logits, &labels, 0.5);
        assert_eq!(
            [Some(found.cost.unwrap().value), Some(found.brier.unwrap().value)],
            [scores.cost, Some(scores.brier)]
        );
    }
}

#[test]
fn a_difference_to_the_same_predictions_is_zero() {
    let labels: Vec<u8> = (0..20).map(|i| i % 2).collect();
    let logits: Vec<f64> = (0..20).map(|i| f64::from(i * 7 % 20) - 10.0).collect();
    let found = intervals(&logits, &labels, 0.5, Some((&logits, 0.5)), &mut RandomState::new(1));
    let differences = found.differences.unwrap();
    let zero = Some(Interval { value: 0.0, low: 0.0, high: 0.0 });
    assert_eq!([differences.accuracy, differences.roc_auc, differences.cost], [zero; 3]);
    assert_eq!(differences.mcnemar_p_value, 1.0);
    assert!(found.roc_auc.unwrap().low < found.roc_auc.unwrap().high);
}

#[test]
fn undefined_scores_and_classes_with_few_rows_have_no_interval() {
    // Nine rows of class 1 are too few for resamples, ten are enough.
    let logits: Vec<f64> = (0..40).map(|i| f64::from(i) - 19.5).collect();
    for ones in [9, 10] {
        let labels: Vec<u8> = (0..40).map(|i| u8::from(i < ones)).collect();
        let found = intervals(&logits, &labels, 0.5, Some((&logits, 0.4)), &mut RandomState::new(1));
        let differences = found.differences.unwrap();
        let resampled = [found.balanced_accuracy, found.roc_auc, found.cost, differences.accuracy, differences.cost];
        assert_eq!(resampled.map(|interval| interval.is_some()), [ones == 10; 5], "{ones} ones");
        assert!(found.accuracy.is_some() && found.recall.is_some());
    }
    let found = intervals(&[-3.0, -2.0, -1.0], &[0, 0, 0], 0.5, None, &mut RandomState::new(1));
    assert_eq!((found.roc_auc, found.precision, found.recall), (None, None, None));
    // Three right predictions of three still leave a wide interval.
    assert!(found.accuracy.unwrap().low < 0.5 && found.accuracy.unwrap().high == 1.0);
    // A baseline that is certain and wrong has no finite loss.
    let labels: Vec<u8> = (0..40).map(|i| i % 2).collect();
    let found = intervals(&logits, &labels, 0.5, Some((&[f64::INFINITY; 40], 0.5)), &mut RandomState::new(1));
    assert!(found.cost.is_some() && found.differences.unwrap().cost.is_none());
}

/// Measures how often 95 % intervals contain the true value, for the documentation of crates/data/src/metrics/bootstrap.rs.
///
/// The simulated rows have a true accuracy of 0.8. Their true ROC AUC is that of two normal distributions one deviation apart:
/// Phi(1 / sqrt(2)) = 0.7602499389.
#[test]
#[ignore = "half a minute; a simulation"]
fn intervals_contain_the_true_value_in_about_95_percent() {
    let mut random = RandomState::new(6);
    for rows in [50, 400] {
        let mut covered = [0, 0];
        for _ in 0..2_000 {
            let labels: Vec<u8> = (0..rows).map(|_| u8::from(random.uniform() < 0.5)).collect();
            let hit = |&label: &u8| if (random.uniform() < 0.8) == (label == 1) { 2.0 } else { -2.0 };
            let accurate: Vec<f64> = labels.iter().map(hit).collect();
            let ranked: Vec<f64> = labels.iter().map(|&y| random.normal() + f64::from(y)).collect();
            let accuracy = intervals(&accurate, &labels, 0.5, None, &mut random).accuracy.unwrap();
            let auc = intervals(&ranked, &labels, 0.5, None, &mut random).roc_auc.unwrap();
            covered[0] += u32::from((accuracy.low..=accuracy.high).contains(&0.8));
            covered[1] += u32::from((auc.low..=auc.high).contains(&0.760_249_938_9));
        }
        let coverage = covered.map(|count| f64::from(count) / 2_000.0);
        // With 2,000 sets the standard error of the coverage is 0.005. Accuracies of 50 rows change in steps of 0.02.
        assert!(coverage.iter().all(|fraction| (0.93..0.97).contains(fraction)), "{rows} rows: {coverage:?}");
    }
}

#[test]
fn principal_components_equal_the_eigenvectors_of_numpy() {
    let reference = json("components.json");
    let x = numbers(&reference["x"]);
    let ours = Pca::fit(&x, 5);
    // The eigenvalues are well separated, so the error of a component is not much larger than rounding.
    assert_close(&ours.mean, &numbers(&reference["mean"]), "mean");
    assert_close(&ours.explained_variance_ratio, &numbers(&reference["shares"]), "explained variance ratio");
    for (ours, theirs) in ours.components.iter().zip(reference["directions"].as_array().unwrap()) {
        assert_close(ours, &numbers(theirs), "component");
    }
    assert_close(&ours.transform(&x), &numbers(&reference["projected"]), "transformed");
}

#[test]
fn principal_components_of_many_columns_equal_those_of_numpy() {
    let reference = json("components_wide.json");
    let (samples, features) = (120, 700);
    let mut random = RandomState::new(21);
    let mut x = random.normals(samples * features);
    x.iter_mut().enumerate().for_each(|(i, x)| *x += (i % features) as f64 / 7.0);
    for strength in [0.3, 0.2] {
        let (across, along) = (random.normals(samples), random.normals(features));
        x.iter_mut()
            .enumerate()
            .for_each(|(i, x)| *x += strength * (across[i / features] * along[i % features]));
    }
    let ours = Pca::fit(&x, features);
    // A residual of 1e-10 of the first variance turns a component by that over the distance to the next variance: here 3e-10.
    let assert_near = |ours: &[f64], theirs: &Value, tolerance: f64| {
        let theirs = numbers(theirs);
        assert_eq!(ours.len(), theirs.len());
        let error = ours
            .iter()
            .zip(theirs)
            .fold(0.0, |largest: f64, (a, b)| largest.max((a - b).abs()));
        assert!(error < tolerance, "{error:e}");
    };
    assert_near(&ours.explained_variance_ratio, &reference["shares"], 1e-14);
    assert_near(&ours.components[0], &reference["directions"][0], 1e-9);
    assert_near(&ours.components[1], &reference["directions"][1], 1e-9);
    // Coordinates are up to 30.
    assert_near(&ours.transform(&x), &reference["projected"], 1e-8);
}
