//! Products of the Hessian of the objective and a vector.
//!
//! The Hessian itself is never computed. A product is exact up to rounding and costs about as much as two gradients.
//!
//! Let R(f) = d f(parameters + r v) / dr at r = 0: the rate at which f changes if the parameters move along v. R follows the
//! rules of derivatives. Applied to each line of the forward pass and of backpropagation, it gives the formulas below
//! (Pearlmutter, "Fast exact multiplication by the Hessian", 1994). v_w1 is the part of v that belongs to w1, and r_z1
//! is R(z1):
//!
//! ```text
//! r_z1  = x v_w1 + v_b1                                                   [m, h]
//! r_a1  = f' * r_z1                                                       [m, h]
//! r_z2  = r_a1 w2 + a1 v_w2 + v_b2                                        [m, 1]
//! r_dz2 = a2 * (1 - a2) * r_z2 / m                                        [m, 1]
//! r_dw2 = r_a1' dz2 + a1' r_dz2             + weight_decay v_w2           [h, 1]
//! r_db2 = sum over rows of r_dz2                                          [1]
//! r_dz1 = f' * (r_dz2 w2' + dz2 v_w2') + f''/f' * r_a1 * (dz2 w2')        [m, h]
//! r_dw1 = x' r_dz1                          + weight_decay v_w1           [d, h]
//! r_db1 = sum over rows of r_dz1                                          [h]
//! ```
//!
//! f' is the derivative of the activation f, and f''/f' its second derivative divided by the first. Both are functions of a1:
//! [`crate::activation`] lists them. The second derivative of relu is 0 where it exists, and 0 at the kink too.
//!
//! R(gradient) is the Hessian times v. So the product consists of r_dw1, r_db1, r_dw2 and r_db2. a1, a2 and dz2 do not depend
//! on v: they are computed once and kept, `m (d + h + 2)` numbers in total.
//!
//! Everything runs on one thread, and the order of additions depends only on the sizes: a product always has the same bits.
//!
//! Not covered: f32, and vector instructions chosen at run time for these formulas, which would save a third of the time.

use crate::activation::Activation;
use crate::api::{activate_all, sigmoid_all};
use crate::network::{Parameters, Shape};
use crate::simd_level::SimdLevel;
use crate::slice_ops::{add_scaled, dot, sum};

/// The rows of a tile. All formulas are applied to one tile before the next, so that its numbers stay in the cache.
const TILE_ROWS: usize = 256;

/// The second derivatives of mean cross-entropy plus `weight_decay / 2` times the sum of squared weights, at one point.
#[derive(Clone, Debug)]
pub struct Hessian {
    parameters: Parameters<f64>,
    activation: Activation,
    weight_decay: f64,
    tiles: Vec<Tile>,
}

/// Some rows and the results of the forward pass on them. Matrices are stored column by column.
#[derive(Clone, Debug)]
struct Tile {
    /// `[rows, d]`.
    x: Vec<f64>,
    /// `[rows, h]`.
    a1: Vec<f64>,
    /// `[rows]`.
    dz2: Vec<f64>,
    /// a2 (1 - a2) / m, the derivative of dz2 by z2, `[rows]`.
    slope: Vec<f64>,
}

impl Hessian {
    /// Runs the forward pass, whose results all products use.
    ///
    /// # Shapes
    /// x is `[m, d]` row by row; the labels are `[m]`, each of them 0 or 1.
    ///
    /// # Panics
    /// If x does not have a number for each feature and label, or there is no sample or no feature.
    pub fn new(
        parameters: &Parameters<f64>,
        activation: Activation,
        x: &[f64],
        labels: &[u8],
        weight_decay: f64,
        level: SimdLevel,
    ) -> Self {
        let Shape { features, .. } = parameters.shape();
        assert!(features > 0 && !labels.is_empty(), "there must be a sample and a feature");
        assert_eq!(x.len(), features * labels.len(), "x must be samples times features");
        let rows = x.chunks(TILE_ROWS * features).zip(labels.chunks(TILE_ROWS));
        let tiles = rows
            .map(|(x, y)| Tile::new(parameters, activation, x, y, labels.len() as f64, level))
            .collect();
        Self { parameters: parameters.clone(), activation, weight_decay, tiles }
    }

    /// The Hessian times v. Both vectors are in the order of [`Parameters::values`].
    ///
    /// # Panics
    /// If the length of v is not the number of parameters.
    pub fn vector_product(&self, v: &[f64]) -> Vec<f64> {
        let shape = self.parameters.shape();
        assert_eq!(v.len(), shape.parameter_count(), "the vector must belong to {shape:?}");
        let mut product = vec![0.0; v.len()];
        match self.activation {
            Activation::Tanh => self.add_products(v, &mut product, |a1| [1.0 - a1 * a1, -2.0 * a1]),
            Activation::Sigmoid => self.add_products(v, &mut product, |a1| [a1 * (1.0 - a1), 1.0 - 2.0 * a1]),
            Activation::Relu => self.add_products(v, &mut product, |a1| [if a1 > 0.0 { 1.0 } else { 0.0 }, 0.0]),
            Activation::Identity => self.add_products(v, &mut product, |_| [1.0, 0.0]),
        }

        // Weight decay applies to weights, not to biases.
        let values_per_unit = shape.values_per_unit();
        for (product, v) in product.chunks_exact_mut(values_per_unit).zip(v.chunks_exact(values_per_unit)) {
            for weight in (0..shape.features).chain([shape.features + 1]) {
                product[weight] += self.weight_decay * v[weight];
            }
        }
        product
    }

