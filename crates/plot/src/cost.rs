//! The history of training: cost above, accuracy below, over the updates.
//!
//! Not covered: the weight decay penalty, which is not part of the cost.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::axes::{Axis, Scale};
use super::lines::{Line, draw_lines};
use super::picture::{DrawResult, Picture};
use super::theme::{CLASS_COLORS, INK};
use petal_data::text::grouped;

/// Cost and accuracy during training.
#[derive(Clone, Debug)]
pub struct CostCurve {
    /// The title of the picture.
    pub title: String,
    /// On the training samples.
    pub training: CostHistory,
    /// On the validation samples, if there are any.
    pub validation: Option<CostHistory>,
    /// The update whose parameters were kept, marked by a vertical line.
    pub kept: Option<f64>,
    /// The threshold of the final predictions. The accuracy during training uses a threshold of 0.5; the picture says so if
    /// this one differs.
    pub threshold: f64,
}

/// Cost and accuracy over the updates.
#[derive(Clone, Debug)]
pub struct CostHistory {
    /// Pairs of update and cost.
    pub cost: Vec<(f64, f64)>,
    /// Pairs of update and accuracy in per cent.
    pub accuracy: Vec<(f64, f64)>,
}

impl Picture for CostCurve {
    fn size(&self) -> (u32, u32) {
        (820, 680)
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        let (upper, lower) = area.split_vertically(area.dim_in_pixel().1 * 3 / 5);
        let histories = || std::iter::once(&self.training).chain(&self.validation);

        let costs = histories().flat_map(|history| &history.cost).map(|&(_, cost)| cost);
        let max_cost = costs.filter(|cost| cost.is_finite()).fold(0.0, f64::max);
        let cost_limit = if max_cost > 0.0 { (max_cost * 1.05).min(f64::MAX) } else { 1.0 };
        let cost_axis = Axis::new("cost", [0.0, cost_limit]);
        self.draw_panel(&upper, &self.title, "", cost_axis, |history| &history.cost, CLASS_COLORS[0])?;

        let percents = histories().flat_map(|history| &history.accuracy).map(|&(_, percent)| percent);
        let min_percent = percents.fold(50.0, f64::min);
        let name = if self.threshold == 0.5 { "accuracy (%)" } else { "accuracy at 0.5 (%)" };
        let accuracy_axis = Axis::new(name, [(min_percent - 5.0).max(0.0), 100.0]);
        self.draw_panel(&lower, "", "update", accuracy_axis, |history| &history.accuracy, CLASS_COLORS[1])
    }
}

impl CostCurve {
    /// Draws one quantity of the histories over the updates: training as a solid line, validation as a dashed one.
    fn draw_panel<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, Shift>,
        title: &str,
        x_name: &str,
        y_axis: Axis<'_>,
        quantity: impl Fn(&CostHistory) -> &Vec<(f64, f64)>,
        color: RGBColor,
    ) -> DrawResult<DB> {
        let kept = self.kept.map(|update| {
            let name = format!("kept: update {}", grouped(update as usize));
            Line::new(name, y_axis.range.map(|end| (update, end)).to_vec(), INK.mix(0.6))
        });
        let points = quantity(&self.training).clone();
        let last_update = points.last().map_or(1.0, |&(update, _)| update.max(1.0));
        let training = Line::new("training", points, color.stroke_width(2));
        let validation = self.validation.as_ref().map(|history| {
            let line = Line::new("validation", quantity(history).clone(), INK.stroke_width(2));
            Line { dashed: true, ..line }
        });

        let x_axis = Axis { name: x_name, range: [0.0, last_update], scale: Scale::Integer };
        let lines: Vec<_> = kept.into_iter().chain([training]).chain(validation).collect();
        draw_lines(area, title, [x_axis, y_axis], &lines)
    }
}
