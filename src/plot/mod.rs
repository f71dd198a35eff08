//! Pictures from plain slices, as PNG or SVG.
//!
//! The two classes differ in colour (blue and vermilion of the palette by Okabe and Ito, which people with any
//! kind of colour blindness tell apart) and in shape. Text is set in Roboto, which is carried along, so that a
//! picture looks the same on every machine; an SVG leaves the choice of a sans-serif font to its reader.
//!
//! Leaves out: tensors, and more than two dimensions: of many features a picture shows the [`Plane`] that
//! [`crate::data::pca`] finds.

mod axes;
mod cost;
mod curves;
mod field;
mod lines;
mod marks;
mod pictures;
mod sharpness;
mod slice;
mod step_sweep;

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::register_font;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

pub use cost::{CostCurve, CostHistory};
pub use curves::{Calibration, PrecisionRecall, RankingCurve, Reliability, Roc};
pub use field::{Field, Window};
pub use pictures::{Boundaries, Boundary, HiddenUnits, MAX_PANELS, Points};
pub use sharpness::Sharpness;
pub use slice::Plane;
pub use step_sweep::{StepCurve, StepSweep};

/// The file format of pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Pixels.
    #[default]
    Png,
    /// Lines and text that scale.
    Svg,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Png, Self::Svg];
}

/// Something that can be drawn with any of plotters' backends.
pub trait Picture {
    /// Width and height in pixels.
    fn size(&self) -> (u32, u32);

    /// Draws on an area of that size.
    ///
    /// # Errors
    /// What the backend reports.
    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB>;
}

/// The result of drawing on a backend.
pub type DrawResult<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

impl FromStr for Format {
    type Err = String;

    /// By the file name extension.
    fn from_str(extension: &str) -> Result<Self, String> {
        let formats = [Self::Png, Self::Svg];
        formats
            .into_iter()
            .find(|format| format.to_string() == extension)
            .ok_or_else(|| "accepted endings: .png, .svg".into())
    }
}

impl fmt::Display for Format {
    /// The file name extension, which is also the name in configurations.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// Draws a picture into memory, as the contents of a file.
///
/// # Errors
/// When it cannot be drawn.
pub fn render(picture: &impl Picture, format: Format) -> Result<Vec<u8>> {
    register_fonts()?;
    let (width, height) = picture.size();
    match format {
        Format::Png => {
            let mut pixels = vec![0; 3 * width as usize * height as usize];
            paint(picture, BitMapBackend::with_buffer(&mut pixels, (width, height)))?;
            encode(&pixels, (width, height)).map_err(|error| Error::Picture(error.to_string()))
        }
        Format::Svg => {
            let mut text = String::new();
            paint(picture, SVGBackend::with_string(&mut text, (width, height)))?;
            Ok(text.into_bytes())
        }
    }
}

fn paint<DB: DrawingBackend>(picture: &impl Picture, backend: DB) -> Result<()> {
    let area = backend.into_drawing_area();
    let drawn = area
        .fill(&WHITE)
        .and_then(|()| picture.draw(&area))
        .and_then(|()| area.present());
    drawn.map_err(|error| Error::Picture(error.to_string()))
}

fn encode(pixels: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>, png::EncodingError> {
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

/// Makes the carried font known to plotters, once.
fn register_fonts() -> Result<()> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let font = include_bytes!("../../assets/Roboto-Regular.ttf");
    let registered = *REGISTERED.get_or_init(|| register_font("sans-serif", FontStyle::Normal, font).is_ok());
    registered
        .then_some(())
        .ok_or_else(|| Error::Picture("the carried font cannot be read".into()))
}
