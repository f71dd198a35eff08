//! What is known before an update: the samples, the parameters, the rates, and the gradient of the update before.

use super::layout::Layout;
use super::quantity::{Axis, Input, Sizes};
use super::submission::{Fit, StoredNumbers, input_of};
use crate::data::Dataset;
use crate::device::Precision;
use crate::gradcheck::Array;
use crate::network::{Parameters, transposed};

/// The inputs of one update, in the article's layout: samples are columns, and matrices are stored row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The sizes of all arrays.
    pub sizes: Sizes,
    /// The samples, (d, m).
    pub x: Vec<f64>,
    /// The labels, (1, m).
    pub y: Vec<f64>,
    /// The parameters before the update.
    pub parameters: Weights,
    /// The factor of the gradient in the update.
    pub learning_rate: f64,
    /// The factor of the L2 penalty; 0 without one.
    pub weight_decay: f64,
    /// The gradient of the update before. `None` at update 0.
    pub previous: Option<Weights>,
    /// Whether numbers were stored in single precision, so that a program computes with rounded ones.
    pub single: bool,
}

/// A number for each weight and bias: parameters, or their gradient.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// (h, d).
    pub w1: Vec<f64>,
    /// (h, 1).
    pub b1: Vec<f64>,
    /// (1, h).
    pub w2: Vec<f64>,
    /// (1, 1).
    pub b2: Vec<f64>,
}

impl Point {
    /// The point of an update in Petal's training. `previous` is the gradient of the update before.
    pub fn new(
        parameters: &Parameters,
        data: &Dataset,
        learning_rate: f64,
        weight_decay: f64,
        previous: Option<&Parameters>,
    ) -> Self {
        Self {
            sizes: Sizes { features: parameters.features, hidden: parameters.hidden, samples: data.samples() },
            x: transposed(data.x(), data.features()),
            y: data.y().iter().map(|&label| f64::from(label)).collect(),
            parameters: parameters.into(),
            learning_rate,
            weight_decay,
            previous: previous.map(Into::into),
            single: false,
        }
    }

    /// Reads a point from arrays with the names and shapes of any layout. Arrays that are no inputs are ignored.
    ///
    /// # Errors
    /// When an input is missing, has a shape that no layout has, or holds a number that it cannot have. The text names it.
    pub fn from_arrays(arrays: &[StoredNumbers]) -> Result<Self, String> {
        let named: Vec<(Input, &StoredNumbers)> = arrays
            .iter()
            .filter_map(|stored| Some((input_of(&stored.array.name)?, stored)))
            .collect();
        let mut inputs = named.iter().map(|(input, _)| *input).collect::<Vec<_>>();
        inputs.sort_unstable();
        if let Some(twice) = inputs.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("two arrays are {}: keep one", Layout::Article.input_name(twice[0])));
        }
        let needed = [Input::X, Input::Y, Input::W1, Input::B1, Input::W2, Input::B2, Input::LearningRate];
        if let Some(missing) = needed.iter().find(|needed| !inputs.contains(needed)) {
            let accepted = Layout::ALL
                .map(|layout| format!("{} ({layout})", layout.input_name(*missing)))
                .join(", ");
            return Err(format!("an array is missing: accepted names: {accepted}"));
        }

        // The layout with the most names, if the shapes fit it.
        let names = |layout: &Layout| {
            named
                .iter()
                .filter(|(input, stored)| stored.array.name == layout.input_name(*input))
                .count()
        };
        let mut layouts = Layout::ALL;
        layouts.sort_by_key(|layout| std::cmp::Reverse(names(layout)));
        let fitting = layouts.iter().find_map(|&layout| Some((layout, sizes(&named, layout)?)));
        let (layout, sizes) = fitting.ok_or_else(|| misfit(&named, layouts[0]))?;
        if sizes.features == 0 || sizes.hidden == 0 || sizes.samples == 0 {
            return Err("it has no samples, no features or no hidden units".into());
        }

        let values = |input: Input| {
            let (_, stored) = named.iter().find(|(other, _)| *other == input)?;
            Some(layout.values(input.axes(), sizes, &stored.array.values))
        };
        let required = |input: Input| checked(input, values(input).unwrap_or_default(), layout);
        let scalar = |input: Input| Ok::<f64, String>(required(input)?.first().copied().unwrap_or(0.0));
        let weights = |[w1, b1, w2, b2]: [Input; 4]| {
            Ok::<Weights, String>(Weights {
                w1: required(w1)?,
                b1: required(b1)?,
                w2: required(w2)?,
                b2: required(b2)?,
            })
        };
        let previous = [Input::PreviousDW1, Input::PreviousDB1, Input::PreviousDW2, Input::PreviousDB2];
        Ok(Self {
            sizes,
            x: required(Input::X)?,
            y: required(Input::Y)?,
            parameters: weights([Input::W1, Input::B1, Input::W2, Input::B2])?,
            learning_rate: scalar(Input::LearningRate)?,
            weight_decay: scalar(Input::WeightDecay)?,
            previous: previous
                .iter()
                .all(|input| inputs.contains(input))
                .then(|| weights(previous))
                .transpose()?,
            single: named.iter().any(|(input, stored)| {
                *input < Input::LearningRate && *input != Input::Y && stored.precision == Precision::F32
            }),
        })
    }

    /// All inputs as arrays with the names and shapes of a layout.
    pub fn arrays(&self, layout: Layout) -> Vec<Array> {
        let array = |input: Input| {
            let values = self.values(input)?;
            Some(layout.array(layout.input_name(input), input.axes(), self.sizes, values))
        };
        Input::ALL.into_iter().filter_map(array).collect()
    }

    /// The numbers of an input in the article's layout. `None` for the gradient before update 0.
    pub fn values(&self, input: Input) -> Option<&[f64]> {
        let previous = self.previous.as_ref();
        let values: &[f64] = match input {
            Input::X => &self.x,
            Input::Y => &self.y,
            Input::W1 => &self.parameters.w1,
            Input::B1 => &self.parameters.b1,
            Input::W2 => &self.parameters.w2,
            Input::B2 => &self.parameters.b2,
            Input::LearningRate => std::slice::from_ref(&self.learning_rate),
            Input::WeightDecay => std::slice::from_ref(&self.weight_decay),
            Input::PreviousDW1 => &previous?.w1,
            Input::PreviousDB1 => &previous?.b1,
            Input::PreviousDW2 => &previous?.w2,
            Input::PreviousDB2 => &previous?.b2,
        };
        Some(values)
    }
}

