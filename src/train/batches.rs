//! Chooses the samples of each update when training uses mini-batches.
//!
//! ```text
//! order of epoch e  = numpy.random.RandomState([seed, e]).permutation(m)
//! update t          uses order[k b .. (k + 1) b] of epoch t div n, k = t mod n, n = ceil(m / b)
//! ```
//!
//! with m samples, batches of b samples, and updates t counted from 0.
//!
//! Every epoch uses each sample once. Its last batch may be smaller. The order of an epoch depends only on the seed and the
//! epoch's number, so that training can resume from any update.

use std::ops::Range;

use super::Settings;
use crate::data::numpy::RandomState;

/// The batches of all epochs, as indices of samples. The learner gathers the samples themselves.
#[derive(Clone, Debug)]
pub(super) struct Batches {
    samples: usize,
    size: usize,
    seed: u32,
}

impl Batches {
    /// The batches that the settings request. `None` means that every update uses all samples.
    pub(super) fn new(settings: &Settings, samples: usize) -> Option<Self> {
        let size = settings.batch_size?.get();
        (size < samples).then_some(Self { samples, size, seed: settings.seed })
    }

    /// The batch of an update, counted from 0: its epoch, and its range in that epoch's order.
    pub(super) fn at(&self, update: usize) -> (usize, Range<usize>) {
        let per_epoch = self.samples.div_ceil(self.size);
        let first = update % per_epoch * self.size;
        (update / per_epoch, first..self.samples.min(first + self.size))
    }

    /// The indices of the samples in the order of an epoch.
    pub(super) fn order(&self, epoch: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.samples).collect();
        // The epoch fits u32, because there are at most 2^30 updates.
        RandomState::with_key(&[self.seed, epoch as u32]).shuffle(&mut order);
        order
    }

    /// The two batch sizes that occur: that of most batches, and that of an epoch's last batch.
    pub(super) fn sizes(&self) -> [usize; 2] {
        [self.size, (self.samples - 1) % self.size + 1]
    }
}
