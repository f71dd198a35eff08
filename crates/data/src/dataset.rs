//! Samples and their labels.

/// Samples in rows, each with a label of 0 or 1.
///
/// # Shapes
/// `x` is `[samples, features]`, row after row; `y` is `[samples]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    feature_names: Vec<String>,
    x: Vec<f64>,
    y: Vec<u8>,
}

impl Dataset {
    /// Combines rows and labels.
    ///
    /// # Panics
    /// When `x` does not hold `feature_names.len()` numbers for each label: a mistake in the calling code.
    pub fn new(feature_names: Vec<String>, x: Vec<f64>, y: Vec<u8>) -> Self {
        assert_eq!(x.len(), feature_names.len() * y.len(), "rows times features must equal the numbers given");
        debug_assert!(y.iter().all(|&label| label < 2), "labels are 0 or 1");
        Self { feature_names, x, y }
    }

    /// Combines points of the plane with their labels. The features are called `x1` and `x2`.
    pub fn from_points_2d(points: &[[f64; 2]], y: Vec<u8>) -> Self {
        Self::new(vec!["x1".into(), "x2".into()], points.as_flattened().to_vec(), y)
    }

    /// The number of samples, m.
    pub fn samples(&self) -> usize {
        self.y.len()
    }

    /// The number of features, d.
    pub fn features(&self) -> usize {
        self.feature_names.len()
    }

    /// The names of the features, in the order of the columns.
    pub fn feature_names(&self) -> &[String] {
        &self.feature_names
    }

    /// All rows, one after the other: `[samples, features]`.
    pub fn x(&self) -> &[f64] {
        &self.x
    }

    /// The label of each sample, 0 or 1.
    pub fn y(&self) -> &[u8] {
        &self.y
    }

    /// An iterator over the samples.
    pub fn rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.x.chunks_exact(self.features())
    }

    /// A new data set with the samples at the given indices, in the order of the indices.
    pub fn select(&self, indices: &[usize]) -> Self {
        let d = self.features();
        let x = indices.iter().flat_map(|&index| &self.x[index * d..][..d]).copied().collect();
        let y = indices.iter().map(|&index| self.y[index]).collect();
        Self::new(self.feature_names.clone(), x, y)
    }

    /// Keeps only the samples whose index satisfies `keep`. No further memory is used.
    #[must_use]
    pub fn retain(mut self, mut keep: impl FnMut(usize) -> bool) -> Self {
        let (d, mut kept) = (self.features(), 0);
        for index in 0..self.samples() {
            if keep(index) {
                self.x.copy_within(index * d..(index + 1) * d, kept * d);
                self.y[kept] = self.y[index];
                kept += 1;
            }
        }
        self.x.truncate(kept * d);
        self.y.truncate(kept);
        self
    }

    /// All rows, mutable.
    pub fn x_mut(&mut self) -> &mut [f64] {
        &mut self.x
    }

    /// The number of samples with label 0 and with label 1.
    pub fn class_counts(&self) -> [usize; 2] {
        let ones = self.y.iter().filter(|&&label| label == 1).count();
        [self.samples() - ones, ones]
    }
}
