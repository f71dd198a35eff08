//! Pictures of many small charts over the same samples.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::axes::build_panel;
use super::boundary::{PROBABILITY_RANGE, draw_field};
use super::marks::{LEGEND_WIDTH, draw_color_bar, draw_legend, draw_samples};
use super::picture::{DrawResult, Picture};
use super::scalar_field::{ScalarField, Window};
use super::scatter::Scatter;
use super::theme::{INK, fit_text, text_style};

/// The maximum number of panels in a picture. More cannot be distinguished.
pub const MAX_PANELS: usize = 64;
/// The width and height of a panel in pixels.
const PANEL_SIZE: u32 = 250;
/// The height of the picture's title in pixels.
const TITLE_HEIGHT: u32 = 52;

/// Many decision boundaries over the same samples.
#[derive(Clone, Debug)]
pub struct Boundaries<'a> {
    /// The samples, with the picture's title.
    pub scatter: Scatter<'a>,
    /// A title and a probability for each panel.
    pub panels: Vec<(String, ScalarField)>,
}

/// The activation of each hidden unit over the plane, and the line where its input is 0.
#[derive(Clone, Debug)]
pub struct HiddenUnits<'a> {
    /// The samples, with the picture's title.
    pub scatter: Scatter<'a>,
    /// A title and an activation for each unit.
    pub panels: Vec<(String, ScalarField)>,
    /// The lower and the upper end of the colours.
    pub range: [f64; 2],
}

impl HiddenUnits<'_> {
    /// How many of `units` hidden units the picture shows: at most [`MAX_PANELS`].
    pub fn panel_count(units: usize) -> usize {
        units.min(MAX_PANELS)
    }
}

impl Picture for Boundaries<'_> {
    fn size(&self) -> (u32, u32) {
        picture_size(self.panels.len())
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        draw_panels(area, &self.scatter, &self.panels, PROBABILITY_RANGE)
    }
}

impl Picture for HiddenUnits<'_> {
    fn size(&self) -> (u32, u32) {
        picture_size(self.panels.len())
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        draw_panels(area, &self.scatter, &self.panels, self.range)
    }
}

/// The numbers of columns and rows for the panels: nearly square, with few empty cells.
fn columns_and_rows(panels: usize) -> (usize, usize) {
    let square = (panels as f64).sqrt().ceil().max(1.0) as usize;
    let empty_cells = |columns: usize| columns * panels.div_ceil(columns) - panels;
    let columns = if empty_cells(square + 1) < empty_cells(square) { square + 1 } else { square };
    (columns, panels.div_ceil(columns))
}

/// The size of a picture of panels, with its title and its legend.
fn picture_size(panels: usize) -> (u32, u32) {
    let (columns, rows) = columns_and_rows(panels);
    (columns.max(2) as u32 * PANEL_SIZE + LEGEND_WIDTH, rows as u32 * PANEL_SIZE + TITLE_HEIGHT)
}

/// Draws fields with the samples on top. All share one colour bar, from the lower to the upper end of `value_range`.
fn draw_panels<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    scatter: &Scatter<'_>,
    panels: &[(String, ScalarField)],
    value_range: [f64; 2],
) -> DrawResult<DB> {
    let title_style = text_style(22);
    let title = fit_text(area, &scatter.title, &title_style, area.dim_in_pixel().0)?;
    let area = area.margin(8, 0, 0, 0).titled(&title, title_style)?;
    let (panel_area, legend_area) = area.split_horizontally(area.dim_in_pixel().0 - LEGEND_WIDTH);

    let (columns, rows) = columns_and_rows(panels.len());
    for ((title, field), cell) in panels.iter().zip(panel_area.split_evenly((rows, columns))) {
        let Window { x, y } = field.window();
        let mut chart = build_panel(&cell, title, [x, y])?;
        draw_field(&mut chart, field, value_range)?;
        draw_samples(&mut chart, scatter.x, scatter.y, 1)?;
        chart.draw_series([Rectangle::new([(x[0], y[0]), (x[1], y[1])], INK)])?;
    }

    draw_legend(&legend_area, &scatter.classes, (14, 20))?;
    // The colour bar shows the level only if all panels have the same.
    let levels = || panels.iter().map(|(_, field)| field.level());
    let common_level = levels().next().filter(|first| levels().all(|level| level == *first));
    draw_color_bar(&legend_area, (8, 74), 150, value_range, common_level)
}

#[cfg(test)]
mod tests {
    use super::columns_and_rows;

    #[test]
    fn panels_fill_a_nearly_square_page() {
        let layouts = [1, 2, 3, 4, 5, 7, 8, 20, 64].map(columns_and_rows);
        assert_eq!(layouts, [(1, 1), (2, 1), (3, 1), (2, 2), (3, 2), (4, 2), (4, 2), (5, 4), (8, 8)]);
    }
}
