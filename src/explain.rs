//! Explains one update with its numbers in the formulas: forward and backward for one sample, then the step for all.
//!
//! The formulas are those of [`crate::network::gradients::manual`]. Each one comes with its numbers and its value.
//! Derivatives and new parameters also come with their value by autodiff, except the parts that one sample adds to
//! dw1 and dw2.

use std::fmt::Write as _;

use crate::data::Dataset;
use crate::data::text::short;
use crate::error::Result;
use crate::gradcheck::Array;
use crate::gradcheck::point::GradientPoint;
use crate::network::gradients::{Engine, numeric};
use crate::network::loss::sigmoid;

/// A sum of more terms is abbreviated.
const MAX_TERMS: usize = 6;

/// An update, explained.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The parts, in reading order.
    pub sections: Vec<Section>,
}

/// A part of an explanation.
#[derive(Clone, Debug)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// The computed values, in order.
    pub lines: Vec<Line>,
}

/// One value and how it is computed.
#[derive(Clone, Debug)]
pub struct Line {
    /// The name of the value, such as `z1[2]`.
    pub name: String,
    /// Its formula.
    pub formula: String,
    /// The formula with its numbers; empty for a sum over all samples.
    pub numbers: String,
    /// The value by the formula.
    pub by_hand: f64,
    /// The value by autodiff, for a derivative.
    pub autodiff: Option<f64>,
}

/// Explains the update that starts from the parameters of `point`. `standardised` says whether its inputs are, so that the
/// explanation can mention it.
///
/// # Errors
/// When the device fails.
///
/// # Panics
/// When there is no such sample: a mistake in the calling code.
pub fn explain(
    point: &GradientPoint<'_>,
    sample: usize,
    learning_rate: f64,
    standardised: bool,
) -> Result<Explanation> {
    let gradients =
        BothGradients { by_hand: point.gradient(Engine::Manual)?, autodiff: point.gradient(Engine::Autodiff)? };
    let pass = ForwardPass::new(point, sample);
    Ok(Explanation {
        sections: vec![
            forward(point, &pass, standardised),
            backward(point, &pass, &gradients),
            step(point, learning_rate, &gradients),
        ],
    })
}

impl Explanation {
    /// The explanation as text for a terminal.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for Section { title, lines } in &self.sections {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{title}");
            for line in lines {
                let Line { name, formula, numbers, by_hand, autodiff } = line;
                let indent = " ".repeat(name.len() + 3);
                let autodiff = autodiff.map_or_else(String::new, |value| format!("      autodiff {}", short(value)));
                let numbers = if numbers.is_empty() { String::new() } else { format!("= {numbers} ") };
                let _ = writeln!(text, "  {name} = {formula}\n{indent}{numbers}= {}{autodiff}", short(*by_hand));
            }
            text.push('\n');
        }
        text.truncate(text.trim_end().len() + 1);
        text
    }

    /// The explanation as Markdown, a table for each part.
    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        for Section { title, lines } in &self.sections {
            let _ = writeln!(
                text,
                "## {title}\n\n| value | formula | numbers | by hand | autodiff |\n| --- | --- | --- | --- | --- |"
            );
            for Line { name, formula, numbers, by_hand, autodiff } in lines {
                let autodiff = autodiff.map_or_else(String::new, short);
                let numbers = if numbers.is_empty() { String::new() } else { format!("`{numbers}`") };
                let _ = writeln!(text, "| `{name}` | `{formula}` | {numbers} | {} | {autodiff} |", short(*by_hand));
            }
            text.push('\n');
        }
        text.truncate(text.trim_end().len() + 1);
        text
    }
}

impl Line {
    /// A value that autodiff does not return.
    fn new(name: impl Into<String>, formula: impl Into<String>, numbers: String, by_hand: f64) -> Self {
        Self { name: name.into(), formula: formula.into(), numbers, by_hand, autodiff: None }
    }

    fn with_autodiff(self, value: f64) -> Self {
        Self { autodiff: Some(value), ..self }
    }
}

