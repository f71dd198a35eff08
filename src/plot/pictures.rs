//! The pictures of a run.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::marks::{INK, Scale, axes, color_bar, legend, panel, plane, samples, shading};
use super::{Drawn, Field, Picture, Window};

/// Width kept free beside a chart for its legend.
const ASIDE: u32 = 100;
/// Width and height of a panel among many.
const PANEL: u32 = 250;
/// Probabilities, with the line where both classes are equally probable.
const PROBABILITY: Scale = Scale { range: [0.0, 1.0], level: 0.5 };
/// Activations of tanh, with the line where they change sign.
const ACTIVATION: Scale = Scale { range: [-1.0, 1.0], level: 0.0 };
/// More panels than this are not told apart on one page.
pub const MOST_PANELS: usize = 64;

/// The samples in the plane.
#[derive(Clone, Debug)]
pub struct Points<'a> {
    /// What the picture says above.
    pub title: String,
    /// The names of the two features.
    pub axes: [&'a str; 2],
    /// The samples, `[m, 2]` row by row.
    pub x: &'a [f64],
    /// Their labels, `[m]`.
    pub y: &'a [u8],
}

/// The probability of class 1 over the plane, the line where it is 1/2, and the samples.
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

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        let (left, aside) = area.split_horizontally(area.dim_in_pixel().0 - ASIDE);
        let mut chart = plane(&left, &self.title, Window::around(self.x))?;
        samples(&mut chart, self.x, self.y, 4)?;
        axes(&mut chart, self.axes)?;
        legend(&aside, (14, 64))
    }
}

impl Picture for Boundary<'_> {
    fn size(&self) -> (u32, u32) {
        self.points.size()
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        boundary(area, &self.points, &self.field, 4)
    }
}

impl Picture for Boundaries<'_> {
    fn size(&self) -> (u32, u32) {
        page(self.panels.len())
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        panels(area, &self.points, &self.panels, PROBABILITY)
    }
}

impl Picture for HiddenUnits<'_> {
    fn size(&self) -> (u32, u32) {
        page(self.panels.len())
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        panels(area, &self.points, &self.panels, ACTIVATION)
    }
}

impl HiddenUnits<'_> {
    /// How many of `units` hidden units a page shows.
    pub fn shown(units: usize) -> usize {
        units.min(MOST_PANELS)
    }
}

/// A probability over the plane, the line where it is 1/2, samples of that size on top, and what it all means beside.
pub(super) fn boundary<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    points: &Points<'_>,
    field: &Field,
    size: i32,
) -> Drawn<DB> {
    let (left, aside) = area.split_horizontally(area.dim_in_pixel().0 - ASIDE);
    let mut chart = plane(&left, &points.title, field.window())?;
    shading(&mut chart, field, PROBABILITY)?;
    samples(&mut chart, points.x, points.y, size)?;
    axes(&mut chart, points.axes)?;
    legend(&aside, (14, 64))?;
    let text = ("sans-serif", 16).into_font().color(&INK);
    aside.draw(&Text::new("probability", (6, 130), text.clone()))?;
    aside.draw(&Text::new("of class 1", (6, 148), text))?;
    color_bar(&aside, (8, 180), 300, PROBABILITY)
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
    scale: Scale,
) -> Drawn<DB> {
    let area = area.margin(8, 0, 0, 0).titled(&points.title, ("sans-serif", 22).into_font().color(&INK))?;
    let (left, aside) = area.split_horizontally(area.dim_in_pixel().0 - ASIDE);
    let (columns, rows) = layout(fields.len());
    for ((title, field), cell) in fields.iter().zip(left.split_evenly((rows, columns))) {
        let mut chart = panel(&cell, title, field.window())?;
        shading(&mut chart, field, scale)?;
        samples(&mut chart, points.x, points.y, 1)?;
        let (x, y) = (field.window().x, field.window().y);
        chart.draw_series([Rectangle::new([(x[0], y[0]), (x[1], y[1])], INK)])?;
    }
    legend(&aside, (14, 20))?;
    color_bar(&aside, (8, 74), 150, scale)
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
