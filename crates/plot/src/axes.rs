//! The axes of a chart: where their ticks are, how the ticks are labelled, and how much space the labels need.
//!
//! ```text
//! ticks   n * step,  step the smallest of {1, 2, 5} * 10^k with no more ticks than fit
//! labels  the fewest decimals that give each tick to within a hundredth of a step;
//!         with powers of ten where that is shorter
//! ```

use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::picture::DrawResult;
use super::theme::{GRID, INK, fit_text, text_style};
use petal_data::text::{grouped, short};

/// Free space around a chart, in pixels.
const MARGIN: u32 = 12;
/// The minimum distance between two ticks of the y axis, in pixels.
const MIN_Y_TICK_DISTANCE: u32 = 64;
/// The minimum gap between the labels of two ticks of the x axis, in pixels.
const MIN_X_LABEL_GAP: u32 = 36;
/// The space on the left apart from the tick labels, in pixels: the axis name, and the gaps that plotters adds.
const Y_NAME_WIDTH: u32 = 38;
/// The minimum space on the left, in pixels. It is enough for most labels, so charts one above the other have aligned axes.
const MIN_LEFT_WIDTH: u32 = 68;
/// Labels with more characters than this use powers of ten if that is shorter.
const MAX_PLAIN_LABEL: usize = 6;

/// A chart with the ticks of this module. Plotters' own ticks stop at 1e-16, and plotters does not report their distance.
pub(super) type Chart<'a, DB> = ChartContext<'a, DB, Cartesian2d<AxisCoordinate, AxisCoordinate>>;

/// One of the two axes of a chart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis<'a> {
    pub name: &'a str,
    /// The numbers at its start and its end.
    pub range: [f64; 2],
    pub scale: Scale,
}

/// What the numbers of an axis stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    /// Real numbers.
    Linear,
    /// Counts: only whole numbers have ticks.
    Integer,
    /// Decimal logarithms: only powers of ten have ticks.
    Log10,
    /// Decimal logarithms, with the numbers themselves as labels: powers of ten, and on a short axis their multiples by 2
    /// and 5 too.
    Log,
}

/// The ticks of an axis with their labels.
type Ticks = Vec<(f64, String)>;

/// Maps the numbers of an axis to pixels, and gives plotters the ticks.
pub(super) struct AxisCoordinate {
    position: RangedCoordf64,
    ticks: Ticks,
}

impl AxisCoordinate {
    fn new([start, end]: [f64; 2], ticks: Ticks) -> Self {
        Self { position: (start..end).into(), ticks }
    }
}

impl Ranged for AxisCoordinate {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        self.position.map(value, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // "Light" points would be minor grid lines between the ticks; charts have none.
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        self.ticks.iter().map(|(tick, _)| *tick).collect()
    }

    fn range(&self) -> Range<f64> {
        self.position.range()
    }
}

impl ValueFormatter<f64> for AxisCoordinate {
    fn format_ext(&self, value: &f64) -> String {
        self.ticks
            .iter()
            .find(|(tick, _)| tick == value)
            .map(|(_, label)| label.clone())
            .unwrap_or_default()
    }
}

impl<'a> Axis<'a> {
    /// A linear axis.
    pub fn new(name: &'a str, range: [f64; 2]) -> Self {
        Self { name, range, scale: Scale::Linear }
    }

    fn ticks(&self, max_ticks: usize) -> Ticks {
        if self.scale == Scale::Log {
            return log_ticks(self.range, max_ticks);
        }
        let min_step = if self.scale == Scale::Linear { 0.0 } else { 1.0 };
        let Some((step, ticks)) = tick_positions(self.range, max_ticks, min_step) else {
            return Vec::new();
        };
        let labels = match self.scale {
            Scale::Log10 => ticks.iter().map(|power| format!("1e{power}")).collect(),
            Scale::Linear | Scale::Integer | Scale::Log => tick_labels(&ticks, step),
        };
        ticks.into_iter().zip(labels).collect()
    }
}

