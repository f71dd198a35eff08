//! An image with a palette, which makes small files.
//!
//! The palette holds the colours that are most frequent. In a chart these are the background, the text, the marks and the
//! shades of areas, so all of them stay exact. Other colours, mostly those of smoothed edges, become the nearest one of the
//! palette.

use std::collections::HashMap;

/// The most colours of a palette.
const MAX_COLORS: usize = 256;

/// An image with a palette.
pub(super) struct Indexed {
    /// The colours, in RGB.
    pub palette: Vec<[u8; 3]>,
    /// The index of each pixel's colour, row by row.
    pub pixels: Vec<u8>,
}

impl Indexed {
    /// Finds the palette of an image in RGB.
    pub fn new(rgb: &[u8]) -> Self {
        let (colors, _) = rgb.as_chunks::<3>();
        let mut counts: HashMap<[u8; 3], usize> = HashMap::new();
        // Neighbours often have the same colour, so whole runs are counted.
        for run in colors.chunk_by(|one, next| one == next) {
            *counts.entry(run[0]).or_default() += run.len();
        }

        let mut frequent: Vec<([u8; 3], usize)> = counts.into_iter().collect();
        frequent.sort_unstable_by_key(|&(color, count)| (std::cmp::Reverse(count), color));
        let palette: Vec<[u8; 3]> = frequent.iter().take(MAX_COLORS).map(|&(color, _)| color).collect();
        let index: HashMap<[u8; 3], u8> = frequent
            .into_iter()
            .map(|(color, _)| (color, nearest(&palette, color)))
            .collect();

        let mut pixels = Vec::with_capacity(colors.len());
        for run in colors.chunk_by(|one, next| one == next) {
            pixels.resize(pixels.len() + run.len(), index[&run[0]]);
        }
        Self { palette, pixels }
    }
}

/// The index of the colour at the smallest distance.
fn nearest(palette: &[[u8; 3]], color: [u8; 3]) -> u8 {
    let distance = |other: &[u8; 3]| -> u32 {
        let channels = other.iter().zip(color);
        channels.map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
    };
    let nearest = palette.iter().enumerate().min_by_key(|(_, other)| distance(other));
    nearest.map_or(0, |(index, _)| index as u8)
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
        let Indexed { palette, pixels } = Indexed::new(&rgb);
        assert_eq!((palette.len(), pixels.len()), (256, 2 * 256 + 44));
        for (pixel, expected) in pixels.iter().zip(rgb.chunks_exact(3)).take(512) {
            assert_eq!(palette[usize::from(*pixel)], expected);
        }
        assert_eq!(palette[usize::from(pixels[512])], color(0), "the nearest of [0, 100, 7]");
    }
}
