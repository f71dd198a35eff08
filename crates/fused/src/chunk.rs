//! A run of consecutive samples, and the memory that a thread needs to go through it.

use std::ops::{AddAssign, Range};

use pulp::{Simd, WithSimd};

use crate::aligned::Aligned;
use crate::network::Parameters;
use crate::real::Real;
use crate::{narrow, wide};

/// Which pass a network goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Narrow,
    Wide,
}

/// What a pass is to find out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// The derivatives.
    pub(crate) gradient: bool,
    /// Loss and predictions.
    pub(crate) evaluation: bool,
}

/// A run of samples, and what came out.
#[derive(Clone, Debug)]
pub(crate) struct Chunk<T> {
    /// Its numbers within those of all samples.
    pub(crate) values: Range<usize>,
    /// The sums of derivatives, in the order of [`Parameters`].
    pub(crate) gradient: Vec<T>,
    pub(crate) tally: Tally,
}

/// The memory in which a thread works. It is the thread's and not the chunk's, so that it stays in the thread's caches.
#[derive(Clone, Debug)]
pub(crate) struct Scratch<T> {
    /// a1 of the hidden units over a tile.
    pub(crate) activations: Aligned<T>,
    /// The sums of derivatives, one per lane.
    pub(crate) sums: Aligned<T>,
}

/// What is counted over samples.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// The sum of losses.
    pub(crate) loss: f64,
    /// How many samples are predicted right, less how many are predicted wrong.
    pub(crate) lead: f64,
}

impl AddAssign for Tally {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        self.loss += other.loss;
        self.lead += other.lead;
    }
}

/// The pass over a chunk, for the gradient, the loss or both.
pub(crate) struct Run<'a, T> {
    pub(crate) method: Method,
    pub(crate) task: Task,
    pub(crate) parameters: &'a Parameters<T>,
    pub(crate) samples: &'a [T],
    pub(crate) chunk: &'a mut Chunk<T>,
    pub(crate) scratch: &'a mut Scratch<T>,
}

impl<T: Real> WithSimd for Run<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { method, task, parameters, samples, chunk, scratch } = self;
        let samples = &samples[chunk.values.clone()];
        chunk.tally = match method {
            Method::Narrow => narrow::pass::<S, T>(simd, task, parameters, T::registers::<S>(samples), chunk, scratch),
            Method::Wide => wide::pass::<S, T>(simd, task, parameters, samples, chunk, scratch),
        };
    }
}
