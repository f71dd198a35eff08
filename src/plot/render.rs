//! Renders a picture into the bytes of a file.

use std::sync::OnceLock;

use plotters::prelude::*;
use plotters::style::register_font;

use super::picture::{Format, Picture};
use super::png_backend::{FONT, PngBackend};
use crate::error::{Error, Result};

/// Draws a picture in memory and returns the contents of its file.
///
/// # Errors
/// When the picture cannot be drawn.
pub fn render(picture: &impl Picture, format: Format) -> Result<Vec<u8>> {
    register_fonts()?;

    let (width, height) = picture.size();
    match format {
        Format::Png => {
            let mut pixels = vec![0; 3 * width as usize * height as usize];
            draw_on(PngBackend(BitMapBackend::with_buffer(&mut pixels, (width, height))), picture)?;
            encode_png(&pixels, (width, height)).map_err(|error| Error::Picture(error.to_string()))
        }
        Format::Svg => {
            let mut text = String::new();
            draw_on(SVGBackend::with_string(&mut text, (width, height)), picture)?;
            Ok(text.into_bytes())
        }
    }
}

/// Draws a picture on a white background.
fn draw_on<DB: DrawingBackend>(backend: DB, picture: &impl Picture) -> Result<()> {
    let area = backend.into_drawing_area();
    let result = area
        .fill(&WHITE)
        .and_then(|()| picture.draw(&area))
        .and_then(|()| area.present());
    result.map_err(|error| Error::Picture(error.to_string()))
}

fn encode_png(pixels: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_adaptive_filter(png::AdaptiveFilterType::Adaptive);

    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}

/// Registers the font that is part of the program with plotters, once per process.
fn register_fonts() -> Result<()> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let registered = *REGISTERED.get_or_init(|| register_font("sans-serif", FontStyle::Normal, FONT).is_ok());
    registered
        .then_some(())
        .ok_or_else(|| Error::Picture("the carried font cannot be read".into()))
}
