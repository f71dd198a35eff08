//! The gradient of a function of several arrays by central differences, and the reasons not to trust it.

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand_distr::{Distribution, StandardNormal};

use crate::array::Array;
use crate::comparison::{TensorReport, Verdict};
use crate::derivative::{Derivative, Line, Point};
use crate::diagnosis::{Factor, Mismatch, not_finite, transposed};
use crate::extrapolation::Limit;
use crate::noise::{Noise, measure};
use crate::tolerance::{ElementTolerances, NUMERIC, Tolerance, Tolerances};
use crate::vector::{dot, max_norm, norm};

/// Four values of the function are enough where they agree with the gradient to their noise, if that is at most this
/// fraction of the tensor's largest element.
const FIRST_NOISE: f64 = 1e-6;

/// When and how a large tensor is checked along random directions, to save time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RandomDirections {
    /// A tensor of up to this many elements is differentiated by each of them instead.
    pub max_elements: usize,
    /// The number of directions for each larger tensor.
    pub count: usize,
    /// The seed of the directions.
    pub seed: u32,
}

/// The gradient of a function at one point by central differences.
pub(crate) struct Differences {
    /// The function's value.
    pub loss: f64,
    /// One entry for each parameter; none if the function cannot be used.
    pub tensors: Vec<TensorDifferences>,
    pub noise: Noise,
    /// Why the function cannot be used.
    pub unreliable: Option<String>,
}

/// The derivatives of a function by one tensor: by its elements, or along random unit vectors.
pub(crate) struct TensorDifferences {
    /// The tensor's name, with one derivative for each element or direction.
    pub values: Array,
    pub derivatives: Vec<Derivative>,
    /// The tensor's shape.
    shape: Vec<usize>,
    /// The unit vectors, each as long as the tensor.
    directions: Option<Vec<Vec<f64>>>,
}

impl Differences {
    /// The derivatives of the tensors that were differentiated by their elements.
    pub fn into_elements(self) -> Vec<Array> {
        let tensors = self.tensors.into_iter().filter(|tensor| tensor.directions.is_none());
        tensors.map(|tensor| tensor.values).collect()
    }
}

impl TensorDifferences {
    /// Compares a gradient with the derivatives.
    pub fn compare(
        &self,
        gradient: &Array,
        tolerance: Tolerance,
        parameter: Option<&Array>,
        factors: &[Factor],
    ) -> TensorReport {
        if gradient.shape != self.shape {
            return self.wrong_shape(gradient, tolerance, factors);
        }
        let slopes = slopes(gradient, self.directions.as_deref());
        let tolerances = self.tolerances(tolerance, &slopes);
        let tested = Array::new(gradient.name.clone(), self.values.shape.clone(), slopes);
        let mut report = TensorReport::by_element(&tested, &self.values, tolerance.floor, &tolerances);
        if report.verdict == Verdict::ShowsNothing
            && self
                .derivatives
                .iter()
                .any(|derivative| matches!(derivative.point, Point::Kink(_)))
        {
            // The slopes at a kink are something to compare with.
            report.verdict = Verdict::Agrees;
        }

        if let Some(directions) = &self.directions {
            report.directions = Some(directions.len());
            report.shape.clone_from(&self.shape);
            if let Some(worst) = &mut report.worst {
                let number = worst.element.trim_start_matches(&self.values.name).trim_matches(['[', ']']);
                let number = number
                    .parse::<usize>()
                    .map_or_else(|_| number.to_owned(), |i| (i + 1).to_string());
                worst.element = format!("direction {number}");
            }
        }
        if !report.passed {
            report.diagnosis = match self.directions {
                // Of the patterns, a common factor is one that directions show too.
                Some(_) => not_finite(gradient).or_else(|| {
                    if self.agrees_transposed(gradient, &tolerances) {
                        return Some("transposed".into());
                    }
                    let [wrong, right] = [&tested, &self.values].map(|array| judged_elements(array, &tolerances));
                    Mismatch { wrong: &wrong, right: &right, tolerances: &tolerances }.diagnose_size(parameter, factors)
                }),
                None => {
                    let [wrong, right] = [gradient, &self.values].map(|array| judged_elements(array, &tolerances));
                    let mismatch = Mismatch { wrong: &wrong, right: &right, tolerances: &tolerances };
                    not_finite(gradient).or_else(|| mismatch.diagnose(parameter, factors))
                }
            };
        }
        report
    }

    fn wrong_shape(&self, gradient: &Array, tolerance: Tolerance, factors: &[Factor]) -> TensorReport {
        let tolerances = &self.tolerances(tolerance, &self.values.values);
        let mut report = TensorReport::by_element(gradient, &self.values, tolerance.floor, tolerances);
        (report.passed, report.verdict, report.worst) = (false, Verdict::Disagrees, None);
        report.directions = self.directions.as_ref().map(Vec::len);
        report.shape.clone_from(&self.shape);
        report.diagnosis = match self.directions {
            Some(_) => {
                let transposed = if self.agrees_transposed(gradient, tolerances) { "transposed: " } else { "" };
                Some(format!("{transposed}has shape {:?}, must be {:?}", gradient.shape, self.shape))
            }
            None => Mismatch { wrong: gradient, right: &self.values, tolerances }.diagnose(None, factors),
        };
        report
    }

