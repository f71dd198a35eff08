//! Rows of raw inputs at which an exported model is compared with Petal.
//!
//! Rounding changes the logit, and d sigmoid(z) / dz = p (1 - p) is largest at p = 1/2. So up to a third of the rows are on
//! the decision boundary. Random rows of many inputs are rarely near it.

use crate::data::InputRanges;
use crate::data::numpy::RandomState;
use crate::data::schema::Schema;
use crate::files::model_file::ModelFile;
use crate::network::Activation;

/// How far the rows go beyond the range of the training rows, as a part of its width.
pub const BEYOND: f64 = 0.25;
/// tanh(20) and the sigmoid of 40 are 1 in f64.
const TANH_IS_1: f64 = 20.0;
const SIGMOID_IS_1: f64 = 40.0;
/// The number of times the distance to the decision boundary is halved. Then the row is next to it in f64, unless an input is
/// much nearer to 0 than to both ends of its range.
const HALVINGS: usize = 60;

/// Where the rows are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// Everywhere in the ranges.
    Ranges,
    /// Where single inputs do not yet saturate a hidden unit. A range that one large value stretches has almost no rows there,
    /// and elsewhere tanh is 1 or -1, and the sigmoid 1 or 0, without any rounding. For other activation functions it is the
    /// same as `Ranges`.
    Active,
}

/// Rows that are spread over a region of the ranges and a little beyond, and rows on the decision boundary between them.
///
/// The first row is the centre. Of the others, one in eight is a corner. The categories of a row are random. Rows come in
/// pairs with the same categories; if the model predicts different classes for the two, the row on the boundary between
/// them is added.
///
/// # Shapes
/// The result is `[m, d]` row by row, with m from `2 pairs` to `3 pairs`.
pub fn spread(model: &ModelFile, ranges: &InputRanges, region: Region, pairs: usize) -> Vec<f64> {
    let random = &mut RandomState::new(0);
    let [mut first, mut second] = [Vec::new(), Vec::new()];
    for pair in 0..pairs {
        let categories = categories(&model.metadata.schema, random);
        let active = (region == Region::Active).then(|| active(model, ranges, pair % model.parameters.hidden));
        let InputRanges { min, max } = active.as_ref().unwrap_or(ranges);
        for (side, rows) in [&mut first, &mut second].into_iter().enumerate() {
            for (i, category) in categories.iter().enumerate() {
                let part = match (pair, side) {
                    (0, 0) => 0.5,
                    _ if pair.is_multiple_of(8) => random.uniform().round(),
                    _ => random.uniform(),
                };
                let part = part * (1.0 + 2.0 * BEYOND) - BEYOND;
                let value = min[i] * (1.0 - part) + max[i] * part;
                rows.push(category.unwrap_or(value.clamp(f64::MIN, f64::MAX)));
            }
        }
    }
    let boundary = boundary(model, &first, &second);
    [first, second, boundary].concat()
}

/// The part of the ranges in which |x w1[i][unit]| is at most [`TANH_IS_1`] + |b1[unit]| for each scaled input x. An input whose
/// range has no such part keeps its range.
fn active(model: &ModelFile, ranges: &InputRanges, unit: usize) -> InputRanges {
    let parameters = &model.parameters;
    let mut active = ranges.clone();
    let saturated = match parameters.activation {
        Activation::Tanh => TANH_IS_1,
        Activation::Sigmoid => SIGMOID_IS_1,
        Activation::Relu | Activation::Identity => return active,
    };
    for (i, (min, max)) in active.min.iter_mut().zip(&mut active.max).enumerate() {
        let scaling = model.metadata.scaling.as_ref();
        let (mean, deviation) = scaling.map_or((0.0, 1.0), |scaling| (scaling.mean[i], scaling.deviation[i]));
        let weight = parameters.w1[i * parameters.hidden + unit].abs();
        let distance = (saturated + parameters.b1[unit].abs()) / weight * deviation;
        let (low, high) = (min.max(mean - distance), max.min(mean + distance));
        if low <= high {
            (*min, *max) = (low, high);
        }
    }
    active
}

/// For each input of a row, the number of a random category, or `None` if the input is a number of the table.
fn categories(schema: &Schema, random: &mut RandomState) -> Vec<Option<f64>> {
    let mut inputs = Vec::new();
    for column in &schema.columns {
        let chosen = (random.uniform() * column.width() as f64) as usize;
        let category = |i| column.categories.as_ref().map(|_| f64::from(u8::from(i == chosen)));
        inputs.extend((0..column.width()).map(category));
    }
    inputs
}

/// Where the probability crosses 1/2 between each two rows with different classes. Found by halving the distance.
fn boundary(model: &ModelFile, first: &[f64], second: &[f64]) -> Vec<f64> {
    let features = model.parameters.features;
    let above_half = |x: &[f64]| model.logits(x).into_iter().map(|logit| logit > 0.0).collect::<Vec<_>>();
    // A row below the boundary and a row above it, for each pair whose classes differ.
    let (mut below, mut above) = (Vec::<f64>::new(), Vec::<f64>::new());
    let pairs = first.chunks_exact(features).zip(second.chunks_exact(features));
    for ((a, b), classes) in pairs.zip(above_half(first).into_iter().zip(above_half(second))) {
        match classes {
            (false, true) => (below.extend(a), above.extend(b)),
            (true, false) => (below.extend(b), above.extend(a)),
            _ => continue,
        };
    }

    for _ in 0..HALVINGS {
        let middle: Vec<f64> = below.iter().zip(&above).map(|(a, b)| a / 2.0 + b / 2.0).collect();
        for (row, is_above) in above_half(&middle).into_iter().enumerate() {
            let row = row * features..(row + 1) * features;
            let replaced = if is_above { &mut above } else { &mut below };
            replaced[row.clone()].copy_from_slice(&middle[row]);
        }
    }
    below
}