/// The gradients of both engines, as [`GradientPoint::gradient`] returns them.
struct BothGradients {
    by_hand: Vec<Array>,
    autodiff: Vec<Array>,
}

impl BothGradients {
    /// An element of a tensor, by the manual formulas and by autodiff.
    fn element(&self, name: &str, flat: usize) -> (f64, f64) {
        let element = |arrays: &[Array]| {
            arrays
                .iter()
                .find(|array| array.name == name)
                .map_or(f64::NAN, |array| array.values[flat])
        };
        (element(&self.by_hand), element(&self.autodiff))
    }
}

/// The values of the forward pass over one sample.
struct ForwardPass<'a> {
    /// The index of the sample.
    sample: usize,
    x: &'a [f64],
    y: u8,
    z1: Vec<f64>,
    a1: Vec<f64>,
    z2: f64,
    a2: f64,
}

impl<'a> ForwardPass<'a> {
    fn new(point: &GradientPoint<'a>, sample: usize) -> Self {
        let (p, data) = (point.parameters, point.data);
        let x = &data.x()[sample * p.features..(sample + 1) * p.features];
        let z1: Vec<f64> = (0..p.hidden)
            .map(|k| (0..p.features).fold(p.b1[k], |z1, j| z1 + x[j] * p.w1[j * p.hidden + k]))
            .collect();
        let a1: Vec<f64> = z1.iter().map(|&z1| p.activation.value_at(z1)).collect();
        let z2 = a1.iter().zip(&p.w2).fold(p.b2[0], |z2, (a1, w2)| z2 + a1 * w2);
        Self { sample, x, y: data.y()[sample], z1, a1, z2, a2: sigmoid(z2) }
    }
}

fn forward(point: &GradientPoint<'_>, pass: &ForwardPass<'_>, standardised: bool) -> Section {
    let p = point.parameters;
    let ForwardPass { sample, x, y, z1, a1, z2, a2 } = pass;
    let mut lines = Vec::new();

    for k in 0..p.hidden {
        let symbols = products(p.features, |j| (format!("x[{j}]"), format!("w1[{j},{k}]")));
        let numbers = products(p.features, |j| (in_parentheses(x[j]), in_parentheses(p.w1[j * p.hidden + k])));
        let numbers = format!("{numbers} + {}", in_parentheses(p.b1[k]));
        lines.push(Line::new(format!("z1[{k}]"), format!("{symbols} + b1[{k}]"), numbers, z1[k]));

        let [formula, numbers] = [format!("z1[{k}]"), short(z1[k])].map(|z1| p.activation.formula(&z1));
        lines.push(Line::new(format!("a1[{k}]"), formula, numbers, a1[k]));
    }

    let symbols = products(p.hidden, |k| (format!("a1[{k}]"), format!("w2[{k},0]")));
    let numbers = products(p.hidden, |k| (in_parentheses(a1[k]), in_parentheses(p.w2[k])));
    let numbers = format!("{numbers} + {}", in_parentheses(p.b2[0]));
    lines.push(Line::new("z2", format!("{symbols} + b2"), numbers, *z2));

    let numbers = format!("1 / (1 + e^{})", in_parentheses(-z2));
    lines.push(Line::new("a2", "sigmoid(z2)", numbers, *a2));

    let (formula, numbers) = match y {
        1 => ("-ln a2, since y = 1", format!("-ln {}", short(*a2))),
        _ => ("-ln(1 - a2), since y = 0", format!("-ln(1 - {})", short(*a2))),
    };
    let only_this = Dataset::new(point.data.feature_names().to_vec(), x.to_vec(), vec![*y]);
    lines.push(Line::new("cost", formula, numbers, numeric::loss(p, &only_this, 0.0)));

    let features = x.iter().map(|&x| short(x)).collect::<Vec<_>>().join(", ");
    let standardised = if standardised { " (inputs are standardised)" } else { "" };
    Section { title: format!("Forward: sample {sample}, x = [{features}]{standardised}, y = {y}"), lines }
}