    /// Whether a matrix agrees with the derivatives once it is transposed.
    fn agrees_transposed(&self, gradient: &Array, tolerances: &ElementTolerances) -> bool {
        let reversed: Vec<usize> = self.shape.iter().rev().copied().collect();
        if self.shape.len() != 2 || gradient.shape != reversed {
            return false;
        }
        let matrix = Array::new("", self.shape.clone(), transposed(gradient));
        tolerances.all_close(&slopes(&matrix, self.directions.as_deref()), &self.values.values)
    }

    /// The tolerance for each element, with the error of its derivative. A gradient that agrees with the differences over
    /// larger steps only, or on one side only, is neither confirmed nor refused.
    fn tolerances(&self, tolerance: Tolerance, slopes: &[f64]) -> ElementTolerances {
        let Tolerance { relative, floor } = tolerance;
        let floors = self.derivatives.iter().zip(slopes).map(|(derivative, &slope)| {
            let with_error = |error: f64| floor.max(error / relative);
            let agrees_with =
                |limit: &Limit| Tolerance { relative, floor: with_error(limit.error) }.is_close(slope, limit.value);
            match derivative.point {
                Point::Smooth if derivative.others.iter().any(agrees_with) => f64::INFINITY,
                Point::Smooth => with_error(derivative.error),
                Point::Kink(_) | Point::Jump(_) | Point::Unsettled => f64::INFINITY,
            }
        });
        ElementTolerances { relative, floors: floors.collect() }
    }

    /// The places where a gradient is neither confirmed nor refused, because it agrees with the differences over larger
    /// steps only, or on one side only.
    pub fn undecided(&self, slopes: &[f64], tolerance: Tolerance) -> Vec<usize> {
        let tolerances = self.tolerances(tolerance, slopes);
        let is_smooth = |&i: &usize| self.derivatives[i].point == Point::Smooth;
        (0..slopes.len())
            .filter(is_smooth)
            .filter(|&i| !tolerances.is_judged(i))
            .collect()
    }

    /// What a gradient says in place of each derivative. `None` if it has another shape.
    pub fn slopes(&self, gradient: &Array) -> Option<Vec<f64>> {
        (gradient.shape == self.shape).then(|| slopes(gradient, self.directions.as_deref()))
    }

    /// The name of the place of one derivative.
    pub fn place(&self, i: usize) -> String {
        match self.directions {
            Some(_) => format!("{} in direction {}", self.values.name, i + 1),
            None => self.values.element(i),
        }
    }
}

/// The elements of a gradient, or its derivatives along directions.
fn slopes(gradient: &Array, directions: Option<&[Vec<f64>]>) -> Vec<f64> {
    match directions {
        None => gradient.values.clone(),
        Some(directions) => directions.iter().map(|direction| dot(&gradient.values, direction)).collect(),
    }
}

/// An array with zeros in place of the elements that are not judged.
fn judged_elements(array: &Array, tolerances: &ElementTolerances) -> Array {
    let values = array.values.iter().enumerate();
    let judged = values.map(|(i, &value)| if tolerances.is_judged(i) { value } else { 0.0 });
    Array::new(array.name.clone(), array.shape.clone(), judged.collect())
}

/// Differentiates a function by each of its parameters, as precisely as is needed to judge the gradients. `value` is the
/// function's value at the parameters.
pub(crate) fn differentiate(
    loss: &dyn Fn(&[Array]) -> f64,
    value: f64,
    parameters: &[Array],
    RandomDirections { max_elements, count, seed }: RandomDirections,
    gradients: &[&[Array]],
    tolerances: &Tolerances,
) -> Differences {
    let unreliable = unreliable_value(value, loss(parameters));
    if unreliable.is_some() {
        let noise = Noise { size: f64::NAN, single_precision: false, is_clear: false };
        return Differences { loss: value, tensors: Vec::new(), noise, unreliable };
    }

    let random = &mut Xoshiro256PlusPlus::seed_from_u64(seed.into());
    let mut tensors = Vec::with_capacity(parameters.len());
    let noise = measure_noise(loss, value, parameters, &mut random.clone());
    for (index, parameter) in parameters.iter().enumerate() {
        let size = parameter.values.len();
        let directions = (size > max_elements).then(|| (0..count).map(|_| unit_vector(size, random)).collect());
        let tolerance = tolerances.tolerance(NUMERIC, &parameter.name);
        let function = PartialFunction { loss, value, noise, parameters, index, tolerance };
        tensors.push(function.differentiate(directions, gradients));
    }
    Differences { loss: value, tensors, noise, unreliable }
}

