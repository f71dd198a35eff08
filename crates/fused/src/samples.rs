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
    features: usize,
    lanes: usize,
    widths: &'static [usize],
}

impl<T: Real> Samples<T> {
    /// Room for `count` samples. `widths` are the registers per tile that are allowed, widest first, the last one 1.
    pub(crate) fn new(count: usize, features: usize, lanes: usize, widths: &'static [usize]) -> Self {
        let columns = features + 1;
        let values = Aligned::zeros(count.div_ceil(lanes) * lanes * columns);
        Self { count, values, per_tile: widths[0] * lanes * columns, features, lanes, widths }
    }

    /// Writes the samples, in the order in which their places in x and labels are given.
    pub(crate) fn fill(&mut self, x: &[f64], labels: &[u8], mut places: impl Iterator<Item = usize>) {
        let (features, columns) = (self.features, self.features + 1);
        let mut free = &mut self.values[..];
        for rows in self.widths.iter().map(|width| width * self.lanes) {
            let (tiles, rest) = free.split_at_mut(free.len() / (rows * columns) * rows * columns);
            for tile in tiles.chunks_exact_mut(rows * columns) {
                for (i, place) in places.by_ref().take(rows).enumerate() {
                    for (j, &value) in x[place * features..][..features].iter().enumerate() {
                        tile[j * rows + i] = T::from_f64(value);
                    }
                    tile[features * rows + i] = T::from_f64(1.0 - 2.0 * f64::from(labels[place]));
                }
            }
            free = rest;
        }
    }
}
