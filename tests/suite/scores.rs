//! Scores, curves, intervals and components against scikit-learn, SciPy and NumPy; tests/reference/make_scores.py and
//! make_components.py.

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

fn assert_close(ours: &[f64], theirs: &[f64], what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (ours, theirs) in ours.iter().zip(theirs) {
        // Sums of at most 120 terms below 10, each rounded: some 1e-14.
        assert!((ours - theirs).abs() < 1e-12, "{what}: {ours} and {theirs}");
    }
}

#[test]
fn scores_are_scikit_learns() {
    for (name, case) in json("scores.json")["cases"].as_object().unwrap() {
        let (probabilities, threshold) = (numbers(&case["probabilities"]), case["threshold"].as_f64().unwrap());
        let ours = serde_json::to_value(Scores::new(&probabilities, &labels(case), threshold)).unwrap();
        for (metric, ours) in ours.as_object().unwrap().iter().filter(|(metric, _)| *metric != "confusion") {
            match (ours.as_f64(), case[metric].as_f64()) {
                (None, None) => assert!(ours.is_null() && case[metric].is_null(), "{name}: {metric}"),
                (ours, theirs) => assert_close(&[ours.unwrap()], &[theirs.unwrap()], &format!("{name}: {metric}")),
            }
        }
        let Confusion { true_negative, false_positive, false_negative, true_positive } =
            Confusion::new(&probabilities, &labels(case), threshold);
        let counts = json!([true_negative, false_positive, false_negative, true_positive]);
        assert_eq!(counts, case["confusion"], "{name}");
    }
}

#[test]
fn curves_are_scikit_learns() {
    let flat = |points: Vec<(f64, f64)>| points.into_iter().map(|(x, y)| vec![x, y]).collect::<Vec<_>>();
    let mut compared = 0;
    for (name, case) in json("scores.json")["cases"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, case)| case["roc"].is_array())
    {
        let (probabilities, labels) = (numbers(&case["probabilities"]), labels(case));
        let bins = calibration(&probabilities, &labels, 10);
        let ours = [
            ("roc", flat(roc(&probabilities, &labels))),
            ("precision_recall", flat(precision_recall(&probabilities, &labels))),
            ("calibration", bins.iter().map(|bin| vec![bin.mean_probability, bin.share_of_ones]).collect()),
        ];
        for (curve, ours) in ours {
            let theirs: Vec<Vec<f64>> = case[curve].as_array().unwrap().iter().map(numbers).collect();
            let theirs = corners(&theirs);
            assert_close(&corners(&ours).concat(), &theirs.concat(), &format!("{name}: {curve}"));
            compared += 1;
        }
        let gaps = bins
            .iter()
            .map(|bin| bin.count as f64 * (bin.mean_probability - bin.share_of_ones).abs());
        assert_close(&[calibration_error(&bins)], &[gaps.sum::<f64>() / labels.len() as f64], name);
    }
    assert_eq!(compared, 21);
}

/// A curve without the points in the middle of a stretch along an axis, which are drawn by their neighbours.
fn corners(points: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let inner = |i: usize| {
        let same = |axis: usize| {
            points[i - 1..=i + 1]
                .iter()
                .all(|point| (point[axis] - points[i][axis]).abs() < 1e-12)
        };
        i > 0 && i + 1 < points.len() && (same(0) || same(1))
    };
    (0..points.len()).filter(|&i| !inner(i)).map(|i| points[i].clone()).collect()
}

