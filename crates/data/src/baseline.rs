//! Two simple models to compare a network with: [`LogisticRegression`], which has no hidden layer, and [`ClassPrior`], which
//! knows only the labels.
//!
//! ```text
//! minimise  |w|^2 / 2 + sum over samples of softplus(z) - y z,    z = x w + b
//! gradient  w + x' (sigmoid(z) - y)                               and sum of (sigmoid(z) - y) for b
//! Hessian   x' diag(p (1 - p)) x, plus 1 on the diagonal of w     p = sigmoid(z)
//! ```
//!
//! This is scikit-learn's `LogisticRegression()` with its defaults (L2 penalty, C = 1, no penalty on the intercept). The
//! article uses the cross-validated form of it. Newton's method with step halving finds the minimum to rounding, where
//! scikit-learn stops at its tolerance.
//!
//! With more than 256 features the Hessian is never formed, because the time for it grows with the square of their number.
//! Conjugate gradients then compute an approximate Newton step from products with the Hessian, preconditioned by its diagonal
//! (Nash, 2000, "A survey of truncated-Newton methods").
//!
//! The minimum is found in standardised coordinates, t = (x - mean) / s with the standard deviation s, so that neither large
//! units nor a large mean make the Hessian ill-conditioned. The minimum is the same: the weights for t are u = s w, their
//! penalty is sum of (u / s)^2 / 2, and the intercept, which has no penalty, absorbs the means.
//!
//! Not covered: choosing the strength of the penalty.

use crate::dataset::Dataset;
use crate::linear_solver::{conjugate_gradients, row_start, solve_damped};
use crate::logistic::{cross_entropy, logit, sigmoid};
use crate::scaling::StandardScaler;
use crate::vector::{add_scaled, dot, max_norm};

/// The number of samples that one pass over the Hessian adds.
const BLOCK: usize = 8;
/// With more features than this, Newton's step is computed by conjugate gradients.
const MAX_DIRECT: usize = 256;
/// The relative residual at which conjugate gradients stop. Each Newton step then reduces the distance to the minimum about
/// 1,000 times. A smaller tolerance would take more time than one more Newton step.
const TOLERANCE: f64 = 1e-3;
/// Newton's method needs five to ten rounds. For separable classes it needs about the logarithm of the number of samples more.
const MAX_ROUNDS: usize = 100;

/// A fitted logistic regression.
#[derive(Clone, Debug, PartialEq)]
pub struct LogisticRegression {
    /// One weight per feature, `[d]`.
    pub weights: Vec<f64>,
    /// The intercept.
    pub bias: f64,
}

/// Predicts the same probability for every sample: the fraction of positive samples among the training samples. This is
/// scikit-learn's `DummyClassifier(strategy="prior")`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassPrior {
    /// The fraction of positive samples, from 0 to 1.
    pub fraction_of_positives: f64,
}

impl LogisticRegression {
    /// Fits the data.
    ///
    /// With a single class the minimum lies at infinity. The fit then has weights of 0 and an infinite intercept, so that it
    /// predicts this class with certainty.
    pub fn fit(data: &Dataset) -> Self {
        let [zeros, ones] = data.class_counts().map(|count| count as f64);
        // Without weights the best intercept is the log odds of the labels.
        let log_odds = if zeros == ones { 0.0 } else { (ones / zeros).ln() };
        if log_odds.is_infinite() {
            return Self { weights: vec![0.0; data.features()], bias: log_odds };
        }

        let objective = Objective::new(data);
        let mut theta = vec![0.0; data.features() + 1];
        theta[data.features()] = log_odds;
        objective.minimise(&mut theta);

        let bias = theta.pop().unwrap_or(0.0);
        let StandardScaler { mean, deviation } = &objective.scaler;
        let weights: Vec<f64> = theta.iter().zip(deviation).map(|(u, s)| u / s).collect();
        Self { bias: bias - dot(&weights, mean), weights }
    }

