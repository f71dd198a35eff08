//! The pictures of a run.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::axes::{Axis, chart, panel};
use super::marks::{INK, color_bar, fitted, legend, samples, shading, text};
use super::{DrawResult, Field, Picture, Window};
use crate::data::text::short;

/// Width kept free beside a chart for its legend.
const ASIDE: u32 = 150;
/// Width and height of a panel among many.
const PANEL: u32 = 250;
/// The values of a probability, and those of tanh.
const PROBABILITY: [f64; 2] = [0.0, 1.0];
const ACTIVATION: [f64; 2] = [-1.0, 1.0];
/// More panels than this are not told apart on one page.
pub const MAX_PANELS: usize = 64;

/// The samples in the plane.
#[derive(Clone, Debug)]
pub struct Points<'a> {
    /// What the picture says above.
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

/// The probability of class 1 over the plane, the line that the field's level draws, and the samples.
#[derive(Clone, Debug)]
pub struct Boundary<'a> {
    /// The samples, with the picture's title.
    pub points: Points<'a>,
    /// The probability.
    pub field: Field,
}

/// Many decision boundaries over the same samples.
#[derive(Clone, Debug)]
pub struct Boundaries<'a> {
    /// The samples, with the picture's title.
    pub points: Points<'a>,
    /// A title and a probability for each panel.
    pub panels: Vec<(String, Field)>,
}

/// The activation of each hidden unit over the plane, from -1 to 1, and the line where it is 0.
#[derive(Clone, Debug)]
pub struct HiddenUnits<'a> {
    /// The samples, with the picture's title.
    pub points: Points<'a>,
    /// A title and an activation for each unit.
    pub panels: Vec<(String, Field)>,
}

impl Picture for Points<'_> {
    fn size(&self) -> (u32, u32) {
        (640 + ASIDE, 600)
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        let (left, aside) = area.split_horizontally(area.dim_in_pixel().0 - ASIDE);
        let mut chart = chart(&left, &self.title, self.along(Window::around(self.x)))?;
        samples(&mut chart, self.x, self.y, 4)?;
        legend(&aside, &self.classes, (14, 64))
    }
}

impl Picture for Boundary<'_> {
    fn size(&self) -> (u32, u32) {
        self.points.size()
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        boundary(area, &self.points, &self.field, 4)
    }
}

impl Picture for Boundaries<'_> {
    fn size(&self) -> (u32, u32) {
        page(self.panels.len())
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        panels(area, &self.points, &self.panels, PROBABILITY)
    }
}

impl Picture for HiddenUnits<'_> {
    fn size(&self) -> (u32, u32) {
        page(self.panels.len())
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        panels(area, &self.points, &self.panels, ACTIVATION)
    }
}

impl Points<'_> {
    /// The axes of a window.
    fn along(&self, window: Window) -> [Axis<'_>; 2] {
        [Axis::new(self.axes[0], window.x), Axis::new(self.axes[1], window.y)]
    }
}

impl HiddenUnits<'_> {
    /// How many of `units` hidden units a page shows.
    pub fn shown(units: usize) -> usize {
        units.min(MAX_PANELS)
    }
}

/// A probability over the plane, a line along its level, samples of that size on top, and what it all means beside.
pub(super) fn boundary<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    points: &Points<'_>,
    field: &Field,
    size: i32,
) -> DrawResult<DB> {
    let (left, aside) = area.split_horizontally(area.dim_in_pixel().0 - ASIDE);
    let mut chart = chart(&left, &points.title, points.along(field.window()))?;
    shading(&mut chart, field, PROBABILITY)?;
    samples(&mut chart, points.x, points.y, size)?;
    legend(&aside, &points.classes, (14, 64))?;
    let style = text(16);
    let of = fitted(&aside, &format!("of {}", points.classes[1]), &style, ASIDE - 10)?;
    let (top, height) = (180, 300);
    for (line, y) in [("probability", 130), (&of, 148)] {
        aside.draw(&Text::new(line, (6, y), style.clone()))?;
    }
    // A line at 1/2 is what everybody expects.
    if field.level() != 0.5 {
        aside.draw(&Text::new(format!("threshold {}", short(field.level())), (6, top + height + 18), style.clone()))?;
    }
    color_bar(&aside, (8, top), height, PROBABILITY, Some(field.level()))
}

/// Columns and rows for that many panels: nearly square, with few places left empty.
fn layout(panels: usize) -> (usize, usize) {
    let square = (panels as f64).sqrt().ceil().max(1.0) as usize;
    let empty = |columns: usize| columns * panels.div_ceil(columns) - panels;
    let columns = if empty(square + 1) < empty(square) { square + 1 } else { square };
    (columns, panels.div_ceil(columns))
}

/// The size of a page with that many panels under a title and beside a scale.
fn page(panels: usize) -> (u32, u32) {
    let (columns, rows) = layout(panels);
    (columns.max(2) as u32 * PANEL + ASIDE, rows as u32 * PANEL + TITLE)
}

/// Height of a page's title.
const TITLE: u32 = 52;

/// A page of fields, each shaded by the same scale with the samples on top.
fn panels<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    points: &Points<'_>,
    fields: &[(String, Field)],
    range: [f64; 2],
) -> DrawResult<DB> {
    let title = fitted(area, &points.title, &text(22), area.dim_in_pixel().0)?;
    let area = area.margin(8, 0, 0, 0).titled(&title, text(22))?;
    let (left, aside) = area.split_horizontally(area.dim_in_pixel().0 - ASIDE);
    let (columns, rows) = layout(fields.len());
    for ((title, field), cell) in fields.iter().zip(left.split_evenly((rows, columns))) {
        let Window { x, y } = field.window();
        let mut chart = panel(&cell, title, [x, y])?;
        shading(&mut chart, field, range)?;
        samples(&mut chart, points.x, points.y, 1)?;
        chart.draw_series([Rectangle::new([(x[0], y[0]), (x[1], y[1])], INK)])?;
    }
    legend(&aside, &points.classes, (14, 20))?;
    let levels = || fields.iter().map(|(_, field)| field.level());
    let level = levels().next().filter(|first| levels().all(|level| level == *first));
    color_bar(&aside, (8, 74), 150, range, level)
}

#[cfg(test)]
mod tests {
    use super::layout;

    #[test]
    fn panels_fill_a_nearly_square_page() {
        let layouts = [1, 2, 3, 4, 5, 7, 8, 20, 64].map(layout);
        assert_eq!(layouts, [(1, 1), (2, 1), (3, 1), (2, 2), (3, 2), (4, 2), (4, 2), (5, 4), (8, 8)]);
    }
}
