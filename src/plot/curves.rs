//! How good predictions are, over all thresholds and over all probabilities.
//!
//! The points are those of [`crate::data::metrics::roc`], [`crate::data::metrics::precision_recall`] and
//! [`crate::data::metrics::calibration`].
//!
//! Leaves out: computing them, and bands around them.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::axes::Axis;
use super::lines::{Line, lines};
use super::marks::{CURVES, INK};
use super::{DrawResult, Picture};
use crate::data::metrics::{Bin, calibration_error};

/// Width and height of each picture: the chart and two rows of names make it higher than wide.
const SIZE: (u32, u32) = (640, 690);
/// The radii of the circles for an empty bin and for one that holds every sample.
const RADII: [f64; 2] = [3.0, 13.0];

/// True against false positive rate, and the diagonal on which guessing lies.
#[derive(Clone, Debug)]
pub struct Roc<'a> {
    /// What the picture says above.
    pub title: String,
    /// The curves; the area is the ROC AUC.
    pub curves: Vec<RankingCurve<'a>>,
}

/// Precision over recall, and the share of ones, which is the precision of guessing.
#[derive(Clone, Debug)]
pub struct PrecisionRecall<'a> {
    /// What the picture says above.
    pub title: String,
    /// The name of class 1.
    pub class: &'a str,
    /// The curves; the area is average precision.
    pub curves: Vec<RankingCurve<'a>>,
    /// The share of ones among the samples.
    pub share_of_ones: f64,
}

/// A curve over all thresholds.
#[derive(Clone, Debug)]
pub struct RankingCurve<'a> {
    /// What the legend calls it.
    pub name: &'a str,
    /// Its points.
    pub points: Vec<(f64, f64)>,
    /// The area under it, which the legend tells; none where the curve is undefined.
    pub area: Option<f64>,
}

/// The share of ones over the probability that was predicted, and the diagonal on which honest predictions lie.
#[derive(Clone, Debug)]
pub struct Calibration<'a> {
    /// What the picture says above.
    pub title: String,
    /// The name of class 1.
    pub class: &'a str,
    /// A curve for each set of predictions.
    pub curves: Vec<Reliability<'a>>,
}

/// The bins of one set of predictions. The more samples a bin holds, the larger is its circle.
#[derive(Clone, Debug)]
pub struct Reliability<'a> {
    /// What the legend calls it.
    pub name: &'a str,
    /// The bins that hold samples.
    pub bins: Vec<Bin>,
}

impl Picture for Roc<'_> {
    fn size(&self) -> (u32, u32) {
        SIZE
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        let curves = self.curves.iter().map(|curve| (with_area(curve, "AUC"), curve.points.clone()));
        let guessing = reference("guessing: AUC 0.5".into(), [0.0, 1.0]);
        lines(area, &self.title, shares(["false positive rate", "true positive rate"]), &on(guessing, curves))
    }
}

impl Picture for PrecisionRecall<'_> {
    fn size(&self) -> (u32, u32) {
        SIZE
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        let curves = self
            .curves
            .iter()
            .map(|curve| (with_area(curve, "average precision"), steps(&curve.points)));
        let share = self.share_of_ones;
        let guessing = reference(format!("guessing: share of {} {share:.3}", self.class), [share; 2]);
        lines(area, &self.title, shares(["recall", "precision"]), &on(guessing, curves))
    }
}

impl Picture for Calibration<'_> {
    fn size(&self) -> (u32, u32) {
        SIZE
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        let points = |bins: &[Bin]| {
            bins.iter()
                .map(|bin| (bin.mean_probability, bin.share_of_ones))
                .collect::<Vec<_>>()
        };
        let curves = self.curves.iter().map(|Reliability { name, bins }| {
            (format!("{name}: calibration error {:.3}", calibration_error(bins)), points(bins))
        });
        let mut all = on(reference("predictions that mean what they say".into(), [0.0, 1.0]), curves);
        for (line, Reliability { bins, .. }) in all.iter_mut().skip(1).zip(&self.curves) {
            let samples: usize = bins.iter().map(|bin| bin.count).sum();
            let radius = |bin: &Bin| RADII[0] + (RADII[1] - RADII[0]) * (bin.count as f64 / samples as f64).sqrt();
            line.dots = points(bins)
                .into_iter()
                .zip(bins.iter().map(|bin| radius(bin).round() as i32))
                .collect();
        }
        let names = [&format!("mean predicted probability of {}", self.class), &format!("share of {}", self.class)];
        lines(area, &self.title, shares(names.map(String::as_str)), &all)
    }
}

/// Axes from 0 to 1.
fn shares(names: [&str; 2]) -> [Axis<'_>; 2] {
    // A little more, so that lines along the edges are seen.
    names.map(|name| Axis::new(name, [-0.01, 1.01]))
}

/// The line from left to right that predictions without any use, or without any fault, lie on.
fn reference(name: String, [left, right]: [f64; 2]) -> Line {
    Line { dashed: true, ..Line::new(name, vec![(0.0, left), (1.0, right)], INK.mix(0.6)) }
}

/// Curves, each in a colour of its own, on top of a reference.
fn on(reference: Line, curves: impl Iterator<Item = (String, Vec<(f64, f64)>)>) -> Vec<Line> {
    let colors = CURVES.into_iter().cycle();
    let curves = curves
        .zip(colors)
        .map(|((name, points), color)| Line::new(name, points, color.stroke_width(2)));
    std::iter::once(reference).chain(curves).collect()
}

fn with_area(curve: &RankingCurve<'_>, measure: &str) -> String {
    let area = curve.area.map_or_else(|| "undefined".into(), |area| format!("{area:.3}"));
    format!("{}: {measure} {area}", curve.name)
}

/// Points as steps: on the way to each, the height is that of its end.
fn steps(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let before = std::iter::once(0.0).chain(points.iter().map(|point| point.0));
    before
        .zip(points)
        .flat_map(|(x, &(next, height))| [(x, height), (next, height)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::steps;

    #[test]
    fn a_step_has_the_height_of_its_end() {
        assert_eq!(steps(&[(0.5, 1.0), (1.0, 0.7)]), [(0.0, 1.0), (0.5, 1.0), (0.5, 0.7), (1.0, 0.7)]);
    }
}
