//! One update with its numbers in the formulas: forward and backward for one sample, then the step for all.
//!
//! The formulas are those of [`crate::network::gradients::manual`], each with the numbers that stand in it and what it comes to
//! by hand and, where it is a derivative, by autodiff.
//!
//! Leaves out: formats other than text and Markdown.

use std::fmt::Write as _;

use crate::data::Dataset;
use crate::data::text::short;
use crate::error::Result;
use crate::gradcheck::Array;
use crate::gradcheck::point::GradientPoint;
use crate::network::gradients::{Engine, numeric};
use crate::network::loss::sigmoid;

/// More terms than this of one sum are cut short.
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
    /// What it is about.
    pub title: String,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// One number and how it comes about.
#[derive(Clone, Debug)]
pub struct Line {
    /// What is computed, such as `z1[2]`.
    pub name: String,
    /// By which formula.
    pub formula: String,
    /// The formula with its numbers.
    pub numbers: String,
    /// What it comes to.
    pub by_hand: f64,
    /// The same by autodiff, for a derivative.
    pub autodiff: Option<f64>,
}

/// Explains the update from a network's parameters.
///
/// # Errors
/// When the device fails.
///
/// # Panics
/// When there is no such sample: a mistake in the calling code.
pub fn explain(network: &GradientPoint<'_>, sample: usize, learning_rate: f64) -> Result<Explanation> {
    let [by_hand, autodiff] = [Engine::Manual, Engine::Autodiff].map(|engine| network.gradient(engine));
    let both = Both { by_hand: by_hand?, autodiff: autodiff? };
    Ok(Explanation {
        sections: vec![forward(network, sample), backward(network, sample, &both), step(network, learning_rate, &both)],
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
                let _ = writeln!(text, "  {name} = {formula}\n{indent}= {numbers} = {}{autodiff}", short(*by_hand));
            }
            text.push('\n');
        }
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
                let _ = writeln!(text, "| `{name}` | `{formula}` | `{numbers}` | {} | {autodiff} |", short(*by_hand));
            }
            text.push('\n');
        }
        text
    }
}

/// The gradients of both engines, as [`GradientPoint::gradient`] returns them.
struct Both {
    by_hand: Vec<Array>,
    autodiff: Vec<Array>,
}

impl Both {
    /// An element of a tensor, by hand and by autodiff.
    fn element(&self, name: &str, flat: usize) -> (f64, f64) {
        let find = |arrays: &[Array]| {
            arrays
                .iter()
                .find(|array| array.name == name)
                .map_or(f64::NAN, |array| array.values[flat])
        };
        (find(&self.by_hand), find(&self.autodiff))
    }
}

fn forward(network: &GradientPoint<'_>, sample: usize) -> Section {
    let (p, data) = (network.parameters, network.data);
    let (x, label) = (row(network, sample), data.y()[sample]);
    let mut lines = Vec::new();
    let line = |name: String, formula: String, numbers: String, by_hand: f64| Line {
        name,
        formula,
        numbers,
        by_hand,
        autodiff: None,
    };
    let mut a1 = Vec::with_capacity(p.hidden);
    for k in 0..p.hidden {
        let weights: Vec<f64> = (0..p.features).map(|j| p.w1[j * p.hidden + k]).collect();
        let z1 = z1(network, sample, k);
        let symbols = products(p.features, |j| (format!("x[{j}]"), format!("w1[{j},{k}]")));
        let numbers = products(p.features, |j| (in_parentheses(x[j]), in_parentheses(weights[j])));
        let (symbols, numbers) = (format!("{symbols} + b1[{k}]"), format!("{numbers} + {}", in_parentheses(p.b1[k])));
        lines.push(line(format!("z1[{k}]"), symbols, numbers, z1));
        lines.push(line(format!("a1[{k}]"), format!("tanh(z1[{k}])"), format!("tanh({})", short(z1)), z1.tanh()));
        a1.push(z1.tanh());
    }
    let z2 = a1.iter().zip(&p.w2).fold(p.b2[0], |sum, (a, w)| sum + a * w);
    let symbols = products(p.hidden, |k| (format!("a1[{k}]"), format!("w2[{k},0]")));
    let numbers = products(p.hidden, |k| (in_parentheses(a1[k]), in_parentheses(p.w2[k])));
    lines.push(line("z2".into(), format!("{symbols} + b2"), format!("{numbers} + {}", in_parentheses(p.b2[0])), z2));
    let numbers = format!("1 / (1 + e^{})", in_parentheses(-z2));
    lines.push(line("a2".into(), "sigmoid(z2)".into(), numbers, sigmoid(z2)));
    let alone = Dataset::new(data.feature_names().to_vec(), x.to_vec(), vec![label]);
    let (formula, numbers) = match label {
        1 => ("-ln a2, since y = 1", format!("-ln {}", short(sigmoid(z2)))),
        _ => ("-ln(1 - a2), since y = 0", format!("-ln(1 - {})", short(sigmoid(z2)))),
    };
    lines.push(line("cost".into(), formula.into(), numbers, numeric::loss(p, &alone, 0.0)));
    let features = x.iter().map(|&x| short(x)).collect::<Vec<_>>().join(", ");
    Section { title: format!("Forward: sample {sample}, x = [{features}], y = {label}"), lines }
}

