//! Yardsticks: what the same data gives without a hidden layer, and what the labels give without any features.
//!
//! ```text
//! minimise  |w|^2 / 2 + sum over samples of softplus(z) - y z,    z = x w + b
//! gradient  w + x' (sigmoid(z) - y)                               and sum of (sigmoid(z) - y) for b
//! Hessian   x' diag(p (1 - p)) x, plus 1 on the diagonal of w     p = sigmoid(z)
//! ```
//!
//! This is scikit-learn's `LogisticRegression()` with its defaults (L2 penalty, C = 1, intercept not
//! penalised), which the article uses in its cross-validated form. Newton's method with step halving finds
//! the minimum to rounding, where scikit-learn stops at its tolerance. With more than 256 features the Hessian is never
//! formed, which would take time in proportion to their square: conjugate gradients on products with it, preconditioned by its
//! diagonal, come near enough to Newton's step (Nash, 2000, "A survey of truncated-Newton methods").
//!
//! The same minimum is looked for in other coordinates: features less their mean and over their deviation, t = (x -
//! mean) / s, so that neither large units nor a large mean ruins the Hessian. The weights for t are u = s w, their
//! penalty is sum of (u / s)^2 / 2, and the intercept, which is not penalised, takes up the means.
//!
//! Leaves out: choosing the penalty, and everything that a main model would need.

use crate::dataset::Dataset;
use crate::lanczos::add;
use crate::scaling::StandardScaler;

/// Samples whose contributions to the Hessian are added in one pass over it.
const BLOCK: usize = 8;
/// Up to so many features Newton's step is solved for directly.
const MAX_DIRECT: usize = 256;
/// How small conjugate gradients make the residual of Newton's step, beside the gradient. Each round then leaves a thousandth
/// of the distance to the minimum, which is little beside what a round costs.
const RESIDUAL: f64 = 1e-3;
/// Newton's method needs five to ten rounds, and for separable classes about the logarithm of the samples more.
const MAX_ROUNDS: usize = 100;

/// A fitted logistic regression.
#[derive(Clone, Debug, PartialEq)]
pub struct LogisticRegression {
    /// A weight per feature, `[d]`.
    pub weights: Vec<f64>,
    /// The intercept.
    pub bias: f64,
}

/// The share of ones among the training labels as the probability of every sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Majority {
    /// The share of ones, from 0 to 1.
    pub share: f64,
}

/// The problem in the coordinates t, u.
struct Problem<'a> {
    data: &'a Dataset,
    scaling: StandardScaler,
    /// What half the square of each entry of u costs, then 0 for the intercept, `[d + 1]`.
    penalty: Vec<f64>,
}

impl LogisticRegression {
    /// Fits the data.
    ///
    /// With a single class the minimum lies at infinity; the fit then has weights of 0 and that intercept, and so
    /// predicts this class with certainty.
    pub fn fit(data: &Dataset) -> Self {
        let [zeros, ones] = data.class_counts().map(|count| count as f64);
        // Without weights the best intercept is the log odds of the labels.
        let start = if zeros == ones { 0.0 } else { (ones / zeros).ln() };
        if start.is_infinite() {
            return Self { weights: vec![0.0; data.features()], bias: start };
        }
        let problem = Problem::new(data);
        let mut theta = vec![0.0; data.features() + 1];
        theta[data.features()] = start;
        problem.minimise(&mut theta);
        let bias = theta.pop().unwrap_or(0.0);
        let weights: Vec<f64> = theta.iter().zip(&problem.scaling.deviation).map(|(u, s)| u / s).collect();
        Self { bias: bias - dot(&weights, &problem.scaling.mean), weights }
    }

    /// The probability of label 1 for each row of `x`.
    ///
    /// # Shapes
    /// `x` is `[m, d]` row by row; the result is `[m]`.
    pub fn probabilities(&self, x: &[f64]) -> Vec<f64> {
        x.chunks_exact(self.weights.len())
            .map(|row| sigmoid(dot(row, &self.weights) + self.bias))
            .collect()
    }
}

impl Majority {
    /// Takes the share from labels, of which there must be some.
    ///
    /// # Shapes
    /// `labels` is `[m]`.
    pub fn fit(labels: &[u8]) -> Self {
        let ones = labels.iter().filter(|&&label| label == 1).count();
        Self { share: ones as f64 / labels.len() as f64 }
    }

    /// The same probability for each of so many rows.
    pub fn probabilities(&self, rows: usize) -> Vec<f64> {
        vec![self.share; rows]
    }
}

impl<'a> Problem<'a> {
    fn new(data: &'a Dataset) -> Self {
        let mut scaling = StandardScaler::fit(data.x(), data.features());
        // Any coordinates have the same minimum; in these the penalty is finite.
        scaling.deviation.iter_mut().for_each(|s| *s = s.max(1e-150));
        let penalty = scaling.deviation.iter().map(|s| 1.0 / (s * s)).chain([0.0]).collect();
        Self { data, scaling, penalty }
    }

