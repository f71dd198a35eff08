//! Predictions: the forward pass alone.

use pulp::Simd;
use rayon::prelude::*;

use crate::activation::{Activation, HiddenActivation, Operation};
use crate::aligned::AlignedVec;
use crate::narrow;
use crate::network::{Network, Parameters};
use crate::simd_float::SimdFloat;
use crate::simd_level::SimdLevel;

/// The registers of rows that are computed together.
const V: usize = narrow::TILE_WIDTHS[0];
/// The rows that a thread processes at a time.
const BLOCK_ROWS: usize = 8_192;

/// The logit of label 1 for each row of x.
pub(crate) fn logits<T: SimdFloat>(
    parameters: &Parameters<T>,
    activation: Activation,
    x: &[f64],
    level: SimdLevel,
) -> Vec<f64> {
    let features = parameters.shape().features;
    assert!(features > 0 && x.len().is_multiple_of(features), "x must be rows of {features} features");
    let mut results = vec![0.0; x.len() / features];

    if results.len() <= BLOCK_ROWS {
        level.dispatch_with(activation, Block { parameters, x, results: &mut results });
        return results;
    }
    let blocks = results.par_chunks_mut(BLOCK_ROWS).zip(x.par_chunks(BLOCK_ROWS * features));
    blocks.for_each(|(results, x)| level.dispatch_with(activation, Block { parameters, x, results }));
    results
}

/// A block of rows, and the logits to be written for them.
struct Block<'a, T> {
    parameters: &'a Parameters<T>,
    x: &'a [f64],
    results: &'a mut [f64],
}

impl<T: SimdFloat> Operation for Block<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, A: HiddenActivation>(self, simd: S, activation: A) {
        let network = Network { parameters: self.parameters, activation };
        let shape = self.parameters.shape();
        let rows = V * size_of::<T::Register<S>>() / size_of::<T>();
        let mut columns = AlignedVec::<T>::zeros(shape.features * rows);
        let mut activations = AlignedVec::<T>::zeros(shape.hidden * rows);
        let (activations, _) = T::registers_mut::<S>(&mut activations).as_chunks_mut::<V>();

        for (results, x) in self.results.chunks_mut(rows).zip(self.x.chunks(rows * shape.features)) {
            for (i, row) in x.chunks_exact(shape.features).enumerate() {
                for (j, &value) in row.iter().enumerate() {
                    columns[j * rows + i] = T::from_f64(value);
                }
            }
            let (x, _) = T::registers::<S>(&columns).as_chunks::<V>();
            let z2 = narrow::logits::<S, T, A, V>(simd, network, x, activations);
            let z2 = bytemuck::cast_slice::<_, T>(&z2.registers);
            results.iter_mut().zip(z2).for_each(|(result, z2)| *result = z2.to_f64());
        }
    }
}
