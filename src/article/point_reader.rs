//! Reads a point from arrays: which layout they have, and whether they fit each other.

use std::collections::HashMap;

use super::layout::Layout;
use super::point::{Point, Weights};
use super::quantity::{Axis, Input, Sizes};
use crate::data::Dataset;
use crate::files::array_file::shape_text;
use crate::gradcheck::Array;
use crate::network::{Activation, Parameters, transposed};

/// The inputs without which there is no point.
const REQUIRED: [Input; 7] = [Input::X, Input::Y, Input::W1, Input::B1, Input::W2, Input::B2, Input::LearningRate];
/// The gradient of the update before: all four or none.
const PREVIOUS: [Input; 4] = [Input::PreviousDW1, Input::PreviousDB1, Input::PreviousDW2, Input::PreviousDB2];

impl Point {
    /// Reads a point, and finds its layout by the names of the weights. Without a weight decay it is 0,
    /// without an activation tanh.
    ///
    /// # Errors
    /// When an array is missing, unknown, or has another shape than the others require; when a number is not finite, or a
    /// label neither 0 nor 1.
    pub fn from_arrays(arrays: &[Array]) -> Result<(Layout, Self), String> {
        let found: HashMap<&str, &Array> = arrays.iter().map(|array| (&array.name[..], array)).collect();
        let names: Vec<&str> = arrays.iter().map(|array| &array.name[..]).collect();
        let layout = Layout::ALL
            .into_iter()
            .find(|layout| found.contains_key(layout.input_name(Input::W1)))
            .ok_or_else(|| no_layout(&names))?;
        let get = |input: Input| found.get(layout.input_name(input)).copied();

        let has_previous = PREVIOUS.into_iter().any(|input| get(input).is_some());
        let required = REQUIRED.into_iter().chain(PREVIOUS.into_iter().filter(|_| has_previous));
        if let Some(missing) = required.into_iter().find(|&input| get(input).is_none()) {
            let missing = layout.input_name(missing);
            return Err(format!("has no {missing}; it has {}; {}", names.join(", "), accepted(layout)));
        }
        let is_known = |name: &&str| Input::ALL.into_iter().any(|input| layout.input_name(input) == *name);
        if let Some(unknown) = names.iter().find(|name| !is_known(name)) {
            let others = [Activation::Sigmoid, Activation::Relu, Activation::Identity];
            let others = others
                .map(|activation| layout.input_name(Input::Activation(activation)))
                .join(", ");
            let accepted = accepted(layout);
            return Err(format!("{unknown} is no array of a point; {accepted}; without tanh one of {others}"));
        }

        let sizes = sizes(layout, get)?;
        let numbers = |input: Input| match get(input) {
            Some(array) => numbers(layout, input, array, sizes).map(Some),
            None => Ok(None),
        };
        let required = |input: Input| Ok::<_, String>(numbers(input)?.unwrap_or_default());
        let weights = |[w1, b1, w2, b2]: [Input; 4]| {
            Ok::<_, String>(Weights { w1: required(w1)?, b1: required(b1)?, w2: required(w2)?, b2: required(b2)? })
        };
        let point = Self {
            sizes,
            activation: activation(layout, get)?,
            x: required(Input::X)?,
            y: required(Input::Y)?,
            parameters: weights([Input::W1, Input::B1, Input::W2, Input::B2])?,
            learning_rate: required(Input::LearningRate)?[0],
            weight_decay: numbers(Input::WeightDecay)?.map_or(0.0, |values| values[0]),
            previous: has_previous.then(|| weights(PREVIOUS)).transpose()?,
        };
        point.check_ranges(layout)?;
        Ok((layout, point))
    }

    /// The parameters in the network's form.
    pub fn network_parameters(&self) -> Parameters {
        let Sizes { features, hidden, .. } = self.sizes;
        let Weights { w1, b1, w2, b2 } = self.parameters.clone();
        Parameters { features, hidden, activation: self.activation, w1: transposed(&w1, features), b1, w2, b2 }
    }

    /// The samples in the network's form.
    pub fn dataset(&self) -> Dataset {
        let Sizes { features, samples, .. } = self.sizes;
        let names = (1..=features).map(|number| format!("x{number}")).collect();
        let labels = self.y.iter().map(|&label| u8::from(label != 0.0)).collect();
        Dataset::new(names, transposed(&self.x, samples), labels)
    }

