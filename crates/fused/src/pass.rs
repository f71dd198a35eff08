//! The pass over all samples. It chooses the kernel, the number of chunks and the number of threads.
//!
//! The number of chunks depends only on the sizes of the problem, and the results of the chunks are added in their order.
//! So the result has the same bits for any number of threads. A small problem is a single chunk on the calling thread.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use pulp::Simd;

use crate::activation::{Activation, HiddenActivation, Operation};
use crate::aligned::AlignedVec;
use crate::chunk::{Chunk, Outputs, Scratch, Totals};
use crate::network::{Network, Parameters, Shape};
use crate::samples::Samples;
use crate::simd_float::SimdFloat;
use crate::simd_level::SimdLevel;
use crate::{narrow, wide};

/// The wide kernel is faster if the features times the hidden units are at least this, and both are at least
/// [`WIDE_MIN_SIDE`]. Measured: see `docs/fused.md`.
const WIDE_MIN_PRODUCT: usize = 4_096;
const WIDE_MIN_SIDE: usize = 32;

/// The minimum of multiplications in a chunk (an estimate, about 5 microseconds) and of samples. In a smaller chunk, adding
/// its sums to the others would take longer than computing them.
const MIN_CHUNK_WORK: usize = 1 << 18;
const MIN_CHUNK_SAMPLES: usize = 256;

/// More chunks would gain nothing on current processors.
const MAX_CHUNKS: usize = 64;

/// The maximum bytes of the gradients of all chunks. A large network may exceed it: up to [`LARGE_NETWORK_CHUNKS`] chunks
/// may take up to [`LARGE_NETWORK_MEMORY`].
const CHUNK_MEMORY: usize = 2 << 20;
const LARGE_NETWORK_CHUNKS: usize = 8;
const LARGE_NETWORK_MEMORY: usize = 64 << 20;

/// The maximum bytes of the working memory of all threads.
const SCRATCH_MEMORY: usize = 64 << 20;

/// The forward and backward pass of networks of one shape over a set of samples, with the memory that it needs.
#[derive(Clone, Debug)]
pub struct Pass<T> {
    activation: Activation,
    level: SimdLevel,
    kernel: Kernel,
    samples: Samples<T>,
    chunks: Vec<Chunk<T>>,
    /// One for each thread that has been used so far. The first one belongs to the calling thread.
    scratch: Vec<Scratch<T>>,
    /// The result of the last pass that computed a gradient.
    pub(crate) gradient: Parameters<T>,
}

/// How well a network fits the samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation {
    /// The mean cross-entropy.
    pub loss: f64,
    /// The number of correct predictions. The prediction is 1 if the logit is above 0.
    pub correct: usize,
}

/// The two implementations of the computation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kernel {
    Narrow,
    Wide,
}

impl Kernel {
    fn fastest(Shape { features, hidden }: Shape) -> Self {
        if features.min(hidden) >= WIDE_MIN_SIDE && features * hidden >= WIDE_MIN_PRODUCT {
            Self::Wide
        } else {
            Self::Narrow
        }
    }
}

impl<T: SimdFloat> Pass<T> {
    /// Copies the samples, for networks of this shape.
    ///
    /// # Shapes
    /// x is `[m, d]` row by row; the labels are `[m]`, each of them 0 or 1.
    ///
    /// # Panics
    /// If x does not have `shape.features` numbers for each label, or there is no sample or no feature.
    pub fn new(shape: Shape, activation: Activation, x: &[f64], labels: &[u8], level: SimdLevel) -> Self {
        assert_eq!(x.len(), shape.features * labels.len(), "x must be samples times features");
        let mut pass = Self::with_capacity(shape, activation, labels.len(), level);
        pass.samples.load(x, labels, 0..labels.len());
        pass
    }

    /// Allocates memory for a number of samples. [`Pass::load_samples`] must fill it: until then all sums are 0.
    ///
    /// # Panics
    /// If there is no sample or no feature.
    pub fn with_capacity(shape: Shape, activation: Activation, samples: usize, level: SimdLevel) -> Self {
        assert!(samples > 0 && shape.features > 0, "there must be a sample and a feature");
        let kernel = Kernel::fastest(shape);
        let (tile_widths, sum_registers) = match kernel {
            Kernel::Narrow => (&narrow::TILE_WIDTHS[..], narrow::sum_registers(shape.parameter_count())),
            Kernel::Wide => (&wide::TILE_WIDTHS[..], wide::sum_registers(shape.hidden)),
        };
        let lanes = level.lanes::<T>();
        let scratch = Scratch {
            activations: AlignedVec::zeros(shape.hidden * tile_widths[0] * lanes),
            sums: AlignedVec::zeros(sum_registers * lanes),
        };

        let max_chunks = max_chunks::<T>(shape, samples);
        let samples = Samples::with_capacity(samples, shape.features, lanes, tile_widths);
        let gradient = Parameters::zeros(shape);
        let chunks = tile_ranges(samples.values.len(), samples.tile_len, max_chunks)
            .into_iter()
            .map(|range| Chunk { range, gradient: gradient.values().to_vec(), totals: Totals::default() })
            .collect();
        Self { activation, level, kernel, samples, chunks, scratch: vec![scratch], gradient }
    }

    /// The number of chunks, which is also the maximum number of threads.
    pub fn chunk_count(&self) -> usize {
        self.chunks.len()
    }

    /// The bytes of the gradients of all chunks.
    pub fn chunk_memory(&self) -> usize {
        self.chunks.iter().map(|chunk| size_of_val(&chunk.gradient[..])).sum()
    }

