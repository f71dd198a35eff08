//! A check: gradients of one function are computed and compared with each other.

use std::error::Error as StdError;

use crate::array::Array;
use crate::comparison::{Comparison, TensorReport};
use crate::diagnosis::{Factor, Mismatch};
use crate::differences::{Differences, RandomDirections, differentiate};
use crate::error::{Error, Result};
use crate::notes;
use crate::outlier;
use crate::report::Report;
use crate::tolerance::{ElementTolerances, NUMERIC, Precision, Tolerance, Tolerances};
use crate::vector::max_norm;

type LossFunction<'a> = Box<dyn Fn(&[Array]) -> f64 + 'a>;
type GradientFunction<'a> = Box<dyn Fn(&[Array]) -> Result<Vec<Array>, BoxedError> + 'a>;
/// Any error that may be sent to another thread.
pub type BoxedError = Box<dyn StdError + Send + Sync>;

/// Builds and runs a comparison of gradients.
pub struct Check<'a> {
    parameters: Vec<Array>,
    loss: Option<LossFunction<'a>>,
    /// The gradients to compare, by name.
    gradients: Vec<(String, GradientFunction<'a>)>,
    /// Wrong gradients, by a description of their mistake.
    known_mistakes: Vec<(String, GradientFunction<'a>)>,
    factors: Vec<Factor>,
    term_sizes: Vec<(String, f64)>,
    precision: Precision,
    random_directions: RandomDirections,
}

/// What a gradient function returns: the arrays, or a `Result` with them.
pub trait IntoGradient {
    /// The arrays of the gradient.
    ///
    /// # Errors
    /// When the gradient cannot be computed.
    fn into_gradient(self) -> Result<Vec<Array>, BoxedError>;
}

impl IntoGradient for Vec<Array> {
    fn into_gradient(self) -> Result<Vec<Array>, BoxedError> {
        Ok(self)
    }
}

impl<E: Into<BoxedError>> IntoGradient for Result<Vec<Array>, E> {
    fn into_gradient(self) -> Result<Vec<Array>, BoxedError> {
        self.map_err(Into::into)
    }
}

/// A gradient at the parameters of the check.
struct Gradient<'a> {
    name: &'a str,
    arrays: Vec<Array>,
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
            term_sizes: Vec::new(),
            precision: Precision::F64,
            random_directions: RandomDirections { max_elements: 2_000, count: 8, seed: 0 },
        }
    }

    /// Adds the function, computed in f64. The gradients are then also compared with central differences of it.
    pub fn loss(mut self, loss: impl Fn(&[Array]) -> f64 + 'a) -> Self {
        self.loss = Some(Box::new(loss));
        self
    }

    /// Adds a method that computes the gradient.
    ///
    /// It returns one array for each parameter, under the parameter's name. It may return further arrays, such as
    /// derivatives with respect to inner values. Those are compared if two methods return them. Return the arrays in the
    /// order of computation: the report names the first one that differs.
    pub fn gradient<G: IntoGradient>(mut self, name: &str, gradient: impl Fn(&[Array]) -> G + 'a) -> Self {
        self.gradients.push((name.into(), boxed(gradient)));
        self
    }

    /// Adds a gradient with a known mistake. A wrong gradient that equals it is reported to have this mistake.
    pub fn known_mistake<G: IntoGradient>(mut self, mistake: &str, gradient: impl Fn(&[Array]) -> G + 'a) -> Self {
        self.known_mistakes.push((mistake.into(), boxed(gradient)));
        self
    }

    /// Adds a number with a name that a gradient may be wrong by, such as the number of samples.
    pub fn factor(mut self, name: &str, value: f64) -> Self {
        self.factors.push(Factor { value, name: name.into() });
        self
    }

    /// Sets the size of the terms that each element of a tensor is a sum of. Errors are compared with this size where an
    /// element is smaller. A tensor that no gradient has is an error of [`Check::run`].
    pub fn term_size(mut self, tensor: &str, size: f64) -> Self {
        self.term_sizes.push((tensor.into(), size));
        self
    }

    /// Sets the float type that the gradients are computed in. It decides how close they must be.
    pub fn precision(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// Sets how central differences treat large tensors. A tensor of more than `max_elements` elements is differentiated
    /// along `directions` random directions, drawn from the seed, instead of element by element. The default is 2,000
    /// elements and 8 directions.
    ///
    /// An error of root mean square e shows along a random unit vector as e times a normal number. An error of ten times
    /// the tolerance stays hidden in one direction with a probability of 8 % (a normal number below 0.1), in eight
    /// directions with 2e-9.
    pub fn directions(mut self, max_elements: usize, directions: usize, seed: u32) -> Self {
        self.random_directions = RandomDirections { max_elements, count: directions.max(1), seed };
        self
    }

    /// Computes all gradients and compares each pair.
    ///
    /// # Errors
    /// - When there is nothing to compare.
    /// - When two parameters or two gradients have the same name.
    /// - When a term size is negative or NaN, or no gradient has its tensor.
    /// - When a gradient has no array for a parameter.
    /// - When a gradient function fails.
    pub fn run(self) -> Result<Report> {
        self.validate()?;
        let gradients = self.gradients.iter().map(|(name, function)| self.compute(name, function));
        let gradients: Vec<Gradient> = gradients.collect::<Result<_>>()?;
        self.validate_term_sizes(&gradients)?;
        let value = self.loss.as_ref().map(|loss| loss(&self.parameters));
        let tolerances = self.tolerances(&gradients, value.unwrap_or(0.0));
        let arrays: Vec<&[Array]> = gradients.iter().map(|gradient| &gradient.arrays[..]).collect();
        let differences = self.loss.as_ref().zip(value).map(|(loss, value)| {
            differentiate(loss, value, &self.parameters, self.random_directions, &arrays, &tolerances)
        });

        let compare = |outlier: Option<&str>| self.compare_all(&gradients, differences.as_ref(), &tolerances, outlier);
        let outlier = outlier::find(&compare(None));
        let comparisons = compare(outlier.as_deref());

        let (mut findings, mut notes) = (Vec::new(), Vec::new());
        if let Some(differences) = &differences {
            findings.extend(differences.unreliable.clone());
            notes.extend(notes::single_precision(differences));
            notes.extend(notes::no_derivative(differences));
            for Gradient { name, arrays } in &gradients {
                let (within, outside) = notes::at_kinks(differences, name, arrays, &tolerances);
                notes.extend(within);
                notes.extend(notes::undecided(differences, name, arrays, &tolerances));
                findings.extend(outside);
            }
        }
        notes.extend(comparisons.iter().filter_map(notes::shows_nothing));
        notes.extend(comparisons.iter().filter_map(notes::too_small));
        if outlier.as_deref() == Some(NUMERIC) {
            findings.push(
                "all gradients agree with each other, but none agrees with central differences of the function: \
                 check the function"
                    .into(),
            );
        }
        if let Some(wrong) = gradients.iter().find(|gradient| outlier.as_deref() == Some(gradient.name)) {
            findings.extend(outlier::first_to_differ(&comparisons, wrong.name));
            findings.extend(self.find_known_mistake(wrong, &tolerances)?);
        }
        let loss = differences.as_ref().map(|differences| differences.loss);
        let differences = differences.map(Differences::into_elements).unwrap_or_default();
        Ok(Report { loss, comparisons, findings, notes, differences })
    }

    /// Refuses a check without anything to compare, or with ambiguous names.
    fn validate(&self) -> Result<()> {
        let refuse = |message: String| Err(Error::Check(message));
        if self.parameters.is_empty() {
            return refuse("a check needs at least one parameter".into());
        }
        if self.gradients.len() + usize::from(self.loss.is_some()) < 2 {
            return refuse("a check needs two gradients, or one and the function".into());
        }

        let parameters = self.parameters.iter().map(|array| &array.name[..]).collect();
        let gradients = self.gradients.iter().map(|(name, _)| &name[..]);
        match repeated(parameters).or(repeated(gradients.chain([NUMERIC]).collect())) {
            Some(name) => refuse(format!("the name {name:?} is taken already")),
            None => Ok(()),
        }
    }

    /// Refuses a term size that is no size, or of a tensor that does not exist.
    fn validate_term_sizes(&self, gradients: &[Gradient]) -> Result<()> {
        let arrays = || gradients.iter().flat_map(|gradient| &gradient.arrays);
        for (tensor, size) in &self.term_sizes {
            if !arrays().any(|array| array.name == *tensor) {
                let mut names: Vec<&str> = arrays().map(|array| &array.name[..]).collect();
                names.sort_unstable();
                names.dedup();
                return Err(Error::Check(format!(
                    "a term size is given for {tensor:?}, but the gradients have only {}",
                    names.join(", ")
                )));
            }
            if size.is_nan() || *size < 0.0 {
                return Err(Error::Check(format!("the term size of {tensor:?} is {size}: must be >= 0")));
            }
        }
        Ok(())
    }

    /// Computes one gradient and checks that it has an array for each parameter.
    fn compute<'b>(&self, name: &'b str, function: &GradientFunction<'a>) -> Result<Gradient<'b>> {
        let arrays = self.call(name, function)?;
        let missing = self
            .parameters
            .iter()
            .find(|parameter| Array::find(&arrays, &parameter.name).is_none());
        match missing {
            None => Ok(Gradient { name, arrays }),
            Some(missing) => Err(Error::Check(format!("the gradient {name:?} has no {:?}", missing.name))),
        }
    }

    fn call(&self, name: &str, function: &GradientFunction<'a>) -> Result<Vec<Array>> {
        function(&self.parameters).map_err(|source| Error::Gradient { name: name.into(), source })
    }

    fn tolerances(&self, gradients: &[Gradient], value: f64) -> Tolerances {
        let arrays = gradients.iter().flat_map(|gradient| &gradient.arrays);
        let by_parameters = arrays.filter(|array| Array::find(&self.parameters, &array.name).is_some());
        let sizes = by_parameters
            .flat_map(|array| &array.values)
            .map(|value| value.abs())
            .filter(|size| size.is_finite());
        let largest_parameter = self.parameters.iter().map(|array| max_norm(&array.values)).fold(1.0, f64::max);
        let rounding = match self.precision {
            Precision::F32 => 16.0 * f64::from(f32::EPSILON) * value.abs() / largest_parameter,
            Precision::F64 => 0.0,
        };
        Tolerances {
            precision: self.precision,
            rounding,
            term_sizes: self.term_sizes.clone(),
            largest_element: sizes.fold(0.0, f64::max),
        }
    }

    /// Compares each pair of gradients, then each gradient with the differences. The reference of a pair is the later
    /// gradient, except that the outlier is never the reference of another gradient.
    fn compare_all(
        &self,
        gradients: &[Gradient],
        differences: Option<&Differences>,
        tolerances: &Tolerances,
        outlier: Option<&str>,
    ) -> Vec<Comparison> {
        let mut comparisons = Vec::new();
        for (i, later) in gradients.iter().enumerate() {
            for earlier in &gradients[..i] {
                let (tested, reference) = if outlier == Some(later.name) { (later, earlier) } else { (earlier, later) };
                comparisons.push(Comparison {
                    tested: tested.name.into(),
                    reference: reference.name.into(),
                    relative_tolerance: tolerances.relative(reference.name),
                    tensors: self.compare(&tested.arrays, reference.name, &reference.arrays, tolerances),
                });
            }
        }

        if let Some(differences) = differences.filter(|differences| differences.unreliable.is_none()) {
            let compare = |gradient| self.compare_with_differences(gradient, differences, tolerances);
            comparisons.extend(gradients.iter().map(compare));
        }
        comparisons
    }

    /// Compares the tensors that a gradient and its reference have in common.
    fn compare(
        &self,
        tested: &[Array],
        reference_name: &str,
        reference: &[Array],
        tolerances: &Tolerances,
    ) -> Vec<TensorReport> {
        let pairs = tested
            .iter()
            .filter_map(|array| Some((array, Array::find(reference, &array.name)?)));
        let reports = pairs.map(|(wrong, right)| {
            let tolerance = tolerances.tolerance(reference_name, &wrong.name);
            let mut report = TensorReport::new(wrong, right, &tolerance);
            if !report.passed {
                let parameter = Array::find(&self.parameters, &wrong.name);
                let tolerances = &ElementTolerances::uniform(tolerance, right.values.len());
                report.diagnosis = Mismatch { wrong, right, tolerances }.diagnose(parameter, &self.factors);
            }
            report
        });
        reports.collect()
    }

    /// Compares small tensors element by element, and large ones along the directions of the differences.
    fn compare_with_differences(
        &self,
        gradient: &Gradient,
        differences: &Differences,
        tolerances: &Tolerances,
    ) -> Comparison {
        let pairs = differences
            .tensors
            .iter()
            .filter_map(|tensor| Some((tensor, Array::find(&gradient.arrays, &tensor.values.name)?)));
        let reports = pairs.map(|(tensor, array)| {
            let parameter = Array::find(&self.parameters, &array.name);
            tensor.compare(array, tolerances.tolerance(NUMERIC, &array.name), parameter, &self.factors)
        });
        Comparison {
            tested: gradient.name.into(),
            reference: NUMERIC.into(),
            relative_tolerance: tolerances.relative(NUMERIC),
            tensors: reports.collect(),
        }
    }

    /// Describes the first known mistake whose gradient equals the wrong one.
    fn find_known_mistake(&self, wrong: &Gradient, tolerances: &Tolerances) -> Result<Option<String>> {
        for (mistake, function) in &self.known_mistakes {
            let candidate = self.call(mistake, function)?;
            let equal = self.parameters.iter().all(|parameter| {
                let tolerance = tolerances.tolerance(wrong.name, &parameter.name);
                let pair = Array::find(&wrong.arrays, &parameter.name).zip(Array::find(&candidate, &parameter.name));
                pair.is_some_and(|(wrong, candidate)| same_mistake(wrong, candidate, &tolerance))
            });
            if equal {
                return Ok(Some(format!("{} has a known mistake: {mistake}", wrong.name)));
            }
        }
        Ok(None)
    }
}

/// Lets gradient functions of all types share one list.
fn boxed<'a, G: IntoGradient>(gradient: impl Fn(&[Array]) -> G + 'a) -> GradientFunction<'a> {
    Box::new(move |parameters| gradient(parameters).into_gradient())
}

/// A name that a list has more than once.
fn repeated(mut names: Vec<&str>) -> Option<&str> {
    names.sort_unstable();
    names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

/// Whether two wrong tensors are equal. Unlike in a comparison, two NaNs are equal here.
fn same_mistake(a: &Array, b: &Array, tolerance: &Tolerance) -> bool {
    let mut pairs = a.values.iter().zip(&b.values);
    a.shape == b.shape && pairs.all(|(&a, &b)| (a.is_nan() && b.is_nan()) || tolerance.is_close(a, b))
}
