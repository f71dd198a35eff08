//! What the pictures are made of: colours, points, shaded fields, axes.

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::element::BitMapElement;
use plotters::prelude::*;

use super::{Drawn, Field, Window};

/// Text in axes and titles.
pub(super) const INK: RGBColor = RGBColor(40, 40, 40);
/// Grid lines.
pub(super) const FAINT: RGBColor = RGBColor(226, 226, 226);
/// The colours of class 0 and class 1.
pub(super) const CLASS: [RGBColor; 2] = [RGBColor(0, 114, 178), RGBColor(213, 94, 0)];
/// The colours of up to four curves; more go round. After the classes' two come Okabe and Ito's green and purple.
pub(super) const CURVES: [RGBColor; 4] = [CLASS[0], CLASS[1], RGBColor(0, 158, 115), RGBColor(204, 121, 167)];
/// The tints of the lowest and the highest value of a shaded field; white lies in the middle.
const TINTS: [RGBColor; 2] = [RGBColor(112, 178, 218), RGBColor(240, 166, 104)];

/// Where around a pixel's middle a line is looked for, in pixels, across and up.
const AROUND: [f64; 4] = [-1.2, -0.4, 0.4, 1.2];

/// A chart over a part of the plane.
pub(super) type Chart<'a, DB> = ChartContext<'a, DB, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// The colour of `share` between the tints, 0 to 1.
pub(super) fn shade(share: f64) -> RGBColor {
    let (tint, strength) = if share < 0.5 { (TINTS[0], 1.0 - 2.0 * share) } else { (TINTS[1], 2.0 * share - 1.0) };
    let channel = |full: u8| (255.0 - (255.0 - f64::from(full)) * strength.clamp(0.0, 1.0)).round() as u8;
    RGBColor(channel(tint.0), channel(tint.1), channel(tint.2))
}

/// An empty chart of the window with a title, unless that is empty, and room for labelled axes.
pub(super) fn plane<'a, DB: DrawingBackend>(
    area: &'a DrawingArea<DB, Shift>,
    title: &str,
    window: Window,
) -> Result<Chart<'a, DB>, DrawingAreaErrorKind<DB::ErrorType>> {
    let mut builder = ChartBuilder::on(area);
    if !title.is_empty() {
        builder.caption(title, ("sans-serif", 22).into_font().color(&INK));
    }
    builder
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(52)
        .build_cartesian_2d(window.x[0]..window.x[1], window.y[0]..window.y[1])
}

/// Axes of a plane, drawn after its contents so that shading does not cover them.
pub(super) fn axes<DB: DrawingBackend>(chart: &mut Chart<'_, DB>, [x, y]: [&str; 2]) -> Drawn<DB> {
    chart
        .configure_mesh()
        .disable_mesh()
        .x_desc(x)
        .y_desc(y)
        .axis_style(INK)
        .label_style(("sans-serif", 15).into_font().color(&INK))
        .axis_desc_style(("sans-serif", 17).into_font().color(&INK))
        .draw()
}

/// A small panel of a window: a title, a frame, no axes.
pub(super) fn panel<'a, DB: DrawingBackend>(
    area: &'a DrawingArea<DB, Shift>,
    title: &str,
    window: Window,
) -> Result<Chart<'a, DB>, DrawingAreaErrorKind<DB::ErrorType>> {
    ChartBuilder::on(area)
        .caption(title, ("sans-serif", 17).into_font().color(&INK))
        .margin(6)
        .build_cartesian_2d(window.x[0]..window.x[1], window.y[0]..window.y[1])
}

/// How a field is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    /// The values drawn in full blue and in full vermilion.
    pub range: [f64; 2],
    /// The value along which a line is drawn.
    pub level: f64,
}

