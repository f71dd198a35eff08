//! A training as a sequence of pictures: how the boundary forms.
//!
//! Each picture shows the parameters of a frame ([`crate::train::Frames`]). Frames are close together early in the training, so
//! in the animation early updates take more time than late ones. The last picture is `boundary.png` with other numbers in the
//! place of its title.

use super::Trained;
use super::prepare::Run;
use crate::data::pca::Pca;
use crate::data::text::grouped;
use crate::error::{Error, Result};
use crate::network::fused_bridge::evaluator;
use crate::plot::{self, Label, Labelled, Raster, gif, raster};
use crate::train::Frame;

/// At most this many pictures are shown in a second.
const PICTURES_PER_SECOND: f64 = 20.0;
/// How long the last picture is shown, in hundredths of a second.
const LAST_DELAY: u16 = 200;

/// A training as a sequence of pictures.
pub struct Animation<'a> {
    run: &'a Run,
    threshold: f64,
    frames: Vec<Frame>,
    /// The update and the cost of each frame, as texts.
    numbers: Vec<[String; 2]>,
    delays: Vec<u16>,
    /// The samples of a run with two features, in the units of the data.
    x: Vec<f64>,
    /// The plane of a run with more features.
    pca: Option<Pca>,
}

impl Run {
    /// Checks that there is a plane to draw.
    ///
    /// # Errors
    /// When the network has one input.
    pub fn check_plane(&self) -> Result<()> {
        if self.data.features() > 1 {
            return Ok(());
        }
        Err(Error::Setting(
            "the network has one input: an animation shows the plane of two or more inputs".into(),
        ))
    }
}

impl<'a> Trained<'a> {
    /// The pictures from the first update to the parameters that were kept, for this many seconds.
    ///
    /// # Errors
    /// When the parameters on the way were not kept, because the network is too large.
    pub fn animation(&self, seconds: f64) -> Result<Animation<'a>> {
        let (run, kept) = (self.run, self.outcome.kept.update);
        let mut frames = self
            .frames
            .as_ref()
            .map(|frames| frames.until(kept).to_vec())
            .unwrap_or_default();
        if frames.is_empty() {
            let count = grouped(run.initial.count());
            let message = format!("a network with {count} parameters is too large: none are kept on the way");
            return Err(Error::Setting(message));
        }
        if frames.last().is_none_or(|last| last.update < kept) {
            frames.push(Frame { update: kept, parameters: self.outcome.parameters.clone() });
        }
        let frames = chosen(&frames, (seconds * PICTURES_PER_SECOND) as usize);

        let mut evaluate = evaluator(&run.initial, &run.data, run.config.dtype);
        let costs: Vec<f64> = frames.iter().map(|frame| evaluate(&frame.parameters).loss).collect();
        let numbers = frames.iter().zip(cost_texts(&costs));
        Ok(Animation {
            run,
            threshold: self.threshold,
            numbers: numbers.map(|(frame, cost)| [grouped(frame.update), cost]).collect(),
            delays: delays(frames.len(), seconds),
            x: if run.has_two_features() { run.unscaled_x() } else { Vec::new() },
            pca: (!run.has_two_features()).then(|| run.pca()),
            frames,
        })
    }
}

impl Animation<'_> {
    /// The number of pictures.
    pub fn pictures(&self) -> usize {
        self.frames.len()
    }

    /// The seconds from the first picture to the end of the last one.
    pub fn seconds(&self) -> f64 {
        let hundredths: u32 = self.delays.iter().copied().map(u32::from).sum();
        f64::from(hundredths) / 100.0
    }

    /// The contents of a GIF file.
    ///
    /// # Errors
    /// When a picture cannot be drawn.
    pub fn gif(&self) -> Result<Vec<u8>> {
        Ok(gif(&self.delays, |picture| self.raster(picture))?)
    }

    /// One picture, counted from 0, as a PNG file.
    ///
    /// # Errors
    /// When it cannot be drawn.
    pub fn png(&self, picture: usize) -> Result<Vec<u8>> {
        Ok(self.raster(picture)?.to_png()?)
    }

    fn raster(&self, picture: usize) -> plot::error::Result<Raster> {
        let (parameters, threshold) = (&self.frames[picture].parameters, self.threshold);
        let longest = |column: usize| {
            let numbers = self.numbers.iter().map(|numbers| &numbers[column][..]);
            numbers.max_by_key(|number| number.len()).unwrap_or_default()
        };
        let label =
            |name, column: usize| Label { name, number: &self.numbers[picture][column], longest: longest(column) };
        let labels = [label("update", 0), label("cost", 1)];
        // A blank title keeps its place.
        match &self.pca {
            None => {
                raster(&Labelled { picture: self.run.boundary(" ".into(), &self.x, parameters, threshold), labels })
            }
            Some(pca) => {
                let slice = self.run.pca_slice(pca, parameters, threshold);
                raster(&Labelled { picture: slice.with_title(" "), labels })
            }
        }
    }
}

/// At most `most` of the frames, the first and the last among them, evenly chosen.
fn chosen(frames: &[Frame], most: usize) -> Vec<Frame> {
    let count = frames.len().min(most.max(2));
    let index = |i: usize| (i * (frames.len() - 1)).checked_div(count - 1).unwrap_or(0);
    (0..count).map(|i| frames[index(i)].clone()).collect()
}

/// The costs with the same number of decimals, or all with a power of ten.
fn cost_texts(costs: &[f64]) -> impl Iterator<Item = String> {
    let smallest = costs.iter().copied().fold(f64::INFINITY, f64::min);
    let is_small = smallest < 1e-3;
    costs
        .iter()
        .map(move |cost| if is_small { format!("{cost:.2e}") } else { format!("{cost:.4}") })
}

/// The time of each picture in hundredths of a second. All but the last one together take `seconds`.
fn delays(count: usize, seconds: f64) -> Vec<u16> {
    let moving = count - 1;
    let end = |i: usize| (100.0 * seconds * i as f64 / moving as f64).round() as u16;
    (0..moving).map(|i| end(i + 1) - end(i)).chain([LAST_DELAY]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Parameters;
    use crate::network::Settings;

    #[test]
    fn the_first_and_the_last_frame_are_chosen_and_the_others_evenly() {
        let parameters = Parameters::initial(1, &Settings::default());
        let frames: Vec<Frame> = (0..10).map(|update| Frame { update, parameters: parameters.clone() }).collect();
        let updates =
            |frames: &[Frame], most| -> Vec<usize> { chosen(frames, most).iter().map(|frame| frame.update).collect() };
        assert_eq!(updates(&frames, 4), [0, 3, 6, 9]);
        assert_eq!(updates(&frames, 3), [0, 4, 9]);
        assert_eq!(updates(&frames, 100), (0..10).collect::<Vec<_>>());
        assert_eq!(updates(&frames[..1], 100), [0]);
    }

    #[test]
    fn pictures_take_the_seconds_together_and_the_last_one_two_more() {
        assert_eq!(delays(4, 1.0), [33, 34, 33, 200]);
        assert_eq!(delays(1, 6.0), [200]);
        assert_eq!(delays(120, 6.0).iter().map(|&delay| u32::from(delay)).sum::<u32>(), 800);
    }

    #[test]
    fn costs_have_the_same_form_in_all_pictures() {
        let texts = |costs: &[f64]| cost_texts(costs).collect::<Vec<_>>().join(" ");
        assert_eq!(texts(&[0.54321, 0.2]), "0.5432 0.2000");
        assert_eq!(texts(&[0.54321, 2e-7]), "5.43e-1 2.00e-7");
    }
}
