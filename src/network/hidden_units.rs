//! Hidden units that cannot learn what others learn: equal ones and idle ones.
//!
//! ```text
//! equal   two units with the same column of w1, the same b1 and the same w2: their gradients are the same too
//! idle    a unit with a1 = 0 for every sample, and with w2 = 0 or f'(0) = 0: its gradient is 0
//! ```
//!
//! Each formula of the gradient of a unit contains nothing of other units except through dz2, which all share
//! ([`super::gradients::manual`]). So equal units stay equal after every update. A unit of relu that is 0 for every sample is
//! called dead.
//!
//! Not covered: units that are equal up to their sign. With tanh and with the identity they have the same effect.

use std::collections::BTreeMap;

use super::Parameters;
use crate::data::Dataset;

/// The groups of two or more hidden units that are equal, by their indices.
pub fn equal_units(parameters: &Parameters) -> Vec<Vec<usize>> {
    let Parameters { features, hidden, w1, b1, w2, .. } = parameters;
    let mut groups = BTreeMap::<Vec<u64>, Vec<usize>>::new();
    for k in 0..*hidden {
        let column = (0..*features).map(|j| w1[j * hidden + k]);
        let numbers = column.chain([b1[k], w2[k]]);
        let key = numbers.map(|number| (number + 0.0).to_bits()).collect(); // 0 and -0 are equal
        groups.entry(key).or_default().push(k);
    }
    let mut groups: Vec<_> = groups.into_values().filter(|units| units.len() > 1).collect();
    groups.sort();
    groups
}

/// The indices of hidden units whose gradient is 0: idle ones.
pub fn idle_units(parameters: &Parameters, data: &Dataset) -> Vec<usize> {
    let Parameters { features, hidden, activation, w1, b1, w2, .. } = parameters;
    let is_flat_at_zero = activation.derivative_at(0.0) == 0.0;
    let is_zero = |k: usize, row: &[f64]| {
        let z1 = (0..*features).fold(b1[k], |z1, j| z1 + row[j] * w1[j * hidden + k]);
        activation.value_at(z1) == 0.0
    };
    let candidates = (0..*hidden).filter(|&k| is_flat_at_zero || w2[k] == 0.0);
    candidates.filter(|&k| data.rows().all(|row| is_zero(k, row))).collect()
}