/// Shades the whole chart by the field and draws the line along which it has the scale's level.
///
/// The line is part of the shading, since plotters rounds the ends of lines to whole pixels. A pixel is inked
/// where points around it lie on both sides of the level, the more evenly the darker, so that the line has the
/// same width on a gentle slope and on a cliff.
pub(super) fn shading<DB: DrawingBackend>(chart: &mut Chart<'_, DB>, field: &Field, scale: Scale) -> Drawn<DB> {
    let (width, height) = chart.plotting_area().dim_in_pixel();
    let at = |column: f64, row: f64| field.at(column / f64::from(width), 1.0 - row / f64::from(height));
    let [low, high] = scale.range;
    let mut pixels = Vec::with_capacity(3 * width as usize * height as usize);
    for row in (0..height).map(|row| f64::from(row) + 0.5) {
        for column in (0..width).map(|column| f64::from(column) + 0.5) {
            let RGBColor(red, green, blue) = shade((at(column, row) - low) / (high - low));
            let around = AROUND.iter().flat_map(|dy| AROUND.iter().map(move |dx| at(column + dx, row + dy)));
            let above = around.filter(|&value| value > scale.level).count();
            let ink = (above.min(AROUND.len().pow(2) - above) as f64 / 4.0).min(1.0);
            pixels.extend([(red, INK.0), (green, INK.1), (blue, INK.2)].map(|(color, ink_color)| {
                (f64::from(color) + (f64::from(ink_color) - f64::from(color)) * ink).round() as u8
            }));
        }
    }
    let window = field.window();
    let corner = (window.x[0], window.y[1]);
    match BitMapElement::<_>::with_owned_buffer(corner, (width, height), pixels) {
        Some(image) => chart.plotting_area().draw(&image),
        None => unreachable!("the buffer was filled for this size"),
    }
}

/// Draws the samples: class 0 as circles, class 1 as triangles, each with a white rim.
pub(super) fn samples<DB: DrawingBackend>(chart: &mut Chart<'_, DB>, x: &[f64], y: &[u8], size: i32) -> Drawn<DB> {
    let points = || x.chunks_exact(2).map(|point| (point[0], point[1])).zip(y);
    for (rim, growth) in [(true, 1), (false, 0)] {
        let color = |class: usize| if rim { WHITE.filled() } else { CLASS[class].filled() };
        let circles = points().filter(|&(_, &label)| label == 0);
        chart.draw_series(circles.map(|(at, _)| Circle::new(at, size + growth, color(0))))?;
        let triangles = points().filter(|&(_, &label)| label == 1);
        chart.draw_series(triangles.map(|(at, _)| TriangleMarker::new(at, size + 1 + growth, color(1))))?;
    }
    Ok(())
}

/// Names the two classes in the corner of an area: a mark and a word each.
pub(super) fn legend<DB: DrawingBackend>(area: &DrawingArea<DB, Shift>, (x, y): (i32, i32)) -> Drawn<DB> {
    let text = ("sans-serif", 16).into_font().color(&INK);
    area.draw(&Circle::new((x, y), 5, CLASS[0].filled()))?;
    area.draw(&Text::new("class 0", (x + 12, y - 7), text.clone()))?;
    area.draw(&TriangleMarker::new((x, y + 23), 6, CLASS[1].filled()))?;
    area.draw(&Text::new("class 1", (x + 12, y + 15), text))
}

/// A scale beside a shaded chart: the colours from `low` to `high`, with five values.
pub(super) fn color_bar<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    (left, top): (i32, i32),
    height: i32,
    Scale { range: [low, high], level }: Scale,
) -> Drawn<DB> {
    let (bar, ticks) = (16, 4);
    for row in 0..height {
        let share = 1.0 - (f64::from(row) + 0.5) / f64::from(height);
        let line = [(left, top + row), (left + bar, top + row + 1)];
        area.draw(&Rectangle::new(line, shade(share).filled()))?;
    }
    area.draw(&Rectangle::new([(left, top), (left + bar, top + height)], INK))?;
    let line = top + height - ((level - low) / (high - low) * f64::from(height)).round() as i32;
    area.draw(&PathElement::new([(left, line), (left + bar, line)], ShapeStyle::from(&INK).stroke_width(2)))?;
    for tick in 0..=ticks {
        let share = f64::from(tick) / f64::from(ticks);
        let y = top + height - (share * f64::from(height)).round() as i32;
        area.draw(&PathElement::new([(left + bar, y), (left + bar + 4, y)], INK))?;
        let text = format!("{}", low + (high - low) * share);
        area.draw(&Text::new(text, (left + bar + 8, y - 7), ("sans-serif", 15).into_font().color(&INK)))?;
    }
    Ok(())
}
