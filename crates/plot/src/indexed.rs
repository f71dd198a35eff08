//! Images with a palette, which make small files.
//!
//! The palette holds the colours that are most frequent. In a chart these are the background, the text, the marks and the
//! shades of areas, so all of them stay exact. Other colours, mostly those of smoothed edges, become the nearest one of the
//! palette.

use std::collections::HashMap;

/// The most colours of a palette.
const MAX_COLORS: usize = 256;
/// Colours at a smaller distance are similar.
const MIN_DISTANCE: u32 = 12;

/// The colours of one image or of several.
pub(super) struct Palette {
    /// The colours, in RGB.
    pub colors: Vec<[u8; 3]>,
    /// The index of the nearest colour, for all colours that were looked up.
    nearest: HashMap<[u8; 3], u8>,
}

impl Palette {
    /// The most frequent colours of an image in RGB.
    pub fn of(image: &[u8]) -> Self {
        let colors = by_frequency(&[image]).take(MAX_COLORS).collect();
        Self { colors, nearest: HashMap::new() }
    }

    /// These colours, and the most frequent ones of images in RGB that are not similar to one of them, at most `most` together.
    pub fn with(mut colors: Vec<[u8; 3]>, images: &[&[u8]], most: usize) -> Self {
        for color in by_frequency(images) {
            let is_new = colors.iter().all(|other| distance(*other, color) >= MIN_DISTANCE.pow(2));
            if is_new && colors.len() < most {
                colors.push(color);
            }
        }
        Self { colors, nearest: HashMap::new() }
    }

    /// The index of the nearest colour for each pixel of an image in RGB.
    pub fn pixels(&mut self, rgb: &[u8]) -> Vec<u8> {
        let mut pixels = Vec::with_capacity(rgb.len() / 3);
        for run in runs(rgb) {
            let index = *self.nearest.entry(run[0]).or_insert_with(|| nearest(&self.colors, run[0]));
            pixels.resize(pixels.len() + run.len(), index);
        }
        pixels
    }
}

/// The colours of images in RGB, the most frequent one first.
fn by_frequency(images: &[&[u8]]) -> impl Iterator<Item = [u8; 3]> {
    let mut counts: HashMap<[u8; 3], usize> = HashMap::new();
    for run in images.iter().flat_map(|rgb| runs(rgb)) {
        *counts.entry(run[0]).or_default() += run.len();
    }
    let mut counts: Vec<([u8; 3], usize)> = counts.into_iter().collect();
    counts.sort_unstable_by_key(|&(color, count)| (std::cmp::Reverse(count), color));
    counts.into_iter().map(|(color, _)| color)
}

/// Neighbours often have the same colour, so whole runs of pixels are counted and replaced.
fn runs(rgb: &[u8]) -> impl Iterator<Item = &[[u8; 3]]> {
    rgb.as_chunks::<3>().0.chunk_by(|one, next| one == next)
}

/// The index of the colour at the smallest distance.
fn nearest(palette: &[[u8; 3]], color: [u8; 3]) -> u8 {
    let nearest = palette.iter().enumerate().min_by_key(|(_, other)| distance(**other, color));
    nearest.map_or(0, |(index, _)| index as u8)
}

/// The squared distance of two colours.
fn distance(one: [u8; 3], other: [u8; 3]) -> u32 {
    one.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_colors_are_exact_and_others_become_the_nearest() {
        // 300 colours: each of the first 256 twice, each other one once.
        let color = |i: u32| [(i % 256) as u8, (i / 256) as u8 * 100, 7];
        let rgb: Vec<u8> = (0..256)
            .flat_map(|i| [color(i), color(i)].concat())
            .chain((256..300).flat_map(color))
            .collect();
        let mut palette = Palette::of(&rgb);
        let pixels = palette.pixels(&rgb);
        assert_eq!((palette.colors.len(), pixels.len()), (256, 2 * 256 + 44));
        for (pixel, expected) in pixels.iter().zip(rgb.chunks_exact(3)).take(512) {
            assert_eq!(palette.colors[usize::from(*pixel)], expected);
        }
        assert_eq!(palette.colors[usize::from(pixels[512])], color(0), "the nearest of [0, 100, 7]");
    }
}
