//! The pass for small networks: lanes are samples, and everything stays in registers and the first cache.
//!
//! For each tile of samples, forwards and backwards, a hidden unit at a time:
//!
//! ```text
//! z1 = b1 + sum over j of x[j] w1[j]      a1 = tanh(z1), kept      z2 += a1 w2
//! dz2 = sign sigmoid(sign z2)             the derivative of softplus(sign z2), which is a2 - y
//! t = dz2 a1                              dw2 += t
//! dz1 = dz2 - t a1                        db1 += dz1               dw1[j] += x[j] dz1
//! ```
//!
//! dz1 lacks the factor w2, which is the same for all samples and is multiplied in at the end, as is 1 / m. The sums are
//! kept one per lane; their lanes are added up at the end of a chunk of samples.
//!
//! In this form of dz2 nothing cancels: where a2 is close to y it keeps all its digits.

use pulp::Simd;

use crate::chunk::{Chunk, Scratch, Tally, Task};
use crate::functions::{exp_of_minus_abs, sigmoid, softplus, tanh};
use crate::network::Parameters;
use crate::real::Real;
use crate::vector::Vector;

/// Registers of samples per tile: as many independent computations as hide the time that one takes.
pub(crate) const WIDTHS: [usize; 2] = [4, 1];

/// The registers of a network's sums.
pub(crate) fn sums(parameters: usize) -> usize {
    parameters
}

/// Goes through the samples of a chunk.
#[inline(always)]
pub(crate) fn pass<S: Simd, T: Real>(
    simd: S,
    task: Task,
    parameters: &Parameters<T>,
    samples: &[T::Register<S>],
    chunk: &mut Chunk<T>,
    scratch: &mut Scratch<T>,
) -> Tally {
    let columns = parameters.shape().features + 1;
    let activations = T::registers_mut::<S>(&mut scratch.activations);
    let sums = T::registers_mut::<S>(&mut scratch.sums);
    sums.fill(T::splat(simd, T::zeroed()));
    let mut tally = Tally::default();
    let tiles = samples.chunks_exact(WIDTHS[0] * columns);
    let rest = tiles.remainder();
    for tile in tiles {
        tally += one_tile::<S, T, { WIDTHS[0] }>(simd, task, parameters, tile, activations, sums);
    }
    for tile in rest.chunks_exact(columns) {
        tally += one_tile::<S, T, 1>(simd, task, parameters, tile, activations, sums);
    }
    if task.gradient {
        for (gradient, sum) in chunk.gradient.iter_mut().zip(sums) {
            *gradient = T::sum_lanes(simd, *sum);
        }
    }
    tally
}

#[inline(always)]
fn one_tile<S: Simd, T: Real, const V: usize>(
    simd: S,
    task: Task,
    parameters: &Parameters<T>,
    tile: &[T::Register<S>],
    activations: &mut [T::Register<S>],
    sums: &mut [T::Register<S>],
) -> Tally {
    let (columns, _) = tile.as_chunks::<V>();
    let [x @ .., sign] = columns else {
        unreachable!("a tile ends with its signs")
    };
    let (activations, _) = activations.as_chunks_mut::<V>();
    let z2 = logits::<S, T, V>(simd, parameters, x, activations);
    let sign = Vector::new(simd, *sign);
    let (u, e) = exponential(sign, z2);
    if task.gradient {
        let [unit_sums @ .., db2] = sums else {
            unreachable!("b2 comes last")
        };
        let dz2 = sign * sigmoid(u, e);
        dz2.add_to(db2);
        for (sums, a1) in unit_sums.chunks_exact_mut(x.len() + 2).zip(activations) {
            let [dw1 @ .., db1, dw2] = sums else {
                unreachable!("two sums more than features")
            };
            let a1 = Vector::new(simd, *a1);
            let t = dz2 * a1;
            let dz1 = t.times_from(a1, dz2);
            t.add_to(dw2);
            dz1.add_to(db1);
            for (dw1, x) in dw1.iter_mut().zip(x) {
                Vector::new(simd, *x).dot_to(dz1, dw1);
            }
        }
    }
    if task.evaluation { tally(sign, z2, u, e) } else { Tally::default() }
}

/// z2 of V registers of samples, `x[j]` being feature j. Leaves a1 of each hidden unit in `activations`.
#[inline(always)]
pub(crate) fn logits<S: Simd, T: Real, const V: usize>(
    simd: S,
    parameters: &Parameters<T>,
    x: &[[T::Register<S>; V]],
    activations: &mut [[T::Register<S>; V]],
) -> Vector<S, T, V> {
    let mut z2 = Vector::splat(simd, parameters.b2());
    for (unit, activation) in parameters.units().zip(activations) {
        let [w1 @ .., b1, w2] = unit else {
            unreachable!("two parameters more than features")
        };
        let mut z1 = Vector::splat(simd, *b1);
        for (w1, x) in w1.iter().zip(x) {
            z1 = Vector::new(simd, *x).times_plus(Vector::splat(simd, *w1), z1);
        }
        let a1 = tanh(z1);
        *activation = a1.registers;
        z2 = a1.times_plus(Vector::splat(simd, *w2), z2);
    }
    z2
}

/// u = sign z2, of which the loss is the softplus, and e^-|u|.
#[inline(always)]
pub(crate) fn exponential<S: Simd, T: Real, const V: usize>(
    sign: Vector<S, T, V>,
    z2: Vector<S, T, V>,
) -> (Vector<S, T, V>, Vector<S, T, V>) {
    let u = sign * z2;
    (u, exp_of_minus_abs(u))
}

/// The losses of V registers of samples, and how many are right less how many are wrong.
#[inline(always)]
pub(crate) fn tally<S: Simd, T: Real, const V: usize>(
    sign: Vector<S, T, V>,
    z2: Vector<S, T, V>,
    u: Vector<S, T, V>,
    e: Vector<S, T, V>,
) -> Tally {
    let one = sign.constant(1.0);
    let answer = z2.where_positive(sign.constant(-1.0), one); // the sign of the label that is predicted
    Tally { loss: (sign.abs() * softplus(u, e)).sum(), lead: (sign * answer).sum() }
}
