//! Draws a picture with more pixels than its size says.
//!
//! The layout of a picture counts in logical pixels, like a page on the web. A PNG has [`DENSITY`] x [`DENSITY`] pixels for each
//! of them, as today's screens have. It is drawn even larger and then made smaller by averaging, so that edges are smooth and
//! letters stand at fractions of a pixel.
//!
//! A bitmap inside a picture has [`DENSITY`] pixels for each logical pixel, too.

use plotters::prelude::*;
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind};

/// Pixels of a PNG, and of a bitmap inside a picture, along the edge of a logical pixel.
pub(super) const DENSITY: u32 = 2;

/// A backend on which each logical pixel has `scale` x `scale` pixels.
pub(super) struct DenseBackend<DB> {
    pub(super) inner: DB,
    pub(super) scale: u32,
}

/// A colour with a scaled width of lines.
struct Scaled {
    color: BackendColor,
    stroke_width: u32,
}

impl BackendStyle for Scaled {
    fn color(&self) -> BackendColor {
        self.color
    }

    fn stroke_width(&self) -> u32 {
        self.stroke_width
    }
}

type Drawn<DB, T = ()> = Result<T, DrawingErrorKind<<DB as DrawingBackend>::ErrorType>>;

impl<DB> DenseBackend<DB> {
    fn style(&self, style: &impl BackendStyle) -> Scaled {
        Scaled { color: style.color(), stroke_width: style.stroke_width() * self.scale }
    }

    fn text_style<'a, S: BackendTextStyle>(&self, style: &'a S) -> TextStyle<'a> {
        let size = style.size() * f64::from(self.scale);
        let font = FontDesc::new(style.family(), size, style.style()).transform(style.transform());
        TextStyle { font, color: style.color(), pos: style.anchor() }
    }

    /// The first pixel of a logical pixel.
    fn corner(&self, (x, y): BackendCoord) -> BackendCoord {
        (x * self.scale as i32, y * self.scale as i32)
    }

    /// The middle of a logical pixel.
    fn middle(&self, point: BackendCoord) -> BackendCoord {
        let ((x, y), half) = (self.corner(point), self.scale as i32 / 2);
        (x + half, y + half)
    }
}

impl<DB: DrawingBackend> DrawingBackend for DenseBackend<DB> {
    type ErrorType = DB::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        let (width, height) = self.inner.get_size();
        (width / self.scale, height / self.scale)
    }

    fn ensure_prepared(&mut self) -> Drawn<DB> {
        self.inner.ensure_prepared()
    }

    fn present(&mut self) -> Drawn<DB> {
        self.inner.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn<DB> {
        self.draw_rect(point, point, &color, true)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn<DB> {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn<DB> {
        if !fill {
            let corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
            return self.draw_path(corners, style);
        }
        let (end_x, end_y) = self.corner((right + 1, bottom + 1));
        self.inner
            .draw_rect(self.corner((left, top)), (end_x - 1, end_y - 1), &self.style(style), true)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn<DB> {
        let path: Vec<BackendCoord> = path.into_iter().map(|point| self.middle(point)).collect();
        self.inner.draw_path(path, &self.style(style))
    }

    fn draw_circle<S: BackendStyle>(&mut self, center: BackendCoord, radius: u32, style: &S, fill: bool) -> Drawn<DB> {
        self.inner
            .draw_circle(self.middle(center), radius * self.scale, &self.style(style), fill)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vertices: I,
        style: &S,
    ) -> Drawn<DB> {
        let vertices: Vec<BackendCoord> = vertices.into_iter().map(|point| self.middle(point)).collect();
        self.inner.fill_polygon(vertices, &self.style(style))
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, position: BackendCoord) -> Drawn<DB> {
        self.inner.draw_text(text, &self.text_style(style), self.corner(position))
    }

    fn estimate_text_size<S: BackendTextStyle>(&self, text: &str, style: &S) -> Drawn<DB, (u32, u32)> {
        let (width, height) = self.inner.estimate_text_size(text, &self.text_style(style))?;
        Ok((width.div_ceil(self.scale), height.div_ceil(self.scale)))
    }

    fn blit_bitmap(&mut self, position: BackendCoord, (width, height): (u32, u32), pixels: &[u8]) -> Drawn<DB> {
        let position = self.corner(position);
        if self.scale >= DENSITY {
            let factor = self.scale / DENSITY;
            let larger = enlarged(pixels, width, factor);
            self.inner.blit_bitmap(position, (width * factor, height * factor), &larger)
        } else {
            self.inner
                .blit_bitmap(position, (width / 2, height / 2), &halved(pixels, width))
        }
    }
}

/// An image in RGB with `factor` x `factor` pixels for each pixel.
fn enlarged(pixels: &[u8], width: u32, factor: u32) -> Vec<u8> {
    let (width, factor) = (width as usize, factor as usize);
    let mut larger = Vec::with_capacity(pixels.len() * factor * factor);
    let mut wide = vec![[0; 3]; width * factor];
    for row in pixels.chunks_exact(3 * width) {
        let (row, _) = row.as_chunks::<3>();
        for (copies, pixel) in wide.chunks_exact_mut(factor).zip(row) {
            copies.fill(*pixel);
        }
        for _ in 0..factor {
            larger.extend_from_slice(wide.as_flattened());
        }
    }
    larger
}

/// An image in RGB with one pixel, the mean, for each 2 x 2 pixels. Width and height must be even.
pub(super) fn halved(pixels: &[u8], width: u32) -> Vec<u8> {
    let row_length = 3 * width as usize;
    let mut smaller = vec![0; pixels.len() / 4];
    let rows = pixels
        .chunks_exact(2 * row_length)
        .zip(smaller.chunks_exact_mut(row_length / 2));
    for (rows, means) in rows {
        let (upper, lower) = rows.split_at(row_length);
        let (upper, lower, means) = (upper.as_chunks::<6>().0, lower.as_chunks::<6>().0, means.as_chunks_mut::<3>().0);
        for ((a, b), mean) in upper.iter().zip(lower).zip(means) {
            for i in 0..3 {
                let sum = u32::from(a[i]) + u32::from(a[i + 3]) + u32::from(b[i]) + u32::from(b[i + 3]);
                mean[i] = ((sum + 2) / 4) as u8;
            }
        }
    }
    smaller
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enlarging_repeats_pixels_and_halving_takes_their_mean() {
        let pixels = [[1, 2, 3], [5, 6, 7], [9, 8, 7], [255, 0, 255]].concat();
        let larger = enlarged(&pixels, 2, 2);
        assert_eq!(larger.len(), 4 * pixels.len());
        assert_eq!(halved(&larger, 4), pixels);
        assert_eq!(halved(&pixels, 2), [68, 4, 68]);
    }
}
