//! The Hessian of the objective times a vector, without the Hessian: exact to rounding, for the arithmetic of about two gradients.
//!
//! How fast anything moves when the parameters move along v, R(f) = d f(parameters + r v) / dr at r = 0, obeys the rules of
//! derivatives. Applied to each line of the forward pass and of backpropagation it gives, with v_w1 for the part of v that
//! belongs to w1, and r_z1 for R(z1) (Pearlmutter, "Fast exact multiplication by the Hessian", 1994):
//!
//! ```text
//! r_z1  = x v_w1 + v_b1                                                   [m, h]
//! r_a1  = (1 - a1^2) * r_z1                                               [m, h]
//! r_z2  = r_a1 w2 + a1 v_w2 + v_b2                                        [m, 1]
//! r_dz2 = a2 * (1 - a2) * r_z2 / m                                        [m, 1]
//! r_dw2 = r_a1' dz2 + a1' r_dz2             + weight_decay v_w2           [h, 1]
//! r_db2 = sum over rows of r_dz2                                          [1]
//! r_dz1 = (1 - a1^2) * (r_dz2 w2' + dz2 v_w2') - 2 a1 * r_a1 * (dz2 w2')  [m, h]
//! r_dw1 = x' r_dz1                          + weight_decay v_w1           [d, h]
//! r_db1 = sum over rows of r_dz1                                          [h]
//! ```
//!
//! The gradient moves by the Hessian times v, so the last line of each kind is the product. a1, a2 and dz2 do not depend on
//! v: they are computed once, and kept, `m (d + h + 2)` numbers in all.
//!
//! Sums are taken in an order that depends on the sizes alone, on one thread: a product has the same bits each time.
//!
//! Leaves out: f32, since a measure need not be as fast as an update; and vector instructions chosen at run time, which would
//! save a third of the time.

use crate::functions::{sigmoid_all, tanh_all};
use crate::level::Level;
use crate::network::{Parameters, Shape};
use crate::plain::{add, dot, sum};

/// Rows that go through all formulas together, so that what they need stays in the processor's cache.
const ROWS: usize = 256;

/// The second derivatives of mean cross-entropy plus `weight_decay / 2` times the sum of squared weights, at one place.
#[derive(Clone, Debug)]
pub struct Hessian {
    parameters: Parameters<f64>,
    weight_decay: f64,
    tiles: Vec<Tile>,
}

/// A few rows and what the forward pass found there. Matrices lie column by column.
#[derive(Clone, Debug)]
struct Tile {
    /// `[rows, d]`.
    x: Vec<f64>,
    /// `[rows, h]`.
    a1: Vec<f64>,
    /// `[rows]`.
    dz2: Vec<f64>,
    /// a2 (1 - a2) / m, by which dz2 grows with z2, `[rows]`.
    slope: Vec<f64>,
}

impl Hessian {
    /// Makes the forward pass over samples, row after row, with labels of 0 or 1.
    ///
    /// # Panics
    /// When x does not hold a number per feature for each label, or there is no sample.
    pub fn new(parameters: &Parameters<f64>, x: &[f64], labels: &[u8], weight_decay: f64, level: Level) -> Self {
        let Shape { features, .. } = parameters.shape();
        assert!(features > 0 && !labels.is_empty(), "there must be a sample and a feature");
        assert_eq!(x.len(), features * labels.len(), "x must be samples times features");
        let rows = x.chunks(ROWS * features).zip(labels.chunks(ROWS));
        let tiles = rows
            .map(|(x, y)| Tile::new(parameters, x, y, labels.len() as f64, level))
            .collect();
        Self { parameters: parameters.clone(), weight_decay, tiles }
    }

    /// The product with a vector; both are in the order of [`Parameters::values`].
    ///
    /// # Panics
    /// When the vector has another length than that.
    pub fn times(&self, v: &[f64]) -> Vec<f64> {
        let shape = self.parameters.shape();
        assert_eq!(v.len(), shape.parameters(), "the vector must belong to {shape:?}");
        let mut product = vec![0.0; v.len()];
        let mut r_a1 = vec![0.0; self.tiles[0].a1.len()];
        self.tiles
            .iter()
            .for_each(|tile| tile.add_product(&self.parameters, v, &mut product, &mut r_a1));
        // The penalty is on weights, not on biases.
        for (product, v) in product.chunks_exact_mut(shape.per_unit()).zip(v.chunks_exact(shape.per_unit())) {
            for weight in (0..shape.features).chain([shape.features + 1]) {
                product[weight] += self.weight_decay * v[weight];
            }
        }
        product
    }

    /// How many samples have an activation further from 0 than the limit, for each hidden unit: the forward pass is there.
    pub fn saturated(&self, limit: f64) -> Vec<usize> {
        let mut counts = vec![0; self.parameters.shape().hidden];
        for tile in &self.tiles {
            for (count, a1) in counts.iter_mut().zip(tile.a1.chunks_exact(tile.dz2.len())) {
                *count += a1.iter().filter(|a1| a1.abs() > limit).count();
            }
        }
        counts
    }
}

