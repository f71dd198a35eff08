//! The runs of a sweep in charts: their costs over the updates, and their last costs over a number that differs between them.
//!
//! An axis of costs is logarithmic if the costs differ by more than a factor of 20. An axis of values is logarithmic if that
//! spreads the values more evenly.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::axes::{Axis, Scale};
use super::lines::{Line, draw_lines};
use super::picture::{DrawResult, Picture};
use super::theme::{CATEGORY_COLORS, INK, ordered_color};

/// The most names in a legend. Of more curves some are named.
const MAX_NAMES: usize = 24;
/// Costs that differ by a larger factor have a logarithmic axis.
const MAX_LINEAR_FACTOR: f64 = 20.0;

/// Costs over the updates: a colour for each combination of values, and a line for each of its runs.
#[derive(Clone, Debug)]
pub struct CostComparison {
    /// The title of the picture.
    pub title: String,
    /// The name of the cost.
    pub cost: String,
    /// The curves.
    pub curves: Vec<RunCurves>,
    /// Whether the order of the curves has a meaning, as that of numbers has: then so has the order of the colours.
    pub ordered: bool,
}

/// The runs of one combination of values.
#[derive(Clone, Debug)]
pub struct RunCurves {
    /// The name in the legend.
    pub name: String,
    /// For each run its pairs of update and cost, and whether it diverged after them.
    pub runs: Vec<(Vec<(f64, f64)>, bool)>,
}

/// The cost at the end of training over a number that differs between runs.
#[derive(Clone, Debug)]
pub struct CostOverValue {
    /// The title of the picture.
    pub title: String,
    /// The name of the number.
    pub value: String,
    /// The name of the cost.
    pub cost: String,
    /// A curve for each combination of the other values.
    pub curves: Vec<ValueCurve>,
    /// Whether the order of the curves has a meaning.
    pub ordered: bool,
}

/// The costs over one number.
#[derive(Clone, Debug)]
pub struct ValueCurve {
    /// The name in the legend.
    pub name: String,
    /// The points, in the order of their values.
    pub points: Vec<ValuePoint>,
}

/// The runs with one value.
#[derive(Clone, Copy, Debug)]
pub struct ValuePoint {
    /// The value.
    pub value: f64,
    /// The lowest, the median and the highest cost of the runs that did not diverge. `None` if the median diverged.
    pub costs: Option<[f64; 3]>,
    /// Whether a run diverged.
    pub diverged: bool,
}

impl Picture for CostComparison {
    fn size(&self) -> (u32, u32) {
        (900, 640 + legend_height(self.curves.len()))
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        let points = || self.curves.iter().flat_map(|curve| &curve.runs).flat_map(|(points, _)| points);
        let cost_axis = Values::of(points().map(|&(_, cost)| cost), Values::log_if_far_apart);
        let last_update = points().fold(1.0, |last: f64, &(update, _)| last.max(update));

        let (mut lines, mut crosses) = (Vec::new(), Vec::new());
        for (index, curve) in self.curves.iter().enumerate() {
            let style = curve_style(index, self.curves.len(), self.ordered);
            for (run, (points, diverged)) in curve.runs.iter().enumerate() {
                let points: Vec<_> = points
                    .iter()
                    .map(|&(update, cost)| (update, cost_axis.position(cost)))
                    .collect();
                crosses.extend(points.last().filter(|_| *diverged));
                let is_named = run == 0 && has_name(index, self.curves.len());
                let name = if is_named { &curve.name[..] } else { "" };
                lines.push(style.line(name, points, if curve.runs.len() > 1 { 1 } else { 2 }));
            }
        }
        lines.extend(diverged(crosses));
        let update_axis = Axis { name: "update", range: [0.0, last_update], scale: Scale::Integer };
        draw_lines(area, &self.title, [update_axis, cost_axis.axis(&self.cost)], &lines)
    }
}

impl Picture for CostOverValue {
    fn size(&self) -> (u32, u32) {
        (820, 560 + legend_height(self.curves.len()))
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        let points = || self.curves.iter().flat_map(|curve| &curve.points);
        let cost_axis = Values::of(points().filter_map(|point| point.costs).flatten(), Values::log_if_far_apart);
        let value_axis = Values::of(points().map(|point| point.value), Values::log_if_more_even);

        let (mut lines, mut crosses) = (Vec::new(), Vec::new());
        for (index, curve) in self.curves.iter().enumerate() {
            let style = curve_style(index, self.curves.len(), self.ordered);
            let mut medians = Vec::new();
            for point in &curve.points {
                let x = value_axis.position(point.value);
                if let Some(costs) = point.costs {
                    let [low, median, high] = costs.map(|cost| cost_axis.position(cost));
                    medians.push((x, median));
                    if low < high {
                        lines.push(style.line("", vec![(x, low), (x, high)], 1));
                    }
                }
                if point.diverged {
                    crosses.push((x, cost_axis.top()));
                }
            }
            let name = if has_name(index, self.curves.len()) { &curve.name[..] } else { "" };
            let dots = medians.iter().map(|&point| (point, 4)).collect();
            lines.push(Line { dots, ..style.line(name, medians, 2) });
        }
        lines.extend(diverged(crosses));
        let value_axis = value_axis.with_margin();
        draw_lines(area, &self.title, [value_axis.axis(&self.value), cost_axis.axis(&self.cost)], &lines)
    }
}

