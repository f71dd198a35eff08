//! The elements of charts of the plane: samples, the legend of the classes, the colour bar.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::axes::Chart;
use super::picture::DrawResult;
use super::theme::{CLASS_COLORS, INK, colormap, fit_text, text_style};
use petal_data::text::short;

/// The width of the area beside a chart for its legend and colour bar, in pixels.
pub(super) const LEGEND_WIDTH: u32 = 150;

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
        let label = short(low + (high - low) * fraction);
        area.draw(&Text::new(label, (right + 8, y - 7), text_style(15)))?;
    }
    Ok(())
}
