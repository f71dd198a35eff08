//! The sharpness in the course of training, and the bound above which a step overshoots.
//!
//! Leaves out: what they are. That is in [`crate::network::curvature`].

use plotters::coord::Shift;
use plotters::prelude::*;

use super::axes::Axis;
use super::axes::Numbers;
use super::lines::{Line, lines};
use super::marks::{CLASS, INK};
use super::{DrawResult, Picture};

/// The largest eigenvalue of the Hessian over the updates, and the largest with which gradient descent is stable.
#[derive(Clone, Debug)]
pub struct Sharpness {
    /// What the picture says above.
    pub title: String,
    /// Update and eigenvalue.
    pub sharpness: Vec<(f64, f64)>,
    /// Update and bound.
    pub bound: Vec<(f64, f64)>,
    /// What the bound is called.
    pub bound_name: String,
}

impl Picture for Sharpness {
    fn size(&self) -> (u32, u32) {
        (820, 440)
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        let Self { title, sharpness, bound, bound_name } = self;
        let drawn = |points: &[(f64, f64)]| -> Vec<(f64, f64)> {
            points.iter().copied().filter(|(_, value)| value.is_finite()).collect()
        };
        let (sharpness, bound) = (drawn(sharpness), drawn(bound));
        // A bound that a schedule lifts towards infinity would leave nothing to see of the rest.
        let first_bound = bound.first().map_or(0.0, |&(_, value)| value);
        let highest = sharpness.iter().map(|&(_, value)| value).fold(first_bound, f64::max);
        let highest = if highest > 0.0 { (highest * 1.05).min(f64::MAX) } else { 1.0 };
        let bound = bound.into_iter().filter(|&(_, value)| value <= highest).collect();
        let last = sharpness.last().map_or(1.0, |&(update, _)| update.max(1.0));
        let updates = Axis { name: "update", range: [0.0, last], numbers: Numbers::Whole };
        let bound = Line { dashed: true, ..Line::new(bound_name, bound, INK.stroke_width(2)) };
        let all = [Line::new("largest eigenvalue of the Hessian", sharpness, CLASS[1].stroke_width(2)), bound];
        lines(area, title, [updates, Axis::new("sharpness", [0.0, highest])], &all)
    }
}