/// Builds an empty chart with a grid, two labelled axes, x first, and a title unless that is empty.
pub(super) fn build_chart<'a, DB: DrawingBackend>(
    area: &'a DrawingArea<DB, Shift>,
    title: &str,
    [x, y]: [Axis<'_>; 2],
) -> DrawResult<DB, Chart<'a, DB>> {
    let (title_style, name_style, label_style) = (text_style(22), text_style(17), text_style(15));
    let (width, height) = area.dim_in_pixel();

    let y_ticks = y.ticks((height / MIN_Y_TICK_DISTANCE) as usize);
    let left_width = MIN_LEFT_WIDTH.max(max_label_width(area, &y_ticks, &label_style)? + Y_NAME_WIDTH);

    // The first number of ticks ignores the labels' widths; the second leaves space for the widest of those labels. Fewer
    // ticks never need wider labels, so the second set fits.
    let inner_width = width.saturating_sub(left_width + 2 * MARGIN);
    let dense_ticks = x.ticks((inner_width / MIN_X_LABEL_GAP) as usize);
    let dense_label_width = max_label_width(area, &dense_ticks, &label_style)?;
    let x_ticks = x.ticks((inner_width / (dense_label_width + MIN_X_LABEL_GAP)) as usize);
    // The label of a tick at the end of the axis extends beyond the axis by half its width.
    let right_margin = MARGIN.max(max_label_width(area, &x_ticks, &label_style)? / 2 + 4);

    let mut builder = ChartBuilder::on(area);
    if !title.is_empty() {
        builder.caption(fit_text(area, title, &title_style, width)?, title_style);
    }
    let mut chart = builder
        .margin(MARGIN)
        .margin_right(right_margin)
        .x_label_area_size(44)
        .y_label_area_size(left_width)
        .build_cartesian_2d(AxisCoordinate::new(x.range, x_ticks), AxisCoordinate::new(y.range, y_ticks))?;

    let (plot_width, plot_height) = chart.plotting_area().dim_in_pixel();
    chart
        .configure_mesh()
        .x_desc(fit_text(area, x.name, &name_style, plot_width)?)
        .y_desc(fit_text(area, y.name, &name_style, plot_height)?)
        .bold_line_style(GRID)
        .axis_style(INK)
        .label_style(label_style)
        .axis_desc_style(name_style)
        .draw()?;
    Ok(chart)
}

/// Builds an empty small chart with a title and without axes.
pub(super) fn build_panel<'a, DB: DrawingBackend>(
    area: &'a DrawingArea<DB, Shift>,
    title: &str,
    [x_range, y_range]: [[f64; 2]; 2],
) -> DrawResult<DB, Chart<'a, DB>> {
    let style = text_style(17);
    ChartBuilder::on(area)
        .caption(fit_text(area, title, &style, area.dim_in_pixel().0)?, style)
        .margin(6)
        .build_cartesian_2d(AxisCoordinate::new(x_range, Vec::new()), AxisCoordinate::new(y_range, Vec::new()))
}

/// The width of the widest label in pixels, 0 without ticks.
fn max_label_width<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    ticks: &Ticks,
    style: &TextStyle<'_>,
) -> DrawResult<DB, u32> {
    let mut max_width = 0;
    for (_, label) in ticks {
        max_width = max_width.max(area.estimate_text_size(label, style)?.0);
    }
    Ok(max_width)
}

/// The smallest step, at least `min_step`, that gives no more than `max_ticks` ticks (or 3, if that is more), and the
/// multiples of the step within the range. `None` if the range is empty or not finite.
fn tick_positions([low, high]: [f64; 2], max_ticks: usize, min_step: f64) -> Option<(f64, Vec<f64>)> {
    let max_ticks = max_ticks.max(3) as f64;
    let power = ((high - low) / max_ticks).max(min_step).log10().floor();

    // The tolerance keeps a tick at the end of the range despite rounding: 0.3 / 0.1 is below 3.
    let first_and_last = |step: f64| ((low / step - 1e-6).ceil(), (high / step + 1e-6).floor());
    let fits = |step: &f64| {
        let (first, last) = first_and_last(*step);
        step.is_finite() && last - first < max_ticks
    };
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|digit| digit * 10_f64.powf(power))
        .find(fits)?;

    let (first, last) = first_and_last(step);
    // Adding 0 turns a first of -0 into 0, which has no sign in its label.
    let mut ticks: Vec<_> = (0..=(last - first) as usize).map(|n| (first + n as f64) * step).collect();
    // Steps below the resolution of f64 give the same tick several times.
    ticks.dedup();
    Some((step, ticks))
}

