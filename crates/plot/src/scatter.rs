//! The picture of samples in the plane.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::axes::{Axis, build_chart};
use super::marks::{LEGEND_WIDTH, draw_legend, draw_samples};
use super::picture::{DrawResult, Picture};
use super::scalar_field::Window;

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

impl Scatter<'_> {
    /// The axes that show a window.
    pub(super) fn axes_for(&self, window: Window) -> [Axis<'_>; 2] {
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
