//! The comparison of two gradients, tensor by tensor, as plain data and as a table.

use std::fmt;

use serde::Serialize;

use crate::array::Array;
use crate::tolerance::Tolerance;
use crate::vector::{dot, norm};

/// The comparison of a gradient with a reference gradient.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The name of the gradient under test.
    #[serde(rename = "a")]
    pub tested: String,
    /// The name of the reference gradient.
    #[serde(rename = "b")]
    pub reference: String,
    /// The largest accepted relative error: `|a - b| <= relative * max(|a|, |b|, floor)`, with the floor of each tensor.
    #[serde(rename = "relative")]
    pub relative_tolerance: f64,
    /// One report for each tensor that both gradients have.
    pub tensors: Vec<TensorReport>,
}

/// The comparison of one tensor of a gradient with the same tensor of the reference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TensorReport {
    /// The tensor's name.
    pub name: String,
    /// Its shape in the reference gradient.
    pub shape: Vec<usize>,
    /// Smaller elements are compared as if they were this large.
    pub floor: f64,
    /// The element with the largest relative error. `None` if the shapes differ or the tensor is empty.
    pub worst: Option<WorstElement>,
    /// The cosine of the angle between the two tensors as vectors. It is 1 when they have the same direction, and `None`
    /// if one of them is zero.
    pub cosine: Option<f64>,
    /// The number of random directions along which the two were compared. `None` if every element was compared.
    pub directions: Option<usize>,
    /// Whether every element is within the tolerance.
    #[serde(rename = "holds")]
    pub passed: bool,
    /// What is wrong, if the errors show a known pattern.
    pub diagnosis: Option<String>,
}

/// The element with the largest relative error.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorstElement {
    /// Its name, such as `w1[1,3]`.
    pub element: String,
    /// Its value in the gradient under test.
    #[serde(rename = "a")]
    pub tested: f64,
    /// Its value in the reference.
    #[serde(rename = "b")]
    pub reference: f64,
    /// `|a - b|`.
    pub absolute: f64,
    /// `|a - b| / max(|a|, |b|, floor)`.
    pub relative: f64,
}

impl TensorReport {
    /// Compares two tensors of the same name; `b` is the reference. The diagnosis is left empty.
    pub fn new(a: &Array, b: &Array, tolerance: &Tolerance) -> Self {
        let same_shape = a.shape == b.shape;
        let cosine = dot(&a.values, &b.values) / (norm(&a.values) * norm(&b.values));
        Self {
            name: b.name.clone(),
            shape: b.shape.clone(),
            floor: tolerance.floor,
            worst: if same_shape { WorstElement::find(a, b, tolerance) } else { None },
            cosine: (same_shape && cosine.is_finite()).then(|| cosine.clamp(-1.0, 1.0)),
            directions: None,
            passed: same_shape && tolerance.all_close(&a.values, &b.values),
            diagnosis: None,
        }
    }
}

impl WorstElement {
    /// Finds the worst of two arrays of the same shape; the last one, if several are equally bad.
    fn find(a: &Array, b: &Array, tolerance: &Tolerance) -> Option<Self> {
        let errors = a.values.iter().zip(&b.values).map(|(&a, &b)| tolerance.relative_error(a, b));
        let (i, relative) = errors.enumerate().max_by(|(_, one), (_, other)| one.total_cmp(other))?;
        let (element, tested, reference) = (b.element(i), a.values[i], b.values[i]);
        Some(Self { element, tested, reference, absolute: (tested - reference).abs(), relative })
    }
}

impl Comparison {
    /// Whether every tensor is within its tolerance.
    pub fn passed(&self) -> bool {
        self.tensors.iter().all(|tensor| tensor.passed)
    }

    /// The largest relative error of any element; infinite if a tensor cannot be compared.
    pub(super) fn largest_error(&self) -> f64 {
        let errors = self
            .tensors
            .iter()
            .map(|tensor| tensor.worst.as_ref().map_or(f64::INFINITY, |worst| worst.relative));
        errors.fold(0.0, f64::max)
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} against {}: within {:e} of max(|a|, |b|, floor)",
            self.tested, self.reference, self.relative_tolerance
        )?;
        writeln!(
            f,
            "  tensor  shape        worst element          {:>22} {:>22}  relative  floor        cosine",
            self.tested, self.reference
        )?;
        for tensor in &self.tensors {
            write_tensor(f, tensor)?;
        }
        Ok(())
    }
}

fn write_tensor(f: &mut fmt::Formatter<'_>, tensor: &TensorReport) -> fmt::Result {
    let shape = format!("{:?}", tensor.shape);
    write!(f, "  {:<7} {shape:<12} ", tensor.name)?;

    match &tensor.worst {
        Some(worst) => {
            let count = tensor.directions.map_or_else(String::new, |count| format!(" of {count}"));
            let element = worst.element.clone() + &count;
            write!(f, "{element:<22} {:>22.15e} {:>22.15e}  {:<9.1e}", worst.tested, worst.reference, worst.relative)?;
        }
        None => write!(f, "{:<78}", "-")?,
    }
    write!(f, " {:<9.1e}", tensor.floor)?;

    let cosine = tensor.cosine.map_or_else(|| "-".into(), |cosine| format!("{cosine:.6}"));
    let verdict = if tensor.passed { "ok" } else { "FAILS" };
    writeln!(f, " {cosine:>9}  {verdict}")?;

    match &tensor.diagnosis {
        Some(diagnosis) => writeln!(f, "          {diagnosis}"),
        None => Ok(()),
    }
}
