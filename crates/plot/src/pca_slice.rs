//! The decision boundary of a network with many inputs, on the plane along which the data varies most.
//!
//! Not covered: the decision boundary away from that plane.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::boundary::draw_boundary;
use super::picture::{DrawResult, Picture};
use super::scalar_field::{ScalarField, Window};
use super::scatter::Scatter;
use super::theme::text_style;
use petal_data::pca::Pca;
use petal_data::text::grouped;

/// The maximum number of samples in the picture. More would hide the shading and each other.
const MAX_SAMPLES: usize = 2_000;

/// The probability of class 1 on the plane through the mean along the two leading principal components, and the samples
/// projected onto it.
///
/// A sample usually lies above or below the plane. Its projection can therefore be on the wrong side of the line although
/// the prediction for the sample is right.
#[derive(Clone, Debug)]
pub struct PcaSlice {
    title: String,
    /// How many samples are shown, if not all.
    subtitle: Option<String>,
    axes: [String; 2],
    classes: [String; 2],
    /// The projected samples, `[m, 2]` row by row.
    x: Vec<f64>,
    /// Their labels, `[m]`.
    y: Vec<u8>,
    field: ScalarField,
}

impl PcaSlice {
    /// Projects the samples onto the plane, and calls `probability` for the window of the plane around them.
    ///
    /// With more than 2,000 samples the picture shows only every second, third and so on, and says how many.
    ///
    /// # Shapes
    /// `x` is `[m, d]` row by row and `y` is `[m]`.
    pub fn new(
        pca: &Pca,
        x: &[f64],
        y: &[u8],
        classes: [String; 2],
        probability: impl FnOnce(Window) -> ScalarField,
    ) -> Self {
        let stride = y.len().div_ceil(MAX_SAMPLES).max(1);
        let rows = x.chunks_exact(pca.mean.len()).step_by(stride);
        let projected: Vec<f64> = rows.flat_map(|row| pca.transform(row)).collect();
        let labels: Vec<u8> = y.iter().copied().step_by(stride).collect();
        let field = probability(Window::around(&projected));

        let [first, second] = pca.explained_variance_ratio.map(|share| 100.0 * share);
        let variance = format!("({:.0} % of the variance)", first + second);
        let shown = || format!("{} of {} points", grouped(labels.len()), grouped(y.len()));
        Self {
            title: format!("Slice through the mean along the two leading components {variance}"),
            subtitle: (stride > 1).then(shown),
            axes: [format!("component 1 ({first:.0} %)"), format!("component 2 ({second:.0} %)")],
            classes,
            x: projected,
            y: labels,
            field,
        }
    }

    /// The same picture with another title.
    pub fn with_title(self, title: &str) -> Self {
        Self { title: title.into(), ..self }
    }
}

impl Picture for PcaSlice {
    fn size(&self) -> (u32, u32) {
        (860, 700)
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> DrawResult<DB> {
        let mut area = area.margin(8, 0, 0, 0).titled(&self.title, text_style(22))?;
        if let Some(subtitle) = &self.subtitle {
            area = area.titled(subtitle, text_style(16))?;
        }
        let scatter = Scatter {
            title: String::new(),
            axes: self.axes.each_ref().map(String::as_str),
            classes: self.classes.clone(),
            x: &self.x,
            y: &self.y,
        };
        let sample_size = if self.y.len() > 500 { 2 } else { 4 };
        draw_boundary(&area, &scatter, &self.field, sample_size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use petal_data::logistic::sigmoid;

    #[test]
    fn the_field_has_the_values_of_the_function_at_their_positions() {
        // 5,001 rows around (1, 2, 3). They vary along (3, 4, 0) and, by less, along the third axis.
        let row = |i: u32| {
            let (major, minor) = (f64::from(i) / 2_500.0 - 1.0, f64::from(i % 3) - 1.0);
            [1.0 + 3.0 * major, 2.0 + 4.0 * major, 3.0 + 0.1 * minor]
        };
        let x: Vec<f64> = (0..5_001).flat_map(row).collect();
        let labels: Vec<u8> = (0..5_001).map(|i| u8::from(i > 2_500)).collect();
        let pca = Pca::fit(&x, 3);
        let slice = PcaSlice::new(&pca, &x, &labels, ["no".into(), "yes".into()], |window| {
            let rows = pca.inverse_transform(&window.nodes(21));
            ScalarField::new(window, rows.chunks_exact(3).map(|row| sigmoid(row[0] - 1.0)).collect(), 0.5)
        });

        assert_eq!((slice.x.len(), slice.y.len()), (2 * 1_667, 1_667));
        assert!(slice.title.ends_with("components (100 % of the variance)"), "{}", slice.title);
        assert_eq!(slice.subtitle.as_deref(), Some("1,667 of 5,001 points"));
        // The two directions are correlated by 1e-4, which rotates the plane by less than that. In the middle the first
        // feature is at its mean. At the right edge it has moved by 0.6 of the distance along (3, 4, 0).
        let right = slice.field.window().x[1];
        assert!((slice.field.value_at(0.5, 0.3) - 0.5).abs() < 1e-3);
        assert!((slice.field.value_at(1.0, 0.3) - sigmoid(0.6 * right)).abs() < 1e-3);
    }
}
