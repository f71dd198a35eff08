//! Writes a model as source code in Rust or C that contains all its numbers: one function for the probability, and one for
//! the class. Both call a third one, for the logit: Petal compares it with the logit of the threshold, because a probability is
//! rounded.
//!
//! - The function takes one row of raw inputs.
//! - It computes in f64, also for a model that was trained in f32. In that case it differs from Petal by the rounding of f32.
//! - If a sum is infinite or NaN, there is no probability and no class: the inputs are not finite, or too large for f64.
//!   tanh of infinity would be 1, and relu of minus infinity 0, and look like a result.
//! - Numbers have 17 significant digits, from which the compiler restores the same f64.
//! - The weights are arrays and the code loops over them. Written out as one expression, a large network would be too much
//!   for a compiler.

use crate::data::csv_writer::exact;
use crate::data::logistic::logit;
use crate::files::model_file::ModelFile;
use crate::network::{Activation, Parameters, transposed};

/// The functions in Rust, `probability(x: &[f64; D]) -> Option<f64>` and `class(x: &[f64; D]) -> Option<u8>`. They need only
/// the standard library.
pub fn rust(model: &ModelFile) -> String {
    let Literals { features, hidden, w1, b1, w2, b2, scaling } = literals(model, ["[", "]"]);
    let (comment, threshold) = (header_comment(model), threshold_logit(model, ["f64::NEG_INFINITY", "f64::INFINITY"]));
    let activated = match model.parameters.activation {
        Activation::Tanh => "z1.tanh()",
        Activation::Sigmoid => "1.0 / (1.0 + f64::exp(-z1))",
        Activation::Relu => "z1.max(0.0)",
        Activation::Identity => "z1",
    };
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
/// The probability for one row of raw inputs. `None` if an input is not finite, or inputs are too large for f64.
#[allow(dead_code)]
pub fn probability(x: &[f64; {features}]) -> Option<f64> {{
    logit(x).map(|z2| 1.0 / (1.0 + f64::exp(-z2)))
}}

/// The class for one row of raw inputs, 0 or 1. `None` if there is no probability.
#[allow(dead_code, clippy::excessive_precision)]
pub fn class(x: &[f64; {features}]) -> Option<u8> {{
    logit(x).map(|z2| u8::from(z2 > {threshold}))
}}

#[allow(dead_code, clippy::excessive_precision, clippy::needless_range_loop)]
fn logit(x: &[f64; {features}]) -> Option<f64> {{
    static W1: [[f64; {features}]; {hidden}] = {w1};
    static B1: [f64; {hidden}] = {b1};
    static W2: [f64; {hidden}] = {w2};
{scaling}    let mut z2 = {b2};
    for j in 0..{hidden} {{
        let mut z1 = B1[j];
        for i in 0..{features} {{
            z1 += x[i] * W1[j][i];
        }}
        if !z1.is_finite() {{
            return None;
        }}
        z2 += {activated} * W2[j];
    }}
    if z2.is_finite() {{ Some(z2) }} else {{ None }}
}}
"
    )
}

