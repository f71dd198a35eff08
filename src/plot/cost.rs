//! How training went: cost above, accuracy below, over the updates.
//!
//! Leaves out: the penalty on the weights, which is no part of the cost.

use std::ops::Range;

use plotters::coord::Shift;
use plotters::data::float::FloatPrettyPrinter;
use plotters::element::DashedPathElement;
use plotters::prelude::*;

use super::marks::{CLASS, FAINT, INK};
use super::{Drawn, Picture};
use crate::text::grouped;

/// Numbers beside an axis: no decimals where none are needed.
const TICK: FloatPrettyPrinter = FloatPrettyPrinter { allow_scientific: true, min_decimal: 0, max_decimal: 5 };

/// Cost and accuracy in the course of training.
#[derive(Clone, Debug)]
pub struct CostCurve {
    /// What the picture says above.
    pub title: String,
    /// On the training samples.
    pub training: Course,
    /// On the validation samples, where there are some.
    pub validation: Option<Course>,
    /// The update whose parameters were kept, which a line marks.
    pub kept: Option<f64>,
}

/// Cost and accuracy over the updates.
#[derive(Clone, Debug)]
pub struct Course {
    /// Update and cost.
    pub cost: Vec<(f64, f64)>,
    /// Update and accuracy in per cent.
    pub accuracy: Vec<(f64, f64)>,
}

/// One of the two charts.
struct Panel<'a> {
    title: &'a str,
    axes: [&'a str; 2],
    range: Range<f64>,
    training: &'a [(f64, f64)],
    validation: Option<&'a [(f64, f64)]>,
    kept: Option<f64>,
    color: RGBColor,
}

impl Picture for CostCurve {
    fn size(&self) -> (u32, u32) {
        (820, 640)
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        let (upper, lower) = area.split_vertically(area.dim_in_pixel().1 * 3 / 5);
        let Self { title, training, validation, kept } = self;
        let courses = || std::iter::once(training).chain(validation);
        let costs = courses().flat_map(|course| &course.cost).map(|&(_, cost)| cost);
        let highest = costs.filter(|cost| cost.is_finite()).fold(f64::MIN_POSITIVE, f64::max);
        let percents = courses().flat_map(|course| &course.accuracy).map(|&(_, percent)| percent);
        let lowest = percents.fold(50.0, f64::min);
        let cost = Panel {
            title,
            axes: ["", "cost"],
            range: 0.0..highest * 1.05,
            training: &training.cost,
            validation: validation.as_ref().map(|course| &course.cost[..]),
            kept: *kept,
            color: CLASS[0],
        };
        let accuracy = Panel {
            title: "",
            axes: ["update", "accuracy (%)"],
            range: (lowest - 5.0).max(0.0)..100.0,
            training: &training.accuracy,
            validation: validation.as_ref().map(|course| &course.accuracy[..]),
            color: CLASS[1],
            ..cost
        };
        panel(&upper, &cost)?;
        panel(&lower, &accuracy)
    }
}

/// Lines over the updates: training in one stroke, validation in dashes.
fn panel<DB: DrawingBackend>(area: &DrawingArea<DB, Shift>, panel: &Panel<'_>) -> Drawn<DB> {
    let Panel { title, axes: [x_name, y_name], range, training, validation, kept, color } = panel;
    let last = training.last().map_or(1.0, |&(update, _)| update.max(1.0));
    let mut builder = ChartBuilder::on(area);
    if !title.is_empty() {
        builder.caption(title, ("sans-serif", 22).into_font().color(&INK));
    }
    let mut chart = builder
        .margin(12)
        .margin_right(28)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d(0.0..last, range.clone())?;
    chart
        .configure_mesh()
        .x_desc(*x_name)
        .y_desc(*y_name)
        .x_label_formatter(&|update| grouped(*update as usize))
        .y_label_formatter(&|value| TICK.print(*value))
        .max_light_lines(0)
        .bold_line_style(FAINT)
        .axis_style(INK)
        .label_style(("sans-serif", 15).into_font().color(&INK))
        .axis_desc_style(("sans-serif", 17).into_font().color(&INK))
        .draw()?;
    let color = *color;
    if let Some(kept) = *kept {
        let line = [(kept, range.start), (kept, range.end)];
        chart
            .draw_series([PathElement::new(line, INK.mix(0.6))])?
            .label(format!("kept: update {}", grouped(kept as usize)))
            .legend(|(x, y)| PathElement::new([(x + 10, y - 7), (x + 10, y + 7)], INK.mix(0.6)));
    }
    chart
        .draw_series(LineSeries::new(training.iter().copied(), color.stroke_width(2)))?
        .label("training")
        .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], color.stroke_width(2)));
    if let Some(validation) = validation {
        let style = INK.stroke_width(2);
        chart
            .draw_series(DashedLineSeries::new(validation.iter().copied(), 6, 4, style))?
            .label("validation")
            .legend(move |(x, y)| DashedPathElement::new([(x, y), (x + 20, y)], 5, 3, style));
    }
    // A single line needs no name.
    if validation.is_none() && kept.is_none() {
        return Ok(());
    }
    let corner = if title.is_empty() { SeriesLabelPosition::LowerRight } else { SeriesLabelPosition::UpperRight };
    chart
        .configure_series_labels()
        .position(corner)
        .background_style(WHITE)
        .border_style(FAINT)
        .label_font(("sans-serif", 16).into_font().color(&INK))
        .draw()
}
