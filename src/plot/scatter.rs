//! Pictures of samples in the plane: the samples alone, and the samples on a decision boundary.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::axes::{Axis, build_chart};
use super::field::{ScalarField, Window};
use super::marks::{LEGEND_WIDTH, draw_color_bar, draw_field, draw_legend, draw_samples};
use super::picture::{DrawResult, Picture};
use super::theme::{fit_text, text_style};
use crate::data::text::short;

/// The range of a probability.
pub(super) const PROBABILITY_RANGE: [f64; 2] = [0.0, 1.0];

/// The samples in the plane of their two features.
#[derive(Clone, Debug)]
pub struct Scatter<'a> {
    /// The title of the picture.
    pub title: String,
    /// The names of the two features.
    pub axes: [&'a str; 2],
    /// The names of the two classes.
    pub classes: [String; 2],
    /// The samples, `[m, 2]` row by row.
    pub x: &'a [f64],
    /// Their labels, `[m]`.
    pub y: &'a [u8],
}

/// The probability of class 1 over the plane, the decision boundary, and the samples.
#[derive(Clone, Debug)]
pub struct Boundary<'a> {
    /// The samples, with the picture's title.
    pub scatter: Scatter<'a>,
    /// The probability; the boundary lies at the level of the field.
    pub field: ScalarField,
}

impl Scatter<'_> {
    /// The axes that show a window.
    fn axes_for(&self, window: Window) -> [Axis<'_>; 2] {
        [Axis::new(self.axes[0], window.x), Axis::new(self.axes[1], window.y)]
    }
}

impl Picture for Scatter<'_> {
    fn size(&self) -> (u32, u32) {
        (640 + LEGEND_WIDTH, 600)
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        let (chart_area, legend_area) = area.split_horizontally(area.dim_in_pixel().0 - LEGEND_WIDTH);
        let mut chart = build_chart(&chart_area, &self.title, self.axes_for(Window::around(self.x)))?;
        draw_samples(&mut chart, self.x, self.y, 4)?;
        draw_legend(&legend_area, &self.classes, (14, 64))
    }
}

impl Picture for Boundary<'_> {
    fn size(&self) -> (u32, u32) {
        self.scatter.size()
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        draw_boundary(area, &self.scatter, &self.field, 4)
    }
}

/// Draws a probability over the plane with the line at its level, the samples with marks of `sample_size` pixels, and the
/// legend with the colour bar.
pub(super) fn draw_boundary<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    scatter: &Scatter<'_>,
    field: &ScalarField,
    sample_size: i32,
) -> DrawResult<DB> {
    let (chart_area, legend_area) = area.split_horizontally(area.dim_in_pixel().0 - LEGEND_WIDTH);
    let mut chart = build_chart(&chart_area, &scatter.title, scatter.axes_for(field.window()))?;
    draw_field(&mut chart, field, PROBABILITY_RANGE)?;
    draw_samples(&mut chart, scatter.x, scatter.y, sample_size)?;

    draw_legend(&legend_area, &scatter.classes, (14, 64))?;
    let style = text_style(16);
    let class_line = fit_text(&legend_area, &format!("of {}", scatter.classes[1]), &style, LEGEND_WIDTH - 10)?;
    for (line, y) in [("probability", 130), (&class_line, 148)] {
        legend_area.draw(&Text::new(line, (6, y), style.clone()))?;
    }

    let (bar_top, bar_height) = (180, 300);
    // Readers expect a threshold of 1/2, so only another one is written.
    if field.level() != 0.5 {
        let threshold = format!("threshold {}", short(field.level()));
        legend_area.draw(&Text::new(threshold, (6, bar_top + bar_height + 18), style))?;
    }
    draw_color_bar(&legend_area, (8, bar_top), bar_height, PROBABILITY_RANGE, Some(field.level()))
}
