//! Draws pixels, and writes every character that the font lacks as its code.
//!
//! The font of the program has Latin, Greek and Cyrillic letters only. plotters leaves a gap for any other character, so two
//! classes called 男 and 女 would have empty names. Here they are `\u{7537}` and `\u{5973}`, which differ. An SVG does not
//! need this, because its viewer chooses a font.

use std::borrow::Cow;
use std::sync::LazyLock;

use ab_glyph::{Font as _, FontRef, GlyphId};
use plotters::prelude::*;
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind};

/// The font of all pictures.
pub(super) const FONT: &[u8] = include_bytes!("../assets/Roboto-Regular.ttf");

/// The characters of a text that pictures in PNG show as codes, each once.
pub fn characters_without_glyph(text: &str) -> Vec<char> {
    let mut missing: Vec<char> = text.chars().filter(|&c| !has_glyph(c)).collect();
    missing.sort_unstable();
    missing.dedup();
    missing
}

/// Whether the font can show a character. If the font cannot be read, no picture is drawn at all.
fn has_glyph(character: char) -> bool {
    static PARSED: LazyLock<Option<FontRef<'static>>> = LazyLock::new(|| FontRef::try_from_slice(FONT).ok());
    PARSED.as_ref().is_none_or(|font| font.glyph_id(character) != GlyphId(0))
}

/// The text with codes in place of the characters that the font lacks.
fn with_codes(text: &str) -> Cow<'_, str> {
    if text.chars().all(has_glyph) {
        return text.into();
    }
    let mut shown = String::new();
    for character in text.chars() {
        if has_glyph(character) {
            shown.push(character);
        } else {
            shown.extend(character.escape_unicode());
        }
    }
    shown.into()
}

/// plotters' backend for pixels, with codes for missing characters. The size of a text is the size of what is shown.
pub(super) struct PngBackend<'a>(pub(super) BitMapBackend<'a>);

type Drawn<'a, T = ()> = Result<T, DrawingErrorKind<<BitMapBackend<'a> as DrawingBackend>::ErrorType>>;

impl<'a> DrawingBackend for PngBackend<'a> {
    type ErrorType = <BitMapBackend<'a> as DrawingBackend>::ErrorType;

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, position: BackendCoord) -> Drawn<'a> {
        self.0.draw_text(&with_codes(text), style, position)
    }

    fn estimate_text_size<S: BackendTextStyle>(&self, text: &str, style: &S) -> Drawn<'a, (u32, u32)> {
        self.0.estimate_text_size(&with_codes(text), style)
    }

    // The other methods only hand on to the methods that the inner backend has for speed.

    fn get_size(&self) -> (u32, u32) {
        self.0.get_size()
    }

    fn ensure_prepared(&mut self) -> Drawn<'a> {
        self.0.ensure_prepared()
    }

    fn present(&mut self) -> Drawn<'a> {
        self.0.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn<'a> {
        self.0.draw_pixel(point, color)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn<'a> {
        self.0.draw_line(from, to, style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn<'a> {
        self.0.draw_rect(upper_left, bottom_right, style, fill)
    }

    fn blit_bitmap(&mut self, position: BackendCoord, size: (u32, u32), pixels: &[u8]) -> Drawn<'a> {
        self.0.blit_bitmap(position, size, pixels)
    }
}
