//! The error of central differences over their step.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::axes::{Axis, Scale};
use super::lines::{Line, draw_lines};
use super::picture::{DrawResult, Picture};
use super::theme::CLASS_COLORS;

/// Errors over steps, both on logarithmic axes. A dot on each curve marks the step that the gradient check uses.
#[derive(Clone, Debug)]
pub struct StepSweep {
    /// The title of the picture.
    pub title: String,
    /// One curve for f64 and one for f32.
    pub curves: [StepCurve; 2],
}

/// The errors with one float type.
#[derive(Clone, Debug)]
pub struct StepCurve {
    /// The name in the legend.
    pub name: String,
    /// The step that the gradient check uses.
    pub chosen: f64,
    /// Pairs of step and error.
    pub points: Vec<(f64, f64)>,
}

impl StepCurve {
    /// The curve in decimal logarithms, with a dot at the point nearest to the chosen step.
    fn line(&self, color: RGBColor) -> Line {
        // Other errors have no logarithm.
        let positive = |&&(_, error): &&(f64, f64)| error.is_finite() && error > 0.0;
        let points = self.points.iter().filter(positive);
        let log_points: Vec<_> = points.map(|(step, error)| (step.log10(), error.log10())).collect();

        let distance = |log_step: f64| (log_step - self.chosen.log10()).abs();
        let nearest = log_points.iter().min_by(|a, b| distance(a.0).total_cmp(&distance(b.0)));
        let dots = nearest.map(|&point| (point, 6)).into_iter().collect();
        Line { dots, ..Line::new(&self.name, log_points, color.stroke_width(2)) }
    }
}

impl Picture for StepSweep {
    fn size(&self) -> (u32, u32) {
        (820, 600)
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        let lines: Vec<_> = self
            .curves
            .iter()
            .zip(CLASS_COLORS)
            .map(|(curve, color)| curve.line(color))
            .collect();

        let points = || lines.iter().flat_map(|line| &line.points);
        let min_max = |[min, max]: [f64; 2], value: f64| [min.min(value), max.max(value)];
        // Both axes include 0, a step and an error of 1, on the right and at the top.
        let step_range = points().map(|point| point.0).fold([f64::INFINITY, 0.0], min_max);
        let [min_error, max_error] = points().map(|point| point.1).fold([0.0; 2], min_max);
        let axes = [
            ("step h, times max(1, |parameter|)", step_range),
            ("relative error of the gradient", [min_error - 0.3, max_error + 0.3]),
        ];
        let axes = axes.map(|(name, range)| Axis { name, range, scale: Scale::Log10 });
        draw_lines(area, &self.title, axes, &lines)
    }
}
