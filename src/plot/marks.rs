//! What the pictures are made of: colours, text, points, shaded fields.

use plotters::coord::Shift;
use plotters::element::BitMapElement;
use plotters::prelude::*;

use super::axes::Chart;
use super::{DrawResult, Field};

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

/// Text of that size.
pub(super) fn text(size: i32) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&INK)
}

/// As much of a text as fits into a width, in one line, with an ellipsis where that is not all.
pub(super) fn fitted<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    text: &str,
    style: &TextStyle<'_>,
    width: u32,
) -> Result<String, DrawingAreaErrorKind<DB::ErrorType>> {
    let mut letters = Vec::new();
    // No letter is narrower than a pixel: what comes later is not looked at, however long the text is.
    for letter in text.chars().take(width as usize + 1) {
        // Written out: an SVG may not hold them.
        if letter.is_control() {
            letters.extend(letter.escape_default())
        } else {
            letters.push(letter)
        }
    }
    let mut fitted: String = letters.iter().collect();
    while area.estimate_text_size(&fitted, style)?.0 > width && letters.pop().is_some() {
        fitted = letters.iter().chain(&['…']).collect();
    }
    Ok(fitted)
}

/// The colour of `share` between the tints, 0 to 1.
pub(super) fn shade(share: f64) -> RGBColor {
    let (tint, strength) = if share < 0.5 {
        (TINTS[0], 1.0 - 2.0 * share)
    } else {
        (TINTS[1], 2.0 * share - 1.0)
    };
    let channel = |full: u8| (255.0 - (255.0 - f64::from(full)) * strength.clamp(0.0, 1.0)).round() as u8;
    RGBColor(channel(tint.0), channel(tint.1), channel(tint.2))
}

/// Shades the whole chart by the field, whose values lie in a range, and draws the line along which it has its level.
///
/// The line is part of the shading, since plotters rounds the ends of lines to whole pixels. A pixel is inked
/// where points around it lie on both sides of the level, the more evenly the darker, so that the line has the
/// same width on a gentle slope and on a cliff.
pub(super) fn shading<DB: DrawingBackend>(chart: &mut Chart<'_, DB>, field: &Field, range: [f64; 2]) -> DrawResult<DB> {
    let (width, height) = chart.plotting_area().dim_in_pixel();
    let (across, up) = (|column: f64| column / f64::from(width), |row: f64| 1.0 - row / f64::from(height));
    let at = |column: f64, row: f64| field.at(across(column), up(row));
    let [low, high] = range;
    let mut pixels = Vec::with_capacity(3 * width as usize * height as usize);
    for row in (0..height).map(|row| f64::from(row) + 0.5) {
        for column in (0..width).map(|column| f64::from(column) + 0.5) {
            let RGBColor(red, green, blue) = shade((at(column, row) - low) / (high - low));
            let reach = |place: f64| AROUND.map(|offset| place + offset);
            let ([left, .., right], [top, .., bottom]) = (reach(column), reach(row));
            if !field.may_cross([across(left), across(right)], [up(bottom), up(top)]) {
                pixels.extend([red, green, blue]);
                continue;
            }
            let around = AROUND
                .iter()
                .flat_map(|dy| AROUND.iter().map(move |dx| at(column + dx, row + dy)));
            let above = around.filter(|&value| value > field.level()).count();
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
pub(super) fn samples<DB: DrawingBackend>(chart: &mut Chart<'_, DB>, x: &[f64], y: &[u8], size: i32) -> DrawResult<DB> {
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

/// Names the two classes below the top of an area: a mark and a name each.
pub(super) fn legend<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    [zero, one]: &[String; 2],
    (x, y): (i32, i32),
) -> DrawResult<DB> {
    let style = text(16);
    let fit = |name: &str| fitted(area, name, &style, area.dim_in_pixel().0 - x as u32 - 16);
    area.draw(&Circle::new((x, y), 5, CLASS[0].filled()))?;
    area.draw(&Text::new(fit(zero)?, (x + 12, y - 7), style.clone()))?;
    area.draw(&TriangleMarker::new((x, y + 23), 6, CLASS[1].filled()))?;
    area.draw(&Text::new(fit(one)?, (x + 12, y + 15), style.clone()))
}

/// A scale beside a shaded chart: the colours from `low` to `high`, with five values, and the level of the chart's line.
pub(super) fn color_bar<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    (left, top): (i32, i32),
    height: i32,
    [low, high]: [f64; 2],
    level: Option<f64>,
) -> DrawResult<DB> {
    let (bar, ticks) = (16, 4);
    for row in 0..height {
        let share = 1.0 - (f64::from(row) + 0.5) / f64::from(height);
        let line = [(left, top + row), (left + bar, top + row + 1)];
        area.draw(&Rectangle::new(line, shade(share).filled()))?;
    }
    area.draw(&Rectangle::new([(left, top), (left + bar, top + height)], INK))?;
    if let Some(level) = level {
        let line = top + height - ((level - low) / (high - low) * f64::from(height)).round() as i32;
        area.draw(&PathElement::new([(left, line), (left + bar, line)], ShapeStyle::from(&INK).stroke_width(2)))?;
    }
    for tick in 0..=ticks {
        let share = f64::from(tick) / f64::from(ticks);
        let y = top + height - (share * f64::from(height)).round() as i32;
        area.draw(&PathElement::new([(left + bar, y), (left + bar + 4, y)], INK))?;
        area.draw(&Text::new(format!("{}", low + (high - low) * share), (left + bar + 8, y - 7), text(15)))?;
    }
    Ok(())
}
