//! What limits a check, in words.

use crate::array::Array;
use crate::comparison::{Comparison, Verdict};
use crate::derivative::Point;
use crate::differences::{Differences, TensorDifferences};
use crate::tolerance::{NUMERIC, Tolerances};

/// A list names this many places in full.
const NAMED: usize = 3;

/// Says so if the function is computed in single precision.
pub(crate) fn single_precision(Differences { loss, noise, .. }: &Differences) -> Option<String> {
    noise.is_clear.then(|| {
        format!(
            "the loss is computed in single precision, at least in part: its values are rounded to {:.0e} of {loss:.3e}, \
             while f64 is rounded to 1e-16. Differences use larger steps here and confirm less; compute the loss in f64",
            noise.size / loss.abs()
        )
    })
}

/// Says where differences cannot judge a gradient.
pub(crate) fn no_derivative(differences: &Differences) -> Vec<String> {
    let places = |describe: &dyn Fn(Point) -> Option<String>| {
        let places = differences.tensors.iter().flat_map(|tensor| {
            let points = tensor.derivatives.iter().enumerate();
            points.filter_map(|(i, derivative)| Some(tensor.place(i) + &describe(derivative.point)?))
        });
        listed(&places.collect::<Vec<_>>())
    };
    let jumps = places(&|point| match point {
        Point::Jump(change) => Some(format!(" by {change:.1e}")),
        _ => None,
    });
    let unsettled = places(&|point| (point == Point::Unsettled).then(String::new));

    let jumps = jumps.map(|places| format!("the function jumps at {places}: it has no derivative there"));
    let unsettled = unsettled.map(|places| {
        format!("central differences do not settle at {places}, whatever their step: nothing is judged there")
    });
    jumps.into_iter().chain(unsettled).collect()
}

/// Says which derivatives of a gradient stand at a kink: those between the slopes of both sides, and those that are not.
pub(crate) fn at_kinks(
    differences: &Differences,
    name: &str,
    gradient: &[Array],
    tolerances: &Tolerances,
) -> (Option<String>, Option<String>) {
    let (mut within, mut outside) = (Vec::new(), Vec::new());
    for tensor in &differences.tensors {
        let Some(slopes) = Array::find(gradient, &tensor.values.name).and_then(|array| tensor.slopes(array)) else {
            continue;
        };
        let tolerance = tolerances.tolerance(NUMERIC, &tensor.values.name);
        for (i, (left, right, error)) in kinks(tensor) {
            let slack = error.max(tolerance.relative * left.abs().max(right.abs()).max(tolerance.floor));
            let between = (left.min(right) - slack..=left.max(right) + slack).contains(&slopes[i]);
            let text = format!("{} (slopes {left:.6} and {right:.6}, {name} {:.6})", tensor.place(i), slopes[i]);
            if between { within.push(text) } else { outside.push(text) }
        }
    }
    let within = listed(&within).map(|places| {
        format!("the function has a kink at {places}; {name} lies between the slopes of the two sides, which is right")
    });
    let outside = listed(&outside).map(|places| {
        format!("the function has a kink at {places}; {name} is neither one of the slopes nor between them")
    });
    (within, outside)
}

/// Says which derivatives of a gradient are neither confirmed nor refused: close to a kink or a jump, a gradient may be that
/// of either side.
pub(crate) fn undecided(
    differences: &Differences,
    name: &str,
    gradient: &[Array],
    tolerances: &Tolerances,
) -> Option<String> {
    let mut places = Vec::new();
    for tensor in &differences.tensors {
        let Some(slopes) = Array::find(gradient, &tensor.values.name).and_then(|array| tensor.slopes(array)) else {
            continue;
        };
        let tolerance = tolerances.tolerance(NUMERIC, &tensor.values.name);
        for i in tensor.undecided(&slopes, tolerance) {
            let slope = tensor.derivatives[i].value;
            places.push(format!(
                "{} ({name} {:.6}, differences over small steps {slope:.6})",
                tensor.place(i),
                slopes[i]
            ));
        }
    }
    Some(format!(
        "{name} is neither confirmed nor refuted at {}: it agrees with differences over larger steps or on one side only, as \
         close to a kink or a step of the function. Check it at another point",
        listed(&places)?
    ))
}

/// The kinks of a tensor: index, slope from the left, slope from the right, and their error.
fn kinks(tensor: &TensorDifferences) -> impl Iterator<Item = (usize, (f64, f64, f64))> {
    let points = tensor.derivatives.iter().enumerate();
    points.filter_map(|(i, derivative)| match derivative.point {
        Point::Kink([left, right]) => Some((i, (left, right, derivative.error))),
        _ => None,
    })
}

/// Says about which tensors a comparison shows nothing, and what to do.
pub(crate) fn shows_nothing(comparison: &Comparison) -> Option<String> {
    let empty = comparison
        .tensors
        .iter()
        .filter(|tensor| tensor.verdict == Verdict::ShowsNothing);
    let describe = |tensor: &crate::comparison::TensorReport| match &tensor.worst {
        Some(worst) => format!(
            "{} (an error of {:.1e} is allowed, {} is {:.1e})",
            tensor.name,
            comparison.relative_tolerance * tensor.floor,
            worst.element,
            worst.tested.abs().max(worst.reference.abs()),
        ),
        None => tensor.name.clone(),
    };
    let places = listed(&empty.map(describe).collect::<Vec<_>>())?;
    let Comparison { tested, reference, .. } = comparison;
    Some(format!(
        "{tested} against {reference} shows nothing about {places}: rounding could be more than a fifth of each element. \
         Use f64, another point, or a smaller term size"
    ))
}

/// Names the elements that a comparison accepts although they differ by more than a fifth.
pub(crate) fn too_small(comparison: &Comparison) -> Option<String> {
    let elements = comparison.tensors.iter().flat_map(|tensor| &tensor.too_small);
    let places = listed(&elements.cloned().collect::<Vec<_>>())?;
    let Comparison { tested, reference, .. } = comparison;
    Some(format!(
        "{tested} and {reference} differ by more than a fifth at {places}, but these are so small beside the others that \
         rounding can be the reason: nothing is judged there"
    ))
}

/// A list of places, shortened. `None` if it is empty.
fn listed(places: &[String]) -> Option<String> {
    let rest = match places.len() {
        0 => return None,
        count if count > NAMED => format!(" and {} more", count - NAMED),
        _ => String::new(),
    };
    Some(places[..places.len().min(NAMED)].join(", ") + &rest)
}