/// The numbers along an axis.
struct Values {
    range: [f64; 2],
    is_log: bool,
}

impl Values {
    /// The axis for some numbers. `choose` says whether it is logarithmic, if that is possible.
    fn of(numbers: impl Iterator<Item = f64>, choose: impl Fn(&[f64]) -> bool) -> Self {
        let mut sorted: Vec<f64> = numbers.filter(|number| number.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        sorted.dedup();
        let [Some(&low), Some(&high)] = [sorted.first(), sorted.last()] else {
            return Self { range: [0.0, 1.0], is_log: false };
        };
        let is_log = low > 0.0 && choose(&sorted);
        let mut values = Self { range: [low, high], is_log };
        values.range = values.range.map(|end| values.position(end));
        values
    }

    fn log_if_far_apart(sorted: &[f64]) -> bool {
        matches!(sorted, [low, .., high] if high / low > MAX_LINEAR_FACTOR)
    }

    /// Whether the widest gap between neighbours is a smaller part of a logarithmic axis than of a linear one.
    fn log_if_more_even(sorted: &[f64]) -> bool {
        let [low, .., high] = *sorted else { return false };
        let widest = |position: fn(f64) -> f64| {
            let gaps = sorted.windows(2).map(|pair| position(pair[1]) - position(pair[0]));
            gaps.fold(0.0, f64::max) / (position(high) - position(low))
        };
        widest(f64::log10) < widest(|number| number)
    }

    /// Where a number is on the axis.
    fn position(&self, number: f64) -> f64 {
        if self.is_log { number.log10() } else { number }
    }

    /// A place near the upper end of an axis of costs.
    fn top(&self) -> f64 {
        let [low, high] = self.axis("").range;
        high - 0.03 * (high - low)
    }

    /// The same axis with space at both ends.
    fn with_margin(mut self) -> Self {
        let [low, high] = self.range;
        let margin = if high > low { 0.04 * (high - low) } else { 0.5 };
        self.range = [low - margin, high + margin];
        self
    }

    /// An axis of costs begins at 0 if it is linear. Any axis has some space above.
    fn axis<'a>(&self, name: &'a str) -> Axis<'a> {
        let [low, high] = self.range;
        match self.is_log {
            true => Axis { name, range: [low - 0.1, high + 0.1], scale: Scale::Log },
            false => Axis::new(name, [low.min(0.0), if high > 0.0 { (1.06 * high).min(f64::MAX) } else { 1.0 }]),
        }
    }
}

/// The style of a curve. In an order the colour shows its place, otherwise colours and dashes distinguish the curves.
struct CurveStyle {
    color: RGBColor,
    dashed: bool,
}

impl CurveStyle {
    fn line(&self, name: &str, points: Vec<(f64, f64)>, width: u32) -> Line {
        Line { dashed: self.dashed, ..Line::new(name, points, self.color.stroke_width(width)) }
    }
}

fn curve_style(index: usize, count: usize, ordered: bool) -> CurveStyle {
    if ordered && count > 1 {
        return CurveStyle { color: ordered_color(index as f64 / (count - 1) as f64), dashed: false };
    }
    let (round, color) = (index / CATEGORY_COLORS.len(), index % CATEGORY_COLORS.len());
    CurveStyle { color: CATEGORY_COLORS[color], dashed: round % 2 == 1 }
}

/// Whether a curve of many has a name in the legend.
fn has_name(index: usize, count: usize) -> bool {
    index.is_multiple_of(count.div_ceil(MAX_NAMES)) || index + 1 == count
}

/// The additional height for the legend of so many curves, which has rows of about four names.
fn legend_height(curves: usize) -> u32 {
    curves.min(MAX_NAMES) as u32 / 4 * 22
}

/// The crosses of runs that diverged, with a name in the legend.
fn diverged(crosses: Vec<(f64, f64)>) -> Option<Line> {
    let line = Line { crosses, ..Line::new("diverged", Vec::new(), INK.stroke_width(2)) };
    (!line.crosses.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_spread_by_powers_have_a_logarithmic_axis() {
        let is_log = |values: &[f64]| Values::of(values.iter().copied(), Values::log_if_more_even).is_log;
        for values in [&[0.001, 0.01, 0.1, 1.0][..], &[0.1, 0.5, 1.2, 5.0], &[1.0, 2.0, 3.0, 4.0, 5.0, 20.0, 50.0]] {
            assert!(is_log(values), "{values:?}");
        }
        for values in [&[1.0, 2.0, 3.0, 4.0][..], &[0.0, 0.5, 0.9], &[-1.0, 10.0], &[3.0], &[], &[0.1, 0.2]] {
            assert!(!is_log(values), "{values:?}");
        }
    }
}
