//! The error of central differences over their step.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::marks::{CLASS, FAINT, INK};
use super::{Drawn, Picture};

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

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        let points = || self.curves.iter().flat_map(|curve| curve.points.iter().copied());
        let visible = |&(_, error): &(f64, f64)| error.is_finite() && error > 0.0;
        let steps = points().fold((f64::INFINITY, 0.0_f64), |(low, high), (step, _)| (low.min(step), high.max(step)));
        let errors = points()
            .filter(visible)
            .fold((1.0_f64, 1.0_f64), |(low, high), (_, error)| (low.min(error), high.max(error)));
        let mut chart = ChartBuilder::on(area)
            .caption(&self.title, ("sans-serif", 22).into_font().color(&INK))
            .margin(12)
            .margin_right(28)
            .x_label_area_size(44)
            .y_label_area_size(72)
            .build_cartesian_2d((steps.0..steps.1).log_scale(), (errors.0 / 2.0..errors.1 * 2.0).log_scale())?;
        chart
            .configure_mesh()
            .x_desc("step h, times max(1, |parameter|)")
            .y_desc("relative error of the gradient")
            .x_label_formatter(&|step| format!("{step:.0e}"))
            .y_label_formatter(&|error| format!("{error:.0e}"))
            .max_light_lines(0)
            .bold_line_style(FAINT)
            .axis_style(INK)
            .label_style(("sans-serif", 15).into_font().color(&INK))
            .axis_desc_style(("sans-serif", 17).into_font().color(&INK))
            .draw()?;
        for (StepCurve { name, chosen, points }, color) in self.curves.iter().zip(CLASS) {
            let line = points.iter().copied().filter(visible);
            chart
                .draw_series(LineSeries::new(line, color.stroke_width(2)))?
                .label(name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], color.stroke_width(2)));
            let nearest = points.iter().filter(|point| visible(point)).min_by(|a, b| {
                let distance = |step: f64| (step / chosen).ln().abs();
                distance(a.0).total_cmp(&distance(b.0))
            });
            chart.draw_series(nearest.map(|&point| Circle::new(point, 6, color.filled())))?;
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerLeft)
            .background_style(WHITE)
            .border_style(FAINT)
            .label_font(("sans-serif", 16).into_font().color(&INK))
            .draw()
    }
}
