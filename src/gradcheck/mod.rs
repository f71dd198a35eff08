//! A referee for gradients: any ways of computing one, held against each other and against central differences.
//!
//! It works for any scalar function of named tensors, not just for the network of this crate:
//!
//! ```
//! use petal::gradcheck::{Array, Check};
//!
//! // f(w) = sum of w^3; someone derived 3 w^2, someone else forgot the 3.
//! let w = Array::new("w", [2, 2], vec![1.0, 2.0, -1.0, 0.5]);
//! let of_w = |factor: f64| {
//!     move |at: &[Array]| {
//!         let values = at[0].values.iter().map(|w| factor * w * w).collect();
//!         Ok(vec![Array::new("w", at[0].shape.clone(), values)])
//!     }
//! };
//! let check = || Check::new(vec![w.clone()]).loss(|at| at[0].values.iter().map(|w| w.powi(3)).sum());
//! assert!(check().gradient("by hand", of_w(3.0)).run().unwrap().holds());
//! let report = check().gradient("by hand", of_w(1.0)).run().unwrap();
//! assert!(!report.holds());
//! assert!(report.to_string().contains("exactly 3 x too small"), "{report}");
//! ```
//!
//! # How close is close enough
//!
//! Two values agree when `|a - b| <= relative * max(|a|, |b|, floor)`. A NaN or an infinity never agrees with anything.
//!
//! | compared | relative | floor |
//! | --- | --- | --- |
//! | two formulas in f64 | 1e-12, which is 4,500 roundings | the size of the terms of the sum |
//! | two formulas in f32 | 2e-5, which is 170 roundings | the same |
//! | differences and a formula in f64 | 1e-6 | 1e-3 times max(1, abs(loss)) |
//! | differences and a formula in f32 | 1e-3: the function itself is rounded before it is differentiated | the size of the terms |
//!
//! The size of the terms is what [`Check::scale`] says, or else a hundredth of the largest element of the gradient.
//! Differences are right to a few eps^(2/3) = 4e-11 of the loss ([`numeric`]); 1e-6 times 1e-3 leaves a margin.
//!
//! Leaves out: derivatives with respect to integers, and functions with more than one output.

mod array;
mod compare;
mod diagnose;
mod differences;
pub mod mistakes;
pub mod point;
mod report;
pub mod sweep;

use crate::device::Precision;
use crate::error::{Error, Result};
#[cfg(doc)]
use crate::network::gradients::numeric;

pub use array::Array;
pub use compare::{TensorReport, Tolerance, Worst};
pub use report::{Comparison, Report};

use diagnose::{Factor, diagnose};
use differences::{Differences, differences};

/// The name under which central differences appear.
pub const NUMERIC: &str = "numeric";

type Loss<'a> = Box<dyn Fn(&[Array]) -> f64 + 'a>;
type Gradient<'a> = Box<dyn Fn(&[Array]) -> Result<Vec<Array>> + 'a>;

