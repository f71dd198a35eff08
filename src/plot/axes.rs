//! The axes of a chart: where their ticks are, what is written beside them, and how much room that takes.
//!
//! ```text
//! ticks   n * step,  step the smallest of {1, 2, 5} * 10^k with no more ticks than there is room for
//! labels  as few decimals as tell each tick to a hundredth of a step; with powers of ten where that is shorter
//! ```
//!
//! Leaves out: what is drawn between the axes.

use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::marks::{FAINT, INK, fitted, text};
use crate::data::text::grouped;

/// Free space around a chart.
const MARGIN: u32 = 12;
/// From one tick of the upright axis to the next, at least.
const UP: u32 = 64;
/// Between the labels of two ticks of the other axis, at least.
const ACROSS: u32 = 36;
/// Between an axis and its labels, which is plotters' choice, and between them and the axis's name, with that.
const BESIDE_LABELS: u32 = 38;
/// What most labels and a name need: charts one above the other have their axes in one line.
const LEFT: u32 = 68;
/// Labels longer than this are written with powers of ten where that is shorter.
const LONG: usize = 6;

/// A chart with ticks of ours: plotters' own stop at 1e-16, and do not say how far apart they are.
pub(super) type Chart<'a, DB> = ChartContext<'a, DB, Cartesian2d<Coordinate, Coordinate>>;

/// One of the two axes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis<'a> {
    /// What is written along it.
    pub name: &'a str,
    /// From its start to its end.
    pub range: [f64; 2],
    /// What its numbers are.
    pub numbers: Numbers,
}

/// What the numbers of an axis are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    /// Themselves.
    Any,
    /// Counts: between whole numbers there is nothing to mark.
    Whole,
    /// Decimal logarithms.
    Powers,
}

/// The ticks of an axis with their labels.
type Ticks = Vec<(f64, String)>;

/// Where an axis puts its numbers, and its ticks.
pub(super) struct Coordinate(RangedCoordf64, Ticks);

impl Ranged for Coordinate {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        self.0.map(value, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // There are no lighter lines between the ticks.
        let shown = !hint.weight().allow_light_points();
        self.1.iter().filter(|_| shown).map(|(tick, _)| *tick).collect()
    }

    fn range(&self) -> Range<f64> {
        self.0.range()
    }
}

impl ValueFormatter<f64> for Coordinate {
    fn format_ext(&self, value: &f64) -> String {
        self.1
            .iter()
            .find(|(tick, _)| tick == value)
            .map(|(_, label)| label.clone())
            .unwrap_or_default()
    }
}

impl<'a> Axis<'a> {
    /// An axis of numbers that stand for themselves.
    pub fn new(name: &'a str, range: [f64; 2]) -> Self {
        Self { name, range, numbers: Numbers::Any }
    }

    /// At most `most` ticks.
    fn ticks(&self, most: usize) -> Ticks {
        let least = if self.numbers == Numbers::Any { 0.0 } else { 1.0 };
        let Some((step, ticks)) = ticks(self.range, most, least) else {
            return Vec::new();
        };
        let labels = match self.numbers {
            Numbers::Powers => ticks.iter().map(|power| format!("1e{power}")).collect(),
            Numbers::Any | Numbers::Whole => labels(&ticks, step),
        };
        ticks.into_iter().zip(labels).collect()
    }
}

/// An empty chart with a title, unless that is empty, a grid and two labelled axes, the one across first.
pub(super) fn chart<'a, DB: DrawingBackend>(
    area: &'a DrawingArea<DB, Shift>,
    title: &str,
    axes: [Axis<'_>; 2],
) -> Result<Chart<'a, DB>, DrawingAreaErrorKind<DB::ErrorType>> {
    let (label, name) = (text(15), text(17));
    let widest = |ticks: &Ticks| {
        let widths = ticks.iter().map(|(_, written)| Ok(area.estimate_text_size(written, &label)?.0));
        widths
            .collect::<Result<Vec<_>, _>>()
            .map(|widths| widths.into_iter().max().unwrap_or(0))
    };
    let (width, height) = area.dim_in_pixel();
    let [across, up] = axes;
    let up_ticks = up.ticks((height / UP) as usize);
    let left = LEFT.max(widest(&up_ticks)? + BESIDE_LABELS);
    let inner = width.saturating_sub(left + 2 * MARGIN);
    // The fewer the ticks, the shorter are their labels, so that those for this many fit.
    let all = across.ticks((inner / ACROSS) as usize);
    let across_ticks = across.ticks((inner / (widest(&all)? + ACROSS)) as usize);
    let mut builder = ChartBuilder::on(area);
    if !title.is_empty() {
        builder.caption(fitted(area, title, &text(22), width)?, text(22));
    }
    let mut chart = builder
        .margin(MARGIN)
        // Half of a label that stands at the end of the axis.
        .margin_right(MARGIN.max(widest(&across_ticks)? / 2 + 4))
        .x_label_area_size(44)
        .y_label_area_size(left)
        .build_cartesian_2d(coordinate(across.range, across_ticks), coordinate(up.range, up_ticks))?;
    let (width, height) = chart.plotting_area().dim_in_pixel();
    chart
        .configure_mesh()
        .x_desc(fitted(area, across.name, &name, width)?)
        .y_desc(fitted(area, up.name, &name, height)?)
        .bold_line_style(FAINT)
        .axis_style(INK)
        .label_style(label)
        .axis_desc_style(name)
        .draw()?;
    Ok(chart)
}