fn backward(point: &GradientPoint<'_>, pass: &ForwardPass<'_>, gradients: &BothGradients) -> Section {
    let (p, m) = (point.parameters, point.data.samples());
    let ForwardPass { sample, x, y, a1, a2, .. } = pass;

    let (dz2, autodiff) = gradients.element("dz2", *sample);
    let numbers = format!("({} - {y}) / {m}", short(*a2));
    let mut lines = vec![Line::new("dz2", "(a2 - y) / m", numbers, dz2).with_autodiff(autodiff)];

    for (k, &a1) in a1.iter().enumerate() {
        let name = format!("this sample's part of dw2[{k},0]");
        let numbers = format!("{} * {}", short(a1), in_parentheses(dz2));
        lines.push(Line::new(name, format!("a1[{k}] dz2"), numbers, a1 * dz2));
    }

    for (k, &a1) in a1.iter().enumerate() {
        let (dz1, autodiff) = gradients.element("dz1", sample * p.hidden + k);
        let [slope, slope_numbers] =
            [format!("a1[{k}]"), in_parentheses(a1)].map(|a1| p.activation.derivative_formula(&a1));
        let formula = format!("dz2 w2[{k},0] ({slope})");
        let numbers = format!("{} * {} * ({slope_numbers})", short(dz2), in_parentheses(p.w2[k]));
        lines.push(Line::new(format!("dz1[{k}]"), formula, numbers, dz1).with_autodiff(autodiff));

        for (j, &x) in x.iter().enumerate() {
            let name = format!("this sample's part of dw1[{j},{k}]");
            let numbers = format!("{} * {}", short(x), in_parentheses(dz1));
            lines.push(Line::new(name, format!("x[{j}] dz1[{k}]"), numbers, x * dz1));
        }
    }

    let title = format!("Backward: sample {sample}; its parts of db2 and db1 are dz2 and dz1 themselves");
    Section { title, lines }
}

fn step(point: &GradientPoint<'_>, learning_rate: f64, gradients: &BothGradients) -> Section {
    let m = point.data.samples();
    let mut lines = Vec::new();
    for array in point.parameter_arrays() {
        // The penalty is on weights only.
        let decay = if array.name.starts_with('w') { point.weight_decay } else { 0.0 };
        for (flat, &value) in array.values.iter().enumerate() {
            let (by_hand, autodiff) = gradients.element(&array.name, flat);
            let element = array.element(flat);

            let (decay_formula, numbers) = match decay {
                0.0 => (String::new(), String::new()),
                decay => {
                    let sum = short(by_hand - decay * value);
                    (format!(" + decay {element}"), format!("{sum} + {} * {}", short(decay), in_parentheses(value)))
                }
            };
            let formula = format!("sum of the parts of all {m} samples{decay_formula}");
            lines.push(Line::new(format!("d{element}"), formula, numbers, by_hand).with_autodiff(autodiff));

            let updated = |derivative: f64| value - learning_rate * derivative;
            let formula = format!("{element} - rate d{element}");
            let numbers = format!("{} - {} * {}", short(value), short(learning_rate), in_parentheses(by_hand));
            let line = Line::new(format!("new {element}"), formula, numbers, updated(by_hand));
            lines.push(line.with_autodiff(updated(autodiff)));
        }
    }
    Section { title: format!("Step: over all samples, rate {}", short(learning_rate)), lines }
}

/// A sum of products. A long sum shows only its first terms and its last one.
fn products(count: usize, factors: impl Fn(usize) -> (String, String)) -> String {
    let product = |i| {
        let (a, b) = factors(i);
        format!("{a} * {b}")
    };
    let sum = |range: std::ops::Range<usize>| range.map(&product).collect::<Vec<_>>().join(" + ");
    if count <= MAX_TERMS {
        sum(0..count)
    } else {
        format!("{} + ... + {}", sum(0..MAX_TERMS - 2), product(count - 1))
    }
}

/// A number in a formula, in parentheses if it is negative.
fn in_parentheses(number: f64) -> String {
    if number < 0.0 { format!("({})", short(number)) } else { short(number) }
}
