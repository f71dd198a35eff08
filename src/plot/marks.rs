//! The elements of charts of the plane: shaded fields, samples, the legend of the classes, the colour bar.

use plotters::coord::Shift;
use plotters::element::BitMapElement;
use plotters::prelude::*;

use super::axes::Chart;
use super::field::ScalarField;
use super::picture::DrawResult;
use super::theme::{CLASS_COLORS, INK, colormap, fit_text, text_style};

/// The width of the area beside a chart for its legend and colour bar, in pixels.
pub(super) const LEGEND_WIDTH: u32 = 150;
/// The offsets from a pixel's middle at which the field is compared with its level, in pixels, in both directions.
const LINE_OFFSETS: [f64; 4] = [-1.2, -0.4, 0.4, 1.2];

/// Shades the whole chart by the values of a field, which lie in `value_range`, and draws the line at the field's level.
pub(super) fn draw_field<DB: DrawingBackend>(
    chart: &mut Chart<'_, DB>,
    field: &ScalarField,
    value_range: [f64; 2],
) -> DrawResult<DB> {
    let size = chart.plotting_area().dim_in_pixel();
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

    let mut pixels = Vec::with_capacity(3 * width as usize * height as usize);
    for row in (0..height).map(|row| f64::from(row) + 0.5) {
        for column in (0..width).map(|column| f64::from(column) + 0.5) {
            let color = colormap((field.value_at(x(column), y(row)) - low) / (high - low));
            let nearby_x = LINE_OFFSETS.map(|offset| x(column + offset));
            let nearby_y = LINE_OFFSETS.map(|offset| y(row + offset));
            pixels.extend(blend_with_ink(color, line_opacity(field, nearby_x, nearby_y)));
        }
    }
    pixels
}

/// How much of a pixel the line covers, from 0 to 1, found from the field at positions around the pixel.
///
/// The line is darkest where half of these positions lie above the level. So it has the same width on a gentle slope and
/// on a cliff.
fn line_opacity(field: &ScalarField, nearby_x: [f64; 4], nearby_y: [f64; 4]) -> f64 {
    let ([left, .., right], [top, .., bottom]) = (nearby_x, nearby_y);
    if !field.may_cross_level([left, right], [bottom, top]) {
        return 0.0;
    }

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

/// Draws samples `x`, `[m, 2]`, with labels `y`, `[m]`: class 0 as circles, class 1 as triangles, all with a white rim.
pub(super) fn draw_samples<DB: DrawingBackend>(
    chart: &mut Chart<'_, DB>,
    x: &[f64],
    y: &[u8],
    size: i32,
) -> DrawResult<DB> {
    let points_of = |class: u8| {
        let points = x.chunks_exact(2).map(|point| (point[0], point[1])).zip(y);
        points.filter(move |&(_, &label)| label == class).map(|(point, _)| point)
    };
    // All rims first: no rim covers another sample.
    for (is_rim, extra_size) in [(true, 1), (false, 0)] {
        let style = |class: usize| if is_rim { WHITE.filled() } else { CLASS_COLORS[class].filled() };
        chart.draw_series(points_of(0).map(|point| Circle::new(point, size + extra_size, style(0))))?;
        chart.draw_series(points_of(1).map(|point| TriangleMarker::new(point, size + 1 + extra_size, style(1))))?;
    }
    Ok(())
}

/// Draws the marks of the two classes with their names. `(x, y)` is the middle of the upper mark.
pub(super) fn draw_legend<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    classes: &[String; 2],
    (x, y): (i32, i32),
) -> DrawResult<DB> {
    let style = text_style(16);
    let max_width = area.dim_in_pixel().0 - x as u32 - 16;
    let [class_0, class_1] = classes;
    area.draw(&Circle::new((x, y), 5, CLASS_COLORS[0].filled()))?;
    area.draw(&Text::new(fit_text(area, class_0, &style, max_width)?, (x + 12, y - 7), style.clone()))?;
    area.draw(&TriangleMarker::new((x, y + 23), 6, CLASS_COLORS[1].filled()))?;
    area.draw(&Text::new(fit_text(area, class_1, &style, max_width)?, (x + 12, y + 15), style.clone()))
}

/// Draws a colour bar from `low` to `high` with five labelled ticks, and a stroke at the level of the chart's line.
pub(super) fn draw_color_bar<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    (left, top): (i32, i32),
    height: i32,
    [low, high]: [f64; 2],
    level: Option<f64>,
) -> DrawResult<DB> {
    let (width, intervals) = (16, 4);
    let (right, bottom) = (left + width, top + height);
    for row in 0..height {
        let fraction = 1.0 - (f64::from(row) + 0.5) / f64::from(height);
        let corners = [(left, top + row), (right, top + row + 1)];
        area.draw(&Rectangle::new(corners, colormap(fraction).filled()))?;
    }
    area.draw(&Rectangle::new([(left, top), (right, bottom)], INK))?;

    if let Some(level) = level {
        let y = bottom - ((level - low) / (high - low) * f64::from(height)).round() as i32;
        area.draw(&PathElement::new([(left, y), (right, y)], ShapeStyle::from(&INK).stroke_width(2)))?;
    }

    for i in 0..=intervals {
        let fraction = f64::from(i) / f64::from(intervals);
        let y = bottom - (fraction * f64::from(height)).round() as i32;
        area.draw(&PathElement::new([(right, y), (right + 4, y)], INK))?;
        let label = format!("{}", low + (high - low) * fraction);
        area.draw(&Text::new(label, (right + 8, y - 7), text_style(15)))?;
    }
    Ok(())
}
