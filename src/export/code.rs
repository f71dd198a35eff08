//! The model as one function in Rust or in C, with the numbers in it.
//!
//! The functions compute in f64, whatever the model was trained in: with a model of f32 they differ from Petal by the
//! rounding of f32. Numbers have 17 significant digits, which give the same f64 back. They stand in arrays, row by row, and
//! loops go over them, so that a compiler takes large networks too.
//!
//! Leaves out: vector instructions. A function takes one row.

use crate::data::csv::exact;
use crate::files::model_file::ModelFile;
use crate::network::{Parameters, transposed};

/// Rust: `pub fn probability(x: &[f64; D]) -> f64`, in need of nothing but the standard library.
pub fn rust(model: &ModelFile) -> String {
    let Parts { features, hidden, w1, b1, w2, b2, scaling } = parts(model, ["[", "]"]);
    let comment = comment(model);
    let scaling = scaling.map_or_else(String::new, |[mean, deviation]| {
        format!(
            "    static MEAN: [f64; {features}] = {mean};
    static DEVIATION: [f64; {features}] = {deviation};
    let mut scaled = [0.0; {features}];
    for i in 0..{features} {{
        scaled[i] = (x[i] - MEAN[i]) / DEVIATION[i];
    }}
    let x = &scaled;
"
        )
    });
    format!(
        "{comment}
/// The probability for one row of raw inputs.
#[allow(clippy::excessive_precision, clippy::needless_range_loop)]
pub fn probability(x: &[f64; {features}]) -> f64 {{
    static W1: [[f64; {features}]; {hidden}] = {w1};
    static B1: [f64; {hidden}] = {b1};
    static W2: [f64; {hidden}] = {w2};
{scaling}    let mut z2 = {b2};
    for j in 0..{hidden} {{
        let mut z1 = B1[j];
        for i in 0..{features} {{
            z1 += x[i] * W1[j][i];
        }}
        z2 += z1.tanh() * W2[j];
    }}
    1.0 / (1.0 + f64::exp(-z2))
}}
"
    )
}

/// C99: `double petal_probability(const double x[D])`, in need of nothing but the C library and its `-lm`.
pub fn c(model: &ModelFile) -> String {
    let Parts { features, hidden, w1, b1, w2, b2, scaling } = parts(model, ["{", "}"]);
    let comment = comment(model);
    let scaling = scaling.map_or_else(String::new, |[mean, deviation]| {
        format!(
            "    static const double mean[{features}] = {mean};
    static const double deviation[{features}] = {deviation};
    double scaled[{features}];
    for (long i = 0; i < {features}; i++) {{
        scaled[i] = (x[i] - mean[i]) / deviation[i];
    }}
    x = scaled;
"
        )
    });
    format!(
        "{comment}
#include <math.h>

double petal_probability(const double x[{features}]) {{
    static const double w1[{hidden}][{features}] = {w1};
    static const double b1[{hidden}] = {b1};
    static const double w2[{hidden}] = {w2};
{scaling}    double z2 = {b2};
    for (long j = 0; j < {hidden}; j++) {{
        double z1 = b1[j];
        for (long i = 0; i < {features}; i++) {{
            z1 += x[i] * w1[j][i];
        }}
        z2 += tanh(z1) * w2[j];
    }}
    return 1.0 / (1.0 + exp(-z2));
}}
"
    )
}

/// What a function is made of, as text.
struct Parts {
    features: usize,
    hidden: usize,
    w1: String,
    b1: String,
    w2: String,
    b2: String,
    scaling: Option<[String; 2]>,
}

/// The numbers as arrays between the given brackets, w1 unit by unit.
fn parts(model: &ModelFile, brackets: [&str; 2]) -> Parts {
    let Parameters { features, hidden, w1, b1, w2, b2 } = &model.parameters;
    let list = |values: &[f64]| array(values.iter().map(|&value| exact(value)), 4, brackets, 1);
    let units = transposed(w1, *hidden);
    let units = units
        .chunks_exact(*features)
        .map(|unit| array(unit.iter().map(|&w| exact(w)), 4, brackets, 2));
    Parts {
        features: *features,
        hidden: *hidden,
        w1: array(units, 1, brackets, 1),
        b1: list(b1),
        w2: list(w2),
        b2: exact(b2[0]),
        scaling: model
            .metadata
            .scaling
            .as_ref()
            .map(|scaling| [list(&scaling.mean), list(&scaling.deviation)]),
    }
}

/// An array of so many elements a line; `depth` is the indentation of its closing bracket.
fn array(elements: impl Iterator<Item = String>, a_line: usize, [open, close]: [&str; 2], depth: usize) -> String {
    let elements: Vec<String> = elements.collect();
    if elements.len() <= a_line {
        return format!("{open}{}{close}", elements.join(", "));
    }
    let outer = "    ".repeat(depth);
    let lines = elements.chunks(a_line).map(|line| format!("{outer}    {},\n", line.join(", ")));
    format!("{open}\n{}{outer}{close}", lines.collect::<String>())
}

/// What the function takes and tells. Names are quoted with escapes: one with a line break in it stays in the comment.
fn comment(model: &ModelFile) -> String {
    let schema = &model.metadata.schema;
    let [zero, one] = &schema.classes;
    let threshold = model.metadata.threshold;
    let mut lines = vec![
        format!(
            "The probability that {:?} is {one:?} and not {zero:?}, by a network that Petal trained.",
            schema.label
        ),
        format!("{one:?} is predicted where it is above {threshold}."),
        String::new(),
        "The inputs, in order, as they are in the table:".to_owned(),
    ];
    let inputs = schema.columns.iter().flat_map(|column| match &column.categories {
        None => {
            let missing = column.missing.map(|value| format!(" (a missing one is {value})"));
            vec![format!("{:?}{}", column.name, missing.unwrap_or_default())]
        }
        Some(values) => values
            .iter()
            .map(|value| format!("1 if {:?} is {value:?}, else 0", column.name))
            .collect(),
    });
    lines.extend(inputs.enumerate().map(|(i, input)| format!("  x[{i}]  {input}")));
    lines
        .iter()
        .map(|line| format!("// {line}").trim_end().to_owned() + "\n")
        .collect()
}