    fn check_ranges(&self, layout: Layout) -> Result<(), String> {
        if let Some(index) = self.y.iter().position(|&label| label != 0.0 && label != 1.0) {
            let (name, label) = (layout.input_name(Input::Y), self.y[index]);
            return Err(format!("{name}: the label of sample {index} is {label}: must be 0 or 1"));
        }
        if self.learning_rate <= 0.0 {
            return Err(format!("learning_rate = {}: must be finite and > 0", self.learning_rate));
        }
        if self.weight_decay < 0.0 {
            return Err(format!("weight_decay = {}: must be finite and >= 0", self.weight_decay));
        }
        Ok(())
    }
}

/// The numbers of features, samples and hidden units, from the shapes of the samples and the first weights.
fn sizes<'a>(layout: Layout, get: impl Fn(Input) -> Option<&'a Array>) -> Result<Sizes, String> {
    let length = |input: Input, axis: Axis| {
        let array = get(input)?;
        let mut axes = input.axes().to_vec();
        if layout.is_transposed(input.axes()) {
            axes.reverse();
        }
        let place = axes.iter().position(|&other| other == axis)?;
        (array.shape.len() == axes.len()).then(|| array.shape[place])
    };
    let lengths = (length(Input::X, Axis::Features), length(Input::X, Axis::Samples), length(Input::W1, Axis::Hidden));
    match lengths {
        (Some(features @ 1..), Some(samples @ 1..), Some(hidden @ 1..)) => Ok(Sizes { features, hidden, samples }),
        _ => {
            let shape = |input: Input| get(input).map_or_else(String::new, |array| shape_text(&array.shape));
            let (x, w1) = (layout.input_name(Input::X), layout.input_name(Input::W1));
            Err(format!(
                "{x} has shape {} and {w1} has shape {}: must be {} and {}, and not empty",
                shape(Input::X),
                shape(Input::W1),
                symbols(layout, Input::X),
                symbols(layout, Input::W1),
            ))
        }
    }
}

/// The activation that the name of an array says.
fn activation<'a>(layout: Layout, get: impl Fn(Input) -> Option<&'a Array>) -> Result<Activation, String> {
    let stored = Activation::ALL.map(|activation| Some((activation, get(Input::Activation(activation))?)));
    let name = |activation: Activation| layout.input_name(Input::Activation(activation));
    match stored.into_iter().flatten().collect::<Vec<_>>()[..] {
        [] => Ok(Activation::Tanh),
        [(activation, array)] if array.values == [1.0] => Ok(activation),
        [(activation, array)] => {
            let value = array.values.first().copied().unwrap_or_default();
            Err(format!("{} = {value}: must be 1; leave it out for another activation", name(activation)))
        }
        [(one, _), (other, _), ..] => {
            Err(format!("{} and {}: the hidden layer has one activation; keep one", name(one), name(other)))
        }
    }
}

/// The numbers of an array in the article's layout. Its shape must fit the sizes, and all numbers must be finite.
fn numbers(layout: Layout, input: Input, array: &Array, sizes: Sizes) -> Result<Vec<f64>, String> {
    let wanted = layout.shape(input.axes(), sizes);
    // NumPy may give a number the shape (1,).
    let is_number = wanted.is_empty() && array.values.len() == 1;
    if array.shape != wanted && !is_number {
        let Sizes { features, hidden, samples } = sizes;
        return Err(format!(
            "{} has shape {}: must be {} = {}, with {features} features, {samples} samples and {hidden} hidden units",
            array.name,
            shape_text(&array.shape),
            symbols(layout, input),
            shape_text(&wanted),
        ));
    }
    if let Some(index) = array.values.iter().position(|value| !value.is_finite()) {
        return Err(format!("{} = {}: must be finite", array.element(index), array.values[index]));
    }
    Ok(layout.values(input.axes(), sizes, &array.values))
}

/// The message about arrays that have the weights of no layout.
fn no_layout(names: &[&str]) -> String {
    let layouts = Layout::ALL.map(accepted);
    format!("holds {}, which are not the arrays of a point; {}", names.join(", "), layouts.join("; or "))
}

/// The names that a point has in this layout.
fn accepted(layout: Layout) -> String {
    let names = REQUIRED.map(|input| layout.input_name(input));
    format!("in the layout {layout} a point has {}", names.join(", "))
}

/// The shape of an input in letters, such as `(h, d)`.
fn symbols(layout: Layout, input: Input) -> String {
    // Lengths that stand for the letters.
    let sizes = Sizes { features: 2, hidden: 3, samples: 4 };
    let letters = layout.shape(input.axes(), sizes).into_iter().map(|length| match length {
        2 => "d",
        3 => "h",
        4 => "m",
        _ => "1",
    });
    match &letters.collect::<Vec<_>>()[..] {
        [one] => format!("({one},)"),
        all => format!("({})", all.join(", ")),
    }
}