    /// Newton's method with step halving.
    fn minimise(&self, theta: &mut Vec<f64>) {
        let mut cost = self.objective(theta);
        for _ in 0..MAX_ROUNDS {
            let Some((step, gain)) = self.step(theta) else { return };
            // From here on the objective's rounding, about 1e-13 of it for a million samples, says more about a step
            // than what the step gains. Convergence is quadratic: this step leaves a relative error of about 1e-12,
            // the next none.
            if !(gain > 1e-12 * cost) {
                *theta = moved(theta, &step, 1.0);
                if let Some((last, _)) = self.step(theta) {
                    *theta = moved(theta, &last, 1.0);
                }
                return;
            }
            let halvings = std::iter::successors(Some(1.0), |scale| Some(scale / 2.0)).take(40);
            let trials = halvings.map(|scale| moved(theta, &step, scale));
            let better = trials
                .map(|trial| (self.objective(&trial), trial))
                .find(|(trial_cost, _)| *trial_cost < cost);
            let Some((lower_cost, lower)) = better else { return };
            (cost, *theta) = (lower_cost, lower);
        }
    }

    /// The step to the minimum of the parabola that fits at theta, and how far below that minimum lies.
    fn step(&self, theta: &[f64]) -> Option<(Vec<f64>, f64)> {
        let (gradient, step) = if self.data.features() > MAX_DIRECT {
            self.approached(theta)
        } else {
            let (gradient, hessian) = self.derivatives(theta);
            let step = damped(&hessian, &gradient)?;
            (gradient, step)
        };
        let gain = dot(&gradient, &step) / 2.0;
        Some((step, gain))
    }

    fn objective(&self, theta: &[f64]) -> f64 {
        let mut t = vec![0.0; self.data.features()];
        let loss = self.data.rows().zip(self.data.y()).map(|(row, &label)| {
            self.scale(row, &mut t);
            let z = dot(&t, theta) + theta[t.len()];
            let u = if label == 1 { -z } else { z };
            u.max(0.0) + (-u.abs()).exp().ln_1p()
        });
        let penalties = self.penalty.iter().zip(theta).map(|(penalty, u)| penalty * u * u / 2.0);
        loss.sum::<f64>() + penalties.sum::<f64>()
    }

    /// The gradient, `[d + 1]`, and the lower triangle of the Hessian, row after row.
    fn derivatives(&self, theta: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let size = theta.len();
        let mut gradient: Vec<f64> = self.penalty.iter().zip(theta).map(|(penalty, u)| penalty * u).collect();
        let mut hessian = vec![0.0; size * (size + 1) / 2];
        // A block of samples with the 1 of the intercept last, by columns: [size, BLOCK]. Samples that the last block
        // lacks have weight 0.
        let mut columns = vec![[1.0; BLOCK]; size];
        let features = self.data.features();
        let mut t = vec![0.0; features];
        for (rows, labels) in self.data.x().chunks(BLOCK * features).zip(self.data.y().chunks(BLOCK)) {
            let mut curvature = [0.0; BLOCK];
            for (k, (row, &label)) in rows.chunks_exact(features).zip(labels).enumerate() {
                self.scale(row, &mut t);
                let p = sigmoid(dot(&t, theta) + theta[features]);
                curvature[k] = p * (1.0 - p);
                let error = p - f64::from(label);
                for ((column, gradient), input) in columns.iter_mut().zip(&mut gradient).zip(&t) {
                    column[k] = *input;
                    *gradient += error * input;
                }
                gradient[features] += error;
            }
            add_products(&mut hessian, &columns, &curvature);
        }
        for (i, penalty) in self.penalty.iter().enumerate() {
            hessian[triangle(i) + i] += penalty;
        }
        (gradient, hessian)
    }

    /// The gradient, and a step that conjugate gradients take to be near Newton's.
    fn approached(&self, theta: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let features = self.data.features();
        let (mut curvature, mut t) = (Vec::with_capacity(self.data.samples()), vec![0.0; features + 1]);
        let mut gradient: Vec<f64> = self.penalty.iter().zip(theta).map(|(penalty, u)| penalty * u).collect();
        let mut diagonal = self.penalty.clone();
        // The last input is the intercept's.
        t[features] = 1.0;
        for (row, &label) in self.data.rows().zip(self.data.y()) {
            self.scale(row, &mut t[..features]);
            let p = sigmoid(dot(&t, theta));
            add(&mut gradient, p - f64::from(label), &t);
            curvature.push(p * (1.0 - p));
            diagonal
                .iter_mut()
                .zip(&t)
                .for_each(|(entry, input)| *entry += p * (1.0 - p) * input * input);
        }
        let times = |v: &[f64]| {
            let mut product: Vec<f64> = self.penalty.iter().zip(v).map(|(penalty, v)| penalty * v).collect();
            let mut t = vec![1.0; features + 1];
            for (row, curvature) in self.data.rows().zip(&curvature) {
                self.scale(row, &mut t[..features]);
                add(&mut product, curvature * dot(&t, v), &t);
            }
            product
        };
        let step = conjugate_gradients(times, &diagonal, &gradient);
        (gradient, step)
    }