    /// The logit of label 1 for each row of `x`.
    ///
    /// # Shapes
    /// `x` is `[m, d]` row by row; the result is `[m]`.
    pub fn logits(&self, x: &[f64]) -> Vec<f64> {
        let logit = |row: &[f64]| {
            let sum = dot(row, &self.weights);
            if sum.is_finite() {
                return sum + self.bias;
            }
            // Products of large inputs overflow, and their sum may be NaN. With inputs of at most 1, none of them does.
            let largest = max_norm(row);
            let row: Vec<f64> = row.iter().map(|input| input / largest).collect();
            dot(&row, &self.weights) * largest + self.bias
        };
        x.chunks_exact(self.weights.len()).map(logit).collect()
    }
}

impl ClassPrior {
    /// Counts the labels, of which there must be at least one.
    ///
    /// # Shapes
    /// `labels` is `[m]`.
    pub fn fit(labels: &[u8]) -> Self {
        let positives = labels.iter().filter(|&&label| label == 1).count();
        Self { fraction_of_positives: positives as f64 / labels.len() as f64 }
    }

    /// The logit of label 1, repeated for the given number of rows. It is infinite if all training samples have one label.
    pub fn logits(&self, rows: usize) -> Vec<f64> {
        vec![logit(self.fraction_of_positives); rows]
    }
}

/// The function to minimise, in standardised coordinates. Its argument theta is the weights u and then the intercept, `[d + 1]`.
struct Objective<'a> {
    data: &'a Dataset,
    scaler: StandardScaler,
    /// The penalty is half the sum of `penalty[i] * theta[i]^2`. `[d + 1]`; 0 for the intercept.
    penalty: Vec<f64>,
}

impl<'a> Objective<'a> {
    fn new(data: &'a Dataset) -> Self {
        let mut scaler = StandardScaler::fit(data.x(), data.features());
        // The minimum is the same with any deviation above 0. This bound keeps the penalty finite.
        scaler.deviation.iter_mut().for_each(|s| *s = s.max(1e-150));
        let penalty = scaler.deviation.iter().map(|s| 1.0 / (s * s)).chain([0.0]).collect();
        Self { data, scaler, penalty }
    }

    /// Newton's method with step halving.
    fn minimise(&self, theta: &mut Vec<f64>) {
        let mut cost = self.value(theta);
        for _ in 0..MAX_ROUNDS {
            let Some((step, decrease)) = self.newton_step(theta) else {
                return;
            };

            // Rounding errors of the objective are about 1e-13 of it for a million samples. Smaller decreases cannot be
            // measured. Convergence is quadratic: this step leaves a relative error of about 1e-12, the next step would leave
            // none.
            if !(decrease > 1e-12 * cost) {
                *theta = moved(theta, &step, 1.0);
                if let Some((last_step, _)) = self.newton_step(theta) {
                    *theta = moved(theta, &last_step, 1.0);
                }
                return;
            }

            let scales = std::iter::successors(Some(1.0), |scale| Some(scale / 2.0)).take(40);
            let trials = scales.map(|scale| moved(theta, &step, scale));
            let better = trials
                .map(|trial| (self.value(&trial), trial))
                .find(|(trial_cost, _)| *trial_cost < cost);
            let Some((lower_cost, better_theta)) = better else {
                return;
            };
            (cost, *theta) = (lower_cost, better_theta);
        }
    }

    /// The step from theta to the minimum of the parabola that touches the objective there, and the decrease that the parabola
    /// predicts.
    fn newton_step(&self, theta: &[f64]) -> Option<(Vec<f64>, f64)> {
        let (gradient, step) = if self.data.features() > MAX_DIRECT {
            self.gradient_and_approximate_step(theta)
        } else {
            let (gradient, hessian) = self.gradient_and_hessian(theta);
            let step = solve_damped(&hessian, &gradient)?;
            (gradient, step)
        };
        let decrease = dot(&gradient, &step) / 2.0;
        Some((step, decrease))
    }

    /// The objective at theta.
    fn value(&self, theta: &[f64]) -> f64 {
        let (u, intercept) = theta.split_at(self.data.features());
        let mut t = vec![0.0; self.data.features()];
        let losses = self.data.rows().zip(self.data.y()).map(|(row, &label)| {
            self.standardise(row, &mut t);
            cross_entropy(dot(&t, u) + intercept[0], label)
        });
        let penalties = self.penalty.iter().zip(theta).map(|(penalty, u)| penalty * u * u / 2.0);
        losses.sum::<f64>() + penalties.sum::<f64>()
    }