#[test]
fn intervals_are_scipys() {
    let reference = json("scores.json");
    let (case, theirs) = (&reference["cases"]["continuous"], &reference["intervals"]);
    let (probabilities, labels) = (numbers(&case["probabilities"]), labels(case));
    let baseline = numbers(&theirs["baseline"]);
    const STREAMS: u32 = 20;
    let of_streams: Vec<Value> = (0..STREAMS)
        .map(|seed| {
            let mut random = RandomState::new(seed);
            serde_json::to_value(intervals(&probabilities, &labels, 0.5, Some((&baseline, 0.5)), &mut random)).unwrap()
        })
        .collect();
    let first = &of_streams[0];
    for share in ["accuracy", "precision", "recall"] {
        let ours = ["low", "high"].map(|bound| first[share][bound].as_f64().unwrap());
        assert_close(&ours, &numbers(&theirs[share]), share);
    }
    let chance = "/differences/accuracy_by_chance";
    let [ours, theirs_there] = [first, theirs].map(|of| of.pointer(chance).unwrap().as_f64().unwrap());
    assert_close(&[ours], &[theirs_there], chance);
    let scores = ["balanced_accuracy", "f1", "roc_auc", "average_precision", "brier", "cost"];
    let differences = ["accuracy", "roc_auc", "cost"].map(|name| format!("/differences/{name}"));
    let paths: Vec<String> = scores.map(|name| format!("/{name}")).into_iter().chain(differences).collect();
    for path in paths {
        let expected = numbers(theirs.pointer(&path).unwrap());
        for (bound, expected_bound) in ["low", "high"].iter().zip(&expected) {
            let each = of_streams
                .iter()
                .map(|of| of.pointer(&format!("{path}/{bound}")).unwrap().as_f64().unwrap());
            let ours = each.sum::<f64>() / f64::from(STREAMS);
            // A 2.5th percentile of 1,000 normal draws has standard error 0.084 deviations, which is 0.021 interval
            // widths; the mean of 20 has 0.0048, SciPy's of 20,000 draws as much, their difference 0.0068. Four of
            // them, and half a sample for what counts samples: scores there come in steps.
            let counted = if path.contains("acc") || path.contains("f1") {
                0.5 / labels.len() as f64
            } else {
                0.0
            };
            let tolerance = 0.027 * (expected[1] - expected[0]) + counted;
            assert!((ours - expected_bound).abs() < tolerance, "{path} {bound}: {ours} and {expected_bound}");
        }
    }
}

#[test]
fn a_difference_to_oneself_is_nothing() {
    let labels: Vec<u8> = (0..20).map(|i| i % 2).collect();
    let probabilities: Vec<f64> = (0..20).map(|i| f64::from(i * 7 % 20) / 20.0).collect();
    let found = intervals(&probabilities, &labels, 0.5, Some((&probabilities, 0.5)), &mut RandomState::new(1));
    let differences = found.differences.unwrap();
    let nothing = Some(Interval { value: 0.0, low: 0.0, high: 0.0 });
    assert_eq!([differences.accuracy, differences.roc_auc, differences.cost], [nothing; 3]);
    assert_eq!(differences.accuracy_by_chance, 1.0);
    assert!(found.roc_auc.unwrap().low < found.roc_auc.unwrap().high);
}

#[test]
fn what_is_undefined_or_known_of_few_rows_has_no_interval() {
    // Nine rows of class 1; the tenth makes resamples tell something.
    let probabilities: Vec<f64> = (0..40).map(|i| (f64::from(i) + 0.5) / 40.0).collect();
    for ones in [9, 10] {
        let labels: Vec<u8> = (0..40).map(|i| u8::from(i < ones)).collect();
        let found = intervals(&probabilities, &labels, 0.5, Some((&probabilities, 0.4)), &mut RandomState::new(1));
        let differences = found.differences.unwrap();
        let resampled = [found.balanced_accuracy, found.roc_auc, found.cost, differences.accuracy, differences.cost];
        assert_eq!(resampled.map(|interval| interval.is_some()), [ones == 10; 5], "{ones} ones");
        assert!(found.accuracy.is_some() && found.recall.is_some());
    }
    let found = intervals(&[0.2, 0.3, 0.4], &[0, 0, 0], 0.5, None, &mut RandomState::new(1));
    assert_eq!((found.roc_auc, found.precision, found.recall), (None, None, None));
    // Three of three are no certainty.
    assert!(found.accuracy.unwrap().low < 0.5 && found.accuracy.unwrap().high == 1.0);
    // The infinite loss of one row is not in all resamples.
    let labels: Vec<u8> = (0..40).map(|i| i % 2).collect();
    let certain: Vec<f64> = (0..40).map(|i| if i == 0 { 1.0 } else { 0.5 }).collect();
    let found = intervals(&certain, &labels, 0.5, None, &mut RandomState::new(1));
    assert!(found.cost.unwrap().value.is_infinite() && found.cost.unwrap().low.is_finite());
}