    fn scale(&self, row: &[f64], t: &mut [f64]) {
        let StandardScaler { mean, deviation } = &self.scaling;
        for j in 0..t.len() {
            t[j] = (row[j] - mean[j]) / deviation[j];
        }
    }
}

/// Adds columns' diag(weights) columns to a lower triangle.
///
/// Written out for the plain build, which unrolls nothing: a million samples of 20 features take 0.1 s.
fn add_products(triangle: &mut [f64], columns: &[[f64; BLOCK]], weights: &[f64; BLOCK]) {
    let mut rest = triangle;
    for (i, left) in columns.iter().enumerate() {
        let (entries, below) = rest.split_at_mut(i + 1);
        rest = below;
        let mut l = *left;
        l.iter_mut().zip(weights).for_each(|(left, weight)| *left *= weight);
        for (entry, r) in entries.iter_mut().zip(columns) {
            let lower = (l[0] * r[0] + l[1] * r[1]) + (l[2] * r[2] + l[3] * r[3]);
            let upper = (l[4] * r[4] + l[5] * r[5]) + (l[6] * r[6] + l[7] * r[7]);
            *entry += lower + upper;
        }
    }
}

fn moved(theta: &[f64], step: &[f64], scale: f64) -> Vec<f64> {
    theta.iter().zip(step).map(|(t, s)| t - scale * s).collect()
}

/// 1 / (1 + e^-z): exact to rounding for every `z`, with no overflow that matters.
pub fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Comes near the s of A s = b for symmetric positive definite A, given by its products and its diagonal.
fn conjugate_gradients(times: impl Fn(&[f64]) -> Vec<f64>, diagonal: &[f64], b: &[f64]) -> Vec<f64> {
    let over_diagonal = |r: &[f64]| -> Vec<f64> { r.iter().zip(diagonal).map(|(r, d)| r / d).collect() };
    let (mut s, mut residual) = (vec![0.0; b.len()], b.to_vec());
    let mut direction = over_diagonal(&residual);
    let mut size = dot(&residual, &direction);
    let enough = size * RESIDUAL * RESIDUAL;
    // Exact arithmetic needs a round for each number at most.
    for _ in 0..b.len() {
        if !(size > enough) {
            break;
        }
        let product = times(&direction);
        let length = size / dot(&direction, &product);
        add(&mut s, length, &direction);
        add(&mut residual, -length, &product);
        let next = over_diagonal(&residual);
        let next_size = dot(&residual, &next);
        direction
            .iter_mut()
            .zip(&next)
            .for_each(|(direction, next)| *direction = next + next_size / size * *direction);
        size = next_size;
    }
    s
}

/// Where row `i` of a lower triangle starts.
fn triangle(i: usize) -> usize {
    i * (i + 1) / 2
}

/// Solves A s = b for a symmetric A that should be positive definite. Where it is not to rounding, as with a feature
/// that repeats another, its diagonal is raised until it is: the step gets shorter and still leads downhill.
fn damped(a: &[f64], b: &[f64]) -> Option<Vec<f64>> {
    let raises = std::iter::successors(Some(1e-14), |raise| Some(raise * 100.0)).take(7);
    std::iter::once(0.0).chain(raises).find_map(|raise| {
        let mut raised = a.to_vec();
        for i in 0..b.len() {
            raised[triangle(i) + i] *= 1.0 + raise;
        }
        solve(raised, b.to_vec())
    })
}

/// Solves A s = b for symmetric positive definite A, given by its lower triangle, through A = L L'.
fn solve(mut a: Vec<f64>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let size = b.len();
    for i in 0..size {
        let (above, row) = a.split_at_mut(triangle(i));
        for j in 0..i {
            let other = &above[triangle(j)..];
            row[j] = (row[j] - dot(&row[..j], &other[..j])) / other[j];
        }
        row[i] = (row[i] - dot(&row[..i], &row[..i])).sqrt();
        // Not positive definite to rounding: NaN or 0 on the diagonal.
        if !(row[i] > 0.0) {
            return None;
        }
    }
    for i in 0..size {
        let row = &a[triangle(i)..];
        b[i] = (b[i] - dot(&row[..i], &b[..i])) / row[i];
    }
    for i in (0..size).rev() {
        let rest: f64 = (i + 1..size).map(|k| a[triangle(k) + i] * b[k]).sum();
        b[i] = (b[i] - rest) / a[triangle(i) + i];
    }
    Some(b)
}
