//! The sizes of a network, and its parameters in one vector.

use crate::simd_float::SimdFloat;

/// The sizes of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// d, the number of columns of x.
    pub features: usize,
    /// h, the number of hidden units.
    pub hidden: usize,
}

/// The parameters of a network, or their gradient, in the order that the kernels use: hidden unit by hidden unit.
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

/// The parameters of a network as one array per layer and kind, the layout of most frameworks.
///
/// # Shapes
/// w1 is `[d, h]` row by row, b1 and w2 are `[h]`.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerParameters {
    /// Weights from features to hidden units.
    pub w1: Vec<f64>,
    /// Biases of the hidden units.
    pub b1: Vec<f64>,
    /// Weights from hidden units to the logit.
    pub w2: Vec<f64>,
    /// Bias of the logit.
    pub b2: f64,
}

/// A network as the kernels see it.
#[derive(Clone, Copy)]
pub(crate) struct Network<'a, T, A> {
    pub(crate) parameters: &'a Parameters<T>,
    pub(crate) activation: A,
}

impl Shape {
    /// The number of parameters: `h (d + 2) + 1`.
    pub fn parameter_count(self) -> usize {
        self.hidden * self.values_per_unit() + 1
    }

    /// The number of parameters of one hidden unit: its column of w1, its b1 and its w2.
    pub(crate) fn values_per_unit(self) -> usize {
        self.features + 2
    }
}

impl<T: SimdFloat> Parameters<T> {
    /// All parameters are zero.
    pub fn zeros(shape: Shape) -> Self {
        Self { shape, values: vec![T::zeroed(); shape.parameter_count()] }
    }

    /// Converts from layers. The values are rounded to the type T.
    ///
    /// # Panics
    /// If a layer does not have the size that the shape requires.
    pub fn from_layers(shape: Shape, layers: &LayerParameters) -> Self {
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
    /// If the number of values is not [`Shape::parameter_count`].
    pub fn from_values(shape: Shape, values: Vec<T>) -> Self {
        assert_eq!(values.len(), shape.parameter_count(), "the values must fit {shape:?}");
        Self { shape, values }
    }

    /// Converts to layers. This is exact.
    pub fn to_layers(&self) -> LayerParameters {
        let Shape { features, .. } = self.shape;
        let column = |index: usize| self.units().map(move |unit| unit[index].to_f64());
        LayerParameters {
            w1: (0..features).flat_map(column).collect(),
            b1: column(features).collect(),
            w2: column(features + 1).collect(),
            b2: self.b2().to_f64(),
        }
    }

    /// The sizes of the network.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// All parameters, in the order of this type.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// All parameters, in the order of this type.
    pub fn values_mut(&mut self) -> &mut [T] {
        &mut self.values
    }

    /// The parameters of each hidden unit: its column of w1, then b1, then w2.
    pub(crate) fn units(&self) -> std::slice::ChunksExact<'_, T> {
        self.values.chunks_exact(self.shape.values_per_unit())
    }

    pub(crate) fn b2(&self) -> T {
        self.values[self.values.len() - 1]
    }
}