fn backward(network: &GradientPoint<'_>, sample: usize, both: &Both) -> Section {
    let (p, data) = (network.parameters, network.data);
    let (x, m, y) = (row(network, sample), data.samples(), f64::from(data.y()[sample]));
    let activations: Vec<f64> = (0..p.hidden).map(|k| z1(network, sample, k).tanh()).collect();
    let (dz2, dz2_autodiff) = both.element("dz2", sample);
    let a2 = sigmoid(activations.iter().zip(&p.w2).fold(p.b2[0], |sum, (a, w)| sum + a * w));
    let mut lines = vec![Line {
        name: "dz2".into(),
        formula: "(a2 - y) / m".into(),
        numbers: format!("({} - {y}) / {m}", short(a2)),
        by_hand: dz2,
        autodiff: Some(dz2_autodiff),
    }];
    for (k, &a1) in activations.iter().enumerate() {
        lines.push(Line {
            name: format!("this sample's part of dw2[{k},0]"),
            formula: format!("a1[{k}] dz2"),
            numbers: format!("{} * {}", short(a1), in_parentheses(dz2)),
            by_hand: a1 * dz2,
            autodiff: None,
        });
    }
    for (k, &a1) in activations.iter().enumerate() {
        let (dz1, dz1_autodiff) = both.element("dz1", sample * p.hidden + k);
        lines.push(Line {
            name: format!("dz1[{k}]"),
            formula: format!("dz2 w2[{k},0] (1 - a1[{k}]^2)"),
            numbers: format!("{} * {} * (1 - {}^2)", short(dz2), in_parentheses(p.w2[k]), in_parentheses(a1)),
            by_hand: dz1,
            autodiff: Some(dz1_autodiff),
        });
        for (j, &x) in x.iter().enumerate() {
            lines.push(Line {
                name: format!("this sample's part of dw1[{j},{k}]"),
                formula: format!("x[{j}] dz1[{k}]"),
                numbers: format!("{} * {}", short(x), in_parentheses(dz1)),
                by_hand: x * dz1,
                autodiff: None,
            });
        }
    }
    let title = format!("Backward: sample {sample}; its parts of db2 and db1 are dz2 and dz1 themselves");
    Section { title, lines }
}

fn step(network: &GradientPoint<'_>, learning_rate: f64, both: &Both) -> Section {
    let m = network.data.samples();
    let mut lines = Vec::new();
    for array in network.arrays() {
        for (flat, &value) in array.values.iter().enumerate() {
            let (gradient, by_autodiff) = both.element(&array.name, flat);
            let element = array.element(flat);
            let decay = if array.name.starts_with('w') { network.weight_decay } else { 0.0 };
            let (penalty, its_numbers) = match decay {
                0.0 => (String::new(), String::new()),
                decay => (format!(" + decay {element}"), format!(" + {} * {}", short(decay), in_parentheses(value))),
            };
            lines.push(Line {
                name: format!("d{element}"),
                formula: format!("sum of the parts of all {m} samples{penalty}"),
                numbers: format!("{}{its_numbers}", short(gradient - decay * value)),
                by_hand: gradient,
                autodiff: Some(by_autodiff),
            });
            lines.push(Line {
                name: format!("new {element}"),
                formula: format!("{element} - rate d{element}"),
                numbers: format!("{} - {} * {}", short(value), short(learning_rate), in_parentheses(gradient)),
                by_hand: value - learning_rate * gradient,
                autodiff: Some(value - learning_rate * by_autodiff),
            });
        }
    }
    Section { title: format!("Step: over all samples, rate {}", short(learning_rate)), lines }
}

fn z1(network: &GradientPoint<'_>, sample: usize, k: usize) -> f64 {
    let p = network.parameters;
    row(network, sample)
        .iter()
        .enumerate()
        .fold(p.b1[k], |sum, (j, x)| sum + x * p.w1[j * p.hidden + k])
}

fn row<'a>(network: &GradientPoint<'a>, sample: usize) -> &'a [f64] {
    let features = network.data.features();
    &network.data.x()[sample * features..(sample + 1) * features]
}

/// A sum of products, the middle left out where there are many.
fn products(count: usize, term: impl Fn(usize) -> (String, String)) -> String {
    let product = |i| {
        let (a, b) = term(i);
        format!("{a} * {b}")
    };
    let all = |range: std::ops::Range<usize>| range.map(&product).collect::<Vec<_>>().join(" + ");
    if count <= MAX_TERMS {
        all(0..count)
    } else {
        format!("{} + ... + {}", all(0..MAX_TERMS - 2), product(count - 1))
    }
}

/// A number that stands behind a sign.
fn in_parentheses(number: f64) -> String {
    if number < 0.0 { format!("({})", short(number)) } else { short(number) }
}
