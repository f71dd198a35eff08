//! The parameters after chosen updates, from which a whole training can be shown.
//!
//! Most of the learning happens early, so the updates of the frames are proportional to cubes: `c k^3` for k = 0, 1, 2, ...
//! When there are more than 300, c becomes eight times larger. Then `8 c k^3 = c (2k)^3`, so about every second
//! frame stays, and no other one is needed. So the frames depend on the number of updates made, not on how many are
//! planned: training that is stopped and continued keeps the same frames.
//!
//! Late frames lie at even updates, and later ones at multiples of eight. A training may alternate between two states, and
//! frames at even and odd updates would then show a zigzag.

use crate::network::Parameters;

/// At most this many frames are kept, and at most so many that they hold this many numbers.
const MAX_FRAMES: usize = 300;
const MAX_NUMBERS: usize = 4_000_000;

/// The first factor c is 2 to the power of this.
const FIRST_EXPONENT: i32 = -18;
/// Pairs of an update and a number: from this update on, the updates of frames are multiples of the number. It is several times
/// smaller than the distance between two frames there.
const GRIDS: [(f64, f64); 2] = [(4096.0, 8.0), (128.0, 2.0)];

/// The parameters after an update.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// The number of updates made.
    pub update: usize,
    /// The parameters.
    pub parameters: Parameters,
}

/// The frames of a training so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Frames {
    frames: Vec<Frame>,
    /// The most frames to keep.
    most: usize,
    spacing: Spacing,
    /// The update of the first frame, which always stays.
    first: usize,
    /// The update of the next frame.
    next: usize,
    /// The state at the last checkpoint. It is no frame: a training that goes on does not keep it.
    end: Option<Frame>,
}

/// The updates at which frames are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Spacing {
    /// The factor c is 2 to the power of it.
    exponent: i32,
}

impl Frames {
    /// No frames yet, of a network with this many parameters. Networks with millions of them have few frames, or none.
    pub fn new(parameter_count: usize) -> Self {
        let most = MAX_FRAMES.min(MAX_NUMBERS / parameter_count);
        Self {
            frames: Vec::new(),
            most,
            spacing: Spacing { exponent: FIRST_EXPONENT },
            first: 0,
            next: 0,
            end: None,
        }
    }

    /// No frames yet, of a training that goes on from an update.
    pub fn from_update(update: usize, parameter_count: usize) -> Self {
        Self { first: update, next: update, ..Self::new(parameter_count) }
    }

    /// The frames of a training that was stopped after `update` updates, from those that were kept. `None` if these are not
    /// exactly the frames of such a training.
    pub fn restored(kept: Vec<Frame>, update: usize, parameter_count: usize) -> Option<Self> {
        let mut frames = Self::new(parameter_count);
        if frames.most == 0 {
            return kept.is_empty().then_some(frames);
        }
        while frames.spacing.updates(update).count() > frames.most {
            frames.spacing = frames.spacing.wider();
        }
        frames.next = frames.spacing.after(update);
        let complete = frames.spacing.updates(update).eq(kept.iter().map(|frame| frame.update));
        complete.then_some(Self { frames: kept, ..frames })
    }

    /// Whether a frame is to be kept after this many updates.
    pub fn is_due(&self, update: usize) -> bool {
        update == self.next && self.most > 0
    }

    /// Adds the frame that is due.
    pub fn push(&mut self, frame: Frame) {
        self.next = self.spacing.after(frame.update);
        self.frames.push(frame);
        while self.frames.len() > self.most {
            let spacing = self.spacing.wider();
            self.spacing = spacing;
            self.frames
                .retain(|frame| frame.update == self.first || spacing.has(frame.update));
            self.next = spacing.after(self.frames.last().map_or(0, |frame| frame.update));
        }
    }

    /// Sets the state at the last checkpoint.
    pub fn set_end(&mut self, end: Frame) {
        self.end = Some(end);
    }

    /// The parameters at the last checkpoint, if it was written after exactly this many updates.
    pub fn end(&self, update: usize) -> Option<&Frame> {
        self.end.as_ref().filter(|end| end.update == update)
    }

    /// The frames up to this update.
    pub fn until(&self, update: usize) -> &[Frame] {
        &self.frames[..self.frames.partition_point(|frame| frame.update <= update)]
    }

