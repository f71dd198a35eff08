//! Pictures of many small charts over the same samples.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

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

/// The width of the names of rows in pixels.
const ROW_NAME_WIDTH: u32 = 150;
/// The height of the names of columns in pixels.
const COLUMN_NAME_HEIGHT: u32 = 26;

/// Many decision boundaries.
#[derive(Clone, Debug)]
pub struct Boundaries<'a> {
    /// The title of the picture.
    pub title: String,
    /// The names of the two classes.
    pub classes: [String; 2],
    /// The panels, row by row.
    pub panels: Vec<Panel<'a>>,
    /// The names of rows and columns. Without them the page is nearly square.
    pub grid: Option<PanelGrid>,
}

/// A probability over the plane, and samples.
#[derive(Clone, Debug)]
pub struct Panel<'a> {
    /// The title of the panel.
    pub title: String,
    /// The probability.
    pub field: ScalarField,
    /// The samples, `[m, 2]` row by row.
    pub x: &'a [f64],
    /// Their labels, `[m]`.
    pub y: &'a [u8],
}

/// The names of rows and columns of panels.
#[derive(Clone, Debug)]
pub struct PanelGrid {
    /// From the top.
    pub rows: Vec<String>,
    /// From the left.
    pub columns: Vec<String>,
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
        match &self.grid {
            None => picture_size(columns_and_rows(self.panels.len())),
            Some(grid) => {
                let (width, height) = picture_size((grid.columns.len(), grid.rows.len()));
                (width + ROW_NAME_WIDTH, height + COLUMN_NAME_HEIGHT)
            }
        }
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        draw_panels(area, &self.title, &self.classes, &self.panels, PROBABILITY_RANGE, self.grid.as_ref())
    }
}

impl Picture for HiddenUnits<'_> {
    fn size(&self) -> (u32, u32) {
        picture_size(columns_and_rows(self.panels.len()))
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        let Scatter { title, classes, x, y, .. } = &self.scatter;
        let panel = |(title, field): &(String, ScalarField)| Panel { title: title.clone(), field: field.clone(), x, y };
        let panels: Vec<Panel<'_>> = self.panels.iter().map(panel).collect();
        draw_panels(area, title, classes, &panels, self.range, None)
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
fn picture_size((columns, rows): (usize, usize)) -> (u32, u32) {
    (columns.max(2) as u32 * PANEL_SIZE + LEGEND_WIDTH, rows as u32 * PANEL_SIZE + TITLE_HEIGHT)
}

/// Draws fields with the samples on top. All share one colour bar, from the lower to the upper end of `value_range`.
fn draw_panels<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    title: &str,
    classes: &[String; 2],
    panels: &[Panel<'_>],
    value_range: [f64; 2],
    grid: Option<&PanelGrid>,
) -> DrawResult<DB> {
    let title_style = text_style(22);
    let title = fit_text(area, title, &title_style, area.dim_in_pixel().0)?;
    let area = area.margin(8, 0, 0, 0).titled(&title, title_style)?;
    let (panel_area, legend_area) = area.split_horizontally(area.dim_in_pixel().0 - LEGEND_WIDTH);

    let (panel_area, (columns, rows)) = match grid {
        None => (panel_area, columns_and_rows(panels.len())),
        Some(grid) => (draw_grid_names(&panel_area, grid)?, (grid.columns.len(), grid.rows.len())),
    };
    for (Panel { title, field, x, y }, cell) in panels.iter().zip(panel_area.split_evenly((rows, columns))) {
        let Window { x: [left, right], y: [bottom, top] } = field.window();
        let mut chart = build_panel(&cell, title, [[left, right], [bottom, top]])?;
        draw_field(&mut chart, field, value_range)?;
        draw_samples(&mut chart, x, y, 1)?;
        chart.draw_series([Rectangle::new([(left, bottom), (right, top)], INK)])?;
    }

    draw_legend(&legend_area, classes, (14, 20))?;
    // The colour bar shows the level only if all panels have the same.
    let levels = || panels.iter().map(|panel| panel.field.level());
    let common_level = levels().next().filter(|first| levels().all(|level| level == *first));
    draw_color_bar(&legend_area, (8, 74), 150, value_range, common_level)
}

/// Draws the names of columns above and of rows on the left. Returns the area of the panels.
fn draw_grid_names<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    PanelGrid { rows, columns }: &PanelGrid,
) -> DrawResult<DB, DrawingArea<DB, Shift>> {
    let style = text_style(17);
    let (above, below) = area.split_vertically(COLUMN_NAME_HEIGHT);
    let (left, panel_area) = below.split_horizontally(ROW_NAME_WIDTH);

    let centered = style.pos(Pos::new(HPos::Center, VPos::Center));
    let (width, height) = panel_area.dim_in_pixel();
    let column_width = width / columns.len() as u32;
    for (index, name) in columns.iter().enumerate() {
        let name = fit_text(area, name, &style, column_width - 8)?;
        let middle = ROW_NAME_WIDTH + column_width * index as u32 + column_width / 2;
        above.draw(&Text::new(name, (middle as i32, COLUMN_NAME_HEIGHT as i32 / 2), centered.clone()))?;
    }
    let row_height = height / rows.len() as u32;
    for (index, name) in rows.iter().enumerate() {
        // The name of a key and its value stand in two lines.
        let middle = (row_height * index as u32 + row_height / 2) as i32;
        let lines: Vec<&str> = name.splitn(2, " = ").collect();
        for (line, text) in lines.iter().enumerate() {
            let text = fit_text(area, text, &style, ROW_NAME_WIDTH - 8)?;
            let y = middle + 22 * line as i32 - 11 * (lines.len() as i32 - 1);
            left.draw(&Text::new(text, (ROW_NAME_WIDTH as i32 / 2, y), centered.clone()))?;
        }
    }
    Ok(panel_area)
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