/// A comparison of gradients, being put together.
pub struct Check<'a> {
    parameters: Vec<Array>,
    loss: Option<Loss<'a>>,
    gradients: Vec<(String, Gradient<'a>)>,
    known_mistakes: Vec<(String, Gradient<'a>)>,
    factors: Vec<Factor>,
    scales: Vec<(String, f64)>,
    precision: Precision,
    most_elements: usize,
    directions: usize,
    seed: u32,
}

impl<'a> Check<'a> {
    /// Starts a check at the given parameters.
    pub fn new(parameters: Vec<Array>) -> Self {
        Self {
            parameters,
            loss: None,
            gradients: Vec::new(),
            known_mistakes: Vec::new(),
            factors: Vec::new(),
            scales: Vec::new(),
            precision: Precision::F64,
            most_elements: 2_000,
            directions: 8,
            seed: 0,
        }
    }

    /// The function, in f64, which is differentiated by central differences.
    pub fn loss(mut self, loss: impl Fn(&[Array]) -> f64 + 'a) -> Self {
        self.loss = Some(Box::new(loss));
        self
    }

    /// A way of computing the gradient. It returns an array for each parameter, under the parameter's name, and may
    /// return others, such as derivatives by inner values; those are compared where two ways return them.
    pub fn gradient(mut self, name: &str, gradient: impl Fn(&[Array]) -> Result<Vec<Array>> + 'a) -> Self {
        self.gradients.push((name.into(), Box::new(gradient)));
        self
    }

    /// A gradient with a known mistake. A way that fails and equals it is reported to have made that mistake.
    pub fn known_mistake(mut self, mistake: &str, gradient: impl Fn(&[Array]) -> Result<Vec<Array>> + 'a) -> Self {
        self.known_mistakes.push((mistake.into(), Box::new(gradient)));
        self
    }

    /// A number with a name that a wrong gradient may be off by, such as the number of samples.
    pub fn factor(mut self, name: &str, value: f64) -> Self {
        self.factors.push(Factor { value, name: name.into() });
        self
    }

    /// The size of the terms that each element of a tensor is a sum of, below which a difference is rounding.
    pub fn scale(mut self, tensor: &str, size: f64) -> Self {
        self.scales.push((tensor.into(), size));
        self
    }

    /// The float type that the gradients are computed in, which decides how close they must be.
    pub fn precision(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// Parameters of more elements than `most_elements` are differenced along this many random directions each,
    /// drawn from a seed, in place of element by element. By default 2,000 elements and 8 directions.
    ///
    /// Along a random unit vector an error of root mean square e shows as e times a normal number. One of ten times the
    /// tolerance hides from one direction with a chance of 8 % (a normal number below 0.1), from eight with 2e-9.
    pub fn directions(mut self, most_elements: usize, directions: usize, seed: u32) -> Self {
        (self.most_elements, self.directions, self.seed) = (most_elements, directions.max(1), seed);
        self
    }

    /// Computes all gradients and compares each pair.
    ///
    /// # Errors
    /// When there is nothing to compare, two parameters or two gradients have one name, a gradient lacks a parameter,
    /// or a gradient fails.
    pub fn run(self) -> Result<Report> {
        self.refuse_what_cannot_be_compared()?;
        let computed = self
            .gradients
            .iter()
            .map(|(name, gradient)| Ok((&name[..], self.complete(name, gradient)?)));
        let computed = computed.collect::<Result<Vec<(&str, Vec<Array>)>>>()?;
        let numeric = self
            .loss
            .as_ref()
            .map(|loss| differences(loss, &self.parameters, self.most_elements, self.directions, self.seed));
        let loss = numeric.as_ref().map(|numeric| numeric.loss);
        let closeness = Closeness::new(&self, &computed, loss);

        // Each pair; the first of the two is the one that is judged.
        let compare_all = |blame: Option<&str>| {
            let pairs = (1..computed.len()).flat_map(|later| (0..later).map(move |earlier| (earlier, later)));
            let mut comparisons: Vec<Comparison> = pairs
                .map(|(earlier, later)| {
                    let (a, b) = (&computed[earlier], &computed[later]);
                    let (a, b) = if blame == Some(b.0) { (b, a) } else { (a, b) };
                    self.compare((a.0, &a.1), (b.0, &b.1), &closeness)
                })
                .collect();
            if let Some(numeric) = &numeric {
                let against = |(name, gradient): &(&str, Vec<Array>)| self.against(name, gradient, numeric, &closeness);
                comparisons.extend(computed.iter().map(against));
            }
            comparisons
        };
        let blame = report::to_blame(&compare_all(None));
        let comparisons = compare_all(blame.as_deref());
        let wrong = computed.iter().find(|(name, _)| Some(*name) == blame.as_deref());
        let mistake = wrong
            .map(|(name, wrong)| self.mistake(name, wrong, &closeness))
            .transpose()?
            .flatten();
        let mut findings = numeric.map(|numeric| numeric.findings).unwrap_or_default();
        if blame.as_deref() == Some(NUMERIC) {
            findings.push("all gradients agree with each other, none with the function: look at the function".into());
        }
        findings.extend(wrong.and_then(|(name, _)| report::first_to_differ(&comparisons, name)));
        findings.extend(mistake);
        Ok(Report { loss, comparisons, findings })
    }

    fn refuse_what_cannot_be_compared(&self) -> Result<()> {
        let refuse = |message: String| Err(Error::GradientCheck(message));
        if self.parameters.is_empty() {
            return refuse("a check needs at least one parameter".into());
        }
        if self.gradients.len() + usize::from(self.loss.is_some()) < 2 {
            return refuse("a check needs two gradients, or one and the function".into());
        }
        let parameters = self.parameters.iter().map(|array| array.name.clone()).collect();
        let gradients = self
            .gradients
            .iter()
            .map(|(name, _)| name.clone())
            .chain([NUMERIC.into()])
            .collect();
        match repeated(parameters).or(repeated(gradients)) {
            Some(name) => refuse(format!("the name {name:?} is taken already")),
            None => Ok(()),
        }
    }

    /// A gradient with every parameter in it.
    fn complete(&self, name: &str, gradient: &Gradient<'a>) -> Result<Vec<Array>> {
        let arrays = gradient(&self.parameters)?;
        match self
            .parameters
            .iter()
            .find(|parameter| find(&arrays, &parameter.name).is_none())
        {
            None => Ok(arrays),
            Some(missing) => Err(Error::GradientCheck(format!("the gradient {name:?} has no {:?}", missing.name))),
        }
    }

    /// Two gradients that both have every element; the first is judged by the second.
    fn compare(&self, a: (&str, &[Array]), b: (&str, &[Array]), closeness: &Closeness) -> Comparison {
        let pairs = a.1.iter().filter_map(|wrong| Some((wrong, find(b.1, &wrong.name)?)));
        let tensors = pairs.map(|(wrong, right)| {
            let tolerance = closeness.tolerance(b.0, &wrong.name);
            let mut report = TensorReport::new(wrong, right, &tolerance);
            if !report.holds {
                let parameter = find(&self.parameters, &wrong.name);
                report.diagnosis = diagnose(wrong, right, parameter, &self.factors, &tolerance);
            }
            report
        });
        Comparison {
            a: a.0.into(),
            b: b.0.into(),
            relative: closeness.relative(b.0),
            tensors: tensors.collect(),
        }
    }

    /// A gradient and central differences, which may have directions in place of elements.
    fn against(&self, name: &str, gradient: &[Array], numeric: &Differences, closeness: &Closeness) -> Comparison {
        let mut comparison = self.compare((name, gradient), (NUMERIC, &numeric.elements), closeness);
        for along in &numeric.directions {
            if let Some(gradient) = find(gradient, &along.derivatives.name) {
                let tolerance = closeness.tolerance(NUMERIC, &gradient.name);
                comparison.tensors.push(along.compare(gradient, &tolerance));
            }
        }
        comparison
    }

    /// The known mistake that a gradient equals, if there is one.
    fn mistake(&self, name: &str, wrong: &[Array], closeness: &Closeness) -> Result<Option<String>> {
        for (mistake, gradient) in &self.known_mistakes {
            let suspect = gradient(&self.parameters)?;
            let equal = self.parameters.iter().all(|parameter| {
                let (a, b) = (find(wrong, &parameter.name), find(&suspect, &parameter.name));
                a.zip(b)
                    .is_some_and(|(a, b)| same(a, b, &closeness.tolerance(name, &parameter.name)))
            });
            if equal {
                return Ok(Some(format!("{name} has a known mistake: {mistake}")));
            }
        }
        Ok(None)
    }
}

/// How close the tensors of a check must be to agree.
struct Closeness {
    precision: Precision,
    scales: Vec<(String, f64)>,
    largest: f64,
    loss: f64,
}

impl Closeness {
    fn new(check: &Check<'_>, computed: &[(&str, Vec<Array>)], loss: Option<f64>) -> Self {
        let arrays = computed.iter().flat_map(|(_, arrays)| arrays);
        let parameters = arrays.filter(|array| find(&check.parameters, &array.name).is_some());
        let sizes = parameters
            .flat_map(|array| &array.values)
            .map(|value| value.abs())
            .filter(|size| size.is_finite());
        Self {
            precision: check.precision,
            scales: check.scales.clone(),
            largest: sizes.fold(0.0, f64::max),
            loss: loss.map_or(1.0, |loss| loss.abs().max(1.0)),
        }
    }

    /// For a gradient that is judged by `judge`.
    fn relative(&self, judge: &str) -> f64 {
        match (judge == NUMERIC, self.precision) {
            (false, Precision::F64) => 1e-12,
            (false, Precision::F32) => 2e-5,
            (true, Precision::F64) => 1e-6,
            (true, Precision::F32) => 1e-3,
        }
    }

    fn tolerance(&self, judge: &str, tensor: &str) -> Tolerance {
        let scale = self.scales.iter().find(|(name, _)| name == tensor).map(|(_, size)| *size);
        let floor = match (judge == NUMERIC, self.precision) {
            (true, Precision::F64) => 1e-3 * self.loss,
            _ => scale.unwrap_or(1e-2 * self.largest),
        };
        Tolerance { relative: self.relative(judge), floor }
    }
}

/// A name that stands in a list more than once.
fn repeated(mut names: Vec<String>) -> Option<String> {
    names.sort();
    names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone())
}

/// Whether two wrong gradients are the same one: here a NaN is equal to a NaN.
fn same(a: &Array, b: &Array, tolerance: &Tolerance) -> bool {
    let both_nan = |a: f64, b: f64| a.is_nan() && b.is_nan();
    let mut pairs = a.values.iter().zip(&b.values);
    a.shape == b.shape && pairs.all(|(&a, &b)| both_nan(a, b) || tolerance.error(a, b) <= tolerance.relative)
}

fn find<'b>(arrays: &'b [Array], name: &str) -> Option<&'b Array> {
    arrays.iter().find(|array| array.name == name)
}
