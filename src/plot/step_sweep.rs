//! The error of central differences over their step.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::axes::{Axis, Numbers};
use super::lines::{Line, lines};
use super::marks::CLASS;
use super::{DrawResult, Picture};

/// Errors over steps, both on logarithmic axes, with the step that is in use marked for each float type.
#[derive(Clone, Debug)]
pub struct StepSweep {
    /// What the picture says above.
    pub title: String,
    /// One curve for f64 and one for f32.
    pub curves: [StepCurve; 2],
}

/// The errors of one float type.
#[derive(Clone, Debug)]
pub struct StepCurve {
    /// What the legend calls it.
    pub name: String,
    /// The step that is in use, which is marked.
    pub chosen: f64,
    /// Pairs of step and error.
    pub points: Vec<(f64, f64)>,
}

impl Picture for StepSweep {
    fn size(&self) -> (u32, u32) {
        (820, 600)
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        let visible = |&&(_, error): &&(f64, f64)| error.is_finite() && error > 0.0;
        let curves = self
            .curves
            .iter()
            .zip(CLASS)
            .map(|(StepCurve { name, chosen, points }, color)| {
                let points = points.iter().filter(visible).map(|(step, error)| (step.log10(), error.log10()));
                let line = Line::new(name, points.collect(), color.stroke_width(2));
                let distance = |step: f64| (step - chosen.log10()).abs();
                let nearest = line.points.iter().min_by(|a, b| distance(a.0).total_cmp(&distance(b.0)));
                Line { dots: nearest.map(|&point| (point, 6)).into_iter().collect(), ..line }
            });
        let curves: Vec<_> = curves.collect();
        let of = |axis: fn(&(f64, f64)) -> f64| curves.iter().flat_map(|curve| &curve.points).map(axis);
        let ends = |[low, high]: [f64; 2], value: f64| [low.min(value), high.max(value)];
        let [low, high] = of(|point| point.1).fold([0.0; 2], ends);
        let axes = [
            ("step h, times max(1, |parameter|)", of(|point| point.0).fold([f64::INFINITY, 0.0], ends)),
            ("relative error of the gradient", [low - 0.3, high + 0.3]),
        ];
        let axes = axes.map(|(name, range)| Axis { name, range, numbers: Numbers::Powers });
        lines(area, &self.title, axes, &curves)
    }
}
