//! Samples in rows, each with a label of 0 or 1.

/// Samples in rows with a label of 0 or 1 each.
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
    /// Joins rows and labels.
    ///
    /// # Panics
    /// When `x` does not hold `feature_names.len()` numbers for each label: a mistake in the calling code.
    pub fn new(feature_names: Vec<String>, x: Vec<f64>, y: Vec<u8>) -> Self {
        assert_eq!(x.len(), feature_names.len() * y.len(), "rows times features must equal the numbers given");
        debug_assert!(y.iter().all(|&label| label < 2), "labels are 0 or 1");
        Self { feature_names, x, y }
    }

    /// Joins the points of a plane with their labels; the features are called `x1` and `x2`.
    pub fn planar(points: &[[f64; 2]], y: Vec<u8>) -> Self {
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

    /// The features' names, in the order of the columns.
    pub fn feature_names(&self) -> &[String] {
        &self.feature_names
    }

    /// All rows one after the other: `[samples, features]`.
    pub fn x(&self) -> &[f64] {
        &self.x
    }

    /// The label of each sample, 0 or 1.
    pub fn y(&self) -> &[u8] {
        &self.y
    }

    /// The samples one by one.
    pub fn rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.x.chunks_exact(self.features())
    }

    /// The samples at the given places, in their order.
    pub fn select(&self, places: &[usize]) -> Self {
        let d = self.features();
        let x = places.iter().flat_map(|&place| &self.x[place * d..][..d]).copied().collect();
        Self::new(self.feature_names.clone(), x, places.iter().map(|&place| self.y[place]).collect())
    }

    /// The samples whose place is wanted, moved together in the memory that all take.
    #[must_use]
    pub fn retain(mut self, mut wanted: impl FnMut(usize) -> bool) -> Self {
        let (d, mut kept) = (self.features(), 0);
        for place in (0..self.samples()).filter(|&place| wanted(place)).collect::<Vec<_>>() {
            self.x.copy_within(place * d..(place + 1) * d, kept * d);
            self.y[kept] = self.y[place];
            kept += 1;
        }
        self.x.truncate(kept * d);
        self.y.truncate(kept);
        self
    }

    /// All rows, to be changed where they are.
    pub fn x_mut(&mut self) -> &mut [f64] {
        &mut self.x
    }

    /// How many samples carry label 0 and label 1.
    pub fn class_counts(&self) -> [usize; 2] {
        let ones = self.y.iter().filter(|&&label| label == 1).count();
        [self.samples() - ones, ones]
    }
}