/// How often 95 % intervals hold the true value, for the header of src/metrics/bootstrap.rs.
///
/// Rows are drawn whose true accuracy is 0.8 and whose true ROC AUC is that of two normals one deviation apart,
/// Phi(1 / sqrt(2)) = 0.7602499389.
#[test]
#[ignore = "half a minute; a simulation"]
fn intervals_hold_the_truth_about_as_often_as_they_say() {
    let mut random = RandomState::new(6);
    for rows in [50, 400] {
        let mut held = [0, 0];
        for _ in 0..2_000 {
            let labels: Vec<u8> = (0..rows).map(|_| u8::from(random.uniform() < 0.5)).collect();
            let hit = |&label: &u8| if (random.uniform() < 0.8) == (label == 1) { 0.9 } else { 0.1 };
            let accurate: Vec<f64> = labels.iter().map(hit).collect();
            let ranked: Vec<f64> = labels
                .iter()
                .map(|&y| 1.0 / (1.0 + (-random.normal() - f64::from(y)).exp()))
                .collect();
            let accuracy = intervals(&accurate, &labels, 0.5, None, &mut random).accuracy.unwrap();
            let auc = intervals(&ranked, &labels, 0.5, None, &mut random).roc_auc.unwrap();
            held[0] += u32::from((accuracy.low..=accuracy.high).contains(&0.8));
            held[1] += u32::from((auc.low..=auc.high).contains(&0.760_249_938_9));
        }
        let shares = held.map(|count| f64::from(count) / 2_000.0);
        // Two thousand sets give each share a standard error of 0.005; accuracies of 50 rows come in steps of 0.02.
        assert!(shares.iter().all(|share| (0.93..0.97).contains(share)), "{rows} rows: {shares:?}");
    }
}

#[test]
fn components_are_numpys_eigenvectors() {
    let reference = json("components.json");
    let x = numbers(&reference["x"]);
    let ours = Pca::fit(&x, 5);
    // The eigenvalues are well apart, so that rounding turns directions by little more than itself.
    assert_close(&ours.mean, &numbers(&reference["mean"]), "mean");
    assert_close(&ours.shares, &numbers(&reference["shares"]), "shares");
    for (ours, theirs) in ours.directions.iter().zip(reference["directions"].as_array().unwrap()) {
        assert_close(ours, &numbers(theirs), "direction");
    }
    assert_close(&ours.project(&x), &numbers(&reference["projected"]), "projected");
}

#[test]
fn components_of_many_columns_are_numpys_too() {
    let reference = json("components_wide.json");
    let (samples, features) = (120, 700);
    let mut random = RandomState::new(21);
    let mut x = random.normals(samples * features);
    x.iter_mut().enumerate().for_each(|(at, x)| *x += (at % features) as f64 / 7.0);
    for strength in [0.3, 0.2] {
        let (across, along) = (random.normals(samples), random.normals(features));
        x.iter_mut()
            .enumerate()
            .for_each(|(at, x)| *x += strength * (across[at / features] * along[at % features]));
    }
    let ours = Pca::fit(&x, features);
    // A residual of 1e-10 of the first variance turns a direction by that over the distance of the next one's, here 3e-10.
    let near = |ours: &[f64], theirs: &Value, most: f64| {
        let theirs = numbers(theirs);
        assert_eq!(ours.len(), theirs.len());
        let off = ours.iter().zip(theirs).fold(0.0, |off: f64, (a, b)| off.max((a - b).abs()));
        assert!(off < most, "{off:e}");
    };
    near(&ours.shares, &reference["shares"], 1e-14);
    near(&ours.directions[0], &reference["directions"][0], 1e-9);
    near(&ours.directions[1], &reference["directions"][1], 1e-9);
    // Coordinates of up to 30.
    near(&ours.project(&x), &reference["projected"], 1e-8);
}