impl From<&Parameters> for Weights {
    /// The weights of Burn's layout in the article's.
    fn from(parameters: &Parameters) -> Self {
        let Parameters { hidden, w1, b1, w2, b2, .. } = parameters;
        Self { w1: transposed(w1, *hidden), b1: b1.clone(), w2: w2.clone(), b2: b2.clone() }
    }
}

/// The shapes that arrays have in a layout, if they fit it: the sizes.
fn sizes(arrays: &[(Input, &StoredNumbers)], layout: Layout) -> Option<Sizes> {
    let length = |wanted: Axis| {
        arrays.iter().find_map(|(input, stored)| {
            let axes: Vec<Axis> = match *input.axes() {
                [rows, columns] if layout.is_transposed(input.axes()) => vec![columns, rows],
                _ => input.axes().to_vec(),
            };
            let at = axes.iter().position(|&axis| axis == wanted)?;
            (stored.array.shape.len() == 2).then(|| stored.array.shape[at])
        })
    };
    let sizes = Sizes {
        features: length(Axis::Features)?,
        hidden: length(Axis::Hidden)?,
        samples: length(Axis::Samples)?,
    };
    let fits = |(input, stored): &(Input, &StoredNumbers)| {
        matches!(Fit::new(&stored.array, layout, input.axes(), sizes), Fit::Fits(_))
    };
    arrays.iter().all(fits).then_some(sizes)
}

/// The first input whose shape does not fit the layout.
fn misfit(arrays: &[(Input, &StoredNumbers)], layout: Layout) -> String {
    let shapes = arrays.iter().filter(|(input, _)| input.axes().len() == 2).map(|(_, stored)| {
        let dimensions: Vec<String> = stored.array.shape.iter().map(ToString::to_string).collect();
        format!("{} ({})", stored.array.name, dimensions.join(", "))
    });
    let accepted = match layout {
        Layout::Article => "X (d, m), Y (1, m), W1 (h, d), b1 (h, 1), W2 (1, h), b2 (1, 1)",
        Layout::Burn => "x (m, d), y (m, 1), w1 (d, h), b1 (h), w2 (h, 1), b2 (1)",
        Layout::Torch => {
            "x (m, d), y (m, 1), hidden.weight (h, d), hidden.bias (h), output.weight (1, h), output.bias (1)"
        }
    };
    format!("the shapes do not fit each other: {}; accepted: {accepted}", shapes.collect::<Vec<_>>().join(", "))
}

/// Refuses numbers that an input cannot have.
fn checked(input: Input, values: Vec<f64>, layout: Layout) -> Result<Vec<f64>, String> {
    let accepted: (&str, fn(f64) -> bool) = match input {
        Input::Y => ("0 or 1", |y| y == 0.0 || y == 1.0),
        Input::LearningRate => ("finite and > 0", |rate| rate.is_finite() && rate > 0.0),
        Input::WeightDecay => ("finite and >= 0", |decay| decay.is_finite() && decay >= 0.0),
        _ => ("finite", f64::is_finite),
    };
    match values.iter().find(|value| !accepted.1(**value)) {
        Some(value) => Err(format!("{} has {value}: must be {}", layout.input_name(input), accepted.0)),
        None => Ok(values),
    }
}
