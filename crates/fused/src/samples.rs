//! The samples in the memory layout that the kernels read.
//!
//! ```text
//! a tile of 64 samples:   x[.., 0]  x[.., 1]  ..  x[.., d - 1]  sign        64 numbers each
//! the next tile:          ..
//! ```
//!
//! The samples are stored in tiles. A tile holds a few registers of samples, column by column: a register holds one feature
//! of consecutive samples, and a pass reads the memory from front to back. The samples that do not fill a wide tile go
//! into narrower tiles, down to a single register. The last register is padded with zeros.
//!
//! sign is 1 - 2 y: 1 for label 0, -1 for label 1, and 0 for a padded lane. A padded lane adds nothing to any sum, because
//! everything that it would add is multiplied by its sign.

use crate::aligned::AlignedVec;
use crate::simd_float::SimdFloat;

#[derive(Clone, Debug)]
pub(crate) struct Samples<T> {
    /// The number of samples, without the padding.
    pub(crate) count: usize,
    /// All tiles.
    pub(crate) values: AlignedVec<T>,
    /// The length of the widest tile in `values`.
    pub(crate) tile_len: usize,
    features: usize,
    lanes: usize,
    tile_widths: &'static [usize],
}

impl<T: SimdFloat> Samples<T> {
    /// Memory for `count` samples.
    ///
    /// `tile_widths` are the allowed widths of a tile in registers, the widest first. The last one must be 1.
    pub(crate) fn with_capacity(count: usize, features: usize, lanes: usize, tile_widths: &'static [usize]) -> Self {
        let columns = features + 1;
        let values = AlignedVec::zeros(count.div_ceil(lanes) * lanes * columns);
        Self { count, values, tile_len: tile_widths[0] * lanes * columns, features, lanes, tile_widths }
    }

    /// Writes the rows of x with these indices, and their labels, in the order of the indices.
    pub(crate) fn load(&mut self, x: &[f64], labels: &[u8], mut indices: impl Iterator<Item = usize>) {
        let (features, columns) = (self.features, self.features + 1);
        let mut unused = &mut self.values[..];
        for rows in self.tile_widths.iter().map(|width| width * self.lanes) {
            let tile_len = rows * columns;
            let (tiles, rest) = unused.split_at_mut(unused.len() / tile_len * tile_len);
            for tile in tiles.chunks_exact_mut(tile_len) {
                for (i, index) in indices.by_ref().take(rows).enumerate() {
                    for (j, &value) in x[index * features..][..features].iter().enumerate() {
                        tile[j * rows + i] = T::from_f64(value);
                    }
                    tile[features * rows + i] = T::from_f64(1.0 - 2.0 * f64::from(labels[index]));
                }
            }
            unused = rest;
        }
    }
}