    /// Adds the contributions of all rows to the product with v. The last argument computes f' and f''/f' from a1.
    ///
    /// The compiler makes a copy of the loops for each activation. A choice inside the loops would be slower by half.
    fn add_products(&self, v: &[f64], product: &mut [f64], derivatives: impl Fn(f64) -> [f64; 2]) {
        let mut r_a1 = vec![0.0; self.tiles[0].a1.len()];
        for tile in &self.tiles {
            tile.add_product(&self.parameters, v, product, &mut r_a1, &derivatives);
        }
    }

    /// The number of samples for which the activation a1 fulfils the condition, for each hidden unit.
    ///
    /// It uses the activations of the forward pass, which are in memory anyway.
    pub fn count_activations(&self, condition: impl Fn(f64) -> bool) -> Vec<usize> {
        let mut counts = vec![0; self.parameters.shape().hidden];
        for tile in &self.tiles {
            for (count, a1) in counts.iter_mut().zip(tile.a1.chunks_exact(tile.dz2.len())) {
                *count += a1.iter().filter(|&&a1| condition(a1)).count();
            }
        }
        counts
    }
}

impl Tile {
    fn new(
        parameters: &Parameters<f64>,
        activation: Activation,
        x: &[f64],
        labels: &[u8],
        samples: f64,
        level: SimdLevel,
    ) -> Self {
        let Shape { features, hidden } = parameters.shape();
        let rows = labels.len();
        let x: Vec<f64> = (0..features)
            .flat_map(|j| x.iter().skip(j).step_by(features).copied())
            .collect();

        let mut a1 = vec![0.0; rows * hidden];
        let mut z2 = vec![parameters.b2(); rows];
        for (a1, unit) in a1.chunks_exact_mut(rows).zip(parameters.units()) {
            let (w1, b1, w2) = split_unit(unit);
            a1.fill(b1);
            x.chunks_exact(rows).zip(w1).for_each(|(x, w1)| add_scaled(a1, *w1, x));
            activate_all(activation, a1, level);
            add_scaled(&mut z2, w2, a1);
        }

        // With u = (1 - 2 y) z2, the probability of the wrong label is sigmoid(u), and that of the right label is
        // sigmoid(-u). In this form neither loses digits if the other is close to 1.
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

    /// Adds the contribution of these rows to the product with v. `r_a1` is working memory.
    fn add_product(
        &self,
        parameters: &Parameters<f64>,
        v: &[f64],
        product: &mut [f64],
        r_a1: &mut [f64],
        derivatives: &impl Fn(f64) -> [f64; 2],
    ) {
        let Self { x, a1, dz2, slope } = self;
        let (rows, values_per_unit) = (dz2.len(), parameters.shape().values_per_unit());
        let units = parameters
            .units()
            .zip(v.chunks_exact(values_per_unit))
            .zip(a1.chunks_exact(rows));

        // Forward pass.
        let mut r_z2 = [v[v.len() - 1]; TILE_ROWS];
        let r_z2 = &mut r_z2[..rows];
        for (((unit, v), a1), r_a1) in units.clone().zip(r_a1.chunks_exact_mut(rows)) {
            let ((_, _, w2), (v_w1, v_b1, v_w2)) = (split_unit(unit), split_unit(v));
            let r_z1 = &mut *r_a1;
            r_z1.fill(v_b1);
            x.chunks_exact(rows).zip(v_w1).for_each(|(x, v_w1)| add_scaled(r_z1, *v_w1, x));
            for ((r_a1, a1), r_z2) in r_a1.iter_mut().zip(a1).zip(&mut *r_z2) {
                let [derivative, _] = derivatives(*a1);
                *r_a1 *= derivative;
                *r_z2 += *r_a1 * w2 + a1 * v_w2;
            }
        }

        // Backward pass.
        let r_dz2 = r_z2;
        r_dz2.iter_mut().zip(slope).for_each(|(r_dz2, slope)| *r_dz2 *= slope);
        let [product @ .., r_db2] = product else {
            unreachable!("there is a b2")
        };
        *r_db2 += sum(r_dz2);
        for (((unit, v), a1), (r_a1, product)) in
            units.zip(r_a1.chunks_exact_mut(rows).zip(product.chunks_exact_mut(values_per_unit)))
        {
            let ((_, _, w2), (_, _, v_w2)) = (split_unit(unit), split_unit(v));
            let [r_dw1 @ .., r_db1, r_dw2] = product else {
                unreachable!("a unit has a b1 and a w2")
            };
            *r_dw2 += dot(r_a1, dz2) + dot(a1, r_dz2);
            let r_dz1 = r_a1;
            for (((r, a1), dz2), r_dz2) in r_dz1.iter_mut().zip(a1).zip(dz2).zip(&*r_dz2) {
                let [derivative, curvature] = derivatives(*a1);
                *r = derivative * (r_dz2 * w2 + dz2 * v_w2) + curvature * *r * dz2 * w2;
            }
            *r_db1 += sum(r_dz1);
            r_dw1
                .iter_mut()
                .zip(x.chunks_exact(rows))
                .for_each(|(r_dw1, x)| *r_dw1 += dot(x, r_dz1));
        }
    }
}

/// The parameters of a hidden unit: its column of w1, its b1 and its w2.
fn split_unit(unit: &[f64]) -> (&[f64], f64, f64) {
    let [w1 @ .., b1, w2] = unit else {
        unreachable!("a unit has a b1 and a w2")
    };
    (w1, *b1, *w2)
}
