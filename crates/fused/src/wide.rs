//! The kernel for large networks: matrix products on tiles that fit the second-level cache.
//!
//! It computes for each tile, with the names of [`crate::narrow`]:
//!
//! ```text
//! Z1 = W1' X + b1         [h, samples of the tile]      one product
//! A1 = f(Z1)              overwrites Z1; also computes z2, dz2 and the sums of db1 and dw2
//! dZ1 = dz2 f'(Z1)        overwrites A1
//! dW1' += dZ1 X'          [h, d]                        one product
//! ```
//!
//! dW1 has a single sum per weight. The narrow kernel keeps one per lane, and that would not fit the cache here.

use gemm::{Parallelism, gemm};
use pulp::Simd;

use crate::activation::HiddenActivation;
use crate::chunk::{Chunk, Outputs, Scratch, Totals};
use crate::network::Network;
use crate::output::{output, output_out_of_line};
use crate::simd_float::SimdFloat;
use crate::vector::Vector;

/// The allowed widths of a tile, in registers. Sixteen are enough for efficient matrix products.
pub(crate) const TILE_WIDTHS: [usize; 3] = [16, 4, 1];

/// The number of registers that hold the sums: db1 and dw2 of each hidden unit, and db2.
pub(crate) fn sum_registers(hidden: usize) -> usize {
    2 * hidden + 1
}

/// Processes the samples of a chunk and writes its gradient. The gradient is only valid if it was requested.
#[inline(always)]
pub(crate) fn process_chunk<S: Simd, T: SimdFloat, A: HiddenActivation>(
    simd: S,
    outputs: Outputs,
    network: Network<'_, T, A>,
    mut samples: &[T],
    chunk: &mut Chunk<T>,
    scratch: &mut Scratch<T>,
) -> Totals {
    let parameters = network.parameters;
    let shape = parameters.shape();
    let (lanes, columns) = (size_of::<T::Register<S>>() / size_of::<T>(), shape.features + 1);
    let w1_transposed = Matrix::new(parameters.values(), [shape.hidden, shape.features], shape.values_per_unit());
    chunk.gradient.fill(T::zeroed());
    scratch.sums.fill(T::zeroed());

    let mut total = Totals::default();
    for rows in TILE_WIDTHS.map(|width| width * lanes) {
        let tiles = samples.chunks_exact(rows * columns);
        samples = tiles.remainder();
        for tile in tiles {
            let (x, sign) = tile.split_at(rows * shape.features);
            let x_transposed = Matrix::new(x, [shape.features, rows], rows);
            let activations = &mut scratch.activations[..rows * shape.hidden];

            for (z1, unit) in activations.chunks_exact_mut(rows).zip(parameters.units()) {
                z1.fill(unit[shape.features]); // b1
            }
            add_product(activations, rows, w1_transposed, x_transposed);

            let sign = T::registers::<S>(sign);
            let (a1, sums) = (T::registers_mut::<S>(activations), T::registers_mut::<S>(&mut scratch.sums));
            let width = sign.len();
            if width.is_multiple_of(4) {
                for v in (0..width).step_by(4) {
                    total += process_registers::<S, T, A, 4>(simd, outputs, network, sign, a1, sums, v);
                }
            } else {
                total += process_registers::<S, T, A, 1>(simd, outputs, network, sign, a1, sums, 0);
            }

            if outputs.gradient {
                let dz1_transposed = Matrix::new(activations, [shape.hidden, rows], rows);
                add_product(&mut chunk.gradient, shape.values_per_unit(), dz1_transposed, x_transposed.transposed());
            }
        }
    }

    if outputs.gradient {
        write_sums(simd, T::registers::<S>(&scratch.sums), &mut chunk.gradient, shape.values_per_unit());
    }
    total
}

/// Replaces z1 by dz1 for V registers of samples, starting with register `v` of the tile.
#[inline(always)]
fn process_registers<S: Simd, T: SimdFloat, A: HiddenActivation, const V: usize>(
    simd: S,
    outputs: Outputs,
    network: Network<'_, T, A>,
    sign: &[T::Register<S>],
    a1: &mut [T::Register<S>],
    sums: &mut [T::Register<S>],
    v: usize,
) -> Totals {
    let Network { parameters, activation } = network;
    let width = sign.len();
    let mut z2 = Vector::splat(simd, parameters.b2());
    for (row, unit) in a1.chunks_exact_mut(width).zip(parameters.units()) {
        let registers = &mut row[v..][..V];
        let a1 = activation.value(Vector::<S, T, V>::load(simd, registers));
        registers.copy_from_slice(&a1.registers);
        z2 = a1.mul_add(Vector::splat(simd, unit[unit.len() - 1]), z2);
    }
    let sign = Vector::load(simd, &sign[v..][..V]);
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
        for (row, [db1, dw2]) in a1.chunks_exact_mut(width).zip(unit_sums.as_chunks_mut::<2>().0) {
            let registers = &mut row[v..][..V];
            let a1 = Vector::load(simd, registers);
            let t = dz2 * a1;
            let dz1 = activation.times_derivative(dz2, a1, t);
            t.add_to(dw2);
            dz1.add_to(db1);
            registers.copy_from_slice(&dz1.registers);
        }
    }
    totals
}

/// Adds up the lanes of db1, dw2 and db2 and writes the sums to the gradient.
#[inline(always)]
fn write_sums<S: Simd, T: SimdFloat>(simd: S, sums: &[T::Register<S>], gradient: &mut [T], values_per_unit: usize) {
    let ([unit_sums @ .., db2_sum], [units @ .., db2]) = (sums, gradient) else {
        unreachable!("b2 comes last")
    };
    for (unit, sums) in units.chunks_exact_mut(values_per_unit).zip(unit_sums.as_chunks::<2>().0) {
        let [.., db1, dw2] = unit else {
            unreachable!("two parameters more than features")
        };
        [*db1, *dw2] = sums.map(|sum| T::reduce_sum(simd, sum));
    }
    *db2 = T::reduce_sum(simd, *db2_sum);
}

/// A matrix in a slice of numbers.
#[derive(Clone, Copy)]
struct Matrix<'a, T> {
    values: &'a [T],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a, T> Matrix<'a, T> {
    /// A matrix stored row by row. The rows start `row_stride` numbers apart.
    fn new(values: &'a [T], [rows, columns]: [usize; 2], row_stride: usize) -> Self {
        Self { values, rows, columns, row_stride, column_stride: 1 }
    }

    fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }

    /// Whether every element lies within the slice.
    fn is_in_bounds(&self) -> bool {
        self.rows == 0
            || self.columns == 0
            || (self.rows - 1) * self.row_stride + (self.columns - 1) * self.column_stride < self.values.len()
    }
}

/// Adds the matrix product a b to `sum`, whose rows start `row_stride` numbers apart.
fn add_product<T: SimdFloat>(sum: &mut [T], row_stride: usize, a: Matrix<'_, T>, b: Matrix<'_, T>) {
    let target = Matrix::new(sum, [a.rows, b.columns], row_stride);
    assert!(a.is_in_bounds() && b.is_in_bounds() && target.is_in_bounds());
    assert!(a.columns == b.rows && b.columns <= row_stride);
    let one = T::from_f64(1.0);
    // SAFETY: the assertions above make sure that all elements lie within their slices and that no two elements of the sum
    // have the same address. The slices cannot overlap, since `sum` is borrowed for writing. T is f32 or f64, which gemm
    // supports.
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
