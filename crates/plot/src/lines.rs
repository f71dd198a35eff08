//! A chart of lines with a legend below it. A legend inside the chart would cover the lines.

use plotters::coord::Shift;
use plotters::element::DashedPathElement;
use plotters::prelude::*;

use super::axes::{Axis, build_chart};
use super::picture::DrawResult;
use super::theme::{fit_text, text_style};

/// The height of a row of the legend, in pixels.
const ROW_HEIGHT: u32 = 22;
/// The width of the stroke before each name in the legend and the gap after it, in pixels.
const HANDLE_WIDTH: u32 = 26;
/// Free space on both sides of the legend and after each name, in pixels.
const GAP: u32 = 24;

/// Half of the width of a cross, in pixels.
const CROSS_SIZE: i32 = 5;
/// The radius of a dot in the legend, in pixels.
const DOT_SIZE: i32 = 5;

/// A line through points, with dots and crosses on it.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Its name in the legend. An empty name is left out.
    pub name: String,
    pub points: Vec<(f64, f64)>,
    /// The middle of each dot and its radius in pixels.
    pub dots: Vec<((f64, f64), i32)>,
    /// A vertical bar at each of these x, from one y to another: an interval.
    pub bars: Vec<(f64, [f64; 2])>,
    /// The middle of each cross on it.
    pub crosses: Vec<(f64, f64)>,
    pub style: ShapeStyle,
    pub dashed: bool,
}

impl Line {
    /// A solid line without dots. A single point gets a dot: a line through it would be invisible.
    pub fn new(name: impl Into<String>, points: Vec<(f64, f64)>, style: impl Into<ShapeStyle>) -> Self {
        let dots = if let [point] = points[..] { vec![(point, 4)] } else { Vec::new() };
        let (bars, crosses) = (Vec::new(), Vec::new());
        Self { name: name.into(), points, dots, bars, crosses, style: style.into(), dashed: false }
    }
}

/// Draws a chart of lines, and a legend below it if there is more than one line.
pub(super) fn draw_lines<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    title: &str,
    axes: [Axis<'_>; 2],
    lines: &[Line],
) -> DrawResult<DB> {
    let (width, height) = area.dim_in_pixel();
    let legend_width = width - 2 * GAP;
    let style = text_style(16);
    let named = lines.iter().filter(|line| !line.name.is_empty());
    let legend_lines: Vec<&Line> = if lines.len() > 1 { named.collect() } else { Vec::new() };
    let (mut names, mut entry_widths) = (Vec::new(), Vec::new());
    for line in &legend_lines {
        let name = fit_text(area, &line.name, &style, legend_width - HANDLE_WIDTH)?;
        entry_widths.push(HANDLE_WIDTH + area.estimate_text_size(&name, &style)?.0);
        names.push(name);
    }
    let positions = legend_positions(&entry_widths, legend_width);
    let legend_height = positions.last().map_or(0, |(_, row)| (row + 1) * ROW_HEIGHT);

    let (chart_area, legend_area) = area.split_vertically(height - legend_height);
    let mut chart = build_chart(&chart_area, title, axes)?;
    for Line { points, dots, bars, crosses, style, dashed, .. } in lines {
        if *dashed {
            chart.draw_series(DashedLineSeries::new(points.iter().copied(), 6, 4, *style))?;
        } else {
            chart.draw_series(LineSeries::new(points.iter().copied(), *style))?;
        }
        let bars = bars.iter().map(|&(x, ends)| ends.map(|y| (x, y)));
        // Thinner than lines, because there are many beside each other.
        chart.draw_series(bars.map(|ends| PathElement::new(ends, style.stroke_width(1))))?;
        chart.draw_series(dots.iter().map(|&(point, radius)| Circle::new(point, radius, style.filled())))?;
        chart.draw_series(crosses.iter().map(|&point| Cross::new(point, CROSS_SIZE, *style)))?;
    }

    for ((line, name), (left, row)) in legend_lines.iter().zip(&names).zip(positions) {
        let (x, y) = ((GAP + left) as i32, (row * ROW_HEIGHT + 4) as i32);
        let stroke = [(x, y + 2), (x + HANDLE_WIDTH as i32 - 6, y + 2)];
        let middle = (x + HANDLE_WIDTH as i32 / 2 - 3, y + 2);
        if line.points.is_empty() && !line.crosses.is_empty() {
            legend_area.draw(&Cross::new(middle, CROSS_SIZE, line.style))?;
        } else if line.points.is_empty() && !line.dots.is_empty() {
            legend_area.draw(&Circle::new(middle, DOT_SIZE, line.style.filled()))?;
        } else if line.dashed {
            legend_area.draw(&DashedPathElement::new(stroke, 6, 4, line.style))?;
        } else {
            // A thin line would hardly show its colour in the legend.
            let style = ShapeStyle { stroke_width: line.style.stroke_width.max(2), ..line.style };
            legend_area.draw(&PathElement::new(stroke, style))?;
        }
        legend_area.draw(&Text::new(&name[..], (x + HANDLE_WIDTH as i32, y - 5), style.clone()))?;
    }
    Ok(())
}

/// The left edge and the row of each legend entry: side by side, and in a new row when the width is used up.
fn legend_positions(widths: &[u32], max_width: u32) -> Vec<(u32, u32)> {
    let (mut left, mut row) = (0, 0);
    let mut positions = Vec::new();
    for width in widths {
        if left > 0 && left + width > max_width {
            (left, row) = (0, row + 1);
        }
        positions.push((left, row));
        left += width + GAP;
    }
    positions
}

#[cfg(test)]
mod tests {
    use super::legend_positions;

    #[test]
    fn legend_entries_continue_in_a_new_row() {
        assert_eq!(legend_positions(&[100, 60, 200, 300, 10], 200), [(0, 0), (124, 0), (0, 1), (0, 2), (0, 3)]);
        assert_eq!(legend_positions(&[], 200), []);
    }
}
