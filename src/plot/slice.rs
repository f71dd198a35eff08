//! A decision in many dimensions, seen in the plane in which the rows vary most.
//!
//! Leaves out: what the decision does off that plane.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::marks::text;
use super::pictures::{Points, boundary};
use super::{DrawResult, Field, Picture, Window};
use crate::data::pca::Pca;
use crate::data::text::grouped;
use crate::error::Result;

/// More points than this hide the shading and each other.
const MAX_POINTS: usize = 2_000;

/// The probability of class 1 on the plane through the mean along the two leading components, and the samples
/// projected onto it.
///
/// A sample lies above or below the plane it is projected onto, so that it can stand on the wrong side of the line and
/// yet be predicted right.
#[derive(Clone, Debug)]
pub struct Plane {
    title: String,
    /// Which samples are shown, where not all are.
    shown: Option<String>,
    axes: [String; 2],
    classes: [String; 2],
    x: Vec<f64>,
    y: Vec<u8>,
    field: Field,
}

impl Plane {
    /// Projects rows, and asks for the probability of class 1 over the window of the plane that they take.
    ///
    /// Of more than 2,000 samples every second, third and so on is shown, and the picture says how many.
    ///
    /// # Shapes
    /// `x` is `[m, d]` row by row and `y` is `[m]`.
    ///
    /// # Errors
    /// Those of `probability`.
    pub fn new(
        components: &Pca,
        x: &[f64],
        y: &[u8],
        classes: [String; 2],
        probability: impl FnOnce(Window) -> Result<Field>,
    ) -> Result<Self> {
        let every = y.len().div_ceil(MAX_POINTS).max(1);
        let rows = x.chunks_exact(components.mean.len()).step_by(every);
        let projected: Vec<f64> = rows.flat_map(|row| components.transform(row)).collect();
        let shown: Vec<u8> = y.iter().copied().step_by(every).collect();
        let field = probability(Window::around(&projected))?;
        let percent = components.explained_variance_ratio.map(|share| 100.0 * share);
        Ok(Self {
            title: format!(
                "Slice through the mean along the two leading components ({:.0} % of the variance)",
                percent[0] + percent[1]
            ),
            shown: (every > 1).then(|| format!("{} of {} points", grouped(shown.len()), grouped(y.len()))),
            axes: [1, 2].map(|rank| format!("component {rank} ({:.0} %)", percent[rank - 1])),
            classes,
            x: projected,
            y: shown,
            field,
        })
    }
}

impl Picture for Plane {
    fn size(&self) -> (u32, u32) {
        (860, 700)
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        let mut area = area.margin(8, 0, 0, 0).titled(&self.title, text(22))?;
        if let Some(shown) = &self.shown {
            area = area.titled(shown, text(16))?;
        }
        let [across, up] = &self.axes;
        let points = Points {
            title: String::new(),
            axes: [across, up],
            classes: self.classes.clone(),
            x: &self.x,
            y: &self.y,
        };
        boundary(&area, &points, &self.field, if self.y.len() > 500 { 2 } else { 4 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::loss::sigmoid;

    #[test]
    fn the_slice_shows_the_function_where_it_says() {
        // 5,001 rows along (3, 4, 0) and, a tenth as far, along the third axis, around (1, 2, 3).
        let row = |i: u32| {
            let (along, up) = (f64::from(i) / 2_500.0 - 1.0, f64::from(i % 3) - 1.0);
            [1.0 + 3.0 * along, 2.0 + 4.0 * along, 3.0 + 0.1 * up]
        };
        let x: Vec<f64> = (0..5_001).flat_map(row).collect();
        let labels: Vec<u8> = (0..5_001).map(|i| u8::from(i > 2_500)).collect();
        let components = Pca::fit(&x, 3);
        let plane = Plane::new(&components, &x, &labels, ["no".into(), "yes".into()], |window| {
            let rows = components.inverse_transform(&window.nodes(21));
            Ok(Field::new(window, rows.chunks_exact(3).map(|row| sigmoid(row[0] - 1.0)).collect(), 0.5))
        });
        let plane = plane.unwrap();
        assert_eq!((plane.x.len(), plane.y.len()), (2 * 1_667, 1_667));
        assert!(plane.title.ends_with("components (100 % of the variance)"), "{}", plane.title);
        assert_eq!(plane.shown.as_deref(), Some("1,667 of 5,001 points"));
        // The two ways to vary are correlated by 1e-4, which turns the plane by less than that.
        // Halfway the first feature is at its mean; at the right edge it is 0.6 of the way along (3, 4, 0) from there.
        let right = plane.field.window().x[1];
        assert!((plane.field.at(0.5, 0.3) - 0.5).abs() < 1e-3);
        assert!((plane.field.at(1.0, 0.3) - sigmoid(0.6 * right)).abs() < 1e-3);
    }
}