/// A small chart with a title and no axes.
pub(super) fn panel<'a, DB: DrawingBackend>(
    area: &'a DrawingArea<DB, Shift>,
    title: &str,
    [across, up]: [[f64; 2]; 2],
) -> Result<Chart<'a, DB>, DrawingAreaErrorKind<DB::ErrorType>> {
    let style = text(17);
    ChartBuilder::on(area)
        .caption(fitted(area, title, &style, area.dim_in_pixel().0)?, style)
        .margin(6)
        .build_cartesian_2d(coordinate(across, Ticks::new()), coordinate(up, Ticks::new()))
}

fn coordinate([start, end]: [f64; 2], ticks: Ticks) -> Coordinate {
    Coordinate((start..end).into(), ticks)
}

/// The step, not below `least`, and its multiples within a range; none in a range that has no width or no end.
fn ticks([low, high]: [f64; 2], most: usize, least: f64) -> Option<(f64, Vec<f64>)> {
    let power = ((high - low) / most.max(3) as f64).max(least).log10().floor();
    // A hair more than the range, since 0.3 / 0.1 is below 3.
    let ends = |step: f64| ((low / step - 1e-6).ceil(), (high / step + 1e-6).floor());
    let fits = |step: &f64| {
        let (first, last) = ends(*step);
        step.is_finite() && last - first < most.max(3) as f64
    };
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|digit| digit * 10_f64.powf(power))
        .find(fits)?;
    let (first, last) = ends(step);
    // A first of -0 loses its sign in the sum.
    let mut ticks: Vec<_> = (0..=(last - first) as usize).map(|n| (first + n as f64) * step).collect();
    // Neighbours in f64 have nothing between them.
    ticks.dedup();
    Some((step, ticks))
}

fn labels(ticks: &[f64], step: f64) -> Vec<String> {
    let told = |labels: &Vec<String>| {
        labels
            .iter()
            .zip(ticks)
            .all(|(label, tick)| label.parse::<f64>().is_ok_and(|number| (number - tick).abs() <= step / 100.0))
    };
    // Seventeen digits tell all numbers of 64 bits.
    let shortest = |write: fn(f64, usize) -> String| {
        let mut all = (0..17).map(|decimals| ticks.iter().map(|&tick| write(tick, decimals)).collect());
        all.find(told)
    };
    let plain = shortest(|tick, decimals| format!("{tick:.decimals$}"));
    let powers = shortest(|tick, decimals| if tick == 0.0 { "0".into() } else { format!("{tick:.decimals$e}") });
    let longest = |labels: &Vec<String>| labels.iter().map(String::len).max().unwrap_or(0);
    let labels = match (plain, powers) {
        (Some(plain), Some(powers)) if longest(&plain) > LONG && longest(&powers) < longest(&plain) => powers,
        (Some(labels), _) | (None, Some(labels)) => labels,
        (None, None) => ticks.iter().map(f64::to_string).collect(),
    };
    labels.into_iter().map(apart).collect()
}

/// The same label, with the thousands of a whole number set apart.
fn apart(label: String) -> String {
    match label.parse::<i64>() {
        Ok(number) => format!("{}{}", if number < 0 { "-" } else { "" }, grouped(number.unsigned_abs() as usize)),
        Err(_) => label,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels_of(range: [f64; 2], numbers: Numbers) -> String {
        let ticks = Axis { name: "", range, numbers }.ticks(6);
        ticks.into_iter().map(|(_, label)| label).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn labels_tell_ticks_apart_at_every_scale() {
        let cases = [
            ([0.0, 1.0], "0.0 0.2 0.4 0.6 0.8 1.0"),
            ([-0.01, 1.01], "0.0 0.2 0.4 0.6 0.8 1.0"),
            ([-1.3, 1.2], "-1.0 -0.5 0.0 0.5 1.0"),
            ([-3e-9, 2e-9], "-3e-9 -2e-9 -1e-9 0 1e-9 2e-9"),
            ([1e-9, 1.1e-9], "1.00e-9 1.02e-9 1.04e-9 1.06e-9 1.08e-9 1.10e-9"),
            ([1e9, 1.1e9], "1.00e9 1.02e9 1.04e9 1.06e9 1.08e9 1.10e9"),
            (
                [1e9, 1e9 + 5.0],
                "1,000,000,000 1,000,000,001 1,000,000,002 1,000,000,003 1,000,000,004 1,000,000,005",
            ),
            ([-25_000.0, 10_000.0], "-20,000 -10,000 0 10,000"),
            ([2_700.0, 6_300.0], "3,000 4,000 5,000 6,000"),
            ([-2e300, 3e300], "-2e300 -1e300 0 1e300 2e300 3e300"),
            ([0.0, 1e-300], "0 2e-301 4e-301 6e-301 8e-301 1e-300"),
            ([-1e308, 1e308], ""),
            ([0.0, f64::INFINITY], ""),
            ([1.0, 1.0], ""),
            ([f64::NAN, 1.0], ""),
        ];
        for (range, expected) in cases {
            assert_eq!(labels_of(range, Numbers::Any), expected, "{range:?}");
        }
    }

    #[test]
    fn counts_are_marked_at_whole_numbers_and_logarithms_at_powers() {
        assert_eq!(labels_of([0.0, 1.0], Numbers::Whole), "0 1");
        assert_eq!(labels_of([0.0, 10_000.0], Numbers::Whole), "0 2,000 4,000 6,000 8,000 10,000");
        assert_eq!(labels_of([-12.0, 0.3], Numbers::Powers), "1e-10 1e-5 1e0");
        assert_eq!(labels_of([-1.2, 1.3], Numbers::Powers), "1e-1 1e0 1e1");
    }

    #[test]
    fn neighbours_are_told_apart_as_long_as_numbers_are() {
        for width in [1e-5, 2e-7] {
            let ticks = Axis::new("", [1e9, 1e9 + width]).ticks(6);
            assert!(ticks.len() > 1 && ticks.windows(2).all(|pair| pair[0].1 != pair[1].1), "{ticks:?}");
        }
    }
}
