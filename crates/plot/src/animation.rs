//! A sequence of pictures as a GIF.
//!
//! All pictures share one small palette. From the second on, the pixels that are as in the picture before are transparent. Both
//! make the file smaller.

use std::borrow::Cow;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread::{self, ScopedJoinHandle};

use gif::{DisposalMethod, EncodingError, Frame, Repeat};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::indexed::Palette;
use super::picture::{DrawResult, Picture};
use super::render::Raster;
use super::theme::{colormap, text_style};
use crate::error::{Error, Result};

/// The most colours, without the transparent one. With 255, a file is twice as large.
const MAX_COLORS: usize = 63;
/// The number of steps from one end of the colormap to the other.
const SHADES: u32 = 40;
/// The other colours of the palette are those of this many pictures, evenly chosen.
const PALETTE_PICTURES: usize = 9;
/// Where the labels begin, in pixels.
const LABEL_CORNER: (i32, i32) = (80, 16);
/// The gap between two labels, in pixels.
const LABEL_GAP: u32 = 40;

/// A picture with numbers in the place of its title.
pub struct Labelled<'a, P> {
    /// The picture. Its title must be blank.
    pub picture: P,
    /// The numbers, from left to right.
    pub labels: [Label<'a>; 2],
}

/// A number with its name. In a sequence of pictures, each digit keeps its place.
pub struct Label<'a> {
    /// What it is.
    pub name: &'a str,
    /// The number in this picture.
    pub number: &'a str,
    /// The longest number of all pictures, for which there is room.
    pub longest: &'a str,
}

impl<P: Picture> Picture for Labelled<'_, P> {
    fn size(&self) -> (u32, u32) {
        self.picture.size()
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        self.picture.draw(area)?;
        let style = text_style(22);
        let (mut x, y) = LABEL_CORNER;
        for Label { name, number, longest } in &self.labels {
            area.draw(&Text::new(*name, (x, y), style.clone()))?;
            // A space at the end of a text has no width, so one between two characters is measured.
            let (width, _) = area.estimate_text_size(&format!("{name} {longest}"), &style)?;
            x += width as i32;
            area.draw(&Text::new(*number, (x, y), style.pos(Pos::new(HPos::Right, VPos::Top))))?;
            x += LABEL_GAP as i32;
        }
        Ok(())
    }
}

/// The contents of a GIF file that is repeated for ever. `delays` are the times of the pictures in hundredths of a second.
/// All pictures have the same size.
///
/// # Errors
/// When a picture cannot be drawn or encoded.
pub fn gif(delays: &[u16], picture: impl Fn(usize) -> Result<Raster> + Sync) -> Result<Vec<u8>> {
    let last = delays.len().saturating_sub(1);
    let sample = in_parallel((0..PALETTE_PICTURES).map(|i| i * last / (PALETTE_PICTURES - 1)), &picture)?;
    let images: Vec<&[u8]> = sample.iter().map(|raster| &raster.rgb[..]).collect();
    let mut palette = Palette::with(shades(), &images, MAX_COLORS);
    let transparent = palette.colors.len() as u8;
    let colors = [&palette.colors.concat()[..], &[255; 3]].concat();

    let failed = |error: EncodingError| Error(error.to_string());
    let [width, height] = [sample[0].size.0, sample[0].size.1].map(|side| side as u16);
    let mut encoder = gif::Encoder::new(Vec::new(), width, height, &colors).map_err(failed)?;
    encoder.set_repeat(Repeat::Infinite).map_err(failed)?;
    let mut before = Vec::new();
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    for (batch, delays) in delays.chunks(threads).enumerate() {
        let numbers = batch * threads..batch * threads + delays.len();
        for (raster, &delay) in in_parallel(numbers, &picture)?.iter().zip(delays) {
            let pixels = palette.pixels(&raster.rgb);
            let buffer = Cow::Owned(differences(&before, &pixels, transparent));
            let dispose = DisposalMethod::Keep;
            let frame =
                Frame { delay, dispose, transparent: Some(transparent), width, height, buffer, ..Frame::default() };
            encoder.write_frame(&frame).map_err(failed)?;
            before = pixels;
        }
    }
    encoder.into_inner().map_err(failed)
}

/// Evenly spaced colours of the colormap.
fn shades() -> Vec<[u8; 3]> {
    let shade = |i: u32| colormap(f64::from(i) / f64::from(SHADES));
    (0..=SHADES)
        .map(shade)
        .map(|RGBColor(red, green, blue)| [red, green, blue])
        .collect()
}

/// Draws pictures at the same time, each in a thread.
fn in_parallel(
    numbers: impl Iterator<Item = usize>,
    picture: &(impl Fn(usize) -> Result<Raster> + Sync),
) -> Result<Vec<Raster>> {
    thread::scope(|scope| {
        let workers: Vec<_> = numbers.map(|number| scope.spawn(move || picture(number))).collect();
        let results = workers.into_iter().map(ScopedJoinHandle::join);
        results
            .map(|result| result.unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    })
}

/// The pixels of an image; those that are as before are transparent. `before` is empty for the first image.
fn differences(before: &[u8], pixels: &[u8], transparent: u8) -> Vec<u8> {
    if before.is_empty() {
        return pixels.to_vec();
    }
    let pairs = before.iter().zip(pixels);
    pairs
        .map(|(before, pixel)| if before == pixel { transparent } else { *pixel })
        .collect()
}
