//! The network's sizes, and its parameters in one list.

use crate::real::Real;

/// The sizes of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// d, the columns of x.
    pub features: usize,
    /// h.
    pub hidden: usize,
}

/// The parameters of a network, or their gradient, in the order that the passes read and write them in: hidden unit by
/// hidden unit.
///
/// ```text
/// w1[0, k] .. w1[d - 1, k]  b1[k]  w2[k]        for k = 0 .. h - 1
/// b2
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters<T> {
    shape: Shape,
    values: Vec<T>,
}

/// The parameters in the layout that most others use.
///
/// # Shapes
/// w1 is `[d, h]` row by row, b1 and w2 are `[h]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Layers {
    /// Weights from features to hidden units.
    pub w1: Vec<f64>,
    /// Biases of the hidden units.
    pub b1: Vec<f64>,
    /// Weights from hidden units to the logit.
    pub w2: Vec<f64>,
    /// Bias of the logit.
    pub b2: f64,
}

impl Shape {
    /// How many numbers there are to train.
    pub fn parameters(self) -> usize {
        self.hidden * self.per_unit() + 1
    }

    /// How many of them belong to one hidden unit.
    pub(crate) fn per_unit(self) -> usize {
        self.features + 2
    }
}

impl<T: Real> Parameters<T> {
    /// All zero.
    pub fn zeros(shape: Shape) -> Self {
        Self { shape, values: vec![T::zeroed(); shape.parameters()] }
    }

    /// Rounds to this float type.
    ///
    /// # Panics
    /// When a list does not have the length that the shape asks for.
    pub fn from_layers(shape: Shape, layers: &Layers) -> Self {
        let Shape { features, hidden } = shape;
        let lengths = [layers.w1.len(), layers.b1.len(), layers.w2.len()];
        assert_eq!(lengths, [features * hidden, hidden, hidden], "w1, b1 and w2 must fit {shape:?}");
        let unit = |k: usize| {
            let w1 = layers.w1.iter().skip(k).step_by(hidden);
            w1.chain([&layers.b1[k], &layers.w2[k]])
        };
        let values = (0..hidden)
            .flat_map(unit)
            .chain([&layers.b2])
            .map(|&value| T::from_f64(value))
            .collect();
        Self { shape, values }
    }

    /// The inverse of [`Parameters::values`].
    ///
    /// # Panics
    /// When there are not as many as the shape asks for.
    pub fn from_values(shape: Shape, values: Vec<T>) -> Self {
        assert_eq!(values.len(), shape.parameters(), "the values must fit {shape:?}");
        Self { shape, values }
    }

    /// Widens to f64.
    pub fn to_layers(&self) -> Layers {
        let Shape { features, .. } = self.shape;
        let column = |place: usize| self.units().map(move |unit| unit[place].to_f64());
        Layers {
            w1: (0..features).flat_map(column).collect(),
            b1: column(features).collect(),
            w2: column(features + 1).collect(),
            b2: self.b2().to_f64(),
        }
    }

    /// The sizes that they belong to.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// All in one list.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// All in one list.
    pub fn values_mut(&mut self) -> &mut [T] {
        &mut self.values
    }

    /// Every parameter less the rate times its derivative.
    ///
    /// # Panics
    /// When the gradient belongs to another shape.
    pub fn descend(&mut self, gradient: &Self, learning_rate: f64) {
        assert_eq!(self.shape, gradient.shape, "the gradient must belong to the shape of the parameters");
        T::descend(self, gradient, learning_rate);
    }

    /// The numbers of each hidden unit: its column of w1, then b1, then w2.
    pub(crate) fn units(&self) -> std::slice::ChunksExact<'_, T> {
        self.values.chunks_exact(self.shape.per_unit())
    }

    pub(crate) fn b2(&self) -> T {
        self.values[self.values.len() - 1]
    }
}
