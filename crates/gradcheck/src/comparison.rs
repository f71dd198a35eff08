//! The comparison of two gradients, tensor by tensor, as plain data and as a table.

use std::fmt;

use serde::Serialize;

use crate::array::Array;
use crate::tolerance::{ElementTolerances, Tolerance};
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
    /// Smaller elements are compared as if they were this large. Central differences have a floor for each element, which
    /// contains their own error; this is the worst element's.
    pub floor: f64,
    /// The element with the largest relative error. `None` if the shapes differ or no element was compared.
    pub worst: Option<WorstElement>,
    /// The cosine of the angle between the two tensors as vectors. It is 1 when they have the same direction, and `None`
    /// if one of them is zero.
    pub cosine: Option<f64>,
    /// The number of random directions along which the two were compared. `None` if every element was compared.
    pub directions: Option<usize>,
    /// Whether every element is within the tolerance.
    #[serde(rename = "holds")]
    pub passed: bool,
    /// The verdict, which also says whether an agreement shows something.
    pub verdict: Verdict,
    /// Elements that differ by more than a fifth, but are so small that rounding could be the reason.
    pub too_small: Vec<String>,
    /// What is wrong, if the errors show a known pattern.
    pub diagnosis: Option<String>,
}

/// What the comparison of two tensors shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every element is within the tolerance.
    Agrees,
    /// An element is not within the tolerance.
    Disagrees,
    /// Every element is within the tolerance, but the tolerance is more than a fifth of each element.
    ShowsNothing,
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
        Self::by_element(a, b, tolerance.floor, &ElementTolerances::uniform(*tolerance, b.values.len()))
    }

    /// Compares two tensors with a tolerance for each element. `floor` is reported if no element is compared.
    pub(crate) fn by_element(a: &Array, b: &Array, floor: f64, tolerances: &ElementTolerances) -> Self {
        let same_shape = a.shape == b.shape;
        let cosine = dot(&a.values, &b.values) / (norm(&a.values) * norm(&b.values));
        let worst = if same_shape { worst_element(a, b, tolerances) } else { None };
        let passed = same_shape && tolerances.all_close(&a.values, &b.values);

        let verdict = match (passed, tolerances.show_something(&a.values, &b.values)) {
            (false, _) => Verdict::Disagrees,
            (true, true) => Verdict::Agrees,
            (true, false) => Verdict::ShowsNothing,
        };
        let too_small = if verdict == Verdict::Agrees {
            tolerances.too_small(&a.values, &b.values)
        } else {
            Vec::new()
        };
        Self {
            name: b.name.clone(),
            shape: b.shape.clone(),
            floor: worst.map_or(floor, |i| tolerances.floors[i]),
            worst: worst.map(|i| WorstElement::new(a, b, i, &tolerances.at(i))),
            cosine: (same_shape && cosine.is_finite()).then(|| cosine.clamp(-1.0, 1.0)),
            directions: None,
            passed,
            verdict,
            too_small: too_small.into_iter().map(|i| b.element(i)).collect(),
            diagnosis: None,
        }
    }
}

/// Finds the worst element that is judged, of two arrays of the same shape; the last one, if several are equally bad.
fn worst_element(a: &Array, b: &Array, tolerances: &ElementTolerances) -> Option<usize> {
    let error = |i: usize| tolerances.at(i).relative_error(a.values[i], b.values[i]);
    let judged = (0..a.values.len()).filter(|&i| tolerances.is_judged(i) || error(i) > 0.0);
    judged.max_by(|&one, &other| error(one).total_cmp(&error(other)))
}

impl WorstElement {
    fn new(a: &Array, b: &Array, i: usize, tolerance: &Tolerance) -> Self {
        let (tested, reference) = (a.values[i], b.values[i]);
        Self {
            element: b.element(i),
            tested,
            reference,
            absolute: (tested - reference).abs(),
            relative: tolerance.relative_error(tested, reference),
        }
    }
}

impl Comparison {
    /// Whether every tensor is within its tolerance.
    pub fn passed(&self) -> bool {
        self.tensors.iter().all(|tensor| tensor.passed)
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} against {}: every relative error must be at most {:e} (of the floor, where an element is smaller)",
            self.tested, self.reference, self.relative_tolerance
        )?;
        let names = self.tensors.iter().map(|tensor| tensor.name.chars().count());
        let width = names.fold("tensor ".len(), usize::max);
        writeln!(
            f,
            "  {:<width$} shape        worst element          {:>22} {:>22}  relative  floor        cosine",
            "tensor", self.tested, self.reference
        )?;
        for tensor in &self.tensors {
            write_tensor(f, tensor, width)?;
        }
        Ok(())
    }
}

fn write_tensor(f: &mut fmt::Formatter<'_>, tensor: &TensorReport, width: usize) -> fmt::Result {
    let shape = format!("{:?}", tensor.shape);
    write!(f, "  {:<width$} {shape:<12} ", tensor.name)?;

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
    let verdict = match tensor.verdict {
        Verdict::Agrees => "ok",
        Verdict::Disagrees => "FAILS",
        Verdict::ShowsNothing => "shows nothing",
    };
    writeln!(f, " {cosine:>9}  {verdict}")?;

    match &tensor.diagnosis {
        Some(diagnosis) => writeln!(f, "          {diagnosis}"),
        None => Ok(()),
    }
}
