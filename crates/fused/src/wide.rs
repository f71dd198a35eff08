//! The pass for large networks: matrix products on tiles that fit the second cache.
//!
//! For each tile, in the names of [`crate::narrow`]:
//!
//! ```text
//! Z1 = W1' X + b1         [h, samples of the tile]      one product
//! A1 = tanh(Z1)           in place of Z1, with z2, dz2 and the sums of db1 and dw2
//! dZ1 = dz2 - dz2 A1^2    in place of A1
//! dW1' += dZ1 X'          [h, d]                        one product
//! ```
//!
//! The sums of dW1 are kept once, not one per lane as in the narrow pass, where they outgrow the cache.

use gemm::{Parallelism, gemm};
use pulp::Simd;

use crate::chunk::{Chunk, Scratch, Tally, Task};
use crate::functions::{sigmoid, tanh};
use crate::narrow::{exponential, tally};
use crate::network::Parameters;
use crate::real::Real;
use crate::vector::Vector;

/// Registers of samples per tile: enough for the products to be efficient.
pub(crate) const WIDTHS: [usize; 3] = [16, 4, 1];

/// The registers of a network's sums: db1 and dw2 of each hidden unit, and db2.
pub(crate) fn sums(hidden: usize) -> usize {
    2 * hidden + 1
}

/// Goes through the samples of a chunk.
#[inline(always)]
pub(crate) fn pass<S: Simd, T: Real>(
    simd: S,
    task: Task,
    parameters: &Parameters<T>,
    mut samples: &[T],
    chunk: &mut Chunk<T>,
    scratch: &mut Scratch<T>,
) -> Tally {
    let shape = parameters.shape();
    let (lanes, columns) = (size_of::<T::Register<S>>() / size_of::<T>(), shape.features + 1);
    chunk.gradient.fill(T::zeroed());
    scratch.sums.fill(T::zeroed());
    let mut total = Tally::default();
    for rows in WIDTHS.map(|width| width * lanes) {
        let tiles = samples.chunks_exact(rows * columns);
        samples = tiles.remainder();
        for tile in tiles {
            let (x, sign) = tile.split_at(rows * shape.features);
            let activations = &mut scratch.activations[..rows * shape.hidden];
            for (z1, unit) in activations.chunks_exact_mut(rows).zip(parameters.units()) {
                z1.fill(unit[shape.features]);
            }
            let x = Matrix { values: x, rows: shape.features, columns: rows, row_stride: rows, column_stride: 1 };
            let w1 = Matrix {
                values: parameters.values(),
                rows: shape.hidden,
                columns: shape.features,
                row_stride: shape.per_unit(),
                column_stride: 1,
            };
            add_product(activations, rows, w1, x);
            let sign = T::registers::<S>(sign);
            let (a1, sums) = (T::registers_mut::<S>(activations), T::registers_mut::<S>(&mut scratch.sums));
            let width = sign.len();
            if width.is_multiple_of(4) {
                for v in (0..width).step_by(4) {
                    total += samples_of_tile::<S, T, 4>(simd, task, parameters, sign, a1, sums, v);
                }
            } else {
                total += samples_of_tile::<S, T, 1>(simd, task, parameters, sign, a1, sums, 0);
            }
            if task.gradient {
                let dz1 = Matrix {
                    values: &scratch.activations[..rows * shape.hidden],
                    rows: shape.hidden,
                    columns: rows,
                    row_stride: rows,
                    column_stride: 1,
                };
                add_product(&mut chunk.gradient, shape.per_unit(), dz1, x.transposed());
            }
        }
    }
    if task.gradient {
        let sums = T::registers::<S>(&scratch.sums);
        let [unit_sums @ .., db2] = sums else {
            unreachable!("b2 comes last")
        };
        for (unit, sums) in chunk
            .gradient
            .chunks_exact_mut(shape.per_unit())
            .zip(unit_sums.as_chunks::<2>().0)
        {
            let [.., db1, dw2] = unit else {
                unreachable!("two parameters more than features")
            };
            [*db1, *dw2] = sums.map(|sum| T::sum_lanes(simd, sum));
        }
        if let Some(last) = chunk.gradient.last_mut() {
            *last = T::sum_lanes(simd, *db2);
        }
    }
    total
}

/// From z1 to dz1, in place, for V registers of samples from register `v` of the tile on.
#[inline(always)]
fn samples_of_tile<S: Simd, T: Real, const V: usize>(
    simd: S,
    task: Task,
    parameters: &Parameters<T>,
    sign: &[T::Register<S>],
    a1: &mut [T::Register<S>],
    sums: &mut [T::Register<S>],
    v: usize,
) -> Tally {
    let width = sign.len();
    let mut z2 = Vector::splat(simd, parameters.b2());
    for (row, unit) in a1.chunks_exact_mut(width).zip(parameters.units()) {
        let registers = &mut row[v..][..V];
        let a1 = tanh(Vector::<S, T, V>::load(simd, registers));
        registers.copy_from_slice(&a1.registers);
        z2 = a1.times_plus(Vector::splat(simd, unit[unit.len() - 1]), z2);
    }
    let sign = Vector::load(simd, &sign[v..][..V]);
    let (u, e) = exponential(sign, z2);
    if task.gradient {
        let [unit_sums @ .., db2] = sums else {
            unreachable!("b2 comes last")
        };
        let dz2 = sign * sigmoid(u, e);
        dz2.add_to(db2);
        for (row, [db1, dw2]) in a1.chunks_exact_mut(width).zip(unit_sums.as_chunks_mut::<2>().0) {
            let registers = &mut row[v..][..V];
            let a1 = Vector::load(simd, registers);
            let t = dz2 * a1;
            let dz1 = t.times_from(a1, dz2);
            t.add_to(dw2);
            dz1.add_to(db1);
            registers.copy_from_slice(&dz1.registers);
        }
    }
    if task.evaluation { tally(sign, z2, u, e) } else { Tally::default() }
}

/// A matrix over a list of numbers.
#[derive(Clone, Copy)]
struct Matrix<'a, T> {
    values: &'a [T],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<T> Matrix<'_, T> {
    fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }

    /// Whether every element lies within the list.
    fn fits(&self) -> bool {
        self.rows == 0
            || self.columns == 0
            || (self.rows - 1) * self.row_stride + (self.columns - 1) * self.column_stride < self.values.len()
    }
}

/// sum += a b, where sum has a's rows, `row_stride` numbers apart.
fn add_product<T: Real>(sum: &mut [T], row_stride: usize, a: Matrix<'_, T>, b: Matrix<'_, T>) {
    let target = Matrix { values: &*sum, rows: a.rows, columns: b.columns, row_stride, column_stride: 1 };
    assert!(a.fits() && b.fits() && target.fits() && a.columns == b.rows && b.columns <= row_stride);
    let one = T::from_f64(1.0);
    // SAFETY: all elements lie within their slices, and no two elements of the sum share a place, both asserted above.
    // The slices cannot overlap, since one is borrowed for writing. T is f32 or f64, which gemm supports.
    #[expect(unsafe_code, reason = "gemm takes pointers")]
    unsafe {
        gemm(
            a.rows,
            b.columns,
            a.columns,
            sum.as_mut_ptr(),
            1,
            row_stride as isize,
            true,
            a.values.as_ptr(),
            a.column_stride as isize,
            a.row_stride as isize,
            b.values.as_ptr(),
            b.column_stride as isize,
            b.row_stride as isize,
            one,
            one,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}
