//! How training went: cost above, accuracy below, over the updates.
//!
//! Leaves out: the penalty on the weights, which is no part of the cost.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::axes::{Axis, Numbers};
use super::lines::{Line, lines};
use super::marks::{CLASS, INK};
use super::{DrawResult, Picture};
use crate::data::text::grouped;

/// Cost and accuracy in the course of training.
#[derive(Clone, Debug)]
pub struct CostCurve {
    /// What the picture says above.
    pub title: String,
    /// On the training samples.
    pub training: CostHistory,
    /// On the validation samples, where there are some.
    pub validation: Option<CostHistory>,
    /// The update whose parameters were kept, which a line marks.
    pub kept: Option<f64>,
    /// The threshold by which samples are predicted in the end. While training goes on it is 0.5, which the picture says
    /// where the two differ.
    pub threshold: f64,
}

/// Cost and accuracy over the updates.
#[derive(Clone, Debug)]
pub struct CostHistory {
    /// Update and cost.
    pub cost: Vec<(f64, f64)>,
    /// Update and accuracy in per cent.
    pub accuracy: Vec<(f64, f64)>,
}

impl Picture for CostCurve {
    fn size(&self) -> (u32, u32) {
        (820, 680)
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        let (upper, lower) = area.split_vertically(area.dim_in_pixel().1 * 3 / 5);
        let Self { title, training, validation, threshold, .. } = self;
        let courses = || std::iter::once(training).chain(validation);
        let costs = courses().flat_map(|course| &course.cost).map(|&(_, cost)| cost);
        let highest = costs.filter(|cost| cost.is_finite()).fold(0.0, f64::max);
        let highest = if highest > 0.0 { (highest * 1.05).min(f64::MAX) } else { 1.0 };
        let percents = courses().flat_map(|course| &course.accuracy).map(|&(_, percent)| percent);
        let lowest = percents.fold(50.0, f64::min);
        let accuracy = if *threshold == 0.5 { "accuracy (%)" } else { "accuracy at 0.5 (%)" };
        self.panel(&upper, title, ["", "cost"], [0.0, highest], |course| &course.cost, CLASS[0])?;
        let percents = [(lowest - 5.0).max(0.0), 100.0];
        self.panel(&lower, "", ["update", accuracy], percents, |course| &course.accuracy, CLASS[1])
    }
}

impl CostCurve {
    /// Lines over the updates: training in one stroke, validation in dashes.
    fn panel<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, Shift>,
        title: &str,
        [across, up]: [&str; 2],
        range: [f64; 2],
        of: impl Fn(&CostHistory) -> &Vec<(f64, f64)>,
        color: RGBColor,
    ) -> DrawResult<DB> {
        let training = of(&self.training).clone();
        let last = training.last().map_or(1.0, |&(update, _)| update.max(1.0));
        let kept = self.kept.map(|update| {
            let name = format!("kept: update {}", grouped(update as usize));
            Line::new(name, range.map(|end| (update, end)).to_vec(), INK.mix(0.6))
        });
        let training = Line::new("training", training, color.stroke_width(2));
        let validation = self
            .validation
            .as_ref()
            .map(|course| Line { dashed: true, ..Line::new("validation", of(course).clone(), INK.stroke_width(2)) });
        let updates = Axis { name: across, range: [0.0, last], numbers: Numbers::Whole };
        let all: Vec<_> = kept.into_iter().chain([training]).chain(validation).collect();
        lines(area, title, [updates, Axis::new(up, range)], &all)
    }
}
