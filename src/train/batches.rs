//! Which samples go into which update, where an update takes some of them only.
//!
//! ```text
//! order of epoch e  = numpy.random.RandomState([seed, e]).permutation(m)
//! update t          takes order[k b .. (k + 1) b] of epoch t div n, k = t mod n, n = ceil(m / b)
//! ```
//!
//! Every epoch goes through all samples once; its last batch has what is left. The order of an epoch follows from its number
//! alone, so that training can go on from any update.
//!
//! Leaves out: the samples. Whoever computes gathers them.

use std::ops::Range;

use super::Settings;
use crate::data::numpy::RandomState;

/// The batches of all epochs.
#[derive(Clone, Debug)]
pub(super) struct Batches {
    samples: usize,
    size: usize,
    seed: u32,
}

impl Batches {
    /// The batches that the settings ask for; none where every update takes all samples.
    pub(super) fn new(settings: &Settings, samples: usize) -> Option<Self> {
        let size = settings.batch_size?.get();
        (size < samples).then_some(Self { samples, size, seed: settings.seed })
    }

    /// The epoch of the update that follows on `update` others, and its places in that epoch's order.
    pub(super) fn at(&self, update: usize) -> (usize, Range<usize>) {
        let per_epoch = self.samples.div_ceil(self.size);
        let first = update % per_epoch * self.size;
        (update / per_epoch, first..self.samples.min(first + self.size))
    }

    /// The samples in the order of an epoch.
    pub(super) fn order(&self, epoch: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.samples).collect();
        // There are at most 2^30 updates.
        RandomState::with_key(&[self.seed, epoch as u32]).shuffle(&mut order);
        order
    }

    /// The numbers of samples that batches have: the usual one, and that of an epoch's last.
    pub(super) fn sizes(&self) -> [usize; 2] {
        [self.size, (self.samples - 1) % self.size + 1]
    }
}
