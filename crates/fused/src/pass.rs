//! The pass over all samples: which method, how many chunks, how many threads.
//!
//! The samples are cut into chunks whose number depends on the sizes alone, and the chunks' sums are added in their order:
//! the result has the same bits for any number of threads. Small problems are a single chunk on the calling thread.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use crate::aligned::Aligned;
use crate::chunk::{Chunk, Method, Run, Scratch, Tally, Task};
use crate::level::Level;
use crate::network::{Parameters, Shape};
use crate::real::Real;
use crate::samples::Samples;
use crate::{narrow, wide};

/// Features times hidden units from which on matrix products are faster, where both are at least [`LEAST_SIDE`]. Measured;
/// `docs/fused.md` has the figures.
const WIDE: usize = 4_096;
const LEAST_SIDE: usize = 32;
/// Multiplications, or so, that a chunk is worth, and samples that it should have, lest adding up its sums take longer
/// than finding them: some 5 microseconds.
const CHUNK_WORK: usize = 1 << 18;
const CHUNK_SAMPLES: usize = 256;
/// More would gain nothing on the processors of today.
const MOST_CHUNKS: usize = 64;
/// Bytes that the chunks' sums may take together, and those of few chunks of a large network, and what threads work in.
const MEMORY: usize = 2 << 20;
const FEW_CHUNKS: usize = 8;
const MEMORY_OF_FEW: usize = 64 << 20;

/// A network's way over a set of samples, forwards and backwards, with the memory that it needs.
#[derive(Clone, Debug)]
pub struct Pass<T> {
    level: Level,
    method: Method,
    samples: Samples<T>,
    chunks: Vec<Chunk<T>>,
    /// One for each thread that has taken part, the calling one first.
    scratch: Vec<Scratch<T>>,
    gradient: Parameters<T>,
}

/// How good a network is on the samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation {
    /// The mean cross-entropy.
    pub loss: f64,
    /// How many samples are predicted right, the prediction being 1 where the logit is above 0.
    pub correct: usize,
}

impl<T: Real> Pass<T> {
    /// Takes samples, row after row, with labels of 0 or 1, for networks of a shape.
    ///
    /// # Panics
    /// When x does not hold `shape.features` numbers for each label, or there is no sample.
    pub fn new(shape: Shape, x: &[f64], labels: &[u8], level: Level) -> Self {
        assert_eq!(x.len(), shape.features * labels.len(), "x must be samples times features");
        let mut pass = Self::with_room(shape, labels.len(), level);
        pass.samples.fill(x, labels, 0..labels.len());
        pass
    }

    /// Room for a number of samples, to be filled by [`Pass::take`]: until then they count nothing.
    ///
    /// # Panics
    /// When there is no sample or no feature.
    pub fn with_room(shape: Shape, samples: usize, level: Level) -> Self {
        assert!(samples > 0 && shape.features > 0, "there must be a sample and a feature");
        let Shape { features, hidden } = shape;
        let wide = features.min(hidden) >= LEAST_SIDE && features * hidden >= WIDE;
        let method = if wide { Method::Wide } else { Method::Narrow };
        let lanes = level.lanes::<T>();
        let (widths, sums) = match method {
            Method::Narrow => (&narrow::WIDTHS[..], narrow::sums(shape.parameters())),
            Method::Wide => (&wide::WIDTHS[..], wide::sums(hidden)),
        };
        let count = samples;
        let samples = Samples::new(count, features, lanes, widths);
        let scratch = Scratch {
            activations: Aligned::zeros(hidden * widths[0] * lanes),
            sums: Aligned::zeros(sums * lanes),
        };
        let memory = shape.parameters() * size_of::<T>();
        let work = count.saturating_mul(hidden * (2 * features + 20));
        let chunks = (work / CHUNK_WORK)
            .min(count / CHUNK_SAMPLES)
            .min((MEMORY / memory).max(FEW_CHUNKS.min(MEMORY_OF_FEW / memory)))
            .clamp(1, MOST_CHUNKS);
        let chunk = |values| Chunk { values, gradient: vec![T::zeroed(); shape.parameters()], tally: Tally::default() };
        let chunks = cut(samples.values.len(), samples.per_tile, chunks)
            .into_iter()
            .map(chunk)
            .collect();
        Self { level, method, samples, chunks, scratch: vec![scratch], gradient: Parameters::zeros(shape) }
    }

    /// How many chunks the samples are cut into: no more threads than this work on them.
    pub fn chunks(&self) -> usize {
        self.chunks.len()
    }

    /// Bytes that the chunks' gradients take, beside the samples themselves.
    pub fn chunk_memory(&self) -> usize {
        self.chunks.iter().map(|chunk| size_of_val(&chunk.gradient[..])).sum()
    }

    /// Takes other samples in the place of those it has: the rows of x, with their labels, that stand at the given places.
    ///
    /// # Panics
    /// When there are more or fewer places than samples before, or a place beyond the rows.
    pub fn take(&mut self, x: &[f64], labels: &[u8], places: &[usize]) {
        assert_eq!(places.len(), self.samples.count, "as many samples must come as go");
        self.samples.fill(x, labels, places.iter().copied());
    }

    /// The gradient of mean cross-entropy plus `weight_decay / 2` times the sum of squared weights.
    ///
    /// # Panics
    /// When the parameters belong to another shape.
    pub fn gradient(&mut self, parameters: &Parameters<T>, weight_decay: f64) -> &Parameters<T> {
        T::run(self, parameters, Task { gradient: true, evaluation: false }, weight_decay);
        &self.gradient
    }

