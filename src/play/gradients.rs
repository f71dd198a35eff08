//! The gradient at given parameters: by the hand-written formulas, by Burn's autodiff, and by central differences.
//!
//! It is the check of `petal gradcheck`, with the same methods, steps and tolerances, so its numbers are those of that command.

use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::limits;
use super::prepared::{Prepared, parameters_of};
use super::refusal::Refusal;
use super::state::State;
use crate::data::vector::norm;
use crate::gradcheck::point::GradientMethod;
use crate::gradcheck::{Array, Comparison, Report};
use crate::network::gradients::Engine;

/// Of a larger network, only so many parameters are listed: those with the largest derivatives.
const LISTED: usize = 60;

/// The methods, in the order of their columns.
const METHODS: [GradientMethod; 3] = [
    GradientMethod::Engine(Engine::Manual),
    GradientMethod::Engine(Engine::Autodiff),
    GradientMethod::Numeric,
];

/// A request for the gradients at an update of a training.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GradientsRequest {
    state: State,
    /// The number of updates made.
    update: usize,
    /// w1, b1, w2, b2, flattened.
    parameters: Vec<f64>,
}

impl GradientsRequest {
    pub(super) fn from_json(json: &[u8]) -> Result<Self, Refusal> {
        serde_json::from_slice(json)
            .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, format!("the request cannot be read: {error}")))
    }

    /// Computes the gradients and compares them.
    pub(super) fn answer(self) -> Result<Value, Refusal> {
        let prepared = Prepared::new(&self.state)?;
        let run = &prepared.run;
        limits::check_gradients(run)?;
        let parameters = parameters_of(&self.parameters, run, "parameters")?;

        let refused = |error| Refusal::of(&error, prepared.data_key);
        let point = run.gradient_point(&parameters).map_err(refused)?;
        let report = point.check(&METHODS).run().map_err(|error| refused(error.into()))?;
        let manual = point.gradient(Engine::Manual).map_err(refused)?;
        let autodiff = point.gradient(Engine::Autodiff).map_err(refused)?;
        Ok(answer(self.update, &point.parameter_arrays(), &report, [&manual, &autodiff, &report.differences]))
    }
}

/// The answer. `gradients` are those of the methods; the one by differences lacks tensors that are too large for it.
fn answer(update: usize, parameters: &[Array], report: &Report, gradients: [&[Array]; 3]) -> Value {
    let mut rows = Vec::new();
    for parameter in parameters {
        let columns = gradients.map(|gradient| Array::find(gradient, &parameter.name));
        rows.extend(
            (0..parameter.values.len())
                .map(|i| (parameter.element(i), columns.map(|column| column.map(|column| column.values[i])))),
        );
    }
    // The length of a gradient, if all of it is known.
    let lengths: Vec<Option<f64>> = (0..gradients.len())
        .map(|method| {
            let column: Option<Vec<f64>> = rows.iter().map(|(_, columns)| columns[method]).collect();
            column.map(|column| norm(&column))
        })
        .collect();

    let count = rows.len();
    if count > LISTED {
        let size = |columns: &[Option<f64>; 3]| columns[0].map_or(0.0, f64::abs);
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|&a, &b| size(&rows[b].1).total_cmp(&size(&rows[a].1)));
        order.truncate(LISTED);
        order.sort_unstable();
        rows = order.into_iter().map(|index| rows[index].clone()).collect();
    }

    let rows: Vec<Value> = rows
        .into_iter()
        .map(|(name, [manual, autodiff, numeric])| {
            json!({ "name": name, "manual": manual, "autodiff": autodiff, "numeric": numeric })
        })
        .collect();
    let sentences: Vec<&String> = report.notes.iter().chain(&report.findings).collect();
    json!({
        "update": update,
        "loss": report.loss,
        "parameters": count,
        "rows": rows,
        "lengths": { "manual": lengths[0], "autodiff": lengths[1], "numeric": lengths[2] },
        "agree": report.passed(),
        "comparisons": report.comparisons.iter().map(comparison).collect::<Vec<_>>(),
        "sentences": sentences,
    })
}

/// The largest relative difference of two methods, and where it is.
fn comparison(comparison: &Comparison) -> Value {
    let worst = comparison.tensors.iter().filter_map(|tensor| tensor.worst.as_ref());
    let worst = worst.max_by(|a, b| a.relative.total_cmp(&b.relative));
    json!({
        "tested": comparison.tested,
        "reference": comparison.reference,
        "tolerance": comparison.relative_tolerance,
        "agree": comparison.passed(),
        "worst": worst,
    })
}
