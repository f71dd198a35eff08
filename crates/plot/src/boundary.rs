//! The decision boundary: the probability of class 1 over the plane, and the line where it equals the threshold.

use plotters::coord::Shift;
use plotters::element::BitMapElement;
use plotters::prelude::*;

use super::axes::{Chart, build_chart};
use super::dense_backend::DENSITY;
use super::marks::{LEGEND_WIDTH, draw_color_bar, draw_legend, draw_samples};
use super::picture::{DrawResult, Picture};
use super::scalar_field::ScalarField;
use super::scatter::Scatter;
use super::theme::{INK, colormap, fit_text, text_style};
use petal_data::text::short;

/// The range of a probability.
pub(super) const PROBABILITY_RANGE: [f64; 2] = [0.0, 1.0];
/// The offsets from a pixel's middle at which the field is compared with its level, in pixels, in both directions.
const LINE_OFFSETS: [f64; 4] = [-1.8, -0.6, 0.6, 1.8];
/// The number of steps from one end of the colormap to the other. They cannot be seen, and files get smaller.
const SHADES: u32 = 200;

/// The probability of class 1 over the plane, the decision boundary, and the samples.
#[derive(Clone, Debug)]
pub struct Boundary<'a> {
    /// The samples, with the picture's title.
    pub scatter: Scatter<'a>,
    /// The probability; the boundary lies at the level of the field.
    pub field: ScalarField,
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

/// Shades the whole chart by the values of a field, which lie in `value_range`, and draws the line at the field's level.
pub(super) fn draw_field<DB: DrawingBackend>(
    chart: &mut Chart<'_, DB>,
    field: &ScalarField,
    value_range: [f64; 2],
) -> DrawResult<DB> {
    let (width, height) = chart.plotting_area().dim_in_pixel();
    let size = (width * DENSITY, height * DENSITY);
    let pixels = field_pixels(field, value_range, size);
    let window = field.window();
    let top_left = (window.x[0], window.y[1]);
    match BitMapElement::<_>::with_owned_buffer(top_left, size, pixels) {
        Some(image) => chart.plotting_area().draw(&image),
        None => unreachable!("the buffer was filled for this size"),
    }
}

/// The RGB pixels of a shaded field with its line, row by row from the top.
///
/// The line is part of the image because plotters rounds the ends of lines to whole pixels.
fn field_pixels(field: &ScalarField, [low, high]: [f64; 2], (width, height): (u32, u32)) -> Vec<u8> {
    // Positions in pixels as fractions of the window.
    let x = |column: f64| column / f64::from(width);
    let y = |row: f64| 1.0 - row / f64::from(height);
    let shades: Vec<RGBColor> = (0..=SHADES)
        .map(|shade| colormap(f64::from(shade) / f64::from(SHADES)))
        .collect();

    let columns: Vec<f64> = (0..width).map(|column| f64::from(column) + 0.5).collect();
    let located: Vec<(usize, f64)> = columns.iter().map(|&column| field.locate(x(column))).collect();
    let mut pixels = Vec::with_capacity(3 * width as usize * height as usize);
    for row in (0..height).map(|row| f64::from(row) + 0.5) {
        let nearby_y = LINE_OFFSETS.map(|offset| y(row + offset));
        // The line can only pass through a pixel in these parts of the row.
        let [top, .., bottom] = nearby_y;
        let crossed = field.columns_that_cross_level([bottom, top]);
        for (column, value) in columns.iter().zip(field.row_at(y(row), &located)) {
            let shade = (value - low) / (high - low) * f64::from(SHADES);
            let RGBColor(red, green, blue) = shades[(shade.round() as usize).min(SHADES as usize)];

            let nearby_x = LINE_OFFSETS.map(|offset| x(column + offset));
            let [left, .., right] = nearby_x;
            if crossed.touch([left, right]) {
                let opacity = line_opacity(field, nearby_x, nearby_y);
                pixels.extend(blend_with_ink(RGBColor(red, green, blue), opacity));
            } else {
                pixels.extend([red, green, blue]);
            }
        }
    }
    pixels
}

/// How much of a pixel the line covers, from 0 to 1, found from the field at positions around the pixel.
///
/// The line is darkest where half of these positions lie above the level. So it has the same width on a gentle slope and
/// on a cliff.
fn line_opacity(field: &ScalarField, nearby_x: [f64; 4], nearby_y: [f64; 4]) -> f64 {
    let positions = nearby_y.into_iter().flat_map(|y| nearby_x.map(|x| (x, y)));
    let above = positions.filter(|&(x, y)| field.value_at(x, y) > field.level()).count();
    let below = LINE_OFFSETS.len().pow(2) - above;
    (above.min(below) as f64 / 4.0).min(1.0)
}

fn blend_with_ink(RGBColor(red, green, blue): RGBColor, opacity: f64) -> [u8; 3] {
    [(red, INK.0), (green, INK.1), (blue, INK.2)].map(|(color, ink)| {
        let (color, ink) = (f64::from(color), f64::from(ink));
        (color + (ink - color) * opacity).round() as u8
    })
}
