//! A named array of numbers: the parameters and gradients that a check compares.

use serde::Serialize;

/// Numbers in row-major order, with a name and a shape.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Array {
    /// The name used in reports.
    pub name: String,
    /// The dimensions; empty for a scalar.
    pub shape: Vec<usize>,
    /// One number for each element of the shape.
    pub values: Vec<f64>,
}

impl Array {
    /// Builds an array from its parts.
    ///
    /// # Panics
    /// When the number of values is not the product of the shape: a mistake in the calling code.
    pub fn new(name: impl Into<String>, shape: impl Into<Vec<usize>>, values: Vec<f64>) -> Self {
        let (name, shape) = (name.into(), shape.into());
        let count: usize = shape.iter().product();
        assert_eq!(count, values.len(), "{name} of shape {shape:?} needs as many numbers");
        Self { name, shape, values }
    }

    /// The name of the element at a flat index, such as `w1[1,3]`.
    pub fn element(&self, flat: usize) -> String {
        let mut rest = flat;
        let mut index: Vec<String> = Vec::with_capacity(self.shape.len());
        for &size in self.shape.iter().rev() {
            index.push((rest % size).to_string());
            rest /= size;
        }
        index.reverse();
        format!("{}[{}]", self.name, index.join(","))
    }

    /// Finds an array by its name.
    pub fn find<'a>(arrays: &'a [Self], name: &str) -> Option<&'a Self> {
        arrays.iter().find(|array| array.name == name)
    }
}
