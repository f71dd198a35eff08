//! The quality of predictions: ROC curves, precision-recall curves and calibration curves.
//!
//! [`petal_data::metrics::roc`], [`petal_data::metrics::precision_recall`] and [`petal_data::metrics::calibration`]
//! compute the points.
//!
//! Not covered: confidence bands of ROC and precision-recall curves.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::axes::Axis;
use super::lines::{Line, draw_lines};
use super::picture::{DrawResult, Picture};
use super::theme::{CURVE_COLORS, INK};
use petal_data::metrics::{CalibrationBin, calibration_error, wilson};

/// Width and height of each picture in pixels. The two rows of the legend make it higher than wide.
const SIZE: (u32, u32) = (640, 690);
/// The circle's radius in pixels for an empty bin, and for a bin with all samples.
const RADIUS_RANGE: [f64; 2] = [3.0, 13.0];

/// True positive rate over false positive rate, and the diagonal, which is the result of guessing.
#[derive(Clone, Debug)]
pub struct Roc<'a> {
    /// The title of the picture.
    pub title: String,
    /// The curves; the area is the ROC AUC.
    pub curves: Vec<ThresholdCurve<'a>>,
}

/// Precision over recall, and a line at the fraction of class 1, which is the precision of guessing.
#[derive(Clone, Debug)]
pub struct PrecisionRecall<'a> {
    /// The title of the picture.
    pub title: String,
    /// The name of class 1.
    pub class: &'a str,
    /// The curves; the area is the average precision.
    pub curves: Vec<ThresholdCurve<'a>>,
    /// The fraction of samples of class 1.
    pub positive_fraction: f64,
}

/// A curve with a point for each threshold.
#[derive(Clone, Debug)]
pub struct ThresholdCurve<'a> {
    /// The name in the legend.
    pub name: &'a str,
    /// The points as x and y.
    pub points: Vec<(f64, f64)>,
    /// The area under the curve, shown in the legend. `None` if the curve is undefined.
    pub area: Option<f64>,
}

/// The fraction of class 1 over the predicted probability with Wilson's 95 % intervals ([`wilson`]), and the diagonal, on which
/// calibrated predictions lie.
#[derive(Clone, Debug)]
pub struct Calibration<'a> {
    /// The title of the picture.
    pub title: String,
    /// The name of class 1.
    pub class: &'a str,
    /// A curve for each set of predictions.
    pub curves: Vec<CalibrationCurve<'a>>,
}

/// The bins of one set of predictions. A bin with more samples has a larger circle.
#[derive(Clone, Debug)]
pub struct CalibrationCurve<'a> {
    /// The name in the legend.
    pub name: &'a str,
    /// The bins that contain samples.
    pub bins: Vec<CalibrationBin>,
}

impl Picture for Roc<'_> {
    fn size(&self) -> (u32, u32) {
        SIZE
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        let chance = reference_line("chance level: AUC 0.5".into(), [0.0, 1.0]);
        let curves = self.curves.iter().zip(colors());
        let curves = curves.map(|(curve, color)| {
            Line::new(legend_with_area(curve, "AUC"), curve.points.clone(), color.stroke_width(2))
        });

        let lines: Vec<_> = std::iter::once(chance).chain(curves).collect();
        draw_lines(area, &self.title, unit_axes(["false positive rate", "true positive rate"]), &lines)
    }
}

impl Picture for PrecisionRecall<'_> {
    fn size(&self) -> (u32, u32) {
        SIZE
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        let positives = self.positive_fraction;
        let chance = reference_line(format!("chance level: fraction of {} {positives:.3}", self.class), [positives; 2]);
        let curves = self.curves.iter().zip(colors()).map(|(curve, color)| {
            let name = legend_with_area(curve, "average precision");
            Line::new(name, steps(&curve.points), color.stroke_width(2))
        });

        let lines: Vec<_> = std::iter::once(chance).chain(curves).collect();
        draw_lines(area, &self.title, unit_axes(["recall", "precision"]), &lines)
    }
}

impl Picture for Calibration<'_> {
    fn size(&self) -> (u32, u32) {
        SIZE
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        let calibrated = reference_line("perfectly calibrated".into(), [0.0, 1.0]);
        let curves = self.curves.iter().zip(colors()).map(|(curve, color)| curve.line(color));

        let lines: Vec<_> = std::iter::once(calibrated).chain(curves).collect();
        let [x_name, y_name] =
            ["mean predicted probability of", "fraction of"].map(|name| format!("{name} {}", self.class));
        draw_lines(area, &self.title, unit_axes([&x_name, &y_name]), &lines)
    }
}

impl CalibrationCurve<'_> {
    /// A circle for each bin, whose radius grows with the square root of the samples, on its interval. A line through bins of
    /// few samples would look like a curve and be chance.
    fn line(&self, color: RGBColor) -> Line {
        let samples: usize = self.bins.iter().map(|bin| bin.count).sum();
        let [min_radius, max_radius] = RADIUS_RANGE;
        let dot = |bin: &CalibrationBin| {
            let fraction = bin.count as f64 / samples as f64;
            let radius = min_radius + (max_radius - min_radius) * fraction.sqrt();
            ((bin.mean_probability, bin.fraction_of_positives), radius.round() as i32)
        };
        let bar = |bin: &CalibrationBin| {
            let positives = (bin.fraction_of_positives * bin.count as f64).round() as usize;
            wilson(positives, bin.count).map(|interval| (bin.mean_probability, [interval.low, interval.high]))
        };

        let name = format!("{}: calibration error {:.3}", self.name, calibration_error(&self.bins));
        Line {
            dots: self.bins.iter().map(dot).collect(),
            bars: self.bins.iter().filter_map(bar).collect(),
            ..Line::new(name, Vec::new(), color.stroke_width(2))
        }
    }
}

/// Axes from 0 to 1.
fn unit_axes(names: [&str; 2]) -> [Axis<'_>; 2] {
    // Slightly longer, so that lines along the edges are visible.
    names.map(|name| Axis::new(name, [-0.01, 1.01]))
}

/// A dashed line from the left to the right edge, for comparison with the curves.
fn reference_line(name: String, [left, right]: [f64; 2]) -> Line {
    Line { dashed: true, ..Line::new(name, vec![(0.0, left), (1.0, right)], INK.mix(0.6)) }
}

fn colors() -> impl Iterator<Item = RGBColor> {
    CURVE_COLORS.into_iter().cycle()
}

fn legend_with_area(curve: &ThresholdCurve<'_>, measure: &str) -> String {
    let area = curve.area.map_or_else(|| "undefined".into(), |area| format!("{area:.3}"));
    format!("{}: {measure} {area}", curve.name)
}

/// Turns points into a step function: up to each point, the height is that of the point.
fn steps(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut corners = Vec::new();
    let mut left = 0.0;
    for &(right, height) in points {
        corners.extend([(left, height), (right, height)]);
        left = right;
    }
    corners
}

#[cfg(test)]
mod tests {
    use super::steps;

    #[test]
    fn a_step_has_the_height_of_the_point_at_its_right_end() {
        assert_eq!(steps(&[(0.5, 1.0), (1.0, 0.7)]), [(0.0, 1.0), (0.5, 1.0), (0.5, 0.7), (1.0, 0.7)]);
    }
}
