//! Logistic regression: what the same data gives without a hidden layer.
//!
//! ```text
//! minimise  |w|^2 / 2 + sum over samples of softplus(z) - y z,    z = x w + b
//! gradient  w + x' (sigmoid(z) - y)                               and sum of (sigmoid(z) - y) for b
//! Hessian   x' diag(p (1 - p)) x, plus 1 on the diagonal of w     p = sigmoid(z)
//! ```
//!
//! This is scikit-learn's `LogisticRegression()` with its defaults (L2 penalty, C = 1, intercept not
//! penalised), which the article uses in its cross-validated form. Newton's method with step halving finds
//! the minimum to rounding, where scikit-learn stops at its tolerance.
//!
//! Leaves out: choosing the penalty, and everything that a main model would need. It is a yardstick.

use crate::data::Dataset;
use crate::loss::sigmoid;

/// A fitted logistic regression.
#[derive(Clone, Debug, PartialEq)]
pub struct LogisticRegression {
    /// A weight per feature, `[d]`.
    pub weights: Vec<f64>,
    /// The intercept.
    pub bias: f64,
}

impl LogisticRegression {
    /// Fits the data.
    pub fn fit(data: &Dataset) -> Self {
        let mut theta = vec![0.0; data.features() + 1];
        let mut cost = objective(data, &theta);
        // About five rounds are needed. A single class pushes the intercept to infinity, a little further each
        // round and with every sample predicted right from the first, until the Hessian is singular.
        for _ in 0..100 {
            let (gradient, hessian) = derivatives(data, &theta);
            let Some(step) = solve(hessian, gradient) else { break };
            let halvings = std::iter::successors(Some(1.0), |scale| Some(scale / 2.0)).take(40);
            // Close to the minimum the objective changes by less than its own rounding.
            let enough = cost + 1e-14 * cost.abs();
            let better = halvings
                .map(|scale| theta.iter().zip(&step).map(|(t, s)| t - scale * s).collect::<Vec<f64>>())
                .map(|trial| (objective(data, &trial), trial))
                .find(|(trial_cost, _)| *trial_cost <= enough);
            let Some((lower_cost, lower)) = better else { break };
            (cost, theta) = (lower_cost, lower);
            // Convergence is quadratic: after a step as small as this the next would be lost in rounding.
            if step.iter().zip(&theta).all(|(s, t)| s.abs() <= 1e-9 * t.abs().max(1e-3)) {
                break;
            }
        }
        let bias = theta.pop().unwrap_or(0.0);
        Self { weights: theta, bias }
    }

    /// The probability of label 1 for each row of `x`.
    ///
    /// # Shapes
    /// `x` is `[m, d]` row by row; the result is `[m]`.
    pub fn probabilities(&self, x: &[f64]) -> Vec<f64> {
        x.chunks_exact(self.weights.len()).map(|row| sigmoid(dot(row, &self.weights) + self.bias)).collect()
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The logit of a row; `theta` holds the weights, then the intercept.
fn logit(row: &[f64], theta: &[f64]) -> f64 {
    dot(row, theta) + theta[row.len()]
}

fn objective(data: &Dataset, theta: &[f64]) -> f64 {
    let weights = &theta[..data.features()];
    let loss = data.rows().zip(data.y()).map(|(row, &label)| {
        let z = logit(row, theta);
        let u = if label == 1 { -z } else { z };
        u.max(0.0) + (-u.abs()).exp().ln_1p()
    });
    dot(weights, weights) / 2.0 + loss.sum::<f64>()
}

/// The gradient, `[d + 1]`, and the lower triangle of the Hessian, `[d + 1]`[..].
fn derivatives(data: &Dataset, theta: &[f64]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let features = data.features();
    let mut gradient = theta.to_vec();
    gradient[features] = 0.0;
    let mut hessian: Vec<Vec<f64>> = (0..=features).map(|i| vec![0.0; i + 1]).collect();
    for (i, row) in hessian.iter_mut().enumerate().take(features) {
        row[i] = 1.0;
    }
    for (row, &label) in data.rows().zip(data.y()) {
        let p = sigmoid(logit(row, theta));
        let input = |i: usize| row.get(i).copied().unwrap_or(1.0);
        for i in 0..=features {
            gradient[i] += (p - f64::from(label)) * input(i);
            for (j, entry) in hessian[i].iter_mut().enumerate() {
                *entry += p * (1.0 - p) * input(i) * input(j);
            }
        }
    }
    (gradient, hessian)
}

/// Solves A s = b for symmetric positive definite A, given by its lower triangle, through A = L L'.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let size = b.len();
    for i in 0..size {
        for j in 0..=i {
            let rest = a[i][j] - dot(&a[i][..j], &a[j][..j]);
            a[i][j] = if i == j { rest.sqrt() } else { rest / a[j][j] };
        }
        // Not positive definite to rounding: NaN or 0 on the diagonal.
        if !(a[i][i] > 0.0) {
            return None;
        }
    }
    for i in 0..size {
        b[i] = (b[i] - dot(&a[i][..i], &b[..i])) / a[i][i];
    }
    for i in (0..size).rev() {
        let rest: f64 = (i + 1..size).map(|k| a[k][i] * b[k]).sum();
        b[i] = (b[i] - rest) / a[i][i];
    }
    Some(b)
}