/// The ticks of [`Scale::Log`]. If there are too many, only every second, third, ... is kept.
fn log_ticks([low, high]: [f64; 2], max_ticks: usize) -> Ticks {
    if !(high - low).is_finite() || high - low > 1_000.0 {
        return Vec::new();
    }
    let multiples: &[f64] = if high - low < 2.5 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let numbers = (low.floor() as i32..=high.ceil() as i32)
        .flat_map(|power| multiples.iter().map(move |multiple| multiple * 10_f64.powi(power)));
    let ticks: Ticks = numbers
        .map(|number| (number.log10(), short(number)))
        .filter(|(tick, _)| (low - 1e-9..=high + 1e-9).contains(tick))
        .collect();
    let stride = ticks.len().div_ceil(max_ticks.max(3)).max(1);
    ticks.into_iter().step_by(stride).collect()
}

fn tick_labels(ticks: &[f64], step: f64) -> Vec<String> {
    let precise = |labels: &Vec<String>| {
        labels
            .iter()
            .zip(ticks)
            .all(|(label, tick)| label.parse::<f64>().is_ok_and(|number| (number - tick).abs() <= step / 100.0))
    };
    // 17 significant digits distinguish all f64 numbers.
    let shortest = |write: fn(f64, usize) -> String| {
        let mut candidates = (0..17).map(|decimals| ticks.iter().map(|&tick| write(tick, decimals)).collect());
        candidates.find(precise)
    };
    let plain = shortest(|tick, decimals| format!("{tick:.decimals$}"));
    let scientific = shortest(|tick, decimals| if tick == 0.0 { "0".into() } else { format!("{tick:.decimals$e}") });

    let max_length = |labels: &Vec<String>| labels.iter().map(String::len).max().unwrap_or(0);
    let labels = match (plain, scientific) {
        (Some(plain), Some(scientific))
            if max_length(&plain) > MAX_PLAIN_LABEL && max_length(&scientific) < max_length(&plain) =>
        {
            scientific
        }
        (Some(labels), _) | (None, Some(labels)) => labels,
        (None, None) => ticks.iter().map(f64::to_string).collect(),
    };
    labels.into_iter().map(group_thousands).collect()
}

/// Separates the thousands if the label is a whole number.
fn group_thousands(label: String) -> String {
    match label.parse::<i64>() {
        Ok(number) => format!("{}{}", if number < 0 { "-" } else { "" }, grouped(number.unsigned_abs() as usize)),
        Err(_) => label,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined_labels(range: [f64; 2], scale: Scale) -> String {
        let ticks = Axis { name: "", range, scale }.ticks(6);
        ticks.into_iter().map(|(_, label)| label).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn labels_distinguish_ticks_of_every_size() {
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
            assert_eq!(joined_labels(range, Scale::Linear), expected, "{range:?}");
        }
    }

    #[test]
    fn counts_have_ticks_at_whole_numbers_and_logarithms_at_powers_of_ten() {
        assert_eq!(joined_labels([0.0, 1.0], Scale::Integer), "0 1");
        assert_eq!(joined_labels([0.0, 10_000.0], Scale::Integer), "0 2,000 4,000 6,000 8,000 10,000");
        assert_eq!(joined_labels([-12.0, 0.3], Scale::Log10), "1e-10 1e-5 1e0");
        assert_eq!(joined_labels([-1.2, 1.3], Scale::Log10), "1e-1 1e0 1e1");
        assert_eq!(joined_labels([-3.0, 1.3], Scale::Log), "0.001 0.01 0.1 1 10");
        assert_eq!(joined_labels([-1.0, 0.3], Scale::Log), "0.1 0.2 0.5 1");
        assert_eq!(joined_labels([-9.0, 0.0], Scale::Log), "1e-9 1e-7 1e-5 0.001 0.1");
        assert_eq!(joined_labels([0.0, f64::INFINITY], Scale::Log), "");
    }

    #[test]
    fn neighbouring_ticks_near_the_resolution_of_f64_have_different_labels() {
        for width in [1e-5, 2e-7] {
            let ticks = Axis::new("", [1e9, 1e9 + width]).ticks(6);
            assert!(ticks.len() > 1 && ticks.windows(2).all(|pair| pair[0].1 != pair[1].1), "{ticks:?}");
        }
    }
}
