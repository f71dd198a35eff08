//! The sharpness during training, and the bound above which updates overshoot.
//!
//! The module `network::curvature` of the crate `petal` explains and computes both.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::axes::{Axis, Scale};
use super::lines::{Line, draw_lines};
use super::picture::{DrawResult, Picture};
use super::theme::{CLASS_COLORS, INK};

/// The largest eigenvalue of the Hessian over the updates, and the largest value at which gradient descent is stable.
#[derive(Clone, Debug)]
pub struct Sharpness {
    /// The title of the picture.
    pub title: String,
    /// Pairs of update and largest eigenvalue.
    pub sharpness: Vec<(f64, f64)>,
    /// Pairs of update and bound.
    pub bound: Vec<(f64, f64)>,
    /// The name of the bound in the legend.
    pub bound_name: String,
}

impl Picture for Sharpness {
    fn size(&self) -> (u32, u32) {
        (820, 440)
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        let sharpness = finite_points(&self.sharpness);
        let mut bound = finite_points(&self.bound);

        // The bound grows to infinity when a schedule lowers the learning rate to 0. Only its first value counts for the
        // axis, and higher values are not drawn: otherwise the sharpness would be a flat line at the bottom.
        let first_bound = bound.first().map_or(0.0, |&(_, value)| value);
        let max_value = sharpness.iter().map(|&(_, value)| value).fold(first_bound, f64::max);
        let axis_end = if max_value > 0.0 { (max_value * 1.05).min(f64::MAX) } else { 1.0 };
        bound.retain(|&(_, value)| value <= axis_end);

        let last_update = sharpness.last().map_or(1.0, |&(update, _)| update.max(1.0));
        let x_axis = Axis { name: "update", range: [0.0, last_update], scale: Scale::Integer };
        let y_axis = Axis::new("sharpness", [0.0, axis_end]);
        let eigenvalue = Line::new("largest eigenvalue of the Hessian", sharpness, CLASS_COLORS[1].stroke_width(2));
        let bound = Line { dashed: true, ..Line::new(&self.bound_name, bound, INK.stroke_width(2)) };
        draw_lines(area, &self.title, [x_axis, y_axis], &[eigenvalue, bound])
    }
}

fn finite_points(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    points.iter().copied().filter(|(_, value)| value.is_finite()).collect()
}