    /// Replaces all samples by the rows of x with these indices, and their labels.
    ///
    /// # Shapes
    /// x is `[rows, d]` row by row; the labels are `[rows]`; the indices are `[m]`.
    ///
    /// # Panics
    /// If the number of indices is not the number of samples of this pass, or there is no row with an index.
    pub fn load_samples(&mut self, x: &[f64], labels: &[u8], indices: &[usize]) {
        assert_eq!(indices.len(), self.samples.count, "there must be an index for each sample");
        self.samples.load(x, labels, indices.iter().copied());
    }
}

/// Processes all samples. Outputs that are not requested keep their old value or are meaningless.
pub(crate) fn run<T: SimdFloat>(
    pass: &mut Pass<T>,
    parameters: &Parameters<T>,
    outputs: Outputs,
    weight_decay: f64,
) -> Evaluation {
    assert_eq!(parameters.shape(), pass.gradient.shape(), "the parameters must belong to the shape of the pass");
    let Pass { activation, level, kernel, samples, chunks, scratch, gradient } = pass;

    let scratch_bytes = (scratch[0].activations.len() + scratch[0].sums.len()) * size_of::<T>();
    let threads = match chunks.len() {
        1 => 1, // does not ask rayon, which would start its threads
        several => several
            .min(rayon::current_num_threads())
            .min(SCRATCH_MEMORY / scratch_bytes)
            .max(1),
    };
    while scratch.len() < threads {
        scratch.push(scratch[0].clone());
    }

    for_each_chunk(chunks, &mut scratch[..threads], |chunk, scratch| {
        let samples = &samples.values;
        level
            .dispatch_with(*activation, ProcessChunk { kernel: *kernel, outputs, parameters, samples, chunk, scratch });
    });

    if outputs.gradient {
        combine_gradients(gradient, chunks, parameters, samples.count, weight_decay);
    }
    let mut total = Totals::default();
    chunks.iter().for_each(|chunk| total += chunk.totals);
    let count = samples.count as f64;
    Evaluation { loss: total.loss / count, correct: ((count + total.correct_minus_wrong) / 2.0) as usize }
}

/// Subtracts the learning rate times the gradient from the parameters.
pub(crate) fn sgd_step<T: SimdFloat>(parameters: &mut Parameters<T>, gradient: &Parameters<T>, learning_rate: f64) {
    let rate = T::from_f64(learning_rate);
    for (value, derivative) in parameters.values_mut().iter_mut().zip(gradient.values()) {
        *value = *value - rate * *derivative;
    }
}

/// Runs the kernel on a chunk.
struct ProcessChunk<'a, T> {
    kernel: Kernel,
    outputs: Outputs,
    parameters: &'a Parameters<T>,
    samples: &'a [T],
    chunk: &'a mut Chunk<T>,
    scratch: &'a mut Scratch<T>,
}

impl<T: SimdFloat> Operation for ProcessChunk<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, A: HiddenActivation>(self, simd: S, activation: A) {
        let Self { kernel, outputs, parameters, samples, chunk, scratch } = self;
        let network = Network { parameters, activation };
        let samples = &samples[chunk.range.clone()];
        chunk.totals = match kernel {
            Kernel::Narrow => {
                let samples = T::registers::<S>(samples);
                narrow::process_chunk::<S, T, A>(simd, outputs, network, samples, chunk, scratch)
            }
            Kernel::Wide => wide::process_chunk::<S, T, A>(simd, outputs, network, samples, chunk, scratch),
        };
    }
}

/// Calls f with each chunk, on this thread and on threads of rayon's pool. The number of threads is the length of `scratch`.
///
/// The calling thread starts at once and processes chunks too. With rayon's own iterators it would sleep until the pool
/// has woken up and finished, which costs 30 microseconds here.
fn for_each_chunk<C: Send, S: Send>(chunks: &mut [C], scratch: &mut [S], f: impl Fn(&mut C, &mut S) + Sync) {
    let [own, others @ ..] = scratch else {
        unreachable!("there is scratch memory for the calling thread")
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

/// Adds the sums of the chunks, multiplies them by the factors that are the same for all samples, and adds the weight
/// decay.
fn combine_gradients<T: SimdFloat>(
    gradient: &mut Parameters<T>,
    chunks: &[Chunk<T>],
    parameters: &Parameters<T>,
    samples: usize,
    weight_decay: f64,
) {
    let [first, others @ ..] = chunks else {
        unreachable!("there is at least one chunk")
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
        // A decay of 0 must not multiply the weight: the weight may be infinite, and 0 times infinity is NaN.
        if weight_decay == 0.0 { derivative } else { derivative + decay * weight }
    };
    for (sums, unit) in total
        .chunks_exact_mut(parameters.shape().values_per_unit())
        .zip(parameters.units())
    {
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

/// The maximum number of chunks for this problem. It does not depend on the number of threads.
fn max_chunks<T>(shape: Shape, samples: usize) -> usize {
    let gradient_bytes = shape.parameter_count() * size_of::<T>();
    let large_network_chunks = LARGE_NETWORK_CHUNKS.min(LARGE_NETWORK_MEMORY / gradient_bytes);
    let by_memory = (CHUNK_MEMORY / gradient_bytes).max(large_network_chunks);

    let multiplications = samples.saturating_mul(shape.hidden * (2 * shape.features + 20));
    let by_work = (multiplications / MIN_CHUNK_WORK).min(samples / MIN_CHUNK_SAMPLES);
    by_work.min(by_memory).clamp(1, MAX_CHUNKS)
}

/// Splits `0..len` into at most `max_ranges` ranges of about equal length. Each range starts where a tile starts.
fn tile_ranges(len: usize, tile_len: usize, max_ranges: usize) -> Vec<Range<usize>> {
    let tiles = len.div_ceil(tile_len);
    let step = tiles.div_ceil(max_ranges) * tile_len;
    (0..len).step_by(step).map(|start| start..len.min(start + step)).collect()
}
