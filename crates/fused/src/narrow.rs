//! The kernel for small networks: each lane is a sample, and all values stay in registers and the first-level cache.
//!
//! Each tile of samples goes forwards and backwards through the network, one hidden unit at a time:
//!
//! ```text
//! z1 = b1 + sum over j of x[j] w1[j]      a1 = f(z1), kept         z2 += a1 w2
//! dz2 = sign sigmoid(sign z2)             the derivative of softplus(sign z2), which is a2 - y
//! t = dz2 a1                              dw2 += t
//! dz1 = dz2 f'(z1)                        db1 += dz1               dw1[j] += x[j] dz1
//! ```
//!
//! f is the activation; [`crate::activation`] computes its derivative f' from a1.
//!
//! dz1 lacks the factor w2, and all derivatives lack the factor 1 / m. Both are the same for all samples, so the sums
//! are multiplied by them once, at the end. There is one sum per lane; the lanes are added up at the end of a chunk
//! of samples.

use pulp::Simd;

use crate::activation::HiddenActivation;
use crate::chunk::{Chunk, Outputs, Scratch, Totals};
use crate::network::Network;
use crate::output::{output, output_out_of_line};
use crate::simd_float::SimdFloat;
use crate::vector::Vector;

/// The allowed widths of a tile, in registers. Four independent computations hide the latency of a single one.
pub(crate) const TILE_WIDTHS: [usize; 2] = [4, 1];

/// The number of registers that hold the sums: one per parameter.
pub(crate) fn sum_registers(parameter_count: usize) -> usize {
    parameter_count
}

/// Processes the samples of a chunk and writes its gradient. The gradient is only valid if it was requested.
#[inline(always)]
pub(crate) fn process_chunk<S: Simd, T: SimdFloat, A: HiddenActivation>(
    simd: S,
    outputs: Outputs,
    network: Network<'_, T, A>,
    samples: &[T::Register<S>],
    chunk: &mut Chunk<T>,
    scratch: &mut Scratch<T>,
) -> Totals {
    let columns = network.parameters.shape().features + 1;
    let activations = T::registers_mut::<S>(&mut scratch.activations);
    let sums = T::registers_mut::<S>(&mut scratch.sums);
    sums.fill(T::splat(simd, T::zeroed()));

    let mut totals = Totals::default();
    let tiles = samples.chunks_exact(TILE_WIDTHS[0] * columns);
    let rest = tiles.remainder();
    for tile in tiles {
        totals += process_tile::<S, T, A, { TILE_WIDTHS[0] }>(simd, outputs, network, tile, activations, sums);
    }
    for tile in rest.chunks_exact(columns) {
        totals += process_tile::<S, T, A, 1>(simd, outputs, network, tile, activations, sums);
    }

    if outputs.gradient {
        for (gradient, sum) in chunk.gradient.iter_mut().zip(sums) {
            *gradient = T::reduce_sum(simd, *sum);
        }
    }
    totals
}

#[inline(always)]
fn process_tile<S: Simd, T: SimdFloat, A: HiddenActivation, const V: usize>(
    simd: S,
    outputs: Outputs,
    network: Network<'_, T, A>,
    tile: &[T::Register<S>],
    activations: &mut [T::Register<S>],
    sums: &mut [T::Register<S>],
) -> Totals {
    let (columns, _) = tile.as_chunks::<V>();
    let [x @ .., sign] = columns else {
        unreachable!("a tile ends with its signs")
    };
    let (activations, _) = activations.as_chunks_mut::<V>();
    let z2 = logits::<S, T, A, V>(simd, network, x, activations);
    let sign = Vector::new(simd, *sign);
    let (dz2, totals) = if A::OUT_OF_LINE {
        output_out_of_line(outputs, sign, z2)
    } else {
        output(outputs, sign, z2)
    };

    if outputs.gradient {
        let [unit_sums @ .., db2] = sums else {
            unreachable!("b2 comes last")
        };
        dz2.add_to(db2);
        for (sums, a1) in unit_sums.chunks_exact_mut(x.len() + 2).zip(activations) {
            let [dw1 @ .., db1, dw2] = sums else {
                unreachable!("two sums more than features")
            };
            let a1 = Vector::new(simd, *a1);
            let t = dz2 * a1;
            let dz1 = network.activation.times_derivative(dz2, a1, t);
            t.add_to(dw2);
            dz1.add_to(db1);
            for (dw1, x) in dw1.iter_mut().zip(x) {
                Vector::new(simd, *x).add_product_to(dz1, dw1);
            }
        }
    }
    totals
}

/// z2 of V registers of samples. `x[j]` is feature j. Writes a1 of each hidden unit to `activations`.
#[inline(always)]
pub(crate) fn logits<S: Simd, T: SimdFloat, A: HiddenActivation, const V: usize>(
    simd: S,
    network: Network<'_, T, A>,
    x: &[[T::Register<S>; V]],
    activations: &mut [[T::Register<S>; V]],
) -> Vector<S, T, V> {
    let Network { parameters, activation } = network;
    let mut z2 = Vector::splat(simd, parameters.b2());
    for (unit, kept) in parameters.units().zip(activations) {
        let [w1 @ .., b1, w2] = unit else {
            unreachable!("two parameters more than features")
        };
        let mut z1 = Vector::splat(simd, *b1);
        for (w1, x) in w1.iter().zip(x) {
            z1 = Vector::new(simd, *x).mul_add(Vector::splat(simd, *w1), z1);
        }
        let a1 = activation.value(z1);
        *kept = a1.registers;
        z2 = a1.mul_add(Vector::splat(simd, *w2), z2);
    }
    z2
}
