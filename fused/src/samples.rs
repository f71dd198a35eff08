//! The samples in the order that the passes read them in.
//!
//! ```text
//! tile of 64 samples, say:   x[.., 0]  x[.., 1]  ..  x[.., d - 1]  sign        64 numbers each
//! next tile:                 ..
//! ```
//!
//! A tile is a few registers of samples, column by column, so that a register holds one feature of consecutive samples
//! and a pass reads the memory from front to back. What does not fill a wide tile goes into narrower ones, down to a
//! single register, the last of which is filled up with zeros.
//!
//! sign is 1 - 2 y: 1 for label 0, -1 for label 1, and 0 for a lane without a sample, which takes part in no sum because
//! everything it would add is multiplied by its sign.

use crate::aligned::Aligned;
use crate::real::Real;

#[derive(Clone, Debug)]
pub(crate) struct Samples<T> {
    /// How many, without the lanes that fill up.
    pub(crate) count: usize,
    /// All tiles.
    pub(crate) values: Aligned<T>,
    /// The numbers in a tile of the widest kind.
    pub(crate) per_tile: usize,
}

impl<T: Real> Samples<T> {
    /// `widths` are the registers per tile that are allowed, widest first, the last one 1.
    pub(crate) fn new(x: &[f64], labels: &[u8], features: usize, lanes: usize, widths: &[usize]) -> Self {
        let columns = features + 1;
        let count = labels.len();
        let mut values = Aligned::zeros(count.div_ceil(lanes) * lanes * columns);
        let (mut free, mut first) = (&mut values[..], 0);
        for rows in widths.iter().map(|width| width * lanes) {
            let (tiles, rest) = free.split_at_mut(free.len() / (rows * columns) * rows * columns);
            for tile in tiles.chunks_exact_mut(rows * columns) {
                let samples = first..count.min(first + rows);
                fill(tile, rows, &x[samples.start * features..samples.end * features], &labels[samples]);
                first += rows;
            }
            free = rest;
        }
        Self { count, values, per_tile: widths[0] * lanes * columns }
    }
}

/// Writes samples into a tile with room for `rows`.
fn fill<T: Real>(tile: &mut [T], rows: usize, x: &[f64], labels: &[u8]) {
    let features = x.len() / labels.len();
    for (i, (row, &label)) in x.chunks_exact(features).zip(labels).enumerate() {
        for (j, &value) in row.iter().enumerate() {
            tile[j * rows + i] = T::from_f64(value);
        }
        tile[features * rows + i] = T::from_f64(1.0 - 2.0 * f64::from(label));
    }
}
