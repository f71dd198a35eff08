//! A chunk of consecutive samples, and the memory that a thread needs to process it.

use std::ops::{AddAssign, Range};

use crate::aligned::AlignedVec;

/// Which results a pass computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outputs {
    pub(crate) gradient: bool,
    /// The loss and the number of correct predictions.
    pub(crate) evaluation: bool,
}

/// A chunk of samples and its results.
#[derive(Clone, Debug)]
pub(crate) struct Chunk<T> {
    /// The part of [`crate::samples::Samples::values`] that belongs to this chunk.
    pub(crate) range: Range<usize>,
    /// The sums of derivatives, in the order of [`crate::Parameters`].
    pub(crate) gradient: Vec<T>,
    pub(crate) totals: Totals,
}

/// The working memory of a thread. It belongs to the thread and not to the chunk, so that it stays in the caches.
#[derive(Clone, Debug)]
pub(crate) struct Scratch<T> {
    /// a1 of all hidden units for one tile of samples.
    pub(crate) activations: AlignedVec<T>,
    /// The sums of derivatives, one per lane.
    pub(crate) sums: AlignedVec<T>,
}

/// Sums over samples.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    /// The sum of the losses.
    pub(crate) loss: f64,
    /// The number of correct predictions minus the number of wrong ones.
    pub(crate) correct_minus_wrong: f64,
}

impl AddAssign for Totals {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        self.loss += other.loss;
        self.correct_minus_wrong += other.correct_minus_wrong;
    }
}
