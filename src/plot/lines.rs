//! Lines between two axes, and below them what each is called: a name within the chart would cover what it names.
//!
//! Leaves out: what the lines mean.

use plotters::coord::Shift;
use plotters::element::DashedPathElement;
use plotters::prelude::*;

use super::DrawResult;
use super::axes::{Axis, chart};
use super::marks::{fitted, text};

/// Height of a row of names, and the length of the line before each.
const ROW: u32 = 22;
const SAMPLE: u32 = 26;
/// Free space beside the rows, and after each name.
const ASIDE: u32 = 24;

/// A line through points, and dots on it.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub name: String,
    pub points: Vec<(f64, f64)>,
    /// Where a dot stands and its radius.
    pub dots: Vec<((f64, f64), i32)>,
    pub style: ShapeStyle,
    pub dashed: bool,
}

impl Line {
    /// A stroke without dots, unless there is but one point, of which nothing else would be seen.
    pub fn new(name: impl Into<String>, points: Vec<(f64, f64)>, style: impl Into<ShapeStyle>) -> Self {
        let dots = if let [point] = points[..] { vec![(point, 4)] } else { Vec::new() };
        Self { name: name.into(), points, dots, style: style.into(), dashed: false }
    }
}

/// A chart of lines, with their names below it where there are several.
pub(super) fn lines<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    title: &str,
    axes: [Axis<'_>; 2],
    lines: &[Line],
) -> DrawResult<DB> {
    let style = text(16);
    let (width, height) = area.dim_in_pixel();
    let room = width - 2 * ASIDE;
    let named = if lines.len() > 1 { lines } else { &[] };
    let names = named
        .iter()
        .map(|line| fitted(area, &line.name, &style, room - SAMPLE))
        .collect::<Result<Vec<_>, _>>()?;
    let widths = names.iter().map(|name| Ok(SAMPLE + area.estimate_text_size(name, &style)?.0));
    let places = rows(&widths.collect::<Result<Vec<_>, _>>()?, room);
    let below = places.last().map_or(0, |(_, row)| (row + 1) * ROW);
    let (upper, lower) = area.split_vertically(height - below);
    let mut chart = chart(&upper, title, axes)?;
    for Line { points, dots, style, dashed, .. } in lines {
        if *dashed {
            chart.draw_series(DashedLineSeries::new(points.iter().copied(), 6, 4, *style))?;
        } else {
            chart.draw_series(LineSeries::new(points.iter().copied(), *style))?;
        }
        chart.draw_series(dots.iter().map(|&(at, radius)| Circle::new(at, radius, style.filled())))?;
    }
    for ((Line { style: stroke, dashed, .. }, name), (x, row)) in named.iter().zip(&names).zip(places) {
        let (x, y) = ((ASIDE + x) as i32, (row * ROW + 4) as i32);
        let ends = [(x, y + 2), (x + SAMPLE as i32 - 6, y + 2)];
        if *dashed {
            lower.draw(&DashedPathElement::new(ends, 6, 4, *stroke))?;
        } else {
            lower.draw(&PathElement::new(ends, *stroke))?;
        }
        lower.draw(&Text::new(&name[..], (x + SAMPLE as i32, y - 5), style.clone()))?;
    }
    Ok(())
}

/// From the left and row of each name: one after the other, and into the next row where the room is used up.
fn rows(widths: &[u32], room: u32) -> Vec<(u32, u32)> {
    let (mut left, mut row) = (0, 0);
    let place = widths.iter().map(|width| {
        if left > 0 && left + width > room {
            (left, row) = (0, row + 1);
        }
        let place = (left, row);
        left += width + ASIDE;
        place
    });
    place.collect()
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn names_flow_into_rows() {
        assert_eq!(rows(&[100, 60, 200, 300, 10], 200), [(0, 0), (124, 0), (0, 1), (0, 2), (0, 3)]);
        assert_eq!(rows(&[], 200), []);
    }
}