    /// The mean cross-entropy and the gradient in one pass.
    ///
    /// # Panics
    /// When the parameters belong to another shape.
    pub fn evaluation_and_gradient(
        &mut self,
        parameters: &Parameters<T>,
        weight_decay: f64,
    ) -> (Evaluation, &Parameters<T>) {
        let evaluation = T::run(self, parameters, Task { gradient: true, evaluation: true }, weight_decay);
        (evaluation, &self.gradient)
    }

    /// The mean cross-entropy and the predictions.
    ///
    /// # Panics
    /// When the parameters belong to another shape.
    pub fn evaluate(&mut self, parameters: &Parameters<T>) -> Evaluation {
        T::run(self, parameters, Task { gradient: false, evaluation: true }, 0.0)
    }

    /// A step of gradient descent: every parameter less `learning_rate` times its derivative.
    ///
    /// # Panics
    /// When the parameters belong to another shape.
    pub fn step(&mut self, parameters: &mut Parameters<T>, learning_rate: f64, weight_decay: f64) {
        self.gradient(parameters, weight_decay);
        T::descend(parameters, &self.gradient, learning_rate);
    }
}

/// Goes through all samples. What the task leaves out keeps the value it had, or means nothing.
pub(crate) fn run<T: Real>(
    pass: &mut Pass<T>,
    parameters: &Parameters<T>,
    task: Task,
    weight_decay: f64,
) -> Evaluation {
    assert_eq!(parameters.shape(), pass.gradient.shape(), "the parameters must belong to the shape of the pass");
    let Pass { level, method, samples, chunks, scratch, gradient } = pass;
    let bytes = (scratch[0].activations.len() + scratch[0].sums.len()) * size_of::<T>();
    let threads = match chunks.len() {
        1 => 1, // without asking rayon, which would start its threads
        several => several.min(rayon::current_num_threads()).min(MEMORY_OF_FEW / bytes).max(1),
    };
    while scratch.len() < threads {
        scratch.push(scratch[0].clone());
    }
    on_all_threads(chunks, &mut scratch[..threads], |chunk, scratch| {
        let samples = &samples.values;
        level.dispatch(Run { method: *method, task, parameters, samples, chunk, scratch });
    });
    if task.gradient {
        collect(gradient, chunks, parameters, samples.count, weight_decay);
    }
    let mut total = Tally::default();
    chunks.iter().for_each(|chunk| total += chunk.tally);
    let count = samples.count as f64;
    Evaluation { loss: total.loss / count, correct: ((count + total.lead) / 2.0) as usize }
}

/// Calls f with each chunk, on this thread and those of rayon's pool, as many as there is scratch memory for.
///
/// The calling thread begins at once and takes whatever is left, where rayon's own iterators would have it sleep until the
/// pool has woken up and is done: that costs 30 microseconds here.
fn on_all_threads<C: Send, S: Send>(chunks: &mut [C], scratch: &mut [S], f: impl Fn(&mut C, &mut S) + Sync) {
    let [own, others @ ..] = scratch else {
        unreachable!("the calling thread has its own")
    };
    if others.is_empty() {
        return chunks.iter_mut().for_each(|chunk| f(chunk, own));
    }
    let queue = Mutex::new(chunks.iter_mut());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = |scratch: &mut S| {
        while let Some(chunk) = next() {
            f(chunk, scratch);
        }
    };
    rayon::in_place_scope(|scope| {
        for scratch in others {
            scope.spawn(|_| work(scratch));
        }
        work(own);
    });
}

/// Adds the chunks' sums, multiplies in what is the same for all samples, and adds the penalty.
fn collect<T: Real>(
    gradient: &mut Parameters<T>,
    chunks: &[Chunk<T>],
    parameters: &Parameters<T>,
    samples: usize,
    weight_decay: f64,
) {
    let [first, others @ ..] = chunks else {
        unreachable!("there is a chunk")
    };
    let total = gradient.values_mut();
    total.copy_from_slice(&first.gradient);
    for chunk in others {
        for (sum, part) in total.iter_mut().zip(&chunk.gradient) {
            *sum = *sum + *part;
        }
    }
    let (mean, decay) = (T::from_f64(1.0 / samples as f64), T::from_f64(weight_decay));
    let decayed = |derivative: T, weight: T| {
        // Without a penalty not even 0 times a weight, which may be infinite.
        if weight_decay == 0.0 { derivative } else { derivative + decay * weight }
    };
    for (sums, unit) in total.chunks_exact_mut(parameters.shape().per_unit()).zip(parameters.units()) {
        let ([dw1 @ .., db1, dw2], [w1 @ .., _, w2]) = (sums, unit) else {
            unreachable!("b1 and w2 come last")
        };
        let factor = *w2 * mean;
        dw1.iter_mut()
            .zip(w1)
            .for_each(|(sum, &weight)| *sum = decayed(*sum * factor, weight));
        *db1 = *db1 * factor;
        *dw2 = decayed(*dw2 * mean, *w2);
    }
    if let Some(db2) = total.last_mut() {
        *db2 = *db2 * mean;
    }
}

/// Every parameter less the rate times its derivative.
pub(crate) fn descend<T: Real>(parameters: &mut Parameters<T>, gradient: &Parameters<T>, learning_rate: f64) {
    let rate = T::from_f64(learning_rate);
    for (value, derivative) in parameters.values_mut().iter_mut().zip(gradient.values()) {
        *value = *value - rate * *derivative;
    }
}

/// Ranges of about equal length that start where a tile starts.
fn cut(len: usize, per_tile: usize, parts: usize) -> Vec<Range<usize>> {
    let tiles = len.div_ceil(per_tile);
    let step = tiles.div_ceil(parts) * per_tile;
    (0..len).step_by(step).map(|start| start..len.min(start + step)).collect()
}