    /// By increasing update.
    pub fn as_slice(&self) -> &[Frame] {
        &self.frames
    }
}

impl Spacing {
    /// The update of frame k.
    fn update(self, k: i32) -> usize {
        let cube = f64::from(k).powi(3) * f64::from(self.exponent).exp2();
        let grid = GRIDS.iter().find(|(from, _)| cube >= *from).map_or(1.0, |(_, grid)| *grid);
        ((cube / grid).round() * grid) as usize
    }

    /// About every second of these updates.
    fn wider(self) -> Self {
        Self { exponent: self.exponent + 3 }
    }

    /// The updates up to this one.
    fn updates(self, last: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(0), move |&update| Some(self.after(update)))
            .take_while(move |&update| update <= last)
    }

    /// The first update after this one that has a frame.
    fn after(self, update: usize) -> usize {
        let mut k = self.nearest(update);
        while self.update(k) <= update {
            k += 1;
        }
        self.update(k)
    }

    fn has(self, update: usize) -> bool {
        let k = self.nearest(update);
        (k..).map(|k| self.update(k)).find(|&at| at >= update) == Some(update)
    }

    /// A k whose update is at most this one, and not much smaller.
    fn nearest(self, update: usize) -> i32 {
        let mut k = (update as f64 / f64::from(self.exponent).exp2()).cbrt() as i32;
        while k > 0 && self.update(k) >= update {
            k -= 1;
        }
        k
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Settings;

    fn frame(update: usize) -> Frame {
        Frame { update, parameters: Parameters::initial(1, &Settings::default()) }
    }

    /// The frames of a small network after this many updates.
    fn after(updates: usize) -> Frames {
        continued(Frames::new(17), 0..=updates)
    }

    fn continued(mut frames: Frames, updates: std::ops::RangeInclusive<usize>) -> Frames {
        for update in updates {
            if frames.is_due(update) {
                frames.push(frame(update));
            }
        }
        frames
    }

    fn updates(frames: &Frames) -> Vec<usize> {
        frames.as_slice().iter().map(|frame| frame.update).collect()
    }

    #[test]
    fn early_updates_have_all_frames_and_late_ones_lie_on_a_grid() {
        assert_eq!(updates(&after(60)), (0..=60).collect::<Vec<_>>());
        let frames = updates(&after(10_000));
        assert!((150..=300).contains(&frames.len()), "{}", frames.len());
        assert!(frames.iter().all(|update| *update < 128 || update % 2 == 0));
        assert!(frames.iter().all(|update| *update < 4_096 || update % 8 == 0));
        // In 150 equal steps of the cube root, no step is missed, apart from rounding.
        for pair in frames.windows(2) {
            let [before, after] = [pair[0], pair[1]].map(|update| (update as f64).cbrt());
            assert!(pair[1] - pair[0] <= 3 || after - before < 10_000_f64.cbrt() / 150.0, "{pair:?}");
        }
    }

    #[test]
    fn long_trainings_have_at_most_300_frames_and_at_least_a_third_of_that() {
        let (mut frames, mut update) = (Frames::new(17), 0);
        while update < 1_000_000_000 {
            frames.push(frame(update));
            update = frames.next;
            let count = frames.as_slice().len();
            assert!(count <= 300 && (update < 200 || count >= 100), "{count} after {update}");
        }
    }

    #[test]
    fn a_continued_training_keeps_the_frames_of_one_that_was_not_stopped() {
        let expected = after(20_000);
        for stop in [0, 1, 100, 450, 1_999, 5_000, 20_000] {
            let kept = after(stop).as_slice().to_vec();
            let frames = Frames::restored(kept.clone(), stop, 17).unwrap();
            assert_eq!(frames, after(stop));
            assert_eq!(continued(frames, stop + 1..=20_000), expected, "stopped after {stop}");
            assert_eq!(Frames::restored(kept[1..].to_vec(), stop, 17), None, "one is missing");
        }
    }

    #[test]
    fn large_networks_have_fewer_frames() {
        let frames = continued(Frames::new(100_000), 0..=1_000);
        assert!((13..=40).contains(&frames.as_slice().len()), "{}", frames.as_slice().len());
        assert!(continued(Frames::new(4_000_001), 0..=10).as_slice().is_empty());
    }
}