/// Measures the noise of the function along a random direction, in which each element moves by about its size.
fn measure_noise(
    loss: &dyn Fn(&[Array]) -> f64,
    value: f64,
    parameters: &[Array],
    random: &mut Xoshiro256PlusPlus,
) -> Noise {
    let mut moves_of = |array: &Array| -> Vec<f64> {
        let normals = StandardNormal.sample_iter(&mut *random);
        array
            .values
            .iter()
            .zip(normals)
            .map(|(value, normal): (&f64, f64)| value.abs().max(1.0) * normal)
            .collect()
    };
    let moves: Vec<Vec<f64>> = parameters.iter().map(&mut moves_of).collect();
    let mut arguments = parameters.to_vec();
    measure(value, |distance| {
        for ((argument, parameter), moves) in arguments.iter_mut().zip(parameters).zip(&moves) {
            let moved = parameter.values.iter().zip(moves).map(|(value, part)| value + distance * part);
            argument.values = moved.collect();
        }
        loss(&arguments)
    })
}

/// The function as it depends on one of its parameters, with the others fixed.
struct PartialFunction<'a> {
    loss: &'a dyn Fn(&[Array]) -> f64,
    /// The function's value at the parameters.
    value: f64,
    /// Its noise.
    noise: Noise,
    parameters: &'a [Array],
    /// The index of the parameter by which the function is differentiated.
    index: usize,
    /// The tolerance between a gradient and the derivatives.
    tolerance: Tolerance,
}

impl PartialFunction<'_> {
    /// The derivative with respect to each element, or along each direction.
    fn differentiate(&self, directions: Option<Vec<Vec<f64>>>, gradients: &[&[Array]]) -> TensorDifferences {
        let parameter = &self.parameters[self.index];
        let same_tensor = gradients
            .iter()
            .filter_map(|gradient| Array::find(gradient, &parameter.name))
            .filter(|array| array.shape == parameter.shape);
        let claims: Vec<Vec<f64>> = same_tensor.map(|array| slopes(array, directions.as_deref())).collect();
        let largest = claims.iter().map(|claims| max_norm(claims)).fold(0.0, f64::max);
        let claims_at = |i: usize| claims.iter().map(|claims| claims[i]).collect::<Vec<f64>>();

        let mut arguments = self.parameters.to_vec();
        let derivatives: Vec<Derivative> = match &directions {
            Some(directions) => {
                let size = norm(&parameter.values);
                let along = |(i, direction): (usize, &Vec<f64>)| {
                    let mut line = Line::new(
                        |distance| {
                            let moved = parameter.values.iter().zip(direction);
                            arguments[self.index].values = moved.map(|(value, part)| value + distance * part).collect();
                            (self.loss)(&arguments)
                        },
                        self.value,
                        self.noise,
                        size,
                    );
                    self.derivative(&mut line, &claims_at(i), largest)
                };
                directions.iter().enumerate().map(along).collect()
            }
            None => {
                let by_element = |(i, &theta): (usize, &f64)| {
                    let mut line = Line::new(
                        |distance| {
                            arguments[self.index].values[i] = theta + distance;
                            (self.loss)(&arguments)
                        },
                        self.value,
                        self.noise,
                        theta.abs(),
                    );
                    let derivative = self.derivative(&mut line, &claims_at(i), largest);
                    drop(line);
                    arguments[self.index].values[i] = theta;
                    derivative
                };
                parameter.values.iter().enumerate().map(by_element).collect()
            }
        };

        let values = derivatives.iter().map(|derivative| derivative.value).collect();
        let shape = if directions.is_some() {
            vec![derivatives.len()]
        } else {
            parameter.shape.clone()
        };
        let values = Array::new(parameter.name.clone(), shape, values);
        TensorDifferences { values, derivatives, shape: parameter.shape.clone(), directions }
    }

    /// The derivative along a line. Four values of the function are enough if all gradients agree with it. `largest` is
    /// the largest element of the tensor.
    fn derivative<F: FnMut(f64) -> f64>(&self, line: &mut Line<F>, claims: &[f64], largest: f64) -> Derivative {
        let (first, kinked) = line.first();
        let agrees =
            |claim: &f64| (claim - first.value).abs() <= first.error || self.tolerance.is_close(*claim, first.value);
        let precise = first.error <= FIRST_NOISE * largest || first.value == 0.0;
        if precise && !kinked && claims.iter().all(agrees) {
            first
        } else {
            line.refine(self.tolerance.relative / 4.0)
        }
    }
}

/// Why the function's value cannot be used, given the values of two calls at the same point.
fn unreliable_value(value: f64, again: f64) -> Option<String> {
    if !value.is_finite() {
        Some(format!("the function is {value} here"))
    } else if again.to_bits() != value.to_bits() {
        Some(format!("the function is not deterministic: it gave {value:e}, then {again:e}"))
    } else {
        None
    }
}

fn unit_vector(size: usize, random: &mut Xoshiro256PlusPlus) -> Vec<f64> {
    let normals: Vec<f64> = StandardNormal.sample_iter(random).take(size).collect();
    let length = norm(&normals);
    normals.into_iter().map(|value| value / length).collect()
}