/// The functions in C99, `double petal_probability(const double x[D])` and `int petal_class(const double x[D])`. They need only
/// the C library, linked with `-lm`.
pub fn c(model: &ModelFile) -> String {
    let Literals { features, hidden, w1, b1, w2, b2, scaling } = literals(model, ["{", "}"]);
    let (comment, threshold) = (header_comment(model), threshold_logit(model, ["-INFINITY", "INFINITY"]));
    let activated = match model.parameters.activation {
        Activation::Tanh => "tanh(z1)",
        Activation::Sigmoid => "1.0 / (1.0 + exp(-z1))",
        Activation::Relu => "fmax(z1, 0.0)",
        Activation::Identity => "z1",
    };
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

static double logit(const double x[{features}]) {{
    static const double w1[{hidden}][{features}] = {w1};
    static const double b1[{hidden}] = {b1};
    static const double w2[{hidden}] = {w2};
{scaling}    double z2 = {b2};
    for (long j = 0; j < {hidden}; j++) {{
        double z1 = b1[j];
        for (long i = 0; i < {features}; i++) {{
            z1 += x[i] * w1[j][i];
        }}
        if (!isfinite(z1)) {{
            return NAN;
        }}
        z2 += {activated} * w2[j];
    }}
    return isfinite(z2) ? z2 : NAN;
}}

// The probability for one row of raw inputs. NaN if an input is not finite, or inputs are too large for a double.
double petal_probability(const double x[{features}]) {{
    return 1.0 / (1.0 + exp(-logit(x)));
}}

// The class for one row of raw inputs, 0 or 1. 2 if there is no probability.
int petal_class(const double x[{features}]) {{
    double z2 = logit(x);
    return isnan(z2) ? 2 : z2 > {threshold};
}}
"
    )
}

/// The logit of the threshold as source code. It is infinite for the thresholds 0 and 1.
fn threshold_logit(model: &ModelFile, [minus_infinity, infinity]: [&str; 2]) -> String {
    match logit(model.metadata.threshold) {
        f64::NEG_INFINITY => minus_infinity.to_owned(),
        f64::INFINITY => infinity.to_owned(),
        logit => exact(logit),
    }
}

/// The numbers of a model as source code.
struct Literals {
    features: usize,
    hidden: usize,
    /// Unit by unit, `[h, d]`.
    w1: String,
    b1: String,
    w2: String,
    b2: String,
    /// Mean and standard deviation.
    scaling: Option<[String; 2]>,
}

/// Writes arrays between the given brackets.
fn literals(model: &ModelFile, brackets: [&str; 2]) -> Literals {
    let Parameters { features, hidden, w1, b1, w2, b2, .. } = &model.parameters;
    let list = |values: &[f64], depth| array(values.iter().map(|&value| exact(value)), 4, brackets, depth);
    let w1 = transposed(w1, *hidden);
    let units = w1.chunks_exact(*features).map(|unit| list(unit, 2));
    let scaling = model.metadata.scaling.as_ref();
    Literals {
        features: *features,
        hidden: *hidden,
        w1: array(units, 1, brackets, 1),
        b1: list(b1, 1),
        w2: list(w2, 1),
        b2: exact(b2[0]),
        scaling: scaling.map(|scaling| [list(&scaling.mean, 1), list(&scaling.deviation, 1)]),
    }
}

/// Writes an array with `per_line` elements in each line. `depth` is the indentation of the closing bracket.
fn array(elements: impl Iterator<Item = String>, per_line: usize, [open, close]: [&str; 2], depth: usize) -> String {
    let elements: Vec<String> = elements.collect();
    if elements.len() <= per_line {
        return format!("{open}{}{close}", elements.join(", "));
    }
    let indent = "    ".repeat(depth);
    let lines = elements
        .chunks(per_line)
        .map(|line| format!("{indent}    {},\n", line.join(", ")));
    format!("{open}\n{}{indent}{close}", lines.collect::<String>())
}

/// The comment above the function: the inputs, the classes and the threshold.
///
/// Names are quoted with escapes, so a name with a line break cannot end the comment.
fn header_comment(model: &ModelFile) -> String {
    let schema = &model.metadata.schema;
    let [class_0, class_1] = &schema.classes;
    let threshold = model.metadata.threshold;
    let mut lines = vec![
        format!(
            "The probability that {:?} is {class_1:?} and not {class_0:?}, by a network that Petal trained.",
            schema.label
        ),
        format!("{class_1:?} is predicted where its logit is above that of {threshold}."),
        String::new(),
        "The inputs, in order, as they are in the table:".to_owned(),
    ];
    let inputs = schema.columns.iter().flat_map(|column| match &column.categories {
        None => {
            let missing = column.fill_value.map(|value| format!(" (a missing one is {value})"));
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
