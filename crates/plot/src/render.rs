//! Renders a picture into the bytes of a file.

use std::sync::OnceLock;

use plotters::prelude::*;
use plotters::style::register_font;

use super::dense_backend::{DENSITY, DenseBackend, halved};
use super::indexed::Palette;
use super::picture::{Format, Picture};
use super::png_backend::{FONT, PngBackend};
use crate::error::{Error, Result};

/// Larger pictures, in logical pixels, are not smoothed, to save memory.
const MAX_SMOOTHED: u32 = 2_000_000;

/// Draws a picture in memory and returns the contents of its file.
///
/// # Errors
/// When the picture cannot be drawn.
pub fn render(picture: &impl Picture, format: Format) -> Result<Vec<u8>> {
    match format {
        Format::Png => dense_raster(picture, DENSITY)?.to_png(),
        Format::Svg => {
            register_fonts()?;
            let mut text = String::new();
            let inner = SVGBackend::with_string(&mut text, picture.size());
            draw_on(DenseBackend { inner, scale: 1 }, picture)?;
            Ok(text.into_bytes())
        }
    }
}

/// Draws a PNG with one pixel for each logical pixel, which makes a small file.
///
/// # Errors
/// When the picture cannot be drawn.
pub fn render_small(picture: &impl Picture) -> Result<Vec<u8>> {
    raster(picture)?.to_png()
}

/// The pixels of a picture.
pub struct Raster {
    /// In RGB, row by row from the top.
    pub(super) rgb: Vec<u8>,
    pub(super) size: (u32, u32),
}

impl Raster {
    /// The contents of a PNG file.
    ///
    /// # Errors
    /// When the pixels cannot be encoded.
    pub fn to_png(&self) -> Result<Vec<u8>> {
        self.encoded().map_err(|error| Error(error.to_string()))
    }

    fn encoded(&self) -> Result<Vec<u8>, png::EncodingError> {
        let mut palette = Palette::of(&self.rgb);
        let pixels = palette.pixels(&self.rgb);
        let mut bytes = Vec::new();
        let (width, height) = self.size;
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_palette(palette.colors.concat());
        encoder.set_compression(png::Compression::Best);

        let mut writer = encoder.write_header()?;
        writer.write_image_data(&pixels)?;
        writer.finish()?;
        Ok(bytes)
    }
}

/// Draws the pixels of a picture, one for each logical pixel.
///
/// # Errors
/// When the picture cannot be drawn.
pub fn raster(picture: &impl Picture) -> Result<Raster> {
    dense_raster(picture, 1)
}

/// Draws a picture with `density` x `density` pixels for each logical pixel.
fn dense_raster(picture: &impl Picture, density: u32) -> Result<Raster> {
    register_fonts()?;
    let (width, height) = picture.size();
    let is_smoothed = width * height <= MAX_SMOOTHED;
    let scale = if is_smoothed { 2 * density } else { density };
    let size = (width * scale, height * scale);
    let mut pixels = vec![0; 3 * size.0 as usize * size.1 as usize];
    let inner = PngBackend(BitMapBackend::with_buffer(&mut pixels, size));
    draw_on(DenseBackend { inner, scale }, picture)?;

    let rgb = if is_smoothed { halved(&pixels, size.0) } else { pixels };
    Ok(Raster { rgb, size: (width * density, height * density) })
}

/// Draws a picture on a white background.
fn draw_on<DB: DrawingBackend>(backend: DB, picture: &impl Picture) -> Result<()> {
    let area = backend.into_drawing_area();
    let result = area
        .fill(&WHITE)
        .and_then(|()| picture.draw(&area))
        .and_then(|()| area.present());
    result.map_err(|error| Error(error.to_string()))
}

/// Registers the font that is part of the program with plotters, once per process.
fn register_fonts() -> Result<()> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let registered = *REGISTERED.get_or_init(|| register_font("sans-serif", FontStyle::Normal, FONT).is_ok());
    registered
        .then_some(())
        .ok_or_else(|| Error("the carried font cannot be read".into()))
}
