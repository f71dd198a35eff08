//! The look that all pictures share: colours, text styles, and text that is cut to a width.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::picture::DrawResult;

/// The colour of text, axes and boundary lines.
pub(super) const INK: RGBColor = RGBColor(40, 40, 40);
/// The colour of grid lines.
pub(super) const GRID: RGBColor = RGBColor(226, 226, 226);
/// The colours of class 0 and class 1.
pub(super) const CLASS_COLORS: [RGBColor; 2] = [RGBColor(0, 114, 178), RGBColor(213, 94, 0)];
/// The colours of curves: those of the two classes, then Okabe and Ito's green and purple. A fifth curve starts again
/// with the first colour.
pub(super) const CURVE_COLORS: [RGBColor; 4] =
    [CLASS_COLORS[0], CLASS_COLORS[1], RGBColor(0, 158, 115), RGBColor(204, 121, 167)];
/// Colours of categories in a chart of many lines: those of the curves, then Okabe and Ito's other ones that are dark enough
/// for lines on white.
pub(super) const CATEGORY_COLORS: [RGBColor; 7] = [
    CURVE_COLORS[0],
    CURVE_COLORS[1],
    CURVE_COLORS[2],
    CURVE_COLORS[3],
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(0, 0, 0),
];
/// Colours in an order, from dark to bright: matplotlib's plasma without its brightest fifth, which is too pale for lines.
const ORDERED_COLORS: [RGBColor; 5] = [
    RGBColor(13, 8, 135),
    RGBColor(106, 0, 168),
    RGBColor(177, 42, 144),
    RGBColor(225, 100, 98),
    RGBColor(252, 166, 54),
];
/// The two ends of the colormap.
const COLORMAP_ENDS: [RGBColor; 2] = [RGBColor(112, 178, 218), RGBColor(240, 166, 104)];

/// The style of text with this font size in pixels.
pub(super) fn text_style(size: i32) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&INK)
}

/// Cuts a text to a width in pixels. A text that is too long ends with an ellipsis.
///
/// Control characters, U+FFFE and U+FFFF are written as escapes, such as `\n`: XML, and so an SVG, must not contain them
/// (<https://www.w3.org/TR/xml/#charsets>).
pub(super) fn fit_text<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    text: &str,
    style: &TextStyle<'_>,
    max_width: u32,
) -> DrawResult<DB, String> {
    let mut characters = Vec::new();
    // Every character is at least one pixel wide, so later ones cannot fit, however long the text is.
    for character in text.chars().take(max_width as usize + 1) {
        if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') {
            characters.extend(character.escape_default());
        } else {
            characters.push(character);
        }
    }

    let mut fitted: String = characters.iter().collect();
    while area.estimate_text_size(&fitted, style)?.0 > max_width && characters.pop().is_some() {
        fitted = characters.iter().chain(&['…']).collect();
    }
    Ok(fitted)
}

/// A diverging colormap: blue at fraction 0, white at 1/2, orange at 1.
pub(super) fn colormap(fraction: f64) -> RGBColor {
    let (end, strength) = if fraction < 0.5 {
        (COLORMAP_ENDS[0], 1.0 - 2.0 * fraction)
    } else {
        (COLORMAP_ENDS[1], 2.0 * fraction - 1.0)
    };
    let channel = |full: u8| (255.0 - (255.0 - f64::from(full)) * strength.clamp(0.0, 1.0)).round() as u8;
    RGBColor(channel(end.0), channel(end.1), channel(end.2))
}

/// A colour for a place in an order, from 0 to 1.
pub(super) fn ordered_color(fraction: f64) -> RGBColor {
    let position = fraction.clamp(0.0, 1.0) * (ORDERED_COLORS.len() - 1) as f64;
    let index = (position as usize).min(ORDERED_COLORS.len() - 2);
    let [from, to] = [ORDERED_COLORS[index], ORDERED_COLORS[index + 1]];
    let channel =
        |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * (position - index as f64)).round() as u8;
    RGBColor(channel(from.0, to.0), channel(from.1, to.1), channel(from.2, to.2))
}
