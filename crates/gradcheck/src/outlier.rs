//! Which of several gradients is wrong, and where its error starts.

use crate::comparison::Comparison;
use crate::tolerance::NUMERIC;

/// Two gradients have different distances from the central differences only if one is this many times the other. A
/// smaller ratio may come from the rounding noise of the differences.
const CLEAR_RATIO: f64 = 4.0;

/// The name of the gradient that is most likely wrong: the one that takes part in every failed comparison.
///
/// Two gradients do so when only their own comparison failed, because no third gradient is precise enough to decide.
/// Then the wrong one is the one that is clearly farther from the central differences, if there is one.
pub(crate) fn find(comparisons: &[Comparison]) -> Option<String> {
    let failed: Vec<&Comparison> = comparisons.iter().filter(|comparison| !comparison.passed()).collect();
    let in_every_failure =
        |name: &str| failed.iter().all(|failure| failure.tested == name || failure.reference == name);

    let first = failed.first()?;
    match (in_every_failure(&first.tested), in_every_failure(&first.reference)) {
        (true, true) if first.reference != NUMERIC => {
            farther_from_differences(comparisons, &first.tested, &first.reference)
        }
        (true, _) => Some(first.tested.clone()),
        (false, true) => Some(first.reference.clone()),
        (false, false) => None,
    }
}

/// Of two gradients that both agree with the differences, the one that is clearly farther from them.
fn farther_from_differences(comparisons: &[Comparison], a: &str, b: &str) -> Option<String> {
    let distance = |name: &str| {
        let with_differences = |comparison: &&Comparison| comparison.tested == name && comparison.reference == NUMERIC;
        let tensors = comparisons
            .iter()
            .filter(with_differences)
            .flat_map(|comparison| &comparison.tensors);
        let errors = tensors.filter_map(|tensor| Some(tensor.worst.as_ref()?.relative));
        errors.fold(0.0, f64::max)
    };
    let (distance_a, distance_b) = (distance(a), distance(b));
    if distance_b > CLEAR_RATIO * distance_a {
        Some(b.into())
    } else if distance_a > CLEAR_RATIO * distance_b {
        Some(a.into())
    } else {
        None
    }
}

/// Names the first tensor of a wrong gradient that differs, in the order in which the gradient lists its tensors.
pub(crate) fn first_to_differ(comparisons: &[Comparison], wrong: &str) -> Option<String> {
    let comparison = comparisons
        .iter()
        .find(|comparison| comparison.tested == wrong && !comparison.passed())?;
    let first = comparison.tensors.iter().position(|tensor| !tensor.passed)?;

    let before: Vec<&str> = comparison.tensors[..first].iter().map(|tensor| &tensor.name[..]).collect();
    let agreeing = if before.is_empty() {
        String::new()
    } else {
        format!("; {} agree", before.join(", "))
    };
    Some(format!("in {wrong}, the first to differ is {}{agreeing}", comparison.tensors[first].name))
}
