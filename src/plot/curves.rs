//! How good predictions are, over all thresholds and over all probabilities.
//!
//! The points are those of [`crate::metrics::roc`], [`crate::metrics::precision_recall`] and
//! [`crate::metrics::calibration`].
//!
//! Leaves out: computing them, and bands around them.

use plotters::coord::Shift;
use plotters::element::DashedPathElement;
use plotters::prelude::*;

use super::marks::{CURVES, Chart, FAINT, INK};
use super::{Drawn, Picture};
use crate::metrics::{Bin, calibration_error};

/// Width and height of each picture.
const SIZE: (u32, u32) = (640, 640);
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

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        let mut chart = square(area, &self.title, ["false positive rate", "true positive rate"])?;
        reference(&mut chart, [(0.0, 0.0), (1.0, 1.0)], "guessing: AUC 0.5")?;
        for (curve, color) in self.curves.iter().zip(CURVES.into_iter().cycle()) {
            line(&mut chart, curve.points.clone(), &with_area(curve, "AUC"), color)?;
        }
        names(&mut chart, SeriesLabelPosition::LowerRight)
    }
}

impl Picture for PrecisionRecall<'_> {
    fn size(&self) -> (u32, u32) {
        SIZE
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        let mut chart = square(area, &self.title, ["recall", "precision"])?;
        let share = self.share_of_ones;
        reference(&mut chart, [(0.0, share), (1.0, share)], &format!("guessing: share of ones {share:.3}"))?;
        for (curve, color) in self.curves.iter().zip(CURVES.into_iter().cycle()) {
            line(&mut chart, steps(&curve.points), &with_area(curve, "average precision"), color)?;
        }
        names(&mut chart, SeriesLabelPosition::LowerLeft)
    }
}

impl Picture for Calibration<'_> {
    fn size(&self) -> (u32, u32) {
        SIZE
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        let mut chart = square(area, &self.title, ["mean predicted probability of class 1", "share of class 1"])?;
        reference(&mut chart, [(0.0, 0.0), (1.0, 1.0)], "predictions that mean what they say")?;
        for (Reliability { name, bins }, color) in self.curves.iter().zip(CURVES.into_iter().cycle()) {
            let points = || bins.iter().map(|bin| (bin.mean_probability, bin.share_of_ones));
            let name = format!("{name}, calibration error {:.3}", calibration_error(bins));
            line(&mut chart, points().collect(), &name, color)?;
            let samples: usize = bins.iter().map(|bin| bin.count).sum();
            let radius = |bin: &Bin| RADII[0] + (RADII[1] - RADII[0]) * (bin.count as f64 / samples as f64).sqrt();
            let circles =
                points().zip(bins).map(|(at, bin)| Circle::new(at, radius(bin).round() as i32, color.filled()));
            chart.draw_series(circles)?;
        }
        names(&mut chart, SeriesLabelPosition::UpperLeft)
    }
}

/// A chart from 0 to 1 both ways.
fn square<'a, DB: DrawingBackend>(
    area: &'a DrawingArea<DB, Shift>,
    title: &str,
    [x, y]: [&str; 2],
) -> Result<Chart<'a, DB>, DrawingAreaErrorKind<DB::ErrorType>> {
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 22).into_font().color(&INK))
        .margin(12)
        .margin_right(28)
        .x_label_area_size(44)
        .y_label_area_size(64)
        // A little more, so that lines along the edges are seen.
        .build_cartesian_2d(-0.01..1.01, -0.01..1.01)?;
    chart
        .configure_mesh()
        .x_desc(x)
        .y_desc(y)
        .x_labels(6)
        .y_labels(6)
        .x_label_formatter(&|share| format!("{share:.1}"))
        .y_label_formatter(&|share| format!("{share:.1}"))
        .max_light_lines(0)
        .bold_line_style(FAINT)
        .axis_style(INK)
        .label_style(("sans-serif", 15).into_font().color(&INK))
        .axis_desc_style(("sans-serif", 17).into_font().color(&INK))
        .draw()?;
    Ok(chart)
}

/// The line that predictions without any use, or without any fault, lie on.
fn reference<DB: DrawingBackend>(chart: &mut Chart<'_, DB>, ends: [(f64, f64); 2], name: &str) -> Drawn<DB> {
    let style = ShapeStyle::from(INK.mix(0.6));
    chart
        .draw_series(DashedLineSeries::new(ends, 5, 5, style))?
        .label(name)
        .legend(move |(x, y)| DashedPathElement::new([(x, y), (x + 20, y)], 5, 3, style));
    Ok(())
}

fn line<DB: DrawingBackend>(
    chart: &mut Chart<'_, DB>,
    points: Vec<(f64, f64)>,
    name: &str,
    color: RGBColor,
) -> Drawn<DB> {
    chart
        .draw_series(LineSeries::new(points, color.stroke_width(2)))?
        .label(name)
        .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], color.stroke_width(2)));
    Ok(())
}

fn names<'a, DB: DrawingBackend + 'a>(chart: &mut Chart<'a, DB>, corner: SeriesLabelPosition) -> Drawn<DB> {
    chart
        .configure_series_labels()
        .position(corner)
        .background_style(WHITE.mix(0.85))
        .border_style(FAINT)
        .label_font(("sans-serif", 16).into_font().color(&INK))
        .draw()
}

fn with_area(curve: &RankingCurve<'_>, measure: &str) -> String {
    let area = curve.area.map_or_else(|| "undefined".into(), |area| format!("{area:.3}"));
    format!("{}: {measure} {area}", curve.name)
}

/// Points as steps: on the way to each, the height is that of its end.
fn steps(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let before = std::iter::once(0.0).chain(points.iter().map(|point| point.0));
    before.zip(points).flat_map(|(x, &(next, height))| [(x, height), (next, height)]).collect()
}

#[cfg(test)]
mod tests {
    use super::steps;

    #[test]
    fn a_step_has_the_height_of_its_end() {
        assert_eq!(steps(&[(0.5, 1.0), (1.0, 0.7)]), [(0.0, 1.0), (0.5, 1.0), (0.5, 0.7), (1.0, 0.7)]);
    }
}