    /// The gradient, `[d + 1]`, and the lower triangle of the Hessian, row after row.
    fn gradient_and_hessian(&self, theta: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (size, features) = (theta.len(), self.data.features());
        let mut gradient = self.penalty_times(theta);
        let mut hessian = vec![0.0; size * (size + 1) / 2];

        // The inputs of a block of samples by columns, [size, BLOCK]; the last column is the 1 of the intercept. A last block
        // with fewer samples keeps inputs of the block before, with weight 0.
        let mut columns = vec![[1.0; BLOCK]; size];
        let mut t = vec![0.0; features];
        for (rows, labels) in self.data.x().chunks(BLOCK * features).zip(self.data.y().chunks(BLOCK)) {
            let mut curvature = [0.0; BLOCK];
            for (k, (row, &label)) in rows.chunks_exact(features).zip(labels).enumerate() {
                self.standardise(row, &mut t);
                let p = sigmoid(dot(&t, &theta[..features]) + theta[features]);
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
            hessian[row_start(i) + i] += penalty;
        }
        (gradient, hessian)
    }

    /// The gradient, and an approximate Newton step by conjugate gradients.
    fn gradient_and_approximate_step(&self, theta: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let features = self.data.features();
        let mut gradient = self.penalty_times(theta);
        let mut curvature = Vec::with_capacity(self.data.samples());
        let mut diagonal = self.penalty.clone();
        // The last input is that of the intercept.
        let mut t = vec![1.0; features + 1];

        for (row, &label) in self.data.rows().zip(self.data.y()) {
            self.standardise(row, &mut t[..features]);
            let p = sigmoid(dot(&t, theta));
            add_scaled(&mut gradient, p - f64::from(label), &t);
            curvature.push(p * (1.0 - p));
            for (element, input) in diagonal.iter_mut().zip(&t) {
                *element += p * (1.0 - p) * input * input;
            }
        }

        let hessian_times = |v: &[f64]| {
            let mut product = self.penalty_times(v);
            let mut t = vec![1.0; features + 1];
            for (row, curvature) in self.data.rows().zip(&curvature) {
                self.standardise(row, &mut t[..features]);
                add_scaled(&mut product, curvature * dot(&t, v), &t);
            }
            product
        };
        let step = conjugate_gradients(hessian_times, &diagonal, &gradient, TOLERANCE);
        (gradient, step)
    }

    /// The penalty's part of the gradient at v, and of the product of the Hessian with v.
    fn penalty_times(&self, v: &[f64]) -> Vec<f64> {
        self.penalty.iter().zip(v).map(|(penalty, v)| penalty * v).collect()
    }

    /// Writes the standardised `row` to `t`.
    fn standardise(&self, row: &[f64], t: &mut [f64]) {
        let StandardScaler { mean, deviation } = &self.scaler;
        for j in 0..t.len() {
            t[j] = (row[j] - mean[j]) / deviation[j];
        }
    }
}

/// Adds C diag(weights) C' to a lower triangle, where row `i` of C is `columns[i]`.
///
/// Written out because a build for size unrolls no loop: a million samples of 20 features take 0.1 s.
fn add_products(triangle: &mut [f64], columns: &[[f64; BLOCK]], weights: &[f64; BLOCK]) {
    let mut remaining = triangle;
    for (i, left) in columns.iter().enumerate() {
        let (row, below) = remaining.split_at_mut(i + 1);
        remaining = below;
        let mut l = *left;
        l.iter_mut().zip(weights).for_each(|(left, weight)| *left *= weight);
        for (element, r) in row.iter_mut().zip(columns) {
            let lower = (l[0] * r[0] + l[1] * r[1]) + (l[2] * r[2] + l[3] * r[3]);
            let upper = (l[4] * r[4] + l[5] * r[5]) + (l[6] * r[6] + l[7] * r[7]);
            *element += lower + upper;
        }
    }
}

/// theta - scale step
fn moved(theta: &[f64], step: &[f64], scale: f64) -> Vec<f64> {
    theta.iter().zip(step).map(|(t, s)| t - scale * s).collect()
}
