//! Looks for values that become 0 in the float type that computes. It needs the split and the scaling, so it runs after the
//! other checks.

use super::checks::abbreviated;
use super::report::{Finding, FindingKind};
use crate::float_type::{FloatType, Misfits, Value};
use crate::text::{grouped, one_line, plural};

/// The finding about values that become 0. `standardised` says whether inputs are standardised first, `place` where a value is,
/// and `ways_out` what would keep the values.
pub(crate) fn underflow(
    misfits: &Misfits,
    names: &[String],
    float_type: FloatType,
    standardised: bool,
    place: impl Fn(&Value) -> String,
    ways_out: impl FnOnce() -> Option<String>,
) -> Option<Finding> {
    if misfits.has_no_underflow() {
        return None;
    }

    let (mut columns, mut descriptions) = (Vec::new(), Vec::new());
    for (name, (count, first)) in names.iter().zip(&misfits.underflows) {
        if let Some(first) = first {
            let values = plural(*count, "value");
            descriptions.push(format!("{name} ({} {values}, for example at {})", grouped(*count), place(first)));
            columns.push(name.clone());
        }
    }

    let [_, smallest] = float_type.limits();
    let ways_out = ways_out().map_or_else(String::new, |ways| format!("; {ways} would keep them"));
    let values = if standardised { "after standardisation, some values" } else { "some values" };
    let sentence = format!(
        "{values} are smaller than {smallest}, the smallest number of {float_type}, and become 0: {}{ways_out}",
        abbreviated(&descriptions)
    );
    Some(Finding { kind: FindingKind::Underflow, columns, sentence: one_line(&sentence) })
}