impl Tile {
    fn new(parameters: &Parameters<f64>, x: &[f64], labels: &[u8], samples: f64, level: Level) -> Self {
        let Shape { features, hidden } = parameters.shape();
        let rows = labels.len();
        let x: Vec<f64> = (0..features)
            .flat_map(|j| x.iter().skip(j).step_by(features).copied())
            .collect();
        let mut a1 = vec![0.0; rows * hidden];
        let mut z2 = vec![parameters.b2(); rows];
        for (a1, unit) in a1.chunks_exact_mut(rows).zip(parameters.units()) {
            let (w1, b1, w2) = parts(unit);
            a1.fill(b1);
            x.chunks_exact(rows).zip(w1).for_each(|(x, w1)| add(a1, *w1, x));
            tanh_all(a1, level);
            add(&mut z2, w2, a1);
        }
        // With u = (1 - 2 y) z2, the probability of the other label is sigmoid(u) and that of the right one sigmoid(-u):
        // no digit is lost where either is almost 1.
        let sign = |label: u8| 1.0 - 2.0 * f64::from(label);
        let mut wrong: Vec<f64> = z2.iter().zip(labels).map(|(z2, &label)| sign(label) * z2).collect();
        let mut right: Vec<f64> = wrong.iter().map(|u| -u).collect();
        sigmoid_all(&mut wrong, level);
        sigmoid_all(&mut right, level);
        let dz2 = wrong
            .iter()
            .zip(labels)
            .map(|(wrong, &label)| sign(label) * wrong / samples)
            .collect();
        let slope = wrong.iter().zip(right).map(|(wrong, right)| wrong * right / samples).collect();
        Self { x, a1, dz2, slope }
    }

    /// Adds what these rows contribute to the product with v. `r_a1` is room for that.
    fn add_product(&self, parameters: &Parameters<f64>, v: &[f64], product: &mut [f64], r_a1: &mut [f64]) {
        let Self { x, a1, dz2, slope } = self;
        let (rows, per_unit) = (dz2.len(), parameters.shape().per_unit());
        let units = parameters.units().zip(v.chunks_exact(per_unit)).zip(a1.chunks_exact(rows));
        let mut r_z2 = [v[v.len() - 1]; ROWS];
        let r_z2 = &mut r_z2[..rows];
        for (((unit, v), a1), r_a1) in units.clone().zip(r_a1.chunks_exact_mut(rows)) {
            let ((_, _, w2), (v_w1, v_b1, v_w2)) = (parts(unit), parts(v));
            let r_z1 = &mut *r_a1;
            r_z1.fill(v_b1);
            x.chunks_exact(rows).zip(v_w1).for_each(|(x, v_w1)| add(r_z1, *v_w1, x));
            for ((r_a1, a1), r_z2) in r_a1.iter_mut().zip(a1).zip(&mut *r_z2) {
                *r_a1 *= 1.0 - a1 * a1;
                *r_z2 += *r_a1 * w2 + a1 * v_w2;
            }
        }
        let r_dz2 = r_z2;
        r_dz2.iter_mut().zip(slope).for_each(|(r_dz2, slope)| *r_dz2 *= slope);

        let [product @ .., r_db2] = product else {
            unreachable!("there is a b2")
        };
        *r_db2 += sum(r_dz2);
        for (((unit, v), a1), (r_a1, product)) in
            units.zip(r_a1.chunks_exact_mut(rows).zip(product.chunks_exact_mut(per_unit)))
        {
            let ((_, _, w2), (_, _, v_w2)) = (parts(unit), parts(v));
            let [r_dw1 @ .., r_db1, r_dw2] = product else {
                unreachable!("a unit has a b1 and a w2")
            };
            *r_dw2 += dot(r_a1, dz2) + dot(a1, r_dz2);
            let r_dz1 = r_a1;
            for (((r, a1), dz2), r_dz2) in r_dz1.iter_mut().zip(a1).zip(dz2).zip(&*r_dz2) {
                *r = (1.0 - a1 * a1) * (r_dz2 * w2 + dz2 * v_w2) - 2.0 * a1 * *r * dz2 * w2;
            }
            *r_db1 += sum(r_dz1);
            r_dw1
                .iter_mut()
                .zip(x.chunks_exact(rows))
                .for_each(|(r_dw1, x)| *r_dw1 += dot(x, r_dz1));
        }
    }
}

/// The numbers of a hidden unit: its column of w1, its b1, its w2.
fn parts(unit: &[f64]) -> (&[f64], f64, f64) {
    let [w1 @ .., b1, w2] = unit else {
        unreachable!("a unit has a b1 and a w2")
    };
    (w1, *b1, *w2)
}
